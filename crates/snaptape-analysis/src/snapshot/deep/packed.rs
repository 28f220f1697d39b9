//! Packed values: the encoding itself, and what stands in it.

use snaptape_rdb::{LogicalType, ObjectType, Packing, StreamId};
use snaptape_wire::{
    Error, Str, double,
    packed::{Entry, Intset, Listpack, Ziplist, Zipmap},
};

use super::{
    Harm, MAX_FIELD_EXPIRY_MS, Members, Place, REFUSED, REFUSED_SINCE_FIELD_EXPIRY, Violation,
    records::{self, Records},
};

/// What came of a walk: entries, or what is wrong with the header or behind it.
type Walk = Result<u64, Fault>;

enum Fault {
    Header(Error),
    Entry(Error),
    /// A zipmap without a pair.
    Empty(Error),
}

/// Looks at a packed value that is no stream's.
pub(super) fn check(
    object: ObjectType,
    packing: Packing,
    blob: &[u8],
    place: Place,
    members: &mut Members,
    found: &mut dyn FnMut(Violation),
) {
    let with_expiry = matches!(object, ObjectType::HashListpackEx | ObjectType::HashListpackExPreGa);
    // Values alone, behind the number of the template that has their names: like a list, as far as the listpack goes.
    let values_only = matches!(object, ObjectType::HashTmplLp | ObjectType::HashTmplLpRef);
    let (logical, tuple) = match object.logical() {
        _ if values_only => (LogicalType::List, 1),
        LogicalType::Hash if with_expiry => (LogicalType::Hash, 3),
        logical @ (LogicalType::Hash | LogicalType::Zset) => (logical, 2),
        logical => (logical, 1),
    };
    let mut text = Vec::new();
    let mut scores = Scores::default();
    let mut expiries = Expiries::default();
    let (mut previous, mut disordered) = (None, false);
    let mut tell = |inside: u64, rule: &str, harm| {
        found(Violation { at: place.at(inside), rule: rule.into(), harm });
    };
    let walk = walk(packing, blob, &mut |index, inside, entry| match (logical, index % tuple) {
        (LogicalType::Set, _) if packing == Packing::Intset => {
            let n = entry.as_int();
            if previous >= n && previous.is_some() && !core::mem::replace(&mut disordered, true) {
                tell(inside, "its numbers do not ascend", Harm::Sanitized);
            }
            previous = n;
        }
        (LogicalType::Set | LogicalType::Hash | LogicalType::Zset, 0) => {
            members.add(bytes(&entry, &mut text), place.at(inside));
        }
        (LogicalType::Zset, _) => {
            if let Some((rule, harm)) = scores.next(&entry, &mut text) {
                tell(inside, rule, harm);
            }
        }
        (LogicalType::Hash, 2) => {
            if let Some((rule, harm)) = expiries.next(&entry) {
                tell(inside, rule, harm);
            }
        }
        _ => {}
    });
    match walk {
        Ok(entries) if !entries.is_multiple_of(tuple) => {
            let harm = entries_harm(packing);
            tell(blob.len() as u64 - 1, "its entries do not come out even", harm);
        }
        Ok(0) if packing == Packing::Intset => {
            tell(4, "a set of numbers without one", header_harm(object, packing));
        }
        Ok(_) => {}
        Err(Fault::Header(error)) => {
            tell(error.offset(), &error.kind().to_string(), header_harm(object, packing));
        }
        Err(Fault::Empty(error)) => {
            tell(error.offset(), &error.kind().to_string(), Harm::Refused { major: 7, minor: 0 });
        }
        Err(Fault::Entry(error)) => {
            tell(error.offset(), &error.kind().to_string(), entries_harm(packing));
        }
    }
}

/// Calls `each` with the index of every entry, where it stands in the blob, and the entry.
fn walk(packing: Packing, blob: &[u8], each: &mut dyn FnMut(u64, u64, Entry<'_>)) -> Walk {
    let mut index = 0;
    let mut take = |at: usize, entry| {
        each(index, at as u64, entry);
        index += 1;
    };
    match packing {
        Packing::Listpack => {
            let mut list = Listpack::new(blob).map_err(Fault::Header)?;
            let mut at = list.offset();
            while let Some(entry) = list.next_strict() {
                take(at, entry.map_err(Fault::Entry)?);
                at = list.offset();
            }
        }
        Packing::Ziplist => {
            let mut list = Ziplist::new(blob).map_err(Fault::Header)?;
            let mut at = list.offset();
            while let Some(entry) = list.next_strict() {
                take(at, entry.map_err(Fault::Entry)?);
                at = list.offset();
            }
        }
        Packing::Zipmap => {
            let mut map = Zipmap::new(blob).map_err(Fault::Header)?;
            let mut at = map.offset();
            while let Some(entry) = map.next() {
                take(at, entry.map_err(Fault::Entry)?);
                at = map.offset();
            }
            // Redis 6.2 takes one that holds nothing.
            map.check_count().map_err(if index == 0 { Fault::Empty } else { Fault::Header })?;
        }
        Packing::Intset => {
            let width = usize::from(blob.first().copied().unwrap_or(0));
            for (i, entry) in Intset::new(blob).map_err(Fault::Header)?.enumerate() {
                take(8 + i * width, entry.map_err(Fault::Entry)?);
            }
        }
    }
    Ok(index)
}

fn bytes<'a>(entry: &Entry<'a>, text: &'a mut Vec<u8>) -> &'a [u8] {
    match entry {
        Entry::Bytes(bytes) => bytes,
        Entry::Int(_) => {
            text.clear();
            entry.push_to(text);
            text
        }
    }
}

/// Scores of a sorted set, which ascend in a packed value.
#[derive(Debug, Default)]
struct Scores {
    last: Option<f64>,
    told: bool,
}

impl Scores {
    fn next(&mut self, entry: &Entry<'_>, text: &mut Vec<u8>) -> Option<(&'static str, Harm)> {
        let score = match *entry {
            #[expect(clippy::cast_precision_loss, reason = "as servers do")]
            Entry::Int(n) => Some(n as f64),
            Entry::Bytes(_) => double(bytes(entry, text)),
        };
        let last = self.last;
        let rule = match score {
            None => Some(("a score is not a number", Harm::Wrong)),
            Some(score) if score.is_nan() => Some(("a score is NaN", Harm::Newest)),
            Some(score) => {
                self.last = Some(score);
                last.is_some_and(|last| last > score).then_some(("its scores do not ascend", Harm::Wrong))
            }
        };
        rule.filter(|_| !core::mem::replace(&mut self.told, true))
    }
}

/// Expiries of hash fields in a listpack: they ascend, and fields without one come last.
#[derive(Debug, Default)]
struct Expiries {
    last: i64,
    told: bool,
}

impl Expiries {
    fn next(&mut self, entry: &Entry<'_>) -> Option<(&'static str, Harm)> {
        let rule = match entry.as_int() {
            // The loader looks at the first one whatever it was told, and crashes.
            None => Some(("the expiry of a field is not a number", REFUSED_SINCE_FIELD_EXPIRY)),
            Some(at_ms) if !(0..=MAX_FIELD_EXPIRY_MS).contains(&at_ms) => {
                Some(("the expiry of a field is no time", Harm::Sanitized))
            }
            Some(at_ms) => {
                // 0 is never.
                let order = if at_ms == 0 { i64::MAX } else { at_ms };
                let last = core::mem::replace(&mut self.last, order);
                (order < last)
                    .then_some(("its fields are not in the order of their expiries", Harm::Sanitized))
            }
        };
        rule.filter(|_| !core::mem::replace(&mut self.told, true))
    }
}

/// What comes of a header that is wrong.
fn header_harm(object: ObjectType, packing: Packing) -> Harm {
    match packing {
        // With the release that brought it.
        Packing::Listpack if object.logical() != LogicalType::Stream => Harm::Refused { major: 7, minor: 0 },
        _ => Harm::Refused { major: 6, minor: 2 },
    }
}

/// What comes of entries that are wrong.
fn entries_harm(packing: Packing) -> Harm {
    match packing {
        Packing::Ziplist => Harm::Converted,
        Packing::Zipmap => Harm::Refused { major: 6, minor: 2 },
        Packing::Listpack | Packing::Intset => Harm::Sanitized,
    }
}

/// What comes of a packed value in which the plain walk has found something wrong.
#[cold]
pub(in crate::snapshot) fn packed_harm(object: ObjectType, packing: Packing, text: &Str<'_>) -> Harm {
    let mut scratch = Vec::new();
    let Ok(blob) = text.decode(&mut scratch) else { return REFUSED };
    if object.logical() == LogicalType::Stream {
        return node_harm(object, blob);
    }
    let header_is_good = match packing {
        Packing::Listpack => Listpack::new(blob).is_ok(),
        Packing::Ziplist => Ziplist::new(blob).is_ok(),
        Packing::Intset => Intset::new(blob).is_ok(),
        Packing::Zipmap => Zipmap::new(blob).is_ok(),
    };
    if header_is_good { entries_harm(packing) } else { header_harm(object, packing) }
}

/// The same for a node of a stream, as if it were the first one.
fn node_harm(object: ObjectType, blob: &[u8]) -> Harm {
    let Ok(list) = Listpack::new(blob) else { return Harm::Refused { major: 6, minor: 2 } };
    let mut records = Records::default();
    match records::read(list, blob.len() as u64, StreamId::default(), &mut None, &mut records) {
        Err(fault) if fault.crashes_early(object, records.live > 0) => Harm::Converted,
        Err(fault) => fault.harm,
        // What the plain walk does not like, and a server does not mind.
        Ok(()) => Harm::Wrong,
    }
}
