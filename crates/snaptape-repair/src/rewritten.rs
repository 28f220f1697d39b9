//! Files from before the last rewrite that are still there, and a rewrite that has saved next to nothing.

use snaptape_aof::{EntryKind, PartName};
use snaptape_report::{Finding, FindingKind, Severity, enumerate, units};
use snaptape_sort::Sort as _;

use crate::{
    directory::{Directory, ManifestState, Part},
    facts::FileFacts,
    words::n_bytes,
};

/// A base so many times smaller than the one before it has lost most of the dataset.
const SHRUNK: u64 = 10;
/// Bases smaller than this say nothing by their length.
const MIN_BASE_BYTES: u64 = 4 << 10;
/// A tape shorter than this holds hardly more than a SELECT.
const MIN_BYTES: u64 = 100;

/// A file that no server loads any more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Older<'a> {
    pub(crate) file: &'a FileFacts,
    pub(crate) kind: EntryKind,
    /// Does the manifest list it as history? Then the next server that starts deletes it.
    pub(crate) listed: bool,
}

/// Files from before the last rewrite that are not among those that are `loaded`, by their paths.
pub(crate) fn older<'a>(directory: &Directory<'a>, loaded: impl Fn(&str) -> bool) -> Vec<Older<'a>> {
    let first_incr = directory.manifest.incrs().map(|entry| entry.seq).min();
    let base = directory.manifest.base().map(|entry| entry.seq);
    let files = directory.set.files.iter().filter(|file| !loaded(&file.path) && file.bytes > 0);
    let older = files.filter_map(|file| {
        let listed = directory.manifest.history().any(|entry| entry.name == file.name().as_bytes());
        let name = PartName::parse(file.name());
        let is_older = name.as_ref().is_some_and(|part| match part.kind {
            EntryKind::Base => base.is_some_and(|seq| part.seq < seq),
            _ => first_incr.is_some_and(|seq| part.seq < seq),
        });
        let kind = name.map_or(EntryKind::History, |part| part.kind);
        (listed || is_older).then_some(Older { file, kind, listed })
    });
    older.collect()
}

/// A base that holds nothing, or far less than the one before it, beside files from before it.
pub(crate) fn emptied(directory: &Directory<'_>, parts: &[Part<'_>]) -> Option<Finding> {
    const NAMED: usize = 3;
    if directory.state != ManifestState::Good {
        return None;
    }
    let base = parts.iter().find(|part| part.entry.kind == EntryKind::Base)?.file?;
    if !base.is_sound() {
        return None;
    }
    let loaded = |path: &str| parts.iter().any(|part| part.file.is_some_and(|file| file.path == path));
    let mut older = older(directory, loaded);
    let keys = base.snapshot.as_ref().map_or(0, |snapshot| snapshot.keys);
    let commands = base.tape.as_ref().map_or(0, |tape| tape.check.commands);
    let known = base.bytes == 0 || base.snapshot.is_some() || base.tape.is_some();
    let before = older.iter().filter(|old| old.kind == EntryKind::Base).map(|old| old.file.bytes).max();
    let shrunk =
        before.filter(|&bytes| bytes >= MIN_BASE_BYTES && bytes >= base.bytes.saturating_mul(SHRUNK));
    let what = if known && keys == 0 && commands == 0 {
        older.retain(|old| old.file.bytes > base.bytes.max(MIN_BYTES));
        "holds no key".to_owned()
    } else {
        let before = shrunk?;
        let times = before / base.bytes.max(1);
        format!("is {} times smaller than the base before it", units::count(times))
    };
    older.order_by_key(|old| core::cmp::Reverse(old.file.bytes));
    let first = older.first()?;
    let mut names: Vec<String> = older
        .iter()
        .take(NAMED)
        .map(|old| format!("{} ({})", old.file.name(), n_bytes(old.file.bytes)))
        .collect();
    if older.len() > NAMED {
        names.push(units::plural((older.len() - NAMED) as u64, "other file", "other files"));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let deletes = if older.iter().any(|old| old.listed) {
        "; the next server that starts deletes those that the manifest lists as history"
    } else {
        ""
    };
    let message = format!(
        "{} {what}, and files from before it are still there: {}. A rewrite has already thrown away how the dataset came to be, and these \
         are all that is left of it: copy them to somewhere else before a server starts{deletes}.",
        base.name(),
        enumerate(&names),
    );
    Some(Finding {
        severity: Severity::Warning,
        kind: FindingKind::HistoryAtRisk,
        file: first.file.path.clone(),
        start: 0,
        end: first.file.bytes,
        message,
    })
}
