//! The keys commands name.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::KeyName;

/// Commands that name keys of one shape. A command with several keys counts once for each, its bytes in equal parts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CommandPattern {
    /// The shape, identifiers folded: `user:{int}:profile`.
    pub pattern: String,
    /// How often a key of this shape is named.
    pub commands: u64,
    /// Bytes on the tape.
    pub file_bytes: u64,
}

/// Commands by the shape of the names of their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CommandPatterns {
    /// Most bytes first; at most [`super::Tape::MAX_PATTERNS`].
    pub listed: Vec<CommandPattern>,
    /// How many patterns are not listed.
    pub other_patterns: u64,
    /// How often their keys are named.
    pub other_commands: u64,
    /// Bytes of that.
    pub other_file_bytes: u64,
    /// Places where different words are counted together as `{word}`, because there are too many of them.
    pub folded_words: u64,
    /// Places below which everything is counted together as `{rest}`, because the budget of nodes does not reach further.
    pub cut: u64,
}

/// A key that is written to often.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct BusyKey {
    /// Database number.
    pub db: u64,
    /// Its name, as `key` or `key_base64`, cut at 512 bytes.
    #[serde(flatten)]
    pub name: KeyName,
    /// Length of its name.
    pub name_bytes: u64,
    /// Commands that name it: at least so many.
    pub commands: u64,
    /// Their bytes on the tape: at least so many. Of a command with several keys, its part.
    pub file_bytes: u64,
    /// At most so many commands more, counted before the key was kept; 0: `commands` is exact.
    #[serde(default)]
    pub missed_commands: u64,
    /// At most so many bytes more; 0: `file_bytes` is exact.
    #[serde(default)]
    pub missed_file_bytes: u64,
}

/// The keys most is written to. Of tapes with very many keys only the ones that stand out are kept while reading.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct BusyKeys {
    /// Most commands first; at most [`super::Tape::MAX_BUSIEST`].
    pub by_commands: Vec<BusyKey>,
    /// Most bytes first; at most [`super::Tape::MAX_BUSIEST`].
    pub by_file_bytes: Vec<BusyKey>,
    /// A key that was let go is named by at most so many commands; 0: every key was kept, and the lists are exact.
    pub missed_commands: u64,
    /// A key that was let go has at most so many bytes.
    pub missed_file_bytes: u64,
}
