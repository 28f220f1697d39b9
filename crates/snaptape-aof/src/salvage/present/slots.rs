//! Hashes, each with a number: open addressing, so that a look costs one place in memory nearly always.

use alloc::{vec, vec::Vec};

/// Stands in a slot where nothing is.
const FREE: (u64, u32) = (0, 0);
const FIRST_SLOTS: usize = 64;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Slots {
    /// As many as a power of two, at most half of them taken.
    slots: Vec<(u64, u32)>,
    len: usize,
}

impl Slots {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }

    fn home(&self, hash: u64) -> usize {
        usize::try_from(hash & 0xffff_ffff).unwrap_or(0) & self.mask()
    }

    /// The slot of a hash, or the free one where it would stand. There is a free one.
    #[inline]
    fn find(&self, hash: u64) -> usize {
        let mut at = self.home(hash);
        while self.slots.get(at).is_some_and(|slot| *slot != FREE && slot.0 != hash) {
            at = (at + 1) & self.mask();
        }
        at
    }

    #[inline]
    pub(super) fn get(&self, hash: u64) -> Option<u32> {
        let hash = hash.max(1);
        self.slots.get(self.find(hash)).filter(|slot| **slot != FREE).map(|slot| slot.1)
    }

    /// Puts a number in, in place of the one that was there.
    pub(super) fn insert(&mut self, hash: u64, number: u32) {
        let hash = hash.max(1);
        if self.len * 2 >= self.slots.len() {
            self.grow();
        }
        let at = self.find(hash);
        if let Some(slot) = self.slots.get_mut(at) {
            self.len += usize::from(*slot == FREE);
            *slot = (hash, number);
        }
    }

    fn grow(&mut self) {
        let slots = vec![FREE; (self.slots.len() * 2).max(FIRST_SLOTS)];
        for slot in core::mem::replace(&mut self.slots, slots).into_iter().filter(|slot| *slot != FREE) {
            let at = self.find(slot.0);
            if let Some(free) = self.slots.get_mut(at) {
                *free = slot;
            }
        }
    }

    /// Takes a hash out: its number.
    pub(super) fn remove(&mut self, hash: u64) -> Option<u32> {
        let mut hole = self.find(hash.max(1));
        let (_, number) = self.slots.get(hole).copied().filter(|slot| *slot != FREE)?;
        self.len -= 1;
        // What stands behind it because its own place was taken moves up.
        let mut at = hole;
        loop {
            at = (at + 1) & self.mask();
            let slot = self.slots.get(at).copied().unwrap_or(FREE);
            if slot == FREE {
                break;
            }
            let (from_home, from_hole) =
                (at.wrapping_sub(self.home(slot.0)) & self.mask(), at.wrapping_sub(hole) & self.mask());
            if from_home >= from_hole {
                self.slots.swap(hole, at);
                hole = at;
            }
        }
        if let Some(slot) = self.slots.get_mut(hole) {
            *slot = FREE;
        }
        Some(number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn it_holds_what_a_map_holds() {
        let (mut slots, mut map) = (Slots::default(), BTreeMap::new());
        let mut random = 7_u64;
        for n in 0..200_000_u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Few places, so that many meet.
            let hash = (random >> 33) % 3_000 % 997 * 64 + (random >> 60);
            if random >> 20 & 1 == 0 {
                slots.insert(hash, n);
                map.insert(hash.max(1), n);
            } else {
                assert_eq!(slots.remove(hash), map.remove(&hash.max(1)));
            }
            assert_eq!(slots.len(), map.len());
        }
        assert!(map.len() > 1_000);
        assert!(map.iter().all(|(hash, number)| slots.get(*hash) == Some(*number)));
    }
}
