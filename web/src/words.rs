//! Words for the values of the report types: those of every front end.

pub use snaptape_summary::words::*;
