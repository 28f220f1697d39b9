//! What everything that is found out about a snapshot costs, beside walking over it by lengths.
//!
//! `SNAPTAPE_BENCH_FILE` names the snapshot; without it, it is the largest of the repository's, which is a small one.
//! `cargo bench -p snaptape-engine`.

use std::{fs, hint::black_box, path::PathBuf};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use snaptape_analysis::{KeyFacts, SnapshotOptions, SnapshotScan};
use snaptape_engine::{InputFile, Job, Options};
use snaptape_rdb::{Event, Reader};
use snaptape_wire::Limits;

/// The window the engine asks for.
const WINDOW: usize = 8 << 20;

fn snapshot() -> Vec<u8> {
    let path = std::env::var_os("SNAPTAPE_BENCH_FILE").map_or_else(largest, PathBuf::from);
    println!("{}", path.display());
    fs::read(path).expect("the snapshot can be read")
}

fn largest() -> PathBuf {
    let root = snaptape_testdata::roots().swap_remove(0).join("rdb");
    let folders = fs::read_dir(root).expect("the repository's snapshots");
    let files = folders.flat_map(|folder| fs::read_dir(folder.unwrap().path()).unwrap());
    files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "rdb"))
        .max_by_key(|path| fs::metadata(path).unwrap().len())
        .expect("a snapshot")
}

/// Every key and every element stepped over by its length; nothing is added up.
fn walk(bytes: &[u8]) -> u64 {
    let mut reader = Reader::new(Limits::default());
    let mut keys = 0;
    for window in bytes.chunks(WINDOW) {
        reader
            .feed(window, false, |_, event| keys += u64::from(matches!(event, Event::Key(_))))
            .expect("a sound snapshot");
    }
    reader.feed(&[], true, |_, _| {}).expect("a whole snapshot");
    keys
}

/// Each value looked into and its memory worked out; keys are not added up.
fn scan(bytes: &[u8]) -> u64 {
    let mut scan = SnapshotScan::new("x.rdb", SnapshotOptions::default());
    let mut memory = 0;
    let mut sink = |key: &KeyFacts<'_>| memory += key.memory_bytes;
    for window in bytes.chunks(WINDOW) {
        scan.feed(window, false, &mut sink);
    }
    scan.feed(&[], true, &mut sink);
    memory
}

/// The whole job of `inspect`.
fn inspect(bytes: &[u8]) -> u64 {
    let input = InputFile { path: "x.rdb".into(), bytes: bytes.len() as u64 };
    let mut job = Job::new(vec![input], Options::default()).expect("a job");
    while let Some(request) = job.next_read() {
        let from = usize::try_from(request.offset).unwrap();
        job.feed(&request, &bytes[from..(from + request.len).min(bytes.len())]);
    }
    job.finish().report.dataset.map_or(0, |dataset| dataset.totals.keys)
}

fn benches(criterion: &mut Criterion) {
    let bytes = snapshot();
    let mut group = criterion.benchmark_group("snapshot");
    group.sample_size(10).throughput(Throughput::Bytes(bytes.len() as u64));
    group.bench_function("walk", |bencher| bencher.iter(|| walk(black_box(&bytes))));
    group.bench_function("scan", |bencher| bencher.iter(|| scan(black_box(&bytes))));
    group.bench_function("inspect", |bencher| bencher.iter(|| inspect(black_box(&bytes))));
    group.finish();
}

criterion_group!(inspecting, benches);
criterion_main!(inspecting);
