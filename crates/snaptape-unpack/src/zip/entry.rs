//! What is known of one file in an archive.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::SEE_64;
use crate::gather::number;

/// One file in an archive, as its table of contents has it. None of it is trusted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Entry {
    /// Its path, folders separated by `/`; bytes that are not UTF-8 are replaced.
    pub name: String,
    /// How it is packed: 0 not at all, 8 deflate, 93 zstd.
    pub method: u16,
    /// Is a password needed?
    pub encrypted: bool,
    /// CRC-32 of its contents.
    pub crc32: u32,
    /// How many bytes it takes in the archive.
    pub packed_bytes: u64,
    /// Its length.
    pub bytes: u64,
    /// Where its own header stands in the archive; its data follows.
    pub header_offset: u64,
    /// Where the next header or the table of contents begins: a bound for its data.
    pub end_offset: u64,
}

impl Entry {
    /// A folder has no contents.
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// What a Mac adds to every archive.
    pub fn is_clutter(&self) -> bool {
        let name = self.name.rsplit('/').next().unwrap_or_default();
        self.name.starts_with("__MACOSX/") || name == ".DS_Store" || name.starts_with("._")
    }
}

/// The three numbers that a zip64 field replaces where they do not fit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    pub(super) bytes: u64,
    pub(super) packed_bytes: u64,
    pub(super) header_offset: u64,
}

impl Numbers {
    /// Takes from the extra fields what did not fit. Source: APPNOTE 4.5.3: only those, in this order.
    pub(super) fn widen(&mut self, mut extra: &[u8]) {
        while extra.len() >= 4 {
            let (id, len) = (number(extra, 0, 2), usize::try_from(number(extra, 2, 2)).unwrap_or(usize::MAX));
            let Some(field) = extra.get(4..4 + len) else { return };
            if id == 1 {
                let mut at = 0;
                for value in [&mut self.bytes, &mut self.packed_bytes, &mut self.header_offset] {
                    if *value == SEE_64 && at + 8 <= field.len() {
                        *value = number(field, at, 8);
                        at += 8;
                    }
                }
                return;
            }
            extra = extra.get(4 + len..).unwrap_or_default();
        }
    }
}

/// The name of a method, for a sentence.
pub(super) fn method_name(method: u16) -> String {
    match method {
        1 => "shrink".into(),
        6 => "implode".into(),
        9 => "deflate64".into(),
        12 => "bzip2".into(),
        14 => "LZMA".into(),
        95 => "xz".into(),
        98 => "PPMd".into(),
        99 => "AES encryption".into(),
        n => format!("method {n}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_did_not_fit_is_widened() {
        let extra =
            [&[0x55, 0x54, 1, 0, 9][..], &[1, 0, 16, 0], &7_u64.to_le_bytes(), &9_u64.to_le_bytes()].concat();
        let mut numbers = Numbers { bytes: SEE_64, packed_bytes: 5, header_offset: SEE_64 };
        numbers.widen(&extra);
        assert_eq!((numbers.bytes, numbers.packed_bytes, numbers.header_offset), (7, 5, 9));
        let mut numbers = Numbers { bytes: SEE_64, packed_bytes: SEE_64, header_offset: 0 };
        numbers.widen(&extra[..extra.len() - 1]);
        assert_eq!((numbers.bytes, numbers.packed_bytes), (SEE_64, SEE_64), "a field cut short says nothing");
    }
}
