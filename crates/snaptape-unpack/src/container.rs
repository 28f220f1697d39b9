//! What a file is, from its first bytes.

/// How many first bytes decide what something is. Contents are handed on with at least that many in the first piece, or all.
pub const FRONT_BYTES: usize = 4096;

/// Something with contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Container {
    /// What a replica was sent: `$EOF:` and a mark of 40 bytes before and after, or `$<length>` before.
    /// Source: redis replication.c `syncWithMaster`, `readSyncBulkPayload`.
    Capture,
    /// gzip, RFC 1952; several members count as one.
    Gzip,
    /// An LZ4 frame, or several.
    Lz4,
    /// Valkey's `VKCS` header in front of a compressed snapshot.
    ValkeyEnvelope,
    /// A zip archive.
    Zip,
    /// Zstandard frames, RFC 8878.
    Zstd,
}

impl Container {
    /// One word, as reports have it. Stable.
    pub fn word(self) -> &'static str {
        match self {
            Self::Capture => "replication_capture",
            Self::Gzip => "gzip",
            Self::Lz4 => "lz4",
            Self::ValkeyEnvelope => "valkey_compressed",
            Self::Zip => "zip",
            Self::Zstd => "zstd",
        }
    }

    /// For the middle of a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Capture => "captured replication",
            Self::Gzip => "gzip data",
            Self::Lz4 => "an LZ4 frame",
            Self::ValkeyEnvelope => "Valkey's compressed envelope",
            Self::Zip => "a zip archive",
            Self::Zstd => "zstd data",
        }
    }
}

const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
pub(crate) const LZ4: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];

/// Looks at the first bytes of something: [`FRONT_BYTES`] of them, or all there are.
pub fn recognise(front: &[u8]) -> Option<Container> {
    match front {
        [0x1f, 0x8b, 8, ..] => Some(Container::Gzip),
        // The first file, an archive without any, and the mark of one that was split or streamed.
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] | [b'P', b'K', 7, 8, ..] => Some(Container::Zip),
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(behind_skippable(front)),
        _ if front.starts_with(&ZSTD) => Some(Container::Zstd),
        _ if front.starts_with(&LZ4) => Some(Container::Lz4),
        _ if crate::envelope::header_bytes(front).is_some() => Some(Container::ValkeyEnvelope),
        _ if crate::capture::Opening::find(front).is_some() => Some(Container::Capture),
        _ => None,
    }
}

/// zstd and LZ4 share the frames to be skipped: what comes first behind them decides, where it can be seen.
fn behind_skippable(mut front: &[u8]) -> Container {
    while let [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] = front {
        let len = usize::try_from(crate::gather::number(front, 4, 4)).unwrap_or(usize::MAX);
        front = front.get(len.saturating_add(8)..).unwrap_or_default();
    }
    if front.starts_with(&LZ4) { Container::Lz4 } else { Container::Zstd }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_decide() {
        for (front, container) in [
            (&b"\x1f\x8b\x08\0"[..], Some(Container::Gzip)),
            (b"\x1f\x8b\x07\0", None),
            (b"PK\x03\x04", Some(Container::Zip)),
            (b"PK\x05\x06", Some(Container::Zip)),
            (b"PKZIP", None),
            (b"\x28\xb5\x2f\xfd", Some(Container::Zstd)),
            (b"\x04\x22\x4d\x18", Some(Container::Lz4)),
            (b"\x51\x2a\x4d\x18\x02\0\0\0ab\x04\x22\x4d\x18", Some(Container::Lz4)),
            (b"\x51\x2a\x4d\x18\xff\xff\xff\xff", Some(Container::Zstd)),
            (b"VKCS\x01\x01\x01\x00\x04\x22\x4d\x18", Some(Container::ValkeyEnvelope)),
            (b"VCS\x01\x01\x00\x00\x04\x22\x4d\x18", Some(Container::ValkeyEnvelope)),
            (b"VCS is a version control system", None),
            (b"$EOF:0123456789012345678901234567890123456789\r\nREDIS", Some(Container::Capture)),
            (b"$EOF:0123", None),
            (b"$5\r\nREDIS0011", Some(Container::Capture)),
            (
                b"+FULLRESYNC 0123456789012345678901234567890123456789 14\r\n$9\r\nREDIS0011",
                Some(Container::Capture),
            ),
            (b"\n\n$9\r\nVALKEY080", Some(Container::Capture)),
            // A tape that lost its first line is no capture.
            (b"$3\r\nSET\r\n$1\r\nk\r\n", None),
            (b"REDIS0011", None),
            (b"*1\r\n", None),
            (b"", None),
        ] {
            assert_eq!(recognise(front), container, "{}", front.escape_ascii());
        }
    }
}
