//! Databases: which keyspace each number stands for, and how many keys are in it.

use std::collections::BTreeMap;

use super::table::{CERTAIN, DOUBT_SHIFT, EXPIRES, Entry, MAY_EXPIRE};

/// Doubts beyond this many are one: everything in that keyspace stays in doubt until it is emptied.
pub(super) const MAX_DOUBT: u8 = 15;
/// Keyspaces that are told apart; servers have 16 databases unless told otherwise.
const MAX_SPACES: usize = u16::MAX as usize;

/// Sums over the keys of a keyspace that are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Keys that are there.
    pub(super) certain: u64,
    /// Keys that may be.
    pub(super) perhaps: u64,
    /// Those of either that have an expiry for certain, and are there for certain.
    pub(super) expires: u64,
    /// Those that may have one.
    pub(super) may_expire: u64,
    pub(super) bytes: u64,
    pub(super) commands: u64,
}

impl Counts {
    pub(super) fn add(&mut self, entry: &Entry, doubt: u8) {
        let certain = is_certain(entry, doubt);
        let expires = entry.flags & EXPIRES != 0;
        self.certain += u64::from(certain);
        self.perhaps += u64::from(!certain);
        self.expires += u64::from(certain && expires);
        self.may_expire += u64::from(!(certain && expires) && (expires || entry.flags & MAY_EXPIRE != 0));
        self.bytes += entry.bytes;
        self.commands += u64::from(entry.commands);
    }

    pub(super) fn subtract(&mut self, entry: &Entry, doubt: u8) {
        let mut one = Self::default();
        one.add(entry, doubt);
        self.certain = self.certain.saturating_sub(one.certain);
        self.perhaps = self.perhaps.saturating_sub(one.perhaps);
        self.expires = self.expires.saturating_sub(one.expires);
        self.may_expire = self.may_expire.saturating_sub(one.may_expire);
        self.bytes = self.bytes.saturating_sub(one.bytes);
        self.commands = self.commands.saturating_sub(one.commands);
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.certain += other.certain;
        self.perhaps += other.perhaps;
        self.expires += other.expires;
        self.may_expire += other.may_expire;
        self.bytes += other.bytes;
        self.commands += other.commands;
    }
}

/// Is the key there for certain, where its keyspace is in this doubt?
pub(super) fn is_certain(entry: &Entry, doubt: u8) -> bool {
    entry.flags & CERTAIN != 0 && entry.flags >> DOUBT_SHIFT == doubt && doubt < MAX_DOUBT
}

/// A keyspace: what a database number stands for until it is flushed.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Space {
    /// Keys of different keyspaces have different hashes.
    pub(super) seed: u64,
    pub(super) live: bool,
    pub(super) counts: Counts,
    /// What was written in another doubt is not certain any more.
    pub(super) doubt: u8,
    /// May there be keys nobody saw?
    pub(super) open: bool,
    /// Were there keys with names too long to tell apart?
    pub(super) blurred: bool,
}

/// All of them.
#[derive(Debug, Clone)]
pub(super) struct Spaces {
    all: Vec<Space>,
    by_number: BTreeMap<u64, u16>,
    free: Vec<u16>,
    /// How many were emptied and not collected.
    dead: usize,
    next_seed: u64,
    /// Is a database nobody has seen so far open?
    pub(super) open: bool,
}

impl Spaces {
    pub(super) fn new() -> Self {
        Self {
            all: Vec::new(),
            by_number: BTreeMap::new(),
            free: Vec::new(),
            dead: 0,
            next_seed: 0,
            open: false,
        }
    }

    pub(super) fn get(&self, space: u16) -> Option<&Space> {
        self.all.get(usize::from(space))
    }

    pub(super) fn get_mut(&mut self, space: u16) -> Option<&mut Space> {
        self.all.get_mut(usize::from(space))
    }

    pub(super) fn doubt(&self, space: u16) -> u8 {
        self.get(space).map_or(0, |space| space.doubt)
    }

    /// Is there no room for a keyspace more, but many that were emptied can be [collected](Self::collect)? That looks at every key, so
    /// it has to be worth it.
    pub(super) fn wants_collecting(&self) -> bool {
        self.free.is_empty() && self.all.len() >= MAX_SPACES && self.dead >= MAX_SPACES / 8
    }

    pub(super) fn known(&self, db: u64) -> Option<u16> {
        self.by_number.get(&db).copied()
    }

    /// The keyspace of a database.
    pub(super) fn of(&mut self, db: u64) -> u16 {
        if let Some(space) = self.by_number.get(&db) {
            return *space;
        }
        self.next_seed += 1;
        let mut space = Space { seed: self.next_seed, live: true, open: self.open, ..Space::default() };
        let at = if let Some(at) = self.free.pop() {
            at
        } else if self.all.len() < MAX_SPACES {
            let at = u16::try_from(self.all.len()).unwrap_or(u16::MAX);
            self.all.push(space);
            at
        } else {
            // No server has so many databases: what is beyond shares the first keyspace, which then knows nothing for certain.
            if let Some(first) = self.all.first_mut() {
                (first.blurred, first.open) = (true, true);
            }
            return 0;
        };
        if let Some(slot) = self.all.get_mut(usize::from(at)) {
            core::mem::swap(slot, &mut space);
        }
        self.by_number.insert(db, at);
        at
    }

    /// Empties a database. What was in it.
    pub(super) fn flush(&mut self, db: u64) -> Option<Space> {
        let at = self.by_number.remove(&db);
        let space = at.and_then(|at| self.all.get_mut(usize::from(at)));
        let was = space.map(|space| {
            space.live = false;
            *space
        });
        self.dead += usize::from(was.is_some());
        if self.open {
            let at = self.of(db);
            if let Some(space) = self.get_mut(at) {
                space.open = false;
            }
        }
        was
    }

    pub(super) fn flush_all(&mut self, mut each: impl FnMut(&Space)) {
        for at in core::mem::take(&mut self.by_number).into_values() {
            if let Some(space) = self.all.get_mut(usize::from(at)) {
                space.live = false;
                self.dead += 1;
                each(space);
            }
        }
        self.open = false;
    }

    pub(super) fn swap(&mut self, a: u64, b: u64) {
        let (at_a, at_b) = (self.of(a), self.of(b));
        self.by_number.insert(a, at_b);
        self.by_number.insert(b, at_a);
    }

    /// The databases and their keyspaces.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &Space)> {
        self.by_number.iter().filter_map(|(db, at)| Some((*db, self.get(*at)?)))
    }

    pub(super) fn count(&mut self, space: u16, change: impl FnOnce(&mut Counts, u8)) {
        if let Some(space) = self.all.get_mut(usize::from(space)) {
            change(&mut space.counts, space.doubt);
        }
    }

    /// Nothing in this database is certain any more; there may be other keys than those that were seen.
    pub(super) fn doubt_all(&mut self, space: u16, more_keys: bool) {
        let Some(space) = self.all.get_mut(usize::from(space)) else { return };
        space.doubt = (space.doubt + 1).min(MAX_DOUBT);
        let counts = &mut space.counts;
        counts.perhaps += core::mem::take(&mut counts.certain);
        counts.may_expire += core::mem::take(&mut counts.expires);
        space.open |= more_keys;
    }

    pub(super) fn doubt_everything(&mut self) {
        self.open = true;
        for at in self.by_number.values().copied().collect::<Vec<_>>() {
            self.doubt_all(at, true);
        }
    }

    /// What is known of each database is an estimate.
    pub(super) fn blur_all(&mut self) {
        for space in self.all.iter_mut().filter(|space| space.live) {
            space.blurred = true;
        }
    }

    /// Forgets the counts, to be counted again.
    pub(super) fn reset_counts(&mut self) {
        for space in &mut self.all {
            space.counts = Counts::default();
        }
    }

    /// Nothing is left of the keyspaces that were emptied: their places can be used again.
    pub(super) fn collect(&mut self) {
        self.dead = 0;
        let dead = self.all.iter().enumerate().filter(|(_, space)| !space.live);
        self.free = dead.filter_map(|(at, _)| u16::try_from(at).ok()).collect();
    }
}
