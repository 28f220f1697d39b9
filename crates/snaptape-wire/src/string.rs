//! Strings as they stand in a snapshot: read by length, unpacked only when somebody asks.

use alloc::vec::Vec;
use core::fmt;

use crate::{Error, lzf};

/// A string in the window, not unpacked yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Str<'a> {
    /// How it is stored.
    pub form: StrForm<'a>,
    /// Offset in the file of its first stored byte.
    pub offset: u64,
}

/// How a string is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrForm<'a> {
    /// As it is.
    Raw(&'a [u8]),
    /// As a number; the string is its decimal text.
    Int(i32),
    /// Compressed.
    Lzf {
        /// The compressed bytes.
        packed: &'a [u8],
        /// What they should unpack to.
        len: u64,
    },
}

/// Number of bytes of the decimal text of `n`.
#[inline]
pub fn decimal_len(n: i64) -> u64 {
    u64::from(n.unsigned_abs().checked_ilog10().unwrap_or(0)) + 1 + u64::from(n < 0)
}

/// Appends the decimal text of `n`.
pub fn push_decimal(n: i64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut rest = n.unsigned_abs();
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
}

impl<'a> Str<'a> {
    /// Length of the string (not of what is stored).
    #[inline]
    pub fn len(&self) -> u64 {
        match self.form {
            StrForm::Raw(bytes) => bytes.len() as u64,
            StrForm::Int(n) => decimal_len(i64::from(n)),
            StrForm::Lzf { len, .. } => len,
        }
    }

    /// Is it the empty string?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The string's bytes; `scratch` is used (and overwritten) only where they must be made.
    ///
    /// # Errors
    /// Compressed data that does not unpack to its length.
    #[inline]
    pub fn decode<'b>(&self, scratch: &'b mut Vec<u8>) -> Result<&'b [u8], Error>
    where
        'a: 'b,
    {
        match self.form {
            StrForm::Raw(bytes) => Ok(bytes),
            StrForm::Int(n) => {
                scratch.clear();
                push_decimal(i64::from(n), scratch);
                Ok(scratch)
            }
            StrForm::Lzf { packed, len } => {
                lzf::decode(packed, len, scratch).map_err(|e| e.shifted(self.offset))?;
                Ok(scratch)
            }
        }
    }

    /// The first `N` bytes, or fewer where the string is shorter, without unpacking the rest.
    ///
    /// # Errors
    /// As for [`Self::decode`], as far as those bytes show it.
    pub fn prefix<const N: usize>(&self) -> Result<([u8; N], usize), Error> {
        let mut out = [0; N];
        let n = match self.form {
            StrForm::Raw(bytes) => copy_front(bytes, &mut out),
            StrForm::Int(n) => {
                let mut text = Vec::with_capacity(20);
                push_decimal(i64::from(n), &mut text);
                copy_front(&text, &mut out)
            }
            StrForm::Lzf { packed, len } => {
                let want = usize::try_from(len).unwrap_or(usize::MAX).min(N);
                let front = out.get_mut(..want).unwrap_or_default();
                lzf::decode_front(packed, front).map_err(|e| e.shifted(self.offset))?;
                want
            }
        };
        Ok((out, n))
    }
}

fn copy_front(from: &[u8], to: &mut [u8]) -> usize {
    from.iter().zip(to).map(|(from, to)| *to = *from).count()
}

impl fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}@{:#x}", self.form, self.offset)
    }
}

#[cfg(test)]
mod tests {
    use alloc::{string::ToString as _, vec};

    use super::*;

    #[test]
    fn decimals_are_written_and_measured_alike() {
        for n in [0, 1, -1, 9, 10, -10, 12345, i64::MIN, i64::MAX] {
            let mut out = vec![];
            push_decimal(n, &mut out);
            assert_eq!(out, n.to_string().as_bytes());
            assert_eq!(decimal_len(n), out.len() as u64);
        }
    }

    #[test]
    fn a_prefix_is_the_front_of_the_whole() {
        let packed = [0x01, 0x61, 0x61, 0xe0, 0x13, 0x00, 0x01, 0x61, 0x61];
        for form in [StrForm::Raw(b"hello"), StrForm::Int(-1234), StrForm::Lzf { packed: &packed, len: 32 }] {
            let text = Str { form, offset: 0 };
            let mut scratch = vec![];
            let whole = text.decode(&mut scratch).unwrap();
            let (front, n) = text.prefix::<4>().unwrap();
            assert_eq!(&front[..n], &whole[..4]);
            assert_eq!(whole.len() as u64, text.len());
        }
    }
}
