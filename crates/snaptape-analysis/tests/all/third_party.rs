//! The test dumps of other projects: what real servers load we read with the same key counts, what they refuse is named.
//! What is inside the keys is compared in `third_party_values`.
//!
//! They are for reading only, so the repository has none of them: these tests compare where the full corpus lies beside the checkout.

use std::collections::BTreeMap;

use serde_json::Value;
use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan};
use snaptape_aof::{Command, CommandSink, TapeScan};
use snaptape_report::{FindingKind, Severity};
use snaptape_testdata::{json, read, third_party};
use snaptape_wire::{Limits, Release};

/// When the servers were asked: the age they gave plus the time of the save.
const ASKED_MS: i64 = 1_795_374_000_000;
const SERVERS: [&str; 3] = ["redis-6.2.5", "redis-8.2.3", "valkey-9.1.2"];

#[derive(Debug, Clone)]
struct Key {
    db: u64,
    type_name: String,
    elements: Option<u64>,
    expired: bool,
}

/// How many dumps there are at least.
const N_DUMPS: usize = 137;

fn scan(bytes: &[u8]) -> (SnapshotResult, Vec<Key>) {
    let options = SnapshotOptions { now_ms: ASKED_MS, deep: true, ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new("x.rdb", options);
    let mut keys = Vec::new();
    scan.feed(bytes, true, |key| {
        keys.push(Key {
            db: key.db,
            type_name: key.type_name.into(),
            elements: key.elements,
            expired: key.expired_now,
        });
    });
    (scan.finish(), keys)
}

/// Keys per database that a server keeps: neither expired nor empty.
fn kept(keys: &[Key]) -> BTreeMap<u64, u64> {
    let mut kept = BTreeMap::new();
    for key in keys {
        let empty = key.elements == Some(0) && !matches!(key.type_name.as_str(), "string" | "stream");
        if !key.expired && !empty {
            *kept.entry(key.db).or_default() += 1;
        }
    }
    kept
}

/// `db0: keys=3,expires=0,...` as numbers.
fn keyspace(outcome: &Value) -> BTreeMap<u64, u64> {
    outcome["keyspace"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(db, line)| {
            let keys = line.as_str().unwrap().split(',').next().unwrap().strip_prefix("keys=").unwrap();
            (db.strip_prefix("db").unwrap().parse().unwrap(), keys.parse().unwrap())
        })
        .collect()
}

#[test]
fn what_a_server_loads_is_read_with_the_same_keys() {
    let Some(corpus) = third_party() else { return };
    let (mut files, mut answers, mut keys_read, mut wrong) = (0, 0, 0, vec![]);
    for case in json(&corpus.join("outcomes.json")).as_array().unwrap() {
        let name = case["file"].as_str().unwrap();
        let (result, keys) = scan(&read(&corpus.join(name)));
        files += 1;
        for server in SERVERS {
            if case[server]["loads"] != true {
                continue;
            }
            answers += 1;
            keys_read += keys.len();
            if !result.complete {
                wrong.push(format!("{name}: {server} loads it, we stop: {:?}", result.error));
            }
            let (ours, theirs) = (kept(&keys), keyspace(&case[server]));
            if ours != theirs {
                wrong.push(format!("{name}: {server} has {theirs:?}, we read {ours:?}"));
            }
        }
    }
    println!("{}: {files} dumps, {answers} times loaded by a server, {keys_read} keys", corpus.display());
    assert!(files >= N_DUMPS, "{}: only {files} dumps", corpus.display());
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What no server loads: what is wrong with it, and the first byte concerned. `None`: nothing is wrong with the file, the
/// servers merely lack the module, or refuse the release that wrote it.
fn refused(name: &str) -> Option<(FindingKind, u64)> {
    match name {
        // Modules the servers do not have.
        "redis-librdb/module.rdb"
        | "redis-librdb/module_aux.rdb"
        | "redis-librdb/module_aux_empty.rdb"
        | "redis-librdb/misc_with_stream.rdb"
        | "sripathikrishnan-redis-rdb-tools/redis_40_with_module.rdb"
        | "sripathikrishnan-redis-rdb-tools/redis_60_with_module_aux.rdb" => None,
        // Functions as a release candidate of 7.0 wrote them: only 7.0 loads these.
        "leonchen83-redis-replicator/function.rdb" => None,
        // The check tool of 8.2.3 stops at the opcode, offset 280, and says 281.
        "redis-librdb/redis_ent_opcode_ram_lru.rdb" => Some((FindingKind::Fork, 280)),
        "redis-librdb/future_v19.rdb" => Some((FindingKind::Unsupported, 0)),
        "leonchen83-redis-replicator/module.rdb" => Some((FindingKind::Unsupported, 1257)),
        "HDT3213-rdb/zipmap_big_len.rdb" => Some((FindingKind::BadValue, 35)),
        "valkey-io-valkey/corrupt-dump/008-type18.rdb" => Some((FindingKind::BadValue, 17)),
        "valkey-io-valkey/corrupt-dump/010-type15.rdb" => Some((FindingKind::BadValue, 34)),
        "valkey-io-valkey/corrupt-dump/018-type0.rdb" => Some((FindingKind::Truncated, 25)),
        "valkey-io-valkey/corrupt-dump/019-type15.rdb" => Some((FindingKind::Truncated, 192)),
        // Where a length belongs there is a string encoding; servers read on with its low bits and stop a little later.
        "valkey-io-valkey/corrupt-dump/024-type14.rdb"
        | "valkey-io-valkey/corrupt-dump/026-type4.rdb"
        | "valkey-io-valkey/corrupt-dump/033-type19.rdb" => Some((FindingKind::Malformed, 14)),
        "valkey-io-valkey/corrupt-dump/028-type15.rdb" => Some((FindingKind::BadValue, 219)),
        "valkey-io-valkey/corrupt-dump/031-type14.rdb" => Some((FindingKind::BadValue, 66)),
        "valkey-io-valkey/corrupt-dump/032-type5.rdb" => Some((FindingKind::BadValue, 102)),
        "valkey-io-valkey/corrupt-dump/034-type19.rdb" => Some((FindingKind::Malformed, 101)),
        _ => panic!("{name}: refused by every server, and nobody has said why"),
    }
}

/// Offset of the last line of the check tool that is not its verdict on the version.
fn check_tool_offset(outcome: &Value) -> Option<u64> {
    if outcome["check_rdb_exit"] == 0 {
        return None;
    }
    let lines = outcome["check_rdb_last"].as_array().unwrap();
    let line = lines.iter().filter_map(Value::as_str).rfind(|line| {
        line.starts_with("[offset ") && !line.contains("AUX FIELD") && !line.contains("RDB format version")
    })?;
    let offset = line.strip_prefix("[offset ")?.split(']').next()?.parse().ok()?;
    // The first line names the file, the second one a database.
    (offset > 11).then_some(offset)
}

#[test]
fn what_no_server_loads_is_named() {
    let Some(corpus) = third_party() else { return };
    let (mut files, mut named, mut offsets, mut wrong) = (0, 0, 0, vec![]);
    for case in json(&corpus.join("outcomes.json")).as_array().unwrap() {
        let name = case["file"].as_str().unwrap();
        if SERVERS.iter().any(|server| case[*server]["loads"] == true) {
            continue;
        }
        files += 1;
        let (result, _) = scan(&read(&corpus.join(name)));
        let found: Vec<_> = result.findings.iter().map(|f| (f.severity, f.kind, f.start)).collect();
        let Some((kind, at)) = refused(name) else {
            if !result.complete || found.iter().any(|(severity, ..)| *severity == Severity::Error) {
                wrong.push(format!("{name}: nothing is wrong with it, but {found:?}"));
            }
            continue;
        };
        named += 1;
        if !found.iter().any(|(_, k, start)| (*k, *start) == (kind, at)) {
            wrong.push(format!("{name}: expected {kind:?} at {at}, found {found:?}"));
        }
        // The tools name the place they had come to when they noticed: behind the first wrong byte, never before it.
        for server in SERVERS {
            if let Some(theirs) = check_tool_offset(&case[server]) {
                offsets += 1;
                // 018: the tool's place is where the length stands, ours where the bytes run out.
                if at > theirs && !name.ends_with("018-type0.rdb") {
                    wrong.push(format!("{name}: {server} stops at {theirs}, we say {at}"));
                }
            }
        }
    }
    println!("{}: {files} dumps refused, {named} for what is in them, {offsets} offsets", corpus.display());
    assert!(files >= 18 && named >= 12 && offsets >= 10, "{files} {named} {offsets}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[derive(Default)]
struct Count(u64);

impl CommandSink for Count {
    fn command(&mut self, _command: &Command<'_>) {
        self.0 += 1;
    }
}

/// The few tapes: commands as counted by hand, and the snapshots before them.
#[test]
fn tapes_are_read_to_their_end() {
    let Some(corpus) = third_party() else { return };
    for (name, keys, commands) in [
        ("leonchen83-redis-replicator/appendonly1.aof", 0, 4),
        ("leonchen83-redis-replicator/appendonly5.aof", 0, 71),
        ("leonchen83-redis-replicator/appendonly6.aof", 0, 72),
        ("leonchen83-redis-replicator/appendonly7.aof", 0, 4),
        ("valkey-io-valkey/rdb-preamble.aof", 2, 2),
    ] {
        let bytes = read(&corpus.join(name));
        let mut start = 0;
        let mut n_keys = 0;
        if bytes.starts_with(b"REDIS") {
            let (result, keys) = scan(&bytes);
            assert!(result.complete, "{name}: {:?}", result.error);
            (start, n_keys) = (result.end, keys.len());
        }
        let mut count = Count::default();
        let mut tape = TapeScan::new(start, bytes.len() as u64, Release::redis(7, 4), Limits::default());
        tape.feed(&bytes[usize::try_from(start).unwrap()..], &mut count);
        let facts = tape.finish(&mut count);
        assert!(facts.is_sound(), "{name}: {facts:?}");
        assert_eq!((n_keys, count.0), (keys, commands), "{name}");
    }
}
