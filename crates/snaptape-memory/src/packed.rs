//! How long a packed value would be that is not one in the file.

/// Something that is put into a packed value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A whole number, however it was written.
    Int(i64),
    /// Text of so many bytes.
    Text(u64),
}

impl Item {
    /// Bytes of a listpack without entries. Source: listpack.h.
    pub const LISTPACK_BYTES: u64 = 7;
    /// Bytes of a ziplist without entries. Source: ziplist.c.
    pub const ZIPLIST_BYTES: u64 = 11;

    /// Bytes of an entry of a listpack, with its length behind it. Source: listpack.c, `lpEncodeGetType`, `lpEncodeBacklen`.
    #[inline]
    pub fn listpack_bytes(self) -> u64 {
        let body = match self {
            Self::Int(0..=127) => 1,
            Self::Int(-4096..=4095) => 2,
            Self::Int(n) => {
                let wide = i64_bytes(n);
                wide + 1
            }
            Self::Text(len) => {
                let head = match len {
                    0..64 => 1,
                    64..4096 => 2,
                    _ => 5,
                };
                len.saturating_add(head)
            }
        };
        let behind = match body {
            0..=127 => 1,
            128..=16_383 => 2,
            16_384..=2_097_151 => 3,
            2_097_152..=268_435_455 => 4,
            _ => 5,
        };
        body.saturating_add(behind)
    }

    /// Bytes of an entry of a ziplist behind a short one. Source: ziplist.c, `zipStoreEntryEncoding`, `zipTryEncoding`.
    #[inline]
    pub fn ziplist_bytes(self) -> u64 {
        let body = match self {
            Self::Int(0..=12) => 1,
            Self::Int(-128..=127) => 2,
            Self::Int(n) => i64_bytes(n) + 1,
            Self::Text(len) => {
                let head = match len {
                    0..64 => 1,
                    64..16_384 => 2,
                    _ => 5,
                };
                len.saturating_add(head)
            }
        };
        body.saturating_add(1)
    }
}

/// 2, 3, 4 or 8: what a number takes that is not a small one.
fn i64_bytes(n: i64) -> u64 {
    match n {
        -0x8000..=0x7fff => 2,
        -0x80_0000..=0x7f_ffff => 3,
        -0x8000_0000..=0x7fff_ffff => 4,
        _ => 8,
    }
}

/// Bytes of a member of an intset that holds `n`: 2, 4 or 8. Source: intset.c, `_intsetValueEncoding`.
pub(crate) fn intset_member(n: i64) -> u64 {
    match n {
        -0x8000..=0x7fff => 2,
        -0x8000_0000..=0x7fff_ffff => 4,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_as_long_as_the_servers_make_them() {
        // The listpack of XADD's fields and of small hashes, read from dumps.
        for (item, listpack, ziplist) in [
            (Item::Int(0), 2, 2),
            (Item::Int(13), 2, 3),
            (Item::Int(128), 3, 4),
            (Item::Int(-4096), 3, 4),
            (Item::Int(40_000), 5, 5),
            (Item::Int(1 << 30), 6, 6),
            (Item::Int(i64::MAX), 10, 10),
            (Item::Text(0), 2, 2),
            (Item::Text(63), 65, 65),
            (Item::Text(64), 67, 67),
            (Item::Text(125), 128, 128),
            (Item::Text(126), 130, 129),
            (Item::Text(5_000), 5_007, 5_003),
        ] {
            assert_eq!((item.listpack_bytes(), item.ziplist_bytes()), (listpack, ziplist), "{item:?}");
        }
        assert_eq!((intset_member(-32_768), intset_member(32_768), intset_member(1 << 31)), (2, 4, 8));
    }
}
