//! Snapshots.

use core::ops::Range;

use snaptape_rdb::{Event, Key, Magic, ObjectType, Parser, Part, Step, StreamId};
use snaptape_report::{KnownHole, SpanKind};
use snaptape_wire::{Error, Limits};

use crate::{
    mark::Marks,
    opcodes::{self, Words},
    part::{self, Place},
    tree::{Head, Tree},
    walk::Took,
    words,
};

/// Walks over a snapshot. A clone is a place to begin at.
#[derive(Debug, Clone)]
pub(crate) struct RdbWalk {
    parser: Parser,
    content_bytes: u64,
    holes: Vec<KnownHole>,
    /// The header cannot be read, and was guessed.
    guessed: bool,
    /// What is open: an entry, or something with pieces of its own.
    open: Option<Head>,
    value: Value,
    /// What is missing at the end of the file.
    pub(crate) missing: Option<String>,
}

/// Where it is in a value.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Value {
    pub(crate) object: Option<ObjectType>,
    /// Elements before this one.
    pub(crate) element: u64,
    /// The ID the next listpack of a stream counts from.
    pub(crate) base: Option<StreamId>,
    /// Counts read so far: the first one of a value is that of its elements.
    pub(crate) counts: u64,
}

impl RdbWalk {
    /// From the start of the file.
    pub(crate) fn new(content_bytes: u64, holes: Vec<KnownHole>, header: Option<(Magic, u16)>) -> Self {
        let guessed = holes.first().is_some_and(|hole| hole.start == 0) && header.is_some();
        let parser = match header {
            Some((magic, version)) if guessed => Parser::behind_header(Limits::default(), magic, version),
            _ => Parser::new(Limits::default()),
        };
        Self { parser, content_bytes, holes, guessed, open: None, value: Value::default(), missing: None }
    }

    /// From a place between two items.
    pub(crate) fn behind(
        content_bytes: u64,
        holes: Vec<KnownHole>,
        header: (Magic, u16),
        offset: u64,
        db: u64,
    ) -> Self {
        let mut parser = Parser::behind_header(Limits::default(), header.0, header.1);
        parser.move_to(offset, db);
        Self {
            parser,
            content_bytes,
            holes,
            guessed: false,
            open: None,
            value: Value::default(),
            missing: None,
        }
    }

    pub(crate) fn offset(&self) -> u64 {
        if self.guessed { 0 } else { self.parser.offset() }
    }

    /// What a tree has to begin with.
    pub(crate) fn reopen(&self, tree: &mut Tree) {
        if let Some(head) = &self.open {
            tree.open(head.clone());
        }
    }

    /// Is it between two items?
    pub(crate) fn is_between(&self) -> bool {
        self.open.is_none()
    }

    /// Takes the next piece from the front of `input`.
    pub(crate) fn step(&mut self, input: &[u8], eof: bool, tree: &mut Tree) -> Took {
        if self.guessed {
            self.guessed = false;
            let error =
                "the header of a snapshot belongs there: REDIS or VALKEY, and a version in digits".into();
            let end = self.parser.offset();
            return self.damage(0, error, tree, end);
        }
        let start = self.parser.offset();
        match self.parser.step(input, eof) {
            Ok(Step::NeedMore { .. }) => Took::More,
            Ok(Step::End) => Took::End,
            Err(error) => self.fail(&error, tree),
            Ok(Step::Event { consumed, span, event }) => {
                let bytes = input.get(..consumed).unwrap_or_default();
                // What runs over the end of damage is made of it.
                let hole = self.holes.iter().find(|hole| hole.start <= start && start < hole.end);
                if hole.is_some_and(|hole| span.end > hole.end) {
                    let what = "what is read here runs over the place where the next entry begins".to_owned();
                    return self.damage(start, what, tree, start);
                }
                let long = match event {
                    Event::Part(Part::LongBegin(_, head)) => Some(head.stored_len()),
                    _ => None,
                };
                self.event(&span, &event, bytes, tree);
                let Some(stored) = long else { return Took::Bytes(consumed) };
                let end = span.end.saturating_add(stored);
                if end > self.content_bytes {
                    let missing = end - self.content_bytes;
                    let what = format!("the file ends inside this string: {missing} bytes are missing");
                    return self.damage(span.end, what, tree, span.end);
                }
                let about = "A string too long to be read in one piece; it is stepped over by its length.";
                tree.leaf(span.end..end, SpanKind::Text, "bytes", || format!("{stored} bytes"), about);
                self.parser.skip_long();
                Took::Skip { bytes: consumed, skipped: stored }
            }
        }
    }

    fn fail(&mut self, error: &Error, tree: &mut Tree) -> Took {
        let start = self.parser.offset();
        self.damage(start, format!("{error}"), tree, start)
    }

    /// Nothing can be read from `start` on: shows that, and goes on where reading is known to go on.
    fn damage(&mut self, start: u64, what: String, tree: &mut Tree, least: u64) -> Took {
        let hole = self.holes.iter().find(|hole| hole.end > start && hole.end >= least);
        let (end, db) = match hole {
            Some(hole) if hole.end < self.content_bytes => (hole.end, Some(hole.db)),
            _ => (self.content_bytes, None),
        };
        if let Some(open) = tree.innermost() {
            open.kind = SpanKind::Damage;
            open.label.push_str(", damaged");
        }
        if start >= self.content_bytes {
            self.missing = Some(what.clone());
        }
        let about = "These bytes cannot be read. What belongs here is told by the format reference; where the next entry begins was found when the file was looked through.";
        tree.leaf(start..end, SpanKind::Damage, "cannot be read", || what, about);
        tree.close_all(end, false);
        self.open = None;
        self.value = Value::default();
        match db {
            Some(db) => {
                self.parser.move_to(end, db);
                Took::To(end)
            }
            None => Took::Over(end),
        }
    }

    fn event(&mut self, span: &Range<u64>, event: &Event<'_>, bytes: &[u8], tree: &mut Tree) {
        // Entries open before their key, with its attributes.
        if opcodes::is_attribute(event) && self.open.is_none() {
            self.begin(Head::new(span.start, SpanKind::Group, "entry", opcodes::ENTRY), tree);
        }
        match event {
            Event::Key(key) => self.key(key, span, bytes, tree),
            Event::Part(part) => {
                part::show(part, Place { span, bytes }, &mut self.value, tree);
            }
            Event::KeyEnd | Event::KeyMetaEnd | Event::ModuleAuxEnd | Event::HashTemplateEnd => {
                let about =
                    "A zero where the tag of a field would stand. Source: rdb.h RDB_MODULE_OPCODE_EOF.";
                tree.leaf(span.clone(), SpanKind::Type, "end of the fields", || "0x00".into(), about);
                if matches!(event, Event::KeyMetaEnd) {
                    tree.close(span.end);
                } else {
                    self.end(span.end, tree);
                }
                self.value = Value::default();
            }
            Event::KeyMeta { .. } | Event::ModuleAux { .. } | Event::HashTemplate { .. } => {
                let Words { label, about, .. } = opcodes::words(event);
                let head = Head::new(span.start, SpanKind::Group, label, about);
                if matches!(event, Event::KeyMeta { .. }) {
                    tree.open(head);
                } else {
                    self.begin(head, tree);
                }
                opcodes::show(event, &mut Marks::new(bytes, span.start, tree));
            }
            _ if tree.shows(span) => {
                let Words { label, about, value } = opcodes::words(event);
                tree.open(Head { value, ..Head::new(span.start, SpanKind::Group, label, about) });
                let mut marks = Marks::new(bytes, span.start, tree);
                opcodes::show(event, &mut marks);
                marks.finish();
                tree.close(span.end);
            }
            _ => {}
        }
    }

    fn begin(&mut self, head: Head, tree: &mut Tree) {
        tree.open(head.clone());
        self.open = Some(head);
    }

    fn end(&mut self, end: u64, tree: &mut Tree) {
        tree.close(end);
        self.open = None;
    }

    fn key(&mut self, key: &Key<'_>, span: &Range<u64>, bytes: &[u8], tree: &mut Tree) {
        let mut scratch = Vec::new();
        // A name is decoded in any case: it is what the entry is called.
        let name = key.name.decode(&mut scratch).map_or_else(|_| String::from("?"), words::text);
        let (word, about) = opcodes::object(key.object);
        let label = format!("{} key", key.logical().name());
        if self.open.is_none() {
            self.begin(Head::new(key.offset, SpanKind::Group, "entry", opcodes::ENTRY), tree);
        }
        if let (Some(head), Some(open)) = (&mut self.open, tree.innermost()) {
            head.label.clone_from(&label);
            head.value.clone_from(&name);
            open.label = label;
            open.value.clone_from(&name);
        }
        self.value = Value { object: Some(key.object), ..Value::default() };
        if tree.shows(span) {
            let mut marks = Marks::new(bytes, span.start, tree);
            let byte = key.type_byte;
            marks.bytes(1, SpanKind::Type, "type", |_| format!("{byte}: {word}"), about);
            marks.string(SpanKind::Key, "key", name, "The name of the key, a string like any other.");
            marks.finish();
        }
    }
}
