//! Plans for what somebody chose on a tape, or, where nobody did, for the last accident on it.

use snaptape_analysis::{ChoiceFacts, Named, SomeKeys};
use snaptape_report::{
    Choice, CommandPlace, Finding, FindingKind, KeyName, Plan, Severity, enumerate, units,
};

use crate::{
    facts::SetFacts,
    judge::Judgement,
    plan::{Layout, Moment, before, without},
    words::offset,
};

/// What can be offered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Offered {
    /// `without` and `before`, or the one that was chosen.
    pub plans: Vec<Plan>,
    /// What to know of them, and of the accident they are for.
    pub findings: Vec<Finding>,
    /// Why what was chosen cannot be done: one sentence, without its full stop.
    pub refused: Option<String>,
}

/// Makes plans of what was found on the tape. `moments` says when the snapshots in front of tapes were written.
pub fn choose(
    set: &SetFacts,
    judgement: &Judgement,
    choice: Option<&Choice>,
    facts: &ChoiceFacts,
    moments: &[Moment],
) -> Offered {
    let mut offered = Offered::default();
    if choice.is_none() && facts.taken.is_empty() {
        return offered;
    }
    let layout = match Layout::new(set) {
        Ok(layout) => layout,
        Err(why) => {
            offered.refused = choice.map(|_| why);
            return offered;
        }
    };
    let plans = &judgement.plans;
    let plan_without = || without(&layout, plans, choice, facts, moments);
    let plan_before = || before(&layout, plans, choice, facts, moments);
    let Some(choice) = choice else {
        offered.plans.extend(plan_without().into_iter().chain(plan_before()));
        offered.findings.extend(at_risk(facts));
        return offered;
    };
    let plan = if let [first, .., last] = facts.found_in.as_slice() {
        Err(format!("that offset is in {first} and in {last}: say in which file, like {last}:0"))
    } else if matches!(choice, Choice::Without { .. }) {
        plan_without()
    } else {
        plan_before()
    };
    match plan {
        Ok(plan) => offered.plans.push(plan),
        Err(why) => offered.refused = Some(why),
    }
    offered
}

/// What an accident removed is on the tape, until the tape is rewritten.
fn at_risk(facts: &ChoiceFacts) -> Option<Finding> {
    let item = &facts.taken.first()?.item;
    let back = &facts.aftermath.back;
    let what = if back.is_none() {
        format!("What {} removed", item.name)
    } else {
        format!("{} removed {}, which", item.name, back.words())
    };
    let message = format!(
        "{what} can still be got back from this tape, but not after a rewrite. Do not let a server rewrite it: on one that runs, \
         CONFIG SET auto-aof-rewrite-percentage 0, and no BGREWRITEAOF, before a copy lies somewhere else."
    );
    Some(Finding {
        severity: Severity::Warning,
        kind: FindingKind::HistoryAtRisk,
        file: item.file.clone(),
        start: item.span.start,
        end: item.span.end,
        message,
    })
}

/// `FLUSHALL in a.aof at 6,851 (0x1ac3)`.
pub(crate) fn place_of(item: &Named) -> String {
    let name = units::printable(item.name.as_bytes());
    format!("{name} in {} at {}", crate::facts::file_name(&item.file), offset(item.span.start))
}

/// `3 keys (a, b and c)`, `at least 12 keys (a, b, ...)`.
pub(crate) fn keys_named(some: &SomeKeys, at_least: bool) -> String {
    const NAMED: usize = 3;
    let at_least = if at_least { "at least " } else { "" };
    let mut names: Vec<String> = some.examples.iter().take(NAMED).map(KeyName::display).collect();
    if some.keys > names.len() as u64 {
        names.push("others".into());
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    format!("{at_least}{} ({})", units::plural(some.keys, "key", "keys"), enumerate(&names))
}

/// Why nothing was found at a place.
pub(crate) fn missed(layout: &Layout<'_>, place: &CommandPlace) -> String {
    let mut tapes = layout.files.iter().filter(|file| place.is_in(&file.path) && file.tape.is_some());
    let Some(file) = tapes.clone().max_by_key(|file| file.tape.as_ref().map(|tape| tape.end)) else {
        let known: Vec<&str> =
            layout.files.iter().filter(|file| file.tape.is_some()).map(|file| file.name()).collect();
        let asked = place.file.as_deref().unwrap_or("the set");
        return match known.as_slice() {
            [] => format!("{asked} holds no commands"),
            known => {
                format!("{asked} holds no commands that are loaded; there are some in {}", enumerate(known))
            }
        };
    };
    let damaged =
        tapes.find_map(|file| Some((file, file.tape.as_ref().filter(|tape| tape.cut_at() < tape.end)?)));
    match damaged {
        Some((file, tape)) if place.offset >= tape.cut_at() && place.offset < tape.end => format!(
            "{} lies behind the damage in {}: what is certain there ends at {}",
            offset(place.offset),
            file.name(),
            offset(tape.cut_at())
        ),
        _ => format!(
            "{} lies behind the last command of {}, which ends at {}",
            offset(place.offset),
            file.name(),
            offset(file.tape.as_ref().map_or(0, |tape| tape.end))
        ),
    }
}
