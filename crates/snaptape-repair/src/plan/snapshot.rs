//! Plans for a snapshot: `mend` puts back what the checksum gives away, `salvage` writes a new one from every entry that is whole.

use snaptape_sort::Sort as _;
use std::ops::Range;

use snaptape_analysis::{Mending, UnfitReason};
use snaptape_rdb::{Chunk, Made};
use snaptape_report::{Edit, Losses, NewBytes, OutputFile, Plan, units};

use crate::{
    facts::{FileFacts, SnapshotFacts},
    words::n_bytes,
};

/// What can be done about a snapshot on its own, best first; nothing for one that needs nothing.
pub(crate) fn snapshot_plans(file: &FileFacts) -> Vec<Plan> {
    let Some(snapshot) = &file.snapshot else { return Vec::new() };
    let mend = snapshot.recovery.mending.as_ref().map(|mending| mend(file, snapshot, mending));
    mend.into_iter().chain(salvage(file, snapshot)).collect()
}

fn plan(
    name: &str,
    file: &FileFacts,
    edits: Vec<Edit>,
    keys_kept: u64,
    losses: Losses,
    summary: String,
) -> Plan {
    Plan {
        name: name.into(),
        summary,
        outputs: vec![OutputFile { name: file.name().into(), source: file.path.clone(), edits }],
        directory: false,
        losses,
        commands_kept: 0,
        keys_kept,
        notes: Vec::new(),
        lost_keys: Vec::new(),
        holds: None,
    }
}

/// What is got out of the snapshot at the front of a tape.
#[derive(Debug)]
pub(crate) struct Rescued {
    /// Everything before the tape.
    pub(crate) edits: Vec<Edit>,
    pub(crate) keys_kept: u64,
    pub(crate) losses: Losses,
    /// What was done, a sentence or more.
    pub(crate) summary: String,
}

/// The snapshot that ends at `end`, put right; nothing where nothing of it can be had.
pub(crate) fn rescue_snapshot(file: &FileFacts, end: u64) -> Option<Rescued> {
    let front = FileFacts { bytes: end, ..file.clone() };
    let plan = snapshot_plans(&front).into_iter().next()?;
    let edits = plan.outputs.into_iter().next()?.edits;
    Some(Rescued { edits, keys_kept: plan.keys_kept, losses: plan.losses, summary: plan.summary })
}

fn mend(file: &FileFacts, snapshot: &SnapshotFacts, mending: &Mending) -> Plan {
    let end = mending.start + mending.bytes.len() as u64;
    let what = units::plural(mending.bytes.len() as u64, "byte", "bytes");
    let edits = vec![
        Edit::Keep { start: 0, end: mending.start },
        Edit::Drop { start: mending.start, end, why: "damaged, as the checksum shows".into() },
        Edit::Insert {
            bytes: NewBytes::new(mending.instead.clone()),
            why: "what the checksum was made of".into(),
        },
        Edit::Keep { start: end, end: file.bytes },
    ];
    let summary = format!(
        "Put back {what} at offset {}: with that the checksum of the whole snapshot agrees, so every key is as it was saved. \
         Nothing is lost.",
        units::offset(mending.start)
    );
    // How many there are shows when the copy is read; what is known now is a lower bound.
    let keys = match &snapshot.error {
        // What was found behind the damage may be a part of it.
        Some(_) => snapshot.recovery.announced_keys.unwrap_or(snapshot.recovery.copied_keys),
        // All were read; that one is damaged inside does not make it fewer, and an announcement may be what is damaged.
        None => snapshot.keys + snapshot.recovery.keys_behind,
    };
    plan("mend", file, crate::pieces::join(&edits), keys, Losses::default(), summary)
}

/// Is there something to leave out or to make anew?
fn needs_salvage(snapshot: &SnapshotFacts) -> bool {
    let new_header = matches!(snapshot.recovery.copy.first(), Some(Chunk::Bytes { what: Made::Header, .. }));
    snapshot.error.is_some() || snapshot.checksum_mismatch || !snapshot.unfit.is_empty() || new_header
}

fn salvage(file: &FileFacts, snapshot: &SnapshotFacts) -> Option<Plan> {
    let recovery = &snapshot.recovery;
    if !needs_salvage(snapshot) || recovery.copied_keys == 0 {
        return None;
    }
    let wounds = wounds(snapshot);
    let edits = edits(file, snapshot, &wounds);
    let lost_bytes: u64 = wounds.iter().map(|(span, _)| span.end - span.start).sum();
    let kept = recovery.copied_keys;
    // Before RDB version 9 (Redis 5) keys that had expired were announced, but not written.
    let announces = snapshot.features.header.is_some_and(|(_, version)| version >= 9);
    let about = recovery.announced_keys.filter(|&announced| announces && announced >= kept);
    let losses = Losses { bytes: lost_bytes, keys: about.map_or(0, |all| all - kept), ..Losses::default() };
    let mut summary = match about {
        Some(all) => format!(
            "Write a new snapshot with {} of about {}",
            units::count(kept),
            units::plural(all, "key", "keys")
        ),
        None => {
            format!("Write a new snapshot with the {} that are whole", units::plural(kept, "key", "keys"))
        }
    };
    summary.push_str(", each copied byte for byte, and with a checksum of its own.");
    let places = wounds.len() as u64;
    if places > 0 {
        let left_out =
            [" Left out: ", &n_bytes(lost_bytes), " in ", &units::plural(places, "place", "places"), "."];
        summary.push_str(&left_out.concat());
    }
    if recovery.holes.iter().any(|hole| hole.behind.as_ref().is_some_and(|behind| !behind.certain)) {
        summary.push_str(" Where a SELECTDB may be lost, the database of what follows is a guess.");
    }
    if recovery.holes.is_empty() && snapshot.checksum_mismatch && snapshot.unfit.is_empty() {
        summary.push_str(
            " Every entry reads well, but at least one byte is not what was saved, and which one cannot be known: a value may be wrong.",
        );
    }
    let mut plan = plan("salvage", file, edits, kept, losses, summary);
    plan.notes.extend(recovery.assumed_version.map(|version| {
        format!(
            "The header is lost: the copy says RDB version {version}, the first one that has everything in it. That is an assumption; \
             so are the databases, where no SELECTDB is left."
        )
    }));
    plan.notes.extend(unseen_changes(snapshot));
    Some(plan)
}

/// Changes that show nowhere but in the checksum.
fn unseen_changes(snapshot: &SnapshotFacts) -> Option<String> {
    let reads_on = snapshot.recovery.holes.iter().any(|hole| hole.behind.is_some());
    let is_torn_only = !reads_on && !snapshot.checksum_mismatch && snapshot.unfit.is_empty();
    if is_torn_only || snapshot.recovery.mending.is_some() || snapshot.recovery.checksum_agrees {
        return None;
    }
    let why = if snapshot.checksum_mismatch {
        "The checksum of the file does not agree"
    } else {
        "No checksum says that the rest of the file is whole"
    };
    Some(format!(
        "{why}: what is kept may have changed bytes in names and values, too, and which cannot be told. Compare with another \
         copy where it matters."
    ))
}

/// What is left out because it is damaged, in file order, with the reason.
fn wounds(snapshot: &SnapshotFacts) -> Vec<(Range<u64>, &'static str)> {
    let mut wounds: Vec<(Range<u64>, &'static str)> = snapshot
        .recovery
        .holes
        .iter()
        .map(|hole| {
            (hole.span.clone(), if hole.span.start == 0 { "damaged header" } else { "cannot be read" })
        })
        .chain(snapshot.unfit.iter().map(|unfit| {
            let why = match unfit.reason {
                UnfitReason::DuplicateKey => "the key stands there before",
                UnfitReason::Foreign => "its writer cannot have written it",
                _ => "the value is damaged inside",
            };
            (unfit.span.clone(), why)
        }))
        .filter(|(span, _)| span.start < span.end)
        .collect();
    wounds.order_by_key(|(span, _)| (span.start, span.end));
    wounds
}

/// The list of what is copied and made anew, as edits over the original.
fn edits(file: &FileFacts, snapshot: &SnapshotFacts, wounds: &[(Range<u64>, &'static str)]) -> Vec<Edit> {
    let copy = &snapshot.recovery.copy;
    let mut edits = Vec::new();
    let mut at = 0;
    for (i, chunk) in copy.iter().enumerate() {
        // What is new replaces what stands before the next bytes that are kept.
        let next = copy.get(i..).unwrap_or_default().iter().find_map(|chunk| match chunk {
            Chunk::Copy(span) => Some(span.start),
            _ => None,
        });
        let next = next.unwrap_or(file.bytes);
        leave_out(&mut edits, at..next, wounds);
        at = at.max(next);
        match chunk {
            Chunk::Copy(span) => {
                edits.push(Edit::Keep { start: span.start, end: span.end });
                at = span.end;
            }
            Chunk::Bytes { bytes, what } => {
                let why = match what {
                    Made::Header => "header".into(),
                    Made::Database { db, keys, .. } => {
                        format!("database {db} with {}", units::plural(*keys, "key", "keys"))
                    }
                    Made::End => "end of the snapshot".into(),
                };
                edits.push(Edit::Insert { bytes: NewBytes::new(bytes.clone()), why });
            }
            Chunk::Checksum => edits.push(Edit::Checksum),
        }
    }
    crate::pieces::join(&edits)
}

/// Drops a stretch of the original, saying of each part why.
fn leave_out(edits: &mut Vec<Edit>, span: Range<u64>, wounds: &[(Range<u64>, &'static str)]) {
    let mut at = span.start;
    let mut drop = |start: u64, end: u64, why: &str| {
        if start < end {
            edits.push(Edit::Drop { start, end, why: why.into() });
        }
    };
    let first = wounds.partition_point(|(wound, _)| wound.end <= span.start);
    for (wound, why) in wounds.get(first..).unwrap_or_default() {
        if wound.start >= span.end {
            break;
        }
        let (start, end) = (wound.start.max(at), wound.end.min(span.end));
        drop(at, start, "is made anew");
        drop(start, end, why);
        at = at.max(end);
    }
    drop(at, span.end, "is made anew");
}
