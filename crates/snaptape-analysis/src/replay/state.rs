//! What is known of all keys at one moment.

use snaptape_aof::Argument;

use super::{
    extent::Extent,
    facts::Facts,
    members::{Few, Members, Pool},
    spaces::{MAX_DOUBT, Spaces, is_certain},
    table::{CERTAIN, DOUBT_SHIFT, EXPIRES, Entry, IN_POOL, Kind, MAY_EXPIRE, Table},
    words::hash_of,
};

/// Is a key there?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Absent,
    Perhaps,
    Certain,
}

/// Has it an expiry?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    No,
    Perhaps,
    Yes,
}

/// What is known of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// How many elements it has; how many bytes, if it is a string.
    Extent(Extent),
    /// Its members are in the pool, here.
    Members(u32),
}

/// A key that is being looked at.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    hash: u64,
    space: u16,
    old: Option<Entry>,
    pub(super) presence: Presence,
    pub(super) kind: Kind,
    pub(super) value: Value,
    pub(super) expiry: Expiry,
    pub(super) bytes: u64,
    pub(super) commands: u32,
}

impl Cell {
    pub(super) fn is_absent(&self) -> bool {
        self.presence == Presence::Absent
    }

    pub(super) fn is_certain(&self) -> bool {
        self.presence == Presence::Certain
    }

    /// Is it the same key?
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.hash == other.hash
    }
}

/// The keys, and what was found out about them.
#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) table: Table,
    pub(super) pool: Pool,
    pub(super) spaces: Spaces,
    pub(super) facts: Facts,
    /// The database selected.
    pub(super) db: u64,
    pub(super) space: u16,
    /// Steps over members that may still be made: every byte of a tape pays for some, so that no tape takes longer than its length
    /// allows.
    work: u64,
}

/// Steps at the start.
const WORK: u64 = 1 << 24;
/// Steps that each byte pays for.
const WORK_PER_BYTE: u64 = 4;
/// Most steps that are saved up.
const MAX_WORK: u64 = 1 << 28;

impl State {
    pub(super) fn new(max_keys: usize, max_member_bytes: usize) -> Self {
        let mut spaces = Spaces::new();
        let space = spaces.of(0);
        Self {
            table: Table::new(max_keys),
            pool: Pool::new(max_member_bytes),
            spaces,
            facts: Facts::default(),
            db: 0,
            space,
            work: WORK,
        }
    }

    pub(super) fn select(&mut self, db: u64) {
        self.db = db;
        self.space = self.space_of(db);
    }

    /// The keyspace of a database.
    pub(super) fn space_of(&mut self, db: u64) -> u16 {
        if self.spaces.wants_collecting() && self.spaces.known(db).is_none() {
            self.collect();
        }
        self.spaces.of(db)
    }

    /// A command so long is about to be executed.
    #[inline]
    pub(super) fn pay(&mut self, file_bytes: u64) {
        // Not while keys are open.
        if self.table.is_full() {
            self.make_room();
        }
        self.work = (self.work + file_bytes * WORK_PER_BYTE).min(MAX_WORK);
    }

    /// May so many members be walked?
    pub(super) fn afford(&mut self, steps: usize) -> bool {
        let left = self.work.checked_sub(steps as u64);
        self.work = left.unwrap_or(self.work);
        left.is_some()
    }

    /// A key of the database selected; `None` where it is not followed.
    #[inline]
    pub(super) fn open(&mut self, name: &Argument<'_>) -> Option<Cell> {
        self.open_in(self.space, name)
    }

    pub(super) fn open_in(&mut self, space: u16, name: &Argument<'_>) -> Option<Cell> {
        let keyspace = self.spaces.get_mut(space)?;
        keyspace.blurred |= !name.is_whole();
        let hash = hash_of(keyspace.seed, name);
        if !self.table.sample().has(hash) {
            return None;
        }
        let (doubt, open) = (keyspace.doubt, keyspace.open);
        let mut old = self.table.get(hash);
        if old.is_none() && self.table.is_crowded() {
            keyspace.blurred = true;
            return None;
        }
        // Something went over it that could have done anything.
        if let Some(entry) = old.as_mut().filter(|entry| entry.doubt() != doubt || doubt == MAX_DOUBT)
            && entry.flags & IN_POOL != 0
        {
            self.pool.take(entry.lo);
            entry.flags &= !IN_POOL;
            self.table.put(*entry);
        }
        let mut cell = Cell {
            hash,
            space,
            old,
            presence: if open { Presence::Perhaps } else { Presence::Absent },
            kind: Kind::Unknown,
            value: Value::Extent(Extent::ANY),
            expiry: if open { Expiry::Perhaps } else { Expiry::No },
            bytes: 0,
            commands: 0,
        };
        let Some(entry) = old else { return Some(cell) };
        (cell.bytes, cell.commands) = (entry.bytes, entry.commands);
        if entry.doubt() == doubt && doubt < MAX_DOUBT {
            cell.presence = if is_certain(&entry, doubt) { Presence::Certain } else { Presence::Perhaps };
            cell.kind = entry.kind;
            cell.value = if entry.flags & IN_POOL == 0 {
                Value::Extent(Extent { lo: entry.lo, hi: entry.hi })
            } else {
                Value::Members(entry.lo)
            };
            cell.expiry = match entry.flags & (EXPIRES | MAY_EXPIRE) {
                0 => Expiry::No,
                MAY_EXPIRE => Expiry::Perhaps,
                _ => Expiry::Yes,
            };
        } else {
            (cell.presence, cell.expiry) = (Presence::Perhaps, Expiry::Perhaps);
        }
        Some(cell)
    }

    /// Puts a key back as it is now.
    pub(super) fn close(&mut self, mut cell: Cell) {
        self.settle(&mut cell);
        let Cell { hash, space, old, presence, kind, value, expiry, bytes, commands } = cell;
        let doubt = self.spaces.doubt(space);
        if let Some(old) = old {
            self.spaces.count(space, |counts, doubt| counts.subtract(&old, doubt));
        }
        if presence == Presence::Absent {
            // The command that removed it.
            self.facts.void(bytes, u64::from(commands));
            if old.is_some() {
                self.table.remove(hash);
            }
            return;
        }
        let (lo, hi, in_pool) = match value {
            Value::Extent(extent) => (extent.lo, extent.hi, 0),
            Value::Members(at) => (at, 0, IN_POOL),
        };
        let flags = in_pool
            | if presence == Presence::Certain { CERTAIN } else { 0 }
            | match expiry {
                Expiry::No => 0,
                Expiry::Perhaps => MAY_EXPIRE,
                Expiry::Yes => EXPIRES,
            }
            | doubt << DOUBT_SHIFT;
        let entry = Entry { hash, bytes, lo, hi, commands, space, kind, flags };
        self.spaces.count(space, |counts, doubt| counts.add(&entry, doubt));
        self.table.put(entry);
    }

    /// A collection without elements is no key; one that may have none may be none.
    fn settle(&mut self, cell: &mut Cell) {
        if cell.is_absent() || !cell.kind.vanishes() {
            return;
        }
        if let Value::Members(at) = cell.value
            && self.pool.is_full()
        {
            let n = self.pool.take(at).map_or(0, |members| members.len());
            cell.value = Value::Extent(Extent::exactly(n as u64));
        }
        let extent = self.extent(cell);
        if extent.hi == 0 {
            self.erase(cell);
        } else {
            cell.presence = if extent.lo > 0 { Presence::Certain } else { Presence::Perhaps };
        }
    }

    /// How many elements a value has.
    pub(super) fn extent(&self, cell: &Cell) -> Extent {
        match cell.value {
            Value::Extent(extent) => extent,
            Value::Members(at) => {
                Extent::exactly(self.pool.get(at).map_or(0, |members| members.len() as u64))
            }
        }
    }

    /// Forgets the members, not how many they are.
    pub(super) fn blur(&mut self, cell: &mut Cell) -> Extent {
        let extent = self.extent(cell);
        if let Value::Members(at) = cell.value {
            self.pool.take(at);
            cell.value = Value::Extent(extent);
        }
        extent
    }

    /// The members, where they are known.
    pub(super) fn members(&self, cell: &Cell) -> Option<&Members> {
        match cell.value {
            Value::Members(at) if !cell.is_absent() => self.pool.get(at),
            _ => None,
        }
    }

    /// The key is not there any more, and all that was written to it is void.
    pub(super) fn erase(&mut self, cell: &mut Cell) {
        self.facts.void(cell.bytes, u64::from(cell.commands));
        self.blur(cell);
        cell.presence = Presence::Absent;
        cell.kind = Kind::Unknown;
        cell.value = Value::Extent(Extent::NONE);
        cell.expiry = Expiry::No;
        (cell.bytes, cell.commands) = (0, 0);
    }

    /// The key holds this from now on, whatever it held.
    pub(super) fn set(&mut self, cell: &mut Cell, kind: Kind, extent: Extent) {
        self.erase(cell);
        cell.presence = Presence::Certain;
        cell.kind = kind;
        cell.value = Value::Extent(extent);
    }

    /// The key holds these from now on, whatever it held; nothing if they are none.
    pub(super) fn set_members(&mut self, cell: &mut Cell, kind: Kind, members: Members) {
        let n = members.len();
        self.set(cell, kind, Extent::exactly(n as u64));
        if n > 0
            && let Some(at) = self.pool.put(members)
        {
            cell.value = Value::Members(at);
        }
    }

    /// Nothing is known of the key any more.
    pub(super) fn lose(&mut self, cell: &mut Cell) {
        self.blur(cell);
        cell.presence = Presence::Perhaps;
        cell.kind = Kind::Unknown;
        cell.value = Value::Extent(Extent::ANY);
        cell.expiry = Expiry::Perhaps;
    }

    /// An empty collection to be filled.
    pub(super) fn create(&mut self, cell: &mut Cell, kind: Kind) {
        let members = match kind {
            Kind::List => Some(Members::List(std::collections::VecDeque::new())),
            Kind::Set | Kind::Hash => Some(Members::Set(Few::new())),
            Kind::Zset => Some(Members::Zset(Few::new())),
            _ => None,
        };
        cell.presence = Presence::Certain;
        cell.kind = kind;
        cell.expiry = Expiry::No;
        cell.value = Value::Extent(Extent::NONE);
        if let Some(at) = members.and_then(|members| self.pool.put(members)) {
            cell.value = Value::Members(at);
        }
    }

    /// What was swept away is forgotten; then, if there are still too many, every second key is not followed any longer.
    #[cold]
    fn make_room(&mut self) {
        let before = self.table.len();
        self.collect();
        if self.table.len() > before - before / 8 {
            self.table.halve();
            self.collect();
        }
    }

    /// Drops what belongs to keyspaces that were emptied or is not in the sample, and counts anew.
    fn collect(&mut self) {
        let Self { table, pool, spaces, .. } = self;
        spaces.reset_counts();
        let sample = table.sample();
        table.retain(|entry| {
            let keep = sample.has(entry.hash) && spaces.get(entry.space).is_some_and(|space| space.live);
            if keep {
                spaces.count(entry.space, |counts, doubt| counts.add(entry, doubt));
            } else if entry.flags & IN_POOL != 0 {
                pool.take(entry.lo);
            }
            keep
        });
        spaces.collect();
    }
}
