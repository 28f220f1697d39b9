//! Printing: which releases load the files, and what several snapshots are together.

use std::io::{self, Write};

use snaptape_report::{LoadCause, ReleaseGroup, ReleaseLoad, Report, Shard, SlotCoverage, SlotRange, units};

use crate::output;

/// Most ranges of slots that are printed of one shard.
const MAX_RANGES: usize = 4;

/// One row for each group of releases that answer alike, and the keys that make the difference.
pub(crate) fn releases(out: &mut impl Write, releases: &[ReleaseLoad]) -> io::Result<()> {
    if releases.is_empty() {
        return Ok(());
    }
    let groups = ReleaseGroup::of(releases);
    let rows: Vec<Vec<String>> = groups
        .iter()
        .map(|group| {
            let loads = match (group.loads, &group.way_out) {
                (true, _) => "yes",
                (false, Some(_)) => "not as it is",
                (false, None) => "no",
            };
            let way_out = group.way_out.as_ref().map(|way| format!("; only with {way}")).unwrap_or_default();
            vec![group.name.clone(), loads.into(), format!("{}{way_out}", group.why)]
        })
        .collect();
    writeln!(out)?;
    output::table(out, &["release", "loads it", "because"], &rows)?;
    let mut told: Vec<&LoadCause> = Vec::new();
    for cause in groups.iter().flat_map(|group| group.releases.last()).flat_map(|release| &release.causes) {
        let shown = groups.iter().any(|group| group.why.contains(&cause.what));
        if shown && !cause.examples.is_empty() && told.iter().all(|known| known.what != cause.what) {
            told.push(cause);
        }
    }
    for cause in told {
        let more = if cause.keys > cause.examples.len() as u64 { ", ..." } else { "" };
        writeln!(out, "  {}: {}{more}", cause.what, cause.examples.join(", "))?;
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
        writeln!(out, "\n{}", coverage(slots))?;
    }
    Ok(())
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
        ranges(&shard.ranges),
    ]
}

fn ranges(ranges: &[SlotRange]) -> String {
    let some: Vec<String> = ranges.iter().take(MAX_RANGES).map(ToString::to_string).collect();
    let more = if ranges.len() > some.len() { ", ..." } else { "" };
    format!("{}{more}", some.join(", "))
}

fn coverage(slots: &SlotCoverage) -> String {
    let covered = units::count(u64::from(slots.covered));
    let mut text =
        format!("{covered} of {} hash slots hold keys", units::count(u64::from(SlotCoverage::SLOTS)));
    for (n, what) in [(slots.missing_slots, "missing"), (slots.doubled_slots, "in more than one file")] {
        if n > 0 {
            text += &format!(", {} {what}", units::count(u64::from(n)));
        }
    }
    text + "."
}
