//! Damaged snapshots: none is called sound that a server refused to start on, and every key before the damage is kept.

use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan};
use snaptape_report::{FindingKind, Severity};
use snaptape_testdata::{cases, read, roots};

fn scan(bytes: &[u8]) -> SnapshotResult {
    let mut scan = SnapshotScan::new("x.rdb", SnapshotOptions::default());
    scan.feed(bytes, true, |_| {});
    scan.finish()
}

#[test]
fn what_a_server_refuses_is_never_sound() {
    let (mut n, mut duplicates, mut wrong) = (0, 0, vec![]);
    for root in roots() {
        for case in cases(&root, "rdb-damaged") {
            let sidecar = &case.sidecar;
            n += 1;
            let result = scan(&read(&case.path));
            let errors: Vec<_> = result.findings.iter().filter(|f| f.severity == Severity::Error).collect();
            let started = sidecar["server_start"]["started"].as_bool().unwrap();
            let tool = sidecar["check_rdb"]["exit"].as_i64().unwrap();
            let place = &case.name;
            if sidecar["damage"] == "duplicate-key" {
                duplicates += 1;
                assert!(errors.iter().any(|f| f.kind == FindingKind::DuplicateKey), "{place}: {errors:?}");
            }
            if errors.is_empty() && (!started || tool != 0) {
                wrong.push(format!("{place}: started {started}, tool {tool}, sound for us"));
            }
            if let Some(at) = sidecar["at"].as_u64() {
                // Damage is found at or behind the place where it was made, never before it.
                if result.error.as_ref().is_some_and(|e| e.offset() < at && e.offset() > 9) {
                    wrong.push(format!("{place}: damage at {at}, found at {:?}", result.error));
                }
            }
        }
    }
    println!("{n} damaged snapshots, {duplicates} with a key twice");
    assert!(n >= 80 && duplicates >= 3, "only {n}, {duplicates}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
