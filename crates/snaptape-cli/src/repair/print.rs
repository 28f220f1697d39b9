//! What a plan would do, and what was done, as text.

use std::io::Write;

use anyhow::Result;
use snaptape_report::{Edit, KeyName, Plan, PlanReport, PlanSummary, Verdict, units};

use super::{Order, carry_out::receipt_path};
use snaptape_summary::words;

use crate::output;

/// How many edits of one file are shown.
const SHOWN_EDITS: usize = 100;

/// All plans side by side.
pub(super) fn plans(out: &mut impl Write, plans: &[Plan]) -> Result<()> {
    // Keys that commands make are not counted here: where there is no snapshot, there is nothing to tell.
    let snapshots = plans.iter().any(|plan| plan.keys_kept + plan.losses.keys > 0);
    let kept =
        if plans.iter().any(|plan| plan.commands_kept > 0) { "snapshot keys kept" } else { "keys kept" };
    let mut header = vec!["plan", "commands kept", "lost"];
    header.extend(snapshots.then_some(kept));
    header.extend(["keys that lose", "bytes", "bytes lost", "files lost"]);
    let row = |plan: &Plan| {
        let PlanSummary { name, losses, commands_kept, keys_kept, bytes, .. } = PlanSummary::from(plan);
        let mut row = vec![name, units::count(commands_kept), units::count(losses.commands)];
        row.extend(snapshots.then(|| units::count(keys_kept)));
        row.extend([
            units::count(losses.keys),
            units::bytes(bytes),
            units::bytes(losses.bytes),
            units::count(losses.files),
        ]);
        row
    };
    output::table(out, &header, &plans.iter().map(row).collect::<Vec<_>>())?;
    for plan in plans {
        writeln!(out, "\n{}: {}", plan.name, plan.summary)?;
        notes(out, plan)?;
    }
    writeln!(out)?;
    Ok(())
}

fn notes(out: &mut impl Write, plan: &Plan) -> Result<()> {
    for note in &plan.notes {
        writeln!(out, "  - {note}")?;
    }
    if !plan.lost_keys.is_empty() {
        let names: Vec<String> = plan.lost_keys.iter().map(KeyName::display).collect();
        writeln!(out, "  - Keys that lose something, among others: {}", names.join(", "))?;
    }
    Ok(())
}

/// One plan, and what became of it.
pub(super) fn report(out: &mut impl Write, report: &PlanReport, order: &Order) -> Result<()> {
    let plan = &report.plan;
    writeln!(out, "Plan {}: {}", plan.name, plan.summary)?;
    let lost = &plan.losses;
    if plan.commands_kept + lost.commands > 0 {
        writeln!(
            out,
            "Keeps {}; leaves out {} with at least {}.",
            units::plural(plan.commands_kept, "command", "commands"),
            units::plural(lost.bytes, "byte", "bytes"),
            units::plural(lost.commands, "command", "commands")
        )?;
    }
    notes(out, plan)?;
    for file in &plan.outputs {
        writeln!(out, "  {}: {}", file.name, units::plural(file.bytes(), "byte", "bytes"))?;
        for edit in file.edits.iter().take(SHOWN_EDITS) {
            match edit {
                Edit::Keep { start, end } => writeln!(out, "    keep   {start} .. {end}")?,
                Edit::Drop { start, end, why } => writeln!(out, "    drop   {start} .. {end}: {why}")?,
                Edit::Insert { bytes, why } => {
                    let bytes = units::plural(bytes.as_bytes().len() as u64, "byte", "bytes");
                    writeln!(out, "    insert {bytes}: {why}")?;
                }
                Edit::Reframe { start, end, from, .. } => {
                    writeln!(out, "    keep   {start} .. {end}, {}", from.remedy())?;
                }
                Edit::Checksum => writeln!(out, "    insert 8 bytes: the checksum of what stands before")?,
            }
        }
        if let Some(more) = file.edits.len().checked_sub(SHOWN_EDITS).filter(|more| *more > 0) {
            writeln!(out, "    and {} more; --json lists them all", units::count(more as u64))?;
        }
    }
    match (&report.receipt, &order.out) {
        (Some(receipt), Some(path)) => {
            let found =
                if receipt.verdict == Verdict::Sound { "sound" } else { "whole, but see the findings" };
            writeln!(out, "Written to {} and read again: {found}.", path.display())?;
            if let Some(keys) = words::keys_held(&receipt.keys) {
                writeln!(out, "A server that has replayed it holds {keys}.")?;
            }
            for file in &receipt.outputs {
                writeln!(out, "  {}  {}", file.sha256, file.name)?;
            }
            if !order.no_receipt {
                let zipped = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("zip"));
                let place = if zipped {
                    "in it: receipt.json".into()
                } else {
                    format!("beside it: {}", receipt_path(path).display())
                };
                writeln!(out, "The receipt is {place}.")?;
            }
        }
        _ => writeln!(out, "Nothing was written.")?,
    }
    Ok(())
}
