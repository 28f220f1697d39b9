//! Append-only files below the front ends: the command stream as the check tool and as the server's loader read it, the manifest
//! of an append-only directory, and [`TapeScan`], which reads one file once and says where each of the two programs stops, what
//! stands there and what lies behind it.
//!
//! It does no I/O and draws no conclusions: verdicts and plans are `snaptape-repair`'s, what the commands amount to is
//! `snaptape-analysis`'s, and the snapshot in front of a tape is `snaptape-rdb`'s.
//!
//! ```
//! use snaptape_aof::{Command, CommandSink, LoaderStop, TapeScan};
//! use snaptape_wire::{Limits, Release};
//!
//! struct Names(Vec<String>);
//! impl CommandSink for Names {
//!     fn command(&mut self, command: &Command<'_>) {
//!         self.0.push(String::from_utf8_lossy(command.name()).into_owned());
//!     }
//! }
//!
//! let file = b"*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1";
//! let mut names = Names(Vec::new());
//! let mut scan = TapeScan::new(0, file.len() as u64, Release::redis(7, 4), Limits::default());
//! for window in file.chunks(7) {
//!     scan.feed(window, &mut names);
//! }
//! let facts = scan.finish(&mut names);
//! assert_eq!(names.0, ["SELECT"]);
//! assert_eq!(facts.check.ok_up_to, 23);
//! assert_eq!(facts.loader.stop, LoaderStop::ShortRead { in_multi: false });
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod canonical;
mod check;
mod command;
pub mod commands;
mod damage;
mod draft;
mod line;
mod loader;
mod manifest;
mod reader;
mod salvage;
mod scan;
mod words;

pub use check::{CheckFacts, CheckStop, OpenMulti};
pub use command::{Argument, Arguments, Command, CommandSink, HELD_BYTES, KEPT_BYTES};
pub use commands::{CommandSpec, Refusal, RefusalKind, Unrepeatable, find};
pub use damage::{Damage, DamageKind};
pub use line::Dialect;
pub use loader::{LoaderFacts, LoaderStop};
pub use manifest::{EntryKind, MAX_MANIFEST_LINE, Manifest, ManifestEntry, PartName};
pub use reader::{Event, Feeder, Reader, Step};
pub use salvage::{
    Assumed, Behind, DropReason, InsertReason, LineEnds, Mend, OpenBlock, Place, Present, Reframer, Run,
    Salvage, SalvageSink, SalvageWalk, Stretch, Unframed,
};
pub use scan::{TapeFacts, TapeScan};
pub use words::{quote_word, split_words};
