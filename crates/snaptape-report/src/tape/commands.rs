//! The commands themselves, page by page.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use super::DestructiveKind;

/// An argument as it is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ShownArgument {
    /// Its length in the file.
    pub len_bytes: u64,
    /// Its front: UTF-8 stays, control characters and everything else become `\xHH`.
    pub text: String,
    /// Is there more of it than is shown?
    #[serde(default)]
    pub cut: bool,
}

/// One command of a tape, or bytes between two of them that are none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CommandRow {
    /// Path of the file.
    pub file: String,
    /// Offset of its first byte.
    pub offset: u64,
    /// Offset behind its last byte.
    pub end: u64,
    /// Its number in the whole set, counted from 0; absent behind damage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<u64>,
    /// The database selected (of SELECT: the one it selects); absent where nothing tells, behind damage.
    pub db: Option<u64>,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Its name, upper case, escaped like arguments.
    pub name: String,
    /// Its arguments without the name; at most [`CommandRow::MAX_ARGUMENTS`].
    pub arguments: Vec<ShownArgument>,
    /// How many there are, without the name.
    pub argument_count: u64,
    /// Does it stand in a MULTI ... EXEC block, both included?
    #[serde(default)]
    pub in_multi: bool,
    /// Does it stand behind the first damage of its file? Then no server reads it as the file is.
    #[serde(default)]
    pub behind_damage: bool,
    /// No command, but so many bytes that cannot be read, from `offset` to `end`; then there is no name, and no number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unreadable_bytes: Option<u64>,
    /// Does it empty or swap databases?
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destructive: Option<DestructiveKind>,
}

impl CommandRow {
    /// How many arguments are shown.
    pub const MAX_ARGUMENTS: usize = 32;
    /// How many bytes of each.
    pub const MAX_ARGUMENT_BYTES: usize = 128;
}

/// A place in a set of tapes, before a command outside MULTI. What is known of it is handed back as it was given.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TapePlace {
    /// Path of the file.
    pub file: String,
    /// Offset of the first byte to be read: of a command, an annotation, or the end of the good ones.
    pub offset: u64,
    /// Number of the command that follows, counted from 0.
    pub number: u64,
    /// The database selected.
    pub db: u64,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Commands that follow it and were shown already: the page before ended inside a MULTI block.
    #[serde(default)]
    pub skip: u64,
    /// Does it stand behind the damage of its file? Then it may stand anywhere between two rows.
    #[serde(default)]
    pub behind_damage: bool,
    /// Behind damage: may another database be selected?
    #[serde(default)]
    pub db_unknown: bool,
    /// Behind damage: does it stand in a MULTI ... EXEC block?
    #[serde(default)]
    pub in_multi: bool,
}

/// Where a list of commands begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListFrom {
    /// At the first command of the set.
    Start,
    /// Where a page before it ended.
    Place(TapePlace),
    /// At the first command that begins at this offset of a file, or behind it.
    Offset {
        /// Path of the file.
        file: String,
        /// Offset in it.
        offset: u64,
    },
    /// At the first command at or behind the first `#TS:` of this time or later, Unix seconds.
    Time {
        /// The time.
        time_s: i64,
    },
    /// At the command of this number in the whole set, counted from 0.
    Number {
        /// The number.
        number: u64,
    },
}

/// Rows of a list of commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct CommandPage {
    /// The rows, in tape order.
    pub rows: Vec<CommandRow>,
    /// Where the next page begins; absent at the end of the tape.
    pub next: Option<TapePlace>,
    /// Commands looked at for this page, from its first on.
    pub commands_read: u64,
    /// How many of them match, and of the places that cannot be read: the rows, and what was counted behind them.
    pub matches: u64,
    /// Was counted to the end of the tape?
    pub counted_to_end: bool,
    /// Why it ends before the end of the tape, where it does not end because it is full: a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}
