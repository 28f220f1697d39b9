//! The transaction at hand.

use alloc::vec::Vec;

use super::{ledger::Counts, stretch::Salvage};

/// A place in the list of stretches.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    /// So many stretches stand before it; the next one is not joined to them.
    pub(super) stretches: usize,
    /// Its offset.
    pub(super) at: u64,
    pub(super) counts: Counts,
    pub(super) db: u64,
}

/// A MULTI that has not seen its EXEC.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Before the MULTI.
    pub(super) start: Mark,
    /// Before the first hole in it: its EXEC may be lost there.
    pub(super) hole: Option<Mark>,
    /// Before the first `#TS:` line in it. Inside a transaction time stands still: it must have ended before.
    pub(super) later: Option<Mark>,
    /// Before a SELECT of the database that is selected already: a server writes that after a start, so it is a new start, and
    /// the transaction was never run.
    pub(super) restart: Option<Mark>,
    /// Commands in it.
    pub(super) commands: u64,
    /// First keys of some of them, for which buffers are kept.
    keys: Vec<Vec<u8>>,
    used: usize,
}

impl Block {
    /// One that begins here, with buffers of one before.
    pub(super) fn new(start: Mark, keys: Vec<Vec<u8>>) -> Self {
        Self { start, hole: None, later: None, restart: None, commands: 0, keys, used: 0 }
    }

    pub(super) fn note_key(&mut self, key: &[u8]) {
        if self.used >= Salvage::MAX_KEYS || self.restart.is_some() {
            return;
        }
        match self.keys.get_mut(self.used) {
            Some(buffer) => {
                buffer.clear();
                buffer.extend_from_slice(key);
            }
            None => self.keys.push(key.to_vec()),
        }
        self.used += 1;
    }

    pub(super) fn keys(&self) -> &[Vec<u8>] {
        self.keys.get(..self.used).unwrap_or_default()
    }

    /// The buffers, for the next one.
    pub(super) fn into_buffers(self) -> Vec<Vec<u8>> {
        self.keys
    }
}
