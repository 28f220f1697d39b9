use snaptape_aof::TapeScan;
use snaptape_report::KeyName;
use snaptape_wire::{Limits, Release};

use snaptape_testdata::line;

use super::*;

/// A tape, and where each of its items begins.
fn tape(items: &[&str]) -> (String, Vec<u64>) {
    let (mut text, mut starts) = (String::new(), Vec::new());
    for item in items {
        starts.push(text.len() as u64);
        text += &line(item);
    }
    starts.push(text.len() as u64);
    (text, starts)
}

fn fold(choice: impl Into<Option<Choice>>, files: &[&str]) -> ChoiceFacts {
    let choice = choice.into();
    let mut all = Vec::new();
    // Whatever the windows.
    for window in [usize::MAX, 64, 7, 1] {
        let mut fold = ChoiceFold::new(choice.clone());
        for (i, text) in files.iter().enumerate() {
            fold.begin_file(&format!("d/{i}.aof"));
            let mut scan = TapeScan::new(0, text.len() as u64, Release::redis(7, 4), Limits::default());
            for bytes in text.as_bytes().chunks(window.min(text.len().max(1))) {
                scan.feed(bytes, &mut fold);
            }
            scan.finish(&mut fold);
        }
        all.push(fold.finish());
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    all.swap_remove(0)
}

fn before(offset: u64) -> Choice {
    Choice::Before(CommandPlace { file: None, offset })
}

fn without(places: &[u64]) -> Choice {
    let place = |offset: &u64| CommandPlace { file: None, offset: *offset };
    Choice::Without { commands: places.iter().map(place).collect() }
}

fn examples(some: &SomeKeys) -> Vec<String> {
    some.examples.iter().map(KeyName::display).collect()
}

#[test]
fn a_point_is_the_start_of_the_item_it_is_in() {
    let (text, at) =
        tape(&["SELECT 2", "SET a 1", "#TS:5", "SET b 1", "MULTI", "SET c 1", "EXEC", "SET a 2"]);
    for (offset, expected) in [
        (at[1], (at[1], 1)),
        (at[1] + 3, (at[1], 1)),
        (at[2], (at[2], 2)),
        (at[3], (at[3], 2)),
        (at[4], (at[4], 3)),
        (at[5], (at[4], 3)),
        (at[6] + 1, (at[4], 3)),
        (at[7], (at[7], 6)),
    ] {
        let cut = fold(before(offset), &[&text]).cut.unwrap();
        assert_eq!((cut.at, cut.commands_before), expected, "{offset}");
        assert_eq!(cut.data_before, offset >= at[2], "{offset}");
    }
    let facts = fold(before(at[8]), &[&text]);
    assert_eq!((facts.cut, facts.missed.len()), (None, 1));
    let facts = fold(before(at[3]), &[&text]);
    assert_eq!(examples(&facts.aftermath.named), ["b", "c", "a"]);
    // Which of the two files is meant?
    assert_eq!(fold(before(at[3]), &[&text, &text]).found_in, ["d/0.aof", "d/1.aof"]);
    assert_eq!(fold(before(at[3]), &[&text, "*1\r\n$4\r\nPING\r\n"]).found_in, ["d/0.aof"]);
}

#[test]
fn a_time_is_the_first_later_stamp_of_all_files() {
    let (one, at_one) = tape(&["#TS:5", "SET a 1", "#TS:7", "SET a 2", "#TS:x"]);
    let (two, at_two) = tape(&["#TS:9", "SET b 1", "#TS:8"]);
    for (time_s, expected) in [
        (4, Some(("d/0.aof", 0))),
        (5, Some(("d/0.aof", at_one[2]))),
        (6, Some(("d/0.aof", at_one[2]))),
        (7, Some(("d/1.aof", at_two[0]))),
        (9, None),
    ] {
        let facts = fold(Choice::BeforeTime { time_s }, &[&one, &two]);
        let found = facts.cut.as_ref().map(|cut| (cut.item.file.as_str(), cut.at));
        assert_eq!(found, expected, "{time_s}");
        assert_eq!((facts.first_time_s, facts.last_time_s), (Some(5), Some(8)));
    }
}

#[test]
fn a_flush_in_the_second_that_was_asked_for_is_named() {
    let (text, at) = tape(&["#TS:5", "SET a 1", "#TS:7", "FLUSHALL", "#TS:9", "SET b 1", "#TS:11"]);
    let flush = |time_s| {
        let cut = fold(Choice::BeforeTime { time_s }, &[&text]).cut.unwrap();
        (cut.at, cut.flushed_then.map(|flush| flush.span.start))
    };
    assert_eq!(flush(6), (at[2], None), "it is left out");
    assert_eq!(flush(7), (at[4], Some(at[3])));
    assert_eq!(flush(9), (at[6], None), "somebody who wants that second knows of it");
    // A block without its EXEC did nothing.
    let (torn, _) = tape(&["#TS:7", "SET a 1", "MULTI", "FLUSHALL"]);
    let (next, at) = tape(&["SET b 1", "#TS:9"]);
    let cut = fold(Choice::BeforeTime { time_s: 7 }, &[&torn, &next]).cut.unwrap();
    assert_eq!((cut.at, cut.flushed_then), (at[1], None));
}

#[test]
fn what_is_taken_out_of_a_transaction_may_be_all_of_it() {
    let (text, at) = tape(&[
        "SET a 1", "MULTI", "SELECT 3", "SET b 1", "SET c 1", "EXEC", "SET d 1", "MULTI", "INCR a", "EXEC",
    ]);
    let taken = |places: &[u64]| {
        let facts = fold(without(places), &[&text]);
        assert_eq!((&facts.refusals, facts.missed.len()), (&Vec::new(), 0));
        facts.taken.into_iter().map(|t| (t.span, t.commands, t.select)).collect::<Vec<_>>()
    };
    assert_eq!(taken(&[at[0]]), [(at[0]..at[1], 1, None)]);
    assert_eq!(taken(&[at[3]]), [(at[3]..at[4], 1, None)]);
    let whole = (at[1]..at[6], 5, Some(3));
    assert_eq!(taken(&[at[1]]), std::slice::from_ref(&whole));
    assert_eq!(taken(&[at[5]]), std::slice::from_ref(&whole));
    assert_eq!(taken(&[at[4], at[3]]), std::slice::from_ref(&whole));
    assert_eq!(taken(&[at[8], at[4], at[3]]), [whole, (at[7]..at[10], 3, None)]);
    assert_eq!(taken(&[at[4], at[6]]), [(at[4]..at[5], 1, None), (at[6]..at[7], 1, None)]);
}

#[test]
fn what_cannot_be_taken_out_says_why() {
    let (text, at) = tape(&["SELECT 1", "#TS:4", "SET a 1", "MULTI", "SET b 1"]);
    let facts = fold(without(&[at[0], at[1], at[2] + 1, at[3], at[4], 999]), &[&text]);
    assert!(facts.taken.is_empty());
    assert!(matches!(&facts.refusals[0], Refusal::Select(item) if item.span.start == at[0]));
    assert!(matches!(&facts.refusals[1], Refusal::Annotation(item) if item.span.start == at[1]));
    assert!(
        matches!(&facts.refusals[2], Refusal::Inside { asked, item } if *asked == at[2] + 1 && item.name == "SET")
    );
    // The block has no EXEC: it is no part of the tape.
    assert_eq!(facts.missed.iter().map(|place| place.offset).collect::<Vec<_>>(), [999]);
}

#[test]
fn the_last_flush_that_removed_something_is_the_accident() {
    let (text, at) = tape(&[
        "FLUSHALL",
        "SET a 1",
        "FLUSHDB",
        "SELECT 1",
        "SET b 1",
        "RPUSH l 1",
        "SELECT 0",
        "FLUSHDB",
        "flushall",
        "SELECT 3",
        "FLUSHDB",
        "SELECT 1",
        "FLUSHDB",
        "INCR n",
    ]);
    let facts = fold(None, &[&text]);
    let taken: Vec<_> = facts.taken.iter().map(|t| (t.span.start, t.item.name.as_str(), t.item.db)).collect();
    // The last one would remove again what comes back.
    assert_eq!(taken, [(at[8], "FLUSHALL", 0), (at[12], "FLUSHDB", 1)]);
    let others: Vec<_> = facts.others.iter().map(|other| other.span.start).collect();
    assert_eq!((facts.others_total, others), (2, vec![at[2], at[7]]));
    assert_eq!(facts.aftermath.back, KeyRange::exactly(2));
    let cut = facts.cut.unwrap();
    assert_eq!((cut.at, cut.commands_before, cut.data_before), (at[8], 8, true));
    // Nothing there, nothing to take back.
    assert_eq!(fold(None, &[&tape(&["FLUSHALL", "SET a 1"]).0]).taken, []);
    // An accident in a transaction that never ended did not happen.
    let (text, at) = tape(&["SET a 1", "FLUSHALL", "SET a 2", "MULTI", "FLUSHALL"]);
    let facts = fold(None, &[&text]);
    assert_eq!(facts.taken.iter().map(|t| t.span.start).collect::<Vec<_>>(), [at[1]]);
    assert_eq!((facts.aftermath.back, facts.others_total), (KeyRange::exactly(1), 0));
}

#[test]
fn commands_behind_it_meet_keys_that_are_there_again() {
    let (text, at) = tape(&[
        "SET n 5",
        "RPUSH l 1",
        "SET s 1",
        "SET t x",
        "SADD z 1",
        "SET gone 1",
        "DEL gone",
        "FLUSHALL",
        "INCR n",
        "INCR n",
        "LPUSH l 2",
        "SET s 2",
        "INCR s",
        "SETNX t y",
        "ZADD z 1 m",
        "INCR new",
        "INCR gone",
        "EVAL x 0",
        "FLUSHALL",
        "INCR n",
    ]);
    let facts = fold(without(&[at[7]]), &[&text]);
    let after = &facts.aftermath;
    assert_eq!(after.back, KeyRange::exactly(5));
    // INCR n twice, LPUSH l.
    assert_eq!((after.building_commands, after.idle_commands, after.failing_commands), (3, 1, 1));
    assert_eq!(examples(&after.building), ["n", "l", "t", "z"]);
    assert_eq!((after.building.keys, after.unknown_commands, after.at_least), (4, 1, false));
    assert_eq!(facts.emptied_again.unwrap().span.start, at[18]);
}

#[test]
fn keys_of_other_databases_do_not_come_back() {
    let (text, at) = tape(&[
        "SET a 1",
        "SELECT 1",
        "SET a 1",
        "SET b 1",
        "FLUSHDB",
        "INCR a",
        "SELECT 0",
        "INCR a",
        "SWAPDB 0 1",
        "SELECT 0",
        "INCR b",
    ]);
    let after = fold(without(&[at[4]]), &[&text]).aftermath;
    assert_eq!((after.back, after.building_commands), (KeyRange::exactly(2), 2));
    // A deleted key that is not deleted after all.
    let (text, at) = tape(&["SET a 1", "DEL a", "INCR a", "SET a 1", "INCR a"]);
    let after = fold(without(&[at[1]]), &[&text]).aftermath;
    assert_eq!((after.back, after.building_commands, after.taken.keys), (KeyRange::exactly(1), 1, 1));
}

#[test]
fn keys_beyond_what_is_remembered_are_said_to_be() {
    let mut fold = ChoiceFold::new(None);
    for i in 0..460_000_u64 {
        fold.snapshot_key(i % 3, format!("key:{i}").as_bytes(), LogicalType::String);
    }
    let all = KeyRange { min: 450_000, max: None, estimated: false };
    assert_eq!(fold.keys.at_hand(None), all);
    // What is gone makes room.
    fold.keys.flush(None, &all, false);
    for i in 0..460_000_u64 {
        fold.snapshot_key(1, format!("other:{i}").as_bytes(), LogicalType::String);
    }
    assert_eq!(fold.keys.at_hand(None), all);
}

#[test]
fn a_value_is_no_option() {
    let idle = |set: &str| {
        let (text, _) = tape(&["SET k v", "FLUSHALL", set]);
        fold(None, &[&text]).aftermath.idle_commands
    };
    assert_eq!(idle("SET k NX PXAT 9"), 0);
    assert_eq!(idle("SET k v NX PXAT 9"), 1);
}
