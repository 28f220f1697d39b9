//! What maps promise: any split, any order, parts that add up, a bounded number of them.

use proptest::{prelude::*, sample::Index};
use snaptape_analysis::{DatasetFold, KeyFacts, MapFold};
use snaptape_rdb::LogicalType;
use snaptape_report::{MapDimension, MapKind, MapNesting, MapNode, MapSums, MemoryMap, PatternOptions};

const TARGET: &str = "redis-7.4";

/// A key that owns its name.
#[derive(Debug, Clone)]
struct Made {
    name: String,
    db: u64,
    kind: (LogicalType, &'static str, &'static str),
    expires: bool,
    bytes: [u64; 3],
    file: u64,
}

impl Made {
    fn facts(&self) -> KeyFacts<'_> {
        let (logical, type_name, encoding) = self.kind;
        let [memory_bytes, file_bytes, payload_bytes] = self.bytes;
        KeyFacts {
            db: self.db,
            name: self.name.as_bytes(),
            logical,
            type_name,
            encoding,
            expires_at_ms: self.expires.then_some(1),
            memory_bytes,
            file_bytes,
            payload_bytes,
            ..KeyFacts::default()
        }
    }
}

fn made(words: &'static str) -> impl Strategy<Value = Made> {
    let segment =
        prop_oneof![words, "[0-9]{1,3}", Just("2026-11-22".to_owned()), Just("\u{85}é7".to_owned())];
    let name = prop::collection::vec(segment, 1..6).prop_map(|segments| segments.join(":"));
    let kind = prop::sample::select(vec![
        (LogicalType::String, "string", "int"),
        (LogicalType::String, "string", "raw"),
        (LogicalType::Hash, "hash", "listpack"),
        (LogicalType::Set, "set", "listpack"),
        (LogicalType::Module, "ReJSON-RL", "raw"),
    ]);
    let bytes = || prop_oneof![1..5_000_u64, 0..1_u64 << 40];
    let db = prop_oneof![4 => 0..3_u64, 1 => any::<u64>()];
    (name, db, kind, any::<bool>(), [bytes(), bytes(), bytes()], 0..700_u64)
        .prop_map(|(name, db, kind, expires, bytes, file)| Made { name, db, kind, expires, bytes, file })
}

fn options() -> PatternOptions {
    PatternOptions {
        templates: vec!["a:*".into()],
        regex: Some("^b(.*)b".into()),
        ..PatternOptions::default()
    }
}

fn nesting() -> impl Strategy<Value = MapNesting> {
    prop::sample::subsequence(MapDimension::ALL.to_vec(), 1..=6)
        .prop_shuffle()
        .prop_map(|dimensions| MapNesting::new(dimensions).expect("none twice"))
}

fn fold<'a>(nesting: &MapNesting, keys: impl IntoIterator<Item = &'a Made>) -> MapFold {
    let mut fold = MapFold::new(nesting.clone(), options()).expect("good options");
    for key in keys {
        fold.add(&key.facts(), &format!("shard-{}.rdb", key.file));
    }
    fold
}

fn sum<'a>(sums: impl IntoIterator<Item = &'a MapSums>) -> MapSums {
    sums.into_iter().fold(MapSums::default(), |mut all, sums| {
        all.merge(sums);
        all
    })
}

/// Every part but the smallest is the sum of those within it, and stands behind what it is within.
fn check_sums(map: &MemoryMap) {
    let mut within: Vec<Vec<usize>> = vec![Vec::new(); map.nodes.len()];
    for (i, node) in map.nodes.iter().enumerate().skip(1) {
        let parent = usize::try_from(node.parent).expect("small");
        assert!(parent < i, "{node:?}");
        assert!(node.sums.keys > 0, "{node:?}");
        within[parent].push(i);
    }
    for (node, within) in map.nodes.iter().zip(within).filter(|(_, within)| !within.is_empty()) {
        assert_eq!(node.sums, sum(within.iter().map(|i| &map.nodes[*i].sums)), "{node:?}");
        let mut names: Vec<_> = within.iter().map(|i| (&map.nodes[*i].kind, &map.nodes[*i].name)).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), within.len(), "two parts of {node:?} have one name");
    }
    assert!(map.nodes.len() <= 2 * MemoryMap::MAX_NODES + 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_split_and_any_order_give_the_same_map(
        (keys, shuffled) in prop::collection::vec(made("[a-d]{1,2}"), 0..250)
            .prop_flat_map(|keys| (Just(keys.clone()), Just(keys).prop_shuffle())),
        nesting in nesting(),
        cuts in prop::collection::vec(any::<Index>(), 0..4),
    ) {
        let whole = fold(&nesting, &keys).finish(TARGET);
        check_sums(&whole);
        let all = MapSums {
            keys: keys.len() as u64,
            without_ttl: keys.iter().filter(|key| !key.expires).count() as u64,
            memory_bytes: keys.iter().map(|key| key.bytes[0]).sum(),
            file_bytes: keys.iter().map(|key| key.bytes[1]).sum(),
            payload_bytes: keys.iter().map(|key| key.bytes[2]).sum(),
        };
        prop_assert_eq!(whole.nodes[0].sums, all);
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(keys.len() + 1)).collect();
        cuts.extend([0, keys.len()]);
        cuts.sort_unstable();
        let mut merged = fold(&nesting, []);
        for cut in cuts.windows(2).rev() {
            merged.merge(&fold(&nesting, &shuffled[cut[0]..cut[1]]));
        }
        prop_assert_eq!(merged.finish(TARGET), whole);
    }

    /// The map that comes with the first pass is the one a pass of its own gives.
    #[test]
    fn the_first_map_is_the_one_by_pattern(keys in prop::collection::vec(made("[a-d]{1,2}"), 0..250)) {
        let mut dataset = DatasetFold::new(options(), 0).expect("good options");
        for (offset, key) in keys.iter().enumerate() {
            dataset.add(&KeyFacts { offset: offset as u64, ..key.facts() }, None);
        }
        let first = dataset.map(TARGET);
        check_sums(&first);
        prop_assert_eq!(first, fold(&MapNesting::default(), &keys).finish(TARGET));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    /// Names without end: the budgets are spent, and nothing is lost.
    #[test]
    fn a_spent_budget_does_not_depend_on_order_or_split(
        keys in prop::collection::vec(made("[a-z]{2,9}"), 1500..2500),
        nesting in nesting(),
        cut in any::<Index>(),
    ) {
        let whole = fold(&nesting, &keys).finish(TARGET);
        check_sums(&whole);
        prop_assert_eq!(whole.nodes[0].sums.keys, keys.len() as u64);
        let (front, back) = keys.split_at(cut.index(keys.len()));
        let mut merged = fold(&nesting, back);
        merged.merge(&fold(&nesting, front));
        prop_assert_eq!(merged.finish(TARGET), whole);
    }
}

fn map<'a>(words: &str, names: impl IntoIterator<Item = &'a str>) -> MemoryMap {
    let nesting = MapNesting::parse(words).expect(words);
    let mut fold = MapFold::new(nesting, PatternOptions::default()).expect("good options");
    for name in names {
        fold.add(&KeyFacts { name: name.as_bytes(), memory_bytes: 10, ..KeyFacts::default() }, "a.rdb");
    }
    fold.finish(TARGET)
}

/// Each part as the path to it, its kind and its keys.
fn paths(map: &MemoryMap) -> Vec<(String, MapKind, u64)> {
    let mut paths: Vec<String> = Vec::new();
    for node in &map.nodes {
        let around = match node.kind {
            MapKind::All => "",
            _ => &paths[usize::try_from(node.parent).expect("small")],
        };
        paths.push(format!("{around}{}{}", if node.kind == MapKind::All { "" } else { "/" }, node.name));
    }
    paths.into_iter().zip(&map.nodes).map(|(path, node)| (path, node.kind, node.sums.keys)).collect()
}

#[test]
fn segments_with_nothing_beside_them_are_one_part() {
    let map = map("pattern", ["user:1:cart", "user:2:cart", "user:2:name", "user", "{tag}:x"]);
    assert_eq!(
        paths(&map),
        [
            (String::new(), MapKind::All, 5),
            ("/user".into(), MapKind::Pattern, 4),
            ("/user/:{int}".into(), MapKind::Pattern, 3),
            ("/user/:{int}/:cart".into(), MapKind::Pattern, 2),
            ("/user/:{int}/:name".into(), MapKind::Pattern, 1),
            ("/user/".into(), MapKind::Itself, 1),
            ("/{tag}:x".into(), MapKind::Pattern, 1),
        ]
    );
}

#[test]
fn slots_are_nested_three_deep() {
    // The specification of Redis Cluster: the slot of "123456789" is 12739.
    let map = map("slot,file", ["123456789"]);
    let names: Vec<&str> = map.nodes.iter().map(MapNode::label).collect();
    assert_eq!(names, ["all keys", "slots 12544-12799", "slots 12736-12751", "slot 12739", "a.rdb"]);
}

#[test]
fn what_is_too_small_is_counted_beside_what_is_large() {
    // An application with 100 modules of 80 entities each.
    let word = |n: u64| {
        format!(
            "w{}",
            (0..3)
                .map(|i| char::from(b'g' + u8::try_from(n >> (i * 4) & 15).expect("small")))
                .collect::<String>()
        )
    };
    let names: Vec<String> =
        (0..100 * 80).map(|i| format!("{}:{}:{}", word(i % 100), word(i / 100), i)).collect();
    let map = map("pattern", names.iter().map(String::as_str));
    check_sums(&map);
    assert!(map.folding.unlisted > 3_000, "{:?}", map.folding);
    let others = map.nodes.iter().filter(|node| node.kind == MapKind::Others);
    assert!(others.clone().all(|node| node.name.ends_with(" smaller parts")));
    assert!(map.sentences().iter().any(|sentence| sentence.contains("too small to be listed")));
    assert_eq!(map.nodes[0].sums.keys, 8_000);
}

#[test]
fn five_hundred_shards_are_told_apart() {
    let mut fold =
        MapFold::new(MapNesting::parse("file,type").expect("good"), PatternOptions::default()).expect("good");
    for n in 0..500 {
        fold.add(
            &KeyFacts { name: b"k", memory_bytes: 10, ..KeyFacts::default() },
            &format!("shard-{n}.rdb"),
        );
    }
    let map = fold.finish(TARGET);
    assert_eq!(map.nodes.iter().filter(|node| node.kind == MapKind::File).count(), 500);
    assert_eq!(map.sentences(), Vec::<String>::new());
}
