//! `snaptape bytes`, as scripts and people see it.

use std::fs;

use serde_json::Value;

use crate::run::said;

const SNAPSHOT: &[u8] = b"REDIS0009\xfa\x09redis-ver\x056.2.5\xfe\x02\xfb\x01\x01\xfc\x00\xe4\x0b\x54\x02\x00\x00\x00\x00\x05greet\x05hello\xff\0\0\0\0\0\0\0\0";

fn made(name: &str, bytes: &[u8]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let path = path.to_string_lossy().into_owned();
    (folder, path)
}

#[test]
fn every_byte_has_a_name() {
    let (_folder, path) = made("dump.rdb", SNAPSHOT);
    let (status, out, error) = said(&["bytes", &path, "--at", "0x1f", "--length", "20"]);
    assert_eq!((status, error.as_str()), (Some(0), ""));
    for line in [
        "0x0000001f  fc                           opcode EXPIRETIME_MS  0xFC",
        "0x00000028  00                         type  0: string",
        "0x00000029  05                           length  5",
        "0x0000002a  67 72 65 65 74               bytes  \"greet\"",
        "  key  \"greet\"",
    ] {
        assert!(out.contains(line), "{line} is not in\n{out}");
    }
}

#[test]
fn damage_says_what_belongs_there() {
    let mut bytes = SNAPSHOT.to_vec();
    bytes[0x28] = 0x4d;
    let (_folder, path) = made("dump.rdb", &bytes);
    let (status, out, _) = said(&["bytes", &path, "--at", "0x1f", "--json"]);
    assert_eq!(status, Some(0));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["schema"], "snaptape/bytes/1");
    let spans = report["page"]["spans"].as_array().unwrap();
    let damage = &spans[0]["children"][1];
    assert_eq!(spans[0]["kind"], "damage");
    assert_eq!((damage["kind"].as_str(), damage["start"].as_u64()), (Some("damage"), Some(0x28)));
    assert!(damage["value"].as_str().unwrap().contains("0x4d"), "{damage}");
    assert!(!report["findings"].as_array().unwrap().is_empty());
}

#[test]
fn bytes_are_found() {
    let (_folder, path) = made("dump.rdb", SNAPSHOT);
    assert_eq!(said(&["bytes", &path, "--find", "hello"]).1, "0x30\t48\n");
    assert_eq!(said(&["bytes", &path, "--find", "0xfe02"]).1, "0x1a\t26\n");
    assert_eq!(said(&["bytes", &path, "--find", "bye"]).0, Some(1));
    let (status, _, error) = said(&["bytes", &path, "--find", "0xf"]);
    assert_eq!(status, Some(2));
    assert!(error.contains("two digits make a byte"), "{error}");
}

#[test]
fn which_file_is_asked_where_there_are_several() {
    let (_one, a) = made("a.rdb", SNAPSHOT);
    let (_two, b) = made("b.rdb", SNAPSHOT);
    let (status, _, error) = said(&["bytes", &a, &b]);
    assert_eq!(status, Some(2));
    assert!(error.contains("say with --file which one"), "{error}");
    assert_eq!(said(&["bytes", &a, &b, "--file", "b.rdb"]).0, Some(0));
    let (_, _, error) = said(&["bytes", &a, "--at", "9999"]);
    assert!(error.contains("has only 62 bytes"), "{error}");
}
