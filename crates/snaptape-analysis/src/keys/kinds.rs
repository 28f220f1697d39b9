//! Sums by type, encoding and expiry: one row for each combination that occurs, from which all of these groups are put together at
//! the end. Adding a key to one row is cheaper than adding it to four.

use snaptape_rdb::LogicalType;
use snaptape_report::{Dataset, Group, KindGroup, Quantiles, Tally};
use snaptape_sort::Sort as _;

use super::{
    KeyFacts, Merge, TYPE_COUNT,
    bounded::Bounded,
    expiry,
    sketch::{Precision, Sketch},
    type_name,
};

/// Most module types listed one by one: a hostile file can name any.
const MAX_MODULES: usize = 256;

/// Sums and sizes of a group of keys.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) tally: Tally,
    sketch: Option<Sketch>,
}

impl Default for Cell {
    fn default() -> Self {
        Self { tally: Tally::default(), sketch: Sketch::new(Precision::Fine) }
    }
}

impl Cell {
    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>) {
        key.add_to(&mut self.tally);
        if let Some(sketch) = &mut self.sketch {
            sketch.add(key.memory_bytes);
        }
    }

    pub(crate) fn quantiles(&self) -> Option<Quantiles> {
        let sketch = self.sketch.as_ref().filter(|_| self.tally.keys > 0)?;
        Some(sketch.quantiles(self.tally.largest_memory_bytes))
    }

    fn group(&self, name: &str, type_name: &str) -> Group {
        Group {
            name: name.into(),
            type_name: type_name.into(),
            tally: self.tally,
            quantiles: self.quantiles(),
        }
    }
}

impl Merge for Cell {
    fn merge(&mut self, other: &Self) {
        self.tally.merge(&other.tally);
        if let (Some(sketch), Some(other)) = (&mut self.sketch, &other.sketch) {
            sketch.merge(other);
        }
    }
}

/// The keys of one type and encoding.
#[derive(Debug, Clone)]
struct Kind {
    logical: LogicalType,
    encoding: &'static str,
    by_expiry: [Option<Box<Cell>>; expiry::COUNT],
}

impl Kind {
    fn all(&self) -> Cell {
        let mut all = Cell::default();
        self.by_expiry.iter().flatten().for_each(|cell| all.merge(cell));
        all
    }
}

/// All kinds of keys.
#[derive(Debug, Clone)]
pub(crate) struct Kinds {
    all: Vec<Kind>,
    /// Where the last key went: the next one is often alike.
    last: usize,
    modules: Bounded<String, Cell>,
}

impl Default for Kinds {
    fn default() -> Self {
        Self { all: Vec::new(), last: 0, modules: Bounded::new(MAX_MODULES) }
    }
}

/// Groups that the kinds make.
pub(crate) struct KindGroups {
    pub(crate) totals: Cell,
    pub(crate) types: Vec<Group>,
    pub(crate) encodings: Vec<Group>,
    pub(crate) expiries: Vec<Group>,
    pub(crate) kinds: Vec<KindGroup>,
}

impl Kinds {
    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>, expiry: usize) {
        let at = self.place(key.logical, key.encoding);
        if let Some(cell) = self.all[at].by_expiry.get_mut(expiry) {
            cell.get_or_insert_default().add(key);
        }
        if key.logical == LogicalType::Module {
            self.modules.row(key.type_name).add(key);
        }
    }

    #[inline]
    fn place(&mut self, logical: LogicalType, encoding: &'static str) -> usize {
        let is_it = |kind: &Kind| kind.logical == logical && kind.encoding == encoding;
        if !self.all.get(self.last).is_some_and(is_it) {
            self.last = self.all.iter().position(is_it).unwrap_or_else(|| {
                self.all.push(Kind { logical, encoding, by_expiry: Default::default() });
                self.all.len() - 1
            });
        }
        self.last
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for kind in &other.all {
            let at = self.place(kind.logical, kind.encoding);
            for (mine, theirs) in self.all[at].by_expiry.iter_mut().zip(&kind.by_expiry) {
                if let Some(theirs) = theirs {
                    mine.get_or_insert_default().merge(theirs);
                }
            }
        }
        self.modules.merge(&other.modules);
    }

    /// Keys seen so far.
    pub(crate) fn keys(&self) -> u64 {
        self.all.iter().flat_map(|kind| &kind.by_expiry).flatten().map(|cell| cell.tally.keys).sum()
    }

    pub(crate) fn finish(self) -> KindGroups {
        let mut totals = Cell::default();
        let mut types: [Option<Cell>; TYPE_COUNT] = Default::default();
        let mut encodings = Vec::new();
        let mut expiries: [Option<Cell>; expiry::COUNT] = Default::default();
        for kind in &self.all {
            let all = kind.all();
            encodings.push(all.group(kind.encoding, kind.logical.name()));
            totals.merge(&all);
            if kind.logical != LogicalType::Module
                && let Some(cell) = types.get_mut(kind.logical as usize)
            {
                cell.get_or_insert_default().merge(&all);
            }
            for (sum, cell) in expiries.iter_mut().zip(&kind.by_expiry) {
                if let Some(cell) = cell {
                    sum.get_or_insert_default().merge(cell);
                }
            }
        }
        let types = types.iter().enumerate().filter_map(|(i, cell)| {
            let name = type_name(i);
            Some(cell.as_ref()?.group(name, name))
        });
        let modules = self.modules.rows().map(|(name, cell)| cell.group(name, name));
        let others = Some(self.modules.other()).filter(|cell| cell.tally.keys > 0);
        let mut types: Vec<Group> =
            types.chain(modules).chain(others.map(|cell| cell.group("(other)", "(other)"))).collect();
        for groups in [&mut types, &mut encodings] {
            groups.order_by(|a, b| {
                (b.tally.memory_bytes, &a.type_name, &a.name).cmp(&(
                    a.tally.memory_bytes,
                    &b.type_name,
                    &b.name,
                ))
            });
        }
        let expiries = expiries
            .iter()
            .zip(Dataset::EXPIRIES)
            .filter_map(|(cell, name)| Some(cell.as_ref()?.group(name, "")))
            .collect();
        let place = |kind: &Kind| {
            encodings
                .iter()
                .position(|group| group.name == kind.encoding && group.type_name == kind.logical.name())
        };
        let mut in_order: Vec<&Kind> = self.all.iter().collect();
        in_order.order_by_key(|kind| place(kind));
        let kinds = in_order
            .into_iter()
            .flat_map(|kind| {
                kind.by_expiry.iter().zip(Dataset::EXPIRIES).filter_map(|(cell, expires)| {
                    let tally = &cell.as_ref()?.tally;
                    Some(KindGroup {
                        type_name: kind.logical.name().into(),
                        encoding: kind.encoding.into(),
                        expires: expires.into(),
                        keys: tally.keys,
                        memory_bytes: tally.memory_bytes,
                    })
                })
            })
            .collect();
        KindGroups { totals, types, encodings, expiries, kinds }
    }
}
