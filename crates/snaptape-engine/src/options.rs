//! What a job is asked, and how far it is.

use snaptape_memory::Allocator;
use snaptape_report::{CheckReport, Choice, MemoryMap, PatternOptions, Plan, Report};
use snaptape_wire::Limits;

use crate::Source;

/// A file the job may ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// Path as the user knows it, folders separated by `/`: `appendonlydir/appendonly.aof.manifest`.
    pub path: String,
    /// Its length.
    pub bytes: u64,
}

/// What to ask and how.
#[derive(Debug, Clone)]
pub struct Options {
    /// The release to answer for (`redis-7.4`, `valkey-9.1`); default the one that wrote the files.
    pub target: Option<String>,
    /// The allocator to assume (`jemalloc-bundled`, `libc`); default the one each release was checked with.
    pub allocator: Option<String>,
    /// The time now, Unix milliseconds: the engine has no clock.
    pub now_ms: i64,
    /// How many bytes one read asks for.
    pub window_bytes: usize,
    /// Compute the digest of every value, for rows of keys.
    pub digest: bool,
    /// Decode every value and look whether it contradicts itself.
    pub deep: bool,
    /// Hand keys on and do nothing else: no sums, no tapes. For [`Job::feed_rows`](crate::Job::feed_rows).
    pub only_keys: bool,
    /// How key names are put into groups.
    pub patterns: PatternOptions,
    /// Where a copy of a tape is to stop, or what it is to leave out; where nothing is chosen, the last accident.
    pub choice: Option<Choice>,
    /// Bounds on what the parsers hold.
    pub limits: Limits,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            target: None,
            allocator: None,
            now_ms: 0,
            window_bytes: 8 << 20,
            digest: false,
            deep: false,
            only_keys: false,
            patterns: PatternOptions::default(),
            choice: None,
            limits: Limits::default(),
        }
    }
}

/// Bytes the job wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRequest {
    /// Index into the inputs.
    pub file: usize,
    /// First byte.
    pub offset: u64,
    /// How many. Fewer may be fed only when the file has become shorter.
    pub len: usize,
}

/// How far a job is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Bytes fed, or skipped because nothing can be learnt from them.
    pub done_bytes: u64,
    /// Bytes of all inputs.
    pub total_bytes: u64,
}

/// Everything a job found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer of `inspect`.
    pub report: Report,
    /// The answer of `check`.
    pub check: CheckReport,
    /// What could be done about the findings, best first; empty when nothing needs doing or can be done.
    pub plans: Vec<Plan>,
    /// Why what was chosen cannot be done: one sentence, without its full stop. Nothing where it can, or nothing was chosen.
    pub refused: Option<String>,
    /// The keys nested by pattern; nothing where there are no keys to speak of.
    pub map: Option<MemoryMap>,
    /// Where the contents of the files are that plans speak of.
    pub sources: Vec<Source>,
}

/// Why a job cannot begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// No files were given.
    NoInput,
    /// The names cannot be grouped as was asked; says why.
    Patterns(String),
    /// The target is not a release Snaptape knows; holds the word that was given.
    UnknownTarget(String),
    /// The allocator is not one Snaptape knows; holds the word that was given.
    UnknownAllocator(String),
}

impl core::fmt::Display for JobError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoInput => f.write_str("no files were given"),
            Self::Patterns(why) => f.write_str(why),
            Self::UnknownTarget(word) => {
                write!(f, "\"{word}\" is not a release; write it like redis-7.4 or valkey-9.1")
            }
            Self::UnknownAllocator(word) => {
                write!(f, "\"{word}\" is not an allocator; there are")?;
                Allocator::ALL.iter().try_for_each(|allocator| write!(f, " {}", allocator.name()))
            }
        }
    }
}

impl core::error::Error for JobError {}
