//! Snapshots with nothing wrong, the set most people open: judged without what damage, tapes and directories need. The page loads the
//! rest of this crate when it meets one of those.

use core::cmp::Reverse;

use snaptape_report::{CheckTool, Finding, Holds, Load, Loads, Role, Severity, Verdict};
use snaptape_sort::Sort as _;
use snaptape_wire::Release;

use crate::{
    compat::{causes, foreign_to, sentence},
    facts::{FileFacts, SetFacts},
    judge::{FileJudgement, Judgement, modules},
    releases::answers,
    tool::{check_rdb, tool_words},
    words,
};

/// As [`judge`](crate::judge), for a set of whole snapshots with nothing wrong; nothing for any other.
pub fn judge_whole(set: &SetFacts) -> Option<Judgement> {
    let is_whole = |file: &FileFacts| {
        let plain = file.role == Role::Rdb && file.tape.is_none() && file.meaning.is_none();
        plain && file.bytes > 0 && file.snapshot.is_some() && !file.snapshot_broken()
    };
    let fits = set.manifest.is_none() && set.replay.is_none() && set.files.iter().all(is_whole);
    if !fits || set.files.is_empty() || set.files.iter().any(|file| foreign_to(file, set.release).is_some()) {
        return None;
    }
    let mut findings: Vec<Finding> =
        set.files.iter().flat_map(|file| file.findings.iter().cloned()).collect();
    findings.extend(set.files.iter().filter_map(|file| modules(file, set.release)));
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        return None;
    }
    let position = |path: &str| set.files.iter().position(|file| file.path == path).map_or(0, |at| at + 1);
    findings.order_by_key(|finding| (Reverse(finding.severity), position(&finding.file), finding.start));
    let load = load_all(set);
    let files: Vec<&FileFacts> = set.files.iter().collect();
    Some(Judgement {
        verdict: Verdict::Sound,
        files: set.files.iter().filter_map(about).collect(),
        findings,
        loads: Loads { default: load.clone(), strict: load, options: Vec::new() },
        check_tool: check_all(set),
        releases: answers(&files, |_| None, None),
        plans: Vec::new(),
    })
}

/// Why a snapshot is not loaded, or that it is; the settings are about tapes.
pub(crate) fn load(file: &FileFacts, release: Release) -> (bool, String) {
    let (causes, name) = (causes(file, release), file.name());
    if causes.is_empty() {
        (true, format!("{name} loads"))
    } else {
        (false, format!("{} ({name})", sentence(&causes)))
    }
}

fn load_all(set: &SetFacts) -> Load {
    let mut answer = Load {
        starts: false,
        holds: Holds::This,
        why: String::new(),
        kept_up_to: 0,
        file: String::new(),
        keys: Vec::new(),
    };
    for file in &set.files {
        let (starts, why) = load(file, set.release);
        answer = Load {
            starts,
            holds: Holds::This,
            why,
            kept_up_to: file.bytes,
            file: file.path.clone(),
            keys: Vec::new(),
        };
        if !starts {
            break;
        }
    }
    answer
}

fn check_all(set: &SetFacts) -> CheckTool {
    let said: Vec<_> = set.files.iter().map(|file| (file, check_rdb(file, set.release))).collect();
    tool_words(words::check_rdb(set.release), &said)
}

/// What is known of a whole snapshot.
pub(crate) fn about(file: &FileFacts) -> Option<FileJudgement> {
    let snapshot = file.snapshot.as_ref()?;
    Some(FileJudgement {
        path: file.path.clone(),
        sound_up_to: snapshot.end,
        commands: 0,
        keys: snapshot.keys,
        commands_behind: 0,
        keys_behind: snapshot.recovery.keys_behind,
    })
}
