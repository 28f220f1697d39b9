//! `snaptape inspect`.

use std::io::{self, Write};

use anyhow::Result;
use snaptape_report::{
    Checksum, Dataset, Group, Report, SnapshotInfo, Tally, Tape, Verdict, module_product, units,
};

use crate::restore::{self, RestoreArgs};
use crate::{InputArgs, input, output, run, together};

/// Rows of the longer tables that are printed; `--json` has them all.
const TOP: usize = 20;

pub(crate) fn run(args: &InputArgs, restore: &RestoreArgs, json: bool) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let mut report = run::job(&inputs, args.asked(), |_, _| Ok(()))?.report;
    report.restore = restore.plan(&report)?;
    if json {
        output::json(&report)?;
    } else {
        print(&report)?;
        if restore.is_asked_for() {
            restore::print(&mut io::stdout().lock(), &report)?;
        }
    }
    // Looking succeeds also when what is seen is bad, unless there was nothing to see.
    Ok(if report.verdict == Verdict::Unusable { 2 } else { 0 })
}

fn print(report: &Report) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{}", output::verdict(report.verdict))?;
    output::findings(&mut out, &report.findings)?;
    for file in &report.files {
        if let Some(info) = &file.snapshot {
            writeln!(out, "\n{}: {}", file.name, snapshot(info))?;
        }
    }
    writeln!(out)?;
    output::files(&mut out, &report.files)?;
    together::shards(&mut out, report)?;
    together::releases(&mut out, &report.releases)?;
    if let Some(dataset) = &report.dataset {
        print_dataset(&mut out, dataset, &report.target)?;
    }
    if let Some(tape) = &report.tape {
        print_tape(&mut out, tape)?;
    }
    Ok(())
}

fn snapshot(info: &SnapshotInfo) -> String {
    let release = info.release.as_deref().unwrap_or("of unknown release");
    let saved = info.saved_at_s.map(|s| format!(", saved {}", units::time_s(s))).unwrap_or_default();
    let checksum = match &info.checksum {
        Checksum::Verified => "checksum verified",
        Checksum::Mismatch { .. } => "checksum does not match",
        Checksum::NotComputed => "no checksum stored",
        Checksum::Absent => "a version without checksum",
        Checksum::NotReached => "checksum not reached",
    };
    format!("{} {release}, RDB version {}{saved}, {checksum}", info.product, info.rdb_version)
}

fn row(name: &str, tally: &Tally, all: &Tally) -> Vec<String> {
    vec![
        name.to_owned(),
        units::count(tally.keys),
        units::bytes(tally.file_bytes),
        units::bytes(tally.payload_bytes),
        units::bytes(tally.memory_bytes),
        units::percent(tally.memory_bytes, all.memory_bytes),
        units::percent(tally.without_ttl(), tally.keys),
    ]
}

fn print_dataset(out: &mut impl Write, dataset: &Dataset, target: &str) -> Result<()> {
    let all = &dataset.totals;
    if all.keys == 0 {
        writeln!(out, "\nThe snapshot holds no keys.")?;
        return Ok(());
    }
    writeln!(
        out,
        "\n{}: {} in the file, {} payload, {} memory (estimate for {target})",
        units::plural(all.keys, "key", "keys"),
        units::bytes(all.file_bytes),
        units::bytes(all.payload_bytes),
        units::bytes(all.memory_bytes)
    )?;
    if let Some(figures) = dataset.reconciliation {
        let explained = units::percent(figures.memory_bytes, figures.used_memory_bytes);
        writeln!(
            out,
            "The writer reported {} used; the estimate explains {explained}.",
            units::bytes(figures.used_memory_bytes)
        )?;
    }
    writeln!(
        out,
        "{} without TTL, {} expired when saved, {} expired by now",
        units::count(all.without_ttl()),
        units::count(all.expired_at_save),
        units::count(all.expired_now)
    )?;
    let header = |what| [what, "keys", "in file", "payload", "memory", "share", "without TTL"];
    let groups = |groups: &[Group], name: fn(&Group) -> String| -> Vec<Vec<String>> {
        groups.iter().map(|group| row(&name(group), &group.tally, all)).collect()
    };
    for (title, list, name) in [
        ("database", &dataset.databases, (|g| g.name.clone()) as fn(&Group) -> String),
        ("type", &dataset.types, |g| match module_product(&g.name) {
            Some(product) => format!("{} ({product})", g.name),
            None => g.name.clone(),
        }),
        ("encoding", &dataset.encodings, |g| format!("{} / {}", g.type_name, g.name)),
    ] {
        writeln!(out)?;
        output::table(out, &header(title), &groups(list, name))?;
    }
    writeln!(out)?;
    let mut rows: Vec<Vec<String>> = dataset
        .patterns
        .iter()
        .take(TOP)
        .map(|group| row(&units::printable(group.pattern.as_bytes()), &group.tally, all))
        .collect();
    let mut rest = dataset.other_patterns;
    let mut n_rest = dataset.other_patterns_count;
    for group in dataset.patterns.iter().skip(TOP) {
        rest.merge(&group.tally);
        n_rest += 1;
    }
    if rest.keys > 0 {
        rows.push(row(&format!("({} more)", units::count(n_rest)), &rest, all));
    }
    output::table(out, &header("key pattern"), &rows)?;
    writeln!(out)?;
    let rows: Vec<Vec<String>> = dataset
        .biggest
        .iter()
        .take(TOP)
        .map(|key| {
            vec![
                key.name.display(),
                key.type_name.to_string(),
                key.encoding.clone(),
                key.elements.map_or_else(|| "-".into(), units::count),
                units::bytes(key.memory_bytes),
                units::bytes(key.file_bytes),
                key.expires_at_ms.map_or_else(|| "never".into(), units::time_ms),
            ]
        })
        .collect();
    output::table(
        out,
        &["biggest keys", "type", "encoding", "elements", "memory", "in file", "expires"],
        &rows,
    )?;
    Ok(())
}

fn print_tape(out: &mut impl Write, tape: &Tape) -> Result<()> {
    writeln!(
        out,
        "\n{}, {} of them, {}",
        units::plural(tape.commands, "command", "commands"),
        units::bytes(tape.file_bytes),
        units::plural(tape.transactions, "transaction", "transactions")
    )?;
    if let (Some(first), Some(last)) = (tape.first_time_s, tape.last_time_s) {
        writeln!(out, "From {} to {}", units::time_s(first), units::time_s(last))?;
    }
    for event in &tape.destructive {
        let time = event.time_s.map(|s| format!(" at {}", units::time_s(s))).unwrap_or_default();
        writeln!(
            out,
            "{} of database {}{time}: {} at {}, {} before it, {} after it",
            event.name,
            event.db,
            event.file,
            units::count(event.offset),
            units::plural(event.commands_before, "command", "commands"),
            units::count(event.commands_after)
        )?;
    }
    writeln!(out)?;
    let rows: Vec<Vec<String>> = tape
        .by_name
        .iter()
        .take(TOP)
        .map(|c| {
            vec![
                c.name.clone(),
                units::count(c.commands),
                units::percent(c.commands, tape.commands),
                units::bytes(c.file_bytes),
            ]
        })
        .collect();
    output::table(out, &["command", "count", "share", "bytes"], &rows)?;
    writeln!(out)?;
    let rows: Vec<Vec<String>> = tape
        .databases
        .iter()
        .map(|d| vec![d.db.to_string(), units::count(d.commands), units::bytes(d.file_bytes)])
        .collect();
    output::table(out, &["database", "commands", "bytes"], &rows)?;
    Ok(())
}
