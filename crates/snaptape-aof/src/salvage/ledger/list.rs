//! The list of stretches: joined where it can be, apart where a transaction may have to be taken back.

use alloc::sync::Arc;
use core::ops::Range;

use super::Ledger;
use crate::salvage::{
    block::Mark,
    book::How,
    frame::LineEnds,
    stretch::{DropReason, InsertReason, Salvage, Stretch, join},
};

/// Stretches kept as they are between two whose line ends are restored are rewritten with them, up to this length: that does not
/// change them and keeps the list short.
const SMALL_KEEP: u64 = 64 << 10;

impl Ledger {
    #[inline]
    pub(super) fn put(&mut self, span: Range<u64>, how: How<'_>) {
        match how {
            How::Plain => self.push(Stretch::Keep(span)),
            How::Reframed { from, new_bytes } => {
                self.fold_small_keep(span.start, from);
                self.push(Stretch::Reframe { span, from, new_bytes });
            }
            How::Mended(patch) => {
                if self.stretches.len() + 4 > Salvage::MAX_STRETCHES {
                    return self.fill();
                }
                let at = |n: usize| span.start + n as u64;
                let (from, to) = (at(patch.span.start), at(patch.span.end));
                if span.start < from {
                    self.push(Stretch::Keep(span.start..from));
                }
                if from < to {
                    self.push(Stretch::Drop(from..to, DropReason::Replaced(patch.mend)));
                }
                self.push(Stretch::Insert(patch.bytes.clone(), InsertReason::Mended(patch.mend)));
                if to < span.end {
                    self.push(Stretch::Keep(to..span.end));
                }
            }
        }
    }

    /// Turns `reframe, keep` before a further reframe into one.
    fn fold_small_keep(&mut self, start: u64, new: LineEnds) {
        let [.., Stretch::Reframe { span: before, from, new_bytes }, Stretch::Keep(small)] =
            self.stretches.as_mut_slice()
        else {
            return;
        };
        let bytes = small.end - small.start;
        let fits = *from == new && before.end == small.start && small.end == start && bytes <= SMALL_KEEP;
        if fits && !self.sealed && self.block.is_none() {
            before.end = small.end;
            *new_bytes += bytes;
            self.stretches.pop();
        }
    }

    pub(super) fn push_drop(&mut self, span: Range<u64>, why: DropReason) {
        if span.start < span.end {
            self.push(Stretch::Drop(span, why));
        }
    }

    #[inline]
    fn push(&mut self, stretch: Stretch) {
        let end = match &stretch {
            Stretch::Keep(span) | Stretch::Drop(span, _) | Stretch::Reframe { span, .. } => span.end,
            Stretch::Insert(..) => self.at,
        };
        if self.full.is_none() && !self.joined(&stretch) {
            if self.stretches.len() >= Salvage::MAX_STRETCHES {
                self.fill();
            } else {
                self.stretches.push(stretch);
                self.sealed = false;
            }
        }
        self.at = end;
    }

    /// The list is full: what is not listed yet is left out, an open transaction as a whole.
    fn fill(&mut self) {
        if let Some(block) = self.block.take() {
            self.withdraw(&block.start, block.start.at, DropReason::BeyondLimit);
        }
        Arc::make_mut(&mut self.present).lose();
        self.full = Some(self.at);
    }

    #[inline]
    fn joined(&mut self, stretch: &Stretch) -> bool {
        !self.sealed && self.stretches.last_mut().is_some_and(|last| join(last, stretch))
    }

    /// This place in the list: what follows is not joined to what stands before.
    pub(super) fn mark(&mut self, at: u64) -> Mark {
        self.sealed = true;
        Mark { stretches: self.stretches.len(), at, counts: self.counts, db: self.db }
    }

    /// Joins what a mark has kept apart.
    pub(super) fn rejoin(&mut self, place: usize) {
        if place == 0 || place >= self.stretches.len() {
            return;
        }
        let second = self.stretches.remove(place);
        let joined = self.stretches.get_mut(place - 1).is_some_and(|first| join(first, &second));
        if !joined {
            self.stretches.insert(place, second);
        }
    }

    /// Leaves out what was kept from a mark up to `end`, which is where the list ends.
    pub(super) fn withdraw(&mut self, mark: &Mark, end: u64, why: DropReason) {
        Arc::make_mut(&mut self.present).rollback();
        let (kept, lost) = (self.counts.kept - mark.counts.kept, self.counts.lost);
        self.counts = super::Counts { lost: lost + kept, ..mark.counts };
        if let Some(run) = &mut self.run {
            run.commands = run.commands.saturating_sub(kept);
        }
        self.stretches.truncate(mark.stretches);
        self.sealed = false;
        self.at = mark.at;
        self.push_drop(mark.at..end, why);
    }
}
