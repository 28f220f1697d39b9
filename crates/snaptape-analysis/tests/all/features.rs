//! What a snapshot asks of a server, as a count of its own bytes says it.

use std::collections::BTreeMap;

use snaptape_analysis::{Features, SnapshotOptions, SnapshotScan};
use snaptape_testdata::{cases, read, roots};

fn features(bytes: &[u8], window: usize) -> Features {
    let mut scan = SnapshotScan::new("dump.rdb", SnapshotOptions::default());
    let mut at = 0;
    while at < bytes.len() {
        let end = bytes.len().min(at + window);
        scan.feed(&bytes[at..end], end == bytes.len(), |_| {});
        at = end;
    }
    scan.finish().features
}

/// `{"24 HASH_METADATA": 3}` by number.
fn counts(stored: &serde_json::Value) -> BTreeMap<u8, u64> {
    let stored = stored.as_object().unwrap().iter();
    let number = |name: &str| name.split(' ').next().unwrap().parse().unwrap();
    stored.map(|(name, count)| (number(name), count.as_u64().unwrap())).collect()
}

#[test]
fn object_types_and_records_are_those_of_the_file() {
    let mut files = 0;
    for root in roots() {
        for case in cases(&root, "rdb") {
            let bytes = read(&case.path);
            let ours = features(&bytes, 1 << 20);
            assert_eq!(features(&bytes, 97), ours, "{}", case.name);
            let types: BTreeMap<u8, u64> =
                ours.objects.iter().map(|stored| (stored.type_byte, stored.keys.count)).collect();
            let rdb = &case.sidecar["rdb"];
            assert_eq!(types, counts(&rdb["types"]), "{}", case.name);
            let mut opcodes = counts(&rdb["opcodes"]);
            // Every release knows these, or has since before it had a version to name.
            opcodes.retain(|opcode, _| *opcode < 250);
            assert_eq!(ours.records, opcodes, "{}", case.name);
            let modules: u64 = ours.modules.values().map(|stored| stored.values.count).sum();
            assert_eq!(modules, types.get(&7).copied().unwrap_or(0), "{}", case.name);
            files += 1;
        }
    }
    println!("{files} snapshots");
    assert!(files >= 60, "only {files}");
}

#[test]
fn features_merge() {
    let all: Vec<Features> =
        cases(&roots()[0], "rdb").iter().map(|case| features(&read(&case.path), 1 << 20)).collect();
    let merged = |parts: &[Features]| {
        let mut sum = Features::default();
        for part in parts {
            sum.merge(part);
        }
        sum
    };
    let whole = merged(&all);
    let (front, back) = all.split_at(all.len() / 3);
    let mut halves = merged(front);
    halves.merge(&merged(back));
    assert_eq!(halves, whole);
    let keys: u64 = all.iter().flat_map(|part| &part.objects).map(|stored| stored.keys.count).sum();
    assert_eq!(whole.objects.iter().map(|stored| stored.keys.count).sum::<u64>(), keys);
    assert!(whole.objects.iter().all(|stored| stored.keys.examples.len() <= 5));
}
