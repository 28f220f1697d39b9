//! A table with a fixed number of rows whose contents depend on what was added alone, not on its order.

use std::collections::BTreeMap;

use super::Merge;

/// Values by key. Beyond `max` keys the highest go into one row for all others: a key that was pushed out by lower ones would be
/// pushed out again whatever follows, so tables can be merged.
#[derive(Debug, Clone)]
pub(crate) struct Bounded<K, V> {
    max: usize,
    rows: BTreeMap<K, V>,
    other: V,
}

impl<K: Ord, V: Merge + Default> Bounded<K, V> {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, rows: BTreeMap::new(), other: V::default() }
    }

    /// The row of a key, or that of all others.
    #[inline]
    pub(crate) fn row<Q: Ord + ?Sized + ToOwned<Owned = O>, O: Into<K>>(&mut self, key: &Q) -> &mut V
    where
        K: core::borrow::Borrow<Q>,
    {
        if !self.rows.contains_key(key) {
            if self.rows.len() >= self.max {
                if self.rows.last_key_value().is_none_or(|(last, _)| key > last.borrow()) {
                    return &mut self.other;
                }
                if let Some((_, value)) = self.rows.pop_last() {
                    self.other.merge(&value);
                }
            }
            self.rows.insert(key.to_owned().into(), V::default());
        }
        self.rows.get_mut(key).unwrap_or(&mut self.other)
    }

    pub(crate) fn merge(&mut self, other: &Self)
    where
        K: Clone,
    {
        self.other.merge(&other.other);
        for (key, value) in &other.rows {
            self.row::<K, K>(key).merge(value);
        }
    }

    /// The rows, lowest first.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&K, &V)> {
        self.rows.iter()
    }

    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: core::borrow::Borrow<Q>,
    {
        self.rows.get(key)
    }

    /// All others together.
    pub(crate) fn other(&self) -> &V {
        &self.other
    }
}
