//! One value, as far as its memory depends on it, added up piece by piece as a file hands it out.

use crate::{
    Limits,
    model::{ByAllocator, ByWay, Models},
    packed::{self, Item},
    radix::{Radix, Shape},
    strings::sds,
};

/// Logical types, as far as memory knows them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    #[default]
    String,
    /// A list.
    List,
    /// A set.
    Set,
    /// A sorted set.
    Zset,
    /// A hash.
    Hash,
    /// A stream.
    Stream,
    /// A module's value, or one no described release has: what it holds is all there is to go by.
    Other,
}

/// A score as it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Score {
    /// With as many digits as it needs.
    pub item: Item,
    /// Bytes that 17 digits take more.
    pub more_digits: u64,
}

/// What packs values in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packing {
    /// A listpack.
    Listpack,
    /// A ziplist, or a zipmap.
    Ziplist,
    /// An intset.
    Intset,
}

/// Bytes a node of a quicklist holds with the default `list-max-listpack-size` of -2.
pub(crate) const NODE_BYTES: u64 = 8192;

/// A value's sums. Begin with [`Value::default`] and the fields that are known, then add its pieces.
#[derive(Debug, Clone, Copy, Default)]
pub struct Value {
    /// Its type.
    pub kind: Kind,
    /// Length of its key's name in bytes.
    pub key_len: u64,
    /// Has it an expiry?
    pub has_ttl: bool,
    /// A string's length.
    pub text_len: u64,
    /// Is a string the text of a 64-bit number?
    pub is_int: bool,
    /// Was a hash written with times beside its fields, even if none has one any more?
    pub has_times: bool,
    /// Was a list written as one ziplist (Redis before 3.2)? It stays a quicklist. Source: rdb.c, `RDB_TYPE_LIST_ZIPLIST`.
    pub is_ziplist_list: bool,
    /// Whatever a module wrote.
    pub other_bytes: u64,
    pub(crate) sums: Sums,
    pub(crate) stream: Stream,
}

/// Sums over the elements.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Sums {
    never_packed: bool,
    /// Elements: members, items, pairs, entries. Of a stream nothing hangs on them.
    pub(crate) elements: u64,
    /// Did its elements stand apart in the file, or in packed nodes?
    pub(crate) packed: Option<Packing>,
    /// Strings of elements that stand apart.
    pub(crate) strings: ByAllocator,
    pub(crate) joined: ByWay,
    pub(crate) nodes: ByWay,
    /// Longest element.
    pub(crate) longest: u64,
    /// The same as packed values, headers not counted.
    pub(crate) as_listpack: u64,
    pub(crate) as_ziplist: u64,
    /// The widest member of a set of numbers, in bytes; 0 once there is another.
    pub(crate) int_bytes: u64,
    /// Packed nodes, or elements that are nodes of their own.
    pub(crate) blobs: Blobs,
    /// The same with each ziplist as a listpack.
    pub(crate) listpacks: Blobs,
    /// Bytes that 17 digits take beyond those that packed scores need.
    pub(crate) more_digits: u64,
    /// How many fields stand before the first one too long for a packed hash.
    pub(crate) first_long: Option<u64>,
    /// Nodes that are one huge element.
    pub(crate) plain_nodes: u64,
    /// The node that a list of single strings is filling.
    open_node: u64,
    /// Do fields have expiries of their own?
    pub(crate) fields_with_ttl: u64,
    /// Their times as entries of a listpack.
    pub(crate) times_as_listpack: u64,
}

/// Packed nodes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Blobs {
    pub(crate) count: u64,
    pub(crate) used: u64,
    pub(crate) allocated: ByAllocator,
}

impl Blobs {
    fn add(&mut self, len: u64, models: &Models) {
        self.count += 1;
        self.used = self.used.saturating_add(len);
        models.each_allocator(&mut self.allocated, |allocator| allocator.usable(len));
    }
}

/// A stream beside its listpacks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stream {
    pub(crate) index: Radix,
    /// Pending entries of the group that is being read, and of its consumer.
    group_pending: Radix,
    consumer_pending: Radix,
    in_group: bool,
    in_consumer: bool,
    pub(crate) groups: u64,
    pub(crate) consumers: u64,
    pub(crate) consumer_names: u64,
    pub(crate) names: ByAllocator,
    pub(crate) pending: u64,
    /// All the groups' and consumers' trees of pending entries.
    pub(crate) trees: Shape,
    pub(crate) tree_count: u64,
}

impl Value {
    /// A value of `kind` under a key.
    pub fn new(kind: Kind, key_len: u64, has_ttl: bool) -> Self {
        let mut value = Self::default();
        value.begin(kind, key_len, has_ttl);
        value
    }

    /// Begins anew with another value. What only streams have is left alone unless one was there: there are many keys.
    #[inline]
    pub fn begin(&mut self, kind: Kind, key_len: u64, has_ttl: bool) {
        if self.kind == Kind::Stream {
            self.stream = Stream::default();
        }
        self.kind = kind;
        self.key_len = key_len;
        self.has_ttl = has_ttl;
        self.text_len = 0;
        self.is_int = false;
        self.has_times = false;
        self.is_ziplist_list = false;
        self.other_bytes = 0;
        self.sums = Sums { int_bytes: 2, ..Sums::default() };
    }

    /// An item, member, field or value that stands apart, as it would be packed.
    #[inline]
    fn pack(&mut self, item: Item, len: u64) {
        self.sums.longest = self.sums.longest.max(len);
        if !self.sums.never_packed && self.sums.elements <= Limits::MOST_PACKED {
            self.sums.as_listpack = self.sums.as_listpack.saturating_add(item.listpack_bytes());
            self.sums.as_ziplist = self.sums.as_ziplist.saturating_add(item.ziplist_bytes());
        }
    }

    /// Adds a set's member of `len` bytes.
    #[inline]
    pub fn member(&mut self, len: u64, item: Item, models: &Models) {
        self.sums.elements += 1;
        self.pack(item, len);
        self.sums.int_bytes = match item {
            Item::Int(n) if self.sums.int_bytes > 0 => self.sums.int_bytes.max(packed::intset_member(n)),
            _ => 0,
        };
        models.each_allocator(&mut self.sums.strings, |allocator| allocator.usable(sds(len)));
    }

    /// Adds a sorted set's member of `len` bytes with its score.
    #[inline]
    pub fn scored(&mut self, len: u64, item: Item, score: impl FnOnce() -> Score, models: &Models) {
        self.sums.elements += 1;
        self.pack(item, len);
        if !self.sums.never_packed && self.sums.elements <= Limits::MOST_PACKED {
            let score = score();
            self.sums.as_listpack = self.sums.as_listpack.saturating_add(score.item.listpack_bytes());
            self.sums.as_ziplist = self.sums.as_ziplist.saturating_add(score.item.ziplist_bytes());
            self.sums.more_digits += score.more_digits;
        }
        models.each_allocator(&mut self.sums.strings, |allocator| allocator.usable(sds(len)));
        models.node(&mut self.sums.nodes, len);
    }

    /// Adds a hash's field and its value.
    #[inline]
    pub fn pair(&mut self, field: (u64, Item), value: (u64, Item), expires: bool, models: &Models) {
        self.sums.elements += 1;
        self.sums.fields_with_ttl += u64::from(expires);
        self.pack(field.1, field.0);
        self.pack(value.1, value.0);
        if field.0.max(value.0) > Limits::DEFAULT.hash_value && self.sums.first_long.is_none() {
            self.sums.first_long = Some(self.sums.elements - 1);
        }
        // A time of 41 bits, or none.
        self.sums.times_as_listpack += if expires { 10 } else { 2 };
        models.each_allocator(&mut self.sums.strings, |allocator| {
            // Source: t_hash.c, `hfieldNew`: the time stands before the text.
            let expiry = if expires { FIELD_EXPIRY } else { 0 };
            allocator
                .usable(sds(field.0).saturating_add(expiry))
                .saturating_add(allocator.usable(sds(value.0)))
        });
        models.join(&mut self.sums.joined, field.0, value.0, expires);
    }

    /// Adds an item of a list that was written one by one: it goes into a node while that has room. Source: quicklist.c,
    /// `_quicklistNodeAllowInsert`.
    pub fn item(&mut self, len: u64, item: Item, models: &Models) {
        self.sums.elements += 1;
        if len > NODE_BYTES {
            self.close_node(models);
            self.plain_node(len, models);
            return;
        }
        if self.sums.open_node > 0 && self.sums.open_node.saturating_add(len + 8) > NODE_BYTES {
            self.close_node(models);
        }
        self.sums.open_node = self.sums.open_node.max(Item::LISTPACK_BYTES) + item.listpack_bytes();
    }

    fn close_node(&mut self, models: &Models) {
        if self.sums.open_node > 0 {
            self.blob(Packing::Listpack, self.sums.open_node, self.sums.open_node, models);
            self.sums.open_node = 0;
        }
    }

    /// Adds a list's node that is one huge element.
    pub fn plain_node(&mut self, len: u64, models: &Models) {
        self.sums.plain_nodes += 1;
        self.sums.blobs.add(len, models);
        self.sums.listpacks.add(len, models);
    }

    /// Adds a packed node: `len` bytes as it is, `as_listpack` if it were a listpack.
    pub fn blob(&mut self, packing: Packing, len: u64, as_listpack: u64, models: &Models) {
        self.sums.packed = Some(packing);
        self.sums.blobs.add(len, models);
        self.sums.listpacks.add(as_listpack, models);
    }

    /// Its length, if it is one listpack that is small enough to stay one in every release.
    #[inline]
    pub(crate) fn as_one_small_listpack(&self) -> Option<u64> {
        let sums = &self.sums;
        let limits = Limits::DEFAULT;
        let is_small = match self.kind {
            Kind::Hash => sums.elements <= limits.hash_entries && !self.has_times,
            Kind::Zset => sums.elements <= limits.zset_entries,
            Kind::List => sums.plain_nodes == 0 && !self.is_ziplist_list,
            _ => false,
        };
        let is_one = sums.packed == Some(Packing::Listpack) && sums.blobs.count == 1;
        (is_small && is_one).then_some(sums.blobs.used)
    }

    /// So many elements will come: where no packed value holds that many, its length as one is not worked out.
    #[inline]
    pub fn expect(&mut self, elements: u64) {
        self.sums.never_packed = elements > Limits::MOST_PACKED;
    }

    /// Is it known to have more elements than any packed value?
    #[inline]
    pub fn is_never_packed(&self) -> bool {
        self.sums.never_packed
    }

    /// So many elements stood in packed nodes.
    pub fn packed_elements(&mut self, elements: u64) {
        self.sums.elements = self.sums.elements.saturating_add(elements);
    }

    /// All pieces of the value are there.
    pub fn end(&mut self, models: &Models) {
        self.close_node(models);
        self.end_group(models);
    }

    /// A stream's listpack begins at this ID.
    pub fn stream_node(&mut self, ms: u64, seq: u64, models: &Models) {
        self.stream.index.push(ms, seq, models.allocators());
    }

    /// A consumer group begins; `name_len` bytes of name.
    pub fn stream_group(&mut self, name_len: u64, models: &Models) {
        self.end_group(models);
        self.stream.in_group = true;
        self.stream.groups += 1;
        self.name(name_len, models);
    }

    /// A consumer of the group begins.
    pub fn stream_consumer(&mut self, name_len: u64, models: &Models) {
        self.end_consumer(models);
        self.stream.in_consumer = true;
        self.stream.consumers += 1;
        self.stream.consumer_names = self.stream.consumer_names.saturating_add(name_len);
        self.name(name_len, models);
    }

    /// A pending entry of the group, or, once a consumer began, of the consumer.
    pub fn stream_pending(&mut self, ms: u64, seq: u64, models: &Models) {
        if self.stream.in_consumer {
            self.stream.consumer_pending.push(ms, seq, models.allocators());
        } else {
            self.stream.pending += 1;
            self.stream.group_pending.push(ms, seq, models.allocators());
        }
    }

    /// A name in a radix tree: a run of bytes and a leaf, near enough.
    fn name(&mut self, len: u64, models: &Models) {
        models.each_allocator(&mut self.stream.names, |allocator| {
            let run = allocator.usable(len.saturating_add(4 + 8 + 7));
            run.saturating_add(allocator.usable(16))
        });
    }

    fn end_consumer(&mut self, models: &Models) {
        if self.stream.in_consumer {
            self.stream.in_consumer = false;
            let tree = self.stream.consumer_pending.take(models.allocators());
            self.stream.trees.add(&tree);
            self.stream.tree_count += 1;
        }
    }

    fn end_group(&mut self, models: &Models) {
        self.end_consumer(models);
        if self.stream.in_group {
            self.stream.in_group = false;
            let tree = self.stream.group_pending.take(models.allocators());
            self.stream.trees.add(&tree);
            self.stream.tree_count += 1;
        }
    }
}

/// What a field's expiry adds to its string: `ExpireMeta` and two bytes of flags. Source: mstr.h, ebuckets.h.
const FIELD_EXPIRY: u64 = 18;
