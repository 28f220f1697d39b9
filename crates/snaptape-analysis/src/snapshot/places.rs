//! Places between entries from which a snapshot can be read on.

use snaptape_report::{SnapshotInfo, SnapshotPlace};

/// Shorter stretches are read in no time.
const LEAST_SHIFT: u32 = 16;

/// Sparse places: the first in every stretch of `2^shift` bytes, the shortest stretches with which they fit the bound.
#[derive(Debug)]
pub(super) struct Places {
    shift: u32,
    kept: Vec<SnapshotPlace>,
    /// Before this offset there is nothing to do.
    next: u64,
}

impl Default for Places {
    fn default() -> Self {
        Self { shift: LEAST_SHIFT, kept: Vec::new(), next: 1 << LEAST_SHIFT }
    }
}

impl Places {
    /// Notes that an item begins there. They come in order.
    #[inline]
    pub(super) fn pass(&mut self, offset: u64, db: u64) {
        if offset >= self.next {
            self.add(SnapshotPlace { offset, db });
        }
    }

    #[cold]
    fn add(&mut self, place: SnapshotPlace) {
        self.kept.push(place);
        while self.kept.len() > SnapshotInfo::MAX_PLACES && self.shift < 63 {
            self.shift += 1;
            let shift = self.shift;
            self.kept.dedup_by_key(|place| place.offset >> shift);
        }
        self.next = (place.offset >> self.shift).saturating_add(1).saturating_mul(1 << self.shift);
    }

    /// What was read from this offset on was no item.
    pub(super) fn take_back(&mut self, start: u64) {
        self.kept.retain(|place| place.offset <= start);
    }

    /// What was read now matters for all that follows: nothing can begin behind it.
    pub(super) fn close(&mut self) {
        self.kept.clear();
        self.next = u64::MAX;
    }

    pub(super) fn finish(&mut self) -> Vec<SnapshotPlace> {
        core::mem::take(&mut self.kept)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_sparse_and_bounded() {
        for entry_bytes in [7, 100_000, 1 << 30] {
            let mut places = Places::default();
            let n: u64 = 3_000_000;
            for i in 1..=n {
                places.pass(i * entry_bytes, i % 16);
            }
            let places = places.finish();
            assert!((500..=SnapshotInfo::MAX_PLACES).contains(&places.len()) || entry_bytes == 7);
            assert!(places.len() > 100);
            let widest = n * entry_bytes / 100;
            assert!(
                places.windows(2).all(|pair| {
                    pair[0].offset < pair[1].offset && pair[1].offset - pair[0].offset < widest
                })
            );
            assert!(
                places
                    .iter()
                    .all(|place| place.offset % entry_bytes == 0
                        && place.db == place.offset / entry_bytes % 16)
            );
        }
    }

    #[test]
    fn what_was_no_item_is_no_place() {
        let mut places = Places::default();
        for offset in [10, 70_000, 140_000, 210_000] {
            places.pass(offset, 0);
        }
        places.take_back(140_000);
        assert_eq!(places.finish().iter().map(|place| place.offset).collect::<Vec<_>>(), [70_000, 140_000]);
    }
}
