//! Jobs over byte sources, without I/O of their own: a job says which bytes it wants next, the front end
//! fetches them (from a `File` slice in a worker, from a descriptor in the command line) and feeds them back.
//! Both front ends therefore read each file once, in the same order, and come to the same answers.
//!
//! ```
//! use snaptape_engine::{InputFile, Job, Options};
//!
//! let file = b"REDIS0001\x00\x01k\x01v\xff";
//! let inputs = vec![InputFile { path: "dump.rdb".into(), bytes: file.len() as u64 }];
//! let mut job = Job::new(inputs, Options::default())?;
//! while !job.is_done() {
//!     while let Some(request) = job.next_read() {
//!         let start = usize::try_from(request.offset).unwrap();
//!         job.feed(&request, &file[start..start + request.len]);
//!     }
//! }
//! let report = job.finish().report;
//! assert_eq!(report.dataset.unwrap().totals.keys, 1);
//! # Ok::<(), snaptape_engine::JobError>(())
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod archive;
mod bytes;
mod commands;
mod contents;
mod extract;
mod file_scan;
mod in_memory;
mod job;
mod key;
mod keys;
mod kit;
mod map;
mod options;
mod order;
mod outcome;
mod packed;
mod reframe;
mod shards;
mod sinks;
mod sniff;
mod source;
mod structure;
mod unpacked;

pub use bytes::{ByteFind, BytePlace, ByteSearch, Bytes};
pub use commands::{CommandFilter, CommandList, CommandQuery};
pub use extract::Extract;
pub use in_memory::{NotTheSource, in_memory};
pub use job::Job;
pub use key::{ElementsAsked, KeyAsked, KeyQuestion, KeyRead};
pub use keys::{
    KeyBeside, KeyColumn, KeyExport, KeyFormat, KeyKeep, KeyRows, KeySort, KeyStage, KeyStatus, KeySums,
    KeyTable,
};
pub use kit::Kit;
pub use map::MapJob;
pub use options::{InputFile, JobError, Options, Outcome, Progress, ReadRequest};
pub use outcome::Unjudged;
pub use reframe::reframer;
pub use snaptape_aof::{Reframer, Unframed};
pub use snaptape_repair::{Piece, pieces};
pub use snaptape_structure::Marks;
pub use snaptape_unpack::Unpacker;
pub use snaptape_values::ElementSearch;
pub use source::Source;
pub use structure::Structure;
pub use unpacked::Unpacked;
