//! The first two sentences of a report: is it sound, and what is it?

pub use snaptape_summary::verdict::{chip, loaded, tone, writer};

use crate::protocol::Answers;

/// The verdict in one sentence, with what it means for a server.
pub fn verdict(answers: &Answers) -> String {
    snaptape_summary::verdict::verdict(answers.facts())
}

/// What was opened, in one or two sentences.
pub fn description(answers: &Answers) -> String {
    snaptape_summary::verdict::description(answers.facts(), false)
}

#[cfg(test)]
mod tests {
    use snaptape_report::{DestructiveEvent, Finding, FindingKind, Losses, Severity, Tape, Verdict};

    use super::*;
    use crate::testing;

    #[test]
    fn a_sound_snapshot() {
        let answers = testing::answers();
        assert_eq!(verdict(&answers), "Sound. Redis 7.4 loads all 2 keys.");
        assert_eq!(
            description(&answers),
            "Written by Redis 7.4.1, RDB version 12, 2025-11-22 08:26:40 UTC. 2 keys in 1 database."
        );
    }

    #[test]
    fn a_flushall_is_said_at_once() {
        let mut answers = testing::answers();
        let event = DestructiveEvent {
            name: "FLUSHALL".into(),
            file: "a".into(),
            offset: 7,
            db: 0,
            time_s: None,
            commands_before: 1,
            commands_after: 2,
            ..DestructiveEvent::default()
        };
        answers.report.tape =
            Some(Tape { destructive: vec![event], destructive_total: 1, ..Tape::default() });
        assert_eq!(
            verdict(&answers),
            "Sound, but there is a FLUSHALL on the tape: Redis 7.4 is left with what 2 commands wrote after it."
        );
    }

    #[test]
    fn a_torn_tape_says_what_is_lost() {
        let mut answers = testing::answers();
        answers.check.verdict = Verdict::Recoverable;
        answers.plans[0].losses = Losses { bytes: 61, commands: 2, ..Losses::default() };
        assert_eq!(
            verdict(&answers),
            "Recoverable: the last 61 bytes cannot be used, everything before them can. Redis 7.4 starts all the same."
        );
    }

    #[test]
    fn a_hurt_snapshot_says_how_many_keys_are_left() {
        let mut answers = testing::answers();
        answers.check.verdict = Verdict::Recoverable;
        answers.check.loads.default.starts = false;
        let plan = &mut answers.plans[0];
        (plan.name, plan.keys_kept, plan.commands_kept) = ("salvage".into(), 10, 0);
        plan.losses = Losses { keys: 10, ..Losses::default() };
        assert_eq!(
            verdict(&answers),
            "Recoverable: 10 of about 20 keys can be kept. Redis 7.4 does not start."
        );
    }

    #[test]
    fn damage_has_an_offset() {
        let mut answers = testing::answers();
        answers.check.verdict = Verdict::Damaged;
        answers.check.loads.default.starts = false;
        answers.check.findings = vec![Finding {
            severity: Severity::Error,
            kind: FindingKind::ZeroBytes,
            file: "dir/a.aof".into(),
            start: 4_096,
            end: 8_192,
            message: "Zero bytes.".into(),
        }];
        assert_eq!(verdict(&answers), "Damaged at offset 4,096 (0x1000) of a.aof. Redis 7.4 does not start.");
    }
}
