//! The bytes below RDB and AOF: a cursor over a window, lengths, strings, LZF, CRC-64, the packed encodings
//! (ziplist, listpack, intset, zipmap), and the [`Error`] and [`Limits`] the parsers share.
//!
//! It knows nothing of files, opcodes or commands: see `snaptape-rdb` and `snaptape-aof` for those.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod error;
mod limits;
mod release;

pub use error::{Error, ErrorKind};
pub use limits::Limits;
pub use release::{NotARelease, Product, Release};
