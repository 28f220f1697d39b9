//! Maps of whole data sets: what they add up to is what the report says.

use snaptape_engine::{MapJob, Options};
use snaptape_report::{MapKind, MapNesting, MapNode, MapSums, MemoryMap, Tally};
use snaptape_testdata::{cases, files, roots};

use crate::set::{Set, inputs, run, slice};

const NESTINGS: [&str; 4] =
    ["pattern", "type,encoding,pattern", "file,database,slot,type", "encoding,pattern,database"];

fn options(window_bytes: usize) -> Options {
    Options { window_bytes, ..Options::default() }
}

fn map(files: &Set, nesting: &str, window_bytes: usize) -> Option<MemoryMap> {
    let nesting = MapNesting::parse(nesting).expect(nesting);
    let mut job = MapJob::new(inputs(files), options(window_bytes), nesting).expect("files");
    let mut last = 0;
    while let Some(request) = job.next_read() {
        job.feed(&request, slice(files, &request));
        let progress = job.progress();
        assert!(progress.done_bytes >= last && progress.done_bytes <= progress.total_bytes);
        last = progress.done_bytes;
    }
    assert!(job.is_done());
    job.finish()
}

fn sums(tally: &Tally) -> MapSums {
    MapSums {
        keys: tally.keys,
        without_ttl: tally.without_ttl(),
        memory_bytes: tally.memory_bytes,
        file_bytes: tally.file_bytes,
        payload_bytes: tally.payload_bytes,
    }
}

/// Compares all maps of a set with its report; how many keys it has.
fn check(name: &str, files: &Set) -> u64 {
    let outcome = run(files, options(1 << 16));
    assert_eq!(outcome.map.is_some(), outcome.report.dataset.is_some(), "{name}");
    let totals = outcome.report.dataset.as_ref().map(|dataset| sums(&dataset.totals));
    for nesting in NESTINGS {
        let map = map(files, nesting, 1 << 16);
        assert_eq!(map.as_ref().map(|map| map.nodes[0].sums), totals, "{name} by {nesting}");
        if nesting == "pattern" {
            // Of a tape only the first pass knows which release wrote it.
            let nodes = |map: Option<MemoryMap>| map.map(|map| (map.nodes, map.folding));
            assert_eq!(nodes(map), nodes(outcome.map.clone()), "{name}");
        }
    }
    totals.map_or(0, |totals| totals.keys)
}

#[test]
fn every_map_of_every_file_adds_up_to_the_report() {
    let mut keys = 0;
    for root in roots() {
        for folder in ["rdb", "rdb-damaged", "aof", "aof-damaged"] {
            for case in cases(&root, folder) {
                keys += check(&case.name, &files(&case.path));
            }
        }
    }
    assert!(keys > 5_000, "{keys}");
    for name in ["dump.rdb.gz", "dump.zip", "dump.zip.gz", "dump.vkcs", "appendonlydir.zip"] {
        let path = roots()[0].join("containers").join(name);
        assert!(check(name, &files(&path)) > 0, "{name}");
    }
}

#[test]
fn files_of_a_set_are_told_apart_and_windows_do_not_matter() {
    let root = &roots()[0];
    let wanted = ["redis-7.4.1/cluster", "redis-7.4.1/hfe"];
    let shards: Set = cases(root, "rdb")
        .iter()
        .filter(|case| wanted.contains(&case.name.as_str()))
        .flat_map(|case| files(&case.path))
        .collect();
    assert_eq!(shards.len(), 2);
    assert!(check("two shards", &shards) > 0);
    let by_file = map(&shards, "file,type", 1 << 16).expect("keys");
    let mut names: Vec<&str> =
        by_file.nodes.iter().filter(|node| node.kind == MapKind::File).map(MapNode::label).collect();
    names.sort_unstable();
    let mut expected: Vec<&str> = shards.iter().map(|(path, _)| path.as_str()).collect();
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!(map(&shards, "file,type", 700), Some(by_file));
}
