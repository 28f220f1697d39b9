//! Sorting with one piece of machine code for all types.
//!
//! `slice::sort_by` is compiled anew for each type and closure, some three kilobytes a time. What is sorted once at the end of a
//! job does not need that speed: here positions are sorted through one comparator behind a pointer, and the items follow by swaps.
//! Long lists of plain numbers are better off with `slice::sort_unstable`.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Sorts in place; equal items keep their order.
pub trait Sort {
    /// What is sorted.
    type Item;

    /// As `slice::sort_by`.
    fn order_by(&mut self, compare: impl FnMut(&Self::Item, &Self::Item) -> Ordering);

    /// As `slice::sort_by_key`.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&Self::Item) -> K);

    /// As `slice::sort`.
    fn order(&mut self)
    where
        Self::Item: Ord;
}

impl<T> Sort for [T] {
    type Item = T;

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let mut from = sorted(self.len(), &mut |a, b| match (self.get(a), self.get(b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => Ordering::Equal,
        });
        // `from` says whose place each item takes: follow each circle of exchanges until it closes.
        for start in 0..from.len() {
            let mut at = start;
            while let Some(slot) = from.get_mut(at) {
                let next = core::mem::replace(slot, at);
                if next == start || next == at {
                    break;
                }
                self.swap(at, next);
                at = next;
            }
        }
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|a, b| key(a).cmp(&key(b)));
    }

    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }
}

/// The positions `0..len` in order.
#[inline(never)]
fn sorted(len: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..len).collect();
    positions.sort_by(|a, b| compare(*a, *b));
    positions
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::string::String;

    use super::*;

    /// Many lists of many lengths, with doubles in them.
    fn lists() -> impl Iterator<Item = Vec<(u32, usize)>> {
        let mut state = 1_u32;
        (0..200).map(move |len| {
            (0..len)
                .map(|place| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    ((state >> 16) % 50, place)
                })
                .collect()
        })
    }

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        for list in lists() {
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            ours.order_by_key(|(value, _)| *value);
            theirs.sort_by_key(|(value, _)| *value);
            assert_eq!(ours, theirs, "equal ones keep their order");
            ours.order_by(|a, b| b.cmp(a));
            theirs.sort_by(|a, b| b.cmp(a));
            assert_eq!(ours, theirs);
            let (mut ours, mut theirs): (Vec<String>, Vec<String>) =
                list.iter().map(|(value, _)| (format!("{value}"), format!("{value}"))).unzip();
            ours.order();
            theirs.sort();
            assert_eq!(ours, theirs);
        }
    }
}
