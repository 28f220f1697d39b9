//! `snaptape commands` and what `inspect` says of a tape, as scripts and people see it.

use std::{fs, path::Path};

use serde_json::Value;

use snaptape_testdata::tape;

use crate::run::said;

fn made(folder: &Path) -> String {
    let path = folder.join("appendonly.aof");
    let lines = [
        "SELECT 0",
        "#TS:1700000000",
        "SET user:1 a\u{7f}b",
        "SET user:2 x",
        "#TS:1700000060",
        "MULTI",
        "SELECT 3",
        "HSET h f needle",
        "EXEC",
        "FLUSHALL",
        "DEL user:1 user:2",
    ];
    fs::write(&path, tape(lines)).unwrap();
    path.to_string_lossy().into_owned()
}

fn rows(args: &[&str]) -> Vec<Value> {
    let (status, out, error) = said(&[&["commands", "--format", "jsonl"], args].concat());
    assert_eq!(status, Some(0), "{error}");
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn commands_are_listed_filtered_and_jumped_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = made(folder.path());
    let all = rows(&[&file]);
    assert_eq!(all.len(), 9);
    let names = |more: &[&str]| -> Vec<String> {
        let rows = rows(&[&[file.as_str()], more].concat());
        rows.iter().map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&["--name", "set,exec"]), ["SET", "SET", "EXEC"]);
    assert_eq!(names(&["--match", "user:*", "--writes"]), ["SET", "SET", "DEL"]);
    assert_eq!(names(&["--db", "3", "--limit", "2"]), ["SELECT", "HSET"]);
    assert_eq!(names(&["--grep", "needle"]), ["HSET"]);
    assert_eq!(names(&["--destructive"]), ["FLUSHALL"]);
    assert_eq!(names(&["--from", "#7"]), ["FLUSHALL", "DEL"]);
    assert_eq!(names(&["--from", "2023-11-14T22:14:20Z", "--limit", "1"]), ["MULTI"]);
    assert_eq!(names(&["--to", "2023-11-14 22:14:20 UTC"]), ["SET", "SET"]);
    let offset = all[7]["offset"].to_string();
    assert_eq!(names(&["--from", &offset]), ["FLUSHALL", "DEL"]);
    assert_eq!(
        names(&["--from", "24", "--to", &offset, "--file", "appendonly.aof", "--name", "SET"]),
        ["SET", "SET"]
    );
    assert_eq!(all[1]["arguments"][1]["text"], "a\\x7fb");
    let (_, text, _) = said(&["commands", &file, "--name", "HSET"]);
    assert!(text.contains("2023-11-14 22:14:20 UTC  db 3  | HSET h f needle"), "{text}");
}

#[test]
fn damage_and_what_stands_behind_it_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("torn.aof");
    let front = tape(["SELECT 1", "SET a 1"]);
    let hole = "\0".repeat(4096);
    fs::write(&file, [front.as_str(), &hole, &tape(["SET b 2", "SELECT 3", "SET c 3"])].concat()).unwrap();
    let file = file.to_string_lossy();
    let (status, text, _) = said(&["commands", &file]);
    assert_eq!(status, Some(1));
    let lines: Vec<&str> = text.lines().skip(1).map(str::trim_start).collect();
    let expected = [
        "0  db 1  SELECT 1".to_owned(),
        "23  db 1  SET a 1".to_owned(),
        "50  -- from here on no server reads the file as it is --".to_owned(),
        "50  -- 4,096 bytes at 50 (0x32) cannot be read --".to_owned(),
        "4146  db ?  SET b 2".to_owned(),
        "4173  db 3  SELECT 3".to_owned(),
        "4196  db 3  SET c 3".to_owned(),
    ];
    assert_eq!(lines, expected);
    let (_, out, _) = said(&["commands", "--format", "jsonl", "--from", "1000", &file]);
    let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["unreadable_bytes"]), (4, &Value::from(4096)));
    assert_eq!((&rows[1]["behind_damage"], &rows[1]["db"]), (&Value::from(true), &Value::Null));
    assert_eq!((rows[1].get("number"), rows[1].get("unreadable_bytes")), (None, None));
    let (_, text, _) = said(&["commands", "--name", "set", &file]);
    assert_eq!(text.lines().filter(|line| line.contains("SET")).count(), 3);
    assert!(!text.contains("cannot be read"), "{text}");
    // Nothing good stands in front of the damage.
    let file = folder.path().join("front.aof");
    fs::write(&file, ["*1\r\n$9\r\nF", &hole, &tape(["SET b 2", "SET c 3"])].concat()).unwrap();
    let (_, text, error) = said(&["commands", &file.to_string_lossy()]);
    assert_eq!(text.lines().filter(|line| line.contains("SET")).count(), 2, "{text}{error}");
}

#[test]
fn what_cannot_be_listed_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = made(folder.path());
    for (args, why) in [
        (&["--from", "soon"][..], "neither an offset"),
        (&["--from", "#99"], "the last one has number 8"),
        (&["--file", "other.aof"], "appendonly.aof"),
        (&["--to", "#3"], "--limit"),
    ] {
        let (status, out, error) = said(&[&["commands", file.as_str()], args].concat());
        assert_eq!((status, out.as_str()), (Some(2), ""), "{args:?}");
        assert!(error.contains(why), "{args:?}: {error}");
    }
    let dump = folder.path().join("dump.rdb");
    fs::write(&dump, b"REDIS0001\x00\x01k\x01v\xff").unwrap();
    let (status, _, error) = said(&["commands", &dump.to_string_lossy()]);
    assert_eq!(status, Some(2));
    assert!(error.contains("there are no commands"), "{error}");
}

#[test]
fn inspect_names_the_accident_before_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    let file = made(folder.path());
    let (_, text, _) = said(&["inspect", &file]);
    // The findings come before.
    let text = &text[text.find("\n9 commands").expect("the tape")..];
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is not in {text}"));
    let order = [
        "9 commands",
        "FLUSHALL at 2023-11-14 22:14:20 UTC removes all keys of all databases (3 keys)",
        "commands per second on average",
        "2 commands in transactions, 2 in the largest",
        "keys like",
        "busiest keys",
    ];
    for pair in order.windows(2) {
        assert!(at(pair[0]) < at(pair[1]), "{pair:?}: {text}");
    }
    let (_, json, _) = said(&["inspect", &file, "--json"]);
    let report: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["tape"]["destructive"][0]["kind"], "flushall");
    assert_eq!(report["tape"]["rate"]["busiest"]["commands"], 6);
}
