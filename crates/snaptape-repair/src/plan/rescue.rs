//! What is kept of one file: its snapshot, and its tape around the damage.

use snaptape_aof::{
    DropReason, InsertReason, LineEnds, LoaderFacts, Mend, Refusal, RefusalKind, Salvage, Stretch, find,
};
use snaptape_report::{Edit, Losses, NewBytes, enumerate, units};

use super::snapshot::rescue_snapshot;
use crate::{
    facts::FileFacts,
    pieces::join,
    words::{n_bytes, n_commands, offset},
};

/// What to do with a transaction a tape ends in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AtEnd {
    /// Leave it out: no server has run it.
    Drop,
    /// Give it an EXEC.
    Complete,
}

/// What is kept of a file.
#[derive(Debug, Clone, Default)]
pub(crate) struct Rescue {
    pub(crate) edits: Vec<Edit>,
    pub(crate) commands: u64,
    /// Keys of the snapshot.
    pub(crate) keys: u64,
    pub(crate) losses: Losses,
    pub(crate) lost_keys: Vec<Vec<u8>>,
    /// Steps, a sentence each.
    pub(crate) steps: Vec<String>,
    pub(crate) notes: Vec<String>,
}

/// Everything that can be kept of a file; nothing where it is neither a tape nor a snapshot, or no key of its snapshot can be had.
pub(crate) fn rescue(file: &FileFacts, at_end: AtEnd) -> Option<Rescue> {
    let mut rescue = Rescue::default();
    let end = file.tape.as_ref().map_or(file.bytes, |tape| tape.start);
    if let Some(snapshot) = &file.snapshot {
        if file.snapshot_broken() {
            let front = rescue_snapshot(file, end)?;
            rescue.edits = front.edits;
            rescue.keys = front.keys_kept;
            rescue.losses.keys = front.losses.keys;
            rescue.steps.push(format!("In {}: {}", file.name(), front.summary));
            if front.losses.keys > 0 || front.losses.bytes > 0 {
                rescue.notes.push(format!(
                    "Keys of the snapshot in {} are lost: commands behind it that build on them (counters, lists, hashes) start from \
                     nothing.",
                    file.name()
                ));
            }
        } else {
            rescue.edits.push(Edit::Keep { start: 0, end });
            rescue.keys = snapshot.keys;
        }
    } else if file.tape.is_none() && file.bytes > 0 {
        return None;
    }
    if let Some(tape) = &file.tape {
        follow(&mut rescue, file, &tape.salvage, at_end);
        without_strangers(&mut rescue, file, &tape.loader);
    }
    rescue.edits = join(&rescue.edits);
    let dropped = |edit: &Edit| match edit {
        Edit::Drop { start, end, .. } => end - start,
        _ => 0,
    };
    rescue.losses.bytes = rescue.edits.iter().map(dropped).sum();
    Some(rescue)
}

/// Adds the tape.
fn follow(rescue: &mut Rescue, file: &FileFacts, salvage: &Salvage, at_end: AtEnd) {
    rescue.commands = salvage.commands;
    rescue.losses.commands = salvage.lost;
    rescue.lost_keys.clone_from(&salvage.lost_keys);
    let mut stretches = salvage.stretches.as_slice();
    if let (AtEnd::Complete, Some(open)) = (at_end, &salvage.open) {
        // The list ends with what leaves it out.
        let before =
            stretches.iter().position(|s| matches!(s, Stretch::Drop(span, _) if span.start >= open.start));
        stretches = before.and_then(|before| stretches.get(..before)).unwrap_or(stretches);
        rescue.edits.extend(stretches.iter().map(edit));
        rescue.edits.extend(open.completed.iter().map(edit));
        // MULTI and EXEC count, too.
        rescue.commands += open.commands + 2;
        rescue.losses.commands = rescue.losses.commands.saturating_sub(open.commands + 1);
        rescue.lost_keys.clear();
        rescue.steps.push(format!(
            "Give the transaction at {} of {} ({}) the EXEC it lacks, so that what stands in it is run.",
            offset(open.start),
            file.name(),
            n_commands(open.commands)
        ));
        rescue.notes.push(
            "A transaction is kept without knowing where it ended: if it was torn in the middle, a part of it is run, which no server \
             would have done; if its EXEC was lost, the writes behind it were acknowledged to clients, and they are saved."
                .into(),
        );
    } else {
        rescue.edits.extend(stretches.iter().map(edit));
    }
    rescue.steps.extend(steps(file, salvage));
    rescue.notes.extend(notes(file, salvage, at_end));
}

/// Takes out commands that no server and no known module has: no server gets past one, and everything behind it would be lost with it.
fn without_strangers(rescue: &mut Rescue, file: &FileFacts, loader: &LoaderFacts) {
    if loader.refused_total > loader.refused.len() as u64 {
        // Some of them are not known: the copy would not be loaded either.
        return;
    }
    let is_stranger =
        |refusal: &&Refusal| refusal.kind == RefusalKind::UnknownCommand && find(&refusal.name).is_none();
    let mut names: Vec<String> = Vec::new();
    let mut taken = 0;
    for stranger in loader.refused.iter().filter(is_stranger) {
        let (from, to) = (stranger.offset, stranger.end);
        let keeps = |edit: &Edit| matches!(edit, Edit::Keep { start, end } if *start <= from && to <= *end);
        let Some(at) = rescue.edits.iter().position(keeps) else { continue };
        let Some(Edit::Keep { start, end }) = rescue.edits.get(at).cloned() else { continue };
        let name = units::printable(&stranger.name);
        let instead = [
            Edit::Keep { start, end: from },
            Edit::Drop { start: from, end: to, why: format!("{name}, a command no server has") },
            Edit::Keep { start: to, end },
        ];
        rescue.edits.splice(at..=at, instead);
        taken += 1;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if taken == 0 {
        return;
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let names = enumerate(&names);
    rescue.commands = rescue.commands.saturating_sub(taken);
    rescue.losses.commands += taken;
    rescue.steps.push(format!(
        "Take out {} of {} that no server and no module known here has: {names}.",
        n_commands(taken),
        file.name()
    ));
    rescue.notes.push(format!(
        "What {names} wrote is not in the copy. If a module of your own brings it, load that module and keep the file as it is."
    ));
}

fn edit(stretch: &Stretch) -> Edit {
    match stretch {
        Stretch::Keep(span) => Edit::Keep { start: span.start, end: span.end },
        Stretch::Drop(span, why) => {
            Edit::Drop { start: span.start, end: span.end, why: dropped(*why).into() }
        }
        Stretch::Insert(bytes, why) => {
            Edit::Insert { bytes: NewBytes::new(bytes.clone()), why: inserted(*why).into() }
        }
        Stretch::Reframe { span, from, new_bytes } => {
            Edit::Reframe { start: span.start, end: span.end, from: line_ends(*from), bytes: *new_bytes }
        }
    }
}

fn line_ends(from: LineEnds) -> snaptape_report::LineEnds {
    match from {
        LineEnds::Lf => snaptape_report::LineEnds::Lf,
        LineEnds::LoneLfToCrlf => snaptape_report::LineEnds::LoneLfToCrlf,
        LineEnds::EveryLfToCrlf => snaptape_report::LineEnds::EveryLfToCrlf,
    }
}

fn dropped(why: DropReason) -> &'static str {
    match why {
        DropReason::Zeros => "zero bytes that were never written",
        DropReason::Torn => "the command the file ends in",
        DropReason::Blank => "white space between commands",
        DropReason::ByteOrderMark => "a byte order mark",
        DropReason::EmptyCommand => "a command without any argument",
        DropReason::UnknownCommand => "a command the release does not know",
        DropReason::WrongArity => "a command with a wrong number of arguments",
        DropReason::StrayExec => "an EXEC whose MULTI is lost",
        DropReason::DoubledMulti => "a MULTI that stands there twice",
        DropReason::TornTransaction => "a transaction without its EXEC",
        DropReason::Discarded => "what a DISCARD takes back",
        DropReason::FailsWithoutLost => "fails without what was lost before it",
        DropReason::Annotation => "a line with # the release does not know",
        DropReason::Replaced(mend) => mended(mend),
        DropReason::BeyondLimit => "behind more damaged places than can be listed",
        _ => "cannot be read",
    }
}

fn mended(mend: Mend) -> &'static str {
    match mend {
        Mend::Star => "the mark of a command, damaged",
        Mend::ArgumentCount => "a wrong number of arguments",
        Mend::Dollar => "the mark of an argument, damaged",
        Mend::Length => "a wrong length",
        Mend::LineEnd => "a damaged line end",
    }
}

fn inserted(why: InsertReason) -> &'static str {
    match why {
        InsertReason::Exec => "the EXEC a transaction has lost",
        InsertReason::Mended(Mend::Star | Mend::Dollar) => "the mark that must have stood there",
        InsertReason::Mended(Mend::ArgumentCount) => "the number of arguments that follow",
        InsertReason::Mended(Mend::Length) => "the length of what follows",
        InsertReason::Mended(Mend::LineEnd) => "the line end that must have stood there",
    }
}

/// What is done besides leaving out.
fn steps(file: &FileFacts, salvage: &Salvage) -> Vec<String> {
    let name = file.name();
    let mut steps = Vec::new();
    if salvage.mended > 0 {
        steps.push(format!(
            "Mend {} of {name} whose framing is damaged, where everything around the damage proves what stood there.",
            n_commands(salvage.mended)
        ));
    }
    if salvage.reframed > 0 {
        steps.push(format!("Give {} of {name} the line ends they had.", n_commands(salvage.reframed)));
    }
    if salvage.closed > 0 {
        let what = units::plural(salvage.closed, "transaction", "transactions");
        steps.push(format!("Give {what} of {name} the EXEC that is lost."));
    }
    if salvage.refused > 0 {
        steps.push(format!(
            "Leave out {} of {name} that the server does not know, or not with so many arguments.",
            n_commands(salvage.refused)
        ));
    }
    if salvage.failing > 0 {
        steps.push(format!(
            "Leave out {} of {name} that cannot be run without what is lost.",
            n_commands(salvage.failing)
        ));
    }
    steps
}

/// What cannot be known.
fn notes(file: &FileFacts, salvage: &Salvage, at_end: AtEnd) -> Vec<String> {
    let name = file.name();
    let mut notes = Vec::new();
    if salvage.holes > 0 {
        notes.push(format!(
            "{} of {name} cannot be read: keys written there are missing or have an older value.",
            units::plural(salvage.holes, "place", "places")
        ));
    }
    if salvage.failing > 0 {
        let (are, them, need) =
            if salvage.failing == 1 { ("is", "it is", "it needs") } else { ("are", "them is", "they need") };
        notes.push(format!(
            "{} of {name} {are} left out although nothing in {them} damaged: the key or consumer group {need} is lost (RENAME of a \
             key, XCLAIM for a group), so a server could only log an error and go on.",
            n_commands(salvage.failing)
        ));
    }
    if let Some(assumed) = salvage.assumed {
        notes.push(format!(
            "Database {} is assumed for {} of {name}, from {} on: a SELECT may be lost in a hole, and then they belong to another \
             database.",
            assumed.db,
            n_commands(assumed.commands),
            offset(assumed.from)
        ));
    }
    if salvage.closed > 0 {
        notes.push(format!(
            "The EXEC of {} of {name} is lost. It is put in, because what follows was acknowledged to clients: every command is kept in \
             its order, only where the transaction ended is a guess.",
            units::plural(salvage.closed, "transaction", "transactions")
        ));
    }
    if salvage.abandoned > 0 {
        notes.push(format!(
            "{} of {name} had no EXEC when a server started anew and went on writing behind it: that server did not run it, so it is \
             left out, and what was written behind it is kept.",
            units::plural(salvage.abandoned, "transaction", "transactions")
        ));
    }
    if salvage.stray_execs > 0 {
        notes.push(format!(
            "The beginning of {} of {name} is lost; what is left of it is kept.",
            units::plural(salvage.stray_execs, "transaction", "transactions")
        ));
    }
    if let (Some(open), AtEnd::Drop) = (&salvage.open, at_end) {
        notes.push(format!(
            "The transaction at {} of {name} has no EXEC: no server runs it, so its {} left out. The plan close-multi keeps them.",
            offset(open.start),
            units::plural(open.commands, "command is", "commands are")
        ));
    }
    if let Some(from) = salvage.beyond_limit {
        notes.push(format!(
            "{name} has more than {} damaged places: everything from {} on ({}) is left out.",
            units::count(Salvage::MAX_STRETCHES as u64),
            offset(from),
            n_bytes(file.bytes.saturating_sub(from))
        ));
    }
    notes
}
