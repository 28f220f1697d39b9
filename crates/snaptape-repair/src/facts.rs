//! What is known of the input before anybody judges it.

use snaptape_analysis::{Features, MeaningFacts, Recovery, Unfit};
use snaptape_aof::TapeFacts;
use snaptape_rdb::Magic;
use snaptape_report::{Finding, Replay, Role};
use snaptape_wire::{Error, Release};

/// A set of files that belong together: a snapshot or several, a tape, or an append-only directory.
#[derive(Debug, Clone)]
pub struct SetFacts {
    /// The release that is to load them.
    pub release: Release,
    /// The manifest of an append-only directory, if there is one.
    pub manifest: Option<ManifestFacts>,
    /// The files. Parts of a directory have the roles base, incr, history or unlisted, also where no manifest says so.
    pub files: Vec<FileFacts>,
    /// The keys that the commands leave, where there are any commands, or a snapshot in front of some.
    pub replay: Option<Replay>,
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
    /// What its commands mean, as far as the check tool gets.
    pub meaning: Option<MeaningFacts>,
    /// What its readers found besides: passed on, and counted for the verdict.
    pub findings: Vec<Finding>,
}

impl FileFacts {
    /// A file nothing is known of but its length.
    pub fn new(path: impl Into<String>, role: Role, bytes: u64) -> Self {
        Self {
            path: path.into(),
            role,
            bytes,
            snapshot: None,
            tape: None,
            meaning: None,
            findings: Vec::new(),
        }
    }

    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        file_name(&self.path)
    }

    /// Is its snapshot part one no server loads?
    pub(crate) fn snapshot_broken(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| snapshot.error.is_some() || snapshot.checksum_mismatch)
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
    /// What it asks of the server that is to load it.
    pub features: Features,
    /// What can be got out of it.
    pub recovery: Recovery,
    /// Whole entries that should not go into a copy.
    pub unfit: Vec<Unfit>,
    /// When it was saved, Unix seconds, if it says so.
    pub saved_at_s: Option<i64>,
    /// The release that wrote it, if it says so.
    pub writer: Option<Release>,
}

impl SnapshotFacts {
    /// Does it begin with `VALKEY`?
    pub(crate) fn valkey_magic(&self) -> bool {
        self.features.header.is_some_and(|(magic, _)| magic == Magic::Valkey)
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
