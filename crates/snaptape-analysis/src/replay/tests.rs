//! Tapes made up for one purpose each.

use std::fmt::Write as _;

use proptest::prelude::*;
use snaptape_aof::TapeScan;
use snaptape_report::{DatabaseKeys, RemovalKind};
use snaptape_wire::{Limits, Release};

use super::*;

/// A tape of commands whose words are set apart by blanks.
fn tape<S: AsRef<str>>(commands: &[S]) -> String {
    let mut text = String::new();
    for command in commands {
        let words: Vec<&str> = command.as_ref().split(' ').collect();
        let _ = write!(text, "*{}\r\n", words.len());
        for word in words {
            let _ = write!(text, "${}\r\n{word}\r\n", word.len());
        }
    }
    text
}

fn scan(fold: &mut ReplayFold, name: &str, text: &str) {
    fold.begin_file(name);
    let mut scan = TapeScan::new(0, text.len() as u64, Release::redis(7, 4), Limits::default());
    scan.feed(text.as_bytes(), fold);
    scan.finish(fold);
    fold.end_file();
}

fn replay<S: AsRef<str>>(commands: &[S]) -> Replay {
    let mut fold = ReplayFold::default();
    scan(&mut fold, "a.aof", &tape(commands));
    fold.finish()
}

/// The bounds of database 0.
fn keys(replay: &Replay) -> (u64, u64) {
    let db = replay.databases.iter().find(|state| state.keys.db == 0);
    db.map_or((0, 0), |state| (state.keys.keys_min, state.keys.keys_max))
}

#[test]
fn an_open_block_is_not_executed() {
    let head = ["SET a 1", "MULTI", "SET b 1", "DEL a", "EXEC", "MULTI", "SET c 1", "FLUSHALL"];
    assert_eq!(keys(&replay(&head)), (1, 1));
    // A MULTI inside a MULTI: the check tool stops, the server goes on.
    let nested = [&head[..], &["MULTI", "SET d 1", "SET e 1", "EXEC", "SET f 1", "EXEC", "SET g 1"]].concat();
    let found = replay(&nested);
    assert_eq!(keys(&found), (4, 4));
    assert_eq!(found.removals.len(), 1);
    // Each file has blocks of its own, and begins in database 0.
    let mut fold = ReplayFold::default();
    scan(&mut fold, "a.aof", &tape(&["SELECT 3", "SET a 1", "MULTI", "SET b 1"]));
    scan(&mut fold, "b.aof", &tape(&["SET c 1", "EXEC"]));
    let found = fold.finish();
    let databases: Vec<_> =
        found.databases.iter().map(|state| (state.keys.db, state.keys.keys_min)).collect();
    assert_eq!(databases, [(0, 1), (3, 1)]);
}

#[test]
fn a_block_too_long_to_wait_is_taken_back() {
    let mut commands: Vec<String> = vec!["SET a 1".into(), "MULTI".into()];
    commands.extend((0..30_000).map(|n| format!("SET key:{n} 1")));
    commands.push("FLUSHDB".into());
    commands.extend((0..30_000).map(|n| format!("SET other:{n} 1")));
    let found = replay(&commands);
    assert_eq!((keys(&found), found.removals.len(), found.void_commands), ((1, 1), 0, 0));
    commands.push("EXEC".into());
    let found = replay(&commands);
    assert_eq!((keys(&found), found.removals.len()), ((30_000, 30_000), 1));
    assert_eq!((found.removals[0].keys_min, found.removals[0].keys_max), (30_001, 30_001));
}

#[test]
fn removals_are_counted_when_they_run() {
    let mut commands: Vec<String> = (0..150).map(|n| format!("SET key:{n} 1")).collect();
    commands
        .extend(["SELECT 2", "SET a 1", "SET b 1", "SWAPDB 0 2", "FLUSHDB", "SELECT 0"].map(String::from));
    commands.extend(["RENAME a b", "COPY b c", "COPY b c REPLACE", "SELECT 5"].map(String::from));
    commands.extend((0..120).map(|n| format!("SET key:{n} 1")));
    commands.extend((0..120).map(|n| format!("DEL key:{n}")));
    commands.push("FLUSHALL".into());
    let found = replay(&commands);
    let events: Vec<_> = found.removals.iter().map(|event| (event.kind, event.db, event.keys_min)).collect();
    assert_eq!(
        events,
        [
            (RemovalKind::Swap, 2, 152),
            (RemovalKind::Flush, 2, 150),
            (RemovalKind::RenameOver, 0, 1),
            (RemovalKind::CopyOver, 0, 1),
            (RemovalKind::DeleteRun, 5, 120),
            (RemovalKind::Flush, 5, 2),
        ]
    );
    assert!(found.removals.iter().all(|event| event.keys_min == event.keys_max && !event.estimated));
    let offset = found.removals[1].offset;
    let text = tape(&commands);
    assert!(text[usize::try_from(offset).unwrap()..].starts_with("*1\r\n$7\r\nFLUSHDB"));
    assert_eq!(keys(&found), (0, 0));
    // Everything is void but what selects and moves.
    assert_eq!(found.no_effect.commands, 0);
}

#[test]
fn a_lost_block_shows() {
    let head = ["SET a 1", "SADD s x", "LPUSH l 1"];
    for (command, odd) in [
        ("DEL b", true),
        ("DEL a b", false),
        ("UNLINK b c", true),
        ("SREM s y", true),
        ("SREM s x y", false),
        ("SADD s x", true),
        ("LPOP m", true),
        ("HDEL h f", true),
        ("PEXPIREAT b 4000000000000", true),
        ("PERSIST b", true),
        ("RENAME b c", true),
        ("SETNX a 2", true),
        ("SET a 2 NX", true),
        ("SET b 2 XX", true),
        ("RENAMENX a s", true),
        ("XADD x NOMKSTREAM 1-1 f v", true),
        ("XGROUP CREATE x g $", true),
        ("LREM l 0 2", true),
        ("LINSERT l BEFORE 2 1", true),
        ("ZREM z a", true),
        ("SMOVE s t y", true),
        ("FLUSHALL", false),
        ("FLUSHDB", false),
        ("SUNIONSTORE u v w", false),
        ("SORT v STORE w", false),
        ("PFCOUNT v", false),
        ("PUBLISH v w", false),
        ("XADD x 1-1 f v", false),
    ] {
        let found = replay(&[&head[..], &[command]].concat());
        assert_eq!(found.no_effect.commands, u64::from(odd), "{command}");
        assert_eq!(found.wrong_type.commands, 0, "{command}");
    }
    for command in
        ["LPUSH a 1", "SADD a x", "APPEND s x", "INCR l", "HSET s f v", "SUNIONSTORE d s a", "ZADD l 1 m"]
    {
        let found = replay(&[&head[..], &[command]].concat());
        assert_eq!((found.no_effect.commands, found.wrong_type.commands), (0, 1), "{command}");
        assert_eq!(found.wrong_type.first[0].offset, tape(&head).len() as u64);
        assert_eq!(keys(&found), (3, 3));
    }
}

#[test]
fn what_is_not_known_is_not_odd() {
    let mut fold = ReplayFold::default();
    fold.begin_file("a.aof");
    fold.lose_track();
    scan(&mut fold, "b.aof", &tape(&["DEL a", "SREM s x", "SET b 1"]));
    let found = fold.finish();
    assert_eq!((found.complete, found.no_effect.commands), (false, 0));
    assert!(found.databases[0].keys.estimated);
    // A FLUSHALL makes it known again.
    let mut fold = ReplayFold::default();
    fold.lose_track();
    scan(&mut fold, "b.aof", &tape(&["SET a 1", "FLUSHALL", "SET b 1", "DEL a"]));
    let found = fold.finish();
    assert_eq!(found.no_effect.commands, 1);
    let exact = DatabaseKeys { db: 0, keys_min: 1, keys_max: 1, estimated: false };
    assert_eq!(found.databases[0].keys, exact);
}

#[test]
fn keys_of_a_base_are_followed_within_bounds() {
    let base = |logical, name: &'static [u8], elements| KeyFacts {
        name,
        logical,
        elements: Some(elements),
        file_bytes: 100,
        ..KeyFacts::default()
    };
    let run = |commands: &[&str]| {
        let mut fold = ReplayFold::default();
        fold.begin_file("base");
        fold.base_key(&base(LogicalType::Set, b"s", 3));
        fold.base_key(&base(LogicalType::Hash, b"h", 2));
        fold.base_key(&base(LogicalType::List, b"l", 2));
        scan(&mut fold, "incr", &tape(commands));
        fold.finish()
    };
    assert_eq!(keys(&run(&[])), (3, 3));
    assert_eq!(keys(&run(&["SREM s a", "SREM s b"])), (3, 3));
    // A server writes down what removed something.
    assert_eq!(keys(&run(&["SREM s a", "SREM s b", "SREM s c"])), (2, 2));
    // At least one of them, perhaps both.
    assert_eq!(keys(&run(&["HDEL h a b"])), (2, 3));
    assert_eq!(keys(&run(&["HDEL h a b", "HDEL h c"])), (2, 2));
    assert_eq!(keys(&run(&["HSET h a 1", "HDEL h a b c"])), (2, 3));
    assert_eq!(keys(&run(&["LPOP l 2"])), (2, 2));
    assert_eq!(run(&["DEL s", "SADD s a"]).void_bytes, 100 + tape(&["DEL s"]).len() as u64);
    assert_eq!(run(&["LPUSH s x"]).wrong_type.commands, 1);
}

#[test]
fn what_a_rewrite_leaves_out() {
    let found = replay(&["SET a 1", "SET a 2", "SET a 3"]);
    assert_eq!((found.void_commands, found.void_bytes), (2, tape(&["SET a 1", "SET a 2"]).len() as u64));
    let found = replay(&["RPUSH l 1 2", "LPOP l", "LPOP l"]);
    assert_eq!(
        (found.void_commands, found.void_bytes),
        (3, tape(&["RPUSH l 1 2", "LPOP l", "LPOP l"]).len() as u64)
    );
    let found = replay(&["MSET a 1 b 2", "SET a 1", "FLUSHALL"]);
    assert_eq!(found.void_commands, 2);
    assert!(found.void_bytes <= tape(&["MSET a 1 b 2", "SET a 1", "FLUSHALL"]).len() as u64);
    let counted = replay(&vec!["INCR hits"; 1000]);
    assert_eq!(counted.void_commands, 999);
    let one = tape(&["INCR hits"]).len() as u64;
    assert_eq!(counted.void_bytes, 999 * one - 40);
}

#[test]
fn many_keys_are_sampled() {
    let mut fold = ReplayFold::with_limits(4_000, 100_000);
    let text = tape(&(0..100_000).map(|n| format!("SADD key:{n} a b")).collect::<Vec<_>>());
    scan(&mut fold, "a.aof", &text);
    let text = tape(&(0..50_000).map(|n| format!("DEL key:{n}")).collect::<Vec<_>>());
    scan(&mut fold, "b.aof", &text);
    assert!(fold.state.table.len() <= 4_000);
    assert!(fold.state.pool.bytes() <= 110_000, "{}", fold.state.pool.bytes());
    let found = fold.finish();
    assert_eq!((found.no_effect.commands, found.wrong_type.commands), (0, 0));
    let db = found.databases[0].keys;
    assert!(db.estimated && found.one_in >= 16, "{found:?}");
    assert!((47_000..53_000).contains(&db.keys_min) && db.keys_min == db.keys_max, "{db:?}");
}

#[test]
fn databases_without_end_are_bounded() {
    let mut fold = ReplayFold::with_limits(100_000, 100_000);
    let flushes: Vec<String> = (0..80_000)
        .flat_map(|n| [format!("SELECT {}", n % 50), "SET a 1".into(), "FLUSHDB".into()])
        .collect();
    scan(&mut fold, "a.aof", &tape(&flushes));
    scan(&mut fold, "b.aof", &tape(&["SET b 1"]));
    let found = fold.finish();
    assert_eq!(found.databases.len(), 1);
    assert_eq!((keys(&found), found.databases[0].keys.estimated), ((1, 1), false));
    let many: Vec<String> = (0..70_000).flat_map(|n| [format!("SELECT {n}"), "SET a 1".into()]).collect();
    let found = replay(&many);
    assert_eq!(found.databases.len(), Replay::MAX_DATABASES);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the arguments, nothing overflows and the sums are those of the table.
    #[test]
    fn no_command_upsets_it(commands in prop::collection::vec((0..NAMES.len(), prop::collection::vec(word(), 0..8)), 1..40)) {
        let mut fold = ReplayFold::with_limits(20, 2_000);
        let rows: Vec<String> = commands
            .iter()
            .map(|(name, words)| [&[NAMES[*name].to_string()], words.as_slice()].concat().join(" "))
            .collect();
        scan(&mut fold, "a.aof", &tape(&rows));
        let mut sums = (0, 0, 0);
        for entry in fold.state.table.iter() {
            let space = fold.state.spaces.get(entry.space).unwrap();
            if space.live {
                let certain = is_certain(entry, space.doubt);
                sums = (sums.0 + u64::from(certain), sums.1 + u64::from(!certain), sums.2 + entry.bytes);
            }
        }
        let mut counted = (0, 0, 0);
        for (_, space) in fold.state.spaces.iter() {
            let counts = space.counts;
            counted = (counted.0 + counts.certain, counted.1 + counts.perhaps, counted.2 + counts.bytes);
        }
        prop_assert_eq!(counted, sums);
        let pooled: usize = fold.state.table.iter().filter(|entry| entry.flags & table::IN_POOL != 0).count();
        prop_assert_eq!(pooled, fold.state.pool.used());
        fold.finish();
    }
}

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec!["a", "b", "c", "d", "m", "n"]).prop_map(String::from),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => (-3..4_i64).prop_map(|n| n.to_string()),
        1 => prop::sample::select(OPTIONS.to_vec()).prop_map(String::from),
    ]
}

const OPTIONS: [&str; 24] = [
    "NX",
    "XX",
    "GET",
    "KEEPTTL",
    "LEFT",
    "RIGHT",
    "BEFORE",
    "STORE",
    "LIMIT",
    "BY",
    "WEIGHTS",
    "AGGREGATE",
    "FIELDS",
    "FNX",
    "FXX",
    "REPLACE",
    "DB",
    "MKSTREAM",
    "CREATE",
    "inf",
    "-inf",
    "(1",
    "+",
    "return redis.call('set',KEYS[1],'x')",
];

const NAMES: [&str; 96] = [
    "SET",
    "SETNX",
    "MSET",
    "MSETNX",
    "MSETEX",
    "SETEX",
    "GETSET",
    "APPEND",
    "SETRANGE",
    "INCR",
    "DECRBY",
    "INCRBYFLOAT",
    "INCREX",
    "SETBIT",
    "BITFIELD",
    "BITOP",
    "PFADD",
    "PFMERGE",
    "LPUSH",
    "RPUSH",
    "LPUSHX",
    "RPUSHX",
    "LPOP",
    "RPOP",
    "LMOVE",
    "RPOPLPUSH",
    "LINSERT",
    "LSET",
    "LREM",
    "LTRIM",
    "SADD",
    "SREM",
    "SPOP",
    "SMOVE",
    "SUNIONSTORE",
    "SINTERSTORE",
    "SDIFFSTORE",
    "ZADD",
    "ZINCRBY",
    "ZREM",
    "ZPOPMIN",
    "ZPOPMAX",
    "ZREMRANGEBYRANK",
    "ZREMRANGEBYSCORE",
    "ZREMRANGEBYLEX",
    "ZUNIONSTORE",
    "ZINTERSTORE",
    "ZDIFFSTORE",
    "ZRANGESTORE",
    "GEOADD",
    "GEORADIUS",
    "GEOSEARCHSTORE",
    "HSET",
    "HMSET",
    "HSETNX",
    "HINCRBY",
    "HSETEX",
    "HDEL",
    "HGETDEL",
    "HPEXPIREAT",
    "XADD",
    "XGROUP",
    "XDEL",
    "ARSET",
    "ARMSET",
    "ARINSERT",
    "ARRING",
    "ARDEL",
    "ARDELRANGE",
    "ARSEEK",
    "DEL",
    "UNLINK",
    "GETDEL",
    "DELEX",
    "PEXPIREAT",
    "PERSIST",
    "GETEX",
    "RENAME",
    "RENAMENX",
    "MOVE",
    "COPY",
    "RESTORE",
    "SORT",
    "SELECT",
    "FLUSHDB",
    "FLUSHALL",
    "SWAPDB",
    "SFLUSH",
    "TRIMSLOTS",
    "EVAL",
    "EVALSHA",
    "FCALL",
    "JSON.SET",
    "JSON.DEL",
    "UNHEARDOF",
    "EXEC",
];
