//! What a starting server does with a command whose framing is good.

use alloc::vec::Vec;

use snaptape_wire::{Product, Release};

use super::{CommandSpec, spec::takes};

/// Why a server does not get past a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalKind {
    /// A DISCARD (or RESET) between MULTI and EXEC. The loader queues everything but EXEC; when that runs the queue, the DISCARD frees it,
    /// and the server crashes. Source: loadSingleAppendOnlyFile, execCommand; seen with eight releases from Redis 6.2.5 to
    /// 8.2.3 and Valkey 9.1.2.
    DiscardInBlock,
    /// It does not know it, and exits: on any release, at any place, whatever the settings.
    UnknownCommand,
    /// It knows the first word but not the second (Redis 7.0 and later), and exits.
    UnknownSubcommand,
    /// It counts the words and exits (Valkey 8.1 and later).
    WrongArity,
    /// It does not count them and reads what is not there: it crashes, or goes on with garbage. That may differ from start to start.
    TooFewWords,
}

/// The command a server does not get past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub kind: RefusalKind,
    /// Offset of its `*`.
    pub offset: u64,
    /// Offset behind it.
    pub end: u64,
    /// Does it stand in a MULTI block?
    pub in_multi: bool,
    /// Number of words, the name counted.
    pub argc: u64,
    /// Its name, or the front of it, as it was written.
    pub name: Vec<u8>,
}

/// Does the loader of a release count the words? Source: valkey pull request 1614, released with 8.1; seen with 8.1.1 and 9.1.2,
/// and not with Redis up to 8.2.3.
pub fn counts_words(release: Release) -> bool {
    release.product == Product::Valkey && (release.major, release.minor) >= (8, 1)
}

/// Commands that look at their number of words themselves, or only go through those that are there, and from how many words on.
/// Any other with too few words makes a Redis server read behind them. Tried with 6.2.5, 7.0.15, 7.4.1 and 8.2.3.
const SURVIVES: [(&str, u64); 24] = [
    ("DEL", 1),
    ("EXISTS", 1),
    ("HDEL", 2),
    ("HMSET", 1),
    ("HSET", 1),
    ("LPUSH", 2),
    ("LPUSHX", 2),
    ("MSET", 1),
    ("MSETNX", 1),
    ("RPUSH", 2),
    ("RPUSHX", 2),
    ("SDIFFSTORE", 2),
    ("SINTERSTORE", 2),
    ("SREM", 2),
    ("SUNIONSTORE", 2),
    ("TOUCH", 1),
    ("UNLINK", 1),
    ("XACK", 3),
    ("XADD", 2),
    ("XDEL", 2),
    ("XTRIM", 2),
    ("ZADD", 1),
    ("ZINCRBY", 2),
    ("ZREM", 2),
];

/// What a server of this release makes of a command, before it runs; `second` is the word behind the name.
#[inline]
pub(crate) fn refusal(
    spec: Option<&CommandSpec>,
    second: Option<&[u8]>,
    argc: u64,
    release: Release,
) -> Option<RefusalKind> {
    let Some(spec) = spec.filter(|spec| spec.known_to(release)) else {
        return Some(RefusalKind::UnknownCommand);
    };
    let mut ok = spec.arity_ok(argc, release);
    if let Some(second) = second.filter(|_| spec.has_subcommands() && release.at_least_redis(7, 0)) {
        let Some(arity) = spec.subcommand_arity(second) else { return Some(RefusalKind::UnknownSubcommand) };
        // Redis looks at these itself when they run.
        ok &= takes(arity, argc) || !counts_words(release);
    }
    if ok {
        return None;
    }
    if counts_words(release) {
        return Some(RefusalKind::WrongArity);
    }
    let survives = |(name, least): &(&str, u64)| *name == spec.name() && argc >= *least;
    let too_few = argc < spec.arity(release).unsigned_abs();
    (too_few && !SURVIVES.iter().any(survives)).then_some(RefusalKind::TooFewWords)
}

#[cfg(test)]
mod tests {
    use std::{fmt::Write as _, format, string::String, vec::Vec};

    use snaptape_wire::Limits;

    use super::*;
    use crate::TapeScan;

    fn tape(lines: &[&str]) -> String {
        let mut tape = String::new();
        for line in lines {
            let words: Vec<_> = line.split(' ').map(|w| format!("${}\r\n{w}\r\n", w.len())).collect();
            let _ = write!(tape, "*{}\r\n{}", words.len(), words.concat());
        }
        tape
    }

    /// What stands between two good commands, and what a release makes of it: as tried with the server itself.
    fn check(lines: &[&str], release: &str, expected: Option<RefusalKind>) {
        let all: Vec<_> = ["SELECT 0", "SET x 1"].iter().chain(lines).chain(&["SET y 1"]).copied().collect();
        let text = tape(&all);
        // Once in the form every server writes, once with bare line ends, which the loader reads by another way.
        for text in [text.clone(), text.replace("*3\r\n", "*3\n")] {
            let mut scan = TapeScan::new(0, text.len() as u64, release.parse().unwrap(), Limits::default());
            scan.feed(text.as_bytes(), &mut ());
            let refusal = scan.finish(&mut ()).loader.refused.first().cloned();
            assert_eq!(refusal.as_ref().map(|refusal| refusal.kind), expected, "{lines:?} {release}");
            if let Some(refusal) = refusal {
                let rest = text.get(usize::try_from(refusal.offset).unwrap()..).unwrap();
                assert!(rest.starts_with(&format!("*{}", refusal.argc)), "{refusal:?}");
            }
        }
    }

    #[test]
    fn servers_stop_where_they_were_seen_to_stop() {
        use RefusalKind::*;
        for (lines, redis_6, redis, valkey) in [
            (&["NOSUCH a"][..], Some(UnknownCommand), Some(UnknownCommand), Some(UnknownCommand)),
            (&["MULTI", "NOSUCH a"], Some(UnknownCommand), Some(UnknownCommand), Some(UnknownCommand)),
            (&["JSON.SET k $ 1"], Some(UnknownCommand), Some(UnknownCommand), Some(UnknownCommand)),
            (&["XGROUP BOGUS a b c"], None, Some(UnknownSubcommand), Some(UnknownSubcommand)),
            (&["XGROUP CREATE s"], None, None, Some(WrongArity)),
            (&["XGROUP"], Some(TooFewWords), Some(TooFewWords), Some(WrongArity)),
            (&["SET a"], Some(TooFewWords), Some(TooFewWords), Some(WrongArity)),
            (&["DEL"], None, None, Some(WrongArity)),
            (&["ZADD z 1"], None, None, Some(WrongArity)),
            (&["INCR x z"], None, None, Some(WrongArity)),
            (&["MULTI x", "SET z 1", "EXEC"], None, None, Some(WrongArity)),
            // Never run, so never crashed on.
            (&["MULTI", "SET a"], None, None, Some(WrongArity)),
            (&["MULTI", "SET a", "EXEC"], Some(TooFewWords), Some(TooFewWords), Some(WrongArity)),
            (&["EXEC", "DISCARD", "PING", "GET x"], None, None, None),
            (
                &["MULTI", "SET z 1", "discard", "SET z 2", "EXEC"],
                Some(DiscardInBlock),
                Some(DiscardInBlock),
                Some(DiscardInBlock),
            ),
            (&["MULTI", "RESET", "EXEC"], Some(DiscardInBlock), Some(DiscardInBlock), Some(DiscardInBlock)),
            // Never run, so never crashed on.
            (&["MULTI", "SET z 1", "DISCARD"], None, None, None),
        ] {
            check(lines, "redis-6.2", redis_6);
            for release in ["redis-7.0", "redis-8.2", "valkey-8.0"] {
                check(lines, release, redis);
            }
            for release in ["valkey-8.1", "valkey-9.1"] {
                check(lines, release, valkey);
            }
        }
    }

    #[test]
    fn what_a_release_does_not_know_yet() {
        check(&["HPEXPIREAT h 5 FIELDS 1 f"], "redis-7.2", Some(RefusalKind::UnknownCommand));
        check(&["HPEXPIREAT h 5 FIELDS 1 f"], "redis-7.4", None);
        check(&["STRALGO LCS STRINGS a b"], "redis-7.0", Some(RefusalKind::UnknownCommand));
    }
}
