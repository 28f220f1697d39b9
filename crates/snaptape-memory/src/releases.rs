//! The releases that are described. A new one is a new table here.
//!
//! Sources: `server.h`, `dict.h`, `quicklist.h`, `stream.h`, `hashtable.c`, `entry.c` and `objectComputeSize` (`object.c`) of each
//! release; what fixtures measured with is named with the allocator.

use snaptape_wire::{Product, Release};

use crate::{
    Allocator,
    layout::{
        Counted, Embstr, FieldLayout, KeyLayout, Keyspace, Layout, Limits, SkiplistLayout, StreamLayout,
        Table, TreeCounted,
    },
};

/// The releases that are described, oldest first.
pub const RELEASES: [Layout; 10] = [
    REDIS_6_0, REDIS_6_2, REDIS_7_0, REDIS_7_2, REDIS_7_4, REDIS_8_0, REDIS_8_2, VALKEY_8_1, VALKEY_9_0,
    VALKEY_9_1,
];

const REDIS_6_0: Layout = Layout {
    release: Release::redis(6, 0),
    allocator: Allocator::JemallocPackaged,
    key: KeyLayout::Apart { entry: 24 },
    embstr: Embstr::UpTo(44),
    packed: Counted::Used,
    has_listpacks: false,
    has_short_scores: false,
    has_list_listpack: false,
    listpack_ex: None,
    has_set_listpack: false,
    quicklist: (40, 32),
    table: Table::Dict { header: 96, entry: 24, bare_entry: None, zset_entry: 24 },
    field: FieldLayout::Apart,
    skiplist: SkiplistLayout { headers: [16, 32], head: 24 + 32 * 16, node: 24, member_in_node: false },
    stream: StreamLayout {
        header: 40,
        header_counted: false,
        tree: 24,
        tree_counted: TreeCounted::RuleOfThumb,
        listpack: Counted::Used,
        group: 32,
        consumer: 24,
        pending: 24,
    },
    limits: Limits::DEFAULT,
    keyspace: Keyspace::Dict,
};

const REDIS_6_2: Layout = Layout {
    release: Release::redis(6, 2),
    allocator: Allocator::JemallocBundled,
    stream: StreamLayout { header_counted: true, ..REDIS_6_0.stream },
    ..REDIS_6_0
};

const REDIS_7_0: Layout = Layout {
    release: Release::redis(7, 0),
    allocator: Allocator::JemallocPackaged,
    packed: Counted::Allocated,
    has_listpacks: true,
    quicklist: (40, 40),
    table: Table::Dict { header: 56, entry: 24, bare_entry: None, zset_entry: 24 },
    stream: StreamLayout {
        header: 80,
        header_counted: true,
        listpack: Counted::Allocated,
        group: 40,
        ..REDIS_6_2.stream
    },
    ..REDIS_6_2
};

const REDIS_7_2: Layout = Layout {
    release: Release::redis(7, 2),
    allocator: Allocator::JemallocBundled,
    has_short_scores: true,
    has_list_listpack: true,
    has_set_listpack: true,
    table: Table::Dict { header: 56, entry: 24, bare_entry: Some(16), zset_entry: 24 },
    stream: StreamLayout { consumer: 32, ..REDIS_7_0.stream },
    ..REDIS_7_0
};

const REDIS_7_4: Layout = Layout { listpack_ex: Some(32), release: Release::redis(7, 4), ..REDIS_7_2 };

const REDIS_8_0: Layout =
    Layout { release: Release::redis(8, 0), allocator: Allocator::JemallocPackaged, ..REDIS_7_4 };

const REDIS_8_2: Layout = Layout {
    release: Release::redis(8, 2),
    allocator: Allocator::JemallocBundled,
    key: KeyLayout::InObject { counted: true, embstr_object: 16 },
    embstr: Embstr::Within { object: 16, bytes: 64, long_header: false },
    table: Table::Dict { header: 56, entry: 24, bare_entry: Some(16), zset_entry: 16 },
    stream: StreamLayout { header: 112, pending: 32, ..REDIS_8_0.stream },
    listpack_ex: Some(24),
    keyspace: Keyspace::DictOfObjects,
    ..REDIS_8_0
};

const VALKEY_8_1: Layout = Layout {
    release: Release::valkey(8, 1),
    allocator: Allocator::JemallocPackaged,
    key: KeyLayout::InObject { counted: false, embstr_object: 16 },
    embstr: Embstr::Within { object: 16, bytes: 64, long_header: false },
    table: Table::Buckets { header: 72, hash_metadata: 0 },
    listpack_ex: None,
    field: FieldLayout::Joined { up_to: 128 },
    stream: StreamLayout { tree: 32, tree_counted: TreeCounted::Allocated, ..REDIS_7_2.stream },
    keyspace: Keyspace::Buckets,
    ..REDIS_7_2
};

/// No build of it was at hand: it is 8.1 with what 9.0's sources changed.
const VALKEY_9_0: Layout = Layout {
    release: Release::valkey(9, 0),
    key: KeyLayout::InObject { counted: true, embstr_object: 16 },
    embstr: Embstr::Within { object: 16, bytes: 64, long_header: true },
    table: Table::Buckets { header: 80, hash_metadata: 8 },
    ..VALKEY_8_1
};

const VALKEY_9_1: Layout = Layout {
    release: Release::valkey(9, 1),
    allocator: Allocator::JemallocPaged,
    key: KeyLayout::InObject { counted: true, embstr_object: 8 },
    embstr: Embstr::Within { object: 8, bytes: 128, long_header: true },
    // The head node is a part of `zskiplist`. Source: t_zset.c, `zslGetAllocSize`.
    skiplist: SkiplistLayout { headers: [16, 16 + 32 * 16], head: 0, node: 16, member_in_node: true },
    ..VALKEY_9_0
};

/// The description that fits `release`: of its own product the newest that is not newer, else the oldest. Redis up to 5.0 has the
/// layouts of 6.0 but for streams; Valkey 7.2 is Redis 7.2 and 8.0 has its tables still; KeyDB is a fork of Redis 6.
pub fn nearest(release: Release) -> usize {
    let asked = match (release.product, release.major, release.minor) {
        (Product::Valkey, ..8, _) | (Product::Valkey, 8, 0) => Release::redis(7, 2),
        (Product::KeyDb, major, minor) => Release::redis(major, minor),
        _ => release,
    };
    let of_product = |layout: &Layout| layout.release.product == asked.product;
    let fits = |layout: &Layout| {
        let known = layout.release;
        of_product(layout) && (known.major, known.minor) <= (asked.major, asked.minor)
    };
    RELEASES.iter().rposition(fits).or_else(|| RELEASES.iter().position(of_product)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_release_has_a_nearest() {
        for (i, layout) in RELEASES.iter().enumerate() {
            assert_eq!(nearest(layout.release), i);
        }
        for (asked, found) in [
            (Release::redis(2, 8), Release::redis(6, 0)),
            (Release::redis(8, 10), Release::redis(8, 2)),
            (Release::redis(7, 3), Release::redis(7, 2)),
            (Release::valkey(7, 2), Release::redis(7, 2)),
            (Release::valkey(8, 0), Release::redis(7, 2)),
            (Release::valkey(10, 0), Release::valkey(9, 1)),
            (Release::keydb(6, 3), Release::redis(6, 2)),
        ] {
            assert_eq!(RELEASES[nearest(asked)].release, found, "{asked}");
        }
    }
}
