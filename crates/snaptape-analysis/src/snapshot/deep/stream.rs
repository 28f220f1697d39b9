//! Streams: their nodes, their counters, and who holds which entry.

use std::ops::Range;

use snaptape_rdb::{ObjectType, Part, StreamId};
use snaptape_wire::{Str, packed::Listpack};

use super::{
    Harm, Place, Violation,
    records::{self, Fault, Records},
};
use crate::snapshot::{
    hash::hash,
    hashes::{Hashes, Inserted},
    integrity::excerpt,
};

/// Streams came with this release, and these checks with them.
const SINCE_STREAMS: Harm = Harm::Refused { major: 5, minor: 0 };
/// What the hashes of one kind may take: a million IDs.
const MAX_BYTES: usize = 16 << 20;

/// The stream that is being read.
#[derive(Debug)]
pub(super) struct StreamCheck {
    base: StreamId,
    /// Master IDs of the nodes.
    nodes: Unique,
    /// Entries that are not deleted; `None` once a node could not be read.
    live: Option<u64>,
    /// Has a live entry been read?
    reached_live: bool,
    highest: Option<StreamId>,
    groups: Unique,
    consumers: Unique,
    /// What the current group waits for.
    pending: Unique,
    /// What its consumers hold.
    owned: Unique,
    /// What the current consumer holds.
    owned_here: Unique,
    in_group: bool,
    group: String,
    group_at: u64,
}

/// A set that may overflow.
#[derive(Debug)]
struct Unique {
    set: Hashes,
    full: bool,
}

impl Unique {
    fn new() -> Self {
        Self { set: Hashes::within(MAX_BYTES), full: false }
    }

    /// Was it not there before?
    fn add(&mut self, hash: u64) -> bool {
        match self.set.insert(hash) {
            Inserted::New => true,
            Inserted::Known => false,
            Inserted::Full => {
                self.full = true;
                true
            }
        }
    }

    fn clear(&mut self) {
        if self.set.len() > 0 {
            self.set.clear();
        }
    }
}

impl Default for StreamCheck {
    fn default() -> Self {
        Self {
            base: StreamId::default(),
            nodes: Unique::new(),
            live: Some(0),
            reached_live: false,
            highest: None,
            groups: Unique::new(),
            consumers: Unique::new(),
            pending: Unique::new(),
            owned: Unique::new(),
            owned_here: Unique::new(),
            in_group: false,
            group: String::new(),
            group_at: 0,
        }
    }
}

type Found<'a> = &'a mut dyn FnMut(Violation);

fn tell(found: Found<'_>, at: u64, rule: impl Into<String>, harm: Harm) {
    found(Violation { at, rule: rule.into(), harm });
}

fn of(id: StreamId) -> u64 {
    hash(id.ms, &id.seq.to_le_bytes())
}

impl StreamCheck {
    /// Was something too much to compare?
    pub(super) fn gave_up(&self) -> bool {
        [&self.nodes, &self.groups, &self.consumers, &self.pending, &self.owned, &self.owned_here]
            .iter()
            .any(|unique| unique.full)
    }

    /// A listpack of entries.
    pub(super) fn node(&mut self, object: ObjectType, blob: &[u8], place: Place, found: Found<'_>) {
        let list = match Listpack::new(blob) {
            Ok(list) => list,
            Err(error) => {
                self.live = None;
                let harm = Harm::Refused { major: 6, minor: 2 };
                return tell(found, place.at(error.offset()), error.kind().to_string(), harm);
            }
        };
        if list.offset() + 1 == blob.len() {
            return tell(found, place.at(0), "a node without entries", SINCE_STREAMS);
        }
        let mut read = Records::default();
        let result = records::read(list, blob.len() as u64, self.base, &mut self.highest, &mut read);
        if let Some(at) = read.not_ascending_at {
            tell(found, place.at(at), "the IDs of its entries do not ascend", Harm::Wrong);
        }
        let reaches_live = self.reached_live || read.live > 0;
        match result {
            Ok(()) => self.live = self.live.and_then(|live| live.checked_add(read.live)),
            Err(fault) => {
                self.live = None;
                let early = fault.crashes_early(object, reaches_live);
                let Fault { error, harm, .. } = fault;
                let harm = if early { Harm::Converted } else { harm };
                tell(found, place.at(error.offset()), error.kind().to_string(), harm);
            }
        }
        self.reached_live = reaches_live;
    }

    /// Another piece; `scratch` is for names that have to be unpacked.
    pub(super) fn part(
        &mut self,
        span: &Range<u64>,
        part: &Part<'_>,
        scratch: &mut Vec<u8>,
        found: Found<'_>,
    ) {
        let at = span.start;
        match *part {
            Part::StreamNode(id) => {
                self.base = id;
                if !self.nodes.add(of(id)) {
                    tell(found, at, "two of its nodes have the same ID", SINCE_STREAMS);
                }
            }
            Part::StreamInfo(info) => {
                if let Some(live) = self.live.filter(|live| *live != info.length) {
                    let rule = format!("it says it has {} entries and has {live}", info.length);
                    let no_nodes = self.nodes.set.len() == 0;
                    let harm = if no_nodes { Harm::Refused { major: 7, minor: 0 } } else { Harm::Newest };
                    tell(found, at, rule, harm);
                }
                if self.highest.is_some_and(|highest| highest > info.last_id) {
                    tell(found, at, "an entry has an ID above its last one", Harm::Wrong);
                }
            }
            Part::StreamGroup { name, .. } => {
                self.end_group(found);
                self.in_group = true;
                self.group_at = at;
                let (hash, name) = name_of(&name, scratch);
                self.group = name;
                if !self.groups.add(hash) {
                    let rule = format!("group \"{}\" stands in it twice", self.group);
                    tell(found, at, rule, SINCE_STREAMS);
                }
                for unique in [&mut self.consumers, &mut self.pending, &mut self.owned, &mut self.owned_here]
                {
                    unique.clear();
                }
            }
            Part::StreamPending { id, .. } => {
                let is_new = self.pending.add(of(id));
                if !is_new {
                    let rule = format!("group \"{}\" waits twice for {}", self.group, shown(id));
                    tell(found, at, rule, SINCE_STREAMS);
                }
            }
            Part::StreamConsumer { name, .. } => {
                self.owned_here.clear();
                let (hash, name) = name_of(&name, scratch);
                if !self.consumers.add(hash) {
                    let rule = format!("consumer \"{name}\" stands twice in group \"{}\"", self.group);
                    tell(found, at, rule, Harm::Refused { major: 7, minor: 0 });
                }
            }
            Part::StreamOwned(id) => self.owned(id, at, found),
            Part::StreamUnowned(id) => {
                if !self.pending.full && !self.pending.set.contains(of(id)) {
                    let rule = format!("{} is held by nobody, and the group does not wait for it", shown(id));
                    tell(found, at, rule, SINCE_STREAMS);
                }
                if !self.owned.add(of(id)) {
                    let rule = format!("{} is held by nobody, and by a consumer", shown(id));
                    tell(found, at, rule, SINCE_STREAMS);
                }
            }
            Part::StreamIdempotence { duration_s, max_entries }
                if !(1..=86_400).contains(&duration_s) || !(1..=10_000).contains(&max_entries) =>
            {
                let rule = "how long and how much it remembers of its producers is out of bounds";
                tell(found, at, rule, SINCE_STREAMS);
            }
            _ => {}
        }
    }

    /// An entry the current consumer holds.
    fn owned(&mut self, id: StreamId, at: u64, found: Found<'_>) {
        let hash = of(id);
        if !self.pending.full && !self.pending.set.contains(hash) {
            let rule = format!(
                "a consumer of group \"{}\" holds {}, which the group does not wait for",
                self.group,
                shown(id)
            );
            tell(found, at, rule, SINCE_STREAMS);
        }
        let new = self.owned.add(hash);
        if !self.owned_here.add(hash) {
            let rule = format!("a consumer of group \"{}\" holds {} twice", self.group, shown(id));
            tell(found, at, rule, SINCE_STREAMS);
        } else if !new {
            let rule = format!("two consumers of group \"{}\" hold {}", self.group, shown(id));
            tell(found, at, rule, Harm::Newest);
        }
    }

    fn end_group(&mut self, found: Found<'_>) {
        if !core::mem::replace(&mut self.in_group, false) || self.pending.full || self.owned.full {
            return;
        }
        let (pending, owned) = (self.pending.set.len(), self.owned.set.len());
        if pending > owned {
            let rule = format!("group \"{}\" waits for entries that no consumer holds", self.group);
            tell(found, self.group_at, rule, Harm::Sanitized);
        }
    }

    /// That was all.
    pub(super) fn end(&mut self, found: Found<'_>) {
        self.end_group(found);
    }
}

fn shown(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

/// Hash and excerpt of a name. One that does not unpack stops every loader, and is told where strings are.
fn name_of(name: &Str<'_>, scratch: &mut Vec<u8>) -> (u64, String) {
    let name = name.decode(scratch).unwrap_or_default();
    (hash(0, name), excerpt(name))
}
