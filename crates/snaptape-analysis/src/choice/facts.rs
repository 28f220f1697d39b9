//! What was found of what somebody chose.

use core::ops::Range;

use snaptape_report::{CommandPlace, KeyRange};

use super::keys::Aftermath;

/// A command, as sentences speak of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name, upper case; `#TS` for a line with a time.
    pub name: String,
    /// Path of its file.
    pub file: String,
    /// Its bytes there.
    pub span: Range<u64>,
    /// The database selected.
    pub db: u64,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
}

/// Where the plan `before` stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cut {
    /// The first byte that is left out, a MULTI's where the point lies inside its block.
    pub at: u64,
    /// What stands at the point.
    pub item: Named,
    /// The offset that was asked for; nothing where a time was, or nothing.
    pub asked: Option<u64>,
    /// Commands before it in its file.
    pub commands_before: u64,
    /// Is there anything before it that makes a key?
    pub data_before: bool,
    /// Keys that are there at the point, where a replay knows.
    pub held: Option<KeyRange>,
    /// The last flush before it, where that was written in the very second that was asked for.
    pub flushed_then: Option<Named>,
}

/// A command, or a whole transaction, that the plan `without` takes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// What was chosen in it, the first one.
    pub item: Named,
    /// What goes: the command, or all of its MULTI ... EXEC.
    pub span: Range<u64>,
    /// Is it a whole transaction?
    pub transaction: bool,
    /// Commands in it.
    pub commands: u64,
    /// The database that must be selected in its place, so that what follows stays in the database it was written for.
    pub select: Option<u64>,
}

/// Why something that was chosen cannot be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// It says in which database the commands behind it go.
    Select(Named),
    /// The place is inside this command, not at its start.
    Inside {
        /// What was asked for.
        asked: u64,
        /// The command, or line.
        item: Named,
    },
    /// A line with a time, which changes nothing.
    Annotation(Named),
}

/// What was found in one pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChoiceFacts {
    /// Where `before` stops.
    pub cut: Option<Cut>,
    /// What `without` takes out, in load order.
    pub taken: Vec<Taken>,
    /// What cannot be taken out.
    pub refusals: Vec<Refusal>,
    /// Places in which nothing was found.
    pub missed: Vec<CommandPlace>,
    /// The paths of files in which a place was found that names no file.
    pub found_in: Vec<String>,
    /// Where nothing was chosen: other commands that emptied databases, the first of them.
    pub others: Vec<Named>,
    /// How many.
    pub others_total: u64,
    /// A command behind what is taken out that empties the same databases again.
    pub emptied_again: Option<Named>,
    /// What happens to keys behind the point.
    pub aftermath: Aftermath,
    /// The first `#TS:` of all, Unix seconds.
    pub first_time_s: Option<i64>,
    /// The last one.
    pub last_time_s: Option<i64>,
}

impl ChoiceFacts {
    /// How many others are listed.
    pub const MAX_OTHERS: usize = 10;
}
