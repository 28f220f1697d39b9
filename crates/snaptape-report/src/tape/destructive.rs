//! Commands that take away much at once.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{KeyName, units};

/// What sort of loss it is.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum DestructiveKind {
    /// FLUSHALL: all keys of all databases.
    #[default]
    Flushall,
    /// FLUSHDB: all keys of the database selected.
    Flushdb,
    /// SWAPDB: two databases change places.
    Swapdb,
    /// RENAME, or COPY or RESTORE with REPLACE, onto a key that existed.
    RenameOver,
    /// Many DEL or UNLINK close together.
    DeleteBurst,
    /// Many DEL or UNLINK close together, most of them of keys whose time had come: servers write expired keys like that.
    ExpiryStorm,
    /// Many keys that were there were told to expire at about the same time, and soon where the tape has times.
    MassExpiry,
}

impl DestructiveKind {
    /// Does it empty or swap whole databases?
    pub fn is_flush(self) -> bool {
        matches!(self, Self::Flushall | Self::Flushdb | Self::Swapdb)
    }

    /// Is it one command, not many?
    pub fn is_one_command(self) -> bool {
        matches!(self, Self::Flushall | Self::Flushdb | Self::Swapdb | Self::RenameOver)
    }
}

/// How many keys, as far as the tape tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyRange {
    /// At least so many.
    pub min: u64,
    /// At most so many; `None` where nothing bounds it.
    pub max: Option<u64>,
    /// Are these no bounds, but close? So it is where there are too many keys to follow each.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub estimated: bool,
}

/// None at all.
impl Default for KeyRange {
    fn default() -> Self {
        Self::exactly(0)
    }
}

impl KeyRange {
    /// Exactly so many.
    pub fn exactly(keys: u64) -> Self {
        Self { min: keys, max: Some(keys), estimated: false }
    }

    /// Together with others.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            min: self.min.saturating_add(other.min),
            max: self.max.zip(other.max).map(|(one, other)| one.saturating_add(other)),
            estimated: self.estimated || other.estimated,
        }
    }

    /// Are there none, for certain?
    pub fn is_none(&self) -> bool {
        self.max == Some(0) && !self.estimated
    }

    /// `12 keys`, `at least 3 keys`, `3 to 12 keys`, `at most 3 keys`, `about 12 keys`.
    pub fn words(&self) -> String {
        let about = if self.estimated { "about " } else { "" };
        let words = self.bounds();
        format!("{about}{words}")
    }

    fn bounds(&self) -> String {
        match self.max {
            Some(max) if max == self.min => units::plural(max, "key", "keys"),
            Some(max) if self.min == 0 => format!("at most {}", units::plural(max, "key", "keys")),
            Some(max) => format!("{} to {}", units::count(self.min), units::plural(max, "key", "keys")),
            None => format!("at least {}", units::plural(self.min, "key", "keys")),
        }
    }
}

/// What a replay knows of one command: see [`DestructiveEvent`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventFacts {
    /// The keys it took away or replaced. A RENAME is an event only with at least one.
    pub keys: KeyRange,
}

/// A command, or a burst of commands, that removes, replaces or swaps many keys.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct DestructiveEvent {
    /// The command, upper case: `FLUSHALL`, `FLUSHDB`, `SWAPDB`, `RENAME`; of a burst the one that is there most.
    pub name: String,
    /// Path of the file.
    pub file: String,
    /// Offset of its first byte there.
    pub offset: u64,
    /// The database selected (of a burst: at its start).
    pub db: u64,
    /// The last `#TS:` before it, Unix seconds.
    pub time_s: Option<i64>,
    /// Commands before it in the whole set.
    pub commands_before: u64,
    /// Good commands after it in the whole set.
    pub commands_after: u64,
    /// What it is.
    #[serde(default)]
    pub kind: DestructiveKind,
    /// Offset behind its last byte, in the same file.
    #[serde(default)]
    pub end: u64,
    /// The last `#TS:` before its last command, Unix seconds.
    #[serde(default)]
    pub end_time_s: Option<i64>,
    /// Commands that belong to it; 1 where it is one command.
    #[serde(default)]
    pub commands: u64,
    /// Keys it takes away, replaces or lets expire; `None` where nobody worked it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeyRange>,
    /// Of the keys a burst deletes, those that were given an expiry on the tape, which had passed.
    #[serde(default)]
    pub expired_keys: u64,
    /// The two databases of a SWAPDB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swapped: Option<(u64, u64)>,
    /// The first and the last expiry of a mass expiry, Unix milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_ms: Option<(i64, i64)>,
    /// Some of the keys, the names cut at 128 bytes. Of RENAME and its like: the key that is replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<KeyName>,
    /// The shapes of their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
}

impl DestructiveEvent {
    /// What it does, without a name in front: `removes all keys of database 3`. The same words everywhere.
    pub fn what(&self) -> String {
        let keys = self.keys.map(|keys| keys.words());
        let counted = keys.as_ref().map(|keys| format!(" ({keys})")).unwrap_or_default();
        match self.kind {
            DestructiveKind::Flushall => format!("removes all keys of all databases{counted}"),
            DestructiveKind::Flushdb => format!("removes all keys of database {}{counted}", self.db),
            DestructiveKind::Swapdb => match self.swapped {
                Some((a, b)) => format!("exchanges databases {a} and {b}{counted}"),
                None => format!("exchanges whole databases{counted}"),
            },
            DestructiveKind::RenameOver => match self.examples.first() {
                Some(key) => format!("replaces the key {} of database {}", key.display(), self.db),
                None => format!("replaces a key of database {}", self.db),
            },
            DestructiveKind::DeleteBurst => format!(
                "in a burst of {}: {}, beginning in database {}",
                units::plural(self.commands, "command", "commands"),
                keys.as_ref().map_or_else(|| "keys deleted".into(), |keys| format!("{keys} deleted")),
                self.db
            ),
            DestructiveKind::ExpiryStorm => format!(
                "in a burst of {}: {} deleted, {} of them because their time had come",
                units::plural(self.commands, "command", "commands"),
                keys.unwrap_or_else(|| "keys".into()),
                units::count(self.expired_keys)
            ),
            DestructiveKind::MassExpiry => {
                let (from, to) = self.expires_ms.unwrap_or_default();
                format!(
                    "makes {} expire together, {} to {}",
                    keys.unwrap_or_else(|| "many keys".into()),
                    units::time_ms(from),
                    units::time_ms(to)
                )
            }
        }
    }

    /// Where it is: `offset 120 (0x78)`, `offsets 120 (0x78) to 4,096 (0x1000)`.
    pub fn place(&self) -> String {
        if self.kind.is_one_command() {
            format!("offset {}", units::offset(self.offset))
        } else {
            format!("offsets {} to {}", units::offset(self.offset), units::offset(self.end))
        }
    }
}
