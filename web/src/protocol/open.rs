//! Reading files, and what they are.

use borsh::{BorshDeserialize, BorshSerialize};
use snaptape_engine::Source;
use snaptape_report::{CheckReport, Choice, MemoryMap, PatternOptions, Plan, Report};

use super::Program;

/// The program that reads.
#[derive(Debug)]
pub enum Open {}

impl Program for Open {
    const NAME: &'static str = "open";
    type Request = OpenRequest;
    type Answer = Answers;
}

/// What the user chose before the files are read, once more or for the first time.
#[derive(Debug, Clone, Default, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Asked {
    /// How key names are put into groups.
    pub patterns: PatternOptions,
    /// The release to answer for; the one that wrote the files where there is none.
    pub target: Option<String>,
    /// The allocator to assume; the one each release was checked with where there is none.
    pub allocator: Option<String>,
    /// What is to be taken back of a tape; the last accident where nothing was chosen.
    pub choice: Option<Choice>,
}

/// The files are to be read.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct OpenRequest {
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
    /// What to answer for.
    pub asked: Asked,
}

impl Answers {
    /// What sentences and documents are made of.
    pub fn facts(&self) -> snaptape_summary::Facts<'_> {
        snaptape_summary::Facts { report: &self.report, check: &self.check, plans: &self.plans }
    }
}

/// All that a job found out.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct Answers {
    /// What the files are and what is in them.
    pub report: Report,
    /// Are they sound, and what do the programs make of them?
    pub check: CheckReport,
    /// What could be done about it, best first.
    pub plans: Vec<Plan>,
    /// The keys nested by pattern; nothing where there are none.
    pub map: Option<MemoryMap>,
    /// Where the contents of the files are: for carrying out a plan over packed ones, and for looking into them.
    pub sources: Vec<Source>,
}
