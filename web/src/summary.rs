//! The first two sentences of a report: is it sound, and what is it?

use snaptape_report::{FileReport, Loads, Role, Severity, SnapshotInfo, Verdict, units};

use crate::protocol::Answers;
use crate::words;

/// The verdict in one sentence, with what it means for a server.
pub fn verdict(answers: &Answers) -> String {
    let target = words::target(&answers.check.target);
    let starts = answers.check.loads.default.starts;
    match answers.check.verdict {
        Verdict::Sound => {
            let end = if starts {
                format!("{target} {}.", loads(answers))
            } else {
                format!("{target} does not start with it all the same.")
            };
            let tape = answers.report.tape.as_ref();
            match tape.and_then(|tape| tape.destructive.first().map(|event| (tape, event))) {
                // All that matters after a FLUSHALL is what came later; it must be the only such command to say so.
                Some((tape, event)) if event.name == "FLUSHALL" && tape.destructive_total == 1 && starts => {
                    format!(
                        "Sound, but there is a FLUSHALL on the tape: {target} is left with what {} wrote after it.",
                        units::plural(event.commands_after, "command", "commands")
                    )
                }
                Some((_, event)) => format!("Sound, but there is a {} on the tape. {end}", event.name),
                None => format!("Sound. {end}"),
            }
        }
        Verdict::Recoverable => {
            let best = answers.plans.first();
            let first = match best.map(|plan| plan.losses) {
                // A snapshot that lost its tail.
                Some(_) if best.is_some_and(|plan| plan.name == "salvage") => {
                    format!("Recoverable: {} can be kept.", best.map(words::kept).unwrap_or_default())
                }
                Some(losses) if losses.bytes > 0 => format!(
                    "Recoverable: the last {} cannot be used, everything before them can.",
                    units::plural(losses.bytes, "byte", "bytes")
                ),
                Some(_) => "Recoverable without losing a byte.".into(),
                None => "Recoverable: only the end or the bookkeeping is damaged.".into(),
            };
            format!("{first} {}", on_start(&target, &answers.check.loads))
        }
        Verdict::Damaged => {
            let at = answers.check.findings.iter().find(|finding| finding.severity == Severity::Error);
            let first = match at {
                Some(finding) if !finding.file.is_empty() => {
                    format!(
                        "Damaged at offset {} of {}.",
                        units::count(finding.start),
                        words::file_name(&finding.file)
                    )
                }
                _ => "Damaged.".into(),
            };
            let kept = match answers.plans.first() {
                Some(plan) if plan.name == "salvage" => format!(" {} can be kept.", words::kept(plan)),
                _ => String::new(),
            };
            format!("{first}{kept} {}", on_start(&target, &answers.check.loads))
        }
        Verdict::Unusable => "Nothing in here can be read as a snapshot or a tape.".into(),
    }
}

/// `loads all 3,143 keys`, `replays all 900 commands`, or both.
fn loads(answers: &Answers) -> String {
    let keys = answers.report.dataset.as_ref().map_or(0, |dataset| dataset.totals.keys);
    let commands = answers.report.tape.as_ref().map_or(0, |tape| tape.commands);
    let keys_text = format!("loads {}", all(keys, "key", "keys"));
    let commands_text = format!("replays {}", all(commands, "command", "commands"));
    match (keys, commands) {
        (0, 0) => "starts with it, and with no keys".into(),
        (_, 0) => keys_text,
        (0, _) => commands_text,
        _ => format!("{keys_text} and {commands_text}"),
    }
}

fn all(n: u64, one: &str, many: &str) -> String {
    if n == 1 { format!("the one {one}") } else { format!("all {} {many}", units::count(n)) }
}

fn on_start(target: &str, loads: &Loads) -> String {
    match (loads.default.starts, loads.strict.starts) {
        (true, true) => format!("{target} starts all the same."),
        (true, false) => format!("{target} starts, but only with aof-load-truncated yes."),
        (false, _) => format!("{target} does not start."),
    }
}

/// What was opened, in one or two sentences.
pub fn description(answers: &Answers) -> String {
    let report = &answers.report;
    let mut parts: Vec<String> = Vec::new();
    let snapshots: Vec<(&FileReport, &SnapshotInfo)> = loaded(&report.files)
        .filter_map(|file| file.snapshot.as_ref().map(|snapshot| (file, snapshot)))
        .collect();
    let tapes = loaded(&report.files)
        .filter(|file| matches!(file.role, Role::Aof | Role::Base | Role::Incr) && !is_whole_snapshot(file))
        .count();
    match snapshots.as_slice() {
        [] => {}
        [(_, snapshot)] => parts.push(format!("{}.", one_snapshot(snapshot))),
        [(_, first), ..] => parts.push(format!(
            "{} snapshots, the first {}.",
            snapshots.len(),
            lower_first(&one_snapshot(first))
        )),
    }
    if let Some(dataset) = &report.dataset
        && !snapshots.is_empty()
        && (dataset.totals.keys > 0 || report.tape.is_none())
    {
        parts.push(format!(
            "{} in {}.",
            units::plural(dataset.totals.keys, "key", "keys"),
            units::plural(dataset.databases.len() as u64, "database", "databases")
        ));
    }
    if let Some(tape) = &report.tape {
        parts.push(format!(
            "{} in {}.",
            units::plural(tape.commands, "command", "commands"),
            units::plural(tapes as u64, "tape file", "tape files")
        ));
    }
    if parts.is_empty()
        && let Some(finding) = report.findings.first()
    {
        parts.push(finding.message.clone());
    }
    parts.join(" ")
}

/// The files a server would load.
pub fn loaded(files: &[FileReport]) -> impl Iterator<Item = &FileReport> {
    files.iter().filter(|file| matches!(file.role, Role::Rdb | Role::Aof | Role::Base | Role::Incr))
}

/// A base in RDB format has no tape behind it.
fn is_whole_snapshot(file: &FileReport) -> bool {
    file.snapshot.as_ref().is_some_and(|snapshot| snapshot.bytes >= file.content_bytes())
}

/// `Redis 7.4.1`, or as much of it as the file says.
pub fn writer(snapshot: &SnapshotInfo) -> String {
    match &snapshot.release {
        Some(release) => format!("{} {release}", snapshot.product),
        None => snapshot.product.clone(),
    }
}

fn one_snapshot(snapshot: &SnapshotInfo) -> String {
    let saved = snapshot.saved_at_s.map_or_else(String::new, |saved| format!(", {}", units::time_s(saved)));
    format!("Written by {}, RDB version {}{saved}", writer(snapshot), snapshot.rdb_version)
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use snaptape_report::{DestructiveEvent, Finding, FindingKind, Losses, Tape};

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
        assert_eq!(verdict(&answers), "Damaged at offset 4,096 of a.aof. Redis 7.4 does not start.");
    }
}
