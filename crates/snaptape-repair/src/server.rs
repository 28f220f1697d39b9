//! What the server does with one file when it starts.

use snaptape_aof::LoaderStop;
use snaptape_report::Role;
use snaptape_wire::Release;

use crate::{
    compat::{causes, sentence},
    facts::FileFacts,
    words::offset,
};

/// The outcome for one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) ending: Ending,
    /// Where the file ends afterwards.
    pub(crate) kept_up_to: u64,
    /// Why, as a part of a sentence.
    pub(crate) why: String,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Loaded.
    Loaded,
    /// Cut, and loaded as far as that: fine for the last file only.
    Cut,
    /// The server exits, or crashes.
    Refused,
}

/// Loads one file; `tolerant` is `aof-load-truncated yes`.
pub(crate) fn load(file: &FileFacts, release: Release, tolerant: bool) -> Outcome {
    let name = file.name();
    let outcome = |ending, kept_up_to, why: String| Outcome { ending, kept_up_to, why };
    let refused = |why: String| outcome(Ending::Refused, file.bytes, why);
    let is_tape = file.role != Role::Rdb;
    let causes = causes(file, release);
    if !causes.is_empty() {
        return refused(format!("{} ({name})", sentence(&causes)));
    }
    if file.snapshot.is_some() && is_tape && !release.at_least_redis(4, 0) {
        return refused(format!("{release} does not know tapes that begin with a snapshot ({name})"));
    }
    let Some(tape) = &file.tape else {
        return if file.snapshot.is_some() || (is_tape && file.bytes == 0) {
            outcome(Ending::Loaded, file.bytes, format!("{name} loads"))
        } else if file.bytes == 0 {
            refused(format!("{name} is empty"))
        } else {
            refused(format!("{name} is not a snapshot or a tape"))
        };
    };
    let torn = match &tape.loader.stop {
        LoaderStop::CleanEof => {
            return outcome(Ending::Loaded, file.bytes, format!("{name} loads to its end"));
        }
        LoaderStop::Format(error) => {
            return refused(format!("{name} has a bad format at {}", offset(error.offset())));
        }
        LoaderStop::Abort(error) => {
            return refused(format!("it crashes on the length at {} of {name}", offset(error.offset())));
        }
        LoaderStop::OpenMulti => "inside a MULTI",
        LoaderStop::ShortRead { .. } => "inside a command",
    };
    if !tolerant {
        return refused(format!("{name} ends {torn}, and aof-load-truncated is no"));
    }
    let cut_at = tape.loader.cut_at;
    outcome(Ending::Cut, cut_at, format!("{name} ends {torn} and is cut to {}", offset(cut_at)))
}
