//! The command stream, one event at a time, in either dialect.

use alloc::format;
use core::ops::Range;

use snaptape_wire::{Consumed, Error, ErrorKind, Limits, Offset, Tail};

use crate::line::{ANNOTATION_BYTES, Dialect, atoi, strtol, take_line};

/// From this length on the loader is taken to die of lack of memory: no machine has a TiB for one argument.
pub(crate) const ABSURD_LEN: u64 = 1 << 40;

/// A part of the stream. Spans of consecutive events tile the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A `#` line, its line end included.
    Annotation {
        /// The line.
        line: &'a [u8],
    },
    /// The `*` line of a command.
    Begin {
        /// Arguments that follow, the command's name included; 0 for the empty command the check tool passes.
        argc: u64,
    },
    /// An argument: its `$` line and its bytes.
    Argument {
        /// 0 is the command's name.
        index: u64,
        /// Its length.
        len_bytes: u64,
        /// Its bytes, or, where it is longer than [`Limits::max_inline_bytes`], the first so many of them.
        bytes: &'a [u8],
    },
    /// More bytes of the argument before; how they are cut into events depends on the windows.
    Rest {
        /// The bytes; none for the line end behind them.
        bytes: &'a [u8],
    },
    /// The command is complete. No bytes of its own.
    End {
        /// Offset of its `*`.
        start: u64,
    },
}

/// What [`Reader::step`] did.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Nothing was consumed; come again with the same bytes and at least `hint` more.
    NeedMore {
        /// A lower bound.
        hint: u64,
    },
    /// One event.
    Event {
        /// How many bytes of the input it took.
        consumed: usize,
        /// Where they stand in the file.
        span: Range<u64>,
        /// What they are.
        event: Event<'a>,
    },
    /// The file ends, and nothing is open.
    End,
}

/// What is expected next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// A command or an annotation.
    Item,
    /// The `$` line of argument `index`.
    Argument { index: u64 },
    /// So many more bytes of argument `index`.
    Rest { index: u64, bytes: u64 },
    /// The line end behind argument `index`.
    LineEnd { index: u64 },
    /// Nothing: all arguments were read, the end is still to be told.
    End,
    /// Nothing: an error was returned.
    Failed,
}

/// Reads the commands of an append-only file. Holds no bytes: see [`Feeder`] for that.
///
/// ```
/// use snaptape_aof::{Dialect, Reader, Step};
/// use snaptape_wire::Limits;
///
/// let file = b"*1\r\n$4\r\nPING\r\n";
/// let mut reader = Reader::new(0, Dialect::CheckTool, Limits::default());
/// let (mut at, mut events) = (0, 0);
/// loop {
///     match reader.step(&file[at..], true).unwrap() {
///         Step::Event { consumed, .. } => (at, events) = (at + consumed, events + 1),
///         Step::NeedMore { .. } => unreachable!("all of the file is there"),
///         Step::End => break,
///     }
/// }
/// assert_eq!((at, events), (file.len(), 3));
/// ```
#[derive(Debug, Clone)]
pub struct Reader {
    dialect: Dialect,
    inline_bytes: u64,
    /// Length of the file, where it is known: then a length that runs past it is an error at once.
    file_bytes: Option<u64>,
    offset: u64,
    state: State,
    argc: u64,
    /// Offset of the `*` of the command at hand.
    start: u64,
    /// Where the argument at hand begins, behind its `$` line.
    payload: u64,
}

impl Reader {
    /// A reader that begins at `offset` of the file.
    pub fn new(offset: u64, dialect: Dialect, limits: Limits) -> Self {
        Self {
            dialect,
            inline_bytes: limits.max_inline_bytes,
            file_bytes: None,
            offset,
            state: State::Item,
            argc: 0,
            start: offset,
            payload: offset,
        }
    }

    /// The same reader, told how long the file is.
    #[must_use]
    pub fn with_file_bytes(mut self, file_bytes: u64) -> Self {
        self.file_bytes = Some(file_bytes);
        self
    }

    /// Offset of the next byte it wants.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Is it between two items?
    pub(crate) fn at_item(&self) -> bool {
        self.state == State::Item
    }

    /// Moves on to another place between two items.
    pub(crate) fn jump(&mut self, offset: u64) {
        debug_assert!(self.at_item());
        self.offset = offset;
    }

    /// Where the argument last looked at begins.
    pub(crate) fn payload(&self) -> u64 {
        self.payload
    }

    /// Reads one event from `input`, whose first byte stands at [`Self::offset`]; `eof` says that nothing follows it.
    ///
    /// # Errors
    /// Bytes the dialect does not take, at the offset of the first one that is wrong. The reader stays failed.
    pub fn step<'a>(&mut self, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        let step = match self.state {
            State::Item => self.item(input, eof),
            State::Argument { index } => self.argument(index, input, eof),
            State::Rest { index, bytes } => self.rest(index, bytes, input, eof),
            State::LineEnd { index } => self.line_end(index, input, eof),
            State::End => {
                self.state = State::Item;
                Ok(self.event(0, Event::End { start: self.start }))
            }
            State::Failed => Err(Error::new(ErrorKind::PolledAfterError, self.offset)),
        };
        step.map_err(|error| {
            let inside = !matches!(self.state, State::Item | State::Failed);
            self.state = State::Failed;
            if inside { error.with_context(format!("command at {}", Offset(self.start))) } else { error }
        })
    }

    fn event<'a>(&mut self, consumed: usize, event: Event<'a>) -> Step<'a> {
        let from = self.offset;
        self.offset += consumed as u64;
        Step::Event { consumed, span: from..self.offset, event }
    }

    fn item<'a>(&mut self, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        match input.first() {
            None if eof => return Ok(Step::End),
            None => return Ok(Step::NeedMore { hint: 1 }),
            Some(b'#') if self.dialect.knows_annotations() => {
                let Some(line) = take_line(input, ANNOTATION_BYTES, eof) else {
                    return Ok(Step::NeedMore { hint: 1 });
                };
                return Ok(self.event(line.bytes.len(), Event::Annotation { line: line.bytes }));
            }
            Some(b'*') => {}
            Some(&got) => return Err(protocol("a command must begin with '*'", Some(got), self.offset)),
        }
        let Some(line) = take_line(input, self.dialect.line_bytes(), eof) else {
            return Ok(Step::NeedMore { hint: 1 });
        };
        let argc = if self.dialect.is_loader() {
            if line.bytes.get(1).is_none_or(|&byte| byte == 0) {
                return Err(if line.at_eof {
                    short(1, self.offset + line.bytes.len() as u64)
                } else {
                    protocol(
                        "a '*' must be followed by a number",
                        line.bytes.get(1).copied(),
                        self.offset + 1,
                    )
                });
            }
            let argc = atoi(line.bytes.get(1..).unwrap_or_default());
            match u64::try_from(argc) {
                Ok(argc @ 1..) => argc,
                _ => return Err(protocol(EMPTY_COMMAND, line.bytes.get(1).copied(), self.offset + 1)),
            }
        } else {
            let argc = self.checked_number(line.bytes, line.at_eof)?;
            u64::try_from(argc).unwrap_or(0)
        };
        self.start = self.offset;
        self.argc = argc;
        self.state = if argc == 0 { State::End } else { State::Argument { index: 0 } };
        Ok(self.event(line.bytes.len(), Event::Begin { argc }))
    }

    /// The number in a line as the check tool wants it: nothing but CRLF behind it.
    fn checked_number(&self, line: &[u8], at_eof: bool) -> Result<i64, Error> {
        let (value, used) = strtol(line.get(1..).unwrap_or_default());
        let behind = self.offset + 1 + used as u64;
        match line.get(1 + used..).unwrap_or_default() {
            [b'\r', b'\n', ..] => Ok(value),
            [] if at_eof => Err(short(2, behind)),
            [b'\r'] if at_eof => Err(short(1, behind + 1)),
            [b'\r', got, ..] => Err(protocol(EXPECTED_CRLF, Some(*got), behind + 1)),
            rest => Err(protocol(EXPECTED_CRLF, rest.first().copied(), behind)),
        }
    }

    fn argument<'a>(&mut self, index: u64, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        match input.first() {
            None if eof => return Err(short(1, self.offset)),
            None => return Ok(Step::NeedMore { hint: 1 }),
            Some(b'$') => {}
            Some(&got) => return Err(protocol("an argument must begin with '$'", Some(got), self.offset)),
        }
        let Some(line) = take_line(input, self.dialect.line_bytes(), eof) else {
            return Ok(Step::NeedMore { hint: 1 });
        };
        let len = if self.dialect.is_loader() {
            strtol(line.bytes.get(1..).unwrap_or_default()).0
        } else {
            self.checked_number(line.bytes, line.at_eof)?
        };
        let Ok(len) = u64::try_from(len) else {
            return Err(Error::new(ErrorKind::Invalid { what: NEGATIVE_LENGTH }, self.offset + 1));
        };
        if self.dialect.is_loader() && len >= ABSURD_LEN {
            let kind = ErrorKind::LimitExceeded { limit: "an argument length", max: ABSURD_LEN, got: len };
            return Err(Error::new(kind, self.offset + 1));
        }
        self.payload = self.offset + line.bytes.len() as u64;
        let end = self.payload.saturating_add(len).saturating_add(2);
        if let Some(file_bytes) = self.file_bytes
            && end > file_bytes
        {
            return Err(short(end - file_bytes, file_bytes));
        }
        let body = input.get(line.bytes.len()..).unwrap_or_default();
        if len > self.inline_bytes {
            // Fits: a limit on what is held cannot be larger than the address space.
            let Some(bytes) = usize::try_from(self.inline_bytes).ok().and_then(|inline| body.get(..inline))
            else {
                if eof {
                    return Err(short(
                        end - (self.payload + body.len() as u64),
                        self.payload + body.len() as u64,
                    ));
                }
                return Ok(Step::NeedMore {
                    hint: self.inline_bytes.saturating_sub(body.len() as u64).max(1),
                });
            };
            self.state = State::Rest { index, bytes: len - self.inline_bytes };
            let consumed = line.bytes.len() + bytes.len();
            return Ok(self.event(consumed, Event::Argument { index, len_bytes: len, bytes }));
        }
        let whole =
            usize::try_from(len).ok().and_then(|len| Some((body.get(..len)?, body.get(len..len + 2)?)));
        let Some((bytes, line_end)) = whole else {
            let missing = (len + 2).saturating_sub(body.len() as u64).max(1);
            // What is there of the line end may already be wrong.
            let cut = usize::try_from(len).ok().and_then(|len| body.get(len));
            if let Some(&got) = cut
                && got != b'\r'
                && !self.dialect.is_loader()
            {
                return Err(protocol(EXPECTED_CRLF, Some(got), self.payload + len));
            }
            return if eof {
                Err(short(missing, self.payload + body.len() as u64))
            } else {
                Ok(Step::NeedMore { hint: missing })
            };
        };
        self.check_line_end(line_end, self.payload + len)?;
        self.state = self.after(index);
        let consumed = line.bytes.len() + bytes.len() + 2;
        Ok(self.event(consumed, Event::Argument { index, len_bytes: len, bytes }))
    }

    fn rest<'a>(&mut self, index: u64, left: u64, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        let want = usize::try_from(left).unwrap_or(usize::MAX);
        let bytes = input.get(..want).unwrap_or(input);
        if bytes.is_empty() {
            return if eof { Err(short(left + 2, self.offset)) } else { Ok(Step::NeedMore { hint: 1 }) };
        }
        self.state = match left - bytes.len() as u64 {
            0 => State::LineEnd { index },
            left => State::Rest { index, bytes: left },
        };
        Ok(self.event(bytes.len(), Event::Rest { bytes }))
    }

    fn line_end<'a>(&mut self, index: u64, input: &'a [u8], eof: bool) -> Result<Step<'a>, Error> {
        let Some(line_end) = input.get(..2) else {
            if let Some(&got) = input.first()
                && got != b'\r'
                && !self.dialect.is_loader()
            {
                return Err(protocol(EXPECTED_CRLF, Some(got), self.offset));
            }
            let missing = 2 - input.len() as u64;
            return if eof {
                Err(short(missing, self.offset + input.len() as u64))
            } else {
                Ok(Step::NeedMore { hint: missing })
            };
        };
        self.check_line_end(line_end, self.offset)?;
        self.state = self.after(index);
        Ok(self.event(2, Event::Rest { bytes: &[] }))
    }

    fn check_line_end(&self, found: &[u8], offset: u64) -> Result<(), Error> {
        match found {
            _ if self.dialect.is_loader() => Ok(()),
            b"\r\n" => Ok(()),
            [b'\r', got] => Err(protocol(EXPECTED_CRLF, Some(*got), offset + 1)),
            _ => Err(protocol(EXPECTED_CRLF, found.first().copied(), offset)),
        }
    }

    fn after(&self, index: u64) -> State {
        if index + 1 < self.argc { State::Argument { index: index + 1 } } else { State::End }
    }
}

/// The [`ErrorKind::Protocol`] reason for a command with no arguments.
pub(crate) const EMPTY_COMMAND: &str = "a command must have at least one argument";
/// The [`ErrorKind::Protocol`] reason for a wrong line end.
pub(crate) const EXPECTED_CRLF: &str = "a line must end with CRLF";
/// The [`ErrorKind::Invalid`] thing for a length below zero.
pub(crate) const NEGATIVE_LENGTH: &str = "argument length: it is negative";

#[cold]
fn protocol(why: &'static str, got: Option<u8>, offset: u64) -> Error {
    Error::new(ErrorKind::Protocol { why, got }, offset)
}

#[cold]
fn short(missing: u64, offset: u64) -> Error {
    Error::new(ErrorKind::UnexpectedEnd { missing }, offset)
}

/// A [`Reader`] with the bytes between two windows.
#[derive(Debug, Clone)]
pub struct Feeder {
    reader: Reader,
    tail: Tail,
}

impl Feeder {
    /// Reads with `reader` from here on.
    pub fn new(reader: Reader) -> Self {
        Self { reader, tail: Tail::default() }
    }

    /// Bytes held at the moment: at most a line, an argument within the limit, and a little.
    pub fn held_bytes(&self) -> usize {
        self.tail.len()
    }

    /// Hands the next bytes of the file over; `eof` says that they are the last ones.
    ///
    /// # Errors
    /// Those of [`Reader::step`].
    pub fn feed(
        &mut self,
        chunk: &[u8],
        eof: bool,
        mut sink: impl FnMut(Range<u64>, Event<'_>),
    ) -> Result<(), Error> {
        let reader = &mut self.reader;
        self.tail.feed(chunk, eof, |window, eof| {
            let mut bytes = 0;
            loop {
                match reader.step(window.get(bytes..).unwrap_or_default(), eof)? {
                    Step::NeedMore { hint } => return Ok(Consumed { bytes, hint }),
                    Step::Event { consumed, span, event } => {
                        sink(span, event);
                        bytes += consumed;
                    }
                    Step::End => return Ok(Consumed { bytes, hint: 0 }),
                }
            }
        })
    }
}
