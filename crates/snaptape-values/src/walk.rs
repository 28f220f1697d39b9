//! From the parser's events to elements: however a value is stored, its pieces come in the same shape.

use core::ops::Range;

use snaptape_analysis::{HashTemplates, TemplateNames, walk_stream_node};
use snaptape_rdb::{Event, LogicalType, ObjectType, Packing, Part, Role, StreamId};
use snaptape_report::ModuleFacts;
use snaptape_wire::{
    Error, ErrorKind, LzfStream, Str, StrForm, StrHead,
    packed::{Entry, Intset, Listpack, Ziplist, Zipmap},
};

use crate::modules::{Fields, Took};

/// A piece of an element. Each element ends with [`Piece::End`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Piece<'a> {
    /// A string of this length begins.
    Text(u64),
    /// Its next bytes; how many come at a time depends on how it is stored.
    Bytes(&'a [u8]),
    /// Its end.
    TextEnd,
    /// The score of the member.
    Score(f64),
    /// When the field expires, Unix milliseconds. May come before its field.
    Expiry(Option<i64>),
    /// An entry of a stream begins; so many fields with their values follow.
    Entry(StreamId, u64),
    /// The place of the element of an array.
    Index(u64),
    /// An element of an array, or a number of a module's, which is a floating-point one.
    Double(f64),
    /// A number of a module's: what kind it is stands in the word.
    Number(&'static str, i128),
    /// What the row of a module's value is called.
    Name(&'a str),
    /// The value of a module does not fit the layout after all: what was named before may be something else, and what follows has no names.
    Misfit,
    /// The element is complete.
    End,
    /// Part of the value, but of no element: counters, groups of a stream.
    Beside(Part<'a>),
    /// A packed value of this length is too long to look into; its elements do not come.
    TooLong(u64),
}

/// Where pieces go: with the number of their element, counted from 0.
pub type Sink<'s> = &'s mut dyn FnMut(u64, Piece<'_>);

/// Follows the events of one value.
#[derive(Debug)]
pub struct Walk {
    object: ObjectType,
    element: u64,
    stream_base: StreamId,
    /// Field names that stand before the values of this hash.
    names: TemplateNames,
    /// The template that has them, if it is not this hash.
    template: Option<u64>,
    has_template: bool,
    /// Values of such a hash so far.
    values: u64,
    long: Option<Long>,
    /// The value of a module.
    module: Option<Box<Fields>>,
    scratch: Vec<u8>,
}

/// A string that arrives in chunks.
#[derive(Debug)]
struct Long {
    role: Role,
    lzf: Option<LzfStream>,
}

/// Most bytes of field names that are held for one hash.
const MAX_NAMES_BYTES: usize = 64 << 20;

impl Walk {
    /// A walk over a value that is stored like this, which begins with its `element`th.
    pub fn new(object: ObjectType, element: u64) -> Self {
        Self {
            object,
            element,
            stream_base: StreamId::default(),
            names: TemplateNames::default(),
            template: None,
            has_template: false,
            values: 0,
            long: None,
            module: (object == ObjectType::Module2).then(|| Box::new(Fields::new(false, 0..u64::MAX))),
            scratch: Vec::new(),
        }
    }

    /// Of the value of a module, only rows in this range are put into words; `unnamed`: its fields come without names.
    #[must_use]
    pub fn of_module(mut self, unnamed: bool, wanted: Range<u64>) -> Self {
        if let Some(module) = &mut self.module {
            **module = Fields::new(unnamed, wanted);
        }
        self
    }

    /// The value is over.
    pub fn end(&mut self, sink: Sink<'_>) {
        if let Some(module) = &mut self.module {
            module.end(&mut self.element, sink);
        }
    }

    /// What is known of the value of a module, once it is over.
    pub fn module_facts(&self) -> Option<ModuleFacts> {
        self.module.as_ref()?.facts(self.element)
    }

    /// Elements so far.
    pub fn elements(&self) -> u64 {
        self.element
    }

    /// Can reading begin again at a place inside such a value?
    pub fn is_resumable(&self) -> bool {
        !self.has_template && self.long.is_none() && self.module.is_none()
    }

    /// Takes the next event.
    ///
    /// # Errors
    /// Where a string or a packed value is none. What stands before it in the value was handed on; it can be gone on with.
    pub fn event(
        &mut self,
        event: &Event<'_>,
        templates: &HashTemplates,
        sink: Sink<'_>,
    ) -> Result<(), Error> {
        let Event::Part(part) = event else { return Ok(()) };
        if let Some(module) = &mut self.module
            && matches!(module.part(part, &mut self.element, &mut self.scratch, sink)?, Took::All)
        {
            return Ok(());
        }
        match *part {
            Part::Text(Role::Packed(packing), text) => {
                let mut scratch = core::mem::take(&mut self.scratch);
                let result = text.decode(&mut scratch).map_err(|error| (error, false)).and_then(|blob| {
                    self.packed(packing, blob, templates, sink).map_err(|error| (error, true))
                });
                self.scratch = scratch;
                result.map_err(|(error, inside)| if inside { in_blob(&error, &text) } else { error })
            }
            Part::Text(Role::FieldNames, text) => {
                let mut scratch = Vec::new();
                let blob = text.decode(&mut scratch)?;
                self.has_template = true;
                let mut name = Vec::new();
                for entry in Listpack::new(blob).map_err(|error| in_blob(&error, &text))? {
                    name.clear();
                    entry.map_err(|error| in_blob(&error, &text))?.push_to(&mut name);
                    let _ = self.names.push(&name, MAX_NAMES_BYTES);
                }
                Ok(())
            }
            Part::Text(Role::Field, text) if self.has_template => {
                let mut scratch = Vec::new();
                // An unsorted name is the business of the check.
                let _ = self.names.push(text.decode(&mut scratch)?, MAX_NAMES_BYTES);
                Ok(())
            }
            Part::Text(role, text) => {
                self.begin(role, text.len(), templates, sink);
                let mut scratch = core::mem::take(&mut self.scratch);
                let result = text.decode(&mut scratch).map(|bytes| sink(self.element, Piece::Bytes(bytes)));
                self.scratch = scratch;
                self.end_text(role, sink);
                result
            }
            Part::LongBegin(Role::Packed(_), head) => {
                sink(self.element, Piece::TooLong(head.logical_len()));
                self.long = Some(Long { role: Role::Packed(Packing::Listpack), lzf: None });
                Ok(())
            }
            Part::LongBegin(role, head) => {
                self.begin(role, head.logical_len(), templates, sink);
                let lzf = match head {
                    StrHead::Lzf { len, .. } => Some(LzfStream::new(len)),
                    _ => None,
                };
                self.long = Some(Long { role, lzf });
                Ok(())
            }
            Part::LongChunk(bytes) => match &mut self.long {
                Some(Long { role: Role::Packed(_), .. }) | None => Ok(()),
                Some(Long { lzf: Some(lzf), .. }) => {
                    let element = self.element;
                    lzf.push(bytes, &mut |bytes| sink(element, Piece::Bytes(bytes)))
                }
                Some(_) => {
                    sink(self.element, Piece::Bytes(bytes));
                    Ok(())
                }
            },
            Part::LongEnd => {
                let Some(long) = self.long.take() else { return Ok(()) };
                if !matches!(long.role, Role::Packed(_)) {
                    self.end_text(long.role, sink);
                }
                long.lzf.map_or(Ok(()), |lzf| lzf.finish())
            }
            Part::Score(score) => {
                sink(self.element, Piece::Score(score));
                self.done(sink);
                Ok(())
            }
            Part::FieldExpiry { at_ms, before_field } => {
                sink(self.element, Piece::Expiry(at_ms));
                if !before_field {
                    self.done(sink);
                }
                Ok(())
            }
            Part::StreamNode(id) => {
                self.stream_base = id;
                Ok(())
            }
            Part::TemplateFormat(_) => {
                self.has_template = true;
                Ok(())
            }
            Part::Template { id, .. } => {
                (self.template, self.has_template) = (Some(id), true);
                Ok(())
            }
            Part::ArrayIndex(index) => {
                sink(self.element, Piece::Index(index));
                Ok(())
            }
            Part::ArrayInt(n) => {
                self.decimal(n, sink);
                self.done(sink);
                Ok(())
            }
            Part::ArrayDouble(n) => {
                sink(self.element, Piece::Double(n));
                self.done(sink);
                Ok(())
            }
            Part::ArrivalTime { at_us } => {
                self.number("arrival time, Unix microseconds", at_us.into(), sink);
                Ok(())
            }
            Part::CronTimes { start_ms, interval_ms } => {
                self.number("first run, Unix milliseconds", start_ms.into(), sink);
                self.number("interval, milliseconds", interval_ms.into(), sink);
                Ok(())
            }
            Part::ModuleNumber { tag, bits } => {
                match tag {
                    1 => self.number("signed", bits.cast_signed().into(), sink),
                    2 => self.number("unsigned", bits.into(), sink),
                    3 => {
                        let float = f32::from_bits(u32::try_from(bits).unwrap_or_default());
                        sink(self.element, Piece::Double(float.into()));
                        self.done(sink);
                    }
                    _ => {
                        sink(self.element, Piece::Double(f64::from_bits(bits)));
                        self.done(sink);
                    }
                }
                Ok(())
            }
            part => {
                sink(self.element, Piece::Beside(part));
                Ok(())
            }
        }
    }

    fn number(&mut self, kind: &'static str, n: i128, sink: Sink<'_>) {
        sink(self.element, Piece::Number(kind, n));
        self.done(sink);
    }

    fn done(&mut self, sink: Sink<'_>) {
        sink(self.element, Piece::End);
        self.element += 1;
    }

    /// A string begins; where its field stands elsewhere, that comes first.
    fn begin(&mut self, role: Role, len: u64, templates: &HashTemplates, sink: Sink<'_>) {
        if role == Role::FieldValue && self.has_template {
            self.template_field(templates, sink);
        }
        sink(self.element, Piece::Text(len));
    }

    fn end_text(&mut self, role: Role, sink: Sink<'_>) {
        sink(self.element, Piece::TextEnd);
        let is_over = match role {
            Role::Field => false,
            Role::Member => self.object.logical() != LogicalType::Zset,
            Role::FieldValue => self.object != ObjectType::Hash2,
            _ => true,
        };
        if is_over {
            self.done(sink);
        }
    }

    fn text(&mut self, entry: Entry<'_>, sink: Sink<'_>) {
        match entry {
            Entry::Bytes(bytes) => self.bytes(bytes, sink),
            Entry::Int(n) => self.decimal(n, sink),
        }
    }

    fn decimal(&mut self, n: i64, sink: Sink<'_>) {
        let mut digits = Vec::with_capacity(20);
        snaptape_wire::push_decimal(n, &mut digits);
        self.bytes(&digits, sink);
    }

    fn bytes(&mut self, bytes: &[u8], sink: Sink<'_>) {
        sink(self.element, Piece::Text(bytes.len() as u64));
        sink(self.element, Piece::Bytes(bytes));
        sink(self.element, Piece::TextEnd);
    }

    fn template_field(&mut self, templates: &HashTemplates, sink: Sink<'_>) {
        let name = match self.template {
            None => self.names.get(self.values),
            Some(id) => templates.get(id).and_then(|names| names.get(self.values)),
        };
        self.values += 1;
        let name = name.unwrap_or_default();
        sink(self.element, Piece::Text(name.len() as u64));
        sink(self.element, Piece::Bytes(name));
        sink(self.element, Piece::TextEnd);
    }

    fn packed(
        &mut self,
        packing: Packing,
        blob: &[u8],
        templates: &HashTemplates,
        sink: Sink<'_>,
    ) -> Result<(), Error> {
        if self.object.logical() == LogicalType::Stream {
            return self.stream_node(blob, sink);
        }
        if matches!(self.object, ObjectType::HashTmplLp | ObjectType::HashTmplLpRef) {
            return self.template_values(blob, templates, sink);
        }
        let mut place = 0;
        match packing {
            Packing::Listpack => {
                Listpack::new(blob)?.try_for_each(|entry| entry.map(|e| self.entry(&mut place, e, sink)))
            }
            Packing::Ziplist => {
                Ziplist::new(blob)?.try_for_each(|entry| entry.map(|e| self.entry(&mut place, e, sink)))
            }
            Packing::Intset => {
                Intset::new(blob)?.try_for_each(|entry| entry.map(|e| self.entry(&mut place, e, sink)))
            }
            Packing::Zipmap => {
                Zipmap::new(blob)?.try_for_each(|entry| entry.map(|e| self.entry(&mut place, e, sink)))
            }
        }
    }

    /// An entry of a packed value; `place` is which one of its element.
    fn entry(&mut self, place: &mut u8, entry: Entry<'_>, sink: Sink<'_>) {
        let with_expiry = matches!(self.object, ObjectType::HashListpackEx | ObjectType::HashListpackExPreGa);
        let last = match (self.object.logical(), *place) {
            (LogicalType::Hash, 2) => {
                sink(self.element, Piece::Expiry(entry.as_int().filter(|ms| *ms != 0)));
                true
            }
            (LogicalType::Hash, place) => {
                self.text(entry, sink);
                place == 1 && !with_expiry
            }
            (LogicalType::Zset, 1) => {
                let mut text = Vec::new();
                entry.push_to(&mut text);
                let score = core::str::from_utf8(&text).ok().and_then(|text| text.parse().ok());
                sink(self.element, Piece::Score(score.unwrap_or(f64::NAN)));
                true
            }
            (LogicalType::Zset, _) => {
                self.text(entry, sink);
                false
            }
            _ => {
                self.text(entry, sink);
                true
            }
        };
        *place = if last { 0 } else { *place + 1 };
        if last {
            self.done(sink);
        }
    }

    /// A listpack of a template's ID and the values.
    fn template_values(
        &mut self,
        blob: &[u8],
        templates: &HashTemplates,
        sink: Sink<'_>,
    ) -> Result<(), Error> {
        self.has_template = true;
        let mut entries = Listpack::new(blob)?;
        let id = entries.next().transpose()?.and_then(|entry| entry.as_int());
        if self.object == ObjectType::HashTmplLpRef {
            self.template = id.and_then(|id| u64::try_from(id).ok());
        }
        for entry in entries {
            let entry = entry?;
            self.template_field(templates, sink);
            self.text(entry, sink);
            self.done(sink);
        }
        Ok(())
    }

    fn stream_node(&mut self, blob: &[u8], sink: Sink<'_>) -> Result<(), Error> {
        let base = self.stream_base;
        // Two closures hand on pieces; only one runs at a time.
        let shared = core::cell::RefCell::new((&mut *self, sink, 0_u64));
        let result = walk_stream_node(
            blob,
            base,
            |id, pairs| {
                let (walk, sink, left) = &mut *shared.borrow_mut();
                sink(walk.element, Piece::Entry(id, pairs));
                *left = pairs.saturating_mul(2);
                if *left == 0 {
                    walk.done(sink);
                }
            },
            |field| {
                let (walk, sink, left) = &mut *shared.borrow_mut();
                walk.text(field, sink);
                *left = left.saturating_sub(1);
                if *left == 0 {
                    walk.done(sink);
                }
            },
        );
        result.map(|_| ())
    }
}

/// An error inside a packed value, where it stands in the file.
fn in_blob(error: &Error, text: &Str<'_>) -> Error {
    match text.form {
        StrForm::Raw(_) => error.clone().shifted(text.offset),
        _ => Error::new(kind(error), text.offset),
    }
}

fn kind(error: &Error) -> ErrorKind {
    error.kind().clone()
}
