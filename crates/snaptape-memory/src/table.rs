//! Hash tables: how many slots or buckets they have once loaded.

use crate::Allocator;

/// Slots of a `dict` that was made for `n` elements, or grew to hold them: the next power of two, at least 4. Source: dict.c,
/// `_dictNextExp`.
pub(crate) fn dict_slots(n: u64) -> u64 {
    n.max(4).checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// Slots of a `dict` that was not made for its `n` elements but grew with them, the table it is leaving included.
///
/// A full table is left for one of twice the slots, one slot with elements at each addition; at one element a slot, 63 % have
/// any. Source: dict.c, `dictExpandIfNeeded`, `dictRehash`.
pub(crate) fn dict_slots_grown(n: u64) -> u64 {
    let slots = dict_slots(n);
    let left = slots / 2;
    let moved = n.saturating_sub(left);
    if left >= 4 && moved.saturating_mul(100) < left.saturating_mul(63) {
        slots.saturating_add(left)
    } else {
        slots
    }
}

/// Slots of a hash that turned into a `dict` after `at` of its `n` fields, at most 512: it is made for those, then, unless it is just
/// growing, for the rest. Both tables count while it moves from one to the other.
pub(crate) fn dict_slots_turned(at: u64, n: u64) -> u64 {
    let mut table = Growing { slots: dict_slots(at), used: at, left: None };
    table.add();
    let rest = n.saturating_sub(at + 1);
    if rest > 4 {
        table.expand(rest);
    }
    for _ in 0..rest.min(1 << 16) {
        table.add();
    }
    table.slots.saturating_add(table.left.map_or(0, |(slots, _)| slots))
}

/// A `dict` that moves to another table step by step.
struct Growing {
    slots: u64,
    used: u64,
    /// The table it is leaving, and how many of its slots with elements are still to be moved.
    left: Option<(u64, u64)>,
}

impl Growing {
    /// Adds an element: moves one slot, and grows where there is no room. Source: dict.c, `dictAddRaw`.
    fn add(&mut self) {
        if let Some((slots, taken)) = self.left {
            self.left = (taken > 1).then(|| (slots, taken - 1));
        }
        if self.used >= self.slots {
            self.expand(self.used + 1);
        }
        self.used += 1;
    }

    /// Source: dict.c, `_dictExpand`.
    fn expand(&mut self, n: u64) {
        let slots = dict_slots(n);
        if self.left.is_some() || self.used > n || slots == self.slots {
            return;
        }
        let empty = bare_milli_entries(self.used, self.slots);
        // Elements less those that share a slot.
        let taken = (self.used * 1000).saturating_sub(empty) / 1000;
        self.left = (taken > 0).then_some((self.slots, taken));
        self.slots = slots;
    }
}

/// Bytes of a bucket of Valkey's `hashtable`.
const BUCKET: u64 = 64;
/// Entries a bucket holds when it has no child.
const PER_BUCKET: u64 = 7;

/// Buckets of a `hashtable` that was made for `n` entries: the next power of two that 6.4 entries a bucket fit into. Source:
/// hashtable.c, `nextBucketExp`.
pub(crate) fn buckets(n: u64) -> u64 {
    if n <= PER_BUCKET {
        return u64::from(n > 0);
    }
    n.saturating_mul(5).div_ceil(32).checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// Child buckets of a table with so many buckets and `n` entries, in thousandths.
///
/// Entries fall into buckets by a hash with a random seed, so this is the expected number: a bucket with more than seven entries
/// gives its last place to a child, which does the same. A table of one bucket is certain. Of others servers were seen to differ by up
/// to 3.2 % of the whole key at 129 elements and 2.1 % at 700.
pub(crate) fn child_milli_buckets(n: u64, buckets: u64) -> u64 {
    if buckets <= 1 {
        return children(n).saturating_mul(1000);
    }
    // Chance that a bucket has k entries: binomial, by its recurrence.
    #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
    let (n_f, p) = (n as f64, 1.0 / buckets as f64);
    let mut chance = power(1.0 - p, n);
    let mut expected = 0.0;
    let mut k = 0_u32;
    // Tables are made for at most 6.4 entries a bucket; beyond 40 there is nothing left to add.
    while k < 40 {
        let k_f = f64::from(k);
        if k_f >= n_f {
            break;
        }
        chance *= (n_f - k_f) / (k_f + 1.0) * p / (1.0 - p);
        k += 1;
        #[expect(clippy::cast_precision_loss, reason = "at most 6")]
        let extra = children(u64::from(k)) as f64;
        expected += chance * extra;
    }
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count"
    )]
    let milli = (expected * buckets as f64 * 1000.0) as u64;
    milli
}

/// Children of a bucket with `n` entries: all but the last of the chain hold six.
fn children(n: u64) -> u64 {
    n.saturating_sub(PER_BUCKET).div_ceil(PER_BUCKET - 1)
}

/// `base` to the power of `n`, by squaring: core has no `powi`.
fn power(base: f64, mut n: u64) -> f64 {
    let (mut result, mut square) = (1.0, base);
    while n > 0 {
        if n & 1 == 1 {
            result *= square;
        }
        square *= square;
        n >>= 1;
    }
    result
}

/// Buckets of a hash that turned into a `hashtable` after `at` of its `n` fields: it is made for those, then for the rest, and grows
/// when it is full.
pub(crate) fn buckets_turned(at: u64, n: u64) -> u64 {
    let rest = n.saturating_sub(at + 1);
    let mut top = buckets(at).max(buckets(rest)).max(1);
    while top.saturating_mul(PER_BUCKET) < n {
        top = top.saturating_mul(2);
    }
    top
}

/// What so many buckets of a `hashtable` of `n` entries take: as `MEMORY USAGE` counts them, and from the allocator.
pub(crate) fn bucket_bytes(n: u64, top: u64, allocator: Allocator) -> (u64, u64) {
    let children = child_milli_buckets(n, top).saturating_mul(BUCKET) / 1000;
    let top = top.saturating_mul(BUCKET);
    (top.saturating_add(children), allocator.usable(top).saturating_add(children))
}

/// How many of `n` elements of a `dict` without values need an entry of their own, in thousandths: all but the last that came to
/// stand in each slot that is taken.
///
/// Where elements fall is by chance; this is the expected number.
pub(crate) fn bare_milli_entries(n: u64, slots: u64) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "a share, not a count")]
    let (n_f, slots_f) = (n as f64, slots as f64);
    let taken = slots_f * (1.0 - power(1.0 - 1.0 / slots_f, n));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and a count")]
    let milli = ((n_f - taken).max(0.0) * 1000.0) as u64;
    milli
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_as_large_as_servers_make_them() {
        assert_eq!([1, 4, 5, 513, 1024].map(dict_slots), [4, 4, 8, 1024, 1024]);
        // hfe:large, as Redis 7.4 answers.
        assert_eq!([4, 700, 900].map(dict_slots_grown), [4, 1536, 1024]);
        // Hashes of Redis 6.2 with a value of 65 bytes or more among nine fields, as Redis 7.4 answers.
        assert_eq!(
            [(8, 9), (7, 9), (4, 9), (0, 9), (4, 5)].map(|(at, n)| dict_slots_turned(at, n)),
            [24, 24, 24, 24, 12]
        );
        assert_eq!([0, 1, 7, 8, 12, 13, 129, 700].map(buckets), [0, 1, 1, 2, 2, 4, 32, 128]);
    }

    #[test]
    fn expected_children_are_what_chance_gives() {
        // Throws entries at buckets many times over.
        let mut seed = 7_u64;
        for (n, buckets) in [(8_u64, 2_u64), (12, 2), (129, 32), (700, 128), (6_000, 1024)] {
            let rounds = 400;
            let mut total = 0;
            for _ in 0..rounds {
                let mut fill = std::vec![0_u64; usize::try_from(buckets).unwrap()];
                for _ in 0..n {
                    seed =
                        seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    fill[usize::try_from((seed >> 33) % buckets).unwrap()] += 1;
                }
                total += fill.into_iter().map(children).sum::<u64>();
            }
            let seen = total as f64 / f64::from(rounds);
            let expected = child_milli_buckets(n, buckets) as f64 / 1000.0;
            assert!((seen - expected).abs() < 0.1 + 0.1 * expected, "{n} in {buckets}: {seen}, {expected}");
        }
        assert_eq!([7, 8, 13, 14].map(children), [0, 1, 1, 2]);
    }
}
