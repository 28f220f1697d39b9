//! Lists what stands behind damage, command after command.

use alloc::vec::Vec;
use core::{mem, ops::Range};

use snaptape_wire::{Consumed, Release, Tail};

use super::{
    book::{Book, How, all_words},
    machine::Machine,
    stretch::DropReason,
};
use crate::{
    command::{Argument, Command, CommandSink, HELD_BYTES, Held},
    commands::find,
};

/// Items are handed out after so many bytes, so that few are held.
const PIECE_BYTES: usize = 64 << 10;

/// Takes what stands behind damage. Whether a command stands in a block is for the sink to tell: `in_multi` is never set, and
/// neither [`CommandSink::commit`] nor [`CommandSink::rollback`] is called.
pub trait SalvageSink: CommandSink {
    /// Bytes that are no command. `hurts`: something may have been there.
    fn unreadable(&mut self, span: Range<u64>, hurts: bool);
}

/// Reads a tape on behind its damage, as [`super::Salvage`] was found: commands that can be mended come as they must have been.
///
/// ```
/// use core::ops::Range;
/// use snaptape_aof::{Command, CommandSink, SalvageSink, SalvageWalk};
/// use snaptape_wire::Release;
///
/// #[derive(Default)]
/// struct Rows(Vec<String>);
/// impl CommandSink for Rows {
///     fn command(&mut self, command: &Command<'_>) {
///         self.0.push(String::from_utf8_lossy(command.name()).into_owned());
///     }
/// }
/// impl SalvageSink for Rows {
///     fn unreadable(&mut self, span: Range<u64>, _: bool) {
///         self.0.push(format!("{} bytes", span.end - span.start));
///     }
/// }
///
/// let file = b"\0\0\0\0*2\r\n$4\r\nINCR\r\n$1\r\nn\r\n*1\r\n$8\r\nFLUSHALL\r\n";
/// let mut rows = Rows::default();
/// let mut walk = SalvageWalk::new(0, file.len() as u64, Release::redis(7, 4));
/// walk.feed(file, &mut rows);
/// walk.finish(&mut rows);
/// assert_eq!(rows.0, ["4 bytes", "INCR", "FLUSHALL"]);
/// ```
#[derive(Debug, Clone)]
pub struct SalvageWalk {
    tail: Tail,
    /// Offset of the first byte of the window.
    base: u64,
    machine: Machine<Seen>,
}

/// Items that were not handed out yet.
#[derive(Debug, Clone, Default)]
struct Seen(Vec<Item>);

#[derive(Debug, Clone)]
enum Item {
    Command { span: Range<u64>, argc: u64, words: Vec<Held> },
    Annotation { span: Range<u64>, line: Vec<u8> },
    Unreadable { span: Range<u64>, hurts: bool },
}

impl SalvageWalk {
    /// From an item or damage at `start` on, in a file of `file_bytes`.
    pub fn new(start: u64, file_bytes: u64, release: Release) -> Self {
        let machine = Machine::with_book(Seen::default(), start, file_bytes, release).without_forks();
        Self { tail: Tail::default(), base: start, machine }
    }

    /// Takes the next bytes of the file.
    pub fn feed<S: SalvageSink>(&mut self, bytes: &[u8], sink: &mut S) {
        for piece in bytes.chunks(PIECE_BYTES) {
            self.give(piece, false, sink);
        }
    }

    /// The file ends here.
    pub fn finish<S: SalvageSink>(mut self, sink: &mut S) {
        self.give(&[], true, sink);
        let (seen, _) = self.machine.end();
        seen.hand_out(sink);
    }

    fn give<S: SalvageSink>(&mut self, bytes: &[u8], eof: bool, sink: &mut S) {
        let (machine, base) = (&mut self.machine, &mut self.base);
        let fed: Result<(), core::convert::Infallible> = self.tail.feed(bytes, eof, |window, eof| {
            let hint = machine.run(window, *base, eof, u64::MAX).unwrap_or(1);
            mem::take(machine.book_mut()).hand_out(sink);
            let keep = usize::try_from(machine.keep_from().saturating_sub(*base)).unwrap_or(usize::MAX);
            let bytes = keep.min(window.len());
            *base += bytes as u64;
            Ok(Consumed { bytes, hint: hint.max(1) })
        });
        match fed {
            Ok(()) => {}
        }
    }
}

impl Seen {
    fn hand_out<S: SalvageSink>(self, sink: &mut S) {
        for item in self.0 {
            match item {
                Item::Unreadable { span, hurts } => sink.unreadable(span, hurts),
                Item::Annotation { span, line } => sink.annotation(span, &line, false),
                Item::Command { span, argc, words } => {
                    let held = words.iter();
                    let all = held.map(|(len_bytes, bytes)| Argument { len_bytes: *len_bytes, bytes });
                    let all: Vec<Argument<'_>> = all.collect();
                    let spec = all.first().filter(|name| name.is_whole()).and_then(|name| find(name.bytes));
                    sink.command(&Command { span, argc, in_multi: false, spec, raw: &[], words: &all });
                }
            }
        }
    }
}

impl Book for Seen {
    fn command(&mut self, span: Range<u64>, argc: u64, words: &[Argument<'_>], raw: &[u8], _: How<'_>) {
        let mut left = HELD_BYTES;
        let words = all_words(argc, words, raw);
        let words = words.iter().map_while(|word| {
            left = left.checked_sub(word.bytes.len() + size_of::<Held>())?;
            Some((word.len_bytes, word.bytes.to_vec()))
        });
        let words = words.collect();
        self.0.push(Item::Command { span, argc, words });
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8]) {
        self.0.push(Item::Annotation { span, line: line.to_vec() });
    }

    fn hole(&mut self, span: Range<u64>, _: DropReason, hurts: bool) {
        if span.start < span.end {
            self.0.push(Item::Unreadable { span, hurts });
        }
    }

    fn damaged(&mut self, _: &[Argument<'_>]) {}

    fn count_behind(&mut self, _: u64) {}
}
