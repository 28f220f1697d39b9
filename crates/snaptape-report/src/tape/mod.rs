//! What a tape of commands holds.

mod commands;
mod destructive;
mod keys;
mod place;
mod rate;
#[cfg(test)]
mod tests;
mod timeline;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

pub use self::{
    commands::{CommandPage, CommandRow, ListFrom, ShownArgument, TapePlace},
    destructive::{DestructiveEvent, DestructiveKind, EventFacts, KeyRange},
    keys::{BusyKey, BusyKeys, CommandPattern, CommandPatterns},
    place::{BehindDamage, Checkpoint, PlaceBehind, TapeFile},
    rate::{BusySecond, LargeTransaction, RewriteSavings, TimeGap, WriteRate},
    timeline::{
        Activity, CommandFamily, FamilyCount, OffsetBucket, OffsetTimeline, TimeBucket, TimeTimeline,
    },
};

/// How often one command was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CommandCount {
    /// Its name, upper case.
    pub name: String,
    /// How many.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
}

/// Commands that ran while one database was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct DatabaseCommands {
    /// Database number.
    pub db: u64,
    /// Commands, SELECT itself included in the database it selects.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
}

/// Everything about the commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Tape {
    /// Good commands in all files.
    pub commands: u64,
    /// Bytes of those commands and their annotations.
    pub file_bytes: u64,
    /// By name, most frequent first.
    pub by_name: Vec<CommandCount>,
    /// By database, ascending.
    pub databases: Vec<DatabaseCommands>,
    /// `#` lines.
    pub annotations: u64,
    /// Complete MULTI ... EXEC blocks.
    pub transactions: u64,
    /// First `#TS:`, Unix seconds.
    pub first_time_s: Option<i64>,
    /// Last `#TS:`, Unix seconds.
    pub last_time_s: Option<i64>,
    /// What removes, replaces or swaps many keys: first what empties or swaps databases, then the rest, each in tape order. At most
    /// [`Tape::MAX_EVENTS`] single commands and as many bursts.
    pub destructive: Vec<DestructiveEvent>,
    /// How many there are in all.
    pub destructive_total: u64,
    /// The files with commands, in the order they are loaded; at most [`Tape::MAX_FILES`].
    #[serde(default)]
    pub files: Vec<TapeFile>,
    /// How many more there are.
    #[serde(default)]
    pub more_files: u64,
    /// Commands over the offsets of the files.
    #[serde(default)]
    pub offsets: OffsetTimeline,
    /// Commands over time; absent where there is no `#TS:` line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<TimeTimeline>,
    /// Writes per second; absent where there is no `#TS:` line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<WriteRate>,
    /// By the shape of the names of keys.
    #[serde(default)]
    pub patterns: CommandPatterns,
    /// The keys most is written to.
    #[serde(default)]
    pub busiest: BusyKeys,
    /// Commands between a MULTI and its EXEC, without these two.
    #[serde(default)]
    pub transaction_commands: u64,
    /// The blocks with the most commands, largest first; at most [`Tape::MAX_TRANSACTIONS`].
    #[serde(default)]
    pub largest_transactions: Vec<LargeTransaction>,
    /// Places from which the commands can be read on, in tape order; at most [`Tape::MAX_CHECKPOINTS`].
    #[serde(default)]
    pub checkpoints: Vec<Checkpoint>,
    /// What later commands made void, where that was worked out: a rewrite would leave out at least that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<RewriteSavings>,
}

impl Tape {
    /// What one wants to hear of first: the flush that removed most keys, the last one of several; else databases that changed
    /// places, else the rest by their order. Nothing where all there is are flushes of what was empty and expired keys.
    pub fn worst(&self) -> Option<&DestructiveEvent> {
        self.destructive
            .iter()
            .filter(|event| event.kind != DestructiveKind::ExpiryStorm)
            .filter(|event| !event.keys.is_some_and(|keys| keys.is_none()) || !event.kind.is_flush())
            // Of equal ones the last.
            .max_by_key(|event| {
                let removed = event.keys.map_or(u64::MAX, |keys| keys.max.unwrap_or(u64::MAX));
                match event.kind {
                    DestructiveKind::Flushall | DestructiveKind::Flushdb => (2, removed),
                    DestructiveKind::Swapdb => (1, 0),
                    _ => (0, removed),
                }
            })
    }

    /// How many destructive events of either sort are listed: single commands, and bursts.
    pub const MAX_EVENTS: usize = 100;
    /// How many files are described; commands of later ones count all the same.
    pub const MAX_FILES: usize = 256;
    /// Most buckets of a timeline.
    pub const MAX_BUCKETS: usize = 512;
    /// How many patterns are listed.
    pub const MAX_PATTERNS: usize = 200;
    /// How many of the busiest keys are listed, by commands and by bytes each.
    pub const MAX_BUSIEST: usize = 50;
    /// How many large transactions are listed.
    pub const MAX_TRANSACTIONS: usize = 10;
    /// How many gaps in time are listed.
    pub const MAX_GAPS: usize = 10;
    /// How many checkpoints there are at most.
    pub const MAX_CHECKPOINTS: usize = 2_048;
}
