//! Entries that follow one another.

use alloc::vec::Vec;

use super::PLAUSIBLE_ENTRY;
use crate::{Parser, evidence::Evidence};

#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) start: u64,
    pub(super) parser: Parser,
    pub(super) evidence: Evidence,
    /// Where entries begin, and the evidence there was before each.
    pub(super) entries: Vec<(u64, i32)>,
    /// Where strings begin that are rather fields of the damaged hash. They are not part of the chain.
    pub(super) fields: Vec<u64>,
    /// Is it inside one?
    pub(super) in_field: bool,
}

impl Chain {
    /// Its first entries say little (a name nobody would give) where those behind say more: probably they are still damage.
    pub(super) fn without_weak_front(mut self) -> Self {
        let settled = self.evidence.settled();
        while let (Some(&(start, before)), Some(&(second, next))) =
            (self.entries.first(), self.entries.get(1))
            && start == self.start
            && next - before < PLAUSIBLE_ENTRY
            && self.entries.get(2).map_or(settled, |(_, n)| *n) - next >= PLAUSIBLE_ENTRY
        {
            self.start = second;
            self.entries.remove(0);
        }
        self
    }

    /// Where reading goes on when everything up to and with the entry at `offset` is given up.
    pub(super) fn resume_behind(&self, offset: u64) -> u64 {
        if self.start > offset {
            return self.start;
        }
        self.entries.iter().map(|(start, _)| *start).find(|start| *start > offset).unwrap_or(self.start)
    }

    /// Does an ordinary entry of it begin between these offsets?
    pub(super) fn has_good_start(&self, start: u64, end: u64) -> bool {
        let next = self.entries.iter().skip(1).map(|(_, before)| *before).chain([self.evidence.settled()]);
        let mut entries = self.entries.iter().zip(next);
        entries.any(|((at, before), next)| (start + 1..end).contains(at) && next - before >= PLAUSIBLE_ENTRY)
    }

    /// The evidence of its entries from `offset` on.
    pub(super) fn evidence_from(&self, offset: u64) -> i32 {
        let before = self.entries.iter().find(|(start, _)| *start >= offset).map_or(0, |(_, before)| *before);
        self.evidence.settled() - before
    }
}
