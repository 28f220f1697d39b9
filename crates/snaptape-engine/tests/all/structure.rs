//! The structure of every file there is: spans cover it without gap or overlap, nest, and say what the format has.

use std::collections::BTreeSet;

use snaptape_engine::{Marks, Options, Outcome, Structure};
use snaptape_report::{ByteSpan, FilePlaces, SnapshotPlace, SpanKind, StructurePage, StructureQuery};
use snaptape_testdata::{at_least, cases, files, roots};

use crate::set::{self, Set, slice};

fn inspect(files: &Set) -> Outcome {
    set::run(files, Options::default())
}

fn run(
    files: &Set,
    outcome: &Outcome,
    places: FilePlaces,
    query: StructureQuery,
    marks: Marks,
) -> (StructurePage, Marks, u64) {
    let mut job = Structure::new(places, &outcome.sources, query, marks).expect("a file");
    let mut read = 0;
    let mut reads = 0;
    while let Some(request) = job.next_read() {
        job.feed(&request, slice(files, &request));
        assert!(job.progress().done_bytes <= job.progress().total_bytes);
        read += request.len as u64;
        reads += 1;
        assert!(reads < 100_000, "it never ends");
    }
    assert!(job.is_done());
    let (page, marks) = job.finish();
    (page, marks, read)
}

/// The structure of a whole file, page after page.
fn whole(files: &Set, outcome: &Outcome, file: usize) -> Vec<StructurePage> {
    let mut pages = Vec::new();
    let mut start = 0;
    let mut marks = Marks::default();
    let total = outcome.report.files[file].content_bytes();
    while start < total {
        let places = FilePlaces::of(&outcome.report, file, start).expect("a file");
        let query = StructureQuery { start, len: total - start, inside: None };
        let (page, later, _) = run(files, outcome, places, query, core::mem::take(&mut marks));
        marks = later;
        assert!(page.end > start, "a page of nothing at {start}");
        start = page.end;
        pages.push(page);
    }
    pages
}

/// Spans follow each other without gap, within the window, and so do their parts.
fn tile(spans: &[ByteSpan], from: u64, to: u64, what: &str) {
    let mut at = from;
    for span in spans {
        assert!(span.start < span.end, "{what}: {span:?} is empty");
        assert!(
            span.start == at || (at == from && span.start < from),
            "{what}: a gap or overlap at {at}: {span:?}"
        );
        at = span.end;
        if span.children.is_empty() {
            assert_ne!(span.kind, SpanKind::Group, "{what}: a group of nothing: {span:?}");
        } else {
            tile(&span.children, span.start.max(from), span.end.min(to), what);
        }
    }
    assert!(at >= to, "{what}: nothing is said of {at}..{to}");
}

fn each<'a>(spans: &'a [ByteSpan], see: &mut impl FnMut(&'a ByteSpan)) {
    for span in spans {
        see(span);
        each(&span.children, see);
    }
}

/// Words without their numbers.
fn shape(label: &str) -> String {
    label.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[test]
fn spans_cover_every_file() {
    let mut labels = BTreeSet::new();
    let mut n_files = 0;
    for root in roots() {
        for folder in ["rdb", "aof", "rdb-damaged", "aof-damaged"] {
            for case in cases(&root, folder) {
                let files = files(&case.path);
                let outcome = inspect(&files);
                for (file, about) in outcome.report.files.iter().enumerate() {
                    n_files += 1;
                    let what = format!("{folder}/{}/{}", case.name, about.name);
                    let mut damaged = false;
                    for page in whole(&files, &outcome, file) {
                        tile(&page.spans, page.start, page.end, &what);
                        damaged |= page.stopped.is_some();
                        each(&page.spans, &mut |span| {
                            labels.insert(shape(&span.label));
                            damaged |= span.kind == SpanKind::Damage;
                            if !folder.ends_with("damaged") {
                                assert!(
                                    span.kind != SpanKind::Opaque || span.label.starts_with("unused"),
                                    "{what}: {span:?} was not understood"
                                );
                            }
                        });
                    }
                    if !folder.ends_with("damaged") {
                        assert!(!damaged, "{what} is sound");
                    }
                    assert!(about.holes.is_empty() || damaged, "{what} has a hole nobody sees");
                }
            }
        }
    }
    assert!(n_files > 100, "{n_files}");
    for expected in [
        "header",
        "magic",
        "version",
        "AUX field",
        "SELECTDB",
        "RESIZEDB",
        "SLOT_INFO",
        "expiry",
        "IDLE",
        "FREQ",
        "FUNCTION",
        "MODULE_AUX",
        "EOF",
        "checksum",
        "CRC-",
        "string key",
        "list key",
        "set key",
        "zset key",
        "hash key",
        "stream key",
        "module key",
        "length",
        "encoding: LZF",
        "compressed length",
        "compressed bytes",
        "encoding: -bit number",
        "nodes",
        "node ",
        "container",
        "listpack: total bytes",
        "listpack: entries",
        "ziplist: offset of the last entry",
        "length of the entry before",
        "intset: members",
        "member ",
        "score ",
        "length of the score",
        "field ",
        "value ",
        "earliest expiry of a field",
        "expiry of field ",
        "module ID",
        "tag",
        "consumer groups",
        "consumer group",
        "consumer",
        "pending entry: ID",
        "entry pending for this consumer",
        "master field ",
        "length backwards",
        "end of listpack",
        "annotation",
        "words",
        "length of word ",
        "name of the command",
        "line end",
        "listed file",
        "its seq",
        "cannot be read",
        "live entries in this node",
    ] {
        assert!(labels.contains(expected), "nothing is called {expected}: {labels:#?}");
    }
}

#[test]
fn a_region_is_the_same_from_wherever_it_is_reached() {
    let mut compared = 0;
    for root in roots() {
        for case in
            cases(&root, "rdb").into_iter().chain(cases(&root, "aof")).chain(cases(&root, "rdb-damaged"))
        {
            let files = files(&case.path);
            let outcome = inspect(&files);
            for (file, about) in outcome.report.files.iter().enumerate() {
                let total = about.content_bytes();
                if total < 100_000 {
                    continue;
                }
                let mut marks = Marks::default();
                for part in [1, 3, 6, 7, 9] {
                    let start = total / 10 * part + 77;
                    let query = StructureQuery { start, len: 500, inside: None };
                    let near = FilePlaces::of(&outcome.report, file, start).unwrap();
                    let far = FilePlaces {
                        place: SnapshotPlace::default(),
                        ..FilePlaces::of(&outcome.report, file, 0).unwrap()
                    };
                    let near_at = near.place.offset;
                    let (a, later, read) =
                        run(&files, &outcome, near, query.clone(), core::mem::take(&mut marks));
                    marks = later;
                    let (b, ..) = run(&files, &outcome, far, query, Marks::default());
                    assert_eq!(a, b, "{} {} at {start} from {near_at}", case.name, about.name);
                    assert!(read < 2 << 20, "{read} bytes for 500");
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= at_least(25, 10), "{compared}");
}

#[test]
fn what_is_compressed_has_a_structure_of_its_own() {
    let root = roots().remove(0);
    let mut unpacked = 0;
    for case in cases(&root, "rdb") {
        let files = files(&case.path);
        let outcome = inspect(&files);
        let mut inside = Vec::new();
        for page in whole(&files, &outcome, 0) {
            each(&page.spans, &mut |span| {
                if span.unpacks {
                    inside.push(span.start);
                }
            });
        }
        for at in inside.into_iter().take(50) {
            let places = FilePlaces::of(&outcome.report, 0, at).unwrap();
            let query = StructureQuery { start: 0, len: 4096, inside: Some(at) };
            let (page, ..) = run(&files, &outcome, places, query, Marks::default());
            assert_eq!(page.stopped, None);
            assert!(page.total_bytes > 0);
            assert_eq!(page.bytes.len() as u64, page.total_bytes.min(4096));
            tile(&page.spans, 0, page.end, &case.name);
            unpacked += 1;
        }
    }
    assert!(unpacked > 20, "{unpacked}");
    // Where none begins, it says so.
    let case = cases(&root, "rdb").remove(0);
    let files = files(&case.path);
    let outcome = inspect(&files);
    let query = StructureQuery { start: 0, len: 10, inside: Some(3) };
    let (page, ..) =
        run(&files, &outcome, FilePlaces::of(&outcome.report, 0, 3).unwrap(), query, Marks::default());
    assert_eq!(page.stopped.unwrap(), "No compressed string begins at 3.");
}

#[test]
fn a_value_of_many_gigabytes_is_stepped_over() {
    // A string of 9 GB behind a small key: what is not looked at is not read.
    let long = 9_u64 << 30;
    let head = [&b"REDIS0011\x00\x01a\x01b\x00\x04long\x81"[..], &long.to_be_bytes()].concat();
    let foot = b"\x00\x01z\x01y\xff\0\0\0\0\0\0\0\0";
    let total = head.len() as u64 + long + foot.len() as u64;
    let places = FilePlaces {
        file: "x".into(),
        content_bytes: total,
        snapshot: Some(("REDIS".into(), 11)),
        ..FilePlaces::default()
    };
    let outcome = inspect(&vec![("x".into(), b"REDIS0011\xff\0\0\0\0\0\0\0\0".to_vec())]);
    let query = StructureQuery { start: total - 14, len: 14, inside: None };
    // The file is longer than its source says; only where it ends matters here.
    let mut sources = serde_json::to_value(&outcome.sources).unwrap();
    sources[0]["end"] = total.into();
    let sources: Vec<_> = serde_json::from_value(sources).unwrap();
    let mut job = Structure::new(places, &sources, query, Marks::default()).unwrap();
    let mut read = 0;
    while let Some(request) = job.next_read() {
        let bytes: Vec<u8> = (request.offset..)
            .take(request.len)
            .map(|at| {
                let behind = at.checked_sub(head.len() as u64 + long);
                let front = usize::try_from(at).ok().and_then(|at| head.get(at));
                front.copied().or(behind.map(|at| foot[usize::try_from(at).unwrap()])).unwrap_or(b'x')
            })
            .collect();
        read += bytes.len();
        job.feed(&request, &bytes);
    }
    let (page, _) = job.finish();
    assert!(read < 1 << 20, "{read}");
    let labels: Vec<&str> = page.spans.iter().map(|span| span.label.as_str()).collect();
    assert_eq!(labels, ["string key", "EOF", "checksum"]);
    assert_eq!(page.spans[0].value, "\"z\"");
}

#[test]
fn containers_are_looked_into() {
    let root = roots().remove(0);
    let mut seen = 0;
    for name in
        ["dump.rdb.gz", "dump.rdb.zst", "dump.rdb.lz4", "dump.zip", "appendonlydir.zip", "disk.capture"]
    {
        let path = root.join("containers").join(name);
        let files = files(&path);
        let outcome = inspect(&files);
        for (file, about) in outcome.report.files.iter().enumerate() {
            for page in whole(&files, &outcome, file) {
                tile(&page.spans, page.start, page.end, &format!("{name}/{}", about.name));
                each(&page.spans, &mut |span| assert_ne!(span.kind, SpanKind::Damage, "{name} {span:?}"));
            }
            seen += 1;
        }
    }
    assert!(seen > 6, "{seen}");
}
