//! `snaptape inspect`.

use std::io::{self, Write};

use anyhow::Result;
use snaptape_report::{Checksum, PatternOptions, Report, SnapshotInfo, Tape, Verdict, units};

use crate::restore::{self, RestoreArgs};
use crate::{InputArgs, dataset, input, output, run, together};

/// Rows of the longer tables that are printed; `--json` has them all.
const TOP: usize = 20;

pub(crate) fn run(
    args: &InputArgs,
    patterns: &PatternOptions,
    restore: &RestoreArgs,
    json: bool,
) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let asked = run::Asked { patterns: Some(patterns), ..args.asked() };
    let mut report = run::job(&inputs, asked, |_, _| Ok(()))?.report;
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
        dataset::print(&mut out, dataset, &report.target)?;
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
