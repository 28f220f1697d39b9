//! Plans: what a repair would do, and the receipt of one that was done.

use serde::{Deserialize, Serialize};

use crate::Verdict;

/// One step over the original, in output order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "edit")]
pub enum Edit {
    /// Copy these bytes of the input.
    Keep {
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
    },
    /// Leave these bytes out.
    Drop {
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
        /// Why, in a few words.
        why: String,
    },
    /// Put new bytes here.
    Insert {
        /// The bytes (text: manifests).
        text: String,
        /// Why, in a few words.
        why: String,
    },
}

/// One file of the repaired copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputFile {
    /// Path in the copy.
    pub name: String,
    /// Path of the input its `Keep` and `Drop` edits speak of; empty for a file made anew.
    pub source: String,
    /// What to do, in order.
    pub edits: Vec<Edit>,
}

impl OutputFile {
    /// Length of the file that results.
    pub fn bytes(&self) -> u64 {
        self.edits
            .iter()
            .map(|edit| match edit {
                Edit::Keep { start, end } => end - start,
                Edit::Drop { .. } => 0,
                Edit::Insert { text, .. } => text.len() as u64,
            })
            .sum()
    }
}

/// What a plan leaves behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Losses {
    /// Bytes of the input that are not in the copy.
    pub bytes: u64,
    /// Whole commands among them that can be recognised ("at least").
    pub commands: u64,
    /// Files that are left out.
    pub files: u64,
}

/// An answer to the findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// `truncate`.
    pub name: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// The files of the copy; one for a single file.
    pub outputs: Vec<OutputFile>,
    /// Is the copy a directory?
    pub directory: bool,
    /// What is lost.
    pub losses: Losses,
    /// Commands kept.
    pub commands_kept: u64,
}

impl Plan {
    /// Does the copy equal the input?
    pub fn changes_nothing(&self) -> bool {
        self.losses == Losses::default()
            && self.outputs.iter().all(|out| matches!(out.edits.as_slice(), [] | [Edit::Keep { .. }]))
    }
}

/// One file in a [`Receipt`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptFile {
    /// Path.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// Proof of a repair that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The input as it was read.
    pub inputs: Vec<ReceiptFile>,
    /// The copy as it was read again.
    pub outputs: Vec<ReceiptFile>,
    /// Verdict of the checker over the copy.
    pub verdict: Verdict,
}

/// The answer of `repair`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanReport {
    /// [`crate::REPAIR_SCHEMA`].
    pub schema: String,
    /// Verdict on the input.
    pub verdict: Verdict,
    /// The plan that was chosen.
    pub plan: Plan,
    /// Only when it was carried out.
    pub receipt: Option<Receipt>,
}
