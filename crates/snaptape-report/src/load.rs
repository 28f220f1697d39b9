//! Which releases load the files, and what keeps the others from it.

use serde::{Deserialize, Serialize};

/// What one release makes of the files, started with its default configuration and no modules but its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseLoad {
    /// Which: `redis-7.4`.
    pub release: String,
    /// Does it start with them?
    pub loads: bool,
    /// The answer as a sentence.
    pub why: String,
    /// What keeps it from loading, worst first; empty where it loads.
    pub causes: Vec<LoadCause>,
}

impl ReleaseLoad {
    /// What has to be done so that it loads all the same: everything that keeps it from loading has such a way out.
    /// Nothing where it loads anyway, and where there is no way.
    pub fn way_out(&self) -> Option<Vec<&str>> {
        let ways: Option<Vec<&str>> = self.causes.iter().map(|cause| cause.way_out.as_deref()).collect();
        ways.filter(|ways| !ways.is_empty())
    }
}

/// One thing that keeps a release from loading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadCause {
    /// What kind of thing it is.
    pub kind: LoadCauseKind,
    /// In words: `37 hashes use field TTL`.
    pub what: String,
    /// How many keys it concerns; 0 where it is the file as a whole.
    pub keys: u64,
    /// The first few of them, as text.
    pub examples: Vec<String>,
    /// The first few of the files it stands in, where not all have it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub files: Vec<String>,
    /// What would make the release load it all the same: a module, a setting.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub way_out: Option<String>,
}

impl LoadCause {
    /// How many examples are given.
    pub const MAX_EXAMPLES: usize = 5;
}

/// What kind of thing keeps a release from loading. The words are stable: scripts match on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum LoadCauseKind {
    /// The release does not know the first bytes (`VALKEY`), or they are nobody's.
    Magic,
    /// The RDB version is newer than it reads, or another product's.
    Version,
    /// The file ends early, or holds bytes that cannot be there.
    Damage,
    /// The stored checksum is wrong.
    Checksum,
    /// Values stored in a way it does not know.
    ObjectType,
    /// Records beside the keys that it does not know.
    Opcode,
    /// Data of a module it does not bring along.
    Module,
    /// A key stands in the same database twice.
    DuplicateKey,
    /// Values that contradict themselves, where it notices.
    BadValue,
    /// More databases than its default configuration has.
    Databases,
    /// An append-only file or directory it cannot load.
    Tape,
}
