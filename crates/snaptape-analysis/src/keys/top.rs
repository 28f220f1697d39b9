//! The keys that lead in something.

use core::cmp::Reverse;
use snaptape_sort::Sort as _;
use std::collections::BinaryHeap;

use snaptape_report::{Dataset, KeyRow, RELEASES};

use super::KeyFacts;

/// Longest name kept with a key: a hundred names of megabytes each would be no list.
const MAX_NAME: usize = 1024;

/// A key that stands high, ordered by rank, then by where it stands: equals rank the same in any order of folding.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ranked<R> {
    rank: R,
    place: Reverse<(Option<String>, u64)>,
    row: KeyRow,
}

impl<R: Ord> Ord for Ranked<R> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (&self.rank, &self.place).cmp(&(&other.rank, &other.place))
    }
}

impl<R: Ord> PartialOrd for Ranked<R> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

fn row(key: &KeyFacts<'_>, file: Option<&str>) -> KeyRow {
    KeyFacts { name: front(key.name, MAX_NAME), ..*key }.to_row(file)
}

/// As many bytes of a name, and not half a character.
pub(crate) fn front(name: &[u8], max: usize) -> &[u8] {
    let Some(cut) = name.get(..max).filter(|_| name.len() > max) else { return name };
    match core::str::from_utf8(cut) {
        Err(error) if error.error_len().is_none() => cut.get(..error.valid_up_to()).unwrap_or(cut),
        _ => cut,
    }
}

/// The `max` keys of highest rank.
#[derive(Debug, Clone)]
pub(crate) struct Top<R> {
    max: usize,
    heap: BinaryHeap<Reverse<Ranked<R>>>,
}

impl<R: Ord + Copy> Top<R> {
    pub(crate) fn new(max: usize) -> Self {
        Self { max, heap: BinaryHeap::new() }
    }

    #[inline]
    pub(crate) fn add(&mut self, rank: R, key: &KeyFacts<'_>, file: Option<&str>) {
        if self.heap.len() >= self.max
            && let Some(Reverse(least)) = self.heap.peek()
            && (rank < least.rank || (rank == least.rank && !stands_before(key, file, least)))
        {
            return;
        }
        self.take(rank, key, file);
    }

    #[cold]
    fn take(&mut self, rank: R, key: &KeyFacts<'_>, file: Option<&str>) {
        let row = row(key, file);
        self.push(Ranked { rank, place: Reverse((row.file.clone(), key.offset)), row });
    }

    fn push(&mut self, ranked: Ranked<R>) {
        self.heap.push(Reverse(ranked));
        if self.heap.len() > self.max {
            self.heap.pop();
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for Reverse(ranked) in other.heap {
            self.push(ranked);
        }
    }

    /// Highest rank first.
    pub(crate) fn finish(self) -> Vec<(R, KeyRow)> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse(ranked)| (ranked.rank, ranked.row)).collect()
    }
}

fn stands_before<R>(key: &KeyFacts<'_>, file: Option<&str>, other: &Ranked<R>) -> bool {
    let Reverse((other_file, other_offset)) = &other.place;
    (file, key.offset) < (other_file.as_deref(), *other_offset)
}

/// Ranked by nothing but place: memory is compared release by release.
type Candidate = Ranked<()>;

/// As many candidates gather before those that lead in no release are let go.
const MAX_CANDIDATES: usize = 4 * Dataset::MAX_BIGGEST * RELEASES;

/// For every release the keys with the most memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Biggest {
    candidates: Vec<Candidate>,
    /// The least memory of those that lead in each release; 0 where there are too few yet.
    least: [u64; RELEASES],
    /// Where the key stands that has it.
    least_place: [Option<(Option<String>, u64)>; RELEASES],
}

impl Biggest {
    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>, file: Option<&str>) {
        let memory = &key.memory_by_release.0;
        if memory.iter().zip(&self.least).any(|(bytes, least)| bytes >= least) {
            self.consider(key, file);
        }
    }

    #[cold]
    fn consider(&mut self, key: &KeyFacts<'_>, file: Option<&str>) {
        let bars = self.least.iter().zip(&self.least_place);
        let leads = key.memory_by_release.0.iter().zip(bars).any(|(bytes, (least, place))| {
            let is_before =
                |(other, offset): &(Option<String>, u64)| (file, key.offset) < (other.as_deref(), *offset);
            bytes > least || (bytes == least && place.as_ref().is_none_or(is_before))
        });
        if leads {
            let mut row = row(key, file);
            row.memory_by_release = Some(key.memory_by_release);
            self.push(Ranked { rank: (), place: Reverse((row.file.clone(), key.offset)), row });
        }
    }

    fn push(&mut self, candidate: Candidate) {
        self.candidates.push(candidate);
        if self.candidates.len() >= MAX_CANDIDATES {
            self.let_go();
        }
    }

    /// Keeps only what leads in some release.
    fn let_go(&mut self) {
        let mut leads = vec![false; self.candidates.len()];
        for release in 0..RELEASES {
            let mut order: Vec<usize> = (0..self.candidates.len()).collect();
            if let Some(last) = Dataset::MAX_BIGGEST.checked_sub(1).filter(|last| *last < order.len()) {
                order.select_nth_unstable_by(last, |a, b| {
                    let (a, b) = (&self.candidates[*a], &self.candidates[*b]);
                    (memory(b, release), &b.place).cmp(&(memory(a, release), &a.place))
                });
                order.truncate(last + 1);
                let last = &self.candidates[order[last]];
                self.least[release] = memory(last, release);
                self.least_place[release] = Some(last.place.0.clone());
            }
            for at in order {
                leads[at] = true;
            }
        }
        let mut leads = leads.into_iter();
        self.candidates.retain(|_| leads.next().unwrap_or(false));
    }

    pub(crate) fn merge(&mut self, other: Self) {
        for candidate in other.candidates {
            self.push(candidate);
        }
    }

    /// All that lead in some release, the one with the most memory in the target first.
    pub(crate) fn finish(mut self) -> Vec<KeyRow> {
        self.let_go();
        self.candidates.order_by(|a, b| (b.row.memory_bytes, &b.place).cmp(&(a.row.memory_bytes, &a.place)));
        self.candidates.into_iter().map(|candidate| candidate.row).collect()
    }
}

fn memory<R>(ranked: &Ranked<R>, release: usize) -> u64 {
    ranked.row.memory_by_release.map_or(0, |memory| memory.0[release])
}
