//! Plans beside each other: what each keeps and loses in a few words, and the sentence one would say aloud.

use snaptape_report::{KeyName, Losses, Plan, units};

use crate::words;
pub use snaptape_summary::words::in_short;

/// The earlier plan that makes the very same copy, if there is one.
pub fn same_as(plans: &[Plan], index: usize) -> Option<&Plan> {
    let plan = plans.get(index)?;
    plans.iter().take(index).find(|earlier| earlier.is_same_copy(plan))
}

/// Where the plan of this name is; the first, which is the best, where there is none.
pub fn selected(plans: &[Plan], name: Option<&str>) -> usize {
    name.and_then(|name| plans.iter().position(|plan| plan.name == name)).unwrap_or(0)
}

/// What is kept: commands, keys of a snapshot, or both, the keys then apart.
pub fn kept(plan: &Plan) -> (String, Option<String>) {
    match (plan.keys_kept, plan.commands_kept) {
        (0, commands) => (units::count(commands), None),
        (_, 0) => (words::kept(plan), None),
        (keys, commands) => {
            (units::plural(commands, "command", "commands"), Some(units::plural(keys, "key", "keys")))
        }
    }
}

/// What is lost, most telling figure first.
pub fn lost(plan: &Plan) -> String {
    let losses = &plan.losses;
    if losses.bytes == 0 && losses.commands == 0 && losses.keys == 0 && losses.files == 0 {
        return if losses.missing > 0 { "not known" } else { "nothing" }.into();
    }
    if losses.commands > 0 {
        return format!("at least {}", units::count(losses.commands));
    }
    if plan.keys_kept > 0 && losses.keys > 0 {
        return format!("about {}", units::plural(losses.keys, "key", "keys"));
    }
    "no command".into()
}

/// The keys that lose something: a figure or a word, and one of their names.
pub fn touched(plan: &Plan) -> (String, Option<&KeyName>) {
    let example = plan.lost_keys.first();
    let figure = match (plan.losses.keys, example) {
        (0, None) if plan.losses.bytes == 0 && plan.losses.missing == 0 => "none".into(),
        (0, None) => "not known".into(),
        // As many names as are ever given: there may be more.
        (0, Some(_)) if plan.lost_keys.len() >= Plan::MAX_EXAMPLES => {
            format!("at least {}", plan.lost_keys.len())
        }
        (0, Some(_)) => units::count(plan.lost_keys.len() as u64),
        (keys, _) => format!("about {}", units::count(keys)),
    };
    (figure, example)
}

/// How many things one must know before the copy is used.
pub fn certainty(plan: &Plan) -> String {
    match plan.notes.len() as u64 {
        0 => "nothing left open".into(),
        notes => units::plural(notes, "note", "notes"),
    }
}

/// Does it take back what somebody did, where nothing need be damaged?
fn takes_back(plan: &Plan) -> bool {
    matches!(plan.name.as_str(), "without" | "before")
}

/// How much can be kept, in one sentence.
pub fn headline(plans: &[Plan]) -> String {
    match plans.first() {
        Some(best) if best.losses.missing > 0 => {
            format!("{} can be kept; what files that are not there held is lost.", words::kept(best))
        }
        Some(best) if best.holds.is_some_and(|holds| holds.is_none()) => {
            "Nothing would come back: a server that loads the copy holds no key.".to_owned()
        }
        Some(best) if takes_back(best) => format!(
            "It can be undone: a copy keeps {}, and leaves out {}.",
            words::kept(best),
            units::plural(best.losses.bytes, "byte", "bytes")
        ),
        Some(best) if best.losses.bytes == 0 => format!("{} can be kept.", words::kept(best)),
        Some(best) => format!(
            "{} can be kept, {} cannot.",
            words::kept(best),
            units::plural(best.losses.bytes, "byte", "bytes")
        ),
        None => "Nothing here can be repaired, or needs to be.".to_owned(),
    }
}

/// What is to be done next, as a word, and how: the best of so many ways.
pub fn next_step(plans: &[Plan]) -> Option<(&'static str, String)> {
    let best = plans.first()?;
    let word = if takes_back(best) { "Undo it" } else { "Repair" };
    let how = match in_short(best) {
        "" => best.name.as_str(),
        short => short,
    };
    Some((
        word,
        match plans.len() {
            1 => format!("The one plan: {how}."),
            n => format!("The best of {n} plans: {how}."),
        },
    ))
}

/// The best plan beside the one that differs most, as one would say it.
pub fn aloud(plans: &[Plan]) -> String {
    let Some((best, others)) = plans.split_first() else { return String::new() };
    let different = others.iter().filter(|other| other.outputs != best.outputs).rev();
    let distance = |other: &&Plan| {
        (other.commands_kept.abs_diff(best.commands_kept), other.keys_kept.abs_diff(best.keys_kept))
    };
    let Some(other) = different.max_by_key(distance) else {
        return format!("The plan \"{}\" is the only way, and {}.", best.name, loses(best));
    };
    let (what, distance, fewer) = match (distance(&other), best.commands_kept < other.commands_kept) {
        ((0, keys), _) => (units::plural(keys, "key", "keys"), keys, best.keys_kept < other.keys_kept),
        ((commands, _), fewer) => (units::plural(commands, "command", "commands"), commands, fewer),
    };
    let more = match (distance, fewer) {
        (0, _) => "as much as".to_owned(),
        (_, true) => format!("{what} fewer than"),
        (_, false) => format!("{what} more than"),
    };
    // Why the best is not the one that keeps most.
    let but = if fewer && best.notes.is_empty() && !other.notes.is_empty() {
        ", but leaves nothing open"
    } else {
        ""
    };
    format!("The plan \"{}\" keeps {more} \"{}\", and {}{but}.", best.name, other.name, loses(best))
}

/// What is lost, as the end of a sentence.
fn loses(plan: &Plan) -> String {
    let losses = &plan.losses;
    if losses.missing > 0 {
        let files = units::plural(losses.missing, "a file that is", "files that are");
        let files = files.trim_start_matches("1 ");
        let rest = Plan { losses: Losses { missing: 0, ..*losses }, ..plan.clone() };
        let more = if losses.bytes > 0 { format!(", and {}", loses(&rest)) } else { String::new() };
        return format!("loses what {files} not there held{more}");
    }
    if losses.bytes == 0 && losses.commands == 0 && losses.keys == 0 {
        return "loses nothing".into();
    }
    if losses.commands > 0 {
        let commands = units::plural(losses.commands, "command", "commands");
        return format!("loses at least {commands}");
    }
    if plan.keys_kept > 0 && losses.keys > 0 {
        return format!("loses about {}", units::plural(losses.keys, "key", "keys"));
    }
    format!("loses {} without a command in them", units::plural(losses.bytes, "byte", "bytes"))
}

#[cfg(test)]
mod tests {
    use snaptape_report::{Edit, KeyRange, OutputFile};

    use super::*;
    use crate::testing;

    fn plan(name: &str, kept: u64, commands: u64, bytes: u64) -> Plan {
        Plan {
            name: name.into(),
            commands_kept: kept,
            losses: Losses { bytes, commands, ..Losses::default() },
            outputs: vec![OutputFile {
                name: "a".into(),
                source: "a".into(),
                edits: vec![Edit::Keep { start: 0, end: kept }],
            }],
            ..testing::plan()
        }
    }

    #[test]
    fn what_takes_something_back_says_whether_anything_comes() {
        let mut plan = plan("before", 91, 7, 18);
        let said = |plan: &Plan| headline(core::slice::from_ref(plan));
        assert_eq!(said(&plan), "It can be undone: a copy keeps 91 commands, and leaves out 18 bytes.");
        plan.holds = Some(KeyRange::exactly(0));
        assert_eq!(said(&plan), "Nothing would come back: a server that loads the copy holds no key.");
    }

    #[test]
    fn what_one_would_say() {
        let salvage = plan("salvage", 1_904_181, 0, 4_096);
        let truncate = plan("truncate", 977_020, 927_161, 1_190_000_000);
        assert_eq!(
            aloud(&[salvage.clone(), truncate.clone()]),
            "The plan \"salvage\" keeps 927,161 commands more than \"truncate\", and loses 4,096 bytes without a command in them."
        );
        assert_eq!(
            aloud(core::slice::from_ref(&truncate)),
            "The plan \"truncate\" is the only way, and loses at least 927,161 commands."
        );
        assert_eq!(
            aloud(&[truncate, salvage]),
            "The plan \"truncate\" keeps 927,161 commands fewer than \"salvage\", and loses at least 927,161 commands."
        );
        assert_eq!(aloud(&[]), "");
        let mut doubtful = plan("close-multi", 1_950, 1, 46);
        doubtful.notes = vec!["Were its clients answered?".into()];
        assert_eq!(
            aloud(&[plan("truncate", 1_947, 3, 92), doubtful]),
            "The plan \"truncate\" keeps 3 commands fewer than \"close-multi\", and loses at least 3 commands, but leaves nothing open."
        );
        assert_eq!(aloud(&[plan("mend", 0, 0, 0)]), "The plan \"mend\" is the only way, and loses nothing.");
    }

    #[test]
    fn what_to_do_next() {
        assert_eq!(next_step(&[]), None);
        let step = |plan: Plan| next_step(&[plan]).map(|(word, sentence)| format!("{word}: {sentence}"));
        assert_eq!(
            step(plan("truncate", 1_947, 3, 92)).as_deref(),
            Some("Repair: The one plan: cut at the damage, as the check tool would.")
        );
        assert_eq!(
            next_step(&[plan("without", 9, 1, 18), plan("before", 4, 6, 99)]),
            Some(("Undo it", "The best of 2 plans: take out the chosen command, keep the rest.".into()))
        );
    }

    #[test]
    fn the_same_copy_is_said_to_be_the_same() {
        let plans = [plan("salvage", 5, 0, 1), plan("truncate", 5, 0, 1), plan("before", 4, 1, 9)];
        assert_eq!(same_as(&plans, 0), None);
        assert_eq!(same_as(&plans, 1).map(|plan| plan.name.as_str()), Some("salvage"));
        assert_eq!(same_as(&plans, 2), None);
        assert_eq!(selected(&plans, Some("before")), 2);
        assert_eq!((selected(&plans, Some("without")), selected(&plans, None)), (0, 0));
        // The plan it is compared with is another one.
        assert_eq!(
            aloud(&plans),
            "The plan \"salvage\" keeps 1 command more than \"before\", and loses 1 byte without a command in them."
        );
    }

    #[test]
    fn cells() {
        let mut plan = plan("truncate", 10, 3, 99);
        assert_eq!((kept(&plan), lost(&plan)), (("10".into(), None), "at least 3".into()));
        assert_eq!(touched(&plan), ("not known".into(), None));
        assert_eq!(certainty(&plan), "nothing left open");
        plan.lost_keys = vec![KeyName::new(b"session:a07e")];
        plan.notes = vec!["Mind this.".into()];
        assert_eq!(touched(&plan), ("1".into(), Some(&KeyName::new(b"session:a07e"))));
        assert_eq!(certainty(&plan), "1 note");
        plan.losses.keys = 218;
        assert_eq!(touched(&plan).0, "about 218");
        plan.losses = Losses::default();
        plan.lost_keys.clear();
        assert_eq!((lost(&plan), touched(&plan).0), ("nothing".into(), "none".into()));
    }
}
