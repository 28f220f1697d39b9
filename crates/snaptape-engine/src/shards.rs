//! Several snapshots as one data set: shard by shard, their hash slots, and what does not fit together.

use std::collections::{BTreeMap, BTreeSet};

use snaptape_analysis::{ShardFold, SlotFold};
use snaptape_report::{
    FileReport, Finding, FindingKind, Role, Severity, Shard, SlotCoverage, SlotRange, units,
};

use crate::order::file_name;

/// What several snapshots are together.
#[derive(Debug, Default)]
pub(crate) struct Together {
    pub(crate) shards: Vec<Shard>,
    pub(crate) slots: Option<SlotCoverage>,
    pub(crate) findings: Vec<Finding>,
}

/// Puts together what is known of the snapshots among `files`.
pub(crate) fn together(fold: &SlotFold, files: &[FileReport]) -> Together {
    let snapshots: Vec<&FileReport> =
        files.iter().filter(|file| file.role == Role::Rdb && file.snapshot.is_some()).collect();
    let mut together = Together::default();
    if snapshots.len() < 2 && !fold.is_announced() {
        return together;
    }
    let coverage = fold.coverage();
    let is_cluster = looks_like_a_cluster(fold, &coverage);
    if snapshots.len() > 1 {
        together.shards = snapshots.iter().map(|file| shard(file, fold, is_cluster)).collect();
        together.findings.extend(numbering(&snapshots));
        together.findings.extend(writers(&snapshots));
        together.findings.extend(twice(fold));
        together.findings.extend(shared(fold, &coverage));
    }
    if is_cluster {
        together.findings.extend(slots(fold, &coverage, snapshots.len()));
        together.slots = Some(coverage);
    }
    together
}

/// Shards of a cluster share no slots, or a few while slots move. Files that have nothing to do with each other share most.
fn looks_like_a_cluster(fold: &SlotFold, coverage: &SlotCoverage) -> bool {
    fold.is_announced() || (coverage.covered > 0 && coverage.doubled_slots < coverage.covered / 2)
}

fn shard(file: &FileReport, fold: &SlotFold, is_cluster: bool) -> Shard {
    let known = fold.shards().iter().find(|shard| shard.file == file.name);
    Shard {
        file: file.name.clone(),
        release: file.snapshot.as_ref().and_then(|info| info.release.clone()),
        keys: known.map_or(0, |shard| shard.keys),
        file_bytes: file.bytes,
        payload_bytes: known.map_or(0, |shard| shard.payload_bytes),
        memory_bytes: known.map_or(0, |shard| shard.memory_bytes),
        slots: known.map_or(0, ShardFold::slots),
        ranges: known.filter(|_| is_cluster).map(ShardFold::ranges).unwrap_or_default(),
    }
}

fn finding(severity: Severity, kind: FindingKind, message: String) -> Finding {
    Finding { severity, kind, file: String::new(), start: 0, end: 0, message }
}

/// The name without what says how the file is packed: `shard-1.rdb` for `d/shard-1.rdb.gz`.
fn unpacked_name(path: &str) -> &str {
    let mut name = file_name(path);
    while let Some(inner) = [".gz", ".zst", ".lz4", ".zip"].iter().find_map(|end| name.strip_suffix(end)) {
        name = inner;
    }
    name
}

/// Where the names of a set differ, if that is in a number: the words before it, and each number with its digits.
/// `shard-redis-8.2.3-0.rdb`, `shard-redis-8.2.3-1.rdb`: the 8 is none, it is the same in all of them.
fn numbers<'a>(paths: &[&'a str]) -> Option<(&'a str, Vec<(usize, u32)>)> {
    let names: Vec<&str> = paths.iter().map(|path| unpacked_name(path)).collect();
    let first = *names.first()?;
    let is_digit = |c: char| c.is_ascii_digit();
    let alike = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let alike_behind =
        |a: &str, b: &str| a.bytes().rev().zip(b.bytes().rev()).take_while(|(a, b)| a == b).count();
    let front = names.iter().map(|name| alike(first, name)).min()?;
    let front = first.get(..front)?.trim_end_matches(is_digit);
    let behind = names.iter().map(|name| alike_behind(first, name)).min()?;
    let behind = first.get(first.len() - behind..)?.trim_start_matches(is_digit);
    // A number of its own, not one of a version.
    let in_version = |end: &str| end.strip_prefix('.').is_some_and(|rest| rest.starts_with(is_digit));
    if !front.ends_with(['-', '_']) || in_version(behind) {
        return None;
    }
    let number = |name: &str| {
        let digits = name.strip_prefix(front)?.strip_suffix(behind)?;
        let plain = !digits.is_empty() && digits.chars().all(is_digit);
        Some((digits.len(), digits.parse().ok().filter(|_| plain)?))
    };
    Some((front, names.iter().map(|name| number(name)).collect::<Option<_>>()?))
}

/// Numbers that are left out between the first and the last. Services begin at 1.
fn numbering(files: &[&FileReport]) -> Option<Finding> {
    let paths: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let (front, numbers) = numbers(&paths)?;
    let (digits, _) = *numbers.first()?;
    let last = numbers.iter().map(|(_, number)| *number).max()?;
    if last > MAX_SHARDS {
        return None;
    }
    let missing: Vec<String> = (1..last)
        .filter(|wanted| numbers.iter().all(|(_, number)| number != wanted))
        .map(|number| format!("{front}{number:0digits$}"))
        .collect();
    let named: Vec<&str> = missing.iter().map(String::as_str).take(MAX_NAMED).collect();
    let more = if missing.len() > named.len() { ", and more" } else { "" };
    (!missing.is_empty()).then(|| {
        finding(
            Severity::Warning,
            FindingKind::ShardMissing,
            format!(
                "The files are numbered up to {last:0digits$}, and {} {} not among them: {}{more}. What is missing there shows in no other file.",
                units::count(missing.len() as u64),
                if missing.len() == 1 { "is" } else { "are" },
                named.join(", ")
            ),
        )
    })
}

/// Most shards a numbering may have: clusters have up to 500 on managed services.
const MAX_SHARDS: u32 = 10_000;
/// Most things that are named in one sentence.
const MAX_NAMED: usize = 8;
/// Shards of one backup are saved at about the same time, seconds.
const MAX_APART_S: i64 = 3600;

/// Different writers, and different times.
fn writers(files: &[&FileReport]) -> Vec<Finding> {
    let mut by_writer: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut versions: BTreeSet<(&str, u16)> = BTreeSet::new();
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for file in files {
        let Some(info) = &file.snapshot else { continue };
        let release = info.release.as_deref().unwrap_or("of unknown release");
        let writer = format!("{} {release} (RDB version {})", info.product, info.rdb_version);
        versions.insert((info.product.as_str(), info.rdb_version));
        by_writer.entry(writer).or_default().push(file_name(&file.name));
        if let Some(saved) = info.saved_at_s {
            (first, last) = (first.min(saved), last.max(saved));
        }
    }
    let mut findings = Vec::new();
    if by_writer.len() > 1 {
        let list: Vec<String> = by_writer
            .iter()
            .take(MAX_NAMED)
            .map(|(writer, files)| match files.as_slice() {
                [file] => format!("{file} by {writer}"),
                _ => format!("{} by {writer}", units::plural(files.len() as u64, "file", "files")),
            })
            .collect();
        let message = format!(
            "The files were not written by one release: {}. Only a release that reads all of them can take them in.",
            list.join(", ")
        );
        // A patch release more or less is of no consequence; another version of the format is.
        let severity = if versions.len() > 1 { Severity::Warning } else { Severity::Info };
        findings.push(finding(severity, FindingKind::ShardsDiffer, message));
    }
    if last.saturating_sub(first) > MAX_APART_S {
        let message = format!(
            "The files were saved between {} and {}: they may not be one backup.",
            units::time_s(first),
            units::time_s(last)
        );
        findings.push(finding(Severity::Info, FindingKind::ShardsDiffer, message));
    }
    findings
}

/// Files that hold the same keys.
fn twice(fold: &SlotFold) -> Vec<Finding> {
    let shards = fold.shards();
    let mut findings = Vec::new();
    for (i, shard) in shards.iter().enumerate() {
        // The first one it equals is enough: of three copies, two are named.
        if let Some(first) = shards.iter().take(i).find(|first| first.same_keys(shard)) {
            let message = format!(
                "{} and {} hold the same {}: one shard or backup is given twice, and all sums count it twice.",
                file_name(&first.file),
                file_name(&shard.file),
                units::plural(shard.keys, "key", "keys")
            );
            findings.push(finding(Severity::Warning, FindingKind::ShardTwice, message));
        }
    }
    findings
}

fn shared(fold: &SlotFold, coverage: &SlotCoverage) -> Option<Finding> {
    if coverage.shared_keys == 0 {
        return None;
    }
    let compared = match coverage.one_in {
        1 => String::new(),
        n => format!(" (one key in {} was compared)", units::count(n)),
    };
    let message = format!(
        "{} in more than one file{compared}{}. Sums count them each time, and only one of them can be restored.",
        units::plural(coverage.shared_keys, "key stands", "keys stand"),
        examples(&fold.shared_examples()),
    );
    Some(finding(Severity::Warning, FindingKind::KeyInTwoShards, message))
}

fn examples(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names => format!(", for example \"{}\"", names.join("\", \"")),
    }
}

/// Slots that are missing, doubled, or not where they should be.
fn slots(fold: &SlotFold, coverage: &SlotCoverage, files: usize) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !coverage.missing.is_empty() {
        let (severity, meaning) = if files > 1 {
            (Severity::Warning, "a shard of the cluster is likely not among these files")
        } else {
            (Severity::Info, "the file is one shard of a cluster, and the other slots are in other files")
        };
        let message = format!(
            "No key lies in {} ({}) of {}: {meaning}.",
            units::plural(u64::from(coverage.missing_slots), "slot", "slots"),
            named(&coverage.missing),
            units::count(u64::from(SlotCoverage::SLOTS))
        );
        findings.push(finding(severity, FindingKind::SlotsMissing, message));
    }
    if !coverage.doubled.is_empty() {
        let message = format!(
            "{} in more than one file ({}): the shards were saved while slots moved, at different times, or do not belong together.",
            units::plural(u64::from(coverage.doubled_slots), "slot has keys", "slots have keys"),
            named(&coverage.doubled)
        );
        findings.push(finding(Severity::Warning, FindingKind::SlotsDoubled, message));
    }
    if coverage.misplaced_keys > 0 {
        let message = format!(
            "{} under another slot than {} own{}. A server takes slots in the file for hints and puts keys where they belong.",
            units::plural(coverage.misplaced_keys, "key stands", "keys stand"),
            if coverage.misplaced_keys == 1 { "its" } else { "their" },
            examples(fold.misplaced_examples())
        );
        findings.push(finding(Severity::Warning, FindingKind::MisplacedKeys, message));
    }
    findings
}

fn named(ranges: &[SlotRange]) -> String {
    let named: Vec<String> = ranges.iter().take(MAX_NAMED).map(ToString::to_string).collect();
    let more = if ranges.len() > named.len() { ", ..." } else { "" };
    format!("{}{more}", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_is_where_the_names_differ() {
        for (paths, expected) in [
            (
                &["d/my-backup-0001.rdb", "d/my-backup-0003.rdb"][..],
                Some(("my-backup-", vec![(4, 1), (4, 3)])),
            ),
            (&["shard_12.rdb.gz", "shard_2.rdb"], Some(("shard_", vec![(2, 12), (1, 2)]))),
            (&["shard-0011.rdb", "shard-0021.rdb"], Some(("shard-", vec![(4, 11), (4, 21)]))),
            (
                &["shard-redis-8.2.3-0.rdb", "shard-redis-8.2.3-1.rdb", "shard-redis-8.2.3-2.rdb"],
                Some(("shard-redis-8.2.3-", vec![(1, 0), (1, 1), (1, 2)])),
            ),
            (&["dump-8.2.3.rdb", "dump-7.2.3.rdb"], None),
            (&["dump-7.2.3.rdb", "dump-7.2.4.rdb"], None),
            (&["a/dump.rdb", "b/dump.rdb"], None),
            (&["dump6379.rdb", "dump6380.rdb"], None),
            (&["-0001.rdb", "-0002.rdb"], Some(("-", vec![(4, 1), (4, 2)]))),
            (&["a-99999999999.rdb", "a-1.rdb"], None),
            (&["a-1.rdb", "b-2.rdb"], None),
            (&["a-1.rdb"], None),
        ] {
            assert_eq!(numbers(paths), expected, "{paths:?}");
        }
    }
}
