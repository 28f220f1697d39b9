//! Commands by the names of their keys: the busiest keys, and the shapes of names.

use snaptape_sort::Sort as _;
use std::sync::LazyLock;

use snaptape_report::{BusyKey, BusyKeys, CommandPattern, CommandPatterns, KeyName, Tape};

use super::{
    shape,
    table::{Kept, Leading, Name, NameTable, Weighed},
};
use crate::keys::{
    Merge,
    grouping::Grouping,
    tree::{Bounds, NodeSums, PatternTree},
};

/// Keys for which commands are counted apart.
const MAX_KEYS: usize = 8_192;
/// Shapes that are counted before they go into the tree.
const MAX_SHAPES: usize = 4_096;
/// How far the tree may grow: a tenth of what the keys of a snapshot have.
const BOUNDS: Bounds = Bounds { nodes: 1 << 15, words: [448, 96], sketch: u32::MAX };

static GROUPING: LazyLock<Grouping> = LazyLock::new(Grouping::default);

/// Commands and their bytes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Busy {
    commands: u64,
    file_bytes: u64,
}

impl Merge for Busy {
    fn merge(&mut self, other: &Self) {
        self.commands += other.commands;
        self.file_bytes += other.file_bytes;
    }
}

impl Weighed for Busy {
    fn weights(&self) -> [u64; 2] {
        [self.commands, self.file_bytes]
    }
}

impl NodeSums for Busy {
    fn with_room() -> Self {
        Self::default()
    }

    fn give_up_room(&mut self) {}

    fn keys(&self) -> u64 {
        self.commands
    }

    fn memory_bytes(&self) -> u64 {
        self.file_bytes
    }
}

/// Sums by key and by shape. Keys that are kept go into the shapes only when they are let go, or at the end: most commands are about
/// keys that are kept.
#[derive(Debug, Clone)]
pub(super) struct Keyed {
    busiest: Leading<Busy>,
    shapes: Shapes,
}

impl Default for Keyed {
    fn default() -> Self {
        Self { busiest: Leading::new(MAX_KEYS), shapes: Shapes::default() }
    }
}

impl Keyed {
    /// Adds a command of a key whose name has this hash.
    #[inline]
    pub(super) fn add(&mut self, name: &Name<'_>, hash: u64, file_bytes: u64) {
        let shapes = &mut self.shapes;
        let sums = self.busiest.at_hash(name, hash, |name, sums| shapes.add(name.bytes, sums));
        sums.commands += 1;
        sums.file_bytes += file_bytes;
    }

    /// Adds those of a later part, which is then empty.
    pub(super) fn append(&mut self, later: &mut Self) {
        let shapes = &mut self.shapes;
        self.busiest.append(&mut later.busiest, |sums| sums, |name, sums| shapes.add(name.bytes, sums));
        self.shapes.append(&mut later.shapes);
    }

    pub(super) fn finish(mut self) -> (CommandPatterns, BusyKeys) {
        for (name, kept) in self.busiest.iter() {
            self.shapes.add(name.bytes, &kept.value);
        }
        self.shapes.settle();
        (self.shapes.patterns(), self.busiest())
    }

    fn busiest(&self) -> BusyKeys {
        let missed = self.busiest.missed();
        BusyKeys {
            by_commands: self.top(0),
            by_file_bytes: self.top(1),
            missed_commands: missed[0],
            missed_file_bytes: missed[1],
        }
    }

    fn top(&self, way: usize) -> Vec<BusyKey> {
        let mut rows: Vec<(Name<'_>, &Kept<Busy>)> = self.busiest.iter().collect();
        rows.order_by(|(a, x), (b, y)| {
            let rank = |kept: &Kept<Busy>| (kept.value.weights()[way], kept.value.weights()[1 - way]);
            rank(y)
                .cmp(&rank(x))
                .then_with(|| (a.db, a.bytes, a.len_bytes).cmp(&(b.db, b.bytes, b.len_bytes)))
        });
        let rows = rows.into_iter().take(Tape::MAX_BUSIEST);
        rows.map(|(name, kept)| BusyKey {
            db: name.db,
            name: KeyName::new(name.bytes),
            name_bytes: name.len_bytes,
            commands: kept.value.commands,
            file_bytes: kept.value.file_bytes,
            missed_commands: kept.missed[0],
            missed_file_bytes: kept.missed[1],
        })
        .collect()
    }
}

/// Sums by shape.
#[derive(Debug, Clone)]
struct Shapes {
    /// Those that are not in the tree yet.
    fresh: NameTable<Busy>,
    tree: PatternTree<Busy>,
    /// Is there anything in the tree?
    grown: bool,
    shape: Vec<u8>,
}

impl Default for Shapes {
    fn default() -> Self {
        Self { fresh: NameTable::default(), tree: PatternTree::new(BOUNDS), grown: false, shape: Vec::new() }
    }
}

impl Shapes {
    /// Adds the commands of a key.
    fn add(&mut self, name: &[u8], sums: &Busy) {
        let mut shape = core::mem::take(&mut self.shape);
        shape::of(name, &mut shape);
        self.add_shape(&shape, sums);
        self.shape = shape;
    }

    fn add_shape(&mut self, shape: &[u8], sums: &Busy) {
        let name = Name { db: 0, len_bytes: shape.len() as u64, bytes: shape };
        let hash = name.hash();
        if let Some(known) = self.fresh.find(&name, hash) {
            known.merge(sums);
            return;
        }
        if self.fresh.len() >= MAX_SHAPES {
            self.settle();
        }
        self.fresh.insert(&name, hash, *sums);
    }

    /// Puts the shapes into the tree.
    fn settle(&mut self) {
        for (name, sums) in self.fresh.iter() {
            self.tree.at(name.bytes, &GROUPING).merge(sums);
            self.grown = true;
        }
        self.fresh.clear();
    }

    /// Adds those of a later part, which is then empty.
    fn append(&mut self, later: &mut Self) {
        if later.fresh.len() > 0 {
            let fresh = core::mem::take(&mut later.fresh);
            for (name, sums) in fresh.iter() {
                self.add_shape(name.bytes, sums);
            }
        }
        if later.grown {
            self.tree.merge(&later.tree, &GROUPING);
            self.grown = true;
            *later = Self::default();
        }
    }

    fn patterns(&self) -> CommandPatterns {
        let mut listed = Vec::new();
        self.tree.each(|pattern, sums| {
            listed.push(CommandPattern {
                pattern: pattern.into(),
                commands: sums.commands,
                file_bytes: sums.file_bytes,
            });
        });
        listed.order_by(|a, b| (b.file_bytes, &a.pattern).cmp(&(a.file_bytes, &b.pattern)));
        let others = listed.split_off(listed.len().min(Tape::MAX_PATTERNS));
        let folding = self.tree.folding(&GROUPING);
        CommandPatterns {
            listed,
            other_patterns: others.len() as u64,
            other_commands: others.iter().map(|pattern| pattern.commands).sum(),
            other_file_bytes: others.iter().map(|pattern| pattern.file_bytes).sum(),
            folded_words: folding.folded_words,
            cut: folding.cut,
        }
    }
}

/// The shape of one name.
pub(super) fn pattern(name: &[u8]) -> String {
    shape::pattern(name, &GROUPING)
}
