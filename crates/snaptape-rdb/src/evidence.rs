//! How likely it is that bytes which can be read as entries are entries.

use alloc::vec::Vec;

use snaptape_wire::{
    Error, Str, StrForm,
    packed::{Entry, Intset, Listpack, Ziplist, Zipmap},
};

use crate::{Event, Key, Packing, Part, Role};

/// What speaks for a chain of entries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Evidence {
    score: i32,
    /// The score at the end of the last whole entry.
    before: i32,
    /// What whole entries say, each at least a little.
    settled: i32,
    entries: u32,
}

impl Evidence {
    /// What whole entries alone say: to weigh chains against each other.
    pub(crate) fn settled(self) -> i32 {
        self.settled
    }

    /// The same, with so much more from whole entries.
    pub(crate) fn with_settled(self, more: i32) -> Self {
        Self { settled: self.settled + more, ..self }
    }

    pub(crate) fn score(self) -> i32 {
        self.score
    }

    /// Entries that were read to their end.
    pub(crate) fn entries(self) -> u32 {
        self.entries
    }
}

/// Weighs events; keeps what it unpacks into.
#[derive(Debug, Default)]
pub(crate) struct Weigher {
    pub(crate) scratch: Vec<u8>,
    /// Are the names of the file words? Then others speak against a chain.
    pub(crate) words: bool,
}

/// However many good values one entry has, several entries say more.
const MOST_OF_ONE: i32 = 12;
/// Years 2001 to 2286: expiries outside are legal, but nobody sets them.
const PLAUSIBLE_MS: core::ops::Range<i64> = 1_000_000_000_000..10_000_000_000_000;

impl Weigher {
    /// Adds what an event says for or against its chain.
    ///
    /// # Errors
    /// It contradicts itself.
    pub(crate) fn weigh(&mut self, evidence: &mut Evidence, event: &Event<'_>) -> Result<(), Error> {
        evidence.score += match event {
            Event::Key(key) => self.name(key)?,
            Event::KeyEnd => {
                evidence.entries += 1;
                1
            }
            Event::Part(Part::Text(Role::Packed(packing), blob)) => self.packed(*packing, blob)?,
            Event::Part(Part::Text(_, Str { form: StrForm::Lzf { .. }, .. })) => {
                if let Event::Part(Part::Text(_, text)) = event {
                    text.decode(&mut self.scratch)?;
                }
                4
            }
            Event::Expiry { at_ms } if PLAUSIBLE_MS.contains(at_ms) => 2,
            Event::Expiry { .. } => -2,
            Event::SelectDb { db } if *db < 16 => 1,
            Event::SelectDb { db } if *db < 65_536 => 0,
            Event::SelectDb { .. } => -6,
            Event::ResizeDb { keys, expires } if expires <= keys => 3,
            Event::ResizeDb { .. } => -6,
            Event::SlotInfo { slot, keys, expires } if *slot < 16_384 && expires <= keys => 2,
            Event::SlotInfo { .. } => -6,
            Event::Aux { name, .. } => {
                if is_word(name.decode(&mut self.scratch)?) {
                    3
                } else {
                    -6
                }
            }
            Event::Function { code } => {
                if code.decode(&mut self.scratch)?.starts_with(b"#!") {
                    6
                } else {
                    -6
                }
            }
            _ => 0,
        };
        if matches!(event, Event::KeyEnd) {
            // An entry that can be read to its end speaks for itself, however odd it is.
            evidence.settled += (evidence.score - evidence.before).clamp(1, MOST_OF_ONE);
            evidence.before = evidence.score;
        }
        Ok(())
    }

    fn name(&mut self, key: &Key<'_>) -> Result<i32, Error> {
        let name = key.name.decode(&mut self.scratch)?;
        Ok(match name {
            [] => -3,
            [_] if is_word(name) => 1,
            name if is_word(name) => 2,
            _ if self.words => -4,
            _ => 0,
        })
    }

    fn packed(&mut self, packing: Packing, blob: &Str<'_>) -> Result<i32, Error> {
        fn all<'a>(mut entries: impl Iterator<Item = Result<Entry<'a>, Error>>) -> Result<(), Error> {
            entries.try_for_each(|entry| entry.map(drop))
        }
        let blob = blob.decode(&mut self.scratch)?;
        match packing {
            Packing::Zipmap => all(Zipmap::new(blob)?)?,
            Packing::Ziplist => all(Ziplist::new(blob)?)?,
            Packing::Intset => all(Intset::new(blob)?)?,
            Packing::Listpack => all(Listpack::new(blob)?)?,
        }
        // Its first bytes name its length: hardly a coincidence.
        Ok(4)
    }
}

/// Text somebody could have typed.
pub fn is_word(bytes: &[u8]) -> bool {
    core::str::from_utf8(bytes).is_ok_and(|text| !text.is_empty() && !text.chars().any(char::is_control))
}
