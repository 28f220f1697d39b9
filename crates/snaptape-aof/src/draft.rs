//! A command that arrives piece by piece.

use alloc::vec::Vec;
use core::ops::Range;

use crate::{
    command::{Argument, Command, HELD_BYTES, Held, KEPT_ARGUMENTS, KEPT_BYTES},
    commands::find,
};

/// What is kept of a command while it arrives piece by piece.
#[derive(Debug, Clone, Default)]
pub(crate) struct Draft {
    argc: u64,
    /// Arguments so far, the name included; those beyond `used` are left from a command before.
    held: Vec<Held>,
    used: usize,
    bytes: usize,
}

impl Draft {
    pub(crate) fn begin(&mut self, argc: u64) {
        (self.argc, self.used, self.bytes) = (argc, 0, 0);
    }

    pub(crate) fn hold(&mut self, len_bytes: u64, bytes: &[u8]) {
        let bytes = bytes.get(..KEPT_BYTES).unwrap_or(bytes);
        self.bytes += bytes.len() + size_of::<Held>();
        if self.bytes > HELD_BYTES {
            return;
        }
        match self.held.get_mut(self.used) {
            Some((len, front)) => {
                *len = len_bytes;
                front.clear();
                front.extend_from_slice(bytes);
            }
            None => self.held.push((len_bytes, bytes.to_vec())),
        }
        self.used += 1;
    }

    /// How many arguments it is to have.
    pub(crate) fn argc(&self) -> u64 {
        self.argc
    }

    /// The arguments that were held.
    pub(crate) fn words(&self) -> Vec<Argument<'_>> {
        let held = self.held.get(..self.used).unwrap_or_default().iter();
        held.map(|(len_bytes, bytes)| Argument { len_bytes: *len_bytes, bytes }).collect()
    }

    /// The command, of which everything is there, with [`Self::words`].
    pub(crate) fn command<'a>(&self, span: Range<u64>, words: &'a [Argument<'a>]) -> Command<'a> {
        let name = words.first().copied().unwrap_or_default();
        let spec = find(name.bytes).filter(|_| name.is_whole());
        Command { span, argc: self.argc, in_multi: false, spec, raw: &[], words }
    }

    /// What is left for the next command: nobody keeps much for long.
    pub(crate) fn recycle(mut self) -> Self {
        self.held.truncate(4 * KEPT_ARGUMENTS);
        self
    }
}
