//! What is predicted beside what real programs do, on damage that stands in no corpus.

mod damage;
mod snapshots;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use damage::{Random, damage};
use snaptape_engine::Options;
use snaptape_report::CheckReport;
use snaptape_testdata::{Program, amount, cases, files, programs, roots};

use crate::set::{Set, run};

/// How many damaged sets each server is asked about, unless `SNAPTAPE_DAMAGES` says another number.
const DAMAGES: u64 = 300;

/// What Snaptape says.
fn predict(set: &Set, release: &str) -> CheckReport {
    run(set, Options { target: Some(release.into()), ..Options::default() }).check
}

fn write(dir: &Path, set: &Set) {
    for (path, bytes) in set {
        let place = dir.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

/// What a check tool is given: the manifest of the folder, else the tape.
fn tool_target(dir: &Path, set: &Set) -> PathBuf {
    let manifest = set.iter().find(|(path, _)| path.ends_with(".manifest"));
    dir.join(&manifest.unwrap_or(&set[0]).0)
}

/// The name a server must be told.
fn append_filename(set: &Set) -> String {
    let manifest = set.iter().find_map(|(path, _)| path.strip_suffix(".manifest"));
    manifest.unwrap_or(&set[0].0).rsplit('/').next().unwrap().into()
}

/// A question, what was predicted and what happened.
type Answer = (&'static str, String, String);

/// The last part of a path.
fn name(path: &str) -> String {
    path.rsplit('/').next().unwrap().into()
}

/// Asks the real programs, and sets their answers beside ours. Also what they said, for whoever has to find out why.
fn ask(program: &Program, set: &Set, check: &CheckReport) -> (Vec<Answer>, String) {
    let mut answers = Vec::new();
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), set);
    let tool = program.check_aof(&tool_target(dir.path(), set), false);
    let mut said = tool.output.trim_end().lines().last().unwrap_or_default().to_string();
    // Before 7.0 the tool asks for as much memory as the length says, and more than that when it is negative.
    if tool.exit.is_none() && !program.has_manifest() {
        answers.push(("tool crashed", String::new(), String::new()));
    } else {
        answers.push(("tool exit", format!("{:?}", Some(check.check_tool.exit)), format!("{:?}", tool.exit)));
        let ours: BTreeMap<String, u64> =
            check.check_tool.files.iter().map(|file| (name(&file.file), file.ok_up_to)).collect();
        // Before 7.0 the tool names no file.
        let only = |path: String| if path.is_empty() { name(&set[0].0) } else { name(&path) };
        let theirs: BTreeMap<String, u64> =
            tool.ok_up_to().into_iter().map(|(path, ok_up_to)| (only(path), ok_up_to)).collect();
        answers.push(("tool ok_up_to", format!("{ours:?}"), format!("{theirs:?}")));
    }
    for (question, load, truncated) in
        [("starts", &check.loads.default, true), ("starts strictly", &check.loads.strict, false)]
    {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), set);
        let started = program.start_named(dir.path(), truncated, &append_filename(set));
        answers.push((question, load.starts.to_string(), started.is_ok().to_string()));
        match started {
            Ok(server) => {
                drop(server);
                // A single file has been moved into the folder.
                let left = files(dir.path()).into_iter().find(|(path, _)| name(path) == name(&load.file));
                let left = left.map(|(_, bytes)| bytes.len() as u64);
                if load.starts {
                    let ours = format!("{:?}", Some(load.kept_up_to));
                    answers.push(("bytes left", ours, format!("{left:?}")));
                }
            }
            Err(failure) => {
                // A crash is followed by pages about it.
                let lines = failure.log.lines().take_while(|line| !line.contains("BUG REPORT START"));
                let last = lines.filter_map(|line| line.split_once(" # ")).last().unwrap_or_default().1;
                let _ = write!(said, "\n    exit {:?} signal {:?}: {last}", failure.exit, failure.signal);
            }
        }
    }
    (answers, said)
}

/// Tapes of a few commands, so that what is found is short.
fn short() -> Vec<(String, Set)> {
    let select = "*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n";
    let set = |key: &str| format!("*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n$2\r\nok\r\n", key.len());
    let block = |inner: &str| format!("*1\r\n$5\r\nMULTI\r\n{inner}*1\r\n$4\r\nEXEC\r\n");
    let list = "*4\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n$1\r\na\r\n$1\r\nb\r\n";
    let plain = [select, &set("a"), list, &block(&[set("b"), set("c")].concat()), &set("d")].concat();
    let open = [select, &set("a"), &block(&set("b")), &set("c")].concat();
    let snapshot: &[u8] = b"REDIS0009\xfe\x00\x00\x01k\x01v\xff\0\0\0\0\0\0\0\0";
    // A key that stands twice would be damage of its own.
    let other: &[u8] = b"REDIS0009\xfe\x00\x00\x01o\x01v\xff\0\0\0\0\0\0\0\0";
    let folder = |base: &[u8], incrs: &[&[u8]]| {
        let mut set: Set = vec![("appendonlydir/appendonly.aof.1.base.rdb".into(), base.to_vec())];
        let mut manifest = String::from("file appendonly.aof.1.base.rdb seq 1 type b\n");
        for (n, bytes) in (1..).zip(incrs) {
            set.push((format!("appendonlydir/appendonly.aof.{n}.incr.aof"), bytes.to_vec()));
            let _ = writeln!(manifest, "file appendonly.aof.{n}.incr.aof seq {n} type i");
        }
        set.push(("appendonlydir/appendonly.aof.manifest".into(), manifest.into_bytes()));
        set
    };
    let single = |bytes: &[u8]| vec![("appendonly.aof".to_string(), bytes.to_vec())];
    [
        ("plain", single(plain.as_bytes())),
        ("block", single(open.as_bytes())),
        ("preamble", single(&[snapshot, plain.as_bytes()].concat())),
        ("folder", folder(snapshot, &[plain.as_bytes(), open.as_bytes()])),
        ("folder-empty", folder(snapshot, &[plain.as_bytes(), b""])),
        ("folder-preambles", folder(snapshot, &[&[other, plain.as_bytes()].concat(), open.as_bytes()])),
        ("folder-plain", folder(plain.as_bytes(), &[open.as_bytes()])),
    ]
    .map(|(name, set)| (name.into(), set))
    .into()
}

/// The good sets a server could have written.
fn good(program: &Program) -> Vec<(String, Set)> {
    let mut sets: Vec<(String, Set)> = short();
    for root in roots() {
        for case in cases(&root, "aof") {
            let set = files(&case.path);
            if case.server == program.release || (set.len() == 1 && case.server.starts_with("redis-6")) {
                sets.push((case.name, set));
            }
        }
    }
    sets.retain(|(_, set)| set.len() == 1 || program.has_manifest());
    sets
}

/// In how many of a thousand cases the answer must be right.
const LEAST_PER_MILLE: [(&str, u64); 5] = [
    ("bytes left", 995),
    ("starts", 990),
    ("starts strictly", 990),
    ("tool exit", 995),
    ("tool ok_up_to", 995),
];

#[test]
fn random_damage_fares_as_predicted() {
    let damages = amount("SNAPTAPE_DAMAGES", DAMAGES);
    for program in programs() {
        let good = good(&program);
        let mut rates: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let mut misses: Vec<(usize, String)> = Vec::new();
        for seed in 0..damages {
            let mut random = Random::new(seed);
            let (name, mut set) = random.one(&good).clone();
            let what = damage(&mut random, &mut set);
            let check = predict(&set, &program.release);
            // On its own, a file is what its contents say, whatever it is called: nobody is asked how it would fare as a tape.
            if !check.check_tool.tool.ends_with("check-aof") {
                rates.entry("taken for a snapshot").or_default().1 += 1;
                continue;
            }
            let (answers, said) = ask(&program, &set, &check);
            for (question, ours, theirs) in answers {
                let rate = rates.entry(question).or_default();
                rate.1 += 1;
                if ours == theirs {
                    rate.0 += 1;
                    continue;
                }
                let lengths: Vec<usize> = set.iter().map(|(_, bytes)| bytes.len()).collect();
                let why = &check.loads.default.why;
                misses.push((
                    lengths.iter().sum(),
                    format!("{seed} {what} in {name}: {question}: predicted {ours}, was {theirs}; {lengths:?} {why}\n    {said}"),
                ));
            }
        }
        // The shortest input says most.
        misses.sort();
        for (_, miss) in &misses {
            println!("{}: {miss}", program.release);
        }
        println!("{}: {rates:?}", program.release);
        for (question, least) in LEAST_PER_MILLE {
            let (right, all) = rates[question];
            assert!(right * 1000 >= all * least, "{}: {question}: {right} of {all}", program.release);
        }
        let (_, skipped) = rates.get("taken for a snapshot").copied().unwrap_or_default();
        assert!(skipped * 50 <= damages, "{skipped} of {damages} were taken for snapshots");
    }
}
