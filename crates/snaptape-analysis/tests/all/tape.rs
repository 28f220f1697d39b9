//! What the fold over commands promises: exact figures on small tapes, the same however files are cut and joined, bounded tables
//! whatever stands on a tape.

use proptest::prelude::*;
use snaptape_analysis::TapeFold;
use snaptape_aof::TapeScan;
use snaptape_report::{
    CommandFamily, DestructiveKind, EventFacts, KeyRange, Removal, RemovalKind, Replay, RewriteSavings, Tape,
};
use snaptape_testdata::{line, tape};
use snaptape_wire::{Limits, Release};

fn add(fold: &mut TapeFold, path: &str, tape: &str, window: usize) {
    fold.begin_file(path);
    let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
    for bytes in tape.as_bytes().chunks(window) {
        scan.feed(bytes, fold);
    }
    scan.finish(fold);
}

fn fold(files: &[String], window: usize) -> TapeFold {
    let mut fold = TapeFold::default();
    for (n, file) in files.iter().enumerate() {
        add(&mut fold, &format!("{n}.aof"), file, window);
    }
    fold
}

fn finish(lines: &[&str]) -> Tape {
    fold(&[tape(lines)], usize::MAX).finish()
}

fn kinds(tape: &Tape) -> Vec<(DestructiveKind, u64, Option<u64>)> {
    let events = tape.destructive.iter();
    events.map(|event| (event.kind, event.commands, event.keys.and_then(|keys| keys.max))).collect()
}

#[test]
fn a_small_tape_is_told_exactly() {
    let lines = [
        "SET a:1 x",
        "#TS:100",
        "SELECT 3",
        "SET a:2 x",
        "#TS:100",
        "HSET h:1 f v",
        "DEL a:1 a:2 h:1",
        "#TS:107",
        "MULTI",
        "ZADD z 1 m",
        "PEXPIREAT z 200000",
        "EXEC",
        "#TS:106",
        "RPUSH l v",
    ];
    let text = tape(lines);
    let all = finish(&lines);
    assert_eq!((all.commands, all.transactions, all.transaction_commands), (10, 1, 2));
    // The lines have up to 40 bytes, a stretch 64: each command is in that of its first byte.
    assert_eq!(all.offsets.width_bytes, 64);
    let mut at = 0;
    let mut expected = std::collections::BTreeMap::new();
    for words in lines {
        if !words.starts_with('#') {
            *expected.entry(at / 64 * 64).or_insert(0) += 1;
        }
        at += line(words).len() as u64;
    }
    let buckets: Vec<_> = all.offsets.buckets.iter().map(|b| (b.start, b.activity.commands)).collect();
    assert_eq!(buckets, expected.into_iter().collect::<Vec<_>>());
    let times = all.times.as_ref().unwrap();
    assert_eq!((times.width_s, times.untimed_commands), (1, 1));
    let seconds: Vec<_> = times.buckets.iter().map(|b| (b.start_s, b.activity.commands)).collect();
    assert_eq!(seconds, [(100, 4), (106, 1), (107, 4)]);
    let first = &times.buckets[0].activity;
    let of = |family| first.family(family);
    let kinds = [CommandFamily::Other, CommandFamily::String, CommandFamily::Hash, CommandFamily::Delete];
    assert_eq!(kinds.map(of), [1; 4]);
    assert_eq!(first.databases.iter().map(|db| (db.db, db.commands)).collect::<Vec<_>>(), [(3, 4)]);
    let rate = all.rate.as_ref().unwrap();
    let busiest = rate.busiest.as_ref().unwrap();
    assert_eq!((rate.commands, rate.seconds, rate.backwards), (9, 8, 1));
    let stamp = text.find("#TS:100").unwrap() as u64;
    assert_eq!((busiest.time_s, busiest.commands, busiest.offset), (100, 4, stamp + 9));
    let gap = &rate.gaps[0];
    assert_eq!((rate.gaps.len(), gap.from_s, gap.to_s), (1, 100, 107));
    assert_eq!(gap.offset, text.find("#TS:107").unwrap() as u64);
    // Three keys share the bytes of the DEL.
    let patterns: Vec<_> =
        all.patterns.listed.iter().map(|p| (p.pattern.as_str(), p.commands, p.file_bytes)).collect();
    let bytes = |words| line(words).len() as u64;
    let del = bytes("DEL a:1 a:2 h:1");
    assert_eq!(patterns.len(), 4);
    assert!(patterns.contains(&("a:{int}", 4, 2 * bytes("SET a:1 x") + del - del / 3)));
    assert!(patterns.contains(&("h:{int}", 2, bytes("HSET h:1 f v") + del / 3)));
    assert!(patterns.contains(&("z", 2, bytes("ZADD z 1 m") + bytes("PEXPIREAT z 200000"))));
    // The same name in another database is another key.
    let keys: Vec<_> = all.busiest.by_commands.iter().map(|k| (k.db, k.name.display(), k.commands)).collect();
    assert_eq!(keys.iter().filter(|key| key.1 == "a:1").count(), 2);
    assert_eq!((all.busiest.missed_commands, keys.len()), (0, 6));
    let largest = &all.largest_transactions[0];
    assert_eq!((largest.offset, largest.commands), (text.find("*1\r\n$5\r\nMULTI").unwrap() as u64, 2));
    assert_eq!(largest.end, (text.find("*1\r\n$4\r\nEXEC").unwrap() + line("EXEC").len()) as u64);
    let file = &all.files[0];
    assert_eq!((file.start, file.end, file.commands), (0, text.len() as u64, 10));
    assert_eq!((file.first_time_s, file.last_time_s), (Some(100), Some(106)));
    assert_eq!(all.checkpoints.len(), 1);
}

#[test]
fn a_burst_of_deletes_is_one_event() {
    let mut lines: Vec<String> = (0..400).map(|n| format!("SET user:{n}:cart v")).collect();
    lines.push("#TS:50".into());
    let start = tape(&lines).len() as u64;
    lines.extend((0..150).map(|n| format!("UNLINK user:{n}:cart")));
    lines.insert(500, "SET other v".into());
    let end = tape(&lines).len() as u64;
    lines.extend((0..200).map(|n| format!("INCR hits:{n}")));
    let all = fold(&[tape(&lines)], 999).finish();
    assert_eq!(kinds(&all), [(DestructiveKind::DeleteBurst, 150, Some(150))]);
    let event = &all.destructive[0];
    assert_eq!(
        (event.name.as_str(), event.offset, event.end, event.time_s),
        ("UNLINK", start, end, Some(50))
    );
    assert_eq!((event.commands_before, event.commands_after, event.expired_keys), (400, 200, 0));
    assert_eq!(event.patterns, ["user:{int}:cart"]);
    assert!(!event.examples.is_empty());
    // One command with many keys is as bad.
    let keys: Vec<String> = (0..300).map(|n| format!("k{n}")).collect();
    let lines = ["SET a 1".to_owned(), "SET b 1".into(), format!("DEL {}", keys.join(" ")), "SET c 1".into()];
    assert_eq!(kinds(&fold(&[tape(&lines)], 100).finish()), [(DestructiveKind::DeleteBurst, 1, Some(300))]);
    // A few are not, nor is a queue that works by deleting what was done.
    let few: Vec<String> = (0..99).map(|n| format!("DEL k{n}")).collect();
    assert_eq!(kinds(&fold(&[tape(&few)], 100).finish()), []);
    let queue = (0..5_000).flat_map(|n| [format!("SET job:{n} x"), format!("DEL job:{n}")]);
    assert_eq!(kinds(&fold(&[tape(queue)], 1 << 20).finish()), []);
    let busy_queue =
        (0..5_000).flat_map(|n| [format!("SET job:{n} x"), format!("DEL job:{n}"), format!("DEL x:{n}")]);
    assert_eq!(kinds(&fold(&[tape(busy_queue)], 1 << 20).finish()), []);
}

#[test]
fn deletes_of_keys_whose_time_had_come_are_a_storm() {
    let expiring = |n: i64| format!("SET s:{n} v PXAT {}", 60_000 + n * 100);
    let mut lines = vec!["#TS:10".to_owned()];
    lines.extend((0..300).map(expiring));
    lines.extend((0..300).map(|n| format!("SET t:{n} v")));
    lines.push("#TS:95".into());
    lines.extend((0..300).map(|n| format!("DEL s:{n}")));
    let storm = fold(&[tape(&lines)], 4_096).finish();
    assert_eq!(kinds(&storm), [(DestructiveKind::ExpiryStorm, 300, Some(300))]);
    assert_eq!(storm.destructive[0].expired_keys, 300);
    // The same a minute before is somebody's doing.
    lines[601] = "#TS:20".into();
    assert_eq!(
        kinds(&fold(&[tape(&lines)], 4_096).finish()),
        [(DestructiveKind::DeleteBurst, 300, Some(300))]
    );
    // A key that was written again without an expiry has none.
    lines[601] = "#TS:95".into();
    lines.splice(601..601, (0..300).map(|n| format!("SET s:{n} v")));
    assert_eq!(
        kinds(&fold(&[tape(&lines)], 4_096).finish()),
        [(DestructiveKind::DeleteBurst, 300, Some(300))]
    );
}

#[test]
fn many_keys_that_expire_at_once_are_told() {
    let mut lines: Vec<String> =
        (0..500).map(|n| format!("SET s:{n} v PXAT {}", 1_000_000 + n * 60_000)).collect();
    assert_eq!(kinds(&fold(&[tape(&lines)], 4_096).finish()), []);
    // A cache filled in one go is no accident, however its server writes that.
    let filled = (0..250).map(|n| format!("SET c:{n} v PXAT 99000000"));
    assert_eq!(kinds(&fold(&[tape(filled)], 4_096).finish()), []);
    let in_two = (0..250).flat_map(|n| [format!("SET c:{n} v"), format!("PEXPIREAT c:{n} 99000000")]);
    assert_eq!(kinds(&fold(&[tape(in_two)], 4_096).finish()), []);
    // Nor are keys that are told to live for another day.
    let told = |time_s: u64| {
        let expire = (0..250).map(|n| format!("PEXPIREAT c:{n} 99000000"));
        tape([format!("#TS:{time_s}")].into_iter().chain(expire))
    };
    assert_eq!(kinds(&fold(&[told(12_600)], 4_096).finish()), []);
    for soon in [98_000, 200_000] {
        let seen = fold(&[told(soon)], 4_096).finish();
        assert_eq!(kinds(&seen), [(DestructiveKind::MassExpiry, 250, Some(250))]);
    }
    let start = tape(&lines).len() as u64;
    lines.extend((0..250).map(|n| format!("PEXPIREAT cache:{n} {}", 99_000_000 + n)));
    let all = fold(&[tape(&lines)], 4_096).finish();
    assert_eq!(kinds(&all), [(DestructiveKind::MassExpiry, 250, Some(250))]);
    let event = &all.destructive[0];
    assert_eq!((event.offset, event.end), (start, tape(&lines).len() as u64));
    assert_eq!(event.expires_ms, Some((99_000_000, 99_000_249)));
    assert_eq!(event.patterns, ["cache:{int}"]);
    assert!(event.keys.is_some_and(|keys| keys.min > 150), "{:?}", event.keys);
}

#[test]
fn a_replay_says_which_renames_replaced_a_key() {
    let lines =
        ["SET a 1", "RENAME a b", "COPY b c REPLACE", "COPY b d", "RENAMENX c e", "FLUSHALL", "RENAME b e"];
    let at = |words: &str| tape(lines).find(&line(words)).unwrap() as u64;
    let all = fold(&[tape(lines)], 7);
    assert_eq!(kinds(&all.clone().finish()), [(DestructiveKind::Flushall, 1, None)]);
    let removal = |kind, offset, keys_min, keys_max| Removal {
        kind,
        file: "0.aof".into(),
        offset,
        db: 0,
        keys_min,
        keys_max,
        estimated: false,
    };
    let replay = Replay {
        removals: vec![
            removal(RemovalKind::RenameOver, at("RENAME a b"), 1, 1),
            removal(RemovalKind::Flush, at("FLUSHALL"), 2, 4),
        ],
        void_commands: 5,
        void_bytes: 99,
        ..Replay::default()
    };
    let told = all.clone().finish_replayed(&replay);
    let events: Vec<_> = told.destructive.iter().map(|e| (e.kind, e.offset, e.what())).collect();
    assert_eq!(
        events,
        [
            (
                DestructiveKind::Flushall,
                at("FLUSHALL"),
                "removes all keys of all databases (2 to 4 keys)".into()
            ),
            (DestructiveKind::RenameOver, at("RENAME a b"), "replaces the key b of database 0".into()),
        ]
    );
    assert_eq!(
        (told.destructive_total, told.rewrite),
        (2, Some(RewriteSavings { commands: 5, file_bytes: 99 }))
    );
    // Known not to have replaced anything.
    let none = all.finish_with(|_, _| Some(EventFacts { keys: KeyRange::exactly(0) }));
    assert_eq!(kinds(&none), [(DestructiveKind::Flushall, 1, Some(0))]);
}

/// Lines from few keys, times and blocks, so that the same places are met again and again.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let key = (0..12_u8, 0..3_u8).prop_map(|(n, kind)| match kind {
        0 => format!("user:{n}"),
        1 => format!("k{n}"),
        _ => format!("a:b{n}:c"),
    });
    let one = (key, 0..40_u32, 0..14_u8).prop_map(|(key, n, kind)| match kind {
        0 => vec![format!("SELECT {}", n % 20)],
        1 => vec![format!("#TS:{}", 1_000 + n)],
        2 => vec!["#TS:1003".into()],
        3 => vec!["FLUSHDB".into()],
        4 => vec![
            "MULTI".into(),
            format!("INCR {key}"),
            "#TS:1004".into(),
            format!("DEL {key} x"),
            "EXEC".into(),
        ],
        5 => (0..n * 4).map(|n| format!("DEL {key}{n}")).collect(),
        6 => vec![format!("PEXPIREAT {key} {}", n * 700)],
        7 => vec![format!("RENAME {key} other")],
        8 => vec!["MULTI".into(), "SWAPDB 0 1".into(), "SELECT 7".into(), "EXEC".into()],
        9 => vec![format!("HSET {key} f {}", "v".repeat(n as usize))],
        10 => vec!["#TS:x".into(), format!("MSET {key} 1 y 2")],
        _ => vec![format!("SET {key} {n}")],
    });
    prop::collection::vec(one, 0..40).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn files_and_windows_may_be_cut_anywhere(
        files in prop::collection::vec((lines(), any::<bool>()), 1..5),
        window in 1..200_usize,
        cut in any::<prop::sample::Index>(),
    ) {
        let files: Vec<String> = files
            .into_iter()
            // Some end inside a block, which then does not count.
            .map(|(lines, open)| tape(lines) + &if open { tape(["MULTI", "SET z 1", "DEL q", "#TS:1"]) } else { String::new() })
            .collect();
        let whole = fold(&files, usize::MAX).finish();
        prop_assert_eq!(&fold(&files, window).finish(), &whole);
        let cut = cut.index(files.len() + 1);
        let (mut first, mut second) = (TapeFold::default(), TapeFold::default());
        for (n, file) in files.iter().enumerate() {
            add(if n < cut { &mut first } else { &mut second }, &format!("{n}.aof"), file, usize::MAX);
        }
        first.append(second);
        let joined = first.finish();
        // Which deletes are those of expired keys is judged part by part.
        let mut expected = whole.clone();
        for (event, told) in expected.destructive.iter_mut().zip(&joined.destructive) {
            if matches!(event.kind, DestructiveKind::DeleteBurst | DestructiveKind::ExpiryStorm) {
                (event.kind, event.expired_keys) = (told.kind, told.expired_keys);
            }
        }
        prop_assert_eq!(&joined, &expected);
        // Everything is counted once.
        let sums = |activities: Vec<u64>| activities.into_iter().sum::<u64>();
        prop_assert_eq!(sums(whole.offsets.buckets.iter().map(|b| b.activity.commands).collect()), whole.commands);
        if let Some(times) = &whole.times {
            let timed = sums(times.buckets.iter().map(|b| b.activity.commands).collect());
            prop_assert_eq!(timed + times.untimed_commands, whole.commands);
        }
        prop_assert_eq!(sums(whole.files.iter().map(|f| f.commands).collect()), whole.commands);
    }
}

/// Names, databases, times and expiries that are all different.
fn hostile(numbers: std::ops::Range<u64>) -> String {
    let mut text = String::new();
    for n in numbers {
        let scattered = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if n % 3 == 0 {
            text += &line(&format!("#TS:{}", (scattered >> 1).cast_signed().wrapping_sub(i64::MAX / 2)));
        }
        if n % 5 == 0 {
            text += &line(&format!("SELECT {}", scattered >> 7));
        }
        let word: String = format!("{scattered:x}").bytes().map(|b| char::from(b'g' + b % 20)).collect();
        text += &match n % 6 {
            0 => line(&format!("SET {word}:{word}:{n} v PXAT {}", scattered >> 20)),
            1 => line(&format!("DEL {word} {word}:x")),
            2 => line(&format!("X{n} {word}:a:b:c:d:e:f:g:h:i:j:k:l:m:n")),
            3 => tape(["MULTI", &format!("RENAME {word} {n}"), "SWAPDB 0 1", "EXEC"]),
            4 => line(&format!("SET {}{n} v", "long".repeat(200))),
            _ => line(&format!("PEXPIREAT {n}-{word} {}", n * 1_000)),
        };
    }
    text
}

#[test]
fn tables_stay_within_their_bounds() {
    let files: Vec<String> = (0..300).map(|n| hostile(n * 300..n * 300 + 300)).collect();
    let all = fold(&files, 1 << 16).finish();
    assert_eq!((all.files.len(), all.more_files), (Tape::MAX_FILES, 44));
    assert!(all.offsets.buckets.len() <= Tape::MAX_BUCKETS && all.offsets.buckets.len() > Tape::MAX_FILES);
    let times = all.times.as_ref().unwrap();
    assert!(times.buckets.len() <= Tape::MAX_BUCKETS && times.buckets.len() > Tape::MAX_BUCKETS / 8);
    let in_buckets = |buckets: u64| assert_eq!(buckets, all.commands);
    in_buckets(all.offsets.buckets.iter().map(|b| b.activity.commands).sum());
    in_buckets(times.buckets.iter().map(|b| b.activity.commands).sum::<u64>() + times.untimed_commands);
    assert!(all.checkpoints.len() <= Tape::MAX_CHECKPOINTS);
    assert!(all.destructive.len() <= 2 * Tape::MAX_EVENTS && all.destructive_total >= 15_000);
    let patterns = &all.patterns;
    assert!(patterns.folded_words > 0 && patterns.listed.len() <= Tape::MAX_PATTERNS, "{patterns:?}");
    let keys = patterns.listed.iter().map(|p| p.commands).sum::<u64>() + patterns.other_commands;
    // One key for each SET, PEXPIREAT and unknown command, two for each DEL and RENAME.
    assert_eq!(keys, 300 * 300 / 6 * (4 + 2 + 2));
    assert!(all.busiest.missed_commands > 0 && all.busiest.by_commands.len() == Tape::MAX_BUSIEST);
    assert!(all.rate.as_ref().unwrap().gaps.len() <= Tape::MAX_GAPS);
    let json = serde_json::to_string(&all).unwrap();
    assert!(json.len() < 4 << 20, "{} bytes", json.len());
    assert_eq!(serde_json::from_str::<Tape>(&json).unwrap(), all);
}

#[test]
fn the_busiest_of_very_many_keys_are_found_with_their_error() {
    let mut lines = Vec::new();
    let mut expected = std::collections::BTreeMap::new();
    for n in 0..200_000_u64 {
        let scattered = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let key = if n % 10 == 0 { format!("hot:{}", scattered % 20) } else { format!("cold:{n}") };
        *expected.entry(key.clone()).or_insert(0) += 1;
        lines.push(format!("INCR {key}"));
    }
    let all = fold(&[tape(&lines)], 1 << 20).finish();
    assert!(all.busiest.missed_commands > 0);
    for key in all.busiest.by_commands.iter().take(20) {
        let name = key.name.display();
        let exact = expected[&name];
        assert!(name.starts_with("hot:"), "{name}");
        assert!(
            key.commands <= exact && exact <= key.commands + key.missed_commands,
            "{name}: {exact}, {key:?}"
        );
    }
    let patterns = &all.patterns.listed;
    assert_eq!(
        patterns.iter().map(|p| (p.pattern.as_str(), p.commands)).collect::<Vec<_>>(),
        [("cold:{int}", 180_000), ("hot:{int}", 20_000),]
    );
}
