//! Reads one key from its file: elements, strings, figures, commands.
//!
//! Nothing is kept between questions. A page of a long value gives places that were passed; the next question sends one of them
//! back, so that it need not begin at the front.

mod ask;
mod contents;
mod gather;
mod places;

use snaptape_analysis::{HashTemplates, SnapshotOptions, SnapshotScan, guess_header, key_slot};
use snaptape_rdb::{Event, Key, Magic, ObjectType, Parser, Step};
use snaptape_report::{KeyAnswer, KeyHead, KeyName, TypeName, units};
use snaptape_values::{Piece, Walk};
use snaptape_wire::{Consumed, Error, Limits, Release, Tail};

pub use self::ask::{ElementsAsked, KeyAsked, KeyQuestion};
use self::{contents::Contents, gather::Gather, places::Places};
use crate::{Progress, ReadRequest, Source};

/// The first read is small, so that the first elements come at once; each later one is twice as long.
const FIRST_WINDOW: usize = 64 << 10;
const MAX_WINDOW: usize = 8 << 20;
/// What is looked at to learn who wrote the file.
const FRONT_BYTES: usize = 4096;

/// Answers one question about one key, without I/O of its own: as [`crate::Job`], it says which bytes it wants next.
///
/// ```
/// use snaptape_engine::{ElementsAsked, InputFile, Job, KeyAsked, KeyQuestion, KeyRead, Options};
/// use snaptape_report::KeyAnswer;
///
/// let file = b"REDIS0006\xfe\x00\x01\x04list\x02\x01a\x01b\xff\0\0\0\0\0\0\0\0";
/// let inputs = vec![InputFile { path: "dump.rdb".into(), bytes: file.len() as u64 }];
/// let mut job = Job::new(inputs, Options::default())?;
/// while let Some(request) = job.next_read() {
///     job.feed(&request, file);
/// }
/// let outcome = job.finish();
/// let key = &outcome.report.dataset.as_ref().unwrap().biggest[0];
/// let asked = ElementsAsked { from: 1, limit: 10, text_bytes: 100, search: None, unnamed: false };
/// let question = KeyQuestion::Elements(asked);
/// let mut read = KeyRead::new(&outcome.sources[0], KeyAsked { offset: key.offset, db: key.db, place: None, question });
/// while let Some(request) = read.next_read() {
///     let start = usize::try_from(request.offset).unwrap();
///     read.feed(&request, &file[start..start + request.len]);
/// }
/// let KeyAnswer::Page(page) = read.finish().unwrap() else { panic!() };
/// assert_eq!(page.rows[0].texts[0].bytes, b"b");
/// # Ok::<(), snaptape_engine::JobError>(())
/// ```
#[derive(Debug)]
pub struct KeyRead {
    contents: Contents,
    file: String,
    window: usize,
    total_bytes: u64,
    done_bytes: u64,
    reading: Reading,
}

/// Everything but where the bytes come from.
#[derive(Debug)]
struct Reading {
    asked: KeyAsked,
    stage: Stage,
    front: Vec<u8>,
    tail: Tail,
    parser: Parser,
    /// Is the file read from its front, for what it says once for many keys?
    from_front: bool,
    /// Is a template being read?
    in_template: bool,
    templates: HashTemplates,
    release: Release,
    rdb_version: u16,
    saved_at_s: Option<i64>,
    head: Option<KeyHead>,
    walk: Option<Walk>,
    places: Places,
    gather: Gather,
    /// What is wrong with a part of the value.
    problem: Option<String>,
    /// Why reading stopped.
    stopped: Option<String>,
    /// Why there is no answer at all.
    refused: Option<String>,
    at_end: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Who wrote the file?
    Front,
    /// Before the value.
    Head,
    /// Inside it.
    Value,
    Done,
}

/// What to do after an event.
enum After {
    Go,
    Seek(u64),
    Stop,
}

impl KeyRead {
    /// A question about a key of a source of an [`crate::Outcome`].
    pub fn new(source: &Source, asked: KeyAsked) -> Self {
        let total_bytes = if source.is_packed() {
            source.packed_bytes()
        } else {
            let from = asked.place.map_or(asked.offset, |place| place.offset);
            source.packed_bytes().saturating_sub(from)
        };
        Self {
            contents: Contents::new(source),
            file: source.path.clone(),
            window: FRONT_BYTES,
            total_bytes,
            done_bytes: 0,
            reading: Reading {
                gather: Gather::new(&asked.question),
                asked,
                stage: Stage::Front,
                front: Vec::new(),
                tail: Tail::default(),
                parser: Parser::new(Limits::default()),
                from_front: false,
                in_template: false,
                templates: HashTemplates::default(),
                release: Release::redis(7, 4),
                rdb_version: 0,
                saved_at_s: None,
                head: None,
                walk: None,
                places: Places::new(Places::GAP),
                problem: None,
                stopped: None,
                refused: None,
                at_end: false,
            },
        }
    }

    /// The same, with places so many bytes apart at first.
    #[must_use]
    pub fn with_gap(mut self, bytes: u64) -> Self {
        self.reading.places = Places::new(bytes);
        self
    }

    /// The next read; nothing once there is an answer. Reads are fed one after the other.
    pub fn next_read(&self) -> Option<ReadRequest> {
        if self.reading.stage == Stage::Done {
            return None;
        }
        self.contents.next_read(self.window)
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        self.done_bytes += bytes.len() as u64;
        let stage = self.reading.stage;
        let reading = &mut self.reading;
        self.contents
            .feed(bytes, bytes.len() < request.len, &mut |at, piece, eof| reading.take(at, piece, eof));
        self.window = match self.reading.stage {
            // A seek: what stands there may be all that is wanted.
            now if now != stage => FIRST_WINDOW,
            _ => (self.window * 2).min(MAX_WINDOW),
        };
    }

    /// How far it is, at most: the end of the value is not known before.
    pub fn progress(&self) -> Progress {
        Progress { done_bytes: self.done_bytes.min(self.total_bytes), total_bytes: self.total_bytes }
    }

    /// The rows that were found since this was asked last, and the matches so far: for who shows them as they come. They are then not
    /// in the answer.
    pub fn take_rows(&mut self) -> (Vec<snaptape_report::ElementRow>, u64) {
        self.reading.gather.take_rows()
    }

    /// The bytes of commands or payload since this was asked last. They are then not in the answer.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        self.reading.gather.take_bytes()
    }

    /// The answer.
    ///
    /// # Errors
    /// No key begins at the offset, or the file cannot be read so far: a sentence.
    pub fn finish(self) -> Result<KeyAnswer, String> {
        let Self { mut reading, file, .. } = self;
        if let Some(why) = reading.refused {
            return Err(why);
        }
        if reading.stage != Stage::Done && reading.stopped.is_none() {
            reading.stopped = Some(format!(
                "{file} ends before the value does: it is not what it was when it was looked through."
            ));
        }
        let Some(head) = reading.head else {
            let why = reading.stopped.unwrap_or_default();
            return Err(format!(
                "There is no key at byte {} of {file}. {why}",
                units::offset(reading.asked.offset)
            ));
        };
        let ended = gather::Ended {
            end: reading.parser.offset(),
            at_end: reading.at_end,
            read_up_to: reading.walk.as_ref().map_or(0, Walk::elements),
            places: reading.places.finish(),
            module: reading.walk.as_ref().and_then(Walk::module_facts),
            stopped: reading.stopped.or(reading.problem),
            release: reading.release,
            head,
        };
        Ok(reading.gather.finish(ended))
    }
}

impl Reading {
    /// Takes contents; answers where it wants to go on.
    fn take(&mut self, at: u64, piece: &[u8], eof: bool) -> u64 {
        let end = at + piece.len() as u64;
        match self.stage {
            Stage::Done => end,
            Stage::Front => {
                self.front.extend_from_slice(piece);
                if self.front.len() < FRONT_BYTES && !eof {
                    return end;
                }
                self.begin()
            }
            Stage::Head | Stage::Value => self.read(piece, eof).unwrap_or(end),
        }
    }

    /// The front of the file is there: who wrote it?
    fn begin(&mut self) -> u64 {
        let front = core::mem::take(&mut self.front);
        let mut scan = SnapshotScan::new("", SnapshotOptions::default());
        scan.feed(front.get(..front.len().min(FRONT_BYTES)).unwrap_or_default(), false, |_| {});
        let result = scan.finish();
        let header = match &result.info {
            Some(info) => {
                let magic = if info.magic == "VALKEY" { Magic::Valkey } else { Magic::Redis };
                self.saved_at_s = info.saved_at_s;
                Some((magic, info.rdb_version))
            }
            None => guess_header(&front),
        };
        let Some((magic, version)) = header else {
            self.stage = Stage::Done;
            self.refused = Some("The file does not begin like a snapshot.".into());
            return 0;
        };
        (self.release, self.rdb_version) = (result.release, version);
        self.parser = Parser::behind_header(Limits::default(), magic, version);
        self.parser.move_to(self.asked.offset, self.asked.db);
        self.stage = Stage::Head;
        self.asked.offset
    }

    /// Reads on; answers a place where it wants to be instead.
    fn read(&mut self, piece: &[u8], eof: bool) -> Option<u64> {
        let mut tail = core::mem::take(&mut self.tail);
        // Apart from the rest of it while events are handed on.
        let mut parser = core::mem::replace(&mut self.parser, Parser::new(Limits::default()));
        let mut seek = None;
        let mut stopped = false;
        let result = tail.feed(piece, eof, |bytes, eof| {
            let mut at = 0;
            while seek.is_none() && !stopped {
                let rest = bytes.get(at..).unwrap_or_default();
                match parser.step(rest, eof) {
                    Ok(Step::Event { consumed, event, .. }) => {
                        at += consumed;
                        if self.stage == Stage::Value {
                            self.gather.bytes(rest.get(..consumed).unwrap_or_default());
                        }
                        match self.event(&mut parser, &event) {
                            After::Go => {}
                            After::Seek(offset) => seek = Some(offset),
                            After::Stop => stopped = true,
                        }
                    }
                    Ok(Step::NeedMore { hint }) => return Ok(Consumed { bytes: at, hint: hint.max(1) }),
                    Ok(Step::End) => {
                        stopped = true;
                        self.refuse("The snapshot ends there.");
                    }
                    Err(error) => return Err(error),
                }
            }
            Ok(Consumed { bytes: bytes.len(), hint: 0 })
        });
        self.parser = parser;
        if let Err(error) = result {
            self.fail(&error);
            stopped = true;
        }
        if stopped {
            self.stage = Stage::Done;
            return None;
        }
        if seek.is_none() {
            self.tail = tail;
        }
        seek
    }

    fn refuse(&mut self, why: &str) {
        self.stopped.get_or_insert_with(|| why.into());
    }

    #[cold]
    fn fail(&mut self, error: &Error) {
        let beyond = units::offset(self.parser.offset());
        let message = format!("It cannot be read beyond byte {beyond}: {error}.");
        self.stopped.get_or_insert(message);
    }

    fn event(&mut self, parser: &mut Parser, event: &Event<'_>) -> After {
        match self.stage {
            Stage::Head => self.before_value(parser, event),
            _ => self.in_value(parser, event),
        }
    }

    fn before_value(&mut self, parser: &mut Parser, event: &Event<'_>) -> After {
        match event {
            Event::Key(key) if key.offset == self.asked.offset => self.begin_value(parser, key),
            Event::Key(key) if !self.from_front || key.offset > self.asked.offset => {
                self.refuse("No entry begins there.");
                After::Stop
            }
            Event::HashTemplate { id, .. } => {
                self.in_template = true;
                self.templates.begin(*id);
                After::Go
            }
            Event::HashTemplateEnd => {
                self.in_template = false;
                // What is wrong with a template is a finding of the whole file.
                let _ = self.templates.end();
                After::Go
            }
            Event::Part(snaptape_rdb::Part::Text(_, name)) if self.in_template => {
                self.templates.name(name, &mut Vec::new());
                After::Go
            }
            Event::Expiry { .. }
            | Event::Idle { .. }
            | Event::Freq { .. }
            | Event::KeyMeta { .. }
            | Event::KeyMetaEnd
            | Event::RamLru { .. }
            | Event::KeyFlags { .. }
            | Event::Aux { .. }
            | Event::Part(_) => After::Go,
            _ if self.from_front => After::Go,
            _ => {
                self.refuse("Something else than a key begins there.");
                After::Stop
            }
        }
    }

    fn begin_value(&mut self, parser: &mut Parser, key: &Key<'_>) -> After {
        let by_template = matches!(key.object, ObjectType::HashTmplLpRef | ObjectType::HashTmplArrayRef);
        if by_template && !self.from_front {
            // The names of its fields stand somewhere before it.
            self.from_front = true;
            *parser = Parser::behind_header(Limits::default(), parser.magic(), self.rdb_version);
            return After::Seek(parser.offset());
        }
        let mut scratch = Vec::new();
        let name = match key.name.decode(&mut scratch) {
            Ok(name) => name,
            Err(error) => {
                self.fail(&error);
                return After::Stop;
            }
        };
        let value_start = parser.offset();
        self.head = Some(KeyHead {
            expires_fields: key.object.expires_fields(),
            name: KeyName::new(name),
            db: self.asked.db,
            type_name: TypeName(key.logical().name().into()),
            type_byte: key.type_byte,
            expires_at_ms: key.expires_at_ms,
            idle_s: key.idle_s,
            freq: key.freq,
            slot: key_slot(name),
            start: key.offset,
            value_start,
            rdb_version: self.rdb_version,
            release: self.release.to_string(),
            saved_at_s: self.saved_at_s,
        });
        self.stage = Stage::Value;
        self.places.begin(value_start);
        let writer =
            gather::Writer { release: self.release, magic: parser.magic(), rdb_version: self.rdb_version };
        self.gather.begin(key, name, self.asked.db, writer);
        let place = self.asked.place.filter(|place| place.offset > value_start && self.gather.may_skip());
        if let Some(place) = place
            && parser.resume(key.object, places::mark(&place))
        {
            self.walk = Some(Walk::new(key.object, place.element));
            return After::Seek(place.offset);
        }
        let (unnamed, wanted) = self.asked.question.of_module();
        self.walk = Some(Walk::new(key.object, 0).of_module(unnamed, wanted));
        After::Go
    }

    fn in_value(&mut self, parser: &Parser, event: &Event<'_>) -> After {
        let Some(walk) = &mut self.walk else { return After::Stop };
        if matches!(event, Event::KeyEnd) {
            self.at_end = true;
            let gather = &mut self.gather;
            walk.end(&mut |element, piece| gather.piece(element, piece));
            gather.end();
            return After::Stop;
        }
        self.gather.event(event, &self.templates);
        let gather = &mut self.gather;
        let mut too_long = None;
        let result = walk.event(event, &self.templates, &mut |element, piece| {
            if let Piece::TooLong(bytes) = piece {
                too_long = Some(bytes);
            }
            gather.piece(element, piece);
        });
        if self.problem.is_none() {
            self.problem = match (result, too_long) {
                (Err(error), _) => Some(format!("A part of it cannot be read and is left out: {error}.")),
                (Ok(()), Some(bytes)) => Some(format!(
                    "Elements that stand packed in {} are not listed: packed values are looked into up to {}. A server does look into \
                     them: make the key again there from its RESTORE payload, which is whole.",
                    units::bytes(bytes),
                    units::bytes(Limits::default().max_inline_bytes)
                )),
                (Ok(()), None) => None,
            };
        }
        if self.gather.is_full() {
            return After::Stop;
        }
        let offset = parser.offset();
        if self.places.wants(offset)
            && walk.is_resumable()
            && let Some(mark) = parser.mark()
        {
            self.places.add(walk.elements(), mark);
        }
        After::Go
    }
}
