//! Reader of RDB snapshots: bytes in, events out, for Redis (RDB 1 - 15), Valkey (up to `VALKEY081`) and what is known of KeyDB,
//! Redis Enterprise and Dragonfly.
//!
//! It does no I/O, holds no value, and unpacks nothing that is not asked for. What the events *mean* - sizes, patterns,
//! digests - is the business of `snaptape-analysis`; the bytes below (lengths, LZF, listpacks) are in `snaptape-wire`.
//!
//! [`Parser`] is the state machine, [`Reader`] the loop around it that a front end calls.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod event;
mod evidence;
mod fork;
mod mark;
mod opcode;
mod parser;
mod rare;
mod reader;
mod search;
mod stream;
mod template;
mod value;
mod vocabulary;
mod writer;

pub use event::{Event, Key, MetaClass, ModuleId, Packing, Part, Role, StreamId, StreamInfo};
pub use evidence::is_word;
pub use mark::Mark;
pub use opcode::{LogicalType, MAX_REDIS_VERSION, MAX_VALKEY_VERSION, Magic, ObjectType};
pub use parser::{Parser, Step};
pub use reader::Reader;
pub use search::{Found, Lost, NearMiss, Search, Searcher, SelectDb, TextMarks, follows_an_end};
pub use vocabulary::{Numbers, Vocabulary};
pub use writer::{Chunk, Made, Writer};
