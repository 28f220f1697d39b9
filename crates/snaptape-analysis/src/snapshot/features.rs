//! What a snapshot asks of the server that is to load it: version, object types, records beside the keys, modules, databases, and
//! values no server should be given.

use std::collections::BTreeMap;

use snaptape_rdb::{Event, Key, Magic, MetaClass, ModuleId, ObjectType, Part};
use snaptape_report::LoadCause;
use snaptape_wire::Str;

use super::{deep::Harm, integrity::excerpt};

/// Most different modules, and classes of key metadata, that are told apart. Servers allow 128 modules.
const MAX_NAMES: usize = 256;

/// Name of the AUX field in which Valkey says what slot the keys belong to that follow.
const SLOT_INFO: &[u8] = b"slot-info";

/// How many keys something concerns, and the first few of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sightings {
    /// How many.
    pub count: u64,
    /// Names as text, at most [`LoadCause::MAX_EXAMPLES`].
    pub examples: Vec<String>,
}

impl Sightings {
    /// One more; its name is asked for only while there is room.
    #[inline]
    pub fn add(&mut self, name: impl FnOnce() -> String) {
        self.count += 1;
        if self.examples.len() < LoadCause::MAX_EXAMPLES {
            self.examples.push(name());
        }
    }

    /// Those of what comes behind.
    pub fn merge(&mut self, later: &Self) {
        self.count += later.count;
        let room = LoadCause::MAX_EXAMPLES.saturating_sub(self.examples.len());
        self.examples.extend(later.examples.iter().take(room).cloned());
    }
}

/// The opcode of a record beside the keys, unless every release knows it.
pub(super) fn opcode(event: &Event<'_>) -> Option<u8> {
    Some(match event {
        Event::RamLru { .. } => 107,
        Event::SlotNum { .. } => 121,
        Event::FullSyncEnd => 200,
        Event::CompressedBlock { .. } => 201,
        Event::KeyFlags { .. } => 220,
        Event::HashTemplate { .. } => 242,
        Event::KeyMeta { .. } | Event::SlotImport { .. } => 243,
        Event::SlotInfo { .. } => 244,
        Event::Function { .. } => 245,
        Event::FunctionPreGa { .. } => 246,
        Event::ModuleAux { .. } => 247,
        Event::Idle { .. } => 248,
        Event::Freq { .. } => 249,
        _ => return None,
    })
}

/// The name of a key, short enough for a sentence.
#[cold]
fn name_of(key: &Key<'_>) -> String {
    let mut scratch = Vec::new();
    key.name.decode(&mut scratch).map_or_else(|_| "(a name that cannot be unpacked)".into(), excerpt)
}

/// The keys stored with one object type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectUse {
    /// The byte that stands for it in the file.
    pub type_byte: u8,
    /// What it stands for.
    pub object: ObjectType,
    /// The keys.
    pub keys: Sightings,
}

/// What is stored of one module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModuleUse {
    /// Its values.
    pub values: Sightings,
    /// Records of it that belong to no key.
    pub aux: u64,
}

/// What a snapshot asks of the server that is to load it. Two of them merge into that of both inputs, one after the other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Features {
    /// Magic and RDB version; nothing where the header could not be read.
    pub header: Option<(Magic, u16)>,
    /// By object type, in the order they came.
    pub objects: Vec<ObjectUse>,
    /// Records beside the keys, by opcode; those every release knows are left out.
    pub records: BTreeMap<u8, u64>,
    /// By module.
    pub modules: BTreeMap<ModuleId, ModuleUse>,
    /// Classes of key metadata: how many keys have each.
    pub meta_classes: BTreeMap<MetaClass, u64>,
    /// The highest database that holds a key or is announced.
    pub highest_db: u64,
    /// Keys by what their damaged values do to servers; a key counts once, for the worst.
    pub faults: BTreeMap<Harm, Sightings>,
    /// Keys that stand in their database twice; those that had expired do not count, servers drop them before they look.
    pub twice: Sightings,
    reading: Reading,
}

/// What is only of use until the next event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Reading {
    /// Where [`Features::objects`] has the object type that came last.
    object: usize,
    /// The key whose value a module wrote.
    module_key: String,
    /// Does that value begin with the next module ID?
    in_value: bool,
    /// The slot the file says the keys belong to.
    slot: Option<u16>,
}

impl Features {
    /// Takes what the parser found.
    #[inline]
    pub(crate) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Part(Part::Module(id)) => self.module(*id),
            Event::Part(Part::MetaClass(class)) => {
                if let Some(keys) = room(&mut self.meta_classes, *class) {
                    *keys += 1;
                }
            }
            Event::Part(_) | Event::KeyEnd | Event::Expiry { .. } => {}
            Event::Key(key) => self.key(key),
            _ => self.item(event),
        }
    }

    #[inline]
    fn key(&mut self, key: &Key<'_>) {
        let is = |known: &ObjectUse| known.object == key.object && known.type_byte == key.type_byte;
        if !self.objects.get(self.reading.object).is_some_and(is) {
            self.reading.object = self.objects.iter().position(is).unwrap_or(self.objects.len());
            if self.reading.object == self.objects.len() {
                let keys = Sightings::default();
                self.objects.push(ObjectUse { type_byte: key.type_byte, object: key.object, keys });
            }
        }
        if let Some(known) = self.objects.get_mut(self.reading.object) {
            known.keys.add(|| name_of(key));
        }
        if key.object == ObjectType::Module2 {
            self.reading.module_key = name_of(key);
            self.reading.in_value = true;
        }
        self.highest_db = self.highest_db.max(key.db);
    }

    fn module(&mut self, id: ModuleId) {
        let Self { modules, reading, .. } = self;
        if core::mem::take(&mut reading.in_value)
            && let Some(module) = room(modules, id)
        {
            module.values.add(|| reading.module_key.clone());
        }
    }

    /// Neither a key nor a piece of its value.
    fn item(&mut self, event: &Event<'_>) {
        match event {
            Event::Header { magic, version } => self.header = Some((*magic, *version)),
            Event::SelectDb { db } => {
                self.highest_db = self.highest_db.max(*db);
                self.reading.slot = None;
            }
            Event::Aux { name, value } if name.len() == SLOT_INFO.len() as u64 => self.slot_info(name, value),
            Event::ModuleAux { module, .. } => {
                if let Some(module) = room(&mut self.modules, *module) {
                    module.aux += 1;
                }
            }
            Event::SlotNum { slot } | Event::SlotInfo { slot, .. } => {
                self.reading.slot = u16::try_from(*slot).ok();
            }
            _ => {}
        }
        if let Some(opcode) = opcode(event) {
            *self.records.entry(opcode).or_default() += 1;
        }
    }

    /// One key that is stored like this, or one record, is none.
    pub(crate) fn forget_number(&mut self, number: u8) {
        for known in self.objects.iter_mut().filter(|known| known.type_byte == number) {
            known.keys.count = known.keys.count.saturating_sub(1);
        }
        self.objects.retain(|known| known.keys.count > 0);
        if let Some(count) = self.records.get_mut(&number) {
            *count = count.saturating_sub(1);
        }
        self.records.retain(|_, count| *count > 0);
    }

    /// One value of a module is none. Was it the last?
    pub(crate) fn forget_module(&mut self, module: ModuleId) -> bool {
        self.forget_number(7);
        let Some(known) = self.modules.get_mut(&module) else { return true };
        known.values.count = known.values.count.saturating_sub(1);
        let last = known.values.count == 0 && known.aux == 0;
        if last {
            self.modules.remove(&module);
        }
        last
    }

    /// Valkey in cluster mode: `slot,keys,expires`, and more from 9.0 on.
    fn slot_info(&mut self, name: &Str<'_>, value: &Str<'_>) {
        let mut scratch = Vec::new();
        if !name.decode(&mut scratch).is_ok_and(|name| name.eq_ignore_ascii_case(SLOT_INFO)) {
            return;
        }
        let slot = value
            .decode(&mut scratch)
            .ok()
            .and_then(|value| core::str::from_utf8(value.split(|b| *b == b',').next()?).ok()?.parse().ok());
        self.reading.slot = slot;
    }

    /// The slot the file says the keys belong to that come now.
    #[inline]
    pub(crate) fn slot(&self) -> Option<u16> {
        self.reading.slot
    }

    /// Those of a snapshot of which nothing but the header is known.
    pub fn of_header(magic: Magic, version: u16) -> Self {
        Self { header: Some((magic, version)), ..Self::default() }
    }

    /// That was all; damaged values and keys that stand twice are found by others.
    pub(super) fn finish(self, faults: BTreeMap<Harm, Sightings>, twice: Sightings) -> Self {
        Self { faults, twice, reading: Reading::default(), ..self }
    }

    /// Adds what stands behind.
    pub fn merge(&mut self, later: &Self) {
        self.header = self.header.or(later.header);
        for theirs in &later.objects {
            let is =
                |ours: &&mut ObjectUse| ours.object == theirs.object && ours.type_byte == theirs.type_byte;
            match self.objects.iter_mut().find(is) {
                Some(ours) => ours.keys.merge(&theirs.keys),
                None => self.objects.push(theirs.clone()),
            }
        }
        for (opcode, count) in &later.records {
            *self.records.entry(*opcode).or_default() += count;
        }
        for (id, theirs) in &later.modules {
            if let Some(ours) = room(&mut self.modules, *id) {
                ours.values.merge(&theirs.values);
                ours.aux += theirs.aux;
            }
        }
        for (class, count) in &later.meta_classes {
            if let Some(ours) = room(&mut self.meta_classes, *class) {
                *ours += count;
            }
        }
        self.highest_db = self.highest_db.max(later.highest_db);
        for (harm, theirs) in &later.faults {
            self.faults.entry(*harm).or_default().merge(theirs);
        }
        self.twice.merge(&later.twice);
    }
}

/// The entry for `key`, unless there are too many already.
fn room<K: Ord, V: Default>(map: &mut BTreeMap<K, V>, key: K) -> Option<&mut V> {
    if map.len() >= MAX_NAMES && !map.contains_key(&key) {
        return None;
    }
    Some(map.entry(key).or_default())
}
