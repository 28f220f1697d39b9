//! `snaptape inspect`.

use std::io::{self, Write as _};

use anyhow::Result;
use snaptape_report::{Checksum, PatternOptions, Report, SnapshotInfo, Verdict, units};

use snaptape_summary::{Facts, verdict::verdict};

use crate::document::{DocumentArgs, ReportFormat};
use crate::restore::{self, RestoreArgs};
use crate::{InputArgs, dataset, input, output, run, tape, together};

pub(crate) fn run(
    args: &InputArgs,
    patterns: &PatternOptions,
    restore: &RestoreArgs,
    document: &DocumentArgs,
    json: bool,
) -> Result<u8> {
    document.check()?;
    let inputs = input::find(&args.paths)?;
    let asked = run::Asked { patterns: Some(patterns), ..args.asked() };
    let mut outcome = run::job(&inputs, asked, |_, _| Ok(()))?;
    outcome.report.restore = restore.plan(&outcome.report)?;
    let report = &outcome.report;
    match document.format {
        ReportFormat::Json => output::json(report)?,
        ReportFormat::Html | ReportFormat::Markdown => document.print(&outcome)?,
        ReportFormat::Text if json => output::json(report)?,
        ReportFormat::Text => {
            let facts = Facts { report, check: &outcome.check, plans: &outcome.plans };
            print(report, &verdict(facts))?;
            if restore.is_asked_for() {
                restore::print(&mut io::stdout().lock(), report)?;
            }
        }
    }
    // Looking succeeds also when what is seen is bad, unless there was nothing to see.
    Ok(if report.verdict == Verdict::Unusable { 2 } else { 0 })
}

fn print(report: &Report, verdict: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{verdict}")?;
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
        tape::print(&mut out, tape)?;
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
