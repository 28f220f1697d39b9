//! The first two sentences of a report: is it sound, and what is it?

use snaptape_report::{FileReport, Loads, Role, Severity, SnapshotInfo, Verdict, units};

use crate::{Facts, words};

/// The verdict in one sentence, with what it means for a server.
pub fn verdict(facts: Facts<'_>) -> String {
    let target = words::target(&facts.check.target);
    let starts = facts.check.loads.default.starts;
    match facts.check.verdict {
        Verdict::Sound => {
            let end = if starts {
                format!("{target} {}.", loads(facts))
            } else {
                format!("{target} does not start with it all the same.")
            };
            let tape = facts.report.tape.as_ref();
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
            let best = facts.plans.first();
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
            format!("{first} {}", on_start(&target, &facts.check.loads))
        }
        Verdict::Damaged => {
            let at = facts.check.findings.iter().find(|finding| finding.severity == Severity::Error);
            let first = match at {
                Some(finding) if !finding.file.is_empty() => {
                    format!(
                        "Damaged at offset {} of {}.",
                        units::offset(finding.start),
                        words::file_name(&finding.file)
                    )
                }
                _ => "Damaged.".into(),
            };
            let kept = match facts.plans.first() {
                Some(plan) if plan.name == "salvage" => format!(" {} can be kept.", words::kept(plan)),
                _ => String::new(),
            };
            format!("{first}{kept} {}", on_start(&target, &facts.check.loads))
        }
        Verdict::Unusable => "Nothing in here can be read as a snapshot or a tape.".into(),
    }
}

/// `loads all 3,143 keys`, `replays all 900 commands`, or both.
fn loads(facts: Facts<'_>) -> String {
    let keys = facts.report.dataset.as_ref().map_or(0, |dataset| dataset.totals.keys);
    let commands = facts.report.tape.as_ref().map_or(0, |tape| tape.commands);
    let keys_text = format!("loads {}", all(keys, "key", "keys"));
    let commands_text = format!("replays {}", all(commands, "command", "commands"));
    match (keys, commands) {
        (0, 0) => "starts with it and holds no keys".into(),
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

/// What was opened, in one or two sentences; where names are hidden, without a word of the contents.
pub fn description(facts: Facts<'_>, hides_names: bool) -> String {
    let report = facts.report;
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
        parts.push(if hides_names {
            crate::kinds::sentence(finding.kind).into()
        } else {
            finding.message.clone()
        });
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
