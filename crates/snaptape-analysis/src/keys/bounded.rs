//! A table with a fixed number of rows whose contents depend on what was added alone, not on its order.

use std::collections::BTreeMap;

use super::Merge;

/// Values by key. Beyond `max` keys the highest go into one row for all others: a key that was pushed out by lower ones would be
/// pushed out again whatever follows, so tables can be merged.
#[derive(Debug, Clone)]
pub(crate) struct Bounded<K, V> {
    max: usize,
    /// Where the value of a key is: trees are compiled anew for each type of values, so they hold nothing but places.
    rows: BTreeMap<K, usize>,
    values: Vec<V>,
    other: V,
}

impl<K: Ord, V: Merge + Default> Bounded<K, V> {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, rows: BTreeMap::new(), values: Vec::new(), other: V::default() }
    }

    /// The row of a key, or that of all others.
    #[inline]
    pub(crate) fn row<Q: Ord + ?Sized + ToOwned<Owned = O>, O: Into<K>>(&mut self, key: &Q) -> &mut V
    where
        K: core::borrow::Borrow<Q>,
    {
        let place = match self.rows.get(key) {
            Some(place) => *place,
            None => self.begin(key).unwrap_or(usize::MAX),
        };
        self.values.get_mut(place).unwrap_or(&mut self.other)
    }

    /// Makes a row for a key, if it is to have one.
    #[cold]
    fn begin<Q: Ord + ?Sized + ToOwned<Owned = O>, O: Into<K>>(&mut self, key: &Q) -> Option<usize>
    where
        K: core::borrow::Borrow<Q>,
    {
        let mut place = self.values.len();
        if self.rows.len() >= self.max {
            if self.rows.last_key_value().is_none_or(|(last, _)| key > last.borrow()) {
                return None;
            }
            place = self.rows.pop_last()?.1;
            self.other.merge(&core::mem::take(self.values.get_mut(place)?));
        } else {
            self.values.push(V::default());
        }
        self.rows.insert(key.to_owned().into(), place);
        Some(place)
    }

    pub(crate) fn merge(&mut self, other: &Self)
    where
        K: Clone,
    {
        self.other.merge(&other.other);
        for (key, value) in other.rows() {
            self.row::<K, K>(key).merge(value);
        }
    }

    /// The rows, lowest first.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter().filter_map(|(key, place)| Some((key, self.values.get(*place)?)))
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: core::borrow::Borrow<Q>,
    {
        self.values.get(*self.rows.get(key)?)
    }

    /// All others together.
    pub(crate) fn other(&self) -> &V {
        &self.other
    }
}
