//! Between how many and how many elements.

/// A number of elements that is known within bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) lo: u32,
    /// `u32::MAX` for any number.
    pub(super) hi: u32,
}

impl Extent {
    pub(super) const NONE: Self = Self { lo: 0, hi: 0 };
    pub(super) const ANY: Self = Self { lo: 0, hi: u32::MAX };
    /// Of a key that is there: it has an element.
    pub(super) const SOME: Self = Self { lo: 1, hi: u32::MAX };

    pub(super) fn exactly(n: u64) -> Self {
        Self::between(n, n)
    }

    pub(super) fn between(least: u64, most: u64) -> Self {
        Self {
            // One less than "any number": never more than there are.
            lo: u32::try_from(least).unwrap_or(u32::MAX).min(u32::MAX - 1),
            hi: u32::try_from(most).unwrap_or(u32::MAX),
        }
    }

    pub(super) fn least(self) -> u64 {
        u64::from(self.lo)
    }

    pub(super) fn most(self) -> u64 {
        if self.hi == u32::MAX { u64::MAX } else { u64::from(self.hi) }
    }

    /// `Some` where it is one number.
    pub(super) fn exact(self) -> Option<u64> {
        (self.lo == self.hi).then_some(u64::from(self.lo))
    }

    /// At least `least` and at most `most` more.
    pub(super) fn plus(self, least: u64, most: u64) -> Self {
        Self::between(self.least().saturating_add(least), self.most().saturating_add(most))
    }

    /// At least `least` and at most `most` fewer.
    pub(super) fn minus(self, least: u64, most: u64) -> Self {
        let most_left = if self.hi == u32::MAX { u64::MAX } else { self.most().saturating_sub(least) };
        Self::between(self.least().saturating_sub(most), most_left)
    }

    /// There are at least so many.
    pub(super) fn at_least(self, n: u64) -> Self {
        Self::between(self.least().max(n), self.most().max(n))
    }

    /// There are at most so many.
    pub(super) fn at_most(self, n: u64) -> Self {
        Self::between(self.least().min(n), self.most().min(n))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_stay_bounds() {
        assert_eq!(Extent::exactly(5).minus(1, 2), Extent { lo: 3, hi: 4 });
        assert_eq!(Extent::exactly(1).minus(3, 3), Extent::NONE);
        assert_eq!(Extent::ANY.minus(1, 1), Extent::ANY);
        assert_eq!(Extent::ANY.plus(1, 1).lo, 1);
        assert_eq!(Extent::SOME.plus(2, 3), Extent { lo: 3, hi: u32::MAX });
        assert_eq!(Extent::exactly(1 << 40), Extent { lo: u32::MAX - 1, hi: u32::MAX });
        assert_eq!(Extent::exactly(1 << 40).exact(), None);
        assert_eq!(Extent::SOME.at_most(4), Extent { lo: 1, hi: 4 });
        assert_eq!(Extent::NONE.at_least(4), Extent::exactly(4));
    }
}
