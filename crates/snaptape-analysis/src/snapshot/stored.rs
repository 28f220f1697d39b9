//! A string's text as it is stored.

use snaptape_wire::{Str, StrForm, StrHead};

use super::hash::hash_text;

/// Spreads the length a compressed text has when it is unpacked.
const COMPRESSED_FROM: u64 = 0x9e37_79b9_7f4a_7c15;

/// A string's text as it is stored: how long, how long in the file, and what tells equal ones from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredText {
    /// Its length.
    pub len_bytes: u64,
    /// Bytes that are stored of it: fewer where the writer compressed it.
    pub stored_bytes: u64,
    /// A hash of the stored bytes: the same for equal texts of one writer, which compresses them the same way. `None` for a text
    /// too long to hold.
    pub hash: Option<u64>,
}

impl StoredText {
    /// Shorter texts are none of its business: a reference to one would take as much.
    pub const LEAST_BYTES: u64 = 64;

    #[inline]
    pub(super) fn of(text: &Str<'_>) -> Option<Self> {
        let len_bytes = text.len();
        if len_bytes < Self::LEAST_BYTES {
            return None;
        }
        let bytes = match text.form {
            StrForm::Raw(bytes) => bytes,
            StrForm::Lzf { packed, .. } => packed,
            StrForm::Int(_) => return None,
        };
        let (stored_bytes, hash) =
            (bytes.len() as u64, Some(hash_text(bytes) ^ len_bytes.wrapping_mul(COMPRESSED_FROM)));
        Some(Self { len_bytes, stored_bytes, hash })
    }

    pub(super) fn long(head: StrHead) -> Self {
        let len_bytes = head.logical_len();
        Self { len_bytes, stored_bytes: head.stored_len(), hash: None }
    }
}
