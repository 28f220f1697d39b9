//! What the timeline has to know of a command: its kind, where the names of its keys stand, and what else it does.

use snaptape_aof::{
    Argument, Command,
    commands::{self, CommandSpec},
};
use snaptape_report::{CommandFamily as Family, DestructiveKind};
use snaptape_wire::Release;

/// Where the names of keys stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keys {
    /// Nowhere.
    None,
    /// The first argument alone.
    First,
    /// Where the table of commands says.
    Spec(&'static CommandSpec),
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
    /// COPY and RESTORE, which replace a key if they say so; it is this argument.
    MayReplace(usize),
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

/// Commands whose first word is a key, and others may be.
const MORE_KEYS: [&str; 8] = [
    "CMS.MERGE",
    "GEORADIUS",
    "GEORADIUSBYMEMBER",
    "SORT",
    "TDIGEST.MERGE",
    "ZDIFFSTORE",
    "ZINTERSTORE",
    "ZUNIONSTORE",
];
/// Where keys stand hardly depends on the release.
const ANY: Release = Release::redis(8, 0);

/// Names that begin like one of [`FAMILIES`] and are something else.
const NO_FAMILY: [&str; 1] = ["HELLO"];

/// What is known of the command of this name, in upper case.
pub(super) fn sort_of(name: &str) -> Sort {
    let family =
        FAMILIES.iter().filter(|(front, _)| name.starts_with(front)).max_by_key(|(front, _)| front.len());
    let family = family.map(|(_, family)| *family).filter(|_| !NO_FAMILY.contains(&name));
    let keys = match commands::find(name.as_bytes()) {
        // The reading ones are not written to tapes.
        Some(spec) if !spec.is_write() => Keys::None,
        Some(spec) if spec.key_positions(ANY) == (1, 1, 1) && !MORE_KEYS.contains(&name) => Keys::First,
        Some(spec) => Keys::Spec(spec),
        // Those of modules mostly do.
        None => Keys::First,
    };
    let effect = match name {
        "SELECT" => Effect::Select,
        "FLUSHALL" => Effect::Flushall,
        "FLUSHDB" => Effect::Flushdb,
        "SWAPDB" => Effect::Swapdb,
        "DEL" | "UNLINK" => Effect::Delete,
        "RENAME" => Effect::Rename,
        "COPY" => Effect::MayReplace(2),
        "RESTORE" => Effect::MayReplace(1),
        "EXPIREAT" => Effect::ExpireAt,
        "PEXPIREAT" => Effect::PexpireAt,
        "SET" => Effect::MayExpire(3),
        "GETEX" => Effect::MayExpire(2),
        "PERSIST" => Effect::Persist,
        _ => Effect::Nothing,
    };
    Sort { family: family.unwrap_or_default(), keys, effect }
}

/// What a command of this name destroys, whatever its arguments: FLUSHALL, FLUSHDB, SWAPDB, in whatever case.
pub fn destructive_kind(name: &[u8]) -> Option<DestructiveKind> {
    let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
    match name.len() {
        8 if is("FLUSHALL") => Some(DestructiveKind::Flushall),
        7 if is("FLUSHDB") => Some(DestructiveKind::Flushdb),
        6 if is("SWAPDB") => Some(DestructiveKind::Swapdb),
        _ => None,
    }
}

/// How many names of keys there are, as far as they are at hand.
pub(super) fn key_count(command: &Command<'_>, keys: Keys) -> u64 {
    match keys {
        Keys::None => 0,
        Keys::First => command.argc.saturating_sub(1).min(1),
        Keys::Spec(spec) => spec.keys(command).count() as u64,
    }
}

/// Hands out the names of keys, as far as they are at hand.
#[inline]
pub(super) fn each_key<'a>(command: &Command<'a>, keys: Keys, each: impl FnMut(Argument<'a>)) {
    match keys {
        Keys::None => {}
        Keys::First => command.argument(1).into_iter().for_each(each),
        Keys::Spec(_) if command.argc == 2 => command.argument(1).into_iter().for_each(each),
        Keys::Spec(spec) => spec.keys(command).for_each(each),
    }
}

/// A number an argument spells.
#[inline]
pub(super) fn number<N: core::str::FromStr + TryFrom<u64>>(argument: Option<Argument<'_>>) -> Option<N> {
    let digits = argument?.bytes;
    // Most are nothing but digits, and not too many to overflow.
    if (1..=19).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit) {
        let value = digits.iter().fold(0_u64, |value, digit| value * 10 + u64::from(digit - b'0'));
        return N::try_from(value).ok();
    }
    argument.and_then(|argument| core::str::from_utf8(argument.bytes).ok()?.parse().ok())
}

/// What a command does to the expiry of its first key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NewExpiry {
    /// Nothing, or something that cannot be told.
    Unknown,
    /// It has none any more.
    Never,
    /// Unix milliseconds.
    At(i64),
}

impl NewExpiry {
    fn at(ms: Option<i64>) -> Self {
        ms.map_or(Self::Unknown, Self::At)
    }
}

/// What a command with this effect does to the expiry of its key.
pub(super) fn new_expiry(command: &Command<'_>, effect: Effect) -> NewExpiry {
    let in_ms = |seconds: Option<i64>| NewExpiry::at(seconds.and_then(|s| s.checked_mul(1_000)));
    match effect {
        Effect::Persist => NewExpiry::Never,
        Effect::ExpireAt => in_ms(number(command.argument(2))),
        Effect::PexpireAt => NewExpiry::at(number(command.argument(2))),
        Effect::MayExpire(from) => {
            // Without a word about it SET takes an expiry away; GETEX leaves it.
            let mut found = if from == 3 { NewExpiry::Never } else { NewExpiry::Unknown };
            if command.argc <= from as u64 {
                return found;
            }
            let mut arguments = command.arguments().skip(from);
            while let Some(argument) = arguments.next() {
                let is = |word: &[u8]| argument.bytes.eq_ignore_ascii_case(word);
                if is(b"PXAT") {
                    found = NewExpiry::at(number(arguments.next()));
                } else if is(b"EXAT") {
                    found = in_ms(number(arguments.next()));
                } else if is(b"PERSIST") {
                    found = NewExpiry::Never;
                } else if is(b"KEEPTTL") || is(b"EX") || is(b"PX") {
                    // From when on is not known.
                    found = NewExpiry::Unknown;
                }
            }
            found
        }
        _ => NewExpiry::Unknown,
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
    }

    #[test]
    fn keys_stand_where_the_table_says() {
        assert!(matches!(sort_of("MSET").keys, Keys::Spec(_)));
        for (name, keys) in [
            ("SET", Keys::First),
            ("HSET", Keys::First),
            ("SELECT", Keys::None),
            ("EXEC", Keys::None),
            ("NEW.COMMAND", Keys::First),
        ] {
            assert_eq!(sort_of(name).keys, keys, "{name}");
        }
        // Whatever is read by the short way has no keys that this would miss.
        for spec in commands::all().iter().filter(|spec| sort_of(spec.name()).keys == Keys::First) {
            let text = format!("{} 1 2 k STORE d STOREDIST d KEYS k", spec.name());
            let mut found = 0;
            super::super::tests::each_command(&[&text], |command| found = spec.keys(command).count());
            assert_eq!(found, 1, "{}", spec.name());
        }
    }
}
