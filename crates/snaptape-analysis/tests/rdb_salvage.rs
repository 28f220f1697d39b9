//! What is got back from damaged snapshots, measured against the snapshots they were made from.

use std::{collections::BTreeMap, path::Path};

use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan};
use snaptape_rdb::Chunk;
use snaptape_testdata::{Case, cases, read, roots};
use snaptape_wire::Crc64;

/// Database and name, then digest, expiry, and where it ends.
type Keys = BTreeMap<(u64, Vec<u8>), (Option<String>, Option<i64>, u64)>;

fn scan(bytes: &[u8]) -> (SnapshotResult, Keys) {
    let options =
        SnapshotOptions { digest: true, file_bytes: Some(bytes.len() as u64), ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new("x.rdb", options);
    let mut keys = Keys::new();
    while !scan.is_done() {
        let from = usize::try_from(scan.position()).unwrap();
        scan.feed(&bytes[from..], true, |key| {
            let digest = key.value_sha256.map(|hash| hash.iter().map(|b| format!("{b:02x}")).collect());
            keys.insert(
                (key.db, key.name.to_vec()),
                (digest, key.expires_at_ms, key.offset + key.file_bytes),
            );
        });
    }
    (scan.finish(), keys)
}

/// Carries out the list of what is whole.
fn copy(chunks: &[Chunk], original: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in chunks {
        match chunk {
            Chunk::Copy(span) => {
                let (start, end) = (usize::try_from(span.start).unwrap(), usize::try_from(span.end).unwrap());
                out.extend_from_slice(&original[start..end]);
            }
            Chunk::Bytes { bytes, .. } => out.extend_from_slice(bytes),
            Chunk::Checksum => {
                let mut crc = Crc64::new();
                crc.update(&out);
                out.extend(crc.value().to_le_bytes());
            }
        }
    }
    out
}

/// The snapshot a damaged one was made from.
fn good(root: &Path, case: &Case) -> Option<Vec<u8>> {
    let dataset = case.sidecar["dataset"].as_str().unwrap();
    [
        root.join(format!("rdb-damaged/{}/{dataset}--good.rdb", case.server)),
        root.join(format!("rdb/{}/{dataset}.rdb", case.server)),
    ]
    .iter()
    .find(|path| path.is_file())
    .map(|path| read(path))
}

#[test]
fn what_is_salvaged() {
    let mut shares: Vec<(f64, String)> = vec![];
    let mut wrong = vec![];
    for root in roots() {
        for case in cases(&root, "rdb-damaged") {
            let bytes = read(&case.path);
            let Some(good) = good(&root, &case) else { continue };
            let (_, truth) = scan(&good);
            let (result, _) = scan(&bytes);
            let copied = copy(&result.copy, &bytes);
            let (again, kept) = scan(&copied);
            let same = truth.iter().filter(|(key, (digest, expiry, _))| {
                kept.get(*key).is_some_and(|(d, e, _)| (d, e) == (digest, expiry))
            });
            let same = same.count();
            let at = case.sidecar["at"].as_u64().or(case.sidecar["cut_at"].as_u64());
            let lost_before: Vec<_> = truth
                .iter()
                .filter(|(key, (_, _, end))| at.is_some_and(|at| *end <= at) && !kept.contains_key(*key))
                .map(|((db, name), _)| format!("{db} {:?}", String::from_utf8_lossy(name)))
                .collect();
            let share = if truth.is_empty() { 1.0 } else { same as f64 / truth.len() as f64 };
            let strange = kept.len() - same;
            let line = format!(
                "{:5.1} % of {:3} keys, {strange} strange, {} holes, burst {}, {} : {}",
                share * 100.0,
                truth.len(),
                result.holes.len(),
                u8::from(result.mending.is_some()),
                case.name,
                result.error.as_ref().map_or(String::new(), ToString::to_string),
            );
            if again.error.is_some() && !copied.is_empty() {
                wrong.push(format!("{}: the copy fails: {:?}", case.name, again.error));
            }
            if !lost_before.is_empty() {
                wrong.push(format!("{}: lost before {at:?}: {lost_before:?}", case.name));
            }
            shares.push((share, line));
        }
    }
    shares.sort_by(|a, b| a.0.total_cmp(&b.0));
    for (_, line) in &shares {
        println!("{line}");
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
