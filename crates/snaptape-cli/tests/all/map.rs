//! `snaptape map` as scripts use it.

use serde_json::Value;

use crate::run::{file, snaptape};

#[test]
fn the_document_adds_up_to_the_report() {
    let file = file("rdb/redis-7.4.1/hfe.rdb");
    let report: Value = serde_json::from_slice(&snaptape(&["inspect", "--json", &file]).stdout).unwrap();
    let output = snaptape(&["map", "--by", "type,encoding,pattern", "--json", &file]);
    assert!(output.status.success());
    let map: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(map["schema"], "snaptape/map/1");
    assert_eq!(map["nesting"], serde_json::json!(["type", "encoding", "pattern"]));
    assert_eq!(map["target"], report["target"]);
    let all = &map["nodes"][0];
    for measure in ["keys", "memory_bytes", "file_bytes", "payload_bytes"] {
        assert_eq!(all["sums"][measure], report["dataset"]["totals"][measure], "{measure}");
    }
    let of_types: u64 = map["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|node| node["kind"] == "type")
        .map(|node| node["sums"]["memory_bytes"].as_u64().unwrap())
        .sum();
    assert_eq!(of_types, all["sums"]["memory_bytes"].as_u64().unwrap());
}

#[test]
fn the_table_is_sorted_by_what_was_asked_for() {
    let output = snaptape(&["map", "--measure", "keys", "--least", "0", &file("rdb/redis-7.4.1/hfe.rdb")]);
    let text = String::from_utf8(output.stdout).unwrap();
    let mut lines = text.lines();
    assert!(lines.next().unwrap().contains("of keys"), "{text}");
    assert!(lines.next().unwrap().trim_start().starts_with("all keys"), "{text}");
    assert!(lines.next().is_some(), "{text}");
}

#[test]
fn what_cannot_be_mapped_is_said() {
    let output = snaptape(&["map", "--by", "colour", &file("rdb/redis-7.4.1/hfe.rdb")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("there are pattern, type"));
    let tape = tempfile::NamedTempFile::with_suffix(".aof").unwrap();
    std::fs::write(&tape, "*1\r\n$8\r\nFLUSHALL\r\n").unwrap();
    let output = snaptape(&["map", &tape.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("maps are of the keys of snapshots"));
}
