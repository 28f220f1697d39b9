//! What a server needs for the whole data set: keys, tables, and what it has anyway.

use snaptape_memory::{Database, Models, keyspace_bytes};
use snaptape_report::{ByRelease, Instance, Tally};

use super::KeyFacts;

/// Allocations of all keys a server keeps when it loads them.
#[derive(Debug, Clone, Default)]
pub(super) struct InstanceFold {
    allocated: ByRelease,
    release: usize,
}

impl InstanceFold {
    /// Adds a key; one whose time has come is not loaded.
    #[inline]
    pub(super) fn add(&mut self, key: &KeyFacts<'_>) {
        self.release = self.release.max(key.release);
        if !key.expired_now {
            self.allocated.add(&key.allocated_by_release);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.release = self.release.max(other.release);
        self.allocated.add(&other.allocated);
    }

    /// The result. Keys of databases beyond the listed ones share the tables of one.
    pub(super) fn finish<'a>(&self, databases: impl Iterator<Item = &'a Tally>) -> Instance {
        let models = Models::default();
        let mut tables = ByRelease::default();
        for tally in databases {
            let database = Database {
                keys: tally.keys - tally.expired_now,
                with_ttl: tally.with_ttl - tally.expired_now,
            };
            for (i, sum) in tables.0.iter_mut().enumerate() {
                *sum = sum.saturating_add(keyspace_bytes(&models, i, database));
            }
        }
        let mut all = self.allocated;
        all.add(&tables);
        let chosen = |bytes: &ByRelease| bytes.0.get(self.release).copied().unwrap_or_default();
        Instance {
            release: self.release,
            keys_bytes: chosen(&self.allocated),
            tables_bytes: chosen(&tables),
            dataset_bytes: chosen(&all),
            by_release: all,
        }
    }
}
