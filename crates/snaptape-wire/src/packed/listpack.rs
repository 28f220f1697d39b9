//! Listpack: `total:u32le count:u16le entry* 0xFF`, entry = encoding, data, backlen. Source: listpack.c.

use super::{Entry, array, int24, invalid, open};
use crate::Error;

const NAME: &str = "listpack";
const HEADER: usize = 6;

/// A listpack, read front to back.
#[derive(Debug, Clone)]
pub struct Listpack<'a> {
    blob: &'a [u8],
    at: usize,
    /// `None` where the header says "unknown".
    count: Option<u64>,
    seen: u64,
}

impl<'a> Listpack<'a> {
    /// The number of entries its first 6 bytes announce; `None` when they say "count them".
    pub fn announced([_, _, _, _, low, high]: [u8; HEADER]) -> Option<u64> {
        match u16::from_le_bytes([low, high]) {
            u16::MAX => None,
            n => Some(u64::from(n)),
        }
    }

    /// Reads the header.
    ///
    /// # Errors
    /// A length that is not the blob's, or no end marker.
    pub fn new(blob: &'a [u8]) -> Result<Self, Error> {
        let header: [u8; HEADER] = open(NAME, blob)?;
        Ok(Self { blob, at: HEADER, count: Self::announced(header), seen: 0 })
    }

    /// Offset in the blob of the next entry.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next entry, as [`Iterator::next`] gives it, but its backlen (the length it repeats behind itself, for walks from
    /// the back) must agree. Source: listpack.c `lpValidateNext`.
    #[inline]
    pub fn next_strict(&mut self) -> Option<Result<Entry<'a>, Error>> {
        let entry = self.entry::<true>().transpose();
        self.stop_at_error(entry)
    }

    #[inline]
    fn stop_at_error(&mut self, entry: Option<Result<Entry<'a>, Error>>) -> Option<Result<Entry<'a>, Error>> {
        if matches!(entry, Some(Err(_))) {
            // Nothing behind a wrong entry can be trusted: what follows is the end marker.
            self.at = self.blob.len() - 1;
            self.count = None;
        }
        entry
    }

    #[inline]
    fn entry<const STRICT: bool>(&mut self) -> Result<Option<Entry<'a>>, Error> {
        let at = self.at;
        let short = || invalid(NAME, "an entry runs past the end", at);
        let first = *self.blob.get(at).ok_or_else(short)?;
        let byte = |i: usize| self.blob.get(at + i).copied().ok_or_else(short);
        let (entry, len) = match first {
            0x00..0x80 => (Entry::Int(i64::from(first)), 1),
            0x80..0xc0 => self.bytes(1, usize::from(first & 0x3f))?,
            0xc0..0xe0 => {
                let n = i64::from(first & 0x1f) << 8 | i64::from(byte(1)?);
                (Entry::Int(if n >= 4096 { n - 8192 } else { n }), 2)
            }
            0xe0..0xf0 => self.bytes(2, usize::from(first & 0x0f) << 8 | usize::from(byte(1)?))?,
            0xf0 => {
                let len = u32::from_le_bytes(array(self.blob, at + 1).ok_or_else(short)?);
                self.bytes(5, usize::try_from(len).map_err(|_| short())?)?
            }
            0xf1 => {
                (Entry::Int(i64::from(i16::from_le_bytes(array(self.blob, at + 1).ok_or_else(short)?))), 3)
            }
            0xf2 => (Entry::Int(int24(array(self.blob, at + 1).ok_or_else(short)?)), 4),
            0xf3 => {
                (Entry::Int(i64::from(i32::from_le_bytes(array(self.blob, at + 1).ok_or_else(short)?))), 5)
            }
            0xf4 => (Entry::Int(i64::from_le_bytes(array(self.blob, at + 1).ok_or_else(short)?)), 9),
            0xf5..0xff => return Err(invalid(NAME, "unknown entry encoding", at)),
            0xff => {
                if at + 1 != self.blob.len() {
                    return Err(invalid(NAME, "an end marker before the end", at));
                }
                if self.count.is_some_and(|count| count != self.seen) {
                    return Err(invalid(NAME, "its count field is not its number of entries", 4));
                }
                return Ok(None);
            }
        };
        let back = match len {
            0..=127 => 1,
            128..=16_383 => 2,
            16_384..=2_097_151 => 3,
            2_097_152..=268_435_455 => 4,
            _ => 5,
        };
        let next = at + len + back;
        // The end marker has to fit behind it.
        if next >= self.blob.len() {
            return Err(short());
        }
        if STRICT && !self.blob.get(at + len..next).is_some_and(|back| is_backlen(back, len)) {
            return Err(invalid(NAME, "an entry is wrong about its own length", at + len));
        }
        self.at = next;
        self.seen += 1;
        Ok(Some(entry))
    }

    #[inline]
    fn bytes(&self, head: usize, len: usize) -> Result<(Entry<'a>, usize), Error> {
        let start = self.at + head;
        let bytes = start
            .checked_add(len)
            .and_then(|end| self.blob.get(start..end))
            .ok_or_else(|| invalid(NAME, "an entry runs past the end", self.at))?;
        Ok((Entry::Bytes(bytes), head + len))
    }
}

impl<'a> Iterator for Listpack<'a> {
    type Item = Result<Entry<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entry::<false>().transpose();
        self.stop_at_error(entry)
    }
}

/// Is this what stands behind an entry of `len` bytes: groups of seven bits, the highest first, all but the first marked?
fn is_backlen(back: &[u8], len: usize) -> bool {
    let mut rest = len;
    back.iter().enumerate().rev().all(|(i, byte)| {
        let group = rest & 0x7f;
        rest >>= 7;
        let mark = if i > 0 { 0x80 } else { 0 };
        usize::from(*byte) == group | mark
    }) && rest == 0
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec::Vec};

    use super::*;

    /// The list `a 1 -1 127 128 -4096 4095 32767 -32768 8388607 2147483647 9223372036854775807`, as Redis 7.0.15 wrote it.
    pub(super) const VECTOR: &[u8] = b"\x37\0\0\0\x0c\0\x81a\x02\x01\x01\xdf\xff\x02\x7f\x01\xc0\x80\x02\xd0\x00\x02\xcf\xff\x02\xf1\xff\x7f\x03\xf1\x00\x80\x03\xf2\xff\xff\x7f\x04\xf3\xff\xff\xff\x7f\x05\xf4\xff\xff\xff\xff\xff\xff\xff\x7f\x09\xff";

    #[test]
    fn what_a_server_wrote() {
        let entries: Vec<_> = Listpack::new(VECTOR).unwrap().map(Result::unwrap).collect();
        let ints = [
            1,
            -1,
            127,
            128,
            -4096,
            4095,
            32_767,
            -32_768,
            8_388_607,
            2_147_483_647,
            9_223_372_036_854_775_807,
        ];
        assert_eq!(entries[0], Entry::Bytes(b"a"));
        assert_eq!(entries[1..], ints.map(Entry::Int));
    }

    #[test]
    fn a_wrong_backlen_is_seen_by_the_strict_walk_alone() {
        let mut blob = VECTOR.to_vec();
        let strict = |blob: &[u8]| {
            let mut entries = Listpack::new(blob).unwrap();
            core::iter::from_fn(|| entries.next_strict()).find_map(Result::err).map(|e| format!("{e}"))
        };
        assert_eq!(strict(&blob), None);
        blob[8] = 3;
        assert_eq!(Listpack::new(&blob).unwrap().find_map(Result::err), None);
        assert_eq!(
            strict(&blob).unwrap(),
            "invalid listpack: an entry is wrong about its own length, at offset 8"
        );
    }

    #[test]
    fn backlens_of_every_length() {
        for (len, back) in [
            (1, &[1][..]),
            (127, &[127]),
            (128, &[1, 0x80]),
            (16_383, &[0x7f, 0xff]),
            (16_384, &[1, 0x80, 0x80]),
            (2_097_152, &[1, 0x80, 0x80, 0x80]),
            (268_435_456, &[1, 0x80, 0x80, 0x80, 0x80]),
        ] {
            assert!(is_backlen(back, len), "{len}");
            assert!(!is_backlen(back, len + 1), "{len}");
        }
        assert!(!is_backlen(&[0x81], 1));
    }

    #[test]
    fn lies_are_errors_with_an_offset() {
        for (at, byte, expected) in [
            (0, 0x38, "invalid listpack: its length field is not its length, at offset 0"),
            (4, 0x0d, "invalid listpack: its count field is not its number of entries, at offset 4"),
            (6, 0xbf, "invalid listpack: an entry runs past the end, at offset 6"),
            (6, 0xf7, "invalid listpack: unknown entry encoding, at offset 6"),
            (6, 0xff, "invalid listpack: an end marker before the end, at offset 6"),
            (54, 0, "invalid listpack: no end marker, at offset 54 (0x36)"),
        ] {
            let mut blob = VECTOR.to_vec();
            blob[at] = byte;
            let error = match Listpack::new(&blob) {
                Ok(mut entries) => entries.find_map(Result::err).expect("an error"),
                Err(error) => error,
            };
            assert_eq!(format!("{error}"), expected);
        }
    }
}
