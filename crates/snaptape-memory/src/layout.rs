//! What a release's structures look like, as far as memory depends on it.
//!
//! A release is a [`Layout`]: numbers and choices, nothing that runs. All are 64-bit builds.

use snaptape_wire::Release;

use crate::Allocator;

/// How one release holds data, and what its `MEMORY USAGE` counts of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// The release.
    pub release: Release,
    /// The allocator of the build the figures were checked against, and the one that is assumed.
    pub allocator: Allocator,
    /// Where keys and values meet.
    pub key: KeyLayout,
    /// Which strings are `embstr`.
    pub embstr: Embstr,
    /// What a packed value (ziplist, listpack, intset) counts as.
    pub packed: Counted,
    /// Are small lists, hashes and sorted sets listpacks (7.0 on), or ziplists?
    pub has_listpacks: bool,
    /// Does a packed score have as many digits as it needs (7.2 on), or 17?
    pub has_short_scores: bool,
    /// Can a list be a listpack without a quicklist (7.2 on)?
    pub has_list_listpack: bool,
    /// `listpackEx`, where a small hash stays packed when its fields have expiries (Redis 7.4 on).
    pub listpack_ex: Option<u64>,
    /// Can a set be a listpack (7.2 on)?
    pub has_set_listpack: bool,
    /// `quicklist` and `quicklistNode`.
    pub quicklist: (u64, u64),
    /// The table inside a set, a hash or a sorted set.
    pub table: Table,
    /// Fields and values of a hash that is a table.
    pub field: FieldLayout,
    /// `zset`, `zskiplist` and its head node.
    pub skiplist: SkiplistLayout,
    /// Streams.
    pub stream: StreamLayout,
    /// The limits of the default configuration.
    pub limits: Limits,
    /// The table of all keys and that of expiries.
    pub keyspace: Keyspace,
}

/// How a key stands beside its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyLayout {
    /// Key, object and the entry that joins them are allocations of their own.
    Apart {
        /// `dictEntry`.
        entry: u64,
    },
    /// The object holds the key, and its expiry where it has one (`kvobj` in Redis 8.2, `robj` in Valkey).
    InObject {
        /// Does `MEMORY USAGE` count the allocation, or only the 16 bytes of `robj` (Valkey 8.1)?
        counted: bool,
        /// Bytes of the object of an `embstr`: Valkey 9.1 gives the pointer up for text.
        embstr_object: u64,
    },
}

/// Which strings share an allocation with their object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Embstr {
    /// Up to this many bytes of text.
    UpTo(u64),
    /// While an object of so many bytes, key, expiry and text fit into so many.
    Within {
        /// The object.
        object: u64,
        /// All.
        bytes: u64,
        /// Is the longer header of names from 32 bytes on counted? Where it is not, the allocation may be larger than `bytes`.
        long_header: bool,
    },
}

/// What `MEMORY USAGE` says of an allocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// The bytes that are used.
    Used,
    /// The bytes the allocator handed out.
    Allocated,
}

/// A hash table of pointers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// `dict`: as many slots as the next power of two, one entry per element.
    Dict {
        /// `dict`.
        header: u64,
        /// `dictEntry` as `MEMORY USAGE` counts it.
        entry: u64,
        /// What the entry of a table without values really is: whether an element needs one at all depends on its neighbours in
        /// the slot. Source: dict.c, `no_value`.
        bare_entry: Option<u64>,
        /// What `MEMORY USAGE` counts for an element of a sorted set.
        zset_entry: u64,
    },
    /// `hashtable` of Valkey: buckets of 64 bytes that hold seven entries and chain to others.
    Buckets {
        /// `hashtable`.
        header: u64,
        /// More of it in a hash.
        hash_metadata: u64,
    },
}

/// Fields of a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldLayout {
    /// Field and value are strings of their own.
    Apart,
    /// Field and value share an allocation while it has no more bytes than this; else the field's has a pointer to the value's.
    Joined {
        /// Bytes.
        up_to: u64,
    },
}

/// Skip lists. A node has 1.33 levels of 16 bytes on average, by chance: one in four has a second, and so on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkiplistLayout {
    /// `zset` and `zskiplist`.
    pub headers: [u64; 2],
    /// The head node with all its levels.
    pub head: u64,
    /// A node without its levels.
    pub node: u64,
    /// Is the member built into the node?
    pub member_in_node: bool,
}

/// Streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamLayout {
    /// `stream`.
    pub header: u64,
    /// Does `MEMORY USAGE` count it?
    pub header_counted: bool,
    /// `rax`.
    pub tree: u64,
    /// How a radix tree is counted.
    pub tree_counted: TreeCounted,
    /// What a listpack counts as.
    pub listpack: Counted,
    /// `streamCG`.
    pub group: u64,
    /// `streamConsumer`.
    pub consumer: u64,
    /// `streamNACK`.
    pub pending: u64,
}

/// What `MEMORY USAGE` says of a radix tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeCounted {
    /// 16 bytes a key and 244 a node, a rule of thumb. Source: object.c, `streamRadixTreeMemoryUsage`.
    RuleOfThumb,
    /// Its allocations. Source: `raxAllocSize`.
    Allocated,
}

/// How much a packed value may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// `hash-max-listpack-entries`.
    pub hash_entries: u64,
    /// `hash-max-listpack-value`.
    pub hash_value: u64,
    /// `zset-max-listpack-entries`.
    pub zset_entries: u64,
    /// `zset-max-listpack-value`.
    pub zset_value: u64,
    /// `set-max-listpack-entries`.
    pub set_entries: u64,
    /// `set-max-listpack-value`.
    pub set_value: u64,
    /// `set-max-intset-entries`.
    pub intset_entries: u64,
}

impl Limits {
    /// The highest limit of entries a cost can be worked out for: twice the highest default.
    pub const MOST_PACKED: u64 = 1024;

    /// What all releases since 2.6 start with.
    pub const DEFAULT: Self = Self {
        hash_entries: 512,
        hash_value: 64,
        zset_entries: 128,
        zset_value: 64,
        set_entries: 128,
        set_value: 64,
        intset_entries: 512,
    };
}

/// The tables a database has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyspace {
    /// `dict` of keys with an entry each, and one of expiries with an entry each.
    Dict,
    /// `dict` of keys that stand in the slots themselves, with entries only where several share a slot (Redis 8.2).
    DictOfObjects,
    /// `hashtable`, for both.
    Buckets,
}
