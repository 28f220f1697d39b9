//! Which command does what.

use snaptape_aof::Argument;

use super::{
    script::{self, Word},
    state::State,
    stores::Combine,
    table::Kind,
    words::Words,
    zsets::End,
};

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

impl State {
    /// Executes a command.
    pub(super) fn run(&mut self, name: &[u8], words: &Words<'_>) {
        self.pay(words.file_bytes());
        match name {
            b"DEL" | b"UNLINK" | b"SELECT" => {}
            _ => self.facts.end_run(self.table.one_in()),
        }
        match name {
            b"SET" => self.set_string(words),
            b"SETNX" => self.setnx(words),
            b"MSET" => self.mset(words, false),
            b"MSETNX" => self.mset(words, true),
            b"MSETEX" => self.msetex(words),
            b"SETEX" | b"PSETEX" => self.setex(words),
            b"GETSET" => self.getset(words),
            b"APPEND" => self.append(words),
            b"SETRANGE" => self.setrange(words),
            b"INCR" | b"DECR" | b"INCRBY" | b"DECRBY" => self.count_up(words),
            b"INCRBYFLOAT" => self.incrbyfloat(words),
            b"INCREX" => self.increx(words),
            b"SETBIT" | b"BITFIELD" => self.set_bits(words),
            b"BITOP" => self.bitop(words),
            b"PFADD" => self.pfadd(words),
            b"PFMERGE" => self.pfmerge(words),

            b"LPUSH" => self.push(words, true, false),
            b"RPUSH" => self.push(words, false, false),
            b"LPUSHX" => self.push(words, true, true),
            b"RPUSHX" => self.push(words, false, true),
            b"LPOP" => self.pop(words, true),
            b"RPOP" => self.pop(words, false),
            b"LMOVE" | b"RPOPLPUSH" | b"BLMOVE" | b"BRPOPLPUSH" => self.move_element(words),
            b"LINSERT" => self.insert(words),
            b"LSET" => self.set_element(words),
            b"LREM" => self.remove_elements(words),
            b"LTRIM" => self.trim(words),

            b"SADD" => self.sadd(words),
            b"SREM" => self.remove_members(words, Kind::Set),
            b"SPOP" => self.spop(words),
            b"SMOVE" => self.smove(words),
            b"SUNIONSTORE" => self.store_sets(words, Combine::Union),
            b"SINTERSTORE" => self.store_sets(words, Combine::Inter),
            b"SDIFFSTORE" => self.store_sets(words, Combine::Diff),

            b"ZADD" => self.zadd(words),
            b"ZINCRBY" => self.zincrby(words),
            b"ZREM" => self.remove_members(words, Kind::Zset),
            b"ZPOPMIN" => self.zpop(words, End::Min),
            b"ZPOPMAX" => self.zpop(words, End::Max),
            b"ZREMRANGEBYRANK" => self.zremrangebyrank(words),
            b"ZREMRANGEBYSCORE" => self.zremrangebyscore(words),
            b"ZREMRANGEBYLEX" => self.zremrangebylex(words),
            b"ZUNIONSTORE" => self.store_zsets(words, Combine::Union),
            b"ZINTERSTORE" => self.store_zsets(words, Combine::Inter),
            b"ZDIFFSTORE" => self.store_zsets(words, Combine::Diff),
            b"ZRANGESTORE" => self.zrangestore(words),
            b"GEOADD" => self.geoadd(words),
            b"GEORADIUS" | b"GEORADIUSBYMEMBER" => self.georadius(words),
            b"GEOSEARCHSTORE" => self.store_near(words, 2, 1),

            b"HSET" | b"HMSET" => self.hset(words),
            b"HSETNX" => self.hsetnx(words),
            b"HINCRBY" | b"HINCRBYFLOAT" => self.hincrby(words),
            b"HSETEX" => self.hsetex(words),
            b"HDEL" => self.remove_members(words, Kind::Hash),
            b"HGETDEL" => self.hgetdel(words),
            b"HPEXPIREAT" | b"HPEXPIRE" | b"HEXPIREAT" | b"HEXPIRE" | b"HPERSIST" | b"HGETEX" => {
                self.touch(words, Kind::Hash);
            }

            b"XADD" => self.xadd(words),
            b"XGROUP" => self.xgroup(words),
            b"XDEL" | b"XTRIM" | b"XSETID" | b"XCLAIM" | b"XAUTOCLAIM" | b"XACK" | b"XACKDEL" | b"XDELEX"
            | b"XNACK" | b"XCFGSET" | b"XIDMPRECORD" => self.touch(words, Kind::Stream),

            b"ARSET" | b"ARINSERT" => self.array_put(words, words.behind(2)),
            b"ARMSET" => self.array_put(words, words.behind(2) / 2),
            b"ARRING" => self.array_put(words, words.behind(3)),
            b"ARDEL" => self.array_remove(words, words.behind(2)),
            b"ARDELRANGE" => self.array_remove(words, u64::MAX),
            b"ARSEEK" => self.touch(words, Kind::Array),

            b"DEL" | b"UNLINK" => self.delete(words),
            b"GETDEL" | b"DELEX" => self.delete_one(words),
            b"EXPIRE" | b"PEXPIRE" | b"EXPIREAT" | b"PEXPIREAT" => self.expire(words),
            b"PERSIST" => self.persist(words),
            b"GETEX" => self.getex(words),
            b"RENAME" => self.rename(words, false),
            b"RENAMENX" => self.rename(words, true),
            b"MOVE" => self.move_key(words),
            b"COPY" => self.copy(words),
            b"RESTORE" | b"RESTORE-ASKING" => self.restore(words),
            b"SORT" => self.sort(words),
            b"SELECT" => self.select_word(words),
            b"FLUSHDB" => self.flushdb(words),
            b"FLUSHALL" => self.flushall(words),
            b"SWAPDB" => self.swapdb(words),
            b"SFLUSH" | b"TRIMSLOTS" => self.flush_slots(words),

            b"EVAL" => self.eval(words),
            b"EVALSHA" | b"FCALL" => self.doubt_named(words),
            _ => self.run_other(name, words),
        }
    }

    /// What changes no key, what modules write, and what nobody here knows.
    fn run_other(&mut self, name: &[u8], words: &Words<'_>) {
        match name {
            b"MULTI" | b"EXEC" | b"DISCARD" | b"PUBLISH" | b"SPUBLISH" | b"SCRIPT" | b"FUNCTION"
            | b"PING" | b"PFCOUNT" | b"PFDEBUG" | b"REPLCONF" | b"CLUSTER" | b"CLIENT" | b"CONFIG"
            | b"WATCH" | b"UNWATCH" | b"OBJECT" | b"AUTH" | b"HELLO" | b"ASKING" | b"READONLY"
            | b"READWRITE" | b"SWAPDATA" | b"TOUCH" | b"SORT_RO" | b"GET" | b"MGET" | b"EXISTS" | b"TYPE"
            | b"TTL" | b"PTTL" | b"WAIT" => {}
            b"VADD" | b"VSETATTR" | b"JSON.SET" | b"JSON.MSET" | b"JSON.MERGE" | b"BF.ADD" | b"BF.MADD"
            | b"BF.INSERT" | b"BF.RESERVE" | b"CF.ADD" | b"CF.ADDNX" | b"CF.INSERT" | b"CF.INSERTNX"
            | b"CF.RESERVE" | b"CMS.INITBYDIM" | b"CMS.INITBYPROB" | b"TOPK.RESERVE" | b"TDIGEST.CREATE"
            | b"TS.CREATE" | b"TS.ADD" => self.module_write(words),
            b"VREM" | b"JSON.DEL" | b"JSON.FORGET" => self.module_remove(words),
            // Of an unknown command the first argument is a key more often than not.
            _ => {
                if let Some(name) = words.get(1) {
                    self.doubt_key(name);
                }
            }
        }
    }

    /// The keys a script names.
    fn named<'a>(words: &Words<'a>) -> Option<(&'a [Argument<'a>], &'a [Argument<'a>])> {
        words.from(3).split_at_checked(words.count(2)?)
    }

    /// EVAL script n k... v...
    fn eval(&mut self, words: &Words<'_>) {
        let calls =
            words.get(1).filter(|script| script.is_whole()).and_then(|text| script::calls(text.bytes));
        let (Some(calls), Some((keys, values))) = (calls, Self::named(words)) else {
            self.doubt_named(words);
            return;
        };
        let mut rows: Vec<Vec<Argument<'_>>> = Vec::new();
        for call in &calls {
            let row = call.iter().map(|word| match word {
                Word::Literal(bytes) => Some(super::words::argument(bytes)),
                Word::Key(at) => keys.get(*at).copied(),
                Word::Value(at) => values.get(*at).copied(),
            });
            let Some(row) = row.collect::<Option<Vec<_>>>() else {
                self.doubt_named(words);
                return;
            };
            rows.push(row);
        }
        let db = self.db;
        for row in &rows {
            let name = row.first().map_or(&[][..], |name| name.bytes);
            let name = Name::new(name);
            // The bytes are those of the script, once.
            let span = words.span.start..words.span.start;
            let call = Words { span, all: row, argc: row.len() as u64 };
            if !matches!(name.get(), b"EVAL" | b"EVALSHA" | b"FCALL" | b"MULTI" | b"EXEC") {
                self.run(name.get(), &call);
            }
        }
        // What a script selects ends with it.
        self.select(db);
    }

    /// A script nobody here can run, on the keys it names. One that names none may have changed anything.
    fn doubt_named(&mut self, words: &Words<'_>) {
        match Self::named(words) {
            Some((keys, _)) if !keys.is_empty() => {
                for key in keys {
                    self.doubt_key(key);
                }
            }
            _ => self.spaces.doubt_all(self.space, true),
        }
    }
}
