//! Puts the answers together.

use snaptape_analysis::DatasetFold;
use snaptape_report::{
    CHECK_SCHEMA, CheckReport, CheckTool, FileReport, Finding, Load, Loads, REPORT_SCHEMA, Report, Severity,
    Tape, Verdict,
};
use snaptape_wire::Release;

use crate::{InputFile, Outcome, file_scan::FileResult};

/// The release a tape is judged for when neither the user nor a snapshot names one: the rules of the loader have been the same
/// since 7.0.
pub(crate) const DEFAULT_RELEASE: Release = Release::redis(7, 4);

/// What a job has gathered.
pub(crate) struct Parts {
    pub(crate) release: Release,
    pub(crate) inputs: Vec<InputFile>,
    /// Index and contents of the manifest.
    pub(crate) manifest: Option<(usize, Vec<u8>)>,
    pub(crate) results: Vec<FileResult>,
    pub(crate) dataset: DatasetFold,
    pub(crate) tape: Option<Tape>,
    pub(crate) findings: Vec<Finding>,
}

pub(crate) fn assemble(mut parts: Parts) -> Outcome {
    let target = parts.release.to_string();
    let mut findings = core::mem::take(&mut parts.findings);
    let mut files = Vec::new();
    for result in &mut parts.results {
        findings.append(&mut result.findings);
        files.push(FileReport {
            name: result.path.clone(),
            role: result.role,
            bytes: result.bytes,
            sound_up_to: result.snapshot.as_ref().map_or(0, |s| s.sound_up_to),
            commands: result.tape.as_ref().map_or(0, |t| t.check.commands),
            keys: result.snapshot.as_ref().map_or(0, |s| s.keys),
            commands_behind: 0,
            snapshot: result.snapshot.as_ref().and_then(|s| s.info.clone()),
        });
    }
    let verdict = if findings.iter().any(|f| f.severity == Severity::Error) {
        Verdict::Damaged
    } else {
        Verdict::Sound
    };
    let load =
        Load { starts: verdict == Verdict::Sound, why: String::new(), kept_up_to: 0, file: String::new() };
    let has_keys = parts.results.iter().any(|r| r.snapshot.is_some());
    let dataset = has_keys.then(|| parts.dataset.finish());
    let _ = (parts.inputs, parts.manifest);
    Outcome {
        report: Report {
            schema: REPORT_SCHEMA.into(),
            target: target.clone(),
            verdict,
            files: files.clone(),
            findings: findings.clone(),
            dataset,
            tape: parts.tape,
        },
        check: CheckReport {
            schema: CHECK_SCHEMA.into(),
            target,
            verdict,
            files,
            findings,
            loads: Loads { default: load.clone(), strict: load },
            check_tool: CheckTool { tool: "redis-check-aof".into(), exit: 0, ok_up_to: 0, files: vec![] },
        },
        plans: vec![],
    }
}
