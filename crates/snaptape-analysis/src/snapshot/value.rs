//! Adds up one value from the pieces the parser hands out.

use snaptape_memory::{Shape, allocation_bytes, sds_bytes};
use snaptape_rdb::{Key, LogicalType, ModuleId, ObjectType, Packing, Part, Role, StreamId};
use snaptape_wire::{
    Error, Str, StrForm,
    packed::{Entry, Intset, Listpack, Survey, Ziplist, Zipmap, survey},
};

use super::{
    digest::Canonical,
    encoding::{self, Facts},
    stream_entries,
};

/// Sums over the value of the current key.
#[derive(Debug, Default)]
pub(crate) struct ValueScan {
    object: Option<ObjectType>,
    /// Elements; `None` once a packed value was too long to look into.
    elements: Option<u64>,
    payload_bytes: u64,
    /// Allocations of the strings (or nodes) together.
    allocated_bytes: u64,
    packed_len: u64,
    groups_and_consumers: u64,
    pending: u64,
    stream_base: StreamId,
    facts: Facts,
    module: Option<ModuleId>,
    /// The first packed value that contradicts itself.
    problem: Option<Error>,
}

impl ValueScan {
    /// Begins the value of `key`.
    #[inline]
    pub(crate) fn begin(&mut self, key: &Key<'_>) {
        *self = Self {
            object: Some(key.object),
            elements: Some(0),
            facts: Facts {
                key_len: key.name.len(),
                has_ttl: key.expires_at_ms.is_some(),
                ..Facts::default()
            },
            ..Self::default()
        };
    }

    /// Adds the next piece. `canonical` gets every element too, where a digest is wanted.
    #[inline]
    pub(crate) fn part(&mut self, part: &Part<'_>, scratch: &mut Vec<u8>, canonical: Option<&mut Canonical>) {
        match *part {
            Part::Text(Role::Packed(packing), text) => self.packed(packing, &text, scratch, canonical),
            Part::Text(role, text) => {
                self.text(role, text.len());
                if role == Role::Value {
                    self.string(&text);
                }
                if let Some(canonical) = canonical {
                    match text.decode(scratch) {
                        Ok(bytes) => canonical.text(role, bytes),
                        Err(error) => self.report(error),
                    }
                }
            }
            Part::LongBegin(Role::Packed(_), head) => {
                // Too long to look into: its elements stay unknown, its length does not.
                self.elements = None;
                self.node(head.logical_len());
                self.payload_bytes = self.payload_bytes.saturating_add(head.logical_len());
                if let Some(canonical) = canonical {
                    canonical.give_up();
                }
            }
            Part::LongBegin(role, head) => {
                self.text(role, head.logical_len());
                self.facts.text_len = head.logical_len();
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
            Part::Score(score) => {
                if let Some(canonical) = canonical {
                    canonical.score(score);
                }
            }
            Part::FieldExpiry { at_ms, before_field } => {
                if let Some(canonical) = canonical {
                    canonical.field_expiry(at_ms, before_field);
                }
            }
            Part::StreamNode(id) => self.stream_base = id,
            Part::StreamInfo(info) => {
                self.elements = Some(info.length);
                if let Some(canonical) = canonical {
                    canonical.stream_last_id(info.last_id);
                }
            }
            Part::StreamGroup { name, .. } | Part::StreamConsumer { name, .. } => {
                self.groups_and_consumers += 1;
                self.payload_bytes = self.payload_bytes.saturating_add(name.len());
            }
            Part::StreamPending { .. } => self.pending += 1,
            Part::Module(id) => self.module = Some(id),
            Part::ModuleNumber { .. } => self.payload_bytes = self.payload_bytes.saturating_add(8),
            _ => {}
        }
    }

    /// Counts a string that stands on its own.
    #[inline]
    fn text(&mut self, role: Role, len: u64) {
        self.payload_bytes = self.payload_bytes.saturating_add(len);
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
            self.node(len);
            self.facts.plain_nodes += 1;
            return;
        }
        if role != Role::Value {
            self.allocated_bytes = self.allocated_bytes.saturating_add(sds_bytes(len));
        }
    }

    /// Looks at a string value as far as its encoding depends on it.
    fn string(&mut self, text: &Str<'_>) {
        self.facts.text_len = text.len();
        match text.form {
            StrForm::Int(_) => self.facts.is_int = true,
            StrForm::Raw(bytes) if bytes.len() <= 20 => {
                self.facts.is_int = encoding::is_int(bytes);
                self.facts.is_hll = is_hll(bytes);
            }
            _ => {
                if let Ok((front, n)) = text.prefix::<16>() {
                    self.facts.is_hll = is_hll(front.get(..n).unwrap_or_default());
                }
            }
        }
    }

    fn node(&mut self, len: u64) {
        self.facts.nodes += 1;
        self.packed_len = self.packed_len.saturating_add(len);
        self.allocated_bytes = self.allocated_bytes.saturating_add(allocation_bytes(len));
    }

    fn packed(
        &mut self,
        packing: Packing,
        text: &Str<'_>,
        scratch: &mut Vec<u8>,
        canonical: Option<&mut Canonical>,
    ) {
        self.node(text.len());
        if let Err(error) = self.look_into(packing, text, scratch, canonical) {
            self.report(match text.form {
                // A raw blob stands in the file as it is: its inner offsets are offsets of the file.
                StrForm::Raw(_) if error.offset() < text.offset => error.shifted(text.offset),
                _ => Error::new(error.kind().clone(), text.offset),
            });
        }
    }

    fn look_into(
        &mut self,
        packing: Packing,
        text: &Str<'_>,
        scratch: &mut Vec<u8>,
        mut canonical: Option<&mut Canonical>,
    ) -> Result<(), Error> {
        let blob = text.decode(scratch)?;
        let Some(object) = self.object else { return Ok(()) };
        if object.logical() == LogicalType::Stream {
            let mut payload = 0;
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
                    if let Some(canonical) = canonical.borrow_mut().as_mut() {
                        canonical.stream_field(field);
                    }
                },
            )?;
            self.payload_bytes = self.payload_bytes.saturating_add(payload);
            return Ok(());
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
        let sum: Survey = match packing {
            Packing::Listpack => survey(Listpack::new(blob)?.inspect(|e| e.iter().for_each(|e| each(*e)))),
            Packing::Ziplist => survey(Ziplist::new(blob)?.inspect(|e| e.iter().for_each(|e| each(*e)))),
            Packing::Intset => survey(Intset::new(blob)?.inspect(|e| e.iter().for_each(|e| each(*e)))),
            Packing::Zipmap => survey(Zipmap::new(blob)?.inspect(|e| e.iter().for_each(|e| each(*e)))),
        }?;
        let per_element = match object.logical() {
            LogicalType::Hash if with_expiry => 3,
            LogicalType::Hash | LogicalType::Zset => 2,
            _ => 1,
        };
        if !sum.entries.is_multiple_of(per_element) {
            let why = "its entries do not come out even";
            return Err(Error::new(
                snaptape_wire::ErrorKind::InvalidBlob { encoding: "packed value", why },
                0,
            ));
        }
        if let Some(n) = &mut self.elements {
            *n += sum.entries / per_element;
        }
        self.payload_bytes = self.payload_bytes.saturating_add(sum.payload_bytes - expiries);
        Ok(())
    }

    #[cold]
    fn report(&mut self, error: Error) {
        self.problem.get_or_insert(error);
    }

    /// The first packed value that contradicts itself.
    pub(crate) fn take_problem(&mut self) -> Option<Error> {
        self.problem.take()
    }

    /// Whose value it is, if a module's.
    pub(crate) fn module(&self) -> Option<ModuleId> {
        self.module
    }

    /// STRLEN, LLEN, SCARD, HLEN, ZCARD or XLEN; `None` for modules and where it is not known.
    pub(crate) fn elements(&self) -> Option<u64> {
        match self.object.map(ObjectType::logical) {
            Some(LogicalType::String) => Some(self.facts.text_len),
            Some(LogicalType::Module) | None => None,
            _ => self.elements,
        }
    }

    /// Element bytes, without the key.
    pub(crate) fn payload_bytes(&self) -> u64 {
        self.payload_bytes
    }

    /// The word OBJECT ENCODING uses.
    pub(crate) fn encoding(&self, release: snaptape_wire::Release) -> &'static str {
        let Some(object) = self.object else { return "unknown" };
        encoding::name(object, &Facts { element_bytes: self.payload_bytes, ..self.facts }, release)
    }

    /// What its memory depends on, held in `encoding`.
    pub(crate) fn shape(&self, encoding: &str) -> Shape {
        let elements = self.elements.unwrap_or(0);
        let allocated = self.allocated_bytes;
        match (self.object.map(ObjectType::logical), encoding) {
            (_, "int") => Shape::Int,
            (_, "embstr") => Shape::Embstr { len: self.facts.text_len },
            (Some(LogicalType::String), _) => Shape::Raw { len: self.facts.text_len },
            (Some(LogicalType::Module), _) => Shape::Module { payload: self.payload_bytes },
            (Some(LogicalType::Stream), _) => Shape::Stream {
                nodes: self.facts.nodes,
                allocated,
                groups_and_consumers: self.groups_and_consumers,
                pending: self.pending,
            },
            (_, "linkedlist") => Shape::LinkedList { elements, allocated },
            // A list of single strings becomes nodes when it is loaded; its bytes stay about the same.
            (_, "quicklist") if self.facts.nodes == 0 => {
                Shape::Quicklist { nodes: allocated.div_ceil(8192).max(1), allocated: self.payload_bytes }
            }
            (_, "quicklist") => Shape::Quicklist { nodes: self.facts.nodes, allocated },
            (_, "hashtable") => Shape::Table { entries: elements, allocated },
            (_, "skiplist") => Shape::Skiplist { members: elements, allocated },
            _ => Shape::Packed { len: self.packed_len },
        }
    }
}

/// Source: hyperloglog.c, `struct hllhdr`.
fn is_hll(front: &[u8]) -> bool {
    front.len() >= 16 && front.starts_with(b"HYLL") && matches!(front.get(4), Some(0 | 1))
}
