//! All that a job found out.

use snaptape_report::{CheckReport, Plan, Report};

/// What a summary is made of.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// What the files are and what is in them.
    pub report: &'a Report,
    /// Are they sound, and what do the programs make of them?
    pub check: &'a CheckReport,
    /// What could be done about it, best first.
    pub plans: &'a [Plan],
}
