//! How fast was written, how much at once, and how much for nothing.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// The second with the most commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct BusySecond {
    /// Which one, Unix seconds.
    pub time_s: i64,
    /// Commands in it.
    pub commands: u64,
    /// Path of the file its first command stands in.
    pub file: String,
    /// Offset of that command.
    pub offset: u64,
}

/// A stretch of time in which nothing was written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TimeGap {
    /// The `#TS:` before it, Unix seconds.
    pub from_s: i64,
    /// The `#TS:` that ends it.
    pub to_s: i64,
    /// Path of the file of the one that ends it.
    pub file: String,
    /// Offset of that line.
    pub offset: u64,
}

/// Writes per second. Commands before the first `#TS:` do not count.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct WriteRate {
    /// Commands behind the first `#TS:`.
    pub commands: u64,
    /// Seconds from the earliest `#TS:` to the latest, both included.
    pub seconds: u64,
    /// The busiest second; of several the first.
    pub busiest: Option<BusySecond>,
    /// The longest gaps of at least [`WriteRate::LEAST_GAP_S`], longest first; at most [`super::Tape::MAX_GAPS`].
    pub gaps: Vec<TimeGap>,
    /// How often a `#TS:` lies before the one in front of it: the clock was set back, or files are in a wrong order.
    pub backwards: u64,
}

impl WriteRate {
    /// From so many seconds on silence is a gap.
    pub const LEAST_GAP_S: u64 = 2;

    /// Commands per second on average.
    pub fn mean(&self) -> f64 {
        if self.seconds == 0 { 0.0 } else { self.commands as f64 / self.seconds as f64 }
    }
}

/// A MULTI ... EXEC block with many commands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct LargeTransaction {
    /// Path of the file.
    pub file: String,
    /// Offset of its MULTI.
    pub offset: u64,
    /// Offset behind its EXEC.
    pub end: u64,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Commands between MULTI and EXEC.
    pub commands: u64,
}

/// What a rewrite would leave out because later commands made it void: overwritten values, deleted keys. At least so much.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct RewriteSavings {
    /// Commands.
    pub commands: u64,
    /// Their bytes on the tape.
    pub file_bytes: u64,
}
