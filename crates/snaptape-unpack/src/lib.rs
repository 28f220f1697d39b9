//! Compressed and wrapped copies of snapshots and tapes, opened as their bytes arrive: gzip, zip, zstd, LZ4 frames, Valkey's
//! compressed envelope, captured replication, and any of these inside another.
//!
//! An [`Unpacker`] is pushed the bytes of a file in pieces of any length and hands on what is inside, also in pieces. It does no
//! I/O, holds a fixed amount whatever the file claims ([`Limits`]), and keeps everything before the first damage. What is wrong
//! with the container is a [`Flaw`] beside the contents. What is inside is nothing it knows about: see `snaptape-rdb` and
//! `snaptape-aof` for that.
//!
//! A zip archive has its table of contents at its end: [`zip::Directory`] finds it, and [`Unpacker::zip_entry`] opens one file.
//!
//! ```
//! use snaptape_unpack::{Container, Limits, Unpacker};
//!
//! // `printf PING | gzip -n`
//! let packed = b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x0b\xf0\xf4s\x07\0I\xd0@\x13\x04\0\0\0";
//! let mut inside = Vec::new();
//! let mut unpacker = Unpacker::new(Limits::default());
//! for window in packed.chunks(7) {
//!     unpacker.push(window, &mut |piece| inside.extend_from_slice(piece));
//! }
//! unpacker.finish(&mut |piece| inside.extend_from_slice(piece));
//! assert_eq!(unpacker.layers(), [Container::Gzip]);
//! assert_eq!((inside.as_slice(), unpacker.flaws().len()), (&b"PING"[..], 0));
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod capture;
mod container;
mod crc32;
mod envelope;
mod flaw;
mod gather;
mod gzip;
mod inflate;
mod layer;
mod limits;
mod lz4;
mod unpacker;
pub mod zip;
mod zstd;

pub use container::{Container, FRONT_BYTES, recognise};
pub use flaw::{Flaw, FlawKind};
pub use limits::Limits;
pub use unpacker::{MAX_PIECE_BYTES, Unpacker};
