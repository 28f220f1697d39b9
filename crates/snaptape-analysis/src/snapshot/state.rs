//! What is known of a snapshot while it is read: takes the parser's events, hands out keys, gathers findings.

use std::{collections::BTreeSet, ops::Range};

use snaptape_memory::{CostCache, Encoding, Models, nearest};
use snaptape_rdb::{
    Event, Key, LogicalType, MAX_REDIS_VERSION, MAX_VALKEY_VERSION, Magic, ModuleId, Numbers, Part,
    Vocabulary, Writer, is_word,
};
use snaptape_report::{AuxField, ByRelease, Checksum, Finding, FindingKind, Severity, module_product, units};
use snaptape_sort::Sort as _;
use snaptape_wire::{Product, Release, Str};

use super::{
    Hole, SnapshotAid, SnapshotOptions,
    digest::{Canonical, Digest},
    features::{Features, opcode},
    forks::{Thing, Things},
    integrity::{Ended, Integrity},
    places::Places,
    strangers::{Strange, Strangers},
    templates::Templates,
    unfit::{MAX_UNFIT, Unfit, UnfitReason},
    value::ValueScan,
};
use crate::KeyFacts;

/// Most AUX fields that are kept.
const MAX_AUX: usize = 256;

#[derive(Debug)]
pub(super) struct State {
    options: SnapshotOptions,
    file: String,
    pub(super) header: Option<(Magic, u16)>,
    pub(super) release: Option<Release>,
    pub(super) aux: Vec<AuxField>,
    /// Does it say that it is the front of a tape?
    in_tape: bool,
    pub(super) functions: u64,
    pub(super) modules: BTreeSet<ModuleId>,
    pub(super) stored_checksum: Option<u64>,
    pub(super) saved_at_s: Option<i64>,
    pub(super) sound_up_to: u64,
    pub(super) n_keys: u64,
    /// Keys behind the first hole.
    pub(super) keys_behind: u64,
    /// Sum of what RESIZEDB announced.
    pub(super) announced_keys: Option<u64>,
    /// The first bytes of the last whole key.
    pub(super) last_key: Vec<u8>,
    /// Where it begins.
    last_offset: u64,
    /// Everything that is whole.
    pub(super) copy: Writer,
    /// Where the entry begins that is being read, attributes included.
    pub(super) entry_start: Option<u64>,
    /// Whose pieces are read.
    outside: Outside,
    /// Where that began.
    outside_start: u64,
    current: Current,
    value: ValueScan,
    models: Models,
    costs: CostCache,
    canonical: Canonical,
    /// Makes the digest of a value, where one is wanted.
    digest: Option<Digest>,
    templates: Templates,
    things: Things,
    pub(super) strangers: Strangers,
    /// Names that were looked at, and how many of them are words.
    names: u64,
    words: u64,
    /// A damaged entry so long that whole others may stand inside it.
    pub(super) swallowed: Option<Range<u64>>,
    /// Entries that hold nothing.
    nothings: Vec<(Range<u64>, bool)>,
    /// Scripts of the cache: no data, and a damaged one keeps the server from starting.
    scripts: Vec<Range<u64>>,
    /// What is no entry, and damaged inside.
    bad_items: Vec<Range<u64>>,
    scratch: Vec<u8>,
    pub(super) features: Features,
    pub(super) findings: Vec<Finding>,
    pub(super) integrity: Integrity,
    /// Where it can be read on.
    pub(super) places: Places,
}

/// Whose pieces are read, where they belong to no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outside {
    /// They belong to a value.
    No,
    /// To the metadata of a key.
    Meta,
    /// To a module, and to no key.
    Module,
    /// To a hash template.
    Template,
}

/// The key whose value is being read.
#[derive(Debug, Default)]
struct Current {
    name: Vec<u8>,
    /// Could the name be read?
    has_name: bool,
    /// Do fields of it expire on their own?
    expires_fields: bool,
    db: u64,
    logical: Option<LogicalType>,
    expires_at_ms: Option<i64>,
    idle_s: Option<u64>,
    freq: Option<u8>,
    offset: u64,
}

impl State {
    pub(super) fn new(file: &str, options: SnapshotOptions, aid: Option<SnapshotAid>) -> Self {
        Self {
            digest: aid.filter(|_| options.digest).map(|aid| aid.digest),
            integrity: Integrity::new(file, &options),
            models: Models::new(options.allocator),
            costs: CostCache::default(),
            options,
            file: file.into(),
            header: None,
            release: None,
            aux: Vec::new(),
            in_tape: false,
            functions: 0,
            modules: BTreeSet::new(),
            stored_checksum: None,
            saved_at_s: None,
            sound_up_to: 0,
            n_keys: 0,
            keys_behind: 0,
            announced_keys: None,
            last_key: Vec::new(),
            last_offset: 0,
            copy: Writer::new(Magic::Redis, 0),
            entry_start: None,
            outside: Outside::No,
            outside_start: 0,
            current: Current::default(),
            value: ValueScan::default(),
            canonical: Canonical::default(),
            templates: Templates::default(),
            things: Things::default(),
            strangers: Strangers::default(),
            names: 0,
            words: 0,
            swallowed: None,
            nothings: Vec::new(),
            scripts: Vec::new(),
            bad_items: Vec::new(),
            scratch: Vec::new(),
            features: Features::default(),
            findings: Vec::new(),
            places: Places::default(),
        }
    }

    #[inline]
    pub(super) fn event(
        &mut self,
        span: Range<u64>,
        event: &Event<'_>,
        holes: &mut [Hole],
        sink: &mut dyn FnMut(&KeyFacts<'_>),
    ) {
        self.features.event(event);
        match event {
            Event::Part(part) => {
                if let Part::Module(id) = part {
                    if self.modules.len() < MAX_AUX {
                        self.modules.insert(*id);
                    }
                    if self.outside == Outside::No {
                        self.strangers.meet_module(*id);
                    }
                }
                match self.outside {
                    Outside::No => {
                        self.integrity.part(&span, part);
                        let canonical = self.digest.is_some().then_some(&mut self.canonical);
                        self.value.part(part, &mut self.scratch, &self.templates, &self.models, canonical);
                    }
                    Outside::Meta => self.integrity.part(&span, part),
                    Outside::Module => self.integrity.part(&span, part),
                    Outside::Template => {
                        if let Part::Text(_, name) = part {
                            self.templates.name(name, &mut self.scratch);
                        }
                    }
                }
                // Pieces of a value are no place to stop: what counts is whole keys.
                return;
            }
            Event::Key(key) => {
                self.entry_start = Some(key.offset);
                self.strangers.meet(key.type_byte);
                self.thing(event, &span);
                self.begin(key);
                return;
            }
            Event::KeyEnd => {
                self.end(span.end, sink);
                self.places.pass(span.end, self.current.db);
                if let Some(hole) = holes.last_mut() {
                    self.keys_behind += 1;
                    if let Some(behind) = &mut hole.behind {
                        behind.first_key.get_or_insert_with(|| front(&self.current.name).to_vec());
                    }
                }
            }
            Event::Expiry { .. } | Event::Idle { .. } | Event::Freq { .. } => {
                self.entry_start.get_or_insert(span.start);
                return;
            }
            Event::KeyMeta { .. } | Event::RamLru { .. } | Event::KeyFlags { .. } => {
                self.entry_start.get_or_insert(span.start);
                if let Some(opcode) = opcode(event) {
                    self.strangers.meet(opcode);
                }
                match event {
                    Event::KeyMeta { .. } => self.outside = Outside::Meta,
                    // From here on the parser knows whose file it is.
                    Event::KeyFlags { .. } => self.places.close(),
                    _ => {}
                }
                self.thing(event, &span);
                return;
            }
            Event::KeyMetaEnd => {
                self.outside = Outside::No;
                return;
            }
            Event::HashTemplate { id, .. } => {
                self.outside = Outside::Template;
                self.places.close();
                self.outside_start = span.start;
                self.templates.begin(*id);
                self.thing(event, &span);
                return;
            }
            Event::HashTemplateEnd => {
                self.outside = Outside::No;
                self.copy.item(self.outside_start..span.end);
                self.strangers.item(HASH_TEMPLATE, self.outside_start..span.end);
                if let Some(error) = self.templates.end() {
                    self.integrity.bad_name(&error, "A hash template");
                }
            }
            Event::SlotNum { .. } | Event::FullSyncEnd => {
                self.thing(event, &span);
                self.copy.item(span.clone());
                self.strange_item(event, &span);
            }
            // What begins here cannot be read.
            Event::CompressedBlock { .. } => {
                self.thing(event, &span);
                return;
            }
            Event::Header { magic, version } => {
                self.header = Some((*magic, *version));
                self.strangers.header(*magic, *version);
                self.copy = Writer::new(*magic, *version);
                self.copy.item(span.clone());
                self.judge_version(*magic, *version);
            }
            Event::Aux { name, value } => {
                self.aux(name, value, &span);
                // Between attributes and key it is a part of the entry.
                if self.entry_start.is_none() {
                    self.copy.item(span.clone());
                }
            }
            Event::SelectDb { db } => {
                self.copy.select(*db, span.clone());
            }
            Event::ResizeDb { keys, expires } => {
                self.announced_keys = Some(self.announced_keys.unwrap_or(0).saturating_add(*keys));
                self.copy.announce(span.clone(), *keys, *expires);
            }
            Event::Function { .. } | Event::FunctionPreGa { .. } => {
                self.functions += 1;
                self.copy.item(span.clone());
                self.strange_item(event, &span);
            }
            Event::ModuleAux { module, .. } => {
                if self.modules.len() < MAX_AUX {
                    self.modules.insert(*module);
                }
                self.outside = Outside::Module;
                self.outside_start = span.start;
                let _ = self.integrity.item(&span, event);
                return;
            }
            Event::ModuleAuxEnd => {
                self.outside = Outside::No;
                self.copy.item(self.outside_start..span.end);
            }
            Event::Eof => {}
            Event::Checksum { stored } => self.stored_checksum = Some(*stored),
            _ => {
                self.copy.item(span.clone());
                self.strange_item(event, &span);
            }
        }
        if !self.integrity.item(&span, event) {
            let start = if matches!(event, Event::ModuleAuxEnd) { self.outside_start } else { span.start };
            if self.bad_items.len() < MAX_UNFIT {
                self.bad_items.push(start..span.end);
            }
        }
        // A field between the attributes of a key and the key (KeyDB writes them there) ends nothing.
        if self.entry_start.is_none() {
            self.sound_up_to = span.end;
        }
    }

    /// The header is lost, and must have been this one.
    pub(super) fn begin_headless(&mut self, magic: Magic, version: u16) {
        self.header = Some((magic, version));
        self.features.header = self.header;
        self.strangers.header(magic, version);
        self.copy = Writer::new(magic, version);
        self.copy.header(magic, version);
    }

    /// Entries that were counted turn out to be made of damage, and reading starts anew somewhere else.
    pub(super) fn give_up(&mut self, entries: u64, start: u64) {
        self.integrity.take_back(start);
        self.places.take_back(start);
        self.nothings.retain(|(span, _)| span.start < start);
        self.scripts.retain(|span| span.start < start);
        self.bad_items.retain(|span| span.start < start);
        for (strange, place) in self.strangers.take_back(start) {
            self.disown(strange, &place.span);
        }
        self.n_keys -= entries.min(self.n_keys);
        self.entry_start = None;
        self.outside = Outside::No;
    }

    /// What was read there is damage: it says nothing about the file.
    pub(super) fn disown(&mut self, strange: Strange, span: &Range<u64>) {
        match strange {
            Strange::Number(number) => self.features.forget_number(number),
            Strange::Module(module) => {
                if self.features.forget_module(module) {
                    self.modules.remove(&module);
                }
            }
        }
        if self.things.forget(span) {
            let told = |finding: &Finding| {
                span.contains(&finding.start)
                    && matches!(finding.kind, FindingKind::UnverifiedLayout | FindingKind::Fork)
            };
            self.findings.retain(|finding| !told(finding));
        }
    }

    #[cold]
    fn strange_item(&mut self, event: &Event<'_>, span: &Range<u64>) {
        if let Some(opcode) = opcode(event) {
            self.strangers.item(opcode, span.clone());
        }
    }

    /// What can follow behind damage that begins at `offset`; nothing where that is not known.
    pub(super) fn vocabulary(&self, offset: u64) -> Option<Vocabulary> {
        let (magic, version) = self.header?;
        if self.says_fork() || self.things.is_fork_before(offset) {
            return None;
        }
        let mut numbers = Numbers::of(magic, version, self.names_its_writer());
        let mut modules: Vec<ModuleId> = Vec::new();
        for known in self.strangers.known_before(offset) {
            match known {
                Strange::Number(number) => numbers.add(number),
                Strange::Module(module) => modules.push(module),
            }
        }
        // What older servers wrote may stand there, too, if it did before.
        for known in &self.features.objects {
            if Numbers::of(magic, version, false).has(known.type_byte) {
                numbers.add(known.type_byte);
            }
        }
        modules.extend(self.modules.iter().filter(|module| is_known(**module)));
        Some(Vocabulary { numbers, modules: Some(modules), highest_db: self.features.highest_db.max(15) })
    }

    /// Takes out of the copy what belongs to no key and is damaged inside.
    pub(super) fn leave_out_bad_items(&mut self) -> Vec<Unfit> {
        self.copy.remove_items(&self.bad_items);
        let reason = UnfitReason::BadValue;
        self.bad_items.drain(..).map(|span| Unfit { span, reason }).collect()
    }

    /// Takes out of the copy what the writer cannot have written, and says so.
    pub(super) fn leave_out_strangers(&mut self) -> Vec<Unfit> {
        let strangers = self.strangers.are_damage(self.names_its_writer());
        let strange = |span: &Range<u64>| Unfit { span: span.clone(), reason: UnfitReason::Foreign };
        let (mut entries, mut items) =
            (core::mem::take(&mut self.nothings), core::mem::take(&mut self.scripts));
        let mut unfit: Vec<Unfit> = entries.iter().map(|(span, _)| strange(span)).collect();
        unfit.extend(items.iter().map(strange));
        let told = unfit.len();
        for (strange, place) in strangers {
            self.disown(strange, &place.span);
            match place.entry {
                Some(expires) => entries.push((place.span.clone(), expires)),
                None => items.push(place.span.clone()),
            }
            unfit.push(Unfit { span: place.span, reason: UnfitReason::Foreign });
        }
        entries.order_by_key(|(span, _)| span.start);
        items.order_by_key(|span| span.start);
        self.copy.remove(&entries);
        self.copy.remove_items(&items);
        for Unfit { span, .. } in unfit.iter().skip(told).take(MAX_STRANGERS_TOLD) {
            let message = "What can be read here is nothing the writer of the file can have written: it is damage, and is left out.";
            self.push(Severity::Error, FindingKind::Malformed, span.clone(), message.into());
        }
        unfit
    }

    /// Does it say which release of Redis or Valkey wrote it?
    pub(super) fn names_its_writer(&self) -> bool {
        let is_release = |text: String| Release::parse_version(Product::Redis, &text).is_some();
        !self.says_fork()
            && ["valkey-ver", "redis-ver"].iter().any(|name| self.aux_value(name).is_some_and(is_release))
    }

    /// Are the names of its keys words?
    pub(super) fn has_words(&self) -> bool {
        self.names > 0 && self.words * 20 >= self.names * 19
    }

    /// Does it say that KeyDB wrote it?
    fn says_fork(&self) -> bool {
        self.aux.iter().any(|field| matches!(field.name.as_str(), "mvcc-tstamp" | "repl-masters"))
    }

    /// The first bytes of the last key before a hole; not known where `doubtful` keys before it are given up.
    pub(super) fn last_key(&self, doubtful: u64) -> Option<Vec<u8>> {
        (doubtful == 0 && self.n_keys > 0).then(|| self.last_key.clone())
    }

    /// Says once for each kind of thing that only a fork writes it, or that its layout is not certain.
    #[inline]
    fn thing(&mut self, event: &Event<'_>, span: &Range<u64>) {
        if let Some(thing) = Thing::of(event) {
            self.note(thing, span);
        }
    }

    fn note(&mut self, thing: Thing, span: &Range<u64>) {
        if let Some((severity, kind, span, message)) = self.things.note(thing, span.clone()) {
            self.push(severity, kind, span, message.into());
        }
    }

    #[inline]
    fn begin(&mut self, key: &Key<'_>) {
        self.current.name.clear();
        let name = key.name.decode(&mut self.scratch);
        self.current.has_name = name.is_ok();
        match name {
            Ok(name) => {
                self.current.name.extend_from_slice(name);
                if self.n_keys.is_multiple_of(NAMES_PER_SAMPLE) {
                    self.names += 1;
                    self.words += u64::from(is_word(name));
                }
            }
            Err(error) => self.integrity.bad_name(&error, "The name of a key"),
        }
        self.current.db = key.db;
        self.current.logical = Some(key.logical());
        self.current.expires_fields = key.object.expires_fields();
        self.current.expires_at_ms = key.expires_at_ms;
        self.current.idle_s = key.idle_s;
        self.current.freq = key.freq;
        self.current.offset = key.offset;
        self.value.begin(key, self.options.now_ms);
        self.integrity.begin(key);
        if self.digest.is_some() {
            self.canonical.begin(key.object);
        }
    }

    #[inline]
    fn end(&mut self, end: u64, sink: &mut dyn FnMut(&KeyFacts<'_>)) {
        self.n_keys += 1;
        self.entry_start = None;
        let follows_nameless = self.n_keys > 1 && self.last_key.is_empty();
        self.last_key.clear();
        self.last_key.extend_from_slice(front(&self.current.name));
        let release = match self.release {
            Some(release) => release,
            None => *self.release.insert(self.release_of_version()),
        };
        let logical = self.current.logical.unwrap_or(LogicalType::String);
        let asked = self.options.target.unwrap_or(release);
        let value = self.value.held(&self.models);
        let costs = self.costs.costs(&self.models, value);
        let i = nearest(asked);
        let raised = self.models.raised(i, value);
        let cost = costs[i];
        let encoding = match cost.encoding {
            // Of the writer, the encoding it had the value in; of another release, the one it chooses.
            Some(encoding) if self.options.target.is_some() && encoding != Encoding::Other => encoding.name(),
            _ => self.value.encoding(release),
        };
        let module = self.value.module().map(ModuleId::name);
        let type_name = match &module {
            Some(name) => core::str::from_utf8(name).unwrap_or("module"),
            None => logical.name(),
        };
        let elements = self.value.elements();
        let may_be_empty = matches!(logical, LogicalType::String | LogicalType::Stream | LogicalType::Module);
        let name_len = self.current.name.len() as u64;
        let expires = self.current.expires_at_ms;
        let expired_at_save =
            expires.zip(self.saved_at_s).is_some_and(|(at, saved)| at < saved.saturating_mul(1000));
        let expired_now = expires.is_some_and(|at| at < self.options.now_ms);
        self.strangers.end_entry(self.current.offset..end, expires.is_some());
        let is_fit = self.integrity.end(Ended {
            db: self.current.db,
            name: &self.current.name,
            type_name,
            span: self.current.offset..end,
            problem: self.value.take_problem(),
            is_empty: elements == Some(0) && !may_be_empty,
            has_expiry: expires.is_some(),
            expired_at_save,
            expired_now,
        });
        // Only what a server takes goes into a copy.
        // Servers write no empty lists, sets and hashes, and do not load them: behind damage they are a part of it.
        if elements == Some(0) && !may_be_empty && self.nothings.len() < MAX_UNFIT {
            self.nothings.push((self.current.offset..end, expires.is_some()));
        }
        if is_fit && self.current.has_name {
            self.copy.entry(self.current.db, self.current.offset..end, expires.is_some());
        } else {
            // Zeros read as keys without a name: the first of a row is no better than the others.
            if self.current.name.is_empty() && follows_nameless {
                self.copy.take_back(self.last_offset);
                self.copy.leave_out(self.last_offset);
            }
            self.copy.leave_out(self.current.offset);
            if !is_fit && end - self.current.offset >= MIN_SWALLOWED {
                self.swallowed = Some(self.current.offset..end);
            }
        }
        self.last_offset = self.current.offset;
        sink(&KeyFacts {
            db: self.current.db,
            name: &self.current.name,
            logical,
            type_name,
            encoding,
            elements,
            expires_at_ms: expires,
            expired_at_save,
            expired_now,
            file_bytes: end - self.current.offset,
            payload_bytes: self.value.payload_bytes().saturating_add(name_len),
            memory_bytes: cost.memory_bytes,
            memory_by_release: ByRelease(costs.map(|cost| cost.memory_bytes)),
            allocated_by_release: ByRelease(costs.map(|cost| cost.allocated_bytes)),
            release: i,
            largest_element_bytes: self.value.largest_element_bytes(),
            idle_s: self.current.idle_s,
            freq: self.current.freq,
            offset: self.current.offset,
            announced_slot: self.features.slot(),
            raised,
            stored: self.value.stored(),
            is_compressed: self.value.is_compressed(),
            value_sha256: self.digest.and_then(|digest| digest(&mut self.canonical)),
            in_tape: self.in_tape,
            expires_fields: self.current.expires_fields,
        });
    }

    fn aux(&mut self, name: &Str<'_>, value: &Str<'_>, span: &Range<u64>) {
        let mut text = |s: &Str<'_>| match s.decode(&mut self.scratch) {
            Ok(bytes) => units::printable(bytes.get(..bytes.len().min(4096)).unwrap_or_default()),
            Err(error) => format!("({error})"),
        };
        let field = AuxField { name: text(name), value: text(value) };
        match field.name.as_str() {
            // Development builds are called 3.9.102 and write what 4.0 will: the version they write counts.
            "redis-ver" => {
                let known = self.header.is_some_and(|(_, version)| version <= MAX_REDIS_VERSION);
                self.release = Release::parse_version(Product::Redis, &field.value)
                    .map(|release| if known { release.max(self.release_of_version()) } else { release });
            }
            "valkey-ver" => self.release = Release::parse_version(Product::Valkey, &field.value),
            "lua" if self.scripts.len() < MAX_UNFIT => self.scripts.push(span.clone()),
            "slot-info" if !is_slot_info(&field.value) && self.bad_items.len() < MAX_UNFIT => {
                self.bad_items.push(span.clone());
            }
            "ctime" => self.saved_at_s = field.value.parse().ok(),
            "aof-preamble" | "aof-base" => self.in_tape |= field.value == "1",
            "keydb-subexpire-key" => self.note(Thing::KeydbSubexpire, span),
            _ => {}
        }
        // Between keys these are bookkeeping (Valkey's slots, KeyDB's timestamps), and there may be millions.
        if self.n_keys == 0 && self.aux.len() < MAX_AUX {
            self.aux.push(field);
        }
    }

    pub(super) fn aux_value(&self, name: &str) -> Option<String> {
        self.aux.iter().find(|field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value.clone())
    }

    pub(super) fn product(&self) -> &'static str {
        if self.says_fork() {
            return "KeyDB";
        }
        if let Some(product) = self.things.product() {
            return product;
        }
        match self.header {
            Some((Magic::Valkey, _)) => "Valkey",
            _ if self.aux_value("valkey-ver").is_some() => "Valkey",
            _ => "Redis",
        }
    }

    /// The first release that wrote this version.
    pub(super) fn release_of_version(&self) -> Release {
        match self.header {
            Some((Magic::Valkey, _)) => Release::valkey(9, 0),
            Some((Magic::Redis, version)) => match version {
                ..=1 => Release::redis(2, 2),
                2..=5 => Release::redis(2, 4),
                6 => Release::redis(2, 8),
                7 => Release::redis(3, 2),
                8 => Release::redis(4, 0),
                9 => Release::redis(5, 0),
                10 => Release::redis(7, 0),
                11 => Release::redis(7, 2),
                12 => Release::redis(7, 4),
                13 => Release::redis(8, 6),
                14 => Release::redis(8, 8),
                _ => Release::redis(8, 10),
            },
            None => Release::redis(7, 4),
        }
    }

    fn push(&mut self, severity: Severity, kind: FindingKind, span: Range<u64>, message: String) {
        let file = self.file.clone();
        self.findings.push(Finding { severity, kind, file, start: span.start, end: span.end, message });
    }

    fn judge_version(&mut self, magic: Magic, version: u16) {
        let known = match magic {
            Magic::Redis => (1..=MAX_REDIS_VERSION).contains(&version),
            Magic::Valkey => (80..=MAX_VALKEY_VERSION).contains(&version),
        };
        if !known {
            let message = if magic == Magic::Valkey && version < 80 {
                format!(
                    "VALKEY files begin at RDB version 80, this says {version}; it is read as if it were one."
                )
            } else {
                format!(
                    "RDB version {version} is newer than this build knows; it reads on until it meets something unknown."
                )
            };
            self.push(Severity::Warning, FindingKind::Unsupported, 0..9, message);
        }
    }

    pub(super) fn judge_checksum(&mut self, checksum: &Checksum, end: u64) {
        let span = end.saturating_sub(8)..end;
        match checksum {
            Checksum::Mismatch { stored, computed } => {
                let message = format!(
                    "The checksum does not match (stored {stored}, computed {computed}): at least one byte changed after it was \
                     written. The server refuses to load the file and its check tool calls it wrong."
                );
                self.push(Severity::Error, FindingKind::ChecksumMismatch, span, message);
            }
            Checksum::NotComputed => {
                let message =
                    "The writer stored no checksum (rdbchecksum no): changed bytes would go unnoticed."
                        .into();
                self.push(Severity::Info, FindingKind::ChecksumNotComputed, span, message);
            }
            Checksum::Verified | Checksum::Absent | Checksum::NotReached => {}
        }
    }
}

/// One name in so many is looked at.
const NAMES_PER_SAMPLE: u64 = 16;
/// A damaged entry that is shorter has no room for others.
const MIN_SWALLOWED: u64 = 64;
/// Most of them that become findings.
const MAX_STRANGERS_TOLD: usize = 20;
/// Hash templates.
const HASH_TEMPLATE: u8 = 242;

/// Slot, keys, keys with an expiry: a server refuses everything else.
fn is_slot_info(value: &str) -> bool {
    let mut numbers = value.split(',').map(|number| number.parse::<u64>().ok());
    numbers.next().flatten().is_some_and(|slot| slot < 16_384)
        && numbers.by_ref().take(2).flatten().count() == 2
}

/// Can the module be one, as far as its name is known?
fn is_known(module: ModuleId) -> bool {
    module_product(&String::from_utf8_lossy(&module.name())).is_some()
}

/// As much of a name as is kept to tell somebody where damage lies.
fn front(name: &[u8]) -> &[u8] {
    name.get(..name.len().min(256)).unwrap_or_default()
}
