//! One key, read from its file on demand: its head, pages of its elements, windows of its strings, its figures.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{KeyName, Look, TypeName};

/// A place inside a value from which elements can be read without those before it. Only for the key it was given out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyPlace {
    /// Elements before it.
    pub element: u64,
    /// Offset in the contents of the file.
    pub offset: u64,
    /// What the format counts (elements, nodes), from here on.
    pub left: u64,
    /// The same before it.
    pub done: u64,
    /// What the expiries of fields count from, where they are relative.
    pub min_expiry_ms: Option<i64>,
}

impl KeyPlace {
    /// Most places that are kept of one key.
    pub const MOST: usize = 1024;
}

/// What an entry says before its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyHead {
    /// Its name.
    pub name: KeyName,
    /// The database it was looked up in: the file says it elsewhere.
    pub db: u64,
    /// Its type; of a module's value `module`.
    pub type_name: TypeName,
    /// The type byte, which says how the value is stored.
    pub type_byte: u8,
    /// Absolute expiry, Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// Seconds since its last access when the file was saved, where the file says.
    pub idle_s: Option<u64>,
    /// LFU counter, where the file says.
    pub freq: Option<u8>,
    /// The cluster slot of its name.
    pub slot: u16,
    /// Offset of the entry in the contents of the file, with its attributes.
    pub start: u64,
    /// Offset of its value.
    pub value_start: u64,
    /// RDB version of the file.
    pub rdb_version: u16,
    /// The release that wrote the file, like `redis-7.4`.
    pub release: String,
    /// When the file was written, Unix seconds, where it says.
    pub saved_at_s: Option<i64>,
    /// Is it a hash of which fields expire on their own?
    pub expires_fields: bool,
}

/// A string of an element, or its front.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ElementText {
    /// Its length.
    pub len_bytes: u64,
    /// Its first bytes, or all.
    pub bytes: Vec<u8>,
}

impl ElementText {
    /// Is this only its front?
    pub fn is_cut(&self) -> bool {
        (self.bytes.len() as u64) < self.len_bytes
    }
}

/// One element: an item, a member, a field with its value, an entry of a stream, a field of a module's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ElementRow {
    /// Which one it is in the order of the file, counted from 0.
    pub index: u64,
    /// ID of a stream's entry, place in an array, kind of a module's number.
    pub label: Option<String>,
    /// Its strings: the item, the member, field and value, fields and values.
    pub texts: Vec<ElementText>,
    /// Strings of it that are not listed.
    pub more_texts: u64,
    /// Score of a member, with as many digits as it needs.
    pub score: Option<String>,
    /// Longitude and latitude the score would be, with six digits, where it may be a position.
    pub position: Option<(String, String)>,
    /// Expiry of a field, Unix milliseconds.
    pub expires_at_ms: Option<i64>,
}

/// Some elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyPage {
    /// Whose they are.
    pub head: KeyHead,
    /// The elements.
    pub rows: Vec<ElementRow>,
    /// Elements that matched, listed or not; all where nothing was searched for.
    pub matches: u64,
    /// Elements in front of the place where reading stopped.
    pub read_up_to: u64,
    /// Was the end of the value reached?
    pub at_end: bool,
    /// Places that were passed.
    pub places: Vec<KeyPlace>,
    /// What is wrong with the value, or why reading stopped: a sentence.
    pub stopped: Option<String>,
}

/// A window of one string.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TextWindow {
    /// Length of the string; nothing where there is no such string.
    pub len_bytes: Option<u64>,
    /// Where the window begins in it.
    pub from: u64,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The same, looked at in the way that was asked for. The bytes are then not there.
    pub look: Option<Look>,
    /// Why reading stopped.
    pub stopped: Option<String>,
}

/// A string as bits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct BitFacts {
    /// Bits of the string.
    pub bits: u64,
    /// Those that are set: BITCOUNT.
    pub set: u64,
    /// The first one that is set: BITPOS 1.
    pub first_set: Option<u64>,
    /// The last one.
    pub last_set: Option<u64>,
    /// Bits of each cell but the last one.
    pub cell_bits: u64,
    /// How many are set in each cell.
    pub cells: Vec<u64>,
    /// Why reading stopped.
    pub stopped: Option<String>,
}

/// What bytes of the memory of a key are for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyMemoryPart {
    /// One word, stable: `key`, `header`, `table`, `elements`, `groups`.
    pub part: String,
    /// In a sentence's words.
    pub what: String,
    /// How many.
    pub memory_bytes: u64,
}

/// Figures of a key, from a walk over all of its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeySurvey {
    /// What its entry says.
    pub head: KeyHead,
    /// Offset behind the entry; where reading stopped, if it did.
    pub end: u64,
    /// The word TYPE answers.
    pub type_name: TypeName,
    /// The word OBJECT ENCODING uses.
    pub encoding: String,
    /// Elements, where they are known.
    pub elements: Option<u64>,
    /// Key and element bytes.
    pub payload_bytes: u64,
    /// Estimated RAM.
    pub memory_bytes: u64,
    /// The release it is estimated for.
    pub target: String,
    /// What it is for; adds up to it.
    pub memory_parts: Vec<KeyMemoryPart>,
    /// The longest element.
    pub largest_element_bytes: u64,
    /// Places to read from.
    pub places: Vec<KeyPlace>,
    /// What a stream says beside its entries.
    pub stream: Option<StreamFacts>,
    /// What is known of the value of a module.
    pub module: Option<ModuleFacts>,
    /// SHA-256 of the canonical form, where asked for.
    pub value_sha256: Option<String>,
    /// What is wrong with the value, or why reading stopped.
    pub stopped: Option<String>,
}

impl KeySurvey {
    /// Rows a table of its elements has; those of a module's value are not its elements.
    pub fn rows(&self) -> Option<u64> {
        self.module.as_ref().map_or(self.elements, |module| Some(module.rows))
    }
}

/// The value of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ModuleFacts {
    /// What people call the type, with its product.
    pub product: Option<String>,
    /// Version of the encoding of its values.
    pub encoding_version: u64,
    /// Do its rows carry the names the module gives them?
    pub is_named: bool,
    /// Is the first string of its first row a document, which is all of it?
    pub is_document: bool,
    /// The value in a sentence, where it is understood.
    pub sentence: Option<String>,
    /// Why it has no names, or what of it is not decoded: a sentence.
    pub note: Option<String>,
    /// Rows it has.
    pub rows: u64,
}

/// A stream beside its entries. IDs are text, as commands have them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct StreamFacts {
    /// Live entries.
    pub length: u64,
    /// The last ID ever added.
    pub last_id: String,
    /// The first live ID, where it is stored.
    pub first_id: Option<String>,
    /// The highest ID ever deleted, where it is stored.
    pub max_deleted_id: Option<String>,
    /// Entries ever added, where it is stored.
    pub entries_added: Option<u64>,
    /// Consumer groups.
    pub groups: Vec<GroupFacts>,
    /// Those that are not listed.
    pub more_groups: u64,
    /// How entries added twice are recognised (Redis 8.6): seconds they are remembered, entries per producer, producers.
    pub idempotence: Option<(u64, u64, u64)>,
}

/// A consumer group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct GroupFacts {
    /// Its name.
    pub name: Vec<u8>,
    /// The last ID delivered.
    pub last_id: String,
    /// Entries read, where known.
    pub entries_read: Option<u64>,
    /// Entries not delivered yet, where that can be told.
    pub lag: Option<u64>,
    /// Entries delivered and not acknowledged.
    pub pending: u64,
    /// The first of them.
    pub first_pending: Vec<PendingFacts>,
    /// Its consumers.
    pub consumers: Vec<ConsumerFacts>,
    /// Those that are not listed.
    pub more_consumers: u64,
}

/// An entry delivered and not acknowledged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PendingFacts {
    /// Which.
    pub id: String,
    /// Whose, where that consumer is listed.
    pub consumer: Option<Vec<u8>>,
    /// When it was delivered last, Unix milliseconds.
    pub delivered_at_ms: i64,
    /// How often.
    pub deliveries: u64,
}

/// A consumer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ConsumerFacts {
    /// Its name.
    pub name: Vec<u8>,
    /// When it last tried to read, Unix milliseconds.
    pub seen_at_ms: i64,
    /// When it last read something, where known.
    pub active_at_ms: Option<i64>,
    /// Entries it holds.
    pub pending: u64,
}

/// Commands that make a key again, or the payload of RESTORE; or the front of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Recreation {
    /// The bytes, as far as they were wanted at once.
    pub bytes: Vec<u8>,
    /// Bytes there are in all.
    pub len_bytes: u64,
    /// Commands, where these are commands.
    pub commands: u64,
    /// The whole command, where this is a payload and short, in a line behind its SELECT.
    pub line: Option<String>,
    /// Where this is a payload: what a shell runs to restore it from standard input, unless the name is none for a shell.
    pub shell: Option<String>,
    /// What the copy would lack, or needs; each a sentence.
    pub notes: Vec<String>,
    /// Why there is none: a sentence.
    pub refused: Option<String>,
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAnswer {
    /// Elements.
    Page(Box<KeyPage>),
    /// A window of a string.
    Text(TextWindow),
    /// A string as bits.
    Bits(BitFacts),
    /// Figures.
    Survey(Box<KeySurvey>),
    /// Commands.
    Commands(Recreation),
    /// The payload of RESTORE.
    Payload(Recreation),
}
