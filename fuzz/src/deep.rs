//! The deep check: no panic, the same findings however the bytes are cut, no value overlooked that the plain check finds, and none
//! because it came in pieces.

use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan, Unfit};
use snaptape_testdata::{json, roots};
use snaptape_wire::Limits;

/// Small enough that packed values of ordinary length arrive in pieces.
const PIECES: Limits = Limits { max_inline_bytes: 40, max_name_bytes: 1 << 20 };
const WHOLE: Limits = Limits { max_inline_bytes: 16 << 20, max_name_bytes: 1 << 20 };

pub(crate) fn deep(input: &[u8]) {
    let whole = scan(input, [input.len()], true, WHOLE);
    let cut = scan(input, crate::cuts(input), true, WHOLE);
    assert_eq!(cut.findings, whole.findings, "windows change what is found");
    assert_eq!(cut.unfit, whole.unfit, "windows change what is unfit");
    let plain = scan(input, [input.len()], false, WHOLE);
    let known = |unfit: &&Unfit| whole.unfit.iter().any(|deep| deep.span == unfit.span);
    let overlooked: Vec<&Unfit> = plain.unfit.iter().filter(|unfit| !known(unfit)).collect();
    assert!(overlooked.is_empty(), "the deep check overlooks {overlooked:?}: {:?}", plain.findings);
    let pieces = scan(input, [input.len()], true, PIECES);
    assert_eq!(pieces.unfit, whole.unfit, "pieces of values change what is unfit");
}

/// Snapshots that break one rule each, and others.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let rules = json(&roots()[0].join("deep/rules.json"));
    let hex = rules.as_array().into_iter().flatten().filter_map(|rule| rule["rdb"].as_str());
    let mut seeds: Vec<Vec<u8>> = hex.filter_map(unhex).collect();
    seeds.extend(crate::seeds::snapshots());
    seeds
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    (0..text.len()).step_by(2).map(digits).collect()
}

fn scan(input: &[u8], cuts: impl IntoIterator<Item = usize>, deep: bool, limits: Limits) -> SnapshotResult {
    let options = SnapshotOptions { deep, limits, ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new("x.rdb", options);
    let mut at = 0;
    for cut in cuts {
        let end = (at + cut).min(input.len());
        scan.feed(&input[at..end], false, |_| {});
        at = end;
    }
    scan.feed(&input[at..], true, |_| {});
    scan.finish()
}
