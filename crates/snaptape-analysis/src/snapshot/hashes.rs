//! A set of 64-bit hashes in one vector, bounded in memory.

/// Open addressing; nothing is ever taken out but all at once.
#[derive(Debug)]
pub(super) struct Hashes {
    /// 0 is an empty slot. Length 0 or a power of two.
    slots: Vec<u64>,
    len: usize,
    max_slots: usize,
}

/// What became of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inserted {
    /// It was not there before.
    New,
    /// It was.
    Known,
    /// It was not, and there is no room for one more.
    Full,
}

const FIRST_SLOTS: usize = 64;

impl Hashes {
    /// A set that never takes more than `max_bytes` (half as much again while it grows).
    pub(super) const fn within(max_bytes: usize) -> Self {
        let mut max_slots = FIRST_SLOTS;
        while max_slots * 2 * size_of::<u64>() <= max_bytes {
            max_slots *= 2;
        }
        Self { slots: Vec::new(), len: 0, max_slots }
    }

    /// How many are in it.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Takes all out; what a big set held is given back.
    pub(super) fn clear(&mut self) {
        if self.slots.len() > FIRST_SLOTS {
            self.slots = Vec::new();
        } else {
            self.slots.fill(0);
        }
        self.len = 0;
    }

    /// Puts a hash in.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64) -> Inserted {
        let has_room = self.len < self.slots.len() / 4 * 3 || self.grow();
        let stored = hash.max(1);
        match self.place(stored) {
            Some(slot) if *slot == stored => Inserted::Known,
            Some(slot) if has_room => {
                *slot = stored;
                self.len += 1;
                Inserted::New
            }
            _ => Inserted::Full,
        }
    }

    /// Is it in?
    pub(super) fn contains(&mut self, hash: u64) -> bool {
        self.place(hash.max(1)).is_some_and(|slot| *slot != 0)
    }

    /// The slot that holds `stored`, or the empty one where it would go.
    #[inline]
    fn place(&mut self, stored: u64) -> Option<&mut u64> {
        let mask = self.slots.len().checked_sub(1)?;
        // Masked before it is made a usize: where that has 32 bits most hashes do not fit, and all would begin in one slot.
        let mut at = usize::try_from(stored >> 16 & mask as u64).unwrap_or_default();
        while self.slots.get(at).is_some_and(|slot| *slot != 0 && *slot != stored) {
            at = (at + 1) & mask;
        }
        self.slots.get_mut(at)
    }

    #[cold]
    fn grow(&mut self) -> bool {
        let more = (self.slots.len() * 2).clamp(FIRST_SLOTS, self.max_slots);
        if more <= self.slots.len() {
            return false;
        }
        for hash in core::mem::replace(&mut self.slots, vec![0; more]) {
            if hash != 0
                && let Some(slot) = self.place(hash)
            {
                *slot = hash;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::hash::hash;

    #[test]
    fn a_set_is_a_set_up_to_its_bound() {
        let mut set = Hashes::within(16 << 10);
        let mut full = 0;
        for n in 0..4000_u64 {
            let hash = hash(0, &n.to_le_bytes());
            match set.insert(hash) {
                Inserted::New => {
                    assert!(set.contains(hash));
                    assert_eq!(set.insert(hash), Inserted::Known);
                }
                Inserted::Full => full += 1,
                Inserted::Known => panic!("{n} was not there"),
            }
        }
        // Three quarters of 2048 slots.
        assert_eq!((set.len(), full), (1536, 4000 - 1536));
        assert_eq!(set.slots.len() * 8, 16 << 10);
        // What is in is still known when the set is full.
        assert_eq!(set.insert(hash(0, &0_u64.to_le_bytes())), Inserted::Known);
        set.clear();
        assert_eq!((set.len(), set.slots.len()), (0, 0));
    }

    #[test]
    fn zero_is_a_hash_like_any_other() {
        let mut set = Hashes::within(1 << 10);
        assert!(!set.contains(0));
        assert_eq!(set.insert(0), Inserted::New);
        assert_eq!(set.insert(0), Inserted::Known);
    }
}
