//! Ziplist: `zlbytes:u32le zltail:u32le zllen:u16le entry* 0xFF`, entry = prevlen, encoding, payload. Source: ziplist.c.

use super::{Entry, array, int24, invalid, open};
use crate::Error;

const NAME: &str = "ziplist";
const HEADER: usize = 10;

/// A ziplist, read front to back.
#[derive(Debug, Clone)]
pub struct Ziplist<'a> {
    blob: &'a [u8],
    at: usize,
    count: Option<u64>,
    seen: u64,
    /// Length of the entry before, which each entry repeats.
    previous: usize,
    failed: bool,
}

impl<'a> Ziplist<'a> {
    /// The number of entries its first 10 bytes announce; `None` when they say "count them".
    pub fn announced(header: [u8; HEADER]) -> Option<u64> {
        let [.., low, high] = header;
        match u16::from_le_bytes([low, high]) {
            u16::MAX => None,
            n => Some(u64::from(n)),
        }
    }

    /// Reads the header.
    ///
    /// # Errors
    /// A length that is not the blob's, no end marker, or a tail beyond it.
    pub fn new(blob: &'a [u8]) -> Result<Self, Error> {
        let header: [u8; HEADER] = open(NAME, blob)?;
        let [_, _, _, _, a, b, c, d, ..] = header;
        if u32::from_le_bytes([a, b, c, d]) as usize >= blob.len() {
            return Err(invalid(NAME, "its tail field points beyond the end", 4));
        }
        Ok(Self { blob, at: HEADER, count: Self::announced(header), seen: 0, previous: 0, failed: false })
    }

    /// Offset in the blob of the next entry.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// The next entry, as [`Iterator::next`] gives it, but at the end the header's offset of the last entry must agree.
    /// Source: ziplist.c `ziplistValidateIntegrity`.
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
            self.failed = true;
        }
        entry
    }

    /// Does the header point at the last entry? In an empty ziplist that is the end marker.
    fn tail_is_right(&self) -> bool {
        let tail = array(self.blob, 4).map_or(0, u32::from_le_bytes) as usize;
        tail == self.at - self.previous
    }

    #[inline]
    fn entry<const STRICT: bool>(&mut self) -> Result<Option<Entry<'a>>, Error> {
        let start = self.at;
        let short = || invalid(NAME, "an entry runs past the end", start);
        let blob = self.blob;
        let (previous, mut at) = match *blob.get(start).ok_or_else(short)? {
            0xff => {
                if start + 1 != blob.len() {
                    return Err(invalid(NAME, "an end marker before the end", start));
                }
                if self.count.is_some_and(|count| count != self.seen) {
                    return Err(invalid(NAME, "its count field is not its number of entries", 8));
                }
                if STRICT && !self.failed && !self.tail_is_right() {
                    return Err(invalid(NAME, "its tail field does not point at the last entry", 4));
                }
                return Ok(None);
            }
            0xfe => (u32::from_le_bytes(array(blob, start + 1).ok_or_else(short)?) as usize, start + 5),
            n => (usize::from(n), start + 1),
        };
        if previous != self.previous {
            return Err(invalid(NAME, "an entry is wrong about the length of the one before", start));
        }
        let first = *blob.get(at).ok_or_else(short)?;
        at += 1;
        let string = |at: usize, len: usize| {
            let end = at.checked_add(len).ok_or_else(short)?;
            Ok((Entry::Bytes(blob.get(at..end).ok_or_else(short)?), end))
        };
        let (entry, end) = match first {
            0x00..0x40 => string(at, usize::from(first))?,
            0x40..0x80 => {
                let low = *blob.get(at).ok_or_else(short)?;
                string(at + 1, usize::from(first & 0x3f) << 8 | usize::from(low))?
            }
            0x80..0xc0 => {
                let len = u32::from_be_bytes(array(blob, at).ok_or_else(short)?);
                string(at + 4, usize::try_from(len).map_err(|_| short())?)?
            }
            0xc0 => (Entry::Int(i16::from_le_bytes(array(blob, at).ok_or_else(short)?).into()), at + 2),
            0xd0 => (Entry::Int(i32::from_le_bytes(array(blob, at).ok_or_else(short)?).into()), at + 4),
            0xe0 => (Entry::Int(i64::from_le_bytes(array(blob, at).ok_or_else(short)?)), at + 8),
            0xf0 => (Entry::Int(int24(array(blob, at).ok_or_else(short)?)), at + 3),
            0xfe => (Entry::Int(blob.get(at).copied().ok_or_else(short)?.cast_signed().into()), at + 1),
            0xf1..=0xfd => (Entry::Int(i64::from(first & 0x0f) - 1), at),
            _ => return Err(invalid(NAME, "unknown entry encoding", at - 1)),
        };
        // The end marker has to fit behind it.
        if end >= blob.len() {
            return Err(short());
        }
        self.previous = end - start;
        self.at = end;
        self.seen += 1;
        Ok(Some(entry))
    }
}

impl<'a> Iterator for Ziplist<'a> {
    type Item = Result<Entry<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entry::<false>().transpose();
        self.stop_at_error(entry)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, vec, vec::Vec};

    use super::*;

    fn ziplist(entries: &[&[u8]]) -> Vec<u8> {
        let mut blob = vec![0; HEADER];
        let mut previous = 0_u8;
        for entry in entries {
            blob.push(previous);
            blob.extend_from_slice(entry);
            previous = u8::try_from(entry.len() + 1).unwrap();
        }
        blob.push(0xff);
        let len = u32::try_from(blob.len()).unwrap().to_le_bytes();
        blob[..4].copy_from_slice(&len);
        blob[8] = u8::try_from(entries.len()).unwrap();
        let tail = u32::try_from(blob.len()).unwrap() - 1 - u32::from(previous);
        blob[4..8].copy_from_slice(&tail.to_le_bytes());
        blob
    }

    #[test]
    fn every_entry_encoding() {
        let blob = ziplist(&[
            b"\x03abc",
            b"\x40\x02hi",
            b"\x80\0\0\0\x01x",
            b"\xc0\xff\xff",
            b"\xd0\x00\x00\x01\x00",
            b"\xe0\x01\0\0\0\0\0\0\x80",
            b"\xf0\xff\xff\xff",
            b"\xfe\x80",
            b"\xf1",
            b"\xfd",
        ]);
        let entries: Vec<_> = Ziplist::new(&blob).unwrap().map(Result::unwrap).collect();
        let expected = [
            Entry::Bytes(b"abc"),
            Entry::Bytes(b"hi"),
            Entry::Bytes(b"x"),
            Entry::Int(-1),
            Entry::Int(65_536),
            Entry::Int(i64::MIN + 1),
            Entry::Int(-1),
            Entry::Int(-128),
            Entry::Int(0),
            Entry::Int(12),
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn a_wrong_back_reference_is_an_error() {
        let mut blob = ziplist(&[b"\x03abc", b"\xf1"]);
        blob[15] = 9;
        let error = Ziplist::new(&blob).unwrap().find_map(Result::err).unwrap();
        assert_eq!(
            format!("{error}"),
            "invalid ziplist: an entry is wrong about the length of the one before, at offset 15 (0xf)"
        );
    }

    #[test]
    fn a_wrong_tail_is_seen_by_the_strict_walk_alone() {
        for (entries, len) in [(&[][..], 0), (&[&b"\x03abc"[..], b"\xf1"], 2)] {
            let mut blob = ziplist(entries);
            let strict = |blob: &[u8]| {
                let mut entries = Ziplist::new(blob).unwrap();
                core::iter::from_fn(|| entries.next_strict())
                    .map(|e| e.map(drop))
                    .collect::<Result<Vec<_>, _>>()
            };
            assert_eq!(strict(&blob).unwrap().len(), len);
            blob[4] -= 1;
            assert_eq!(Ziplist::new(&blob).unwrap().count(), len);
            assert_eq!(
                format!("{}", strict(&blob).unwrap_err()),
                "invalid ziplist: its tail field does not point at the last entry, at offset 4"
            );
        }
    }
}
