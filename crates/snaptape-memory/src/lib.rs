//! What a key costs in RAM once a server has loaded it, release by release.
//!
//! A file hands out a value piece by piece; [`Value`] adds up what memory depends on. [`Models`] then says what that takes in each of
//! the [`RELEASES`]: as `MEMORY USAGE key SAMPLES 0` counts it, and as the allocator does. A release is a table of numbers and
//! choices ([`Layout`]) in `releases.rs`, with no code of its own.
//!
//! ```
//! use snaptape_memory::{Kind, Models, Value, nearest};
//! use snaptape_wire::Release;
//!
//! let mut value = Value::new(Kind::String, 9, false);
//! value.text_len = 12;
//! let cost = Models::default().cost(nearest(Release::redis(7, 4)), &value);
//! assert_eq!((cost.memory_bytes, cost.encoding.map(|e| e.name())), (72, Some("embstr")));
//! ```

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod allocator;
mod cache;
mod cost;
mod encoding;
mod keyspace;
mod layout;
mod model;
mod packed;
mod parts;
mod radix;
mod raised;
mod releases;
mod strings;
mod table;
mod value;

pub use allocator::Allocator;
pub use cache::CostCache;
pub use cost::Cost;
pub use encoding::Encoding;
pub use keyspace::{Database, keyspace_bytes};
pub use layout::{
    Counted, Embstr, FieldLayout, KeyLayout, Keyspace, Layout, Limits, SkiplistLayout, StreamLayout, Table,
    TreeCounted,
};
pub use model::{COUNT, MAX_ALLOCATORS, Models};
pub use packed::Item;
pub use parts::Part;
pub use raised::{Raised, Setting};
pub use releases::{RELEASES, nearest};
pub use value::{Kind, Packing, Score, Value};
