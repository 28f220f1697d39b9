//! What can be asked about one key.

use core::ops::Range;

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use snaptape_report::{Format, KeyPlace};
use snaptape_values::ElementSearch;

/// Which key, and what about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyAsked {
    /// Offset of its entry in the contents of the file, as in [`snaptape_report::KeyRow::offset`].
    pub offset: u64,
    /// Its database: the file says it elsewhere.
    pub db: u64,
    /// A place before what is asked for, from an answer about the same key.
    pub place: Option<KeyPlace>,
    /// What.
    pub question: KeyQuestion,
}

/// What about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyQuestion {
    /// Elements.
    Elements(ElementsAsked),
    /// A window of one string.
    Text {
        /// The element, counted from 0.
        element: u64,
        /// Which string of it.
        text: u64,
        /// First byte.
        from: u64,
        /// How many, up to [`KeyQuestion::MOST_TEXT_BYTES`].
        len: u64,
        /// A way to look at it, if not at its bytes.
        format: Option<Format>,
        /// As in [`ElementsAsked::unnamed`].
        unnamed: bool,
    },
    /// A string's bits.
    Bits,
    /// Figures, which take a walk over all of the value.
    Survey {
        /// The release to estimate memory for (`redis-7.4`); the one that wrote the file where there is none.
        target: Option<String>,
        /// The allocator to assume.
        allocator: Option<String>,
        /// The digest of the value, too?
        digest: bool,
        /// The time of the load, Unix milliseconds: fields that have expired by then take no memory.
        now_ms: i64,
    },
    /// Commands that make it again.
    Commands {
        /// How many bytes of them are held; what [`super::KeyRead::take_bytes`] takes does not count.
        held_bytes: u64,
    },
    /// The payload of RESTORE.
    Payload {
        /// As for commands.
        held_bytes: u64,
    },
}

impl KeyQuestion {
    /// The longest window of a string.
    pub const MOST_TEXT_BYTES: u64 = 8 << 20;
    /// Most bytes of commands or of a payload that are held.
    pub const MOST_HELD_BYTES: u64 = 64 << 20;
    /// Most rows of a page.
    pub const MOST_ROWS: u64 = 10_000;

    /// Of a module's value: are its fields wanted without names, and which rows in words?
    pub(super) fn of_module(&self) -> (bool, Range<u64>) {
        match self {
            Self::Elements(asked) if asked.search.is_some() => (asked.unnamed, 0..u64::MAX),
            Self::Elements(asked) => (asked.unnamed, asked.from..asked.from.saturating_add(asked.limit)),
            Self::Text { element, unnamed, .. } => (*unnamed, *element..element.saturating_add(1)),
            Self::Bits | Self::Commands { .. } => (false, 0..1),
            Self::Survey { .. } | Self::Payload { .. } => (false, 0..0),
        }
    }
}

/// Which elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ElementsAsked {
    /// The first one, counted from 0.
    pub from: u64,
    /// How many rows, up to [`KeyQuestion::MOST_ROWS`].
    pub limit: u64,
    /// How many bytes of each string.
    pub text_bytes: u64,
    /// Only elements with this in a string or an ID; the value is then read to its end, to count them all.
    pub search: Option<ElementSearch>,
    /// The fields of a module's value without names: where [`snaptape_report::ModuleFacts`] say that they have none.
    pub unnamed: bool,
}
