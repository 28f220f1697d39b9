//! Random commands, given to real servers and replayed from the tapes these wrote, and from the commands as they were sent.

use std::{cell::RefCell, collections::BTreeMap, fs, path::PathBuf};

use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};
use snaptape_analysis::ReplayFold;
use snaptape_aof::TapeScan;
use snaptape_report::Replay;
use snaptape_testdata::{Program, Reply, Server, programs};
use snaptape_wire::{Limits, Release};

type Words = Vec<String>;

fn words(text: &str) -> Words {
    text.split(' ').map(Into::into).collect()
}

/// A command in which `K` stands for a key, `M` for a member, `S` for a score, `N` for a small number, `D` for a database and `T` for a
/// time to come.
const COMMANDS: &str = "\
SET K M|SET K M NX|SET K M XX|SET K M KEEPTTL|SET K M PXAT T|SET K M EX 10000|SET K M NX GET|SETNX K M|SETEX K 10000 M|PSETEX K 10000000 M|\
GETSET K M|GETDEL K|GETEX K EX 10000|GETEX K PERSIST|MSET K M K M|MSETNX K M K M|APPEND K M|SETRANGE K N M|SETRANGE K 0 |INCR K|DECR K|\
INCRBY K N|INCRBYFLOAT K 1.5|SETBIT K N 1|SETBIT K N 0|BITFIELD K SET u8 N 3|BITFIELD K GET u8 0|BITOP AND K K K|BITOP OR K K|BITOP NOT K K|\
PFADD K M|PFADD K|PFMERGE K K|PFCOUNT K|SET K |\
LPUSH K M|RPUSH K M M M|LPUSHX K M|RPUSHX K M|LPOP K|RPOP K|LPOP K N|RPOP K N|RPOPLPUSH K K|LMOVE K K LEFT RIGHT|LMOVE K K RIGHT LEFT|\
LINSERT K BEFORE M M|LINSERT K AFTER M M|LSET K 0 M|LSET K -1 M|LREM K 0 M|LREM K 1 M|LREM K -2 M|LTRIM K 0 N|LTRIM K -N -1|LTRIM K N -1|\
LTRIM K 1 -N|LTRIM K -2 N|LMPOP 2 K K LEFT COUNT N|BLPOP K K 0.01|SORT K STORE K|SORT K ALPHA STORE K|SORT K ALPHA LIMIT 1 N STORE K|\
SORT K BY nosort GET # GET x* STORE K|\
SADD K M|SADD K M M M|SREM K M|SREM K M M|SPOP K|SPOP K N|SMOVE K K M|SINTERSTORE K K K|SUNIONSTORE K K K|SDIFFSTORE K K K|SDIFFSTORE K K|\
ZADD K S M|ZADD K S M S M|ZADD K NX S M S M|ZADD K XX S M|ZADD K GT S M|ZADD K LT CH S M S M|ZADD K XX GT S M|ZADD K INCR S M|ZINCRBY K S M|\
ZREM K M|ZREM K M M|ZPOPMIN K|ZPOPMAX K|ZPOPMIN K N|ZPOPMAX K N|ZMPOP 2 K K MAX COUNT N|BZPOPMIN K K 0.01|ZREMRANGEBYRANK K 0 N|\
ZREMRANGEBYRANK K -N -1|ZREMRANGEBYSCORE K -inf S|ZREMRANGEBYSCORE K (S +inf|ZREMRANGEBYSCORE K S S|ZREMRANGEBYLEX K - +|ZREMRANGEBYLEX K [M [M|\
ZUNIONSTORE K 2 K K|ZUNIONSTORE K 2 K K WEIGHTS 2 3 AGGREGATE MAX|ZINTERSTORE K 2 K K AGGREGATE MIN|ZINTERSTORE K 2 K K|ZDIFFSTORE K 2 K K|\
ZRANGESTORE K K 0 N|ZRANGESTORE K K S S BYSCORE|ZRANGESTORE K K +inf (S BYSCORE REV LIMIT 0 N|ZRANGESTORE K K [M + BYLEX|ZRANGESTORE K K 0 N REV|\
GEOADD K 13.361389 38.115556 M|GEOADD K NX 15.087269 37.502669 M 13.5 38.2 M|GEORADIUS K 15 37 200 km STORE K|\
GEOSEARCHSTORE K K FROMLONLAT 15 37 BYRADIUS 100 km|GEORADIUSBYMEMBER K M 50 km STOREDIST K|\
HSET K M M|HSET K M M M M|HMSET K M M|HSETNX K M M|HDEL K M|HDEL K M M|HINCRBY K M N|HINCRBYFLOAT K M 1.5|HEXPIRE K 1000 FIELDS 1 M|\
HPERSIST K FIELDS 1 M|HGETDEL K FIELDS 2 M M|HSETEX K FXX EX 1000 FIELDS 1 M M|HSETEX K FNX FIELDS 2 M M M M|HSETEX K FIELDS 1 M M|\
HPEXPIREAT K 1 FIELDS 1 M|HGETEX K EX 1000 FIELDS 1 M|\
XADD K * f M|XADD K NOMKSTREAM * f M|XADD K MAXLEN ~ N * f M|XADD K MINID = 5-0 * f M|XTRIM K MAXLEN 0|XDEL K 1-1|XGROUP CREATE K g $|\
XGROUP CREATE K g 0 MKSTREAM|XGROUP DESTROY K g|XREADGROUP GROUP g c COUNT 1 STREAMS K >|XACK K g 1-1|XSETID K 99999999999999-1|\
XAUTOCLAIM K g c 0 0|\
DEL K|DEL K K|UNLINK K K K|EXPIRE K 10000|PEXPIREAT K T|EXPIRE K -1|PEXPIREAT K T NX|PEXPIREAT K T GT|PERSIST K|RENAME K K|RENAMENX K K|\
MOVE K D|COPY K K|COPY K K DB D|COPY K K REPLACE|COPY K K DB D REPLACE|SWAPDB D D|FLUSHDB|SELECT D|SELECT D|SELECT D|TOUCH K|\
EVAL return^redis.call('set',KEYS[1],ARGV[1]) 1 K M|EVAL redis.call('del',KEYS[1]);return^redis.call('lpush',KEYS[1],ARGV[1],ARGV[2]) 1 K M M|\
MULTI|EXEC|RESTORE K 0 P REPLACE|RESTORE K 0 P";

/// Fills in the letters of a command with numbers drawn for it.
fn fill(template: &str, draws: &[u8]) -> Words {
    let mut draws = draws.iter().copied().cycle();
    let mut draw = |n: u8| draws.next().unwrap_or(0) % n;
    words(template)
        .into_iter()
        .enumerate()
        .map(|(at, word)| {
            if at == 0 {
                return word;
            }
            match word.as_str() {
                "K" => format!("k{}", draw(7)),
                "M" => format!("m{}", draw(6)),
                "N" => (1 + draw(5)).to_string(),
                "-N" => format!("-{}", 1 + draw(5)),
                "D" => draw(3).to_string(),
                "S" => ["1", "2", "-1", "0", "2.5", "-0", "inf"][usize::from(draw(7))].into(),
                "(S" => format!("({}", draw(3)),
                "[M" => format!("[m{}", draw(6)),
                "T" => format!("4{:012}", u32::from(draw(100)) * 1000),
                _ => word.replace('^', " "),
            }
        })
        .collect()
}

fn commands() -> impl Strategy<Value = Vec<Words>> {
    let templates: Vec<&'static str> = COMMANDS.split('|').collect();
    let command = (prop::sample::select(templates), prop::array::uniform8(any::<u8>()));
    let command = command.prop_map(|(template, draws)| fill(template, &draws));
    prop::collection::vec(command, 1..120)
}

fn tape(commands: &[Vec<Vec<u8>>]) -> Vec<u8> {
    let mut out = Vec::new();
    for command in commands {
        out.extend(format!("*{}\r\n", command.len()).bytes());
        for word in command {
            out.extend(format!("${}\r\n", word.len()).bytes());
            out.extend(word);
            out.extend(b"\r\n");
        }
    }
    out
}

fn replay(tape: &[u8], release: Release) -> Replay {
    let mut fold = ReplayFold::default();
    fold.begin_file("appendonly.aof");
    let mut scan = TapeScan::new(0, tape.len() as u64, release, Limits::default());
    scan.feed(tape, &mut fold);
    scan.finish(&mut fold);
    fold.finish()
}

/// A server with its tape.
struct Subject {
    server: Server,
    release: Release,
    tape: PathBuf,
    _dir: tempfile::TempDir,
    /// Two values as DUMP gives them: a set, and a string.
    payloads: [Vec<u8>; 2],
}

/// What a run came to.
#[derive(Debug, Default)]
struct Sums {
    runs: u64,
    databases: u64,
    exact: u64,
    wrong_types: u64,
    wrong_types_exact: u64,
}

impl Subject {
    fn new(program: &Program) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let options = [
            ("appendonly", "yes"),
            ("appendfsync", "no"),
            ("aof-use-rdb-preamble", "no"),
            ("auto-aof-rewrite-percentage", "0"),
        ];
        let mut server = Server::start(&program.server, dir.path(), &options).unwrap();
        let mut payload = |commands: &[Words]| {
            server.ask(commands);
            server.command(&[b"DUMP", b"p"]).bytes()
        };
        let payloads = [payload(&[words("SADD p a b c")]), payload(&[words("SET p abc")])];
        let tape = if program.has_manifest() {
            dir.path().join("appendonlydir/appendonly.aof.1.incr.aof")
        } else {
            dir.path().join("appendonly.aof")
        };
        let release = program.release.parse().unwrap();
        Self { server, release, tape, _dir: dir, payloads }
    }

    /// An empty server, in database 0. Where its tape stands.
    fn begin(&mut self) -> usize {
        // The tape of a run begins with a SELECT of its own.
        self.server.ask(&[words("SELECT 15"), words("SET marker 1")]);
        let start = fs::metadata(&self.tape).unwrap().len();
        self.server.ask(&[words("SELECT 0"), words("FLUSHALL")]);
        usize::try_from(start).unwrap()
    }

    fn send(&mut self, command: &[String], at: usize) -> (Vec<Vec<u8>>, Reply) {
        let word = |word: &String| match word.as_str() {
            "P" if command[0] == "RESTORE" => self.payloads[at % 2].clone(),
            word => word.as_bytes().to_vec(),
        };
        let bytes: Vec<Vec<u8>> = command.iter().map(word).collect();
        let slices: Vec<&[u8]> = bytes.iter().map(Vec::as_slice).collect();
        let reply = self.server.command(&slices);
        (bytes, reply)
    }

    /// Runs commands on an empty server. The tape it wrote meanwhile.
    fn run(&mut self, commands: &[Words]) -> Vec<u8> {
        let start = self.begin();
        for (at, command) in commands.iter().enumerate() {
            self.send(command, at);
        }
        // A block that is still open is not executed, here and there.
        self.server.command(&[b"DISCARD"]);
        fs::read(&self.tape).unwrap()[start..].to_vec()
    }

    /// Runs commands on an empty server. Those that changed something or failed over a type, and how many did that.
    fn sift(&mut self, commands: &[Words]) -> (Vec<Vec<Vec<u8>>>, u64) {
        self.begin();
        let (mut sent, mut wrong_types, mut changes) = (Vec::new(), 0, self.changes());
        for (at, command) in commands.iter().enumerate() {
            // EXPIRE with a time that is past removes the key, unless the server is loading.
            let past = command[0] == "EXPIRE" && command[2].starts_with('-');
            if NOT_AS_SENT.contains(&command[0].as_str()) || past {
                continue;
            }
            let (bytes, reply) = self.send(command, at);
            let now = self.changes();
            let is_wrong_type = matches!(&reply, Reply::Error(error)
                // What a string holds is not followed.
                if error.starts_with("WRONGTYPE") && !error.contains("HyperLogLog"));
            wrong_types += u64::from(is_wrong_type);
            if now != changes || is_wrong_type || command[0] == "SELECT" {
                sent.push(bytes);
            }
            changes = now;
        }
        (sent, wrong_types)
    }

    fn changes(&mut self) -> String {
        self.server.info("rdb_changes_since_last_save")
    }

    /// Keys, and how many of them expire, by database; and keys by type.
    fn state(&mut self) -> (BTreeMap<u64, (u64, u64)>, BTreeMap<String, u64>) {
        let keyspace = self.server.keyspace();
        let mut types = BTreeMap::new();
        for db in keyspace.keys() {
            self.server.ask(&[words(&format!("SELECT {db}"))]);
            for key in self.server.command(&[b"KEYS", b"*"]).list() {
                let kind = self.server.command(&[b"TYPE", &key.bytes()]).text();
                *types.entry(kind).or_insert(0) += 1;
            }
        }
        (keyspace, types)
    }
}

/// Compares what a replay says with what the server has. How many databases were exact.
fn compare(replay: &Replay, subject: &mut Subject, what: &str) -> Result<(u64, u64), TestCaseError> {
    let (held, types) = subject.state();
    let (mut databases, mut exact) = (0, 0);
    for db in 0..16 {
        let state = replay.databases.iter().find(|state| state.keys.db == db);
        let (keys, expires) = held.get(&db).copied().unwrap_or_default();
        let bounds = state.map_or((0, 0, 0, 0), |state| {
            (state.keys.keys_min, state.keys.keys_max, state.expires_min, state.expires_max)
        });
        prop_assert!(bounds.0 <= keys && keys <= bounds.1, "{what}: db {db} has {keys} keys, not {bounds:?}");
        prop_assert!(
            bounds.2 <= expires && expires <= bounds.3,
            "{what}: db {db} has {expires} that expire, not {bounds:?}"
        );
        if keys > 0 || state.is_some() {
            databases += 1;
            exact += u64::from(bounds.0 == bounds.1);
        }
    }
    for row in &replay.types {
        let n = types.get(&row.type_name).copied().unwrap_or(0);
        let unknown = replay.types.iter().any(|row| row.type_name == "unknown");
        prop_assert!(
            row.type_name == "unknown" || unknown || (row.keys_min..=row.keys_max).contains(&n),
            "{what}: {n} of type {row:?}"
        );
    }
    Ok((databases, exact))
}

/// What a server never writes down as it was sent, or what expires at once unless it is loading.
const NOT_AS_SENT: [&str; 16] = [
    "MULTI",
    "EXEC",
    "EVAL",
    "SPOP",
    "BLPOP",
    "BZPOPMIN",
    "LMPOP",
    "ZMPOP",
    "XREADGROUP",
    "XAUTOCLAIM",
    "GETEX",
    "GEOADD",
    "HPEXPIREAT",
    "HGETEX",
    "EXPIREAT",
    "PFCOUNT",
];

fn runner(cases: u32) -> TestRunner {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    };
    let seed = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, seed)
}

#[test]
fn tapes_that_servers_wrote_leave_the_keys_the_servers_have() {
    for program in programs() {
        let state = RefCell::new((Subject::new(&program), Sums::default()));
        let result = runner(300).run(&commands(), |commands| {
            let (subject, sums) = &mut *state.borrow_mut();
            let logged = subject.run(&commands);
            let found = replay(&logged, subject.release);
            // The server wrote them: nothing is odd.
            prop_assert_eq!(&found.no_effect.first, &vec![], "{}", logged.escape_ascii());
            prop_assert_eq!(&found.wrong_type.first, &vec![], "{}", logged.escape_ascii());
            let (databases, exact) = compare(&found, subject, &logged.escape_ascii().to_string())?;
            sums.runs += 1;
            sums.databases += databases;
            sums.exact += exact;
            Ok(())
        });
        let (_, sums) = state.into_inner();
        println!("{}: {sums:?}", program.release);
        if let Err(error) = result {
            panic!("{}: {error}", program.release);
        }
        assert!(sums.exact * 100 >= sums.databases * 75, "{sums:?}");
    }
}

#[test]
fn commands_that_fail_over_a_type_are_counted() {
    for program in programs() {
        let state = RefCell::new((Subject::new(&program), Sums::default()));
        let result = runner(150).run(&commands(), |commands| {
            let (subject, sums) = &mut *state.borrow_mut();
            let (sent, wrong_types) = subject.sift(&commands);
            let tape = tape(&sent);
            let found = replay(&tape, subject.release);
            let what = tape.escape_ascii().to_string();
            prop_assert_eq!(&found.no_effect.first, &vec![], "{}", what);
            let (databases, exact) = compare(&found, subject, &what)?;
            // Where a key only may be there, nothing is said of its type.
            prop_assert!(
                found.wrong_type.commands <= wrong_types,
                "{} of {}: {}",
                found.wrong_type.commands,
                wrong_types,
                what
            );
            if databases == exact {
                sums.wrong_types_exact += u64::from(found.wrong_type.commands == wrong_types);
                sums.runs += 1;
            }
            sums.wrong_types += wrong_types;
            Ok(())
        });
        let (_, sums) = state.into_inner();
        println!("{}: {sums:?}", program.release);
        if let Err(error) = result {
            panic!("{}: {error}", program.release);
        }
        assert!(sums.wrong_types > 500 && sums.wrong_types_exact * 100 >= sums.runs * 90, "{sums:?}");
    }
}
