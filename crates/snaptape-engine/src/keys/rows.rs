//! Rows of keys, packed: some twenty bytes each beside the name.
//!
//! They lie in blocks in the order they came. What many rows share (file, database, type, encoding, which figures there are) is a number;
//! the figures are variable-length; an offset is written down only where a row does not begin where the one before it ended.

use std::collections::HashMap;

use snaptape_analysis::filter::KeyCells;

/// Rows of a block: to get at one, those before it in its block are stepped over.
const BLOCK_ROWS: u64 = 128;
/// Kinds that are looked at first.
const RECENT: usize = 8;
/// What the allocator and the list of blocks take for a block, and for a kind with its place in the table.
const BLOCK_OVERHEAD: usize = 32;
const KIND_OVERHEAD: usize = 192;

// Which figures a row has.
const ELEMENTS: u8 = 1;
const EXPIRES: u8 = 2;
const IDLE: u8 = 4;
const FREQ: u8 = 8;
const LARGEST: u8 = 16;
/// It does not begin where the one before it ended.
const GAP: u8 = 32;
const DIGEST: u8 = 64;

/// What many rows share.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Kind {
    file: u32,
    db: u64,
    type_name: Box<str>,
    encoding: Box<str>,
    has: u8,
}

impl Kind {
    fn is(&self, row: &KeyCells<'_>, has: u8) -> bool {
        self.has == has
            && self.file == row.file
            && self.db == row.db
            && *self.encoding == *row.encoding
            && *self.type_name == *row.type_name
    }
}

/// Rows of keys.
#[derive(Debug, Default)]
pub struct KeyRows {
    kinds: Vec<Kind>,
    numbers: HashMap<Kind, u32>,
    recent: [u32; RECENT],
    blocks: Vec<Box<[u8]>>,
    open: Vec<u8>,
    rows: u64,
    /// Bytes of the blocks and kinds, with what it takes to hold them.
    held: usize,
    /// File and end of the last row.
    last: (u32, u64),
    /// Expiries are written as the distance from this one.
    expiry: i64,
}

impl KeyRows {
    /// How many.
    pub fn len(&self) -> u64 {
        self.rows
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Bytes they take.
    pub fn held_bytes(&self) -> usize {
        self.held + self.open.len()
    }

    /// Adds a row behind the others. False where there is no number left for it.
    pub fn push(&mut self, row: &KeyCells<'_>) -> bool {
        // Orders of rows are lists of 32-bit numbers.
        if self.rows >= u64::from(u32::MAX) {
            return false;
        }
        let first = self.rows.is_multiple_of(BLOCK_ROWS);
        if first && !self.open.is_empty() {
            self.close_block();
        }
        if self.rows == 0 || self.expiry == 0 {
            self.expiry = row.expires_at_ms.unwrap_or(self.expiry);
        }
        let expected = if first || self.last.0 != row.file { 0 } else { self.last.1 };
        let mut has = 0;
        for (flag, there) in [
            (ELEMENTS, row.elements.is_some()),
            (EXPIRES, row.expires_at_ms.is_some()),
            (IDLE, row.idle_s.is_some()),
            (FREQ, row.freq.is_some()),
            (LARGEST, row.largest_element_bytes > 0),
            (GAP, row.offset != expected),
            (DIGEST, row.value_sha256.is_some()),
        ] {
            has |= if there { flag } else { 0 };
        }
        let kind = self.kind(row, has);
        let out = &mut self.open;
        put(out, kind.into());
        if has & GAP != 0 {
            put(out, zigzag(row.offset.wrapping_sub(expected).cast_signed()));
        }
        put(out, row.file_bytes);
        put(out, row.payload_bytes);
        put(out, row.memory_bytes);
        if let Some(elements) = row.elements {
            put(out, elements);
        }
        if has & LARGEST != 0 {
            put(out, row.largest_element_bytes);
        }
        if let Some(at) = row.expires_at_ms {
            put(out, zigzag(at.wrapping_sub(self.expiry)));
        }
        if let Some(idle) = row.idle_s {
            put(out, idle);
        }
        out.extend(row.freq);
        out.extend(row.value_sha256.iter().flatten());
        put(out, row.name.len() as u64);
        out.extend_from_slice(row.name);
        self.last = (row.file, row.offset.wrapping_add(row.file_bytes));
        self.rows += 1;
        true
    }

    fn close_block(&mut self) {
        self.held += self.open.len() + BLOCK_OVERHEAD;
        self.blocks.push(self.open.as_slice().into());
        self.open.clear();
    }

    fn kind(&mut self, row: &KeyCells<'_>, has: u8) -> u32 {
        let is = |number: &u32| self.kinds.get(place(*number)).is_some_and(|kind| kind.is(row, has));
        if let Some(at) = self.recent.iter().position(is) {
            let number = self.recent[at];
            // Nearer to the front each time, without moving everything.
            self.recent.swap(at, at / 2);
            return number;
        }
        let kind = Kind {
            file: row.file,
            db: row.db,
            type_name: row.type_name.into(),
            encoding: row.encoding.into(),
            has,
        };
        let next = u32::try_from(self.kinds.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(kind.clone()).or_insert(next);
        if number == next {
            self.held += KIND_OVERHEAD;
            self.kinds.push(kind);
        }
        self.recent[RECENT - 1] = number;
        number
    }

    /// Row number `row`.
    pub fn get(&self, row: u64) -> Option<KeyCells<'_>> {
        let mut reader = self.reader(row / BLOCK_ROWS)?;
        let mut found = None;
        for _ in 0..=row % BLOCK_ROWS {
            found = reader.next();
        }
        found
    }

    /// Goes through the rows from number `from` on, at least `least` of them and to the end of a block, as long as there are some. Gives back where
    /// it stopped.
    pub(crate) fn scan<'a>(
        &'a self,
        from: u64,
        least: u64,
        mut each: impl FnMut(u64, &Cursor<'a>, KeyCells<'a>),
    ) -> u64 {
        let mut at = from;
        while at < self.rows && at - from < least {
            let block = at / BLOCK_ROWS;
            let Some(mut reader) = self.reader(block) else { break };
            let mut row = block * BLOCK_ROWS;
            while let Some(cells) = reader.next() {
                if row >= at {
                    each(row, &reader, cells);
                }
                row += 1;
            }
            at = row;
        }
        at
    }

    fn reader(&self, block: u64) -> Option<Cursor<'_>> {
        let number = usize::try_from(block).ok()?;
        let bytes = match self.blocks.get(number) {
            Some(block) => block,
            None if number == self.blocks.len() && !self.open.is_empty() => self.open.as_slice(),
            None => return None,
        };
        Some(Cursor { rows: self, block, bytes, at: 0, last: (0, 0), name_at: 0, kind: 0, first: true })
    }

    /// A name, from where [`Cursor::name_place`] said it is.
    pub(crate) fn name(&self, place: u64) -> &[u8] {
        let number = usize::try_from(place >> 32).unwrap_or(usize::MAX);
        let bytes = self.blocks.get(number).map_or(self.open.as_slice(), |block| block);
        let mut at = usize::try_from(place & 0xffff_ffff).unwrap_or(usize::MAX);
        let len = take(bytes, &mut at);
        bytes.get(at..).and_then(|rest| rest.get(..usize::try_from(len).ok()?)).unwrap_or_default()
    }

    /// How many kinds of rows there are.
    pub(crate) fn kinds(&self) -> usize {
        self.kinds.len()
    }
}

/// Reads the rows of a block.
#[derive(Debug)]
pub(crate) struct Cursor<'a> {
    rows: &'a KeyRows,
    block: u64,
    bytes: &'a [u8],
    at: usize,
    last: (u32, u64),
    name_at: usize,
    kind: u64,
    first: bool,
}

impl<'a> Cursor<'a> {
    fn next(&mut self) -> Option<KeyCells<'a>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let bytes = self.bytes;
        let at = &mut self.at;
        self.kind = take(bytes, at);
        let kind = self.rows.kinds.get(usize::try_from(self.kind).ok()?)?;
        let has = kind.has;
        let mut offset = if self.first || self.last.0 != kind.file { 0 } else { self.last.1 };
        self.first = false;
        if has & GAP != 0 {
            offset = offset.wrapping_add(unzigzag(take(bytes, at)).cast_unsigned());
        }
        let file_bytes = take(bytes, at);
        let payload_bytes = take(bytes, at);
        let memory_bytes = take(bytes, at);
        let elements = (has & ELEMENTS != 0).then(|| take(bytes, at));
        let largest_element_bytes = if has & LARGEST != 0 { take(bytes, at) } else { 0 };
        let expires_at_ms =
            (has & EXPIRES != 0).then(|| self.rows.expiry.wrapping_add(unzigzag(take(bytes, at))));
        let idle_s = (has & IDLE != 0).then(|| take(bytes, at));
        let mut freq = None;
        if has & FREQ != 0 {
            freq = bytes.get(*at).copied();
            *at += 1;
        }
        let mut value_sha256 = None;
        if has & DIGEST != 0 {
            value_sha256 = bytes.get(*at..*at + 32).and_then(|digest| digest.try_into().ok());
            *at += 32;
        }
        self.name_at = *at;
        let len = usize::try_from(take(bytes, at)).ok()?;
        let name = bytes.get(*at..*at + len)?;
        *at += len;
        self.last = (kind.file, offset.wrapping_add(file_bytes));
        Some(KeyCells {
            file: kind.file,
            offset,
            db: kind.db,
            name,
            type_name: &kind.type_name,
            encoding: &kind.encoding,
            elements,
            expires_at_ms,
            file_bytes,
            payload_bytes,
            memory_bytes,
            largest_element_bytes,
            idle_s,
            freq,
            value_sha256,
        })
    }

    /// Which kind the last row is of.
    pub(crate) fn kind(&self) -> usize {
        usize::try_from(self.kind).unwrap_or(usize::MAX)
    }

    /// Where the name of the last row is; for [`KeyRows::name`].
    pub(crate) fn name_place(&self) -> u64 {
        self.block << 32 | self.name_at as u64
    }
}

fn place(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[inline]
fn put(out: &mut Vec<u8>, mut n: u64) {
    while n >= 0x80 {
        out.push(0x80 | n.to_le_bytes()[0]);
        n >>= 7;
    }
    out.push(n.to_le_bytes()[0]);
}

/// Ours to read: nothing else wrote it.
#[inline]
fn take(bytes: &[u8], at: &mut usize) -> u64 {
    let (mut n, mut shift) = (0_u64, 0);
    while let Some(&byte) = bytes.get(*at) {
        *at += 1;
        n |= u64::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 || shift > 63 {
            break;
        }
    }
    n
}

fn zigzag(n: i64) -> u64 {
    (n << 1 ^ n >> 63).cast_unsigned()
}

fn unzigzag(n: u64) -> i64 {
    (n >> 1).cast_signed() ^ -(n & 1).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for n in [0, 1, 127, 128, 16_384, u64::MAX - 1, u64::MAX] {
            let mut bytes = Vec::new();
            put(&mut bytes, n);
            let mut at = 0;
            assert_eq!((take(&bytes, &mut at), at), (n, bytes.len()));
            assert_eq!(zigzag(unzigzag(n)), n);
        }
    }

    #[test]
    fn rows_of_all_kinds_come_back() {
        let names: Vec<String> = (0..1_000).map(|n| format!("key:{n}{}", "x".repeat(n % 400))).collect();
        let row = |n: u64| KeyCells {
            file: u32::try_from(n / 300).unwrap(),
            offset: if n.is_multiple_of(7) { u64::MAX - n } else { n * 100 },
            db: n % 3,
            name: names[usize::try_from(n).unwrap()].as_bytes(),
            type_name: ["string", "hash", "MBbloom--"][usize::try_from(n % 3).unwrap()],
            encoding: "raw",
            elements: (!n.is_multiple_of(5)).then_some(n),
            expires_at_ms: (!n.is_multiple_of(2)).then_some(if n == 501 {
                i64::MIN
            } else {
                1_700_000_000_000 + n.cast_signed()
            }),
            file_bytes: 100,
            payload_bytes: n * n,
            memory_bytes: u64::MAX - n,
            largest_element_bytes: n % 4,
            idle_s: (n.is_multiple_of(11)).then_some(n),
            freq: (n.is_multiple_of(13)).then_some(255),
            value_sha256: (n.is_multiple_of(17)).then_some([7; 32]),
        };
        let mut rows = KeyRows::default();
        assert!((0..1_000).all(|n| rows.push(&row(n))));
        assert_eq!(rows.len(), 1_000);
        assert!((0..1_000).rev().all(|n| rows.get(n) == Some(row(n))));
        assert_eq!(rows.get(1_000), None);
        let mut seen = 0;
        let end = rows.scan(200, 300, |number, reader, cells| {
            assert_eq!((number, cells), (200 + seen, row(number)));
            assert_eq!(rows.name(reader.name_place()), cells.name);
            seen += 1;
        });
        assert_eq!((end, seen), (512, 312), "to the end of a block");
    }
}
