//! Finds stretches of commands that stand there twice, one copy right behind the other: what is left when a block of the file was
//! written again after a crash or a failed copy.
//!
//! Clients send the same command twice all the time, and loops send the same few commands over and over. So a stretch counts only
//! if there are exactly two copies, and the reader is told whether anything in it can not have been sent twice.

use std::hash::{BuildHasher as _, Hasher as _};

use rustc_hash::{FxBuildHasher, FxHashMap};
use snaptape_aof::Command;

use super::facts::{Doubled, Places};

/// The longest stretch, in commands, that is recognised.
const WINDOW: usize = 4_096;
/// How many earlier places of a command are tried as the beginning of a first copy.
const MAX_EARLIER: usize = 4;
/// How many distances are followed at once.
const MAX_RUNS: usize = 8;

/// A command as it goes by.
#[derive(Debug, Clone, Copy)]
struct Item {
    hash: u64,
    start: u64,
    end: u64,
    certain: bool,
}

/// What is remembered of it.
#[derive(Debug, Clone, Copy)]
struct Past {
    hash: u64,
    start: u64,
}

/// So many commands in a row equal those `distance` before them.
#[derive(Debug, Clone, Copy)]
struct Run {
    distance: usize,
    length: usize,
    /// Offset of the first copy, of the second, and behind the second as far as it goes.
    first: u64,
    second: u64,
    end: u64,
    /// One of the commands can not have been sent twice.
    certain: bool,
}

/// Watches commands go by.
#[derive(Debug, Clone, Default)]
pub(super) struct Watch {
    /// The last [`WINDOW`] commands, by number modulo its length.
    past: Vec<Past>,
    seen: usize,
    /// Numbers of the last commands with a hash.
    by_hash: FxHashMap<u64, [usize; MAX_EARLIER]>,
    runs: Vec<Run>,
    found: Vec<Doubled>,
    total: u64,
}

impl Watch {
    /// Takes the next command; `certain` where it can not have been sent twice.
    pub(super) fn command(&mut self, command: &Command<'_>, certain: bool) {
        let mut hasher = FxBuildHasher.build_hasher();
        hasher.write_u64(command.argc);
        for argument in command.arguments() {
            hasher.write_u64(argument.len_bytes);
            hasher.write(argument.bytes);
        }
        let span = &command.span;
        self.item(Item { hash: hasher.finish(), start: span.start, end: span.end, certain });
    }

    /// Takes a `#` line.
    pub(super) fn annotation(&mut self, line: &[u8], start: u64, end: u64) {
        // A server writes a timestamp only when the second has changed.
        self.item(Item { hash: FxBuildHasher.hash_one(line), start, end, certain: true });
    }

    fn item(&mut self, item: Item) {
        let number = self.seen;
        let earlier = self.by_hash.get(&item.hash).copied().unwrap_or_default();
        if earlier.first().is_some_and(|&latest| latest > 0) || !self.runs.is_empty() {
            self.follow(number, item, earlier);
        }
        self.remember(number, item);
        self.seen += 1;
    }

    /// Lengthens the runs that this command goes on with, ends the others.
    #[cold]
    fn follow(&mut self, number: usize, item: Item, earlier: [usize; MAX_EARLIER]) {
        let mut runs: Vec<Run> = Vec::new();
        // Numbers are kept one too high: 0 is none.
        for before in earlier.into_iter().filter_map(|number| number.checked_sub(1)) {
            let distance = number - before;
            if distance >= WINDOW || runs.len() >= MAX_RUNS {
                continue;
            }
            let known = self.runs.iter().find(|run| run.distance == distance).copied();
            let mut run = known.unwrap_or_else(|| {
                let first = self.past.get(before % WINDOW).map_or(0, |past| past.start);
                Run { distance, length: 0, first, second: item.start, end: item.end, certain: false }
            });
            run.length += 1;
            if run.length <= distance {
                run.end = item.end;
                run.certain |= item.certain;
            }
            runs.push(run);
        }
        for over in core::mem::replace(&mut self.runs, runs) {
            if self.runs.iter().all(|run| run.distance != over.distance) {
                self.end(over);
            }
        }
    }

    /// A run is over.
    fn end(&mut self, run: Run) {
        // Two copies whole, and not three: that would be a loop. Nor the same stretch under another distance, or one inside another.
        let twice = (run.distance..2 * run.distance).contains(&run.length);
        if !twice || self.found.last().is_some_and(|known| known.end > run.first) {
            return;
        }
        self.total += 1;
        if self.found.len() < Places::MAX {
            let Run { first, second, end, certain, .. } = run;
            self.found.push(Doubled { first, second, end, commands: run.distance as u64, certain });
        }
    }

    fn remember(&mut self, number: usize, item: Item) {
        let slot = number % WINDOW;
        let new = Past { hash: item.hash, start: item.start };
        match self.past.get_mut(slot) {
            Some(past) => {
                // Nobody looks further back: forget it.
                let gone = core::mem::replace(past, new);
                if let Some(numbers) = self.by_hash.get_mut(&gone.hash) {
                    let oldest = number + 1 - WINDOW;
                    numbers.iter_mut().filter(|known| **known <= oldest).for_each(|known| *known = 0);
                    if numbers.iter().all(|&known| known == 0) {
                        self.by_hash.remove(&gone.hash);
                    }
                }
            }
            None => self.past.push(new),
        }
        let numbers = self.by_hash.entry(item.hash).or_default();
        numbers.rotate_right(1);
        if let Some(latest) = numbers.first_mut() {
            *latest = number + 1;
        }
    }

    /// What was found, and how many there are in all; nothing of what lies behind `sound_up_to`.
    pub(super) fn finish(mut self, sound_up_to: Option<u64>) -> (Vec<Doubled>, u64) {
        for run in core::mem::take(&mut self.runs) {
            self.end(run);
        }
        let before = self.found.len();
        self.found.retain(|found| sound_up_to.is_none_or(|end| found.end <= end));
        let dropped = (before - self.found.len()) as u64;
        (self.found, self.total - dropped)
    }
}
