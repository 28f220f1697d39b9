//! Which commands a list holds.

use core::ops::Range;

use snaptape_analysis::{destructive_kind, glob_fits};
use snaptape_aof::{Command, commands};

/// Which commands a list holds: those to which everything applies that is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CommandFilter {
    /// These commands, in whatever case; all where there are none.
    pub names: Vec<String>,
    /// One of the keys fits this pattern, as for KEYS. Of long names the first 512 bytes are looked at.
    pub key: Option<String>,
    /// Run in this database; SELECT belongs to the one it selects.
    pub db: Option<u64>,
    /// These bytes stand in the name or in an argument. Of long arguments the first 512 bytes are looked at.
    pub text: Option<Vec<u8>>,
    /// They begin at these offsets of their file.
    pub offsets: Option<Range<u64>>,
    /// The last `#TS:` before them lies in this range, Unix seconds.
    pub times_s: Option<Range<i64>>,
    /// They empty or swap databases.
    pub only_destructive: bool,
    /// They change the dataset: not SELECT, MULTI, EXEC.
    pub only_writes: bool,
}

impl CommandFilter {
    pub(super) fn takes(&self, command: &Command<'_>, db: Option<u64>, time_s: Option<i64>) -> bool {
        let name = command.name();
        (self.names.is_empty() || self.names.iter().any(|wanted| name.eq_ignore_ascii_case(wanted.as_bytes())))
            && self.db.is_none_or(|wanted| Some(wanted) == db)
            && self.offsets.as_ref().is_none_or(|offsets| offsets.contains(&command.span.start))
            && self.times_s.as_ref().is_none_or(|times| time_s.is_some_and(|time| times.contains(&time)))
            && (!self.only_destructive || destructive_kind(name).is_some())
            // What nobody knows may write.
            && (!self.only_writes || commands::find(name).is_none_or(commands::CommandSpec::is_write))
            && self.key.as_ref().is_none_or(|pattern| has_key(command, pattern.as_bytes()))
            && self.text.as_ref().is_none_or(|text| has_text(command, text))
    }
}

impl CommandFilter {
    /// Does the list hold bytes that cannot be read? Where commands are chosen by what they say, it does not.
    pub(super) fn takes_damage(&self, span: &Range<u64>) -> bool {
        let by_offsets = Self { offsets: self.offsets.clone(), ..Self::default() };
        let overlaps = |offsets: &Range<u64>| span.start < offsets.end && offsets.start < span.end;
        *self == by_offsets && self.offsets.as_ref().is_none_or(overlaps)
    }
}

fn has_key(command: &Command<'_>, pattern: &[u8]) -> bool {
    match commands::find(command.name()) {
        Some(spec) => spec.keys(command).any(|key| glob_fits(pattern, key.bytes)),
        None => command.argument(1).is_some_and(|key| glob_fits(pattern, key.bytes)),
    }
}

fn has_text(command: &Command<'_>, text: &[u8]) -> bool {
    text.is_empty()
        || command.arguments().any(|argument| {
            let mut rest = argument.bytes;
            // The first byte is looked for by itself: most arguments do not have it.
            while let Some(at) = rest.iter().position(|byte| Some(byte) == text.first()) {
                rest = rest.get(at..).unwrap_or_default();
                if rest.starts_with(text) {
                    return true;
                }
                rest = rest.get(1..).unwrap_or_default();
            }
            false
        })
}
