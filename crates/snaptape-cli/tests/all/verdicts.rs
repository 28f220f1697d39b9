//! The first sentence people read: it must not promise what the findings below it take back.

use std::{fs, path::Path, process::Output};

use serde_json::Value;
use snaptape_testdata::tape;
use tempfile::TempDir;

use crate::run::{file, json, snaptape};

fn first_line(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or_default().to_owned()
}

fn check(path: &Path) -> (String, String, Value) {
    let path = path.to_str().unwrap();
    let text = snaptape(&["check", path]);
    let json = json(&snaptape(&["check", path, "--json"]));
    (first_line(&text), String::from_utf8_lossy(&text.stdout).into_owned(), json)
}

const MANIFEST: &str = "file a.aof.1.base.rdb seq 1 type b\nfile a.aof.1.incr.aof seq 1 type i\n";
const INCR: [&str; 4] = ["SELECT 0", "SET after:1 x", "SET after:2 x", "DEL after:1"];

/// An append-only directory with a base of Redis 7.4.
fn directory(manifest: Option<&str>, incr: &[&str]) -> TempDir {
    let home = TempDir::with_prefix("verdict").unwrap();
    fs::copy(file("rdb/redis-7.4.1/hfe.rdb"), home.path().join("a.aof.1.base.rdb")).unwrap();
    fs::write(home.path().join("a.aof.1.incr.aof"), tape(incr)).unwrap();
    if let Some(manifest) = manifest {
        fs::write(home.path().join("a.aof.manifest"), manifest).unwrap();
    }
    home
}

#[test]
fn without_a_manifest_a_server_starts_empty_and_nobody_calls_that_recovered() {
    let home = directory(None, &INCR);
    let (first, text, check) = check(home.path());
    assert!(first.starts_with("Redis 7.4 starts EMPTY, with 0 keys and none of this data"), "{first}");
    assert!(first.contains("The plan \"truncate\" writes the manifest again"), "{first}");
    assert_eq!(
        (&check["loads"]["default"]["starts"], &check["loads"]["default"]["holds"]),
        (&Value::Bool(true), &Value::from("nothing"))
    );
    for release in check["releases"].as_array().unwrap() {
        assert_eq!(
            (&release["loads"], &release["causes"][0]["kind"]),
            (&Value::Bool(false), &Value::from("starts_empty"))
        );
    }
    assert!(
        !text.lines().any(|line| line.trim_start().starts_with("Redis 7") && line.contains("yes")),
        "{text}"
    );
    // With one, it holds something again.
    let whole = directory(Some(MANIFEST), &INCR);
    let (first, _, check) = self::check(whole.path());
    assert!(first.starts_with("Sound. Redis 7.4 loads all "), "{first}");
    assert!(check["loads"]["default"].get("holds").is_none());
}

#[test]
fn what_a_missing_file_held_is_lost() {
    let listed = format!("{MANIFEST}file a.aof.2.incr.aof seq 2 type i\n");
    let home = directory(Some(&listed), &INCR);
    let (first, text, check) = check(home.path());
    assert_eq!(check["verdict"], "damaged");
    assert!(
        first.starts_with("Damaged: a.aof.2.incr.aof is not there, and what it held is lost."),
        "{first}"
    );
    assert!(!first.contains("offset") && !text.contains("left out. \n"), "{text}");
    let path = home.path().to_str().unwrap();
    let plan = json(&snaptape(&["repair", path, "--dry-run", "--json"]));
    assert_eq!(plan["plan"]["losses"]["missing"], 1, "{plan}");
    assert!(
        plan["plan"]["summary"].as_str().unwrap().contains("What a.aof.2.incr.aof held is lost"),
        "{plan}"
    );
    assert!(plan["plan"]["notes"][0].as_str().unwrap().contains("ARE MISSING"), "{plan}");

    fs::remove_file(home.path().join("a.aof.1.base.rdb")).unwrap();
    let (first, ..) = self::check(home.path());
    assert!(
        first.contains("a.aof.1.base.rdb and 1 more file are not there, and what they held is lost"),
        "{first}"
    );
}

#[test]
fn a_sound_file_of_an_old_writer_stays_sound() {
    let home = TempDir::with_prefix("verdict").unwrap();
    let old = home.path().join("old.rdb");
    for version in ["0001", "0002", "0003", "0004"] {
        fs::write(&old, [b"REDIS", version.as_bytes(), b"\xfe\x00\x00\x01a\x01b\xff"].concat()).unwrap();
        let (first, _, check) = check(&old);
        assert_eq!(
            (first.as_str(), &check["verdict"]),
            ("Sound. Redis 2.8 loads the one key.", &Value::from("sound"))
        );
    }
    // A version that says nothing of a release.
    let build = b"REDIS0011\xfa\x09redis-ver\x07255.255\xfe\x00\x00\x01a\x01b\xff\0\0\0\0\0\0\0\0";
    fs::write(&old, build).unwrap();
    let (first, ..) = check(&old);
    assert!(first.starts_with("Sound. Redis 8.10 loads the one key"), "{first}");
}

#[test]
fn a_release_that_does_not_read_a_file_does_not_damage_it() {
    let path = file("rdb/redis-7.4.1/hfe.rdb");
    let output = snaptape(&["check", &path, "--target", "redis-6.2"]);
    assert_eq!(first_line(&output), "Sound, but Redis 6.2 does not load hfe.rdb.");
    // Scripts ask for the target.
    assert_eq!(output.status.code(), Some(1));
    let both = [file("rdb/redis-8.2.3/hfe.rdb"), file("rdb/valkey-9.1.2/hfe.rdb")];
    let output = snaptape(&["check", &both[0], &both[1]]);
    let first = first_line(&output);
    assert!(
        first.starts_with("Sound, but the files come from different releases: Valkey 9.1 does not load"),
        "{first}"
    );
}

#[test]
fn keys_that_have_expired_are_not_loaded() {
    let home = TempDir::with_prefix("verdict").unwrap();
    let path = home.path().join("half.rdb");
    let key = |name: u8, at_ms: u64| [&[0xfc][..], &at_ms.to_le_bytes(), &[0, 1, name, 1, b'x']].concat();
    let file = [&b"REDIS0011\xfe\x00"[..], &key(b'a', 1), &key(b'b', u64::MAX / 4), b"\xff\0\0\0\0\0\0\0\0"]
        .concat();
    fs::write(&path, file).unwrap();
    let (first, ..) = check(&path);
    assert_eq!(first, "Sound. Redis 7.2 loads 1 of 2 keys; 1 has expired.");
}

#[test]
fn a_command_no_server_has_is_taken_out_alone() {
    let lines = [&INCR[..2], &["FOO.BAR a b", "SET after:3 x"]].concat();
    let home = directory(Some(MANIFEST), &lines);
    let (first, _, check) = check(home.path());
    assert!(first.starts_with("Recoverable: ") && first.contains("3 commands can be kept"), "{first}");
    assert_eq!(check["loads"]["default"]["starts"], false);
    let copy = home.path().join("copy");
    let path = home.path().to_str().unwrap();
    let repaired = snaptape(&["repair", path, "--plan", "salvage", "--out", copy.to_str().unwrap()]);
    assert!(repaired.status.success(), "{}", String::from_utf8_lossy(&repaired.stderr));
    let incr = fs::read_to_string(copy.join("a.aof.1.incr.aof")).unwrap();
    assert_eq!(incr, tape([&lines[..2], &lines[3..]].concat()));
    // Nobody would say of it what is said of a FLUSHALL.
    let offset = tape(&lines[..2]).len();
    let plan = snaptape(&[
        "repair",
        path,
        "--plan",
        "without",
        "--command",
        &format!("a.aof.1.incr.aof:{offset}"),
        "--dry-run",
    ]);
    let said = String::from_utf8_lossy(&plan.stdout).into_owned() + &String::from_utf8_lossy(&plan.stderr);
    assert!(!said.contains("without what comes back"), "{said}");
}

#[test]
fn a_cache_filled_in_one_go_is_no_accident() {
    let filled = (0..200).map(|n| format!("SET c:{n} x PXAT 4000000000000"));
    let lines: Vec<String> = ["SELECT 0".to_owned()].into_iter().chain(filled).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let home = directory(Some(MANIFEST), &lines);
    let (first, ..) = check(home.path());
    assert!(
        first.starts_with("Sound. Redis 7.4 loads all ") && first.contains("and then holds 2"),
        "{first}"
    );
    // The same headline says what a FLUSHALL leaves.
    let home = directory(Some(MANIFEST), &["SELECT 0", "SET a 1", "FLUSHALL", "SET b 1", "SET c 1"]);
    let (first, ..) = check(home.path());
    assert!(
        first.starts_with("Sound, but there is a FLUSHALL on the tape: ")
            && first.ends_with("after it, 2 keys."),
        "{first}"
    );
}
