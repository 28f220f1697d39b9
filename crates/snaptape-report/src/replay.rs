//! What is left of keys when a tape is replayed.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::KeyName;

/// How many keys a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct DatabaseKeys {
    /// Database number.
    pub db: u64,
    /// At least so many keys; those whose expiry has passed are counted, as a server counts them while it loads.
    pub keys_min: u64,
    /// At most so many; the same number where it is known exactly.
    pub keys_max: u64,
    /// Were there too many keys to follow each, or some whose names are not known? Then the figures are no bounds, but close.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub estimated: bool,
}

/// A database after the last command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct DatabaseState {
    /// Its keys.
    #[serde(flatten)]
    pub keys: DatabaseKeys,
    /// At least so many of them have an expiry.
    pub expires_min: u64,
    /// At most so many.
    pub expires_max: u64,
}

/// Keys of one type after the last command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TypeKeys {
    /// The word TYPE answers; `module`, or `unknown` where a command nobody can replay wrote the key.
    #[serde(rename = "type")]
    pub type_name: String,
    /// At least so many.
    pub keys_min: u64,
    /// At most so many.
    pub keys_max: u64,
}

/// How a command removes keys that hold something.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum RemovalKind {
    /// FLUSHALL or FLUSHDB.
    Flush,
    /// SWAPDB: the keys of both databases change places.
    Swap,
    /// RENAME over a key that is there.
    RenameOver,
    /// COPY ... REPLACE over a key that is there.
    CopyOver,
    /// RESTORE ... REPLACE over a key that is there.
    RestoreOver,
    /// Many DEL or UNLINK commands with nothing but such commands between them.
    DeleteRun,
}

/// A command, or a run of commands, and how many keys it removes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Removal {
    /// How.
    pub kind: RemovalKind,
    /// Path of the file.
    pub file: String,
    /// Offset of the command there; of a run the first.
    pub offset: u64,
    /// The database that was selected.
    pub db: u64,
    /// At least so many keys.
    pub keys_min: u64,
    /// At most so many.
    pub keys_max: u64,
    /// As in [`DatabaseKeys::estimated`].
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub estimated: bool,
}

/// A command that could not have done on its server what it does here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Oddity {
    /// Path of the file.
    pub file: String,
    /// Offset of the command there.
    pub offset: u64,
    /// The command, upper case.
    pub command: String,
    /// The database that was selected.
    pub db: u64,
    /// The front of the key's name.
    #[serde(flatten)]
    pub key: KeyName,
}

/// Commands of that kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Oddities {
    /// How many commands; where keys are sampled, those on the keys that are followed.
    pub commands: u64,
    /// How many of them are DEL or UNLINK.
    pub deletions: u64,
    /// The first ones, in the order of loading; at most [`Replay::MAX_EXAMPLES`].
    pub first: Vec<Oddity>,
}

/// A tape replayed as far as keys are concerned: which are there, and what type they have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Replay {
    /// Databases with keys after the last command that the server executes, ascending; at most [`Replay::MAX_DATABASES`].
    pub databases: Vec<DatabaseState>,
    /// The same by type, most frequent first.
    pub types: Vec<TypeKeys>,
    /// Is everything known that the keys are made of? Not where a snapshot in front or a file between could not be read: then what
    /// is odd was not counted from there on.
    pub complete: bool,
    /// One key in so many was followed; 1 for all of them.
    pub one_in: u64,
    /// Commands that later ones made void: what was written to a key that was later removed or overwritten as a whole. A rewrite
    /// leaves out at least these.
    pub void_commands: u64,
    /// Their bytes, and those of keys of the snapshot in front that were removed or overwritten.
    pub void_bytes: u64,
    /// Commands that remove many keys or hidden ones, in the order of loading; at most [`Replay::MAX_REMOVALS`] of each kind.
    pub removals: Vec<Removal>,
    /// How many there are in all.
    pub removals_total: u64,
    /// Commands that fail because the key has another type.
    pub wrong_type: Oddities,
    /// Commands that change nothing, while a server writes down only those that changed something.
    pub no_effect: Oddities,
}

impl Replay {
    /// How many commands are listed as examples.
    pub const MAX_EXAMPLES: usize = 10;
    /// How many removals of each kind are listed.
    pub const MAX_REMOVALS: usize = 100;
    /// How many databases are listed.
    pub const MAX_DATABASES: usize = 10_000;
}
