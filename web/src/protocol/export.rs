//! Carrying out plans.

use borsh::{BorshDeserialize, BorshSerialize};
use snaptape_engine::Source;
use snaptape_report::{Plan, Receipt, Verdict};

use super::Program;

/// The program that makes copies.
#[derive(Debug)]
pub enum Export {}

impl Program for Export {
    const NAME: &'static str = "export";
    type Request = ExportRequest;
    type Answer = ExportAnswer;
}

/// Carry out a plan, read the result again, hand it over if it is sound.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct ExportRequest {
    /// The plan.
    pub plan: Plan,
    /// The release the input was judged for: the copy is judged for the same one.
    pub target: String,
    /// Does the input hold what that release refuses? Then the copy may, too.
    pub is_foreign: bool,
    /// Verdict on the input, for the receipt.
    pub verdict: Verdict,
    /// Those of [`super::Answers::sources`] that are packed.
    pub packed: Vec<Source>,
    /// File name of the copy.
    pub file_name: String,
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
}

/// It was carried out; the copy is beside it, unless it was written into a folder.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct ExportAnswer {
    /// What was read, what was written, and the verdict on it.
    pub receipt: Receipt,
    /// The name of the folder it was written into.
    pub folder: Option<String>,
}
