//! Which command does what.

use std::sync::LazyLock;

use snaptape_aof::commands;

use super::{state::State, stores::Combine, table::Kind, words::Words, zsets::End};

/// What a command does.
type Action = fn(&mut State, &Words<'_>);

/// What is known of a command by its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Does {
    pub(super) action: Action,
    /// Does a run of deletions go on behind it?
    pub(super) goes_on: bool,
}

/// By row of the table of commands: comparing a name with all those below takes longer than most of what they do.
static BY_ROW: LazyLock<Vec<Does>> =
    LazyLock::new(|| commands::all().iter().map(|spec| named(spec.name().as_bytes())).collect());

/// What this command does.
#[inline]
pub(super) fn does(words: &Words<'_>) -> Does {
    let known = words.spec.and_then(|spec| BY_ROW.get(spec.row()).copied());
    known.unwrap_or_else(|| named(Name::new(words.bytes(0)).get()))
}

/// The longest name of a command below.
const MAX_NAME: usize = 20;

/// A name in upper case.
pub(super) struct Name {
    bytes: [u8; MAX_NAME],
    len: usize,
}

impl Name {
    #[inline]
    pub(super) fn new(name: &[u8]) -> Self {
        let mut upper = Self { bytes: [0; MAX_NAME], len: name.len().min(MAX_NAME) };
        for (to, from) in upper.bytes.iter_mut().zip(name) {
            *to = from.to_ascii_uppercase();
        }
        upper
    }

    #[inline]
    pub(super) fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// What a command of that name does, in upper case.
fn named(name: &[u8]) -> Does {
    let goes_on = matches!(name, b"DEL" | b"UNLINK" | b"SELECT");
    Does { action: action(name), goes_on }
}

fn action(name: &[u8]) -> Action {
    match name {
        b"SET" => State::set_string,
        b"SETNX" => State::setnx,
        b"MSET" => |state, words| state.mset(words, false),
        b"MSETNX" => |state, words| state.mset(words, true),
        b"MSETEX" => State::msetex,
        b"SETEX" | b"PSETEX" => State::setex,
        b"GETSET" => State::getset,
        b"APPEND" => State::append,
        b"SETRANGE" => State::setrange,
        b"INCR" | b"DECR" | b"INCRBY" | b"DECRBY" => State::count_up,
        b"INCRBYFLOAT" => State::incrbyfloat,
        b"INCREX" => State::increx,
        b"SETBIT" | b"BITFIELD" => State::set_bits,
        b"BITOP" => State::bitop,
        b"PFADD" => State::pfadd,
        b"PFMERGE" => State::pfmerge,

        b"LPUSH" => |state, words| state.push(words, true, false),
        b"RPUSH" => |state, words| state.push(words, false, false),
        b"LPUSHX" => |state, words| state.push(words, true, true),
        b"RPUSHX" => |state, words| state.push(words, false, true),
        b"LPOP" => |state, words| state.pop(words, true),
        b"RPOP" => |state, words| state.pop(words, false),
        b"LMOVE" | b"RPOPLPUSH" | b"BLMOVE" | b"BRPOPLPUSH" => State::move_element,
        b"LINSERT" => State::insert,
        b"LSET" => State::set_element,
        b"LREM" => State::remove_elements,
        b"LTRIM" => State::trim,

        b"SADD" => State::sadd,
        b"SREM" => |state, words| state.remove_members(words, Kind::Set),
        b"SPOP" => State::spop,
        b"SMOVE" => State::smove,
        b"SUNIONSTORE" => |state, words| state.store_sets(words, Combine::Union),
        b"SINTERSTORE" => |state, words| state.store_sets(words, Combine::Inter),
        b"SDIFFSTORE" => |state, words| state.store_sets(words, Combine::Diff),

        b"ZADD" => State::zadd,
        b"ZINCRBY" => State::zincrby,
        b"ZREM" => |state, words| state.remove_members(words, Kind::Zset),
        b"ZPOPMIN" => |state, words| state.zpop(words, End::Min),
        b"ZPOPMAX" => |state, words| state.zpop(words, End::Max),
        b"ZREMRANGEBYRANK" => State::zremrangebyrank,
        b"ZREMRANGEBYSCORE" => State::zremrangebyscore,
        b"ZREMRANGEBYLEX" => State::zremrangebylex,
        b"ZUNIONSTORE" => |state, words| state.store_zsets(words, Combine::Union),
        b"ZINTERSTORE" => |state, words| state.store_zsets(words, Combine::Inter),
        b"ZDIFFSTORE" => |state, words| state.store_zsets(words, Combine::Diff),
        b"ZRANGESTORE" => State::zrangestore,
        b"GEOADD" => State::geoadd,
        b"GEORADIUS" | b"GEORADIUSBYMEMBER" => State::georadius,
        b"GEOSEARCHSTORE" => |state, words| state.store_near(words, 2, 1),

        b"HSET" | b"HMSET" => State::hset,
        b"HSETNX" => State::hsetnx,
        b"HINCRBY" | b"HINCRBYFLOAT" => State::hincrby,
        b"HSETEX" => State::hsetex,
        b"HDEL" => |state, words| state.remove_members(words, Kind::Hash),
        b"HGETDEL" => State::hgetdel,
        b"HPEXPIREAT" | b"HPEXPIRE" | b"HEXPIREAT" | b"HEXPIRE" | b"HPERSIST" | b"HGETEX" => {
            |state, words| state.touch(words, Kind::Hash)
        }

        b"XADD" => State::xadd,
        b"XGROUP" => State::xgroup,
        b"XDEL" | b"XTRIM" | b"XSETID" | b"XCLAIM" | b"XAUTOCLAIM" | b"XACK" | b"XACKDEL" | b"XDELEX"
        | b"XNACK" | b"XCFGSET" | b"XIDMPRECORD" => |state, words| state.touch(words, Kind::Stream),

        b"ARSET" | b"ARINSERT" => |state, words| state.array_put(words, words.behind(2)),
        b"ARMSET" => |state, words| state.array_put(words, words.behind(2) / 2),
        b"ARRING" => |state, words| state.array_put(words, words.behind(3)),
        b"ARDEL" => |state, words| state.array_remove(words, words.behind(2)),
        b"ARDELRANGE" => |state, words| state.array_remove(words, u64::MAX),
        b"ARSEEK" => |state, words| state.touch(words, Kind::Array),

        b"DEL" | b"UNLINK" => State::delete,
        b"GETDEL" | b"DELEX" => State::delete_one,
        b"EXPIRE" | b"PEXPIRE" | b"EXPIREAT" | b"PEXPIREAT" => State::expire,
        b"PERSIST" => State::persist,
        b"GETEX" => State::getex,
        b"RENAME" => |state, words| state.rename(words, false),
        b"RENAMENX" => |state, words| state.rename(words, true),
        b"MOVE" => State::move_key,
        b"COPY" => State::copy,
        b"RESTORE" | b"RESTORE-ASKING" => State::restore,
        b"SORT" => State::sort,
        b"SELECT" => State::select_word,
        b"FLUSHDB" => State::flushdb,
        b"FLUSHALL" => State::flushall,
        b"SWAPDB" => State::swapdb,
        b"SFLUSH" | b"TRIMSLOTS" => State::flush_slots,

        b"EVAL" => State::eval,
        b"EVALSHA" | b"FCALL" => State::doubt_named,
        _ => other_action(name),
    }
}

/// What changes no key, what modules write, and what nobody here knows.
fn other_action(name: &[u8]) -> Action {
    match name {
        b"MULTI" | b"EXEC" | b"DISCARD" | b"PUBLISH" | b"SPUBLISH" | b"SCRIPT" | b"FUNCTION" | b"PING"
        | b"PFCOUNT" | b"PFDEBUG" | b"REPLCONF" | b"CLUSTER" | b"CLIENT" | b"CONFIG" | b"WATCH"
        | b"UNWATCH" | b"OBJECT" | b"AUTH" | b"HELLO" | b"ASKING" | b"READONLY" | b"READWRITE"
        | b"SWAPDATA" | b"TOUCH" | b"SORT_RO" | b"GET" | b"MGET" | b"EXISTS" | b"TYPE" | b"TTL" | b"PTTL"
        | b"WAIT" => |_, _| {},
        b"VADD" | b"VSETATTR" | b"JSON.SET" | b"JSON.MSET" | b"JSON.MERGE" | b"BF.ADD" | b"BF.MADD"
        | b"BF.INSERT" | b"BF.RESERVE" | b"CF.ADD" | b"CF.ADDNX" | b"CF.INSERT" | b"CF.INSERTNX"
        | b"CF.RESERVE" | b"CMS.INITBYDIM" | b"CMS.INITBYPROB" | b"TOPK.RESERVE" | b"TDIGEST.CREATE"
        | b"TS.CREATE" | b"TS.ADD" => State::module_write,
        b"VREM" | b"JSON.DEL" | b"JSON.FORGET" => State::module_remove,
        _ => State::run_unknown,
    }
}
