//! Zipmap (Redis 2.4 and earlier): `count:u8 (flen field vlen free:u8 value free-bytes)* 0xFF`. Source: zipmap.c.

use super::{Entry, array, invalid};
use crate::Error;

const NAME: &str = "zipmap";

/// A zipmap, read front to back: field, value, field, value ...
#[derive(Debug, Clone)]
pub struct Zipmap<'a> {
    blob: &'a [u8],
    at: usize,
    count: Option<u64>,
    seen: u64,
}

impl<'a> Zipmap<'a> {
    /// The number of pairs its first byte announces; `None` when it says "count them".
    pub fn announced([count]: [u8; 1]) -> Option<u64> {
        (count < 254).then_some(u64::from(count))
    }

    /// Reads the header.
    ///
    /// # Errors
    /// No count, or no end marker.
    pub fn new(blob: &'a [u8]) -> Result<Self, Error> {
        let count: [u8; 1] = array(blob, 0).ok_or_else(|| invalid(NAME, "shorter than its header", 0))?;
        if blob.len() < 2 || blob.last() != Some(&0xff) {
            return Err(invalid(NAME, "no end marker", blob.len() - 1));
        }
        Ok(Self { blob, at: 1, count: Self::announced(count), seen: 0 })
    }

    /// Offset in the blob of the next field or value.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// What a strict reader asks besides: it is not empty, and a count of 255 is one. Source: zipmap.c `zipmapValidateIntegrity`,
    /// which takes 254 alone for "count them". To be asked at the end, when every pair was good.
    ///
    /// # Errors
    /// Which of the two is wrong.
    pub fn check_count(&self) -> Result<(), Error> {
        let pairs = self.seen / 2;
        if pairs == 0 {
            return Err(invalid(NAME, "it holds nothing", 0));
        }
        if self.blob.first() == Some(&255) && pairs != 255 {
            return Err(invalid(NAME, "its count field is not its number of pairs", 0));
        }
        Ok(())
    }

    fn entry(&mut self) -> Result<Option<Entry<'a>>, Error> {
        let start = self.at;
        let short = || invalid(NAME, "an entry runs past the end", start);
        let is_value = self.seen % 2 == 1;
        let (len, head) = match *self.blob.get(start).ok_or_else(short)? {
            0xff if is_value => return Err(invalid(NAME, "a field without a value", start)),
            0xff => {
                if start + 1 != self.blob.len() {
                    return Err(invalid(NAME, "an end marker before the end", start));
                }
                if self.count.is_some_and(|count| count != self.seen / 2) {
                    return Err(invalid(NAME, "its count field is not its number of pairs", 0));
                }
                return Ok(None);
            }
            0xfe => (u32::from_le_bytes(array(self.blob, start + 1).ok_or_else(short)?) as usize, 5),
            n => (usize::from(n), 1),
        };
        let mut at = start + head;
        let mut free = 0;
        if is_value {
            // Room left over by a shorter value written later stands behind it, its length before it.
            free = usize::from(*self.blob.get(at).ok_or_else(short)?);
            at += 1;
        }
        let end = at.checked_add(len).ok_or_else(short)?;
        let bytes = self.blob.get(at..end).ok_or_else(short)?;
        if end + free >= self.blob.len() {
            return Err(short());
        }
        self.at = end + free;
        self.seen += 1;
        Ok(Some(Entry::Bytes(bytes)))
    }
}

impl<'a> Iterator for Zipmap<'a> {
    type Item = Result<Entry<'a>, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = self.entry().transpose();
        if matches!(entry, Some(Err(_))) {
            // Nothing behind a wrong entry can be trusted: what follows is the end marker.
            self.at = self.blob.len() - 1;
            self.count = None;
            self.seen = 0;
        }
        entry
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn free_bytes_are_stepped_over() {
        let blob = b"\x02\x01a\x02\x01xy_\x01b\x00\x00\xff";
        let entries: Vec<_> = Zipmap::new(blob).unwrap().map(Result::unwrap).collect();
        assert_eq!(entries, [b"a".as_slice(), b"xy", b"b", b""].map(Entry::Bytes));
    }

    #[test]
    fn counts_a_server_refuses() {
        for (blob, good) in
            [(&b"\x01\x01a\x01\x00b\xff"[..], true), (b"\xff\x01a\x01\x00b\xff", false), (b"\0\xff", false)]
        {
            let mut zipmap = Zipmap::new(blob).unwrap();
            assert!(zipmap.by_ref().all(|entry| entry.is_ok()));
            assert_eq!(zipmap.check_count().is_ok(), good, "{blob:02x?}");
        }
    }
}
