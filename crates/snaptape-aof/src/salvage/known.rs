//! What the table of commands says of a name and a number of words.

use snaptape_wire::Release;

use crate::{
    command::Argument,
    commands::{CommandSpec, counts_words, find, takes},
};

/// Would the server run it?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// As far as names and numbers go.
    Good,
    /// No such command, or none in this release.
    Unknown,
    /// So many words it does not take.
    Arity,
}

/// How a release takes a command: its name and, for a command with subcommands, its second word. And what it is.
#[inline]
pub(super) fn fit(kept: &[Argument<'_>], argc: u64, release: Release) -> (Fit, Option<&'static CommandSpec>) {
    let name = kept.first().copied().unwrap_or_default();
    let Some(spec) = find(name.bytes).filter(|_| name.is_whole()) else {
        return (if is_of_a_module(name) { Fit::Good } else { Fit::Unknown }, None);
    };
    (fit_of(spec, kept, argc, release), Some(spec))
}

#[inline]
fn fit_of(spec: &CommandSpec, kept: &[Argument<'_>], argc: u64, release: Release) -> Fit {
    if spec.module().is_some() {
        return Fit::Good;
    }
    if !spec.known_to(release) {
        return Fit::Unknown;
    }
    if !spec.arity_ok(argc, release) {
        return Fit::Arity;
    }
    let second = kept.get(1).filter(|_| argc > 1);
    let arity = second.and_then(|second| spec.subcommand_arity(second.bytes));
    if arity.is_some_and(|arity| counts_words(release) && !takes(arity, argc)) {
        return Fit::Arity;
    }
    let refused = second.is_some_and(|second| spec.refuses_subcommand(second.bytes));
    if refused && release.at_least_redis(7, 0) { Fit::Unknown } else { Fit::Good }
}

/// Is it a command some release knows, with as many words as it takes? That is what makes bytes behind damage believable.
pub(super) fn is_command(kept: &[Argument<'_>], argc: u64, release: Release) -> bool {
    let name = kept.first().copied().unwrap_or_default();
    match find(name.bytes).filter(|_| name.is_whole()) {
        Some(spec) => spec.arity_ok(argc, release) || spec.arity_ok(argc, NEWEST),
        None => is_of_a_module(name),
    }
}

/// Stands for a release that has every command.
const NEWEST: Release = Release::redis(99, 0);

/// Modules call their commands `MODULE.COMMAND`; which modules a server has loaded a tape does not say.
fn is_of_a_module(name: Argument<'_>) -> bool {
    let word = |word: &[u8]| {
        word.first().is_some_and(u8::is_ascii_alphabetic)
            && word.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(byte))
    };
    let mut words = name.bytes.split(|&byte| byte == b'.');
    name.is_whole()
        && name.bytes.len() <= 64
        && words.next().is_some_and(word)
        && words.next().is_some_and(word)
        && words.next().is_none()
}

/// Which of the words is the first key, if it stands in a fixed place.
pub(super) fn first_key(name: &[u8], release: Release) -> Option<usize> {
    let (first, _, _) = find(name)?.key_positions(release);
    usize::try_from(first).ok().filter(|&first| first > 0)
}
