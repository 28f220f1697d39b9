//! The packed encodings: a small collection as one string. All are read front to back, entry by entry, without copies.
//!
//! Offsets in errors count from the start of the blob; the caller shifts them to where it stands (a blob that was compressed
//! has no such place: then the offset of its compressed form is the best there is).

mod intset;
mod listpack;
mod ziplist;
mod zipmap;

use alloc::vec::Vec;

pub use intset::Intset;
pub use listpack::Listpack;
pub use ziplist::Ziplist;
pub use zipmap::Zipmap;

use crate::{Error, ErrorKind, decimal_len, push_decimal};

/// One entry of a packed value. An integer and its decimal text are the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry<'a> {
    /// A byte string.
    Bytes(&'a [u8]),
    /// A number; the string is its decimal text.
    Int(i64),
}

impl Entry<'_> {
    /// Length of the string.
    #[inline]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Int(n) => decimal_len(*n),
        }
    }

    /// Is it the empty string?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the string to `out`.
    pub fn push_to(&self, out: &mut Vec<u8>) {
        match self {
            Self::Bytes(bytes) => out.extend_from_slice(bytes),
            Self::Int(n) => push_decimal(*n, out),
        }
    }

    /// The number, if it is stored as one or its text is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Bytes(bytes) => core::str::from_utf8(bytes).ok()?.parse().ok(),
            Self::Int(n) => Some(*n),
        }
    }
}

/// What the inside of a blob says of itself, read by [`survey`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Survey {
    /// Entries: elements of a list or set, twice the pairs of a hash or sorted set.
    pub entries: u64,
    /// Sum of their lengths as strings.
    pub payload_bytes: u64,
    /// The longest.
    pub longest_bytes: u64,
}

/// Reads all entries and adds them up.
///
/// # Errors
/// The first entry that is wrong.
pub fn survey<'a>(entries: impl Iterator<Item = Result<Entry<'a>, Error>>) -> Result<Survey, Error> {
    let mut sum = Survey::default();
    for entry in entries {
        let len = entry?.len();
        sum.entries += 1;
        sum.payload_bytes += len;
        sum.longest_bytes = sum.longest_bytes.max(len);
    }
    Ok(sum)
}

#[cold]
fn invalid(encoding: &'static str, why: &'static str, at: usize) -> Error {
    Error::new(ErrorKind::InvalidBlob { encoding, why }, at as u64)
}

/// `N` bytes at `at`, if they are there.
#[inline]
fn array<const N: usize>(blob: &[u8], at: usize) -> Option<[u8; N]> {
    blob.get(at..)?.first_chunk().copied()
}

/// The header of a ziplist or listpack, which begins with the length of the whole; the last byte is the end marker.
fn open<const HEADER: usize>(encoding: &'static str, blob: &[u8]) -> Result<[u8; HEADER], Error> {
    let header: [u8; HEADER] =
        array(blob, 0).ok_or_else(|| invalid(encoding, "shorter than its header", blob.len()))?;
    if array(blob, 0).map(u32::from_le_bytes).is_none_or(|len| len as usize != blob.len()) {
        return Err(invalid(encoding, "its length field is not its length", 0));
    }
    if blob.len() <= HEADER || blob.last() != Some(&0xff) {
        return Err(invalid(encoding, "no end marker", blob.len().saturating_sub(1)));
    }
    Ok(header)
}

/// Sign-extends three little-endian bytes.
#[inline]
fn int24([a, b, c]: [u8; 3]) -> i64 {
    i64::from(i32::from_le_bytes([0, a, b, c]) >> 8)
}
