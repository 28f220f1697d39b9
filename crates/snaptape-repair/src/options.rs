//! Start options that make a server start on damaged files, and what they throw away.

use snaptape_aof::{LoaderStop, TapeFacts};
use snaptape_report::{Load, LoadOption};
use snaptape_wire::{Product, Release};

use crate::{
    facts::SetFacts,
    server::Settings,
    words::{n_bytes, n_commands, offset},
};

/// Since when there is `aof-load-corrupt-tail-max-size`.
const CORRUPT_TAIL_SINCE: Release = Release::redis(8, 4);

/// The options that help; `load` starts the server.
pub(crate) fn load_options(set: &SetFacts, load: impl Fn(Settings) -> Load) -> Vec<LoadOption> {
    let mut options = Vec::new();
    let (default, strict) = (load(Settings::DEFAULT), load(Settings::STRICT));
    if default.starts && !strict.starts {
        options.push(LoadOption {
            setting: "aof-load-truncated".into(),
            value: "yes".into(),
            since: None,
            loses: loses(set, &default),
            load: default.clone(),
        });
    }
    let lenient = load(Settings::LENIENT);
    if lenient.starts && !default.starts && set.release.product == Product::Redis {
        let bytes = set.files.iter().find(|file| file.path == lenient.file).map_or(0, |file| file.bytes);
        // The server wants less than the limit to be lost.
        let needed = bytes.saturating_sub(lenient.kept_up_to) + 1;
        let known = set.release >= CORRUPT_TAIL_SINCE;
        options.push(LoadOption {
            setting: "aof-load-corrupt-tail-max-size".into(),
            value: needed.to_string(),
            since: (!known).then(|| "Redis 8.4".into()),
            loses: loses(set, &lenient),
            load: lenient,
        });
    }
    options
}

/// What silently disappears.
fn loses(set: &SetFacts, load: &Load) -> String {
    let Some(file) = set.files.iter().find(|file| file.path == load.file) else { return String::new() };
    let cut = n_bytes(file.bytes.saturating_sub(load.kept_up_to));
    let Some(tape) = &file.tape else { return format!("{cut} of {} are cut off.", file.name()) };
    if load.kept_up_to == 0 && tape.start > 0 {
        return format!(
            "{} is cut to 0 bytes, its snapshot included: the server starts with the snapshot in memory, and the next start is EMPTY.",
            file.name()
        );
    }
    let commands = match lost(tape) {
        0 => "no whole command".into(),
        n => format!("at least {}", n_commands(n)),
    };
    let mut text = format!(
        "{cut} of {} from {} on are cut off, with {commands}; the server logs it and tells no client.",
        file.name(),
        offset(load.kept_up_to)
    );
    if leaves_multi_open(tape, load.kept_up_to) {
        text += " It also leaves a MULTI open: everything written after that start is thrown away at the next one.";
    }
    text
}

/// Whole commands behind the cut, as far as they can be recognised.
fn lost(tape: &TapeFacts) -> u64 {
    let block = tape.check.open_multi.map_or(0, |open| open.commands);
    let all = tape.check.commands + block + tape.behind.commands;
    all.saturating_sub(tape.loader.commands)
}

/// Does the cut fall inside a block, so that its MULTI stays?
fn leaves_multi_open(tape: &TapeFacts, cut_at: u64) -> bool {
    let in_multi = match tape.loader.stop {
        LoaderStop::ShortRead { in_multi } => in_multi,
        LoaderStop::Format(_) => tape.check.open_multi.is_some(),
        _ => false,
    };
    in_multi && cut_at > tape.loader.whole_up_to
}
