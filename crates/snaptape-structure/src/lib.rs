//! What the bytes of a snapshot, a tape or a manifest are: nested spans with a name, a value, and a sentence about such bytes.
//!
//! For looking at a region, not for reading a file: `snaptape-rdb` and `snaptape-aof` do that, and a walk here stands on what they
//! (and the first look through the file) found out. A region anywhere in a file of any length costs what lies between it and the
//! last known place before it.
//!
//! ```
//! use snaptape_report::{FilePlaces, StructureQuery};
//! use snaptape_structure::{Marks, Walk};
//!
//! let file = b"REDIS0001\x00\x01k\x01v\xff";
//! let places = FilePlaces { content_bytes: file.len() as u64, ..FilePlaces::default() };
//! let query = StructureQuery { start: 0, len: 100, inside: None };
//! let mut walk = Walk::new(places, query, Marks::default());
//! while let Some(offset) = walk.wants() {
//!     walk.feed(&file[usize::try_from(offset).unwrap()..], true);
//! }
//! let (page, _) = walk.finish();
//! let labels: Vec<&str> = page.spans.iter().map(|span| span.label.as_str()).collect();
//! assert_eq!(labels, ["header", "string key", "EOF"]);
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod aof;
mod inside;
mod manifest;
mod mark;
mod opcodes;
mod packed;
mod part;
mod rdb;
mod roles;
mod tree;
mod walk;
mod words;

pub(crate) use inside::Inside;
pub use walk::{Marks, Walk};
