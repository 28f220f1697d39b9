//! Where the bytes of a file of the set are.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use snaptape_unpack::{Limits, Unpacker, zip::Entry};

/// Where the contents of one file of the set are: in an input as they are, packed, or as one file of an archive.
///
/// Spans in plans are spans of the contents. Whoever carries out a plan over a packed source pushes `start..end` of its input
/// through [`Self::unpacker`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Source {
    /// Its path, as reports and plans have it.
    pub path: String,
    /// Index into the inputs of the job.
    pub file: usize,
    /// First byte in that input.
    pub start: u64,
    /// Byte after the last one.
    pub end: u64,
    /// What it takes on disk: with the table of contents around it, where it is all of an archive.
    pub(crate) bytes_on_disk: u64,
    pub(crate) how: How,
}

/// What has to be done with them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub(crate) enum How {
    /// Nothing.
    AsIs,
    /// They are a container from their first byte.
    Packed,
    /// They begin with the header of this file in an archive.
    Entry(Box<Entry>),
}

impl Source {
    /// All of an input.
    pub(crate) fn whole(path: &str, file: usize, bytes: u64) -> Self {
        Self { path: path.into(), file, start: 0, end: bytes, bytes_on_disk: bytes, how: How::AsIs }
    }

    /// How many bytes it takes in its input.
    pub fn packed_bytes(&self) -> u64 {
        self.end - self.start
    }

    /// Length of its contents as far as names and tables tell before it is opened.
    pub(crate) fn bytes(&self) -> u64 {
        match &self.how {
            How::Entry(entry) => entry.bytes,
            How::AsIs | How::Packed => self.packed_bytes(),
        }
    }

    /// Are its bytes something else than its contents?
    pub fn is_packed(&self) -> bool {
        self.how != How::AsIs
    }

    /// What makes contents of its bytes, pushed from its start; nothing where they are the contents.
    pub fn unpacker(&self) -> Option<Unpacker> {
        match &self.how {
            How::AsIs => None,
            How::Packed => Some(Unpacker::new(Limits::default())),
            How::Entry(entry) => Some(Unpacker::zip_entry(entry, Limits::default())),
        }
    }
}
