//! Whole data sets through a job, read as a front end reads them.

use std::collections::{BTreeMap, VecDeque};

use snaptape_engine::{InputFile, Job, Options, Outcome, ReadRequest};
use snaptape_report::{FindingKind, Role, Severity, Verdict};
use snaptape_testdata::{Case, cases, files, roots};

use crate::set::{inputs, slice};

/// Runs a job with `ahead` reads under way.
fn run(set: &[(String, Vec<u8>)], options: Options, ahead: usize) -> Outcome {
    let mut job = Job::new(inputs(set), options).unwrap();
    let mut under_way: VecDeque<ReadRequest> = VecDeque::new();
    let mut last = 0;
    while !job.is_done() {
        while under_way.len() < ahead
            && let Some(request) = job.next_read()
        {
            under_way.push_back(request);
        }
        let request = under_way.pop_front().expect("a job that is not done asks for something");
        job.feed(&request, slice(set, &request));
        let progress = job.progress();
        assert!(progress.done_bytes >= last && progress.done_bytes <= progress.total_bytes);
        last = progress.done_bytes;
    }
    assert_eq!(job.progress().done_bytes, job.progress().total_bytes);
    job.finish()
}

fn options(window_bytes: usize) -> Options {
    Options { window_bytes, ..Options::default() }
}

/// A case as a user would give it: the path of its folder in front.
fn set(case: &Case) -> Vec<(String, Vec<u8>)> {
    files(&case.path)
}

#[test]
fn every_intact_tape_is_sound_with_its_commands() {
    let mut n = 0;
    for root in roots() {
        for case in cases(&root, "aof") {
            let outcome = run(&set(&case), options(4096), 2);
            assert_eq!(outcome.check.verdict, Verdict::Sound, "{}: {:?}", case.name, outcome.check.findings);
            // Nothing to mend; where databases were emptied, that can be taken back.
            let names: Vec<&str> = outcome.plans.iter().map(|plan| plan.name.as_str()).collect();
            let emptied = case.name.contains("/flush");
            assert_eq!(names, if emptied { &["without", "before"][..] } else { &[] }, "{}", case.name);
            assert!(outcome.check.loads.default.starts && outcome.check.loads.strict.starts, "{}", case.name);
            let mut expected = 0;
            let mut by_name: BTreeMap<String, u64> = BTreeMap::new();
            for file in case.sidecar["files"].as_array().unwrap() {
                let Some(commands) = file["commands"].as_u64() else { continue };
                let name = file["file"].as_str().unwrap();
                let report = outcome.report.files.iter().find(|f| f.name.ends_with(name)).unwrap();
                // What a history file holds is not part of the tape.
                if report.role == Role::History {
                    continue;
                }
                assert_eq!(report.commands, commands, "{} {name}", case.name);
                assert_eq!(report.sound_up_to, report.bytes);
                expected += commands;
                for (name, count) in file["by_command"].as_object().unwrap() {
                    *by_name.entry(name.clone()).or_default() += count.as_u64().unwrap();
                }
            }
            let tape = outcome.report.tape.unwrap_or_default();
            assert_eq!(tape.commands, expected, "{}", case.name);
            let got: BTreeMap<_, _> = tape.by_name.into_iter().map(|c| (c.name, c.commands)).collect();
            assert_eq!(got, by_name, "{}", case.name);
            n += 1;
        }
    }
    println!("{n} tapes");
    assert!(n >= 10, "only {n}");
}

/// Damage that leaves the framing of every command whole: what is wrong there is what the commands say.
const FRAMING_INTACT: [&str; 10] = [
    "block-doubled",
    "block-removed",
    "flipped-payload",
    "unknown-command",
    "wrong-arity",
    "manifest-comment",
    "manifest-unlisted-incr",
    "good",
    "preamble-only",
    "empty",
];

#[test]
fn damaged_framing_is_never_sound_and_plans_hold() {
    let (mut damaged, mut planned) = (0, 0);
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let damage = case.sidecar["damage"].as_str().unwrap();
            let input = set(&case);
            let outcome = run(&input, options(1 << 20), 2);
            let tool = case.sidecar["check_aof"]["exit"].as_i64();
            let strict = case.sidecar["server, aof-load-truncated no"]["started"].as_bool();
            if FRAMING_INTACT.contains(&damage) {
                continue;
            }
            // valkey-check-aof 9 calls its own server's healthy snapshots wrong: there only the server counts.
            let refused = (tool != Some(0) && !case.server.starts_with("valkey-9")) || strict == Some(false);
            if refused {
                assert_ne!(outcome.check.verdict, Verdict::Sound, "{}", case.name);
                assert!(
                    outcome.check.findings.iter().any(|f| f.severity == Severity::Error),
                    "{}",
                    case.name
                );
                damaged += 1;
            }
            for plan in &outcome.plans {
                let copy: Vec<(String, Vec<u8>)> = plan
                    .outputs
                    .iter()
                    .map(|output| {
                        let source = input.iter().find(|(name, _)| *name == output.source);
                        let source = source.map_or(&[][..], |(_, bytes)| bytes);
                        let bytes = snaptape_engine::in_memory(output, source).unwrap();
                        (output.name.clone(), bytes)
                    })
                    .collect();
                let again = run(&copy, options(1 << 20), 2);
                assert_eq!(
                    again.check.verdict,
                    Verdict::Sound,
                    "{}: the copy: {:?}\n{plan:?}",
                    case.name,
                    again.check.findings
                );
                planned += 1;
            }
        }
    }
    println!("{damaged} damaged, {planned} copies sound");
    assert!(damaged >= 60 && planned >= 30, "{damaged} {planned}");
}

/// A day after the damaged snapshots were made and tried. Keys that had expired by then were dropped.
const TRIED_MS: i64 = 1_795_434_000_000;

#[test]
fn damaged_snapshots_fare_as_they_did() {
    let (mut n, mut differ) = (0, Vec::new());
    for root in roots() {
        for case in cases(&root, "rdb-damaged") {
            let Some(started) = case.sidecar["server_start"]["started"].as_bool() else { continue };
            let tool = case.sidecar["check_rdb"]["exit"].as_i64().unwrap();
            let (release, _) = case.server.rsplit_once('.').unwrap();
            let options = Options { target: Some(release.into()), now_ms: TRIED_MS, ..options(1 << 20) };
            let check = run(&set(&case), options, 2).check;
            n += 1;
            if check.loads.default.starts != started || i64::from(check.check_tool.exit) != tool {
                differ.push(case.name);
                continue;
            }
            let answer = check.releases.iter().find(|answer| answer.release == release);
            assert!(answer.is_none_or(|answer| answer.loads == started), "{}: {answer:?}", case.name);
        }
    }
    println!("{n} damaged snapshots");
    assert!(n >= 80, "only {n}");
    assert!(differ.is_empty(), "{differ:?}");
}

#[test]
fn windows_and_reads_under_way_do_not_change_the_answer() {
    let root = roots().remove(0);
    for folder in ["aof", "aof-damaged", "rdb"] {
        for case in cases(&root, folder) {
            let set = set(&case);
            let whole = run(&set, options(1 << 30), 1);
            for (window, ahead) in [(97, 1), (1000, 3), (4096, 2)] {
                assert_eq!(run(&set, options(window), ahead), whole, "{} {window} {ahead}", case.name);
            }
        }
    }
}

#[test]
fn things_that_are_no_backup_are_named() {
    for (bytes, kind, words) in [
        (&b""[..], FindingKind::Empty, "empty"),
        (&[0; 5000], FindingKind::NotADump, "zero bytes"),
        (b"<html>504</html>", FindingKind::NotADump, "HTML"),
        (b"\x1f\x8b\x08rest of it", FindingKind::ContainerDamaged, "gzip"),
        (b"PK\x03\x04rest of it", FindingKind::ContainerDamaged, "zip"),
        (b"BZh91AY&SY", FindingKind::Container, "bzip2"),
        (b"-NOAUTH Authentication required.\r\n", FindingKind::NotADump, "error reply"),
        (&[[0; 5000].as_slice(), b"*1\r\n"].concat(), FindingKind::NotADump, "5,000 zero bytes"),
        (b"plain words", FindingKind::NotADump, "neither"),
        (b"REDIS", FindingKind::NotADump, "not those of a snapshot"),
    ] {
        let outcome = run(&[("x".into(), bytes.to_vec())], options(1 << 20), 2);
        assert_eq!(outcome.check.verdict, Verdict::Unusable, "{words}: {:?}", outcome.check.findings);
        let named =
            |finding: &&snaptape_report::Finding| finding.kind == kind && finding.message.contains(words);
        assert!(outcome.check.findings.iter().any(|finding| named(&finding)), "{:?}", outcome.check.findings);
    }
}

#[test]
fn a_file_that_shrinks_while_it_is_read_is_a_finding() {
    let root = roots().remove(0);
    let case = cases(&root, "rdb").into_iter().find(|case| case.name.ends_with("collections")).unwrap();
    let (path, bytes) = set(&case).remove(0);
    let mut job = Job::new(vec![InputFile { path, bytes: bytes.len() as u64 }], options(4096)).unwrap();
    let first = job.next_read().unwrap();
    job.feed(&first, &bytes[..1000]);
    assert!(job.is_done());
    let outcome = job.finish();
    assert!(outcome.check.findings.iter().any(|f| f.kind == FindingKind::FileChanged));
    assert_ne!(outcome.check.verdict, Verdict::Sound);
}

#[test]
fn shards_are_one_data_set() {
    let root = roots().remove(0);
    let parts: Vec<_> = cases(&root, "rdb")
        .into_iter()
        .filter(|case| case.name.starts_with("redis-") && case.name.ends_with("/expires"))
        .map(|case| (format!("{}.rdb", case.name), set(&case).remove(0).1))
        .collect();
    assert!(parts.len() > 3);
    let all = run(&parts, options(4096), 2);
    assert_eq!(all.check.verdict, Verdict::Sound);
    let sum: u64 = parts
        .iter()
        .map(|part| run(std::slice::from_ref(part), options(4096), 2).report.dataset.unwrap().totals.keys)
        .sum();
    let dataset = all.report.dataset.unwrap();
    assert_eq!(dataset.totals.keys, sum);
    assert!(dataset.biggest.iter().all(|key| key.file.is_some()));
}
