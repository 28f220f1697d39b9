//! From facts to a judgement.

use snaptape_sort::Sort as _;
use std::cmp::Reverse;

use snaptape_aof::DamageKind;
use snaptape_report::{
    CheckTool, Finding, FindingKind, Holds, Load, LoadCauseKind, Loads, Plan, ReleaseLoad, Role, Severity,
    Verdict, enumerate,
};
use snaptape_wire::Release;

use crate::{
    compat::{Cause, causes, foreign_to},
    directory::Directory,
    facts::{FileFacts, SetFacts, SnapshotFacts},
    meaning::meaning_findings,
    notes::{Place, blind_tool, is_not_a_tape, is_text_damage, tape_findings},
    options::load_options,
    pieces::tiles,
    plan::{
        add_salvage, no_plan, open_commands, salvage_directory, salvage_file, snapshot_plans,
        truncate_directory, truncate_file,
    },
    releases::releases,
    replayed::{note_keys, replay_findings},
    server::{Ending, Settings, load},
    tool::{Said, check_aof, check_rdb, tool_words},
    whole::judge_whole,
    words,
};

/// What the facts about one file amount to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileJudgement {
    /// Path as it was given.
    pub path: String,
    /// Everything before this offset is good, in the sense of the check tool of a release that knows the file.
    pub sound_up_to: u64,
    /// Complete commands before it.
    pub commands: u64,
    /// Keys of the snapshot part.
    pub keys: u64,
    /// Whole commands behind the damage.
    pub commands_behind: u64,
    /// Whole keys behind the damage.
    pub keys_behind: u64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Is the set sound?
    pub verdict: Verdict,
    /// One for each file of the facts, in the same order.
    pub files: Vec<FileJudgement>,
    /// Worst first; those of the facts included.
    pub findings: Vec<Finding>,
    /// What the server does on start.
    pub loads: Loads,
    /// What the check tool says.
    pub check_tool: CheckTool,
    /// Which releases load the set; empty where it has no snapshot.
    pub releases: Vec<ReleaseLoad>,
    /// What can be done, best first; nothing for a sound set.
    pub plans: Vec<Plan>,
}

/// Judges a set of files.
pub fn judge(set: &SetFacts) -> Judgement {
    if let Some(judgement) = judge_whole(set) {
        return judgement;
    }
    let mut findings: Vec<Finding> =
        set.files.iter().flat_map(|file| file.findings.iter().cloned()).collect();
    let directory = Directory::new(set);
    let (mut loads, check_tool, offer) = if let Some(directory) = &directory {
        findings.extend(directory.findings());
        let loads = loads(set, |settings| directory.load(settings));
        (loads, directory.tool(), truncate_directory(directory))
    } else {
        for file in &set.files {
            findings.extend(tape_findings(file, set.release, Place::ALONE));
            findings.extend(meaning_findings(file, set.release));
            findings.extend(blind_tool(file, set.release).filter(|_| file.role == Role::Aof));
            findings.extend(emptiness(file));
        }
        let loads = loads(set, |settings| load_all(set, settings));
        let offer = match set.files.as_slice() {
            [file] if file.role == Role::Aof => truncate_file(file),
            _ => Ok(None),
        };
        (loads, check_all(set), offer)
    };
    for load in [&mut loads.default, &mut loads.strict] {
        note_keys(load, set, directory.as_ref());
    }
    findings.extend(replay_findings(set));
    let foreign: Vec<_> = set.files.iter().filter_map(|file| foreign(file, set, &findings)).collect();
    findings.extend(foreign);
    findings.extend(set.files.iter().filter_map(|file| modules(file, set.release)));
    let verdict = verdict(set, directory.as_ref(), &findings);
    let truncate = match offer {
        Ok(plan) => plan,
        Err(why) => {
            if verdict != Verdict::Sound {
                findings.push(Finding {
                    severity: Severity::Info,
                    kind: FindingKind::Unsupported,
                    file: String::new(),
                    start: 0,
                    end: 0,
                    message: no_plan(&why),
                });
            }
            None
        }
    };
    let mut plans = Vec::new();
    if verdict == Verdict::Sound {
        plans.extend(truncate);
    } else {
        let (salvage, close_multi) = match (&directory, set.files.as_slice()) {
            (Some(directory), _) => salvage_directory(directory, truncate.as_ref()),
            (None, [file]) if file.role == Role::Aof => salvage_file(file, truncate.as_ref()),
            _ => (None, None),
        };
        let parts = directory.as_ref().and_then(|directory| directory.parts.as_deref().ok());
        let gap = parts.is_some_and(|parts| parts.iter().any(|part| part.file.is_none()));
        add_salvage(&mut plans, truncate, salvage, close_multi, open_commands(&set.files), gap);
    }
    if let [file] = set.files.as_slice()
        && file.role == Role::Rdb
        && verdict != Verdict::Sound
    {
        plans.extend(snapshot_plans(file));
    }
    debug_assert_eq!(tiling(set, &plans), Ok(()));
    let position = |path: &str| set.files.iter().position(|file| file.path == path).map_or(0, |at| at + 1);
    // Within a severity: what concerns the whole set, then file by file, each from its front.
    findings.order_by_key(|finding| (Reverse(finding.severity), position(&finding.file), finding.start));
    Judgement {
        verdict,
        files: set.files.iter().map(|file| about(file, set)).collect(),
        findings,
        loads,
        check_tool,
        releases: releases(set, directory.as_ref()),
        plans,
    }
}

/// Do the plans account for every byte of the files they speak of?
fn tiling(set: &SetFacts, plans: &[Plan]) -> Result<(), String> {
    let bytes = |path: &str| {
        let manifest = set.manifest.as_ref().filter(|manifest| manifest.path == path);
        let file = set.files.iter().find(|file| file.path == path);
        manifest.map(|manifest| manifest.text.len() as u64).or(file.map(|file| file.bytes)).unwrap_or(0)
    };
    plans.iter().flat_map(|plan| &plan.outputs).try_for_each(|output| tiles(output, bytes(&output.source)))
}

fn about(file: &FileFacts, set: &SetFacts) -> FileJudgement {
    let snapshot = file.snapshot.as_ref();
    let manifest = set.manifest.as_ref().filter(|manifest| manifest.path == file.path);
    let sound_up_to = match (&file.tape, snapshot, manifest) {
        (_, _, Some(manifest)) => snaptape_aof::Manifest::parse(&manifest.text)
            .map_or_else(|error| error.offset(), |_| manifest.text.len() as u64),
        (_, Some(snapshot), _) if file.snapshot_broken() => snapshot.sound_up_to,
        (Some(tape), _, _) => tape.check.ok_up_to,
        (None, Some(snapshot), _) => snapshot.end,
        (None, None, _) => 0,
    };
    FileJudgement {
        path: file.path.clone(),
        sound_up_to,
        commands: file.tape.as_ref().map_or(0, |tape| tape.check.commands),
        keys: snapshot.map_or(0, |snapshot| snapshot.keys),
        commands_behind: file.tape.as_ref().map_or(0, |tape| tape.behind.commands),
        keys_behind: snapshot.map_or(0, |snapshot| snapshot.recovery.keys_behind),
    }
}

/// The server's start under both settings, and what would make it start.
fn loads(set: &SetFacts, load: impl Fn(Settings) -> Load) -> Loads {
    let options = load_options(set, &load);
    Loads { default: load(Settings::DEFAULT), strict: load(Settings::STRICT), options }
}

/// A set without a manifest: each file is loaded on its own.
fn load_all(set: &SetFacts, settings: Settings) -> Load {
    let mut answer = Load {
        starts: false,
        holds: Holds::This,
        why: "there is nothing to load".into(),
        kept_up_to: 0,
        file: String::new(),
        keys: Vec::new(),
    };
    for file in &set.files {
        let outcome = load(file, set.release, settings);
        let starts = outcome.ending != Ending::Refused;
        answer = Load {
            starts,
            holds: Holds::This,
            why: outcome.why,
            kept_up_to: outcome.kept_up_to,
            file: file.path.clone(),
            keys: Vec::new(),
        };
        if !starts {
            break;
        }
    }
    answer
}

/// The check tool over each file on its own; its exit status is the worst.
fn check_all(set: &SetFacts) -> CheckTool {
    let snapshots = set.files.iter().all(|file| file.role == Role::Rdb);
    let tool = if snapshots { words::check_rdb(set.release) } else { words::check_aof(set.release) };
    let said: Vec<(&FileFacts, Said)> = set
        .files
        .iter()
        .map(|file| {
            let said = if file.role == Role::Rdb {
                check_rdb(file, set.release)
            } else {
                check_aof(file, set.release)
            };
            (file, said)
        })
        .collect();
    tool_words(tool, &said)
}

/// A file on its own that has no bytes.
fn emptiness(file: &FileFacts) -> Option<Finding> {
    if file.bytes > 0 || file.findings.iter().any(|finding| finding.kind == FindingKind::Empty) {
        return None;
    }
    let message = if file.role == Role::Rdb {
        "The file is empty: the server refuses to load it."
    } else {
        "The file is empty: the server starts on it with an EMPTY dataset."
    };
    let (kind, file, message) = (FindingKind::Empty, file.path.clone(), message.into());
    Some(Finding { severity: Severity::Error, kind, file, start: 0, end: 0, message })
}

/// A file the release cannot load, although nothing is wrong with it, or one that is broken or no dump at all and nobody has said
/// so.
fn foreign(file: &FileFacts, set: &SetFacts, findings: &[Finding]) -> Option<Finding> {
    let of_severity = |severity, kind, message| {
        let (file, end) = (file.path.clone(), file.bytes);
        Some(Finding { severity, kind, file, start: 0, end, message })
    };
    let finding = |kind, message| of_severity(Severity::Error, kind, message);
    let said = findings.iter().any(|known| known.file == file.path && known.severity == Severity::Error);
    if let Some(snapshot) = &file.snapshot {
        if let Some(why) = foreign_to(file, set.release) {
            let message = format!("{} cannot load {}: {why}.", words::release_name(set.release), file.name());
            // A file that is whole is not damaged because some release does not read it.
            let severity = if file.snapshot_broken() { Severity::Error } else { Severity::Warning };
            return of_severity(severity, FindingKind::Unsupported, message);
        }
        return match &snapshot.error {
            _ if said => None,
            Some(error) => finding(
                FindingKind::Malformed,
                format!("The snapshot cannot be read: {error}. The server refuses to load it."),
            ),
            None if snapshot.checksum_mismatch => finding(
                FindingKind::ChecksumMismatch,
                "The checksum of the snapshot is wrong: at least one byte has changed. The server refuses to load it.".into(),
            ),
            None => None,
        };
    }
    let is_input = matches!(file.role, Role::Rdb | Role::Aof | Role::Base | Role::Incr | Role::Other);
    if file.tape.is_some() || file.bytes == 0 || !is_input || said {
        return None;
    }
    finding(FindingKind::NotADump, "This is neither a snapshot nor a tape.".into())
}

/// Is there something behind the damage of a snapshot, or something wrong that nobody can point at? One that is merely torn, or
/// whose damage its checksum gives away, is not in doubt.
fn is_in_doubt(snapshot: &SnapshotFacts) -> bool {
    let recovery = &snapshot.recovery;
    recovery.mending.is_none()
        && (snapshot.checksum_mismatch || recovery.holes.iter().any(|hole| hole.behind.is_some()))
}

/// The first of many words, and how many more there are.
fn few(words: &[&str]) -> String {
    const MAX: usize = 10;
    let (named, more) = words.split_at(words.len().min(MAX));
    match more.len() {
        0 => enumerate(named),
        n => format!("{} and {n} more", named.join(", ")),
    }
}

/// Modules the server has to have. Nothing is wrong with the file.
pub(crate) fn modules(file: &FileFacts, release: Release) -> Option<Finding> {
    let causes = causes(file, release);
    let modules: Vec<&Cause> = causes.iter().filter(|cause| cause.kind == LoadCauseKind::Module).collect();
    let what: Vec<String> = modules.iter().map(|cause| cause.text()).collect();
    let mut ways: Vec<&str> = modules.iter().filter_map(|cause| cause.way_out.as_deref()).collect();
    ways.order();
    ways.dedup();
    let message = format!(
        "The file holds {}. Without {} a server refuses all of it, not just those keys.",
        few(&what.iter().map(String::as_str).collect::<Vec<_>>()),
        few(&ways)
    );
    let (file, kind) = (file.path.clone(), FindingKind::ModuleNeeded);
    (!modules.is_empty()).then_some(Finding {
        severity: Severity::Warning,
        kind,
        file,
        start: 0,
        end: 0,
        message,
    })
}

fn verdict(set: &SetFacts, directory: Option<&Directory<'_>>, findings: &[Finding]) -> Verdict {
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        return Verdict::Sound;
    }
    let readable = |file: &FileFacts| {
        let has_keys = |snapshot: &SnapshotFacts| snapshot.keys + snapshot.recovery.keys_behind > 0;
        file.snapshot.as_ref().is_some_and(|snapshot| has_keys(snapshot) || snapshot.error.is_none())
            || file.tape.as_ref().is_some_and(|tape| {
                let block = tape.check.open_multi.is_some();
                let text = tape.damage.is_some_and(|damage| is_text_damage(damage.kind));
                tape.check.commands + tape.behind.commands > 0 || block || (text && !is_not_a_tape(tape))
            })
    };
    if !set.files.iter().any(readable) {
        return Verdict::Unusable;
    }
    let deep = set.files.iter().any(|file| {
        let in_doubt = |kind| {
            matches!(
                kind,
                DamageKind::NestedMulti
                    | DamageKind::StrayExec
                    | DamageKind::ZeroBlock
                    | DamageKind::LineEnding
                    | DamageKind::TextMode
            )
        };
        file.snapshot.as_ref().is_some_and(is_in_doubt)
            || (file.tape.is_some() && file.snapshot_broken())
            || file.tape.as_ref().is_some_and(|tape| {
                tape.behind.commands > 0
                    || tape.commands_kept() < tape.check.commands
                    || tape.damage.is_some_and(|damage| in_doubt(damage.kind))
            })
    });
    let left_behind = directory.is_some_and(|directory| {
        let parts = directory.parts.as_deref().unwrap_or_default();
        let first_bad = parts.iter().position(|part| part.file.is_none_or(|file| !file.is_sound()));
        let missing = parts.iter().any(|part| part.file.is_none());
        directory.parts.is_err() || missing || first_bad.is_some_and(|at| at + 1 < parts.len())
    });
    let other = findings.iter().any(|finding| {
        finding.severity == Severity::Error
            && matches!(finding.kind, FindingKind::BadValue | FindingKind::NotADump | FindingKind::Container)
    });
    if deep || left_behind || other { Verdict::Damaged } else { Verdict::Recoverable }
}
