//! One pass over the commands of one file: both programs side by side, and a search behind the first damage.

use alloc::vec::Vec;

use snaptape_wire::{Consumed, Limits, Release, Tail};

use crate::{
    canonical::{self, Not},
    check::{Check, CheckFacts, CheckStop},
    command::{Argument, Block, Command, CommandSink},
    commands::find,
    damage::{Damage, DamageKind, Describe},
    line::Dialect,
    loader::{Loader, LoaderFacts, Read},
    reader::Reader,
    salvage::{Behind, Good, Ledger, Machine, Present, Salvage},
};

/// An argument up to this length is looked at as a whole; longer ones are stepped over.
const INLINE_BYTES: u64 = 64 << 10;

/// A command up to this length waits until all of it is there; longer ones are read piece by piece.
const WHOLE_BYTES: u64 = 1 << 20;

/// What a scan found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TapeFacts {
    /// Where the commands begin: 0, or behind the snapshot part.
    pub start: u64,
    /// Where the bytes that were fed end.
    pub end: u64,
    /// What the check tool makes of it.
    pub check: CheckFacts,
    /// What the server's loader makes of it.
    pub loader: LoaderFacts,
    /// What stands where the check tool stops.
    pub damage: Option<Damage>,
    /// What can be found behind it.
    pub behind: Behind,
    /// What can be kept, and what must be left out.
    pub salvage: Salvage,
    /// Does the first byte look like a command or an annotation?
    pub begins_like_a_tape: bool,
}

impl TapeFacts {
    /// Where a copy must end so that the check tool passes it and the loader takes it.
    ///
    /// That is what `--fix` leaves, except where the tool passes something the loader refuses: a command without arguments, or, right
    /// before the damage, one that lost a word or its name to it.
    pub fn cut_at(&self) -> u64 {
        self.cut().0
    }

    /// Commands up to [`Self::cut_at`].
    pub fn commands_kept(&self) -> u64 {
        self.cut().1
    }

    fn cut(&self) -> (u64, u64) {
        let (mut at, mut commands) = if self.loader_stops_first() {
            (self.loader.whole_up_to, self.loader.commands)
        } else {
            (self.check.ok_up_to, self.check.commands)
        };
        if at == self.end {
            return (at, commands);
        }
        let before_it =
            |at: u64| self.loader.refused.iter().rev().find(|refusal| refusal.end == at && !refusal.in_multi);
        while let Some(refusal) = before_it(at) {
            at = refusal.offset;
            commands = commands.saturating_sub(1);
        }
        (at, commands)
    }

    fn loader_stops_first(&self) -> bool {
        self.loader.whole_up_to < self.check.ok_up_to
    }

    /// Is there nothing wrong with it, for either program?
    pub fn is_sound(&self) -> bool {
        self.check.stop.is_none() && self.cut_at() == self.end
    }
}

/// Scans the commands of one file.
#[derive(Debug, Clone)]
pub struct TapeScan {
    tail: Tail,
    machines: Machines,
}

impl TapeScan {
    /// A scan that begins at `start_offset` (0, or the end of the snapshot part) of a file of `file_bytes`, as the programs of
    /// `release` would read it.
    pub fn new(start_offset: u64, file_bytes: u64, release: Release, limits: Limits) -> Self {
        let limits = Limits { max_inline_bytes: limits.max_inline_bytes.min(INLINE_BYTES), ..limits };
        let reader = |dialect| Reader::new(start_offset, dialect, limits).with_file_bytes(file_bytes);
        Self {
            tail: Tail::default(),
            machines: Machines {
                base: start_offset,
                fed: start_offset,
                start: start_offset,
                file_bytes,
                release,
                first: None,
                check: Check::new(reader(Dialect::check_tool(release))),
                loader: Loader::new(reader(Dialect::loader(release)), release),
                describe: None,
                salvage: Machine::new(start_offset, file_bytes, release),
            },
        }
    }

    /// The release is a guess: a command that some other release knows is none the loader stops at.
    #[must_use]
    pub fn with_guessed_release(mut self) -> Self {
        self.machines.loader.guessed = true;
        self
    }

    /// What the files before this one have made. Without it nothing is taken to be there when the file begins.
    #[must_use]
    pub fn with_present(mut self, present: Present) -> Self {
        self.machines.salvage.set_present(present);
        self
    }

    /// Takes the next bytes of the file.
    pub fn feed<S: CommandSink>(&mut self, bytes: &[u8], sink: &mut S) {
        self.give(bytes, false, sink);
    }

    /// Bytes held at the moment.
    pub fn held_bytes(&self) -> usize {
        self.tail.len()
    }

    /// The file ends here.
    pub fn finish<S: CommandSink>(self, sink: &mut S) -> TapeFacts {
        self.finish_with_present(sink).0
    }

    /// The file ends here, and another one is loaded behind it: [`Self::with_present`] takes what this one has made.
    pub fn finish_with_present<S: CommandSink>(mut self, sink: &mut S) -> (TapeFacts, Present) {
        self.give(&[], true, sink);
        self.machines.facts(sink)
    }

    fn give<S: CommandSink>(&mut self, bytes: &[u8], eof: bool, sink: &mut S) {
        let machines = &mut self.machines;
        machines.fed += bytes.len() as u64;
        if machines.first.is_none() {
            machines.first = bytes.first().copied();
        }
        let fed: Result<(), core::convert::Infallible> = self.tail.feed(bytes, eof, |window, eof| {
            let hint = machines.run(window, eof, sink);
            let keep =
                usize::try_from(machines.keep_from().saturating_sub(machines.base)).unwrap_or(usize::MAX);
            let bytes = keep.min(window.len());
            machines.base += bytes as u64;
            Ok(Consumed { bytes, hint: hint.max(1) })
        });
        match fed {
            Ok(()) => {}
        }
    }
}

#[derive(Debug, Clone)]
struct Machines {
    /// Offset of the first byte of the window.
    base: u64,
    /// Offset of the first byte that was not fed yet.
    fed: u64,
    start: u64,
    file_bytes: u64,
    release: Release,
    first: Option<u8>,
    check: Check,
    loader: Loader,
    describe: Option<Describe>,
    salvage: Machine<Ledger>,
}

impl Machines {
    fn keep_from(&self) -> u64 {
        let mut keep = u64::MAX;
        if !self.check.done {
            keep = self.check.keep_from;
        }
        if self.loader.stop.is_none() {
            keep = keep.min(self.loader.reader.offset());
        }
        keep = keep.min(self.salvage.keep_from());
        if let Some(describe) = &self.describe {
            keep = keep.min(describe.keep_from());
        }
        keep
    }

    /// Lets all of them read as far as they can. Returns a hint.
    fn run<S: CommandSink>(&mut self, window: &[u8], eof: bool, sink: &mut S) -> u64 {
        let base = self.base;
        let from = |at: u64| {
            let skip = usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
            window.get(skip..).unwrap_or_default()
        };
        let mut hint = u64::MAX;
        let (mut check_waits, mut loader_waits) = (false, false);
        loop {
            self.salvage_up_to_check(window, eof);
            if self.together()
                && let Some(more) = self.canonical(from(self.check.reader.offset()), eof, sink)
            {
                hint = hint.min(more);
                break;
            }
            let check_runs = !self.check.done && !check_waits;
            let loader_runs = self.loader.stop.is_none() && !loader_waits;
            // The one that is behind goes first, so that they meet again between two items.
            if check_runs && (!loader_runs || self.check.reader.offset() <= self.loader.reader.offset()) {
                let at = self.check.reader.offset();
                if let Some(more) = self.check.item(from(at), eof, sink) {
                    check_waits = true;
                    hint = hint.min(more);
                }
                if let Some(stop) = &self.check.stop {
                    let back = search_from(&self.check, stop);
                    self.describe = Some(Describe::new(stop, self.start, back, window, base));
                    self.salvage.damage_at(back);
                }
            } else if loader_runs {
                let at = self.loader.reader.offset();
                if let Some(more) = self.loader.item(from(at), eof, self.check.done, sink) {
                    loader_waits = true;
                    hint = hint.min(more);
                }
            } else {
                break;
            }
        }
        if let Some(describe) = &mut self.describe {
            describe.run(window, base, eof);
        }
        let limit = if self.check.done { u64::MAX } else { self.check.reader.offset() };
        if let Some(more) = self.salvage.run(window, base, eof, limit) {
            hint = hint.min(more);
        }
        if hint == u64::MAX { 1 } else { hint }
    }

    /// The salvage goes where the check tool stands, but not further: commands that both take are read once.
    fn salvage_up_to_check(&mut self, window: &[u8], eof: bool) {
        let at = self.check.reader.offset();
        if !self.check.done && !self.salvage.stands_at(at) {
            self.salvage.run(window, self.base, eof, at);
        }
    }

    /// Do both stand before the same item, in the same state?
    fn together(&self) -> bool {
        !self.check.done
            && self.loader.stop.is_none()
            && self.check.reader.at_item()
            && self.loader.reader.at_item()
            && self.check.reader.offset() == self.loader.reader.offset()
            && self.check.in_multi == self.loader.in_multi
    }

    /// Both at once, as long as commands are in the form that both read alike.
    ///
    /// Returns a hint where the next one is such a command as far as it can be seen.
    #[inline]
    fn canonical<S: CommandSink>(&mut self, bytes: &[u8], eof: bool, sink: &mut S) -> Option<u64> {
        let start = self.check.reader.offset();
        let mut at = 0;
        let mut missing = None;
        // Of one command at a time: within the length of one.
        let mut words = Vec::new();
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            words.clear();
            let (len, argc) = match canonical::read(rest, WHOLE_BYTES, |word| words.push(word)) {
                Ok(whole) => whole,
                // Worth waiting for: a command is handed out whole however the windows are cut.
                Err(Not::Complete { missing: more })
                    if !eof
                        && !rest.is_empty()
                        && start + (at + rest.len()) as u64 + more <= self.file_bytes =>
                {
                    missing = Some(more);
                    break;
                }
                Err(_) => break,
            };
            let name = words.first().copied().unwrap_or_default();
            let block = Block::of(name.bytes);
            if !self.check.allows(block) {
                break;
            }
            let spec = find(name.bytes).filter(|_| name.is_whole());
            let fits = spec.is_some_and(|spec| spec.takes_plainly(argc, self.release));
            if self.salvage.stands_at(start + at as u64) {
                let next = rest.get(len).copied();
                self.salvage.take(&Good { len, argc, words: &words, next, kind: block, spec, fits });
            }
            let span = start + at as u64..start + (at + len) as u64;
            at += len;
            let second = words.get(1).map(|second: &Argument<'_>| second.bytes);
            let read = Read { span: span.clone(), argc, name: name.bytes, spec, second };
            self.loader.command(block, &read, fits);
            let raw = rest.get(..len).unwrap_or_default();
            let command = Command { span, argc, in_multi: false, spec, raw, words: &words };
            self.check.command(block, command, sink);
        }
        self.check.reader.jump(start + at as u64);
        self.loader.reader.jump(start + at as u64);
        missing
    }

    fn facts<S: CommandSink>(self, sink: &mut S) -> (TapeFacts, Present) {
        if self.check.in_multi {
            sink.rollback();
        }
        let (salvage, behind, present) = self.salvage.finish();
        let mut damage = self.describe.as_ref().map(Describe::damage);
        if let Some(damage) = &mut damage
            && matches!(damage.kind, DamageKind::Truncated)
        {
            damage.end = self.fed;
        }
        let facts = TapeFacts {
            start: self.start,
            end: self.fed,
            check: self.check.facts(),
            loader: self.loader.facts(),
            damage,
            behind,
            salvage,
            begins_like_a_tape: matches!(self.first, Some(b'*' | b'#')),
        };
        (facts, present)
    }
}

/// Where good commands may begin again: inside the argument whose length may be wrong, else where the reader stands.
fn search_from(check: &Check, stop: &CheckStop) -> u64 {
    match stop {
        CheckStop::NestedMulti(error) | CheckStop::StrayExec(error) | CheckStop::OpenMulti(error) => {
            error.offset()
        }
        CheckStop::Framing(_) => check.reader.payload().max(check.reader.offset()),
    }
}
