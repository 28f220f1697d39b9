//! `snaptape key` of a module's value.

use std::process::Command;

use snaptape_testdata::{Server, debian};

use crate::run::{file, json, said, snaptape};

#[test]
fn values_of_modules_have_names() {
    let file = file("modules/redis-7.4.1.rdb");
    let key = |args: &[&str]| said(&[&["key", file.as_str(), "--name"], args].concat());
    let (status, text, _) = key(&["ts:plain"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("\nTime series: 300 samples from 2023-11-14 22:13:21 UTC to "), "{text}");
    assert!(text.contains("\n         1  retention  315360000000 (3,650 days)\n"), "{text}");
    assert!(text.contains("\n        11  label 1  room=kitchen\n"), "{text}");
    // 16 rows stand before the samples.
    assert!(text.ends_with("\n... and 216 behind them: --elements 100..\n"), "{text}");
    let (_, text, _) = key(&["ts:plain", "--elements", "315.."]);
    assert!(
        text.ends_with("\n       315  1705101226598 (2024-01-12 23:13:46 UTC)  29.900000000000002\n"),
        "{text}"
    );

    let (_, text, _) = key(&["json:array"]);
    assert!(text.ends_with("\narray (0)\n"), "{text}");
    let (_, text, notes) = key(&["json:text", "--commands"]);
    assert_eq!(text, "SELECT 0\nJSON.SET \"json:text\" $ \"\\\"plain\\\"\"\n");
    assert!(notes.contains("needs a module that has JSON.SET"), "{notes}");
    let (status, text, why) = key(&["cms", "--commands"]);
    assert!(status != Some(0) && text.is_empty() && why.contains("RESTORE takes it over"), "{text}{why}");

    let document = json(&snaptape(&["key", &file, "--name", "bloom:one", "--json"]));
    let module = &document["figures"]["module"];
    assert_eq!((&module["encoding_version"], &module["is_named"]), (&4.into(), &true.into()));
    assert_eq!(document["elements"][4]["label"], "sub-filter 1: capacity");
    assert_eq!(document["elements"][4]["strings"][0]["text"], "100");
}

#[test]
fn scores_that_may_be_positions_are_shown_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("geo.rdb");
    let mut bytes = b"REDIS0009\xfe\x00\x05\x03geo\x03".to_vec();
    for (member, score) in [("n", 7.0), ("p", 3_479_099_956_230_698.0), ("e", 10_133_099_161_583_616.0_f64)] {
        bytes.extend([1, member.as_bytes()[0]]);
        bytes.extend(score.to_le_bytes());
    }
    bytes.push(0xff);
    bytes.extend([0; 8]);
    std::fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap();
    let (_, text, _) = said(&["key", path, "--name", "geo"]);
    assert!(text.contains("  p  3479099956230698  (as a geo position 13.361389, 38.115556)\n"), "{text}");
    assert!(text.contains("(as a geo position 180.000000, 0.000001)\n"), "{text}");
    assert!(text.contains("  n  7\n"), "{text}");
    let document = json(&snaptape(&["key", path, "--name", "geo", "--json"]));
    assert_eq!(document["elements"][1]["if_geo"]["longitude"], "13.361389");
}

#[test]
fn a_long_payload_is_restored_by_the_command_that_is_named() {
    let program = debian();
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path();
    let server = || {
        Server::start(
            &program.server,
            dir,
            &[("dbfilename", "dump.rdb"), ("enable-debug-command", "yes"), ("rdbcompression", "no")],
        )
        .unwrap()
    };
    let keys: [(&str, &[&str]); 3] = [
        ("it's long", &["PXAT", "4102444800000"]),
        ("plain:long", &[]),
        ("two\nlines", &["PXAT", "4102444800000"]),
    ];
    {
        let mut server = server();
        server.ask(&[vec!["SELECT", "3"]]);
        for (name, ttl) in &keys {
            let value = name.repeat(4_000);
            server.ask(&[[&["SET", *name, value.as_str()], *ttl].concat()]);
        }
        server.ask(&[vec!["SAVE"]]);
    }
    let dump = dir.join("dump.rdb").to_string_lossy().into_owned();
    let mut server = server();
    let before = server.dump_all();
    server.ask(&[vec!["FLUSHALL"]]);
    for (name, _) in &keys {
        let (status, out, why) = said(&["key", &dump, "--name", name, "--restore"]);
        assert!(status != Some(0) && out.is_empty(), "{name}");
        let (_, command) = why.split_once("with --raw > FILE, then ").expect("what to do");
        if name.contains('\n') {
            assert_eq!(command.trim(), "redis-cli -x RESTORE KEY 0 < FILE");
            continue;
        }
        let payload = dir.join("payload");
        let raw = snaptape(&["key", &dump, "--name", name, "--raw"]);
        std::fs::write(&payload, raw.stdout).unwrap();
        let socket = format!("redis-cli -s {} ", server.socket().display());
        let command = command.trim().replacen("redis-cli ", &socket, 1);
        let command = command.replace("< FILE", &format!("< {}", payload.display()));
        let answer = Command::new("sh").args(["-c", &command]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&answer.stdout).trim(), "OK", "{command}: {answer:?}");
    }
    let wanted = before.into_iter().filter(|((_, name), _)| !name.contains(&b'\n')).collect();
    let after = server.dump_all();
    assert!(after.len() == 2 && after == wanted, "{:?}", after.keys());
}
