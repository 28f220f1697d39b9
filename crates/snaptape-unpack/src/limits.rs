//! How much may be held, whatever the file says.

/// Bounds on what an [`crate::Unpacker`] holds. Formats with fixed windows (deflate 32 KiB, LZ4 4 MiB) need none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest history a zstd frame may refer to. It is held twice over while it grows.
    pub max_window_bytes: u64,
    /// Most containers inside one another.
    pub max_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // What the zstd tool itself opens without being asked to (`--long=27`).
            max_window_bytes: 128 << 20,
            // A dump that somebody packed, stored in an archive that was packed: more is a trap.
            max_depth: 4,
        }
    }
}
