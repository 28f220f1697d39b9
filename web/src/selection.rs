//! Which places of a long table are chosen. Pure.

/// Places, as ranges: ends included, in order, apart from each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    ranges: Vec<(u64, u64)>,
}

impl Selection {
    /// One place.
    pub fn only(place: u64) -> Self {
        Self::range(place, place)
    }

    /// From one place to another, whichever comes first.
    pub fn range(a: u64, b: u64) -> Self {
        Self { ranges: vec![(a.min(b), a.max(b))] }
    }

    /// All places below `rows`.
    pub fn all(rows: u64) -> Self {
        rows.checked_sub(1).map_or_else(Self::default, |last| Self::range(0, last))
    }

    /// How many places.
    pub fn len(&self) -> u64 {
        self.ranges.iter().map(|(first, last)| last - first + 1).sum()
    }

    /// Is nothing chosen?
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Is this place?
    pub fn contains(&self, place: u64) -> bool {
        let at = self.ranges.partition_point(|(_, last)| *last < place);
        self.ranges.get(at).is_some_and(|(first, _)| *first <= place)
    }

    /// The ranges.
    pub fn ranges(&self) -> &[(u64, u64)] {
        &self.ranges
    }

    /// Takes a place out, or puts it in.
    #[must_use]
    pub fn toggled(&self, place: u64) -> Self {
        if !self.contains(place) {
            return self.with(place, place);
        }
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        for &(first, last) in &self.ranges {
            if (first..=last).contains(&place) {
                ranges.extend((first < place).then(|| (first, place - 1)));
                ranges.extend((place < last).then_some((place + 1, last)));
            } else {
                ranges.push((first, last));
            }
        }
        Self { ranges }
    }

    /// The same with a range more.
    #[must_use]
    pub fn with(&self, a: u64, b: u64) -> Self {
        let (mut first, mut last) = (a.min(b), a.max(b));
        let mut ranges = Vec::with_capacity(self.ranges.len() + 1);
        for &(from, to) in &self.ranges {
            if to.saturating_add(1) < first || from > last.saturating_add(1) {
                ranges.push((from, to));
            } else {
                (first, last) = (first.min(from), last.max(to));
            }
        }
        let at = ranges.partition_point(|(from, _)| *from < first);
        ranges.insert(at, (first, last));
        Self { ranges }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_grow_together_and_apart() {
        let some = Selection::only(5).toggled(7).toggled(6);
        assert_eq!(some.ranges(), [(5, 7)]);
        assert_eq!(some.toggled(6).ranges(), [(5, 5), (7, 7)]);
        assert_eq!(some.with(20, 10).with(0, 1).ranges(), [(0, 1), (5, 7), (10, 20)]);
        assert_eq!(some.with(20, 10).with(8, 9).ranges(), [(5, 20)]);
        assert!(some.toggled(5).toggled(6).toggled(7).is_empty());
        assert_eq!(Selection::all(3).len(), 3);
        assert!(Selection::all(0).is_empty());
        let far = Selection::range(0, u64::MAX - 1).toggled(9);
        assert!(far.contains(8) && !far.contains(9) && far.contains(10));
    }
}
