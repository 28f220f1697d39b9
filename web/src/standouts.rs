//! What stands out in a report: at most five sentences, most serious first, each with the view that shows more.

use snaptape_report::{Checksum, Dataset, Severity, Tally, Tape, units};
use snaptape_sort::Sort as _;

use crate::protocol::Answers;
use crate::route::View;
use crate::summary;
use crate::words::{Tone, file_name};

/// How many are shown.
pub const MAX_STANDOUTS: usize = 5;

/// A key is big when it alone is this share of all memory, in per cent.
const BIG_KEY_PERCENT: u64 = 10;
/// A pattern rules when it alone is this share of all memory, in per cent.
const RULING_PATTERN_PERCENT: u64 = 40;
/// Below this many keys, shares say nothing.
const FEW_KEYS: u64 = 20;

/// A piece of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain words.
    Text(String),
    /// A key, a pattern, a command: set in the fixed-width face.
    Code(String),
    /// The figure that matters.
    Figure(String),
}

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standout {
    /// How serious it is.
    pub tone: Tone,
    /// The sentence.
    pub parts: Vec<Part>,
    /// Where to see more.
    pub view: Option<View>,
}

impl Standout {
    fn new(tone: Tone, view: View, parts: Vec<Part>) -> Self {
        Self { tone, parts, view: Some(view) }
    }

    /// The sentence as plain text.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Code(text) | Part::Figure(text) => text.as_str(),
            })
            .collect()
    }
}

fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

fn code(text: impl Into<String>) -> Part {
    Part::Code(text.into())
}

fn figure(text: impl Into<String>) -> Part {
    Part::Figure(text.into())
}

/// The sentences for a report.
pub fn standouts(answers: &Answers) -> Vec<Standout> {
    let report = &answers.report;
    let mut found = Vec::new();
    if let Some(tape) = &report.tape {
        found.extend(destruction(tape));
    }
    found.extend(worst_finding(answers));
    found.extend(checksums(answers));
    if let Some(dataset) = &report.dataset {
        found.extend(biggest_key(dataset));
        found.extend(forgotten_ttls(dataset));
        found.extend(expired(&dataset.totals));
        found.extend(ruling_pattern(dataset));
        found.extend(nothing_expires(&dataset.totals));
    }
    if let Some(tape) = &report.tape {
        found.extend(busiest_command(tape));
    }
    // Stable: within a tone the order above stays.
    found.order_by_key(|standout| match standout.tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        Tone::Note | Tone::Ok => 2,
    });
    found.truncate(MAX_STANDOUTS);
    found
}

fn destruction(tape: &Tape) -> Option<Standout> {
    let event = tape.destructive.first()?;
    let mut parts = vec![code(&event.name)];
    if let Some(time) = event.time_s {
        parts.push(text(format!(" at {}", units::time_s(time))));
    }
    let scope = if event.name == "FLUSHDB" { format!(" of database {}", event.db) } else { String::new() };
    parts.push(text(format!(", byte {} of ", units::count(event.offset))));
    parts.push(code(file_name(&event.file)));
    let what = if event.name == "SWAPDB" { ": databases change places after " } else { ": ends the keys" };
    if event.name == "SWAPDB" {
        parts.push(text(what));
    } else {
        parts.push(text(format!("{what}{scope} that ")));
    }
    parts.push(figure(units::plural(event.commands_before, "command", "commands")));
    let verb = if event.name == "SWAPDB" { "; " } else { " had written; " };
    parts.push(text(verb));
    parts.push(text(format!("{} follow", units::count(event.commands_after))));
    if tape.destructive_total > 1 {
        parts.push(text(format!(
            ", and {} of its kind",
            units::plural(tape.destructive_total - 1, "more command", "more commands")
        )));
    }
    Some(Standout::new(Tone::Bad, View::Tape, parts))
}

/// The worst finding that no other sentence here speaks of.
fn worst_finding(answers: &Answers) -> Option<Standout> {
    use snaptape_report::FindingKind::{ChecksumMismatch, ChecksumNotComputed, DestructiveCommand};
    let finding = answers.report.findings.iter().find(|finding| {
        finding.severity != Severity::Info
            && !matches!(finding.kind, ChecksumMismatch | ChecksumNotComputed | DestructiveCommand)
    })?;
    Some(Standout::new(
        Tone::of_severity(finding.severity),
        View::Integrity,
        vec![text(first_sentence(&finding.message))],
    ))
}

/// The rest is told where the link leads.
fn first_sentence(message: &str) -> &str {
    let end = message.find(". ").unwrap_or(message.len());
    message[..end].trim_end_matches('.')
}

fn checksums(answers: &Answers) -> Option<Standout> {
    summary::loaded(&answers.report.files).find_map(|file| {
        let snapshot = file.snapshot.as_ref()?;
        let (tone, rest) = match &snapshot.checksum {
            Checksum::Mismatch { .. } => {
                (Tone::Bad, ": the stored checksum does not match the bytes, so some of them have changed")
            }
            Checksum::NotComputed => {
                (Tone::Warn, ": saved without a checksum (rdbchecksum no), changed bytes would go unnoticed")
            }
            Checksum::Verified | Checksum::Absent | Checksum::NotReached => return None,
        };
        Some(Standout::new(tone, View::Integrity, vec![code(file_name(&file.name)), text(rest)]))
    })
}

fn biggest_key(dataset: &Dataset) -> Option<Standout> {
    let key = dataset.biggest.first()?;
    let all = dataset.totals.memory_bytes;
    if dataset.totals.keys < 2 || !at_least(key.memory_bytes, all, BIG_KEY_PERCENT) {
        return None;
    }
    let elements = match key.elements {
        Some(n) => format!(" of {}", units::plural(n, element(&key.type_name.0), elements(&key.type_name.0))),
        None => String::new(),
    };
    let tone = if at_least(key.memory_bytes, all, 50) { Tone::Bad } else { Tone::Warn };
    Some(Standout::new(
        tone,
        View::Keys,
        vec![
            code(key.name.display()),
            text(format!(" is one {}{elements}: ", key.type_name)),
            figure(units::bytes(key.memory_bytes)),
            text(format!(", {} of all estimated memory", units::percent(key.memory_bytes, all))),
        ],
    ))
}

fn element(type_name: &str) -> &'static str {
    match type_name {
        "string" => "byte",
        "hash" => "field",
        "set" | "zset" => "member",
        "stream" => "entry",
        _ => "element",
    }
}

fn elements(type_name: &str) -> &'static str {
    match type_name {
        "string" => "bytes",
        "hash" => "fields",
        "set" | "zset" => "members",
        "stream" => "entries",
        _ => "elements",
    }
}

/// A pattern some of whose keys expire and some never do: somebody forgot.
fn forgotten_ttls(dataset: &Dataset) -> Option<Standout> {
    let pattern = dataset
        .patterns
        .iter()
        .filter(|pattern| {
            let tally = &pattern.tally;
            tally.keys >= FEW_KEYS && tally.with_ttl > 0 && tally.without_ttl() > 0
        })
        .max_by_key(|pattern| pattern.tally.without_ttl())?;
    let tally = &pattern.tally;
    Some(Standout::new(
        Tone::Warn,
        View::Patterns,
        vec![
            figure(units::count(tally.without_ttl())),
            text(format!(" of {} ", units::count(tally.keys))),
            code(&pattern.pattern),
            text(" keys never expire, the others do"),
        ],
    ))
}

fn expired(totals: &Tally) -> Option<Standout> {
    let (n, when, then) = if totals.expired_at_save > 0 {
        (totals.expired_at_save, "had expired before the file was saved", "a server drops them as it loads")
    } else if totals.expired_now > 0 {
        (totals.expired_now, "have expired since the file was saved", "a server that loads it now drops them")
    } else {
        return None;
    };
    let mut parts = vec![figure(units::plural(n, "key", "keys")), text(format!(" {when}; {then}"))];
    if totals.expired_at_save > 0 && totals.expired_now > totals.expired_at_save {
        parts.push(text(format!(", and {} more by now", units::count(totals.expired_now - n))));
    }
    Some(Standout::new(Tone::Note, View::Patterns, parts))
}

fn ruling_pattern(dataset: &Dataset) -> Option<Standout> {
    let pattern = dataset.patterns.first()?;
    let all = &dataset.totals;
    // A pattern of one key has been named as the biggest key.
    if pattern.tally.keys < FEW_KEYS
        || dataset.patterns.len() < 2
        || !at_least(pattern.tally.memory_bytes, all.memory_bytes, RULING_PATTERN_PERCENT)
    {
        return None;
    }
    Some(Standout::new(
        Tone::Note,
        View::Patterns,
        vec![
            code(&pattern.pattern),
            text(" holds "),
            figure(units::percent(pattern.tally.memory_bytes, all.memory_bytes)),
            text(format!(" of the memory in {} of the keys", units::percent(pattern.tally.keys, all.keys))),
        ],
    ))
}

fn nothing_expires(totals: &Tally) -> Option<Standout> {
    (totals.keys >= FEW_KEYS && totals.with_ttl == 0).then(|| {
        Standout::new(
            Tone::Note,
            View::Patterns,
            vec![text("None of the "), figure(units::count(totals.keys)), text(" keys ever expires")],
        )
    })
}

fn busiest_command(tape: &Tape) -> Option<Standout> {
    let first = tape.by_name.first()?;
    if tape.commands < FEW_KEYS || !at_least(first.commands, tape.commands, 50) {
        return None;
    }
    Some(Standout::new(
        Tone::Note,
        View::Tape,
        vec![
            code(&first.name),
            text(" is "),
            figure(units::percent(first.commands, tape.commands)),
            text(format!(
                " of all commands and {} of the tape",
                units::percent(first.file_bytes, tape.file_bytes)
            )),
        ],
    ))
}

fn at_least(part: u64, whole: u64, percent: u64) -> bool {
    whole > 0 && u128::from(part) * 100 >= u128::from(whole) * u128::from(percent)
}

#[cfg(test)]
mod tests {
    use snaptape_report::{CommandCount, DestructiveEvent, Finding, FindingKind};

    use super::*;
    use crate::testing::{self, key, pattern};

    fn texts(answers: &Answers) -> Vec<String> {
        standouts(answers).iter().map(Standout::text).collect()
    }

    /// A snapshot of many small keys, none of which stands out but that they all expire.
    fn quiet() -> Answers {
        let mut answers = testing::answers();
        let totals = Tally { keys: 1_000, with_ttl: 1_000, memory_bytes: 100_000, ..Tally::default() };
        let dataset = answers.report.dataset.as_mut().expect("a snapshot");
        dataset.totals = totals;
        dataset.biggest = vec![key("a", "string", 100)];
        dataset.patterns = vec![pattern("a:{int}", Tally { memory_bytes: 30_000, ..totals })];
        answers
    }

    #[test]
    fn quiet_data_is_left_alone() {
        assert_eq!(texts(&quiet()), Vec::<String>::new());
    }

    #[test]
    fn one_key_too_big() {
        let mut answers = quiet();
        let dataset = answers.report.dataset.as_mut().expect("a snapshot");
        let mut big = key("cart:118", "hash", 60_000);
        big.elements = Some(1_204_112);
        dataset.biggest = vec![big];
        assert_eq!(
            texts(&answers),
            ["cart:118 is one hash of 1,204,112 fields: 60 KB, 60 % of all estimated memory"]
        );
    }

    #[test]
    fn siblings_without_ttl() {
        let mut answers = quiet();
        let dataset = answers.report.dataset.as_mut().expect("a snapshot");
        let mixed = Tally { keys: 100, with_ttl: 60, memory_bytes: 10, ..Tally::default() };
        dataset.patterns.push(pattern("session:{hex}", mixed));
        assert_eq!(texts(&answers), ["40 of 100 session:{hex} keys never expire, the others do"]);
    }

    #[test]
    fn expired_keys() {
        let mut answers = quiet();
        let totals = &mut answers.report.dataset.as_mut().expect("a snapshot").totals;
        totals.expired_at_save = 90;
        totals.expired_now = 100;
        assert_eq!(
            texts(&answers),
            [
                "90 keys had expired before the file was saved; a server drops them as it loads, and 10 more by now"
            ]
        );
    }

    #[test]
    fn a_checksum_that_was_not_written() {
        let mut answers = quiet();
        answers.report.files[0].snapshot = Some(testing::snapshot(Checksum::NotComputed));
        let found = standouts(&answers);
        assert_eq!(found[0].tone, Tone::Warn);
        assert!(found[0].text().starts_with("dump.rdb: saved without a checksum"), "{}", found[0].text());
    }

    #[test]
    fn a_flushall_comes_first() {
        let mut answers = quiet();
        let event = DestructiveEvent {
            name: "FLUSHALL".into(),
            file: "d/a.aof".into(),
            offset: 1_234,
            db: 0,
            time_s: Some(0),
            commands_before: 10,
            commands_after: 5,
            ..DestructiveEvent::default()
        };
        answers.report.tape =
            Some(Tape { commands: 16, destructive: vec![event], destructive_total: 2, ..Tape::default() });
        answers.report.findings = vec![Finding {
            severity: Severity::Warning,
            kind: FindingKind::HistoryFile,
            file: "h".into(),
            start: 0,
            end: 1,
            message: "A history file waits. The server deletes it.".into(),
        }];
        assert_eq!(
            texts(&answers),
            [
                "FLUSHALL at 1970-01-01 00:00:00 UTC, byte 1,234 of a.aof: ends the keys that 10 commands had written; \
                 5 follow, and 1 more command of its kind",
                "A history file waits"
            ]
        );
    }

    #[test]
    fn never_more_than_five() {
        let mut answers = quiet();
        let dataset = answers.report.dataset.as_mut().expect("a snapshot");
        dataset.totals.expired_now = 4;
        dataset.totals.with_ttl = 500;
        dataset.biggest = vec![key("big", "list", 30_000)];
        let mixed = Tally { keys: 900, with_ttl: 60, memory_bytes: 60_000, ..Tally::default() };
        dataset.patterns = vec![pattern("a", mixed), pattern("b", mixed)];
        answers.report.files[0].snapshot = Some(testing::snapshot(Checksum::NotComputed));
        let set = CommandCount { name: "SET".into(), commands: 90, file_bytes: 900 };
        answers.report.tape =
            Some(Tape { commands: 100, file_bytes: 1_000, by_name: vec![set], ..Tape::default() });
        assert_eq!(standouts(&answers).len(), MAX_STANDOUTS);
    }
}
