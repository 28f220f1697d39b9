//! The answer of `inspect`.

use serde::{Deserialize, Serialize};

use crate::{Dataset, FileReport, Finding, Tape, Verdict};

/// What the files are and what is in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// [`crate::REPORT_SCHEMA`].
    pub schema: String,
    /// The release memory is estimated for: `redis-7.4`.
    pub target: String,
    /// Are the files sound?
    pub verdict: Verdict,
    /// The input files in the order a server would load them.
    pub files: Vec<FileReport>,
    /// What is wrong or worth knowing, worst first.
    pub findings: Vec<Finding>,
    /// The keys of the snapshot parts, where there are any.
    pub dataset: Option<Dataset>,
    /// The commands of the tape parts, where there are any.
    pub tape: Option<Tape>,
}
