//! What a finished report comes to: the verdict in a sentence, what stands out, pictures as numbers and words, and the document of all of it.
//!
//! It is *not* the place where facts are found, nor where a front end draws them: a picture is given as shares of a width and a
//! height, and whoever shows it makes elements of them. Nothing here reads, waits, or knows a clock.
//!
//! ```
//! use snaptape_summary::picture::{Bar, Columns, Fill, Part};
//! let part = Part { fill: Fill::Plain, value: 3, name: "keys".into() };
//! let columns = Columns { bars: vec![Bar { label: "never".into(), short: "never".into(), parts: vec![part] }] };
//! assert_eq!(columns.most(), 3);
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod access;
pub mod document;
pub mod encodings;
pub mod expiry;
mod facts;
mod kinds;
pub mod names;
pub mod picture;
pub mod slots;
pub mod standouts;
pub mod verdict;
pub mod words;

pub use facts::Facts;

/// What a picture measures keys by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Weigh {
    /// Estimated memory.
    #[default]
    Memory,
    /// Their number.
    Keys,
}

impl Weigh {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Memory, Self::Keys];

    /// Its word in an address.
    pub fn id(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Keys => "keys",
        }
    }

    /// The one of that word.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|weigh| weigh.id() == id)
    }

    /// The figure that is meant.
    pub fn of(self, keys: u64, memory_bytes: u64) -> u64 {
        match self {
            Self::Memory => memory_bytes,
            Self::Keys => keys,
        }
    }

    /// That figure in words: `1.2 MB`, `12 keys`.
    pub fn words(self, value: u64) -> String {
        match self {
            Self::Memory => snaptape_report::units::bytes(value),
            Self::Keys => snaptape_report::units::plural(value, "key", "keys"),
        }
    }

    /// The same where there is little room: `1.2 MB`, `12`.
    pub fn figure(self, value: u64) -> String {
        match self {
            Self::Memory => snaptape_report::units::bytes(value),
            Self::Keys => snaptape_report::units::count(value),
        }
    }
}
