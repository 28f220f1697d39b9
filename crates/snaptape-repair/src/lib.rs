//! What the facts about a set of files mean: is it sound, what does the server do on start, what does its check tool say, and
//! what can be done about it. Facts go in, a [`Judgement`] comes out; no I/O, no clock.
//!
//! The facts come from `snaptape-aof` (tapes, manifests) and from whoever reads snapshots; carrying a plan out and reading the
//! copy again is the engine's business, with [`pieces`] saying which bytes go where.
//!
//! ```
//! use snaptape_aof::TapeScan;
//! use snaptape_repair::{FileFacts, SetFacts, judge, pieces, Piece};
//! use snaptape_report::{Role, Verdict};
//! use snaptape_wire::{Limits, Release};
//!
//! let release = Release::redis(7, 4);
//! let file = b"*1\r\n$8\r\nFLUSHALL\r\n*2\r\n$3\r\nDEL";
//! let mut scan = TapeScan::new(0, file.len() as u64, release, Limits::default());
//! scan.feed(file, &mut ());
//! let tape = scan.finish(&mut ());
//! let facts = FileFacts { tape: Some(tape), ..FileFacts::new("appendonly.aof", Role::Aof, file.len() as u64) };
//! let judgement = judge(&SetFacts { release, manifest: None, files: vec![facts], replay: None });
//! assert_eq!(judgement.verdict, Verdict::Recoverable);
//! assert!(judgement.loads.default.starts && !judgement.loads.strict.starts);
//! assert_eq!((judgement.check_tool.exit, judgement.check_tool.ok_up_to), (1, 18));
//! let plan = &judgement.plans[0];
//! assert_eq!(pieces(&plan.outputs[0]), [Piece::Source { path: "appendonly.aof".into(), start: 0, end: 18 }]);
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod choice;
mod compat;
mod directory;
mod facts;
mod judge;
mod layout;
mod meaning;
mod notes;
mod options;
mod outside;
mod pieces;
mod plan;
mod releases;
mod replayed;
mod rewritten;
mod server;
mod stored;
mod tool;
mod whole;
mod words;

pub use choice::{Offered, choose};
pub use compat::{guess_release, settle_release};
pub use facts::{FileFacts, ManifestFacts, SetFacts, SnapshotFacts};
pub use judge::{FileJudgement, Judgement, judge};
pub use pieces::{Piece, join, pieces, tiles};
pub use plan::Moment;
pub use whole::judge_whole;
