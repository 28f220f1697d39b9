//! Salvaged sets are started on real servers of the release that wrote them: they load, and hold what they should.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use snaptape_engine::{Options, Outcome};
use snaptape_report::{Plan, Verdict};
use snaptape_testdata::{
    Case, Entry, FRAMING_DAMAGE, Program, at_least, cases, files, programs, read, roots,
};

use crate::set::{self, Set, carry_out};

fn run(set: &Set, target: Option<&str>) -> Outcome {
    set::run(set, Options { target: target.map(str::to_owned), deep: true, ..Options::default() })
}

type Keys = BTreeMap<(u64, Vec<u8>), Entry>;

/// What a server holds that has loaded these files, without cutting anything, and what of its log tells of errors.
fn load(program: &Program, files: &Set, directory: bool) -> Result<(Keys, Vec<String>), String> {
    let dir = tempfile::tempdir().unwrap();
    let home = if directory { dir.path().join("appendonlydir") } else { dir.path().to_path_buf() };
    for (name, bytes) in files {
        let place = home.join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
    let mut server = program.start_tape(dir.path(), false).map_err(|failure| failure.to_string())?;
    let keys = server.dump_all();
    let log = server.log();
    let errors = log.lines().filter(|line| line.contains("CRITICAL") || line.contains("Bad file"));
    Ok((keys, errors.map(str::to_owned).collect()))
}

/// After these, too, every key must be as if nothing had happened.
const AS_BEFORE: [&str; 3] = ["preamble-checksum", "preamble-flipped", "truncated-last-crlf"];

fn summary_says(plan: &Plan, words: &str) -> bool {
    plan.summary.contains(words)
}

fn good(case: &Case, path: &Path) -> Option<Set> {
    let scenario = case.sidecar["scenario"].as_str()?;
    let path = path.with_file_name(format!("{scenario}--good.aof"));
    path.exists().then(|| vec![("appendonly.aof".to_owned(), read(&path))])
}

#[test]
fn servers_load_what_is_salvaged() {
    let (mut loaded, mut same, mut left_out) = (0, 0, 0);
    let (mut fewer, mut failing, mut crashes) = (Vec::new(), Vec::new(), Vec::new());
    let mut good_keys: BTreeMap<(String, String), Keys> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for program in programs() {
        for case in roots().iter().flat_map(|root| cases(root, "aof-damaged")) {
            if case.server != program.release || !seen.insert(case.name.clone()) {
                continue;
            }
            let damage = case.sidecar["damage"].as_str().unwrap();
            let inputs = files(&case.path);
            let outcome = run(&inputs, Some(&program.release));
            let plan = |name: &str| outcome.plans.iter().find(|plan| plan.name == name);
            let Some(salvage) = plan("salvage") else {
                assert!(plan("truncate").is_none(), "{}: a cut is offered and no salvage", case.name);
                continue;
            };
            let copy = carry_out(salvage, &inputs);
            let again = run(&copy, Some(&program.release));
            assert_eq!(again.check.verdict, Verdict::Sound, "{}: {:?}", case.name, again.check.findings);
            let (keys, errors) = load(&program, &copy, salvage.directory)
                .unwrap_or_else(|failure| panic!("{}: {failure}\n{salvage:?}", case.name));
            loaded += 1;
            // Commands that need what is lost are left out, too: nothing fails.
            if !errors.is_empty() {
                failing.push(format!("{}: {errors:?}", case.name));
            }
            left_out += usize::from(summary_says(salvage, "cannot be run without what is lost"));
            if let Some(truncate) = plan("truncate") {
                let cut = carry_out(truncate, &inputs);
                match load(&program, &cut, truncate.directory) {
                    Ok((cut, _)) if keys.len() < cut.len() => {
                        fewer.push(format!("{}: {} < {}", case.name, keys.len(), cut.len()));
                    }
                    // HMSET with half a pair of words, which the check tool leaves, too.
                    Ok((_, errors)) if !errors.is_empty() && damage != "argc-minus" => {
                        failing.push(format!("{} cut: {errors:?}", case.name));
                    }
                    Ok(_) => {}
                    // The check tool's --fix leaves a SET with two words, on which servers crash or which they refuse.
                    Err(failure) if damage == "argc-minus" => {
                        let refused = failure.contains("wrong number of arguments");
                        assert!(refused || failure.contains("ended by signal"), "{}: {failure}", case.name);
                        crashes.push(case.name.clone());
                    }
                    Err(failure) => panic!("{} cut: {failure}", case.name),
                }
            }
            if (FRAMING_DAMAGE.contains(&damage) || AS_BEFORE.contains(&damage))
                && let Some(good) = good(&case, &case.path)
            {
                let of = (case.server.clone(), case.sidecar["scenario"].as_str().unwrap().to_owned());
                let good = good_keys
                    .entry(of)
                    .or_insert_with(|| load(&program, &good, false).expect("the good file").0);
                assert_eq!(&keys, good, "{}", case.name);
                same += 1;
            }
        }
    }
    println!("{loaded} salvaged sets loaded, {same} of them with every key as before the damage");
    println!(
        "commands that would fail are left out of {left_out} sets; servers do not take what a cut leaves in {crashes:?}"
    );
    assert!(failing.is_empty(), "commands fail: {failing:?}");
    // One of Debian's server; eight of all servers with damaged tapes.
    let least = if programs().len() > 1 { 8 } else { 1 };
    assert!(left_out >= least, "{left_out} of {least}");
    assert!(fewer.is_empty(), "fewer keys than a cut leaves: {fewer:?}");
    assert!(loaded >= at_least(60, 40) && same >= 15, "{loaded} {same}");
}

#[test]
fn a_tape_behind_a_snapshot_that_breaks_off_is_found() {
    let root = &roots()[0];
    let path = root.join("aof-damaged/redis-7.0.15/preamble--good.aof");
    let good = read(&path);
    let find = |needle: &[u8]| good.windows(needle.len()).position(|window| window == needle);
    let tape = find(b"*2\r\n$6\r\nSELECT").expect("a tape");
    let sound = run(&vec![("appendonly.aof".to_owned(), good.clone())], None);
    let commands = sound.report.files[0].commands;
    // The end of the snapshot is gone: something else stands there, or nothing at all.
    let junk = [&good[..tape - 60], &[0xa5; 60], &good[tape..]].concat();
    let removed = [&good[..tape - 60], &good[tape..]].concat();
    for (damaged, front) in [(junk, tape), (removed, tape - 60)] {
        let inputs = vec![("appendonly.aof".to_owned(), damaged)];
        let outcome = run(&inputs, None);
        assert_eq!(outcome.check.verdict, Verdict::Damaged);
        assert!(
            outcome.check.findings.iter().any(|finding| finding.start == front as u64
                && finding.message.starts_with("Behind the broken snapshot stand at least")),
            "{:?}",
            outcome.check.findings
        );
        let plan = &outcome.plans[0];
        assert_eq!((plan.name.as_str(), plan.commands_kept), ("salvage", commands));
        assert!(plan.keys_kept > 20, "{plan:?}");
        let copy = carry_out(plan, &inputs);
        let again = run(&copy, None);
        assert_eq!(again.check.verdict, Verdict::Sound, "{:?}", again.check.findings);
        assert_eq!(again.report.files[0].commands, commands);
        assert_eq!(again.report.files[0].keys, plan.keys_kept);
        let (keys, errors) = load(&snaptape_testdata::debian(), &copy, false).expect("it loads");
        assert!(keys.len() > 20, "{errors:?}");
        // A snapshot on its own is only torn: nothing is looked for behind it.
        let alone = run(&vec![("dump.rdb".to_owned(), good[..tape - 60].to_vec())], None);
        assert!(alone.check.findings.iter().all(|finding| !finding.message.starts_with("Behind the broken")));
    }
}

/// A tape of lines; `?` stands for a hole.
fn tape(lines: &[&str]) -> Vec<u8> {
    let mut tape = Vec::new();
    for line in lines {
        if *line == "?" {
            tape.extend([0_u8; 40]);
            continue;
        }
        let words: Vec<&str> = line.split(' ').collect();
        tape.extend(format!("*{}\r\n", words.len()).into_bytes());
        for word in words {
            tape.extend(format!("${}\r\n{word}\r\n", word.len()).into_bytes());
        }
    }
    tape
}

/// What is left out because it fails would have failed, and where nothing is in doubt, all of it is left out.
#[test]
fn what_is_left_out_fails_on_a_server() {
    let claim = "XCLAIM s g c 0 1-1 TIME 1700000000000 RETRYCOUNT 1 FORCE JUSTID LASTID 1-1";
    // Lines, how many of them fail, and how many of those are known to.
    let cases: &[(&[&str], usize, u64)] = &[
        (&["SET k v", "?", "RENAME a b", "RENAME k b", "RENAME b c", "RENAME k d", "LSET l 0 x"], 3, 3),
        (&["RPUSH l x", "?", "LSET l 0 y", "DEL l", "LSET l 0 z", "RENAMENX l m"], 2, 2),
        (&["?", "XADD s 1-1 f v", claim, "XGROUP SETID s g 0", "XGROUP CREATE s g 0", claim], 2, 2),
        (
            &["?", "XGROUP CREATE s g 0", "XGROUP CREATE s g 0 MKSTREAM", claim, "XGROUP DESTROY s g", claim],
            2,
            2,
        ),
        (
            &[
                "?",
                "XGROUP DESTROY s g",
                "XGROUP CREATECONSUMER s g c",
                "XGROUP DELCONSUMER s g c",
                "XSETID s 5-5",
            ],
            4,
            4,
        ),
        (&["XGROUP CREATE s g $ MKSTREAM", "?", claim, "RENAME s t", claim, "RENAME t s", claim], 1, 1),
        (
            &["XGROUP CREATE s g $ MKSTREAM", "?", "COPY s t", "XGROUP SETID t g 0", "XGROUP SETID t h 0"],
            1,
            0,
        ),
        (&["XGROUP CREATE s g $ MKSTREAM", "?", "DEL s", "XADD s 2-1 f v", claim], 1, 1),
        (
            &[
                "XGROUP CREATE s g $ MKSTREAM",
                "?",
                "SELECT 3",
                claim,
                "SELECT 0",
                claim,
                "MOVE s 3",
                "SELECT 3",
                claim,
            ],
            1,
            1,
        ),
        (
            &[
                "XGROUP CREATE s g $ MKSTREAM",
                "?",
                "COPY s u DB 4",
                "SELECT 4",
                "XGROUP SETID u g 0",
                "RENAME s u",
            ],
            1,
            1,
        ),
        (&["SET k v", "?", "FLUSHALL", "RENAME k l", "SET k v", "RENAME k l"], 1, 1),
        (&["SET k v", "?", "SELECT 1", "FLUSHDB", "SELECT 0", "RENAME k l", "FLUSHDB", "RENAME l k"], 1, 1),
        (&["SET k v", "SWAPDB 0 1", "?", "RENAME k l", "FLUSHALL", "RENAME k l"], 2, 1),
        (&["MSET a 1 b 2 c 3 d 4", "?", "RENAME d e", "DEL a b c e", "RENAME e f", "RENAME c f"], 2, 2),
        (&["EVAL return 0", "?", "RENAME k l"], 1, 0),
        (&["?", "SORT l BY nosort STORE m", "ZUNIONSTORE z 1 y", "BITOP AND x p q", "RENAME m n"], 1, 0),
        (&["SET k v", "?", "MULTI", "DEL k", "RENAME k l", "SET k v", "EXEC", "RENAME k l"], 1, 1),
        (&["SET k v", "?", "MULTI", "FLUSHALL", "EXEC", "RENAME k l"], 1, 0),
        (&["SET k v", "MULTI", "SET j v", "EXEC", "?", "RENAME j k", "RESTORE r 0 x", "RENAME r s"], 2, 0),
    ];
    let program = snaptape_testdata::debian();
    for (lines, failing, known) in cases {
        let lines = &[&["SELECT 0"], *lines].concat();
        let whole: Vec<&str> = lines.iter().copied().filter(|line| *line != "?").collect();
        let raw = vec![("appendonly.aof".to_owned(), tape(&whole))];
        let (keys, errors) = load(&program, &raw, false).expect("it loads");
        assert_eq!(errors.len(), *failing, "{lines:?}: {errors:?}");
        let inputs = vec![("appendonly.aof".to_owned(), tape(lines))];
        let outcome = run(&inputs, Some("redis-7.0"));
        let plan = outcome.plans.iter().find(|plan| plan.name == "salvage").expect("a plan");
        let copy = carry_out(plan, &inputs);
        let (same, errors) = load(&program, &copy, false).expect("it loads");
        let left = errors.len() as u64;
        assert_eq!(*failing as u64 - left, *known, "{lines:?}: {errors:?}\n{plan:?}");
        assert_eq!(same, keys, "{lines:?}");
        let says = plan.notes.iter().any(|note| note.contains("left out although nothing in"));
        assert_eq!(says, *known > 0, "{plan:?}");
    }
}

/// What a transaction that is left out has removed is still there.
#[test]
fn transactions_that_are_not_run_remove_nothing() {
    let lines =
        &["SELECT 0", "SET k v", "?", "MULTI", "DEL k", "SET j v", "DISCARD", "RENAME k l", "RENAME j m"];
    let inputs = vec![("appendonly.aof".to_owned(), tape(lines))];
    let outcome = run(&inputs, Some("redis-7.0"));
    let plan = outcome.plans.iter().find(|plan| plan.name == "salvage").expect("a plan");
    let (keys, errors) =
        load(&snaptape_testdata::debian(), &carry_out(plan, &inputs), false).expect("it loads");
    assert!(keys.len() == 1 && keys.contains_key(&(0, b"l".to_vec())), "{keys:?}");
    // Nobody knows that the other one was never made.
    assert_eq!(errors.len(), 1, "{errors:?}");
}

/// What a base or an earlier file has made is known behind a hole in a later one.
#[test]
fn keys_of_earlier_files_are_known() {
    let manifest = "file appendonly.aof.1.base.aof seq 1 type b\nfile appendonly.aof.1.incr.aof seq 1 type i\n\
                    file appendonly.aof.2.incr.aof seq 2 type i\n";
    let base: &[&str] = &["SELECT 0", "SET k v", "XGROUP CREATE s g $ MKSTREAM"];
    let first: &[&str] = &["SELECT 0", "RENAME k l", "?", "RENAME x y"];
    let second: &[&str] =
        &["SELECT 0", "RENAME l m", "RENAME k n", "XGROUP SETID s g 0", "XGROUP SETID s h 0"];
    let dir = |name: &str| format!("appendonlydir/appendonly.aof.{name}");
    let inputs: Set = vec![
        (dir("manifest"), manifest.into()),
        (dir("1.base.aof"), tape(base)),
        (dir("1.incr.aof"), tape(first)),
        (dir("2.incr.aof"), tape(second)),
    ];
    let outcome = run(&inputs, Some("redis-7.0"));
    let plan = outcome.plans.iter().find(|plan| plan.name == "salvage").expect("a plan");
    assert_eq!((plan.losses.commands, plan.commands_kept), (3, 8), "{plan:?}");
    let copy = carry_out(plan, &inputs);
    let (keys, errors) = load(&snaptape_testdata::debian(), &copy, true).expect("it loads");
    assert_eq!(errors, [""; 0]);
    assert!(keys.contains_key(&(0, b"m".to_vec())) && keys.len() == 2, "{keys:?}");
    // Without the base nothing of it is there.
    let without: Set = inputs.into_iter().filter(|(name, _)| !name.contains("base")).collect();
    let outcome = run(&without, Some("redis-7.0"));
    let plan = outcome.plans.iter().find(|plan| plan.name == "salvage").expect("a plan");
    let copy = carry_out(plan, &without);
    let (keys, errors) = load(&snaptape_testdata::debian(), &copy, true).expect("it loads");
    assert_eq!((keys.len(), errors.len()), (0, 0), "{errors:?}");
}
