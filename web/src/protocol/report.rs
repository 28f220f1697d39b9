//! Writing documents for a ticket.

use borsh::{BorshDeserialize, BorshSerialize};
use snaptape_report::{CheckReport, Plan, RestoreOptions};

use super::Program;

/// The program that writes documents.
#[derive(Debug)]
pub enum Report {}

impl Program for Report {
    const NAME: &'static str = "report";
    type Request = ReportRequest;
    type Answer = ReportAnswer;
}

/// How names of keys are given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum NamesAsked {
    /// As they are.
    #[default]
    Shown,
    /// Their shape alone.
    Masked,
    /// Hashed with a salt.
    Hashed,
}

impl NamesAsked {
    /// All.
    pub const ALL: [Self; 3] = [Self::Shown, Self::Masked, Self::Hashed];

    /// Its word in the address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Masked => "masked",
            Self::Hashed => "hashed",
        }
    }

    /// The one of that word.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|names| names.id() == id)
    }
}

/// Write the document of this report.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct ReportRequest {
    /// What the files are and what is in them.
    pub report: snaptape_report::Report,
    /// What the programs make of them.
    pub check: CheckReport,
    /// What could be done about it.
    pub plans: Vec<Plan>,
    /// How names are given.
    pub names: NamesAsked,
    /// What names are hashed with.
    pub salt: [u8; 16],
    /// What the restore is planned with.
    pub restore: RestoreOptions,
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
}

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ReportAnswer {
    /// How names are given in it.
    pub names: NamesAsked,
    /// As one file of HTML.
    pub html: String,
    /// As Markdown.
    pub markdown: String,
    /// The digits of the salt and how to find the hash of a name, where names are hashed.
    pub salt: Option<(String, String)>,
}
