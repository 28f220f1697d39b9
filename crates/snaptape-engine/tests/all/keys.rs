//! The table over all keys: the rows of a plain pass, filtered and in order as a plain list would be, within its budget and beyond.

use core::{cell::RefCell, cmp::Ordering};

use proptest::prelude::*;
use snaptape_analysis::{filter::parse, key_slot};
use snaptape_engine::{Job, KeyBeside, KeyExport, KeyFormat, KeySort, KeyStage, KeyTable, Options};
use snaptape_report::{KeyName, KeyRow};
use snaptape_testdata::{at_least, cases, files, generated, roots};

use crate::set::{Set, inputs, slice};

const NOW_MS: i64 = generated::SAVED_AT_MS + 600_000;

fn options() -> Options {
    Options { now_ms: NOW_MS, window_bytes: 100_000, ..Options::default() }
}

/// The rows a plain pass hands out.
fn rows(files: &Set) -> Vec<KeyRow> {
    let mut rows = Vec::new();
    let mut job = Job::new(inputs(files), options()).unwrap();
    while !job.is_done() {
        let request = job.next_read().expect("it wants something");
        job.feed_keys(&request, slice(files, &request), |key, file| rows.push(key.to_row(file)));
    }
    rows
}

/// Reads and works until nothing is left.
fn drive(table: &mut KeyTable, files: &Set) {
    while let Some(request) = table.next_read() {
        table.feed(&request, slice(files, &request));
        // What has been read can be looked at all the time.
        table.work();
        let status = table.status();
        let mut shown = 0;
        table.rows(0, 5, |_| shown += 1);
        assert_eq!(shown, status.ready.min(5));
    }
    while !table.work() {}
    assert_eq!(table.status().stage, KeyStage::Done);
}

fn ask(table: &mut KeyTable, line: &str, sort: &str) {
    table.ask(parse(line).unwrap(), KeySort::parse(sort).unwrap()).unwrap();
}

fn text(mut export: KeyExport, table: &KeyTable, files: &Set) -> String {
    let mut text = Vec::new();
    while !export.is_done() {
        if let Some(request) = export.next_read() {
            export.feed(&request, slice(files, &request));
        }
        export.work(table);
        text.extend(export.take());
    }
    text.extend(export.take());
    String::from_utf8(text).unwrap()
}

fn jsonl(rows: &[KeyRow]) -> String {
    let lines: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap() + "\n").collect();
    lines.concat()
}

fn csv(rows: &[KeyRow], has_file: bool) -> String {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(KeyFormat::COLUMNS.into_iter().chain(has_file.then_some("file"))).unwrap();
    for row in rows {
        let number = |n: Option<String>| n.unwrap_or_default();
        let (text, binary) = match &row.name {
            KeyName::Text { key } => (key.clone(), String::new()),
            KeyName::Binary { key_base64 } => (String::new(), key_base64.clone()),
        };
        let cells = [
            row.db.to_string(),
            text,
            binary,
            row.type_name.0.clone(),
            row.encoding.clone(),
            number(row.elements.map(|n| n.to_string())),
            number(row.expires_at_ms.map(|ms| ms.to_string())),
            row.file_bytes.to_string(),
            row.payload_bytes.to_string(),
            row.memory_bytes.to_string(),
            row.offset.to_string(),
            row.value_sha256.clone().unwrap_or_default(),
        ];
        out.write_record(cells.into_iter().chain(row.file.clone())).unwrap();
    }
    String::from_utf8(out.into_inner().unwrap()).unwrap()
}

#[test]
fn rows_are_those_of_a_plain_pass() {
    let (mut sets, mut keys) = (0, 0);
    for root in roots() {
        for folder in ["rdb", "rdb-damaged", "aof", "aof-damaged"] {
            for case in cases(&root, folder) {
                let files = files(&case.path);
                let expected = rows(&files);
                let mut table = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
                drive(&mut table, &files);
                let written = text(table.export(KeyFormat::Jsonl, Vec::new()), &table, &files);
                assert_eq!(written, jsonl(&expected), "{}", case.name);
                let written = text(table.export(KeyFormat::Csv, Vec::new()), &table, &files);
                assert_eq!(written, csv(&expected, files.len() > 1), "{}", case.name);
                let found = table.status().found;
                assert_eq!(found.keys, expected.len() as u64, "{}", case.name);
                assert_eq!(found.memory_bytes, expected.iter().map(|row| row.memory_bytes).sum::<u64>());
                sets += 1;
                keys += expected.len();
            }
        }
    }
    assert!(sets > 100 && keys > at_least(10_000, 8_000), "{sets} sets, {keys} keys");
}

#[test]
fn files_of_an_archive_are_told_apart() {
    let one = ("a.rdb".to_owned(), b"REDIS0001\x00\x01k\x01v\xff".to_vec());
    let two = ("b.rdb".to_owned(), b"REDIS0001\x00\x02kk\x01v\xff".to_vec());
    let both = vec![one, two];
    let mut table = KeyTable::new(inputs(&both), options(), KeyTable::BUDGET_BYTES).unwrap();
    ask(&mut table, "file:b.rdb", "key");
    drive(&mut table, &both);
    let mut found = Vec::new();
    table.rows(0, 9, |key| found.push((key.file, key.name.to_vec())));
    assert_eq!(found, [(1, b"kk".to_vec())]);
    assert!(text(table.export(KeyFormat::Jsonl, Vec::new()), &table, &both).contains("\"file\":\"b.rdb\""));
    let csv = text(table.export(KeyFormat::Csv, Vec::new()), &table, &both);
    assert!(
        csv.lines().next().unwrap().ends_with(",offset,value_sha256,file") && csv.ends_with(",b.rdb\n"),
        "{csv}"
    );
}

/// Words of a filter with what they mean, said in another way.
type Meaning = fn(&KeyRow) -> bool;

fn name(row: &KeyRow) -> &str {
    match &row.name {
        KeyName::Text { key } => key,
        KeyName::Binary { .. } => panic!("the generated names are text"),
    }
}

fn left(row: &KeyRow) -> Option<i64> {
    row.expires_at_ms.map(|at| at - NOW_MS)
}

const WORDS: [(&str, Meaning); 22] = [
    ("type:hash", |row| row.type_name.0 == "hash"),
    ("-type:string,list", |row| !["string", "list"].contains(&row.type_name.0.as_str())),
    ("mem>500", |row| row.memory_bytes > 500),
    ("mem<=0.2kb", |row| row.memory_bytes <= 200),
    ("file_bytes:50..100", |row| (50..=100).contains(&row.file_bytes)),
    ("payload:..39,100..", |row| row.payload_bytes < 40 || row.payload_bytes >= 100),
    ("ttl:none", |row| row.expires_at_ms.is_none()),
    ("ttl:any", |row| row.expires_at_ms.is_some()),
    ("ttl:expired", |row| row.expires_at_ms.is_some_and(|at| at <= NOW_MS)),
    ("ttl<1h", |row| left(row).is_some_and(|left| left < 3_600_000)),
    ("ttl:1h..7d", |row| left(row).is_some_and(|left| (3_600_000..=604_800_000).contains(&left))),
    ("expires>=2026-11-02", |row| row.expires_at_ms.is_some_and(|at| at >= 1_793_577_600_000)),
    ("idle>1d", |row| row.idle_s.is_some_and(|s| s > 86_400)),
    ("match:user:*", |row| name(row).starts_with("user:")),
    ("match:*[02468]", |row| name(row).ends_with(['0', '2', '4', '6', '8'])),
    ("regex::eu:\\d{3,8}$", |row| {
        name(row).rsplit_once(":eu:").is_some_and(|(_, rest)| (3..=8).contains(&rest.len()))
    }),
    ("77", |row| name(row).contains("77")),
    ("db:1,2", |row| row.db == 1 || row.db == 2),
    ("encoding:listpack", |row| row.encoding == "listpack"),
    ("elements>=6", |row| row.elements.is_some_and(|n| n >= 6)),
    ("slot:0..8191", |row| key_slot(name(row).as_bytes()) <= 8_191),
    ("freq>0", |row| row.freq.is_some_and(|n| n > 0)),
];

type Compare = fn(&KeyRow, &KeyRow) -> Ordering;

/// Orders, with a plain comparison each.
const SORTS: [(&str, Compare); 10] = [
    ("key", |a, b| name(a).cmp(name(b))),
    ("-key", |a, b| name(b).cmp(name(a))),
    ("-memory", |a, b| b.memory_bytes.cmp(&a.memory_bytes)),
    ("payload", |a, b| a.payload_bytes.cmp(&b.payload_bytes)),
    ("type", |a, b| a.type_name.cmp(&b.type_name)),
    ("-encoding", |a, b| b.encoding.cmp(&a.encoding)),
    ("expires", |a, b| a.expires_at_ms.unwrap_or(i64::MAX).cmp(&b.expires_at_ms.unwrap_or(i64::MAX))),
    ("-idle", |a, b| b.idle_s.cmp(&a.idle_s)),
    ("offset", |a, b| a.offset.cmp(&b.offset)),
    ("-offset", |a, b| b.offset.cmp(&a.offset)),
];

fn generated(keys: u64) -> Set {
    let mut bytes = Vec::new();
    generated::write_keys(keys, &mut bytes).unwrap();
    vec![("dump.rdb".into(), bytes)]
}

fn offsets(rows: &[KeyRow]) -> Vec<u64> {
    rows.iter().map(|row| row.offset).collect()
}

fn shown(table: &KeyTable, from: u64, most: u64) -> Vec<u64> {
    let mut shown = Vec::new();
    table.rows(from, most, |key| shown.push(key.offset));
    shown
}

#[test]
fn filters_and_orders_are_those_of_a_plain_list() {
    let files = generated(20_000);
    let all = rows(&files);
    assert_eq!(all.len(), 20_000);
    let mut whole = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
    drive(&mut whole, &files);
    let whole = RefCell::new(whole);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let strategy = (
        prop::sample::subsequence((0..WORDS.len()).collect::<Vec<_>>(), 0..4),
        0..SORTS.len(),
        any::<bool>(),
    );
    let outcome = runner.run(&strategy, |(words, order, again)| {
        let line: Vec<&str> = words.iter().map(|word| WORDS[*word].0).collect();
        let line = line.join(" ");
        let (sort, compare) = SORTS[order];
        let mut expected: Vec<KeyRow> =
            all.iter().filter(|row| words.iter().all(|word| WORDS[*word].1(row))).cloned().collect();
        expected.sort_by(compare);
        // Asked while the files are read, and when they have been.
        let mut whole = whole.borrow_mut();
        let mut fresh;
        let table = if again {
            fresh = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
            &mut fresh
        } else {
            &mut *whole
        };
        ask(table, &line, sort);
        drive(table, &files);
        let status = table.status();
        prop_assert_eq!(status.found.keys, expected.len() as u64, "{}", line);
        prop_assert_eq!(
            status.found.payload_bytes,
            expected.iter().map(|row| row.payload_bytes).sum::<u64>()
        );
        prop_assert!(shown(table, 0, u64::MAX) == offsets(&expected), "{} by {}", line, sort);
        let middle = expected.len() / 2;
        let some = &expected[middle..expected.len().min(middle + 3)];
        prop_assert_eq!(shown(table, middle as u64, 3), offsets(some));
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

#[test]
fn what_comes_first_is_shown_before_everything_is_read() {
    let files = generated(20_000);
    let mut table = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
    ask(&mut table, "type:hash", "-memory");
    for _ in 0..4 {
        let request = table.next_read().expect("it has only begun");
        table.feed(&request, slice(&files, &request));
    }
    while !table.work() {}
    let status = table.status();
    assert_eq!(status.stage, KeyStage::Reading);
    assert!(status.found.keys > 100 && status.found.keys < status.seen.keys, "{status:?}");
    let mut so_far: Vec<KeyRow> =
        rows(&files).into_iter().take(usize::try_from(status.seen.keys).unwrap()).collect();
    so_far.retain(|row| row.type_name.0 == "hash");
    so_far.sort_by_key(|row| core::cmp::Reverse(row.memory_bytes));
    so_far.truncate(1_000);
    assert_eq!(shown(&table, 0, u64::MAX), offsets(&so_far));
}

#[test]
fn beyond_the_budget_files_are_searched() {
    let files = generated(30_000);
    let all = rows(&files);
    let budget = 200_000;
    let mut table = KeyTable::new(inputs(&files), options(), budget).unwrap();
    let pick = |line: &str,
                meaning: &dyn Fn(&KeyRow) -> bool,
                sort: &str,
                compare: Compare,
                table: &mut KeyTable| {
        let mut expected: Vec<KeyRow> = all.iter().filter(|row| meaning(row)).cloned().collect();
        let as_they_stand = jsonl(&expected);
        expected.sort_by(compare);
        ask(table, line, sort);
        drive(table, &files);
        let status = table.status();
        assert!(status.is_search, "{line}: {status:?}");
        assert!(status.held_bytes <= 2 * budget + 2_000_000, "{status:?}");
        assert_eq!(status.found.keys, expected.len() as u64, "{line}");
        assert_eq!(status.found.memory_bytes, expected.iter().map(|row| row.memory_bytes).sum::<u64>());
        // What does not fit either is cut to what comes first; nothing else.
        assert_eq!(
            status.ready,
            if status.holds_all { expected.len() as u64 } else { 10_000.min(expected.len() as u64) }
        );
        let first = &expected[..usize::try_from(status.ready).unwrap()];
        assert!(shown(table, 0, u64::MAX) == offsets(first), "{line} by {sort}");
        let written = text(table.export(KeyFormat::Jsonl, Vec::new()), table, &files);
        assert!(
            written == if status.holds_all { jsonl(&expected) } else { as_they_stand },
            "{line} by {sort}"
        );
        status.holds_all
    };
    assert!(!pick("", &|_| true, "-memory", |a, b| b.memory_bytes.cmp(&a.memory_bytes), &mut table));
    let walks = table.walk();
    assert!(!pick("", &|_| true, "key", |a, b| name(a).cmp(name(b)), &mut table));
    assert_eq!(table.walk(), walks + 1, "another order is another walk");
    assert!(!pick("", &|_| true, "-offset", |a, b| b.offset.cmp(&a.offset), &mut table));
    assert!(!pick(
        "type:string",
        &|row| row.type_name.0 == "string",
        "-offset",
        |a, b| b.offset.cmp(&a.offset),
        &mut table
    ));
    assert!(pick(
        "mem>5kb",
        &|row| row.memory_bytes > 5_000,
        "-memory",
        |a, b| b.memory_bytes.cmp(&a.memory_bytes),
        &mut table
    ));
    let walks = table.walk();
    assert!(pick("mem>5kb", &|row| row.memory_bytes > 5_000, "key", |a, b| name(a).cmp(name(b)), &mut table));
    assert_eq!(table.walk(), walks, "what fits is put in order without another walk");
}

#[test]
fn a_selection_is_written_down() {
    let files = generated(2_000);
    let mut all = rows(&files);
    all.sort_by_key(|row| core::cmp::Reverse(row.memory_bytes));
    let mut table = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
    ask(&mut table, "", "-memory");
    drive(&mut table, &files);
    let written =
        text(table.export(KeyFormat::Jsonl, vec![(3, 5), (1_990, 4_000), (9_000, 9_001)]), &table, &files);
    let chosen: Vec<KeyRow> = all[3..6].iter().chain(&all[1_990..]).cloned().collect();
    assert_eq!(written, jsonl(&chosen));
    ask(&mut table, "match:nothing", "-memory");
    drive(&mut table, &files);
    assert_eq!(text(table.export(KeyFormat::Csv, Vec::new()), &table, &files), KeyFormat::Csv.header(false));
}

#[test]
fn keys_have_others_beside_them() {
    let files = generated(1_000);
    let expected = rows(&files);
    let mut table = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
    ask(&mut table, "type:hash", "-memory");
    drive(&mut table, &files);
    let shown = shown(&table, 0, 1_000);
    assert!(shown.len() > 20 && shown.len() < expected.len());
    let offset = |table: &KeyTable, beside: &KeyBeside, place: Option<u64>| {
        let mut offset = None;
        if let Some(place) = place {
            table.one_beside(beside, place, |key| offset = Some(key.offset));
        }
        offset
    };
    for place in [0, 7, shown.len() - 1] {
        let beside = table.beside(0, shown[place], place as u64).expect("it is there");
        assert!(beside.in_table);
        let before = place.checked_sub(1).map(|place| shown[place]);
        assert_eq!(offset(&table, &beside, beside.previous), before);
        assert_eq!(offset(&table, &beside, beside.next), shown.get(place + 1).copied());
    }
    // From elsewhere: as they stand in the file.
    for at in [0, 500, expected.len() - 1] {
        let other = u64::from(shown[0] == expected[at].offset);
        let beside = table.beside(0, expected[at].offset, other).expect("all rows are held");
        assert!(!beside.in_table);
        let before = at.checked_sub(1).map(|at| expected[at].offset);
        assert_eq!(offset(&table, &beside, beside.previous), before);
        assert_eq!(offset(&table, &beside, beside.next), expected.get(at + 1).map(|row| row.offset));
    }
    assert_eq!(table.beside(0, 3, 0), None);
}

#[test]
fn a_wrong_expression_leaves_everything_as_it_was() {
    let files = generated(1_000);
    let mut table = KeyTable::new(inputs(&files), options(), KeyTable::BUDGET_BYTES).unwrap();
    ask(&mut table, "type:set", "key");
    drive(&mut table, &files);
    let before = table.status();
    assert!(table.ask(parse("regex:(").unwrap(), KeySort::AS_THEY_STAND).is_err());
    assert_eq!(table.status(), before);
}
