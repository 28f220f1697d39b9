//! What stands out, and where the page shows more of it.

pub use snaptape_summary::standouts::{Evidence, NOTHING, Part, Standout};

use crate::protocol::Answers;
use crate::route::{Route, View};

/// The sentences for a report.
pub fn standouts(answers: &Answers) -> Vec<Standout> {
    snaptape_summary::standouts::standouts(answers.facts())
}

/// Where the evidence is.
pub fn place(evidence: &Evidence, route: &Route) -> Route {
    let view = match evidence {
        Evidence::Integrity | Evidence::Bytes { .. } => View::Integrity,
        Evidence::Command { .. } | Evidence::Tape => View::Tape,
        Evidence::Key { .. } => View::Keys,
        Evidence::Patterns => View::Patterns,
        Evidence::Expiry => View::Expiry,
        Evidence::Encodings => View::Encodings,
        Evidence::Slots => View::Slots,
        Evidence::Access => View::Access,
        Evidence::Plan(name) => return route.with_plan(name),
    };
    route.with_view(view)
}

#[cfg(test)]
mod tests {
    use snaptape_report::{
        Checksum, CommandCount, DestructiveEvent, Finding, FindingKind, Severity, Tally, Tape,
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
                 5 follow, and 1 more that removes or replaces much",
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
