//! What the report says of recorded tapes, beside what the sidecars say of them.

use snaptape_engine::Options;
use snaptape_report::{DestructiveKind, Report, Role, Tape};
use snaptape_testdata::{Case, at_least, cases, files, roots};

use crate::set::{Set, run};

fn inspect(case: &Case) -> (Report, Set) {
    let files = files(&case.path);
    let options = Options { window_bytes: 3_000, ..Options::default() };
    (run(&files, options).report, files)
}

/// The sidecar's row of a file that is part of the tape.
fn sidecar_files<'a>(
    case: &'a Case,
    report: &'a Report,
) -> impl Iterator<Item = (String, &'a serde_json::Value)> {
    let rows = case.sidecar["files"].as_array().unwrap().iter();
    rows.filter_map(|row| {
        let name = row["file"].as_str()?;
        row["commands"].as_u64()?;
        let file = report.files.iter().find(|file| file.name.ends_with(name))?;
        (file.role != Role::History).then(|| (file.name.clone(), row))
    })
}

#[test]
fn flushes_times_blocks_and_counts_are_those_of_the_sidecars() {
    let (mut flushes, mut stamps, mut tapes) = (0, 0, 0);
    for root in roots() {
        for case in cases(&root, "aof") {
            let (report, files) = inspect(&case);
            let Some(tape): Option<&Tape> = report.tape.as_ref() else { continue };
            tapes += 1;
            let mut expected = Vec::new();
            for (path, row) in sidecar_files(&case, &report) {
                for flush in row["flush_at"].as_array().into_iter().flatten() {
                    let name = flush[1].as_str().unwrap().to_ascii_uppercase();
                    expected.push((path.clone(), flush[0].as_u64().unwrap(), name));
                }
                let in_file = tape.files.iter().find(|file| file.file == path);
                let bytes = files.iter().find(|file| file.0 == path).unwrap().1.len() as u64;
                let preamble = row["rdb_preamble_bytes"].as_u64().unwrap_or(0);
                if let Some(in_file) = in_file.filter(|file| file.file_bytes > 0) {
                    assert_eq!((in_file.start, in_file.end), (preamble, bytes), "{} {path}", case.name);
                    assert_eq!(Some(in_file.commands), row["commands"].as_u64(), "{} {path}", case.name);
                } else {
                    assert_eq!(row["commands"].as_u64(), Some(0), "{} {path}", case.name);
                }
                let first = row["timestamp_lines"].as_array().and_then(|lines| lines.first());
                let first = first.and_then(|line| {
                    let text = line.as_str().map_or_else(|| line.to_string(), str::to_owned);
                    let digits: String =
                        text.rsplit(':').next()?.chars().filter(char::is_ascii_digit).collect();
                    digits.parse::<i64>().ok()
                });
                if let Some(first) = first {
                    assert_eq!(
                        in_file.and_then(|file| file.first_time_s),
                        Some(first),
                        "{} {path}",
                        case.name
                    );
                    stamps += 1;
                }
            }
            let found: Vec<_> = tape
                .destructive
                .iter()
                .filter(|event| matches!(event.kind, DestructiveKind::Flushall | DestructiveKind::Flushdb))
                .map(|event| (event.file.clone(), event.offset, event.name.clone()))
                .collect();
            assert_eq!(found, expected, "{}", case.name);
            flushes += found.len();
            // Other than that, nothing in these tapes is an accident but a RENAME onto a key that was there.
            for event in &tape.destructive {
                let is_flush = event.kind.is_flush();
                assert!(is_flush || event.kind == DestructiveKind::RenameOver, "{}: {event:?}", case.name);
                let keys = event.keys.expect("the replay knows");
                assert!(keys.min > 0 && keys.max >= Some(keys.min), "{}: {event:?}", case.name);
            }
            assert!(tape.rewrite.is_some(), "{}", case.name);
            assert_eq!(tape.times.is_some(), tape.first_time_s.is_some(), "{}", case.name);
            let in_buckets: u64 = tape.offsets.buckets.iter().map(|bucket| bucket.activity.commands).sum();
            assert_eq!(in_buckets, tape.commands, "{}", case.name);
            for event in &tape.destructive {
                assert_eq!(
                    event.commands_before + event.commands_after + 1,
                    tape.commands,
                    "{}: {event:?}",
                    case.name
                );
            }
        }
    }
    println!("{tapes} tapes, {flushes} flushes, {stamps} files with times");
    assert!(
        tapes >= at_least(30, 10) && flushes >= at_least(10, 3) && stamps >= at_least(4, 1),
        "{tapes} tapes, {flushes} flushes, {stamps} with times"
    );
}
