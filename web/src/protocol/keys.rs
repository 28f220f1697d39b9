//! The table over all keys.

use borsh::{BorshDeserialize, BorshSerialize};
use snaptape_report::PatternOptions;

/// Which keys, in which order.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeysQuery {
    /// Number of the question: a newer one overtakes those before it.
    pub epoch: u64,
    /// The filter line, which can be read.
    pub filter: String,
    /// The order: `-memory`.
    pub sort: String,
}

/// What a table is told. It lives in its worker from [`Self::Open`] on.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum KeysRequest {
    /// Read these files.
    Open {
        /// The time now, Unix milliseconds.
        now_ms: i64,
        /// The release that memory is estimated for.
        target: Option<String>,
        /// The allocator that is assumed.
        allocator: Option<String>,
        /// How key names are put into groups.
        patterns: PatternOptions,
        /// What the rows may take; as usual where there is nothing.
        budget_bytes: Option<u64>,
        /// What to show first.
        query: KeysQuery,
    },
    /// Show something else.
    Ask(KeysQuery),
    /// The rows at these places.
    Rows {
        /// Of this question.
        epoch: u64,
        /// The first place.
        from: u64,
        /// How many at most.
        most: u64,
    },
    /// Stop reading (or go on): what was read so far stays.
    Pause(bool),
    /// Write rows into a file.
    Export {
        /// Comma-separated, not JSON lines?
        csv: bool,
        /// At these places, ends included; all that match where there are none.
        places: Vec<(u64, u64)>,
    },
    /// What stands beside a key.
    Beside {
        /// For this question.
        epoch: u64,
        /// Number of its file among the sources.
        file: u32,
        /// Its offset.
        offset: u64,
        /// Its place in the table, if it is there.
        place: u64,
    },
    /// The names at these places, one a line.
    Names {
        /// Places, ends included.
        places: Vec<(u64, u64)>,
    },
}

/// Sums over keys.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Sums {
    /// How many.
    pub keys: u64,
    /// Their estimated memory.
    pub memory_bytes: u64,
    /// Their bytes in the files.
    pub file_bytes: u64,
    /// Their payload.
    pub payload_bytes: u64,
}

/// What a table is doing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum KeysStage {
    /// Reading the files.
    #[default]
    Reading,
    /// Nothing, because it was told to stop reading.
    Paused,
    /// Looking through the rows.
    Filtering,
    /// Putting them in order.
    Sorting,
    /// Nothing: everything is there.
    Done,
}

/// What a table knows by now.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeysStatus {
    /// The question it is about.
    pub epoch: u64,
    /// What it is doing.
    pub stage: KeysStage,
    /// Bytes that were read.
    pub done_bytes: u64,
    /// Bytes to read.
    pub total_bytes: u64,
    /// Keys that were read.
    pub seen: Sums,
    /// Those that match.
    pub found: Sums,
    /// Places that have a row.
    pub ready: u64,
    /// Are there, or will there be, rows of all that match?
    pub holds_all: bool,
    /// Is every question a walk over the files, because not all rows fit?
    pub is_search: bool,
    /// Bytes that rows and order take.
    pub held_bytes: u64,
    /// How long the question took so far, reading apart where that was done before.
    pub elapsed_ms: u64,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct KeyLine {
    /// Number of its file among the sources.
    pub file: u32,
    /// Offset in the contents of that file.
    pub offset: u64,
    /// Database.
    pub db: u64,
    /// The name as it is shown.
    pub name: String,
    /// Type.
    pub type_name: String,
    /// Encoding.
    pub encoding: String,
    /// Elements, where they are known.
    pub elements: Option<u64>,
    /// Expiry, Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// Bytes in the file.
    pub file_bytes: u64,
    /// Payload.
    pub payload_bytes: u64,
    /// Estimated memory.
    pub memory_bytes: u64,
    /// Seconds since its last access, where the file says.
    pub idle_s: Option<u64>,
    /// LFU counter, where the file says.
    pub freq: Option<u8>,
    /// Hash slot.
    pub slot: u16,
}

/// The keys beside another one, each with its place.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Beside {
    /// Are they places of the table? Otherwise the keys are counted as they stand in the files.
    pub in_table: bool,
    /// The one before it.
    pub previous: Option<(u64, KeyLine)>,
    /// The one behind it.
    pub next: Option<(u64, KeyLine)>,
}

/// What a table says.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum KeysAnswer {
    /// How it stands.
    Status(KeysStatus),
    /// Rows.
    Rows {
        /// Of this question.
        epoch: u64,
        /// The first place.
        from: u64,
        /// The rows.
        rows: Vec<KeyLine>,
    },
    /// The question cannot be asked.
    Wrong {
        /// Its number.
        epoch: u64,
        /// Why.
        message: String,
    },
    /// An export is under way, or done: then the file is beside this.
    Exported {
        /// Rows that were written.
        rows: u64,
        /// Bytes of the file.
        bytes: u64,
        /// Comma-separated?
        csv: bool,
    },
    /// What stands beside a key; nothing where the table has no rows for it.
    Beside {
        /// For this question.
        epoch: u64,
        /// Offset of the key.
        offset: u64,
        /// What there is.
        beside: Option<Box<Beside>>,
    },
    /// The names that were asked for, one a line.
    Names {
        /// The lines.
        text: String,
        /// How many.
        names: u64,
    },
    /// Heard.
    Heard,
}
