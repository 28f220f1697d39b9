//! How much a parser may hold, whatever the file says.

/// Bounds on what is held in memory at once. The defaults read every file a server can write, except that
/// packed values and keys beyond them are stepped over by their lengths instead of being looked into.
///
/// No number from a file ever sizes an allocation: buffers grow as bytes arrive, up to these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Longest string that is handed out in one piece, stored or unpacked. Longer ones arrive in chunks.
    pub max_inline_bytes: u64,
    /// Longest key name, function library or AUX value, stored or unpacked: these always come in one piece. What is remembered
    /// of all hash templates of a file together has the same bound.
    pub max_name_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // A listpack beyond this is an outlier (servers default to 8 KiB nodes), and a window may hold two.
            max_inline_bytes: 16 << 20,
            // proto-max-bulk-len defaults to 512 MB; a key name anywhere near that is not a key name.
            max_name_bytes: 64 << 20,
        }
    }
}
