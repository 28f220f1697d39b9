//! A compressed copy is the file inside it: the same report, whatever is around it and however it is read.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use snaptape_engine::{Job, Options, Outcome, Source};
use snaptape_report::{FindingKind, Role, Severity, Verdict};
use snaptape_testdata::{cases, files, read, roots};
use snaptape_wire::Crc64;

use crate::set::{Set, inputs, slice};

/// Reads the files as a front end does, with `ahead` reads under way; the offset and name of every key in order come with it.
fn run_ahead(files: &Set, window_bytes: usize, ahead: usize) -> (Outcome, Vec<(u64, Vec<u8>)>) {
    let mut job = Job::new(inputs(files), Options { window_bytes, ..Options::default() }).unwrap();
    let (mut under_way, mut keys) = (std::collections::VecDeque::new(), Vec::new());
    let mut reads = 0;
    while !job.is_done() {
        while under_way.len() < ahead
            && let Some(request) = job.next_read()
        {
            under_way.push_back(request);
        }
        let request = under_way.pop_front().unwrap_or_else(|| panic!("the job waits for nothing: {job:?}"));
        job.feed_keys(&request, slice(files, &request), |key, _| keys.push((key.offset, key.name.to_vec())));
        reads += 1;
        assert!(reads < 4_000_000, "it never ends");
        let progress = job.progress();
        assert!(progress.done_bytes <= progress.total_bytes, "{progress:?}");
    }
    (job.finish(), keys)
}

fn run(files: &Set) -> Outcome {
    run_ahead(files, 8 << 20, 2).0
}

fn folder() -> std::path::PathBuf {
    roots().swap_remove(0)
}

fn sample(name: &str) -> Vec<u8> {
    read(&folder().join("containers").join(name))
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// The same without what is said about containers.
fn without_containers(mut outcome: Outcome) -> Outcome {
    let about_containers = |kind| matches!(kind, FindingKind::Container | FindingKind::ContainerDamaged);
    for files in [&mut outcome.report.files, &mut outcome.check.files] {
        for file in files {
            file.bytes = file.content_bytes();
            file.container = None;
        }
    }
    for findings in [&mut outcome.report.findings, &mut outcome.check.findings] {
        findings.retain(|finding| !about_containers(finding.kind));
    }
    outcome.sources.clear();
    outcome
}

/// The bytes of a source as it is unpacked.
fn contents(source: &Source, files: &Set) -> Vec<u8> {
    let (start, end) = (usize::try_from(source.start).unwrap(), usize::try_from(source.end).unwrap());
    let packed = &files[source.file].1[start..end];
    let Some(mut unpacker) = source.unpacker() else { return packed.to_vec() };
    let mut inside = Vec::new();
    unpacker.push(packed, &mut |piece| inside.extend_from_slice(piece));
    unpacker.finish(&mut |piece| inside.extend_from_slice(piece));
    inside
}

#[test]
fn every_container_gives_the_report_of_the_file_inside() {
    let dump = read(&folder().join("rdb/redis-7.0.15/nocompress.rdb"));
    let (plain, plain_keys) = run_ahead(&vec![("dump".into(), dump.clone())], 8 << 20, 2);
    assert_eq!(plain.check.verdict, Verdict::Sound);
    for (name, layers) in [
        ("dump.rdb.gz", &["gzip"][..]),
        ("members.rdb.gz", &["gzip"]),
        ("dump.rdb.zst", &["zstd"]),
        ("frames.rdb.zst", &["zstd"]),
        ("dump.rdb.lz4", &["lz4"]),
        ("frames.rdb.lz4", &["lz4"]),
        ("dump.zip", &["zip"]),
        ("stored.zip", &["zip"]),
        ("pipe.zip", &["zip"]),
        ("gz-in.zip", &["zip", "gzip"]),
        ("dump.zip.gz", &["gzip", "zip"]),
    ] {
        let packed = vec![("dump".to_owned(), sample(name))];
        for (window_bytes, ahead) in [(8 << 20, 2), (1, 1), (100, 3), (5000, 1)] {
            let (outcome, keys) = run_ahead(&packed, window_bytes, ahead);
            let file = &outcome.report.files[0];
            let container = file.container.as_ref().expect("it is a container");
            assert_eq!(container.layers, layers, "{name}");
            assert_eq!(container.bytes_inside, dump.len() as u64);
            assert_eq!(file.bytes, packed[0].1.len() as u64);
            assert!(file.is_whole(), "{name}");
            let said: Vec<_> =
                outcome.report.findings.iter().map(|finding| (finding.severity, finding.kind)).collect();
            assert_eq!(said, [(Severity::Info, FindingKind::Container)], "{name}");
            assert!(outcome.report.findings[0].message.contains("offsets count from their first byte"));
            let [source] = &outcome.sources[..] else { panic!("{name}: {:?}", outcome.sources) };
            assert!(contents(source, &packed) == dump, "{name}");
            assert_eq!(without_containers(outcome), without_containers(plain.clone()), "{name}");
            assert_eq!(keys, plain_keys, "{name}");
        }
    }
}

#[test]
fn every_file_of_the_corpus_gives_the_same_report_in_gzip() {
    let mut n = 0;
    for folder_name in ["rdb", "rdb-damaged", "aof", "aof-damaged"] {
        for case in cases(&folder(), folder_name) {
            for (path, bytes) in files(&case.path).into_iter().filter(|(_, bytes)| bytes.len() <= 100_000) {
                if path.ends_with(".manifest") || bytes.is_empty() {
                    continue;
                }
                let name = path.rsplit('/').next().unwrap().to_owned();
                let plain = vec![(name.clone(), bytes.clone())];
                let packed = vec![(name, gzip(&bytes))];
                let wanted = without_containers(run(&plain));
                for window_bytes in [8 << 20, 1000] {
                    let (got, keys) = run_ahead(&packed, window_bytes, 2);
                    assert_eq!(without_containers(got), wanted, "{}: {path}", case.name);
                    assert_eq!(keys, run_ahead(&plain, window_bytes, 2).1, "{}: {path}", case.name);
                }
                n += 1;
            }
        }
    }
    assert!(n > 150, "only {n} files");
}

#[test]
fn an_archive_of_a_folder_is_that_folder() {
    let source = folder().join("aof/redis-7.0.15/multi-incr/appendonlydir");
    for (name, prefix) in [
        ("appendonlydir.zip", "set/appendonlydir/"),
        ("streamed.zip", "set/appendonlydir/"),
        ("flat.zip", "set/"),
    ] {
        let plain: Set =
            files(&source).into_iter().map(|(file, bytes)| (format!("{prefix}{file}"), bytes)).collect();
        let wanted = run(&plain);
        assert_eq!(wanted.check.verdict, Verdict::Sound);
        let archive = vec![("set".to_owned(), sample(name))];
        for (window_bytes, ahead) in [(8 << 20, 2), (1000, 3), (1, 1)] {
            let (outcome, _) = run_ahead(&archive, window_bytes, ahead);
            for file in &outcome.report.files {
                let source = outcome.sources.iter().find(|source| source.path == file.name).unwrap();
                let bytes = &plain.iter().find(|(path, _)| *path == file.name).unwrap().1;
                assert!(contents(source, &archive) == *bytes, "{name}: {}", file.name);
                assert_eq!(file.role == Role::Manifest, file.container.is_none(), "{name}: {}", file.name);
            }
            assert_eq!(without_containers(outcome), without_containers(wanted.clone()), "{name}");
        }
    }
}

#[test]
fn a_folder_in_an_archive_is_that_folder_whatever_lies_beside_it() {
    let source = folder().join("aof/redis-7.0.15/multi-incr/appendonlydir");
    let dump = read(&folder().join("rdb/redis-7.0.15/nocompress.rdb"));
    let unpacked = |archive: &str| -> Set {
        files(&source)
            .into_iter()
            .map(|(file, bytes)| (format!("{archive}/appendonlydir/{file}"), bytes))
            .collect()
    };
    let beside: Set = vec![("d/a.rdb".into(), dump.clone()), ("d/z.rdb".into(), dump)];
    let mut plain = unpacked("d/m.zip");
    plain.extend(beside.clone());
    let wanted = run(&plain);
    assert_eq!(wanted.check.verdict, Verdict::Sound);
    let mut packed = beside;
    packed.insert(1, ("d/m.zip".into(), sample("appendonlydir.zip")));
    for (window_bytes, ahead) in [(8 << 20, 2), (1000, 3), (1, 1)] {
        let (outcome, _) = run_ahead(&packed, window_bytes, ahead);
        for file in outcome.report.files.iter().filter(|file| file.name.starts_with("d/m.zip")) {
            let source = outcome.sources.iter().find(|source| source.path == file.name).unwrap();
            let bytes = &plain.iter().find(|(path, _)| *path == file.name).unwrap().1;
            assert!(contents(source, &packed) == *bytes, "{}", file.name);
        }
        assert_eq!(without_containers(outcome), without_containers(wanted.clone()));
    }
    let said = |outcome: &Outcome, file: &str| {
        let of =
            outcome.check.findings.iter().filter(|f| f.kind == FindingKind::UnlistedFile && f.file == file);
        of.map(|finding| (finding.severity, finding.message.clone())).collect::<Vec<_>>()
    };
    for file in ["d/a.rdb", "d/z.rdb"] {
        let said = said(&wanted, file);
        assert!(matches!(&said[..], [(Severity::Info, word)] if word.contains("outside")), "{said:?}");
    }

    // Of two such archives, one is read, and the other is not called a part of it.
    let both = run(&vec![
        ("d/m.zip".into(), sample("appendonlydir.zip")),
        ("d/n.zip".into(), sample("appendonlydir.zip")),
    ]);
    let mut plain = unpacked("d/m.zip");
    plain.extend(unpacked("d/n.zip"));
    assert_eq!(without_containers(both.clone()), without_containers(run(&plain)));
    let other =
        both.report.files.iter().find(|file| file.name.ends_with(".manifest") && file.name.contains("n.zip"));
    let said = said(&both, &other.unwrap().name);
    let [(Severity::Warning, word)] = &said[..] else { panic!("{said:?}") };
    assert!(word.starts_with("d/n.zip/appendonlydir is an append-only directory of its own"), "{word}");
    let unlisted = both.check.findings.iter().filter(|f| f.kind == FindingKind::UnlistedFile);
    assert_eq!(unlisted.count(), 1);

    // Not called `.zip`, it is opened when its turn comes: before all others, or too late for its manifest.
    for (name, first) in [("d/0", true), ("d/b", false)] {
        packed[1].0 = name.into();
        let outcome = run(&packed);
        assert_eq!(outcome.check.verdict, Verdict::Sound, "{name}");
        let base = outcome.report.files.iter().find(|file| file.name.ends_with(".base.rdb")).unwrap();
        assert_eq!(base.role == Role::Base, first, "{name}");
        assert!(outcome.check.findings.iter().all(|f| f.kind != FindingKind::ManifestMissing), "{name}");
    }

    // The name alone makes no archive.
    let misnamed = run(&vec![plain[0].clone(), ("x.zip".into(), packed[0].1.clone())]);
    assert!(misnamed.report.files.iter().any(|file| file.name == "x.zip" && file.container.is_none()));
}

#[test]
fn archives_of_shards_are_one_data_set() {
    let dump = read(&folder().join("rdb/redis-7.0.15/keys.rdb"));
    let shards: Set = vec![
        ("a.zip".into(), sample("zip64.zip")),
        ("b.rdb".into(), dump.clone()),
        ("c.rdb.gz".into(), gzip(&dump)),
        ("d.capture".into(), sample("diskless.capture")),
    ];
    let outcome = run(&shards);
    let names: Vec<_> = outcome.report.files.iter().map(|file| (file.name.as_str(), file.role)).collect();
    assert_eq!(
        names,
        [
            ("a.zip/backup/dump.rdb", Role::Rdb),
            ("b.rdb", Role::Rdb),
            ("c.rdb.gz", Role::Rdb),
            ("d.capture", Role::Rdb),
            ("a.zip/README.txt", Role::Other),
        ]
    );
    let keys: u64 = outcome.report.files.iter().map(|file| file.keys).sum();
    assert_eq!(outcome.report.dataset.unwrap().totals.keys, keys);
    assert_eq!(outcome.report.files[1].keys, outcome.report.files[2].keys);
    assert_eq!(outcome.report.files[0].keys, outcome.report.files[3].keys);
    assert_eq!(outcome.check.verdict, Verdict::Sound, "{:?}", outcome.check.findings);
}

#[test]
fn a_copy_that_was_cut_off_gives_what_is_there() {
    let dump = read(&folder().join("rdb/redis-7.0.15/nocompress.rdb"));
    for name in [
        "dump.rdb.gz",
        "dump.zip",
        "stored.zip",
        "pipe.zip",
        "gz-in.zip",
        "dump.zip.gz",
        "dump.rdb.lz4",
        "dump.rdb.zst",
    ] {
        let packed = sample(name);
        let mut most = 0;
        for cut in (100..packed.len()).step_by(211) {
            let cut_off = vec![("dump".to_owned(), packed[..cut].to_vec())];
            let outcome = run(&cut_off);
            let file = &outcome.check.files[0];
            let inside = usize::try_from(file.content_bytes()).unwrap();
            most = most.max(file.keys);
            if inside == dump.len() {
                continue;
            }
            assert_ne!(outcome.check.verdict, Verdict::Sound, "{name} cut at {cut}");
            let said = outcome.check.findings.iter().any(|finding| {
                let place = finding.start == cut as u64 || name.ends_with("zip.gz");
                finding.kind == FindingKind::ContainerDamaged && place
            });
            assert!(said, "{name} cut at {cut}: {:?}", outcome.check.findings);
            // What came out is judged as the front of the dump is.
            if inside > 0 {
                let front = vec![("dump".to_owned(), dump[..inside].to_vec())];
                let mut got = without_containers(outcome);
                let mut wanted = without_containers(run(&front));
                (got.check.findings, got.report.findings) = (Vec::new(), Vec::new());
                (wanted.check.findings, wanted.report.findings) = (Vec::new(), Vec::new());
                assert_eq!(got.plans, wanted.plans, "{name} cut at {cut}");
                assert_eq!(got.check, wanted.check, "{name} cut at {cut}");
            }
        }
        assert!(most >= 3 || name.ends_with("lz4") || name.ends_with("zst"), "{name}: {most} keys at most");
    }
}

#[test]
fn a_wrong_checksum_matters_as_much_as_it_proves() {
    let mut packed = sample("dump.rdb.gz");
    let at = packed.len() - 8;
    packed[at] ^= 1;
    let outcome = run(&vec![("dump".into(), packed)]);
    let finding = &outcome.check.findings[0];
    // The snapshot has its own checksum, which is right.
    assert_eq!(
        (finding.severity, finding.kind, finding.start),
        (Severity::Warning, FindingKind::ContainerDamaged, at as u64),
        "{finding:?}"
    );
    assert_eq!(outcome.check.verdict, Verdict::Sound);
    let mut tape = gzip(b"*1\r\n$4\r\nPING\r\n");
    let at = tape.len() - 8;
    tape[at] ^= 1;
    let outcome = run(&vec![("tape".into(), tape)]);
    let finding = &outcome.check.findings[0];
    assert_eq!(
        (finding.severity, finding.kind),
        (Severity::Error, FindingKind::ContainerDamaged),
        "{finding:?}"
    );
    assert_ne!(outcome.check.verdict, Verdict::Sound);
}

#[test]
fn what_is_not_known_for_sure_is_said() {
    let outcome = run(&vec![("dump.rdb".into(), sample("dump.vkcs"))]);
    let file = &outcome.check.files[0];
    assert_eq!(file.container.as_ref().unwrap().layers, ["valkey_compressed", "lz4"]);
    assert!(file.is_whole() && file.keys > 0);
    let kinds: Vec<_> =
        outcome.check.findings.iter().map(|finding| (finding.severity, finding.kind)).collect();
    assert_eq!(
        kinds,
        [(Severity::Warning, FindingKind::UnverifiedLayout), (Severity::Info, FindingKind::Container)]
    );
    assert_eq!(outcome.check.verdict, Verdict::Sound);
}

#[test]
fn what_is_no_dump_is_named_inside_a_container_too() {
    for (bytes, words) in [
        (&b"<html>504</html>"[..], "HTML"),
        (&[0; 9000], "nothing but 9,000 zero bytes"),
        (b"", "Nothing comes out"),
        (b"BZh91AY&SY", "bzip2"),
    ] {
        let outcome = run(&vec![("dump.rdb".into(), gzip(bytes))]);
        assert_eq!(outcome.check.verdict, Verdict::Unusable, "{words}");
        let said = |words: &str| outcome.check.findings.iter().any(|finding| finding.message.contains(words));
        assert!(said(words) && said("gzip data"), "{words}: {:?}", outcome.check.findings);
    }
}

/// A snapshot of strings of this length, all of them noise, with a right checksum.
fn snapshot(values: u8, value_bytes: u32) -> Vec<u8> {
    let mut bytes = b"REDIS0009\xfe\x00".to_vec();
    let mut noise = 1_u32;
    for n in 0..values {
        bytes.extend([0, 2, b'k', n, 0x80]);
        bytes.extend(value_bytes.to_be_bytes());
        bytes.extend((0..value_bytes).map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            b'a' + noise.to_be_bytes()[0] % 26
        }));
    }
    bytes.push(0xff);
    let mut crc = Crc64::new();
    crc.update(&bytes);
    bytes.extend(crc.value().to_le_bytes());
    bytes
}

#[test]
fn damage_far_behind_is_gone_back_to() {
    let good = snapshot(13, 1 << 20);
    for (at, wrong) in [
        // A byte of a value near the front: only the checksum at the end tells.
        (3 << 20, 1),
        // The length of a value: everything up to the next entry is lost.
        ((1 << 20) + 9 + 2 + 9 + 5, 0x40),
        // The front of the last value.
        (good.len() - (1 << 20) - 14, 0x80),
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= wrong;
        let (plain, plain_keys) = run_ahead(&vec![("dump".into(), bytes.clone())], 1 << 20, 2);
        assert_ne!(plain.check.verdict, Verdict::Sound, "a wrong byte at {at}");
        let (outcome, keys) = run_ahead(&vec![("dump".into(), gzip(&bytes))], 10_000, 2);
        assert_eq!(keys.len(), plain_keys.len(), "a wrong byte at {at}");
        assert_eq!(without_containers(outcome), without_containers(plain), "a wrong byte at {at}");
    }
}
