//! Sorted sets. Of members with equal scores it is not known which comes first: their names are not kept.

use core::cmp::Ordering;

use super::{
    extent::Extent,
    lists::range,
    members::{Few, Members},
    sets::Batch,
    state::{Cell, State, Value},
    stores::MAX_MEMBERS,
    table::Kind,
    words::{Words, float, int, is},
};

/// Scores between two bounds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scores {
    low: (f64, bool),
    high: (f64, bool),
}

impl Scores {
    /// As in `ZRANGE k (1 +inf BYSCORE`.
    pub(super) fn parse(low: &[u8], high: &[u8]) -> Option<Self> {
        let bound = |text: &[u8]| match text.strip_prefix(b"(") {
            Some(text) => Some((float(text)?, true)),
            None => Some((float(text)?, false)),
        };
        Some(Self { low: bound(low)?, high: bound(high)? })
    }

    /// `None` where the score is not known.
    pub(super) fn has(&self, score: f64) -> Option<bool> {
        if score.is_nan() {
            return None;
        }
        let above = if self.low.1 { score > self.low.0 } else { score >= self.low.0 };
        let below = if self.high.1 { score < self.high.0 } else { score <= self.high.0 };
        Some(above && below)
    }
}

/// Which end of a sorted set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Min,
    Max,
}

/// The options of ZADD.
#[derive(Debug, Clone, Copy, Default)]
struct Options {
    only_new: bool,
    only_old: bool,
    greater: bool,
    less: bool,
    increment: bool,
}

impl State {
    /// The members and scores, if they are known and the walk over them is paid for.
    fn ranked(&mut self, cell: &Cell) -> Option<&mut Few<f64>> {
        let Value::Members(at) = cell.value else { return None };
        let n = self.pool.get(at)?.len();
        if n > MAX_MEMBERS || !self.afford(n) {
            return None;
        }
        self.pool.zset(at)
    }

    /// ZADD k options score m...
    pub(super) fn zadd(&mut self, words: &Words<'_>) {
        let mut options = Options::default();
        let mut at = 2;
        while let Some(word) = words.get(at) {
            if is(word, b"NX") {
                options.only_new = true;
            } else if is(word, b"XX") {
                options.only_old = true;
            } else if is(word, b"GT") {
                options.greater = true;
            } else if is(word, b"LT") {
                options.less = true;
            } else if is(word, b"INCR") {
                options.increment = true;
            } else if !is(word, b"CH") {
                break;
            }
            at += 1;
        }
        let pairs = words.from(at);
        let batch = Batch::of(pairs.get(1..).unwrap_or_default(), 2, words.behind(at as u64) / 2);
        let scores = pairs.iter().step_by(2).map(|score| float(score.bytes));
        if scores.clone().any(|score| score.is_none()) || batch.n == 0 {
            // An error: nothing happens.
            return;
        }
        let scores = scores.flatten();
        if options.only_old {
            // No member comes.
            self.edit(words, 1, Kind::Zset, |state, cell| state.rescore(cell, batch, scores, options));
            return;
        }
        self.write(words, 1, Kind::Zset, |state, cell| state.put_scores(cell, batch, scores, options));
    }

    fn rescore(
        &mut self,
        cell: &mut Cell,
        batch: Batch<'_>,
        scores: impl Iterator<Item = f64>,
        options: Options,
    ) {
        let Value::Members(at) = cell.value else { return };
        if !batch.whole {
            self.blur(cell);
            return;
        }
        self.pool.change(at, |members| {
            let Members::Zset(zset) = members else { return };
            for (member, score) in batch.hashes().zip(scores) {
                if let Some(old) = zset.get(member) {
                    zset.insert(member, new_score(old, score, options));
                }
            }
        });
    }

    fn put_scores(
        &mut self,
        cell: &mut Cell,
        batch: Batch<'_>,
        scores: impl Iterator<Item = f64>,
        options: Options,
    ) {
        if let (Value::Members(at), true) = (cell.value, batch.whole) {
            self.pool.change(at, |members| {
                let Members::Zset(zset) = members else { return };
                for (member, score) in batch.hashes().zip(scores) {
                    let score = match zset.get(member) {
                        Some(old) if options.only_new => old,
                        Some(old) => new_score(old, score, options),
                        None => score,
                    };
                    zset.insert(member, score);
                }
            });
            return;
        }
        // With NX it was written down because a member was new; else a score may have changed.
        let extent = self.blur(cell);
        cell.value = Value::Extent(if options.only_new && batch.n == 1 {
            extent.plus(1, 1)
        } else {
            extent.plus(u64::from(options.only_new), batch.n).at_least(batch.least())
        });
    }

    /// ZINCRBY k n m.
    pub(super) fn zincrby(&mut self, words: &Words<'_>) {
        let Some(score) = float(words.bytes(2)) else { return };
        let batch = Batch::of(words.all.get(3..4).unwrap_or_default(), 1, 1);
        let options = Options { increment: true, ..Options::default() };
        self.write(words, 1, Kind::Zset, |state, cell| {
            state.put_scores(cell, batch, core::iter::once(score), options);
        });
    }

    /// GEOADD k [NX|XX] [CH] longitude latitude m...: the scores are not worked out.
    pub(super) fn geoadd(&mut self, words: &Words<'_>) {
        let mut options = Options::default();
        let mut at = 2;
        while let Some(word) = words.get(at) {
            if is(word, b"NX") {
                options.only_new = true;
            } else if is(word, b"XX") {
                options.only_old = true;
            } else if !is(word, b"CH") {
                break;
            }
            at += 1;
        }
        let batch = Batch::of(words.from(at + 2), 3, words.behind(at as u64) / 3);
        let scores = core::iter::repeat(f64::NAN);
        if options.only_old {
            self.edit(words, 1, Kind::Zset, |state, cell| state.rescore(cell, batch, scores, options));
            return;
        }
        self.write(words, 1, Kind::Zset, |state, cell| state.put_scores(cell, batch, scores, options));
    }

    /// ZPOPMIN, ZPOPMAX k [n].
    pub(super) fn zpop(&mut self, words: &Words<'_>, end: End) {
        let n = words.get(2).map_or(Some(1), |n| int(n.bytes).and_then(|n| u64::try_from(n).ok()));
        let Some(n) = n else { return };
        self.edit(words, 1, Kind::Zset, |state, cell| state.take_ranked(cell, n, end));
    }

    /// Removes so many members from an end.
    fn take_ranked(&mut self, cell: &mut Cell, n: u64, end: End) {
        let left = self.extent(cell).minus(n, n);
        let done = self.ranked(cell).is_some_and(|zset| {
            let n = usize::try_from(n).unwrap_or(usize::MAX);
            if n >= zset.len() {
                zset.retain(|_, _| false);
                return true;
            }
            let Some(goes) = by_rank(zset, end).map(|all| cut(&all, 0, n)) else { return false };
            let Some(goes) = goes else { return false };
            for member in goes {
                zset.remove(member);
            }
            true
        });
        if !done {
            self.blur(cell);
            cell.value = Value::Extent(left);
        }
    }

    /// ZREMRANGEBYRANK k from to.
    pub(super) fn zremrangebyrank(&mut self, words: &Words<'_>) {
        let (Some(from), Some(to)) = (words.int(2), words.int(3)) else { return };
        self.edit(words, 1, Kind::Zset, |state, cell| {
            let extent = state.extent(cell);
            let goes = super::lists::trimmed(extent, from, to);
            let done = state.ranked(cell).is_some_and(|zset| {
                let (start, end) = range(from, to, zset.len() as u64);
                let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
                let Some(all) = by_rank(zset, End::Min) else { return false };
                let Some(goes) = cut(&all, place(start), place(end)) else { return false };
                for member in goes {
                    zset.remove(member);
                }
                true
            });
            if !done {
                state.blur(cell);
                let left = match (extent.exact(), goes.exact()) {
                    (Some(_), Some(n)) => extent.minus(n, n),
                    _ => extent.minus(1, goes.most()),
                };
                cell.value = Value::Extent(left);
            }
        });
    }

    /// ZREMRANGEBYSCORE k low high.
    pub(super) fn zremrangebyscore(&mut self, words: &Words<'_>) {
        let Some(scores) = Scores::parse(words.bytes(2), words.bytes(3)) else { return };
        let mut idle = false;
        self.edit(words, 1, Kind::Zset, |state, cell| {
            let done = state.ranked(cell).is_some_and(|zset| {
                if zset.iter().any(|(_, score)| score.is_nan()) {
                    return false;
                }
                let before = zset.len();
                zset.retain(|_, score| scores.has(score) == Some(false));
                idle = zset.len() == before;
                true
            });
            if !done {
                cell.value = Value::Extent(state.blur(cell).minus(1, u64::MAX));
            }
        });
        if let (true, Some(name)) = (idle, words.get(1)) {
            self.facts.no_effect(words, self.db, name);
        }
    }

    /// ZREMRANGEBYLEX k low high: the names are not kept.
    pub(super) fn zremrangebylex(&mut self, words: &Words<'_>) {
        let everything = words.bytes(2) == b"-" && words.bytes(3) == b"+";
        self.edit(words, 1, Kind::Zset, |state, cell| {
            let extent = state.blur(cell);
            cell.value = Value::Extent(if everything { Extent::NONE } else { extent.minus(1, u64::MAX) });
        });
    }
}

fn new_score(old: f64, score: f64, options: Options) -> f64 {
    let new = if options.increment { old + score } else { score };
    if old.is_nan() {
        return if options.greater || options.less { f64::NAN } else { new };
    }
    if (options.greater && new <= old) || (options.less && new >= old) { old } else { new }
}

/// Members with their scores, from that end; `None` where a score is not known.
pub(super) fn by_rank(zset: &Few<f64>, end: End) -> Option<Vec<(u64, f64)>> {
    let mut all: Vec<(u64, f64)> = zset.iter().collect();
    if all.iter().any(|(_, score)| score.is_nan()) {
        return None;
    }
    all.sort_unstable_by(|a, b| match end {
        End::Min => a.1.total_cmp(&b.1),
        End::Max => b.1.total_cmp(&a.1),
    });
    Some(all)
}

/// The members from one rank up to another; `None` where equal scores leave open which they are.
pub(super) fn cut(all: &[(u64, f64)], start: usize, end: usize) -> Option<Vec<u64>> {
    let ties = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        // Also -0 and 0 are.
        before.zip(all.get(at)).is_some_and(|(a, b)| a.1.partial_cmp(&b.1).is_none_or(Ordering::is_eq))
    };
    if ties(start) || ties(end) {
        return None;
    }
    Some(all.get(start..end)?.iter().map(|(member, _)| *member).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_of_scores() {
        let has = |low: &str, high: &str, score: f64| {
            Scores::parse(low.as_bytes(), high.as_bytes()).unwrap().has(score)
        };
        assert_eq!(has("1", "2", 2.0), Some(true));
        assert_eq!(has("1", "(2", 2.0), Some(false));
        assert_eq!(has("(1", "+inf", 1.0), Some(false));
        assert_eq!(has("-inf", "inf", f64::INFINITY), Some(true));
        assert_eq!(has("-inf", "inf", f64::NAN), None);
        assert!(Scores::parse(b"x", b"1").is_none());
    }

    #[test]
    fn ties_leave_it_open() {
        let all = [(1, 1.0), (2, 2.0), (3, 2.0), (4, 3.0)];
        assert_eq!(cut(&all, 0, 1), Some(vec![1]));
        assert_eq!(cut(&all, 0, 2), None);
        assert_eq!(cut(&all, 1, 3), Some(vec![2, 3]));
        assert_eq!(cut(&all, 0, 4), Some(vec![1, 2, 3, 4]));
        assert_eq!(cut(&[(1, -0.0), (2, 0.0)], 0, 1), None);
    }
}
