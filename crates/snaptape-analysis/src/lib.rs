//! Folds keys and commands into the parts of a report. No I/O, no clock, bounded memory; every fold can be merged.
//!
//! [`SnapshotScan`] reads one snapshot and hands out [`KeyFacts`]; [`DatasetFold`] adds them up. What the findings mean for
//! a server, and what to do about them, is the business of `snaptape-repair`.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod choice;
pub mod filter;
mod keys;
mod meaning;
mod replay;
mod restore;
mod slots;
mod snapshot;
mod tape;

pub use choice::{Aftermath, ChoiceFacts, ChoiceFold, Cut, Held, Named, Refusal, SomeKeys, Taken};
pub use filter::glob_fits;
pub(crate) use keys::front;
pub use keys::{DatasetFold, Finds, KeyFacts, MakeRegex, MapFold, hex, make_regex, slot_advice};
pub use meaning::{Block, Doubled, MeaningFacts, MeaningFold, Places, Shown, Times, Used};
pub use replay::ReplayFold;
pub use restore::{RestoreLoad, dataset_bytes, plan_load, restore_plan};
pub use slots::{ShardFold, SlotFold, key_slot};
pub use snapshot::{
    Behind, Features, Harm, HashTemplates, Hole, LostHead, Mending, ModuleUse, ObjectUse, OneKey, OneKeySums,
    Recovery, Sightings, SnapshotAid, SnapshotOptions, SnapshotResult, SnapshotScan, StoredText,
    TemplateNames, Unfit, UnfitReason, guess_header, walk_stream_node,
};
pub use tape::{TapeFold, destructive_kind};
