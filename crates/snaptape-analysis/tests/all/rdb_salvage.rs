//! What is got back from damaged snapshots, measured against the snapshots they were made from.

use std::{collections::BTreeMap, ops::Range, path::Path};

use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan, hex};
use snaptape_rdb::Chunk;
use snaptape_testdata::{Case, cases, read, roots};
use snaptape_wire::Crc64;

/// What is known of a key: digest, expiry, and where its entry stands.
#[derive(Debug, Clone, PartialEq)]
struct Known {
    digest: Option<String>,
    expires_at_ms: Option<i64>,
    span: Range<u64>,
}

type Keys = BTreeMap<(u64, Vec<u8>), Known>;

fn scan(bytes: &[u8]) -> (SnapshotResult, Keys) {
    let options =
        SnapshotOptions { digest: true, file_bytes: Some(bytes.len() as u64), ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new("x.rdb", options);
    let mut keys = Keys::new();
    let mut turns = 0;
    while !scan.is_done() {
        turns += 1;
        assert!(turns < 1_000, "it goes round in circles");
        let from = usize::try_from(scan.position()).unwrap();
        scan.feed(&bytes[from..], true, |key| {
            let known = Known {
                digest: key.value_sha256.map(|hash| hex(&hash)),
                expires_at_ms: key.expires_at_ms,
                span: key.offset..key.offset + key.file_bytes,
            };
            keys.insert((key.db, key.name.to_vec()), known);
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

/// The part of the good file that is not in the damaged one as it was, its last nine bytes (end and checksum) aside.
fn damaged_span(good: &[u8], bad: &[u8]) -> Range<u64> {
    let end = good.len() - 9;
    let front = good.iter().zip(bad).take_while(|(a, b)| a == b).count().min(end);
    let same_length = good.len() == bad.len();
    let back = match same_length {
        true => (front..end).rev().find(|&i| good[i] != bad[i]).map_or(front, |i| i + 1),
        // Something was put in: what stands behind it is the same.
        false if bad.len() > good.len() => front,
        false => end,
    };
    front as u64..back as u64
}

#[test]
fn what_is_not_damaged_is_salvaged() {
    let (mut wrong, mut shares, mut mended, mut alike, mut n) = (vec![], vec![], 0, 0, 0);
    for root in roots() {
        for case in cases(&root, "rdb-damaged") {
            let place = &case.name;
            let bad = read(&case.path);
            let Some(good) = good(&root, &case) else {
                wrong.push(format!("{place}: made from nothing"));
                continue;
            };
            n += 1;
            let (_, truth) = scan(&good);
            let (result, _) = scan(&bad);
            let recovery = &result.recovery;
            if let Some(mending) = &recovery.mending {
                let start = usize::try_from(mending.start).unwrap();
                let mut whole = bad.clone();
                whole[start..start + mending.bytes.len()].copy_from_slice(&mending.instead);
                if whole != good {
                    wrong.push(format!("{place}: what the checksum gives away is not what was there"));
                }
                mended += 1;
                shares.push((1.0, place.clone()));
                continue;
            }
            let copied = copy(&recovery.copy, &bad);
            if copied.len() < 10 {
                // Nothing of it is left: an empty file, or half a header.
                assert!(bad.len() < 9, "{place}: nothing was kept");
                continue;
            }
            let (again, kept) = scan(&copied);
            if again.error.is_some() || again.recovery.copied_keys != kept.len() as u64 {
                wrong.push(format!("{place}: the copy fails: {:?}", again.error));
            }
            let damage = damaged_span(&good, &bad);
            let (mut same, mut n_hit) = (0, 0);
            for (key, known) in &truth {
                let whole = kept
                    .get(key)
                    .is_some_and(|k| (&k.digest, k.expires_at_ms) == (&known.digest, known.expires_at_ms));
                same += usize::from(whole);
                let hit = known.span.start < damage.end && damage.start < known.span.end;
                n_hit += usize::from(hit);
                if !whole && !hit {
                    wrong.push(format!(
                        "{place}: {key:?} at {:?} is lost, the damage is at {damage:?}",
                        known.span
                    ));
                }
            }
            let strange: Vec<_> = kept.keys().filter(|key| !truth.contains_key(*key)).collect();
            alike += strange.len();
            if strange.len() > n_hit {
                wrong.push(format!("{place}: made of damage: {strange:?}"));
            }
            shares.push((same as f64 / truth.len().max(1) as f64, place.clone()));
        }
    }
    shares.sort_by(|a, b| a.0.total_cmp(&b.0));
    let cut = |name: &str| name.contains("truncated");
    for (share, place) in shares.iter().filter(|(share, place)| *share < 0.95 && !cut(place)) {
        println!("{:5.1} % {place}", share * 100.0);
    }
    let single: Vec<_> = shares.iter().filter(|(_, place)| !cut(place)).collect();
    let at_least = |share: f64| single.iter().filter(|(s, _)| *s >= share).count();
    println!(
        "{n} damaged snapshots, {mended} mended by their checksum; {} damaged in one place: all keys of {}, 95 % of {}, 85 % of {}; \
         {alike} keys whose name is damaged itself",
        single.len(),
        at_least(1.0),
        at_least(0.95),
        at_least(0.85)
    );
    assert!(n >= 80, "only {n}");
    assert!(mended * 5 >= n, "only {mended} of {n}");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Numbers that look random; the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % n.max(1)
    }
}

/// Damages one place of a file whose checksum was not computed; which bytes of the good file are gone.
fn hurt(good: &[u8], random: &mut Random) -> (Vec<u8>, Range<u64>) {
    let mut bad = good.to_vec();
    let n = bad.len();
    bad[n - 8..].fill(0);
    let at = 9 + random.below(n - 9 - 9 - 64);
    let len = 1 + random.below(64);
    let gone = match random.below(5) {
        0 => {
            bad[at] ^= 1 << random.below(8);
            at..at + 1
        }
        1 => {
            bad[at..at + len].fill(0);
            at..at + len
        }
        2 => {
            bad[at..at + len].iter_mut().for_each(|byte| *byte = random.below(256).to_le_bytes()[0]);
            at..at + len
        }
        3 => {
            bad.drain(at..at + len);
            at..at + len
        }
        _ => {
            let noise: Vec<u8> = (0..len).map(|_| random.below(256).to_le_bytes()[0]).collect();
            bad.splice(at..at, noise);
            at..at
        }
    };
    (bad, gone.start as u64..gone.end as u64)
}

fn in_windows(bytes: &[u8], random: &mut Random) -> SnapshotResult {
    let options = SnapshotOptions { file_bytes: Some(bytes.len() as u64), ..SnapshotOptions::default() };
    let mut scan = SnapshotScan::new("x.rdb", options);
    while !scan.is_done() {
        let from = usize::try_from(scan.position()).unwrap();
        let to = (from + 1 + random.below(1_500)).min(bytes.len());
        scan.feed(&bytes[from..to], to == bytes.len(), |_| {});
    }
    scan.finish()
}

/// Random damage, whose checksum says nothing: what is not hit is found again, and windows make no difference.
#[test]
fn random_damage_costs_what_it_hits() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut n, mut lost_nothing, mut keys_lost, mut keys) = (0, 0, 0, 0);
    let root = &roots()[0];
    let files: Vec<Vec<u8>> = cases(root, "rdb")
        .iter()
        .map(|case| read(&case.path))
        .filter(|bytes| (1_500..40_000).contains(&bytes.len()))
        .collect();
    assert!(files.len() >= 20, "only {} files", files.len());
    for good in files.iter().cycle().take(8 * files.len()) {
        let (_, truth) = scan(good);
        let (bad, gone) = hurt(good, &mut random);
        let (result, _) = scan(&bad);
        let cut = in_windows(&bad, &mut random);
        assert_eq!(cut.recovery.copy, result.recovery.copy);
        assert_eq!(cut.recovery.holes.len(), result.recovery.holes.len());
        let (again, kept) = scan(&copy(&result.recovery.copy, &bad));
        assert!(again.error.is_none(), "{:?} after {:?}", again.error, result.error);
        let mut lost = 0;
        for (key, known) in &truth {
            // What begins where something was put in is hit, too: its own expiry may be what moved.
            let hit = known.span.start < gone.end.max(gone.start + 1) && gone.start <= known.span.end;
            if !hit {
                keys += 1;
                lost += usize::from(kept.get(key).is_none_or(|k| k.digest != known.digest));
            }
        }
        n += 1;
        lost_nothing += usize::from(lost == 0);
        keys_lost += lost;
    }
    println!(
        "{n} damages: in {lost_nothing} every key that was not hit was kept; {keys_lost} of {keys} such keys lost"
    );
    assert!(lost_nothing * 100 >= n * 94, "only in {lost_nothing} of {n}");
    assert!(keys_lost * 100 <= keys, "{keys_lost} of {keys}");
}
