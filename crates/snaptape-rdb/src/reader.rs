//! The loop around [`Parser`]: takes windows, keeps what belongs to the item across their border, computes the checksum.

use core::ops::Range;

use snaptape_wire::{Consumed, Crc64, Error, Limits, Tail};

use crate::{Event, Parser, Step};

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
    crc_done: bool,
    ended: bool,
}

impl Reader {
    /// A reader at the start of a snapshot.
    pub fn new(limits: Limits) -> Self {
        Self {
            parser: Parser::new(limits),
            tail: Tail::default(),
            crc: Crc64::new(),
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
        if self.ended {
            return Ok(());
        }
        let Self { parser, tail, crc, crc_done, ended } = self;
        tail.feed(window, eof, |bytes, eof| {
            let mut at = 0;
            let mut hashed = 0;
            let hint = loop {
                let rest = bytes.get(at..).unwrap_or_default();
                match parser.step(rest, eof)? {
                    Step::Event { consumed, span, event } => {
                        at += consumed;
                        let last = matches!(event, Event::Eof);
                        sink(span, event);
                        if last {
                            // The checksum covers everything up to and with the end opcode.
                            crc.update(bytes.get(hashed..at).unwrap_or_default());
                            *crc_done = true;
                        }
                        if *crc_done {
                            hashed = at;
                        }
                    }
                    Step::NeedMore { hint } => break hint.max(1),
                    Step::End => {
                        *ended = true;
                        break 0;
                    }
                }
            };
            if !*crc_done {
                crc.update(bytes.get(hashed..at).unwrap_or_default());
            }
            Ok(Consumed { bytes: at, hint })
        })
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
