//! What is known of the input before anybody judges it.

use snaptape_analysis::{Recovery, Unfit};
use snaptape_aof::TapeFacts;
use snaptape_report::{Finding, FindingKind, Role, Severity};
use snaptape_wire::{Error, Product, Release};

/// A set of files that belong together: a snapshot or several, a tape, or an append-only directory.
#[derive(Debug, Clone)]
pub struct SetFacts {
    /// The release that is to load them.
    pub release: Release,
    /// The manifest of an append-only directory, if there is one.
    pub manifest: Option<ManifestFacts>,
    /// The files. Parts of a directory have the roles base, incr, history or unlisted, also where no manifest says so.
    pub files: Vec<FileFacts>,
}

/// A manifest as it was read.
#[derive(Debug, Clone)]
pub struct ManifestFacts {
    /// Path as it was given.
    pub path: String,
    /// All of its bytes.
    pub text: Vec<u8>,
}

/// One file.
#[derive(Debug, Clone)]
pub struct FileFacts {
    /// Path as it was given, `/` between folders.
    pub path: String,
    /// The part it plays.
    pub role: Role,
    /// Its length.
    pub bytes: u64,
    /// The snapshot it is, or begins with; also one that could not be read.
    pub snapshot: Option<SnapshotFacts>,
    /// Its commands, if it is a tape, or has one behind its snapshot.
    pub tape: Option<TapeFacts>,
    /// What its readers found besides: passed on, and counted for the verdict.
    pub findings: Vec<Finding>,
}

impl FileFacts {
    /// A file nothing is known of but its length.
    pub fn new(path: impl Into<String>, role: Role, bytes: u64) -> Self {
        Self { path: path.into(), role, bytes, snapshot: None, tape: None, findings: Vec::new() }
    }

    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        file_name(&self.path)
    }

    /// Is its snapshot part one no server loads?
    pub(crate) fn snapshot_broken(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| snapshot.error.is_some() || snapshot.checksum_mismatch)
    }

    /// Does a packed value of its snapshot contradict itself?
    pub(crate) fn has_bad_value(&self) -> bool {
        let is_bad =
            |finding: &Finding| finding.kind == FindingKind::BadValue && finding.severity == Severity::Error;
        self.findings.iter().any(is_bad)
    }

    /// Is it, for both programs, what it should be?
    pub(crate) fn is_sound(&self) -> bool {
        !self.snapshot_broken() && self.tape.as_ref().is_none_or(TapeFacts::is_sound)
    }
}

/// What is known of a snapshot.
#[derive(Debug, Clone)]
pub struct SnapshotFacts {
    /// Why it could not be read to its end. Its finding is among [`FileFacts::findings`].
    pub error: Option<Error>,
    /// Offset after its checksum, or where reading stopped.
    pub end: u64,
    /// Keys that could be read.
    pub keys: u64,
    /// The end of the last whole item.
    pub sound_up_to: u64,
    /// Is its checksum wrong?
    pub checksum_mismatch: bool,
    /// Does it begin with `VALKEY`?
    pub valkey_magic: bool,
    /// RDB version; 0 where the header could not be read.
    pub rdb_version: u16,
    /// What can be got out of it.
    pub recovery: Recovery,
    /// Whole entries that should not go into a copy.
    pub unfit: Vec<Unfit>,
}

impl SnapshotFacts {
    /// Why this release would not even try it; nothing where it would.
    pub(crate) fn foreign_to(&self, release: Release) -> Option<String> {
        let (max, valkey_magic) = newest_rdb(release);
        let version = self.rdb_version;
        if self.valkey_magic && !valkey_magic {
            return Some(format!("{release} does not know the VALKEY magic of its snapshot"));
        }
        if version == 0 || self.valkey_magic {
            return None;
        }
        (version > max).then(|| format!("{release} reads RDB versions up to {max}, and this is {version}"))
    }
}

/// The newest `REDIS` version a release loads, and whether it knows the `VALKEY` magic. Source: `RDB_VERSION` in rdb.h of each line.
fn newest_rdb(release: Release) -> (u16, bool) {
    let Release { product, major, minor } = release;
    match (product, major, minor) {
        (Product::KeyDb, ..) => (9, false),
        (Product::Valkey, 9.., _) => (11, true),
        (Product::Valkey, ..) => (11, false),
        (Product::Redis, ..=2, _) => (6, false),
        (Product::Redis, 3, 0 | 1) => (6, false),
        (Product::Redis, 3, _) => (7, false),
        (Product::Redis, 4, _) => (8, false),
        (Product::Redis, 5 | 6, _) => (9, false),
        (Product::Redis, 7, 0 | 1) => (10, false),
        (Product::Redis, 7, 2 | 3) => (11, false),
        (Product::Redis, 7, _) => (12, false),
        (Product::Redis, 8, ..=5) => (12, false),
        (Product::Redis, 8, 6 | 7) => (13, false),
        (Product::Redis, 8, 8 | 9) => (14, false),
        (Product::Redis, ..) => (u16::MAX, false),
    }
}

/// The last part of a path.
pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// The folder of a path, with its slash; empty at the top.
pub(crate) fn folder(path: &str) -> &str {
    path.get(..path.len() - file_name(path).len()).unwrap_or_default()
}
