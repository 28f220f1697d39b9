//! The support table in `docs/formats.md` is made from the files the tests read: a line is there because a test shows it.
//!
//! `SNAPTAPE_WRITE_TABLE=1 cargo test -p snaptape-analysis --test support_table` writes it anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fmt::Write as _,
    fs,
    path::Path,
};

use snaptape_rdb::{Event, Magic, Reader};
use snaptape_testdata::{cases, handmade, read, roots};
use snaptape_wire::Limits;

const BEGIN: &str = "<!-- support table: made by a test, do not edit -->\n";
const END: &str = "<!-- end of the support table -->\n";

/// What a file shows.
#[derive(Debug, Default)]
struct Seen {
    versions: BTreeSet<(bool, u16)>,
    real: usize,
    handmade: usize,
}

type Table = BTreeMap<(Kind, u8, String), Seen>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Type,
    Opcode,
}

/// Reads a file to its end (or to what nobody can read) and notes every number it uses.
fn note(table: &mut Table, files: &mut BTreeMap<(bool, u16), Seen>, bytes: &[u8], real: bool) {
    let mut reader = Reader::new(Limits::default());
    let mut version = None;
    let mut used = BTreeSet::new();
    let _ = reader.feed(bytes, true, |span, event| {
        let byte = bytes[usize::try_from(span.start).unwrap()];
        match event {
            Event::Header { magic, version: number } => version = Some((magic == Magic::Valkey, number)),
            Event::Key(key) => {
                used.insert((Kind::Type, key.type_byte, format!("{:?}", key.object)));
            }
            Event::Part(_) | Event::KeyEnd | Event::Checksum { .. } => {}
            event => {
                let name = format!("{event:?}");
                let name = name.split([' ', '{', '(']).next().unwrap().to_owned();
                if !name.ends_with("End") || name == "FullSyncEnd" {
                    used.insert((Kind::Opcode, byte, name));
                }
            }
        }
    });
    let Some(version) = version else { return };
    let count = |seen: &mut Seen| {
        seen.versions.insert(version);
        if real { seen.real += 1 } else { seen.handmade += 1 }
    };
    count(files.entry(version).or_default());
    for entry in used {
        count(table.entry(entry).or_default());
    }
}

/// `REDIS 7 - 12, VALKEY 80`.
fn versions(seen: &BTreeSet<(bool, u16)>) -> String {
    let mut runs: Vec<(bool, u16, u16)> = Vec::new();
    for &(valkey, number) in seen {
        match runs.last_mut() {
            Some((last, _, end)) if *last == valkey && *end + 1 == number => *end = number,
            _ => runs.push((valkey, number, number)),
        }
    }
    let run = |&(valkey, start, end): &(bool, u16, u16)| {
        let magic = if valkey { "VALKEY" } else { "REDIS" };
        if start == end { format!("{magic} {start}") } else { format!("{magic} {start} - {end}") }
    };
    runs.iter().map(run).collect::<Vec<_>>().join(", ")
}

fn shown_by(seen: &Seen) -> String {
    match (seen.real, seen.handmade) {
        (0, n) => format!("`handmade` ({n})"),
        (n, 0) => format!("`rdb_corpus` ({n})"),
        (n, m) => format!("`rdb_corpus` ({n}), `handmade` ({m})"),
    }
}

fn made() -> String {
    let (mut table, mut files) = (Table::new(), BTreeMap::new());
    for case in cases(&roots()[0], "rdb") {
        note(&mut table, &mut files, &read(&case.path), true);
    }
    for (_, bytes) in handmade::all() {
        note(&mut table, &mut files, &bytes, false);
    }
    let mut text = String::from("| version | shown by (files) |\n|---|---|\n");
    for (version, seen) in &files {
        writeln!(text, "| {} | {} |", versions(&BTreeSet::from([*version])), shown_by(seen)).unwrap();
    }
    for (kind, title) in [(Kind::Type, "object type"), (Kind::Opcode, "opcode")] {
        write!(text, "\n| {title} | name | in versions | shown by (files) |\n|---|---|---|---|\n").unwrap();
        for ((_, number, name), seen) in table.iter().filter(|((k, ..), _)| *k == kind) {
            writeln!(text, "| {number} | {name} | {} | {} |", versions(&seen.versions), shown_by(seen))
                .unwrap();
        }
    }
    text
}

#[test]
fn the_table_in_the_documentation_is_what_the_tests_show() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/formats.md");
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the table begins with its mark");
    let (table, after) = rest.split_once(END).expect("the table ends with its mark");
    let made = made();
    // What the corpus holds of types and opcodes must not shrink unnoticed.
    assert!(made.lines().count() >= 70, "only {} lines", made.lines().count());
    if env::var_os("SNAPTAPE_WRITE_TABLE").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{made}{END}{after}")).unwrap();
        return;
    }
    assert!(
        table == made,
        "docs/formats.md is out of date: run SNAPTAPE_WRITE_TABLE=1 cargo test -p snaptape-analysis --test support_table"
    );
}
