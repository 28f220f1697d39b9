//! Reading behind damage in a snapshot: the smallest file for each thing that must not be believed, and for each that must be said.

use snaptape_engine::{Options, Outcome, in_memory};
use snaptape_report::{FindingKind, Verdict};
use snaptape_testdata::handmade::Rdb;
use snaptape_wire::Crc64;

use crate::set::run_one;

fn run(bytes: &[u8]) -> Outcome {
    run_one("x.rdb", bytes, Options { deep: true, ..Options::default() })
}

/// Keys of the copy that the first plan makes, which must be sound.
fn salvaged(bytes: &[u8]) -> u64 {
    let outcome = run(bytes);
    let plan = outcome.plans.first().expect("a plan");
    let copy = in_memory(&plan.outputs[0], bytes).unwrap();
    let again = run_one(
        "x.rdb",
        &copy,
        Options { deep: true, target: Some(outcome.check.target), ..Options::default() },
    );
    assert_eq!(again.check.verdict, Verdict::Sound, "{:?}", again.check.findings);
    assert_eq!(keys_of(&again), plan.keys_kept);
    plan.keys_kept
}

fn keys_of(outcome: &Outcome) -> u64 {
    outcome.report.files.iter().map(|file| file.keys).sum()
}

/// Everything that is said.
fn said(outcome: &Outcome) -> String {
    let messages: Vec<&str> = outcome.check.findings.iter().map(|finding| finding.message.as_str()).collect();
    messages.join("\n")
}

fn front() -> Rdb {
    Rdb::new("REDIS0011").aux("redis-ver", "7.2.4").select(0).raw(&[0xfb, 40, 0])
}

/// So many ordinary keys.
fn keys(rdb: Rdb, names: &str, n: usize) -> Rdb {
    (0..n).fold(rdb, |rdb, i| rdb.string(&format!("{names}:{i:03}"), "some value"))
}

/// With a checksum that is right.
fn summed(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 8);
    let mut crc = Crc64::new();
    crc.update(&bytes);
    bytes.extend(crc.value().to_le_bytes());
    bytes
}

/// What no opcode and no type stands for.
const DAMAGE: [u8; 3] = [0x63, 0x63, 0x63];

#[test]
fn what_the_writer_cannot_have_written_is_damage() {
    let cron: fn(Rdb) -> Rdb = |rdb| rdb.key(64, "job").str("return 1").i64(0).i64(0).lens(&[0, 0]);
    // Redis Enterprise's slot, Dragonfly's flags, a list of Redis 8.8, a module nobody knows.
    let others: [fn(Rdb) -> Rdb; 4] = [
        |rdb| rdb.raw(&[121, 7]),
        |rdb| rdb.raw(&[220, 1, 0, 0, 0]).string("flagged", "x"),
        |rdb| rdb.raw(&[244, 1, 2, 0]),
        |rdb| rdb.key(7, "module").module_id("AAAAAAAAA", 0).module_end(),
    ];
    for (i, foreign) in [cron].into_iter().chain(others).enumerate() {
        // Behind damage, and in the damage before it is noticed.
        let behind = keys(foreign(keys(front(), "a", 8).raw(&DAMAGE)), "b", 8).finish();
        let before = keys(foreign(keys(front(), "a", 8)).raw(&DAMAGE), "b", 8).finish();
        for bytes in [behind, before] {
            let outcome = run(&bytes);
            assert_eq!(outcome.check.target, "redis-7.2", "{i}");
            assert!(!said(&outcome).contains("KeyDB"), "{i}: {}", said(&outcome));
            // What is flagged is a key of its own, without its flags.
            assert!((16..=16 + u64::from(i == 2)).contains(&salvaged(&bytes)), "{i}");
        }
    }
}

#[test]
fn an_end_with_keys_behind_it_is_none() {
    let end = [0xff, 1, 2, 3, 4, 5, 6, 7, 8];
    let behind_damage =
        keys(keys(front(), "a", 8).raw(&DAMAGE).string("lost", "x").raw(&end), "b", 8).finish();
    assert!(salvaged(&behind_damage) >= 16);
    // Nothing is wrong before it, but its checksum.
    let alone = keys(keys(front(), "a", 8).raw(&end), "b", 8).finish();
    assert_eq!(salvaged(&alone), 16);
    assert!(said(&run(&alone)).contains("end of the snapshot: entries follow it"));
    // Behind the true end something else may stand.
    let trailing = [summed(keys(front(), "a", 8).finish()), b"nothing of interest".repeat(9)].concat();
    assert_eq!(run(&trailing).check.verdict, Verdict::Sound);
}

#[test]
fn a_list_made_of_keys_is_none() {
    // Read as a list, these swallow three keys, and what follows is whole.
    let swallowed = |rdb: Rdb| keys(rdb.raw(&DAMAGE).key(1, "list").len(9), "b", 20);
    let bytes = swallowed(keys(Rdb::new("REDIS0006").select(0), "a", 8)).finish();
    assert_eq!(salvaged(&bytes), 28);
    // The same with a value whose length is wrong: it swallows keys, and ends where one begins.
    let rest = keys(Rdb::default(), "b", 6).unfinished();
    let three = &rest[..rest.len() / 2];
    let listpack = [&[15, 0, 0, 0, 2, 0, 0x81, b'f', 2, 0x81, b'v', 2, 0xff][..], three].concat();
    let bytes = keys(keys(front(), "a", 8).key(16, "hash").str(listpack), "c", 6).finish();
    assert_eq!(salvaged(&bytes), 17);
}

#[test]
fn a_block_of_zeros_is_named_and_nothing_in_it_counted() {
    let mut bytes = keys(front(), "a", 40).finish();
    let (start, end) = (200, 200 + 400);
    bytes[start..end].fill(0);
    let outcome = run(&bytes);
    let text = said(&outcome);
    assert!(text.contains("400 zero bytes in a row from offset 200 (0xc8)"), "{text}");
    assert!(!text.contains("second time") && !text.contains("twice"), "{text}");
    // Each entry has 18 bytes, 31 stand before the first: those the block touches are lost.
    let touched = (end - 31).div_ceil(18) - (start - 31) / 18;
    assert_eq!(salvaged(&bytes), 40 - touched as u64);
}

#[test]
fn a_damaged_head_costs_only_what_it_hits() {
    let whole = summed(keys(front(), "a", 40).finish());
    let cut_off = whole[9..].to_vec();
    let behind_text = [b"-----BEGIN-----\n".as_slice(), &whole].concat();
    assert_eq!((salvaged(&cut_off), salvaged(&behind_text)), (40, 40));
    assert!(said(&run(&behind_text)).contains("A snapshot begins at offset 16 (0x10)"));
    let mut zeroed = whole.clone();
    zeroed[..100].fill(0);
    assert_eq!(salvaged(&zeroed), 36);
    let notes = run(&zeroed).plans[0].notes.join(" ");
    assert!(notes.contains("RDB version 9") && notes.contains("assumption"), "{notes}");
}

#[test]
fn no_keys_are_found_in_rubbish() {
    let mut state = 1_u64;
    let mut noise = |n: usize| -> Vec<u8> {
        let byte = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        (0..n).map(byte).collect()
    };
    let end = [0xff, 1, 2, 3, 4, 5, 6, 7, 8].as_slice();
    let jpeg =
        [b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0".as_slice(), &noise(300_000)].concat();
    let text = b"The quick brown fox jumps over the lazy dog.\r\n".repeat(9_000);
    let program = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let program = &program[..program.len().min(3_000_000)];
    for (what, bytes) in [
        ("noise", noise(2_000_000)),
        ("a picture", jpeg),
        ("text", text),
        ("a program", program.to_vec()),
        ("zeros", vec![0; 200_000]),
    ] {
        // What looks like an end makes it no better.
        for bytes in [[&bytes, end].concat(), bytes] {
            let outcome = run(&bytes);
            assert_eq!((outcome.check.verdict, keys_of(&outcome)), (Verdict::Unusable, 0), "{what}");
            assert!(outcome.plans.is_empty(), "{what}");
        }
    }
}

#[test]
fn who_took_it_for_text_is_told() {
    let lines = (0..20).fold(front(), |rdb, i| rdb.string(&format!("line:{i:02}\n"), "a\nb\n"));
    let binary = (0..20)
        .fold(lines, |rdb, i| rdb.string(&format!("é:{i:02}"), "\u{ff}\u{80}"))
        .raw(&[0xfc, 0x80, 0x90]);
    let bytes = binary.finish();
    let in_text_mode: Vec<u8> =
        bytes.iter().flat_map(|&byte| if byte == b'\n' { vec![b'\r', b'\n'] } else { vec![byte] }).collect();
    let said_of = |bytes: &[u8]| said(&run(bytes));
    assert!(said_of(&in_text_mode).contains("transferred in text mode"), "{}", said_of(&in_text_mode));
    let raw = (0..20)
        .fold(front(), |rdb, i| rdb.string(&format!("n:{i:02}"), "v").raw(&[0xfd, 0xf0, 0xf1, 0xf2, 0x7f]));
    let decoded = String::from_utf8_lossy(&raw.finish()).into_owned().into_bytes();
    assert!(said_of(&decoded).contains("decoded it as UTF-8"), "{}", said_of(&decoded));
    assert!(!said_of(&bytes).contains("text"), "{}", said_of(&bytes));
}

#[test]
fn what_cannot_be_known_is_said() {
    let mut bytes = summed(keys(front(), "a", 40).finish());
    // A name and a value in two places, and a length.
    (bytes[53], bytes[300], bytes[401]) = (b'x', b'y', 0x63);
    let outcome = run(&bytes);
    let notes = outcome.plans[0].notes.join(" ");
    assert!(notes.contains("names and values, too, and which cannot be told"), "{notes}");
}

#[test]
fn a_second_snapshot_is_named() {
    let whole = summed(keys(front(), "a", 3).finish());
    let outcome = run(&[whole.clone(), whole.clone()].concat());
    assert_eq!((outcome.check.verdict, keys_of(&outcome)), (Verdict::Sound, 3));
    let finding = outcome.check.findings.iter().find(|f| f.kind == FindingKind::TrailingBytes).unwrap();
    assert!(finding.message.contains("begin as a second snapshot does"), "{}", finding.message);
}
