//! The arguments of a command that is executed.

use core::ops::Range;

use snaptape_aof::{Argument, CommandSpec, KEPT_BYTES};

use crate::snapshot::hash;

/// A command that is executed.
#[derive(Debug, Clone)]
pub(super) struct Words<'a> {
    pub(super) span: Range<u64>,
    /// What its name stands for.
    pub(super) spec: Option<&'static CommandSpec>,
    /// Its arguments, the name first.
    pub(super) all: &'a [Argument<'a>],
    /// How many there are; more than those where it was too long to be held.
    pub(super) argc: u64,
}

impl<'a> Words<'a> {
    pub(super) fn get(&self, index: usize) -> Option<&'a Argument<'a>> {
        self.all.get(index)
    }

    /// The arguments from this one on.
    pub(super) fn from(&self, index: usize) -> &'a [Argument<'a>] {
        self.all.get(index..).unwrap_or_default()
    }

    pub(super) fn bytes(&self, index: usize) -> &'a [u8] {
        self.all.get(index).map_or(&[], |word| word.bytes)
    }

    /// Is it this option? In any case.
    pub(super) fn is(&self, index: usize, option: &[u8]) -> bool {
        self.all.get(index).is_some_and(|word| is(word, option))
    }

    /// Is this option among the arguments from `index` on?
    pub(super) fn has(&self, index: usize, option: &[u8]) -> bool {
        self.from(index).iter().any(|word| is(word, option))
    }

    pub(super) fn int(&self, index: usize) -> Option<i64> {
        int(self.all.get(index)?.bytes)
    }

    /// A number that cannot be below zero.
    pub(super) fn count(&self, index: usize) -> Option<usize> {
        usize::try_from(self.int(index)?).ok()
    }

    /// Arguments from `index` on, also those that were not held.
    pub(super) fn behind(&self, index: u64) -> u64 {
        self.argc.saturating_sub(index)
    }

    /// Are there arguments that were not held?
    pub(super) fn is_cut(&self) -> bool {
        self.argc > self.all.len() as u64
    }

    pub(super) fn file_bytes(&self) -> u64 {
        self.span.end.saturating_sub(self.span.start)
    }
}

pub(super) fn is(word: &Argument<'_>, option: &[u8]) -> bool {
    word.bytes.eq_ignore_ascii_case(option)
}

/// A whole number as servers read one.
pub(super) fn int(bytes: &[u8]) -> Option<i64> {
    core::str::from_utf8(bytes).ok()?.parse().ok()
}

/// A score: also `inf` and `+inf`.
pub(super) fn float(bytes: &[u8]) -> Option<f64> {
    let value: f64 = core::str::from_utf8(bytes).ok()?.parse().ok()?;
    (!value.is_nan()).then_some(value)
}

/// Of a name or a member: nothing else is kept of it. Those that are longer than what is handed out are told apart by their fronts
/// and lengths alone.
#[inline]
pub(super) fn hash_of(seed: u64, word: &Argument<'_>) -> u64 {
    if word.is_whole() {
        hash(seed, word.bytes)
    } else {
        hash(seed ^ word.len_bytes.rotate_left(17), word.bytes)
    }
}

/// A name that is there as a whole, as a tape would hand it out.
pub(super) fn argument(name: &[u8]) -> Argument<'_> {
    Argument { len_bytes: name.len() as u64, bytes: name.get(..KEPT_BYTES).unwrap_or(name) }
}
