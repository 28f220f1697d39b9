//! Sets, and hashes as sets of fields: which members they have while that is known, else how many.

use snaptape_aof::Argument;

use super::{
    access::charge,
    extent::Extent,
    members::{Few, Members},
    state::{Cell, State, Value},
    table::Kind,
    words::{Words, hash_of, is},
};

/// Members that go or come, and what a server that writes down only what changed something tells of how many.
#[derive(Debug, Clone, Copy)]
pub(super) struct Batch<'a> {
    pub(super) members: &'a [Argument<'a>],
    /// One in so many arguments is a member: of a hash every second.
    pub(super) step: usize,
    /// With those that were not held.
    pub(super) n: u64,
    pub(super) whole: bool,
}

impl<'a> Batch<'a> {
    /// The arguments of a command from `index` on.
    pub(super) fn new(words: &Words<'a>, index: usize, step: usize) -> Self {
        Self::of(words.from(index), step, words.behind(index as u64) / step as u64)
    }

    pub(super) fn of(members: &'a [Argument<'a>], step: usize, n: u64) -> Self {
        let here = members.len().div_ceil(step) as u64;
        let whole = here >= n && members.iter().step_by(step).all(Argument::is_whole);
        Self { members, step, n, whole }
    }

    pub(super) fn hashes(&self) -> impl Iterator<Item = u64> {
        self.members.iter().step_by(self.step).map(|member| hash_of(0, member))
    }

    /// At least so many of them are different.
    pub(super) fn least(&self) -> u64 {
        if self.n == 1 {
            return 1;
        }
        // Worth a look only where it is cheap.
        if self.members.len() > 64 * self.step {
            return self.n.min(1);
        }
        let mut all: Vec<u64> = self.hashes().collect();
        all.sort_unstable();
        all.dedup();
        all.len() as u64
    }
}

impl State {
    /// Adds members; true if that changed nothing. `news` says that at least one of them was not there before.
    pub(super) fn add(&mut self, cell: &mut Cell, batch: Batch<'_>, news: bool) -> bool {
        if let (Value::Members(at), true) = (cell.value, batch.whole) {
            let added = self.pool.change(at, |members| {
                let Members::Set(set) = members else { return None };
                Some(batch.hashes().filter(|member| set.insert(*member, ()).is_none()).count())
            });
            if let Some(added) = added.flatten() {
                return added == 0;
            }
        }
        let extent = self.blur(cell);
        let least = u64::from(news);
        cell.value = Value::Extent(extent.plus(least, batch.n).at_least(batch.least()));
        if news && batch.n == 1 {
            cell.value = Value::Extent(extent.plus(1, 1));
        }
        false
    }

    /// Removes members; true if none was there.
    pub(super) fn subtract(&mut self, cell: &mut Cell, batch: Batch<'_>) -> bool {
        if let (Value::Members(at), true) = (cell.value, batch.whole) {
            let removed = self.pool.change(at, |members| match members {
                Members::Set(set) => {
                    Some(batch.hashes().filter(|member| set.remove(*member).is_some()).count())
                }
                Members::Zset(zset) => {
                    Some(batch.hashes().filter(|member| zset.remove(*member).is_some()).count())
                }
                Members::List(_) => None,
            });
            if let Some(removed) = removed.flatten() {
                return removed == 0;
            }
        }
        // It was written down, so it removed something.
        cell.value = Value::Extent(self.blur(cell).minus(1, batch.n));
        false
    }

    /// SADD k m...
    pub(super) fn sadd(&mut self, words: &Words<'_>) {
        let mut idle = false;
        self.write(words, 1, Kind::Set, |state, cell| {
            idle = state.add(cell, Batch::new(words, 2, 1), true);
        });
        self.note_idle(words, idle);
    }

    fn note_idle(&mut self, words: &Words<'_>, idle: bool) {
        if let (true, Some(name)) = (idle, words.get(1)) {
            self.facts.no_effect(words, self.db, name);
        }
    }

    /// SREM, HDEL, ZREM k m...
    pub(super) fn remove_members(&mut self, words: &Words<'_>, kind: Kind) {
        let mut idle = false;
        self.edit(words, 1, kind, |state, cell| {
            idle = state.subtract(cell, Batch::new(words, 2, 1));
        });
        self.note_idle(words, idle);
    }

    /// SPOP k [n]: which ones it took is not known.
    pub(super) fn spop(&mut self, words: &Words<'_>) {
        let n = words.get(2).map_or(1, |_| words.int(2).and_then(|n| u64::try_from(n).ok()).unwrap_or(0));
        self.edit(words, 1, Kind::Set, |state, cell| {
            cell.value = Value::Extent(state.blur(cell).minus(n, n));
        });
    }

    /// SMOVE a b m.
    pub(super) fn smove(&mut self, words: &Words<'_>) {
        let (Some(from), Some(to), Some(member)) = (words.get(1), words.get(2), words.get(3)) else { return };
        let batch = Batch::of(core::slice::from_ref(member), 1, 1);
        let target = self.open(to);
        if let Some(mut cell) = self.open(from) {
            if !self.need(&mut cell, Some(Kind::Set), words, from) {
                self.close(cell);
                return;
            }
            if target.as_ref().is_some_and(|target| target.is_same(&cell)) {
                self.close(cell);
                return;
            }
            if let Some(target) = &target
                && target.is_certain()
                && !matches!(target.kind, Kind::Set | Kind::Unknown)
            {
                self.facts.wrong_type(words, self.db, to);
                self.close(cell);
                return;
            }
            let idle = self.subtract(&mut cell, batch);
            charge(&mut cell, words, 2);
            self.close(cell);
            if idle {
                self.facts.no_effect(words, self.db, from);
                return;
            }
        }
        let Some(mut cell) = target else { return };
        if self.want(&mut cell, Kind::Set, words, to) {
            self.add(&mut cell, batch, false);
            charge(&mut cell, words, 2);
        }
        self.close(cell);
    }

    /// HSET, HMSET k f v...
    pub(super) fn hset(&mut self, words: &Words<'_>) {
        self.write(words, 1, Kind::Hash, |state, cell| {
            state.add(cell, Batch::new(words, 2, 2), false);
        });
    }

    /// HSETNX k f v.
    pub(super) fn hsetnx(&mut self, words: &Words<'_>) {
        let mut idle = false;
        self.write(words, 1, Kind::Hash, |state, cell| {
            idle = state.add(cell, Batch::new(words, 2, 2), true);
        });
        self.note_idle(words, idle);
    }

    /// HINCRBY, HINCRBYFLOAT k f n.
    pub(super) fn hincrby(&mut self, words: &Words<'_>) {
        self.write(words, 1, Kind::Hash, |state, cell| {
            state.add(cell, Batch::of(words.all.get(2..3).unwrap_or_default(), 1, 1), false);
        });
    }

    /// HSETEX k [FNX|FXX] [time] FIELDS n f v...
    pub(super) fn hsetex(&mut self, words: &Words<'_>) {
        let Some(at) = words.from(2).iter().position(|word| is(word, b"FIELDS")) else { return };
        let first = at + 4;
        let batch = Batch::new(words, first, 2);
        let options = words.all.get(2..2 + at).unwrap_or_default();
        let has = |option: &[u8]| options.iter().any(|word| is(word, option));
        if has(b"FXX") {
            let mut idle = false;
            self.edit(words, 1, Kind::Hash, |state, cell| {
                idle = state.missing(cell, batch).is_some_and(|missing| missing > 0);
            });
            self.note_idle(words, idle);
            return;
        }
        if has(b"FNX") {
            let Some(name) = words.get(1) else { return };
            let Some(cell) = self.open(name) else { return };
            if !cell.is_absent() && self.missing(&cell, batch).is_some_and(|missing| missing < batch.n) {
                self.facts.no_effect(words, self.db, name);
                return;
            }
        }
        self.hset_from(words, batch, has(b"FNX"));
    }

    fn hset_from(&mut self, words: &Words<'_>, batch: Batch<'_>, news: bool) {
        self.write(words, 1, Kind::Hash, |state, cell| {
            let extent = state.extent(cell);
            state.add(cell, batch, news);
            if let (true, Value::Extent(_)) = (news, cell.value) {
                // All of them were missing.
                cell.value = Value::Extent(extent.plus(batch.least(), batch.n));
            }
        });
    }

    /// How many of these are no members, where that is known.
    fn missing(&self, cell: &Cell, batch: Batch<'_>) -> Option<u64> {
        let Members::Set(set) = self.members(cell)? else { return None };
        batch.whole.then(|| batch.hashes().filter(|member| set.get(*member).is_none()).count() as u64)
    }

    /// HDEL by another name: HGETDEL k FIELDS n f...
    pub(super) fn hgetdel(&mut self, words: &Words<'_>) {
        let mut idle = false;
        self.edit(words, 1, Kind::Hash, |state, cell| {
            idle = state.subtract(cell, Batch::new(words, 4, 1));
        });
        self.note_idle(words, idle);
    }

    /// HPEXPIREAT and others that leave the fields as they are.
    pub(super) fn touch(&mut self, words: &Words<'_>, kind: Kind) {
        self.edit(words, 1, kind, |_, _| {});
    }

    /// The members of a set or a sorted set as a set with unit scores, where they are known and the walk over them is paid for. The
    /// extent otherwise.
    pub(super) fn scored(&mut self, cell: &Cell) -> Result<Few<f64>, Extent> {
        let extent = if cell.is_absent() { Extent::NONE } else { self.extent(cell) };
        if cell.is_absent() {
            return Ok(Few::new());
        }
        let n = self.members(cell).map_or(usize::MAX, Members::len);
        if n > super::stores::MAX_MEMBERS || !self.afford(2 * n) {
            return Err(extent);
        }
        match self.members(cell) {
            Some(Members::Set(set)) => Ok(set.iter().map(|(member, ())| (member, 1.0)).collect()),
            Some(Members::Zset(zset)) => Ok(zset.clone()),
            _ => Err(extent),
        }
    }
}
