//! What a server needs for the whole data set: keys, tables, and what it has anyway.

use snaptape_memory::{Allocator, Database, Models, keyspace_bytes, nearest};
use snaptape_report::{ByRelease, Instance, Reconciliation, Tally};
use snaptape_wire::Release;

use super::KeyFacts;

/// Allocations of all keys a server keeps when it loads them.
#[derive(Debug, Clone, Default)]
pub(super) struct InstanceFold {
    allocated: ByRelease,
    /// The same of keys that are not loaded any more.
    expired: ByRelease,
    release: usize,
    /// The release that wrote the files, and what it used.
    writer: Option<usize>,
    used_memory_bytes: u64,
    allocator: Option<Allocator>,
}

impl InstanceFold {
    pub(super) fn set_allocator(&mut self, allocator: Option<Allocator>) {
        self.allocator = allocator;
    }

    /// Adds a key; one whose time has come is not loaded.
    #[inline]
    pub(super) fn add(&mut self, key: &KeyFacts<'_>) {
        self.release = self.release.max(key.release);
        if key.expired_now {
            self.expired.add(&key.allocated_by_release);
        } else {
            self.allocated.add(&key.allocated_by_release);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.release = self.release.max(other.release);
        self.allocated.add(&other.allocated);
        self.expired.add(&other.expired);
        self.writer = self.writer.max(other.writer);
        self.used_memory_bytes = self.used_memory_bytes.saturating_add(other.used_memory_bytes);
    }

    /// Notes what the writer of a file said it used.
    pub(super) fn add_used_memory(&mut self, bytes: u64, writer: Release) {
        self.writer = self.writer.max(Some(nearest(writer)));
        self.used_memory_bytes = self.used_memory_bytes.saturating_add(bytes);
    }

    /// The estimate for the release that wrote the files beside what it said.
    pub(super) fn reconcile(&self, instance: &Instance) -> Option<Reconciliation> {
        let i = self.writer?;
        let bytes = |by: &ByRelease| by.0.get(i).copied().unwrap_or_default();
        let memory_bytes = bytes(&instance.by_release).saturating_add(bytes(&self.expired));
        Some(Reconciliation { memory_bytes, used_memory_bytes: self.used_memory_bytes })
    }

    /// The result. Keys of databases beyond the listed ones share the tables of one.
    pub(super) fn finish<'a>(&self, databases: impl Iterator<Item = &'a Tally>) -> Instance {
        let models = Models::new(self.allocator);
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
            tables_by_release: tables,
        }
    }
}
