//! Will it load? Our answers beside those of real servers.

use std::collections::BTreeMap;

use serde_json::Value;
use snaptape_engine::Options;
use snaptape_report::{CheckReport, LoadCauseKind, ReleaseGroup, ReleaseLoad};
use snaptape_testdata::{cases, json, read, roots, third_party};

use crate::set::run_one;

fn check(path: &str, bytes: &[u8], target: Option<&str>) -> CheckReport {
    run_one(path, bytes, Options { target: target.map(Into::into), ..Options::default() }).check
}

/// `redis-7.4.1` is one of `redis-7.4`.
fn line(server: &str) -> &str {
    server.rsplit_once('.').unwrap().0
}

fn answer<'a>(check: &'a CheckReport, server: &str) -> &'a ReleaseLoad {
    check.releases.iter().find(|answer| answer.release == line(server)).unwrap_or_else(|| panic!("{server}"))
}

/// What a server says of the snapshot it refuses, in the words of our causes.
fn kind_of(log: &[Value]) -> Option<LoadCauseKind> {
    let log: Vec<&str> = log.iter().filter_map(Value::as_str).collect();
    let says = |words: &str| log.iter().any(|line| line.contains(words));
    if says("Wrong signature") {
        Some(LoadCauseKind::Magic)
    } else if says("Can't handle RDB format version") {
        Some(LoadCauseKind::Version)
    } else if says("no matching module") {
        Some(LoadCauseKind::Module)
    } else {
        None
    }
}

#[test]
fn servers_load_what_we_say_they_load() {
    let (mut n, mut refused) = (0, 0);
    for root in roots() {
        let facts = ["compat.json.gz", "compat.json"].map(|name| root.join(name));
        let facts = json(facts.iter().find(|path| path.is_file()).expect("what servers said"));
        let mut checks: BTreeMap<String, CheckReport> = BTreeMap::new();
        for fact in facts.as_array().unwrap() {
            let [dataset, writer, reader] =
                ["dataset", "written_by", "read_by"].map(|name| fact[name].as_str().unwrap());
            let name = format!("{writer}/{dataset}");
            let check = checks.entry(name.clone()).or_insert_with(|| {
                check(&name, &read(&root.join(format!("rdb/{name}.rdb"))), Some(line(writer)))
            });
            let ours = answer(check, reader);
            let loads = fact["loads"].as_bool().unwrap();
            assert_eq!(ours.loads, loads, "{name} on {reader}: {ours:?}");
            if !loads {
                let kind = kind_of(fact["error"].as_array().unwrap()).expect("a reason we know");
                assert_eq!(ours.causes[0].kind, kind, "{name} on {reader}");

                refused += 1;
            }
            n += 1;
        }
        // The answer for the release that wrote it is the one the whole check gives.
        for (name, check) in &checks {
            let ours = answer(check, name.split_once('/').unwrap().0);
            assert_eq!(ours.loads, check.loads.default.starts, "{name}");
        }
    }
    println!("{n} answers of servers, {refused} of them no");
    assert!(n >= 100 && refused >= 30, "{n} {refused}");
}

#[test]
fn causes_name_the_keys() {
    let root = roots().remove(0);
    let hfe = cases(&root, "rdb").into_iter().find(|case| case.name == "redis-7.4.1/hfe").unwrap();
    let check = check("hfe.rdb", &read(&hfe.path), None);
    let fields = hfe.sidecar["keys"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|key| matches!(key["rdb_type"].as_u64(), Some(24 | 25)));
    let fields = fields.count() as u64;
    let old = answer(&check, "redis-7.2.4");
    let cause = old.causes.iter().find(|cause| cause.kind == LoadCauseKind::ObjectType).unwrap();
    assert_eq!(cause.what, format!("{fields} hashes use field TTL"));
    assert_eq!((cause.keys, cause.examples.len()), (fields, 5));
    assert!(cause.examples.iter().all(|name| name.starts_with("hfe:")), "{cause:?}");
    let groups = ReleaseGroup::of(&check.releases);
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    assert_eq!(names, ["Redis 2.8 - 7.2", "Redis 7.4 - 8.10", "Valkey 7.2 - 9.2", "KeyDB 6.3"]);
    assert!(groups[0].why.ends_with(&format!("; {fields} hashes use field TTL")), "{}", groups[0].why);
}

/// 6.2.5 and its check tool miss two values that later releases of the line refuse.
const KNOWN: [(&str, &str); 2] = [("016-type14", "redis-6.2.5"), ("023-type15", "redis-6.2.5")];

#[test]
fn third_party_files_fare_as_they_did() {
    let Some(folder) = third_party() else { return };
    let (mut n, mut differ) = (0, Vec::new());
    for case in json(&folder.join("outcomes.json")).as_array().unwrap() {
        let name = case["file"].as_str().unwrap();
        let bytes = read(&folder.join(name));
        for server in ["redis-6.2.5", "redis-8.2.3", "valkey-9.1.2"] {
            let theirs =
                (case[server]["loads"].as_bool().unwrap(), case[server]["check_rdb_exit"].as_i64().unwrap());
            let options = Options { target: Some(line(server).into()), deep: true, ..Options::default() };
            let check = run_one(name, &bytes, options).check;
            let ours = answer(&check, server);
            assert_eq!(ours.loads, check.loads.default.starts, "{name} on {server}: {check:?}");
            n += 1;
            let agrees = (ours.loads, i64::from(check.check_tool.exit)) == theirs;
            let known = KNOWN.iter().any(|known| {
                name == format!("valkey-io-valkey/corrupt-dump/{}.rdb", known.0) && server == known.1
            });
            if agrees == known {
                differ.push(format!(
                    "{name} on {server}: {theirs:?}, we {} {}",
                    check.check_tool.exit, ours.why
                ));
            }
        }
    }
    assert!(n >= 300, "only {n}");
    assert!(differ.is_empty(), "{} of {n}:\n{}", differ.len(), differ.join("\n"));
}
