//! Small append-only directories, one rule each. What the servers do with them was tried with Redis 7.0.15, 8.2.3 and Valkey 9.1.2.

use snaptape_analysis::{Features, MeaningFold, Recovery};
use snaptape_aof::TapeScan;
use snaptape_rdb::Magic;
use snaptape_repair::{FileFacts, Judgement, ManifestFacts, SetFacts, SnapshotFacts, judge};
use snaptape_report::{FindingKind, Role, Severity, Verdict};
use snaptape_wire::{Limits, Release};

const RELEASE: Release = Release::redis(7, 4);
const BASE: &str = "file a.1.base.rdb seq 1 type b\n";
const INCR: &str = "file a.1.incr.aof seq 1 type i\n";

/// Lines of a tape in short.
fn tape(path: &str, role: Role, lines: &[&str]) -> FileFacts {
    let text = snaptape_testdata::tape(lines);
    if text.is_empty() {
        return FileFacts::new(path, role, 0);
    }
    let mut meaning = MeaningFold::default();
    meaning.begin_file(path);
    let mut scan = TapeScan::new(0, text.len() as u64, RELEASE, Limits::default());
    scan.feed(text.as_bytes(), &mut meaning);
    let tape = Some(scan.finish(&mut meaning));
    let meaning = meaning.finish().pop().map(|(_, meaning)| meaning);
    FileFacts { tape, meaning, ..FileFacts::new(path, role, text.len() as u64) }
}

fn snapshot(path: &str, role: Role, saved_at_s: i64, writer: Release) -> FileFacts {
    let snapshot = SnapshotFacts {
        error: None,
        end: 100,
        keys: 3,
        sound_up_to: 100,
        checksum_mismatch: false,
        features: Features::of_header(Magic::Redis, 10),
        recovery: Recovery::default(),
        unfit: Vec::new(),
        saved_at_s: Some(saved_at_s),
        writer: Some(writer),
    };
    FileFacts { snapshot: Some(snapshot), ..FileFacts::new(path, role, 100) }
}

fn base() -> FileFacts {
    snapshot("x/d/a.1.base.rdb", Role::Base, 1_000, RELEASE)
}

fn incr(n: u32, lines: &[&str]) -> FileFacts {
    tape(&format!("x/d/a.{n}.incr.aof"), Role::Incr, lines)
}

fn judged(manifest: Option<&str>, files: Vec<FileFacts>) -> Judgement {
    let manifest = manifest.map(|text| ManifestFacts { path: "x/d/a.manifest".into(), text: text.into() });
    judge(&SetFacts { release: RELEASE, manifest, files, replay: None })
}

/// The one finding of a set that starts, with words of its message.
fn check(manifest: &str, files: Vec<FileFacts>, severity: Severity, kind: FindingKind, words: &[&str]) {
    let judgement = judged(Some(manifest), files);
    let [finding] = &judgement.findings[..] else { panic!("{manifest}: {:#?}", judgement.findings) };
    assert_eq!((finding.severity, finding.kind), (severity, kind), "{finding:?}");
    for word in words {
        assert!(finding.message.contains(word), "{word}: {}", finding.message);
    }
    assert!(judgement.loads.default.starts && judgement.loads.strict.starts, "{:?}", judgement.loads);
    assert_eq!(judgement.verdict == Verdict::Sound, severity != Severity::Error);
}

const GOOD: [&str; 2] = ["SELECT 0", "SET a 1"];

#[test]
fn a_good_directory_says_nothing() {
    let text = format!("{BASE}{INCR}file a.2.incr.aof seq 2 type i\n");
    let files = vec![base(), incr(1, &["#TS:1000", "SELECT 0"]), incr(2, &["#TS:1001", "SELECT 0"])];
    assert_eq!(judged(Some(&text), files).findings, []);
    // The child that saves a base takes a moment to begin.
    let files = vec![base(), incr(1, &["#TS:950", "SELECT 0"])];
    assert_eq!(judged(Some(&format!("{BASE}{INCR}")), files).findings, []);
}

#[test]
fn what_a_manifest_gets_past_the_server() {
    use FindingKind::*;
    use Severity::{Error, Info, Warning};
    let two = || vec![base(), incr(1, &GOOD), incr(5, &["SELECT 0", "SET b 1"])];
    let text = format!("{BASE}{INCR}file a.5.incr.aof seq 5 type i\n");
    check(&text, two(), Info, IncrementGap, &["a.1.incr.aof and a.5.incr.aof"]);
    check(INCR, vec![incr(1, &GOOD)], Warning, BaseMismatch, &["no base", "increments alone"]);
    let text = format!("{BASE}{INCR}file a.1.incr.aof seq 2 type i\n");
    check(&text, vec![base(), incr(1, &GOOD)], Warning, ListedTwice, &["2 times", "counters count"]);
    let text = format!("{BASE}file a.1.incr.aof seq 1 type h\n{INCR}");
    check(&text, vec![base(), incr(1, &GOOD)], Error, ListedTwice, &["deletes it", "type h"]);
    let text = |start| {
        format!(
            "{BASE}file a.1.incr.aof seq 1 type i startoffset 1 endoffset 90\n\
             file a.2.incr.aof seq 2 type i startoffset {start}\n"
        )
    };
    let files = || vec![base(), incr(1, &GOOD), incr(2, &["SELECT 0", "SET b 1"])];
    check(&text(95), files(), Warning, OffsetGap, &["90", "95", "writes are missing"]);
    check(&text(80), files(), Warning, OffsetGap, &["overlap"]);
    assert_eq!(judged(Some(&text(90)), files()).findings, []);
}

#[test]
fn names_that_say_something_else() {
    use FindingKind::NotWhatItsNameSays;
    let text = format!("{BASE}{INCR}");
    let files = vec![tape("x/d/a.1.base.rdb", Role::Base, &GOOD), incr(1, &["SELECT 0", "SET b 1"])];
    check(&text, files, Severity::Info, NotWhatItsNameSays, &["called a snapshot and holds commands"]);
    let text = format!("file a.1.base.aof seq 1 type b\n{INCR}");
    let files = vec![snapshot("x/d/a.1.base.aof", Role::Base, 5, RELEASE), incr(1, &GOOD)];
    check(&text, files, Severity::Info, NotWhatItsNameSays, &["called a tape and begins with a snapshot"]);
    let files = vec![base(), snapshot("x/d/a.1.incr.aof", Role::Incr, 5, RELEASE)];
    let judgement = judged(Some(&format!("{BASE}{INCR}")), files);
    let said = judgement.findings.iter().find(|finding| finding.kind == NotWhatItsNameSays).unwrap();
    assert!(said.severity == Severity::Warning && judgement.loads.default.starts, "{said:?}");
    assert_eq!(judgement.check_tool.exit, 1);
}

#[test]
fn a_base_that_does_not_fit() {
    use FindingKind::{BaseMismatch, TimeBackwards};
    let text = format!("{BASE}{INCR}");
    let files = vec![base(), incr(1, &["#TS:900", "SELECT 0"])];
    check(&text, files, Severity::Warning, BaseMismatch, &["00:16:40", "00:15:00", "later rewrite"]);
    let old = snapshot("x/d/a.1.base.rdb", Role::Base, 1_000, Release::redis(7, 0));
    let files = vec![old, incr(1, &["SELECT 0", "HPEXPIREAT h 5 FIELDS 1 f"])];
    check(&text, files, Severity::Info, BaseMismatch, &["HPEXPIREAT", "redis-7.0"]);
    let text = format!("{BASE}{INCR}file a.2.incr.aof seq 2 type i\n");
    let files = vec![base(), incr(1, &["#TS:2000", "SELECT 0"]), incr(2, &["#TS:1500", "SELECT 0"])];
    check(
        &text,
        files,
        Severity::Warning,
        TimeBackwards,
        &["a.2.incr.aof begins", "before a.1.incr.aof ends"],
    );
}

#[test]
fn an_old_style_file_beside_the_directory() {
    let old = || tape("x/a", Role::Unlisted, &["SELECT 0", "SET old 1"]);
    let text = format!("{BASE}{INCR}");
    let files = vec![base(), incr(1, &GOOD), old()];
    check(&text, files, Severity::Warning, FindingKind::OldStyleFile, &["never looks at it"]);
    // Without a manifest it is what the server starts with.
    let judgement = judged(None, vec![base(), incr(1, &GOOD), old()]);
    assert!(judgement.loads.default.starts, "{:?}", judgement.loads);
    assert!(judgement.loads.default.file == "x/a" && !judgement.loads.default.why.contains("EMPTY"));
    let kinds: Vec<_> = judgement.findings.iter().map(|finding| finding.kind).collect();
    assert!(kinds.contains(&FindingKind::OldStyleFile) && kinds.contains(&FindingKind::ManifestMissing));
    let judgement = judged(None, vec![base(), incr(1, &GOOD)]);
    assert!(judgement.loads.default.starts && judgement.loads.default.why.contains("EMPTY"));
}

#[test]
fn a_rewrite_that_has_saved_nothing() {
    use FindingKind::{HistoryAtRisk, HistoryFile, UnlistedFile};
    let with_keys = |keys, bytes| {
        let mut file = snapshot("x/d/a.2.base.rdb", Role::Base, 1_000, RELEASE);
        file.bytes = bytes;
        file.snapshot.as_mut().unwrap().keys = keys;
        file
    };
    let old = |name: &str, role, bytes| FileFacts::new(format!("x/d/{name}"), role, bytes);
    let listed =
        "file a.2.base.rdb seq 2 type b\nfile a.1.incr.aof seq 1 type h\nfile a.2.incr.aof seq 2 type i\n";
    let unlisted = "file a.2.base.rdb seq 2 type b\nfile a.2.incr.aof seq 2 type i\n";
    let said = |manifest: &str, base, old| {
        let findings = judged(Some(manifest), vec![base, incr(2, &GOOD), old]).findings;
        let rest = findings.iter().filter(|finding| !matches!(finding.kind, HistoryFile | UnlistedFile));
        let rest: Vec<_> = rest.cloned().collect();
        assert!(rest.iter().all(|finding| finding.kind == HistoryAtRisk), "{rest:?}");
        rest.into_iter().next()
    };
    let history = || old("a.1.incr.aof", Role::History, 70_000);
    let found = said(listed, with_keys(0, 89), history()).expect("a finding");
    assert_eq!((found.severity, found.file.as_str()), (Severity::Warning, "x/d/a.1.incr.aof"));
    for words in ["a.2.base.rdb holds no key", "a.1.incr.aof (70,000 bytes)", "deletes those"] {
        assert!(found.message.contains(words), "{}", found.message);
    }
    let found =
        said(unlisted, with_keys(0, 89), old("a.1.base.rdb", Role::Unlisted, 900)).expect("a finding");
    assert!(found.message.contains("a.1.base.rdb (900 bytes)"), "{}", found.message);
    assert!(!found.message.contains("deletes"), "{}", found.message);
    let shrunk = |bytes| said(unlisted, with_keys(3, 400), old("a.1.base.rdb", Role::Unlisted, bytes));
    let found = shrunk(9_000).expect("a finding");
    assert!(found.message.contains("is 22 times smaller"), "{}", found.message);
    // Nothing out of the ordinary: a base as large as before, a long tape in front of a small dataset, a tape without a command, a
    // newer file.
    assert_eq!(shrunk(3_000), None);
    assert_eq!(said(listed, with_keys(3, 400), history()), None);
    assert_eq!(said(listed, with_keys(0, 89), old("a.1.incr.aof", Role::History, 23)), None);
    assert_eq!(said(unlisted, with_keys(0, 89), old("a.3.base.rdb", Role::Unlisted, 9_000)), None);
}
