//! The state machine: one item, or one piece of a value, per step.

use alloc::{format, string::String, sync::Arc};
use core::ops::Range;

use snaptape_wire::{Cursor, Error, ErrorKind, Limits, Read, Stop, StrHead};

use crate::{
    Event, Key, Magic, ModuleId, ObjectType, Part, Role,
    fork::{Looks, looks_like, unreadable},
    opcode::{KEY_META_SINCE, TEMPLATES_SINCE, op},
    rare::{Next, Rare},
    template::Templates,
    value::{Value, ValueStep},
    vocabulary::Vocabulary,
};

/// Reads a snapshot from windows of bytes. It does no I/O and holds no value: the caller owns the loop.
///
/// The whole loop, for a slice:
///
/// ```
/// use snaptape_rdb::{Event, Parser, Step};
///
/// let file = b"REDIS0001\x00\x01k\x01v\xff";
/// let mut parser = Parser::new(Default::default());
/// let (mut at, mut keys) = (0, 0);
/// loop {
///     match parser.step(&file[at..], true)? {
///         Step::Event { consumed, event, .. } => {
///             at += consumed;
///             keys += u32::from(matches!(event, Event::Key(_)));
///         }
///         Step::NeedMore { .. } => unreachable!("this was the whole file"),
///         Step::End => break,
///     }
/// }
/// assert_eq!(keys, 1);
/// # Ok::<(), snaptape_wire::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Parser {
    limits: Limits,
    pub(crate) state: State,
    /// Offset in the file of the next byte to read.
    offset: u64,
    magic: Magic,
    version: u16,
    db: u64,
    attributes: Attributes,
    /// Keys begun so far.
    n_keys: u64,
    /// The current key, for messages.
    excerpt: Excerpt,
    object: ObjectType,
    /// What the file has said for all its keys.
    templates: Templates,
    /// Has it used numbers that only Dragonfly uses?
    dragonfly: bool,
    /// Leave out of errors what was being read: it costs more than the error.
    quiet: bool,
    /// Fields of the hash it failed in, if a field without expiry looks like a string key.
    like_strings: u64,
    /// What cannot be there is an error, also where it could be read.
    vocabulary: Option<Arc<Vocabulary>>,
    /// Keys without a name in a row, up to the last one.
    nameless: u8,
}

/// Magic and version.
pub(crate) const HEADER_BYTES: u64 = 9;
/// Most keys without a name in a row.
const MAX_NAMELESS: u8 = 3;
/// More databases than anybody has.
const MAX_DATABASES: u64 = 65_536;
/// Key metadata has three bits of class numbers. Source: the description of opcode 243.
const MAX_META_CLASSES: u64 = 7;
/// Before this version no Redis wrote sets as listpacks.
const SET_LISTPACK_SINCE: u16 = 11;
/// Highest object type of ordinary files; what follows may be an opcode of a fork.
const MAX_PLAIN_TYPE: u8 = 33;
/// Highest object type whose value is no [`Rare`].
const MAX_COMMON_TYPE: u8 = 27;

/// What [`Parser::step`] found.
#[derive(Debug, Clone, PartialEq)]
pub enum Step<'a> {
    /// Nothing was consumed and nothing changed: come back with at least `hint` more bytes.
    NeedMore {
        /// A lower bound.
        hint: u64,
    },
    /// The next piece.
    Event {
        /// Bytes of the input it took.
        consumed: usize,
        /// Where they stand in the file.
        span: Range<u64>,
        /// What it is.
        event: Event<'a>,
    },
    /// The snapshot is over; whatever follows is not part of it.
    End,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum State {
    /// Before the magic.
    Header,
    /// Before an opcode or object type.
    Item,
    /// Inside a value (or inside module data that belongs to no key).
    Value {
        /// What comes next.
        next: Value,
        /// Stored bytes left of a string that is handed out in chunks.
        long_left: Option<u64>,
        /// Whose value it is.
        owner: Owner,
    },
    /// Inside a value that only the newest versions and forks write. A state of its own, see [`Parser::rare_step`].
    Rare {
        /// What comes next.
        next: Rare,
        /// Stored bytes left of a string that is handed out in chunks.
        long_left: Option<u64>,
        /// Whose value it is.
        owner: Owner,
    },
    /// After the front of a compressed block.
    Compressed { number: u8 },
    /// After the end opcode, before the checksum.
    Checksum,
    /// After everything.
    End,
    /// After an error.
    Failed,
}

/// Whose value is being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The current key's.
    Key,
    /// The next key's: its metadata.
    Meta,
    /// A module's, of no key.
    Module,
    /// A hash template's.
    Template,
}

/// What has been said about the key to come.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Attributes {
    /// Offset of the first one.
    start: Option<u64>,
    expires_at_ms: Option<i64>,
    idle_s: Option<u64>,
    freq: Option<u8>,
}

/// The front of a key name.
#[derive(Debug, Clone, Copy)]
struct Excerpt {
    bytes: [u8; 48],
    len: usize,
    whole: u64,
}

impl Parser {
    /// A parser at the start of a snapshot.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: State::Header,
            offset: 0,
            magic: Magic::Redis,
            version: 0,
            db: 0,
            attributes: Attributes::default(),
            n_keys: 0,
            excerpt: Excerpt { bytes: [0; 48], len: 0, whole: 0 },
            object: ObjectType::String,
            templates: Templates::default(),
            dragonfly: false,
            quiet: false,
            like_strings: 0,
            vocabulary: None,
            nameless: 0,
        }
    }

    /// A parser behind a header that cannot be read, for a file that must have had this one.
    pub fn behind_header(limits: Limits, magic: Magic, version: u16) -> Self {
        Self { magic, version, offset: HEADER_BYTES, state: State::Item, ..Self::new(limits) }
    }

    /// A parser at the start of a snapshot that begins at `offset` of its file.
    pub fn at(limits: Limits, offset: u64) -> Self {
        Self { offset, ..Self::new(limits) }
    }

    /// Goes on at `offset`, where an item begins, with keys that belong to `db`. What the file has said of itself stays.
    pub fn move_to(&mut self, offset: u64, db: u64) {
        self.offset = offset;
        self.db = db;
        self.attributes = Attributes::default();
        self.nameless = 0;
        self.state = State::Item;
    }

    /// From here on, what this writer cannot have written is an error.
    pub fn hold_to(&mut self, vocabulary: Arc<Vocabulary>) {
        self.vocabulary = Some(vocabulary);
    }

    /// Is it held to what its writer can have written?
    pub fn is_held(&self) -> bool {
        self.vocabulary.is_some()
    }

    /// Goes on inside the value of a key.
    pub(crate) fn set_value(&mut self, object: ObjectType, offset: u64, next: Value) {
        (self.object, self.offset) = (object, offset);
        self.state = State::Value { next, long_left: None, owner: Owner::Key };
    }

    /// The same, where only the newest versions and forks write it.
    pub(crate) fn set_rare(&mut self, object: ObjectType, offset: u64, next: Rare) {
        (self.object, self.offset) = (object, offset);
        self.state = State::Rare { next, long_left: None, owner: Owner::Key };
    }

    /// A copy for trying out places: with these limits, and errors that do not say what was being read.
    pub(crate) fn quiet(&self, limits: Limits) -> Self {
        Self { limits, quiet: true, ..self.clone() }
    }

    /// Fields of the hash it failed in, if a field without expiry looks like a string key.
    pub(crate) fn like_strings(&self) -> u64 {
        self.like_strings
    }

    /// Is it before an item, with nothing said about the key to come?
    pub(crate) fn is_between_items(&self) -> bool {
        self.state == State::Item && self.attributes == Attributes::default()
    }

    /// Steps over what is left of a string that is handed out in chunks, without its bytes; returns how many those are. 0 where it
    /// is in no such string.
    pub fn skip_long(&mut self) -> u64 {
        let (State::Value { long_left: Some(left), .. } | State::Rare { long_left: Some(left), .. }) =
            &mut self.state
        else {
            return 0;
        };
        let skipped = core::mem::take(left);
        self.offset = self.offset.saturating_add(skipped);
        skipped
    }

    /// Offset in the file of the next byte it wants.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// The database the next key belongs to.
    pub fn db(&self) -> u64 {
        self.db
    }

    /// RDB version; 0 before the header.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Whose numbers the file uses.
    pub fn magic(&self) -> Magic {
        self.magic
    }

    /// Reads the next piece from `input`, whose first byte is the one at [`Self::offset`]. `eof` says that no more bytes will
    /// ever follow these.
    ///
    /// # Errors
    /// Bytes that cannot be there, or an end where there cannot be one. Afterwards the parser stays failed.
    #[inline]
    pub fn step<'a>(&mut self, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        let mut cursor = Cursor::new(input, self.offset);
        let result = match self.state {
            State::Value { .. } => self.value(&mut cursor),
            State::Item => self.item(&mut cursor),
            State::Header => self.header(&mut cursor),
            State::Checksum => self.checksum(&mut cursor),
            State::Rare { .. } => return self.rare_step(input, eof),
            State::Compressed { number } => return Err(self.compressed(number)),
            State::End => return Ok(Step::End),
            State::Failed => return Err(Error::new(ErrorKind::PolledAfterError, self.offset)),
        };
        self.finish(result, &cursor, input, eof)
    }

    /// A step inside a value that only the newest versions and forks write. Apart down to its result: what several functions
    /// that are not inlined return passes through memory, which would cost every file several per cent of its speed.
    #[cold]
    #[inline(never)]
    fn rare_step<'a>(&mut self, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        let mut cursor = Cursor::new(input, self.offset);
        let result = self.rare_value(&mut cursor);
        self.finish(result, &cursor, input, eof)
    }

    #[inline]
    fn finish<'a>(
        &mut self,
        result: Read<Event<'a>>,
        cursor: &Cursor<'a>,
        input: &'a [u8],
        eof: bool,
    ) -> Result<Step<'a>, Error> {
        match result {
            Ok(event) => {
                let end = cursor.offset();
                let span = self.offset..end;
                self.offset = end;
                Ok(Step::Event { consumed: input.len() - cursor.rest().len(), span, event })
            }
            Err(Stop::More(hint)) if !eof => Ok(Step::NeedMore { hint }),
            Err(Stop::More(missing)) => {
                let end = self.offset + input.len() as u64;
                let kind = if self.state == State::Header && (input.is_empty() || input.len() < 9) {
                    ErrorKind::BadMagic
                } else {
                    ErrorKind::UnexpectedEnd { missing }
                };
                Err(self.fail(Error::new(kind, end)))
            }
            Err(Stop::Fail(error)) => Err(self.fail(error)),
        }
    }

    #[cold]
    fn compressed(&mut self, number: u8) -> Error {
        let what = "Dragonfly's compressed block of items";
        self.fail(Error::new(ErrorKind::Unsupported { number, what }, self.offset))
    }

    #[cold]
    fn fail(&mut self, error: Error) -> Error {
        let context = if self.quiet { None } else { self.context() };
        self.like_strings = match &self.state {
            State::Value { next, .. } => next.fields_like_strings(),
            _ => 0,
        };
        self.state = State::Failed;
        match context {
            // Whoever found the error may have known the place better.
            Some(context) if error.context().is_none() => error.with_context(context),
            _ => error,
        }
    }

    /// Where the parser is, in words.
    fn context(&self) -> Option<String> {
        match &self.state {
            State::Value { owner: Owner::Module, .. } => Some("module data outside the keys".into()),
            State::Rare { owner: Owner::Meta, .. } => Some(format!("metadata of key {}", self.n_keys + 1)),
            State::Rare { owner: Owner::Template, .. } => Some("a hash template".into()),
            State::Value { next, .. } => Some(self.key_context(&next.place())),
            State::Rare { next, .. } => Some(self.key_context(&next.place())),
            State::Item | State::Compressed { .. } if self.n_keys > 0 => {
                Some(format!("{}what follows key {}", self.db_words(), self.n_keys))
            }
            State::Checksum => Some("the checksum".into()),
            _ => None,
        }
    }

    fn key_context(&self, place: &str) -> String {
        let name = self.excerpt.bytes.get(..self.excerpt.len).unwrap_or_default();
        let dots = if self.excerpt.whole > self.excerpt.len as u64 { "..." } else { "" };
        let kind = self.object.logical().name();
        let db = self.db_words();
        format!("{db}key {} \"{}{dots}\" / {kind}{place}", self.n_keys, name.escape_ascii())
    }

    /// The database, unless it is the first one.
    fn db_words(&self) -> String {
        if self.db == 0 { String::new() } else { format!("database {} / ", self.db) }
    }

    fn header(&mut self, cursor: &mut Cursor<'_>) -> Read<Event<'static>> {
        let start = cursor.offset();
        let bytes = cursor.take(HEADER_BYTES)?;
        let bad = || Stop::Fail(Error::new(ErrorKind::BadMagic, start));
        let (magic, digits) = match (bytes.strip_prefix(b"REDIS"), bytes.strip_prefix(b"VALKEY")) {
            (Some(digits), _) => (Magic::Redis, digits),
            (_, Some(digits)) => (Magic::Valkey, digits),
            _ => return Err(bad()),
        };
        if !digits.iter().all(u8::is_ascii_digit) {
            return Err(bad());
        }
        let version = digits.iter().fold(0, |n: u16, digit| n * 10 + u16::from(digit - b'0'));
        if version == 0 {
            return Err(Error::new(ErrorKind::BadVersion { got: version }, start + 5).into());
        }
        self.magic = magic;
        self.version = version;
        self.state = State::Item;
        Ok(Event::Header { magic, version })
    }

    fn checksum(&mut self, cursor: &mut Cursor<'_>) -> Read<Event<'static>> {
        let stored = cursor.le_u64()?;
        self.state = State::End;
        Ok(Event::Checksum { stored })
    }

    #[inline]
    fn item<'a>(&mut self, cursor: &mut Cursor<'a>) -> Read<Event<'a>> {
        let start = cursor.offset();
        let max_name = self.limits.max_name_bytes;
        let opcode = cursor.u8()?;
        if let Some(vocabulary) = &self.vocabulary
            && !vocabulary.numbers.has(opcode)
        {
            return Err(Error::new(ErrorKind::UnknownOpcode { opcode }, start).into());
        }
        let event = match opcode {
            op::EXPIRETIME_MS => {
                let at_ms = cursor.le_i64()?;
                self.attributes.expires_at_ms = Some(at_ms);
                self.attributes.start.get_or_insert(start);
                Event::Expiry { at_ms }
            }
            op::EXPIRETIME => {
                let at_ms = i64::from(cursor.le_i32()?) * 1000;
                self.attributes.expires_at_ms = Some(at_ms);
                self.attributes.start.get_or_insert(start);
                Event::Expiry { at_ms }
            }
            op::FREQ => {
                let counter = cursor.u8()?;
                self.attributes.freq = Some(counter);
                self.attributes.start.get_or_insert(start);
                Event::Freq { counter }
            }
            op::IDLE => {
                let secs = cursor.len()?;
                self.attributes.idle_s = Some(secs);
                self.attributes.start.get_or_insert(start);
                Event::Idle { secs }
            }
            op::SELECTDB => {
                let db = cursor.len()?;
                if self.vocabulary.is_some() {
                    self.check_database(cursor, start, db)?;
                }
                self.db = db;
                Event::SelectDb { db }
            }
            op::RESIZEDB => Event::ResizeDb { keys: cursor.len()?, expires: cursor.len()? },
            op::AUX => Event::Aux {
                name: cursor.str_within("the name of an AUX field", max_name)?,
                value: cursor.str_within("the value of an AUX field", max_name)?,
            },
            op::FUNCTION2 | op::FUNCTION_PRE_GA if self.vocabulary.is_some() && self.n_keys > 0 => {
                // They stand before the keys.
                return Err(
                    Error::new(ErrorKind::Invalid { what: "function library behind keys" }, start).into()
                );
            }
            op::FUNCTION2 => Event::Function { code: cursor.str_within("a function library", max_name)? },
            op::FUNCTION_PRE_GA => {
                let name = cursor.str_within("a function name", max_name)?;
                let engine = cursor.str_within("a function engine", max_name)?;
                if cursor.len()? != 0 {
                    let _description = cursor.str_within("a function description", max_name)?;
                }
                Event::FunctionPreGa {
                    name,
                    engine,
                    code: cursor.str_within("a function library", max_name)?,
                }
            }
            op::MODULE_AUX => {
                let module = ModuleId(cursor.len()?);
                self.check_module(module, start)?;
                let at = cursor.offset();
                // A `when` is a tagged unsigned number (tag 2), and only two numbers exist.
                let (tag, when) = (cursor.len()?, cursor.len()?);
                if tag != 2 || !(1..=2).contains(&when) {
                    return Err(
                        Error::new(ErrorKind::Invalid { what: "module data outside the keys" }, at).into()
                    );
                }
                self.state = State::Value { next: Value::ModuleField, long_left: None, owner: Owner::Module };
                Event::ModuleAux { module, when }
            }
            op::SLOT_INFO => {
                Event::SlotInfo { slot: cursor.len()?, keys: cursor.len()?, expires: cursor.len()? }
            }
            op::SLOT_IMPORT if self.magic == Magic::Valkey => {
                let job = cursor.str_within("the name of a slot import", max_name)?;
                let at = cursor.offset();
                let ranges = cursor.len()?;
                if ranges > 16_384 {
                    return Err(Error::new(ErrorKind::Invalid { what: "number of slot ranges" }, at).into());
                }
                for _ in 0..ranges {
                    let _range = (cursor.len()?, cursor.len()?);
                }
                Event::SlotImport { job, ranges }
            }
            op::EOF => {
                self.state = if self.version >= 5 { State::Checksum } else { State::End };
                Event::Eof
            }
            byte => {
                if byte > MAX_PLAIN_TYPE
                    && let Some(event) = self.rare(cursor, start, byte)?
                {
                    return Ok(event);
                }
                return self.key(cursor, start, byte);
            }
        };
        Ok(event)
    }

    /// An opcode that only the newest versions and forks write; `None` if it is none in this file.
    #[cold]
    #[inline(never)]
    fn rare(&mut self, cursor: &mut Cursor<'_>, start: u64, opcode: u8) -> Read<Option<Event<'static>>> {
        Ok(Some(match opcode {
            op::HASH_TEMPLATE if self.magic == Magic::Redis && self.version >= TEMPLATES_SINCE => {
                let id = cursor.len()?;
                let at = cursor.offset();
                let fields = cursor.len()?;
                if fields == 0 {
                    let what = "number of field names: there are none";
                    return Err(Error::new(ErrorKind::Invalid { what }, at).into());
                }
                self.templates.add(id, fields, &self.limits, start)?;
                let next = Rare::TemplateName { left: fields, fields: None };
                self.state = State::Rare { next, long_left: None, owner: Owner::Template };
                Event::HashTemplate { id, fields }
            }
            op::KEY_META if self.magic == Magic::Redis && self.version >= KEY_META_SINCE => {
                let at = cursor.offset();
                let classes = cursor.len()?;
                if classes > MAX_META_CLASSES {
                    let what = "number of metadata classes";
                    return Err(Error::new(ErrorKind::Invalid { what }, at).into());
                }
                self.attributes.start.get_or_insert(start);
                let next = Rare::MetaClass { left: classes };
                self.state = State::Rare { next, long_left: None, owner: Owner::Meta };
                Event::KeyMeta { classes }
            }
            op::ENTERPRISE_RAM_LRU if self.magic == Magic::Redis => {
                let value = cursor.len()?;
                self.attributes.start.get_or_insert(start);
                Event::RamLru { value }
            }
            op::ENTERPRISE_SLOT_NUM if self.magic == Magic::Redis => Event::SlotNum { slot: cursor.len()? },
            op::DRAGONFLY_KEY_FLAGS if self.magic == Magic::Redis => {
                let bits = cursor.le_u32()?;
                self.attributes.start.get_or_insert(start);
                self.dragonfly = true;
                Event::KeyFlags { bits }
            }
            op::DRAGONFLY_FULLSYNC_END if self.magic == Magic::Redis => {
                let at = cursor.offset();
                if cursor.le_u64()? != 0 {
                    let what = "end of a full synchronisation: eight zero bytes belong there";
                    return Err(Error::new(ErrorKind::Invalid { what }, at).into());
                }
                self.dragonfly = true;
                Event::FullSyncEnd
            }
            op::DRAGONFLY_ZSTD | op::DRAGONFLY_LZ4 if self.magic == Magic::Redis => {
                let packed_bytes = cursor.len()?;
                self.dragonfly = true;
                self.state = State::Compressed { number: opcode };
                let codec = if opcode == op::DRAGONFLY_ZSTD { "zstd" } else { "lz4" };
                Event::CompressedBlock { codec, packed_bytes }
            }
            _ => return Ok(None),
        }))
    }

    #[inline]
    fn key<'a>(&mut self, cursor: &mut Cursor<'a>, start: u64, type_byte: u8) -> Read<Event<'a>> {
        let Some(mut object) = ObjectType::in_file(type_byte, self.magic, self.version) else {
            return Err(self.no_type(cursor, start, type_byte)?.into());
        };
        let name = cursor.str_within("a key name", self.limits.max_name_bytes)?;
        if matches!(type_byte, 20 | 30) && self.magic == Magic::Redis {
            object = self.dragonfly_or(cursor, start, type_byte, object)?;
        }
        if name.is_empty() {
            // A database has one at most: these are zeros.
            self.nameless += 1;
            if self.nameless > MAX_NAMELESS {
                let what = "run of keys without a name";
                return Err(Error::new(ErrorKind::Invalid { what }, start).into());
            }
        } else {
            self.nameless = 0;
        }
        if self.vocabulary.is_some() && object == ObjectType::Module2 {
            let module = ModuleId(cursor.clone().len()?);
            self.check_module(module, start)?;
        }
        let (bytes, len) = name.prefix()?;
        self.excerpt = Excerpt { bytes, len, whole: name.len() };
        let attributes = core::mem::take(&mut self.attributes);
        let index = self.n_keys;
        self.n_keys += 1;
        self.object = object;
        self.state = State::Value { next: Value::of(object), long_left: None, owner: Owner::Key };
        if type_byte > MAX_COMMON_TYPE {
            self.begin_rare(object);
        }
        Ok(Event::Key(Key {
            name,
            db: self.db,
            object,
            type_byte,
            expires_at_ms: attributes.expires_at_ms,
            idle_s: attributes.idle_s,
            freq: attributes.freq,
            offset: attributes.start.unwrap_or(start),
            index,
        }))
    }

    #[cold]
    #[inline(never)]
    fn check_module(&self, module: ModuleId, start: u64) -> Read<()> {
        if self.vocabulary.as_ref().is_none_or(|vocabulary| vocabulary.has_module(module)) {
            return Ok(());
        }
        let what = "value of a module that nothing before speaks of";
        Err(Error::new(ErrorKind::Invalid { what }, start).into())
    }

    /// Who has more databases than usual says before the first key how many keys each has.
    #[cold]
    #[inline(never)]
    fn check_database(&self, cursor: &Cursor<'_>, start: u64, db: u64) -> Read<()> {
        let Some(vocabulary) = &self.vocabulary else { return Ok(()) };
        if db <= vocabulary.highest_db {
            return Ok(());
        }
        let mut ahead = cursor.clone();
        if db < MAX_DATABASES && (self.version < 7 || ahead.u8()? == op::RESIZEDB) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Invalid { what: "number of a database" }, start).into())
    }

    #[cold]
    #[inline(never)]
    fn begin_rare(&mut self, object: ObjectType) {
        if let Some(next) = Rare::of(object) {
            self.state = State::Rare { next, long_left: None, owner: Owner::Key };
        }
    }

    /// Two numbers have another meaning in Dragonfly. It wrote the first one before Redis did.
    fn dragonfly_or(
        &self,
        cursor: &Cursor<'_>,
        start: u64,
        type_byte: u8,
        object: ObjectType,
    ) -> Read<ObjectType> {
        Ok(match object {
            ObjectType::SetListpack
                if (self.dragonfly || self.version < SET_LISTPACK_SINCE)
                    && looks_like(cursor)? == Looks::Json =>
            {
                ObjectType::DragonflyJson
            }
            ObjectType::HashTmplLpRef if self.dragonfly && looks_like(cursor)? == Looks::Json => {
                ObjectType::DragonflyJson
            }
            ObjectType::DragonflyJson if looks_like(cursor)? != Looks::Json => {
                return Err(Error::new(ErrorKind::UnknownOpcode { opcode: type_byte }, start).into());
            }
            object => object,
        })
    }

    /// What is wrong with a byte that is no opcode and no object type this parser reads.
    #[cold]
    fn no_type(&self, cursor: &mut Cursor<'_>, start: u64, byte: u8) -> Read<Error> {
        let Some(known) = unreadable(byte, self.magic, self.version) else {
            return Ok(Error::new(ErrorKind::UnknownOpcode { opcode: byte }, start));
        };
        let error = Error::new(ErrorKind::Unsupported { number: byte, what: known.what }, start);
        if self.quiet {
            return Ok(error);
        }
        let db = self.db;
        let place = if known.is_type {
            let name = match cursor.str_within("a key name", self.limits.max_name_bytes) {
                Ok(name) => name,
                Err(Stop::More(more)) => return Err(Stop::More(more)),
                Err(Stop::Fail(_)) => return Ok(error),
            };
            let (bytes, len) = name.prefix::<48>().unwrap_or(([0; 48], 0));
            let dots = if name.len() > len as u64 { "..." } else { "" };
            let name = bytes.get(..len).unwrap_or_default().escape_ascii();
            format!("database {db} / key {} \"{name}{dots}\"", self.n_keys + 1)
        } else {
            format!("database {db} / what follows key {}", self.n_keys)
        };
        Ok(error.with_context(place))
    }

    #[inline]
    fn value<'a>(&mut self, cursor: &mut Cursor<'a>) -> Read<Event<'a>> {
        let State::Value { next, long_left, owner } = &mut self.state else {
            return Err(Error::new(ErrorKind::PolledAfterError, cursor.offset()).into());
        };
        if let Some(left) = long_left {
            if *left == 0 {
                *long_left = None;
                return Ok(Event::Part(Part::LongEnd));
            }
            let chunk = cursor.take_up_to(*left);
            if chunk.is_empty() {
                return Err(Stop::More(*left));
            }
            *left -= chunk.len() as u64;
            return Ok(Event::Part(Part::LongChunk(chunk)));
        }
        match next.step(cursor, &self.limits)? {
            ValueStep::Part(part, after) => {
                if let Part::LongBegin(_, head) = part {
                    *long_left = Some(StrHead::stored_len(head));
                }
                *next = after;
                Ok(Event::Part(part))
            }
            ValueStep::End => {
                let owner = *owner;
                Ok(self.end_value(owner))
            }
        }
    }

    fn end_value(&mut self, owner: Owner) -> Event<'static> {
        self.state = State::Item;
        match owner {
            Owner::Key => Event::KeyEnd,
            Owner::Meta => Event::KeyMetaEnd,
            Owner::Module => Event::ModuleAuxEnd,
            Owner::Template => Event::HashTemplateEnd,
        }
    }

    /// A piece of a value that only the newest versions and forks write.
    fn rare_value<'a>(&mut self, cursor: &mut Cursor<'a>) -> Read<Event<'a>> {
        let State::Rare { next, long_left, owner } = &mut self.state else {
            return Err(Error::new(ErrorKind::PolledAfterError, cursor.offset()).into());
        };
        let owner = *owner;
        if let Some(left) = long_left {
            return long_chunk(cursor, left).map(|part| {
                if part == Part::LongEnd {
                    *long_left = None;
                }
                Event::Part(part)
            });
        }
        let Some((part, after)) = next.step(cursor, &self.limits, &self.templates)? else {
            return Ok(self.end_value(owner));
        };
        let left = match part {
            Part::LongBegin(_, head) => Some(StrHead::stored_len(head)),
            _ => None,
        };
        self.state = match after {
            Next::Rare(next) => State::Rare { next, long_left: left, owner },
            Next::Value(next) => State::Value { next, long_left: left, owner },
        };
        Ok(Event::Part(part))
    }
}

/// The next stored bytes of a string that is handed out in chunks, or its end.
#[inline]
fn long_chunk<'a>(cursor: &mut Cursor<'a>, left: &mut u64) -> Read<Part<'a>> {
    if *left == 0 {
        return Ok(Part::LongEnd);
    }
    let chunk = cursor.take_up_to(*left);
    if chunk.is_empty() {
        return Err(Stop::More(*left));
    }
    *left -= chunk.len() as u64;
    Ok(Part::LongChunk(chunk))
}

/// Reads a string of a value: whole where it is short enough, else only its head.
#[inline]
pub(crate) fn text<'a>(cursor: &mut Cursor<'a>, limits: &Limits, role: Role) -> Read<Part<'a>> {
    let head = cursor.str_head()?;
    if head.stored_len().max(head.logical_len()) > limits.max_inline_bytes {
        return Ok(Part::LongBegin(role, head));
    }
    Ok(Part::Text(role, cursor.str_body(head)?))
}
