//! Strings that arrive in chunks.

use snaptape_rdb::Role;
use snaptape_wire::{Error, StrHead, lzf};

/// Most stored bytes of one string that are held.
const MAX_HELD_BYTES: u64 = 64 << 20;
/// Most bytes one is unpacked to.
const MAX_UNPACKED_BYTES: u64 = 128 << 20;

/// A string on its way.
#[derive(Debug)]
pub(super) struct Long {
    pub(super) role: Role,
    /// Of its first stored byte.
    pub(super) offset: u64,
    head: StrHead,
    /// All of it so far, where its bytes are needed and may be held.
    held: Option<Vec<u8>>,
    checker: Option<lzf::Checker>,
}

/// What it turned out to be.
#[derive(Debug)]
pub(super) enum Content {
    /// Its bytes; `raw` when they stand in the file as they are.
    Whole { bytes: Vec<u8>, raw: bool },
    /// Its bytes are needed, but are too many.
    TooLong,
    /// Nothing can be wrong with such bytes.
    NotNeeded,
}

impl Long {
    pub(super) fn new(role: Role, head: StrHead, offset: u64) -> Self {
        let fits = head.stored_len() <= MAX_HELD_BYTES && head.logical_len() <= MAX_UNPACKED_BYTES;
        let checker = match head {
            StrHead::Lzf { len, .. } => Some(lzf::Checker::new(len)),
            _ => None,
        };
        Self { role, offset, head, held: (is_needed(role) && fits).then(Vec::new), checker }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        if let Some(checker) = &mut self.checker {
            checker.update(chunk);
        }
        if let Some(held) = &mut self.held {
            held.extend_from_slice(chunk);
        }
    }

    /// That was all of it.
    pub(super) fn finish(self, scratch: &mut Vec<u8>) -> Result<Content, Error> {
        if let Some(checker) = self.checker {
            checker.finish()?;
        }
        let Some(stored) = self.held else {
            return Ok(if is_needed(self.role) { Content::TooLong } else { Content::NotNeeded });
        };
        match self.head {
            StrHead::Lzf { len, .. } => {
                lzf::decode(&stored, len, scratch)?;
                Ok(Content::Whole { bytes: core::mem::take(scratch), raw: false })
            }
            _ => Ok(Content::Whole { bytes: stored, raw: true }),
        }
    }
}

/// Does it take the bytes to say whether something is wrong?
fn is_needed(role: Role) -> bool {
    matches!(role, Role::Packed(_) | Role::Member | Role::Field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_needed_is_held_and_the_rest_only_checked() {
        let raw = StrHead::Raw { len: 4 };
        let mut long = Long::new(Role::Value, raw, 0);
        long.push(b"abcd");
        assert!(matches!(long.finish(&mut vec![]), Ok(Content::NotNeeded)));

        let mut long = Long::new(Role::Member, raw, 0);
        long.push(b"ab");
        long.push(b"cd");
        assert!(
            matches!(long.finish(&mut vec![]), Ok(Content::Whole { bytes, raw: true }) if bytes == b"abcd")
        );

        let mut long = Long::new(Role::Member, StrHead::Raw { len: MAX_HELD_BYTES + 1 }, 0);
        long.push(b"ab");
        assert!(matches!(long.finish(&mut vec![]), Ok(Content::TooLong)));
    }

    #[test]
    fn what_does_not_unpack_is_an_error_without_being_held() {
        let packed = [0x01, 0x61, 0x61, 0xe0, 0x13, 0x00, 0x01, 0x61, 0x61];
        for (len, good) in [(32, true), (33, false), (31, false)] {
            let mut long = Long::new(Role::Value, StrHead::Lzf { packed_len: 9, len }, 0);
            packed.chunks(2).for_each(|chunk| long.push(chunk));
            assert_eq!(long.finish(&mut vec![]).is_ok(), good, "{len}");
        }
    }
}
