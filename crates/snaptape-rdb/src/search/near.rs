//! Entries in the hole that one changed byte would make whole.

use alloc::vec::Vec;

use super::{MAX_KEPT_BYTES, NearMiss, PLAUSIBLE_ENTRY, Searcher};
use crate::{Event, Step, evidence::Evidence};

impl Searcher {
    /// Tries every change of one bit in the front of the damaged entry.
    pub(super) fn near_misses(&mut self, start: u64, end: u64) -> Vec<NearMiss> {
        /// Lengths and types stand at the front of an entry.
        const MAX_TRIED_BYTES: usize = 512;
        /// What all tries together may read.
        const BUDGET_BYTES: usize = 2 << 20;
        const MAX_MISSES: usize = 4;
        let mut misses = Vec::new();
        if !self.closer_look {
            return misses;
        }
        let Some(hole) = self.at(start).and_then(|rest| rest.get(..usize::try_from(end - start).ok()?))
        else {
            return misses;
        };
        if hole.len() as u64 > MAX_KEPT_BYTES {
            return misses;
        }
        let mut hole = hole.to_vec();
        let tries = (BUDGET_BYTES / 8 / hole.len().max(1)).clamp(4, MAX_TRIED_BYTES);
        for i in 0..hole.len().min(tries) {
            for bit in 0..8 {
                let Some(byte) = hole.get_mut(i) else { break };
                let before = *byte;
                *byte ^= 1 << bit;
                let instead = *byte;
                let key = self.reads_whole(&hole, start);
                if let Some(byte) = hole.get_mut(i) {
                    *byte = before;
                }
                if let Some(key) = key {
                    misses.push(NearMiss { offset: start + i as u64, byte: before, instead, key });
                    if misses.len() == MAX_MISSES {
                        return misses;
                    }
                }
            }
        }
        misses
    }

    /// The name of the first key, if these bytes are whole entries and nothing else.
    pub(super) fn reads_whole(&mut self, bytes: &[u8], offset: u64) -> Option<Vec<u8>> {
        let mut parser = self.template.clone();
        parser.move_to(offset, 0);
        let mut evidence = Evidence::default();
        let (mut at, mut first) = (0, None);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            if rest.is_empty() && evidence.entries() > 0 && parser.is_between_items() {
                return first.filter(|_| evidence.score() >= PLAUSIBLE_ENTRY);
            }
            let Ok(Step::Event { event, consumed, .. }) = parser.step(rest, true) else { return None };
            at += consumed;
            if let Event::Key(key) = &event
                && first.is_none()
            {
                let (name, n) = key.name.prefix::<64>().ok()?;
                first = Some(name.get(..n)?.to_vec());
            }
            self.weigher.weigh(&mut evidence, &event).ok()?;
        }
    }

    /// The damaged bytes, if they are few enough to be at hand.
    pub(super) fn hole(&self, start: u64, end: u64) -> Option<&[u8]> {
        self.at(start)?
            .get(..usize::try_from(end.checked_sub(start)?).ok()?)
            .filter(|hole| hole.len() as u64 <= MAX_KEPT_BYTES)
    }
}
