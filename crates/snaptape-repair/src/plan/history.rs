//! What a rewrite has left of the past: a copy cannot go back behind the snapshot it begins with.

use snaptape_report::{enumerate, units};

use super::rest::Layout;
use crate::rewritten::{self, Older};

/// When the snapshot a tape begins with was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// Path of its file.
    pub file: String,
    /// Unix seconds, as the snapshot says (`ctime`).
    pub written_s: i64,
}

/// What is to be known of the past of a set by somebody who wants to go back in it, to `wanted_s` if that is known.
pub(crate) fn past(layout: &Layout<'_>, moments: &[Moment], wanted_s: Option<i64>) -> Vec<String> {
    let mut notes = Vec::new();
    let Some(first) = layout.files.first() else { return notes };
    let base_seq =
        layout.directory.as_ref().and_then(|directory| directory.manifest.base()).map(|base| base.seq);
    let moment = moments.iter().find(|moment| moment.file == first.path);
    let rewritten = first.snapshot.is_some() || base_seq.is_some_and(|seq| seq > 1);
    if let Some(moment) = moment {
        let (name, written) = (first.name(), units::time_s(moment.written_s));
        notes.push(match wanted_s {
            Some(wanted_s) if wanted_s < moment.written_s => format!(
                "{} lies before the moment {name} was written ({written}): a rewrite has thrown that past away, and the copy holds \
                 everything up to the rewrite all the same.",
                units::time_s(wanted_s)
            ),
            _ => format!(
                "{name} begins with the dataset as it was at {written}, when a rewrite threw away how it came to be: nobody can go \
                 back behind that moment with this tape."
            ),
        });
    } else if rewritten {
        notes.push(format!(
            "{} was written by a rewrite, which threw away how the dataset came to be: nobody can go back behind it with this tape.",
            first.name()
        ));
    }
    let older = older(layout);
    if !older.is_empty() {
        let names: Vec<&str> = older.iter().map(String::as_str).collect();
        notes.push(format!(
            "Older files are still there, which no server loads: {}. They hold what was before the last rewrite and end where it \
             began; keep them, because the next server that starts may delete them.",
            enumerate(&names)
        ));
    }
    notes
}

/// Files from before the last rewrite that are still there.
fn older(layout: &Layout<'_>) -> Vec<String> {
    const MAX: usize = 5;
    let Some(directory) = &layout.directory else { return Vec::new() };
    let loaded = |path: &str| layout.files.iter().any(|file| file.path == path);
    let name = |old: &Older<'_>| {
        let what = if old.listed { "listed as history" } else { "not listed" };
        format!("{} ({what})", old.file.name())
    };
    let mut older: Vec<String> = rewritten::older(directory, loaded).iter().map(name).collect();
    older.truncate(MAX);
    older
}
