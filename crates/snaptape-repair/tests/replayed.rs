//! What a replay tells, as findings and as the keys of a start.

use snaptape_aof::TapeScan;
use snaptape_repair::{FileFacts, ManifestFacts, SetFacts, judge};
use snaptape_report::{
    DatabaseKeys, DatabaseState, FindingKind, KeyName, Oddities, Oddity, Replay, Role, Severity, Verdict,
};
use snaptape_wire::{Limits, Release};

const SET: &str = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
const RELEASE: Release = Release::redis(7, 4);

fn tape(path: &str, role: Role, text: &str) -> FileFacts {
    let mut scan = TapeScan::new(0, text.len() as u64, RELEASE, Limits::default());
    scan.feed(text.as_bytes(), &mut ());
    FileFacts { tape: Some(scan.finish(&mut ())), ..FileFacts::new(path, role, text.len() as u64) }
}

fn odd(command: &str, commands: u64, deletions: u64) -> Oddities {
    let key = |name: &[u8], offset| Oddity {
        file: "a.aof".into(),
        offset,
        command: command.into(),
        db: 3,
        key: KeyName::new(name),
    };
    Oddities { commands, deletions, first: vec![key(b"k", 10), key(b"k", 20), key(b"o\n", 30)] }
}

fn replay() -> Replay {
    let keys = DatabaseKeys { db: 3, keys_min: 4, keys_max: 5, estimated: false };
    Replay {
        databases: vec![DatabaseState { keys, expires_min: 0, expires_max: 0 }],
        complete: true,
        one_in: 1,
        ..Replay::default()
    }
}

fn set(text: &str, replay: Replay) -> SetFacts {
    SetFacts {
        release: RELEASE,
        manifest: None,
        files: vec![tape("a.aof", Role::Aof, text)],
        replay: Some(replay),
    }
}

#[test]
fn odd_commands_become_one_finding_of_each_kind() {
    let found = Replay { wrong_type: odd("LPUSH", 2, 0), no_effect: odd("DEL", 3, 3), ..replay() };
    let judgement = judge(&set(SET, found));
    let rows: Vec<_> =
        judgement.findings.iter().map(|finding| (finding.severity, finding.kind, finding.start)).collect();
    assert_eq!(
        rows,
        [
            (Severity::Warning, FindingKind::WrongType, 10),
            (Severity::Warning, FindingKind::MissingWrites, 10)
        ]
    );
    assert!(judgement.findings[0].message.starts_with("2 commands fail because the key holds another type"));
    let message = &judgement.findings[1].message;
    assert!(message.starts_with("3 commands change nothing"), "{message}");
    assert!(message.contains("The first is DEL of k in database 3 at"), "{message}");
    assert!(message.contains("other keys: o\\n."), "{message}");
    // Nothing is wrong with the file.
    assert_eq!(judgement.verdict, Verdict::Sound);
}

#[test]
fn few_deletions_of_nothing_may_have_another_reason() {
    let found = Replay { no_effect: odd("DEL", 2, 2), ..replay() };
    let judgement = judge(&set(&SET.repeat(2000), found));
    assert_eq!(judgement.findings[0].severity, Severity::Info);
    let found = Replay { no_effect: odd("SREM", 2, 1), ..replay() };
    let judgement = judge(&set(&SET.repeat(2000), found));
    assert_eq!(judgement.findings[0].severity, Severity::Warning);
}

#[test]
fn keys_are_told_of_a_server_that_starts_on_them() {
    let torn = SET.to_owned() + "*2\r\n$3\r\nDE";
    let judgement = judge(&set(&torn, replay()));
    assert_eq!(judgement.loads.default.keys, [replay().databases[0].keys]);
    assert!(!judgement.loads.strict.starts && judgement.loads.strict.keys.is_empty());
    // Without a manifest it starts, and loads nothing.
    let files = || vec![tape("d/a.1.base.aof", Role::Base, SET), tape("d/a.1.incr.aof", Role::Incr, SET)];
    let lost = SetFacts { release: RELEASE, manifest: None, files: files(), replay: Some(replay()) };
    let judgement = judge(&lost);
    assert!(judgement.loads.default.starts && judgement.loads.default.keys.is_empty());
    let text = b"file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n".to_vec();
    let manifest = Some(ManifestFacts { path: "d/a.manifest".into(), text });
    let judgement = judge(&SetFacts { manifest, ..lost });
    assert_eq!(judgement.loads.strict.keys, [replay().databases[0].keys]);
}
