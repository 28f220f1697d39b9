//! What the server does with one file when it starts.

use snaptape_aof::LoaderStop;
use snaptape_report::Role;
use snaptape_wire::Release;

use crate::{
    facts::FileFacts,
    meaning::{refusal, refusal_words},
    whole,
    words::{offset, release_name},
};

/// How a server is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Settings {
    /// `aof-load-truncated`.
    pub(crate) truncated: bool,
    /// `aof-load-corrupt-tail-max-size`, bytes.
    pub(crate) corrupt_tail: u64,
    /// Does it look at names and words? Every server does.
    pub(crate) names: bool,
}

impl Settings {
    /// As it comes.
    pub(crate) const DEFAULT: Self = Self { truncated: true, corrupt_tail: 0, names: true };
    /// With `aof-load-truncated no`.
    pub(crate) const STRICT: Self = Self { truncated: false, corrupt_tail: 0, names: true };
    /// With everything that makes it start.
    pub(crate) const LENIENT: Self = Self { truncated: true, corrupt_tail: u64::MAX, names: true };
    /// As if every name were known: for what is the same in all releases.
    pub(crate) const FRAMING: Self = Self { truncated: true, corrupt_tail: 0, names: false };
}

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

/// Loads one file.
pub(crate) fn load(file: &FileFacts, release: Release, settings: Settings) -> Outcome {
    let name = file.name();
    let outcome = |ending, kept_up_to, why: String| Outcome { ending, kept_up_to, why };
    let refused = |why: String| outcome(Ending::Refused, file.bytes, why);
    let is_tape = file.role != Role::Rdb;
    let (loads, why) = whole::load(file, release);
    if !loads {
        return refused(why);
    }
    if file.snapshot.is_some() && is_tape && !release.at_least_redis(4, 0) {
        return refused(format!(
            "{} does not know tapes that begin with a snapshot ({name})",
            release_name(release)
        ));
    }
    let Some(tape) = &file.tape else {
        return if file.snapshot.is_some() || (is_tape && file.bytes == 0) {
            outcome(Ending::Loaded, file.bytes, why)
        } else if file.bytes == 0 {
            refused(format!("{name} is empty"))
        } else {
            refused(format!("{name} is not a snapshot or a tape"))
        };
    };
    // Names and words are looked at on the way: before the loader gets to where the framing ends.
    if settings.names
        && let Some(refusal) = refusal(file, release)
    {
        return refused(refusal_words(&refusal, file));
    }
    let cut_at = tape.loader.cut_at;
    let torn = match &tape.loader.stop {
        LoaderStop::CleanEof => {
            return outcome(Ending::Loaded, file.bytes, format!("{name} loads to its end"));
        }
        // Source: redis pull requests 14058 and 14349, released with 8.4.
        LoaderStop::Format(error) if file.bytes - cut_at.min(file.bytes) < settings.corrupt_tail => {
            let at = offset(error.offset());
            let why = format!("{name} has a bad format at {at} and is cut to {}", offset(cut_at));
            return outcome(Ending::Cut, cut_at, why);
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
    if !settings.truncated {
        return refused(format!("{name} ends {torn}, and aof-load-truncated is no"));
    }
    outcome(Ending::Cut, cut_at, format!("{name} ends {torn} and is cut to {}", offset(cut_at)))
}
