//! What is gathered for each question.

use snaptape_analysis::{HashTemplates, OneKey, OneKeySums, hex};
use snaptape_memory::{Allocator, Part as MemoryPart};
use snaptape_rdb::{Event, Key, Magic};
use snaptape_report::{
    ElementRow, Format, KeyAnswer, KeyHead, KeyMemoryPart, KeyPage, KeyPlace, KeySurvey, ModuleFacts,
    TextWindow, TypeName,
};
use snaptape_values::{Bits, Commands, Payload, Piece, Rows, StreamScan, Window, look};
use snaptape_wire::Release;

use super::ask::KeyQuestion;

/// For one question.
#[derive(Debug)]
pub(super) enum Gather {
    Page { rows: Rows, counts_all: bool },
    Text { window: Window, format: Option<Format> },
    Bits { bits: Bits, is_over: bool },
    Survey(Box<Survey>),
    Commands { commands: Option<Box<Commands>>, held: usize },
    Payload { payload: Option<Box<Payload>>, held: usize },
}

/// Sums over all of the value.
#[derive(Debug)]
pub(super) struct Survey {
    target: Option<Release>,
    allocator: Option<Allocator>,
    digest: bool,
    now_ms: i64,
    writer: Release,
    one: Option<OneKey>,
    sums: Option<OneKeySums>,
    stream: StreamScan,
}

/// Who wrote the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Writer {
    pub(super) release: Release,
    pub(super) magic: Magic,
    pub(super) rdb_version: u16,
}

/// How the walk ended.
pub(super) struct Ended {
    pub(super) head: KeyHead,
    pub(super) end: u64,
    pub(super) at_end: bool,
    pub(super) read_up_to: u64,
    pub(super) places: Vec<KeyPlace>,
    pub(super) stopped: Option<String>,
    pub(super) release: Release,
    pub(super) module: Option<ModuleFacts>,
}

impl Gather {
    pub(super) fn new(question: &KeyQuestion) -> Self {
        let size = |n: u64, most: u64| usize::try_from(n.min(most)).unwrap_or(usize::MAX);
        match question {
            KeyQuestion::Elements(asked) => Self::Page {
                counts_all: asked.search.is_some(),
                rows: Rows::new(
                    asked.from,
                    size(asked.limit, KeyQuestion::MOST_ROWS),
                    size(asked.text_bytes, KeyQuestion::MOST_TEXT_BYTES),
                    asked.search.clone(),
                ),
            },
            KeyQuestion::Text { element, text, from, len, format, .. } => Self::Text {
                window: Window::new(*element, *text, *from, size(*len, KeyQuestion::MOST_TEXT_BYTES)),
                format: *format,
            },
            KeyQuestion::Bits => Self::Bits { bits: Bits::new(), is_over: false },
            KeyQuestion::Survey { target, allocator, digest, now_ms } => Self::Survey(Box::new(Survey {
                target: target.as_deref().and_then(|target| target.parse().ok()),
                allocator: allocator
                    .as_deref()
                    .and_then(|word| Allocator::ALL.into_iter().find(|known| known.name() == word)),
                digest: *digest,
                now_ms: *now_ms,
                writer: Release::redis(7, 4),
                one: None,
                sums: None,
                stream: StreamScan::default(),
            })),
            KeyQuestion::Commands { held_bytes } => {
                Self::Commands { commands: None, held: size(*held_bytes, KeyQuestion::MOST_HELD_BYTES) }
            }
            KeyQuestion::Payload { held_bytes } => {
                Self::Payload { payload: None, held: size(*held_bytes, KeyQuestion::MOST_HELD_BYTES) }
            }
        }
    }

    /// May the walk begin at a place inside the value?
    pub(super) fn may_skip(&self) -> bool {
        matches!(self, Self::Page { .. } | Self::Text { .. })
    }

    pub(super) fn begin(&mut self, key: &Key<'_>, name: &[u8], db: u64, writer: Writer) {
        match self {
            Self::Survey(survey) => {
                survey.writer = writer.release;
                let mut one = OneKey::new(writer.release, survey.target, survey.allocator, survey.digest);
                one.begin(key, survey.now_ms);
                survey.one = Some(one);
            }
            Self::Commands { commands, held } => {
                *commands = Some(Box::new(Commands::new(key, name, db, writer.release, *held)));
            }
            Self::Payload { payload, held } => {
                *payload =
                    Some(Box::new(Payload::new(key, name, db, (writer.magic, writer.rdb_version), *held)));
            }
            _ => {}
        }
    }

    /// Bytes of the value, as they stand in the file.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if let Self::Payload { payload: Some(payload), .. } = self {
            payload.bytes(bytes);
        }
    }

    pub(super) fn event(&mut self, event: &Event<'_>, templates: &HashTemplates) {
        if let (Self::Survey(survey), Event::Part(part)) = (self, event) {
            if let Some(one) = &mut survey.one {
                one.part(part, templates);
            }
            survey.stream.part(part);
        }
    }

    pub(super) fn piece(&mut self, element: u64, piece: Piece<'_>) {
        match self {
            Self::Page { rows, .. } => rows.piece(element, piece),
            Self::Text { window, .. } => window.piece(element, piece),
            Self::Bits { bits, is_over } => {
                bits.piece(piece);
                *is_over |= piece == Piece::TextEnd;
            }
            Self::Commands { commands: Some(commands), .. } => commands.piece(piece),
            Self::Survey(_) | Self::Commands { .. } | Self::Payload { .. } => {}
        }
    }

    pub(super) fn end(&mut self) {
        match self {
            Self::Survey(survey) => survey.sums = survey.one.as_mut().map(OneKey::end),
            Self::Commands { commands: Some(commands), .. } => commands.end(),
            Self::Payload { payload: Some(payload), .. } => payload.end(),
            _ => {}
        }
    }

    /// Is all there that was asked for?
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Page { rows, counts_all } => rows.is_full() && !counts_all,
            Self::Text { window, .. } => window.is_full(),
            Self::Bits { is_over, .. } => *is_over,
            Self::Commands { commands, .. } => {
                commands.as_ref().is_some_and(|commands| commands.is_refused())
            }
            Self::Payload { payload, .. } => payload.as_ref().is_some_and(|payload| payload.is_refused()),
            Self::Survey(_) => false,
        }
    }

    pub(super) fn take_rows(&mut self) -> (Vec<ElementRow>, u64) {
        match self {
            Self::Page { rows, .. } => (core::mem::take(&mut rows.rows), rows.matches),
            _ => (Vec::new(), 0),
        }
    }

    pub(super) fn take_bytes(&mut self) -> Vec<u8> {
        match self {
            Self::Commands { commands: Some(commands), .. } => commands.take_bytes(),
            Self::Payload { payload: Some(payload), .. } => payload.take_bytes(),
            _ => Vec::new(),
        }
    }

    pub(super) fn finish(self, ended: Ended) -> KeyAnswer {
        match self {
            Self::Page { rows, .. } => KeyAnswer::Page(Box::new(KeyPage {
                head: ended.head,
                matches: rows.matches,
                read_up_to: if ended.at_end { ended.read_up_to } else { rows.read_up_to },
                rows: rows.rows,
                at_end: ended.at_end,
                places: ended.places,
                stopped: ended.stopped,
            })),
            Self::Text { window, format } => {
                let mut found = TextWindow { stopped: ended.stopped, ..window.finish() };
                if let (Some(format), Some(len)) = (format, found.len_bytes) {
                    found.look = Some(look(&found.bytes, found.from, len, format));
                    found.bytes = Vec::new();
                }
                KeyAnswer::Text(found)
            }
            Self::Bits { bits, .. } => {
                KeyAnswer::Bits(snaptape_report::BitFacts { stopped: ended.stopped, ..bits.finish() })
            }
            Self::Survey(survey) => KeyAnswer::Survey(Box::new(survey.finish(ended))),
            Self::Commands { commands, .. } => {
                let mut made = commands.map(|commands| commands.finish()).unwrap_or_default();
                made.notes.extend(ended.stopped);
                KeyAnswer::Commands(made)
            }
            Self::Payload { payload, .. } => {
                KeyAnswer::Payload(payload.map(|payload| payload.finish()).unwrap_or_default())
            }
        }
    }
}

impl Survey {
    fn finish(mut self, ended: Ended) -> KeySurvey {
        // Of a value that cannot be read to its end, what was read.
        let sums = self.sums.take().or_else(|| self.one.as_mut().map(OneKey::end));
        let target = self.target.unwrap_or(ended.release).to_string();
        let head = ended.head;
        let type_name = sums
            .as_ref()
            .and_then(|sums| sums.module)
            .map_or(head.type_name.clone(), |id| TypeName(String::from_utf8_lossy(&id.name()).into_owned()));
        let parts = sums.as_ref().map(|sums| sums.memory_parts).unwrap_or_default();
        let memory_parts = MemoryPart::ALL
            .into_iter()
            .zip(parts)
            .filter(|(_, bytes)| *bytes > 0)
            .map(|(part, memory_bytes)| {
                let (word, what) = words(part);
                KeyMemoryPart { part: word.into(), what: what.into(), memory_bytes }
            })
            .collect();
        let problem = sums.as_ref().and_then(|sums| sums.problem.clone()).map(|(at, rule)| {
            format!("The value contradicts itself at byte {}: {rule}.", snaptape_report::units::offset(at))
        });
        KeySurvey {
            head,
            end: ended.end,
            type_name,
            encoding: sums.as_ref().map_or("unknown", |sums| sums.encoding).into(),
            elements: sums.as_ref().and_then(|sums| sums.elements),
            payload_bytes: sums.as_ref().map_or(0, |sums| sums.payload_bytes),
            memory_bytes: sums.as_ref().map_or(0, |sums| sums.memory_bytes),
            target,
            memory_parts,
            largest_element_bytes: sums.as_ref().map_or(0, |sums| sums.largest_element_bytes),
            places: ended.places,
            stream: self.stream.finish(),
            module: ended.module,
            value_sha256: sums.as_ref().and_then(|sums| sums.value_sha256).map(|digest| hex(&digest)),
            stopped: ended.stopped.or(problem),
        }
    }
}

/// A part in one word, and in more.
fn words(part: MemoryPart) -> (&'static str, &'static str) {
    match part {
        MemoryPart::Key => ("key", "Name, entry and object of the key"),
        MemoryPart::Header => ("header", "Structures the value has once"),
        MemoryPart::Table => ("table", "What holds the elements together: slots, entries, nodes"),
        MemoryPart::Elements => ("elements", "The elements themselves"),
        MemoryPart::Groups => ("groups", "Consumer groups and what is pending"),
    }
}
