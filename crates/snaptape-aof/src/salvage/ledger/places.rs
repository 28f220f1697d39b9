//! Sparse places behind the damage, from which the tape can be read on.

use alloc::vec::Vec;

use crate::salvage::stretch::{Place, Salvage};

/// They are as far apart at least, as long as there are few.
const FIRST_GAP: u64 = 64 << 10;

#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    places: Vec<Place>,
    /// The least distance is that one doubled so often.
    doubled: u32,
}

impl Places {
    /// A command begins at this place.
    pub(super) fn note(&mut self, place: Place) {
        let gap = FIRST_GAP.checked_shl(self.doubled).unwrap_or(u64::MAX);
        if self.places.last().is_some_and(|last| place.offset.saturating_sub(last.offset) < gap) {
            return;
        }
        if self.places.len() >= Salvage::MAX_PLACES {
            let mut keep = false;
            self.places.retain(|_| {
                keep = !keep;
                keep
            });
            self.doubled += 1;
        }
        self.places.push(place);
    }

    pub(super) fn into_list(self) -> Vec<Place> {
        self.places
    }
}
