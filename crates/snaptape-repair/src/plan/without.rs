//! The plan `without`: everything but what was chosen.

use snaptape_analysis::{Aftermath, ChoiceFacts, Refusal, Taken};
use snaptape_report::{Choice, Losses, OutputFile, Plan, units};

use super::{
    history::{Moment, past},
    rest::{Layout, Removal, mending, remove},
};
use crate::{
    choice::{keys_named, missed, place_of},
    words::{n_bytes, n_commands, offset},
};

/// The plan, or why there is none.
pub(crate) fn without(
    layout: &Layout<'_>,
    plans: &[Plan],
    choice: Option<&Choice>,
    facts: &ChoiceFacts,
    moments: &[Moment],
) -> Result<Plan, String> {
    if let Some(refusal) = facts.refusals.first() {
        return Err(refused(refusal));
    }
    if let Some(place) = facts.missed.first() {
        return Err(missed(layout, place));
    }
    let first = facts.taken.first().ok_or("nothing was chosen")?;
    for taken in &facts.taken {
        let path = &taken.item.file;
        layout.position(path).ok_or_else(|| format!("{path} is not among the files a server loads"))?;
    }
    let nowhere = "what was chosen is in no file";
    let whole = if layout.sound {
        Some(take_out(&layout.outputs(layout.files.len()), facts).ok_or(nowhere)?)
    } else {
        None
    };
    let stopped_by = whole.as_ref().and_then(|outputs| layout.stopped_by(outputs));
    let (outputs, mended_by) = if let (Some(outputs), None) = (whole, &stopped_by) {
        (outputs, None)
    } else {
        let holds = |plan: &Plan| {
            take_out(&plan.outputs, facts).is_some_and(|outputs| layout.stopped_by(&outputs).is_none())
        };
        let plan = mending(plans, holds).ok_or_else(|| match &stopped_by {
            Some(words) => {
                format!("the server does not load the rest either, because {words}; take that out as well")
            }
            None => {
                format!("the set is damaged, and no plan for the damage keeps {}", place_of(&first.item))
            }
        })?;
        (take_out(&plan.outputs, facts).ok_or(nowhere)?, Some(plan))
    };
    let (bytes, files) = layout.lost(&outputs);
    let taken: u64 = facts.taken.iter().map(|taken| taken.commands).sum();
    let all = layout.files.iter().filter_map(|file| file.tape.as_ref()).map(|tape| tape.check.commands).sum();
    let (kept, lost) = mended_by.map_or((all, 0), |plan| (plan.commands_kept, plan.losses.commands));
    let (kept, lost) = (kept.saturating_sub(taken), lost + taken);
    let names = &facts.aftermath.taken;
    let keys = names.keys + mended_by.map_or(0, |plan| plan.losses.keys);
    let mut lost_keys = names.examples.clone();
    lost_keys.extend(mended_by.into_iter().flat_map(|plan| plan.lost_keys.iter().cloned()));
    lost_keys.truncate(Plan::MAX_EXAMPLES);
    let mut notes = notes(facts);
    if let Some(plan) = mended_by {
        notes.extend(plan.notes.iter().cloned());
    }
    if choice.is_none() {
        notes.extend(others(facts));
    }
    notes.extend(past(layout, moments, None));
    Ok(Plan {
        name: "without".into(),
        summary: summary(facts, kept, mended_by),
        keys_kept: layout.keys_kept(&outputs),
        outputs,
        directory: layout.directory.is_some(),
        losses: Losses { bytes, commands: lost, keys, files, missing: layout.missing() },
        commands_kept: kept,
        notes,
        lost_keys,
        holds: None,
    })
}

/// The outputs without what was chosen. Nothing where they do not hold all of it.
fn take_out(outputs: &[OutputFile], facts: &ChoiceFacts) -> Option<Vec<OutputFile>> {
    let mut outputs = outputs.to_vec();
    let mut found = 0;
    for output in &mut outputs {
        let removals: Vec<Removal> =
            facts.taken.iter().filter(|taken| taken.item.file == output.source).map(removal).collect();
        found += removals.len();
        output.edits = remove(&output.edits, &removals)?;
    }
    (found == facts.taken.len()).then_some(outputs)
}

fn removal(taken: &Taken) -> Removal {
    let why = if taken.transaction {
        format!("the transaction with {}, taken out", taken.item.name)
    } else {
        format!("{}, taken out", taken.item.name)
    };
    let instead = taken.select.map(|db| {
        let number = db.to_string();
        let select = format!("*2\r\n$6\r\nSELECT\r\n${}\r\n{number}\r\n", number.len());
        (select.into_bytes(), format!("what follows was written for database {db}"))
    });
    Removal { start: taken.span.start, end: taken.span.end, why, instead }
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Select(item) => format!(
            "{} says into which database the commands behind it go; without it they would write into another one",
            place_of(item)
        ),
        Refusal::Inside { asked, item } => format!(
            "{} is not where a command begins: it is inside {}, and the next one begins at {}",
            offset(*asked),
            place_of(item),
            offset(item.span.end)
        ),
        Refusal::Annotation(item) => format!(
            "{} is a line with a time, which changes no key; the next command begins at {}",
            place_of(item),
            offset(item.span.end)
        ),
    }
}

fn summary(facts: &ChoiceFacts, kept: u64, mended_by: Option<&Plan>) -> String {
    const NAMED: usize = 3;
    let what = |taken: &Taken| {
        let place = place_of(&taken.item);
        if taken.transaction {
            format!("the transaction ({}) with {place}", n_commands(taken.commands))
        } else {
            place
        }
    };
    let mut names: Vec<String> = facts.taken.iter().take(NAMED).map(what).collect();
    if facts.taken.len() > NAMED {
        names.push(format!("{} more", units::count((facts.taken.len() - NAMED) as u64)));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let bytes: u64 = facts.taken.iter().map(|taken| taken.span.end - taken.span.start).sum();
    let first = match mended_by {
        Some(plan) => format!(" What is damaged is treated as {} does.", plan.name),
        None => String::new(),
    };
    format!(
        "Take out {} ({}), and keep {}, before and behind.{first}",
        snaptape_report::enumerate(&names),
        n_bytes(bytes),
        n_commands(kept)
    )
}

/// What comes back, and what nobody can know.
fn notes(facts: &ChoiceFacts) -> Vec<String> {
    let after = &facts.aftermath;
    let at_least = if after.at_least || after.unknown_commands > 0 { "at least " } else { "" };
    let mut notes = Vec::new();
    if !after.back.is_none() {
        let keys = after.back.words();
        notes.push(format!("As far as the tape tells, {keys} that it removed will be there again."));
    }
    if facts.taken.iter().any(|taken| taken.select.is_some()) {
        notes.push(
            "A SELECT takes its place, because what follows was written for the database it had selected."
                .into(),
        );
    }
    if let Some(item) = &facts.emptied_again {
        notes.push(format!(
            "{} stands behind it and removes what would come back: it has to be taken out as well.",
            place_of(item)
        ));
    }
    notes.extend(uncertain(after, at_least));
    notes
}

/// Which commands behind it find another dataset than the one they were written on.
fn uncertain(after: &Aftermath, at_least: &str) -> Vec<String> {
    let mut notes = Vec::new();
    let met = after.building_commands + after.idle_commands + after.failing_commands;
    if met == 0 && after.back.is_none() {
        // It took nothing away that would be there again.
        return notes;
    }
    if met == 0 {
        let doubt = if after.at_least || after.unknown_commands > 0 { " that is known of" } else { "" };
        notes.push(format!(
            "The commands behind it were written on a dataset without what comes back. None{doubt} goes on from such a value, so they \
             give what they gave."
        ));
    } else {
        notes.push(format!(
            "The commands behind it were written on a dataset without what comes back: {at_least}{} of them will find {}, and may do \
             something else than they did. Look at these keys before you use the copy.",
            n_commands(met),
            keys_named(&after.building, after.at_least)
        ));
    }
    if after.building_commands > 0 {
        notes.push(format!(
            "{} on from such a value: a counter counts on from its old number, a list, set or hash grows on its old elements, an \
             expiry may be the old one.",
            units::plural(after.building_commands, "command goes", "commands go")
        ));
    }
    if after.idle_commands > 0 {
        notes.push(format!(
            "{} only for a key that is not there (NX and its like): the old value stays.",
            units::plural(after.idle_commands, "command writes", "commands write")
        ));
    }
    if after.failing_commands > 0 {
        notes.push(format!(
            "{} because the key is of another type then: the server logs each as CRITICAL and goes on without it.",
            units::plural(after.failing_commands, "command fails", "commands fail")
        ));
    }
    if after.unknown_commands > 0 {
        notes.push(format!(
            "What {} (scripts, modules and what is not known) would do cannot be told.",
            n_commands(after.unknown_commands)
        ));
    }
    notes
}

/// Where nothing was chosen: what else could be.
fn others(facts: &ChoiceFacts) -> Option<String> {
    const NAMED: usize = 3;
    let total = facts.others_total;
    let mut places: Vec<String> = facts.others.iter().rev().take(NAMED).map(place_of).collect();
    if total > places.len() as u64 {
        places.push(format!("{} more", units::count(total - places.len() as u64)));
    }
    let places: Vec<&str> = places.iter().map(String::as_str).collect();
    (total > 0).then(|| {
        format!(
            "Databases were emptied before, too: {}. Only the last time is taken out here; others can be chosen.",
            snaptape_report::enumerate(&places)
        )
    })
}
