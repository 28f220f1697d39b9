//! What stands out of the files: what is lost, what does not load, what a tape is made of.

use snaptape_report::{Checksum, DestructiveEvent, Finding, FindingKind, Report, Severity, Tape, units};

use super::{Evidence, FEW_KEYS, Part, Standout, at_least, figure, text, word};
use crate::{
    verdict,
    words::{Tone, file_name},
};

pub(super) fn destruction(tape: &Tape) -> Option<Standout> {
    let event = tape.worst().filter(|event| event.kind.is_flush())?;
    let mut parts = vec![word(&event.name)];
    if let Some(time) = event.time_s {
        parts.push(text(format!(" at {}", units::time_s(time))));
    }
    parts.push(text(format!(", byte {} of ", units::offset(event.offset))));
    parts.push(word(file_name(&event.file)));
    parts.extend(effect(event));
    if tape.destructive_total > 1 {
        parts.push(text(format!(
            ", and {}",
            units::plural(
                tape.destructive_total - 1,
                "more that removes or replaces much",
                "more that remove or replace much"
            )
        )));
    }
    let evidence = Evidence::Command { file: event.file.clone(), offset: event.offset };
    Some(Standout::new(Tone::Bad, evidence, parts))
}

fn effect(event: &DestructiveEvent) -> Vec<Part> {
    let before = figure(units::plural(event.commands_before, "command", "commands"));
    let after = units::plural(event.commands_after, "command follows", "commands follow");
    match event.name.as_str() {
        "SWAPDB" => vec![text(": databases change places after "), before, text(format!("; {after}"))],
        name => {
            let scope = if name == "FLUSHDB" { format!(" of database {}", event.db) } else { String::new() };
            let keys = event.keys.map_or_else(|| text("the keys"), |keys| figure(keys.words()));
            vec![
                text(", removes "),
                keys,
                text(format!("{scope} that ")),
                before,
                text(format!(" had written; {after}")),
            ]
        }
    }
}

/// The worst findings that no other sentence here speaks of: at most two, of different kinds.
pub(super) fn findings(report: &Report) -> Vec<Standout> {
    use FindingKind::{ChecksumMismatch, ChecksumNotComputed, DestructiveCommand, ExpiredKeys};
    let mut told: Vec<FindingKind> = Vec::new();
    let mut found = Vec::new();
    for finding in &report.findings {
        let elsewhere =
            matches!(finding.kind, ChecksumMismatch | ChecksumNotComputed | DestructiveCommand | ExpiredKeys);
        if finding.severity == Severity::Info || elsewhere || told.contains(&finding.kind) {
            continue;
        }
        told.push(finding.kind);
        found.push(Standout::new(
            Tone::of_severity(finding.severity),
            evidence(finding),
            vec![Part::Message(finding.kind, first_sentence(&finding.message).into())],
        ));
        if found.len() == 2 {
            break;
        }
    }
    found
}

/// Bytes where it has some, else the list of findings.
fn evidence(finding: &Finding) -> Evidence {
    use FindingKind::{
        KeyInTwoShards, MisplacedKeys, ShardMissing, ShardTwice, ShardsDiffer, SlotsDoubled, SlotsMissing,
    };
    match finding.kind {
        SlotsMissing | SlotsDoubled | KeyInTwoShards | MisplacedKeys | ShardMissing | ShardTwice
        | ShardsDiffer => Evidence::Slots,
        _ if !finding.file.is_empty() && finding.end > finding.start => {
            Evidence::Bytes { file: finding.file.clone(), start: finding.start, end: finding.end }
        }
        _ => Evidence::Integrity,
    }
}

/// The rest is told where the link leads.
fn first_sentence(message: &str) -> &str {
    let end = message.find(". ").unwrap_or(message.len());
    message[..end].trim_end_matches('.')
}

pub(super) fn checksums(report: &Report) -> Option<Standout> {
    verdict::loaded(&report.files).find_map(|file| {
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
        Some(Standout::new(tone, Evidence::Integrity, vec![word(file_name(&file.name)), text(rest)]))
    })
}

pub(super) fn busiest_command(tape: &Tape) -> Option<Standout> {
    let first = tape.by_name.first()?;
    if tape.commands < FEW_KEYS || !at_least(first.commands, tape.commands, 50) {
        return None;
    }
    Some(Standout::new(
        Tone::Note,
        Evidence::Tape,
        vec![
            word(&first.name),
            text(" is "),
            figure(units::percent(first.commands, tape.commands)),
            text(format!(
                " of all commands and {} of the tape",
                units::percent(first.file_bytes, tape.file_bytes)
            )),
        ],
    ))
}
