//! Adds up one value from the pieces the parser hands out.

use snaptape_memory::{Models, Value};
use snaptape_rdb::{Key, LogicalType, ModuleId, ObjectType, Packing, Part, Role, StreamId};
use snaptape_wire::{
    Error, ErrorKind, Str, StrForm, decimal_len, lzf,
    packed::{Entry, Intset, Listpack, Survey, Ziplist, Zipmap, survey},
};

use super::{
    deep::{Harm, REFUSED, Violation, packed_harm},
    digest::Canonical,
    encoding::{self, Facts},
    held::{Held, Repacked},
    modules::{Contents, Field, Layout},
    stored::StoredText,
    stream_entries,
    templates::{Names, Templates},
};

/// Sums over the value of the current key.
#[derive(Debug, Default)]
pub(super) struct ValueScan {
    object: Option<ObjectType>,
    /// Elements; `None` once a packed value was too long to look into.
    elements: Option<u64>,
    payload_bytes: u64,
    /// The longest member, field, value, list item or string.
    largest_element_bytes: u64,
    /// The same pieces as memory sees them.
    held: Held,
    stream_base: StreamId,
    facts: Facts,
    module: Option<ModuleId>,
    /// What is known of the inside of a module's value.
    layout: Layout,
    /// Where the field names of a hash stand, if not beside the values.
    template: Option<Template>,
    /// Field names that stand before the values.
    names: Names,
    /// Values of such a hash so far.
    values: u64,
    /// The place of the array's last element.
    array_index: Option<u64>,
    /// Offset of the entry.
    start: u64,
    /// The first packed value that contradicts itself.
    problem: Option<Violation>,
    /// A string's text as it is stored.
    stored: Option<StoredText>,
    /// Is any part of it compressed in the file?
    is_compressed: bool,
}

/// Most bytes of field names that are held for one hash.
const MAX_NAMES_BYTES: usize = 64 << 20;

/// Where the field names of a hash stand.
#[derive(Debug, Clone, Copy)]
enum Template {
    /// In front of the values.
    Here,
    /// In the template with this ID.
    Known(u64),
}

impl ValueScan {
    /// Begins the value of `key`.
    #[inline]
    pub(crate) fn begin(&mut self, key: &Key<'_>, now_ms: i64) {
        self.held.begin(key, now_ms);
        // Field by field: there are many keys, and what memory holds is large.
        self.object = Some(key.object);
        self.start = key.offset;
        self.elements = Some(0);
        self.payload_bytes = 0;
        self.largest_element_bytes = 0;
        self.stream_base = StreamId::default();
        self.facts =
            Facts { key_len: key.name.len(), has_ttl: key.expires_at_ms.is_some(), ..Facts::default() };
        self.values = 0;
        self.array_index = None;
        self.problem = None;
        self.stored = None;
        self.is_compressed = false;
        self.template = None;
        if self.names.fields() > 0 {
            self.names = Names::default();
        }
        if self.module.take().is_some() {
            self.layout = Layout::default();
        }
    }

    /// Adds the next piece. `canonical` gets every element too, where a digest is wanted.
    #[inline]
    pub(crate) fn part(
        &mut self,
        part: &Part<'_>,
        scratch: &mut Vec<u8>,
        templates: &Templates,
        models: &Models,
        mut canonical: Option<&mut Canonical>,
    ) {
        match *part {
            Part::Text(Role::Packed(packing), text) => {
                self.packed(packing, &text, scratch, templates, models, canonical);
            }
            Part::Text(Role::FieldNames, text) => {
                if let Err(error) = self.field_names(&text, scratch, models) {
                    self.report(in_blob(&error, &text));
                }
            }
            Part::Text(Role::Field, text) if self.template.is_some() => {
                self.text(Role::Field, text.len(), Some(&text), models);
                match text.decode(scratch) {
                    Ok(name) => self.field_name(name, text.offset),
                    Err(error) => self.report(error),
                }
            }
            Part::Text(role, text) => {
                self.is_compressed |= matches!(text.form, StrForm::Lzf { .. });
                if role == Role::FieldValue {
                    self.name_value(templates, canonical.as_deref_mut());
                }
                self.text(role, text.len(), Some(&text), models);
                match role {
                    Role::Value => self.string(&text),
                    Role::ModuleString => self.layout.field(Field::Text(text.len())),
                    _ => {}
                }
                if let Some(canonical) = canonical {
                    match text.decode(scratch) {
                        Ok(bytes) => canonical.text(role, bytes),
                        Err(error) => self.report(error),
                    }
                } else if let StrForm::Lzf { packed, len } = text.form
                    && let Err(error) = lzf::check(packed, len)
                {
                    self.report(error.shifted(text.offset));
                }
            }
            Part::LongBegin(Role::Packed(packing), head) => {
                // Too long to look into: its elements stay unknown, its length does not.
                self.elements = None;
                self.facts.nodes += 1;
                self.held.long_blob(packing, head.logical_len(), models);
                self.payload_bytes = self.payload_bytes.saturating_add(head.logical_len());
                if let Some(canonical) = canonical {
                    canonical.give_up();
                }
            }
            Part::LongBegin(role, head) => {
                if role == Role::FieldValue {
                    self.name_value(templates, canonical.as_deref_mut());
                }
                self.text(role, head.logical_len(), None, models);
                self.facts.text_len = head.logical_len();
                if role == Role::Value {
                    self.stored = Some(StoredText::long(head));
                }
                if role == Role::ModuleString {
                    self.layout.field(Field::Text(head.logical_len()));
                }
                if let Some(canonical) = canonical {
                    canonical.long_begin(role, head);
                }
            }
            Part::LongChunk(bytes) => {
                if let Some(canonical) = canonical {
                    canonical.long_chunk(bytes);
                }
            }
            Part::LongEnd => {
                if let Some(canonical) = canonical
                    && let Err(error) = canonical.long_end()
                {
                    self.report(error);
                }
            }
            Part::Count(_) => self.held.part(part, models),
            Part::Score(score) => {
                self.held.part(part, models);
                if let Some(canonical) = canonical {
                    canonical.score(score);
                }
            }
            Part::FieldExpiry { at_ms, before_field } => {
                self.held.part(part, models);
                if let Some(canonical) = canonical {
                    canonical.field_expiry(at_ms, before_field);
                }
            }
            Part::StreamNode(id) => {
                self.held.part(part, models);
                self.stream_base = id;
            }
            Part::StreamInfo(info) => {
                self.elements = Some(info.length);
                if let Some(canonical) = canonical {
                    canonical.stream_last_id(info.last_id);
                }
            }
            Part::StreamGroup { name, .. } | Part::StreamConsumer { name, .. } => {
                self.held.part(part, models);
                self.payload_bytes = self.payload_bytes.saturating_add(name.len());
            }
            Part::StreamPending { .. } | Part::StreamOwned(_) => self.held.part(part, models),
            Part::StreamProducer { name } | Part::StreamProduced { name, .. } => {
                self.payload_bytes = self.payload_bytes.saturating_add(name.len());
            }
            Part::TemplateFormat(_) => self.template = Some(Template::Here),
            Part::Template { id, fields } => {
                self.elements = Some(fields);
                self.use_template(id, templates);
            }
            Part::ArrayIndex(index) => self.next_index(index, canonical),
            Part::ArrayInt(n) => {
                self.number(decimal_len(n));
                if let Some(canonical) = canonical {
                    canonical.array_int(n);
                }
            }
            Part::ArrayDouble(n) => {
                self.number(8);
                if let Some(canonical) = canonical {
                    canonical.array_double(n);
                }
            }
            Part::ArrivalTime { .. } => self.number(8),
            Part::CronTimes { .. } => self.number(16),
            Part::Module(id) => {
                self.module = Some(id);
                self.layout = Layout::of(id);
            }
            Part::ModuleNumber { tag, bits } => {
                self.held.part(part, models);
                self.payload_bytes = self.payload_bytes.saturating_add(8);
                self.layout.field(Field::number(tag, bits));
            }
            _ => {}
        }
    }

    /// Counts an element that is a number.
    fn number(&mut self, len: u64) {
        self.payload_bytes = self.payload_bytes.saturating_add(len);
        if let Some(n) = &mut self.elements {
            *n += 1;
        }
    }

    /// The place of an array's next element: they ascend.
    fn next_index(&mut self, index: u64, canonical: Option<&mut Canonical>) {
        if self.array_index.is_some_and(|last| last >= index) {
            let why = "its elements are not in order";
            self.report(Error::new(ErrorKind::InvalidBlob { encoding: "array", why }, self.start));
        }
        self.array_index = Some(index);
        if let Some(canonical) = canonical {
            canonical.array_index(index);
        }
    }

    /// The names of this hash stand in a template.
    fn use_template(&mut self, id: u64, templates: &Templates) {
        self.template = Some(Template::Known(id));
        let names = templates.get(id).map_or(0, Names::payload_bytes);
        self.payload_bytes = self.payload_bytes.saturating_add(names);
    }

    /// A field name that stands before the values.
    fn field_name(&mut self, name: &[u8], offset: u64) {
        if let Err(why) = self.names.push(name, MAX_NAMES_BYTES) {
            self.report(Error::new(ErrorKind::InvalidBlob { encoding: "hash template", why }, offset));
        }
    }

    /// A listpack of them.
    fn field_names(&mut self, text: &Str<'_>, scratch: &mut Vec<u8>, models: &Models) -> Result<(), Error> {
        let mut name = Vec::new();
        for entry in Listpack::new(text.decode(scratch)?)? {
            name.clear();
            entry?.push_to(&mut name);
            self.text(Role::Field, name.len() as u64, None, models);
            self.field_name(&name, text.offset);
        }
        Ok(())
    }

    /// Tells the canonical form which field the value that follows belongs to, where the file does not say it beside the value.
    fn name_value(&mut self, templates: &Templates, canonical: Option<&mut Canonical>) {
        let names = match self.template {
            None => return,
            Some(Template::Here) => Some(&self.names),
            Some(Template::Known(id)) => templates.get(id),
        };
        let name = names.and_then(|names| names.get(self.values));
        self.values += 1;
        if let Some(canonical) = canonical {
            match name {
                Some(name) => canonical.text(Role::Field, name),
                None => canonical.give_up(),
            }
        }
    }

    /// A listpack of a template's ID and the values.
    fn template_values(
        &mut self,
        object: ObjectType,
        blob: &[u8],
        templates: &Templates,
        mut canonical: Option<&mut Canonical>,
    ) -> Result<(), Error> {
        let wrong = |why| Error::new(ErrorKind::InvalidBlob { encoding: "hash with template", why }, 0);
        let mut entries = Listpack::new(blob)?;
        let id = match entries.next() {
            Some(entry) => entry?.as_int().ok_or_else(|| wrong("its template is no number"))?,
            None => return Err(wrong("it has no template")),
        };
        let fields = if object == ObjectType::HashTmplLpRef {
            let id = u64::try_from(id).map_err(|_| wrong("its template does not exist"))?;
            let fields = templates.get(id).ok_or_else(|| wrong("its template does not exist"))?.fields();
            self.elements = Some(fields);
            self.use_template(id, templates);
            fields
        } else {
            self.names.fields()
        };
        let mut value = Vec::new();
        for entry in entries {
            let entry = entry?;
            self.payload_bytes = self.payload_bytes.saturating_add(entry.len());
            self.largest_element_bytes = self.largest_element_bytes.max(entry.len());
            self.name_value(templates, canonical.as_deref_mut());
            if let Some(canonical) = canonical.as_deref_mut() {
                value.clear();
                entry.push_to(&mut value);
                canonical.text(Role::FieldValue, &value);
            }
        }
        if self.values != fields {
            return Err(wrong("it has not one value for each field"));
        }
        Ok(())
    }

    /// Counts a string that stands on its own.
    #[inline]
    fn text(&mut self, role: Role, len: u64, text: Option<&Str<'_>>, models: &Models) {
        self.held.text(role, len, text, models);
        self.payload_bytes = self.payload_bytes.saturating_add(len);
        self.largest_element_bytes = self.largest_element_bytes.max(len);
        match role {
            Role::Item | Role::Member | Role::Field | Role::Value => {
                if let Some(n) = &mut self.elements {
                    *n += 1;
                }
            }
            _ => {}
        }
        if role == Role::Item && self.object == Some(ObjectType::ListQuicklist2) {
            // A plain node: one huge element instead of a listpack.
            self.facts.nodes += 1;
            self.facts.plain_nodes += 1;
        }
    }

    /// Looks at a string value as far as its encoding depends on it.
    fn string(&mut self, text: &Str<'_>) {
        self.facts.text_len = text.len();
        self.stored = StoredText::of(text);
        match text.form {
            StrForm::Int(_) => self.facts.is_int = true,
            StrForm::Raw(bytes) if bytes.len() <= 20 => {
                self.facts.is_int = encoding::int(bytes).is_some();
                self.facts.is_hll = is_hll(bytes);
            }
            _ => {
                if let Ok((front, n)) = text.prefix::<16>() {
                    self.facts.is_hll = is_hll(front.get(..n).unwrap_or_default());
                }
            }
        }
    }

    fn packed(
        &mut self,
        packing: Packing,
        text: &Str<'_>,
        scratch: &mut Vec<u8>,
        templates: &Templates,
        models: &Models,
        canonical: Option<&mut Canonical>,
    ) {
        self.facts.nodes += 1;
        self.is_compressed |= matches!(text.form, StrForm::Lzf { .. });
        if let Err(error) = self.look_into(packing, text, scratch, templates, models, canonical) {
            let harm = self.object.map_or(REFUSED, |object| packed_harm(object, packing, text));
            self.report_harm(&in_blob(&error, text), harm);
            // Servers disagree about what such a value holds: some load it with everything in it.
            self.elements = None;
        }
    }

    fn look_into(
        &mut self,
        packing: Packing,
        text: &Str<'_>,
        scratch: &mut Vec<u8>,
        templates: &Templates,
        models: &Models,
        mut canonical: Option<&mut Canonical>,
    ) -> Result<(), Error> {
        let blob = text.decode(scratch)?;
        let Some(object) = self.object else { return Ok(()) };
        if matches!(object, ObjectType::HashTmplLp | ObjectType::HashTmplLpRef) {
            self.held.long_blob(packing, text.len(), models);
            return self.template_values(object, blob, templates, canonical);
        }
        if object.logical() == LogicalType::Stream {
            let mut payload = 0;
            let mut longest = 0;
            // Two closures want the canonical form; only one runs at a time.
            let canonical = core::cell::RefCell::new(canonical);
            stream_entries::walk(
                blob,
                self.stream_base,
                |id, pairs| {
                    if let Some(canonical) = canonical.borrow_mut().as_mut() {
                        canonical.stream_entry(id, pairs);
                    }
                },
                |field| {
                    payload += field.len();
                    longest = longest.max(field.len());
                    if let Some(canonical) = canonical.borrow_mut().as_mut() {
                        canonical.stream_field(field);
                    }
                },
            )?;
            self.payload_bytes = self.payload_bytes.saturating_add(payload);
            self.largest_element_bytes = self.largest_element_bytes.max(longest);
            return self.held.blob(packing, blob, Repacked::default(), 0, models);
        }
        let with_expiry = matches!(object, ObjectType::HashListpackEx | ObjectType::HashListpackExPreGa);
        let mut index = 0_u64;
        let mut expiries = 0;
        let mut each = |entry: Entry<'_>| {
            if with_expiry && index % 3 == 2 {
                expiries += entry.len();
            }
            if let Some(canonical) = canonical.as_deref_mut() {
                canonical.packed_entry(object, index, entry);
            }
            index += 1;
        };
        let mut repacked = Repacked::default();
        let sum: Survey = match packing {
            Packing::Listpack => survey(Listpack::new(blob)?.inspect(|e| e.iter().for_each(|e| each(*e)))),
            Packing::Ziplist => survey(Ziplist::new(blob)?.inspect(|e| {
                if let Ok(e) = e {
                    repacked.add(*e);
                    each(*e);
                }
            })),
            Packing::Intset => survey(Intset::new(blob)?.inspect(|e| e.iter().for_each(|e| each(*e)))),
            Packing::Zipmap => survey(Zipmap::new(blob)?.inspect(|e| {
                if let Ok(e) = e {
                    repacked.add(*e);
                    each(*e);
                }
            })),
        }?;
        let per_element = match object.logical() {
            LogicalType::Hash if with_expiry => 3,
            LogicalType::Hash | LogicalType::Zset => 2,
            _ => 1,
        };
        if !sum.entries.is_multiple_of(per_element) {
            let why = "its entries do not come out even";
            return Err(Error::new(ErrorKind::InvalidBlob { encoding: "packed value", why }, 0));
        }
        if let Some(n) = &mut self.elements {
            *n += sum.entries / per_element;
        }
        self.payload_bytes = self.payload_bytes.saturating_add(sum.payload_bytes - expiries);
        // A score or an expiry beside shorter elements counts as one: its text has at most 24 bytes.
        self.largest_element_bytes = self.largest_element_bytes.max(sum.longest_bytes);
        self.held.blob(packing, blob, repacked, sum.entries, models)
    }

    /// Something every loader looks at is wrong.
    #[cold]
    fn report(&mut self, error: Error) {
        self.report_harm(&error, REFUSED);
    }

    #[cold]
    fn report_harm(&mut self, error: &Error, harm: Harm) {
        let (at, rule) = (error.offset(), error.kind().to_string());
        self.problem.get_or_insert(Violation { at, rule, harm });
    }

    /// The first packed value that contradicts itself.
    pub(super) fn take_problem(&mut self) -> Option<Violation> {
        self.problem.take()
    }

    /// The text of a string that is not short.
    pub(crate) fn stored(&self) -> Option<StoredText> {
        self.stored
    }

    /// Is any part of the value compressed in the file?
    pub(crate) fn is_compressed(&self) -> bool {
        self.is_compressed
    }

    /// Whose value it is, if a module's.
    pub(crate) fn module(&self) -> Option<ModuleId> {
        self.module
    }

    /// STRLEN, LLEN, SCARD, HLEN, ZCARD or XLEN; for modules what their own commands count, where the layout is known; `None`
    /// where it is not known.
    pub(crate) fn elements(&self) -> Option<u64> {
        match self.object.map(ObjectType::logical) {
            Some(LogicalType::String) => Some(self.facts.text_len),
            Some(LogicalType::Module) => self.layout.contents().map(|contents| contents.elements),
            Some(LogicalType::RateLimiter | LogicalType::Cron | LogicalType::Json) | None => None,
            _ => self.elements,
        }
    }

    /// Element bytes, without the key.
    pub(crate) fn payload_bytes(&self) -> u64 {
        let known = self.layout.contents().map(|Contents { payload_bytes, .. }| payload_bytes);
        known.unwrap_or(self.payload_bytes)
    }

    /// The longest member, field, value, list item or string; 0 where none could be looked at.
    pub(crate) fn largest_element_bytes(&self) -> u64 {
        self.largest_element_bytes
    }

    /// The word OBJECT ENCODING uses.
    pub(crate) fn encoding(&self, release: snaptape_wire::Release) -> &'static str {
        let Some(object) = self.object else { return "unknown" };
        encoding::name(object, &Facts { element_bytes: self.payload_bytes, ..self.facts }, release)
    }

    /// What its memory depends on.
    pub(crate) fn held(&mut self, models: &Models) -> &Value {
        self.held.end(self.facts.text_len, self.facts.is_int, models)
    }
}

/// An error inside a packed value, where it stands in the file.
fn in_blob(error: &Error, text: &Str<'_>) -> Error {
    match text.form {
        // A raw blob stands in the file as it is: its inner offsets are offsets of the file.
        StrForm::Raw(_) => error.clone().shifted(text.offset),
        _ => Error::new(error.kind().clone(), text.offset),
    }
}

/// Source: hyperloglog.c, `struct hllhdr`.
fn is_hll(front: &[u8]) -> bool {
    front.len() >= 16 && front.starts_with(b"HYLL") && matches!(front.get(4), Some(0 | 1))
}
