//! The filter line over keys: `type:hash mem>1mb ttl:none match:user:*`.
//!
//! All words must hold. A word is a field and what it is to be (`db:0,3`, `idle>7d`, `ttl:1h..1d`), or text the name contains; a `-` in
//! front turns it around, quotes take away the meaning of everything inside them. [`parse`] reads a line without looking at a key,
//! [`KeyTest`] looks at keys, [`complete`] says what could be written next,
//! [`Line`] writes the line for what was counted together.

mod amount;
mod complete;
mod fields;
mod glob;
mod line;
mod parse;
mod part;
mod pattern;
mod test;
mod words;

pub(crate) use self::fields::Field;
pub use self::{
    complete::{Candidate, Completion, Vocabulary, complete, strangers},
    glob::fits as glob_fits,
    line::Line,
    parse::parse,
    test::KeyTest,
};
use crate::KeyFacts;

/// What is looked at and listed of a key; as much as [`KeyFacts`] without what only sums need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyCells<'a> {
    /// Which source of the job it stands in.
    pub file: u32,
    /// Offset of its entry in the contents of that file.
    pub offset: u64,
    /// Database number.
    pub db: u64,
    /// Its name.
    pub name: &'a [u8],
    /// The word TYPE answers.
    pub type_name: &'a str,
    /// The word OBJECT ENCODING uses.
    pub encoding: &'a str,
    /// STRLEN, LLEN and so on, where it is known.
    pub elements: Option<u64>,
    /// Absolute expiry, Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// Bytes of the entry in the file.
    pub file_bytes: u64,
    /// Key and element bytes.
    pub payload_bytes: u64,
    /// Estimated RAM.
    pub memory_bytes: u64,
    /// The longest single element; 0 where there is none.
    pub largest_element_bytes: u64,
    /// Seconds since its last access, where the file says.
    pub idle_s: Option<u64>,
    /// LFU counter, where the file says.
    pub freq: Option<u8>,
    /// Digest of the canonical value, where asked for.
    pub value_sha256: Option<[u8; 32]>,
}

impl<'a> KeyCells<'a> {
    /// Of a key of this file.
    pub fn new(key: &KeyFacts<'a>, file: u32) -> Self {
        Self {
            file,
            offset: key.offset,
            db: key.db,
            name: key.name,
            type_name: key.type_name,
            encoding: key.encoding,
            elements: key.elements,
            expires_at_ms: key.expires_at_ms,
            file_bytes: key.file_bytes,
            payload_bytes: key.payload_bytes,
            memory_bytes: key.memory_bytes,
            largest_element_bytes: key.largest_element_bytes,
            idle_s: key.idle_s,
            freq: key.freq,
            value_sha256: key.value_sha256,
        }
    }
}

/// What a line asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyFilter {
    pub(crate) terms: Vec<Term>,
}

impl KeyFilter {
    /// Does it take every key?
    pub fn takes_all(&self) -> bool {
        self.terms.is_empty()
    }
}

/// One word of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    /// Must not hold.
    pub(crate) negated: bool,
    /// Where it stands: first character and the one after its last.
    pub(crate) span: (usize, usize),
    pub(crate) asked: Asked,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// The name contains these bytes.
    Contains(Vec<u8>),
    /// The name fits, as for KEYS.
    Glob(Vec<u8>),
    /// The name matches somewhere.
    Regex(String),
    /// The pattern analysis counts it under this.
    Counted(Group, String),
    /// One of these words, in whatever case.
    Word(WordOf, Vec<String>),
    /// The figure lies in one of these ranges, ends included.
    Figure(Field, Vec<(u64, u64)>),
    /// It never expires.
    Never,
    /// It expires, at some time.
    Expires,
    /// Its time is past.
    Expired,
    /// Milliseconds from now on until it expires, ends included; what is past is below zero.
    Ttl(Vec<(i64, i64)>),
    /// It expires in one of these ranges, Unix milliseconds, ends included.
    ExpiresAt(Vec<(i64, i64)>),
}

/// Which groups of names are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// The pattern of the segments.
    Pattern,
    /// The same, or a longer one that begins with all its segments.
    Under,
    /// A template of the user's.
    Template,
    /// What the user's regular expression found.
    Found,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WordOf {
    Type,
    Encoding,
    /// Its path, else a glob over it, or a part of it.
    File,
}

/// Why a line cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterError {
    /// First character that is wrong, counted from 0.
    pub start: usize,
    /// The character after the last one that is wrong.
    pub end: usize,
    /// What is wrong, and what there is: a sentence without its full stop.
    pub message: String,
}

impl core::fmt::Display for FilterError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} (column {})", self.message, self.start + 1)
    }
}

impl core::error::Error for FilterError {}
