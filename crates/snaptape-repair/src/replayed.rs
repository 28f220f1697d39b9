//! What replaying the commands tells: the keys a server holds after its start, and commands that cannot have done on their server what
//! they do here.

use snaptape_report::{Finding, FindingKind, Load, Oddities, Replay, Severity, units};

use crate::{directory::Directory, facts::SetFacts, words::offset};

/// Of a row of deletions that do nothing, one in so many commands is no sign of a lost block.
const FEW: u64 = 1_000;

/// Notes which keys the server holds after it started.
pub(crate) fn note_keys(load: &mut Load, set: &SetFacts, directory: Option<&Directory<'_>>) {
    if !load.starts || directory.is_some_and(|directory| !directory.is_loaded()) {
        return;
    }
    let databases = set.replay.iter().flat_map(|replay| &replay.databases);
    load.keys = databases.map(|database| database.keys).collect();
}

/// What is odd about the commands.
pub(crate) fn replay_findings(set: &SetFacts) -> Vec<Finding> {
    let Some(replay) = &set.replay else { return Vec::new() };
    [wrong_type(replay), no_effect(replay, set)].into_iter().flatten().collect()
}

fn wrong_type(replay: &Replay) -> Option<Finding> {
    let odd = &replay.wrong_type;
    let message = format!(
        "{} because the key holds another type, which cannot have been so on the server that wrote {}: what stood before is missing \
         from the tape, or is in the wrong order. {} A server that loads it logs an error for each and goes on; the check tool says \
         nothing.",
        units::plural(odd.commands, "command fails", "commands fail"),
        if odd.commands == 1 { "it" } else { "them" },
        first(odd)?,
    );
    finding(odd, Severity::Warning, FindingKind::WrongType, message)
}

fn no_effect(replay: &Replay, set: &SetFacts) -> Option<Finding> {
    let odd = &replay.no_effect;
    let commands: u64 = set.files.iter().filter_map(|file| Some(file.tape.as_ref()?.check.commands)).sum();
    let few = odd.deletions == odd.commands && odd.commands.saturating_mul(FEW) <= commands;
    let (severity, why) = if few {
        (
            Severity::Info,
            "As these are few deletions only, keys that expired or were evicted at that moment may explain it",
        )
    } else {
        (
            Severity::Warning,
            "Earlier writes are missing (a lost block, a base that does not belong to what follows it), or some stand there twice",
        )
    };
    let message = format!(
        "{} nothing, although a server writes down only what changed something. {} {why}; servers load it without a word, and the \
         check tool says nothing.",
        units::plural(odd.commands, "command changes", "commands change"),
        first(odd)?,
    );
    finding(odd, severity, FindingKind::MissingWrites, message)
}

/// Names the first one, and other keys.
fn first(odd: &Oddities) -> Option<String> {
    let (first, rest) = odd.first.split_first()?;
    let mut others: Vec<String> = Vec::new();
    for other in rest.iter().filter(|other| other.key != first.key) {
        let name = other.key.display();
        if others.len() < 3 && !others.contains(&name) {
            others.push(name);
        }
    }
    let others =
        if others.is_empty() { String::new() } else { format!("; other keys: {}", others.join(", ")) };
    Some(format!(
        "The first is {} of {} in database {} at {}{others}.",
        first.command,
        first.key.display(),
        first.db,
        offset(first.offset)
    ))
}

fn finding(odd: &Oddities, severity: Severity, kind: FindingKind, message: String) -> Option<Finding> {
    let first = odd.first.first()?;
    Some(Finding {
        severity,
        kind,
        file: first.file.clone(),
        start: first.offset,
        end: first.offset,
        message,
    })
}
