//! Filter lines for what was counted find what was counted: patterns and groups of reports, parts of maps.

use snaptape_analysis::filter::{Line, parse};
use snaptape_engine::{KeySort, KeyTable, MapJob, Options};
use snaptape_report::{
    MapKind, MapNesting, MapSums, MemoryMap, PatternOptions, PatternSource, Report, Tally,
};
use snaptape_testdata::{cases, files, generated, roots};

use crate::set::{Set, inputs, run, slice};

fn options(patterns: &PatternOptions) -> Options {
    Options { patterns: patterns.clone(), window_bytes: 1 << 20, ..Options::default() }
}

fn report(files: &Set, patterns: &PatternOptions) -> Report {
    run(files, options(patterns)).report
}

/// The table of all keys, ready to be asked.
fn table(files: &Set, patterns: &PatternOptions) -> KeyTable {
    let mut table = KeyTable::new(inputs(files), options(patterns), KeyTable::BUDGET_BYTES).unwrap();
    while let Some(request) = table.next_read() {
        table.feed(&request, slice(files, &request));
    }
    table
}

/// Keys and their memory, file and payload bytes.
type Found = [u64; 4];

fn found(table: &mut KeyTable, line: &str) -> Found {
    table.ask(parse(line).expect(line), KeySort::AS_THEY_STAND).expect(line);
    while !table.work() {}
    let found = table.status().found;
    [found.keys, found.memory_bytes, found.file_bytes, found.payload_bytes]
}

fn of_tally(tally: &Tally) -> Found {
    [tally.keys, tally.memory_bytes, tally.file_bytes, tally.payload_bytes]
}

fn of_sums(sums: &MapSums) -> Found {
    [sums.keys, sums.memory_bytes, sums.file_bytes, sums.payload_bytes]
}

/// Ways to put names into groups.
fn groupings() -> Vec<PatternOptions> {
    let default = PatternOptions::default();
    vec![
        default.clone(),
        PatternOptions { separators: ":-_".into(), skip_first_segment: true, ..default.clone() },
        PatternOptions {
            templates: vec!["user:*".into(), "*:{int}".into(), "k**".into(), "key:*".into()],
            regex: Some("^([a-z]{3})[a-z:]|[0-9]+".into()),
            ..default
        },
    ]
}

#[derive(Debug, Default)]
struct Seen {
    patterns: u64,
    templates: u64,
    regex: u64,
    folded: u64,
    parts: u64,
    /// Parts of maps that are left of others.
    left: u64,
}

/// Is it what is left of others, or within that, or has it a name that could be read as another one?
fn is_left(map: &MemoryMap, at: usize) -> bool {
    let node = &map.nodes[at];
    matches!(node.kind, MapKind::Others | MapKind::Rest | MapKind::Group)
        || node.name.contains("\\u{202e}")
        || at > 0 && is_left(map, usize::try_from(node.parent).unwrap())
}

/// Asks for the keys of everything that a report and its maps count.
fn check(name: &str, files: &Set, seen: &mut Seen) {
    for (way, patterns) in groupings().into_iter().enumerate() {
        let report = report(files, &patterns);
        let Some(dataset) = &report.dataset else { return };
        let mut table = table(files, &patterns);
        let mut listed = 0;
        // Where there are very many, those that were folded and some of the others.
        let step = dataset.patterns.len() / 200 + 1;
        for (at, group) in dataset.patterns.iter().enumerate() {
            let is_folded = group.pattern.contains("{word}") || group.pattern.ends_with("{rest}");
            if !at.is_multiple_of(step) && !is_folded {
                listed += group.tally.keys;
                continue;
            }
            let line = Line::of_group(group);
            let found = found(&mut table, line.text());
            assert_eq!(found, of_tally(&group.tally), "{name}: {}", line.text());
            listed += found[0];
            match group.source {
                PatternSource::Segments => seen.patterns += 1,
                PatternSource::Template => seen.templates += 1,
                PatternSource::Regex => seen.regex += 1,
            }
            seen.folded += u64::from(is_folded);
        }
        assert_eq!(listed + dataset.other_patterns.keys, dataset.totals.keys, "{name}");
        let nestings: &[&str] = match way {
            0 => &["pattern", "type,encoding,pattern", "database,pattern,slot", "file"],
            _ => &["pattern,type"],
        };
        for nesting in nestings {
            let nesting = MapNesting::parse(nesting).unwrap();
            let mut job = MapJob::new(inputs(files), options(&patterns), nesting).unwrap();
            while let Some(request) = job.next_read() {
                job.feed(&request, slice(files, &request));
            }
            let map = job.finish().expect("there are keys");
            // A part of each kind and size; all of them are many.
            let step = map.nodes.len() / 40 + 1;
            for (at, node) in map.nodes.iter().enumerate().step_by(step) {
                let Some(line) = Line::of_part(&map, at, &patterns) else {
                    seen.left += 1;
                    assert!(is_left(&map, at), "{name}: {node:?}");
                    continue;
                };
                assert_eq!(found(&mut table, line.text()), of_sums(&node.sums), "{name}: {}", line.text());
                seen.parts += 1;
            }
        }
    }
}

#[test]
fn what_is_counted_is_found() {
    let mut seen = Seen::default();
    for root in roots() {
        for folder in ["rdb", "rdb-damaged", "aof"] {
            for case in cases(&root, folder) {
                check(&case.name, &files(&case.path), &mut seen);
            }
        }
    }
    assert!(seen.patterns > 1_000 && seen.templates > 100 && seen.regex > 100, "{seen:?}");
    assert!(seen.parts > 1_000 && seen.left * 20 < seen.parts, "{seen:?}");
}

#[test]
fn what_was_folded_is_found() {
    let mut seen = Seen::default();
    let mut file = b"REDIS0009\xfe\x00".to_vec();
    let mut add = |name: &str| {
        file.extend([0, u8::try_from(name.len()).unwrap()]);
        file.extend(name.as_bytes());
        file.extend([1, b'v']);
    };
    let word = |n: u32| -> String {
        (0..4).map(|i| char::from(b'a' + u8::try_from(n / 26_u32.pow(i) % 26).unwrap())).collect()
    };
    for n in 0..600 {
        // More words than are told apart, at the top and further down; names that look like what they would be folded into.
        add(&format!("{}:x:{n}", word(n * 7)));
        add(&format!("user:{}:{}", word(n), word(n * 31)));
        add(&format!("42:{}/{n}", word(n)));
    }
    for name in ["user", "user:", "user:{word}", "user:aaaa{rest}", "{word}", "{rest}", "42", "42:7", ""] {
        add(name);
    }
    // Hash tags with a separator inside, words that look like hex, negative numbers.
    for n in 0..300 {
        for name in [
            format!("{{user:{n}}}:prof"),
            format!("{{acct:{n}}}.bal"),
            format!("k{{{n}}}:x"),
            format!("{{{n}:a}}"),
        ] {
            add(&name);
        }
        add(&format!("db{n}:geo:-{n}.5,{n}.1"));
        add(&format!("face{n}:t_-{n}:{:04x}", n * 211));
    }
    // So many below each other that everything is counted together.
    for n in 0..12_000_u32 {
        add(&format!("d:{}:{}:{}:{}", n % 7, word(n % 90), word(n / 90), word(n.wrapping_mul(7_919))));
    }
    file.push(0xff);
    file.extend([0; 8]);
    check("folded", &vec![("folded.rdb".into(), file)], &mut seen);
    assert!(seen.folded > 10 && seen.parts > 50, "{seen:?}");
    let (path, bytes) = {
        let path = generated::keys_file(&std::env::temp_dir().join("snaptape-generated"), 15_000);
        (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap())
    };
    check("generated", &vec![(path, bytes)], &mut seen);
}

#[test]
fn a_file_is_the_one_of_that_path() {
    let one = b"REDIS0001\x00\x01k\x01v\xff".to_vec();
    let two = b"REDIS0001\x00\x01k\x01v\x00\x01l\x01v\xff".to_vec();
    let both = vec![("a.rdb".to_owned(), one), ("old/a.rdb".to_owned(), two)];
    let mut table = table(&both, &PatternOptions::default());
    for (line, keys) in [("file:a.rdb", 1), ("file:old/a.rdb", 2), ("file:old", 2), ("file:*.rdb", 3)] {
        assert_eq!(found(&mut table, line)[0], keys, "{line}");
    }
}

#[test]
fn hashes_whose_fields_expire_are_counted() {
    let mut seen = 0;
    for root in roots() {
        for case in cases(&root, "rdb").into_iter().filter(|case| case.name.ends_with("/hfe")) {
            let set = vec![(case.name.clone(), std::fs::read(&case.path).unwrap())];
            let dataset = run(&set, Options::default()).report.dataset.unwrap();
            let keys = case.sidecar["keys"].as_array().unwrap().iter();
            let stored = keys.filter(|key| matches!(key["rdb_type"].as_u64(), Some(22..=25))).count() as u64;
            assert!(stored > 5, "{}", case.name);
            assert_eq!(dataset.with_field_ttl, stored, "{}", case.name);
            seen += 1;
        }
    }
    assert!(seen >= 4, "{seen}");
}
