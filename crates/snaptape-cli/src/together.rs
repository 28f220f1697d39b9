//! Printing: which releases load the files, and what several snapshots are together.

use std::io::{self, Write};

use snaptape_report::{ReleaseGroup, ReleaseLoad, Report, Shard, SlotLoad, units};

use crate::output;

/// Slots that are printed.
const HEAVIEST: usize = 5;

/// One row for each group of releases that answer alike, and the keys that make the difference.
pub(crate) fn releases(out: &mut impl Write, releases: &[ReleaseLoad]) -> io::Result<()> {
    if releases.is_empty() {
        return Ok(());
    }
    let groups = ReleaseGroup::of(releases);
    let rows: Vec<Vec<String>> = groups
        .iter()
        .map(|group| {
            let way_out = group.way_out.as_ref().map(|way| format!("; only with {way}")).unwrap_or_default();
            vec![group.name.clone(), group.answer().into(), format!("{}{way_out}", group.why)]
        })
        .collect();
    writeln!(out)?;
    output::table(out, &["release", "loads it", "because"], &rows)?;
    for cause in ReleaseGroup::telling(&groups) {
        writeln!(out, "  {}: {}", cause.what, cause.examples())?;
    }
    Ok(())
}

/// One row for each snapshot of several, and the slots of all.
pub(crate) fn shards(out: &mut impl Write, report: &Report) -> io::Result<()> {
    if !report.shards.is_empty() {
        let rows: Vec<Vec<String>> = report.shards.iter().map(shard).collect();
        writeln!(out)?;
        let header = ["shard", "written by", "keys", "file", "payload", "memory", "slots", "slot ranges"];
        let columns = if report.slots.is_some() { header.len() } else { header.len() - 2 };
        output::table(out, header.get(..columns).unwrap_or(&header), &rows)?;
    }
    if let Some(slots) = &report.slots {
        writeln!(out, "\n{}.", slots.summary())?;
        let rows: Vec<Vec<String>> = slots.heaviest.iter().take(HEAVIEST).map(slot).collect();
        if !rows.is_empty() {
            writeln!(out)?;
            output::table(out, &["heaviest slots", "keys", "memory", "largest key", "its share"], &rows)?;
        }
    }
    Ok(())
}

fn slot(slot: &SlotLoad) -> Vec<String> {
    vec![
        slot.slot.to_string(),
        units::count(slot.keys),
        units::bytes(slot.memory_bytes),
        slot.largest.display(),
        units::percent(slot.largest_memory_bytes, slot.memory_bytes),
    ]
}

fn shard(shard: &Shard) -> Vec<String> {
    vec![
        shard.file.clone(),
        shard.release.clone().unwrap_or_else(|| "-".into()),
        units::count(shard.keys),
        units::bytes(shard.file_bytes),
        units::bytes(shard.payload_bytes),
        units::bytes(shard.memory_bytes),
        units::count(u64::from(shard.slots)),
        shard.ranges_text(),
    ]
}
