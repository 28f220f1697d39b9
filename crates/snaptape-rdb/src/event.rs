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
    /// Redis 8.10: the field names of many hashes begin. They follow as [`Part::Text`] of [`Role::Field`], then
    /// [`Event::HashTemplateEnd`].
    HashTemplate {
        /// What hashes refer to it by.
        id: u64,
        /// Number of names.
        fields: u64,
    },
    /// The end of them.
    HashTemplateEnd,
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
    /// Redis 8.6: metadata of the next key begins: for each class a [`Part::MetaClass`] and its fields, then
    /// [`Event::KeyMetaEnd`].
    KeyMeta {
        /// Number of classes.
        classes: u64,
    },
    /// The end of it.
    KeyMetaEnd,
    /// Redis Enterprise: when the next key was used last, in the units of its own clock.
    RamLru {
        /// The stored number.
        value: u64,
    },
    /// Redis Enterprise: the cluster slot of the keys that follow.
    SlotNum {
        /// Its number.
        slot: u64,
    },
    /// Dragonfly: flags of the next key.
    KeyFlags {
        /// Bit 0: never evicted; bit 1: has flags of the memcached protocol.
        bits: u32,
    },
    /// Dragonfly: the end of what a full synchronisation sends.
    FullSyncEnd,
    /// Dragonfly: so many bytes of compressed items begin here. Reading stops behind this event.
    CompressedBlock {
        /// `zstd` or `lz4`.
        codec: &'static str,
        /// Length of the block, compressed.
        packed_bytes: u64,
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
    /// A listpack of field names alone; the values follow.
    FieldNames,
    /// The script of a KeyDB cron job.
    Script,
    /// A key or an argument of it.
    Argument,
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
    /// Redis 8.8: a pending entry of the group that no consumer holds.
    StreamUnowned(StreamId),
    /// Redis 8.6: how a stream recognises what was added twice.
    StreamIdempotence {
        /// Seconds an entry is remembered.
        duration_s: u64,
        /// Entries remembered per producer at most.
        max_entries: u64,
    },
    /// A producer whose entries are remembered begins; their number follows as [`Part::Count`].
    StreamProducer {
        /// Its name.
        name: Str<'a>,
    },
    /// An entry of it.
    StreamProduced {
        /// What the producer calls it.
        name: Str<'a>,
        /// The entry.
        id: StreamId,
    },
    /// Sums over all producers.
    StreamIdempotenceTotals {
        /// Entries added.
        added: u64,
        /// Entries recognised as added before.
        duplicates: u64,
    },
    /// Redis 8.8: an array begins.
    Array {
        /// Elements that are set.
        count: u64,
        /// Where the last insertion took place, if one did.
        cursor: Option<u64>,
    },
    /// The place of the element that follows.
    ArrayIndex(u64),
    /// An element that is a whole number.
    ArrayInt(i64),
    /// An element that is a floating-point number.
    ArrayDouble(f64),
    /// The template that names the fields of this hash; the values follow.
    Template {
        /// Its ID.
        id: u64,
        /// Number of its names.
        fields: u64,
    },
    /// How the names of the fields are stored: 0 in a listpack, 1 one by one.
    TemplateFormat(u64),
    /// A rate limiter: when the next request would be on time, Unix microseconds.
    ArrivalTime {
        /// When.
        at_us: u64,
    },
    /// A KeyDB cron job.
    CronTimes {
        /// Its first run, Unix milliseconds.
        start_ms: i64,
        /// From one run to the next, milliseconds.
        interval_ms: i64,
    },
    /// Redis 8.6: a class of metadata begins; its fields follow as those of a module.
    MetaClass(MetaClass),
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

/// A class of key metadata. Shape: four characters of six bits, first one highest, five bits of version, three of flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetaClass(pub u32);

impl MetaClass {
    /// The four characters; the full name has `META-` before them.
    pub fn name(self) -> [u8; 4] {
        // The last two are the other way round than in the names of modules.
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
        let mut name = [0; 4];
        for (i, c) in name.iter_mut().rev().enumerate() {
            let six = (self.0 >> (8 + 6 * i)) & 0x3f;
            *c = ALPHABET.get(six as usize).copied().unwrap_or(b'?');
        }
        name
    }

    /// May a server that does not know the class leave it out?
    pub fn may_be_ignored(self) -> bool {
        self.0 & 1 != 0
    }
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
