//! The table of commands against what eight servers answer to COMMAND.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use snaptape_aof::{
    CommandSpec,
    commands::{Effect, all},
    find,
};
use snaptape_wire::Release;

/// What a server says of a command: arity, `write` or `readonly`, first key, last key, step.
type Answer = (i64, String, (i64, i64, i64));

fn servers() -> Vec<(String, BTreeMap<String, Answer>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/commands");
    let mut paths: Vec<_> =
        fs::read_dir(folder).expect("testdata").map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let answer: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
            let row = |row: &Value| {
                let number = |at: usize| row[at].as_i64().unwrap();
                let name = row[0].as_str().unwrap().to_ascii_uppercase();
                (name, (number(1), row[2].as_str().unwrap().to_string(), (number(3), number(4), number(5))))
            };
            let rows = answer["commands"].as_array().unwrap().iter().map(row).collect();
            (answer["server"].as_str().unwrap().to_string(), rows)
        })
        .collect()
}

#[test]
fn the_table_says_what_the_servers_say() {
    let mut compared = 0;
    let servers = servers();
    assert_eq!(servers.len(), 8);
    for (server, answers) in &servers {
        let release: Release = server.parse().unwrap();
        for spec in all() {
            assert_eq!(
                spec.known_to(release),
                answers.contains_key(spec.name()),
                "{server}: is {} known?",
                spec.name()
            );
        }
        for (name, (arity, flag, keys)) in answers.iter().filter(|(name, _)| !name.contains('|')) {
            let spec = find(name.as_bytes()).unwrap_or_else(|| panic!("{server}: no row for {name}"));
            assert_eq!(spec.arity(release), *arity, "{server}: {name}");
            assert_eq!(spec.key_positions(release), *keys, "{server}: {name}");
            // What stands behind a container's name decides; the row speaks for those that write.
            let inside = format!("{name}|");
            let inside = answers.range(inside.clone()..).take_while(|(name, _)| name.starts_with(&inside));
            let writes = flag == "write" || inside.into_iter().any(|(_, (_, flag, _))| flag == "write");
            // SCRIPT has no flag; up to Redis 6.2 it is written to the tape as it came. KeyDB and old servers alike.
            assert_eq!(spec.effect() == Effect::Write, writes || name == "SCRIPT", "{server}: {name}");
            assert!(spec.effect() != Effect::Read || flag == "readonly", "{server}: {name} {flag}");
            compared += 1;
        }
    }
    println!("{compared} commands of {} servers", servers.len());
    assert!(compared > 1_900, "{compared}");
}

#[test]
fn subcommands_are_those_of_the_servers() {
    for (server, answers) in servers().iter().filter(|(server, _)| server != "redis-6.2.5") {
        for (name, _) in answers {
            let Some((container, word)) = name.split_once('|') else { continue };
            let spec = find(container.as_bytes()).unwrap();
            assert!(!spec.refuses_subcommand(word.as_bytes()), "{server}: {name}");
        }
    }
    for container in ["XGROUP", "FUNCTION", "SCRIPT"] {
        assert!(find(container.as_bytes()).unwrap().refuses_subcommand(b"BOGUS"));
    }
    assert!(!find(b"SET").unwrap().refuses_subcommand(b"BOGUS"));
}

#[test]
fn who_knows_a_command() {
    let spec = |name: &str| find(name.as_bytes()).unwrap();
    let known = |name: &str, release: &str| spec(name).known_to(release.parse().unwrap());
    assert!(known("hexpire", "redis-7.4") && !known("hexpire", "redis-7.2"));
    assert!(known("hexpire", "valkey-9.0") && !known("hexpire", "valkey-8.1"));
    assert!(!known("hexpire", "keydb-6.3") && known("expiremember", "keydb-6.3"));
    assert!(
        known("stralgo", "redis-6.0") && !known("stralgo", "redis-7.0") && !known("stralgo", "redis-5.0")
    );
    assert!(!known("json.set", "redis-8.2") && spec("json.set").module() == Some("JSON"));
    assert!(known("set", "redis-2.6") && known("set", "valkey-7.2") && known("set", "redis-255.255"));
    assert!(known("arset", "redis-8.8") && !known("arset", "redis-8.6"));
    for (name, since) in [
        ("HEXPIRE", "Redis 7.4 and Valkey 9.0"),
        ("DELIFEQ", "Valkey 9.0"),
        ("XACKDEL", "Redis 8.2"),
        ("GETEX", "Redis 6.2"),
        ("POST", "Redis 2.4 (gone in 7.0)"),
        ("RREPLAY", "KeyDB"),
    ] {
        assert_eq!(spec(name).since().to_string(), since);
    }
}

#[test]
fn the_number_of_words_depends_on_the_release() {
    let ok = |name: &str, argc, release: &str| {
        find(name.as_bytes()).unwrap().arity_ok(argc, release.parse().unwrap())
    };
    assert!(ok("LPOP", 3, "redis-6.2") && !ok("LPOP", 3, "redis-6.0") && ok("LPOP", 2, "redis-6.0"));
    assert!(ok("PEXPIREAT", 4, "redis-7.0") && !ok("PEXPIREAT", 4, "keydb-6.3"));
    assert!(ok("PERSIST", 3, "keydb-6.3") && !ok("PERSIST", 3, "redis-7.0"));
    assert!(!ok("SET", 2, "redis-7.0") && ok("SET", 9, "redis-7.0"));
}

#[test]
fn every_row_makes_sense() {
    for spec in all() {
        assert!(spec.arity(Release::redis(255, 0)) != 0, "{}", spec.name());
        assert!(spec.module().is_some() || spec.since().to_string().len() > 4, "{}", spec.name());
    }
    let writes = all().iter().filter(|spec| spec.is_write()).map(CommandSpec::name).count();
    assert!(writes > 150, "{writes}");
}
