//! What a value costs in a release.

use crate::{
    Allocator, Layout, Limits,
    encoding::{Encoding, embedded, key_in_object, packed_len},
    layout::{Counted, FieldLayout, KeyLayout, Table, TreeCounted},
    model::{COUNT, Models, Place, node_milli_bytes},
    parts::{Part, Tally},
    strings::sds,
    table::{
        bare_milli_entries, bucket_bytes, buckets, buckets_turned, dict_slots, dict_slots_grown,
        dict_slots_turned,
    },
    value::{Kind, Packing, Value},
};

/// `robj`: type, encoding, clock, reference count, pointer.
const OBJECT: u64 = 16;
/// `intset` without its members.
const INTSET: u64 = 8;

/// What a key and its value take.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// What `MEMORY USAGE key SAMPLES 0` answers, in bytes.
    pub memory_bytes: u64,
    /// What the allocator hands out for it: what `used_memory` grows by, the tables of the keyspace apart.
    pub allocated_bytes: u64,
    /// The word OBJECT ENCODING answers.
    pub encoding: Option<Encoding>,
}

impl Tally for Cost {
    #[inline]
    fn part(&mut self, _: Part) {}

    #[inline]
    fn count(&mut self, memory_bytes: u64, allocated_bytes: u64) {
        self.memory_bytes = self.memory_bytes.saturating_add(memory_bytes);
        self.allocated_bytes = self.allocated_bytes.saturating_add(allocated_bytes);
    }
}

impl Models {
    /// What `value` takes in the `i`th of [`RELEASES`](crate::RELEASES), with the limits of its default configuration.
    pub fn cost(&self, i: usize, value: &Value) -> Cost {
        self.cost_under(i, value, &self.get(i).0.limits)
    }

    /// The same with other limits, up to [`Limits::MOST_PACKED`] entries.
    pub fn cost_under(&self, i: usize, value: &Value, limits: &Limits) -> Cost {
        let mut cost = Cost::default();
        cost.encoding = Some(self.tally(i, value, limits, &mut cost));
        cost
    }

    /// Adds up what `value` takes.
    #[inline]
    pub(crate) fn tally(&self, i: usize, value: &Value, limits: &Limits, cost: &mut impl Tally) -> Encoding {
        let (layout, allocator, place) = self.get(i);
        let encoding = Encoding::on_load(value, layout, limits);
        let held = Held { layout, limits, allocator, place, value };
        cost.part(Part::Key);
        held.key(encoding, cost);
        cost.part(Part::Elements);
        match encoding {
            Encoding::Int | Encoding::Embstr => {}
            Encoding::Raw => cost.both(allocator.usable(sds(value.text_len))),
            Encoding::Ziplist | Encoding::Listpack => held.packed(cost),
            Encoding::ListpackEx => {
                cost.both(allocator.usable(layout.listpack_ex.unwrap_or_default()));
                let times = if value.sums.packed.is_some() { 0 } else { value.sums.times_as_listpack };
                let len = packed_len(value, layout).saturating_add(times);
                held.blob(len, allocator.usable(len), cost);
            }
            Encoding::Intset => held.intset(cost),
            Encoding::Quicklist => held.quicklist(cost),
            Encoding::Hashtable => held.table(cost),
            Encoding::Skiplist => held.skiplist(cost),
            Encoding::Stream => held.stream(cost),
            Encoding::Other => cost.both(allocator.usable(value.other_bytes)),
        }
        encoding
    }

    /// What `value` takes in every release.
    pub fn costs(&self, value: &Value) -> [Cost; COUNT] {
        core::array::from_fn(|i| self.cost(i, value))
    }
}

/// A value in a release.
struct Held<'a> {
    layout: &'static Layout,
    limits: &'a Limits,
    allocator: Allocator,
    place: Place,
    value: &'a Value,
}

impl Held<'_> {
    /// The sum for this release's allocator.
    fn sum(&self, sums: &crate::model::ByAllocator) -> u64 {
        sums[self.place.allocator]
    }

    /// An allocation, counted as what it was asked for.
    fn structure(&self, len: u64, cost: &mut impl Tally) {
        cost.count(len, self.allocator.usable(len));
    }

    /// Key and object.
    fn key(&self, encoding: Encoding, cost: &mut impl Tally) {
        let value = self.value;
        match self.layout.key {
            KeyLayout::Apart { entry } => {
                cost.both(self.allocator.usable(sds(value.key_len)));
                self.structure(entry, cost);
                if encoding == Encoding::Embstr {
                    // Source: object.c: 6.x counts the text and two bytes, 7.0 asks the allocator.
                    let allocated = self.allocator.usable(value.text_len.saturating_add(OBJECT + 4));
                    let counted = match self.layout.packed {
                        Counted::Used => value.text_len.saturating_add(OBJECT + 2),
                        Counted::Allocated => allocated,
                    };
                    cost.count(counted, allocated);
                } else {
                    cost.both(OBJECT);
                }
            }
            KeyLayout::InObject { counted, embstr_object } => {
                if encoding == Encoding::Embstr {
                    cost.both(self.allocator.usable(embedded(value, embstr_object)));
                    return;
                }
                let reserved = if value.key_len >= ROOM_FOR_EXPIRY && !value.has_ttl { 8 } else { 0 };
                let object = self.allocator.usable(key_in_object(value, OBJECT).saturating_add(reserved));
                cost.count(if counted { object } else { OBJECT }, object);
            }
        }
    }

    /// One packed value.
    fn packed(&self, cost: &mut impl Tally) {
        let len = packed_len(self.value, self.layout);
        self.blob(len, self.allocator.usable(len), cost);
    }

    fn blob(&self, used: u64, allocated: u64, cost: &mut impl Tally) {
        let counted = match self.layout.packed {
            Counted::Used => used,
            Counted::Allocated => allocated,
        };
        cost.count(counted, allocated);
    }

    fn intset(&self, cost: &mut impl Tally) {
        let value = self.value;
        let len = match value.sums.packed {
            Some(Packing::Intset) => value.sums.blobs.used,
            _ => value.sums.elements.saturating_mul(value.sums.int_bytes).saturating_add(INTSET),
        };
        self.blob(len, self.allocator.usable(len), cost);
    }

    fn quicklist(&self, cost: &mut impl Tally) {
        let (header, node) = self.layout.quicklist;
        let blobs =
            if self.layout.has_listpacks { &self.value.sums.listpacks } else { &self.value.sums.blobs };
        cost.part(Part::Header);
        self.structure(header, cost);
        let nodes = blobs.count;
        cost.part(Part::Table);
        cost.count(nodes.saturating_mul(node), nodes.saturating_mul(self.allocator.usable(node)));
        cost.part(Part::Elements);
        self.blob(blobs.used, self.sum(&blobs.allocated), cost);
    }

    /// A set, or a hash.
    fn table(&self, cost: &mut impl Tally) {
        let value = self.value;
        let is_hash = value.kind == Kind::Hash;
        match self.layout.table {
            Table::Dict { header, entry, bare_entry, .. } => {
                cost.part(Part::Header);
                self.structure(header, cost);
                cost.part(Part::Table);
                let slots = self.dict_slots();
                self.slots(slots, cost);
                let entries = match bare_entry {
                    Some(bare) if !is_hash => {
                        bare_milli_entries(value.sums.elements, slots)
                            .saturating_mul(self.allocator.usable(bare))
                            / 1000
                    }
                    _ => value.sums.elements.saturating_mul(self.allocator.usable(entry)),
                };
                cost.count(value.sums.elements.saturating_mul(entry), entries);
            }
            Table::Buckets { header, hash_metadata } => {
                cost.part(Part::Header);
                self.structure(header + if is_hash { hash_metadata } else { 0 }, cost);
                cost.part(Part::Table);
                let n = value.sums.elements;
                let buckets = match self.turned_at() {
                    Some(at) => buckets_turned(at, n),
                    None => buckets(n),
                };
                let (counted, allocated) = bucket_bytes(n, buckets, self.allocator);
                cost.count(counted, allocated);
                self.expiring_fields(value.sums.fields_with_ttl, header, cost);
            }
        }
        cost.part(Part::Elements);
        match (self.layout.field, self.place.joined) {
            (FieldLayout::Joined { .. }, Some(way)) if is_hash => cost.both(value.sums.joined[way]),
            _ => cost.both(self.sum(&value.sums.strings)),
        }
    }

    /// After how many fields a hash that began packed turned out to be none. Source: rdb.c, `RDB_TYPE_HASH`.
    fn turned_at(&self) -> Option<u64> {
        let value = self.value;
        let began_packed = value.kind == Kind::Hash
            && value.sums.packed.is_none()
            && value.sums.elements <= self.limits.hash_entries;
        if began_packed { value.sums.first_long } else { None }
    }

    /// Slots of the table of a set or a hash.
    fn dict_slots(&self) -> u64 {
        let n = self.value.sums.elements;
        match self.turned_at() {
            Some(at) => dict_slots_turned(at, n),
            // Source: rdb.c: a hash with times is not made for the fields it will have.
            None if self.value.has_times => dict_slots_grown(n),
            None => dict_slots(n),
        }
    }

    /// The set of fields that have an expiry. Source: vset.c of Valkey: the field itself if it is one, a vector of up to 127, else
    /// a radix tree of vectors and tables by time. Of the last the figure is that of one table for all: by measure up to 4 % of the
    /// hash too little, or 6 % too much, as the times lie.
    fn expiring_fields(&self, fields: u64, header: u64, cost: &mut impl Tally) {
        match fields {
            0 | 1 => {}
            2..=127 => self.structure(8 + 8 * fields, cost),
            _ => {
                self.structure(header, cost);
                let (counted, allocated) = bucket_bytes(fields, buckets(fields), self.allocator);
                cost.count(counted, allocated);
            }
        }
    }

    fn slots(&self, slots: u64, cost: &mut impl Tally) {
        let bytes = slots.saturating_mul(8);
        cost.count(bytes, self.allocator.usable(bytes));
    }

    fn skiplist(&self, cost: &mut impl Tally) {
        let value = self.value;
        let list = self.layout.skiplist;
        cost.part(Part::Header);
        for header in list.headers {
            self.structure(header, cost);
        }
        cost.both(self.allocator.usable(list.head));
        match self.layout.table {
            Table::Dict { header, entry, zset_entry, .. } => {
                self.structure(header, cost);
                cost.part(Part::Table);
                self.slots(dict_slots(value.sums.elements), cost);
                let allocated = value.sums.elements.saturating_mul(self.allocator.usable(entry));
                cost.count(value.sums.elements.saturating_mul(zset_entry), allocated);
            }
            Table::Buckets { header, .. } => {
                self.structure(header, cost);
                cost.part(Part::Table);
                let (counted, allocated) =
                    bucket_bytes(value.sums.elements, buckets(value.sums.elements), self.allocator);
                cost.count(counted, allocated);
            }
        }
        cost.part(Part::Elements);
        if let Some(way) = self.place.in_node {
            cost.both(value.sums.nodes[way] / 1000);
        } else {
            cost.both(self.sum(&value.sums.strings));
            cost.part(Part::Table);
            let each = node_milli_bytes(self.allocator, list.node);
            cost.both(value.sums.elements.saturating_mul(each) / 1000);
        }
    }

    fn stream(&self, cost: &mut impl Tally) {
        let stream = &self.value.stream;
        let layout = self.layout.stream;
        let header = if layout.header_counted { layout.header } else { 0 };
        cost.part(Part::Header);
        cost.count(header, self.allocator.usable(layout.header));
        cost.part(Part::Table);
        let mut index = stream.index;
        let index = index.take(&[self.allocator]);
        self.trees(&index, index.allocated[0], 1, cost);
        cost.part(Part::Groups);
        self.trees(&stream.trees, self.sum(&stream.trees.allocated), stream.tree_count, cost);
        cost.part(Part::Elements);
        let listpacks = &self.value.sums.listpacks;
        let allocated = self.sum(&listpacks.allocated);
        let counted = match layout.listpack {
            Counted::Used => listpacks.used,
            Counted::Allocated => allocated,
        };
        cost.count(counted, allocated);
        cost.part(Part::Groups);
        for (n, bytes) in [
            (stream.groups, layout.group),
            (stream.consumers, layout.consumer),
            (stream.pending, layout.pending),
        ] {
            cost.count(n.saturating_mul(bytes), n.saturating_mul(self.allocator.usable(bytes)));
        }
        // Names stand in the trees of groups and consumers, which nobody counts; a consumer's once more as a string.
        cost.count(stream.consumer_names, self.sum(&stream.names));
    }

    fn trees(&self, shape: &crate::radix::Shape, allocated: u64, trees: u64, cost: &mut impl Tally) {
        let allocated =
            allocated.saturating_add(trees.saturating_mul(self.allocator.usable(self.layout.stream.tree)));
        let counted = match self.layout.stream.tree_counted {
            TreeCounted::Allocated => allocated,
            TreeCounted::RuleOfThumb => {
                shape.keys.saturating_mul(16).saturating_add(shape.nodes.saturating_mul(4 + 8 * 30))
            }
        };
        cost.count(counted, allocated);
    }
}

/// A key of so many bytes has room for an expiry whether it has one or not. Source: object.c,
/// `KEY_SIZE_TO_INCLUDE_EXPIRE_THRESHOLD`.
const ROOM_FOR_EXPIRY: u64 = 128;
