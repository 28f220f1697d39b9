//! Commands that store what they work out from other keys. An empty result removes the destination.

use snaptape_aof::Argument;

use super::{
    access::{Reading, charge},
    extent::Extent,
    lists::range,
    members::{Few, Members},
    state::{Cell, Expiry, Presence, State},
    table::Kind,
    words::{Words, float, int, is},
    zsets::{End, Scores, by_rank, cut},
};

/// Larger collections are not combined member by member.
pub(super) const MAX_MEMBERS: usize = 1 << 14;

/// What is stored.
enum Outcome {
    Scored(Few<f64>),
    Members(Few<()>),
    Extent(Extent),
}

/// What several sources come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combine {
    Union,
    Inter,
    Diff,
}

/// How scores of one member are put together.
#[derive(Debug, Clone, Copy)]
enum Aggregate {
    Sum,
    Min,
    Max,
}

type Source = Result<Few<f64>, Extent>;

impl State {
    /// The destination holds this from now on.
    fn store(&mut self, words: &Words<'_>, name: &Argument<'_>, kind: Kind, outcome: Outcome) {
        let Some(mut cell) = self.open(name) else { return };
        match outcome {
            Outcome::Scored(zset) => self.set_members(&mut cell, kind, Members::Zset(zset)),
            Outcome::Members(set) => self.set_members(&mut cell, kind, Members::Set(set)),
            Outcome::Extent(extent) => self.set(&mut cell, kind, extent),
        }
        cell.expiry = Expiry::No;
        charge(&mut cell, words, 1);
        self.close(cell);
    }

    /// The sources; `None` where one has a type that makes the command fail.
    fn sources(&mut self, words: &Words<'_>, names: &[Argument<'_>], kinds: &[Kind]) -> Option<Vec<Source>> {
        let mut sources = Vec::new();
        for name in names {
            sources.push(match self.read(kinds, words, name) {
                Reading::Fails => return None,
                Reading::NotFollowed => Err(Extent::ANY),
                Reading::Cell(cell) => self.scored(&cell),
            });
        }
        Some(sources)
    }

    /// SUNIONSTORE, SINTERSTORE, SDIFFSTORE dst k...
    pub(super) fn store_sets(&mut self, words: &Words<'_>, combine: Combine) {
        let Some(target) = words.get(1) else { return };
        let Some(sources) = self.sources(words, words.from(2), &[Kind::Set]) else { return };
        let outcome = match exact(&sources).filter(|_| !words.is_cut()) {
            Some(sources) => {
                let all = combined(&sources, combine, &[], Aggregate::Max);
                Outcome::Members(all.iter().map(|(member, _)| (member, ())).collect())
            }
            None => Outcome::Extent(bounds(&sources, combine, words.is_cut())),
        };
        self.store(words, target, Kind::Set, outcome);
    }

    /// ZUNIONSTORE, ZINTERSTORE, ZDIFFSTORE dst n k... [WEIGHTS w...] [AGGREGATE how]
    pub(super) fn store_zsets(&mut self, words: &Words<'_>, combine: Combine) {
        let (Some(target), Some(n)) = (words.get(1), words.count(2)) else { return };
        let names = words.from(3);
        let names = names.get(..n).unwrap_or(names);
        let Some(sources) = self.sources(words, names, &[Kind::Zset, Kind::Set]) else { return };
        let options = words.from(n.saturating_add(3));
        let weights = options
            .iter()
            .position(|word| is(word, b"WEIGHTS"))
            .map_or(&[][..], |at| options.get(at + 1..).unwrap_or_default());
        let weights: Vec<f64> = weights.iter().take(n).map_while(|word| float(word.bytes)).collect();
        let aggregate = options.iter().position(|word| is(word, b"AGGREGATE"));
        let aggregate = match aggregate.and_then(|at| options.get(at + 1)) {
            Some(word) if is(word, b"MIN") => Aggregate::Min,
            Some(word) if is(word, b"MAX") => Aggregate::Max,
            Some(word) if !is(word, b"SUM") => Aggregate::Sum,
            _ => Aggregate::Sum,
        };
        let outcome = match exact(&sources).filter(|_| !words.is_cut()) {
            Some(sources) => Outcome::Scored(combined(&sources, combine, &weights, aggregate)),
            None => Outcome::Extent(bounds(&sources, combine, words.is_cut())),
        };
        self.store(words, target, Kind::Zset, outcome);
    }

    /// ZRANGESTORE dst src min max [BYSCORE|BYLEX] [REV] [LIMIT offset n]
    pub(super) fn zrangestore(&mut self, words: &Words<'_>) {
        let (Some(target), Some(from)) = (words.get(1), words.get(2)) else { return };
        let (extent, zset) = match self.read(&[Kind::Zset], words, from) {
            Reading::Fails => return,
            Reading::NotFollowed => (Extent::ANY, None),
            Reading::Cell(cell) => {
                let extent = self.present(&cell);
                (extent, self.scored(&cell).ok())
            }
        };
        let limit = words.from(5).iter().position(|word| is(word, b"LIMIT")).map(|at| at + 5);
        let limit = limit.and_then(|at| Some((words.int(at + 1)?, words.int(at + 2)?)));
        let reverse = words.has(5, b"REV");
        let (low, high) = (words.bytes(3), words.bytes(4));
        let end = if reverse { End::Max } else { End::Min };
        let outcome = if words.has(5, b"BYLEX") {
            Outcome::Extent(limited(Extent { lo: 0, ..extent }, limit))
        } else if words.has(5, b"BYSCORE") {
            let (low, high) = if reverse { (high, low) } else { (low, high) };
            let Some(scores) = Scores::parse(low, high) else { return };
            let chosen = zset.and_then(|zset| {
                let all: Vec<_> = by_rank(&zset, end)?
                    .into_iter()
                    .filter(|(_, score)| scores.has(*score) == Some(true))
                    .collect();
                let (start, stop) = window(limit, all.len());
                Some((stop.saturating_sub(start), pick(&all, start, stop)))
            });
            match chosen {
                Some((_, Some(zset))) => Outcome::Scored(zset),
                Some((n, None)) => Outcome::Extent(Extent::exactly(n as u64)),
                None => Outcome::Extent(limited(Extent { lo: 0, ..extent }, limit)),
            }
        } else {
            let (Some(first), Some(last)) = (int(low), int(high)) else { return };
            let chosen = zset.and_then(|zset| {
                let all = by_rank(&zset, end)?;
                let (start, stop) = range(first, last, all.len() as u64);
                let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
                pick(&all, place(start), place(stop))
            });
            match chosen {
                Some(zset) => Outcome::Scored(zset),
                None => Outcome::Extent(super::lists::trimmed(extent, first, last)),
            }
        };
        self.store(words, target, Kind::Zset, outcome);
    }

    /// How many elements a source has; `None` where its type makes the command fail.
    fn source_extent(&mut self, kinds: &[Kind], words: &Words<'_>, name: &Argument<'_>) -> Option<Extent> {
        match self.read(kinds, words, name) {
            Reading::Fails => None,
            Reading::NotFollowed => Some(Extent::ANY),
            Reading::Cell(cell) => Some(self.present(&cell)),
        }
    }

    /// How many elements a key has that may not be there.
    fn present(&self, cell: &Cell) -> Extent {
        match cell.presence {
            Presence::Absent => Extent::NONE,
            Presence::Perhaps => Extent { lo: 0, ..self.extent(cell) },
            Presence::Certain => self.extent(cell),
        }
    }

    /// GEORADIUS and GEORADIUSBYMEMBER ... STORE|STOREDIST dst, GEOSEARCHSTORE dst src ...: who is near is not worked out.
    pub(super) fn store_near(&mut self, words: &Words<'_>, from: usize, to: usize) {
        let (Some(from), Some(target)) = (words.get(from), words.get(to)) else { return };
        let Some(extent) = self.source_extent(&[Kind::Zset], words, from) else { return };
        self.store(words, target, Kind::Zset, Outcome::Extent(Extent { lo: 0, ..extent }));
    }

    /// GEORADIUS k ...: the destination is behind an option.
    pub(super) fn georadius(&mut self, words: &Words<'_>) {
        let at = words.all.iter().rposition(|word| is(word, b"STORE") || is(word, b"STOREDIST"));
        if let Some(at) = at {
            self.store_near(words, 1, at + 1);
        }
    }

    /// SORT k ... STORE dst.
    pub(super) fn sort(&mut self, words: &Words<'_>) {
        let Some(from) = words.get(1) else { return };
        let (mut gets, mut limit, mut target) = (0, None, None);
        let mut at = 2;
        while let Some(word) = words.get(at) {
            if is(word, b"GET") {
                gets += 1;
                at += 1;
            } else if is(word, b"BY") {
                at += 1;
            } else if is(word, b"LIMIT") {
                limit = words.int(at + 1).zip(words.int(at + 2));
                at += 2;
            } else if is(word, b"STORE") {
                target = words.get(at + 1);
                at += 1;
            }
            at += 1;
        }
        let Some(target) = target else { return };
        let kinds = [Kind::List, Kind::Set, Kind::Zset];
        let Some(extent) = self.source_extent(&kinds, words, from) else { return };
        let rows = limited(extent, limit.map(|(start, n)| (start.max(0), n)));
        let each = gets.max(1);
        let extent = Extent::between(rows.least().saturating_mul(each), rows.most().saturating_mul(each));
        self.store(words, target, Kind::List, Outcome::Extent(extent));
    }
}

/// All sources, where all are known.
fn exact(sources: &[Source]) -> Option<Vec<&Few<f64>>> {
    sources.iter().map(|source| source.as_ref().ok()).collect()
}

fn combined(sources: &[&Few<f64>], combine: Combine, weights: &[f64], aggregate: Aggregate) -> Few<f64> {
    let weighted = |at: usize, score: f64| {
        let weight = weights.get(at).copied().unwrap_or(1.0);
        let score = score * weight;
        // Infinity times zero is zero to a server.
        if score.is_nan() && !weight.is_nan() { 0.0 } else { score }
    };
    let join = |a: f64, b: f64| {
        let joined = match aggregate {
            Aggregate::Sum => a + b,
            Aggregate::Min => a.min(b),
            Aggregate::Max => a.max(b),
        };
        // So is infinity and its opposite.
        if joined.is_nan() { 0.0 } else { joined }
    };
    let unknown = sources.iter().any(|source| source.iter().any(|(_, score)| score.is_nan()));
    let mut out: Few<f64> = Few::new();
    let Some((first, rest)) = sources.split_first() else { return out };
    match combine {
        Combine::Union => {
            for (at, source) in sources.iter().enumerate() {
                for (member, score) in source.iter() {
                    let score = weighted(at, score);
                    let score = out.get(member).map_or(score, |other| join(other, score));
                    out.insert(member, score);
                }
            }
        }
        Combine::Inter => {
            for (member, score) in first.iter() {
                let mut score = Some(weighted(0, score));
                for (at, source) in rest.iter().enumerate() {
                    score = score.and_then(|score| Some(join(score, weighted(at + 1, source.get(member)?))));
                }
                if let Some(score) = score {
                    out.insert(member, score);
                }
            }
        }
        Combine::Diff => {
            for (member, score) in first.iter() {
                if rest.iter().all(|source| source.get(member).is_none()) {
                    out.insert(member, score);
                }
            }
        }
    }
    if unknown {
        return out.iter().map(|(member, _)| (member, f64::NAN)).collect();
    }
    out
}

/// Within what bounds the result is. With `more` there are sources that were not held.
fn bounds(sources: &[Source], combine: Combine, more: bool) -> Extent {
    let extents = sources.iter().map(|source| match source {
        Ok(members) => Extent::exactly(members.len() as u64),
        Err(extent) => *extent,
    });
    let unknown = if more { u64::MAX } else { 0 };
    match combine {
        Combine::Union => {
            let least = extents.clone().map(Extent::least).max().unwrap_or(0);
            let most = extents.fold(unknown, |sum, extent| sum.saturating_add(extent.most()));
            Extent::between(least, most)
        }
        Combine::Inter => Extent::between(0, extents.map(Extent::most).min().unwrap_or(0)),
        Combine::Diff => {
            let mut extents = extents;
            let Some(first) = extents.next() else { return Extent::NONE };
            let most = extents.fold(unknown, |sum, extent| sum.saturating_add(extent.most()));
            Extent::between(first.least().saturating_sub(most), first.most())
        }
    }
}

/// Of so many rows those that LIMIT lets through.
fn limited(extent: Extent, limit: Option<(i64, i64)>) -> Extent {
    let Some((start, n)) = limit else { return extent };
    let Ok(start) = u64::try_from(start) else { return Extent::NONE };
    let n = u64::try_from(n).unwrap_or(u64::MAX);
    extent.minus(start, start).at_most(n)
}

/// Which of so many rows LIMIT lets through: first and behind the last.
fn window(limit: Option<(i64, i64)>, len: usize) -> (usize, usize) {
    let Some((start, n)) = limit else { return (0, len) };
    let Ok(start) = usize::try_from(start) else { return (0, 0) };
    let start = start.min(len);
    (start, start.saturating_add(usize::try_from(n).unwrap_or(usize::MAX)).min(len))
}

/// The members from one rank to another with their scores, unless equal scores leave them open.
fn pick(all: &[(u64, f64)], start: usize, end: usize) -> Option<Few<f64>> {
    cut(all, start, end)?;
    Some(all.get(start..end)?.iter().copied().collect())
}
