//! The bytes below RDB and AOF: a cursor over a window, lengths, strings, LZF, CRC-64, the packed encodings
//! (ziplist, listpack, intset, zipmap), and the [`Error`] and [`Limits`] the parsers share.
//!
//! It knows nothing of files, opcodes or commands: see `snaptape-rdb` and `snaptape-aof` for those.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

extern crate alloc;

mod burst;
mod crc64;
mod cursor;
mod double;
mod error;
mod limits;
pub mod lzf;
mod lzf_stream;
mod offset;
pub mod packed;
mod release;
mod string;
mod tail;

pub use burst::{Burst, MAX_BURST_BYTES};
pub use crc64::Crc64;
pub use cursor::{Cursor, Read, Stop, StrHead};
pub use double::double;
pub use error::{Error, ErrorKind};
pub use limits::Limits;
pub use lzf_stream::LzfStream;
pub use offset::Offset;
pub use release::{NotARelease, Product, Release};
pub use string::{Str, StrForm, decimal_len, push_decimal};
pub use tail::{Consumed, Tail};
