//! The table of contents, which stands at the end of an archive.

use super::{CENTRAL_HEADER, END, END_64, Entry, LOCATOR_64, entry::Numbers};
use crate::{Container, Flaw, FlawKind, gather::number};

/// The longest comment, what stands before it, and the two records of zip64.
const TAIL_BYTES: u64 = 0xffff + END_BYTES + LOCATOR_64_BYTES + END_64_BYTES;
const END_BYTES: u64 = 22;
const LOCATOR_64_BYTES: u64 = 20;
const END_64_BYTES: u64 = 56;

/// The longest table that is read: some 100,000 files.
pub const MAX_DIRECTORY_BYTES: u64 = 16 << 20;

/// Finds and reads the table of contents without any I/O of its own: fetch what [`Self::wants`], [`Self::give`] it, until there are
/// [`Self::entries`] or a flaw.
#[derive(Debug, Clone)]
pub struct Directory {
    file_bytes: u64,
    state: State,
}

#[derive(Debug, Clone)]
enum State {
    /// The last bytes are wanted.
    Tail,
    /// The 64-bit end record is wanted.
    End64 {
        at: u64,
        end_at: u64,
    },
    /// The table itself is wanted.
    Table {
        at: u64,
        bytes: u64,
        shift: u64,
    },
    Found(Vec<Entry>),
    Failed(Flaw),
}

impl Directory {
    /// Of an archive of this length.
    pub fn new(file_bytes: u64) -> Self {
        Self { file_bytes, state: State::Tail }
    }

    /// Offset and length of the bytes that are needed next.
    pub fn wants(&self) -> Option<(u64, u64)> {
        match &self.state {
            State::Tail => {
                let bytes = self.file_bytes.min(TAIL_BYTES);
                Some((self.file_bytes - bytes, bytes))
            }
            State::End64 { at, .. } => Some((*at, END_64_BYTES)),
            State::Table { at, bytes, .. } => Some((*at, *bytes)),
            State::Found(_) | State::Failed(_) => None,
        }
    }

    /// Takes what was wanted. Fewer bytes mean that the file became shorter.
    pub fn give(&mut self, bytes: &[u8]) {
        let next = match &self.state {
            State::Tail => self.tail(bytes),
            State::End64 { at, end_at } => self.end_64(bytes, *at, *end_at),
            State::Table { at, bytes: wanted, shift } => table(bytes, *at, *wanted, *shift),
            State::Found(_) | State::Failed(_) => return,
        };
        self.state = next.unwrap_or_else(|(offset, why)| {
            let kind = if why.starts_with(NOT_THERE) { FlawKind::Truncated } else { FlawKind::Malformed };
            State::Failed(Flaw { kind, container: Container::Zip, depth: 0, offset, why })
        });
    }

    /// The files of the archive in the order of their data, or why they are not known; nothing as long as more is wanted.
    ///
    /// # Errors
    /// The table is not there (the archive was cut off), or makes no sense.
    pub fn entries(&self) -> Option<Result<&[Entry], &Flaw>> {
        match &self.state {
            State::Found(entries) => Some(Ok(entries)),
            State::Failed(flaw) => Some(Err(flaw)),
            _ => None,
        }
    }

    fn tail(&self, tail: &[u8]) -> Result<State, (u64, String)> {
        let tail_at = self.file_bytes - self.file_bytes.min(TAIL_BYTES);
        // From the back: a comment may hold what looks like an end, but ends with the file.
        let end = (0..tail.len().saturating_sub(21)).rev().find(|&at| {
            let rest = tail.get(at..).unwrap_or_default();
            rest.starts_with(&END) && number(rest, 20, 2) + END_BYTES <= rest.len() as u64
        });
        let Some(end) = end else { return Err((self.file_bytes, NOT_THERE.into())) };
        let end_at = tail_at + end as u64;
        let record = tail.get(end..).unwrap_or_default();
        let (bytes, offset) = (number(record, 12, 4), number(record, 16, 4));
        let locator = end.checked_sub(20).and_then(|at| tail.get(at..end)).unwrap_or_default();
        if locator.starts_with(&LOCATOR_64) {
            return Ok(State::End64 { at: number(locator, 8, 8), end_at });
        }
        self.table_at(offset, bytes, end_at)
    }

    fn end_64(&self, record: &[u8], at: u64, end_at: u64) -> Result<State, (u64, String)> {
        if record.len() as u64 != END_64_BYTES || !record.starts_with(&END_64) {
            return Err((at, "its 64-bit end record is not where its end says".into()));
        }
        self.table_at(number(record, 48, 8), number(record, 40, 8), end_at.min(at))
    }

    /// `limit` is where the table must have ended.
    fn table_at(&self, offset: u64, bytes: u64, limit: u64) -> Result<State, (u64, String)> {
        let end = offset.checked_add(bytes).filter(|&end| end <= limit && end <= self.file_bytes);
        let Some(end) = end else {
            return Err((limit, "its table of contents does not fit into it".into()));
        };
        if bytes > MAX_DIRECTORY_BYTES {
            return Err((
                offset,
                format!("its table of contents is longer than {} MiB", MAX_DIRECTORY_BYTES >> 20),
            ));
        }
        // What stands in front of an archive (a program that unpacks it) shifts everything by its length.
        let shift = limit - end;
        if bytes == 0 {
            return Ok(State::Found(Vec::new()));
        }
        Ok(State::Table { at: offset + shift, bytes, shift })
    }
}

/// The beginning of the sentence for an archive that was cut off.
const NOT_THERE: &str = "its table of contents is missing, so it was cut off";

fn table(table: &[u8], table_at: u64, wanted: u64, shift: u64) -> Result<State, (u64, String)> {
    if table.len() as u64 != wanted {
        return Err((table_at + table.len() as u64, NOT_THERE.into()));
    }
    let mut entries: Vec<Entry> = Vec::new();
    let mut rest = table;
    while !rest.is_empty() {
        let at = table_at + (table.len() - rest.len()) as u64;
        let broken = || (at, "its table of contents is damaged".to_owned());
        let length = |at| usize::try_from(number(rest, at, 2)).unwrap_or(usize::MAX);
        let (name_bytes, extra_bytes, comment_bytes) = (length(28), length(30), length(32));
        let end = 46 + name_bytes + extra_bytes + comment_bytes;
        if !rest.starts_with(&CENTRAL_HEADER) || rest.len() < end {
            return Err(broken());
        }
        let mut numbers = Numbers {
            bytes: number(rest, 24, 4),
            packed_bytes: number(rest, 20, 4),
            header_offset: number(rest, 42, 4),
        };
        let name = rest.get(46..46 + name_bytes).unwrap_or_default();
        numbers.widen(rest.get(46 + name_bytes..46 + name_bytes + extra_bytes).unwrap_or_default());
        let header_offset = numbers.header_offset.checked_add(shift).filter(|&at| at < table_at);
        entries.push(Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            method: u16::try_from(number(rest, 10, 2)).unwrap_or(u16::MAX),
            encrypted: number(rest, 8, 2) & 1 != 0,
            crc32: u32::try_from(number(rest, 16, 4)).unwrap_or(0),
            packed_bytes: numbers.packed_bytes,
            bytes: numbers.bytes,
            header_offset: header_offset.ok_or_else(broken)?,
            end_offset: table_at,
        });
        rest = rest.get(end..).unwrap_or_default();
    }
    entries.sort_by_key(|entry| entry.header_offset);
    let mut end_offset = table_at;
    for entry in entries.iter_mut().rev() {
        entry.end_offset = end_offset;
        end_offset = entry.header_offset;
    }
    Ok(State::Found(entries))
}
