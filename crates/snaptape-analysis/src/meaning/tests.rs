//! Small tapes, each of which means one thing.

use snaptape_aof::{TapeScan, Unrepeatable};
use snaptape_wire::{Limits, Release};

use snaptape_testdata::tape;

use super::*;

fn of(text: &str, cut: usize) -> MeaningFacts {
    let mut fold = MeaningFold::default();
    fold.begin_file("a");
    let mut scan = TapeScan::new(0, text.len() as u64, Release::redis(7, 4), Limits::default());
    for window in text.as_bytes().chunks(cut) {
        scan.feed(window, &mut fold);
    }
    scan.finish(&mut fold);
    fold.finish().remove(0).1
}

fn facts(lines: &[&str]) -> MeaningFacts {
    let text = tape(lines);
    let whole = of(&text, usize::MAX);
    assert_eq!(of(&text, 7), whole, "the cut into windows shows");
    whole
}

fn at(lines: &[&str], index: usize) -> u64 {
    tape(&lines[..index]).len() as u64
}

#[test]
fn commands_are_counted_with_their_words() {
    let lines = ["SELECT 0", "SET a 1", "set b 2 KEEPTTL", "SET c", "NOSUCH x", "nosuch", "JSON.SET k $ 1"];
    let facts = facts(&lines);
    let set = facts.used.iter().find(|used| used.spec.name() == "SET").unwrap();
    assert_eq!((set.commands, set.first), (3, at(&lines, 1)));
    assert_eq!((set.fewest, set.most), ((2, at(&lines, 3)), (4, at(&lines, 2))));
    assert_eq!(set.wrong_words(Release::redis(7, 4)), Some((2, at(&lines, 3))));
    assert_eq!(facts.strangers_total, 2);
    assert_eq!(facts.strangers[0].0, "NOSUCH");
    assert_eq!(facts.strangers[0].1.offsets, [at(&lines, 4), at(&lines, 5)]);
    let unknown: Vec<_> = facts.unknown_to(Release::redis(7, 4)).map(|used| used.spec.name()).collect();
    assert_eq!(unknown, ["JSON.SET"]);
}

#[test]
fn many_unknown_names_stay_bounded() {
    let names: Vec<String> = (0..1000).map(|n| format!("X{n}")).collect();
    let facts = facts(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!((facts.strangers.len(), facts.strangers_total), (MeaningFacts::MAX_NAMES, 1000));
}

#[test]
fn an_open_block_does_not_count() {
    let lines = ["SELECT 0", "SET a 1", "MULTI", "SELECT 99", "NOSUCH", "SPOP k"];
    let facts = facts(&lines);
    assert_eq!((facts.strangers_total, facts.bad_selects.places.count), (0, 0));
    assert!(facts.unrepeatable.is_empty() && facts.blocks == 0);
    let names: Vec<_> = facts.used.iter().map(|used| used.spec.name()).collect();
    assert_eq!(names, ["SELECT", "SET"]);
}

#[test]
fn blocks() {
    let lines =
        ["MULTI", "EXEC", "MULTI", "SET a 1", "SET b 1", "EXEC", "MULTI", "SELECT 16", "EXEC", "DISCARD"];
    let facts = facts(&lines);
    assert_eq!((facts.blocks, &facts.empty_blocks.offsets[..]), (3, &[0][..]));
    let longest = Block { start: at(&lines, 2), end: at(&lines, 6), commands: 2 };
    assert_eq!(facts.longest_block, Some(longest));
    assert_eq!(facts.bad_selects.places.offsets, [at(&lines, 7)]);
    assert_eq!((facts.bad_selects.example.as_str(), facts.discards.count), ("16", 1));
}

#[test]
fn numbers_of_databases() {
    for (number, bad) in [("0", false), ("15", false), ("16", true), ("-1", true), ("01", true), ("x", true)]
    {
        let facts = facts(&[&format!("SELECT {number}")]);
        assert_eq!(facts.bad_selects.places.count == 1, bad, "{number}");
    }
}

#[test]
fn time() {
    let lines = ["#TS:100", "SET a 1", "#TS:90", "SET b 1", "#TS:95", "#TS:x", "#note", "MULTI", "#TS:5"];
    let facts = facts(&lines);
    let times = &facts.times;
    assert_eq!(times.first, Some((100, 0)));
    assert_eq!(times.last, Some((95, at(&lines, 4))));
    assert_eq!((&times.backwards.offsets[..], times.step_back), (&[at(&lines, 2)][..], Some((100, 90))));
    assert_eq!((times.malformed.example.as_str(), times.malformed.places.count), ("#TS:x", 1));
    assert_eq!((times.foreign.example.as_str(), times.foreign.places.count), ("#note", 1));
}

#[test]
fn what_cannot_be_run_again_is_counted_by_reason() {
    let facts = facts(&["SELECT 0", "EXPIRE k 5", "SETEX k 5 v", "SPOP s", "GET x"]);
    let whys: Vec<_> = facts
        .unrepeatable
        .iter()
        .map(|(why, shown)| (*why, shown.places.count, shown.example.as_str()))
        .collect();
    assert_eq!(whys, [(Unrepeatable::RelativeExpiry, 2, "EXPIRE"), (Unrepeatable::Random, 1, "SPOP")]);
}

#[test]
fn a_file_without_its_first_select() {
    assert_eq!(facts(&["SET a 1"]).write_before_select, Some(0));
    for lines in
        [&["SELECT 0", "SET a 1"][..], &["#TS:1", "SELECT 0"], &["MULTI", "SELECT 0"], &["FUNCTION LOAD x"]]
    {
        assert_eq!(facts(lines).write_before_select, None, "{lines:?}");
    }
}

#[test]
fn doubled_stretches() {
    let doubled = |lines: &[&str]| -> Vec<(u64, bool)> {
        facts(lines).doubled.iter().map(|doubled| (doubled.commands, doubled.certain)).collect()
    };
    assert_eq!(doubled(&["SET a 1", "SET b 1", "SET c 1"]), []);
    assert_eq!(doubled(&["SET a 1", "SET a 1", "SET c 1"]), [(1, false)]);
    // A loop, not a copy.
    assert_eq!(doubled(&["SET a 1", "SET a 1", "SET a 1"]), []);
    assert_eq!(doubled(&["SET a 1", "SET b 1", "SET a 1", "SET b 1", "SET a 1", "SET b 1"]), []);
    let lines = ["SET z 1", "SET a 1", "SET b 1", "SET a 1", "SET b 1", "SET c 1"];
    assert_eq!(doubled(&lines), [(2, false)]);
    let found = facts(&lines).doubled[0];
    assert_eq!((found.first, found.second, found.end), (at(&lines, 1), at(&lines, 3), at(&lines, 5)));
    assert_eq!(doubled(&["XADD s 1-1 f v", "SET b 1", "XADD s 1-1 f v", "SET b 1"]), [(2, true)]);
    assert_eq!(doubled(&["XADD s * f v", "SET b 1", "XADD s * f v", "SET b 1"]), [(2, false)]);
    assert_eq!(doubled(&["#TS:1", "SET b 1", "#TS:1", "SET b 1"]), [(2, true)]);
    // Commands that stand several times inside the stretch do not hide it.
    let stretch = ["INCR a", "SET b 1", "INCR a", "SET c 1"];
    assert_eq!(doubled(&[&stretch[..], &stretch[..], &["SET z 1"]].concat()), [(4, false)]);
    // Inside a block that is not there at all for the server.
    assert_eq!(doubled(&["SET z 1", "MULTI", "SET a 1", "SET a 1"]), []);
}

#[test]
fn a_long_doubled_stretch_is_found_and_memory_stays_bounded() {
    let lines: Vec<String> = (0..3000).map(|n| format!("SET k{n} v")).collect();
    let one: Vec<&str> = lines.iter().map(String::as_str).collect();
    let both = [&one[..], &one[..], &["SET z 1"]].concat();
    assert_eq!(facts(&both).doubled[0].commands, 3000);
    let same = vec!["SET a 1"; 50_000];
    assert_eq!(facts(&same).doubled_total, 0);
}

#[test]
fn files_stay_apart() {
    let text = tape(["SET a 1"]);
    let fold = |path: &str| {
        let mut fold = MeaningFold::default();
        fold.begin_file(path);
        let mut scan = TapeScan::new(0, text.len() as u64, Release::redis(7, 4), Limits::default());
        scan.feed(text.as_bytes(), &mut fold);
        scan.finish(&mut fold);
        fold
    };
    let mut one = fold("1");
    one.append(fold("2"));
    let files = one.finish();
    assert_eq!(files.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(), ["1", "2"]);
    assert!(files.iter().all(|(_, facts)| facts.used[0].commands == 1 && facts.doubled_total == 0));
}
