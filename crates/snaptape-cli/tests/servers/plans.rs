//! `snaptape repair`: a real server starts on every copy, and finds in it what it should.

use std::{collections::BTreeMap, fs, path::Path};

use snaptape_testdata::{Case, Entry, Program, Server, files, programs, roots};

use crate::{damaged, is_own, put, snaptape, tool_target};

/// FIXME: a copy keeps commands that cannot work any more because what they need was lost: here XCLAIM, whose XGROUP CREATE stood in the
/// zeroed block. The server logs an error and goes on.
const KNOWN: [(&str, &str); 1] = [("plain--zeroed-block", "NOGROUP")];

type Contents = BTreeMap<(u32, Vec<u8>), Entry>;

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
    if run.exit != Some(0) || files(dir.path()) == before {
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

/// Carries a plan out into a folder a server can start on; false where it is not offered.
fn repair(case: &Case, plan: &str, program: &Program, dir: &Path) -> bool {
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
    ];
    let run = snaptape(&args);
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    if said.contains("There is no plan") || said.contains("there is nothing to repair") {
        assert!(!output.exists());
        return false;
    }
    assert!(run.status.success(), "{} {plan}: {said}", case.name);
    true
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
                if !repair(&case, plan, &program, dir.path()) {
                    continue;
                }
                let what = format!("{} {plan}", case.name);
                let copy = load(&program, dir.path(), &what);
                *counts.entry(plan.into()).or_default() += 1;
                if let Some(fixed) = &fixed {
                    *counts.entry(format!("{plan}, compared with --fix")).or_default() += 1;
                    // To the byte what the tool leaves, with whatever a server says against that.
                    assert!(plan != "truncate" || &copy == fixed, "{what}: {copy:?}, not {fixed:?}");
                    compare(&what, &copy.contents, &fixed.contents, good.as_ref());
                }
                let is_known = |complaint: &String| {
                    KNOWN.iter().any(|(case, why)| what.contains(case) && complaint.contains(why))
                };
                for complaint in copy.complaints.iter().filter(|_| plan != "truncate") {
                    println!("{what}: {complaint}");
                    if !is_known(complaint) {
                        complaints.push(format!("{what}: {complaint}"));
                    }
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

/// The copy has the keys that the check tool leaves; those that the damage does not touch have the values they had.
fn compare(what: &str, copy: &Contents, fixed: &Contents, good: Option<&Contents>) {
    for (key, entry) in fixed {
        let name = || format!("{what}: database {}, {}", key.0, key.1.escape_ascii());
        let good = good.and_then(|good| good.get(key));
        let Some(found) = copy.get(key) else {
            // What stands behind the damage may delete it, as it did before there was any.
            println!("{} is not in the copy; undamaged: {}", name(), good.is_some());
            assert!(good.is_none(), "{} is lost", name());
            continue;
        };
        if good == Some(entry) {
            assert_eq!(found, entry, "{}", name());
        }
    }
}
