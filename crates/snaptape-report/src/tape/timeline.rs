//! Commands over the offsets of their files, and over time.

use core::fmt;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::DatabaseCommands;

/// A kind of command: by the type of value it writes, or by what it does to keys.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum CommandFamily {
    /// Strings, bitmaps and HyperLogLogs.
    String,
    /// Lists.
    List,
    /// Sets.
    Set,
    /// Sorted sets and geo sets.
    Zset,
    /// Hashes.
    Hash,
    /// Streams.
    Stream,
    /// What gives or takes an expiry alone.
    Expire,
    /// DEL and UNLINK.
    Delete,
    /// FLUSHALL, FLUSHDB, SWAPDB.
    Flush,
    /// Everything else: SELECT, MULTI, RENAME, scripts, modules.
    #[default]
    Other,
}

impl CommandFamily {
    /// All of them, in the order they are shown.
    pub const ALL: [Self; 10] = [
        Self::String,
        Self::List,
        Self::Set,
        Self::Zset,
        Self::Hash,
        Self::Stream,
        Self::Expire,
        Self::Delete,
        Self::Flush,
        Self::Other,
    ];

    /// Its word, as in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::List => "list",
            Self::Set => "set",
            Self::Zset => "zset",
            Self::Hash => "hash",
            Self::Stream => "stream",
            Self::Expire => "expire",
            Self::Delete => "delete",
            Self::Flush => "flush",
            Self::Other => "other",
        }
    }
}

impl fmt::Display for CommandFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Commands of one kind.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct FamilyCount {
    /// Which kind.
    pub family: CommandFamily,
    /// How many.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
}

/// The commands of one stretch. Annotations do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Activity {
    /// How many.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
    /// By kind, in the order of [`CommandFamily::ALL`]; those that are there.
    pub families: Vec<FamilyCount>,
    /// By database, ascending; at most [`Activity::MAX_DATABASES`].
    pub databases: Vec<DatabaseCommands>,
    /// Commands in databases that are not listed.
    pub other_databases_commands: u64,
}

impl Activity {
    /// How many databases are listed: the lowest.
    pub const MAX_DATABASES: usize = 16;

    /// Commands of one kind.
    pub fn family(&self, family: CommandFamily) -> u64 {
        self.families.iter().find(|count| count.family == family).map_or(0, |count| count.commands)
    }
}

/// The commands whose first byte stands in one stretch of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct OffsetBucket {
    /// Index into [`super::Tape::files`]. Commands of all files beyond those listed share one bucket: its index is the number of
    /// files listed.
    pub file: u32,
    /// Where the stretch begins: a multiple of [`OffsetTimeline::width_bytes`].
    pub start: u64,
    /// Its commands.
    #[serde(flatten)]
    pub activity: Activity,
}

/// Commands over the offsets of the files, in tape order. Stretches without commands are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct OffsetTimeline {
    /// How long each stretch is: a power of two, the same in all files.
    pub width_bytes: u64,
    /// The stretches; at most [`super::Tape::MAX_BUCKETS`].
    pub buckets: Vec<OffsetBucket>,
}

/// The commands written in one stretch of time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TimeBucket {
    /// Its first second, Unix time: a multiple of [`TimeTimeline::width_s`].
    pub start_s: i64,
    /// Its commands.
    #[serde(flatten)]
    pub activity: Activity,
}

/// Commands over time, as the `#TS:` line before each says. Stretches without commands are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TimeTimeline {
    /// How long each stretch is: a power of two.
    pub width_s: u64,
    /// The stretches by time; at most [`super::Tape::MAX_BUCKETS`].
    pub buckets: Vec<TimeBucket>,
    /// Commands before the first `#TS:`.
    pub untimed_commands: u64,
}
