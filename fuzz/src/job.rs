//! The whole way: what a front end asks, over one file or the files of a folder.

use snaptape_engine::{CommandList, CommandQuery, InputFile, Job, Options, Outcome, Source, in_memory};
use snaptape_report::{Choice, CommandPlace, CommandRow, Edit, FindingKind, ListFrom, OutputFile, Plan};

use crate::Random;

type Files = Vec<(String, Vec<u8>)>;

/// Any window gives the same answers, and carrying out a plan gives what is sound.
pub(crate) fn job(input: &[u8]) {
    let files = vec![("input".into(), input.to_vec())];
    let whole = outcome(&files, 8 << 20, None);
    // Every byte on its own takes too long for long inputs.
    let windows = 60 + crate::cuts(input).first().copied().unwrap_or_default();
    assert_eq!(outcome(&files, windows, None), whole, "windows of {windows} change the answers");
    for plan in &whole.plans {
        carry_out(plan, &whole, &files);
    }
}

/// The same for a folder: the input is cut into a base and increments, some of which its manifest may not know.
pub(crate) fn folder(input: &[u8]) {
    let files = split(input);
    let whole = outcome(&files, 8 << 20, None);
    let windows = 60 + crate::cuts(input).first().copied().unwrap_or_default();
    assert_eq!(outcome(&files, windows, None), whole, "windows of {windows} change the answers");
    for plan in &whole.plans {
        carry_out(plan, &whole, &files);
    }
}

/// Stopping before any place, or leaving out what stands there: what is offered can be done, and what is not is said.
pub(crate) fn choice(input: &[u8]) {
    let mut random = random(input);
    let files = if random.below(2) == 0 { split(input) } else { vec![("input".into(), input.to_vec())] };
    // Where something like a command begins, and some other place.
    let starts: Vec<usize> = (0..input.len()).filter(|&at| input[at..].starts_with(b"*")).collect();
    for _ in 0..4 {
        let place = |random: &mut Random| {
            let any = random.below(input.len() + 2);
            let start = starts.get(random.below(starts.len() + 1)).copied().unwrap_or(any);
            let file = files.get(random.below(files.len() + 1)).map(|(path, _)| path.clone());
            CommandPlace { file, offset: start as u64 }
        };
        let choice = match random.below(3) {
            0 => Choice::Before(place(&mut random)),
            1 => Choice::BeforeTime {
                time_s: 1_700_000_000 + i64::try_from(random.below(1 << 27)).unwrap_or_default(),
            },
            _ => {
                let n = 1 + random.below(3);
                Choice::Without { commands: (0..n).map(|_| place(&mut random)).collect() }
            }
        };
        let whole = outcome(&files, 8 << 20, Some(choice.clone()));
        let offered = whole.plans.iter().find(|plan| ["before", "without"].contains(&plan.name.as_str()));
        assert!(offered.is_some() || whole.refused.is_some(), "{choice:?} is neither offered nor refused");
        if let Some(plan) = offered {
            carry_out(plan, &whole, &files);
        }
    }
}

/// Pages of commands, put together, are the list of all of them, whatever the pages and windows.
pub(crate) fn commands(input: &[u8]) {
    let mut random = random(input);
    let files = if random.below(2) == 0 { split(input) } else { vec![("input".into(), input.to_vec())] };
    let outcome = outcome(&files, 8 << 20, None);
    let Some(tape) = &outcome.report.tape else { return };
    let page = |from: ListFrom, limit: usize, window_bytes: usize| {
        let query = CommandQuery { from, limit, window_bytes, ..CommandQuery::default() };
        let mut list = CommandList::new(tape, &outcome.sources, query).ok()?;
        while let Some(request) = list.next_read() {
            let start = offset(request.offset);
            list.feed(&request, &files[request.file].1[start..start + request.len]);
            assert!(list.progress().done_bytes <= list.progress().total_bytes);
        }
        assert!(list.is_done());
        Some(list.finish())
    };
    let Some(whole) = page(ListFrom::Start, CommandQuery::MAX_ROWS, 8 << 20) else { return };
    assert_eq!((&whole.next, &whole.stopped), (&None, &None));
    let good = whole.rows.iter().filter(|row| !row.behind_damage);
    assert_eq!(good.count() as u64, tape.commands);
    let (limit, window_bytes) = (1 + random.below(40), 64 + random.below(4000));
    let (mut joined, mut from) = (Vec::new(), ListFrom::Start);
    loop {
        let next = page(from, limit, window_bytes).expect("it gave that place itself");
        assert!(next.rows.len() <= limit);
        joined.extend(next.rows);
        let Some(place) = next.next else { break };
        assert!(joined.len() <= whole.rows.len(), "it goes round in circles");
        from = ListFrom::Place(place);
    }
    assert_eq!(joined, whole.rows, "pages of {limit}, windows of {window_bytes}");
    if let Some((path, bytes)) = files.get(random.below(files.len())) {
        let at = random.below(bytes.len() + 1) as u64;
        if let Some(found) = page(ListFrom::Offset { file: path.clone(), offset: at }, 1, window_bytes) {
            // Of this file, or of those behind it.
            let reaches = |row: &CommandRow| row.unreadable_bytes.is_some() && row.end > at;
            let in_file = |row: &&CommandRow| row.file == *path && (row.offset >= at || reaches(row));
            let expected = whole.rows.iter().find(in_file);
            assert!(
                expected.is_none() || found.rows.first() == expected,
                "from {at} of {path}: {:?}, not {expected:?}",
                found.rows.first()
            );
        }
    }
}

fn random(input: &[u8]) -> Random {
    let start = input.len() as u64;
    Random::new(input.iter().fold(start, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)))
}

/// A folder with a manifest. The same input always gives the same one.
fn split(input: &[u8]) -> Files {
    let mut random = random(input);
    let mut manifest = String::new();
    let mut files = Files::new();
    let mut rest = input;
    let parts = 1 + random.below(3);
    for n in 0..parts {
        // Between two commands, most of the time.
        let at = random.below(rest.len() + 1);
        let next =
            rest[at..].windows(3).position(|three| three.starts_with(b"\n*")).map(|more| at + more + 1);
        let at = if n + 1 == parts { rest.len() } else { next.filter(|_| random.below(4) > 0).unwrap_or(at) };
        let (part, behind) = rest.split_at(at);
        rest = behind;
        let (name, kind) =
            if n == 0 { ("a.1.base.rdb".into(), "b") } else { (format!("a.{n}.incr.aof"), "i") };
        if random.below(16) > 0 {
            manifest.extend(["file ", &name, " seq ", &n.max(1).to_string(), " type ", kind, "\n"]);
        }
        if random.below(16) > 0 {
            files.push((format!("dir/{name}"), part.to_vec()));
        }
    }
    if random.below(16) > 0 || files.is_empty() {
        files.push(("dir/a.manifest".into(), manifest.into_bytes()));
    }
    files
}

/// Makes the copy and reads it again.
fn carry_out(plan: &Plan, whole: &Outcome, files: &Files) {
    let copy: Files = plan
        .outputs
        .iter()
        .map(|output| {
            let source = whole.sources.iter().find(|source| source.path == output.source);
            let input = source.map(|source| contents(source, &files[source.file].1)).unwrap_or_default();
            tiles(output, input.len() as u64, &plan.name);
            let bytes = in_memory(output, &input).expect("as it was read");
            assert_eq!(bytes.len() as u64, output.bytes(), "plan {}", plan.name);
            (output.name.clone(), bytes)
        })
        .collect();
    let again = outcome(&copy, 8 << 20, None);
    // As for `salvage`: a copy may show that something is not known here.
    if again.check.findings.iter().any(|finding| finding.kind == FindingKind::Unsupported) {
        return;
    }
    assert!(again.check.is_undamaged(), "the copy of plan {}: {:?}", plan.name, again.check.findings);
}

/// Nothing is kept twice, and nothing is lost without being named.
fn tiles(output: &OutputFile, source_bytes: u64, plan: &str) {
    if output.source.is_empty() {
        return;
    }
    let mut at = 0;
    for edit in &output.edits {
        let (Edit::Keep { start, end } | Edit::Drop { start, end, .. } | Edit::Reframe { start, end, .. }) =
            edit
        else {
            continue;
        };
        assert!(*start == at && start <= end, "plan {plan}: {:?}", output.edits);
        at = *end;
    }
    assert_eq!(at, source_bytes, "plan {plan}: {:?}", output.edits);
}

/// What is in a source.
fn contents(source: &Source, input: &[u8]) -> Vec<u8> {
    let packed = &input[offset(source.start)..offset(source.end)];
    let Some(mut unpacker) = source.unpacker() else { return packed.to_vec() };
    let mut contents = Vec::new();
    unpacker.push(packed, &mut |piece| contents.extend_from_slice(piece));
    unpacker.finish(&mut |piece| contents.extend_from_slice(piece));
    contents
}

fn offset(offset: u64) -> usize {
    usize::try_from(offset).expect("an offset in the input")
}

fn outcome(files: &[(String, Vec<u8>)], window_bytes: usize, choice: Option<Choice>) -> Outcome {
    let inputs =
        files.iter().map(|(path, bytes)| InputFile { path: path.clone(), bytes: bytes.len() as u64 });
    let options = Options { window_bytes, choice, ..Options::default() };
    let mut job = Job::new(inputs.collect(), options).expect("there are files");
    let mut reads = 0;
    while !job.is_done() {
        let before = reads;
        while let Some(request) = job.next_read() {
            let start = offset(request.offset);
            let file = &files[request.file].1;
            assert!(start + request.len <= file.len(), "asked for what is not there: {request:?}");
            job.feed(&request, &file[start..start + request.len]);
            reads += 1;
        }
        assert!(reads > before, "the job waits for nothing");
    }
    job.finish()
}
