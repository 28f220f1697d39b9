//! Folds keys into a [`Dataset`].

use snaptape_memory::Allocator;
use snaptape_rdb::LogicalType;
use snaptape_report::{Dataset, Group, LongName, MemoryMap, Names, PatternOptions, SizeClass, Tally};
use snaptape_wire::Release;

use super::{
    KeyFacts, Merge,
    access::AccessFold,
    advice::AdviceFold,
    bounded::Bounded,
    expiry::Expiries,
    instance::InstanceFold,
    kinds::{KindGroups, Kinds},
    patterns::PatternFold,
    regex::{MakeRegex, make_regex},
    sketch::{Precision, Sketch},
    top::{Biggest, Top},
};

/// Most databases listed one by one: a hostile file can select any number.
const MAX_DATABASES: usize = 4096;
/// Most databases with a histogram, those with the lowest numbers.
const MAX_DATABASE_SKETCHES: usize = 64;

/// Sums over keys, in bounded memory. `merge` of two folds equals one fold over both, in any split and any order, as long as each
/// key stands at a place (file and offset) of its own.
#[derive(Debug, Clone)]
pub struct DatasetFold {
    expiries: Expiries,
    kinds: Kinds,
    databases: Bounded<u64, Tally>,
    database_sketches: Bounded<u64, DatabaseSketch>,
    /// By the position of the highest bit.
    size_classes: [(u64, u64); 64],
    patterns: PatternFold,
    biggest: Biggest,
    most_elements: Top<u64>,
    largest_elements: Top<u64>,
    longest_names: Top<u64>,
    access: AccessFold,
    advice: AdviceFold,
    instance: InstanceFold,
    /// Hashes of which fields expire on their own.
    with_field_ttl: u64,
}

#[derive(Debug, Clone)]
struct DatabaseSketch(Option<Sketch>);

impl Default for DatabaseSketch {
    fn default() -> Self {
        Self(Sketch::new(Precision::Fine))
    }
}

impl Merge for DatabaseSketch {
    fn merge(&mut self, other: &Self) {
        if let (Some(sketch), Some(other)) = (&mut self.0, &other.0) {
            sketch.merge(other);
        }
    }
}

impl Default for DatasetFold {
    fn default() -> Self {
        Self::with(PatternFold::default(), 0)
    }
}

impl DatasetFold {
    /// A fold that groups names as `patterns` says and counts the time left from `now_ms`, Unix milliseconds.
    ///
    /// # Errors
    /// What is wrong with the options, in words.
    pub fn new(patterns: PatternOptions, now_ms: i64) -> Result<Self, String> {
        Self::with_regex(patterns, now_ms, Some(make_regex))
    }

    /// The same with what makes regular expressions ready, or without: then names are grouped as if there was none.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_regex(
        patterns: PatternOptions,
        now_ms: i64,
        make_regex: Option<MakeRegex>,
    ) -> Result<Self, String> {
        Ok(Self::with(PatternFold::new(patterns, make_regex)?, now_ms))
    }

    /// The same with another allocator than the one each release was checked with, for the tables of the keyspace.
    #[must_use]
    pub fn with_allocator(mut self, allocator: Option<Allocator>) -> Self {
        self.instance.set_allocator(allocator);
        self
    }

    fn with(patterns: PatternFold, now_ms: i64) -> Self {
        Self {
            expiries: Expiries::new(now_ms),
            kinds: Kinds::default(),
            databases: Bounded::new(MAX_DATABASES),
            database_sketches: Bounded::new(MAX_DATABASE_SKETCHES),
            size_classes: [(0, 0); 64],
            patterns,
            biggest: Biggest::default(),
            most_elements: Top::new(Dataset::MAX_TOP),
            largest_elements: Top::new(Dataset::MAX_TOP),
            longest_names: Top::new(Names::MAX_LONGEST),
            access: AccessFold::default(),
            advice: AdviceFold::default(),
            instance: InstanceFold::default(),
            with_field_ttl: 0,
        }
    }

    /// Adds a key. `file` names its file where there are several.
    pub fn add(&mut self, key: &KeyFacts<'_>, file: Option<&str>) {
        self.kinds.add(key, self.expiries.group(key));
        self.instance.add(key);
        key.add_to(self.databases.row(&key.db));
        if let Some(sketch) = &mut self.database_sketches.row(&key.db).0 {
            sketch.add(key.memory_bytes);
        }
        let class = key.memory_bytes.checked_ilog2().unwrap_or(0) as usize;
        if let Some((keys, memory)) = self.size_classes.get_mut(class) {
            *keys += 1;
            *memory = memory.saturating_add(key.memory_bytes);
        }
        self.patterns.add(key);
        self.biggest.add(key, file);
        if key.logical != LogicalType::String {
            self.most_elements.add(key.elements.unwrap_or(0), key, file);
        }
        self.largest_elements.add(key.largest_element_bytes, key, file);
        self.longest_names.add(key.name.len() as u64, key, file);
        self.access.add(key, file);
        self.advice.add(key);
        self.with_field_ttl += u64::from(key.expires_fields);
    }

    /// Notes what the writer of a file said it used.
    pub fn add_used_memory(&mut self, bytes: u64, writer: Release) {
        self.instance.add_used_memory(bytes, writer);
    }

    /// Adds everything another fold has seen, which was made with the same options.
    pub fn merge(&mut self, other: Self) {
        self.kinds.merge(&other.kinds);
        self.instance.merge(&other.instance);
        self.databases.merge(&other.databases);
        self.database_sketches.merge(&other.database_sketches);
        for ((keys, memory), (more_keys, more_memory)) in self.size_classes.iter_mut().zip(other.size_classes)
        {
            *keys += more_keys;
            *memory = memory.saturating_add(more_memory);
        }
        self.patterns.merge(&other.patterns);
        self.biggest.merge(other.biggest);
        self.most_elements.merge(other.most_elements);
        self.largest_elements.merge(other.largest_elements);
        self.longest_names.merge(other.longest_names);
        self.access.merge(other.access);
        self.advice.merge(&other.advice);
        self.with_field_ttl += other.with_field_ttl;
    }

    /// Keys seen so far.
    pub fn keys(&self) -> u64 {
        self.kinds.keys()
    }

    /// The keys nested by pattern, as sums for the release that `target` names.
    pub fn map(&self, target: &str) -> MemoryMap {
        self.patterns.map(target)
    }

    /// The result.
    pub fn finish(self) -> Dataset {
        let KindGroups { totals, types, encodings, expiries, kinds } = self.kinds.finish();
        let patterns = self.patterns.finish();
        let quantiles = totals.quantiles();
        let totals = totals.tally;
        let mut databases: Vec<Group> = self
            .databases
            .rows()
            .map(|(db, tally)| Group {
                name: db.to_string(),
                type_name: String::new(),
                tally: *tally,
                quantiles: self
                    .database_sketches
                    .get(db)
                    .and_then(|sketch| Some(sketch.0.as_ref()?.quantiles(tally.largest_memory_bytes))),
            })
            .collect();
        if self.databases.other().keys > 0 {
            let tally = *self.databases.other();
            databases.push(Group { name: "(other)".into(), tally, ..Group::default() });
        }
        let tallies = self.databases.rows().map(|(_, tally)| tally).chain([self.databases.other()]);
        let tallies = tallies.filter(|tally| tally.keys > 0);
        let rows = |top: Top<u64>| top.finish().into_iter().filter(|(rank, _)| *rank > 0);
        let instance = self.instance.finish(tallies);
        let mut dataset = Dataset {
            with_field_ttl: self.with_field_ttl,
            reconciliation: self.instance.reconcile(&instance),
            instance,
            releases: snaptape_memory::RELEASES.iter().map(|layout| layout.release.to_string()).collect(),
            totals,
            quantiles,
            databases,
            types,
            encodings,
            expiries,
            kinds,
            limits: self.advice.pack_limits(),
            as_of_ms: self.expiries.now_ms,
            size_classes: self
                .size_classes
                .iter()
                .enumerate()
                .filter(|(_, (keys, _))| *keys > 0)
                .map(|(bit, &(keys, memory_bytes))| SizeClass { from_bytes: 1 << bit, keys, memory_bytes })
                .collect(),
            patterns: patterns.listed,
            other_patterns: patterns.other,
            other_patterns_count: patterns.other_count,
            folding: patterns.folding,
            biggest: self.biggest.finish(),
            most_elements: rows(self.most_elements).map(|(_, row)| row).collect(),
            largest_elements: rows(self.largest_elements).map(|(_, row)| row).collect(),
            names: Names {
                longest: rows(self.longest_names)
                    .map(|(name_bytes, key)| LongName { name_bytes, key })
                    .collect(),
            },
            access: self.access.finish(totals.keys),
            advice: Vec::new(),
        };
        dataset.advice = self.advice.finish(&dataset);
        dataset
    }
}
