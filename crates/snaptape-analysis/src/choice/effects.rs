//! What a command does to the keys it names: as far as it matters when it meets keys that were not there when it was written.
//!
//! This is about the forms commands have on a tape (`docs/formats.md`): a server rewrites many of them before it writes them down.

use std::sync::LazyLock;

use snaptape_aof::{Command, commands};

/// The type a command needs its key to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// Not told by the command, or of a module.
    Unknown = 1,
    String,
    List,
    Set,
    Zset,
    Hash,
    Stream,
}

/// What happens to a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It has this value now, whatever it had before.
    Overwrites(Kind),
    /// It is gone.
    Deletes,
    /// Its value goes on from the one it has.
    Builds(Kind),
    /// It gets a value if it has none: else nothing happens.
    Creates(Kind),
    /// Only looked at, or something about it that is no value.
    Touches,
}

/// Where in a command keys stand.
#[derive(Debug, Clone, Copy)]
enum Keys {
    /// The first argument.
    First,
    /// All arguments.
    All,
    /// Every second one: key, value, key, value.
    Pairs,
    /// The second argument, as in BITOP.
    Second,
}

/// What is to be done to find out what a command does: by its name alone.
#[derive(Debug, Clone, Copy)]
enum Rule {
    /// Nothing happens to keys.
    Nothing,
    /// This happens to these.
    Plain(Keys, Effect),
    /// SET: its options decide.
    Set,
    /// RESTORE: whether it replaces decides.
    Restore,
    /// The first argument is a key, and the second.
    Both(Effect, Effect),
    /// COPY: the same, where whether it replaces decides.
    Copy,
    /// The table of commands tells.
    Others,
    /// A name longer than any in the list.
    Unknown,
}

/// By row of the table of commands: comparing a name with all those below takes longer than what follows.
static BY_ROW: LazyLock<Vec<Rule>> =
    LazyLock::new(|| commands::all().iter().map(|spec| rule(spec.name().as_bytes())).collect());

/// What a command of that name does.
fn rule(name: &[u8]) -> Rule {
    use Effect::{Builds, Creates, Deletes, Overwrites, Touches};
    use Kind::{Hash, List, Set, Stream, String, Unknown, Zset};
    let mut buffer = [0; 20];
    let Some(name) = upper(name, &mut buffer) else { return Rule::Unknown };
    let (keys, effect) = match name {
        b"SELECT" | b"MULTI" | b"EXEC" | b"DISCARD" | b"FLUSHALL" | b"FLUSHDB" | b"SWAPDB" | b"FUNCTION"
        | b"SCRIPT" | b"PUBLISH" | b"SPUBLISH" | b"PING" => return Rule::Nothing,
        b"SET" => return Rule::Set,
        b"SETEX" | b"PSETEX" | b"GETSET" => (Keys::First, Overwrites(String)),
        b"MSET" => (Keys::Pairs, Overwrites(String)),
        b"SETNX" => (Keys::First, Creates(String)),
        b"MSETNX" => (Keys::Pairs, Creates(String)),
        b"DEL" | b"UNLINK" => (Keys::All, Deletes),
        b"GETDEL" => (Keys::First, Deletes),
        b"PEXPIREAT" | b"EXPIREAT" | b"PEXPIRE" | b"EXPIRE" | b"PERSIST" | b"TOUCH" => (Keys::First, Touches),
        b"APPEND" | b"INCR" | b"DECR" | b"INCRBY" | b"DECRBY" | b"INCRBYFLOAT" | b"SETRANGE" | b"SETBIT"
        | b"BITFIELD" | b"PFADD" | b"PFMERGE" | b"PFCOUNT" => (Keys::First, Builds(String)),
        b"BITOP" => (Keys::Second, Overwrites(String)),
        b"RPUSH" | b"LPUSH" | b"RPUSHX" | b"LPUSHX" | b"LPOP" | b"RPOP" | b"LINSERT" | b"LSET" | b"LREM"
        | b"LTRIM" => (Keys::First, Builds(List)),
        b"SADD" | b"SREM" | b"SPOP" => (Keys::First, Builds(Set)),
        b"SINTERSTORE" | b"SUNIONSTORE" | b"SDIFFSTORE" => (Keys::First, Overwrites(Set)),
        b"ZADD" | b"ZINCRBY" | b"ZREM" | b"ZREMRANGEBYSCORE" | b"ZREMRANGEBYRANK" | b"ZREMRANGEBYLEX"
        | b"ZPOPMIN" | b"ZPOPMAX" | b"GEOADD" => (Keys::First, Builds(Zset)),
        b"ZUNIONSTORE" | b"ZINTERSTORE" | b"ZDIFFSTORE" | b"ZRANGESTORE" | b"GEOSEARCHSTORE" => {
            (Keys::First, Overwrites(Zset))
        }
        b"HSET" | b"HMSET" | b"HSETNX" | b"HDEL" | b"HINCRBY" | b"HINCRBYFLOAT" | b"HSETEX"
        | b"HPEXPIREAT" | b"HPERSIST" => (Keys::First, Builds(Hash)),
        b"XADD" | b"XDEL" | b"XTRIM" | b"XSETID" | b"XCLAIM" | b"XACK" | b"XACKDEL" | b"XDELEX"
        | b"XNACK" | b"XCFGSET" | b"XIDMPRECORD" => (Keys::First, Builds(Stream)),
        b"XGROUP" => (Keys::Second, Builds(Stream)),
        b"RESTORE" | b"RESTORE-ASKING" => return Rule::Restore,
        b"RENAME" => return Rule::Both(Deletes, Overwrites(Unknown)),
        b"RENAMENX" => return Rule::Both(Deletes, Creates(Unknown)),
        b"COPY" => return Rule::Copy,
        b"SMOVE" => return Rule::Both(Builds(Set), Builds(Set)),
        b"LMOVE" | b"RPOPLPUSH" => return Rule::Both(Builds(List), Builds(List)),
        b"MOVE" => (Keys::First, Deletes),
        _ => return Rule::Others,
    };
    Rule::Plain(keys, effect)
}

/// Calls `each` with every key a command changes and what becomes of it. False for a command whose keys are not known: scripts, and
/// what the table of commands does not know.
pub(super) fn effects(command: &Command<'_>, mut each: impl FnMut(&[u8], u64, Effect)) -> bool {
    use Effect::{Builds, Creates, Overwrites, Touches};
    // Options stand behind the value, the payload or the second key.
    let option = |words: &[&str]| {
        let is = |bytes: &[u8]| words.iter().any(|word| bytes.eq_ignore_ascii_case(word.as_bytes()));
        command.arguments().skip(3).any(|argument| argument.is_whole() && is(argument.bytes))
    };
    let known = command.spec.and_then(|spec| BY_ROW.get(spec.row()).copied());
    let (keys, effect) = match known.unwrap_or_else(|| rule(command.name())) {
        Rule::Nothing => return true,
        Rule::Unknown => return false,
        Rule::Others => return others(command, &mut each),
        Rule::Plain(keys, effect) => (keys, effect),
        // The value is new, but what else the command says depends on the old one.
        Rule::Set if command.argc > 3 && option(&["KEEPTTL"]) => (Keys::First, Builds(Kind::String)),
        Rule::Set if command.argc > 3 && option(&["NX", "XX", "IFEQ", "IFNE", "IFDEQ", "IFDNE"]) => {
            (Keys::First, Creates(Kind::String))
        }
        Rule::Set => (Keys::First, Overwrites(Kind::String)),
        Rule::Restore if option(&["REPLACE"]) => (Keys::First, Overwrites(Kind::Unknown)),
        Rule::Restore => (Keys::First, Creates(Kind::Unknown)),
        Rule::Both(first, second) => {
            both(command, first, second, &mut each);
            return true;
        }
        Rule::Copy => {
            let target =
                if option(&["REPLACE"]) { Overwrites(Kind::Unknown) } else { Creates(Kind::Unknown) };
            both(command, Touches, target, &mut each);
            return true;
        }
    };
    let arguments = command.arguments().skip(1);
    match keys {
        Keys::First => {
            command.argument(1).into_iter().for_each(|key| each(key.bytes, key.len_bytes, effect));
        }
        Keys::Second => arguments.skip(1).take(1).for_each(|key| each(key.bytes, key.len_bytes, effect)),
        Keys::All => arguments.for_each(|key| each(key.bytes, key.len_bytes, effect)),
        Keys::Pairs => arguments.step_by(2).for_each(|key| each(key.bytes, key.len_bytes, effect)),
    }
    true
}

/// A command that is not told apart here: it goes on from what its keys hold, or it only reads.
fn others(command: &Command<'_>, each: &mut impl FnMut(&[u8], u64, Effect)) -> bool {
    let Some(spec) = command.spec else { return false };
    match spec.effect() {
        commands::Effect::Read | commands::Effect::Neither => true,
        commands::Effect::Runs => false,
        commands::Effect::Write => {
            let mut any = false;
            for key in spec.keys(command) {
                any = true;
                each(key.bytes, key.len_bytes, Effect::Builds(Kind::Unknown));
            }
            any
        }
    }
}

/// A command over two keys.
fn both(command: &Command<'_>, first: Effect, second: Effect, each: &mut impl FnMut(&[u8], u64, Effect)) {
    for (index, effect) in [(1, first), (2, second)] {
        if let Some(key) = command.argument(index) {
            each(key.bytes, key.len_bytes, effect);
        }
    }
}

/// The name in upper case; nothing for one longer than any in the list.
fn upper<'a>(name: &[u8], buffer: &'a mut [u8; 20]) -> Option<&'a [u8]> {
    let upper = buffer.get_mut(..name.len())?;
    upper.copy_from_slice(name);
    upper.make_ascii_uppercase();
    Some(upper)
}
