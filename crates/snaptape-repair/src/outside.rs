//! What was opened together with an append-only directory and stands somewhere else.

use snaptape_report::{Finding, FindingKind, Severity, units};

use crate::{
    directory::Directory,
    facts::{FileFacts, file_name, folder},
    layout::is_old_style,
    words::n_bytes,
};

/// Does a file stand in another folder than the manifest?
pub(crate) fn is_outside(directory: &Directory<'_>, file: &FileFacts) -> bool {
    !directory.manifest_path.is_empty() && folder(&file.path) != folder(directory.manifest_path)
}

/// A word on each other directory, and on each file that stands outside of any.
pub(crate) fn outside(directory: &Directory<'_>) -> Vec<Finding> {
    let files = || directory.set.files.iter().filter(|file| is_outside(directory, file));
    let is_manifest = |file: &FileFacts| {
        let name = file_name(&file.path);
        name.ends_with(".manifest") && !name.starts_with("temp-")
    };
    let mut homes: Vec<&str> =
        files().filter(|file| is_manifest(file)).map(|file| folder(&file.path)).collect();
    homes.dedup();
    let mut findings = Vec::new();
    for file in files() {
        let home = folder(&file.path);
        if homes.contains(&home) && !is_manifest(file) {
            continue;
        }
        let (severity, message) = if homes.contains(&home) {
            let parts: Vec<u64> =
                files().filter(|file| folder(&file.path) == home).map(|file| file.bytes).collect();
            let message = format!(
                "{} is an append-only directory of its own ({}, {}), and one is read at a time: nothing of it is read or judged here. \
                 Open it alone.",
                home.trim_end_matches('/'),
                units::plural(parts.len() as u64, "file", "files"),
                n_bytes(parts.iter().sum())
            );
            (Severity::Warning, message)
        } else if is_old_style(directory, file) {
            continue;
        } else {
            let message = format!(
                "{} ({}) stands outside the append-only directory and is not read here: a server that has the directory loads nothing \
                 else. Open it alone to see what is in it.",
                file.name(),
                n_bytes(file.bytes)
            );
            (Severity::Info, message)
        };
        findings.push(Finding {
            severity,
            kind: FindingKind::UnlistedFile,
            file: file.path.clone(),
            start: 0,
            end: file.bytes,
            message,
        });
    }
    findings
}
