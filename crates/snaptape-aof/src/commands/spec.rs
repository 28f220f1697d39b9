//! What a row of the table says.

use core::fmt;

use snaptape_wire::{Product, Release};

use super::{
    SUBCOMMANDS,
    keys::{KeyArguments, Keys},
};
use crate::Command;

/// What running a command does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes the dataset, or may: the server writes it to the tape.
    Write,
    /// Reads the dataset.
    Read,
    /// Runs commands of its own, which may write.
    Runs,
    /// Neither reads nor writes: PING, SELECT, MULTI.
    Neither,
}

/// A version in one comparable number.
type Version = u16;

const NEVER: Version = u16::MAX;

const fn version(major: u8, minor: u8) -> Version {
    (major as u16) << 8 | minor as u16
}

/// Which releases know a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    redis: Version,
    /// The first Redis without it.
    until: Version,
    valkey: Version,
    keydb: Version,
}

/// Known since that Redis, and to what descends from it: Valkey from 7.2, KeyDB from 6.2.
pub(super) const fn redis(major: u8, minor: u8) -> Since {
    let redis = version(major, minor);
    Since {
        redis,
        until: NEVER,
        valkey: if redis <= version(7, 2) { version(7, 2) } else { NEVER },
        keydb: if redis <= version(6, 2) { 0 } else { NEVER },
    }
}

/// Known to Valkey alone.
pub(super) const fn valkey(major: u8, minor: u8) -> Since {
    Since { redis: NEVER, until: NEVER, valkey: version(major, minor), keydb: NEVER }
}

/// Known to KeyDB alone.
pub(super) const fn keydb() -> Since {
    Since { redis: NEVER, until: NEVER, valkey: NEVER, keydb: 0 }
}

impl Since {
    pub(super) const fn valkey(mut self, major: u8, minor: u8) -> Self {
        self.valkey = version(major, minor);
        self
    }

    pub(super) const fn until(mut self, major: u8, minor: u8) -> Self {
        self.until = version(major, minor);
        self.valkey = NEVER;
        self
    }

    const fn nowhere() -> Self {
        Self { redis: NEVER, until: NEVER, valkey: NEVER, keydb: NEVER }
    }

    fn known_to(self, release: Release) -> bool {
        let version = packed(release);
        match release.product {
            Product::Redis => (self.redis..self.until).contains(&version),
            Product::Valkey => self.valkey != NEVER && version >= self.valkey,
            Product::KeyDb => self.keydb != NEVER,
        }
    }
}

/// `Redis 7.4 and Valkey 9.0`; KeyDB is named where it is the only one.
impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dotted = |version: Version| (version >> 8, version & 0xff);
        let mut between = "";
        if self.redis != NEVER {
            let (major, minor) = dotted(self.redis);
            write!(f, "Redis {major}.{minor}")?;
            if self.until != NEVER {
                let (major, minor) = dotted(self.until);
                write!(f, " (gone in {major}.{minor})")?;
            }
            between = " and ";
        }
        if self.valkey != NEVER && self.valkey != version(7, 2) {
            let (major, minor) = dotted(self.valkey);
            write!(f, "{between}Valkey {major}.{minor}")?;
            between = " and ";
        }
        if between.is_empty() {
            f.write_str("KeyDB")?;
        }
        Ok(())
    }
}

/// A release as one number; what no release has stands for the highest one.
fn packed(release: Release) -> Version {
    let byte = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    version(byte(release.major), byte(release.minor)).min(NEVER - 1)
}

/// A command as it once was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Earlier {
    /// The first Redis in which it is as the row says.
    until: Version,
    arity: i8,
    keys: Keys,
}

/// What is known of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandSpec {
    name: &'static str,
    arity: i8,
    keys: Keys,
    effect: Effect,
    since: Since,
    module: Option<&'static str>,
    earlier: Option<Earlier>,
    keydb_arity: i8,
    subcommands: bool,
    row: u16,
}

/// A row: a command of the server itself.
pub(super) const fn command(
    name: &'static str,
    arity: i8,
    keys: Keys,
    effect: Effect,
    since: Since,
) -> CommandSpec {
    CommandSpec {
        name,
        arity,
        keys,
        effect,
        since,
        module: None,
        earlier: None,
        keydb_arity: arity,
        subcommands: false,
        row: 0,
    }
}

/// A row: a command of a module. Modules count the words themselves, so COMMAND says -1.
pub(super) const fn module(
    module: &'static str,
    name: &'static str,
    keys: Keys,
    effect: Effect,
) -> CommandSpec {
    CommandSpec { module: Some(module), ..command(name, -1, keys, effect, Since::nowhere()) }
}

/// Tells every row its place.
#[expect(clippy::indexing_slicing, reason = "at compile time: a wrong index does not build")]
#[expect(clippy::cast_possible_truncation, reason = "there are a few hundred rows")]
pub(super) const fn numbered<const N: usize>(mut rows: [CommandSpec; N]) -> [CommandSpec; N] {
    let mut row = 0;
    while row < N {
        rows[row].row = row as u16;
        row += 1;
    }
    rows
}

impl CommandSpec {
    /// Before that Redis it took another number of words.
    pub(super) const fn before(mut self, major: u8, minor: u8, arity: i8) -> Self {
        let keys = match self.earlier {
            Some(earlier) => earlier.keys,
            None => self.keys,
        };
        self.earlier = Some(Earlier { until: version(major, minor), arity, keys });
        self.keydb_arity = if version(major, minor) <= version(6, 2) { self.arity } else { arity };
        self
    }

    /// Before that Redis, COMMAND gave other keys.
    pub(super) const fn keys_before(mut self, major: u8, minor: u8, keys: Keys) -> Self {
        self.earlier = Some(Earlier { until: version(major, minor), arity: self.arity, keys });
        self
    }

    /// Its second word is looked up too.
    pub(super) const fn with_subcommands(mut self) -> Self {
        self.subcommands = true;
        self
    }

    pub(super) const fn in_keydb(mut self, arity: i8) -> Self {
        self.keydb_arity = arity;
        self
    }

    /// Its place in [`super::all`]: for counting by command.
    pub fn row(&self) -> usize {
        self.row.into()
    }

    /// Its name, upper case.
    pub fn name(&self) -> &'static str {
        self.name
    }

    pub(super) const fn name_bytes(&self) -> &'static [u8] {
        self.name.as_bytes()
    }

    /// What it does.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// May it change the dataset? True also for what runs commands of its own.
    pub fn is_write(&self) -> bool {
        matches!(self.effect, Effect::Write | Effect::Runs)
    }

    /// Which releases know it. Says nothing for a command of a module.
    pub fn since(&self) -> Since {
        self.since
    }

    /// The module it belongs to, if it is none of the server's own.
    pub fn module(&self) -> Option<&'static str> {
        self.module
    }

    /// Does a server of this release know it, without any module loaded?
    pub fn known_to(&self, release: Release) -> bool {
        self.module.is_none() && self.since.known_to(release)
    }

    /// How many words it takes in a release, as COMMAND says it: the name counted; a negative number is a lower bound.
    pub fn arity(&self, release: Release) -> i64 {
        i64::from(match (release.product, self.earlier) {
            (Product::KeyDb, _) => self.keydb_arity,
            (Product::Redis, Some(earlier)) if packed(release) < earlier.until => earlier.arity,
            _ => self.arity,
        })
    }

    /// Is that a number of words it takes, the name counted?
    pub fn arity_ok(&self, argc: u64, release: Release) -> bool {
        takes(self.arity(release), argc)
    }

    /// Is that a number of words it takes in a release that knows it, whatever the second word is? Where this is false it may still
    /// be taken.
    #[inline]
    pub(crate) fn takes_plainly(&self, argc: u64, release: Release) -> bool {
        !self.subcommands && self.known_to(release) && self.arity_ok(argc, release)
    }

    /// First key, last key (negative: counted from the end) and step, as COMMAND of a release gives them; zeros where there are
    /// none, or none that stand in fixed places.
    pub fn key_positions(&self, release: Release) -> (i64, i64, i64) {
        let keys = match (release.product, self.earlier) {
            (Product::Redis, Some(earlier)) if packed(release) < earlier.until => earlier.keys,
            (Product::KeyDb, Some(earlier)) if earlier.until > version(6, 2) => earlier.keys,
            _ => self.keys,
        };
        keys.positions()
    }

    /// The keys among the words of a command, also those in places that depend on other words. Those the command holds too many
    /// bytes to hand out are missing.
    pub fn keys<'a>(&self, command: &Command<'a>) -> KeyArguments<'a> {
        KeyArguments::new(self.keys, command)
    }

    /// The place of its key, where that is the only one, in a fixed place.
    pub(crate) fn only_key(&self) -> Option<usize> {
        self.keys.only_one()
    }

    /// Does it look its second word up?
    pub fn has_subcommands(&self) -> bool {
        self.subcommands
    }

    /// Is the second word of a command one that this one does not know? Since Redis 7.0 that makes an unknown command.
    pub fn refuses_subcommand(&self, second: &[u8]) -> bool {
        self.subcommands && self.subcommand_arity(second).is_none()
    }

    /// How many words stand there with this second word, as [`Self::arity`] says it; `None` where it is not known.
    pub fn subcommand_arity(&self, second: &[u8]) -> Option<i64> {
        let (_, known) = SUBCOMMANDS.iter().find(|(name, _)| *name == self.name)?;
        let (_, arity) = known.iter().find(|(word, _)| word.as_bytes().eq_ignore_ascii_case(second))?;
        Some((*arity).into())
    }
}

/// Is that a number of words it takes?
pub(crate) fn takes(arity: i64, argc: u64) -> bool {
    if arity < 0 { argc >= arity.unsigned_abs() } else { argc == arity.unsigned_abs() }
}
