//! Where commands stand.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// The commands of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TapeFile {
    /// Path of the file.
    pub file: String,
    /// Offset of its first good command or annotation: behind the snapshot, where it begins with one.
    pub start: u64,
    /// Offset behind its last good command or annotation.
    pub end: u64,
    /// Good commands in it.
    pub commands: u64,
    /// Commands in the files before it.
    pub commands_before: u64,
    /// Bytes of its commands and annotations.
    pub file_bytes: u64,
    /// Its first `#TS:`, Unix seconds.
    pub first_time_s: Option<i64>,
    /// Its last `#TS:`, Unix seconds.
    pub last_time_s: Option<i64>,
    /// What stands behind [`Self::end`], where that is not the end of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<BehindDamage>,
}

/// The rest of a file, behind its first damage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct BehindDamage {
    /// Where the file ends.
    pub end: u64,
    /// Whole commands in it.
    pub commands: u64,
    /// Places from which it can be read on, in order; at most [`Self::MAX_PLACES`].
    pub places: Vec<PlaceBehind>,
}

impl BehindDamage {
    /// How many places there are at most.
    pub const MAX_PLACES: usize = 512;
}

/// A command behind damage, from which the tape can be read on.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct PlaceBehind {
    /// Where it begins.
    pub offset: u64,
    /// The database selected before it, where that is certain.
    pub db: Option<u64>,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Does it stand in a MULTI ... EXEC block?
    #[serde(default)]
    pub in_multi: bool,
}

/// A place between two commands, outside MULTI, from which the tape can be read on.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct Checkpoint {
    /// Index into [`super::Tape::files`].
    pub file: u32,
    /// Offset of the command that follows.
    pub offset: u64,
    /// Its number in the whole set, counted from 0.
    pub command: u64,
    /// The database selected before it.
    pub db: u64,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
}
