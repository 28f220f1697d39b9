//! What is looked for in opened files when somebody wants to see it.

use borsh::{BorshDeserialize, BorshSerialize};
use snaptape_engine::{BytePlace, KeyAsked, Source};
use snaptape_report::{
    CommandPage, CommandRow, ElementRow, FilePlaces, KeyAnswer, ListFrom, MapNesting, MemoryMap,
    StructurePage, StructureQuery, Tape,
};

use super::keys::{KeysAnswer, KeysRequest};
use super::{Asked, Program};
use crate::filter::FilterWords;

/// The program that looks things up.
#[derive(Debug)]
pub enum Look {}

impl Program for Look {
    const NAME: &'static str = "look";
    type Request = LookRequest;
    type Answer = LookAnswer;
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum LookRequest {
    /// List commands.
    Commands {
        /// Which.
        asked: Box<CommandsAsked>,
        /// [`crate::listing::tape_for`] of the tape.
        tape: Box<Tape>,
        /// [`super::Answers::sources`].
        sources: Vec<Source>,
    },
    /// Read one key.
    Key {
        /// Which, and what of it.
        asked: Box<KeyAsked>,
        /// The source it is in.
        source: Source,
        /// Is the answer to come as a file?
        as_file: bool,
    },
    /// Take a region apart. Whoever asks again does not want the answer to what was asked before.
    Region(Box<RegionAsked>),
    /// Nobody waits for a region any more. What was unpacked on the way to it is kept.
    StopRegion,
    /// Look for bytes.
    FindBytes(Box<BytesAsked>),
    /// The table over all keys.
    Keys(KeysRequest),
    /// Nest the keys of the snapshots by something else.
    Map {
        /// The time now, Unix milliseconds.
        now_ms: i64,
        /// What to answer for.
        asked: Asked,
        /// What to nest them by.
        nesting: MapNesting,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub enum LookAnswer {
    /// A part of the answer: matches of a search under way, since this was said last.
    Found {
        /// The rows.
        rows: Vec<CommandRow>,
        /// Matches so far, also those that are not listed.
        matches: u64,
        /// Bytes looked through.
        done_bytes: u64,
        /// Bytes to look through.
        total_bytes: u64,
    },
    /// The answer to [`LookRequest::Commands`]; without the rows that were told before.
    Commands(Box<CommandPage>),
    /// A part of the answer about a key: elements that match, since this was said last.
    KeyFound {
        /// The rows.
        rows: Vec<ElementRow>,
        /// Matches so far.
        matches: u64,
        /// Bytes looked through.
        done_bytes: u64,
        /// Bytes to look through, at most.
        total_bytes: u64,
    },
    /// The answer to [`LookRequest::Key`]; without the rows that were told before.
    Key(Box<KeyAnswer>),
    /// Of the table over all keys.
    Keys(KeysAnswer),
    /// A part of the answer to [`LookRequest::Region`].
    Bytes {
        /// [`RegionAsked::number`].
        number: u64,
        /// From [`snaptape_report::StructureQuery::start`] on.
        bytes: Vec<u8>,
    },
    /// The answer to [`LookRequest::Region`].
    Region {
        /// [`RegionAsked::number`].
        number: u64,
        /// What the bytes are; nothing where something else was asked for meanwhile.
        page: Option<Box<StructurePage>>,
    },
    /// The answer to [`LookRequest::FindBytes`]: where they stand, if they do.
    FoundBytes(Option<BytePlace>),
    /// The answer to [`LookRequest::Map`].
    Map(Box<MemoryMap>),
}

/// Which region is to be taken apart.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct RegionAsked {
    /// Another one each time.
    pub number: u64,
    /// What is known of the file.
    pub places: FilePlaces,
    /// Which bytes of it.
    pub query: StructureQuery,
    /// Where the file is.
    pub source: Source,
}

/// Which bytes are to be looked for.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct BytesAsked {
    /// Where the file is.
    pub source: Source,
    /// Length of its contents.
    pub content_bytes: u64,
    /// The bytes.
    pub needle: Vec<u8>,
    /// Where one is: the place beside that is wanted.
    pub cursor: u64,
    /// The one before it?
    pub back: bool,
}

/// Which commands of a tape are to be listed.
#[derive(Debug, Clone, PartialEq, BorshSerialize, BorshDeserialize)]
pub struct CommandsAsked {
    /// Where the list begins.
    pub from: ListFrom,
    /// What they have to be like.
    pub filter: FilterWords,
    /// How many at most.
    pub limit: u64,
    /// Is the whole tape to be looked through, and are matches to be told as they are found?
    pub search: bool,
}
