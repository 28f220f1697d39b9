//! Several snapshots as one data set.

use snaptape_analysis::key_slot;
use snaptape_engine::Options;
use snaptape_report::{FindingKind, Report, Severity, Verdict};
use snaptape_testdata::{cases, read, roots};

use crate::set::{Set, run};

/// A snapshot with string keys, as Redis 7.2 would write it.
fn snapshot(version: u16, ver: &str, saved_s: i64, names: &[String]) -> Vec<u8> {
    let mut out = format!("REDIS{version:04}").into_bytes();
    let text = |out: &mut Vec<u8>, text: &str| {
        out.push(u8::try_from(text.len()).expect("a short text"));
        out.extend_from_slice(text.as_bytes());
    };
    for (name, value) in [("redis-ver", ver), ("ctime", &saved_s.to_string())] {
        out.push(0xfa);
        text(&mut out, name);
        text(&mut out, value);
    }
    out.extend([0xfe, 0]);
    for name in names {
        out.push(0);
        text(&mut out, name);
        text(&mut out, "v");
    }
    out.push(0xff);
    out.extend([0; 8]);
    out
}

fn inspect(files: &Set, window_bytes: usize) -> Report {
    run(files, Options { window_bytes, ..Options::default() }).report
}

fn names(wanted: impl Fn(u16) -> bool) -> Vec<String> {
    (0..3000).map(|i| format!("user:{i}")).filter(|name| wanted(key_slot(name.as_bytes()))).collect()
}

/// Three shards of a cluster, in the order slots go.
fn cluster() -> Set {
    [(1, 0..5461), (2, 5461..10_923), (3, 10_923..16_384)]
        .map(|(n, slots)| {
            let names = names(|slot| slots.contains(&slot));
            (format!("backup/users-000{n}.rdb"), snapshot(11, "7.2.4", 1_700_000_000, &names))
        })
        .into()
}

fn kinds(report: &Report) -> Vec<FindingKind> {
    use FindingKind as K;
    let of_shards = |kind: &K| {
        matches!(
            kind,
            K::SlotsMissing
                | K::SlotsDoubled
                | K::KeyInTwoShards
                | K::MisplacedKeys
                | K::ShardMissing
                | K::ShardTwice
                | K::ShardsDiffer
        )
    };
    report.findings.iter().map(|finding| finding.kind).filter(of_shards).collect()
}

#[test]
fn whole_clusters_have_nothing_to_say() {
    let files = cluster();
    for window in [100, 1 << 20] {
        let report = inspect(&files, window);
        assert_eq!((report.verdict, kinds(&report)), (Verdict::Sound, vec![]), "{:?}", report.findings);
        let slots = report.slots.unwrap();
        assert_eq!((slots.missing.len(), slots.doubled.len(), slots.shared_keys), (0, 0, 0));
        let dataset = report.dataset.unwrap();
        let sum: u64 = report.shards.iter().map(|shard| shard.keys).sum();
        assert_eq!((sum, dataset.totals.keys), (3000, 3000));
        let memory: u64 = report.shards.iter().map(|shard| shard.memory_bytes).sum();
        assert_eq!(memory, dataset.totals.memory_bytes);
        assert_eq!(report.shards.iter().map(|shard| shard.slots).sum::<u32>(), slots.covered);
        for (i, shard) in report.shards.iter().enumerate() {
            let [range] = shard.ranges[..] else { panic!("{:?}", shard.ranges) };
            assert_eq!(usize::from(range.first) / 5461, i, "{range}");
            assert_eq!(
                (shard.file.as_str(), shard.file_bytes),
                (files[i].0.as_str(), files[i].1.len() as u64)
            );
        }
    }
}

#[test]
fn a_shard_that_is_not_there_is_missed_twice_over() {
    let mut files = cluster();
    files.remove(1);
    let report = inspect(&files, 4096);
    assert_eq!(kinds(&report), [FindingKind::ShardMissing, FindingKind::SlotsMissing]);
    let said = &report.findings.iter().find(|f| f.kind == FindingKind::ShardMissing).unwrap().message;
    assert!(said.contains("users-0002"), "{said}");
    // Nothing is wrong with the files that are there.
    assert_eq!(report.verdict, Verdict::Sound);
}

#[test]
fn what_does_not_fit_together_is_said() {
    // The same shard under two names, one from another release, a day later.
    let mut files = cluster();
    let first = files[0].1.clone();
    files.push(("backup/users-0004.rdb".into(), first));
    let report = inspect(&files, 4096);
    let expected = [FindingKind::ShardTwice, FindingKind::KeyInTwoShards, FindingKind::SlotsDoubled];
    assert_eq!(kinds(&report), expected);

    let mut files = cluster();
    files[2].1 = snapshot(10, "7.0.15", 1_700_100_000, &names(|slot| slot >= 10_900));
    let report = inspect(&files, 4096);
    // Another version of the format is a warning, another time is worth knowing.
    let expected = [
        FindingKind::ShardsDiffer,
        FindingKind::KeyInTwoShards,
        FindingKind::SlotsDoubled,
        FindingKind::ShardsDiffer,
    ];
    assert_eq!(kinds(&report), expected, "{:#?}", report.findings);
    let shared = names(|slot| (10_900..10_923).contains(&slot)).len() as u64;
    assert_eq!(report.slots.unwrap().shared_keys, shared);
    assert!(report.findings.iter().all(|finding| finding.severity < Severity::Error));
}

#[test]
fn two_backups_of_one_data_set_are_no_cluster() {
    let all = names(|_| true);
    let files = vec![
        ("monday.rdb".into(), snapshot(11, "7.2.4", 1_700_000_000, &all[..2500])),
        ("tuesday.rdb".into(), snapshot(11, "7.2.4", 1_700_086_400, &all)),
    ];
    let report = inspect(&files, 4096);
    assert_eq!(kinds(&report), [FindingKind::KeyInTwoShards, FindingKind::ShardsDiffer]);
    assert_eq!((report.slots, report.shards.len()), (None, 2));
}

#[test]
fn a_file_of_a_cluster_says_so_itself() {
    let mut n = 0;
    for case in cases(&roots().remove(0), "rdb") {
        let report = inspect(&vec![("dump.rdb".into(), read(&case.path))], 1 << 20);
        let speaks =
            case.name.ends_with("/cluster") && !case.name.contains("7.0") && !case.name.contains("7.2");
        assert_eq!(report.slots.is_some(), speaks, "{}", case.name);
        assert!(report.shards.is_empty());
        n += u32::from(speaks);
    }
    assert!(n >= 3, "only {n}");
}
