//! The result: stretches of a tape in order, and what they amount to.

use alloc::vec::Vec;
use core::ops::Range;

use super::{frame::LineEnds, mend::Mend};

/// Why bytes are left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum DropReason {
    /// Nothing that can be read.
    Unreadable,
    /// Zero bytes, for the most part.
    Zeros,
    /// A command the file ends in.
    Torn,
    /// White space between commands.
    Blank,
    /// A byte order mark.
    ByteOrderMark,
    /// A command without any argument.
    EmptyCommand,
    /// A command the release does not know.
    UnknownCommand,
    /// A command with a number of words the release does not take.
    WrongArity,
    /// An EXEC without a MULTI.
    StrayExec,
    /// A MULTI directly behind a MULTI.
    DoubledMulti,
    /// A transaction without its end.
    TornTransaction,
    /// A transaction that a DISCARD takes back, or a DISCARD without any.
    Discarded,
    /// A command that needs a key or a consumer group whose making is lost: it is certain to fail.
    FailsWithoutLost,
    /// A `#` line the release does not know.
    Annotation,
    /// Bytes that were wrong, and are replaced.
    Replaced(Mend),
    /// There are more places than can be listed.
    BeyondLimit,
}

/// Why bytes are put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum InsertReason {
    /// They must have stood there.
    Mended(Mend),
    /// The EXEC of a transaction that has lost it.
    Exec,
}

/// A part of the result. The spans of consecutive stretches tile the tape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stretch {
    /// Kept as it is.
    Keep(Range<u64>),
    /// Left out.
    Drop(Range<u64>, DropReason),
    /// New bytes.
    Insert(Vec<u8>, InsertReason),
    /// Kept, with the line ends it had.
    Reframe {
        /// Where it stands.
        span: Range<u64>,
        /// What has happened to it.
        from: LineEnds,
        /// How long it is once that is undone.
        new_bytes: u64,
    },
}

/// Commands in one piece, from one hole to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// From the first one to the last one.
    pub span: Range<u64>,
    /// How many are kept.
    pub commands: u64,
    /// Does it begin inside a transaction, as far as that shows?
    pub begins_in_multi: bool,
    /// Does it end inside a transaction?
    pub ends_in_multi: bool,
    /// The database its first command goes to.
    pub db: u64,
    /// Is that certain? Not where a SELECT may be lost before it.
    pub db_certain: bool,
    /// Offset of the first SELECT in it.
    pub first_select: Option<u64>,
}

/// A command behind the first damage, from which the tape can be read on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where it begins.
    pub offset: u64,
    /// The database selected before it, where that is certain.
    pub db: Option<u64>,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Does it stand inside a transaction, as far as that shows?
    pub in_multi: bool,
}

/// Commands whose database cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assumed {
    /// The database that was selected before the first hole, where the first of them go.
    pub db: u64,
    /// Offset of the first of them.
    pub from: u64,
    /// How many commands.
    pub commands: u64,
}

/// A transaction the tape ends in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenBlock {
    /// Offset of its MULTI.
    pub start: u64,
    /// Commands in it, MULTI not counted.
    pub commands: u64,
    /// What to put in place of its [`Stretch::Drop`] to keep it, with an EXEC of its own.
    pub completed: Vec<Stretch>,
}

/// What was found behind the first damage, in the sense of the check tool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Behind {
    /// Whole commands.
    pub commands: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Offset of the first of them.
    pub first: Option<u64>,
    /// Runs of commands without a gap.
    pub runs: u64,
}

/// What can be kept of a tape.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Salvage {
    /// In order; at most [`Self::MAX_STRETCHES`] and a few.
    pub stretches: Vec<Stretch>,
    /// Commands in the result, those put in counted.
    pub commands: u64,
    /// Commands that are left out, as far as they can be recognised.
    pub lost: u64,
    /// First keys of some of those, at most [`Self::MAX_KEYS`].
    pub lost_keys: Vec<Vec<u8>>,
    /// Holes: places where something was that cannot be read.
    pub holes: u64,
    /// Runs of commands between the holes: the first ones, at most [`Self::MAX_RUNS`].
    pub runs: Vec<Run>,
    /// Commands that were mended.
    pub mended: u64,
    /// Commands whose line ends were put right.
    pub reframed: u64,
    /// Commands left out because the release does not know them or their number of words.
    pub refused: u64,
    /// Commands left out because they are certain to fail without what is lost before them.
    pub failing: u64,
    /// Transactions that got an EXEC because another one begins behind them, or a hole lies in them.
    pub closed: u64,
    /// Transactions begun before a crash, left out because the server behind it did not know them either.
    pub abandoned: u64,
    /// EXECs left out because their MULTI is lost.
    pub stray_execs: u64,
    /// MULTIs left out because they stood there twice.
    pub doubled_multis: u64,
    /// Commands whose database cannot be known.
    pub assumed: Option<Assumed>,
    /// A transaction at the end without an EXEC: left out.
    pub open: Option<OpenBlock>,
    /// From here on everything is left out: there are too many holes.
    pub beyond_limit: Option<u64>,
    /// Places behind the first damage, in order, at most [`Self::MAX_PLACES`].
    pub places: Vec<Place>,
}

impl Salvage {
    /// How many stretches are listed. What lies behind that many is left out.
    pub const MAX_STRETCHES: usize = 1 << 16;
    /// How many runs are described.
    pub const MAX_RUNS: usize = 1_000;
    /// How many places behind the damage are remembered.
    pub const MAX_PLACES: usize = 512;
    /// How many keys are named.
    pub const MAX_KEYS: usize = 10;

    /// Is everything kept as it is?
    pub fn changes_nothing(&self) -> bool {
        matches!(self.stretches.as_slice(), [] | [Stretch::Keep(_)])
    }
}

/// Joins two neighbours into the first, if they are of one kind.
pub(super) fn join(first: &mut Stretch, second: &Stretch) -> bool {
    match (first, second) {
        (Stretch::Keep(a), Stretch::Keep(b)) if a.end == b.start => a.end = b.end,
        (Stretch::Drop(a, why), Stretch::Drop(b, reason)) if a.end == b.start && why == reason => {
            a.end = b.end;
        }
        (
            Stretch::Reframe { span, from, new_bytes },
            Stretch::Reframe { span: behind, from: same, new_bytes: more },
        ) if span.end == behind.start && from == same => {
            span.end = behind.end;
            *new_bytes += more;
        }
        _ => return false,
    }
    true
}
