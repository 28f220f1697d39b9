//! A set of 64-bit hashes in one vector, bounded in memory.

/// Open addressing. The lowest bit of a hash is not part of it: it is a flag that is kept with it.
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
    /// It was there, with this flag.
    Known { flag: bool },
    /// There is no room for one more.
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

    #[inline]
    fn home(&self, hash: u64) -> usize {
        // The top bits choose the place: the low ones are free for whoever takes samples.
        let shift = u64::BITS - self.slots.len().trailing_zeros();
        usize::try_from(hash >> (shift & 63)).unwrap_or(0)
    }

    /// Takes a hash out, if it is in.
    pub(super) fn remove(&mut self, hash: u64) {
        let Some(mask) = self.slots.len().checked_sub(1) else { return };
        let Some(mut hole) = self.position(hash) else { return };
        self.len -= 1;
        let mut at = hole;
        loop {
            // What follows without a gap moves up, unless that would put it before its home.
            at = (at + 1) & mask;
            let slot = self.slots.get(at).copied().unwrap_or(0);
            if slot == 0 {
                break;
            }
            let from_home = at.wrapping_sub(self.home(slot)) & mask;
            if from_home >= at.wrapping_sub(hole) & mask {
                self.set(hole, slot);
                hole = at;
            }
        }
        self.set(hole, 0);
    }

    fn set(&mut self, at: usize, slot: u64) {
        if let Some(place) = self.slots.get_mut(at) {
            *place = slot;
        }
    }

    /// Puts a hash in.
    #[inline]
    pub(super) fn insert(&mut self, hash: u64, flag: bool) -> Inserted {
        if self.len >= self.slots.len() / 4 * 3 && !self.grow() {
            return match self.position(hash).and_then(|at| self.slots.get(at)) {
                Some(slot) => Inserted::Known { flag: slot & 1 == 1 },
                None => Inserted::Full,
            };
        }
        let stored = key(hash) | u64::from(flag);
        let mask = self.slots.len() - 1;
        let mut at = self.home(hash);
        while let Some(slot) = self.slots.get_mut(at & mask) {
            if *slot == 0 {
                *slot = stored;
                self.len += 1;
                return Inserted::New;
            }
            if *slot | 1 == stored | 1 {
                return Inserted::Known { flag: *slot & 1 == 1 };
            }
            at += 1;
        }
        Inserted::Full
    }

    /// Is it in?
    pub(super) fn contains(&self, hash: u64) -> bool {
        self.position(hash).is_some()
    }

    fn position(&self, hash: u64) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = self.home(hash);
        loop {
            match *self.slots.get(at & mask)? {
                0 => return None,
                slot if slot | 1 == key(hash) | 1 => return Some(at & mask),
                _ => at += 1,
            }
        }
    }

    #[cold]
    fn grow(&mut self) -> bool {
        // Four times at once: what moves often costs more than what lies empty for a while.
        let more = (self.slots.len() * 4).clamp(FIRST_SLOTS, self.max_slots);
        if more <= self.slots.len() {
            return false;
        }
        let old = core::mem::replace(&mut self.slots, vec![0; more]);
        self.refill(old.into_iter().filter(|slot| *slot != 0));
        true
    }

    /// Keeps only what `keep` accepts.
    pub(super) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        let kept: Vec<u64> = self.slots.iter().copied().filter(|slot| *slot != 0 && keep(*slot)).collect();
        self.slots.fill(0);
        self.refill(kept.into_iter());
    }

    fn refill(&mut self, hashes: impl Iterator<Item = u64>) {
        self.len = 0;
        let mask = self.slots.len() - 1;
        for hash in hashes {
            let mut at = self.home(hash);
            while let Some(slot) = self.slots.get_mut(at & mask) {
                if *slot == 0 {
                    *slot = hash;
                    self.len += 1;
                    break;
                }
                at += 1;
            }
        }
    }
}

/// What stands in the slot, without the flag. Never that of an empty one.
#[inline]
fn key(hash: u64) -> u64 {
    (hash & !1).max(2)
}

/// A well-mixed hash of bytes, the same on every machine: sixteen bytes at a time are multiplied to 128 bits and folded.
#[inline]
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    // Digits of pi.
    const A: u64 = 0x243f_6a88_85a3_08d3;
    const B: u64 = 0x1319_8a2e_0370_7344;
    const C: u64 = 0xa409_3822_299f_31d0;
    let (chunks, rest) = bytes.as_chunks::<16>();
    // Mixed first, or the last digit of a name could undo the number of a database.
    let mut state = fold(seed ^ A, B);
    for chunk in chunks {
        let (low, high) = halves(u128::from_le_bytes(*chunk));
        state = fold(low ^ A, high ^ state);
    }
    let mut last = [0; 16];
    if let Some(front) = last.get_mut(..rest.len()) {
        front.copy_from_slice(rest);
    }
    let (low, high) = halves(u128::from_le_bytes(last));
    state = fold(low ^ B, high ^ state);
    fold(state ^ bytes.len() as u64, C)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let (low, high) = halves(u128::from(a) * u128::from(b));
    low ^ high
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "that is what a half is")]
fn halves(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_set_is_a_set_up_to_its_bound() {
        let mut set = Hashes::within(16 << 10);
        let mut full = 0;
        for n in 0..4000_u64 {
            let hash = hash(0, &n.to_le_bytes());
            match set.insert(hash, n % 3 == 0) {
                Inserted::New => {
                    assert!(set.contains(hash));
                    assert_eq!(set.insert(hash, false), Inserted::Known { flag: n % 3 == 0 });
                }
                Inserted::Full => full += 1,
                Inserted::Known { .. } => panic!("{n} was not there"),
            }
        }
        // Three quarters of 2048 slots.
        assert_eq!((set.len(), full), (1536, 4000 - 1536));
        assert_eq!(set.slots.len() * 8, 16 << 10);
        // What is in is still known when the set is full.
        assert_eq!(set.insert(hash(0, &0_u64.to_le_bytes()), false), Inserted::Known { flag: true });
        set.retain(|hash| hash & 2 == 0);
        assert!((600..900).contains(&set.len()), "{}", set.len());
        set.clear();
        assert_eq!((set.len(), set.slots.len()), (0, 0));
    }

    /// Against the standard library's set, with hashes that crowd together.
    #[test]
    fn what_is_taken_out_is_out_and_the_rest_stays() {
        let (mut set, mut model) = (Hashes::within(1 << 10), BTreeSet::new());
        let mut random = 1_u64;
        for _ in 0..20_000 {
            random = hash(random, b"next");
            let crowded = (random & 0x7e) << 55 | random & 0x600;
            if random >> 60 < 9 {
                let new = set.insert(crowded, false) == Inserted::New;
                assert_eq!(new, !model.contains(&key(crowded)) && model.len() < 96);
                if new {
                    model.insert(key(crowded));
                }
            } else {
                set.remove(crowded);
                model.remove(&key(crowded));
            }
            assert_eq!(set.len(), model.len());
            assert!(model.iter().all(|hash| set.contains(*hash)));
        }
    }

    #[test]
    fn zero_is_a_hash_like_any_other() {
        let mut set = Hashes::within(1 << 10);
        assert!(!set.contains(0));
        assert_eq!(set.insert(0, true), Inserted::New);
        assert_eq!(set.insert(0, false), Inserted::Known { flag: true });
    }

    /// Every bit of the input changes about half of the bits of the hash, and none of a million names meet.
    #[test]
    fn hashes_are_mixed() {
        let name = b"session:0123456789abcdef:profile";
        let mut changed = [0_u32; 64];
        for bit in 0..name.len() * 8 {
            let mut other = *name;
            other[bit / 8] ^= 1 << (bit % 8);
            let difference = hash(7, name) ^ hash(7, &other);
            assert!((12..=52).contains(&difference.count_ones()), "bit {bit}: {difference:x}");
            for (i, n) in changed.iter_mut().enumerate() {
                *n += u32::from(difference >> i & 1 == 1);
            }
        }
        assert!(changed.iter().all(|n| (64..192).contains(n)), "{changed:?}");
        let mut seen = BTreeSet::new();
        for n in 0..200_000 {
            assert!(seen.insert(hash(0, format!("user:{n}").as_bytes())));
            assert!(seen.insert(hash(1, format!("user:{n}").as_bytes())));
        }
        assert_ne!(hash(0, b""), hash(0, b"\0"));
        assert_ne!(hash(0, &[0; 16]), hash(0, &[0; 17]));
    }
}
