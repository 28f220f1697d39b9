//! What one value holds: its elements however it is stored, ways to look at the bytes of its strings, and the commands that would
//! make it again.
//!
//! [`Walk`] turns the parser's events into [`Piece`]s; what gathers them ([`Rows`], [`Window`], [`Bits`], [`StreamScan`]) holds a
//! bounded part of the value, however large that is. No I/O and no clock: `snaptape-engine` reads.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod geo;
mod look;
mod modules;
mod number;
mod output;
mod payload;
mod quote;
mod recreate;
mod rows;
mod stream;
mod walk;
mod window;

pub use geo::{likely_position, position};
pub use look::{Cardinality, guesses, hyperloglog, look};
pub use number::double;
pub use payload::Payload;
pub use quote::quote;
pub use recreate::Commands;
pub use rows::{ElementSearch, Rows};
pub use stream::{StreamScan, id_text};
pub use walk::{Piece, Sink, Walk};
pub use window::{Bits, Window};
