//! What a key costs in RAM once a server has loaded it.
//!
//! One model serves every release for now: a 64-bit build with jemalloc, sizes of structures as in Redis 7. It is meant to be
//! honest, not exact: against MEMORY USAGE of other releases it is some per cent off, most for tiny strings. The layouts are
//! those of `object.h`, `sds.h`, `dict.h`, `quicklist.h`, `t_zset.c`; each constant names its structure.

#![no_std]
#![forbid(unsafe_code)]
#![warn(missing_docs)]

/// What is known of one release.
#[derive(Debug, Clone, Copy)]
pub struct Model {
    /// As `--target` takes it.
    pub name: &'static str,
}

/// The releases the model describes, oldest first.
pub const MODELS: [Model; 10] = [
    Model { name: "redis-6.0" },
    Model { name: "redis-6.2" },
    Model { name: "redis-7.0" },
    Model { name: "redis-7.2" },
    Model { name: "redis-7.4" },
    Model { name: "redis-8.0" },
    Model { name: "redis-8.2" },
    Model { name: "valkey-8.1" },
    Model { name: "valkey-9.0" },
    Model { name: "valkey-9.1" },
];

/// `robj`: type, encoding, LRU clock, reference count, pointer.
const OBJECT: u64 = 16;
/// `dictEntry`: key, value, next; jemalloc rounds 24 to 32.
const DICT_ENTRY: u64 = 32;
/// A slot in a table of pointers.
const BUCKET: u64 = 8;
/// `dict` itself with its two tables.
const DICT: u64 = 64;
/// `quicklist`.
const QUICKLIST: u64 = 48;
/// `quicklistNode`.
const QUICKLIST_NODE: u64 = 32;
/// `zskiplist` with its head node of 32 levels.
const SKIPLIST: u64 = 32 + 640;
/// `zskiplistNode`: member, score, back pointer, and 1.33 levels of 16 bytes on average.
const SKIPLIST_NODE: u64 = 48;
/// `stream` with its radix tree and counters.
const STREAM: u64 = 144;
/// A node of a radix tree, edges included.
const RAX_NODE: u64 = 64;
/// `listNode` of the old linked list.
const LIST_NODE: u64 = 32;

/// What jemalloc hands out for `len` bytes: 8, 16, then four classes per doubling.
/// Source: jemalloc's size classes with 4 KiB pages and the 16-byte quantum.
pub fn allocation_bytes(len: u64) -> u64 {
    match len {
        0 => 0,
        1..=8 => 8,
        9..=128 => len.next_multiple_of(16),
        _ => {
            // Spacing is a quarter of the power of two below.
            let below = (len - 1).ilog2();
            let spacing = 1_u64 << (below - 2);
            len.div_ceil(spacing).saturating_mul(spacing)
        }
    }
}

/// A string object's text in its own allocation: `sds` header by length, text, terminator.
pub fn sds_bytes(len: u64) -> u64 {
    let header = match len {
        0..32 => 1,
        32..256 => 3,
        256..65_536 => 5,
        65_536..0x1_0000_0000 => 9,
        _ => 17,
    };
    allocation_bytes(len.saturating_add(header + 1))
}

/// Slots of a table that holds `n` entries: the next power of two, at least 4.
fn buckets(n: u64) -> u64 {
    n.max(4).checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// What the key itself costs: its name, its entry in the main table and, with an expiry, one more entry.
pub fn key_bytes(name_len: u64, has_ttl: bool) -> u64 {
    let entry = DICT_ENTRY + BUCKET;
    sds_bytes(name_len) + entry + if has_ttl { entry } else { 0 }
}

/// How a value is held, with what its cost depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A number in the object's pointer.
    Int,
    /// Object and text in one allocation.
    Embstr {
        /// Length of the text.
        len: u64,
    },
    /// Object and text apart.
    Raw {
        /// Length of the text.
        len: u64,
    },
    /// One packed blob: listpack, ziplist, intset, zipmap.
    Packed {
        /// Its length, unpacked.
        len: u64,
    },
    /// A list of packed nodes.
    Quicklist {
        /// Nodes.
        nodes: u64,
        /// Their allocations together ([`allocation_bytes`] of each).
        allocated: u64,
    },
    /// The linked list of Redis 3.0 and earlier.
    LinkedList {
        /// Elements.
        elements: u64,
        /// Their strings together ([`sds_bytes`] of each).
        allocated: u64,
    },
    /// A table of strings: a set's members, or a hash's fields and values.
    Table {
        /// Entries.
        entries: u64,
        /// All strings together ([`sds_bytes`] of each).
        allocated: u64,
    },
    /// A sorted set as skip list and table.
    Skiplist {
        /// Members.
        members: u64,
        /// Their strings together ([`sds_bytes`] of each).
        allocated: u64,
    },
    /// A stream.
    Stream {
        /// Listpack nodes.
        nodes: u64,
        /// Their allocations together.
        allocated: u64,
        /// Consumer groups and consumers.
        groups_and_consumers: u64,
        /// Pending entries.
        pending: u64,
    },
    /// A module's value: what it wrote is all there is to go by.
    Module {
        /// Strings and numbers it wrote.
        payload: u64,
    },
}

/// What the value costs, without its key ([`key_bytes`]).
pub fn value_bytes(shape: Shape) -> u64 {
    match shape {
        Shape::Int => OBJECT,
        Shape::Embstr { len } => allocation_bytes(len.saturating_add(OBJECT + 4)),
        Shape::Raw { len } => sum([OBJECT, sds_bytes(len)]),
        Shape::Packed { len } => sum([OBJECT, allocation_bytes(len)]),
        Shape::Quicklist { nodes, allocated } => {
            sum([OBJECT + QUICKLIST, times(nodes, QUICKLIST_NODE), allocated])
        }
        Shape::LinkedList { elements, allocated } => {
            sum([OBJECT + QUICKLIST, times(elements, LIST_NODE + OBJECT), allocated])
        }
        Shape::Table { entries, allocated } => {
            sum([OBJECT, table(entries), times(entries, DICT_ENTRY), allocated])
        }
        Shape::Skiplist { members, allocated } => {
            sum([OBJECT + SKIPLIST, table(members), times(members, DICT_ENTRY + SKIPLIST_NODE), allocated])
        }
        Shape::Stream { nodes, allocated, groups_and_consumers, pending } => {
            let leaves = sum([nodes, times(pending, 2), groups_and_consumers]);
            sum([OBJECT + STREAM, allocated, times(leaves, RAX_NODE), times(groups_and_consumers, STREAM)])
        }
        Shape::Module { payload } => sum([OBJECT, allocation_bytes(payload)]),
    }
}

fn table(entries: u64) -> u64 {
    sum([DICT, times(buckets(entries), BUCKET)])
}

/// A product that stays at the top instead of starting over: counts come from files.
fn times(n: u64, each: u64) -> u64 {
    n.saturating_mul(each)
}

/// A sum that stays at the top instead of starting over.
fn sum<const N: usize>(parts: [u64; N]) -> u64 {
    parts.into_iter().fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn size_classes_are_those_of_jemalloc() {
        for (len, class) in [
            (0, 0),
            (1, 8),
            (9, 16),
            (17, 32),
            (33, 48),
            (128, 128),
            (129, 160),
            (160, 160),
            (161, 192),
            (257, 320),
            (1_025, 1_280),
            (4_097, 5_120),
            (16_385, 20_480),
        ] {
            assert_eq!(allocation_bytes(len), class, "{len}");
        }
    }

    #[test]
    fn absurd_counts_do_not_overflow() {
        let huge = u64::MAX;
        for shape in [
            Shape::Quicklist { nodes: huge, allocated: huge },
            Shape::Table { entries: huge, allocated: 0 },
            Shape::Stream { nodes: huge, allocated: 0, groups_and_consumers: 0, pending: 1 },
        ] {
            assert!(value_bytes(shape) > 1 << 60, "{shape:?}");
        }
    }
}
