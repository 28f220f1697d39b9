//! Damage that reading stepped over, and what is left of the snapshot.

use std::ops::Range;

use snaptape_rdb::{Chunk, NearMiss, TextMarks};
use snaptape_report::{Finding, FindingKind, Severity, units};
use snaptape_wire::{Error, ErrorKind};

use super::integrity::excerpt;

/// What can be got out of a snapshot, whole or hurt.
#[derive(Debug, Clone, Default)]
pub struct Recovery {
    /// Damage that was stepped over, or behind which nothing was found, in file order.
    pub holes: Vec<Hole>,
    /// Whole keys behind the first of them.
    pub keys_behind: u64,
    /// Keys the file announces, as far as its announcements could be read; `None` where it has none.
    pub announced_keys: Option<u64>,
    /// A snapshot made of every entry that is whole.
    pub copy: Vec<Chunk>,
    /// The keys it has.
    pub copied_keys: u64,
    /// The damage, where it is so small that the checksum tells what it was.
    pub mending: Option<Mending>,
    /// Does the checksum agree, although the file could not be read to its end?
    pub checksum_agrees: bool,
    /// The RDB version that the copy says and nobody knows: the header is lost.
    pub assumed_version: Option<u16>,
    /// What the damaged bytes show of somebody who took them for text.
    pub text: TextMarks,
}

/// A stretch of a snapshot that cannot be read.
#[derive(Debug, Clone)]
pub struct Hole {
    /// From the start of the damaged entry to where reading goes on, or to the end of the file.
    pub span: Range<u64>,
    /// How it was noticed.
    pub error: Error,
    /// Whole keys before it in the file.
    pub keys_before: u64,
    /// Entries inside it that could be read, but only because the damage was mistaken for entries.
    pub doubtful_keys: u64,
    /// The last good key before it, its first bytes.
    pub last_key: Option<Vec<u8>>,
    /// What follows; `None` where nothing was found.
    pub behind: Option<Behind>,
    /// Changes of one bit that would make the damaged entry whole.
    pub near_misses: Vec<NearMiss>,
    /// What is known of it besides, a sentence.
    pub note: Option<String>,
    /// Zero bytes in it: a block that was never written.
    pub zeros: Option<Range<u64>>,
}

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The database the keys were put into.
    pub db: u64,
    /// Is it certainly theirs? Not where a SELECTDB may be lost.
    pub certain: bool,
    /// The first good key, its first bytes.
    pub first_key: Option<Vec<u8>>,
}

/// Damage of a few neighbouring bytes that the checksum gives away: with these bytes changed back, it agrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mending {
    /// Offset of the first one.
    pub start: u64,
    /// What stands there.
    pub bytes: Vec<u8>,
    /// What stood there when the checksum was computed.
    pub instead: Vec<u8>,
}

/// Most holes that become findings of their own.
const MAX_FINDINGS: usize = 20;

impl Recovery {
    /// What a reader should know of the damage, besides the error it led to.
    pub(super) fn findings(&self, file: &str) -> Vec<Finding> {
        let mut findings: Vec<Finding> =
            self.holes.iter().take(MAX_FINDINGS).map(|hole| hole.finding(file)).collect();
        let finding = |severity, kind, span: &Range<u64>, message| {
            let (start, end) = (span.start, span.end);
            Finding { severity, kind, file: file.into(), start, end, message }
        };
        if let Some(rest) = self.holes.get(MAX_FINDINGS..).filter(|rest| !rest.is_empty()) {
            let bytes: u64 = rest.iter().map(|hole| hole.span.end - hole.span.start).sum();
            let message = format!(
                "{} more with {} are not listed one by one.",
                units::plural(rest.len() as u64, "damaged place", "damaged places"),
                units::bytes(bytes)
            );
            findings.push(finding(Severity::Error, FindingKind::Malformed, &rest[0].span, message));
        }
        if let Some(mending) = &self.mending {
            let span = mending.start..mending.start + mending.bytes.len() as u64;
            let message = format!(
                "The checksum tells what is wrong: at offset {} stands {}, and it was {} when the file was written. With \
                 that put back the whole file agrees with its checksum; the plan \"mend\" does it and loses nothing.",
                units::offset(mending.start),
                hex(&mending.bytes),
                hex(&mending.instead)
            );
            findings.push(finding(Severity::Info, FindingKind::Mendable, &span, message));
        }
        if let Some(message) = self.taken_for_text() {
            let span = 0..self.holes.last().map_or(0, |hole| hole.span.end);
            findings.push(finding(Severity::Error, FindingKind::Malformed, &span, message.into()));
        }
        if self.checksum_agrees {
            let span = self.holes.first().map_or(0..0, |hole| hole.span.clone());
            let message = "The checksum over the whole file agrees: these are the bytes the writer wrote. What cannot be read is a part \
                           of the format that is not known here, or the writer made a mistake."
                .into();
            findings.push(finding(Severity::Info, FindingKind::Unsupported, &span, message));
        }
        findings
    }
}

impl Recovery {
    /// Has somebody taken the file for text? In a sentence.
    fn taken_for_text(&self) -> Option<&'static str> {
        /// So few may be an accident.
        const MIN_MARKS: u64 = 8;
        let TextMarks { line_feeds, after_return, replacements, not_utf8, .. } = self.text;
        if self.holes.is_empty() {
            return None;
        }
        if replacements >= MIN_MARKS && replacements > not_utf8.saturating_mul(16) {
            return Some(
                "Everything in the file that is no text has become U+FFFD (ef bf bd): a program decoded it as UTF-8 and wrote it \
                 again. What stood there is gone for good: fetch the original again, as it is, in binary mode.",
            );
        }
        (line_feeds >= MIN_MARKS && after_return == line_feeds).then_some(
            "A carriage return stands before every line feed: the file was transferred in text mode, which inserts one wherever a \
             byte happens to be 0a. What is salvaged is a makeshift: fetch the original again in binary mode.",
        )
    }
}

impl Hole {
    pub(super) fn new(span: Range<u64>, error: Error) -> Self {
        Self {
            span,
            error,
            keys_before: 0,
            doubtful_keys: 0,
            last_key: None,
            behind: None,
            near_misses: Vec::new(),
            note: None,
            zeros: None,
        }
    }

    fn finding(&self, file: &str) -> Finding {
        let mut message = what_failed(&self.error, self.keys_before);
        let mut add = |sentence: String| {
            message.push(' ');
            message.push_str(&sentence);
        };
        if self.doubtful_keys > 0 {
            add(format!(
                "{} before it could be read but look like a part of the damage.",
                units::plural(self.doubtful_keys, "entry", "entries")
            ));
        }
        if let Some(note) = &self.note {
            add(note.clone());
        }
        if let Some(zeros) = &self.zeros {
            add(format!(
                "{} in a row from offset {} on belong to a block that was never written, or was wiped.",
                units::plural(zeros.end - zeros.start, "zero byte", "zero bytes"),
                units::offset(zeros.start)
            ));
        }
        let bytes = units::plural(self.span.end - self.span.start, "byte", "bytes");
        let from = format!("from offset {}", units::offset(self.span.start));
        match &self.behind {
            Some(behind) => {
                let key = behind.first_key.as_ref().map_or_else(
                    || "the end of the snapshot".into(),
                    |key| format!("key \"{}\"", excerpt(key)),
                );
                let database = match (&behind.first_key, behind.certain) {
                    (None, _) => String::new(),
                    (Some(_), true) => format!(" of database {}", behind.db),
                    (Some(_), false) => {
                        format!(" (database {} is a guess: a SELECTDB may be lost)", behind.db)
                    }
                };
                let before = match &self.last_key {
                    Some(name) => format!(" behind key \"{}\"", excerpt(name)),
                    None => String::new(),
                };
                add(format!(
                    "{bytes} {from}{before} are stepped over; reading goes on at offset {} with {key}{database}.",
                    units::offset(self.span.end)
                ));
            }
            None if matches!(self.error.kind(), ErrorKind::UnexpectedEnd { .. }) => {}
            None if self.span.start == 0 => {}
            None => add(format!("Nothing that can be read follows: {bytes} {from} are lost.")),
        }
        for miss in &self.near_misses {
            add(format!(
                "Were the byte at offset {} {:02x} and not {:02x}, the damaged entry would be whole: key \"{}\".",
                units::offset(miss.offset),
                miss.instead,
                miss.byte,
                excerpt(&miss.key)
            ));
        }
        add("The server refuses to load the file.".into());
        let kind = match self.error.kind() {
            ErrorKind::UnexpectedEnd { .. } if self.behind.is_none() => FindingKind::Truncated,
            ErrorKind::BadMagic | ErrorKind::BadVersion { .. } if self.behind.is_none() => {
                FindingKind::NotADump
            }
            ErrorKind::Unsupported { .. } => FindingKind::Unsupported,
            ErrorKind::LimitExceeded { .. } if self.behind.is_none() => FindingKind::LimitReached,
            _ => FindingKind::Malformed,
        };
        let at = self.error.offset();
        // From where it was noticed; damage in the front of an entry may be noticed far behind it.
        let (start, end) = (at.clamp(self.span.start, self.span.end), self.span.end);
        Finding { severity: Severity::Error, kind, file: file.into(), start, end, message }
    }
}

/// What went wrong, where, and how much is good before.
pub(super) fn what_failed(error: &Error, keys_before: u64) -> String {
    let what = match error.kind() {
        ErrorKind::UnexpectedEnd { .. } => "The snapshot is cut off: the file ends".to_owned(),
        ErrorKind::BadMagic => "The first bytes are not those of a snapshot".to_owned(),
        ErrorKind::Unsupported { number, what } => {
            format!("How {what} (number {number}) is stored is not known, and it has no length to step over,")
        }
        ErrorKind::LimitExceeded { .. } => format!("Reading stops at a limit: {}", error.kind()),
        kind => format!("The snapshot is damaged: {kind}"),
    };
    let place = match error.context().map(|context| (context, context.split_once("what follows "))) {
        Some((_, Some(("", key)))) => format!(", behind {key}"),
        Some((_, Some((within, key)))) => format!(" in {}, behind {key}", within.trim_end_matches(" / ")),
        Some((context, None)) => format!(" in {context}"),
        None => String::new(),
    };
    let before = units::plural(keys_before, "whole key stands", "whole keys stand");
    format!("{what} at offset {}{place}. {before} before it.", units::offset(error.offset()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
