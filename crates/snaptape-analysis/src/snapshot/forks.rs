//! What is not plain Redis or Valkey, or not known for certain: said once per snapshot and kind of thing.

use core::ops::Range;

use snaptape_rdb::{Event, ObjectType};
use snaptape_report::{FindingKind, Severity};

/// A kind of thing worth a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Thing {
    HashTemplates,
    RateLimiter,
    KeydbCron,
    KeydbSubexpire,
    DragonflyJson,
    DragonflyFlags,
    DragonflySyncEnd,
    DragonflyBlock,
    EnterpriseRamLru,
    EnterpriseSlot,
}

impl Thing {
    /// What an event is, if it is one of these.
    #[inline]
    pub(crate) fn of(event: &Event<'_>) -> Option<Self> {
        match event {
            Event::Key(key) => Self::of_object(key.object),
            Event::HashTemplate { .. } => Some(Self::HashTemplates),
            Event::RamLru { .. } => Some(Self::EnterpriseRamLru),
            Event::SlotNum { .. } => Some(Self::EnterpriseSlot),
            Event::KeyFlags { .. } => Some(Self::DragonflyFlags),
            Event::FullSyncEnd => Some(Self::DragonflySyncEnd),
            Event::CompressedBlock { .. } => Some(Self::DragonflyBlock),
            _ => None,
        }
    }

    #[inline]
    fn of_object(object: ObjectType) -> Option<Self> {
        match object {
            ObjectType::HashTmplLp
            | ObjectType::HashTmplLpRef
            | ObjectType::HashTmplArray
            | ObjectType::HashTmplArrayRef => Some(Self::HashTemplates),
            ObjectType::Gcra => Some(Self::RateLimiter),
            ObjectType::KeydbCron => Some(Self::KeydbCron),
            ObjectType::DragonflyJson => Some(Self::DragonflyJson),
            _ => None,
        }
    }

    /// The product that writes it, where it is neither Redis nor Valkey.
    pub(crate) fn product(self) -> Option<&'static str> {
        match self {
            Self::HashTemplates | Self::RateLimiter => None,
            Self::KeydbCron | Self::KeydbSubexpire => Some("KeyDB"),
            Self::DragonflyJson | Self::DragonflyFlags | Self::DragonflySyncEnd | Self::DragonflyBlock => {
                Some("Dragonfly")
            }
            Self::EnterpriseRamLru | Self::EnterpriseSlot => Some("Redis Enterprise"),
        }
    }

    /// Severity, kind and sentence of its finding.
    fn finding(self) -> (Severity, FindingKind, &'static str) {
        let unverified = |what| (Severity::Warning, FindingKind::UnverifiedLayout, what);
        let fork = |what| (Severity::Info, FindingKind::Fork, what);
        match self {
            Self::HashTemplates => unverified(
                "Hash templates (Redis 8.10) are read by a layout that is pieced together from tests and descriptions: no file of \
                 a release has confirmed it. Compare a few of these hashes before you rely on them.",
            ),
            Self::RateLimiter => unverified(
                "Rate limiters (GCRA) are read by a layout known from descriptions only; no release of Redis writes them.",
            ),
            Self::KeydbCron => unverified(
                "KeyDB's cron jobs (object type 64) are read by a layout known from descriptions only. Redis and Valkey refuse the \
                 file.",
            ),
            Self::KeydbSubexpire => fork(
                "Members of sets and hashes have an expiry of their own, as KeyDB stores it (keydb-subexpire-key). Redis and Valkey \
                 ignore it: there the members stay forever.",
            ),
            Self::DragonflyJson => unverified(
                "JSON documents are read as Dragonfly is said to store them. Redis and Valkey cannot load them.",
            ),
            Self::DragonflyFlags => unverified(
                "Keys carry flags (opcode 220) as Dragonfly is said to store them. Redis and Valkey refuse the file.",
            ),
            Self::DragonflySyncEnd => unverified(
                "The file holds the end of a Dragonfly synchronisation (opcode 200), read by a layout known from descriptions \
                 only. Redis and Valkey refuse the file.",
            ),
            Self::DragonflyBlock => fork(
                "Items are compressed in blocks, as Dragonfly writes them. Redis and Valkey refuse the file.",
            ),
            Self::EnterpriseRamLru => fork(
                "Keys carry the time of their last use (opcode 107) as Redis Enterprise stores it. Redis and Valkey refuse the \
                 file.",
            ),
            Self::EnterpriseSlot => fork(
                "Slots are named (opcode 121) as Redis Enterprise does it. Redis and Valkey refuse the file.",
            ),
        }
    }
}

/// Which things a snapshot has shown so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Things {
    seen: u32,
    /// Where each was seen first.
    first: [u64; KINDS],
    product: Option<&'static str>,
}

/// All of them, by number.
const THINGS: [Thing; KINDS] = [
    Thing::HashTemplates,
    Thing::RateLimiter,
    Thing::KeydbCron,
    Thing::KeydbSubexpire,
    Thing::DragonflyJson,
    Thing::DragonflyFlags,
    Thing::DragonflySyncEnd,
    Thing::DragonflyBlock,
    Thing::EnterpriseRamLru,
    Thing::EnterpriseSlot,
];
const KINDS: usize = 10;

/// What a finding needs.
pub(crate) type ThingFinding = (Severity, FindingKind, Range<u64>, &'static str);

impl Things {
    /// Notes a thing; its finding, if it is the first of its kind.
    pub(crate) fn note(&mut self, thing: Thing, span: Range<u64>) -> Option<ThingFinding> {
        let bit = 1 << thing as u32;
        if self.seen & bit != 0 {
            return None;
        }
        self.seen |= bit;
        if let Some(first) = self.first.get_mut(thing as usize) {
            *first = span.start;
        }
        self.product = self.product.or(thing.product());
        let (severity, kind, message) = thing.finding();
        Some((severity, kind, span, message))
    }

    /// What was seen first in this stretch was not there. Was anything?
    pub(crate) fn forget(&mut self, stretch: &Range<u64>) -> bool {
        let before = self.seen;
        let is_there =
            |thing: &&Thing| self.first.get(**thing as usize).is_some_and(|first| stretch.contains(first));
        let gone = THINGS.iter().filter(is_there).fold(0, |bits, thing| bits | 1 << *thing as u32);
        self.seen &= !gone;
        self.product = THINGS
            .iter()
            .filter(|thing| self.seen >> **thing as u32 & 1 != 0)
            .find_map(|thing| thing.product());
        self.seen != before
    }

    /// Has a fork shown itself before `offset`?
    pub(crate) fn is_fork_before(&self, offset: u64) -> bool {
        THINGS.iter().any(|thing| {
            thing.product().is_some()
                && self.seen >> *thing as u32 & 1 != 0
                && self.first.get(*thing as usize).is_some_and(|first| *first < offset)
        })
    }

    /// The fork that wrote the snapshot, as far as these things show it.
    pub(crate) fn product(self) -> Option<&'static str> {
        self.product
    }
}
