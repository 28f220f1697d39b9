//! The plans `salvage` and `close-multi`: leave out what is damaged and keep everything else, also behind the damage.

use snaptape_aof::EntryKind;
use snaptape_report::{KeyName, Losses, OutputFile, Plan, units};

use super::{
    manifest::bookkeeping,
    rescue::{AtEnd, Rescue, rescue},
    truncate::{held, names_missing},
};
use crate::{
    directory::{Directory, ManifestState, Part},
    facts::FileFacts,
    words::{n_bytes, n_commands},
};

/// A transaction of more commands than this is more likely to have lost its EXEC than to be one.
const IMPLAUSIBLE_BLOCK: u64 = 1_000;

/// Puts `salvage` and, where a transaction has lost its end, `close-multi` among the plans, best first: what keeps most, and of
/// two that leave the same the simpler one. `gap`: a whole file is missing, and what comes after it is in doubt.
pub(crate) fn add_salvage(
    plans: &mut Vec<Plan>,
    truncate: Option<Plan>,
    salvage: Option<Plan>,
    close_multi: Option<Plan>,
    open: u64,
    gap: bool,
) {
    let kept = |plan: &Plan| (plan.commands_kept, plan.keys_kept);
    let salvage_first = match (&truncate, &salvage) {
        (Some(truncate), Some(salvage)) => kept(salvage) > kept(truncate) && !gap,
        _ => false,
    };
    let (close_first, close_last) =
        if open > IMPLAUSIBLE_BLOCK { (close_multi, None) } else { (None, close_multi) };
    plans.extend(close_first);
    if salvage_first {
        plans.extend(salvage.into_iter().chain(truncate));
    } else {
        plans.extend(truncate.into_iter().chain(salvage));
    }
    plans.extend(close_last);
}

/// Commands in a transaction the file ends in, and whether one was closed in its middle.
fn transactions(file: &FileFacts) -> (u64, bool) {
    let Some(tape) = &file.tape else { return (0, false) };
    let open = tape.salvage.open.as_ref().map_or(0, |open| open.commands.max(1));
    (open, tape.salvage.closed + tape.salvage.abandoned + tape.salvage.doubled_multis > 0)
}

/// Commands in the longest transaction that a file ends in.
pub(crate) fn open_commands<'a>(files: impl IntoIterator<Item = &'a FileFacts>) -> u64 {
    files.into_iter().map(|file| transactions(file).0).max().unwrap_or(0)
}

/// Both plans for a tape on its own, where there is something to keep.
pub(crate) fn salvage_file(file: &FileFacts, truncate: Option<&Plan>) -> (Option<Plan>, Option<Plan>) {
    let plan = |name: &str, at_end| {
        let rescue = rescue(file, at_end)?;
        let outputs = vec![OutputFile {
            name: file.name().into(),
            source: file.path.clone(),
            edits: rescue.edits.clone(),
        }];
        assemble(name, outputs, false, vec![rescue], OfSet::default(), truncate)
    };
    let (open, closed) = transactions(file);
    let close = (open > 0 || closed).then(|| plan("close-multi", AtEnd::Complete)).flatten();
    (plan("salvage", AtEnd::Drop), close)
}

/// Both plans for an append-only directory.
pub(crate) fn salvage_directory(
    directory: &Directory<'_>,
    truncate: Option<&Plan>,
) -> (Option<Plan>, Option<Plan>) {
    let Ok(parts) = &directory.parts else { return (None, None) };
    let plan = |name: &str, at_end| {
        let mut kept: Vec<&Part<'_>> = Vec::new();
        let (mut rescues, mut outputs) = (Vec::new(), Vec::new());
        let (mut steps, mut notes) = (Vec::new(), Vec::new());
        for (i, part) in parts.iter().enumerate() {
            let is_last = parts.iter().skip(i + 1).all(|part| part.file.is_none());
            let Some(file) = part.file else {
                notes.push(missing(part, is_last));
                continue;
            };
            let Some(rescue) = rescue(file, at_end) else {
                let bytes = file.bytes;
                rescues.push(Rescue {
                    losses: Losses { bytes, files: 1, ..Losses::default() },
                    ..Rescue::default()
                });
                steps.push(format!("Leave out {}: nothing in it can be read.", part.name()));
                notes.push(missing(part, is_last));
                continue;
            };
            outputs.push(OutputFile {
                name: file.name().into(),
                source: file.path.clone(),
                edits: rescue.edits.clone(),
            });
            rescues.push(rescue);
            kept.push(part);
        }
        if kept.len() < parts.len() || directory.state != ManifestState::Good {
            steps.push("Write the manifest anew.".into());
        }
        outputs.extend(bookkeeping(directory, &kept));
        let missing = names_missing(parts);
        assemble(name, outputs, true, rescues, OfSet { steps, notes, missing }, truncate)
    };
    let files = || parts.iter().filter_map(|part| part.file);
    let close = files()
        .any(|file| transactions(file) != (0, false))
        .then(|| plan("close-multi", AtEnd::Complete))
        .flatten();
    (plan("salvage", AtEnd::Drop), close)
}

/// What it means that a file is not in the copy.
fn missing(part: &Part<'_>, is_last: bool) -> String {
    match part.entry.kind {
        EntryKind::Incr if is_last => format!(
            "THE WRITES OF {} ARE MISSING, and nothing comes after them: the copy is as old as the moment before. Look for a backup of the \
             file before you use this.",
            part.name()
        ),
        EntryKind::Base => format!(
            "THE BASE {} IS NOT IN THE COPY: the copy holds only what was written since, and every key that was not is missing. \
             Look for a backup of it before you use this.",
            part.name()
        ),
        _ => format!(
            "THE WRITES OF {} ARE MISSING: what comes after them is kept all the same, so keys may have values they never had \
             (a counter that missed some steps, an element that was removed before).",
            part.name()
        ),
    }
}

/// What is to be said of a set besides what is said of its files.
#[derive(Default)]
struct OfSet {
    steps: Vec<String>,
    notes: Vec<String>,
    /// Files that are listed and not there.
    missing: Vec<String>,
}

fn assemble(
    name: &str,
    outputs: Vec<OutputFile>,
    directory: bool,
    rescues: Vec<Rescue>,
    of_set: OfSet,
    truncate: Option<&Plan>,
) -> Option<Plan> {
    let commands: u64 = rescues.iter().map(|rescue| rescue.commands).sum();
    let keys: u64 = rescues.iter().map(|rescue| rescue.keys).sum();
    if commands == 0 && keys == 0 {
        return None;
    }
    let mut losses = Losses { missing: of_set.missing.len() as u64, ..Losses::default() };
    let mut lost_keys: Vec<KeyName> = Vec::new();
    let (mut steps, mut notes) = (Vec::new(), of_set.notes);
    for rescue in rescues {
        losses.bytes += rescue.losses.bytes;
        losses.commands += rescue.losses.commands;
        losses.keys += rescue.losses.keys;
        losses.files += rescue.losses.files;
        lost_keys.extend(rescue.lost_keys.iter().map(|key| KeyName::new(key)));
        steps.extend(rescue.steps);
        notes.extend(rescue.notes);
    }
    lost_keys.truncate(Plan::MAX_EXAMPLES);
    steps.extend(of_set.steps);
    let kept = match keys {
        0 => n_commands(commands),
        n => format!("the snapshot ({}) and {}", units::plural(n, "key", "keys"), n_commands(commands)),
    };
    let mut summary = format!("Leave out only what is damaged, and keep {kept}, also behind the damage.");
    for step in steps {
        summary.push(' ');
        summary.push_str(&step);
    }
    summary.push(' ');
    summary.push_str(&lost(&losses, &of_set.missing));
    let mut plan = Plan {
        name: name.into(),
        summary,
        outputs,
        directory,
        losses,
        commands_kept: commands,
        keys_kept: keys,
        notes,
        lost_keys,
        holds: None,
    };
    if truncate.is_some_and(|truncate| truncate.is_same_copy(&plan)) {
        plan.summary = format!(
            "There is nothing to keep behind the damage: this leaves the same as truncate, {kept}. {}",
            lost(&losses, &of_set.missing)
        );
    }
    (!plan.changes_nothing()).then_some(plan)
}

fn lost(losses: &Losses, missing: &[String]) -> String {
    if losses.bytes == 0 {
        return format!("Nothing that is there is left out.{}", held(missing));
    }
    let commands = match losses.commands {
        0 => "no command that can be recognised".into(),
        n => format!("at least {}", n_commands(n)),
    };
    format!("Lost: {}, with {commands}.{}", n_bytes(losses.bytes), held(missing))
}
