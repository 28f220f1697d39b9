//! Transactions that lack their end, and the end of the tape.

use alloc::{sync::Arc, vec::Vec};

use super::{EXEC, Ledger};
use crate::salvage::{
    block::{Block, Mark},
    present::Present,
    stretch::{Behind, DropReason, InsertReason, OpenBlock, Salvage, Stretch},
};

/// From so many transactions on it is known how long they are on this tape.
const MIN_BLOCKS: u64 = 8;
/// A transaction as short as this is never taken for one that has lost its end.
const MIN_IMPLAUSIBLE: u64 = 6;

impl Ledger {
    /// A command comes that begins no transaction and ends none.
    #[inline]
    pub(super) fn mark_shape(&mut self, at: u64) {
        if self.block.as_ref().is_some_and(|block| block.is_like_a_whole_one(&self.shapes)) {
            let mark = self.mark(at);
            if let Some(block) = &mut self.block {
                block.mark_shape(mark);
            }
        }
    }

    /// A transaction without its EXEC, although the tape goes on behind it.
    pub(super) fn close_block(&mut self) {
        let Some(block) = self.block.take() else { return };
        if let Some(restart) = block.restart {
            self.abandon(&block, restart);
        } else {
            let places =
                [block.hole, block.later, block.shape].into_iter().flatten().map(|mark| mark.stretches);
            // Else behind the last thing that is kept.
            let last = self.stretches.iter().rposition(|stretch| !matches!(stretch, Stretch::Drop(..)));
            let place = places.min().unwrap_or(last.map_or(0, |last| last + 1)).min(self.stretches.len());
            self.stretches.insert(place, Stretch::Insert(EXEC.to_vec(), InsertReason::Exec));
            self.counts.kept += 1;
            self.counts.closed += 1;
            // What stands on both sides stays apart.
            self.sealed |= place + 1 == self.stretches.len();
            Arc::make_mut(&mut self.present).commit();
        }
        self.buffers = block.into_buffers();
    }

    /// Does a transaction hold far more than those before it? Then it is likely to have ended long before: its EXEC is lost.
    fn is_implausible(&self, block: &Block) -> bool {
        let much = 3 * self.longest_block.max(1);
        self.whole_blocks >= MIN_BLOCKS && block.commands > much.max(MIN_IMPLAUSIBLE)
    }

    /// Leaves out a transaction up to the new start of the server behind it.
    fn abandon(&mut self, block: &Block, restart: Mark) {
        self.counts.abandoned += 1;
        Arc::make_mut(&mut self.present).rollback();
        let lost = restart.counts.kept - block.start.counts.kept;
        self.counts.kept -= lost;
        self.counts.lost += lost;
        let why = DropReason::TornTransaction;
        let places = block.start.stretches..restart.stretches.min(self.stretches.len());
        if places.start <= places.end {
            self.stretches.splice(places, [Stretch::Drop(block.start.at..restart.at, why)]);
        }
        self.name_lost(block.keys());
    }

    /// The tape ends at `end`.
    pub(in crate::salvage) fn finish(mut self, end: u64) -> (Salvage, Behind, Present) {
        let mut open = None;
        if let Some(block) = &self.block {
            let behind = |mark: Option<Mark>| mark.is_some_and(|mark| mark.counts.kept < self.counts.kept);
            let likely =
                [block.hole, block.later, block.shape].into_iter().any(behind) || block.restart.is_some();
            if likely || self.is_implausible(block) {
                self.close_block();
            }
        }
        if let Some(block) = self.block.take() {
            let mut completed: Vec<Stretch> =
                self.stretches.get(block.start.stretches..).unwrap_or_default().to_vec();
            let last = completed.iter().rposition(|stretch| !matches!(stretch, Stretch::Drop(..)));
            completed
                .insert(last.map_or(0, |last| last + 1), Stretch::Insert(EXEC.to_vec(), InsertReason::Exec));
            open = Some(OpenBlock { start: block.start.at, commands: block.commands, completed });
            self.withdraw(&block.start, self.at.max(end), DropReason::TornTransaction);
            self.name_lost(block.keys());
        }
        if let Some(full) = self.full.filter(|&full| full < end) {
            self.stretches.push(Stretch::Drop(full..end, DropReason::BeyondLimit));
        }
        if let Some(mut run) = self.run.take().filter(|_| self.runs.len() < Salvage::MAX_RUNS) {
            run.ends_in_multi = open.is_some();
            self.runs.push(run);
        }
        let salvage = Salvage {
            stretches: self.stretches,
            commands: self.counts.kept,
            lost: self.counts.lost,
            lost_keys: self.lost_keys,
            holes: self.holes,
            runs: self.runs,
            mended: self.counts.mended,
            reframed: self.counts.reframed,
            refused: self.counts.refused,
            failing: self.counts.failing,
            closed: self.counts.closed,
            abandoned: self.counts.abandoned,
            stray_execs: self.counts.stray_execs,
            doubled_multis: self.counts.doubled,
            assumed: self.counts.assumed,
            open,
            beyond_limit: self.full,
            places: self.places.into_list(),
        };
        (salvage, self.behind, Arc::unwrap_or_clone(self.present))
    }
}
