//! Words for the values of the report types: those of every front end.

pub use snaptape_summary::words::*;

/// A name as it stands in a table: an empty one would be a hole.
pub fn named(name: &str) -> String {
    if name.is_empty() { "(empty name)".to_owned() } else { name.to_owned() }
}
