//! Puts the answers together.

use snaptape_sort::Sort as _;
use std::collections::HashMap;

use snaptape_analysis::{DatasetFold, SlotFold, SnapshotResult, slot_advice};
use snaptape_repair::{
    FileFacts, Judgement, ManifestFacts, Moment, Offered, SetFacts, SnapshotFacts, choose, judge,
    judge_whole, settle_release,
};
use snaptape_report::{
    BehindDamage, CHECK_SCHEMA, CheckReport, Checksum, Choice, ContainerInfo, DestructiveEvent, FileReport,
    Finding, FindingKind, Hole, KeyName, PlaceBehind, REPORT_SCHEMA, Report, Role, Severity, SnapshotInfo,
    units,
};
use snaptape_wire::Release;

use crate::{
    InputFile, Outcome, Source,
    file_scan::FileResult,
    kit::{Kit, TapeResults},
    order,
    packed::PackedFacts,
    shards::together,
};

/// The release a tape is judged for when neither the user nor a snapshot names one: the rules of the loader have been the same
/// since 7.0.
pub(crate) const DEFAULT_RELEASE: Release = Release::redis(7, 4);

/// What a job has gathered.
pub(crate) struct Parts {
    pub(crate) release: Release,
    /// Did the user say so?
    pub(crate) is_chosen: bool,
    pub(crate) inputs: Vec<InputFile>,
    /// Index and contents of the manifest.
    pub(crate) manifest: Option<(usize, Vec<u8>)>,
    pub(crate) results: Vec<FileResult>,
    pub(crate) dataset: DatasetFold,
    pub(crate) slots: SlotFold,
    pub(crate) tape: TapeResults,
    pub(crate) choice: Option<Choice>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) sources: Vec<Source>,
}

/// Everything a job has gathered, before it is judged.
///
/// Only the answers for whole snapshots are there without a [`Kit`].
#[derive(Debug)]
pub struct Unjudged {
    set: SetFacts,
    strangers: Vec<FileFacts>,
    infos: HashMap<String, SnapshotInfo>,
    packed: HashMap<String, PackedFacts>,
    has_keys: bool,
    dataset: DatasetFold,
    slots: SlotFold,
    tape: TapeResults,
    choice: Option<Choice>,
    sources: Vec<Source>,
}

pub(crate) fn gather(mut parts: Parts) -> Unjudged {
    // The order a server loads them in; what it does not load comes last.
    parts.results.order_by_key(|result| match result.role {
        Role::Manifest => 0,
        Role::History => 2,
        Role::Unlisted => 3,
        _ => 1,
    });
    let has_keys = parts
        .results
        .iter()
        .any(|result| result.snapshot.as_ref().is_some_and(|snapshot| snapshot.info.is_some()));
    let infos: HashMap<String, SnapshotInfo> = parts
        .results
        .iter_mut()
        .filter_map(|result| Some((result.path.clone(), result.snapshot.as_mut()?.info.clone()?)))
        .collect();
    let packed: HashMap<String, PackedFacts> = parts
        .results
        .iter_mut()
        .filter_map(|result| Some((result.path.clone(), result.packed.take()?)))
        .collect();
    let mut facts: Vec<FileFacts> = parts.results.into_iter().map(file_facts).collect();
    for (path, meaning) in core::mem::take(&mut parts.tape.meanings) {
        if let Some(file) = facts.iter_mut().find(|file| file.path == path) {
            file.meaning = Some(meaning);
        }
    }
    let strangers = set_strangers_aside(&mut facts);
    for finding in parts.findings {
        if let Some(file) = facts.iter_mut().find(|file| file.path == finding.file) {
            file.findings.push(finding);
        }
    }
    let manifest = parts
        .manifest
        .and_then(|(index, text)| Some(ManifestFacts { path: parts.inputs.get(index)?.path.clone(), text }));
    let release = if parts.is_chosen { parts.release } else { settle_release(parts.release, &facts) };
    let set = SetFacts { release, manifest, files: facts, replay: parts.tape.replay.take() };
    Unjudged {
        set,
        strangers,
        infos,
        packed,
        has_keys,
        dataset: parts.dataset,
        slots: parts.slots,
        tape: parts.tape,
        choice: parts.choice,
        sources: parts.sources,
    }
}

impl Unjudged {
    /// The answers, where they take nothing a [`Kit`] has.
    pub(crate) fn judge_alone(self) -> Result<Outcome, Box<Self>> {
        if self.choice.is_some() || self.tape.tape.is_some() {
            return Err(Box::new(self));
        }
        match judge_whole(&self.set) {
            Some(judgement) => Ok(assemble(self, judgement, Offered::default())),
            None => Err(Box::new(self)),
        }
    }

    /// The answers.
    pub fn judge(self, kit: &Kit) -> Outcome {
        let (judgement, offered) = (kit.judge)(&self);
        assemble(self, judgement, offered)
    }
}

/// What the facts mean, and what can be done.
pub(crate) fn judge_all(unjudged: &Unjudged) -> (Judgement, Offered) {
    let Unjudged { set, infos, tape, choice, .. } = unjudged;
    let judgement = judge(set);
    let offered = offer(choice.as_ref(), set, &judgement, tape, infos);
    (judgement, offered)
}

fn assemble(unjudged: Unjudged, judgement: Judgement, offered: Offered) -> Outcome {
    let Unjudged {
        set,
        strangers,
        mut infos,
        mut packed,
        has_keys,
        dataset,
        slots,
        tape: mut found,
        sources,
        ..
    } = unjudged;
    let target = set.release.to_string();
    let mut files: Vec<FileReport> = judgement
        .files
        .into_iter()
        .zip(&set.files)
        .map(|(judged, facts)| FileReport {
            snapshot: infos.remove(&judged.path),
            name: judged.path,
            role: facts.role,
            bytes: facts.bytes,
            container: None,
            sound_up_to: judged.sound_up_to,
            commands: judged.commands,
            keys: judged.keys,
            commands_behind: judged.commands_behind,
            keys_behind: judged.keys_behind,
            holes: facts.snapshot.iter().flat_map(|snapshot| &snapshot.recovery.holes).map(hole).collect(),
        })
        .collect();
    let mut findings = judgement.findings;
    findings.extend(offered.findings);
    for stranger in strangers {
        files.push(FileReport {
            name: stranger.path,
            role: Role::Other,
            bytes: stranger.bytes,
            container: None,
            sound_up_to: 0,
            commands: 0,
            keys: 0,
            commands_behind: 0,
            keys_behind: 0,
            holes: Vec::new(),
            snapshot: None,
        });
        findings.extend(stranger.findings);
    }
    for file in &mut files {
        if let Some(facts) = packed.remove(&file.name) {
            file.bytes = facts.bytes_on_disk;
            file.container = Some(facts.info);
        }
    }
    let together = together(&slots, &files);
    let map = has_keys.then(|| dataset.map(&target));
    let mut dataset = has_keys.then(|| dataset.finish());
    if let (Some(dataset), Some(slots)) = (&mut dataset, &together.slots) {
        slot_advice(dataset, slots);
    }
    findings.extend(together.findings);
    let mut tape = found.tape.take();
    for file in tape.iter_mut().flat_map(|tape| &mut tape.files) {
        let Some(facts) = set.files.iter().find(|facts| facts.path == file.file) else { continue };
        file.behind = behind(facts);
        if let Some(tape) = facts.tape.as_ref().filter(|_| file.start == file.end) {
            // Nothing good stands before the damage.
            (file.start, file.end) = (tape.check.ok_up_to, tape.check.ok_up_to);
        }
    }
    if let Some(tape) = &tape {
        findings
            .extend(tape.destructive.iter().filter(|e| e.kind.is_flush()).take(MAX_ACCIDENTS).map(accident));
    }
    // Stable: within a severity the order stays.
    findings.order_by_key(|finding| core::cmp::Reverse(finding.severity));
    let report = Report {
        schema: REPORT_SCHEMA.into(),
        target: target.clone(),
        verdict: judgement.verdict,
        files: files.clone(),
        findings: findings.clone(),
        dataset,
        tape,
        replay: set.replay,
        releases: judgement.releases.clone(),
        shards: together.shards,
        slots: together.slots,
        restore: None,
    };
    let check = CheckReport {
        schema: CHECK_SCHEMA.into(),
        target,
        verdict: judgement.verdict,
        files,
        findings,
        loads: judgement.loads,
        check_tool: judgement.check_tool,
        releases: judgement.releases,
    };
    let mut plans = judgement.plans;
    plans.extend(offered.plans);
    for output in plans.iter_mut().filter(|plan| !plan.directory).flat_map(|plan| &mut plan.outputs) {
        let source = report.files.iter().find(|file| file.name == output.source);
        if let Some(container) = source.and_then(|file| file.container.as_ref()) {
            output.name = name_unpacked(&output.name, container);
        }
    }
    Outcome { report, check, plans, refused: offered.refused, map, sources }
}

/// Plans for what was chosen on the tape, or for the last accident.
fn offer(
    choice: Option<&Choice>,
    set: &SetFacts,
    judgement: &Judgement,
    tape: &TapeResults,
    infos: &HashMap<String, SnapshotInfo>,
) -> Offered {
    if tape.tape.is_none() {
        let refused = choice.map(|_| "there is no tape: no commands to choose from".into());
        return Offered { refused, ..Offered::default() };
    }
    let moment = |file: &FileFacts| {
        let aux = &infos.get(&file.path)?.aux;
        let written_s = aux.iter().find(|field| field.name == "ctime")?.value.parse().ok()?;
        Some(Moment { file: file.path.clone(), written_s })
    };
    let moments: Vec<Moment> = set.files.iter().filter_map(moment).collect();
    choose(set, judgement, choice, &tape.choice, &moments)
}

/// What a file is called once nothing is around its contents: `dump.rdb` for `dump.rdb.gz`.
fn name_unpacked(name: &str, container: &ContainerInfo) -> String {
    const ENDS: [&str; 7] = [".gz", ".zip", ".zst", ".lz4", ".zstd", ".vkcs", ".capture"];
    let end = ENDS.into_iter().find(|end| {
        let at = name.len().checked_sub(end.len());
        at.and_then(|at| name.get(at..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    });
    let stem = end.and_then(|end| name.get(..name.len() - end.len())).filter(|stem| !stem.is_empty());
    let inside = container.name_inside.as_deref().map(order::file_name).filter(|name| !name.is_empty());
    match stem {
        // `dump.rdb.zip` says it itself, `backup.zip` does not.
        Some(stem) if stem.contains('.') => stem.to_owned(),
        Some(stem) => inside.unwrap_or(stem).to_owned(),
        None => name.to_owned(),
    }
}

/// Takes out what lies beside backups without being one (a note, a log): worth a line, but no fault of the set.
fn set_strangers_aside(facts: &mut Vec<FileFacts>) -> Vec<FileFacts> {
    let is_stranger =
        |file: &FileFacts| file.role == Role::Other && file.snapshot.is_none() && file.tape.is_none();
    if facts.iter().all(is_stranger) {
        return Vec::new();
    }
    let mut strangers: Vec<FileFacts> = facts.extract_if(.., |file| is_stranger(file)).collect();
    for finding in strangers.iter_mut().flat_map(|file| &mut file.findings) {
        finding.severity = Severity::Info;
    }
    strangers
}

/// What stands behind the place where the check tool stops, if it stops before the end.
fn behind(file: &FileFacts) -> Option<BehindDamage> {
    let facts = file.tape.as_ref().filter(|facts| facts.check.ok_up_to < facts.end)?;
    let place = |place: &snaptape_aof::Place| PlaceBehind {
        offset: place.offset,
        db: place.db,
        time_s: place.time_s,
        in_multi: place.in_multi,
    };
    let places = facts.salvage.places.iter().filter(|place| place.offset >= facts.check.ok_up_to);
    Some(BehindDamage {
        end: facts.end,
        commands: facts.behind.commands,
        places: places.take(BehindDamage::MAX_PLACES).map(place).collect(),
    })
}

/// Most commands that empty databases which become findings; the tape lists more.
const MAX_ACCIDENTS: usize = 20;

/// A command that empties or swaps databases: nothing is wrong with the file, but perhaps with the data.
fn accident(event: &DestructiveEvent) -> Finding {
    let time = event.time_s.map(|s| format!(" at {}", units::time_s(s))).unwrap_or_default();
    let what = event.what();
    let message = format!(
        "{}{time} {what}. {} before it, {} after it; a server replays all of them.",
        event.name,
        units::plural(event.commands_before, "command stands", "commands stand"),
        units::count(event.commands_after)
    );
    Finding {
        severity: Severity::Warning,
        kind: FindingKind::DestructiveCommand,
        file: event.file.clone(),
        start: event.offset,
        end: event.offset,
        message,
    }
}

fn file_facts(result: FileResult) -> FileFacts {
    FileFacts {
        path: result.path,
        role: result.role,
        bytes: result.bytes,
        snapshot: result.snapshot.map(snapshot_facts),
        tape: result.tape,
        meaning: None,
        findings: result.findings,
    }
}

fn hole(hole: &snaptape_analysis::Hole) -> Hole {
    let name = |bytes: &Vec<u8>| KeyName::new(bytes);
    let behind = hole.behind.as_ref();
    Hole {
        start: hole.span.start,
        end: hole.span.end,
        last_key: hole.last_key.as_ref().map(name),
        first_key_after: behind.and_then(|behind| behind.first_key.as_ref()).map(name),
        db_after: behind.map(|behind| behind.db),
        db_certain: behind.is_some_and(|behind| behind.certain),
    }
}

fn snapshot_facts(snapshot: SnapshotResult) -> SnapshotFacts {
    let info = snapshot.info.as_ref();
    SnapshotFacts {
        end: snapshot.end,
        keys: snapshot.keys,
        sound_up_to: snapshot.sound_up_to,
        checksum_mismatch: info.is_some_and(|info| matches!(info.checksum, Checksum::Mismatch { .. })),
        error: snapshot.error,
        features: snapshot.features,
        recovery: snapshot.recovery,
        unfit: snapshot.unfit,
        saved_at_s: info.and_then(|info| info.saved_at_s),
        writer: info.and_then(|info| info.release.as_ref()).map(|_| snapshot.release),
    }
}
