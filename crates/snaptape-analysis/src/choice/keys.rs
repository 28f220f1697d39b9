//! Which keys are there, and which would be there as well if something had not been taken out: as hashes, in bounded memory, and
//! without a walk over all of them however often a tape empties its databases.

use std::collections::BTreeMap;

use hashbrown::{HashMap, hash_map::Entry};
use rustc_hash::FxBuildHasher;
use snaptape_report::{KeyName, KeyRange, Plan};

use super::effects::{Effect, Kind};
use crate::snapshot::hash;

/// How many keys are remembered: some 15 MiB. What is beyond that is not counted, and the figures say "at least".
const MAX_KEYS: usize = 450_000;
/// How many databases are told apart.
const MAX_DATABASES: usize = 10_000;

/// A number of keys, and the names of some.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SomeKeys {
    /// How many different ones.
    pub keys: u64,
    /// Some of them, at most [`Plan::MAX_EXAMPLES`], in tape order.
    pub examples: Vec<KeyName>,
}

impl SomeKeys {
    fn add(&mut self, name: &[u8]) {
        self.keys += 1;
        if self.examples.len() < Plan::MAX_EXAMPLES {
            self.examples.push(KeyName::new(name));
        }
    }
}

/// What happens to keys from some point on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Aftermath {
    /// Keys that commands from the point on name.
    pub named: SomeKeys,
    /// Keys that the commands taken out name; a flush names none.
    pub taken: SomeKeys,
    /// Keys that are there again when what removed them is left out.
    pub back: KeyRange,
    /// Commands that go on from a value that was not there when they were written.
    pub building_commands: u64,
    /// The keys of those, and of the idle and the failing ones.
    pub building: SomeKeys,
    /// Commands that were written because a key was not there, and do nothing where it is.
    pub idle_commands: u64,
    /// Commands that fail because the key they name is of another type.
    pub failing_commands: u64,
    /// Commands whose keys are not known, or whose meaning is not: scripts, modules.
    pub unknown_commands: u64,
    /// There were more keys than are remembered: the figures are the least there is.
    pub at_least: bool,
}

/// What is remembered of a key.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// What it is, or was when a flush removed it. Nothing where a command deleted it.
    kind: Option<Kind>,
    /// How many flushes stood before the command that gave it a value.
    epoch: u32,
    /// The round in which its value came to differ from what it was when the tape was written.
    differs: u32,
    /// The round in which it was last named.
    named: u32,
}

#[derive(Debug, Clone, Default)]
struct Database {
    keys: HashMap<u64, Known, FxBuildHasher>,
    /// The last flush of it that stays: what is older is gone.
    gone: u32,
    /// The last one that is taken out: what is older is there again.
    back: u32,
    /// The round of `back`.
    round: u32,
    /// The last flush of all databases that `live` knows of.
    synced: u32,
    /// Keys that are there.
    live: u64,
    /// Keys that were there when a flush that is taken out removed them.
    ghosts: u64,
}

/// A key that was looked up.
struct Found<'a> {
    known: &'a mut Known,
    /// How many keys are there in its database.
    live: &'a mut u64,
    /// The flush that is taken out before which it was given its value, if it is there again.
    back: u32,
}

/// The keys of all databases.
#[derive(Debug, Clone, Default)]
pub(super) struct Keyspace {
    databases: BTreeMap<u64, Database>,
    /// Keys that are remembered.
    keys: usize,
    /// Keys that are there.
    live: u64,
    /// How many flushes there were.
    epoch: u32,
    round: u32,
    /// The last flush of all databases that stays, and the last one that is taken out.
    gone: u32,
    back: u32,
    /// Were keys left out?
    overflow: bool,
    /// How many must be left out before it is worth looking for ones that can be forgotten.
    patience: usize,
    pub(super) aftermath: Aftermath,
}

/// [`Aftermath`] at some moment, to go back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    numbers: [u64; 6],
    back: KeyRange,
    names: [usize; 2],
}

impl Aftermath {
    /// As it is now.
    pub(super) fn mark(&self) -> Mark {
        let (named, building) = (&self.named, &self.building);
        Mark {
            numbers: [
                named.keys,
                building.keys,
                self.building_commands,
                self.idle_commands,
                self.failing_commands,
                self.unknown_commands,
            ],
            back: self.back,
            names: [named.examples.len(), building.examples.len()],
        }
    }

    /// As it was.
    pub(super) fn rewind(&mut self, mark: Mark) {
        let [named, building, building_commands, idle_commands, failing_commands, unknown_commands] =
            mark.numbers;
        (self.named.keys, self.building.keys, self.back) = (named, building, mark.back);
        (self.building_commands, self.idle_commands) = (building_commands, idle_commands);
        (self.failing_commands, self.unknown_commands) = (failing_commands, unknown_commands);
        let [names, more_names] = mark.names;
        self.named.examples.truncate(names);
        self.building.examples.truncate(more_names);
    }
}

impl Database {
    /// Takes notice of what happened to all databases: the last flush that stays, the last one that is taken out, the round.
    fn sync(&mut self, gone: u32, back: u32, round: u32) {
        if self.round != round {
            (self.gone, self.round, self.ghosts) = (self.gone.max(self.back), round, 0);
        }
        if self.synced < back.max(gone) {
            self.ghosts = if back > gone { self.ghosts + self.live } else { 0 };
            (self.synced, self.live) = (back.max(gone), 0);
        }
    }
}

impl Keyspace {
    /// From here on it is counted what is named, and what meets keys that are there again.
    pub(super) fn begin_round(&mut self) {
        self.round = self.round.saturating_add(1);
        // What was taken out before stays now.
        self.gone = self.gone.max(self.back);
        self.aftermath = Aftermath { at_least: self.overflow, ..Aftermath::default() };
    }

    /// Keys in one database, or all, as far as they are remembered.
    fn live(&mut self, db: Option<u64>) -> u64 {
        match db {
            None => self.live,
            Some(db) => self.database(db).map_or(0, |database| database.live),
        }
    }

    /// The same as bounds. Collections that commands emptied one by one are among them.
    pub(super) fn at_hand(&mut self, db: Option<u64>) -> KeyRange {
        let keys = KeyRange::exactly(self.live(db));
        if self.overflow { KeyRange { max: None, ..keys } } else { keys }
    }

    /// Are keys there again, in one database, or any?
    pub(super) fn has_ghosts(&mut self, db: Option<u64>) -> bool {
        match db {
            None => !self.aftermath.back.is_none(),
            Some(db) => self.database(db).is_some_and(|database| database.ghosts > 0),
        }
    }

    fn database(&mut self, db: u64) -> Option<&mut Database> {
        let database = self.databases.get_mut(&db)?;
        database.sync(self.gone, self.back, self.round);
        Some(database)
    }

    /// One database is emptied, or all, of so many keys. With `taken_out` they are there again.
    pub(super) fn flush(&mut self, db: Option<u64>, removed: &KeyRange, taken_out: bool) {
        let live = self.live(db);
        self.epoch = self.epoch.saturating_add(1);
        self.live -= live.min(self.live);
        if taken_out {
            self.aftermath.back = self.aftermath.back.plus(removed);
        } else {
            // They can be forgotten.
            self.patience = self.patience.saturating_sub(usize::try_from(live).unwrap_or(usize::MAX));
        }
        let (gone, back) = match db {
            None => (&mut self.gone, &mut self.back),
            Some(db) => {
                let Some(database) = self.databases.get_mut(&db) else { return };
                database.live = 0;
                database.ghosts = if taken_out { database.ghosts + live } else { 0 };
                (&mut database.gone, &mut database.back)
            }
        };
        *(if taken_out { back } else { gone }) = self.epoch;
    }

    /// Two databases change places.
    pub(super) fn swap(&mut self, a: u64, b: u64) {
        if a == b {
            return;
        }
        let (keys_a, keys_b) = (self.databases.remove(&a), self.databases.remove(&b));
        self.databases.extend(keys_a.map(|keys| (b, keys)));
        self.databases.extend(keys_b.map(|keys| (a, keys)));
    }

    /// A key that is there, as a snapshot says.
    pub(super) fn is_there(&mut self, db: u64, name: &[u8], kind: Kind) {
        let front = name.get(..snaptape_aof::KEPT_BYTES).unwrap_or(name);
        self.change(db, front, name.len() as u64, Effect::Overwrites(kind), true);
    }

    /// A command does this to a key, of whose name the front is at hand.
    pub(super) fn command(&mut self, db: u64, name: &[u8], len_bytes: u64, effect: Effect) {
        self.change(db, name, len_bytes, effect, false);
    }

    /// A command that is taken out would have done this to a key: from here on its value may not be what it was.
    pub(super) fn taken_out(&mut self, db: u64, name: &[u8], len_bytes: u64, effect: Effect) {
        let (epoch, round) = (self.epoch, self.round);
        let Some(Found { known, .. }) = self.known(db, name, len_bytes) else { return };
        let first = known.differs != round;
        let was_there = known.kind.is_some();
        (known.differs, known.epoch) = (round, epoch);
        if first {
            self.aftermath.taken.add(name);
            let back = u64::from(was_there && effect == Effect::Deletes);
            self.aftermath.back = self.aftermath.back.plus(&KeyRange::exactly(back));
        }
    }

    fn change(&mut self, db: u64, name: &[u8], len_bytes: u64, effect: Effect, quiet: bool) {
        let (epoch, round) = (self.epoch, self.round);
        let Some(Found { known, live, back }) = self.known(db, name, len_bytes) else { return };
        let (first_named, before) = (known.named != round, *known);
        if !quiet {
            known.named = round;
        }
        let is_there = before.kind.is_some();
        let is_back = is_there && before.epoch < back;
        let differs = is_back || (before.differs == round && round > 0);
        let fits = |kind: Kind| {
            before.kind.is_none_or(|old| old == kind || old == Kind::Unknown || kind == Kind::Unknown)
        };
        let (mut building, mut idle, mut failing) = (false, false, false);
        match effect {
            Effect::Overwrites(kind) => (known.kind, known.differs) = (Some(kind), 0),
            Effect::Deletes => (known.kind, known.differs) = (None, 0),
            Effect::Builds(kind) | Effect::Creates(kind) if differs => {
                (idle, failing) = match effect {
                    Effect::Creates(_) => (is_there, false),
                    _ => (false, !fits(kind)),
                };
                building = !idle && !failing;
                known.kind = known.kind.or(Some(kind));
                known.differs = round;
            }
            Effect::Builds(kind) | Effect::Creates(kind) => known.kind = Some(kind),
            Effect::Touches => {}
        }
        if effect != Effect::Touches {
            known.epoch = epoch;
        }
        let lives_now = known.kind.is_some() && (effect != Effect::Touches || !is_back);
        let lived = is_there && !is_back;
        let count = |keys: u64| match (lived, lives_now) {
            (false, true) => keys + 1,
            (true, false) => keys.saturating_sub(1),
            _ => keys,
        };
        *live = count(*live);
        self.live = count(self.live);
        if !quiet && first_named && round > 0 {
            self.aftermath.named.add(name);
        }
        self.aftermath.building_commands += u64::from(building);
        self.aftermath.idle_commands += u64::from(idle);
        self.aftermath.failing_commands += u64::from(failing);
        if (building || idle || failing) && before.differs != round {
            self.aftermath.building.add(name);
        }
    }

    /// What is remembered of a key. What a flush that stays has removed is made nothing first.
    fn known(&mut self, db: u64, name: &[u8], len_bytes: u64) -> Option<Found<'_>> {
        if self.databases.len() >= MAX_DATABASES && !self.databases.contains_key(&db) {
            return self.no_room();
        }
        let hash = hash(len_bytes, name);
        if self.keys >= MAX_KEYS
            && self.databases.get(&db).is_none_or(|known| !known.keys.contains_key(&hash))
        {
            self.make_room();
            if self.keys >= MAX_KEYS {
                return self.no_room();
            }
        }
        let (gone, back, round) = (self.gone, self.back, self.round);
        let database = self.databases.entry(db).or_default();
        database.sync(gone, back, round);
        let gone = gone.max(database.gone);
        let back = if database.round == round { back.max(database.back) } else { back };
        let known = match database.keys.entry(hash) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(room) => {
                self.keys += 1;
                room.insert(Known::default())
            }
        };
        if known.epoch < gone {
            (known.kind, known.differs) = (None, 0);
        }
        Some(Found { known, live: &mut database.live, back })
    }

    fn no_room<T>(&mut self) -> Option<T> {
        (self.overflow, self.aftermath.at_least) = (true, true);
        self.patience = self.patience.saturating_sub(1);
        None
    }

    /// Forgets keys that are gone and have not been named since the round began.
    fn make_room(&mut self) {
        if self.patience > 0 {
            return;
        }
        let (all_gone, round) = (self.gone, self.round);
        let mut left = 0;
        for database in self.databases.values_mut() {
            let gone = all_gone.max(database.gone);
            database.keys.retain(|_, known| {
                (known.kind.is_some() && known.epoch >= gone) || (known.named == round && round > 0)
            });
            left += database.keys.len();
        }
        // A walk over all of them must pay.
        self.patience = if left > MAX_KEYS / 4 * 3 { MAX_KEYS } else { 0 };
        self.keys = left;
    }
}
