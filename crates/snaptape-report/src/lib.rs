//! The documents Snaptape produces, as plain serialisable types: what `inspect`, `check` and `repair`
//! answer, one row per key, and the words for sizes and times.
//!
//! It is *not* the place where facts are found (that is `snaptape-analysis` and `snaptape-repair`) nor where
//! they are laid out on a screen. Everybody may depend on it; it depends on nobody.
//!
//! ```
//! use snaptape_report::units;
//! assert_eq!(units::bytes(1_536), "1.54 KB");
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod advice;
mod check;
mod choice;
mod dataset;
mod distribution;
mod file;
mod finding;
mod inspect;
mod key;
mod key_value;
mod load;
mod look;
mod map;
mod modules;
mod patterns;
pub mod place;
mod plan;
mod replay;
pub mod restore;
mod shard;
mod structure;
mod tape;
pub mod units;

pub use advice::{Advice, AdviceKind, AdvisedSetting};
pub use check::{CheckReport, CheckTool, Holds, Load, LoadOption, Loads, ToolFile};
pub use choice::{Choice, CommandPlace, NoPlace};
pub use dataset::{
    ByRelease, Dataset, Group, Instance, KindGroup, PackLimit, RELEASES, Reconciliation, Tally,
};
pub use distribution::{Access, AccessGroup, LongName, Names, Quantiles, SizeClass, SlotLoad, SlotLoads};
pub use file::{AuxField, Checksum, ContainerInfo, FileReport, Hole, Role, SnapshotInfo, SnapshotPlace};
pub use finding::{Finding, FindingKind, Severity, Verdict};
pub use inspect::Report;
pub use key::{KeyName, KeyRow, TypeName};
pub use key_value::{
    BitFacts, ConsumerFacts, ElementRow, ElementText, GroupFacts, KeyAnswer, KeyHead, KeyMemoryPart, KeyPage,
    KeyPlace, KeySurvey, ModuleFacts, PendingFacts, Recreation, StreamFacts, TextWindow,
};
pub use load::{LoadCause, LoadCauseKind, ReleaseGroup, ReleaseLoad, enumerate};
pub use look::{Certainty, Format, Guess, Look, LookBody, TreeLine};
pub use map::{MapDimension, MapFolding, MapKind, MapMeasure, MapNesting, MapNode, MapSums, MemoryMap};
pub use modules::module_product;
pub use patterns::{PatternFolding, PatternGroup, PatternOptions, PatternSource, SharedSegment, Texts};
pub use plan::{
    Edit, LineEnds, Losses, NewBytes, OutputFile, Plan, PlanReport, PlanSummary, Receipt, ReceiptFile,
};
pub use replay::{DatabaseKeys, DatabaseState, Oddities, Oddity, Removal, RemovalKind, Replay, TypeKeys};
pub use restore::{Engines, ForkRoom, MemoryLine, MemoryPart, NodePlan, RestoreOptions, RestorePlan};
pub use shard::{Shard, SlotCoverage, SlotRange};
pub use structure::{ByteSpan, BytesReport, FilePlaces, KnownHole, SpanKind, StructurePage, StructureQuery};
pub use tape::{
    Activity, BehindDamage, BusyKey, BusyKeys, BusySecond, Checkpoint, CommandCount, CommandFamily,
    CommandPage, CommandPattern, CommandPatterns, CommandRow, DatabaseCommands, DestructiveEvent,
    DestructiveKind, EventFacts, FamilyCount, KeyRange, LargeTransaction, ListFrom, OffsetBucket,
    OffsetTimeline, PlaceBehind, RewriteSavings, ShownArgument, Tape, TapeFile, TapePlace, TimeBucket,
    TimeGap, TimeTimeline, WriteRate,
};

/// Schema name of [`Report`] documents.
pub const REPORT_SCHEMA: &str = "snaptape/report/1";
/// Schema name of [`BytesReport`] documents.
pub const BYTES_SCHEMA: &str = "snaptape/bytes/1";
/// Schema name of [`CheckReport`] documents.
pub const CHECK_SCHEMA: &str = "snaptape/check/1";
/// Schema name of [`MemoryMap`] documents.
pub const MAP_SCHEMA: &str = "snaptape/map/1";
/// Schema name of [`PlanReport`] documents.
pub const REPAIR_SCHEMA: &str = "snaptape/repair/1";
