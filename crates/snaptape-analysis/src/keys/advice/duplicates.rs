//! Long strings that stand there more than once.
//!
//! All values are compared while there are few; of many, a sample of values is (those whose hash ends in zeros), which finds what is
//! there a few times. What is there very often would fall out of that sample by chance, so a sample of keys finds it.

use core::fmt::Write as _;
use snaptape_sort::Sort as _;

use snaptape_report::{Advice, AdviceKind, units};

use super::{super::KeyFacts, blank, sample::Sample, short_name::ShortName};
use crate::StoredText;

/// Most values, and most keys, that are held: some 3 MB and 0.8 MB. Just under what tables of a power of two places take.
const MAX_VALUES: usize = 14_000;
const MAX_KEYS: usize = 3_500;
/// A value that so many keys of the sample have is common.
const COMMON: u64 = 8;
/// What a key keeps that refers to a value somewhere else: a name of 16 to 24 bytes.
const REFERENCE_BYTES: u64 = 32;

/// Strings from [`StoredText::LEAST_BYTES`] on, by the hash of what is stored of them.
#[derive(Debug, Clone)]
pub(super) struct DuplicateFold {
    values: Sample<Copies>,
    keys: Sample<Held>,
    n_keys: u64,
    len_bytes: u64,
    memory_bytes: u64,
}

/// Keys that have the same value.
#[derive(Debug, Clone)]
struct Copies {
    keys: u64,
    len_bytes: u64,
    memory_bytes: u64,
    /// The first of the keys in order.
    example: ShortName,
}

impl Copies {
    fn join(&mut self, other: &Self) {
        self.keys += other.keys;
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.example = self.example.min(other.example);
    }

    fn saved_bytes(&self) -> u64 {
        let each = self.len_bytes.saturating_sub(REFERENCE_BYTES);
        (self.keys - 1).saturating_mul(each)
    }
}

/// A key of the sample and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    value: u64,
    len_bytes: u64,
    memory_bytes: u64,
    name: ShortName,
}

impl Default for DuplicateFold {
    fn default() -> Self {
        Self::new(MAX_VALUES, MAX_KEYS)
    }
}

/// Sums over what was found.
#[derive(Debug, Default)]
struct Found {
    /// Values that there are more than once.
    values: u64,
    keys: u64,
    saved_bytes: u64,
    memory_bytes: u64,
    /// The one that saves most by itself, unscaled.
    most: Option<Copies>,
}

impl Found {
    fn add(&mut self, copies: &Copies, times: u64) {
        if copies.keys < 2 {
            return;
        }
        self.values = self.values.saturating_add(times);
        self.keys = self.keys.saturating_add(copies.keys.saturating_mul(times));
        self.saved_bytes = self.saved_bytes.saturating_add(copies.saved_bytes().saturating_mul(times));
        self.memory_bytes = self.memory_bytes.saturating_add(copies.memory_bytes.saturating_mul(times));
        let rank = |copies: &Copies| (copies.saved_bytes(), core::cmp::Reverse(copies.example));
        if self.most.as_ref().is_none_or(|most| rank(copies) > rank(most)) {
            self.most = Some(copies.clone());
        }
    }
}

impl DuplicateFold {
    fn new(max_values: usize, max_keys: usize) -> Self {
        Self {
            values: Sample::new(max_values),
            keys: Sample::new(max_keys),
            n_keys: 0,
            len_bytes: 0,
            memory_bytes: 0,
        }
    }

    /// How many strings there are that are not short, and how long they are together.
    pub(super) fn texts(&self) -> (u64, u64) {
        (self.n_keys, self.len_bytes)
    }

    #[inline]
    pub(super) fn add(&mut self, key: &KeyFacts<'_>, text: &StoredText) {
        self.n_keys += 1;
        self.len_bytes = self.len_bytes.saturating_add(text.len_bytes);
        self.memory_bytes = self.memory_bytes.saturating_add(key.memory_bytes);
        let Some(value) = text.hash else { return };
        let (len_bytes, memory_bytes) = (text.len_bytes, key.memory_bytes);
        let copy = || Copies { keys: 1, len_bytes, memory_bytes, example: ShortName::new(key.name) };
        self.values.add(value, copy, |copies| copies.join(&copy()));
        let held = || Held { value, len_bytes, memory_bytes, name: ShortName::new(key.name) };
        // Keys at one place of two files with one value are one in a great many.
        self.keys.add(spread(key.offset ^ value), held, |row| *row = (*row).min(held()));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.n_keys += other.n_keys;
        self.len_bytes = self.len_bytes.saturating_add(other.len_bytes);
        self.memory_bytes = self.memory_bytes.saturating_add(other.memory_bytes);
        self.values.merge(&other.values, Copies::join);
        self.keys.merge(&other.keys, |row, theirs| *row = (*row).min(*theirs));
    }

    fn found(&self) -> Found {
        let mut found = Found::default();
        let one_in = self.values.one_in();
        let mut common: Vec<(u64, Copies)> = Vec::new();
        if one_in > 1 {
            let mut held: Vec<&Held> = self.keys.sorted().into_iter().map(|(_, held)| held).collect();
            held.order();
            for same in held.chunk_by(|a, b| a.value == b.value) {
                let Some(first) = same.first().filter(|_| same.len() as u64 >= COMMON) else { continue };
                let scale = |n: u64| n.saturating_mul(self.keys.one_in());
                let estimate = Copies {
                    keys: scale(same.len() as u64),
                    len_bytes: first.len_bytes,
                    memory_bytes: scale(same.iter().map(|held| held.memory_bytes).sum()),
                    example: first.name,
                };
                let exact = self.values.get(first.value).cloned();
                common.push((first.value, exact.unwrap_or(estimate)));
            }
        }
        for (_, copies) in &common {
            found.add(copies, 1);
        }
        for (value, copies) in self.values.sorted() {
            if common.binary_search_by_key(&value, |(value, _)| *value).is_err() {
                found.add(copies, one_in);
            }
        }
        found.keys = found.keys.min(self.n_keys);
        found.saved_bytes = found.saved_bytes.min(self.len_bytes);
        found.memory_bytes = found.memory_bytes.min(self.memory_bytes);
        found
    }

    pub(super) fn finish(&self, all_bytes: u64) -> Option<Advice> {
        let found = self.found();
        if !Advice::is_worth_saying(found.saved_bytes, all_bytes) {
            return None;
        }
        let one_in = self.values.one_in();
        // Writing to a string cannot fail.
        let mut sentence = format!(
            "{}{} of {} bytes or more share {}: one copy of each, and references of {REFERENCE_BYTES} bytes to it, would save about {}.",
            if one_in > 1 { "About " } else { "" },
            units::plural(found.keys, "string", "strings"),
            StoredText::LEAST_BYTES,
            units::plural(found.values, "value", "values"),
            units::bytes(found.saved_bytes)
        );
        if let Some(most) = &found.most {
            let _ = write!(
                sentence,
                " The most by one value, {} in {} keys, is that of {}.",
                units::bytes(most.len_bytes),
                units::count(most.keys),
                most.example.key_name().display()
            );
        }
        if one_in > 1 {
            let _ = write!(sentence, " One value in {} was compared.", units::count(one_in));
        }
        Some(Advice {
            saved_bytes: Some(found.saved_bytes),
            affected_bytes: found.memory_bytes,
            keys: found.keys,
            examples: found.most.iter().map(|most| most.example.key_name()).collect(),
            one_in,
            sentence,
            cost: Some(
                "Clients then read twice, the reference and the value, and somebody has to delete values nobody refers to."
                    .into(),
            ),
            ..blank(AdviceKind::DuplicatedValues)
        })
    }
}

/// Every bit of a number changes about half of the bits of the result. Source: the finalizer of `SplitMix64`.
#[inline]
fn spread(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A fold over keys: offset, number of the value.
    fn fold(keys: &[(u64, u64)], bounds: (usize, usize)) -> DuplicateFold {
        let mut fold = DuplicateFold::new(bounds.0, bounds.1);
        for (offset, value) in keys {
            let name = format!("key:{offset}");
            let len_bytes = 200 + value % 7;
            let key = KeyFacts {
                name: name.as_bytes(),
                memory_bytes: len_bytes + 60,
                offset: *offset,
                ..KeyFacts::default()
            };
            let hash = Some(spread(*value));
            fold.add(&key, &StoredText { len_bytes, stored_bytes: len_bytes, hash });
        }
        fold
    }

    #[test]
    fn each_copy_but_one_becomes_a_reference() {
        let keys: Vec<(u64, u64)> = [(1, 0), (2, 0), (3, 0), (4, 7), (5, 7), (6, 1)].into();
        let found = fold(&keys, (100, 100)).found();
        // Two times 200 - 32 and once 200 - 32, of the values 0 and 7.
        assert_eq!((found.values, found.keys, found.saved_bytes), (2, 5, 3 * 168));
        assert_eq!(found.memory_bytes, 5 * 260);
        assert_eq!(
            found.most.map(|most| (most.keys, most.example.as_bytes().to_vec())),
            Some((3, b"key:1".into()))
        );
    }

    #[test]
    fn it_is_said_in_figures() {
        let keys: Vec<(u64, u64)> = (0..1000).map(|n| (n, 14 * (n % 2))).collect();
        let advice = fold(&keys, (100, 100)).finish(10_000_000).expect("enough");
        assert_eq!((advice.saved_bytes, advice.keys, advice.one_in), (Some(998 * 168), 1000, 1));
        assert_eq!(
            advice.sentence,
            "1,000 strings of 64 bytes or more share 2 values: one copy of each, and references of 32 bytes to it, would save about \
             168 KB. The most by one value, 200 B in 500 keys, is that of key:0."
        );
        assert_eq!(fold(&keys, (100, 100)).finish(100_000_000), None, "under half a per cent");
    }

    /// Too many values for the table: 120,000 that three keys share each, and one that 60,000 keys have.
    #[test]
    fn a_sample_is_about_right() {
        let mut keys: Vec<(u64, u64)> = (0..360_000).map(|n| (n, 1 + n % 120_000)).collect();
        keys.extend((360_000..420_000).map(|n| (n, 0)));
        let exact = fold(&keys, (1 << 20, 100)).found();
        let about = fold(&keys, (MAX_VALUES, MAX_KEYS));
        assert!(about.values.one_in() >= 4);
        let about = about.found();
        let off = |about: u64, exact: u64| about.abs_diff(exact) * 100 / exact;
        assert!(off(about.saved_bytes, exact.saved_bytes) < 5, "{about:?} of {exact:?}");
        assert!(off(about.keys, exact.keys) < 5, "{about:?} of {exact:?}");
        let most = about.most.expect("the common one").keys;
        assert!(off(most, 60_000) < 20, "{most}");
    }

    proptest! {
        #[test]
        fn any_split_and_any_order_find_the_same(
            (keys, shuffled) in prop::collection::vec((0..300_u64, 0..60_u64), 0..400)
                .prop_flat_map(|keys| (Just(keys.clone()), Just(keys).prop_shuffle())),
            cut in any::<prop::sample::Index>(),
        ) {
            let bounds = (16, 12);
            let whole = fold(&keys, bounds);
            let (a, b) = shuffled.split_at(cut.index(keys.len() + 1));
            let (a, b) = (fold(a, bounds), fold(b, bounds));
            let mut forth = a.clone();
            forth.merge(&b);
            let mut back = b;
            back.merge(&a);
            for other in [forth, back] {
                prop_assert_eq!(other.values.one_in(), whole.values.one_in());
                prop_assert_eq!(other.values.sorted().len(), whole.values.sorted().len());
                prop_assert_eq!(format!("{:?}", other.found()), format!("{:?}", whole.found()));
            }
        }
    }
}
