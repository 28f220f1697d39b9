//! Salvaged sets are started on real servers of the release that wrote them: they load, and hold what they should.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use snaptape_engine::{InputFile, Job, Options, Outcome, Piece, pieces, reframer};
use snaptape_report::{Plan, Verdict};
use snaptape_testdata::{Case, Entry, Program, cases, files, programs, read, roots};
use snaptape_wire::Crc64;

type Files = Vec<(String, Vec<u8>)>;

fn run(set: &Files, target: Option<&str>) -> Outcome {
    let inputs =
        set.iter().map(|(path, bytes)| InputFile { path: path.clone(), bytes: bytes.len() as u64 }).collect();
    let options = Options { target: target.map(str::to_owned), deep: true, ..Options::default() };
    let mut job = Job::new(inputs, options).unwrap();
    while let Some(request) = job.next_read() {
        let start = usize::try_from(request.offset).unwrap();
        job.feed(&request, &set[request.file].1[start..start + request.len]);
    }
    job.finish()
}

fn carry_out(plan: &Plan, inputs: &Files) -> Files {
    let source = |path: &str, start: u64, end: u64| {
        let (_, bytes) = inputs.iter().find(|(name, _)| name == path).expect("a known source");
        bytes[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()].to_vec()
    };
    let file = |output| {
        let mut out = Vec::new();
        for piece in pieces(output) {
            match piece {
                Piece::Source { path, start, end } => out.extend(source(&path, start, end)),
                Piece::Reframed { path, start, end, from } => {
                    let mut reframer = reframer(from);
                    reframer.push(&source(&path, start, end), &mut out).unwrap();
                    reframer.finish(&mut out).unwrap();
                }
                Piece::Bytes(bytes) => out.extend(bytes),
                Piece::Checksum => {
                    let mut crc = Crc64::new();
                    crc.update(&out);
                    out.extend(crc.value().to_le_bytes());
                }
            }
        }
        (output.name.clone(), out)
    };
    plan.outputs.iter().map(file).collect()
}

type Keys = BTreeMap<(u64, Vec<u8>), Entry>;

/// What a server holds that has loaded these files, without cutting anything, and what of its log tells of errors.
fn load(program: &Program, files: &Files, directory: bool) -> Result<(Keys, Vec<String>), String> {
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

/// After these every key must be as if nothing had happened.
const AS_BEFORE: [&str; 17] = [
    "argc-minus",
    "argc-plus",
    "argc-zero",
    "bulk-length-huge",
    "bulk-length-minus",
    "bulk-length-negative",
    "bulk-length-plus",
    "exec-missing",
    "flipped-argc-star",
    "flipped-dollar",
    "garbage-inserted",
    "lf-only",
    "nested-multi",
    "preamble-checksum",
    "preamble-flipped",
    "truncated-last-crlf",
    "two-damages",
];

/// After these, commands in the middle are lost.
const LOSES_COMMANDS: [&str; 6] =
    ["block-removed", "missing-base", "missing-incr", "preamble-truncated", "truncated-base", "zeroed-block"];

fn good(case: &Case, path: &Path) -> Option<Files> {
    let scenario = case.sidecar["scenario"].as_str()?;
    let path = path.with_file_name(format!("{scenario}--good.aof"));
    path.exists().then(|| vec![("appendonly.aof".to_owned(), read(&path))])
}

#[test]
fn servers_load_what_is_salvaged() {
    let (mut loaded, mut same, mut fewer, mut failing, mut crashes) =
        (0, 0, Vec::new(), Vec::new(), Vec::new());
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
            // A command that builds on one that is lost (XCLAIM on a group whose XGROUP CREATE was in the hole) fails. The server
            // says so and goes on.
            let lost = LOSES_COMMANDS.contains(&damage);
            let fails = |line: &String| line.contains("is sending an error to its AOF-loading-client");
            assert!(errors.is_empty() || (lost && errors.iter().all(fails)), "{}: {errors:?}", case.name);
            if !errors.is_empty() {
                failing.push(format!("{}: {}", case.name, errors.len()));
            }
            if let Some(truncate) = plan("truncate") {
                let cut = carry_out(truncate, &inputs);
                match load(&program, &cut, truncate.directory) {
                    Ok((cut, _)) if keys.len() < cut.len() => {
                        fewer.push(format!("{}: {} < {}", case.name, keys.len(), cut.len()));
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
            if AS_BEFORE.contains(&damage)
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
    println!("commands that fail in {failing:?}; servers do not take what a cut leaves in {crashes:?}");
    assert!(fewer.is_empty(), "fewer keys than a cut leaves: {fewer:?}");
    assert!(loaded >= 60 && same >= 15, "{loaded} {same}");
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
