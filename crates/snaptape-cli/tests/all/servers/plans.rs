//! `snaptape repair`: a real server starts on every copy, and finds in it what it should.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::Value;
use snaptape_testdata::{Case, Entry, Program, Server, files, programs, roots};

use super::{VARIES, damage, damaged, is_own, put, tool_target};
use crate::run::snaptape;

type Contents = BTreeMap<(u64, Vec<u8>), Entry>;

/// The plans that are tried on every case.
const PLANS: [&str; 3] = ["truncate", "salvage", "close-multi"];

/// Words that a server's log has only when something was wrong with what it loaded.
const COMPLAINTS: [&str; 6] =
    ["error", "CRITICAL", "Bad file format", "short read", "Truncating", "Revert incomplete"];

/// What a server has loaded, and what it said against it.
#[derive(Debug, PartialEq, Eq)]
struct Loaded {
    contents: Contents,
    complaints: Vec<String>,
}

fn ask(server: &mut Server) -> Loaded {
    let log = server.log();
    let lines = log.lines().filter(|line| COMPLAINTS.iter().any(|word| line.contains(word)));
    // Without process number and time.
    let complaints = lines.map(|line| line.split_once(" # ").map_or(line, |(_, text)| text).into()).collect();
    Loaded { contents: server.dump_all(), complaints }
}

/// Starts a server on a folder: it must.
fn load(program: &Program, dir: &Path, what: &str) -> Loaded {
    match program.start_tape(dir, false) {
        Ok(mut server) => ask(&mut server),
        Err(failure) => panic!("{what}: no start on the copy: {failure}"),
    }
}

/// What the check tool leaves of a case, where it leaves something a server starts on.
fn fixed(program: &Program, case: &Case) -> Option<Loaded> {
    let dir = tempfile::tempdir().unwrap();
    put(case, dir.path());
    let before = files(dir.path());
    let run = program.check_aof(&tool_target(dir.path()), true);
    let after = files(dir.path());
    // valkey-check-aof 9 does not recognise its own snapshots and leaves 0 bytes: nothing to compare with.
    let emptied =
        before.iter().zip(&after).any(|((_, before), (_, after))| !before.is_empty() && after.is_empty());
    if run.exit != Some(0) || after == before || emptied {
        return None;
    }
    Some(ask(&mut program.start_tape(dir.path(), false).ok()?))
}

/// What the case held before somebody damaged it.
fn undamaged(program: &Program, case: &Case) -> Option<Contents> {
    let scenario = case.sidecar["scenario"].as_str()?;
    let dir = tempfile::tempdir().unwrap();
    for root in roots() {
        let single = root.join("aof-damaged").join(&case.server).join(format!("{scenario}--good.aof"));
        let folder = root.join("aof").join(&case.server).join(scenario);
        if single.is_file() {
            fs::copy(&single, dir.path().join("appendonly.aof")).unwrap();
        } else if folder.is_dir() && scenario == "multi-incr" {
            for (path, bytes) in files(&folder) {
                let place = dir.path().join(path);
                fs::create_dir_all(place.parent().unwrap()).unwrap();
                fs::write(place, bytes).unwrap();
            }
        } else {
            continue;
        }
        let loaded = load(program, dir.path(), scenario);
        assert!(loaded.complaints.is_empty(), "{scenario}: {:?}", loaded.complaints);
        return Some(loaded.contents);
    }
    None
}

/// Carries a plan out into a folder a server can start on; what the plan says of what cannot be known, or nothing where it is not offered.
fn repair(case: &Case, plan: &str, program: &Program, dir: &Path) -> Option<String> {
    let is_folder = case.path.join("appendonlydir").is_dir();
    let (input, output) =
        if is_folder { ("appendonlydir", "appendonlydir") } else { ("appendonly.aof", "appendonly.aof") };
    let (input, output) = (case.path.join(input), dir.join(output));
    let args = [
        "repair",
        &input.to_string_lossy(),
        "--plan",
        plan,
        "--target",
        &program.release,
        "--out",
        &output.to_string_lossy(),
        "--json",
    ];
    let run = snaptape(&args);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    if said.contains("There is no plan") || said.contains("there is nothing to repair") {
        assert!(!output.exists());
        return None;
    }
    assert!(run.status.success(), "{} {plan}: {said}", case.name);
    let report: Value = serde_json::from_slice(&run.stdout).expect("a receipt");
    Some(report["plan"]["notes"].to_string())
}

#[test]
fn servers_start_on_every_copy() {
    for program in programs() {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let mut complaints: Vec<String> = Vec::new();
        let mut good: BTreeMap<String, Option<Contents>> = BTreeMap::new();
        for case in damaged().into_iter().filter(|case| is_own(case, &program)) {
            let scenario = case.sidecar["scenario"].to_string();
            let good = &*good.entry(scenario).or_insert_with(|| undamaged(&program, &case));
            let fixed = fixed(&program, &case);
            for plan in PLANS {
                let dir = tempfile::tempdir().unwrap();
                let Some(notes) = repair(&case, plan, &program, dir.path()) else { continue };
                let what = format!("{} {plan}", case.name);
                let copy = load(&program, dir.path(), &what);
                *counts.entry(plan.into()).or_default() += 1;
                if let Some(fixed) = &fixed {
                    *counts.entry(format!("{plan}, compared with --fix")).or_default() += 1;
                    // To the byte what the tool leaves, with whatever a server says against that.
                    if plan == "truncate" && !VARIES.contains(&damage(&case)) {
                        assert_eq!(copy.complaints, fixed.complaints, "{what}");
                        assert!(copy.contents == fixed.contents, "{what}: {copy:?}, not {fixed:?}");
                    }
                    compare(&what, &copy.contents, &fixed.contents, good.as_ref(), &notes);
                }
                for complaint in copy.complaints.iter().filter(|_| plan != "truncate") {
                    complaints.push(format!("{what}: {complaint}"));
                }
            }
        }
        println!("{}: {counts:?}", program.release);
        assert!(complaints.is_empty(), "{complaints:#?}");
        let count = |what: &str| counts.get(what).copied().unwrap_or_default();
        // The full corpus has no damaged tapes of some of the releases.
        let least = if program.release == "redis-7.0.15" { 35 } else { 0 };
        assert!(
            count("truncate") >= least && count("truncate, compared with --fix") >= least.min(25),
            "{counts:?}"
        );
    }
}

/// The copy has the keys that the check tool leaves; those that the damage does not touch have the values they had. Where a SELECT may be
/// lost, and the plan says so, commands may have met keys of the same name in another database.
fn compare(what: &str, copy: &Contents, fixed: &Contents, good: Option<&Contents>, notes: &str) {
    let assumed = notes.contains("a SELECT may be lost");
    for (key, entry) in fixed {
        let name = || format!("{what}: database {}, {}", key.0, key.1.escape_ascii());
        let good = good.and_then(|good| good.get(key));
        let Some(found) = copy.get(key) else {
            // What stands behind the damage may delete it, as it did before there was any.
            assert!(good.is_none(), "{} is lost", name());
            continue;
        };
        if good == Some(entry) && found != entry {
            println!("{} is {found:?}, was {entry:?}", name());
            assert!(assumed, "{} has changed", name());
        }
    }
}
