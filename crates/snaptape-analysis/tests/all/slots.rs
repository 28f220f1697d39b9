//! Hash slots, as CLUSTER KEYSLOT says them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use snaptape_analysis::{SlotFold, SnapshotOptions, SnapshotScan, key_slot};
use snaptape_report::SlotRange;
use snaptape_testdata::{cases, read, roots};

#[test]
fn slots_are_those_the_server_names() {
    let (mut keys, mut announced) = (0, 0);
    for root in roots() {
        for case in cases(&root, "rdb").into_iter().filter(|case| case.name.ends_with("/cluster")) {
            let mut slots = std::collections::BTreeMap::new();
            for key in case.sidecar["keys"].as_array().unwrap() {
                let name = STANDARD.decode(key["key"].as_str().unwrap()).unwrap();
                let slot = u16::try_from(key["slot"].as_u64().unwrap()).unwrap();
                assert_eq!(key_slot(&name), slot, "{} {}", case.name, name.escape_ascii());
                slots.insert(name, slot);
                keys += 1;
            }
            let mut fold = SlotFold::default();
            fold.begin("a.rdb");
            let mut scan = SnapshotScan::new("a.rdb", SnapshotOptions::default());
            scan.feed(&read(&case.path), true, |key| {
                fold.add(key);
                if let Some(said) = key.announced_slot {
                    assert_eq!(said, slots[key.name], "{}", case.name);
                    announced += 1;
                }
            });
            let coverage = fold.coverage();
            let distinct: std::collections::BTreeSet<_> = slots.values().collect();
            assert_eq!(u64::from(coverage.covered), distinct.len() as u64);
            assert_eq!((coverage.misplaced_keys, coverage.shared_keys), (0, 0));
            let loads = coverage.loads.expect("there are keys");
            assert_eq!((loads.keys.len(), loads.keys.iter().sum::<u64>()), (16_384, slots.len() as u64));
            assert!(slots.values().all(|slot| loads.keys[usize::from(*slot)] > 0));
            for slot in &coverage.heaviest {
                assert_eq!(loads.memory_bytes[usize::from(slot.slot)], slot.memory_bytes, "{slot:?}");
            }
            let text = serde_json::to_string(&loads).unwrap();
            assert_eq!(serde_json::from_str::<snaptape_report::SlotLoads>(&text).unwrap(), loads);
            // Redis before 7.4 says nothing of slots in the file.
            let says_so = !["redis-7.0.15", "redis-7.2.4"].contains(&case.server.as_str());
            assert_eq!(fold.is_announced(), says_so, "{}", case.name);
        }
    }
    println!("{keys} keys, {announced} with the slot in the file");
    assert!(keys >= 400 && announced >= 200, "{keys} {announced}");
}

/// A key of slot range after slot range, `n` in each of the slots.
fn names(wanted: impl Fn(u16) -> bool, n: usize) -> Vec<String> {
    (0..n).map(|i| format!("user:{i}")).filter(|name| wanted(key_slot(name.as_bytes()))).collect()
}

fn fold(shards: &[(&str, Vec<String>)]) -> SlotFold {
    let mut fold = SlotFold::default();
    for (file, names) in shards {
        fold.begin(file);
        for name in names {
            fold.add(&snaptape_analysis::KeyFacts { name: name.as_bytes(), ..Default::default() });
        }
    }
    fold
}

#[test]
fn a_shard_that_is_not_there_leaves_a_gap_chance_does_not_explain() {
    let third = |range: core::ops::Range<u16>| names(move |slot| range.contains(&slot), 3000);
    let first = ("a-0001.rdb", third(0..5461));
    let second = ("a-0002.rdb", third(5461..10_923));
    let last = ("a-0003.rdb", third(10_923..16_384));
    let all = fold(&[first.clone(), second.clone(), last.clone()]).coverage();
    assert!(all.covered > 2700 && all.covered <= 3000, "{}", all.covered);
    assert_eq!((all.missing, all.doubled), (vec![], vec![]));
    let without = fold(&[first.clone(), last.clone()]);
    let missing = without.coverage().missing;
    // The gap is as wide as the lost shard, and a little more where no key happens to lie beside it.
    let [gap] = missing.as_slice() else { panic!("{missing:?}") };
    assert!((5400..=5461).contains(&gap.first) && (10_922..=10_980).contains(&gap.last), "{gap:?}");
    let [shard] = without.shards()[0].ranges()[..] else { panic!("{:?}", without.shards()[0].ranges()) };
    assert!(shard.first < 60 && (5400..5461).contains(&shard.last), "{shard:?}");
    // A few keys say nothing of shards.
    assert_eq!(fold(&[("few.rdb", names(|_| true, 8))]).coverage().missing, vec![]);
}

#[test]
fn slots_and_keys_in_two_shards_are_seen() {
    let low = names(|slot| slot < 9000, 2000);
    let high = names(|slot| slot >= 8000, 2000);
    let both = low.iter().filter(|name| high.contains(name)).count() as u64;
    let fold = fold(&[("a.rdb", low), ("b.rdb", high)]);
    let coverage = fold.coverage();
    assert!(both > 50);
    assert_eq!((coverage.shared_keys, coverage.one_in), (both, 1));
    assert_eq!(fold.shared_examples().len(), 5);
    let doubled: u32 = coverage.doubled.iter().map(|range| range.slots()).sum();
    assert!(doubled > 40 && coverage.doubled.iter().all(|r| (8000..9000).contains(&r.first)), "{doubled}");
    let [a, b] = fold.shards() else { panic!("two shards") };
    assert!(!a.same_keys(b) && a.same_keys(a));
}

#[test]
fn folds_merge() {
    let low = names(|slot| slot < 9000, 2000);
    let high = names(|slot| slot >= 8000, 2000);
    let third = names(|slot| slot % 7 == 0, 2000);
    let whole = fold(&[("a.rdb", low.clone()), ("b.rdb", high.clone()), ("c.rdb", third.clone())]);
    let (front, back) = high.split_at(high.len() / 3);
    let mut left = fold(&[("a.rdb", low), ("b.rdb", front.to_vec())]);
    let right = fold(&[("b.rdb", back.to_vec()), ("c.rdb", third)]);
    left.merge(&right);
    assert_eq!(left.coverage(), whole.coverage());
    assert_eq!(left.shards(), whole.shards());
}

#[test]
fn beyond_the_bound_a_sample_of_keys_is_compared() {
    let many: Vec<String> = (0..1_200_000).map(|i| i.to_string()).collect();
    let coverage =
        fold(&[("a.rdb", many[..800_000].to_vec()), ("b.rdb", many[400_000..].to_vec())]).coverage();
    assert!(coverage.one_in >= 4, "{}", coverage.one_in);
    let estimate = coverage.shared_keys * coverage.one_in;
    assert!((380_000..420_000).contains(&estimate), "{estimate}");
    assert_eq!(coverage.doubled, [SlotRange { first: 0, last: 16_383 }]);
}
