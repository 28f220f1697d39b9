//! What the timeline has to know of a command: its kind, where the names of its keys stand, and what else it does.

use snaptape_aof::{Argument, Command};
use snaptape_report::CommandFamily as Family;

/// Where the names of keys stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nowhere, or not where anything simple would find them.
    None,
    /// The first argument.
    First,
    /// The second argument.
    Second,
    /// The first two arguments.
    FirstTwo,
    /// All arguments.
    All,
    /// Every other argument, from the first on.
    Pairs,
}

/// What a command does beside writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Nothing,
    Select,
    Flushall,
    Flushdb,
    Swapdb,
    Delete,
    Rename,
    Copy,
    /// The second argument is when the key expires, in seconds.
    ExpireAt,
    /// The same in milliseconds.
    PexpireAt,
    /// SET and GETEX: there may be a time among the arguments behind the given number.
    MayExpire(usize),
    Persist,
}

/// What is known of a command by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sort {
    pub(super) family: Family,
    pub(super) keys: Keys,
    pub(super) effect: Effect,
}

/// Of what has no name.
pub(super) const UNKNOWN: Sort = Sort { family: Family::Other, keys: Keys::None, effect: Effect::Nothing };

/// The family of names that begin like this, the longest that fits; and where their keys stand.
const FAMILIES: &[(&str, Family)] = &[
    ("APPEND", Family::String),
    ("B", Family::Other),
    ("BITFIELD", Family::String),
    ("BITOP", Family::String),
    ("BLMOVE", Family::List),
    ("BLMPOP", Family::List),
    ("BLPOP", Family::List),
    ("BRPOP", Family::List),
    ("BZ", Family::Zset),
    ("DECR", Family::String),
    ("DEL", Family::Delete),
    ("DELEX", Family::Delete),
    ("EXPIRE", Family::Expire),
    ("FLUSH", Family::Flush),
    ("GEO", Family::Zset),
    ("GETDEL", Family::Delete),
    ("GETEX", Family::Expire),
    ("GETSET", Family::String),
    ("H", Family::Hash),
    ("INCR", Family::String),
    ("LINSERT", Family::List),
    ("LMOVE", Family::List),
    ("LMPOP", Family::List),
    ("LPOP", Family::List),
    ("LPUSH", Family::List),
    ("LREM", Family::List),
    ("LSET", Family::List),
    ("LTRIM", Family::List),
    ("MSET", Family::String),
    ("PERSIST", Family::Expire),
    ("PEXPIRE", Family::Expire),
    ("PF", Family::String),
    ("PSETEX", Family::String),
    ("RPOP", Family::List),
    ("RPUSH", Family::List),
    ("SADD", Family::Set),
    ("SDIFFSTORE", Family::Set),
    ("SET", Family::String),
    ("SINTERSTORE", Family::Set),
    ("SMOVE", Family::Set),
    ("SPOP", Family::Set),
    ("SREM", Family::Set),
    ("SUNIONSTORE", Family::Set),
    ("SWAPDB", Family::Flush),
    ("UNLINK", Family::Delete),
    ("X", Family::Stream),
    ("Z", Family::Zset),
];

/// Names that begin like one of [`FAMILIES`] and are something else.
const NO_FAMILY: [&str; 1] = ["HELLO"];

/// Keys that do not stand first.
const KEYS: &[(&str, Keys)] = &[
    ("ACL", Keys::None),
    ("BITOP", Keys::Second),
    ("CLIENT", Keys::None),
    ("CLUSTER", Keys::None),
    ("CONFIG", Keys::None),
    ("COPY", Keys::FirstTwo),
    ("DEL", Keys::All),
    ("DISCARD", Keys::None),
    ("EVAL", Keys::None),
    ("EVALSHA", Keys::None),
    ("EXEC", Keys::None),
    ("FCALL", Keys::None),
    ("FLUSHALL", Keys::None),
    ("FLUSHDB", Keys::None),
    ("FUNCTION", Keys::None),
    ("HELLO", Keys::None),
    ("LMOVE", Keys::FirstTwo),
    ("MSET", Keys::Pairs),
    ("MSETNX", Keys::Pairs),
    ("MULTI", Keys::None),
    ("PFDEBUG", Keys::Second),
    ("PING", Keys::None),
    ("PUBLISH", Keys::None),
    ("RENAME", Keys::FirstTwo),
    ("RENAMENX", Keys::FirstTwo),
    ("REPLCONF", Keys::None),
    ("RPOPLPUSH", Keys::FirstTwo),
    ("SCRIPT", Keys::None),
    ("SELECT", Keys::None),
    ("SMOVE", Keys::FirstTwo),
    ("SPUBLISH", Keys::None),
    ("SWAPDB", Keys::None),
    ("UNLINK", Keys::All),
    ("XGROUP", Keys::Second),
];

/// What is known of the command of this name, in upper case.
pub(super) fn sort_of(name: &str) -> Sort {
    let family =
        FAMILIES.iter().filter(|(front, _)| name.starts_with(front)).max_by_key(|(front, _)| front.len());
    let family = family.map(|(_, family)| *family).filter(|_| !NO_FAMILY.contains(&name));
    let keys = KEYS.iter().find(|(known, _)| *known == name).map_or(Keys::First, |(_, keys)| *keys);
    let effect = match name {
        "SELECT" => Effect::Select,
        "FLUSHALL" => Effect::Flushall,
        "FLUSHDB" => Effect::Flushdb,
        "SWAPDB" => Effect::Swapdb,
        "DEL" | "UNLINK" => Effect::Delete,
        "RENAME" => Effect::Rename,
        "COPY" => Effect::Copy,
        "EXPIREAT" => Effect::ExpireAt,
        "PEXPIREAT" => Effect::PexpireAt,
        "SET" => Effect::MayExpire(3),
        "GETEX" => Effect::MayExpire(2),
        "PERSIST" => Effect::Persist,
        _ => Effect::Nothing,
    };
    Sort { family: family.unwrap_or_default(), keys, effect }
}

/// How many names of keys there are, as far as they are at hand.
pub(super) fn key_count(command: &Command<'_>, keys: Keys) -> u64 {
    let arguments = command.argc.saturating_sub(1);
    match keys {
        Keys::None => 0,
        Keys::First => arguments.min(1),
        Keys::Second => u64::from(arguments >= 2),
        Keys::FirstTwo => arguments.min(2),
        Keys::All => arguments,
        Keys::Pairs => arguments.div_ceil(2),
    }
}

/// Hands out the names of keys, as far as they are at hand.
#[inline]
pub(super) fn each_key<'a>(command: &Command<'a>, keys: Keys, mut each: impl FnMut(Argument<'a>)) {
    match keys {
        Keys::None => {}
        Keys::First => command.argument(1).into_iter().for_each(each),
        Keys::Second => command.argument(2).into_iter().for_each(each),
        Keys::FirstTwo => [1, 2].into_iter().filter_map(|at| command.argument(at)).for_each(&mut each),
        Keys::All if command.argc == 2 => command.argument(1).into_iter().for_each(each),
        Keys::All => command.arguments().skip(1).for_each(each),
        Keys::Pairs => command.arguments().skip(1).step_by(2).for_each(each),
    }
}

/// A number an argument spells.
pub(super) fn number<N: core::str::FromStr>(argument: Option<Argument<'_>>) -> Option<N> {
    argument.and_then(|argument| core::str::from_utf8(argument.bytes).ok()?.parse().ok())
}

/// When a key expires by a command: `Some(None)` says never again, `None` that nothing changes.
pub(super) fn expiry_ms(command: &Command<'_>, effect: Effect) -> Option<Option<i64>> {
    match effect {
        Effect::Persist => Some(None),
        Effect::ExpireAt => Some(Some(number::<i64>(command.argument(2))?.checked_mul(1_000)?)),
        Effect::PexpireAt => Some(number(command.argument(2))),
        Effect::MayExpire(from) => {
            // Without a word about it SET takes an expiry away; GETEX leaves it.
            let mut found = (from == 3).then_some(None);
            if command.argc as usize > from {
                let mut arguments = command.arguments().skip(from);
                while let Some(argument) = arguments.next() {
                    let is = |word: &[u8]| argument.bytes.eq_ignore_ascii_case(word);
                    if is(b"PXAT") {
                        found = Some(number(arguments.next()));
                    } else if is(b"EXAT") {
                        let s = number::<i64>(arguments.next());
                        found = Some(s.and_then(|s| s.checked_mul(1_000)));
                    } else if is(b"PERSIST") {
                        found = Some(None);
                    } else if is(b"KEEPTTL") || is(b"EX") || is(b"PX") {
                        // From when on is not known.
                        found = None;
                    }
                }
            }
            found
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_family() {
        for (name, family) in [
            ("SET", Family::String),
            ("SETRANGE", Family::String),
            ("SADD", Family::Set),
            ("SELECT", Family::Other),
            ("ZADD", Family::Zset),
            ("BZPOPMIN", Family::Zset),
            ("HSET", Family::Hash),
            ("HPEXPIREAT", Family::Hash),
            ("HELLO", Family::Other),
            ("XADD", Family::Stream),
            ("PEXPIREAT", Family::Expire),
            ("GETDEL", Family::Delete),
            ("FLUSHDB", Family::Flush),
            ("RPOPLPUSH", Family::List),
            ("RENAME", Family::Other),
            ("MULTI", Family::Other),
            ("JSON.SET", Family::Other),
            ("BF.ADD", Family::Other),
        ] {
            assert_eq!(sort_of(name).family, family, "{name}");
        }
        assert_eq!(sort_of("MSET").keys, Keys::Pairs);
        assert_eq!(sort_of("JSON.SET").keys, Keys::First);
    }
}
