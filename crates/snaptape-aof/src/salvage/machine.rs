//! Reads a tape command after command, over whatever damage there is.

use alloc::{boxed::Box, vec::Vec};
use core::cell::Cell;

use snaptape_wire::{Limits, Release};

use super::{
    LOOK_BYTES, LOOK_BYTES_WHEN_LATE,
    book::{Book, How},
    frame::{self, Framed},
    known::is_command,
    ledger::Ledger,
    look::Look,
    mend::{empty_command, is_torn, mend, swallows},
    present::Present,
    search::{self, Found, Hole},
    stretch::{Behind, DropReason, Salvage},
};
use crate::{
    canonical::{self, Not},
    command::{Argument, Block, Held, KEPT_ARGUMENTS, KEPT_BYTES},
    commands::CommandSpec,
    line::Dialect,
    reader::{Event, Reader, Step},
};

/// Longest stretch of white space between two commands that is taken for no loss.
const MAX_BLANK: usize = 4096;

#[derive(Debug, Clone)]
enum State<B> {
    /// Between two items.
    Items,
    /// In a hole.
    Hole(Hole),
    /// In a command too long to be looked at as a whole.
    Long(Box<Long<B>>),
}

#[derive(Debug, Clone)]
struct Long<B> {
    reader: Reader,
    argc: u64,
    /// Its first arguments.
    kept: Vec<Held>,
    /// What to go on with if its length was wrong: it reads the same bytes as if they were no argument.
    otherwise: Option<Machine<B>>,
}

/// The machine, fed by the scan.
#[derive(Debug, Clone)]
pub(crate) struct Machine<B> {
    /// Offset of the next byte it wants.
    at: u64,
    start: u64,
    file_bytes: u64,
    release: Release,
    state: State<B>,
    ledger: B,
    work: u64,
    /// May it try two readings of a long command?
    may_fork: bool,
}

/// A command whose framing is good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Good<'a> {
    /// Its length.
    pub(crate) len: usize,
    pub(crate) argc: u64,
    /// All of them.
    pub(crate) words: &'a [Argument<'a>],
    /// The byte behind it, where it is known.
    pub(crate) next: Option<u8>,
    pub(crate) kind: Block,
    pub(crate) spec: Option<&'static CommandSpec>,
    /// Is it certain that the release takes it, with so many words?
    pub(crate) fits: bool,
}

/// Went on, or needs so many more bytes.
type Progress = Option<u64>;

impl Machine<Ledger> {
    pub(crate) fn new(start: u64, file_bytes: u64, release: Release) -> Self {
        Self::with_book(Ledger::new(start, release), start, file_bytes, release)
    }

    /// What the files before this one have made.
    pub(crate) fn set_present(&mut self, present: Present) {
        self.ledger.set_present(present);
    }

    /// Takes a good command that begins where it stands, unless it may be the one that is damaged: where it is not known what
    /// follows it, or that is no item.
    #[inline]
    pub(crate) fn take(&mut self, good: &Good<'_>) {
        let end = self.at + good.len as u64;
        if matches!(good.next, Some(b'*' | b'#')) || end == self.file_bytes {
            match good.spec {
                Some(spec) if good.fits => self.ledger.good(self.at..end, spec, good.words, good.kind),
                _ => self.ledger.command(self.at..end, good.argc, good.words, &[], How::Plain),
            }
            self.at = end;
        }
    }

    /// The file ends; everything was given to [`Self::run`].
    pub(crate) fn finish(self) -> (Salvage, Behind, Present) {
        let (ledger, end) = self.end();
        ledger.finish(end)
    }
}

impl<B: Book> Machine<B> {
    pub(crate) fn with_book(book: B, start: u64, file_bytes: u64, release: Release) -> Self {
        Self {
            at: start,
            start,
            file_bytes,
            release,
            state: State::Items,
            ledger: book,
            work: 0,
            may_fork: true,
        }
    }

    /// Takes long commands for what their lengths say, and does not try another reading beside.
    pub(super) fn without_forks(mut self) -> Self {
        self.may_fork = false;
        self
    }

    pub(super) fn book_mut(&mut self) -> &mut B {
        &mut self.ledger
    }

    /// Nothing before this offset need be held for it.
    pub(crate) fn keep_from(&self) -> u64 {
        match &self.state {
            State::Long(long) => {
                let other = long.otherwise.as_ref().map_or(u64::MAX, Self::keep_from);
                long.reader.offset().min(other)
            }
            _ => self.at,
        }
    }

    /// Does it stand between two items, at this offset?
    #[inline]
    pub(crate) fn stands_at(&self, offset: u64) -> bool {
        self.at == offset && matches!(self.state, State::Items)
    }

    /// Reads on, but begins no item at `limit` or behind it. `window` begins at offset `base`. Returns a hint when it needs more.
    pub(crate) fn run(&mut self, window: &[u8], base: u64, eof: bool, limit: u64) -> Option<u64> {
        loop {
            if matches!(self.state, State::Items) && self.at >= limit {
                return None;
            }
            let at = if let State::Long(long) = &self.state { long.reader.offset() } else { self.at };
            let skip = usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
            let rest = window.get(skip..).unwrap_or_default();
            if rest.is_empty() && !(eof && matches!(self.state, State::Long(_))) {
                return Some(1);
            }
            let progress = match self.state {
                State::Items => self.item(rest, eof),
                State::Hole(_) => self.search(rest, eof),
                State::Long(_) => self.long(window, base, rest, eof),
            };
            if progress.is_some() {
                return progress;
            }
        }
    }

    /// How far it may look: less once too much was looked at in vain.
    fn look_bytes(&self) -> u64 {
        let budget = (1 << 20) + 16 * (self.at - self.start);
        if self.work > budget { LOOK_BYTES_WHEN_LATE } else { LOOK_BYTES }
    }

    /// What is in sight, if all of it is there.
    fn look<'a>(&self, rest: &'a [u8], eof: bool) -> Result<Look<'a>, u64> {
        let want = self.look_bytes().min(self.file_bytes.saturating_sub(self.at));
        let have = rest.len() as u64;
        if have < want && !eof {
            return Err(want - have);
        }
        let want = usize::try_from(want).unwrap_or(usize::MAX);
        // A file that is longer than was said ends where it was said to.
        let bytes = rest.get(..want).unwrap_or(rest);
        let last = self.at + bytes.len() as u64 >= self.file_bytes || (eof && bytes.len() == rest.len());
        Ok(Look { bytes, last, release: self.release, work: Cell::new(0) })
    }

    fn item(&mut self, rest: &[u8], eof: bool) -> Progress {
        let ends = |len: usize| len == rest.len() && (eof || self.at + len as u64 >= self.file_bytes);
        let begins = |len: usize| matches!(rest.get(len), Some(b'*' | b'#'));
        if rest.first() == Some(&b'#') {
            let line = frame::annotation(rest, eof || self.at + rest.len() as u64 >= self.file_bytes);
            let Some(len) = line.filter(|&len| len < rest.len() || ends(len)) else { return Some(1) };
            // What follows a line that is no time may be what it was made of: a `*` that became a `#`.
            if rest.starts_with(b"#TS:") || begins(len) || ends(len) {
                let line = rest.get(..len).unwrap_or_default();
                self.ledger.annotation(self.at..self.at + len as u64, line);
                self.at += len as u64;
                return None;
            }
        } else {
            match canonical::command(rest, LOOK_BYTES) {
                Ok(whole) if begins(whole.bytes) || ends(whole.bytes) => {
                    let end = self.at + whole.bytes as u64;
                    let raw = rest.get(..whole.bytes).unwrap_or_default();
                    self.ledger.command(self.at..end, whole.argc, &whole.kept, raw, How::Plain);
                    self.at = end;
                    return None;
                }
                Ok(whole) if whole.bytes == rest.len() => return Some(1),
                Err(Not::Complete { missing })
                    if !eof && self.at + rest.len() as u64 + missing <= self.file_bytes =>
                {
                    return Some(missing);
                }
                Err(Not::Short) => return self.begin_long(rest, eof),
                _ => {}
            }
        }
        self.damaged(rest, eof)
    }

    /// What stands here is not good, or what follows it is not.
    fn damaged(&mut self, rest: &[u8], eof: bool) -> Progress {
        let look = match self.look(rest, eof) {
            Ok(look) => look,
            Err(missing) => return Some(missing),
        };
        self.diagnose(&look);
        self.work += look.work.get();
        None
    }

    fn diagnose(&mut self, look: &Look<'_>) {
        // Where it is good as it stands, what follows it is not: it may be the one that is damaged.
        let plain = look.plain(0);
        if plain.is_err()
            && let Some(len) = empty_command(look)
        {
            return self.pass(look, len, DropReason::EmptyCommand);
        }
        let mark = [&b"\xef\xbb\xbf"[..], b"\xfe\xff", b"\xff\xfe"];
        if let Some(mark) = mark.into_iter().find(|mark| look.bytes.starts_with(mark))
            && self.at == self.start
            && look.stands(mark.len(), 2)
        {
            return self.pass(look, mark.len(), DropReason::ByteOrderMark);
        }
        let blank = look.bytes.iter().take(MAX_BLANK).take_while(|byte| byte.is_ascii_whitespace()).count();
        if blank > 0 && look.stands(blank, 2) {
            return self.pass(look, blank, DropReason::Blank);
        }
        if let Some(mended) = mend(look)
            && let Ok(framed) = frame::plain(&mended.bytes)
        {
            return self.accept(mended.len, &framed, How::Mended(&mended.patch));
        }
        if let Some(odd) = plain.is_err().then(|| look.odd(0)).flatten()
            && is_command(&odd.kept, odd.argc, self.release)
            && look.stands(odd.len, 1)
            && let Some(from) = odd.ends
        {
            let how = How::Reframed { from, new_bytes: odd.new_len };
            return self.accept(odd.len, &odd, how);
        }
        if let Ok(framed) = plain
            && !swallows(look.bytes.get(..framed.len).unwrap_or_default())
        {
            return self.accept(framed.len, &framed, How::Plain);
        }
        self.open_hole(look);
    }

    fn accept(&mut self, len: usize, framed: &Framed<'_>, how: How<'_>) {
        let end = self.at + len as u64;
        self.ledger.command(self.at..end, framed.argc, &framed.kept, framed.raw, how);
        self.at = end;
    }

    /// Leaves out what is no loss.
    fn pass(&mut self, look: &Look<'_>, len: usize, why: DropReason) {
        let end = self.at + look.bytes.get(..len).map_or(0, <[u8]>::len) as u64;
        self.ledger.hole(self.at..end, why, false);
        self.at = end;
    }

    fn open_hole(&mut self, look: &Look<'_>) {
        let mut hole = Hole::new(self.at, is_torn(look));
        hole.take(look.bytes.get(..1).unwrap_or_default());
        if let Some(front) = front(look.bytes) {
            self.ledger.damaged(&front);
        }
        self.at += 1;
        self.state = State::Hole(hole);
    }

    fn search(&mut self, rest: &[u8], eof: bool) -> Progress {
        let is_mark = |byte: &u8| matches!(byte, b'*' | b'$' | b'#');
        let before = rest.iter().position(is_mark).unwrap_or(rest.len());
        let (passed, rest) = rest.split_at(before);
        self.step_over(passed);
        if rest.is_empty() {
            return None;
        }
        if rest.len() == 1 && !eof {
            return Some(1);
        }
        if !search::worth_a_look(rest) {
            self.step_over(rest.get(..1).unwrap_or_default());
            return None;
        }
        let look = match self.look(rest, eof) {
            Ok(look) => look,
            Err(missing) => return Some(missing),
        };
        let torn = matches!(&self.state, State::Hole(hole) if hole.torn);
        let found = search::at(&look, torn);
        self.work += look.work.get();
        match found {
            Found::Commands => self.close_hole(),
            Found::Nothing(bytes) => self.step_over(look.bytes.get(..bytes).unwrap_or(look.bytes)),
        }
        None
    }

    fn step_over(&mut self, bytes: &[u8]) {
        if let State::Hole(hole) = &mut self.state {
            hole.take(bytes);
        }
        self.at += bytes.len() as u64;
    }

    fn close_hole(&mut self) {
        if let State::Hole(hole) = core::mem::replace(&mut self.state, State::Items) {
            let why = hole.why(self.at >= self.file_bytes);
            let hurts = why != DropReason::Blank;
            self.ledger.hole(hole.start..self.at, why, hurts);
        }
    }

    /// A command longer than can be looked at. It is read by its lengths, and, in case one of them is wrong, in the other way, too.
    fn begin_long(&mut self, rest: &[u8], eof: bool) -> Progress {
        let look = match self.look(rest, eof) {
            Ok(look) => look,
            Err(missing) => return Some(missing),
        };
        if !self.may_fork && !look.begins(0) {
            self.diagnose(&look);
            self.work += look.work.get();
            return None;
        }
        let otherwise = self.may_fork.then(|| {
            let mut otherwise = self.clone();
            otherwise.may_fork = false;
            otherwise.diagnose(&look);
            otherwise
        });
        self.work += look.work.get();
        let limits = Limits { max_inline_bytes: KEPT_BYTES as u64, ..Limits::default() };
        let reader = Reader::new(self.at, Dialect::CheckTool, limits).with_file_bytes(self.file_bytes);
        self.state = State::Long(Box::new(Long { reader, argc: 0, kept: Vec::new(), otherwise }));
        None
    }

    fn long(&mut self, window: &[u8], base: u64, rest: &[u8], eof: bool) -> Progress {
        let State::Long(long) = &mut self.state else { return None };
        let step = long.reader.step(rest, eof);
        // The other reading never lags behind: it sees the same windows.
        let other = long.otherwise.as_mut().and_then(|other| match &step {
            Ok(Step::Event { event: Event::End { .. }, .. }) => None,
            _ => other.run(window, base, eof, u64::MAX),
        });
        match step {
            Ok(Step::NeedMore { hint }) => Some(other.map_or(hint, |other| hint.min(other))),
            Ok(Step::Event { event, span, .. }) => {
                match event {
                    Event::Begin { argc } => long.argc = argc,
                    Event::Argument { len_bytes, bytes, .. } if long.kept.len() < KEPT_ARGUMENTS => {
                        long.kept.push((len_bytes, bytes.get(..KEPT_BYTES).unwrap_or(bytes).to_vec()));
                    }
                    Event::End { .. } => self.end_long(span.end),
                    _ => {}
                }
                None
            }
            Ok(Step::End) => Some(1),
            Err(_) => {
                let reached = long.reader.offset().max(self.at + 1);
                if let Some(other) = long.otherwise.take() {
                    *self = Self { may_fork: true, ..other };
                } else {
                    // What it held was not looked at, and is gone.
                    self.ledger.damaged(&arguments(&long.kept));
                    let mut hole = Hole::new(self.at, false);
                    hole.pass(reached - self.at);
                    self.state = State::Hole(hole);
                    self.at = reached;
                }
                None
            }
        }
    }

    fn end_long(&mut self, end: u64) {
        if let State::Long(mut long) = core::mem::replace(&mut self.state, State::Items) {
            // The second reading ends here, and shares nothing any more.
            long.otherwise = None;
            self.ledger.command(self.at..end, long.argc, &arguments(&long.kept), &[], How::Plain);
            self.at = end;
        }
    }

    /// The first damage was found: from this offset on commands count as those behind it.
    pub(crate) fn damage_at(&mut self, from: u64) {
        self.ledger.count_behind(from);
        if let State::Long(long) = &mut self.state
            && let Some(other) = &mut long.otherwise
        {
            other.ledger.count_behind(from);
        }
    }

    /// The file ends: its book, and where it ends.
    pub(super) fn end(mut self) -> (B, u64) {
        if let State::Long(long) = &mut self.state
            && let Some(other) = long.otherwise.take()
        {
            return other.end();
        }
        self.close_hole();
        (self.ledger, self.at)
    }
}

/// What was held of the first arguments.
fn arguments(held: &[Held]) -> [Argument<'_>; KEPT_ARGUMENTS] {
    let mut kept = [Argument::default(); KEPT_ARGUMENTS];
    for (to, (len_bytes, bytes)) in kept.iter_mut().zip(held) {
        *to = Argument { len_bytes: *len_bytes, bytes };
    }
    kept
}

/// The name and first arguments of a damaged command, as far as they can be read.
fn front(bytes: &[u8]) -> Option<[Argument<'_>; KEPT_ARGUMENTS]> {
    let line = |bytes: &[u8], mark: u8| {
        let digits = bytes.strip_prefix(&[mark])?;
        let count = digits.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
        let value = digits.get(..count)?.iter().fold(0_usize, |v, digit| v * 10 + usize::from(digit - b'0'));
        (count > 0 && digits.get(count..count + 2)? == b"\r\n").then_some((value, count + 3))
    };
    let (_, mut at) = line(bytes, b'*')?;
    let mut kept = [Argument::default(); KEPT_ARGUMENTS];
    for slot in &mut kept {
        let Some((len, header)) = bytes.get(at..).and_then(|rest| line(rest, b'$')) else { break };
        let start = at + header;
        let Some(text) = start.checked_add(len).and_then(|end| bytes.get(start..end)) else { break };
        *slot = Argument { len_bytes: len as u64, bytes: text.get(..KEPT_BYTES).unwrap_or(text) };
        at = start + len + 2;
    }
    let name = kept.first()?.bytes;
    crate::commands::find(name).is_some().then_some(kept)
}
