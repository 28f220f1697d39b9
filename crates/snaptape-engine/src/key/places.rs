//! Places inside a value, evenly spread however long it turns out to be.

use snaptape_rdb::Mark;
use snaptape_report::KeyPlace;

/// Keeps at most [`KeyPlace::MOST`].
#[derive(Debug)]
pub(super) struct Places {
    kept: Vec<KeyPlace>,
    gap: u64,
    /// The first offset that is worth a place.
    next: u64,
}

impl Places {
    /// Bytes between two of them at first.
    pub(super) const GAP: u64 = 128 << 10;

    pub(super) fn new(gap: u64) -> Self {
        Self { kept: Vec::new(), gap: gap.max(1), next: 0 }
    }

    /// The value begins here.
    pub(super) fn begin(&mut self, offset: u64) {
        self.next = offset.saturating_add(self.gap);
    }

    /// Is it time for one?
    pub(super) fn wants(&self, offset: u64) -> bool {
        offset >= self.next
    }

    pub(super) fn add(&mut self, element: u64, mark: Mark) {
        let Mark { offset, left, done, min_expiry_ms } = mark;
        self.kept.push(KeyPlace { element, offset, left, done, min_expiry_ms });
        if self.kept.len() >= KeyPlace::MOST {
            let mut odd = false;
            self.kept.retain(|_| {
                odd = !odd;
                !odd
            });
            self.gap *= 2;
        }
        self.next = offset.saturating_add(self.gap);
    }

    pub(super) fn finish(self) -> Vec<KeyPlace> {
        self.kept
    }
}

pub(super) fn mark(place: &KeyPlace) -> Mark {
    let KeyPlace { offset, left, done, min_expiry_ms, .. } = *place;
    Mark { offset, left, done, min_expiry_ms }
}
