//! The binary as scripts use it.

use std::{
    fs,
    io::{BufRead as _, Write as _},
    path::PathBuf,
};

use flate2::write::GzEncoder;
use serde_json::Value;
use snaptape_testdata::{FRAMING_DAMAGE, cases, dbsize, roots, sha256};

use crate::run::{file, json, snaptape, testdata};

#[test]
fn keys_are_one_json_object_a_line_in_file_order() {
    let file = file("rdb/redis-7.4.1/hfe.rdb");
    let output = snaptape(&["keys", &file, "--digest"]);
    assert!(output.status.success());
    let sidecar: Value =
        serde_json::from_str(&fs::read_to_string(file.replace(".rdb", ".json")).unwrap()).unwrap();
    let rows: Vec<Value> =
        output.stdout.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert_eq!(rows.len(), sidecar["keys"].as_array().unwrap().len());
    let mut last = 0;
    for row in &rows {
        let offset = row["offset"].as_u64().unwrap();
        assert!(offset > last);
        last = offset;
        for field in [
            "db",
            "key",
            "type",
            "encoding",
            "elements",
            "file_bytes",
            "payload_bytes",
            "memory_bytes",
            "value_sha256",
        ] {
            assert!(!row[field].is_null(), "{field} in {row}");
        }
        assert!(row.get("expires_at_ms").is_some());
    }
}

#[test]
fn keys_are_chosen_by_a_line_and_put_in_order() {
    let file = file("rdb/redis-7.4.1/expires.rdb");
    let rows = |args: &[&str]| -> Vec<Value> {
        let output = snaptape(&[&["keys", &file], args].concat()).stdout;
        output.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect()
    };
    let all = rows(&[]);
    let memory = |row: &Value| row["memory_bytes"].as_u64().unwrap();
    let mut expected: Vec<Value> =
        all.iter().filter(|row| row["db"] == 1 && !row["expires_at_ms"].is_null()).cloned().collect();
    assert!(expected.len() > 3 && expected.len() < all.len());
    assert_eq!(rows(&["--where", "db:1 ttl:any"]), expected);
    assert_eq!(rows(&["--where", "db:1 ttl:any", "--limit", "2"]), expected[..2]);
    expected.sort_by_key(|row| core::cmp::Reverse(memory(row)));
    assert_eq!(rows(&["--where", "db:1 ttl:any", "--sort", "mem"]), expected);
    assert_eq!(rows(&["--where", "db:1 ttl:any", "--sort", "mem", "--limit", "3"]), expected[..3]);
    expected.sort_by_key(memory);
    assert_eq!(rows(&["--where", "db:1 ttl:any", "--sort", "-mem"]), expected);

    // What `inspect` counts under a pattern is what the line finds, whatever the segments are.
    for grouping in [&[][..], &["--separators", "-"]] {
        let inspect = [&["inspect", &file, "--json"], grouping].concat();
        let patterns = json(&snaptape(&inspect))["dataset"]["patterns"].clone();
        for group in patterns.as_array().unwrap() {
            let line = format!("pattern:{}", group["pattern"].as_str().unwrap());
            let found = rows(&[&["--where", &line], grouping].concat()).len();
            assert_eq!(found as u64, group["keys"].as_u64().unwrap(), "{line}");
        }
    }
    let wrong = snaptape(&["keys", &file, "--where", "mem>much"]);
    let said = String::from_utf8(wrong.stderr).unwrap();
    assert!(!wrong.status.success() && said.contains("64kb") && said.contains("column 5"), "{said}");
}

#[test]
fn rows_of_several_files_name_theirs() {
    let files = ["expires.rdb", "hfe.rdb"].map(|name| file(&format!("rdb/redis-7.4.1/{name}")));
    let csv = |args: &[&str]| {
        String::from_utf8(snaptape(&[&["keys", "--format", "csv"], args].concat()).stdout).unwrap()
    };
    let both = csv(&[&files[0], &files[1]]);
    let mut lines = both.lines();
    assert!(lines.next().unwrap().ends_with(",value_sha256,file"), "{both}");
    for name in ["expires.rdb", "hfe.rdb"] {
        assert!(lines.clone().any(|line| line.ends_with(name)), "{both}");
    }
    assert!(csv(&[&files[0], &files[1], "--where", "nothing-is-called-so"]).ends_with(",file\n"));
    assert!(csv(&[&files[0]]).lines().next().unwrap().ends_with(",value_sha256"));
}

#[test]
fn keys_can_be_filtered_and_printed_as_csv() {
    let file = file("rdb/redis-7.4.1/expires.rdb");
    let all = snaptape(&["keys", &file]).stdout.lines().count();
    let some = snaptape(&["keys", &file, "--match", "user:*", "--db", "1"]).stdout;
    let rows: Vec<Value> = some.lines().map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    assert!(!rows.is_empty() && rows.len() < all);
    assert!(rows.iter().all(|row| row["db"] == 1 && row["key"].as_str().unwrap().starts_with("user:")));
    let csv = snaptape(&["keys", &file, "--format", "csv"]).stdout;
    assert_eq!(csv.lines().count(), all + 1);
    assert!(csv.starts_with(b"db,key,key_base64,type,encoding,elements,"));
}

#[test]
fn names_are_grouped_as_asked() {
    let file = file("rdb/redis-7.4.1/expires.rdb");
    let usual = json(&snaptape(&["inspect", &file, "--json"]));
    let keys = usual["dataset"]["totals"]["keys"].as_u64().unwrap();
    let asked = [
        "inspect",
        &file,
        "--json",
        "--template",
        "user:*",
        "--pattern-regex",
        "^([a-z])",
        "--separators",
        ".",
    ];
    let report = json(&snaptape(&asked));
    let patterns = report["dataset"]["patterns"].as_array().unwrap();
    let by = |source: &str| patterns.iter().filter(|row| row["source"] == source).count();
    assert_eq!(by("template"), 1);
    assert!(by("regex") > 0);
    for row in patterns.iter().filter(|row| row["source"] == "regex") {
        assert_eq!(row["pattern"].as_str().unwrap().len(), 1, "{row}");
    }
    let sum: u64 = patterns.iter().map(|row| row["keys"].as_u64().unwrap()).sum();
    assert_eq!(sum, keys);
    assert_eq!(report["dataset"]["folding"]["options"]["separators"], ".");
    let skipped = json(&snaptape(&["inspect", &file, "--json", "--skip-prefix-segment"]));
    let patterns = skipped["dataset"]["patterns"].as_array().unwrap();
    assert!(patterns.iter().all(|row| !row["pattern"].as_str().unwrap().starts_with("user:")));
    for wrong in [["--pattern-regex", "("], ["--separators", "→"], ["--template", ""]] {
        let output = snaptape(&["inspect", &file, wrong[0], wrong[1]]);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(!output.stderr.is_empty());
    }
}

/// Idle times and counters are those the server told of each key.
#[test]
fn last_use_is_told_where_the_file_has_it() {
    let mut seen = 0;
    for case in cases(&testdata(), "rdb") {
        let (file, field, group) = match case.name.rsplit('/').next() {
            Some("lfu") => ("freq", "freq", "frequency"),
            Some("lru") => ("idletime", "idle_s", "idle"),
            _ => continue,
        };
        let path = case.path.to_string_lossy().into_owned();
        let told = case.sidecar["keys"].as_array().unwrap();
        let mut told: Vec<u64> = told.iter().map(|key| key[file].as_u64().unwrap()).collect();
        let output = snaptape(&["keys", &path]).stdout;
        let rows = output.lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        let mut found: Vec<u64> = rows.map(|row| row[field].as_u64().unwrap()).collect();
        told.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, told, "{}", case.name);
        let access = &json(&snaptape(&["inspect", &path, "--json"]))["dataset"]["access"];
        let keys = access[group].as_array().unwrap().iter().map(|group| group["keys"].as_u64().unwrap());
        assert_eq!(keys.sum::<u64>(), told.len() as u64, "{}", case.name);
        seen += 1;
    }
    assert!(seen >= 10, "{seen} files");
}

#[test]
fn inspect_says_what_the_file_is() {
    let file = file("rdb/valkey-9.1.2/hfe.rdb");
    let report = json(&snaptape(&["inspect", &file, "--json"]));
    assert_eq!(report["schema"], "snaptape/report/1");
    let info = &report["files"][0]["snapshot"];
    assert_eq!((info["magic"].as_str(), info["rdb_version"].as_u64()), (Some("VALKEY"), Some(80)));
    assert_eq!((info["product"].as_str(), info["release"].as_str()), (Some("Valkey"), Some("9.1.2")));
    assert_eq!(info["checksum"]["state"], "verified");
    let totals = &report["dataset"]["totals"];
    for (list, name) in [
        ("databases", "keys"),
        ("types", "memory_bytes"),
        ("encodings", "payload_bytes"),
        ("patterns", "file_bytes"),
    ] {
        let sum: u64 =
            report["dataset"][list].as_array().unwrap().iter().map(|g| g[name].as_u64().unwrap()).sum();
        assert_eq!(Some(sum), totals[name].as_u64(), "{list} {name}");
    }
    let text = String::from_utf8(snaptape(&["inspect", &file]).stdout).unwrap();
    assert!(text.starts_with("Sound.") && text.contains("Valkey 9.1.2, RDB version 80"), "{text}");
}

#[test]
fn a_restore_is_planned_on_request() {
    let file = file("rdb/redis-7.4.1/collections.rdb");
    let without = json(&snaptape(&["inspect", &file, "--json"]));
    assert!(without.get("restore").is_none(), "only where it was asked for");
    let asked = ["inspect", &file, "--restore", "--rewrite-share", "100", "--replicas", "0", "--json"];
    let report = json(&snaptape(&asked));
    let plan = &report["restore"];
    let dataset = plan["dataset_bytes"].as_u64().unwrap();
    assert!(dataset > 0);
    assert_eq!(report["dataset"]["instance"]["dataset_bytes"], dataset, "what the server grows by");
    assert_eq!(plan["maxmemory_bytes"], dataset, "no replicas, no backlog");
    // Every page rewritten: the doubling.
    assert_eq!(
        (&plan["ram_bytes"], &plan["worst_ram_bytes"]),
        (&(2 * dataset).into(), &(2 * dataset).into())
    );
    let parts: u64 =
        plan["parts"].as_array().unwrap().iter().map(|part| part["bytes"].as_u64().unwrap()).sum();
    assert_eq!(plan["ram_bytes"], parts);
    let smallest = &plan["nodes"][0];
    assert_eq!((&smallest["node_type"], &smallest["shards"]), (&"cache.t4g.micro".into(), &1.into()));
    assert_eq!(smallest["capacity_bytes"], 536_870_912_u64 * 3 / 4);
    let text = |more: &[&str]| {
        let output = snaptape(&[&["inspect", file.as_str(), "--restore"], more].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let default = text(&[]);
    for words in ["= maxmemory, at least", "worst case, the doubling", "30 pages of 100", "cache.t4g.micro"] {
        assert!(default.contains(words), "{words}: {default}");
    }
    let tight = text(&["--reserved-memory-percent", "100"]);
    assert!(
        tight.contains("No single ElastiCache node") && tight.contains("nothing is left for data"),
        "{tight}"
    );
    let chosen = text(&[
        "--repl-backlog-size",
        "64mb",
        "--replica-buffer-limit",
        "1gb",
        "--mem-fragmentation-ratio",
        "1.05",
    ]);
    for words in ["repl-backlog-size 64mb, as chosen", "replica 1gb", "mem_fragmentation_ratio 1.05"] {
        assert!(chosen.contains(words), "{words}: {chosen}");
    }
    for bad in [
        ["--restore", "--rewrite-share", "NaN"],
        ["--restore", "--rewrite-share", "-1"],
        ["--restore", "--reserved-memory-percent", "101"],
        ["--restore", "--replicas", "6"],
        ["--restore", "--mem-fragmentation-ratio", "0.9"],
        ["--restore", "--replica-buffer-limit", "0"],
        ["--json", "--replicas", "1"],
    ] {
        let output = snaptape(&[&["inspect", file.as_str()], &bad[..]].concat());
        assert_eq!(output.status.code(), Some(2), "{bad:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{bad:?}");
    }
    // Keys that have expired are not loaded, so the biggest of them cannot be in the way.
    let expires = crate::run::file("rdb/redis-7.4.1/expires.rdb");
    let expired = json(&snaptape(&["inspect", &expires, "--restore", "--json"]));
    assert!(expired["dataset"]["totals"]["expired_now"].as_u64().unwrap() > 0);
    let plan = &expired["restore"];
    assert!(plan["largest_key_bytes"].as_u64() <= plan["dataset_bytes"].as_u64());
    let sentences = plan["assumptions"].as_array().unwrap();
    assert!(sentences.iter().any(|text| text.as_str().unwrap().contains("expired by now")), "{sentences:?}");
    // A tape without a snapshot has nothing to plan for, and says so.
    let dir = tempfile::tempdir().unwrap();
    let tape = dir.path().join("good.aof");
    fs::write(&tape, b"*1\r\n$8\r\nFLUSHALL\r\n").unwrap();
    let output = snaptape(&["inspect", &tape.to_string_lossy(), "--restore"]);
    assert!(String::from_utf8(output.stdout).unwrap().contains("no keys to plan for"));
}

#[test]
fn exit_status_says_how_bad_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        fs::write(&path, bytes).unwrap();
        path.to_string_lossy().into_owned()
    };
    let page = write("dump.rdb", b"<!doctype html><title>404</title>");
    let empty = write("empty.rdb", b"");
    let zeros = write("zeros.rdb", &[0; 4096]);
    let torn = write("torn.aof", b"*1\r\n$8\r\nFLUSHALL\r\n*2\r\n$3\r\nDEL");
    let good = write("good.aof", b"*1\r\n$8\r\nFLUSHALL\r\n");
    for (file, status, verdict) in [
        (&page, 2, "unusable"),
        (&empty, 2, "unusable"),
        (&zeros, 2, "unusable"),
        (&torn, 1, "recoverable"),
        (&good, 0, "sound"),
    ] {
        let output = snaptape(&["check", file, "--json"]);
        assert_eq!(output.status.code(), Some(status), "{file}: {}", String::from_utf8_lossy(&output.stdout));
        let check = json(&output);
        assert_eq!((&check["schema"], &check["verdict"]), (&"snaptape/check/1".into(), &verdict.into()));
        for field in ["files", "findings", "loads", "check_tool", "target"] {
            assert!(!check[field].is_null(), "{field}");
        }
        for load in ["default", "strict"] {
            assert!(check["loads"][load]["starts"].is_boolean() && check["loads"][load]["why"].is_string());
        }
    }
    assert_eq!(snaptape(&["check", "/nonexistent/file"]).status.code(), Some(2));
    assert_eq!(snaptape(&["check", &good, "--target", "memcached-1"]).status.code(), Some(2));
}

/// Every damaged tape of the repository that the check tool could fix, one file each.
fn fixable() -> Vec<(PathBuf, String)> {
    let mut cases = Vec::new();
    for server in fs::read_dir(testdata().join("aof-damaged")).unwrap() {
        for entry in fs::read_dir(server.unwrap().path()).unwrap() {
            let sidecar = entry.unwrap().path();
            if sidecar.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let case: Value = serde_json::from_str(&fs::read_to_string(&sidecar).unwrap()).unwrap();
            let file = sidecar.with_extension("").join("appendonly.aof");
            let fixed = &case["check_aof_fix"];
            let sha = fixed["files_after"]["appendonly.aof"]["sha256"].as_str();
            // valkey-check-aof 9 empties files that begin with a snapshot of its own server; nobody wants that.
            let sha = sha.filter(|sha| *sha != sha256(b""));
            let truncated = case["damage"].as_str().is_some_and(|d| d.starts_with("truncated-"));
            if let (true, true, Some(0), Some(sha)) = (file.is_file(), truncated, fixed["exit"].as_i64(), sha)
            {
                cases.push((file, sha.to_owned()));
            }
        }
    }
    assert!(cases.len() >= 5, "only {} cases", cases.len());
    cases
}

#[test]
fn a_repaired_file_is_what_the_check_tool_leaves() {
    let dir = tempfile::tempdir().unwrap();
    for (i, (file, sha)) in fixable().into_iter().enumerate() {
        let before = fs::read(&file).unwrap();
        let out = dir.path().join(format!("{i}.aof"));
        let (from, to) = (file.to_string_lossy(), out.to_string_lossy());
        let output = snaptape(&["repair", &from, "--plan", "truncate", "--out", &to, "--json"]);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}: {}",
            file.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        assert_eq!(sha256(&fs::read(&out).unwrap()), sha, "{}", file.display());
        let receipt = &json(&output)["receipt"];
        assert_eq!((&receipt["verdict"], &receipt["outputs"][0]["sha256"]), (&"sound".into(), &sha.into()));
        assert_eq!(receipt["inputs"][0]["sha256"], sha256(&before));
        assert_eq!(fs::read(&file).unwrap(), before, "the input is never written to");
    }
}

/// Damage to framing that takes nothing away: what was there can be put together again, byte for byte.
const REVERSIBLE: [&str; 2] = ["trailing-newline", "trailing-zeros"];

#[test]
fn a_salvaged_file_is_what_it_was_before_the_damage() {
    let dir = tempfile::tempdir().unwrap();
    let mut n = 0;
    for case in cases(&roots()[0], "aof-damaged") {
        let Some(good) = case.sidecar["good_sha256"].as_str() else { continue };
        let damage = case.sidecar["damage"].as_str().unwrap();
        if !(FRAMING_DAMAGE.contains(&damage) || REVERSIBLE.contains(&damage)) {
            continue;
        }
        let file = case.path.join("appendonly.aof");
        let packed = dir.path().join(format!("{n}.aof.gz"));
        let mut gzip = GzEncoder::new(fs::File::create(&packed).unwrap(), flate2::Compression::fast());
        gzip.write_all(&fs::read(&file).unwrap()).unwrap();
        gzip.finish().unwrap();
        for (i, file) in [file, packed].into_iter().enumerate() {
            let out = dir.path().join(format!("{n}-{i}.aof"));
            let (from, to) = (file.to_string_lossy(), out.to_string_lossy());
            let target = case.server.rsplit_once('.').unwrap().0;
            let arguments =
                ["repair", &from, "--plan", "salvage", "--target", target, "--out", &to, "--json"];
            let output = snaptape(&arguments);
            let errors = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{} {i}: {errors}", case.name);
            assert_eq!(sha256(&fs::read(&out).unwrap()), good, "{} {i}", case.name);
            assert_eq!(json(&output)["receipt"]["verdict"], "sound");
        }
        n += 1;
    }
    assert!(n >= 18, "{n}");
}

#[test]
fn nothing_is_overwritten_and_a_dry_run_writes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (file, _) = fixable().remove(0);
    let out = dir.path().join("precious.aof");
    fs::write(&out, "precious").unwrap();
    let (file, out_text) = (file.to_string_lossy(), out.to_string_lossy());
    assert_eq!(snaptape(&["repair", &file, "--out", &out_text]).status.code(), Some(2));
    assert_eq!(fs::read(&out).unwrap(), b"precious");
    let dry = snaptape(&["repair", &file, "--dry-run", "--json"]);
    assert!(dry.status.success() && json(&dry)["receipt"].is_null());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no left-overs");
}

#[test]
fn a_real_server_loads_the_repaired_directory() {
    let damaged = file("aof-damaged/redis-7.0.15");
    let mut n = 0;
    for name in ["truncated-last-incr", "manifest-no-final-newline", "missing-last-incr"] {
        let Some(case) = fs::read_dir(&damaged)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.is_dir() && path.to_string_lossy().ends_with(&format!("--{name}")))
        else {
            continue;
        };
        n += 1;
        let work = tempfile::tempdir().unwrap();
        let out = work.path().join("appendonlydir");
        let zip = work.path().join("copy.zip");
        let input = case.join("appendonlydir");
        let output = snaptape(&["repair", &input.to_string_lossy(), "--out", &out.to_string_lossy()]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(dbsize(work.path(), true).unwrap() > 0, "{name}");
        let output = snaptape(&["repair", &input.to_string_lossy(), "--out", &zip.to_string_lossy()]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let archive = zip::ZipArchive::new(fs::File::open(&zip).unwrap()).unwrap();
        assert!(
            archive
                .file_names()
                .any(|name| name.is_ok_and(|name| name == "appendonlydir/appendonly.aof.manifest"))
        );
    }
    assert!(n >= 2, "only {n} cases");
}

/// Damages one place of a snapshot, or cuts it off. Its checksum would give small damage away: it is damaged, too.
fn hurt(good: &[u8], n: usize) -> Vec<u8> {
    let mut bad = good.to_vec();
    let end = bad.len() - 9;
    let at = 60 + n * 7919 % (end - 60);
    bad[end + 1..].fill(0);
    match n % 4 {
        0 => bad[at] ^= 0x40,
        1 => bad.truncate(at),
        2 => bad[at..(at + 12).min(end)].fill(0),
        _ => drop(bad.splice(at..at, *b"\x00\xffnoise\x1b\x40")),
    }
    bad
}

/// Whatever happened to a snapshot of this server or an older one, it starts on what was salvaged, with the keys that were promised.
#[test]
fn a_real_server_starts_on_what_was_salvaged() {
    let mut inputs: Vec<(String, Vec<u8>)> = Vec::new();
    let is_old = |server: &str| {
        !["redis-7.2.4", "redis-7.4.1", "redis-8", "valkey"].iter().any(|new| server.starts_with(new))
    };
    let own = &roots()[0];
    for case in cases(own, "rdb").into_iter().filter(|case| is_old(&case.server)) {
        // Keys that have expired, or lie in other databases, would not be counted.
        let keys = case.sidecar["keys"].as_array().unwrap();
        let counted = keys.iter().all(|key| key["db"] == 0 && key["expire_ms"].is_null());
        let good = fs::read(&case.path).unwrap();
        if counted && keys.len() > 5 && case.sidecar["modules"].is_null() {
            for n in 0..4 {
                inputs.push((format!("{} {n}", case.name), hurt(&good, n + 4 * keys.len())));
            }
        }
    }
    assert!(inputs.len() >= 20, "only {}", inputs.len());
    // The damaged files of the full corpus, where it is.
    for root in &roots()[1..] {
        for case in cases(root, "rdb-damaged").into_iter().filter(|case| is_old(&case.server)) {
            if case.sidecar["dataset"] == "collections" {
                inputs.push((case.name.clone(), fs::read(&case.path).unwrap()));
            }
        }
    }
    let (mut loaded, mut kept) = (0, 0);
    for (name, bytes) in &inputs {
        let work = tempfile::tempdir().unwrap();
        let damaged = work.path().join("damaged.rdb");
        fs::write(&damaged, bytes).unwrap();
        let out = work.path().join("dump.rdb");
        let plan = [
            "repair",
            damaged.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
            "--plan",
            "salvage",
            "--json",
        ];
        let output = snaptape(&plan);
        let said = String::from_utf8_lossy(&output.stderr);
        if !out.exists() {
            // Sound after all (bytes behind the end), or nothing is left of it.
            let fine = said.contains("nothing to repair") || bytes.len() < 70;
            assert!(fine, "{name}: {said}");
            continue;
        }
        let keys = json(&output)["plan"]["keys_kept"].as_u64().unwrap();
        match dbsize(work.path(), false) {
            // Empty keys are skipped on load.
            Ok(n) => assert!(n <= keys && n + 1 >= keys, "{name}: {n} of {keys} keys loaded"),
            Err(log) => panic!("{name}: the server refused what was salvaged: {log}"),
        }
        loaded += 1;
        kept += keys;
    }
    println!("{loaded} salvaged snapshots loaded, {kept} keys");
    assert!(loaded >= 20, "only {loaded}");
}
