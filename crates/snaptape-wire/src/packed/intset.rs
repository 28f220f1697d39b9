//! Intset: `width:u32le count:u32le value*`, values signed, little-endian, ascending. Source: intset.c.

use super::{Entry, array, invalid};
use crate::Error;

const NAME: &str = "intset";
const HEADER: usize = 8;

/// An intset, read front to back.
#[derive(Debug, Clone)]
pub struct Intset<'a> {
    values: &'a [u8],
    width: usize,
}

impl<'a> Intset<'a> {
    /// The number of values its first 8 bytes announce.
    pub fn announced([_, _, _, _, a, b, c, d]: [u8; HEADER]) -> u64 {
        u64::from(u32::from_le_bytes([a, b, c, d]))
    }

    /// Reads the header.
    ///
    /// # Errors
    /// A width that is none, or a length that does not fit width and count.
    pub fn new(blob: &'a [u8]) -> Result<Self, Error> {
        let header: [u8; HEADER] =
            array(blob, 0).ok_or_else(|| invalid(NAME, "shorter than its header", blob.len()))?;
        let width = match header.first_chunk().map(|w| u32::from_le_bytes(*w)) {
            Some(2) => 2,
            Some(4) => 4,
            Some(8) => 8,
            _ => return Err(invalid(NAME, "values are neither 2, 4 nor 8 bytes wide", 0)),
        };
        let values = blob.get(HEADER..).unwrap_or_default();
        if Self::announced(header) * width as u64 != values.len() as u64 {
            return Err(invalid(NAME, "its count field does not fit its length", 4));
        }
        Ok(Self { values, width })
    }
}

impl<'a> Iterator for Intset<'a> {
    type Item = Result<Entry<'a>, Error>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let n = match self.width {
            2 => i64::from(i16::from_le_bytes(array(self.values, 0)?)),
            4 => i64::from(i32::from_le_bytes(array(self.values, 0)?)),
            _ => i64::from_le_bytes(array(self.values, 0)?),
        };
        self.values = self.values.get(self.width..).unwrap_or_default();
        Some(Ok(Entry::Int(n)))
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn widths() {
        for (blob, expected) in [
            (&b"\x02\0\0\0\x02\0\0\0\xff\xff\x05\0"[..], &[-1, 5][..]),
            (b"\x04\0\0\0\x01\0\0\0\x70\x11\x01\0", &[70_000]),
            (b"\x08\0\0\0\x01\0\0\0\0\0\0\0\0\0\0\x80", &[i64::MIN]),
        ] {
            let values: Vec<_> = Intset::new(blob).unwrap().map(|v| v.unwrap().as_int().unwrap()).collect();
            assert_eq!(values, expected);
        }
        assert!(Intset::new(b"\x02\0\0\0\x03\0\0\0\xff\xff\x05\0").is_err());
        assert!(Intset::new(b"\x03\0\0\0\0\0\0\0").is_err());
    }
}
