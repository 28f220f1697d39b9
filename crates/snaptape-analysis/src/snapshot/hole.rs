//! Damage that reading stepped over.

use std::ops::Range;

use snaptape_rdb::NearMiss;
use snaptape_wire::Error;

/// A stretch of a snapshot that cannot be read.
#[derive(Debug, Clone)]
pub struct Hole {
    /// From the start of the damaged entry to where reading goes on, or to the end of the file.
    pub span: Range<u64>,
    /// How it was noticed.
    pub error: Error,
    /// Entries inside it that could be read, but only because the damage was mistaken for entries. They have been counted.
    pub doubtful_keys: u64,
    /// The last good key before it, its first bytes.
    pub last_key: Option<Vec<u8>>,
    /// What follows; `None` where nothing was found.
    pub behind: Option<Behind>,
    /// Changes of one bit that would make the damaged entry whole.
    pub near_misses: Vec<NearMiss>,
}

/// Where reading goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind {
    /// The database the keys were put into.
    pub db: u64,
    /// Is it certainly theirs? Not where a SELECTDB may be lost.
    pub certain: bool,
    /// The first good key, its first bytes.
    pub first_key: Option<Vec<u8>>,
}

impl Hole {
    pub(crate) fn new(span: Range<u64>, error: Error, near_misses: Vec<NearMiss>) -> Self {
        Self { span, error, doubtful_keys: 0, last_key: None, behind: None, near_misses }
    }
}
