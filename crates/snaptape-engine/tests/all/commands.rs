//! Lists of commands: pages joined are one list, filters hold what they say, jumps lead where they should.

use snaptape_engine::{CommandFilter, CommandList, CommandQuery, Options, Outcome, Piece, pieces};
use snaptape_report::{CommandPage, CommandRow, DestructiveKind, ListFrom, Plan, Tape, TapePlace};
use snaptape_testdata::{at_least, cases, files, roots};

use crate::set::{Set, run, slice};

/// What one picks by hand.
type Pick = fn(&CommandRow) -> bool;

fn inspect(files: &Set) -> Outcome {
    run(files, Options::default())
}

fn page(files: &Set, outcome: &Outcome, query: CommandQuery) -> CommandPage {
    let tape = outcome.report.tape.as_ref().expect("a tape");
    let mut list = CommandList::new(tape, &outcome.sources, query).expect("a list");
    let mut reads = 0;
    while let Some(request) = list.next_read() {
        list.feed(&request, slice(files, &request));
        assert!(list.progress().done_bytes <= list.progress().total_bytes);
        reads += 1;
        assert!(reads < 1_000_000, "it never ends");
    }
    assert!(list.is_done());
    list.finish()
}

fn all(files: &Set, outcome: &Outcome) -> Vec<CommandRow> {
    let query = CommandQuery { limit: CommandQuery::MAX_ROWS, ..CommandQuery::default() };
    let page = page(files, outcome, query);
    assert_eq!((page.next, page.stopped, page.counted_to_end), (None, None, true));
    assert_eq!(page.matches, page.rows.len() as u64);
    page.rows
}

fn command(words: &[&str]) -> String {
    let texts: Vec<String> = words.iter().map(|word| format!("${}\r\n{word}\r\n", word.len())).collect();
    format!("*{}\r\n{}", words.len(), texts.concat())
}

/// Two files with blocks, times and databases.
fn made() -> Set {
    let mut one = command(&["SELECT", "2"]);
    let mut two = String::from("#TS:1700000100\r\n");
    for n in 0..400 {
        if n % 50 == 0 {
            one.push_str(&["#TS:", &(1_700_000_000 + n).to_string(), "\r\n"].concat());
        }
        one += &command(&["SET", &format!("user:{n}:name"), &"v".repeat(n)]);
        if n % 20 == 7 {
            one += &command(&["MULTI"]);
            one += &command(&["SELECT", &(n % 3).to_string()]);
            one += &command(&["HSET", "h", "f", "needle in it"]);
            one += &command(&["EXEC"]);
        }
        two += &command(&["DEL", &format!("user:{n}:name"), "other"]);
    }
    two += &command(&["flushdb"]);
    let long = "x".repeat(1 << 20);
    two += &command(&["SET", "long\r\n", &long]);
    vec![("d/a.1.incr.aof".into(), one.into_bytes()), ("d/a.2.incr.aof".into(), two.into_bytes())]
}

#[test]
fn pages_joined_are_the_whole_list() {
    let files = made();
    let outcome = inspect(&files);
    let whole = all(&files, &outcome);
    let tape = outcome.report.tape.as_ref().unwrap();
    assert_eq!(whole.len() as u64, tape.commands);
    for (n, row) in whole.iter().enumerate() {
        assert_eq!(row.number, Some(n as u64));
        let bytes = &files.iter().find(|(path, _)| *path == row.file).unwrap().1;
        assert_eq!(bytes[usize::try_from(row.offset).unwrap()], b'*');
    }
    for (limit, window_bytes) in [(1, 8 << 20), (7, 1 << 10), (64, 100), (1_000, 8 << 20)] {
        let mut joined = Vec::new();
        let mut from = ListFrom::Start;
        loop {
            let query = CommandQuery { from, limit, window_bytes, ..CommandQuery::default() };
            let page = page(&files, &outcome, query);
            assert!(page.rows.len() <= limit);
            joined.extend(page.rows);
            let Some(next) = page.next else { break };
            from = ListFrom::Place(next);
        }
        assert_eq!(joined, whole, "pages of {limit}");
    }
}

#[test]
fn rows_show_arguments_safely_and_where_they_stand() {
    let files = made();
    let outcome = inspect(&files);
    let whole = all(&files, &outcome);
    let last = whole.last().unwrap();
    assert_eq!((last.name.as_str(), last.argument_count), ("SET", 2));
    assert_eq!((last.arguments[0].text.as_str(), last.arguments[0].cut), ("long\\r\\n", false));
    assert_eq!((last.arguments[1].len_bytes, last.arguments[1].cut), (1 << 20, true));
    assert_eq!(last.arguments[1].text.len(), CommandRow::MAX_ARGUMENT_BYTES);
    let flush = &whole[whole.len() - 2];
    assert_eq!((flush.name.as_str(), flush.destructive), ("FLUSHDB", Some(DestructiveKind::Flushdb)));
    // A file starts in database 0, and keeps the time of the one before until it has one itself.
    let first = whole.iter().find(|row| row.file.ends_with("2.incr.aof")).unwrap();
    assert_eq!((first.db, first.time_s), (Some(0), Some(1_700_000_100)));
    let blocks: Vec<&CommandRow> = whole.iter().filter(|row| row.in_multi).collect();
    assert_eq!(blocks.len(), 20 * 4);
    assert_eq!((blocks[1].name.as_str(), blocks[1].db), ("SELECT", Some(7 % 3)));
}

#[test]
fn a_filter_holds_what_one_picks_by_hand() {
    let files = made();
    let outcome = inspect(&files);
    let whole = all(&files, &outcome);
    let filter = CommandFilter::default;
    let cases: Vec<(CommandFilter, Pick)> = vec![
        (filter(), |_| true),
        (CommandFilter { names: vec!["set".into(), "Exec".into()], ..filter() }, |row| {
            matches!(row.name.as_str(), "SET" | "EXEC")
        }),
        (CommandFilter { db: Some(1), ..filter() }, |row| row.db == Some(1)),
        (CommandFilter { key: Some("user:?:*".into()), ..filter() }, |row| {
            row.arguments.iter().any(|key| key.text.starts_with("user:") && key.text.find(":name") == Some(6))
        }),
        (CommandFilter { key: Some("other".into()), ..filter() }, |row| row.name == "DEL"),
        (CommandFilter { text: Some(b"needle".to_vec()), ..filter() }, |row| row.name == "HSET"),
        (CommandFilter { offsets: Some(1_000..9_000), ..filter() }, |row| {
            (1_000..9_000).contains(&row.offset)
        }),
        (CommandFilter { times_s: Some(1_700_000_050..1_700_000_150), ..filter() }, |row| {
            row.time_s.is_some_and(|time| (1_700_000_050..1_700_000_150).contains(&time))
        }),
        (CommandFilter { only_destructive: true, ..filter() }, |row| row.name == "FLUSHDB"),
        (CommandFilter { only_writes: true, ..filter() }, |row| {
            !matches!(row.name.as_str(), "SELECT" | "MULTI" | "EXEC")
        }),
        (CommandFilter { only_writes: true, db: Some(0), text: Some(b"77".to_vec()), ..filter() }, |row| {
            row.db == Some(0) && row.name != "SELECT" && row.arguments.iter().any(|a| a.text.contains("77"))
        }),
    ];
    for (filter, pick) in cases {
        let expected: Vec<&CommandRow> = whole.iter().filter(|row| pick(row)).collect();
        assert!(!expected.is_empty(), "{filter:?}");
        let query = CommandQuery { filter: filter.clone(), limit: 10_000, ..CommandQuery::default() };
        let found = page(&files, &outcome, query);
        assert_eq!(found.rows.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        // Counting goes on behind a full page.
        let query =
            CommandQuery { filter, limit: 2, count_all: true, window_bytes: 512, ..CommandQuery::default() };
        let counted = page(&files, &outcome, query);
        assert_eq!((counted.matches, counted.counted_to_end), (expected.len() as u64, true));
        assert_eq!(counted.commands_read, whole.len() as u64);
        assert_eq!(counted.rows.len(), expected.len().min(2));
    }
}

#[test]
fn jumps_lead_to_the_command_that_was_asked_for() {
    let files = made();
    let outcome = inspect(&files);
    let whole = all(&files, &outcome);
    let first = |from: ListFrom| {
        let page = page(&files, &outcome, CommandQuery { from, limit: 3, ..CommandQuery::default() });
        page.rows.into_iter().next()
    };
    for (n, row) in whole.iter().enumerate().step_by(13) {
        let number = n as u64;
        assert_eq!(first(ListFrom::Number { number }).as_ref(), Some(row));
        let file = row.file.clone();
        assert_eq!(first(ListFrom::Offset { file: file.clone(), offset: row.offset }).as_ref(), Some(row));
        // Inside a command: the one behind it.
        assert_eq!(first(ListFrom::Offset { file, offset: row.offset + 1 }).as_ref(), whole.get(n + 1));
    }
    let time_s = 1_700_000_250;
    let expected = whole.iter().find(|row| row.time_s >= Some(time_s));
    assert_eq!(first(ListFrom::Time { time_s }).as_ref(), expected);
    let tape = outcome.report.tape.as_ref().unwrap();
    let refused = |from| {
        let query = CommandQuery { from, ..CommandQuery::default() };
        CommandList::new(tape, &outcome.sources, query).map(|_| ()).unwrap_err()
    };
    assert!(refused(ListFrom::Offset { file: "x".into(), offset: 0 }).contains("d/a.1.incr.aof"));
    assert!(refused(ListFrom::Number { number: tape.commands }).contains("the last one has number"));
    let offsets = Some(100..400);
    let query = CommandQuery {
        from: ListFrom::Offset { file: whole[0].file.clone(), offset: 100 },
        filter: CommandFilter { offsets, ..CommandFilter::default() },
        window_bytes: 256,
        ..CommandQuery::default()
    };
    let found = page(&files, &outcome, query);
    let expected = whole.iter().filter(|row| row.file == whole[0].file && (100..400).contains(&row.offset));
    assert_eq!(found.rows.iter().collect::<Vec<_>>(), expected.collect::<Vec<_>>());
    assert!(found.commands_read < 20, "it stops behind the offsets");
}

#[test]
fn a_long_tape_is_read_from_the_last_place_before() {
    let mut tape = command(&["SELECT", "5"]);
    for n in 0..60_000 {
        tape += &command(&["SET", &format!("key:{n}"), &"v".repeat(n % 90)]);
    }
    let bytes = tape.len() as u64;
    let files = vec![("a.aof".to_owned(), tape.into_bytes())];
    let outcome = inspect(&files);
    let tape: &Tape = outcome.report.tape.as_ref().unwrap();
    assert!(tape.checkpoints.len() > 20 && tape.checkpoints.len() <= Tape::MAX_CHECKPOINTS);
    let query =
        CommandQuery { from: ListFrom::Number { number: 50_000 }, limit: 1, ..CommandQuery::default() };
    let mut list = CommandList::new(tape, &outcome.sources, query).unwrap();
    let mut read = 0;
    while let Some(request) = list.next_read() {
        read += request.len as u64;
        list.feed(&request, slice(&files, &request));
    }
    let page = list.finish();
    assert_eq!((page.rows[0].arguments[0].text.as_str(), page.rows[0].db), ("key:49999", Some(5)));
    assert!(read < bytes / 10, "{read} of {bytes} bytes");
}

#[test]
fn a_packed_tape_is_read_from_its_front_and_a_changed_one_says_so() {
    use std::io::Write as _;
    let plain = made();
    let expected = all(&plain, &inspect(&plain));
    let gzip = |bytes: &Vec<u8>| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let packed: Set = plain.iter().map(|(path, bytes)| (format!("{path}.gz"), gzip(bytes))).collect();
    let outcome = inspect(&packed);
    let strip = |rows: Vec<CommandRow>| -> Vec<CommandRow> {
        rows.into_iter()
            .map(|row| CommandRow { file: row.file.trim_end_matches(".gz").into(), ..row })
            .collect()
    };
    assert_eq!(strip(all(&packed, &outcome)), expected);
    let from = ListFrom::Number { number: 600 };
    let found = page(
        &packed,
        &outcome,
        CommandQuery { from, limit: 5, window_bytes: 700, ..CommandQuery::default() },
    );
    assert_eq!(strip(found.rows), expected[600..605]);

    let outcome = inspect(&plain);
    let mut changed = plain.clone();
    let at = usize::try_from(expected[100].offset).unwrap();
    changed[0].1[at] = b'x';
    let found = page(&changed, &outcome, CommandQuery { limit: 10_000, ..CommandQuery::default() });
    assert_eq!(found.rows, expected[..100]);
    assert!(found.stopped.is_some_and(|why| why.contains("not what it was")) && !found.counted_to_end);
}

#[test]
fn every_recorded_tape_is_listed_as_it_is_counted() {
    let mut n = 0;
    for root in roots() {
        for folder in ["aof", "aof-damaged"] {
            for case in cases(&root, folder) {
                let files = files(&case.path);
                let outcome = inspect(&files);
                let Some(tape) = &outcome.report.tape else { continue };
                if tape.commands == 0 {
                    continue;
                }
                let mut rows = paged(&files, &outcome, 500, 8 << 20);
                rows.retain(|row| !row.behind_damage);
                assert_eq!(rows.len() as u64, tape.commands, "{}", case.name);
                for count in &tape.by_name {
                    let listed = rows.iter().filter(|row| row.name == count.name).count();
                    assert!(
                        listed as u64 == count.commands || count.name == "(other)",
                        "{} {count:?}",
                        case.name
                    );
                }
                n += 1;
            }
        }
    }
    println!("{n} tapes");
    assert!(n > at_least(300, 80), "only {n}");
}

fn paged(files: &Set, outcome: &Outcome, limit: usize, window_bytes: usize) -> Vec<CommandRow> {
    let mut rows = Vec::new();
    let mut from = ListFrom::Start;
    loop {
        let query = CommandQuery { from, limit, window_bytes, ..CommandQuery::default() };
        let page = page(files, outcome, query);
        assert_eq!(page.stopped, None);
        rows.extend(page.rows);
        let Some(next): Option<TapePlace> = page.next else { return rows };
        from = ListFrom::Place(next);
    }
}

/// The copy a plan makes, where it needs nothing but bytes of one file.
fn copy_of(plan: &Plan, files: &Set) -> Option<Set> {
    let mut copies = Vec::new();
    for output in &plan.outputs {
        let mut out = Vec::new();
        for piece in pieces(output) {
            match piece {
                Piece::Source { path, start, end } => {
                    let (_, bytes) = files.iter().find(|(name, _)| *name == path)?;
                    out.extend_from_slice(&bytes[usize::try_from(start).ok()?..usize::try_from(end).ok()?]);
                }
                Piece::Bytes(bytes) => out.extend(bytes),
                Piece::Reframed { .. } | Piece::Checksum => return None,
            }
        }
        copies.push((output.name.clone(), out));
    }
    Some(copies)
}

#[test]
fn what_stands_behind_damage_is_listed_as_it_is_salvaged() {
    let (mut behind, mut compared, mut doubtful) = (0, 0, Vec::new());
    for case in roots().iter().flat_map(|root| cases(root, "aof-damaged")) {
        let files = files(&case.path);
        let outcome = inspect(&files);
        let Some(tape) = &outcome.report.tape else { continue };
        let rows = paged(&files, &outcome, 100, 8 << 20);
        // Rows and lines with times are all there is.
        for file in &tape.files {
            let Some(rest) = &file.behind else { continue };
            let bytes = &files.iter().find(|(path, _)| *path == file.file).unwrap().1;
            let mut at = file.end;
            for row in rows.iter().filter(|row| row.file == file.file && row.behind_damage) {
                let between = &bytes[usize::try_from(at).unwrap()..usize::try_from(row.offset).unwrap()];
                assert!(between.is_empty() || between.starts_with(b"#"), "{} at {at}", case.name);
                assert!(row.number.is_none() && row.offset < row.end, "{row:?}");
                assert_eq!(row.unreadable_bytes.unwrap_or(row.end - row.offset), row.end - row.offset);
                assert_eq!(row.name.is_empty(), row.unreadable_bytes.is_some(), "{row:?}");
                at = row.end;
                behind += 1;
            }
            assert!(at == rest.end || bytes[usize::try_from(at).unwrap()] == b'#', "{} {at}", case.name);
        }
        if !rows.iter().any(|row| row.behind_damage) {
            continue;
        }
        // However it is cut into pages and windows, and from wherever it is read.
        for (limit, window_bytes) in [(20, 8 << 20), (33, 100)] {
            assert_eq!(paged(&files, &outcome, limit, window_bytes), rows, "{}", case.name);
        }
        for (n, row) in
            rows.iter().enumerate().filter(|(n, row)| row.unreadable_bytes.is_some() || n % 11 == 0)
        {
            for offset in [row.offset, row.offset + 1] {
                let from = ListFrom::Offset { file: row.file.clone(), offset };
                let found =
                    page(&files, &outcome, CommandQuery { from, limit: 2, ..CommandQuery::default() });
                // Inside a command: the one behind it. Inside what cannot be read: that.
                let skips = offset > row.offset && !(row.unreadable_bytes.is_some() && offset < row.end);
                let expected = rows.get(n + usize::from(skips)..).unwrap_or_default();
                assert_eq!(found.rows, expected[..expected.len().min(2)], "{} {offset}", case.name);
            }
        }
        let Some(plan) = outcome.plans.iter().find(|plan| plan.name == "salvage") else { continue };
        let Some(copy) = copy_of(plan, &files) else { continue };
        let copied = inspect(&copy);
        let kept = paged(&copy, &copied, 500, 8 << 20);
        let mut listed = rows.iter().filter(|row| row.unreadable_bytes.is_none()).peekable();
        let is = |a: &CommandRow, b: &CommandRow| a.name == b.name && a.arguments == b.arguments;
        let (mut passed, mut missing) = (0, 0);
        for command in &kept {
            let ahead = listed.clone().position(|row| is(row, command));
            match ahead {
                Some(ahead) if command.name != "EXEC" || ahead == 0 => {
                    passed += ahead as u64;
                    listed.nth(ahead);
                }
                _ if command.name == "EXEC" => {}
                _ => missing += 1,
            }
        }
        passed += listed.count() as u64;
        compared += 1;
        if missing > 0 || passed > plan.losses.commands {
            doubtful.push((case.name.clone(), missing, passed, plan.losses.commands));
        }
    }
    println!("{behind} rows behind damage, {compared} copies; not as salvaged: {doubtful:?}");
    assert!(behind > at_least(5_000, 2_000) && compared > at_least(100, 40), "{behind} {compared}");
    // There the check tool reads a command that has lost a word, and stops behind it.
    assert!(doubtful.iter().all(|(name, ..)| name.ends_with("argc-minus")), "{doubtful:?}");
}

/// A file with holes, far behind its front: a jump reads little, and the database is told where it is known.
#[test]
fn a_jump_behind_damage_reads_from_the_last_place_before() {
    let mut tape = command(&["SELECT", "5"]);
    let set = |n: usize| command(&["SET", &format!("key:{n}"), &"v".repeat(n % 90)]);
    for n in 0..60_000 {
        tape += &set(n);
        if n % 20_000 == 100 {
            tape += &"\0".repeat(4096);
        }
        if n == 30_000 {
            tape += &command(&["SELECT", "7"]);
        }
    }
    let wanted = u64::try_from(tape.find(&set(50_000)).unwrap()).unwrap();
    let files = vec![("a.aof".to_owned(), tape.into_bytes())];
    let outcome = inspect(&files);
    let tape: &Tape = outcome.report.tape.as_ref().unwrap();
    assert_eq!((tape.commands, tape.files[0].behind.as_ref().unwrap().commands), (102, 60_002 - 102));
    let first = |offset: u64| {
        let from = ListFrom::Offset { file: "a.aof".into(), offset };
        let query = CommandQuery { from, limit: 1, ..CommandQuery::default() };
        let mut list = CommandList::new(tape, &outcome.sources, query).unwrap();
        let mut read = 0;
        while let Some(request) = list.next_read() {
            read += request.len;
            list.feed(&request, slice(&files, &request));
        }
        (list.finish().rows.remove(0), read)
    };
    let (row, read) = first(wanted);
    assert_eq!((row.offset, row.arguments[0].text.as_str()), (wanted, "key:50000"));
    // A hole was behind the SELECT.
    assert_eq!((row.db, row.number, row.behind_damage), (None, None, true));
    assert!(read < 3 << 20, "{read} bytes");
    let hole = tape.files[0].end;
    let (row, _) = first(hole + 2_000);
    assert_eq!((row.offset, row.unreadable_bytes, row.name.as_str()), (hole, Some(4096), ""));
    let (row, _) = first(wanted / 5 * 4);
    assert_eq!(row.db, Some(7));
}
