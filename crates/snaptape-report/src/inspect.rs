//! The answer of `inspect`.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{
    Dataset, FileReport, Finding, ReleaseLoad, Replay, RestorePlan, Shard, SlotCoverage, Tape, Verdict,
};

/// What the files are and what is in them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
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
    /// The keys those commands leave, where there are any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// Which releases load the files, product by product, oldest first; empty where there is no snapshot.
    #[serde(default)]
    pub releases: Vec<ReleaseLoad>,
    /// The snapshots, where there are several on their own: shards, or copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<Shard>,
    /// Hash slots, where the snapshots look like those of a cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slots: Option<SlotCoverage>,
    /// What the keys need on the target, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restore: Option<RestorePlan>,
}
