//! The better way where there are two: entries inside a damaged one are weighed against those that step over them.

use alloc::vec::Vec;

use super::{Chain, HOPELESS, LOWEST_OPCODE, MAX_FIELDS, PLAUSIBLE_ENTRY, Searcher};
use crate::{Event, ObjectType, Step, evidence::Evidence};

/// Places that are tried for a better way, and how often a better way is looked for.
const MAX_BETTER_PLACES: u64 = 256 << 10;
const MAX_BETTER_WAYS: usize = 64;

/// Entries that lead to a place of a chain.
#[derive(Debug)]
pub(super) struct Way {
    start: u64,
    end: u64,
    entries: Vec<(u64, i32)>,
    settled: i32,
}

impl Searcher {
    /// The chain that says most: one that leads to the same place through more entries is better than one that steps over them
    /// because it began inside a value.
    pub(super) fn better(&mut self, mut chain: Chain) -> Chain {
        let mut places = 0;
        let mut i = 0;
        for _ in 0..MAX_BETTER_WAYS {
            let (Some(&(from, before)), Some(&(to, _))) = (chain.entries.get(i), chain.entries.get(i + 1))
            else {
                break;
            };
            let mut best: Option<(i32, Way)> = None;
            for place in from + 1..to {
                places += 1;
                if places > MAX_BETTER_PLACES || self.is_exhausted() {
                    break;
                }
                let Some(way) = self.way(place, to, &chain) else { continue };
                let theirs =
                    chain.entries.iter().find(|(start, _)| *start == way.end).map_or(0, |(_, n)| n - before);
                let gain = way.settled - theirs;
                // More of them: one alone may be the same without its expiry.
                let count = chain.entries.iter().filter(|(start, _)| (from..way.end).contains(start)).count();
                if gain > 0 && way.entries.len() > count && best.as_ref().is_none_or(|(most, _)| gain > *most)
                {
                    best = Some((gain, way));
                }
            }
            let Some((gain, way)) = best else {
                i += 1;
                continue;
            };
            let tail = chain
                .entries
                .iter()
                .filter(|(start, _)| *start >= way.end)
                .map(|(start, n)| (*start, n + gain));
            let front = chain.entries.iter().take(i).copied();
            let way_in = way.entries.iter().map(|(start, n)| (*start, n + before));
            let entries: Vec<(u64, i32)> = front.chain(way_in).chain(tail).collect();
            if i == 0 {
                chain.start = way.start;
            }
            chain.entries = entries;
            chain.evidence = chain.evidence.with_settled(gain);
            if i > 0 {
                // What led there was a part of the same mistake.
                chain.start = way.start;
                chain.entries.drain(..i);
                i = 0;
            }
        }
        chain
    }

    /// Entries from `place` to a start of the chain at `to` or behind it: nothing where they do not lead there, or say little.
    pub(super) fn way(&mut self, place: u64, to: u64, chain: &Chain) -> Option<Way> {
        let byte = *self.at(place)?.first()?;
        let (magic, version) = (self.template.magic(), self.template.version());
        if byte < LOWEST_OPCODE && ObjectType::in_file(byte, magic, version).is_none() {
            return None;
        }
        let mut parser = self.template.clone();
        parser.move_to(place, 0);
        let mut evidence = Evidence::default();
        let mut entries: Vec<(u64, i32)> = Vec::new();
        let last = chain.entries.last()?.0;
        loop {
            self.steps += 1;
            let at = parser.offset();
            if at >= to && parser.is_between_items() {
                if chain.entries.iter().any(|(start, _)| *start == at) {
                    break;
                }
                if at > last {
                    return None;
                }
            }
            let rest = self.buffer.get(usize::try_from(at.checked_sub(self.base)?).ok()?..)?;
            let Ok(Step::Event { event, .. }) = parser.step(rest, true) else { return None };
            if let Event::Key(key) = &event {
                entries.push((key.offset, evidence.settled()));
            }
            if matches!(event, Event::Eof) {
                return None;
            }
            self.weigher.weigh(&mut evidence, &event).ok()?;
            if evidence.score() <= HOPELESS || entries.len() > MAX_FIELDS {
                return None;
            }
        }
        let n = i32::try_from(entries.len()).ok()?;
        let says_something = n > 0 && evidence.settled() >= n * PLAUSIBLE_ENTRY;
        says_something.then(|| Way {
            start: place,
            end: parser.offset(),
            entries,
            settled: evidence.settled(),
        })
    }

    /// Where an entry is in doubt that could be read: does the chain say more than that entry and what follows it?
    pub(super) fn is_better_than_one(&mut self, chain: &Chain) -> bool {
        const MANY: usize = 3;
        if self.until == u64::MAX {
            return true;
        }
        let inside = chain.entries.iter().filter(|(start, _)| *start < self.until).count();
        inside > 0 && (inside >= MANY || !self.reads_on(self.until))
    }

    /// Can entries be read from `offset` on, as far as a look tells?
    pub(super) fn reads_on(&mut self, offset: u64) -> bool {
        const ENTRIES: u32 = 3;
        let mut parser = self.template.clone();
        parser.move_to(offset, 0);
        let mut evidence = Evidence::default();
        while evidence.entries() < ENTRIES {
            let at = parser.offset();
            let rest =
                at.checked_sub(self.base).and_then(|from| self.buffer.get(usize::try_from(from).ok()?..));
            let event = match rest.map(|rest| parser.step(rest, false)) {
                Some(Ok(Step::Event { event, .. })) => event,
                Some(Err(_)) => return false,
                // It has not been seen so far.
                Some(Ok(_)) | None => return true,
            };
            if matches!(event, Event::Eof) {
                return self.is_end(at + 1);
            }
            if self.weigher.weigh(&mut evidence, &event).is_err() || evidence.score() <= HOPELESS {
                return false;
            }
        }
        true
    }
}
