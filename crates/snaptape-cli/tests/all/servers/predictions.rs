//! `snaptape check`: what it says the check tool and the server do, and what they did.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use snaptape_testdata::{Case, Keyspace, programs, recorded_keyspace};

use super::{Rates, VARIES, check, damage, damaged, file_name, is_own, put, tool_target};

/// Does a start after this damage tell nothing about the next one?
fn varies(case: &Case, crashed: bool) -> bool {
    crashed && VARIES.contains(&damage(case))
}

/// Before 7.0 the check tool asks for -1 bytes of memory and crashes, or says that it cannot have them.
fn tool_is_lost(case: &Case) -> bool {
    damage(case) == "bulk-length-negative"
        && ["redis-5", "redis-6"].iter().any(|old| case.server.starts_with(old))
}

fn ok_up_to(report: &Value) -> BTreeMap<String, u64> {
    let files = report["check_tool"]["files"].as_array().expect("files");
    files
        .iter()
        .map(|file| (file_name(file["file"].as_str().unwrap()), file["ok_up_to"].as_u64().unwrap()))
        .collect()
}

/// Notes whether each database has as many keys as were predicted, and whether one number was predicted and not two bounds.
fn note_keys(rates: &mut Rates, case: &str, load: &Value, keyspace: &Keyspace) {
    let Some(predicted) = load["keys"].as_array() else {
        // Left out where there are none; and a snapshot without a tape is not replayed.
        return;
    };
    let bounds: BTreeMap<u64, (u64, u64)> = predicted
        .iter()
        .map(|db| {
            let number = |field: &str| db[field].as_u64().unwrap();
            (number("db"), (number("keys_min"), number("keys_max")))
        })
        .collect();
    let all: BTreeSet<u64> = bounds.keys().chain(keyspace.keys()).copied().collect();
    for db in all {
        let (least, most) = bounds.get(&db).copied().unwrap_or_default();
        let (keys, _) = keyspace.get(&db).copied().unwrap_or_default();
        let within = if (least..=most).contains(&keys) { (least, most) } else { (keys, keys) };
        rates.note("keys", case, (db, (least, most)), (db, within));
        rates.note("keys exactly", case, least, most);
    }
}

#[test]
fn servers_did_what_is_predicted() {
    let mut rates = Rates::default();
    for case in damaged() {
        let report = check(&case.path, &case.server);
        let name = case.name.as_str();
        let tool = &case.sidecar["check_aof"];
        if !tool_is_lost(&case) {
            rates.note("tool exit", name, report["check_tool"]["exit"].as_i64(), tool["exit"].as_i64());
            let theirs = tool["analyzed"].as_array().into_iter().flatten();
            let theirs: BTreeMap<String, u64> = theirs
                .map(|file| (file["file"].as_str().unwrap().into(), file["ok_up_to"].as_u64().unwrap()))
                .collect();
            // What the tool says of a snapshot alone is no `ok_up_to`.
            if report["check_tool"]["tool"].as_str().unwrap().ends_with("check-aof") {
                rates.note("tool ok_up_to", name, ok_up_to(&report), theirs);
            }
        }
        for (setting, load) in [("yes", "default"), ("no", "strict")] {
            let server = &case.sidecar[format!("server, aof-load-truncated {setting}").as_str()];
            let started = server["started"].as_bool().unwrap();
            let load = &report["loads"][load];
            if varies(&case, server["exit"].as_i64().is_some_and(|exit| exit < 0)) {
                continue;
            }
            rates.note("starts", name, load["starts"].as_bool(), Some(started));
            if !started {
                continue;
            }
            if let Some(left) = left(&case, setting, load["file"].as_str().unwrap()) {
                rates.note("bytes left", name, load["kept_up_to"].as_u64(), Some(left));
            }
            if !VARIES.contains(&damage(&case)) {
                note_keys(&mut rates, name, load, &recorded_keyspace(&server["keyspace"]));
            }
        }
    }
    rates.at_least("tool exit", 100, 75);
    rates.at_least("tool ok_up_to", 100, 70);
    rates.at_least("starts", 99, 150);
    rates.at_least("bytes left", 100, 50);
    rates.at_least("keys", 99, 100);
    rates.at_least("keys exactly", 90, 100);
}

/// How long the file was after the server had started.
fn left(case: &Case, setting: &str, file: &str) -> Option<u64> {
    let after =
        case.sidecar[format!("server, aof-load-truncated {setting}").as_str()]["files_after"].as_object()?;
    let (_, after) = after.iter().find(|(path, _)| file_name(path) == file_name(file))?;
    after["size"].as_u64()
}

#[test]
fn servers_do_what_is_predicted() {
    for program in programs() {
        let mut rates = Rates::default();
        for case in damaged().into_iter().filter(|case| is_own(case, &program)) {
            let report = check(&case.path, &program.release);
            let name = case.name.as_str();
            if !tool_is_lost(&case) {
                let dir = tempfile::tempdir().unwrap();
                put(&case, dir.path());
                let tool = program.check_aof(&tool_target(dir.path()), false);
                rates.note(
                    "tool exit",
                    name,
                    report["check_tool"]["exit"].as_i64(),
                    tool.exit.map(i64::from),
                );
                if report["check_tool"]["tool"].as_str().unwrap().ends_with("check-aof") {
                    // Before 7.0 it names no file, and there is only one.
                    let named = |path: String| {
                        if path.is_empty() { "appendonly.aof".into() } else { file_name(&path) }
                    };
                    let theirs = tool.ok_up_to().into_iter().map(|(path, ok)| (named(path), ok)).collect();
                    rates.note("tool ok_up_to", name, ok_up_to(&report), theirs);
                }
            }
            for (truncated, load) in [(true, "default"), (false, "strict")] {
                let load = &report["loads"][load];
                let dir = tempfile::tempdir().unwrap();
                put(&case, dir.path());
                let started = program.start_tape(dir.path(), truncated);
                if varies(&case, started.as_ref().is_err_and(|failure| failure.signal.is_some())) {
                    continue;
                }
                rates.note("starts", name, load["starts"].as_bool(), Some(started.is_ok()));
                if let Ok(mut server) = started
                    && !VARIES.contains(&damage(&case))
                {
                    note_keys(&mut rates, name, load, &server.keyspace());
                }
            }
        }
        println!("{}:", program.release);
        // The corpus has no damaged tapes of some of the releases.
        if rates.0.is_empty() {
            println!("there are none of its damaged tapes");
            assert_ne!(program.release, "redis-7.0.15");
            continue;
        }
        rates.at_least("tool exit", 100, 40);
        rates.at_least("tool ok_up_to", 100, 40);
        rates.at_least("starts", 99, 80);
        rates.at_least("keys", 99, 30);
    }
}
