//! Entries that should not go into a copy.

use snaptape_sort::Sort as _;
use std::ops::Range;

/// An entry a server would refuse, crash over, or lose something with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Where it stands in the file, its attributes (expiry, idle time ...) included.
    pub span: Range<u64>,
    /// Why.
    pub reason: UnfitReason,
}

/// Why an entry should not be copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum UnfitReason {
    /// Its value contradicts itself.
    BadValue,
    /// Its key stood in the same database before.
    DuplicateKey,
    /// The writer cannot have written it: it is damage that happens to be readable.
    Foreign,
}

/// Most of them that are kept: what has more is no snapshot with a few wounds.
pub(super) const MAX_UNFIT: usize = 65_536;

/// Collects them.
#[derive(Debug, Default)]
pub(super) struct UnfitList {
    entries: Vec<Unfit>,
    truncated: bool,
}

impl UnfitList {
    pub(super) fn push(&mut self, span: Range<u64>, reason: UnfitReason) {
        if self.entries.len() < MAX_UNFIT {
            self.entries.push(Unfit { span, reason });
        } else {
            self.truncated = true;
        }
    }

    /// Forgets the entries that begin at `start` or behind it.
    pub(super) fn take_back(&mut self, start: u64) {
        self.entries.retain(|unfit| unfit.span.start < start);
    }

    /// In the order of the file, each entry once; and whether there were more.
    pub(super) fn finish(mut self) -> (Vec<Unfit>, bool) {
        self.entries.order_by_key(|unfit| (unfit.span.start, unfit.reason));
        self.entries.dedup_by_key(|unfit| unfit.span.start);
        (self.entries, self.truncated)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_once_and_bounded() {
        let mut list = UnfitList::default();
        list.push(50..60, UnfitReason::DuplicateKey);
        list.push(10..20, UnfitReason::DuplicateKey);
        list.push(50..60, UnfitReason::BadValue);
        let (entries, truncated) = list.finish();
        let expected = [
            Unfit { span: 10..20, reason: UnfitReason::DuplicateKey },
            Unfit { span: 50..60, reason: UnfitReason::BadValue },
        ];
        assert_eq!((entries.as_slice(), truncated), (&expected[..], false));

        let mut list = UnfitList::default();
        for at in 0..=MAX_UNFIT as u64 {
            list.push(at..at + 1, UnfitReason::BadValue);
        }
        let (entries, truncated) = list.finish();
        assert_eq!((entries.len(), truncated), (MAX_UNFIT, true));
    }
}
