//! Hash slots: which of a cluster's 16,384 the keys fall into, shard by shard.

use core::hash::{BuildHasher as _, Hasher as _};
use snaptape_sort::Sort as _;
use std::collections::HashMap;

use crc::{CRC_16_XMODEM, Crc, Table};
use rustc_hash::FxBuildHasher;
use snaptape_report::{KeyName, LoadCause, SlotCoverage, SlotLoad, SlotLoads, SlotRange};

use crate::{KeyFacts, front, snapshot::excerpt};

/// Slots of a cluster.
const SLOTS: usize = SlotCoverage::SLOTS as usize;
const SLOTS_U16: u16 = 16_384;
/// Keys that are compared with those of other shards at a time: about 18 MB. Beyond that, a sample.
const MAX_COMPARED: usize = 1 << 19;
/// A gap that would come about by chance less often than once in so many sets is taken for a missing shard.
const IMPLAUSIBLE: f64 = 1e-6;

static CRC: Crc<u16, Table<1>> = Crc::<u16, Table<1>>::new(&CRC_16_XMODEM);

/// The slot of a key: CRC-16 of its hash tag, the part between the first `{` and the next `}` if it is not empty, else of all of it.
/// Source: `keyHashSlot` in cluster.c; the cluster specification calls the checksum CRC16-XMODEM.
///
/// ```
/// use snaptape_analysis::key_slot;
/// assert_eq!(key_slot(b"123456789"), 12_739);
/// assert_eq!(key_slot(b"{user1000}.following"), key_slot(b"user1000"));
/// assert_eq!(key_slot(b"foo{}{bar}"), 8363);
/// ```
pub fn key_slot(name: &[u8]) -> u16 {
    let tag = hash_tag(name).unwrap_or(name);
    CRC.checksum(tag) % SLOTS_U16
}

fn hash_tag(name: &[u8]) -> Option<&[u8]> {
    let open = name.iter().position(|b| *b == b'{')?;
    let inner = name.get(open + 1..)?;
    let tag = inner.get(..inner.iter().position(|b| *b == b'}')?)?;
    (!tag.is_empty()).then_some(tag)
}

/// A set of slots.
#[derive(Clone, PartialEq, Eq)]
struct SlotSet(Box<[u64; SLOTS / 64]>);

impl Default for SlotSet {
    fn default() -> Self {
        Self(Box::new([0; SLOTS / 64]))
    }
}

impl core::fmt::Debug for SlotSet {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} slots", self.len())
    }
}

impl SlotSet {
    #[inline]
    fn insert(&mut self, slot: u16) {
        if let Some(word) = self.0.get_mut(usize::from(slot) / 64) {
            *word |= 1 << (slot % 64);
        }
    }

    fn len(&self) -> u32 {
        self.0.iter().map(|word| word.count_ones()).sum()
    }

    fn contains(&self, slot: u16) -> bool {
        self.0.get(usize::from(slot) / 64).is_some_and(|word| word & 1 << (slot % 64) != 0)
    }

    fn union(&mut self, other: &Self) {
        for (word, theirs) in self.0.iter_mut().zip(other.0.iter()) {
            *word |= theirs;
        }
    }

    /// Slots in both.
    fn common(&self, other: &Self) -> Self {
        let mut common = self.clone();
        for (word, theirs) in common.0.iter_mut().zip(other.0.iter()) {
            *word &= theirs;
        }
        common
    }

    fn iter(&self) -> impl Iterator<Item = u16> {
        (0..SlotCoverage::SLOTS)
            .filter_map(|slot| u16::try_from(slot).ok())
            .filter(|slot| self.contains(*slot))
    }

    /// Its slots as ranges; gaps of fewer than `gap` slots do not interrupt one.
    fn ranges(&self, gap: u32) -> Vec<SlotRange> {
        let mut ranges: Vec<SlotRange> = Vec::new();
        for slot in self.iter() {
            match ranges.last_mut() {
                Some(range) if u32::from(slot) - u32::from(range.last) <= gap.max(1) => range.last = slot,
                _ => ranges.push(SlotRange { first: slot, last: slot }),
            }
        }
        ranges
    }
}

/// The shortest gap between slots that chance does not explain, for keys that fall into slots `draws` times.
///
/// A gap of `n` slots stays empty with the probability `(1 - n / 16384) ^ draws`, and there are at most `draws` gaps.
fn implausible_gap(draws: u64) -> u32 {
    #[expect(clippy::cast_precision_loss, reason = "an estimate")]
    let draws = draws.max(1) as f64;
    let share = 1.0 - (IMPLAUSIBLE / draws).powf(1.0 / draws);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of slots"
    )]
    let gap = (share * f64::from(SlotCoverage::SLOTS)).ceil() as u32;
    gap.clamp(1, SlotCoverage::SLOTS)
}

/// Longest name kept of a slot's largest key.
const MAX_NAME: usize = 128;

/// What is in one slot, in all shards together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Load {
    keys: u64,
    memory_bytes: u64,
    largest_memory_bytes: u64,
    /// Name of the largest key; of those that are as large the first in order.
    largest: Vec<u8>,
}

impl Load {
    #[inline]
    fn add(&mut self, keys: u64, memory_bytes: u64, largest_memory_bytes: u64, largest: &[u8]) {
        let is_larger = largest_memory_bytes > self.largest_memory_bytes;
        let is_first = largest_memory_bytes == self.largest_memory_bytes
            && (self.keys == 0 || largest < self.largest.as_slice());
        if is_larger || is_first {
            self.largest_memory_bytes = largest_memory_bytes;
            self.largest.clear();
            self.largest.extend_from_slice(largest);
        }
        self.keys += keys;
        self.memory_bytes = self.memory_bytes.saturating_add(memory_bytes);
    }
}

/// What is known of one shard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShardFold {
    /// Path of the file.
    pub file: String,
    /// Its keys.
    pub keys: u64,
    /// Key and element bytes.
    pub payload_bytes: u64,
    /// Estimated RAM of its keys.
    pub memory_bytes: u64,
    slots: SlotSet,
    /// Keys without a hash tag: each falls into a slot of its own accord.
    untagged: u64,
    /// Sum of the hashes of its keys: two shards with as many keys and the same sum hold the same keys.
    fingerprint: u64,
}

impl ShardFold {
    /// Slots its keys fall into.
    pub fn slots(&self) -> u32 {
        self.slots.len()
    }

    /// The slots it answers for, as far as its keys show it.
    pub fn ranges(&self) -> Vec<SlotRange> {
        let mut ranges = self.slots.ranges(implausible_gap(self.draws()));
        ranges.truncate(SlotCoverage::MAX_RANGES);
        ranges
    }

    /// How often a slot was drawn independently. Keys with the same tag do not count: at least as often as there are slots.
    fn draws(&self) -> u64 {
        self.untagged.max(u64::from(self.slots.len()))
    }

    /// Do both hold the same keys?
    pub fn same_keys(&self, other: &Self) -> bool {
        self.keys > 0 && self.keys == other.keys && self.fingerprint == other.fingerprint
    }

    fn merge(&mut self, other: &Self) {
        self.keys += other.keys;
        self.payload_bytes += other.payload_bytes;
        self.memory_bytes += other.memory_bytes;
        self.slots.union(&other.slots);
        self.untagged += other.untagged;
        self.fingerprint = self.fingerprint.wrapping_add(other.fingerprint);
    }
}

/// Folds the keys of several shards. Memory is bounded: 2 KiB a shard, 3 MB for the slots, and the hashes of half a million keys. Two folds merge
/// into that of both inputs; names of shared keys are only known where one fold has seen both.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SlotFold {
    shards: Vec<ShardFold>,
    /// By hash of database and name: the shard that had the key first.
    seen: HashMap<u64, u16, FxBuildHasher>,
    /// Only hashes whose lowest bits, so many, are zero are compared.
    sample_bits: u32,
    shared: Vec<Shared>,
    misplaced: u64,
    misplaced_examples: Vec<String>,
    announced: bool,
    /// By slot; empty before the first key.
    loads: Vec<Load>,
}

/// A key in two shards.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shared {
    hash: u64,
    times: u64,
    /// Empty where it is not known.
    name: String,
}

/// Most keys in two shards that are counted one by one.
const MAX_SHARED: usize = 1 << 16;

impl SlotFold {
    /// The keys that follow stand in `file`.
    pub fn begin(&mut self, file: &str) {
        self.shards.push(ShardFold { file: file.into(), ..ShardFold::default() });
    }

    /// A key of the last shard.
    #[inline]
    pub fn add(&mut self, key: &KeyFacts<'_>) {
        let Some(at) = self.shards.len().checked_sub(1) else { return };
        let Some(shard) = self.shards.get_mut(at) else { return };
        let slot = key_slot(key.name);
        let hash = hash(key);
        shard.keys += 1;
        shard.payload_bytes = shard.payload_bytes.saturating_add(key.payload_bytes);
        shard.memory_bytes = shard.memory_bytes.saturating_add(key.memory_bytes);
        shard.slots.insert(slot);
        shard.untagged += u64::from(hash_tag(key.name).is_none());
        shard.fingerprint = shard.fingerprint.wrapping_add(hash);
        if let Some(announced) = key.announced_slot {
            self.announced = true;
            if announced != slot {
                self.misplaced += 1;
                if self.misplaced_examples.len() < LoadCause::MAX_EXAMPLES {
                    self.misplaced_examples.push(excerpt(key.name));
                }
            }
        }
        if self.loads.is_empty() {
            self.loads.resize(SLOTS, Load::default());
        }
        if let Some(load) = self.loads.get_mut(usize::from(slot)) {
            load.add(1, key.memory_bytes, key.memory_bytes, front(key.name, MAX_NAME));
        }
        let at = u16::try_from(at).unwrap_or(u16::MAX);
        if self.is_sampled(hash) && self.is_known(hash, at) {
            self.share(hash, 1, || excerpt(key.name));
        }
    }

    fn is_sampled(&self, hash: u64) -> bool {
        hash & ((1 << self.sample_bits) - 1) == 0
    }

    /// Remembers a key; was it there in another shard?
    #[inline]
    fn is_known(&mut self, hash: u64, shard: u16) -> bool {
        if self.seen.len() >= MAX_COMPARED {
            self.sample(self.sample_bits + 1);
            if !self.is_sampled(hash) {
                return false;
            }
        }
        *self.seen.entry(hash).or_insert(shard) != shard
    }

    /// Forgets what falls out of the sample.
    fn sample(&mut self, bits: u32) {
        self.sample_bits = self.sample_bits.max(bits);
        let mask = (1 << self.sample_bits) - 1;
        self.seen.retain(|hash, _| hash & mask == 0);
        self.shared.retain(|shared| shared.hash & mask == 0);
    }

    #[cold]
    fn share(&mut self, hash: u64, times: u64, name: impl FnOnce() -> String) {
        while self.shared.len() >= MAX_SHARED {
            self.sample(self.sample_bits + 1);
        }
        if !self.is_sampled(hash) {
            return;
        }
        let named = self.shared.iter().take(LoadCause::MAX_EXAMPLES).filter(|s| !s.name.is_empty()).count();
        let name = if named < LoadCause::MAX_EXAMPLES { name() } else { String::new() };
        self.shared.push(Shared { hash, times, name });
    }

    /// Adds what another fold has seen behind this one.
    pub fn merge(&mut self, other: &Self) {
        self.sample(other.sample_bits);
        let places: Vec<u16> = other.shards.iter().map(|shard| self.place(shard)).collect();
        self.misplaced += other.misplaced;
        let room = LoadCause::MAX_EXAMPLES.saturating_sub(self.misplaced_examples.len());
        self.misplaced_examples.extend(other.misplaced_examples.iter().take(room).cloned());
        self.announced |= other.announced;
        if self.loads.is_empty() {
            self.loads.clone_from(&other.loads);
        } else {
            for (load, theirs) in
                self.loads.iter_mut().zip(&other.loads).filter(|(_, theirs)| theirs.keys > 0)
            {
                load.add(theirs.keys, theirs.memory_bytes, theirs.largest_memory_bytes, &theirs.largest);
            }
        }
        for shared in &other.shared {
            self.share(shared.hash, shared.times, || shared.name.clone());
        }
        // In the order of the hashes: a map has none of its own.
        let mut theirs: Vec<(u64, u16)> = other.seen.iter().map(|(hash, at)| (*hash, *at)).collect();
        theirs.sort_unstable();
        for (hash, at) in theirs {
            let at = places.get(usize::from(at)).copied().unwrap_or(u16::MAX);
            if self.is_sampled(hash) && self.is_known(hash, at) {
                self.share(hash, 1, String::new);
            }
        }
    }

    /// Adds a shard of another fold; where it is here.
    fn place(&mut self, shard: &ShardFold) -> u16 {
        let known = self.shards.iter().position(|known| known.file == shard.file);
        let at = known.unwrap_or_else(|| {
            self.begin(&shard.file);
            self.shards.len() - 1
        });
        if let Some(known) = self.shards.get_mut(at) {
            known.merge(shard);
        }
        u16::try_from(at).unwrap_or(u16::MAX)
    }

    /// The shards, in the order they came.
    pub fn shards(&self) -> &[ShardFold] {
        &self.shards
    }

    /// Do the files themselves speak of slots?
    pub fn is_announced(&self) -> bool {
        self.announced
    }

    /// Names of keys that stand under another slot than their own.
    pub fn misplaced_examples(&self) -> &[String] {
        &self.misplaced_examples
    }

    /// Names of keys that stand in two shards.
    pub fn shared_examples(&self) -> Vec<String> {
        let names = self.shared.iter().map(|shared| shared.name.clone()).filter(|name| !name.is_empty());
        names.take(LoadCause::MAX_EXAMPLES).collect()
    }

    /// The slots with the most memory.
    fn heaviest(&self) -> Vec<SlotLoad> {
        let mut slots: Vec<(u16, &Load)> = (0..).zip(&self.loads).filter(|(_, load)| load.keys > 0).collect();
        slots.order_by_key(|(slot, load)| (core::cmp::Reverse(load.memory_bytes), *slot));
        slots.truncate(SlotCoverage::MAX_HEAVIEST);
        let row = |(slot, load): (u16, &Load)| SlotLoad {
            slot,
            keys: load.keys,
            memory_bytes: load.memory_bytes,
            largest: KeyName::new(&load.largest),
            largest_memory_bytes: load.largest_memory_bytes,
        };
        slots.into_iter().map(row).collect()
    }

    /// All slots, where there is a key.
    fn loads(&self) -> Option<SlotLoads> {
        (!self.loads.is_empty()).then(|| SlotLoads {
            keys: self.loads.iter().map(|load| load.keys).collect(),
            memory_bytes: self.loads.iter().map(|load| load.memory_bytes).collect(),
        })
    }

    /// The slots of all shards together.
    pub fn coverage(&self) -> SlotCoverage {
        let mut all = SlotSet::default();
        let mut doubled = SlotSet::default();
        for shard in &self.shards {
            doubled.union(&all.common(&shard.slots));
            all.union(&shard.slots);
        }
        let untagged: u64 = self.shards.iter().map(|shard| shard.untagged).sum();
        let missing = gaps(&all, implausible_gap(untagged.max(u64::from(all.len()))));
        let mut coverage = SlotCoverage {
            covered: all.len(),
            missing_slots: missing.iter().map(|range| range.slots()).sum(),
            missing,
            doubled_slots: doubled.len(),
            doubled: doubled.ranges(1),
            shared_keys: self.shared.iter().map(|shared| shared.times).sum(),
            one_in: 1 << self.sample_bits,
            misplaced_keys: self.misplaced,
            heaviest: self.heaviest(),
            loads: self.loads(),
        };
        coverage.missing.truncate(SlotCoverage::MAX_RANGES);
        coverage.doubled.truncate(SlotCoverage::MAX_RANGES);
        coverage
    }
}

/// Ranges of at least `least` slots that are not in the set.
fn gaps(slots: &SlotSet, least: u32) -> Vec<SlotRange> {
    let mut gaps = Vec::new();
    let mut next = 0;
    let ends = slots.iter().map(u32::from).chain([SlotCoverage::SLOTS]);
    for slot in ends {
        if slot - next >= least
            && let (Ok(first), Ok(last)) = (u16::try_from(next), u16::try_from(slot - 1))
        {
            gaps.push(SlotRange { first, last });
        }
        next = slot + 1;
    }
    gaps
}

fn hash(key: &KeyFacts<'_>) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    hasher.write(key.name);
    hasher.write_u64(key.db);
    hasher.finish()
}
