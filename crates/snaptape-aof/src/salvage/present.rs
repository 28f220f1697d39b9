//! Which keys, and which consumer groups of streams, a copy may hold at one place of a tape.
//!
//! Behind a hole some commands are certain to fail: those that need a key or a group that nothing kept has made. So only what makes
//! keys has to be followed closely; whatever is in doubt may be there. What cannot be followed (scripts, too many keys) ends it.

mod fails;
mod slots;

use alloc::{borrow::Cow, collections::BTreeMap, vec::Vec};

use self::slots::Slots;
use super::book::all_words;
use crate::{
    command::{Argument, Command},
    commands::{CommandSpec, Effect},
};

/// The most keys and groups that are followed, a power of two. They take 32 bytes each at most.
const MAX: usize = 1 << 17;
/// The most removals inside one transaction that can be taken back.
const MAX_UNDO: usize = 1 << 12;

/// A command as the ledger gets it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Words<'a> {
    pub(super) spec: Option<&'static CommandSpec>,
    pub(super) argc: u64,
    /// The first of its words, or all.
    pub(super) list: &'a [Argument<'a>],
    /// Where the others are to be had from.
    pub(super) raw: &'a [u8],
}

impl<'a> Words<'a> {
    /// A word among the first.
    fn word(&self, at: usize) -> Argument<'a> {
        self.list.get(at).copied().unwrap_or_default()
    }

    /// All of them, if they are to be had.
    fn all(&self) -> Option<Cow<'a, [Argument<'a>]>> {
        let all = all_words(self.argc, self.list, self.raw);
        (all.len() as u64 == self.argc).then_some(all)
    }
}

/// The keys a copy may hold so far. Handed from file to file in the order they are loaded, because what one makes another needs.
///
/// ```
/// use snaptape_aof::{Present, TapeScan};
/// use snaptape_wire::{Limits, Release};
///
/// let tape = b"*3\r\n$6\r\nRENAME\r\n$1\r\na\r\n$1\r\nb\r\n";
/// let failing = |present: Present| {
///     let scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
///     let mut scan = scan.with_present(present);
///     scan.feed(tape, &mut ());
///     scan.finish(&mut ()).salvage.failing
/// };
/// let mut present = Present::default();
/// present.lose();
/// assert_eq!(failing(present.clone()), 1);
/// present.base_key(0, b"a", false);
/// assert_eq!(failing(present), 0);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    /// Keys by their hash, each with a number of its own, and the groups of each number.
    slots: Slots,
    /// What databases that were emptied count as.
    spaces: BTreeMap<u64, u64>,
    next_space: u64,
    next_id: u32,
    /// Was anything lost so far? Before that no command fails: a server writes down only what it has done.
    lost: bool,
    /// May anything be there?
    untracked: bool,
    /// Keys that the open transaction has removed.
    undo: Vec<(u64, u32)>,
}

impl Present {
    /// A key of the snapshot in front.
    pub fn base_key(&mut self, db: u64, name: &[u8], is_stream: bool) {
        if self.untracked {
            return;
        }
        let hash = self.key(db, &Argument { len_bytes: name.len() as u64, bytes: front(name) });
        if is_stream {
            self.add_open(hash);
        } else {
            self.add(hash);
        }
    }

    /// Something in front of what comes next is lost, and with it the keys it would have made.
    pub fn lose(&mut self) {
        self.lost = true;
    }

    /// Does a command change nothing here? Told without touching anything, for tapes of which nothing is followed any more.
    #[inline]
    pub(super) fn ignores(&self, words: &Words<'_>) -> bool {
        self.untracked && words.spec.is_none_or(|spec| spec.name().len() != 8)
    }

    /// Takes a command that runs in this database, inside a transaction or not. Is it certain to fail? Then it does nothing.
    #[inline]
    pub(super) fn take(&mut self, words: &Words<'_>, db: u64, in_block: bool) -> bool {
        let Some(spec) = words.spec else {
            self.lose_track();
            return false;
        };
        match spec.effect() {
            Effect::Write if self.untracked => {
                if spec.name() == "FLUSHALL" && !in_block {
                    self.clear();
                }
                false
            }
            Effect::Write => self.write(spec, words, db, in_block),
            Effect::Runs => {
                self.lose_track();
                false
            }
            Effect::Read | Effect::Neither => false,
        }
    }

    fn write(&mut self, spec: &CommandSpec, words: &Words<'_>, db: u64, in_block: bool) -> bool {
        if self.lost && self.fails(spec, words, db) {
            return true;
        }
        let key = |at: usize| words.word(at);
        match spec.name() {
            "DEL" | "UNLINK" => self.remove_all(words, db, in_block),
            "RENAME" => {
                let source = self.key(db, &key(1));
                let id = self.slots.get(source);
                self.remove(source, in_block);
                let target = self.key(db, &key(2));
                match id {
                    Some(id) => self.put(target, id),
                    None => self.add_open(target),
                }
            }
            "RENAMENX" | "RESTORE" | "RESTORE-ASKING" => {
                let at = if spec.name() == "RENAMENX" { 2 } else { 1 };
                let target = self.key(db, &key(at));
                self.add_open(target);
            }
            "COPY" | "MOVE" => match target_db(words, db) {
                Some((at, db)) => {
                    let target = self.key(db, &key(at));
                    self.add_open(target);
                }
                None => self.lose_track(),
            },
            "XGROUP" => self.group(words, db, in_block),
            "FLUSHALL" if !in_block => self.clear(),
            "FLUSHDB" if !in_block => {
                // Numbers of databases are far below.
                self.next_space += 1;
                self.spaces.insert(db, u64::MAX - self.next_space);
                if self.spaces.len() > MAX {
                    self.lose_track();
                }
            }
            // Inside a transaction that may be taken back.
            "FLUSHALL" | "FLUSHDB" => {}
            "SWAPDB" => self.lose_track(),
            _ => match spec.only_key() {
                Some(at) => {
                    let hash = self.key(db, &key(at));
                    self.add(hash);
                }
                None => self.add_all(words, db),
            },
        }
        false
    }

    /// Every key of the command may be there from now on.
    fn add_all(&mut self, words: &Words<'_>, db: u64) {
        let (Some(spec), Some(all)) = (words.spec, words.all()) else { return self.lose_track() };
        let (argc, raw) = (words.argc, words.raw);
        let command = Command { span: 0..0, argc, in_multi: false, spec: words.spec, raw, words: &all };
        for key in spec.keys(&command) {
            let hash = self.key(db, &key);
            self.add(hash);
        }
    }

    /// Removes the keys that are at hand; the others may go on being there.
    fn remove_all(&mut self, words: &Words<'_>, db: u64, in_block: bool) {
        if let Some(all) = words.all() {
            for key in all.iter().skip(1) {
                let hash = self.key(db, key);
                self.remove(hash, in_block);
            }
        }
    }

    fn group(&mut self, words: &Words<'_>, db: u64, in_block: bool) {
        if words.argc < 4 {
            return;
        }
        let is = |word: &str| words.word(1).bytes.eq_ignore_ascii_case(word.as_bytes());
        let key = self.key(db, &words.word(2));
        if is("CREATE") {
            let id = self.add(key);
            let group = group_of(id, &words.word(3));
            self.put(group, 0);
        } else if is("DESTROY")
            && !in_block
            && let Some(id) = self.slots.get(key)
        {
            self.slots.remove(group_of(id, &words.word(3)));
        }
    }

    /// The open transaction is run.
    pub(super) fn commit(&mut self) {
        self.undo.clear();
    }

    /// The open transaction is not run: what it has removed is still there.
    pub(super) fn rollback(&mut self) {
        self.lost = true;
        for (hash, id) in core::mem::take(&mut self.undo) {
            let now = self.slots.get(hash);
            if now.is_none() {
                self.put(hash, id);
            }
            let id = now.unwrap_or(id);
            self.put(any_group(id), 0);
        }
    }

    /// Anything may be there, up to the next FLUSHALL.
    pub fn lose_track(&mut self) {
        let lost = self.lost;
        *self = Self { untracked: true, lost, ..Self::default() };
    }

    /// Nothing is there any more.
    fn clear(&mut self) {
        let lost = self.lost;
        *self = Self { lost, ..Self::default() };
    }

    fn key(&self, db: u64, name: &Argument<'_>) -> u64 {
        let space = if self.spaces.is_empty() { db } else { self.spaces.get(&db).copied().unwrap_or(db) };
        hash(space ^ name.len_bytes.rotate_left(40), name.bytes)
    }

    /// The key may be there; it may have been before. Its number.
    fn add(&mut self, hash: u64) -> u32 {
        if let Some(id) = self.slots.get(hash) {
            return id;
        }
        self.next_id = self.next_id.wrapping_add(1);
        self.put(hash, self.next_id);
        self.next_id
    }

    /// The same, and it may have any group.
    fn add_open(&mut self, hash: u64) {
        let id = self.add(hash);
        self.put(any_group(id), 0);
    }

    fn put(&mut self, hash: u64, id: u32) {
        self.slots.insert(hash, id);
        if self.slots.len() > MAX {
            self.lose_track();
        }
    }

    fn remove(&mut self, hash: u64, in_block: bool) {
        if in_block && self.undo.len() >= MAX_UNDO {
            return;
        }
        if let Some(id) = self.slots.remove(hash)
            && in_block
        {
            self.undo.push((hash, id));
        }
    }
}

/// Where the key that COPY or MOVE makes is named, and its database.
fn target_db(words: &Words<'_>, db: u64) -> Option<(usize, u64)> {
    let number = |word: Argument<'_>| core::str::from_utf8(word.bytes).ok()?.parse().ok();
    if words.spec?.name() == "MOVE" {
        return Some((1, number(words.word(2))?));
    }
    let all = words.all()?;
    let mut options = all.iter().copied().skip(3);
    let mut db = db;
    while let Some(word) = options.next() {
        if word.bytes.eq_ignore_ascii_case(b"DB") {
            db = number(options.next()?)?;
        }
    }
    Some((2, db))
}

fn front(name: &[u8]) -> &[u8] {
    name.get(..crate::command::KEPT_BYTES).unwrap_or(name)
}

fn group_of(id: u32, group: &Argument<'_>) -> u64 {
    hash(u64::from(id) | 1 << 62, group.bytes)
}

/// Stands for every group there may be.
fn any_group(id: u32) -> u64 {
    hash(u64::from(id) | 1 << 63, b"")
}

/// A hash of eight bytes at a time. Two names of one hash only make one of them seem to be there.
fn hash(seed: u64, bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mix = |hash: u64, word: u64| (hash ^ word).wrapping_mul(ODD).rotate_left(29).wrapping_mul(ODD);
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(mix(ODD, seed), |hash, word| mix(hash, u64::from_le_bytes(*word)));
    let last = rest.iter().fold(1, |last, byte| last << 8 | u64::from(*byte));
    let hash = mix(hash, last);
    hash ^ (hash >> 31)
}
