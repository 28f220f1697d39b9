//! How a copy is put in place of the original: the same words and commands as those of the command line.

use snaptape_report::Plan;
use snaptape_report::place::{Placement, Steps};

pub use snaptape_report::place::{archive_path, copy_name};

/// The commands for a server under systemd and for one in a container, with the copy `copy` beside the original.
pub fn steps(plan: &Plan, subject: &str, copy: &str, target: &str) -> Steps {
    Placement::of(plan, subject, copy, target).steps()
}

/// Those for a server under systemd.
pub fn commands(plan: &Plan, subject: &str, copy: &str, target: &str) -> String {
    steps(plan, subject, copy, target).systemd
}
