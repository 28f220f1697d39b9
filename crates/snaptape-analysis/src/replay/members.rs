//! The members of collections, as far as they are known one by one: hashes of 64 bits, within a budget.

use std::collections::VecDeque;

use hashbrown::HashMap;
use rustc_hash::FxBuildHasher;

/// Up to so many members a list is faster than a table.
const FEW: usize = 16;

/// Values by hash: a list while there are few.
#[derive(Debug, Clone)]
pub(super) enum Few<V> {
    List(Vec<(u64, V)>),
    Table(HashMap<u64, V, FxBuildHasher>),
}

impl<V: Copy> FromIterator<(u64, V)> for Few<V> {
    fn from_iter<I: IntoIterator<Item = (u64, V)>>(members: I) -> Self {
        let mut few = Self::new();
        for (member, value) in members {
            few.insert(member, value);
        }
        few
    }
}

impl<V: Copy> Few<V> {
    pub(super) fn new() -> Self {
        Self::List(Vec::new())
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::List(list) => list.len(),
            Self::Table(table) => table.len(),
        }
    }

    pub(super) fn get(&self, member: u64) -> Option<V> {
        match self {
            Self::List(list) => list.iter().find(|(one, _)| *one == member).map(|(_, value)| *value),
            Self::Table(table) => table.get(&member).copied(),
        }
    }

    /// What stood there before, if anything did.
    pub(super) fn insert(&mut self, member: u64, value: V) -> Option<V> {
        if let Self::List(list) = self {
            if let Some((_, old)) = list.iter_mut().find(|(one, _)| *one == member) {
                return Some(core::mem::replace(old, value));
            }
            if list.len() < FEW {
                list.push((member, value));
                return None;
            }
            *self = Self::Table(list.iter().copied().collect());
        }
        match self {
            Self::Table(table) => table.insert(member, value),
            Self::List(_) => None,
        }
    }

    pub(super) fn remove(&mut self, member: u64) -> Option<V> {
        match self {
            Self::List(list) => {
                let at = list.iter().position(|(one, _)| *one == member)?;
                Some(list.swap_remove(at).1)
            }
            Self::Table(table) => table.remove(&member),
        }
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(u64, V) -> bool) {
        match self {
            Self::List(list) => list.retain(|(member, value)| keep(*member, *value)),
            Self::Table(table) => table.retain(|member, value| keep(*member, *value)),
        }
    }

    /// All of them, in no order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, V)> {
        let (list, table) = match self {
            Self::List(list) => (Some(list), None),
            Self::Table(table) => (None, Some(table)),
        };
        let list = list.into_iter().flatten().copied();
        list.chain(table.into_iter().flatten().map(|(member, value)| (*member, *value)))
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::List(list) => list.capacity() * size_of::<(u64, V)>(),
            // One byte of control each, and an eighth of the places is never used.
            Self::Table(table) => table.capacity() * 8 / 7 * (size_of::<(u64, V)>() + 1) + 16,
        }
    }
}

/// All members of one collection.
#[derive(Debug, Clone)]
pub(super) enum Members {
    /// A list, in order.
    List(VecDeque<u64>),
    /// A set, or the fields of a hash.
    Set(Few<()>),
    /// A sorted set; a score that is not known is NaN.
    Zset(Few<f64>),
}

impl Members {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::List(list) => list.len(),
            Self::Set(set) => set.len(),
            Self::Zset(zset) => zset.len(),
        }
    }

    fn heap_bytes(&self) -> usize {
        match self {
            Self::List(list) => list.capacity() * size_of::<u64>(),
            Self::Set(set) => set.heap_bytes(),
            Self::Zset(zset) => zset.heap_bytes(),
        }
    }

    fn cost(&self) -> usize {
        self.heap_bytes() + size_of::<Option<Self>>() + size_of::<u32>()
    }
}

/// The collections whose members are known.
#[derive(Debug, Clone)]
pub(super) struct Pool {
    all: Vec<Option<Members>>,
    free: Vec<u32>,
    bytes: usize,
    max_bytes: usize,
}

impl Pool {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { all: Vec::new(), free: Vec::new(), bytes: 0, max_bytes }
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes >= self.max_bytes
    }

    /// The place of a collection from now on; `None` when there is no room for it.
    pub(super) fn put(&mut self, members: Members) -> Option<u32> {
        let cost = members.cost();
        if self.bytes + cost > self.max_bytes {
            return None;
        }
        self.bytes += cost;
        if let Some(at) = self.free.pop() {
            *self.all.get_mut(at as usize)? = Some(members);
            return Some(at);
        }
        let at = u32::try_from(self.all.len()).ok()?;
        self.all.push(Some(members));
        Some(at)
    }

    pub(super) fn get(&self, at: u32) -> Option<&Members> {
        self.all.get(at as usize)?.as_ref()
    }

    /// The members of a sorted set, to be removed.
    pub(super) fn zset(&mut self, at: u32) -> Option<&mut Few<f64>> {
        match self.all.get_mut(at as usize)?.as_mut()? {
            // Removing members frees nothing: what it costs stays the same.
            Members::Zset(zset) => Some(zset),
            _ => None,
        }
    }

    /// Changes a collection.
    pub(super) fn change<R>(&mut self, at: u32, change: impl FnOnce(&mut Members) -> R) -> Option<R> {
        let members = self.all.get_mut(at as usize)?.as_mut()?;
        let before = members.heap_bytes();
        let result = change(members);
        self.bytes = self.bytes + members.heap_bytes() - before;
        Some(result)
    }

    pub(super) fn take(&mut self, at: u32) -> Option<Members> {
        let members = self.all.get_mut(at as usize)?.take()?;
        self.bytes -= members.cost();
        self.free.push(at);
        Some(members)
    }

    /// How many collections are in it.
    #[cfg(test)]
    pub(super) fn used(&self) -> usize {
        self.all.iter().flatten().count()
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_do_the_same() {
        let mut few = Few::new();
        for n in 0..40_u64 {
            assert_eq!(few.insert(n % 30, n), (n >= 30).then(|| n - 30));
        }
        assert_eq!(few.len(), 30);
        assert_eq!(few.get(3), Some(33));
        assert_eq!(few.remove(3), Some(33));
        assert_eq!(few.remove(3), None);
        few.retain(|member, _| member % 2 == 0);
        let mut left: Vec<u64> = few.iter().map(|(member, _)| member).collect();
        left.sort_unstable();
        assert_eq!(left, (0..30).filter(|n| n % 2 == 0).collect::<Vec<_>>());
    }

    #[test]
    fn the_pool_counts_what_it_holds() {
        let mut pool = Pool::new(10_000);
        let mut places = Vec::new();
        while let Some(at) = pool.put(Members::Set(Few::new())) {
            places.push(at);
        }
        assert!(pool.bytes() <= 10_000 && places.len() > 50);
        for at in &places {
            pool.change(*at, |members| {
                if let Members::Set(set) = members {
                    *set = (0..100).map(|n| (n, ())).collect();
                }
            });
        }
        assert!(pool.is_full());
        for at in places {
            assert_eq!(pool.take(at).map(|members| members.len()), Some(100));
        }
        assert_eq!(pool.bytes(), 0);
    }
}
