//! Small tapes whose framing is good, and what is said of what they mean.

use snaptape_analysis::MeaningFold;
use snaptape_aof::TapeScan;
use snaptape_repair::{FileFacts, Judgement, SetFacts, guess_release, judge};
use snaptape_report::{Finding, FindingKind, Role, Severity, Verdict};
use snaptape_testdata::tape;
use snaptape_wire::{Limits, Release};

fn facts(text: &str, release: Release) -> FileFacts {
    let mut meaning = MeaningFold::default();
    meaning.begin_file("a.aof");
    let mut scan = TapeScan::new(0, text.len() as u64, release, Limits::default());
    scan.feed(text.as_bytes(), &mut meaning);
    let tape = Some(scan.finish(&mut meaning));
    let meaning = meaning.finish().pop().map(|(_, meaning)| meaning);
    FileFacts { tape, meaning, ..FileFacts::new("a.aof", Role::Aof, text.len() as u64) }
}

fn judged(text: &str, release: &str) -> Judgement {
    let release = release.parse().unwrap();
    judge(&SetFacts { release, manifest: None, files: vec![facts(text, release)], replay: None })
}

fn of_kind(judgement: &Judgement, kind: FindingKind) -> Vec<&Finding> {
    judgement.findings.iter().filter(|finding| finding.kind == kind).collect()
}

/// The one finding of a tape, and whether the server starts with both settings.
fn check(lines: &[&str], release: &str, kind: FindingKind, severity: Severity, starts: bool, words: &[&str]) {
    let judgement = judged(&tape(lines), release);
    let found = of_kind(&judgement, kind);
    let [finding] = found[..] else { panic!("{lines:?} {release}: {:#?}", judgement.findings) };
    assert_eq!(finding.severity, severity, "{finding:?}");
    for word in words {
        assert!(finding.message.contains(word), "{word}: {}", finding.message);
    }
    assert_eq!(
        (judgement.loads.default.starts, judgement.loads.strict.starts),
        (starts, starts),
        "{lines:?} {release}: {:?}",
        judgement.loads
    );
    assert_eq!(judgement.verdict == Verdict::Sound, severity != Severity::Error);
}

#[test]
fn names_a_server_does_not_know() {
    use FindingKind::{ModuleNeeded, UnknownCommand};
    let lines = ["SELECT 0", "SET a 1", "NOSUCH x", "SET b 1"];
    for release in ["redis-6.2", "redis-8.2", "valkey-9.1"] {
        check(&lines, release, UnknownCommand, Severity::Error, false, &["NOSUCH", "does not start"]);
    }
    let lines = ["SELECT 0", "HSET h f v", "HPEXPIREAT h 5 FIELDS 1 f", "HPEXPIREAT h 6 FIELDS 1 f"];
    let words = &["HPEXPIREAT", "once more", "Redis 7.4 and Valkey 9.0", "Redis 7.2"][..];
    check(&lines, "redis-7.2", UnknownCommand, Severity::Error, false, words);
    assert_eq!(judged(&tape(lines), "redis-7.4").findings, []);
    let lines = ["SELECT 0", "JSON.SET k $ 1"];
    check(&lines, "redis-7.4", ModuleNeeded, Severity::Warning, false, &["module JSON"]);
    let lines = ["SELECT 0", "XGROUP BOGUS a b"];
    check(&lines, "redis-7.4", UnknownCommand, Severity::Error, false, &["second word"]);
    assert_eq!(judged(&tape(lines), "redis-6.2").findings, []);
    // Behind what stops the check tool, only the loader gets to it.
    let judgement = judged(&tape(["SELECT 0", "MULTI", "MULTI", "EXEC", "NOSUCH x"]), "redis-7.4");
    let [finding] = of_kind(&judgement, UnknownCommand)[..] else { panic!("{:#?}", judgement.findings) };
    assert!(finding.message.contains("NOSUCH") && !judgement.loads.default.starts);
}

#[test]
fn numbers_of_words() {
    use FindingKind::WrongArity;
    let short = ["SELECT 0", "SET a", "SET b 1"];
    let words = &["SET at 23 (0x17)", "only 2 words", "crashes"][..];
    check(&short, "redis-7.4", WrongArity, Severity::Error, false, words);
    let words = &["2 words and takes another number"][..];
    check(&short, "valkey-9.1", WrongArity, Severity::Error, false, words);
    let long = ["SELECT 0", "INCR a b"];
    check(
        &long,
        "redis-7.4",
        WrongArity,
        Severity::Warning,
        true,
        &["3 words and takes 2 words", "too many"],
    );
    check(&long, "valkey-8.1", WrongArity, Severity::Error, false, &["3 words"]);
    let harmless = ["SELECT 0", "DEL"];
    check(&harmless, "redis-7.4", WrongArity, Severity::Warning, true, &["takes at least 2 words"]);
    // Never run, so never crashed on: the server cuts the block away.
    let judgement = judged(&tape(["SELECT 0", "MULTI", "SET a"]), "redis-7.4");
    assert!(judgement.loads.default.starts && of_kind(&judgement, WrongArity).is_empty());
}

#[test]
fn what_servers_take_and_should_not() {
    use FindingKind::*;
    use Severity::{Info, Warning};
    let redis = "redis-7.4";
    let words = &["SELECT 16", "default 16", "at least 17"][..];
    check(&["SELECT 16", "SET a 1"], redis, DatabaseOutOfRange, Warning, true, words);
    check(&["SELECT x", "SET a 1"], redis, DatabaseOutOfRange, Warning, true, &["SELECT x"]);
    let words = &["EXPIRE", "at 23 (0x17) and once more", "anew"][..];
    check(&["SELECT 0", "EXPIRE k 5", "EXPIRE k 6"], redis, UnrepeatableCommand, Warning, true, words);
    check(&["SELECT 0", "SPOP s"], redis, UnrepeatableCommand, Warning, true, &["at random"]);
    check(&["SELECT 0", "EVAL x 0"], redis, UnrepeatableCommand, Warning, true, &["script"]);
    check(&["SELECT 0", "MULTI", "EXEC"], redis, EmptyTransaction, Info, true, &["at 23 (0x17)"]);
    check(&["SELECT 0", "DISCARD"], redis, EmptyTransaction, Warning, true, &["DISCARD"]);
    check(&["#TS:100", "SELECT 0", "#TS:40"], redis, TimeBackwards, Warning, true, &["00:01:40", "00:00:40"]);
    check(&["#TS:x", "SELECT 0"], redis, BadAnnotation, Warning, true, &["#TS:x", "no time"]);
    check(&["#hello", "SELECT 0"], redis, BadAnnotation, Warning, true, &["#hello"]);
    check(&["SET a 1"], redis, SelectMissing, Warning, true, &["database 0"]);
    let lines = ["SELECT 0", "XADD s 1-1 f v", "INCR a", "XADD s 1-1 f v", "INCR a", "SET z 1"];
    check(
        &lines,
        redis,
        DoubledCommands,
        Warning,
        true,
        &["The same 2 commands stand twice", "never sent twice"],
    );
    let lines = ["SELECT 0", "LPUSH l 1", "LPUSH l 1", "SET z 1"];
    check(&lines, redis, DoubledCommands, Info, true, &["The same command stands twice"]);
    let block: Vec<String> = (0..1500).map(|n| format!("SET k{n} v")).collect();
    let lines: Vec<&str> =
        ["SELECT 0", "MULTI"].into_iter().chain(block.iter().map(String::as_str)).chain(["EXEC"]).collect();
    check(&lines, redis, LongTransaction, Warning, true, &["1,500 commands"]);
}

#[test]
fn a_tape_servers_write_says_nothing() {
    let lines = [
        "#TS:100",
        "SELECT 0",
        "SET a 1 PXAT 5",
        "MULTI",
        "INCR a",
        "INCR b",
        "EXEC",
        "#TS:100",
        "SELECT 3",
        "XADD s 1-1 f v",
        "XADD s 1-2 f v",
        "PEXPIREAT k 5",
        "DEL k",
        "RESTORE k 5 x ABSTTL",
    ];
    for release in ["redis-7.4", "valkey-9.1", "redis-8.2"] {
        assert_eq!(judged(&tape(lines), release).findings, []);
    }
}

#[test]
fn start_options_and_what_they_cost() {
    let good = tape(["SELECT 0", "SET a 1"]);
    let options = |text: &str, release: &str| -> Vec<(String, String, Option<String>, u64)> {
        let options = judged(text, release).loads.options.into_iter();
        let row = |option: snaptape_report::LoadOption| {
            assert!(option.load.starts && option.loses.contains("cut off"), "{option:?}");
            (option.setting, option.value, option.since, option.load.kept_up_to)
        };
        options.map(row).collect()
    };
    let kept = good.len() as u64;
    assert_eq!(options(&good, "redis-7.4"), []);
    let torn = format!("{good}*3\r\n$3\r\nSE");
    let truncated = ("aof-load-truncated".to_string(), "yes".to_string(), None, kept);
    assert_eq!(options(&torn, "redis-8.4"), [truncated]);
    // 100 bytes are lost: the limit has to be more than that.
    let zeros = format!("{good}{}", "\0".repeat(100));
    let tail = |since: Option<&str>| {
        ("aof-load-corrupt-tail-max-size".to_string(), "101".to_string(), since.map(Into::into), kept)
    };
    assert_eq!(options(&zeros, "redis-8.4"), [tail(None)]);
    assert_eq!(options(&zeros, "redis-7.4"), [tail(Some("Redis 8.4"))]);
    assert_eq!(options(&zeros, "valkey-9.1"), []);
    // A server that crashes, or does not know a name, starts with no setting.
    assert_eq!(options(&format!("{good}*1\r\n$-5\r\n"), "redis-8.4"), []);
    assert_eq!(options(&format!("{good}{}{zeros}", tape(["NOSUCH"])), "redis-8.4"), []);
    let open = judged(&format!("{}*3\r\n$3\r\nSE", tape(["SELECT 0", "MULTI", "SET a 1"])), "redis-7.4");
    assert!(open.loads.options[0].loses.contains("leaves a MULTI open"), "{:?}", open.loads.options);
}

#[test]
fn the_release_is_guessed_by_what_stands_there() {
    let guess = |line: &str, release: &str| {
        let facts = facts(&tape([line]), release.parse().unwrap());
        guess_release(release.parse().unwrap(), facts.meaning.iter()).to_string()
    };
    assert_eq!(guess("SET a 1", "redis-7.4"), "redis-7.4");
    assert_eq!(guess("HSETEX h PXAT 5 FIELDS 1 f v", "redis-7.4"), "redis-8.0");
    assert_eq!(guess("HSETEX h PXAT 5 FIELDS 1 f v", "valkey-8.1"), "valkey-9.0");
    assert_eq!(guess("XDELEX s IDS 1 1-1", "redis-7.4"), "redis-8.2");
    assert_eq!(guess("DELIFEQ a 1", "redis-7.4"), "valkey-9.0");
    assert_eq!(guess("JSON.SET k $ 1", "redis-7.4"), "redis-7.4");
    assert_eq!(guess("NOSUCH", "redis-7.4"), "redis-7.4");
}

#[test]
fn signatures_of_crashes_have_names() {
    let message = |text: &str| {
        let judgement = judged(text, "redis-7.4");
        let finding = judgement.findings.first().expect("a finding").clone();
        (finding.kind, finding.message)
    };
    let good = tape(["SELECT 0", "SET a 1"]);
    let (kind, text) = message(&good.replace('\n', "\r\n"));
    assert!(kind == FindingKind::LineEnding && text.contains("LF made CRLF"), "{kind:?} {text}");
    let (kind, text) = message(&good.replace("\r\n", "\n"));
    assert!(kind == FindingKind::LineEnding && text.contains("LF instead of CRLF"), "{kind:?} {text}");
    let zeros = format!("{good}{}", "\0".repeat(4096 - good.len()));
    let (kind, text) = message(&zeros);
    assert!(kind == FindingKind::ZeroBytes && text.contains("where a block of 4,096 bytes ends"), "{text}");
    assert!(!message(&format!("{good}\0\0")).1.contains("4,096"));
    let torn = format!("{good}*2\r\n$3\r\nSET\r\n$9000\r\n");
    let torn = format!("{torn}{}", "x".repeat(4096 - torn.len()));
    let (kind, text) = message(&torn);
    assert!(kind == FindingKind::Truncated && text.contains("the disk was full"), "{kind:?} {text}");
    let (kind, text) = message(&format!("\u{feff}{good}"));
    assert!(text.contains("byte order mark"), "{kind:?} {text}");
}
