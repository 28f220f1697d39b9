//! The loop around [`Parser`]: takes windows, keeps what belongs to the item across their border, computes the checksum.

use alloc::sync::Arc;
use core::ops::Range;

use snaptape_wire::{Consumed, Crc64, Error, Limits, Tail};

use crate::{Event, Magic, Parser, Step, Vocabulary};

/// Reads a snapshot that arrives in windows. This is what a front end calls.
///
/// ```
/// use snaptape_rdb::{Event, Reader};
///
/// let file = b"REDIS0001\x00\x01k\x01v\xff";
/// let mut reader = Reader::new(Default::default());
/// let mut keys = 0;
/// for window in file.chunks(4) {
///     reader.feed(window, false, |_, event| keys += u32::from(matches!(event, Event::Key(_))))?;
/// }
/// reader.feed(&[], true, |_, _| {})?;
/// assert_eq!(keys, 1);
/// # Ok::<(), snaptape_wire::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Reader {
    parser: Parser,
    tail: Tail,
    crc: Crc64,
    /// The checksum covers everything before this offset.
    hashed_up_to: u64,
    /// The end opcode was read: nothing behind it is covered.
    crc_done: bool,
    ended: bool,
}

impl Reader {
    /// A reader at the start of a snapshot.
    pub fn new(limits: Limits) -> Self {
        Self::with_parser(Parser::new(limits))
    }

    /// A reader of a snapshot whose header is damaged and must have been this one. It begins behind it.
    pub fn behind_header(limits: Limits, magic: Magic, version: u16) -> Self {
        Self::with_parser(Parser::behind_header(limits, magic, version))
    }

    /// A reader of a snapshot that begins at `offset` of its file; its checksum does not cover what stands before.
    pub fn at(limits: Limits, offset: u64) -> Self {
        Self { hashed_up_to: offset, ..Self::with_parser(Parser::at(limits, offset)) }
    }

    /// A reader of items from `offset` on, of a snapshot whose header is lost and must have been this one.
    pub fn headless(limits: Limits, magic: Magic, version: u16, offset: u64) -> Self {
        let mut parser = Parser::behind_header(limits, magic, version);
        parser.move_to(offset, 0);
        Self { hashed_up_to: offset, ..Self::with_parser(parser) }
    }

    fn with_parser(parser: Parser) -> Self {
        Self {
            parser,
            tail: Tail::default(),
            crc: Crc64::new(),
            hashed_up_to: 0,
            crc_done: false,
            ended: false,
        }
    }

    /// Hands the next window to the parser and everything it finds, with its span in the file, to `sink`. `eof` says that
    /// this was the last one. Once [`Self::ended`], the rest of the window is not looked at: it begins at [`Self::offset`].
    ///
    /// # Errors
    /// Those of [`Parser::step`].
    pub fn feed(
        &mut self,
        window: &[u8],
        eof: bool,
        mut sink: impl FnMut(Range<u64>, Event<'_>),
    ) -> Result<(), Error> {
        self.feed_while(window, eof, |span, event| {
            sink(span, event);
            true
        })
    }

    /// The same, until `sink` says no: then the rest of the window is left, and what comes next has to be fed from
    /// [`Self::offset`] on, after [`Self::move_to`].
    ///
    /// # Errors
    /// Those of [`Parser::step`].
    #[inline]
    pub fn feed_while(
        &mut self,
        window: &[u8],
        eof: bool,
        mut sink: impl FnMut(Range<u64>, Event<'_>) -> bool,
    ) -> Result<(), Error> {
        if self.ended {
            return Ok(());
        }
        let Self { parser, tail, crc, hashed_up_to, crc_done, ended } = self;
        let mut stopped = false;
        tail.feed(window, eof, |bytes, eof| {
            if stopped {
                return Ok(Consumed { bytes: 0, hint: 0 });
            }
            let start = parser.offset();
            let mut at = 0;
            let mut cover = |at: usize, done: bool| {
                if !*crc_done {
                    // What stands before was covered when it was read for the first time.
                    let from = usize::try_from(hashed_up_to.saturating_sub(start)).unwrap_or(usize::MAX);
                    let fresh = bytes.get(from..at).unwrap_or_default();
                    crc.update(fresh);
                    *hashed_up_to += fresh.len() as u64;
                    *crc_done = done;
                }
            };
            let outcome = loop {
                let rest = bytes.get(at..).unwrap_or_default();
                match parser.step(rest, eof) {
                    Ok(Step::Event { consumed, span, event }) => {
                        at += consumed;
                        if matches!(event, Event::Eof) {
                            // The checksum covers everything up to and with the end opcode.
                            cover(at, true);
                        }
                        if !sink(span, event) {
                            stopped = true;
                            break Ok(0);
                        }
                    }
                    Ok(Step::NeedMore { hint }) => break Ok(hint.max(1)),
                    Ok(Step::End) => {
                        *ended = true;
                        break Ok(0);
                    }
                    Err(error) => break Err(error),
                }
            };
            cover(at, false);
            Ok(Consumed { bytes: at, hint: outcome? })
        })
    }

    /// Goes on at `offset`, where an item begins, with keys that belong to `db`. Bytes before it that the checksum does not cover
    /// yet, from [`Self::hashed_up_to`] on, are for [`Self::cover`].
    pub fn move_to(&mut self, offset: u64, db: u64) {
        self.parser.move_to(offset, db);
        self.tail = Tail::default();
        self.ended = false;
        self.crc_done = false;
    }

    /// From here on, what this writer cannot have written is an error.
    pub fn hold_to(&mut self, vocabulary: Arc<Vocabulary>) {
        self.parser.hold_to(vocabulary);
    }

    /// Adds bytes that nobody parses to the checksum; the first of them stands at `offset`, and none is left out before it.
    pub fn cover(&mut self, offset: u64, bytes: &[u8]) {
        let from = usize::try_from(self.hashed_up_to.saturating_sub(offset)).unwrap_or(usize::MAX);
        let fresh = bytes.get(from..).unwrap_or_default();
        self.crc.update(fresh);
        self.hashed_up_to += fresh.len() as u64;
    }

    /// Everything before this offset is covered by [`Self::checksum`].
    pub fn hashed_up_to(&self) -> u64 {
        self.hashed_up_to
    }

    /// The state machine inside: a start for a [`crate::Search`].
    pub fn parser(&self) -> &Parser {
        &self.parser
    }

    /// Has the snapshot come to its end?
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// Offset in the file of the next byte the parser wants: the end of the last whole piece.
    pub fn offset(&self) -> u64 {
        self.parser.offset()
    }

    /// The checksum of the bytes read; final after [`Event::Eof`].
    pub fn checksum(&self) -> u64 {
        self.crc.value()
    }

    /// Bytes held between windows at the moment.
    pub fn held_bytes(&self) -> usize {
        self.tail.len()
    }
}
