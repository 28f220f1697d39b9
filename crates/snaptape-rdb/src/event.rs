//! What the parser hands out. Everything borrows from the window; nothing is unpacked until somebody asks.

use snaptape_wire::{Str, StrHead};

use crate::{LogicalType, Magic, ObjectType};

/// A piece of a snapshot. Their spans, in order, cover the file without gap or overlap.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The first nine bytes.
    Header {
        /// Whose numbers these are.
        magic: Magic,
        /// RDB version.
        version: u16,
    },
    /// A named fact about the file, or (Valkey, KeyDB) about what follows.
    Aux {
        /// Its name.
        name: Str<'a>,
        /// Its value.
        value: Str<'a>,
    },
    /// The keys that follow belong to this database.
    SelectDb {
        /// Its number.
        db: u64,
    },
    /// How many keys the database has; a hint for the server's tables.
    ResizeDb {
        /// Keys.
        keys: u64,
        /// Those with an expiry.
        expires: u64,
    },
    /// How many keys a cluster slot has; a hint.
    SlotInfo {
        /// Slot number.
        slot: u64,
        /// Keys.
        keys: u64,
        /// Those with an expiry.
        expires: u64,
    },
    /// Valkey 9: slots that were being imported.
    SlotImport {
        /// Name of the job.
        job: Str<'a>,
        /// Number of slot ranges.
        ranges: u64,
    },
    /// A function library: its source.
    Function {
        /// Lua, beginning with `#!lua name=...`.
        code: Str<'a>,
    },
    /// A function library as Redis 7.0 release candidates wrote it.
    FunctionPreGa {
        /// Name of the library.
        name: Str<'a>,
        /// Its engine.
        engine: Str<'a>,
        /// Its source.
        code: Str<'a>,
    },
    /// Data of a module that belongs to no key; its fields follow as [`Part`]s, then [`Event::ModuleAuxEnd`].
    ModuleAux {
        /// Whose.
        module: ModuleId,
        /// Loaded before the keys (1) or after them (2).
        when: u64,
    },
    /// The end of it.
    ModuleAuxEnd,
    /// Expiry of the next key, Unix milliseconds. Repeated in [`Key`].
    Expiry {
        /// When.
        at_ms: i64,
    },
    /// Idle time of the next key. Repeated in [`Key`].
    Idle {
        /// Seconds since its last access.
        secs: u64,
    },
    /// LFU counter of the next key. Repeated in [`Key`].
    Freq {
        /// Logarithmic counter, 0 - 255.
        counter: u8,
    },
    /// A key begins. Its value follows as [`Part`]s, then [`Event::KeyEnd`].
    Key(Key<'a>),
    /// A piece of the value of the last key (or module data).
    Part(Part<'a>),
    /// The end of the last key.
    KeyEnd,
    /// The opcode that ends the keys.
    Eof,
    /// The checksum, as stored; 0 when the writer did not compute one.
    Checksum {
        /// CRC-64.
        stored: u64,
    },
}

/// The head of a key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key<'a> {
    /// Its name.
    pub name: Str<'a>,
    /// Its database.
    pub db: u64,
    /// How its value is stored.
    pub object: ObjectType,
    /// The type byte.
    pub type_byte: u8,
    /// Absolute expiry, Unix milliseconds.
    pub expires_at_ms: Option<i64>,
    /// Seconds since its last access, where the writer's policy was LRU.
    pub idle_s: Option<u64>,
    /// LFU counter, where the writer's policy was LFU.
    pub freq: Option<u8>,
    /// Offset of its first attribute, or of the type byte: where the entry begins in the file.
    pub offset: u64,
    /// Keys before it in the file.
    pub index: u64,
}

impl Key<'_> {
    /// Its logical type.
    pub fn logical(&self) -> LogicalType {
        self.object.logical()
    }
}

/// What a string is to its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The value of a string key.
    Value,
    /// An element of a list.
    Item,
    /// A member of a set or sorted set.
    Member,
    /// A field of a hash.
    Field,
    /// The value of the field before it.
    FieldValue,
    /// A packed collection.
    Packed(Packing),
    /// A string a module wrote.
    ModuleString,
}

/// How a packed collection is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the servers' own")]
pub enum Packing {
    Zipmap,
    Ziplist,
    Intset,
    Listpack,
}

/// A piece of a value.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Part<'a> {
    /// How many elements, nodes or pairs follow.
    Count(u64),
    /// A string.
    Text(Role, Str<'a>),
    /// A string longer than [`snaptape_wire::Limits::max_inline_bytes`] begins; its stored bytes follow in chunks.
    LongBegin(Role, StrHead),
    /// The next stored bytes of it. How many come at a time depends on the windows.
    LongChunk(&'a [u8]),
    /// The end of it.
    LongEnd,
    /// The score of the member before it.
    Score(f64),
    /// Expiry of a hash field, Unix milliseconds.
    FieldExpiry {
        /// When; `None` for never.
        at_ms: Option<i64>,
        /// Does it belong to the field that follows (Redis) or to the one before (Valkey)?
        before_field: bool,
    },
    /// The earliest field expiry, as the writer saw it, Unix milliseconds.
    MinFieldExpiry(i64),
    /// The ID a stream's listpack counts from; the listpack follows.
    StreamNode(StreamId),
    /// What a stream says of itself.
    StreamInfo(StreamInfo),
    /// A consumer group begins.
    StreamGroup {
        /// Its name.
        name: Str<'a>,
        /// Last ID delivered.
        last_id: StreamId,
        /// Entries read, where known.
        entries_read: Option<u64>,
    },
    /// An entry the group has delivered and nobody has acknowledged.
    StreamPending {
        /// Which.
        id: StreamId,
        /// When it was delivered last, Unix milliseconds.
        delivered_at_ms: i64,
        /// How often.
        deliveries: u64,
    },
    /// A consumer of the group begins.
    StreamConsumer {
        /// Its name.
        name: Str<'a>,
        /// When it last tried to read, Unix milliseconds.
        seen_at_ms: i64,
        /// When it last succeeded, Unix milliseconds, where known.
        active_at_ms: Option<i64>,
    },
    /// A pending entry that the last consumer holds.
    StreamOwned(StreamId),
    /// Whose value this is.
    Module(ModuleId),
    /// A number a module wrote: signed, unsigned, float or double, as its bits.
    ModuleNumber {
        /// Tag 1 - 4 of the format.
        tag: u8,
        /// The bits.
        bits: u64,
    },
}

/// ID of a stream entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId {
    /// Unix milliseconds.
    pub ms: u64,
    /// Counter within that millisecond.
    pub seq: u64,
}

/// Counters of a stream.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StreamInfo {
    /// Live entries.
    pub length: u64,
    /// The last ID ever added.
    pub last_id: StreamId,
    /// The first live ID; from stream version 2 on.
    pub first_id: Option<StreamId>,
    /// The highest ID ever deleted; from stream version 2 on.
    pub max_deleted_id: Option<StreamId>,
    /// Entries ever added; from stream version 2 on.
    pub entries_added: Option<u64>,
}

/// A module type: nine characters and a version in one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u64);

impl ModuleId {
    /// The nine characters, first one first.
    pub fn name(self) -> [u8; 9] {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let mut name = [0; 9];
        for (i, c) in name.iter_mut().rev().enumerate() {
            // Six bits always index the table.
            let six = (self.0 >> (10 + 6 * i)) & 0x3f;
            *c = ALPHABET.get(usize::try_from(six).unwrap_or(0)).copied().unwrap_or(b'?');
        }
        name
    }

    /// Version of the module's encoding.
    pub fn encoding_version(self) -> u64 {
        self.0 & 0x3ff
    }
}
