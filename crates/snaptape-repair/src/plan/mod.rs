//! What can be done: each plan is a list of edits over the original.

mod snapshot;
mod truncate;

pub(crate) use snapshot::snapshot_plans;
pub(crate) use truncate::{no_plan, truncate_directory, truncate_file};
