//! What was chosen on the command line: a point of the tape, or commands by place, name or number.

use anyhow::Result;
use snaptape_report::{Choice, CommandPlace, DestructiveEvent, Tape, units};

use super::{Order, closely};
use crate::{input::Inputs, run};

/// The plans that take something back, and mend nothing.
pub(super) const TAKES_BACK: [&str; 2] = ["before", "without"];

/// What the words amount to.
#[derive(Debug)]
pub(super) enum Chosen {
    /// Nothing was chosen.
    Nothing,
    /// This.
    This(Choice),
    /// Something that is not there, or not there once; says so in a sentence.
    Impossible(String),
}

/// The name of the plan: what was chosen says it, too.
pub(super) fn plan_name<'a>(order: &'a Order, choice: Option<&Choice>) -> Option<&'a str> {
    let chosen = choice.map(|choice| match choice {
        Choice::Before(_) | Choice::BeforeTime { .. } => "before",
        Choice::Without { .. } => "without",
    });
    order.plan.as_deref().or(chosen)
}

/// Reads what was chosen. A name makes it look through the tape first.
pub(super) fn choice(order: &Order, inputs: &Inputs) -> Result<Chosen> {
    let plan = order.plan.as_deref();
    if let Some(words) = &order.at {
        if plan.is_some_and(|plan| plan != "before") {
            return Ok(Chosen::Impossible("--at belongs to the plan before".into()));
        }
        let longest = inputs.files.iter().map(|file| file.bytes).max().unwrap_or(0);
        return Ok(match Choice::before(words, longest) {
            Ok(choice) => Chosen::This(choice),
            Err(why) => Chosen::Impossible(format!("{why}.")),
        });
    }
    if order.commands.is_empty() {
        return Ok(Chosen::Nothing);
    }
    if plan.is_some_and(|plan| plan != "without") {
        return Ok(Chosen::Impossible("--command belongs to the plan without".into()));
    }
    let mut tape = None;
    let mut commands = Vec::new();
    for words in &order.commands {
        let place = match words.parse::<CommandPlace>() {
            Ok(place) => Ok(place),
            Err(_) if is_name(words) => {
                let tape = match &mut tape {
                    Some(tape) => tape,
                    None => tape.insert(events(order, inputs)?),
                };
                find(words, tape)
            }
            Err(why) => Err(format!("{why}.")),
        };
        match place {
            Ok(place) => commands.push(place),
            Err(why) => return Ok(Chosen::Impossible(why)),
        }
    }
    Ok(Chosen::This(Choice::Without { commands }))
}

/// Is it the name of a command, or `#` and a number?
fn is_name(words: &str) -> bool {
    let number =
        words.strip_prefix('#').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    number || (!words.is_empty() && words.bytes().all(|byte| byte.is_ascii_alphabetic()))
}

/// What the tape says of commands that take away much.
fn events(order: &Order, inputs: &Inputs) -> Result<Tape> {
    let asked = run::Asked { deep: false, ..closely(order.target.as_deref(), None) };
    Ok(run::job(inputs, asked, |_, _| Ok(()))?.report.tape.unwrap_or_default())
}

/// The place of the command with this name or number.
fn find(words: &str, tape: &Tape) -> Result<CommandPlace, String> {
    let place =
        |event: &DestructiveEvent| CommandPlace { file: Some(event.file.clone()), offset: event.offset };
    let single = tape.destructive.iter().filter(|event| event.kind.is_one_command());
    if let Some(number) = words.strip_prefix('#') {
        let index = number.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        let event = index.and_then(|index| single.clone().nth(index));
        return event
            .map(place)
            .ok_or_else(|| format!("There is no command {words}. {}", listed(&single.collect::<Vec<_>>())));
    }
    let named: Vec<_> = single.clone().filter(|event| event.name.eq_ignore_ascii_case(words)).collect();
    // The list is bounded: beyond it nobody looked.
    let complete = tape.destructive_total <= tape.destructive.len() as u64;
    match named.as_slice() {
        [only] if complete => Ok(place(only)),
        [] => Err(format!(
            "No {} that takes away much is on the tape; a command is chosen by its offset. {}",
            words.to_ascii_uppercase(),
            listed(&single.collect::<Vec<_>>())
        )),
        several => Err(format!(
            "{} is there more than once; choose one by its place. {}",
            words.to_ascii_uppercase(),
            listed(several)
        )),
    }
}

fn listed(events: &[&DestructiveEvent]) -> String {
    const LISTED: usize = 20;
    if events.is_empty() {
        return "There is no FLUSHALL, FLUSHDB or SWAPDB on it.".into();
    }
    let line = |event: &&DestructiveEvent| {
        let time = event.time_s.map(|time_s| format!(", {}", units::time_s(time_s))).unwrap_or_default();
        format!(
            "\n  {} in database {}{time}: --command '{}:{}'",
            event.name, event.db, event.file, event.offset
        )
    };
    let more = events.len().saturating_sub(LISTED);
    let more = if more > 0 { format!("\n  and {} more", units::count(more as u64)) } else { String::new() };
    format!("There are:{}{more}", events.iter().take(LISTED).map(line).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape(names: &[(&str, u64)]) -> Tape {
        let event = |(name, offset): &(&str, u64)| DestructiveEvent {
            name: (*name).into(),
            file: "d/a.aof".into(),
            offset: *offset,
            ..DestructiveEvent::default()
        };
        let destructive: Vec<_> = names.iter().map(event).collect();
        Tape { destructive_total: destructive.len() as u64, destructive, ..Tape::default() }
    }

    #[test]
    fn a_name_must_be_there_once() {
        let tape = tape(&[("FLUSHDB", 10), ("FLUSHALL", 20), ("FLUSHDB", 30)]);
        assert_eq!(find("flushall", &tape).map(|place| place.offset), Ok(20));
        assert_eq!(find("#3", &tape).map(|place| place.offset), Ok(30));
        let several = find("FLUSHDB", &tape).unwrap_err();
        assert!(several.contains("d/a.aof:10") && several.contains("d/a.aof:30"), "{several}");
        assert!(find("#4", &tape).unwrap_err().contains("#4"));
        assert!(find("#0", &tape).is_err());
        assert!(find("SWAPDB", &tape).is_err());
        let cut_off = Tape { destructive_total: 4, ..tape };
        assert!(find("FLUSHALL", &cut_off).is_err());
    }

    #[test]
    fn names_are_words() {
        for (words, expected) in
            [("FLUSHALL", true), ("#12", true), ("#x", false), ("", false), ("a.aof:x", false)]
        {
            assert_eq!(is_name(words), expected, "{words}");
        }
    }
}
