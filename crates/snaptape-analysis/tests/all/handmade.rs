//! Versions and forks for which there is no real file, see `snaptape_testdata::handmade`: what the fold makes of them.

use std::collections::BTreeMap;

use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan, hex};
use snaptape_report::{FindingKind, Severity};
use snaptape_testdata::handmade::{self, Rdb};

#[derive(Debug, Clone, PartialEq)]
struct Key {
    type_name: String,
    encoding: &'static str,
    elements: Option<u64>,
    payload_bytes: u64,
    expires_at_ms: Option<i64>,
    file_bytes: u64,
    digest: Option<String>,
}

fn read(bytes: &[u8], window: usize) -> (SnapshotResult, BTreeMap<String, Key>) {
    let options = SnapshotOptions { digest: true, ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new("x.rdb", options);
    let mut keys = BTreeMap::new();
    let mut sink = |key: &snaptape_analysis::KeyFacts<'_>| {
        let name = format!("{}/{}", key.db, String::from_utf8_lossy(key.name));
        let facts = Key {
            type_name: key.type_name.into(),
            encoding: key.encoding,
            elements: key.elements,
            payload_bytes: key.payload_bytes - key.name.len() as u64,
            expires_at_ms: key.expires_at_ms,
            file_bytes: key.file_bytes,
            digest: key.value_sha256.map(|digest| hex(&digest)),
        };
        assert!(keys.insert(name, facts).is_none(), "a key twice");
    };
    for chunk in bytes.chunks(window) {
        scan.feed(chunk, false, &mut sink);
    }
    scan.feed(&[], true, &mut sink);
    (scan.finish(), keys)
}

/// Kinds and severities of what is worth knowing, without the checksum nobody computed.
fn findings(result: &SnapshotResult) -> Vec<(Severity, FindingKind)> {
    result
        .findings
        .iter()
        .map(|finding| (finding.severity, finding.kind))
        .filter(|(_, kind)| !matches!(kind, FindingKind::ChecksumNotComputed | FindingKind::ExpiredKeys))
        .collect()
}

const UNVERIFIED: (Severity, FindingKind) = (Severity::Warning, FindingKind::UnverifiedLayout);
const FORK: (Severity, FindingKind) = (Severity::Info, FindingKind::Fork);

#[test]
fn a_closer_look_finds_nothing_wrong() {
    for (name, bytes) in handmade::all() {
        let options = SnapshotOptions { deep: true, ..SnapshotOptions::default() };
        let mut scan = SnapshotScan::new("x.rdb", options);
        scan.feed(&bytes, true, |_| {});
        let result = scan.finish();
        let errors: Vec<_> = result
            .findings
            .iter()
            .filter(|f| f.severity == Severity::Error && f.kind != FindingKind::Unsupported)
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn windows_change_nothing() {
    for (name, bytes) in handmade::all() {
        let (whole, keys) = read(&bytes, bytes.len());
        for window in [1, 13] {
            let (cut, cut_keys) = read(&bytes, window);
            assert_eq!(cut_keys, keys, "{name}");
            assert_eq!(cut.findings, whole.findings, "{name}");
            assert_eq!((cut.end, cut.sound_up_to), (whole.end, whole.sound_up_to), "{name}");
        }
    }
}

#[test]
fn a_hash_is_the_same_however_it_is_stored() {
    for (file, version) in [(handmade::redis15(), 15), (handmade::redis16(), 16)] {
        let (result, keys) = read(&file, 7);
        assert!(result.complete, "{:?}", result.error);
        for (suffix, fields, payload) in [("-2", 2, 8), ("-3", 3, 7)] {
            let plain = &keys[&format!("0/plain{suffix}")];
            assert_eq!((plain.elements, plain.payload_bytes), (Some(fields), payload));
            let same: Vec<_> = keys.iter().filter(|(name, _)| name.ends_with(suffix)).collect();
            assert_eq!(same.len(), 4);
            for (name, key) in same {
                assert_eq!(key.type_name, "hash", "{name}");
                assert_eq!((key.elements, key.payload_bytes), (Some(fields), payload), "{name}");
                assert_eq!(key.digest, plain.digest, "{name}");
                assert!(key.digest.is_some(), "{name}");
            }
        }
        assert_eq!(keys["0/limiter"].type_name, "rate limiter");
        assert_eq!(keys["0/reference-listpack-2"].encoding, "template-listpack");
        assert_eq!(keys["0/reference-array-3"].encoding, "template-array");
        // Once for templates, once for rate limiters, however many there are.
        let mut expected = vec![UNVERIFIED, UNVERIFIED];
        if version == 16 {
            expected.insert(0, (Severity::Warning, FindingKind::Unsupported));
        }
        assert_eq!(findings(&result), expected);
    }
}

#[test]
fn templates_that_contradict_a_hash_are_damage() {
    let file = |object: u8, value: &[u8]| {
        let rdb = Rdb::new("REDIS0015").raw(&[242]).lens(&[0, 2]).str("a").str("b");
        rdb.key(object, "k").str(value).string("last", "1").finish()
    };
    for (value, rule) in [
        (handmade::listpack(&["0", "1"]), "it has not one value for each field"),
        (handmade::listpack(&["0", "1", "2", "3"]), "it has not one value for each field"),
        (handmade::listpack(&["7", "1", "2"]), "its template does not exist"),
        (handmade::listpack(&["x", "1", "2"]), "its template is no number"),
        (handmade::listpack(&[]), "it has no template"),
    ] {
        let (result, keys) = read(&file(30, &value), 1000);
        assert!(result.complete && keys.contains_key("0/last"), "the damage is in one value");
        let damage: Vec<_> = result.findings.iter().filter(|f| f.kind == FindingKind::BadValue).collect();
        assert!(damage.len() == 1 && damage[0].message.contains(rule), "{rule}: {:?}", result.findings);
    }
    // Names that are not in order.
    let unsorted = Rdb::new("REDIS0015").raw(&[242]).lens(&[0, 2]).str("bb").str("a").finish();
    let (result, _) = read(&unsorted, 1000);
    let damage = result.findings.iter().find(|f| f.kind == FindingKind::BadValue).expect("a finding");
    assert!(damage.message.contains("not in order"), "{}", damage.message);
    assert_eq!(damage.start, 16, "where the second name stands");
}

#[test]
fn streams_arrays_and_metadata_add_up() {
    let (result, keys) = read(&handmade::redis13(), 5);
    assert!(result.complete);
    assert_eq!(findings(&result), []);
    let stream = &keys["0/stream4"];
    assert_eq!((stream.type_name.as_str(), stream.encoding, stream.elements), ("stream", "stream", Some(2)));
    // f v g w x y; group, ann, bob; producer, first, second, silent.
    assert_eq!(stream.payload_bytes, 6 + 5 + 3 + 3 + 8 + 5 + 6 + 6);
    let meta = &keys["0/with-meta"];
    assert_eq!(
        (meta.elements, meta.payload_bytes, meta.expires_at_ms),
        (Some(5), 5, Some(1_900_000_000_000))
    );
    // The entry begins with its expiry: 9 bytes, metadata 19, type, name and value 17.
    assert_eq!(meta.file_bytes, 9 + 19 + 17);

    let (result, keys) = read(&handmade::redis14(), 5);
    assert!(result.complete);
    assert_eq!(findings(&result), [UNVERIFIED]);
    assert_eq!(keys["0/stream5"].digest, stream.digest, "groups and producers are not part of the value");
    let array = &keys["0/array"];
    assert_eq!(
        (array.type_name.as_str(), array.elements, array.payload_bytes),
        ("array", Some(4), 13 + 3 + 8 + 5)
    );
    // ns("array") ns(index) ns(element)...
    let canonical = "5:array,1:0,13:a long string,1:5,3:-42,1:6,16:3ff8000000000000,5:70000,5:short,";
    assert_eq!(array.digest, Some(snaptape_testdata::sha256(canonical.as_bytes())));
}

#[test]
fn array_places_ascend() {
    let file = Rdb::new("REDIS0014").key(28, "k").lens(&[2, 0, 5, 1]).i64(1).lens(&[5, 1]).i64(2).finish();
    let (result, _) = read(&file, 100);
    let damage = result.findings.iter().find(|f| f.kind == FindingKind::BadValue).expect("a finding");
    assert!(damage.message.contains("its elements are not in order"), "{}", damage.message);
    assert_eq!(damage.start, 9, "where the entry stands");
}

#[test]
fn a_stream_may_be_empty_and_an_array_may_not() {
    let empty = |object: u8, header: &str| {
        let lens: &[u64] = match object {
            15 => &[0, 0, 5, 1, 0],
            19 | 21 => &[0, 0, 5, 1, 0, 0, 5, 1, 1, 0],
            _ => &[0, 0, 5, 1, 0, 0, 5, 1, 1, 0, 60, 100, 0, 0, 0],
        };
        Rdb::new(header).key(object, "k").lens(lens).string("last", "1").finish()
    };
    for object in [15, 19, 21, 26, 27] {
        let (result, keys) = read(&empty(object, "REDIS0014"), 2);
        assert!(result.complete, "{object}: {:?}", result.error);
        assert_eq!(findings(&result), [], "{object}");
        assert_eq!(keys["0/k"].elements, Some(0));
        // Only the last ID is left of it.
        assert_eq!(keys["0/k"].digest, Some(snaptape_testdata::sha256(b"6:stream,3:5-1,")), "{object}");
    }
    let (result, _) = read(&Rdb::new("REDIS0014").key(28, "k").lens(&[0, 0]).finish(), 2);
    assert!(!result.complete);
}

#[test]
fn forks_are_named() {
    for (file, product, expected) in [
        (handmade::keydb(), "KeyDB", vec![FORK, UNVERIFIED]),
        (handmade::enterprise(), "Redis Enterprise", vec![FORK, FORK]),
        (handmade::dragonfly(), "Dragonfly", vec![UNVERIFIED; 3]),
        (handmade::valkey81(), "Valkey", vec![]),
    ] {
        let (result, keys) = read(&file, 3);
        assert!(result.complete, "{product}: {:?}", result.error);
        assert_eq!(findings(&result), expected, "{product}");
        assert_eq!(result.info.unwrap().product, product);
        assert!(keys.keys().any(|name| name.ends_with("/last")), "{product}");
    }
    let (_, keys) = read(&handmade::keydb(), 3);
    assert_eq!(keys["2/expires"].expires_at_ms, Some(1_900_000_000_000));
    assert_eq!(keys["2/set"].expires_at_ms, None);
    let cron = &keys["2/cron"];
    assert_eq!((cron.type_name.as_str(), cron.elements, cron.payload_bytes), ("cron", None, 8 + 16 + 3 + 6));
    let (_, keys) = read(&handmade::dragonfly(), 3);
    assert_eq!((keys["1/json"].type_name.as_str(), keys["1/json"].payload_bytes), ("json", 11));
    assert_eq!((keys["1/set"].type_name.as_str(), keys["1/set"].elements), ("set", Some(3)));
}

#[test]
fn attributes_without_a_key_are_not_sound() {
    // Cut behind KeyDB's time stamp, which stands between the attributes and the key.
    let start = Rdb::new("REDIS0009").string("k", "v").unfinished().len();
    let rdb = Rdb::new("REDIS0009").string("k", "v").expires(5).aux("mvcc-tstamp", "1").unfinished();
    let (result, _) = read(&rdb, 4);
    assert_eq!(result.sound_up_to, start as u64);
}

#[test]
fn what_is_known_by_name_alone_keeps_what_stands_before() {
    for (file, words) in [
        (handmade::valkey81_path_hash().0, "Valkey 9.2's PATH_HASH (number 23)"),
        (handmade::valkey81_update().0, "Valkey 9.2's UPDATE (number 242)"),
        (handmade::dragonfly_block(201).1, "Dragonfly's compressed block of items (number 201)"),
    ] {
        let (result, keys) = read(&file, 9);
        assert!(!result.complete && keys.len() >= 2, "{words}");
        let stop = result.findings.iter().find(|f| f.kind == FindingKind::Unsupported).expect("a finding");
        assert_eq!(stop.severity, Severity::Error);
        assert!(stop.message.contains(words), "{}", stop.message);
        assert!(stop.message.contains("database"), "{}", stop.message);
        assert_eq!(stop.start, result.error.unwrap().offset());
    }
}

#[test]
fn modules_show_what_is_inside() {
    let (result, keys) = read(&handmade::modules(), 11);
    assert!(result.complete);
    assert_eq!(findings(&result), []);
    for (name, type_name, elements, payload) in [
        // Names, attributes and vectors: one {} 12, two 34.
        ("vectors", "vectorset", Some(2), 3 + 2 + 2 + 3 + 2),
        ("vectors-projected", "vectorset", Some(1), 3 + 4),
        ("exstring", "exstrtype", Some(1), 5),
        ("exhash", "tairhash-", Some(2), 1 + 1 + 5 + 5),
        ("exzset", "tairzset_", Some(2), 1 + 16 + 6 + 16),
        ("bloom", "MBbloom--", Some(3), 120 + 275),
        ("bloom-0", "MBbloom--", Some(1), 120),
        // What does not fit is opaque: all its strings, and 8 bytes per number.
        ("exhash-of-another-version", "tairhash-", None, 8 + 6 + 8 + 1),
        ("vectors-short", "vectorset", None, 4 * 8),
    ] {
        let key = &keys[&format!("0/{name}")];
        assert_eq!(
            (key.type_name.as_str(), key.elements, key.payload_bytes),
            (type_name, elements, payload),
            "{name}"
        );
        assert_eq!(key.digest, None, "{name}");
    }
    assert_eq!(keys.len(), 9);
}

/// Reads behind damage, as `check` does.
fn salvage(bytes: &[u8]) -> (SnapshotResult, usize) {
    let options = SnapshotOptions {
        deep: true,
        digest: true,
        file_bytes: Some(bytes.len() as u64),
        ..SnapshotOptions::default()
    };
    let mut scan = SnapshotScan::new("x.rdb", options);
    let mut keys = 0;
    while !scan.is_done() {
        let from = usize::try_from(scan.position()).unwrap();
        scan.feed(&bytes[from..], true, |_| keys += 1);
    }
    (scan.finish(), keys)
}

#[test]
fn no_damage_is_too_much() {
    let mut n = 0;
    for (name, bytes) in handmade::all() {
        let (whole, keys) = salvage(&bytes);
        if whole.error.is_none() {
            assert!(whole.recovery.holes.is_empty(), "{name}");
            assert_eq!(whole.recovery.copied_keys, keys as u64, "{name}");
        }
        for at in 0..bytes.len() {
            let mut hurt = bytes.clone();
            // A bit at the bottom, a bit at the top, or all of them.
            hurt[at] ^= [0x01, 0x80, 0xff][at % 3];
            let (result, found) = salvage(&hurt);
            assert!(result.sound_up_to <= bytes.len() as u64, "{name} at {at}");
            assert!(found <= bytes.len(), "{name} at {at}: {found} keys");
            n += 1;
        }
    }
    assert!(n > 3000, "only {n}");
}
