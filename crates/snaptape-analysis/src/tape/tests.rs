use snaptape_aof::TapeScan;
use snaptape_testdata::tape;
use snaptape_wire::{Limits, Release};

use super::{
    names::{MAX_NAMES, OTHER_NAME},
    *,
};

fn fold(fold: &mut TapeFold, path: &str, tape: &str) {
    fold.begin_file(path);
    let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
    scan.feed(tape.as_bytes(), fold);
    scan.finish(fold);
}

/// Hands out commands.
pub(super) fn each_command(commands: &[&str], each: impl FnMut(&Command<'_>)) {
    struct Each<F>(F);
    impl<F: FnMut(&Command<'_>)> CommandSink for Each<F> {
        fn command(&mut self, command: &Command<'_>) {
            (self.0)(command);
        }
    }
    let tape = tape(commands);
    let mut sink = Each(each);
    let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
    scan.feed(tape.as_bytes(), &mut sink);
    scan.finish(&mut sink);
}

#[test]
fn databases_follow_select_and_files_begin_in_database_0() {
    let (one, two) = (tape(["SELECT 2", "SET a 1", "set b 2"]), tape(["SET c 1", "#TS:5"]));
    let mut all = TapeFold::default();
    fold(&mut all, "1", &one);
    fold(&mut all, "2", &two);
    let tape = all.finish();
    let dbs: Vec<_> = tape.databases.iter().map(|db| (db.db, db.commands)).collect();
    assert_eq!(dbs, [(0, 1), (2, 3)]);
    let names: Vec<_> = tape.by_name.iter().map(|name| (name.name.as_str(), name.commands)).collect();
    assert_eq!(names, [("SET", 3), ("SELECT", 1)]);
    assert_eq!((tape.commands, tape.annotations), (4, 1));
    assert_eq!(tape.file_bytes, (one.len() + two.len()) as u64);
    assert_eq!(tape.databases.iter().map(|db| db.file_bytes).sum::<u64>() + 7, tape.file_bytes);
}

#[test]
fn an_open_block_does_not_count() {
    let mut open = TapeFold::default();
    fold(&mut open, "1", &tape(["SET a 1", "MULTI", "SELECT 3", "FLUSHDB", "#TS:9", "SET b 1"]));
    let mut plain = TapeFold::default();
    fold(&mut plain, "1", &tape(["SET a 1"]));
    assert_eq!(open.finish(), plain.finish());
}

#[test]
fn accidents_are_listed_with_what_stands_around_them() {
    let mut all = TapeFold::default();
    fold(&mut all, "1", &tape(["SET a 1", "#TS:7", "flushall ASYNC", "SET b 1"]));
    fold(&mut all, "2", &tape(["MULTI", "SELECT 4", "SWAPDB 0 4", "EXEC", "FLUSHDB"]));
    let tape = all.finish();
    let events: Vec<_> = tape
        .destructive
        .iter()
        .map(|e| (e.name.as_str(), e.file.as_str(), e.db, e.time_s, e.commands_before, e.commands_after))
        .collect();
    assert_eq!(
        events,
        [
            ("FLUSHALL", "1", 0, Some(7), 1, 6),
            ("SWAPDB", "2", 4, Some(7), 5, 2),
            ("FLUSHDB", "2", 4, Some(7), 7, 0)
        ]
    );
    assert_eq!((tape.transactions, tape.destructive_total), (1, 3));
}

#[test]
fn folds_over_parts_join_to_the_fold_over_all() {
    let files = [
        tape(["#TS:1", "SELECT 1", "SET a 1", "FLUSHALL", "MULTI", "INCR a", "EXEC"]),
        tape(["#TS:3", "SET a 1", "FLUSHDB"]),
        tape(["SELECT 2", "zadd a 1 2"]),
    ];
    let mut whole = TapeFold::default();
    for (i, file) in files.iter().enumerate() {
        fold(&mut whole, &i.to_string(), file);
    }
    let whole = whole.finish();
    for cut in 0..=files.len() {
        let (mut first, mut second) = (TapeFold::default(), TapeFold::default());
        for (i, file) in files.iter().enumerate() {
            fold(if i < cut { &mut first } else { &mut second }, &i.to_string(), file);
        }
        first.append(second);
        assert_eq!(first.finish(), whole, "cut {cut}");
    }
}

#[test]
fn invented_names_share_a_line() {
    let mut fold_all = TapeFold::default();
    let mut names: Vec<String> = (0..3 * MAX_NAMES).map(|i| format!("CMD{i}")).collect();
    names.extend(["x".repeat(40), "a\tb".into(), "\u{e9}".into()]);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    fold(&mut fold_all, "1", &tape(&names));
    let tape = fold_all.finish();
    assert_eq!(tape.commands, names.len() as u64);
    assert_eq!(tape.by_name.len(), MAX_NAMES + 1);
    assert_eq!(tape.by_name[0].name, OTHER_NAME);
    assert_eq!(tape.by_name.iter().map(|name| name.commands).sum::<u64>(), tape.commands);
}
