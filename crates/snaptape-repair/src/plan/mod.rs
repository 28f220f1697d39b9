//! What can be done: each plan is a list of edits over the original.

mod before;
mod history;
mod manifest;
mod rescue;
mod rest;
mod salvage;
mod snapshot;
mod truncate;
mod without;

pub(crate) use before::before;
pub use history::Moment;
pub(crate) use rest::Layout;
pub(crate) use salvage::{add_salvage, open_commands, salvage_directory, salvage_file};
pub(crate) use snapshot::snapshot_plans;
pub(crate) use truncate::{no_plan, truncate_directory, truncate_file};
pub(crate) use without::without;
