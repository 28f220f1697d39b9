//! The plan `truncate`: keep what is good from the front, leave out the rest.

use snaptape_aof::{EntryKind, Manifest};
use snaptape_report::{Edit, Losses, NewBytes, OutputFile, Plan, enumerate, units};

use crate::{
    directory::{Directory, ManifestState, Part, place},
    facts::FileFacts,
    notes::is_not_a_tape,
    words::{n_bytes, n_commands},
};

const NAME: &str = "truncate";

/// Why cutting does not help where the server does not get past a command in front of the cut.
fn refused_before(file: &FileFacts, cut_at: u64) -> Option<String> {
    let refused = &file.tape.as_ref()?.loader.refused;
    let refusal = refused.iter().find(|refusal| refusal.end <= cut_at)?;
    Some(format!(
        "the server does not get past the command at {} of {}, and a copy cut there would lose everything behind it: take out that \
         command alone",
        crate::words::offset(refusal.offset),
        file.name()
    ))
}

/// What can be done: a plan, nothing because nothing is wrong, or nothing for a reason.
pub(crate) type Offer = Result<Option<Plan>, String>;

/// Commands of a file that are behind `cut_at`, torn ones counted, as far as they can be recognised: those of `salvage` and the
/// plans that go with it are counted in the same way.
fn commands_lost(file: &FileFacts) -> u64 {
    let Some(tape) = &file.tape else { return 0 };
    (tape.salvage.commands + tape.salvage.lost).saturating_sub(tape.commands_kept())
}

/// All commands of a file that is left out.
fn commands_all(file: &FileFacts) -> u64 {
    file.tape.as_ref().map_or(0, |tape| tape.commands_kept() + commands_lost(file))
}

fn cut_at(file: &FileFacts) -> u64 {
    file.tape.as_ref().map_or(file.bytes, snaptape_aof::TapeFacts::cut_at)
}

fn commands_kept(file: &FileFacts) -> u64 {
    file.tape.as_ref().map_or(0, snaptape_aof::TapeFacts::commands_kept)
}

fn output(file: &FileFacts) -> OutputFile {
    let cut_at = cut_at(file);
    let mut edits = Vec::new();
    if cut_at > 0 {
        edits.push(Edit::Keep { start: 0, end: cut_at });
    }
    if cut_at < file.bytes {
        let why = "behind the last good command".into();
        edits.push(Edit::Drop { start: cut_at, end: file.bytes, why });
    }
    OutputFile { name: file.name().into(), source: file.path.clone(), edits }
}

fn and_loses(losses: &Losses, missing: &[String]) -> String {
    if losses.bytes == 0 {
        return format!("Nothing that is there is left out.{}", held(missing));
    }
    let commands = match losses.commands {
        0 => "no command that can be recognised".into(),
        n => format!("at least {}", n_commands(n)),
    };
    let files = match losses.files {
        0 => String::new(),
        n => format!(" and {}", units::plural(n, "whole file", "whole files")),
    };
    format!("Lost: {}{files}, with {commands}.{}", n_bytes(losses.bytes), held(missing))
}

/// What files that are listed and not there cost, as one more sentence.
pub(super) fn held(missing: &[String]) -> String {
    let names: Vec<&str> = missing.iter().take(3).map(String::as_str).collect();
    match missing.len().saturating_sub(names.len()) {
        0 if names.is_empty() => String::new(),
        0 => format!(" What {} held is lost, and nothing tells how much that was.", enumerate(&names)),
        n => format!(
            " What {} and {n} more files held is lost, and nothing tells how much that was.",
            names.join(", ")
        ),
    }
}

/// The names of the files that are listed and not there.
pub(super) fn names_missing(parts: &[Part<'_>]) -> Vec<String> {
    parts.iter().filter(|part| part.file.is_none()).map(Part::name).collect()
}

/// Keys of the snapshots among them.
fn keys_of<'a>(files: impl Iterator<Item = &'a FileFacts>) -> u64 {
    files.filter_map(|file| file.snapshot.as_ref()).map(|snapshot| snapshot.keys).sum()
}

/// `the snapshot (32 keys) and 12 commands`.
fn kept_words<'a>(files: impl Iterator<Item = &'a FileFacts>, commands: u64) -> String {
    match keys_of(files) {
        0 => n_commands(commands),
        n => format!("the snapshot ({}) and {}", units::plural(n, "key", "keys"), n_commands(commands)),
    }
}

/// The plan for a tape on its own.
pub(crate) fn truncate_file(file: &FileFacts) -> Offer {
    if file.snapshot_broken() {
        return Err(format!(
            "the snapshot at the front of {} is broken, and cutting cannot mend a snapshot",
            file.name()
        ));
    }
    let Some(tape) = file.tape.as_ref().filter(|_| !file.is_sound()) else {
        return match refused_before(file, file.bytes) {
            Some(why) => Err(why),
            None => Ok(None),
        };
    };
    if is_not_a_tape(tape) {
        return Err(format!("{} holds nothing that could be kept", file.name()));
    }
    let cut_at = tape.cut_at();
    if let Some(why) = refused_before(file, cut_at) {
        return Err(why);
    }
    let losses = Losses { bytes: file.bytes - cut_at, commands: commands_lost(file), ..Losses::default() };
    let commands_kept = tape.commands_kept();
    let keys_kept = keys_of([file].into_iter());
    // A copy without a byte is one the server starts EMPTY on: that mends nothing.
    if cut_at == 0 {
        return Err(format!(
            "the damage is at the very front of {}, and cutting there would leave nothing",
            file.name()
        ));
    }
    let kept = kept_words([file].into_iter(), commands_kept);
    let what = format!("Cut {} after the last good command, and keep {kept}.", place(file, cut_at));
    Ok(Some(Plan {
        name: NAME.into(),
        summary: format!("{what} {}", and_loses(&losses, &[])),
        outputs: vec![output(file)],
        directory: false,
        losses,
        commands_kept,
        keys_kept,
        notes: Vec::new(),
        lost_keys: Vec::new(),
        holds: None,
    }))
}

/// The plan for an append-only directory.
pub(crate) fn truncate_directory(directory: &Directory<'_>) -> Offer {
    let parts = directory.parts.as_deref().map_err(String::clone)?;
    let good_manifest = directory.state == ManifestState::Good;
    let mut kept: Vec<&Part<'_>> = Vec::new();
    let mut cut = None;
    let mut stopped_by = None;
    for part in parts {
        let is_base = part.entry.kind == EntryKind::Base;
        let Some(file) = part.file else {
            if is_base {
                return Err(format!(
                    "the base {} is missing: increments alone are not the dataset",
                    part.name()
                ));
            }
            stopped_by = Some(format!("{} is missing", part.name()));
            break;
        };
        if file.snapshot_broken() {
            if is_base {
                return Err(format!(
                    "the snapshot in the base {} is broken, and cutting cannot mend a snapshot",
                    part.name()
                ));
            }
            stopped_by = Some(format!("{} is broken", part.name()));
            break;
        }
        if file.bytes > 0 && file.tape.is_none() && file.snapshot.is_none() {
            if is_base {
                return Err(format!("nothing is known of what the base {} holds", part.name()));
            }
            stopped_by = Some(format!("nothing is known of what {} holds", part.name()));
            break;
        }
        if let Some(why) = refused_before(file, cut_at(file)) {
            return Err(why);
        }
        kept.push(part);
        if !file.is_sound() {
            cut = Some(file);
            break;
        }
    }
    let dropped: Vec<_> =
        parts.get(kept.len()..).unwrap_or_default().iter().filter_map(|part| part.file).collect();
    let changes_manifest = !good_manifest || kept.len() < parts.len();
    if !changes_manifest && cut.is_none() {
        return Ok(None);
    }
    if kept.is_empty() {
        return Err("no file can be kept".into());
    }
    let files = kept.iter().filter_map(|part| part.file);
    let missing = names_missing(parts);
    let losses = Losses {
        bytes: cut.map_or(0, |file| file.bytes - cut_at(file))
            + dropped.iter().map(|file| file.bytes).sum::<u64>(),
        commands: cut.map_or(0, commands_lost) + dropped.iter().map(|file| commands_all(file)).sum::<u64>(),
        files: dropped.len() as u64,
        keys: 0,
        missing: missing.len() as u64,
    };
    let commands_kept = files.clone().map(commands_kept).sum();
    let keys_kept = keys_of(files.clone());
    let kept_words = kept_words(files.clone(), commands_kept);
    let mut outputs: Vec<_> = files.map(output).collect();
    let history: Vec<_> =
        directory.manifest.history().filter(|entry| directory.file(&entry.name).is_some()).collect();
    for entry in &history {
        if let Some(file) = directory.file(&entry.name) {
            let edits =
                if file.bytes > 0 { vec![Edit::Keep { start: 0, end: file.bytes }] } else { Vec::new() };
            outputs.push(OutputFile { name: file.name().into(), source: file.path.clone(), edits });
        }
    }
    let manifest_bytes = directory.set.manifest.as_ref().map_or(0, |manifest| manifest.text.len() as u64);
    let edits = if changes_manifest {
        let mut manifest = Manifest::default();
        manifest.entries.extend(kept.iter().map(|part| part.entry.clone()));
        manifest.entries.extend(history.into_iter().cloned());
        // Where the last file ends is for the server to say when it goes on.
        if let Some(last) = manifest.entries.iter_mut().filter(|entry| entry.kind == EntryKind::Incr).last() {
            last.end_offset = None;
        }
        let why = if good_manifest { "without the files left out" } else { "a manifest the server reads" };
        vec![Edit::Insert { bytes: NewBytes::new(manifest.to_text().into_bytes()), why: why.into() }]
    } else {
        vec![Edit::Keep { start: 0, end: manifest_bytes }]
    };
    let source = if changes_manifest { String::new() } else { directory.manifest_path.into() };
    outputs.push(OutputFile { name: directory.manifest_name(), source, edits });
    Ok(Some(Plan {
        name: NAME.into(),
        summary: summary(good_manifest, cut, stopped_by, &dropped, &kept_words, and_loses(&losses, &missing)),
        outputs,
        directory: true,
        losses,
        commands_kept,
        keys_kept,
        notes: missing.first().map(|first| ends_before(first)).into_iter().collect(),
        lost_keys: Vec::new(),
        holds: None,
    }))
}

fn summary(
    good_manifest: bool,
    cut: Option<&FileFacts>,
    stopped_by: Option<String>,
    dropped: &[&FileFacts],
    kept: &str,
    loses: String,
) -> String {
    let mut steps = Vec::new();
    if let Some(file) = cut {
        steps.push(format!("Cut {} after the last good command.", place(file, cut_at(file))));
    }
    if let Some(why) = stopped_by {
        steps.push(format!("Stop before the first file that cannot be used: {why}."));
    }
    if !dropped.is_empty() {
        let names: Vec<_> = dropped.iter().map(|file| file.name()).collect();
        steps.push(format!("Leave out {}: their writes come after what is lost.", names.join(", ")));
    }
    if !good_manifest {
        steps.push("Write the manifest anew.".into());
    }
    steps.push(format!("Keep {kept}."));
    steps.push(loses);
    steps.join(" ")
}

/// What it means that the copy ends where a file is missing.
fn ends_before(missing: &str) -> String {
    format!(
        "THE WRITES OF {missing} ARE MISSING: the copy ends where they began, as old as that. Look for a backup of the file before you use \
         this."
    )
}

/// Why a whole set has no plan, as a finding says it.
pub(crate) fn no_plan(why: &str) -> String {
    format!("No repair by cutting is offered: {why}.")
}
