//! What the tables of keys and expiries take beside the keys themselves.

use crate::{
    layout::Keyspace,
    model::Models,
    table::{bare_milli_entries, bucket_bytes, buckets, dict_slots},
};

/// What the tables of a database depend on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Database {
    /// Keys.
    pub keys: u64,
    /// Those with an expiry.
    pub with_ttl: u64,
}

/// What the tables of one database take in the `i`th release, from the allocator.
pub fn keyspace_bytes(models: &Models, i: usize, database: Database) -> u64 {
    let (layout, allocator, _) = models.get(i);
    let Database { keys, with_ttl } = database;
    let slots = |n: u64| if n == 0 { 0 } else { allocator.usable(dict_slots(n).saturating_mul(8)) };
    // A key's own entry is counted with the key.
    let expiry_entries = with_ttl.saturating_mul(allocator.usable(24));
    match layout.keyspace {
        Keyspace::Dict => slots(keys).saturating_add(slots(with_ttl)).saturating_add(expiry_entries),
        Keyspace::DictOfObjects => {
            let shared = |n| bare_milli_entries(n, dict_slots(n)).saturating_mul(allocator.usable(16)) / 1000;
            slots(keys)
                .saturating_add(shared(keys))
                .saturating_add(slots(with_ttl))
                .saturating_add(shared(with_ttl))
        }
        Keyspace::Buckets => {
            let table = |n| if n == 0 { 0 } else { bucket_bytes(n, buckets(n), allocator).1 };
            table(keys).saturating_add(table(with_ttl))
        }
    }
}
