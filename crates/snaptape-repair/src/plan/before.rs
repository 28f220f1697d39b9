//! The plan `before`: everything up to a point of the tape, and nothing from it on.

use snaptape_analysis::{ChoiceFacts, Cut};
use snaptape_report::{Choice, Edit, Losses, OutputFile, Plan, units};

use super::{
    history::{Moment, past},
    rest::{Layout, cut, mending},
};
use crate::{
    choice::{keys_named, place_of},
    directory::place,
    facts::FileFacts,
    words::{n_bytes, n_commands, offset},
};

const WHY: &str = "from the chosen point on";

/// The plan, or why there is none.
pub(crate) fn before(
    layout: &Layout<'_>,
    plans: &[Plan],
    choice: Option<&Choice>,
    facts: &ChoiceFacts,
    moments: &[Moment],
) -> Result<Plan, String> {
    let point = facts.cut.as_ref().ok_or_else(|| nowhere(layout, choice, facts))?;
    let (at, file, position) = check(layout, point)?;
    // The check tool passes commands without any argument, which no server loads: what is good for one may not be for the other.
    let loads = file.tape.as_ref().is_none_or(|tape| at <= tape.cut_at());
    let whole = (layout.sound_up_to(position) && !file.snapshot_broken() && loads)
        .then(|| cut_at(layout.outputs(position + 1), &file.path, at));
    let stopped_by = whole.as_ref().and_then(|outputs| layout.stopped_by(outputs));
    let mut mended_by = None;
    let outputs = if let (Some(outputs), None) = (whole, &stopped_by) {
        outputs
    } else {
        let keeps = |plan: &Plan| {
            let reached = plan.outputs.iter().any(|output| output.source == file.path && reaches(output, at));
            reached && layout.stopped_by(&cut_at(plan.outputs.clone(), &file.path, at)).is_none()
        };
        let plan = mending(plans, keeps).ok_or_else(|| damaged(file, at, stopped_by.as_deref()))?;
        mended_by = Some(plan);
        let later = layout.files.get(position + 1..).unwrap_or_default();
        let is_later = |output: &OutputFile| later.iter().any(|file| file.path == output.source);
        if plan.outputs.iter().any(is_later) {
            return Err(format!(
                "something before {} is damaged: carry out the plan {} first, and choose in its copy",
                place(file, at),
                plan.name
            ));
        }
        cut_at(plan.outputs.clone(), &file.path, at)
    };
    let (bytes, files) = layout.lost(&outputs);
    let named = &facts.aftermath.named;
    let lost_commands = commands_behind(layout, position, point);
    let losses = Losses { bytes, commands: lost_commands, keys: named.keys, files, missing: 0 };
    let commands_kept = match mended_by {
        None => {
            let before = layout.files.iter().take(position).filter_map(|file| file.tape.as_ref());
            before.map(|tape| tape.check.commands).sum::<u64>() + point.commands_before
        }
        Some(plan) => {
            let in_file = file.tape.as_ref().map_or(0, |tape| tape.check.commands + tape.behind.commands);
            plan.commands_kept.saturating_sub(in_file.saturating_sub(point.commands_before))
        }
    };
    Ok(Plan {
        name: "before".into(),
        summary: summary(layout, point, file, &losses, commands_kept, mended_by),
        keys_kept: layout.keys_kept(&outputs),
        outputs,
        directory: layout.directory.is_some(),
        losses,
        commands_kept,
        notes: notes(layout, choice, facts, point, moments),
        lost_keys: named.examples.clone(),
        // What is damaged before it may have held more, or less.
        holds: point.held.filter(|_| mended_by.is_none()),
    })
}

/// Why what stands before the point cannot be used.
fn damaged(file: &FileFacts, at: u64, stopped_by: Option<&str>) -> String {
    match stopped_by {
        Some(words) => format!(
            "the server does not get as far as {}, because {words}; take that command out first",
            place(file, at)
        ),
        None => format!(
            "something before {} is damaged, and no plan for that damage keeps what stands there",
            place(file, at)
        ),
    }
}

/// Where the copy ends, in which file, and which one that is of those that are loaded.
fn check<'a>(layout: &Layout<'a>, point: &Cut) -> Result<(u64, &'a FileFacts, usize), String> {
    let path = &point.item.file;
    let position =
        layout.position(path).ok_or_else(|| format!("{path} is not among the files a server loads"))?;
    let file = layout.files.get(position).ok_or("there is no such file")?;
    if let (Some(tape), Some(asked)) = (&file.tape, point.asked)
        && asked < tape.start
    {
        return Err(format!(
            "{} lies inside the snapshot at the front of {}, which is one moment and cannot be cut; its commands begin at {}",
            offset(asked),
            file.name(),
            offset(tape.start)
        ));
    }
    if !point.data_before {
        return Err(format!(
            "nothing that makes a key stands before {}: the copy would be empty",
            place_of(&point.item)
        ));
    }
    Ok((point.at, file, position))
}

/// Why no point was found.
fn nowhere(layout: &Layout<'_>, choice: Option<&Choice>, facts: &ChoiceFacts) -> String {
    match (choice, facts.last_time_s) {
        (Some(Choice::BeforeTime { .. }), None) => {
            "the tape has no #TS: lines, so nothing on it has a time (aof-timestamp-enabled is off unless it was switched on)".into()
        }
        (Some(Choice::BeforeTime { time_s }), Some(last)) => format!(
            "no #TS: line is later than {}; the last one says {}",
            units::time_s(*time_s),
            units::time_s(last)
        ),
        (Some(Choice::Before(place)), _) => crate::choice::missed(layout, place),
        _ => "nothing was chosen".into(),
    }
}

/// Does a copy go as far as this offset?
fn reaches(output: &OutputFile, at: u64) -> bool {
    output.edits.iter().any(|edit| matches!(edit, Edit::Keep { start, end } if *start <= at && at <= *end))
}

fn cut_at(mut outputs: Vec<OutputFile>, path: &str, at: u64) -> Vec<OutputFile> {
    for output in outputs.iter_mut().filter(|output| output.source == path) {
        output.edits = cut(&output.edits, at, WHY);
    }
    outputs
}

/// Commands from the point on that can be recognised.
fn commands_behind(layout: &Layout<'_>, position: usize, point: &Cut) -> u64 {
    let all = |file: &&FileFacts| {
        let tape = file.tape.as_ref()?;
        let block = tape.check.open_multi.map_or(0, |open| open.commands);
        Some(tape.check.commands + block + tape.behind.commands)
    };
    let behind = layout.files.get(position..).unwrap_or_default();
    behind.iter().filter_map(all).sum::<u64>().saturating_sub(point.commands_before)
}

fn summary(
    layout: &Layout<'_>,
    point: &Cut,
    file: &FileFacts,
    losses: &Losses,
    commands_kept: u64,
    mended_by: Option<&Plan>,
) -> String {
    let name = &point.item.name;
    let what = match (point.at == point.item.span.start, name.as_str()) {
        (true, "#TS") => format!("Stop at {}, where the first later time stands", place(file, point.at)),
        (true, _) => format!("Stop just before {name}, in {}", place(file, point.at)),
        (false, _) => format!(
            "Stop in {}, before the transaction with {name} at {}",
            place(file, point.at),
            offset(point.item.span.start)
        ),
    };
    let first = match mended_by {
        Some(plan) => format!(" What is damaged before it is treated as {} does.", plan.name),
        None => String::new(),
    };
    let snapshot = match layout.files.iter().filter_map(|file| file.snapshot.as_ref()).map(|s| s.keys).sum() {
        0 => String::new(),
        keys => format!("the snapshot ({}) and ", units::plural(keys, "key", "keys")),
    };
    let files = match losses.files {
        0 => String::new(),
        n => format!(", with {}", units::plural(n, "whole file", "whole files")),
    };
    let held = match point.held.filter(|_| mended_by.is_none()) {
        Some(keys) => format!(" A server then holds {}.", keys.words()),
        None => String::new(),
    };
    format!(
        "{what}, and keep {snapshot}{} before it.{held}{first} Left out: {} from there on ({}{files}).",
        n_commands(commands_kept),
        n_commands(losses.commands),
        n_bytes(losses.bytes)
    )
}

fn notes(
    layout: &Layout<'_>,
    choice: Option<&Choice>,
    facts: &ChoiceFacts,
    point: &Cut,
    moments: &[Moment],
) -> Vec<String> {
    let mut notes = Vec::new();
    let item = &point.item;
    if let Some(asked) = point.asked.filter(|asked| *asked != item.span.start) {
        notes.push(format!(
            "{} is not where a command begins: it stands {} {}, which ends at {}. The copy ends before that one.",
            offset(asked),
            if asked < item.span.start { "before" } else { "inside" },
            place_of(item),
            offset(item.span.end)
        ));
    }
    let wanted_s = match choice {
        Some(Choice::BeforeTime { time_s }) => Some(*time_s),
        _ => item.time_s,
    };
    if let Some(time_s) = item.time_s {
        notes.push(format!(
            "The last time on the tape before the point is {}; times are whole seconds, and what follows one may be later.",
            units::time_s(time_s)
        ));
    }
    if let Some(flush) = &point.flushed_then {
        notes.push(format!(
            "{} was written in that very second and is kept: what it removes is not in the copy. To have it back, stop before that \
             command, or a second earlier.",
            place_of(flush)
        ));
    }
    if facts.aftermath.named.keys > 0 {
        notes.push(format!(
            "What is left out names {}.",
            keys_named(&facts.aftermath.named, facts.aftermath.at_least)
        ));
    }
    notes.extend(past(layout, moments, wanted_s));
    notes
}
