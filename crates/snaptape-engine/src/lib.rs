//! Jobs over byte sources, without I/O of their own: a job says which bytes it wants next, the front end
//! fetches them (from a `File` slice in a worker, from a descriptor in the command line) and feeds them back.
//! Both front ends therefore read each file once, in the same order, and come to the same answers.
//!
//! ```no_run
//! # fn read(_: &snaptape_engine::ReadRequest) -> Vec<u8> { vec![] }
//! use snaptape_engine::{InputFile, Job, Options};
//! let inputs = vec![InputFile { path: "dump.rdb".into(), bytes: 1_000 }];
//! let mut job = Job::new(inputs, Options::default()).unwrap();
//! while !job.is_done() {
//!     while let Some(request) = job.next_read() {
//!         let bytes = read(&request);
//!         job.feed(&request, &bytes);
//!     }
//! }
//! let outcome = job.finish();
//! println!("{:?}", outcome.report.verdict);
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

use snaptape_report::{CheckReport, Plan, Report};

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
    /// The time now, Unix milliseconds: the engine has no clock.
    pub now_ms: i64,
    /// How many bytes one read asks for.
    pub window_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { target: None, now_ms: 0, window_bytes: 8 << 20 }
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
}

/// Why a job cannot begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobError {
    /// No files were given.
    NoInput,
    /// The target is not a release Snaptape knows; holds the word that was given.
    UnknownTarget(String),
}

/// One pass over one data set: a snapshot, several shards, a tape, or an append-only directory.
#[derive(Debug)]
pub struct Job {}

impl Job {
    /// A job over `inputs`, which are one data set.
    pub fn new(inputs: Vec<InputFile>, options: Options) -> Result<Self, JobError> {
        let _ = (inputs, options);
        Err(JobError::NoInput)
    }

    /// The next read to start, in the order they must be fed. `None` means: nothing more *for now*. Several may
    /// be under way at once; keep one ahead.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        None
    }

    /// Hands over the bytes of the oldest request not yet fed. Bytes of a request the job has lost interest in
    /// (the file turned out to be broken) are ignored.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let _ = (request, bytes);
    }

    /// Has everything been fed?
    pub fn is_done(&self) -> bool {
        true
    }

    /// How far the job is.
    pub fn progress(&self) -> Progress {
        Progress { done_bytes: 0, total_bytes: 0 }
    }

    /// The answers. May be called early: what was not read is then reported as not reached.
    pub fn finish(self) -> Outcome {
        unreachable!("a job cannot be made yet")
    }
}
