//! Sets the corpus has not: made here, judged by the rules of the reference.

use proptest::prelude::*;
use snaptape_analysis::{Features, Recovery};
use snaptape_aof::TapeScan;
use snaptape_rdb::Magic;
use snaptape_repair::{FileFacts, Judgement, ManifestFacts, SetFacts, SnapshotFacts, judge};
use snaptape_report::{Edit, Finding, FindingKind, NewBytes, OutputFile, Role, Severity, Verdict};
use snaptape_wire::{Error, ErrorKind, Limits, Release};

const REDIS_7: Release = Release::redis(7, 4);

fn tape_from(path: &str, role: Role, bytes: &[u8], start: usize, release: Release) -> FileFacts {
    let mut scan = TapeScan::new(start as u64, bytes.len() as u64, release, Limits::default());
    scan.feed(&bytes[start..], &mut ());
    FileFacts { tape: Some(scan.finish(&mut ())), ..FileFacts::new(path, role, bytes.len() as u64) }
}

fn tape(path: &str, role: Role, text: &str) -> FileFacts {
    if text.is_empty() {
        return FileFacts::new(path, role, 0);
    }
    tape_from(path, role, text.as_bytes(), 0, REDIS_7)
}

fn snapshot(path: &str, role: Role, bytes: u64) -> FileFacts {
    let snapshot = SnapshotFacts {
        error: None,
        end: bytes,
        keys: 3,
        sound_up_to: bytes,
        checksum_mismatch: false,
        features: Features::of_header(Magic::Redis, 11),
        recovery: Recovery::default(),
        unfit: Vec::new(),
        saved_at_s: None,
        writer: None,
    };
    FileFacts { snapshot: Some(snapshot), ..FileFacts::new(path, role, bytes) }
}

fn set(manifest: Option<&str>, files: Vec<FileFacts>) -> SetFacts {
    let manifest = manifest.map(|text| ManifestFacts { path: "d/a.manifest".into(), text: text.into() });
    SetFacts { release: REDIS_7, manifest, files, replay: None }
}

fn kinds(judgement: &Judgement) -> Vec<(Severity, FindingKind)> {
    judgement.findings.iter().map(|finding| (finding.severity, finding.kind)).collect()
}

const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
const TORN: &str = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n*2\r\n$3\r\nDE";
const MANIFEST: &str =
    "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n";

#[test]
fn a_torn_first_command_costs_the_server_the_snapshot() {
    // The snapshot takes the first 20 bytes; what they are does not matter here.
    let bytes = ["x".repeat(20).as_str(), "*2\r\n$3\r\nDE"].concat();
    let mut file = tape_from("a.aof", Role::Aof, bytes.as_bytes(), 20, REDIS_7);
    file.snapshot = snapshot("", Role::Aof, 20).snapshot;
    let judgement = judge(&set(None, vec![file]));
    assert_eq!((judgement.loads.default.starts, judgement.loads.default.kept_up_to), (true, 0));
    assert!(
        judgement.findings[0].message.contains("snapshot included: at the next start everything is gone")
    );
    let plan = &judgement.plans[0];
    assert_eq!(plan.outputs[0].bytes(), 20);
    assert!(plan.summary.contains("keep the snapshot (3 keys) and 0 commands"), "{}", plan.summary);
}

#[test]
fn snapshots_alone() {
    let broken = |mut file: FileFacts| {
        file.snapshot.as_mut().unwrap().error = Some(Error::new(ErrorKind::UnexpectedEnd { missing: 1 }, 50));
        file
    };
    let mismatch = |mut file: FileFacts| {
        file.snapshot.as_mut().unwrap().checksum_mismatch = true;
        file
    };
    let valkey = |mut file: FileFacts| {
        let snapshot = file.snapshot.as_mut().unwrap();
        snapshot.features = Features::of_header(Magic::Valkey, 80);
        file
    };
    let rdb = || snapshot("dump.rdb", Role::Rdb, 100);
    for (files, verdict, starts, exit) in [
        (vec![rdb()], Verdict::Sound, true, 0),
        // Torn: nothing is in doubt but what is missing.
        (vec![broken(rdb())], Verdict::Recoverable, false, 1),
        (vec![mismatch(rdb())], Verdict::Damaged, false, 1),
        // Whole, and not for this release.
        (vec![valkey(rdb())], Verdict::Sound, false, 1),
        (vec![rdb(), snapshot("2.rdb", Role::Rdb, 90)], Verdict::Sound, true, 0),
        (vec![rdb(), broken(snapshot("2.rdb", Role::Rdb, 90))], Verdict::Recoverable, false, 1),
        (vec![FileFacts::new("dump.rdb", Role::Rdb, 0)], Verdict::Unusable, false, 1),
        (vec![FileFacts::new("photo.jpg", Role::Other, 9)], Verdict::Unusable, false, 1),
    ] {
        let judgement = judge(&set(None, files));
        let got = (judgement.verdict, judgement.loads.default.starts, judgement.check_tool.exit);
        assert_eq!(got, (verdict, starts, exit), "{:?}", judgement.findings);
        if judgement.findings.iter().any(|finding| finding.kind == FindingKind::Unsupported) {
            // The tool reads magic and version, and says the offset behind them.
            assert_eq!(judgement.check_tool.ok_up_to, 9);
        }
        assert_eq!(judgement.loads.default.starts, judgement.loads.strict.starts);
        assert!(judgement.plans.is_empty());
    }
    assert_eq!(judge(&set(None, vec![rdb()])).check_tool.tool, "redis-check-rdb");
}

#[test]
fn only_the_last_file_may_be_torn() {
    let files = |first: &str, second: &str| {
        vec![
            snapshot("d/a.1.base.rdb", Role::Base, 40),
            tape("d/a.1.incr.aof", Role::Incr, first),
            tape("d/a.2.incr.aof", Role::Incr, second),
        ]
    };
    let sound = judge(&set(Some(MANIFEST), files(SET, SET)));
    assert_eq!((sound.verdict, sound.plans.len()), (Verdict::Sound, 0));
    let empty_between = judge(&set(Some(MANIFEST), files("", SET)));
    assert_eq!((empty_between.verdict, empty_between.check_tool.exit), (Verdict::Sound, 0));
    let last = judge(&set(Some(MANIFEST), files(SET, TORN)));
    assert_eq!(
        (last.verdict, last.loads.default.starts, last.loads.strict.starts),
        (Verdict::Recoverable, true, false)
    );
    assert_eq!(
        last.plans[0].outputs.iter().map(OutputFile::bytes).sum::<u64>(),
        40 + 27 + 27 + MANIFEST.len() as u64
    );
    let middle = judge(&set(Some(MANIFEST), files(TORN, SET)));
    assert_eq!((middle.verdict, middle.loads.default.starts), (Verdict::Damaged, false));
    assert_eq!(middle.loads.default.kept_up_to, 27);
    // What comes after the damage is there, and can be kept.
    let salvage = &middle.plans[0];
    assert_eq!((salvage.name.as_str(), salvage.commands_kept, salvage.losses.files), ("salvage", 2, 0));
    assert_eq!(salvage.losses.bytes, (TORN.len() - 27) as u64);
    let plan = &middle.plans[1];
    assert_eq!(plan.name, "truncate");
    assert_eq!((plan.commands_kept, plan.losses.commands, plan.losses.files), (1, 1, 1));
    assert_eq!(plan.losses.bytes, (TORN.len() - 27 + SET.len()) as u64);
    let names: Vec<_> = plan.outputs.iter().map(|out| out.name.as_str()).collect();
    assert_eq!(names, ["a.1.base.rdb", "a.1.incr.aof", "a.manifest"]);
    let Edit::Insert { bytes: NewBytes::Text { text }, .. } = &plan.outputs[2].edits[0] else {
        panic!("a manifest made anew")
    };
    assert_eq!(text, "file a.1.base.rdb seq 1 type b\nfile a.1.incr.aof seq 1 type i\n");
}

#[test]
fn files_nobody_loads_are_named() {
    let manifest =
        "file a.2.base.rdb seq 2 type b\nfile a.1.base.rdb seq 1 type h\nfile a.2.incr.aof seq 2 type i\n";
    let judgement = judge(&set(
        Some(manifest),
        vec![
            snapshot("d/a.2.base.rdb", Role::Base, 40),
            tape("d/a.2.incr.aof", Role::Incr, SET),
            FileFacts::new("d/a.1.base.rdb", Role::History, 30),
            FileFacts::new("d/a.3.incr.aof", Role::Unlisted, 30),
            FileFacts::new("d/temp-a.manifest", Role::Unlisted, 30),
            FileFacts::new("d/notes.txt", Role::Unlisted, 3),
        ],
    ));
    assert_eq!(
        kinds(&judgement),
        [
            (Severity::Warning, FindingKind::UnlistedFile),
            (Severity::Info, FindingKind::HistoryFile),
            (Severity::Info, FindingKind::UnlistedFile),
            (Severity::Info, FindingKind::UnlistedFile),
        ]
    );
    assert_eq!(judgement.verdict, Verdict::Sound);
}

#[test]
fn a_manifest_is_rebuilt_only_where_it_can_be() {
    let base = |seq| snapshot(&format!("d/a.{seq}.base.rdb"), Role::Base, 40);
    let incr = |seq| tape(&format!("d/a.{seq}.incr.aof"), Role::Incr, SET);
    let other = || tape("d/b.1.incr.aof", Role::Incr, SET);
    let lines = |judgement: &Judgement| {
        judgement.plans.first().and_then(|plan| match plan.outputs.last()?.edits.as_slice() {
            [Edit::Insert { bytes: NewBytes::Text { text }, .. }] => Some(text.lines().count()),
            _ => None,
        })
    };
    for (manifest, files, expected) in [
        (None, vec![base(1), incr(1), incr(2)], Some(3)),
        // 2 is missing: 3 must not be loaded.
        (None, vec![base(1), incr(1), incr(3)], Some(2)),
        (None, vec![base(1), base(2), incr(1), incr(2)], None),
        (None, vec![incr(1), incr(2)], None),
        (None, vec![base(1), incr(1), other()], None),
        (Some(""), vec![base(1), incr(1)], Some(2)),
        (Some("# nothing\n"), vec![base(1), incr(1)], Some(2)),
        // The line that cannot be read may have been that of increment 1.
        (
            Some("file a.1.base.rdb seq 1 type b\nfile a.1.x\nfile a.2.incr.aof seq 2 type i\n"),
            vec![base(1), incr(1), incr(2)],
            None,
        ),
        (
            Some("file a.1.base.rdb seq 1 type b\n\nfile a.2.incr.aof seq 2 type i\n"),
            vec![base(1), incr(2), incr(3)],
            Some(3),
        ),
    ] {
        let judgement = judge(&set(manifest, files));
        assert_eq!(lines(&judgement), expected, "{manifest:?} {:#?}", judgement.findings);
        let said =
            judgement.findings.iter().any(|finding| finding.message.starts_with("No repair by cutting"));
        assert_eq!(said, expected.is_none());
        assert_ne!(judgement.verdict, Verdict::Sound);
    }
}

#[test]
fn a_directory_without_a_usable_manifest_starts_empty_or_not_at_all() {
    let files = || vec![snapshot("d/a.1.base.rdb", Role::Base, 40), tape("d/a.1.incr.aof", Role::Incr, SET)];
    for (manifest, starts, exit) in [
        (None, true, 1),
        (Some("# nothing\n"), true, 0),
        (Some(""), false, 0),
        (Some("file a seq 1\n"), false, 1),
        (Some("TYPE b SEQ 1 FILE a.1.base.rdb\nTYPE i SEQ 1 FILE a.1.incr.aof\n"), true, 1),
    ] {
        let judgement = judge(&set(manifest, files()));
        assert_eq!(
            (judgement.loads.default.starts, judgement.check_tool.exit),
            (starts, exit),
            "{manifest:?}"
        );
        let empty = judgement.loads.default.why.contains("EMPTY");
        assert_eq!(empty, starts && judgement.verdict != Verdict::Sound, "{manifest:?}");
    }
    let old = SetFacts { release: Release::redis(6, 2), ..set(Some(MANIFEST), files()) };
    assert!(judge(&old).loads.default.why.contains("EMPTY"));
}

#[test]
fn annotations_are_an_error_before_7() {
    let text = ["#TS:1\r\n", SET].concat();
    let release = Release::redis(6, 2);
    let file = tape_from("a.aof", Role::Aof, text.as_bytes(), 0, release);
    let judgement = judge(&SetFacts { release, manifest: None, files: vec![file], replay: None });
    assert!(!judgement.loads.default.starts);
    assert!(judgement.findings[0].message.contains("since Redis 7.0"), "{}", judgement.findings[0].message);
    assert_eq!(judge(&set(None, vec![tape("a.aof", Role::Aof, &text)])).verdict, Verdict::Sound);
}

#[test]
fn findings_of_others_count() {
    let finding = |severity| Finding {
        severity,
        kind: FindingKind::BadValue,
        file: "dump.rdb".into(),
        start: 5,
        end: 6,
        message: "The value is damaged.".into(),
    };
    for (severity, verdict) in [(Severity::Error, Verdict::Damaged), (Severity::Warning, Verdict::Sound)] {
        let mut file = snapshot("dump.rdb", Role::Rdb, 100);
        file.findings.push(finding(severity));
        let judgement = judge(&set(None, vec![file]));
        assert_eq!((judgement.verdict, judgement.findings.len()), (verdict, 1));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_set_gets_an_answer(
        manifest in prop::option::of(prop_oneof![Just(MANIFEST.to_string()), "(file |a.1.incr.aof|seq|type|b|i| |1|2|\n|#){0,40}"]),
        tapes in prop::collection::vec(prop_oneof![Just(SET.to_string()), Just(TORN.to_string()), Just(String::new()), "[*$#\r\n0-9A-Z]{0,60}"], 0..4),
        release in prop_oneof![Just(REDIS_7), Just(Release::redis(3, 2)), Just(Release::valkey(9, 1))],
        with_base in any::<bool>(),
        alone in any::<bool>(),
    ) {
        let mut files: Vec<_> = tapes
            .iter()
            .enumerate()
            .map(|(i, text)| {
                let (path, role) = if alone { (format!("{i}.aof"), Role::Aof) } else { (format!("d/a.{}.incr.aof", i + 1), Role::Incr) };
                tape(&path, role, text)
            })
            .collect();
        if with_base {
            files.insert(0, snapshot("d/a.1.base.rdb", Role::Base, 40));
        }
        let mut facts = set(manifest.as_deref(), files);
        facts.release = release;
        let judgement = judge(&facts);
        let errors = judgement.findings.iter().any(|finding| finding.severity == Severity::Error);
        prop_assert_eq!(judgement.verdict == Verdict::Sound, !errors);
        // What the strict server takes, the tolerant one takes, too.
        prop_assert!(judgement.loads.default.starts || !judgement.loads.strict.starts);
        prop_assert_eq!(judgement.files.len(), facts.files.len());
        for plan in &judgement.plans {
            prop_assert!(errors);
            for output in &plan.outputs {
                let source = facts.files.iter().find(|file| file.path == output.source);
                for edit in &output.edits {
                    if let (Edit::Keep { start, end } | Edit::Drop { start, end, .. }, Some(source)) = (edit, source) {
                        prop_assert!(start < end && *end <= source.bytes);
                    }
                }
            }
        }
    }
}
