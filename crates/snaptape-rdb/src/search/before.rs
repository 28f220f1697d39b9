//! What the entries before the damage tell about those behind it.

use alloc::vec::Vec;

use super::Searcher;
use crate::{Event, Key, Step, evidence::Evidence};

/// Does the name begin like that of an entry before the damage?
pub(super) fn is_sibling(siblings: &[[u8; 3]], key: &Key<'_>) -> bool {
    key.name.prefix().is_ok_and(|(name, n)| n == 3 && siblings.contains(&name))
}

impl Searcher {
    /// Notes how the names of the entries before the damage begin.
    pub(super) fn meet_siblings(&mut self) {
        for &start in &self.known {
            let mut parser = self.template.clone();
            parser.move_to(start, 0);
            let Some(mut rest) = self.at(start) else { continue };
            // An entry may begin with its attributes.
            for _ in 0..4 {
                let Ok(Step::Event { event, consumed, .. }) = parser.step(rest, false) else { break };
                if let Event::Key(key) = event {
                    if let Ok((name, 3)) = key.name.prefix() {
                        self.siblings.push(name);
                    }
                    break;
                }
                rest = rest.get(consumed..).unwrap_or_default();
            }
        }
    }

    /// For each known entry, the evidence of those before it.
    pub(super) fn evidence_before(&mut self) -> Vec<i32> {
        let first = self.known.first().copied().unwrap_or(self.failed_at);
        let mut parser = self.template.clone();
        parser.move_to(first, 0);
        let mut evidence = Evidence::default();
        let mut before = Vec::new();
        while let Some(rest) = parser
            .offset()
            .checked_sub(self.base)
            .and_then(|from| self.buffer.get(usize::try_from(from).ok()?..))
        {
            let Ok(Step::Event { event, .. }) = parser.step(rest, true) else { break };
            if let Event::Key(key) = &event
                && self.known.contains(&key.offset)
            {
                before.push(evidence.settled());
            }
            if self.weigher.weigh(&mut evidence, &event).is_err() {
                break;
            }
        }
        // The last one may not even begin like an entry.
        while before.len() < self.known.len() {
            before.push(evidence.settled());
        }
        before
    }
}
