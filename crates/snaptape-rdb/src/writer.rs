//! Writes a snapshot out of pieces of another one: entries stay as they are, byte for byte, what holds them together is made anew.

use alloc::{collections::VecDeque, vec, vec::Vec};
use core::ops::Range;

use crate::{Magic, opcode::op, parser::HEADER_BYTES};

/// A stretch of the new snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chunk {
    /// Bytes of the old one, from offset to offset.
    Copy(Range<u64>),
    /// New bytes.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// What they are.
        what: Made,
    },
    /// Eight bytes, little-endian: the CRC-64 of everything before them.
    Checksum,
}

/// What is made anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// Magic and version.
    Header,
    /// SELECTDB, and from version 7 on RESIZEDB.
    Database {
        /// Which.
        db: u64,
        /// Keys that are kept of it.
        keys: u64,
        /// Those of them that have an expiry.
        expires: u64,
    },
    /// The opcode that ends the keys.
    End,
}

/// Puts a snapshot together from entries of another one of the same version, in file order: all of them, or a selection.
///
/// It reads nothing and holds no bytes but those it makes; memory grows with the gaps between what is kept, not with the keys.
///
/// ```
/// use snaptape_rdb::{Chunk, Magic, Writer};
///
/// // REDIS0011, then two entries of database 0, of which the second is kept.
/// let mut writer = Writer::new(Magic::Redis, 11);
/// writer.item(0..9);
/// writer.entry(0, 20..28, false);
/// let chunks = writer.finish();
/// assert_eq!(chunks[0], Chunk::Copy(0..9));
/// assert_eq!(chunks[2], Chunk::Copy(20..28));
/// assert_eq!(chunks[4], Chunk::Checksum);
/// ```
#[derive(Debug, Clone)]
pub struct Writer {
    magic: Magic,
    version: u16,
    pieces: Vec<Piece>,
    runs: Vec<Run>,
    /// The last entries: these can be taken back.
    recent: VecDeque<Recent>,
}

/// How many entries can be taken back.
const MAX_RECENT: usize = 16;

#[derive(Debug, Clone)]
enum Piece {
    Copy(Range<u64>),
    Header,
    /// Index of the run that begins here.
    Run(usize),
}

/// Entries that follow one SELECTDB.
#[derive(Debug, Clone)]
struct Run {
    db: u64,
    keys: u64,
    expires: u64,
    /// Where the old file selects the database, and the keys and expiries it announces.
    old: Option<(Range<u64>, u64, u64)>,
}

#[derive(Debug, Clone)]
struct Recent {
    start: u64,
    /// Its run; nothing for one that is left out.
    run: Option<usize>,
    expires: bool,
}

impl Writer {
    /// A snapshot with nothing in it; its header is the first [`Self::item`], or [`Self::header`].
    pub fn new(magic: Magic, version: u16) -> Self {
        Self { magic, version, pieces: Vec::new(), runs: Vec::new(), recent: VecDeque::new() }
    }

    /// Writes a header in place of one that cannot be used.
    pub fn header(&mut self, magic: Magic, version: u16) {
        self.magic = magic;
        self.version = version;
        if let Some(Piece::Copy(span)) = self.pieces.first_mut() {
            span.start = span.start.max(HEADER_BYTES);
        }
        self.pieces.retain(|piece| !matches!(piece, Piece::Copy(span) if span.is_empty()));
        if !matches!(self.pieces.first(), Some(Piece::Header)) {
            self.pieces.insert(0, Piece::Header);
        }
    }

    /// Keeps something that belongs to no key: the header, an AUX field, a function, data of a module.
    pub fn item(&mut self, span: Range<u64>) {
        match self.pieces.last_mut() {
            Some(Piece::Copy(last)) if last.end == span.start => last.end = span.end,
            _ => self.pieces.push(Piece::Copy(span)),
        }
    }

    /// The old file selects a database here.
    pub fn select(&mut self, db: u64, span: Range<u64>) {
        // The length stands behind the opcode: nothing is announced yet.
        self.begin(Run { db, keys: 0, expires: 0, old: Some((span, 0, 0)) });
    }

    /// The old file announces here how many keys the database has, and how many of them have an expiry.
    pub fn announce(&mut self, span: Range<u64>, keys: u64, expires: u64) {
        if let Some(Run { old: Some(old), keys: 0, .. }) = self.runs.last_mut()
            && old.0.end == span.start
        {
            *old = (old.0.start..span.end, keys, expires);
        }
    }

    /// Keeps the entry at `span`, attributes included, which belongs to `db`.
    #[inline]
    pub fn entry(&mut self, db: u64, span: Range<u64>, expires: bool) {
        self.take_in(span.start);
        if self.runs.last().is_none_or(|run| run.db != db) {
            self.begin(Run { db, keys: 0, expires: 0, old: None });
        }
        if let Some(run) = self.runs.last_mut() {
            run.keys += 1;
            run.expires += u64::from(expires);
        }
        self.remember(Recent { start: span.start, run: Some(self.runs.len() - 1), expires });
        self.item(span);
    }

    /// Items from `start` on are part of an entry that begins there: what stands between its expiry and its key was kept when it was
    /// read, and must not be kept twice.
    #[inline]
    fn take_in(&mut self, start: u64) {
        let mut kept = self.pieces.len();
        for (i, piece) in self.pieces.iter_mut().enumerate().rev() {
            match piece {
                // A database may be selected there, too: then it is selected anew before the entry.
                Piece::Run(run) => {
                    if let Some(run) = self.runs.get_mut(*run) {
                        run.old.take_if(|(span, _, _)| span.start >= start);
                    }
                }
                Piece::Copy(last) if last.end > start => {
                    last.end = start.max(last.start);
                    kept = i;
                }
                Piece::Copy(_) | Piece::Header => break,
            }
        }
        if kept < self.pieces.len() {
            self.pieces.retain(|piece| !matches!(piece, Piece::Copy(span) if span.is_empty()));
        }
    }

    /// Leaves out the entry that begins at `start`; it counts among [`Self::recent`] all the same.
    pub fn leave_out(&mut self, start: u64) {
        self.remember(Recent { start, run: None, expires: false });
    }

    fn remember(&mut self, entry: Recent) {
        if self.recent.len() == MAX_RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(entry);
    }

    fn begin(&mut self, run: Run) {
        // One that got no entry is not worth selecting.
        let last = self.runs.len().wrapping_sub(1);
        if matches!(self.pieces.last(), Some(Piece::Run(run)) if *run == last)
            && let Some(before) = self.runs.last_mut().filter(|run| run.keys == 0)
        {
            *before = run;
            return;
        }
        self.pieces.push(Piece::Run(self.runs.len()));
        self.runs.push(run);
    }

    /// Offsets of the last entries, ascending: those that can still be taken back.
    pub fn recent(&self) -> impl DoubleEndedIterator<Item = u64> + '_ {
        self.recent.iter().map(|entry| entry.start)
    }

    /// The database of the last entry, or the one selected since.
    pub fn db(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.db)
    }

    /// Takes back what begins at `offset` or behind it, entries as far as they are among [`Self::recent`]; how many entries that
    /// were.
    pub fn take_back(&mut self, offset: u64) -> u64 {
        let mut taken = 0;
        while let Some(entry) = self.recent.pop_back_if(|entry| entry.start >= offset) {
            if let Some(run) = entry.run.and_then(|run| self.runs.get_mut(run)) {
                run.keys -= 1;
                run.expires -= u64::from(entry.expires);
            }
            taken += 1;
        }
        for piece in &mut self.pieces {
            if let Piece::Copy(span) = piece {
                span.end = span.end.min(offset.max(span.start));
            }
        }
        self.pieces
            .retain(|piece| !matches!(piece, Piece::Copy(span) if span.start >= offset || span.is_empty()));
        // A database that was selected there is none.
        while let Some(Piece::Run(_)) = self.pieces.last()
            && self.runs.last().is_some_and(|run| {
                run.keys == 0 && run.old.as_ref().is_some_and(|(span, ..)| span.start >= offset)
            })
        {
            self.pieces.pop();
            self.runs.pop();
        }
        taken
    }

    /// Leaves out entries that were kept so far: where they stand, in file order, and whether they have an expiry. What is not
    /// kept is ignored.
    pub fn remove(&mut self, entries: &[(Range<u64>, bool)]) {
        self.cut_out(entries.iter().map(|(span, expires)| (span.clone(), Some(*expires))));
    }

    /// The same for what is no entry.
    pub fn remove_items(&mut self, items: &[Range<u64>]) {
        self.cut_out(items.iter().map(|span| (span.clone(), None)));
    }

    fn cut_out(&mut self, spans: impl Iterator<Item = (Range<u64>, Option<bool>)>) {
        let mut entries = spans.peekable();
        if entries.peek().is_none() {
            return;
        }
        let mut run = None;
        let mut pieces = Vec::with_capacity(self.pieces.len());
        for piece in core::mem::take(&mut self.pieces) {
            let Piece::Copy(mut span) = piece else {
                if let Piece::Run(index) = piece {
                    run = Some(index);
                }
                pieces.push(piece);
                continue;
            };
            while let Some((entry, expires)) = entries.next_if(|(entry, _)| entry.start < span.end) {
                if entry.start < span.start || entry.end > span.end {
                    continue;
                }
                if let (Some(expires), Some(run)) = (expires, run.and_then(|run| self.runs.get_mut(run))) {
                    run.keys = run.keys.saturating_sub(1);
                    run.expires = run.expires.saturating_sub(u64::from(expires));
                }
                pieces.push(Piece::Copy(span.start..entry.start));
                span.start = entry.end;
            }
            pieces.push(Piece::Copy(span));
        }
        pieces.retain(|piece| !matches!(piece, Piece::Copy(span) if span.is_empty()));
        self.pieces = pieces;
    }

    /// Keys that are kept, and those of them that have an expiry.
    pub fn kept(&self) -> (u64, u64) {
        self.runs.iter().fold((0, 0), |(keys, expires), run| (keys + run.keys, expires + run.expires))
    }

    /// The whole snapshot, front to back.
    pub fn finish(self) -> Vec<Chunk> {
        let Self { magic, version, pieces, runs, .. } = self;
        let mut chunks: Vec<Chunk> = Vec::with_capacity(pieces.len() + 2);
        let copy = |chunks: &mut Vec<Chunk>, span: Range<u64>| match chunks.last_mut() {
            Some(Chunk::Copy(last)) if last.end == span.start => last.end = span.end,
            _ => chunks.push(Chunk::Copy(span)),
        };
        for piece in pieces {
            match piece {
                Piece::Copy(span) => copy(&mut chunks, span),
                Piece::Header => {
                    chunks.push(Chunk::Bytes { bytes: header(magic, version), what: Made::Header });
                }
                Piece::Run(index) => match runs.get(index) {
                    Some(Run { keys: 0, .. }) | None => {}
                    // Nothing was left out: what the old file says is right.
                    Some(Run { keys, expires, old: Some((span, old_keys, old_expires)), .. })
                        if version >= 7 && (keys, expires) == (old_keys, old_expires) =>
                    {
                        copy(&mut chunks, span.clone());
                    }
                    Some(Run { db, keys, expires, .. }) => chunks.push(Chunk::Bytes {
                        bytes: database(version, *db, *keys, *expires),
                        what: Made::Database { db: *db, keys: *keys, expires: *expires },
                    }),
                },
            }
        }
        chunks.push(Chunk::Bytes { bytes: vec![op::EOF], what: Made::End });
        if version >= 5 {
            chunks.push(Chunk::Checksum);
        }
        chunks
    }
}

/// Magic and version. Source: `rdbSaveRio` in rdb.c of Redis and Valkey.
fn header(magic: Magic, version: u16) -> Vec<u8> {
    match magic {
        Magic::Redis => alloc::format!("REDIS{version:04}").into_bytes(),
        Magic::Valkey => alloc::format!("VALKEY{version:03}").into_bytes(),
    }
}

fn database(version: u16, db: u64, keys: u64, expires: u64) -> Vec<u8> {
    let mut bytes = vec![op::SELECTDB];
    push_len(&mut bytes, db);
    if version >= 7 {
        bytes.push(op::RESIZEDB);
        push_len(&mut bytes, keys);
        push_len(&mut bytes, expires);
    }
    bytes
}

/// Appends a length in its shortest form. Source: rdb.c `rdbSaveLen`.
fn push_len(bytes: &mut Vec<u8>, len: u64) {
    match len {
        0..0x40 => bytes.push(len.to_le_bytes()[0]),
        0x40..0x4000 => {
            let [low, high, ..] = len.to_le_bytes();
            bytes.extend([0x40 | high, low]);
        }
        0x4000..=0xffff_ffff => {
            bytes.push(0x80);
            let [a, b, c, d, ..] = len.to_le_bytes();
            bytes.extend([d, c, b, a]);
        }
        _ => {
            bytes.push(0x81);
            bytes.extend(len.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use snaptape_wire::Cursor;

    use super::*;

    #[test]
    fn what_is_removed_is_neither_copied_nor_counted() {
        let mut writer = Writer::new(Magic::Redis, 11);
        writer.item(0..9);
        writer.select(0, 9..11);
        writer.announce(11..14, 3, 1);
        for (span, expires) in [(14..20, false), (20..30, true), (30..40, false)] {
            writer.entry(0, span, expires);
        }
        writer.select(1, 40..42);
        writer.entry(1, 42..50, false);
        writer.remove(&[(20..30, true), (42..50, false), (60..70, false)]);
        assert_eq!(writer.kept(), (2, 0));
        let chunks = writer.finish();
        let made = |chunk: &Chunk| {
            matches!(chunk, Chunk::Bytes { what: Made::Database { db: 0, keys: 2, expires: 0 }, .. })
        };
        assert_eq!(
            (&chunks[0], &chunks[2], &chunks[3]),
            (&Chunk::Copy(0..9), &Chunk::Copy(14..20), &Chunk::Copy(30..40))
        );
        assert!(made(&chunks[1]));
        // The empty database is not selected.
        assert!(matches!(&chunks[4], Chunk::Bytes { what: Made::End, .. }));
    }

    #[test]
    fn what_stands_between_an_expiry_and_its_key_is_kept_once() {
        let mut writer = Writer::new(Magic::Redis, 11);
        writer.item(0..9);
        writer.select(0, 9..11);
        writer.item(20..30);
        writer.item(30..40);
        writer.select(0, 40..42);
        writer.entry(0, 11..50, true);
        let chunks = writer.finish();
        assert_eq!((&chunks[0], &chunks[2]), (&Chunk::Copy(0..9), &Chunk::Copy(11..50)));
        assert!(matches!(
            &chunks[1],
            Chunk::Bytes { what: Made::Database { db: 0, keys: 1, expires: 1 }, .. }
        ));
    }

    #[test]
    fn lengths_read_as_they_were_written() {
        for len in [0, 63, 64, 16_383, 16_384, 0xffff_ffff, 0x1_0000_0000, u64::MAX] {
            let mut bytes = Vec::new();
            push_len(&mut bytes, len);
            let mut cursor = Cursor::new(&bytes, 0);
            assert_eq!(cursor.len(), Ok(len));
            assert!(cursor.rest().is_empty());
        }
    }

    #[test]
    fn what_was_announced_stays_where_nothing_is_missing() {
        let mut writer = Writer::new(Magic::Redis, 11);
        writer.item(0..30);
        writer.select(0, 30..32);
        writer.announce(32..35, 2, 1);
        writer.entry(0, 35..40, false);
        writer.entry(0, 40..50, true);
        writer.select(3, 50..52);
        writer.announce(52..55, 2, 0);
        writer.entry(3, 55..60, false);
        // 60..70 is damaged.
        let chunks = writer.finish();
        let what = Made::Database { db: 3, keys: 1, expires: 0 };
        assert_eq!(
            chunks,
            [
                Chunk::Copy(0..50),
                Chunk::Bytes { bytes: vec![0xfe, 3, 0xfb, 1, 0], what },
                Chunk::Copy(55..60),
                Chunk::Bytes { bytes: vec![0xff], what: Made::End },
                Chunk::Checksum,
            ]
        );
    }

    #[test]
    fn entries_can_be_taken_back() {
        let mut writer = Writer::new(Magic::Valkey, 80);
        writer.header(Magic::Valkey, 80);
        writer.select(1, 9..11);
        for n in 0..20 {
            writer.entry(1, 20 + n * 10..30 + n * 10, n % 2 == 0);
        }
        assert_eq!(writer.recent().next(), Some(60));
        assert_eq!(writer.take_back(200), 2);
        assert_eq!(writer.take_back(200), 0);
        assert_eq!(writer.kept(), (18, 9));
        writer.entry(1, 400..410, false);
        let chunks = writer.finish();
        assert_eq!(chunks[0], Chunk::Bytes { bytes: b"VALKEY080".to_vec(), what: Made::Header });
        assert_eq!(chunks[2..4], [Chunk::Copy(20..200), Chunk::Copy(400..410)]);
    }
}
