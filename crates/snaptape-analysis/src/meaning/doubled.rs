//! Finds stretches of commands that stand there twice, one copy right behind the other: what is left when a block of the file was
//! written again after a crash or a failed copy.
//!
//! Clients send the same command twice all the time, and loops send the same few commands over and over. So a stretch counts only
//! if there are exactly two copies, and the reader is told whether anything in it can not have been sent twice.

use std::hash::{BuildHasher as _, Hasher as _};

use rustc_hash::FxBuildHasher;
use snaptape_aof::Command;

use super::facts::{Doubled, Places};
use crate::snapshot::hash;

/// The longest stretch, in commands, that is recognised.
const WINDOW: usize = 4_096;
/// How many earlier places of a command are tried as the beginning of a first copy.
const WAYS: usize = 4;
/// Places by hash: four for each command of the window, so that hardly any pushes out another.
const SLOTS: usize = 4 * WINDOW;
/// How many distances are followed at once.
const MAX_RUNS: usize = 8;

/// Commands up to this length are compared byte by byte, by their hashes; longer ones by the fronts of their arguments.
const SHORT: usize = 1 << 10;

fn of_arguments(command: &Command<'_>) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    hasher.write_u64(command.argc);
    for argument in command.arguments() {
        hasher.write_u64(argument.len_bytes);
        hasher.write(argument.bytes);
    }
    hasher.finish()
}

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
    /// How many went by, modulo 2^32.
    seen: u32,
    /// Numbers of the last commands with such a hash, the latest first. Old ones are left: what stands in `past` gives them away.
    by_hash: Vec<[u32; WAYS]>,
    runs: Vec<Run>,
    found: Vec<Doubled>,
    total: u64,
}

impl Watch {
    /// Takes the next command; `certain` where it can not have been sent twice.
    pub(super) fn command(&mut self, command: &Command<'_>, certain: bool) {
        let raw = command.raw();
        let hash =
            if (1..=SHORT).contains(&raw.len()) { hash(command.argc, raw) } else { of_arguments(command) };
        let span = &command.span;
        self.item(Item { hash, start: span.start, end: span.end, certain });
    }

    /// Takes a `#` line.
    pub(super) fn annotation(&mut self, line: &[u8], start: u64, end: u64) {
        // A server writes a timestamp only when the second has changed.
        self.item(Item { hash: FxBuildHasher.hash_one(line), start, end, certain: true });
    }

    fn item(&mut self, item: Item) {
        if self.by_hash.is_empty() {
            self.by_hash = vec![[0; WAYS]; SLOTS];
        }
        let number = self.seen;
        let slot = low_bits(item.hash, SLOTS);
        let earlier = self.by_hash.get(slot).copied().unwrap_or_default();
        if !self.runs.is_empty() || earlier.iter().any(|&before| self.distance(before, item).is_some()) {
            self.follow(item, earlier);
        }
        if let Some(numbers) = self.by_hash.get_mut(slot) {
            numbers.rotate_right(1);
            if let Some(latest) = numbers.first_mut() {
                *latest = number;
            }
        }
        let new = Past { hash: item.hash, start: item.start };
        match self.past.get_mut(number as usize % WINDOW) {
            Some(past) => *past = new,
            None => self.past.push(new),
        }
        self.seen = number.wrapping_add(1);
    }

    /// How far back the command of that number is, if it is this one and not too far back.
    fn distance(&self, before: u32, item: Item) -> Option<usize> {
        let distance = self.seen.wrapping_sub(before) as usize;
        // Most are too far back: that is seen without a look at them.
        let near = (1..WINDOW).contains(&distance);
        let same = |past: &Past| past.hash == item.hash;
        (near && self.past.get(before as usize % WINDOW).is_some_and(same)).then_some(distance)
    }

    /// Lengthens the runs that this command goes on with, begins new ones, ends the others.
    #[cold]
    fn follow(&mut self, item: Item, earlier: [u32; WAYS]) {
        let back = |distance: usize| {
            u32::try_from(distance).map_or(self.seen, |distance| self.seen.wrapping_sub(distance))
        };
        let (mut runs, over): (Vec<Run>, Vec<Run>) = self
            .runs
            .iter()
            .copied()
            .partition(|run| self.distance(back(run.distance), item) == Some(run.distance));
        for before in earlier {
            let Some(distance) = self.distance(before, item) else { continue };
            if runs.len() < MAX_RUNS && runs.iter().all(|run| run.distance != distance) {
                let first = self.past.get(before as usize % WINDOW).map_or(0, |past| past.start);
                let (second, end) = (item.start, item.end);
                runs.push(Run { distance, length: 0, first, second, end, certain: false });
            }
        }
        for run in &mut runs {
            run.length += 1;
            if run.length <= run.distance {
                run.end = item.end;
                run.certain |= item.certain;
            }
        }
        self.runs = runs;
        for run in over {
            self.end(run);
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

/// A place in a table of `slots`, a power of two.
fn low_bits(hash: u64, slots: usize) -> usize {
    usize::try_from(hash % slots as u64).unwrap_or_default()
}
