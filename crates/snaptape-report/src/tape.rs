//! What a tape of commands holds.

use serde::{Deserialize, Serialize};

/// How often one command was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandCount {
    /// Its name, upper case.
    pub name: String,
    /// How many.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
}

/// Commands that ran while one database was selected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseCommands {
    /// Database number.
    pub db: u64,
    /// Commands, SELECT itself included in the database it selects.
    pub commands: u64,
    /// Bytes they take on the tape.
    pub file_bytes: u64,
}

/// A command that removes or swaps whole databases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DestructiveEvent {
    /// The command, upper case: `FLUSHALL`, `FLUSHDB`, `SWAPDB`.
    pub name: String,
    /// Path of the file.
    pub file: String,
    /// Offset of its first byte there.
    pub offset: u64,
    /// The database selected.
    pub db: u64,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Commands before it in the whole set.
    pub commands_before: u64,
    /// Good commands after it in the whole set.
    pub commands_after: u64,
}

/// Everything about the commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Commands that empty databases, in tape order; at most [`Tape::MAX_EVENTS`].
    pub destructive: Vec<DestructiveEvent>,
    /// How many there are in all.
    pub destructive_total: u64,
}

impl Tape {
    /// How many destructive events are listed.
    pub const MAX_EVENTS: usize = 100;
}
