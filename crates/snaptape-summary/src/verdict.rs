//! The first two sentences of a report: is it sound, and what is it?

use snaptape_report::{
    CheckReport, DestructiveKind, FileReport, FindingKind, Loads, Report, Role, Severity, SnapshotInfo,
    Verdict, enumerate, units,
};

use crate::{Facts, words, words::Tone};

/// The verdict as the word of a chip: that of the files, unless a server would start without them.
pub fn chip(check: &CheckReport) -> &'static str {
    if check.starts_without_it() && check.verdict != Verdict::Sound {
        return "starts empty";
    }
    words::verdict_id(check.verdict)
}

/// How serious the verdict is.
pub fn tone(check: &CheckReport) -> Tone {
    match Tone::of_verdict(check.verdict) {
        _ if check.starts_without_it() => Tone::Bad,
        Tone::Ok if !check.loads.default.starts => Tone::Warn,
        tone => tone,
    }
}

/// The verdict in one sentence, with what it means for a server.
pub fn verdict(facts: Facts<'_>) -> String {
    let target = words::target(&facts.check.target);
    let starts = facts.check.loads.default.starts;
    if facts.check.starts_without_it() {
        return without_it(facts, &target);
    }
    match facts.check.verdict {
        Verdict::Sound => {
            let end = if starts {
                format!("{target} {}.", loads(facts))
            } else {
                return not_started(facts, &target);
            };
            let tape = facts.report.tape.as_ref();
            match tape.and_then(|tape| tape.worst().map(|event| (tape, event))) {
                // All that matters after a FLUSHALL is what came later; it must be the only such command to say so.
                Some((tape, event)) if event.name == "FLUSHALL" && tape.destructive_total == 1 && starts => {
                    format!(
                        "Sound, but there is a FLUSHALL on the tape: {target} is left with what {} wrote after it{}.",
                        units::plural(event.commands_after, "command", "commands"),
                        words::keys_held(&facts.check.loads.default.keys)
                            .map(|keys| format!(", {keys}"))
                            .unwrap_or_default()
                    )
                }
                Some((_, event)) if event.kind.is_one_command() => {
                    let removed = event
                        .keys
                        .filter(|_| event.kind != DestructiveKind::Swapdb)
                        .map(|keys| format!(" that removed {}", keys.words()))
                        .unwrap_or_default();
                    format!("Sound, but there is a {} on the tape{removed}. {end}", event.name)
                }
                Some((_, event)) => format!(
                    "Sound, but there is a burst of {} on the tape. {end}",
                    units::plural(event.commands, &event.name, &event.name)
                ),
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
                _ if missing(facts).is_some() => lost_with(facts).replacen("Damaged", "Recoverable", 1),
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
                _ if missing(facts).is_some() => lost_with(facts),
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
                Some(plan) if plan.name == "salvage" || plan.losses.missing > 0 => {
                    format!(" {} can be kept.", words::kept(plan))
                }
                _ => String::new(),
            };
            format!("{first}{kept} {}", on_start(&target, &facts.check.loads))
        }
        Verdict::Unusable => "Nothing in here can be read as a snapshot or a tape.".into(),
    }
}

/// A server that starts, and does not look at the files.
fn without_it(facts: Facts<'_>, target: &str) -> String {
    let why = &facts.check.loads.default.why;
    let start = match why.strip_prefix("it ") {
        Some(does) => format!("{target} {does}"),
        None => format!("{target} starts without any of this data: {why}"),
    };
    if facts.check.verdict == Verdict::Sound {
        return format!("Sound, but {}", words::full_stop(&start));
    }
    let then = match facts.plans.first() {
        Some(plan) if plan.losses.bytes == 0 && plan.losses.missing == 0 => {
            format!(
                "The plan \"{}\" writes the manifest again, and {} come back.",
                plan.name,
                words::kept(plan)
            )
        }
        Some(plan) => format!(
            "The plan \"{}\" writes the manifest again; {} can be kept{}.",
            plan.name,
            words::kept(plan),
            if plan.losses.missing > 0 { ", what missing files held is lost" } else { "" }
        ),
        None => "Do not start one on these files: it would write over them.".into(),
    };
    format!("{} {then}", words::full_stop(&start))
}

/// Sound files, and a server that refuses them.
fn not_started(facts: Facts<'_>, target: &str) -> String {
    let file = words::file_name(&facts.check.loads.default.file);
    let differ = |finding: &snaptape_report::Finding| {
        finding.kind == FindingKind::ShardsDiffer && finding.severity == Severity::Warning
    };
    if facts.check.findings.iter().any(differ) {
        return format!("Sound, but the files come from different releases: {target} does not load {file}.");
    }
    let file = if file.is_empty() { "it" } else { file };
    let target_itself = facts.check.releases.iter().find(|release| release.release == facts.check.target);
    match target_itself.and_then(snaptape_report::ReleaseLoad::way_out) {
        Some(ways) => format!("Sound, but {target} loads {file} only with {}.", enumerate(&ways)),
        None => format!("Sound, but {target} does not load {file}."),
    }
}

/// The first file that is listed and not there.
fn missing(facts: Facts<'_>) -> Option<&str> {
    let is_missing = |finding: &&snaptape_report::Finding| finding.kind == FindingKind::MissingFile;
    facts.check.findings.iter().find(is_missing).map(|finding| words::file_name(&finding.file))
}

fn lost_with(facts: Facts<'_>) -> String {
    let all = facts.check.findings.iter().filter(|finding| finding.kind == FindingKind::MissingFile).count();
    let more = match all.saturating_sub(1) as u64 {
        0 => "is not there, and what it held is lost".to_owned(),
        n => format!(
            "and {} are not there, and what they held is lost",
            units::plural(n, "more file", "more files")
        ),
    };
    format!("Damaged: {} {more}.", missing(facts).unwrap_or_default())
}

/// `loads all 3,143 keys`, `replays all 900 commands`, or both and what is left then.
fn loads(facts: Facts<'_>) -> String {
    let totals = facts.report.dataset.as_ref().map(|dataset| &dataset.totals);
    let keys = totals.map_or(0, |totals| totals.keys);
    let commands = facts.report.tape.as_ref().map_or(0, |tape| tape.commands);
    // What has expired is dropped where a snapshot is loaded alone; in front of a tape it is kept, as the tape may need it.
    let gone = match facts.report.tape {
        Some(_) => 0,
        None => totals.map_or(0, |totals| totals.expired_now.max(totals.expired_at_save)).min(keys),
    };
    let keys_text = match keys - gone {
        all_keys if gone == 0 => format!("loads {}", all(all_keys, "key", "keys")),
        0 if keys == 1 => "loads no key: the only one has expired".into(),
        0 => format!("loads none of the {} keys: all have expired", units::count(keys)),
        left => format!(
            "loads {} of {}; {} {} expired",
            units::count(left),
            units::plural(keys, "key", "keys"),
            units::count(gone),
            if gone == 1 { "has" } else { "have" }
        ),
    };
    let commands_text = format!("replays {}", all(commands, "command", "commands"));
    let left = words::keys_held(&facts.check.loads.default.keys);
    match (keys, commands, left) {
        (0, 0, _) => "starts with it and holds no keys".into(),
        (_, 0, _) => keys_text,
        (0, _, None) => commands_text,
        (_, _, None) => format!("{keys_text} and {commands_text}"),
        (0, _, Some(left)) => format!("{commands_text} and then holds {left}"),
        (_, _, Some(left)) => format!("{keys_text}, {commands_text}, and then holds {left}"),
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

/// Whose keys the figures are, where a tape follows the snapshot: ` of the snapshot in front of the tape`, else nothing.
pub fn whose(report: &Report) -> &'static str {
    let tape = report.tape.as_ref().is_some_and(|tape| tape.commands > 0);
    if tape && report.dataset.is_some() { " of the snapshot in front of the tape" } else { "" }
}

/// How many keys a server holds once it has replayed the tape, beside those of the snapshot in front of it. Nothing where there is no
/// tape, or no start that is known.
pub fn after_replay(facts: Facts<'_>) -> Option<String> {
    let databases = &facts.check.loads.default.keys;
    facts.report.tape.as_ref().filter(|tape| tape.commands > 0)?;
    let keys = words::keys_held(databases)?;
    let snapshot = facts.report.dataset.as_ref().map_or(0, |dataset| dataset.totals.keys);
    Some(match snapshot {
        0 => format!(
            "{keys} in {} after the tape has been replayed.",
            units::plural(databases.len() as u64, "database", "databases")
        ),
        n => format!(
            "{keys} after the tape has been replayed; the snapshot in front of it holds {}.",
            units::count(n)
        ),
    })
}

/// What was opened, in one or two sentences; where names are hidden, without a word of the contents.
pub fn description(facts: Facts<'_>, hides_names: bool) -> String {
    let report = facts.report;
    let mut parts: Vec<String> = after_replay(facts).into_iter().collect();
    let replayed = !parts.is_empty();
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
        && !replayed
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

/// Our own sentences begin with a letter of ASCII: the tables of all others would be 24 KB of the page.
fn lower_first(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    text
}
