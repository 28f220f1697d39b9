//! When keys were used last, or how often.

use core::cmp::Reverse;

use snaptape_report::{Access, AccessGroup, KeyRow};

use super::{KeyFacts, top::Top};

/// Idle seconds: where each group begins, and its name.
const IDLE: [(u64, &str); 8] = [
    (0, "under 1 min"),
    (60, "1 min - 1 h"),
    (3_600, "1 h - 1 day"),
    (86_400, "1 day - 1 week"),
    (7 * 86_400, "1 week - 30 days"),
    (30 * 86_400, "30 days - 90 days"),
    (90 * 86_400, "90 days - 1 year"),
    (365 * 86_400, "over 1 year"),
];

/// LFU counters. A new key begins at 5 and loses one a minute (`lfu-decay-time 1`); with `lfu-log-factor 10` a hundred hits make
/// about 10, a million hits 255. Source: redis.conf.
const FREQUENCY: [(u64, &str); 8] = [
    (0, "0"),
    (1, "1 - 4"),
    (5, "5 - 10"),
    (11, "11 - 20"),
    (21, "21 - 50"),
    (51, "51 - 100"),
    (101, "101 - 200"),
    (201, "201 - 255"),
];

/// Keys and their memory, group by group.
#[derive(Debug, Clone, Copy, Default)]
struct Groups([Sums; 8]);

/// Keys and their memory: all, and those that never expire.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    keys: u64,
    memory_bytes: u64,
    without_ttl_keys: u64,
    without_ttl_memory_bytes: u64,
}

impl Groups {
    fn add(&mut self, starts: &[(u64, &str); 8], value: u64, key: &KeyFacts<'_>) {
        let group = starts.iter().rposition(|(from, _)| value >= *from).unwrap_or(0);
        let sums = &mut self.0[group];
        sums.keys += 1;
        sums.memory_bytes = sums.memory_bytes.saturating_add(key.memory_bytes);
        if key.expires_at_ms.is_none() {
            sums.without_ttl_keys += 1;
            sums.without_ttl_memory_bytes = sums.without_ttl_memory_bytes.saturating_add(key.memory_bytes);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (sums, more) in self.0.iter_mut().zip(other.0) {
            sums.keys += more.keys;
            sums.memory_bytes = sums.memory_bytes.saturating_add(more.memory_bytes);
            sums.without_ttl_keys += more.without_ttl_keys;
            sums.without_ttl_memory_bytes =
                sums.without_ttl_memory_bytes.saturating_add(more.without_ttl_memory_bytes);
        }
    }

    fn keys(&self) -> u64 {
        self.0.iter().map(|sums| sums.keys).sum()
    }

    fn finish(&self, starts: &[(u64, &str); 8]) -> Vec<AccessGroup> {
        if self.keys() == 0 {
            return Vec::new();
        }
        let row = |((from, name), sums): (&(u64, &str), &Sums)| AccessGroup {
            name: (*name).into(),
            from: *from,
            keys: sums.keys,
            memory_bytes: sums.memory_bytes,
            without_ttl_keys: sums.without_ttl_keys,
            without_ttl_memory_bytes: sums.without_ttl_memory_bytes,
        };
        starts.iter().zip(&self.0).map(row).collect()
    }
}

/// Idle times and LFU counters. A file has one of them or neither; several files may differ.
#[derive(Debug, Clone)]
pub(crate) struct AccessFold {
    idle: Groups,
    frequency: Groups,
    hot_by_idle: Top<(Reverse<u64>, u64)>,
    cold_by_idle: Top<(u64, u64)>,
    hot_by_frequency: Top<(u8, u64)>,
    cold_by_frequency: Top<(Reverse<u8>, u64)>,
}

impl Default for AccessFold {
    fn default() -> Self {
        Self {
            idle: Groups::default(),
            frequency: Groups::default(),
            hot_by_idle: Top::new(Access::MAX_LISTED),
            cold_by_idle: Top::new(Access::MAX_LISTED),
            hot_by_frequency: Top::new(Access::MAX_LISTED),
            cold_by_frequency: Top::new(Access::MAX_LISTED),
        }
    }
}

impl AccessFold {
    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>, file: Option<&str>) {
        if let Some(idle) = key.idle_s {
            self.idle.add(&IDLE, idle, key);
            self.hot_by_idle.add((Reverse(idle), key.memory_bytes), key, file);
            self.cold_by_idle.add((idle, key.memory_bytes), key, file);
        }
        if let Some(counter) = key.freq {
            self.frequency.add(&FREQUENCY, counter.into(), key);
            self.hot_by_frequency.add((counter, key.memory_bytes), key, file);
            self.cold_by_frequency.add((Reverse(counter), key.memory_bytes), key, file);
        }
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.idle.merge(&other.idle);
        self.frequency.merge(&other.frequency);
        self.hot_by_idle.merge(other.hot_by_idle);
        self.cold_by_idle.merge(other.cold_by_idle);
        self.hot_by_frequency.merge(other.hot_by_frequency);
        self.cold_by_frequency.merge(other.cold_by_frequency);
    }

    /// The result, where a file says anything about it; `keys` are all there are.
    pub(crate) fn finish(self, keys: u64) -> Option<Access> {
        let known = self.idle.keys() + self.frequency.keys();
        if known == 0 {
            return None;
        }
        let mut hottest = rows(self.hot_by_idle);
        hottest.extend(rows(self.hot_by_frequency));
        let mut coldest = rows(self.cold_by_idle);
        coldest.extend(rows(self.cold_by_frequency));
        Some(Access {
            idle: self.idle.finish(&IDLE),
            frequency: self.frequency.finish(&FREQUENCY),
            unknown_keys: keys.saturating_sub(known),
            hottest,
            coldest,
        })
    }
}

fn rows<R: Ord + Copy>(top: Top<R>) -> Vec<KeyRow> {
    top.finish().into_iter().map(|(_, row)| row).collect()
}
