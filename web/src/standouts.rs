//! What stands out, and where the page shows more of it.

pub use snaptape_summary::standouts::{Evidence, NOTHING, Part, Standout};

use snaptape_analysis::filter::Line;
use snaptape_report::{FindingKind, Report};

use crate::one_key;
use crate::protocol::Answers;
use crate::route::{Route, View};

/// The sentences for a report.
pub fn standouts(answers: &Answers) -> Vec<Standout> {
    snaptape_summary::standouts::standouts(answers.facts())
}

/// Where the evidence is: the bytes, the key, the keys of the pattern that is named, else the view that shows more.
pub fn place(standout: &Standout, answers: &Answers, route: &Route) -> Route {
    let pattern = standout.parts.iter().find_map(|part| match part {
        Part::Pattern(pattern) => Some(pattern.as_str()),
        _ => None,
    });
    let keys = |more: Option<(&str, &str)>| Some(route.with_filter(&keys_of(answers, pattern?, more)?));
    match &standout.evidence {
        Evidence::Bytes { file, start, end } => {
            // Bytes of a container are not those that are shown.
            let damaged = |part: &Part| matches!(part, Part::Message(FindingKind::ContainerDamaged, _));
            let is_content = !standout.parts.iter().any(damaged);
            let bytes = bytes_of(&answers.report, route, file, *start, *end).filter(|_| is_content);
            bytes.unwrap_or_else(|| route.with_view(View::Integrity))
        }
        Evidence::Key { file, offset, db } => match one_key::file_of(answers, file.as_deref()) {
            Some(file) => route.with_key(file, *offset, *db),
            None => route.with_view(View::Keys),
        },
        Evidence::Patterns => keys(None).unwrap_or_else(|| route.with_view(View::Patterns)),
        Evidence::Expiry => keys(Some(("ttl", "none"))).unwrap_or_else(|| route.with_view(View::Expiry)),
        Evidence::Integrity => route.with_view(View::Integrity),
        Evidence::Command { .. } | Evidence::Tape => route.with_view(View::Tape),
        Evidence::Encodings => route.with_view(View::Encodings),
        Evidence::Slots => route.with_view(View::Slots),
        Evidence::Access => route.with_view(View::Access),
        Evidence::Plan(name) => route.with_plan(name),
    }
}

/// To bytes of a file of the report, whose path this is; nothing where it is none, or an empty one.
pub fn bytes_of(report: &Report, route: &Route, file: &str, start: u64, end: u64) -> Option<Route> {
    let at = report.files.iter().position(|known| known.name == file)?;
    // What is missing at the end of a file is looked at from its last byte.
    let last = report.files.get(at)?.content_bytes().checked_sub(1)?;
    Some(route.with_bytes(u32::try_from(at).ok()?, start.min(last), end))
}

/// The filter line for the keys of a pattern that is listed.
fn keys_of(answers: &Answers, pattern: &str, more: Option<(&str, &str)>) -> Option<String> {
    let dataset = answers.report.dataset.as_ref()?;
    let group = dataset.patterns.iter().find(|group| group.pattern == pattern)?;
    let line = Line::of_group(group);
    Some(more.into_iter().fold(line, |line, (name, value)| line.field(name, value)).text().to_owned())
}

#[cfg(test)]
mod tests {
    use snaptape_report::{
        Checksum, CommandCount, DestructiveEvent, Finding, FindingKind, Role, Severity, Tally, Tape,
    };
    use snaptape_summary::standouts::MAX_STANDOUTS;

    use super::*;
    use crate::testing::{self, key, pattern};
    use crate::words::Tone;

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

    fn hash(parts: Vec<Part>, evidence: Evidence, answers: &Answers) -> String {
        place(&Standout { tone: Tone::Note, parts, evidence }, answers, &Route::default()).to_hash()
    }

    #[test]
    fn bytes_are_those_of_the_file() {
        let mut answers = quiet();
        answers.report.files.push(testing::file("d/a.aof", Role::Rdb, 500));
        let bytes = |file: &str, start, end| Evidence::Bytes { file: file.into(), start, end };
        assert_eq!(hash(vec![], bytes("d/a.aof", 100, 120), &answers), "#bytes?at=1.100-120");
        // Bytes that are missing are behind the last one.
        assert_eq!(hash(vec![], bytes("dump.rdb", 1_000, 1_008), &answers), "#bytes?at=0.999-1008");
        assert_eq!(hash(vec![], bytes("gone.rdb", 1, 2), &answers), "#integrity");
        let packed = Part::Message(FindingKind::ContainerDamaged, "Torn".into());
        assert_eq!(hash(vec![packed], bytes("dump.rdb", 1, 2), &answers), "#integrity");
    }

    #[test]
    fn a_key_is_that_of_its_file() {
        let mut answers = quiet();
        let mut second = testing::file("b.rdb", Role::Rdb, 500);
        second.snapshot = Some(testing::snapshot(Checksum::Verified));
        answers.report.files.push(second);
        let key = |file: Option<&str>, db| Evidence::Key { file: file.map(Into::into), offset: 77, db };
        assert_eq!(hash(vec![], key(None, 0), &answers), Route::default().with_key(0, 77, 0).to_hash());
        assert_eq!(
            hash(vec![], key(Some("b.rdb"), 3), &answers),
            Route::default().with_key(1, 77, 3).to_hash()
        );
        assert_eq!(hash(vec![], key(Some("gone"), 0), &answers), "#keys");
    }

    #[test]
    fn patterns_are_the_keys_they_have() {
        let answers = quiet();
        let named = |name: &str| vec![Part::Text("Keys of ".into()), Part::Pattern(name.into())];
        assert_eq!(hash(named("a:{int}"), Evidence::Patterns, &answers), "#keys?filter=pattern:a:{int}");
        assert_eq!(
            hash(named("a:{int}"), Evidence::Expiry, &answers),
            "#keys?filter=pattern:a:{int}%20ttl:none"
        );
        assert_eq!(hash(named("gone"), Evidence::Patterns, &answers), "#patterns");
        assert_eq!(hash(vec![], Evidence::Patterns, &answers), "#patterns");
        assert_eq!(hash(vec![], Evidence::Expiry, &answers), "#expiry");
        assert_eq!(hash(vec![], Evidence::Plan("close-multi".into()), &answers), "#repair?plan=close-multi");
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
                "90 keys had expired before the file was saved; a server that loads it drops them, and 10 more by now"
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
                "FLUSHALL at 1970-01-01 00:00:00 UTC, byte 1,234 (0x4d2) of a.aof, removes the keys that 10 commands had written; \
                 5 commands follow, and 1 more that removes or replaces much",
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
