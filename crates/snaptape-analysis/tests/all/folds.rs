//! What folds promise: any split, any order, sums that add up, and memory that does not grow with the keys.

use proptest::{prelude::*, sample::Index, strategy::ValueTree as _};
use snaptape_analysis::{DatasetFold, KeyFacts, StoredText};
use snaptape_memory::{Raised, Setting};
use snaptape_rdb::LogicalType;
use snaptape_report::{ByRelease, Dataset, Group, PatternOptions, RELEASES, Tally};

use crate::adversary;

const NOW_MS: i64 = 10_000_000;

/// A key that owns its name.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    db: u64,
    kind: (LogicalType, &'static str, &'static str),
    elements: u64,
    left_ms: Option<i64>,
    memory: [u64; 3],
    access: (Option<u64>, Option<u8>),
    largest_element_bytes: u64,
    file: usize,
    /// What its value needs to be packed, and a text's number.
    advice: (Option<(usize, u64)>, Option<u64>, bool),
}

const FILES: [&str; 3] = ["a.rdb", "b.rdb", "c.rdb"];

fn made() -> impl Strategy<Value = Made> {
    let segment =
        prop_oneof!["[a-d]{1,2}", "[0-9]{1,3}", Just("2026-11-22".to_owned()), Just("é".to_owned())];
    let name = prop::collection::vec(segment, 1..5).prop_map(|segments| segments.join(":"));
    let kind = prop::sample::select(vec![
        (LogicalType::String, "string", "int"),
        (LogicalType::String, "string", "raw"),
        (LogicalType::Hash, "hash", "listpack"),
        (LogicalType::Hash, "hash", "hashtable"),
        (LogicalType::Module, "ReJSON-RL", "raw"),
        (LogicalType::Module, "MBbloom--", "raw"),
    ]);
    let left = prop::option::of(-NOW_MS..400 * 86_400_000_i64);
    let sizes = || prop_oneof![Just(64_u64), 0..5_000_u64, 0..1_u64 << 40];
    let advice =
        (prop::option::of((0..Setting::ALL.len(), 65..1100_u64)), prop::option::of(0..20_u64), any::<bool>());
    let access = (prop::option::of(0..100_000_000_u64), prop::option::of(any::<u8>()));
    (
        name,
        prop_oneof![0..3_u64, Just(u64::MAX)],
        kind,
        0..1000_u64,
        left,
        [sizes(), sizes(), sizes()],
        access,
        0..200_u64,
        (0..3_usize, advice),
    )
        .prop_map(
            |(name, db, kind, elements, left_ms, memory, access, largest_element_bytes, (file, advice))| {
                Made {
                    name,
                    db,
                    kind,
                    elements,
                    left_ms,
                    memory,
                    access,
                    largest_element_bytes,
                    file,
                    advice,
                }
            },
        )
}

fn options() -> PatternOptions {
    PatternOptions {
        templates: vec!["a:*".into(), "**:7".into()],
        regex: Some("^b(.*)b".into()),
        ..PatternOptions::default()
    }
}

fn fold<'a>(keys: impl IntoIterator<Item = &'a (usize, Made)>) -> DatasetFold {
    let mut fold = DatasetFold::new(options(), NOW_MS).expect("good options");
    for (offset, key) in keys {
        let expires_at_ms = key.left_ms.map(|left| NOW_MS + left);
        let (logical, type_name, encoding) = key.kind;
        let facts = KeyFacts {
            db: key.db,
            name: key.name.as_bytes(),
            logical,
            type_name,
            encoding,
            elements: Some(key.elements),
            expires_at_ms,
            expired_at_save: expires_at_ms.is_some_and(|at| at < NOW_MS / 2),
            expired_now: expires_at_ms.is_some_and(|at| at < NOW_MS),
            file_bytes: key.memory[1] / 2,
            payload_bytes: key.name.len() as u64 + key.elements,
            memory_bytes: key.memory[0],
            memory_by_release: ByRelease(std::array::from_fn(|i| key.memory[i % 3])),
            allocated_by_release: ByRelease(std::array::from_fn(|i| key.memory[i % 2])),
            largest_element_bytes: key.largest_element_bytes,
            idle_s: key.access.0,
            freq: key.access.1,
            offset: *offset as u64,
            raised: key.advice.0.map(|(setting, needed)| Raised {
                setting: Setting::ALL[setting],
                needed,
                memory_bytes: key.memory[0] / 2,
                allocated_bytes: key.memory[1] / 2,
                was_packed: needed % 2 == 0,
            }),
            stored: key.advice.1.map(|n| StoredText {
                len_bytes: n * 100_000 + 64,
                stored_bytes: n * 60_000 + 64,
                hash: Some(n),
            }),
            is_compressed: key.advice.2,
            ..KeyFacts::default()
        };
        fold.add(&facts, Some(FILES[key.file]));
    }
    fold
}

fn sum<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Tally {
    tallies.into_iter().fold(Tally::default(), |mut sum, tally| {
        sum.merge(tally);
        sum
    })
}

fn check_sums(dataset: &Dataset) {
    for (what, groups) in [
        ("databases", &dataset.databases),
        ("types", &dataset.types),
        ("encodings", &dataset.encodings),
        ("expiries", &dataset.expiries),
    ] {
        assert_eq!(sum(groups.iter().map(|group: &Group| &group.tally)), dataset.totals, "{what}");
    }
    let kinds = dataset
        .kinds
        .iter()
        .fold((0, 0), |(keys, memory), kind| (keys + kind.keys, memory + kind.memory_bytes));
    assert_eq!(kinds, (dataset.totals.keys, dataset.totals.memory_bytes), "kinds");
    let patterns = sum(dataset.patterns.iter().map(|group| &group.tally).chain([&dataset.other_patterns]));
    assert_eq!(patterns, dataset.totals, "patterns");
    let classes = dataset.size_classes.iter();
    let (keys, memory) =
        classes.fold((0, 0), |(keys, memory), class| (keys + class.keys, memory + class.memory_bytes));
    assert_eq!((keys, memory), (dataset.totals.keys, dataset.totals.memory_bytes), "size classes");
    assert_eq!(dataset.quantiles.map_or(0, |q| q.max), dataset.totals.largest_memory_bytes);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_and_any_order_give_the_same_report(
        (keys, shuffled) in prop::collection::vec(made(), 0..250).prop_flat_map(|keys| {
            let keys: Vec<(usize, Made)> = keys.into_iter().enumerate().collect();
            (Just(keys.clone()), Just(keys).prop_shuffle())
        }),
        cuts in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let whole = fold(&keys).finish();
        check_sums(&whole);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(keys.len() + 1)).collect();
        cuts.extend([0, keys.len()]);
        cuts.sort_unstable();
        let parts: Vec<DatasetFold> = cuts.windows(2).map(|cut| fold(&shuffled[cut[0]..cut[1]])).collect();
        let mut forth = fold([]);
        parts.iter().cloned().for_each(|part| forth.merge(part));
        prop_assert_eq!(&forth.finish(), &whole);
        let mut back = fold([]);
        parts.into_iter().rev().for_each(|part| back.merge(part));
        prop_assert_eq!(&back.finish(), &whole);
    }
}

/// The lists of single keys, by sorting all keys.
#[test]
fn lists_hold_what_sorting_everything_gives() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = prop::collection::vec(made(), 6_000);
    let keys: Vec<(usize, Made)> =
        Strategy::new_tree(&strategy, &mut runner).expect("keys").current().into_iter().enumerate().collect();
    let dataset = fold(&keys).finish();
    for release in 0..RELEASES {
        let mut all: Vec<u64> = keys.iter().map(|(_, key)| key.memory[release % 3]).collect();
        all.sort_unstable_by(|a, b| b.cmp(a));
        let mut listed: Vec<u64> = dataset
            .biggest
            .iter()
            .map(|row| row.memory_by_release.expect("the biggest have it").0[release])
            .collect();
        listed.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(listed[..Dataset::MAX_BIGGEST], all[..Dataset::MAX_BIGGEST], "release {release}");
    }
    assert!(dataset.biggest.is_sorted_by_key(|row| std::cmp::Reverse(row.memory_bytes)));
    let mut longest: Vec<usize> = keys.iter().map(|(_, key)| key.name.len()).collect();
    longest.sort_unstable_by(|a, b| b.cmp(a));
    let listed: Vec<usize> =
        dataset.names.longest.iter().map(|name| usize::try_from(name.name_bytes).unwrap()).collect();
    assert_eq!(listed, longest[..listed.len()]);
    let access = dataset.access.expect("idle times and counters");
    let known: u64 = access.idle.iter().chain(&access.frequency).map(|group| group.keys).sum();
    let said = |key: &Made| u64::from(key.access.0.is_some()) + u64::from(key.access.1.is_some());
    assert_eq!(known, keys.iter().map(|(_, key)| said(key)).sum::<u64>());
    let without_ttl: u64 = access.idle.iter().map(|group| group.without_ttl_memory_bytes).sum();
    let forever = keys.iter().filter(|(_, key)| key.access.0.is_some() && key.left_ms.is_none());
    assert_eq!(without_ttl, forever.map(|(_, key)| key.memory[0]).sum::<u64>());
    let idle = keys.iter().filter_map(|(_, key)| key.access.0).max();
    assert_eq!(access.coldest.first().and_then(|row| row.idle_s), idle);
    let month = 30 * 86_400;
    let memory = keys.iter().filter(|(_, key)| key.access.0.is_some_and(|idle| idle >= month));
    assert_eq!(access.idle_at_least(month), memory.map(|(_, key)| key.memory[0]).sum::<u64>());
}

#[test]
fn templates_are_listed_whatever_they_hold() {
    let mut fold = DatasetFold::new(options(), NOW_MS).expect("good options");
    for n in 0..100_000_u64 {
        let name = format!(
            "c:{}:{}:x",
            n % 500,
            ["p", "q", "r"][usize::try_from(n % 3).unwrap()].repeat(usize::try_from(n % 90 + 1).unwrap())
        );
        fold.add(
            &KeyFacts { name: name.as_bytes(), memory_bytes: 1000, offset: n, ..KeyFacts::default() },
            None,
        );
    }
    fold.add(&KeyFacts { name: b"a:1", memory_bytes: 1, ..KeyFacts::default() }, None);
    let dataset = fold.finish();
    let found: Vec<(&str, u64)> = dataset
        .patterns
        .iter()
        .filter(|group| group.source == snaptape_report::PatternSource::Template)
        .map(|group| (group.pattern.as_str(), group.tally.keys))
        .collect();
    assert_eq!(found, [("a:*", 1), ("**:7", 0)]);
}

/// Names that fill the tree and fold next to nothing.
#[test]
fn a_patient_adversary_stays_within_the_budget_too() {
    const KEYS: u64 = 440 * 60 * 4;
    let mut whole = DatasetFold::default();
    adversary::add_patient(&mut whole, 0..KEYS);
    let mut merged = DatasetFold::default();
    for part in [1, 0] {
        let mut fold = DatasetFold::default();
        adversary::add_patient(&mut fold, part * KEYS / 2..(part + 1) * KEYS / 2);
        merged.merge(fold);
    }
    let (whole, merged) = (whole.finish(), merged.finish());
    assert!(whole == merged, "{:?} is not {:?}", merged.folding, whole.folding);
    assert!(
        whole.folding.nodes <= whole.folding.max_nodes && whole.folding.nodes > whole.folding.max_nodes / 2
    );
    check_sums(&whole);
}

/// The same with fifty million keys is `cargo xtask budgets`.
#[test]
fn an_adversary_stays_within_the_budgets() {
    const KEYS: u64 = 60_000;
    let mut whole = DatasetFold::new(adversary::options(), NOW_MS).expect("good options");
    adversary::add(&mut whole, 0..KEYS);
    let mut merged = DatasetFold::new(adversary::options(), NOW_MS).expect("good options");
    for part in [3, 1, 0, 2] {
        let mut fold = DatasetFold::new(adversary::options(), NOW_MS).expect("good options");
        adversary::add(&mut fold, part * KEYS / 4..(part + 1) * KEYS / 4);
        merged.merge(fold);
    }
    let (whole, merged) = (whole.finish(), merged.finish());
    check_sums(&whole);
    assert_eq!(whole, merged);
    assert!(whole.folding.cut > 0 && whole.folding.cut_keys > 0, "{:?}", whole.folding);
    assert!(whole.folding.nodes <= whole.folding.max_nodes);
    assert!(whole.folding.other_regex_keys > 0);
    assert_eq!(whole.databases.len(), 4097);
    assert_eq!(whole.patterns.len(), Dataset::MAX_PATTERNS);
    assert!(whole.biggest.len() <= RELEASES * Dataset::MAX_BIGGEST);
}
