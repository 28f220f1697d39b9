//! Values just above an encoding limit, and what raising it would save.
//!
//! Lists are left out: where one is a little longer than a node of `list-max-listpack-size -2` (8 KiB), a larger node saves 40 bytes of
//! `quicklist` and 40 a node it takes the place of, 1 or 2 % at best, and the allocator's classes above 8 KiB are 2 KiB apart, which on
//! average costs more than that. A server does not join the nodes of a snapshot on load, either.

use core::fmt::Write as _;

use snaptape_memory::{RELEASES, Raised, Setting};
use snaptape_report::{Advice, AdviceKind, AdvisedSetting, KeyName, units};

use super::{super::KeyFacts, blank, short_name::ShortName};

/// To how many hundredths of themselves limits may be raised: of entries, and of lengths.
const ENTRIES: [u64; 3] = [125, 150, 200];
const LENGTHS: [u64; 3] = [150, 175, 200];
const STEPS: usize = ENTRIES.len();

/// By setting, and by the first step that is high enough.
#[derive(Debug, Clone, Default)]
pub(super) struct LimitFold {
    cells: [[Cell; STEPS]; Setting::ALL.len()],
}

/// Values that a step would pack.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    keys: u64,
    /// Those that stand packed in the file.
    were_packed: u64,
    /// As `MEMORY USAGE` counts them, and would if they were packed.
    memory_bytes: u64,
    packed_memory_bytes: u64,
    /// As the allocator does.
    allocated_bytes: u64,
    packed_bytes: u64,
    /// The one with the most memory; of those that have as much the first in order.
    largest: Option<(u64, ShortName)>,
}

impl Cell {
    fn add(&mut self, other: &Self) {
        self.keys += other.keys;
        self.were_packed += other.were_packed;
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.packed_bytes = self.packed_bytes.saturating_add(other.packed_bytes);
        self.allocated_bytes = self.allocated_bytes.saturating_add(other.allocated_bytes);
        self.packed_memory_bytes = self.packed_memory_bytes.saturating_add(other.packed_memory_bytes);
        let rank = |largest: &(u64, ShortName)| (largest.0, core::cmp::Reverse(largest.1));
        self.largest = self.largest.max_by(other.largest, rank);
    }

    fn saved_bytes(&self) -> u64 {
        self.allocated_bytes.saturating_sub(self.packed_bytes)
    }
}

/// The larger of two that may not be there.
trait MaxBy: Sized {
    fn max_by<K: Ord>(self, other: Self, rank: impl Fn(&(u64, ShortName)) -> K) -> Self;
}

impl MaxBy for Option<(u64, ShortName)> {
    fn max_by<K: Ord>(self, other: Self, rank: impl Fn(&(u64, ShortName)) -> K) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(if rank(&b) > rank(&a) { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

/// What a limit would be after each step.
fn steps(setting: Setting, release: usize) -> (u64, [u64; STEPS]) {
    let limits = RELEASES.get(release).map_or(snaptape_memory::Limits::DEFAULT, |layout| layout.limits);
    let limit = setting.of(&limits);
    let percents = if setting.is_length() { LENGTHS } else { ENTRIES };
    (limit, percents.map(|percent| limit * percent / 100))
}

impl LimitFold {
    /// Adds a key whose value is just above a limit.
    #[cold]
    pub(super) fn add(&mut self, key: &KeyFacts<'_>, raised: &Raised) {
        let (_, steps) = steps(raised.setting, key.release);
        let Some(step) = steps.iter().position(|limit| raised.needed <= *limit) else { return };
        let cell = self.cells.get_mut(raised.setting as usize).and_then(|cells| cells.get_mut(step));
        if let Some(cell) = cell {
            cell.add(&Cell {
                keys: 1,
                were_packed: u64::from(raised.was_packed),
                memory_bytes: key.memory_bytes,
                packed_memory_bytes: raised.memory_bytes,
                allocated_bytes: key.allocated_by_release.0.get(key.release).copied().unwrap_or_default(),
                packed_bytes: raised.allocated_bytes,
                largest: Some((key.memory_bytes, ShortName::new(key.name))),
            });
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (cells, theirs) in self.cells.iter_mut().zip(&other.cells) {
            for (cell, theirs) in cells.iter_mut().zip(theirs) {
                cell.add(theirs);
            }
        }
    }

    /// For each setting the step that saves most for what it raises the limit by, among those that save enough.
    pub(super) fn finish(&self, release: usize, all_bytes: u64) -> Vec<Advice> {
        let mut advice = Vec::new();
        for (setting, cells) in Setting::ALL.into_iter().zip(&self.cells) {
            let (limit, steps) = steps(setting, release);
            let mut sum = Cell::default();
            let sums: Vec<(u64, Cell)> = steps
                .into_iter()
                .zip(cells)
                .map(|(step, cell)| {
                    sum.add(cell);
                    (step, sum)
                })
                .collect();
            let worth = sums.iter().filter(|(_, sum)| Advice::is_worth_saying(sum.saved_bytes(), all_bytes));
            // a / b > c / d without dividing.
            let best = worth.reduce(|best, next| {
                let gain = |of: &(u64, Cell), by: &(u64, Cell)| {
                    u128::from(of.1.saved_bytes()) * u128::from(by.0.saturating_sub(limit))
                };
                if gain(next, best) > gain(best, next) { next } else { best }
            });
            if let Some((step, sum)) = best {
                let more = sums.last().filter(|(last, _)| last > step);
                advice.push(say(setting, release, (limit, *step), sum, more));
            }
        }
        advice
    }
}

fn say(
    setting: Setting,
    release: usize,
    (limit, step): (u64, u64),
    sum: &Cell,
    more: Option<&(u64, Cell)>,
) -> Advice {
    let has_listpacks = RELEASES.get(release).is_none_or(|layout| layout.has_listpacks);
    let name = setting.name(has_listpacks);
    let (one, many, of) = words(setting);
    let have = if sum.keys == 1 { "has" } else { "have" };
    // Writing to a string cannot fail.
    let mut sentence = format!(
        "{} {have} {of}, between {} and {}{}: with {name} {step} {} be packed, which saves {}.",
        units::plural(sum.keys, one, many),
        units::count(limit + 1),
        units::count(step),
        if setting.is_length() { " bytes" } else { "" },
        if sum.keys == 1 { "it would" } else { "they would" },
        units::bytes(sum.saved_bytes())
    );
    if let Some((last, all)) = more.filter(|(_, all)| all.saved_bytes() > sum.saved_bytes()) {
        let _ = write!(
            sentence,
            " With {} it would be {} and {}.",
            units::count(*last),
            units::count(all.keys),
            units::bytes(all.saved_bytes())
        );
    }
    if sum.were_packed > 0 {
        let _ = write!(
            sentence,
            " {} packed in the file: its writer has a higher limit, and the target needs it too.",
            units::plural(sum.were_packed, "of them stands", "of them stand")
        );
    }
    Advice {
        saved_bytes: Some(sum.saved_bytes()),
        saved_memory_usage_bytes: Some(sum.memory_bytes.saturating_sub(sum.packed_memory_bytes)),
        affected_bytes: sum.memory_bytes,
        keys: sum.keys,
        setting: Some(AdvisedSetting { name: name.into(), value: step, default: limit }),
        examples: sum.largest.iter().map(|(_, name)| name.key_name()).collect::<Vec<KeyName>>(),
        sentence,
        cost: Some(cost(setting, step)),
        ..blank(AdviceKind::AboveLimit)
    }
}

/// One value, many, and what is too much of them.
fn words(setting: Setting) -> (&'static str, &'static str, &'static str) {
    match setting {
        Setting::HashEntries => ("hash", "hashes", "a few fields too many for a packed hash"),
        Setting::HashValue => ("hash", "hashes", "a field or value a little too long for a packed hash"),
        Setting::ZsetEntries => ("sorted set", "sorted sets", "a few members too many for a packed one"),
        Setting::ZsetValue => ("sorted set", "sorted sets", "a member a little too long for a packed one"),
        Setting::SetEntries => ("set", "sets", "a few members too many for a packed set"),
        Setting::SetValue => ("set", "sets", "a member a little too long for a packed set"),
        Setting::IntsetEntries => {
            ("set of numbers", "sets of numbers", "a few members too many for an intset")
        }
    }
}

fn cost(setting: Setting, step: u64) -> String {
    let step = units::count(step);
    match setting {
        Setting::HashEntries => {
            format!("HGET and HSET on such a hash then look through up to {step} fields.")
        }
        Setting::HashValue => format!(
            "HGET and HSET on such a hash then look through its fields one by one, with values of up to {step} bytes."
        ),
        Setting::ZsetEntries => {
            format!("ZADD, ZSCORE and ZRANK on such a sorted set then look through up to {step} members.")
        }
        Setting::ZsetValue => format!(
            "ZADD, ZSCORE and ZRANK on such a sorted set then look through its members one by one, of up to {step} bytes."
        ),
        Setting::SetEntries => {
            format!("SADD, SREM and SISMEMBER on such a set then look through up to {step} members.")
        }
        Setting::SetValue => format!(
            "SADD, SREM and SISMEMBER on such a set then look through its members one by one, of up to {step} bytes."
        ),
        Setting::IntsetEntries => {
            format!(
                "SADD and SREM on such a set then move up to {step} numbers; SISMEMBER halves its way through."
            )
        }
    }
}
