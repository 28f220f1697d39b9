//! Every append-only set of the corpus, replayed: the keys the server had in the end, and nothing odd on the way.

use std::collections::BTreeMap;

use snaptape_analysis::{KeyFacts, ReplayFold, SnapshotOptions, SnapshotScan};
use snaptape_aof::{Manifest, TapeScan};
use snaptape_report::Replay;
use snaptape_testdata::{Case, cases, files, recorded_keyspace, roots};
use snaptape_wire::Limits;

/// Replays the files of a case, cut into windows of so many bytes.
fn replay(case: &Case, window: usize) -> Replay {
    let all = files(&case.path);
    let name = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let manifest = all.iter().find(|(path, _)| path.ends_with(".manifest"));
    let order: Vec<String> = match manifest {
        Some((_, text)) => Manifest::parse(text)
            .unwrap()
            .load_order()
            .map(|entry| String::from_utf8(entry.name.clone()).unwrap())
            .collect(),
        None => all.iter().map(|(path, _)| name(path)).collect(),
    };
    let mut fold = ReplayFold::default();
    for part in order {
        let (path, bytes) = all.iter().find(|(path, _)| name(path) == part).unwrap();
        fold.begin_file(path);
        let mut start = 0;
        if bytes.starts_with(b"REDIS") || bytes.starts_with(b"VALKEY") {
            let mut scan = SnapshotScan::new(path, SnapshotOptions::default());
            scan.feed(bytes, true, |key: &KeyFacts<'_>| fold.base_key(key));
            start = scan.offset();
        }
        let release = case.server.parse().unwrap();
        let mut scan = TapeScan::new(start, bytes.len() as u64, release, Limits::default());
        for window in bytes[usize::try_from(start).unwrap()..].chunks(window) {
            scan.feed(window, &mut fold);
        }
        scan.finish(&mut fold);
        fold.end_file();
    }
    fold.finish()
}

#[test]
fn the_keys_of_intact_sets_are_those_of_the_server() {
    let (mut sets, mut exact, mut exact_expires) = (0, 0, 0);
    for root in roots() {
        for case in cases(&root, "aof") {
            let replay = replay(&case, usize::MAX);
            let expected = recorded_keyspace(&case.sidecar["keyspace"]);
            let dbs: Vec<u64> = replay.databases.iter().map(|db| db.keys.db).collect();
            assert_eq!(dbs, expected.keys().copied().collect::<Vec<_>>(), "{}", case.name);
            for db in &replay.databases {
                let (keys, expires) = expected[&db.keys.db];
                let what = format!("{} db {}: {db:?}, {keys} keys, {expires} expire", case.name, db.keys.db);
                assert!((db.keys.keys_min..=db.keys.keys_max).contains(&keys), "{what}");
                assert!((db.expires_min..=db.expires_max).contains(&expires), "{what}");
                assert!(!db.keys.estimated, "{what}");
            }
            assert_eq!(replay.no_effect.first, [], "{}", case.name);
            assert_eq!(replay.wrong_type.first, [], "{}", case.name);
            assert!(replay.complete && replay.one_in == 1);
            let types = types(&case);
            for row in &replay.types {
                let n = types.get(&row.type_name).copied().unwrap_or(0);
                assert!((row.keys_min..=row.keys_max).contains(&n), "{} {row:?} {n}", case.name);
            }
            sets += 1;
            exact += u32::from(replay.databases.iter().all(|db| db.keys.keys_min == db.keys.keys_max));
            exact_expires += u32::from(replay.databases.iter().all(|db| db.expires_min == db.expires_max));
        }
    }
    println!("{sets} sets, keys exact in {exact}, expiries in {exact_expires}");
    assert!(sets >= 10, "only {sets}");
    assert_eq!((exact, exact_expires), (sets, sets));
}

/// How many keys of each type the server had in the end.
fn types(case: &Case) -> BTreeMap<String, u64> {
    let mut types = BTreeMap::new();
    for key in case.sidecar["keys"].as_array().unwrap() {
        *types.entry(key["type"].as_str().unwrap().to_owned()).or_insert(0) += 1;
    }
    types
}

#[test]
fn windows_do_not_matter() {
    for case in roots().iter().flat_map(|root| cases(root, "aof")).step_by(5) {
        let whole = replay(&case, usize::MAX);
        for window in [1, 7, 1000] {
            assert_eq!(replay(&case, window), whole, "{} in windows of {window}", case.name);
        }
    }
}
