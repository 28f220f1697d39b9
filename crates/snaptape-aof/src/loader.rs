//! The server's loader over one file: where it stops, how, and where it would cut.

use alloc::vec::Vec;
use core::ops::Range;
use snaptape_sort::Sort as _;

use snaptape_wire::{Error, ErrorKind, Product, Release};

use crate::{
    command::{Block, Command, CommandSink},
    commands::{CommandSpec, Refusal, RefusalKind, refusal},
    draft::Draft,
    reader::{Event, Reader, Step},
};

/// How the loader ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoaderStop {
    /// At the end of the file, with nothing open.
    CleanEof,
    /// At the end of the file, inside a MULTI: it calls this a short read too.
    OpenMulti,
    /// The file ends inside a command.
    ShortRead {
        /// Was a MULTI open?
        in_multi: bool,
    },
    /// "Bad file format": it exits, whatever `aof-load-truncated` says.
    Format(Error),
    /// It dies: a length it does not check.
    Abort(Error),
}

/// What the loader makes of a file.
///
/// All but what is refused is about framing alone: it is told as if the loader got past every command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoaderFacts {
    /// How it ends.
    pub stop: LoaderStop,
    /// The commands it does not get past, although their framing is good, in their order; at most [`LoaderFacts::MAX_REFUSED`]. It
    /// stops at the first, before `stop`; the others are those it would stop at next.
    pub refused: Vec<Refusal>,
    /// How many there are in all.
    pub refused_total: u64,
    /// Where it cuts the file if it may and must. After a snapshot part this is 0 until a first command was loaded: the server
    /// then throws the whole file away. Source: `valid_up_to` in loadSingleAppendOnlyFile, which the snapshot does not
    /// move; seen with 7.0.15.
    pub cut_at: u64,
    /// The end of the last item that stands outside a MULTI block.
    pub whole_up_to: u64,
    /// Commands up to there.
    pub commands: u64,
}

impl LoaderFacts {
    /// How many refused commands are listed.
    pub const MAX_REFUSED: usize = 20;

    /// The command it stops at, if it gets there.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refused.first()
    }
}

/// A whole command as the loader read it.
#[derive(Debug, Clone)]
pub(crate) struct Read<'a> {
    pub(crate) span: Range<u64>,
    pub(crate) argc: u64,
    pub(crate) name: &'a [u8],
    pub(crate) spec: Option<&'static CommandSpec>,
    /// The word behind the name.
    pub(crate) second: Option<&'a [u8]>,
}

/// The loader, fed by the scan.
#[derive(Debug, Clone)]
pub(crate) struct Loader {
    pub(crate) reader: Reader,
    pub(crate) in_multi: bool,
    pub(crate) stop: Option<LoaderStop>,
    release: Release,
    /// Is the release a guess? Then a command that any release knows is known.
    pub(crate) guessed: bool,
    valid_up_to: u64,
    before_multi: u64,
    whole_up_to: u64,
    commands: u64,
    block_commands: u64,
    refused: Vec<Refusal>,
    refused_total: u64,
    /// Commands of the open block that are refused once they run: at the EXEC.
    queued: Vec<Refusal>,
    queued_total: u64,
    /// The command at hand: the check tool may stop in the middle of it.
    draft: Draft,
}

impl Loader {
    pub(crate) fn new(reader: Reader, release: Release) -> Self {
        let start = reader.offset();
        Self {
            reader,
            in_multi: false,
            stop: None,
            release,
            guessed: false,
            valid_up_to: 0,
            before_multi: 0,
            whole_up_to: start,
            commands: 0,
            block_commands: 0,
            refused: Vec::new(),
            refused_total: 0,
            queued: Vec::new(),
            queued_total: 0,
            draft: Draft::default(),
        }
    }

    /// A whole command was read; `fits` where it is known already that the release takes it.
    #[inline]
    pub(crate) fn command(&mut self, block: Block, read: &Read<'_>, fits: bool) {
        if !fits
            && let Some(kind) = refusal(read.spec, read.second, read.argc, self.release)
            && !(self.guessed && is_known_somewhere(kind, read.spec))
        {
            self.refuse(kind, block, read);
        }
        match block {
            Block::Neither => {}
            Block::Discard => {
                if self.in_multi && self.refused.is_empty() {
                    self.refuse(RefusalKind::DiscardInBlock, block, read);
                }
            }
            Block::Multi => {
                self.before_multi = self.valid_up_to;
                self.in_multi = true;
            }
            Block::Exec => {
                self.in_multi = false;
                if self.queued_total > 0 {
                    self.run_queued();
                }
            }
        }
        self.valid_up_to = read.span.end;
        self.block_commands += 1;
        if !self.in_multi {
            self.whole_up_to = read.span.end;
            self.commands += self.block_commands;
            self.block_commands = 0;
        }
    }

    /// Names are looked up, and words counted, when a command is read; what crashes, crashes when it runs.
    #[cold]
    fn refuse(&mut self, kind: RefusalKind, block: Block, read: &Read<'_>) {
        let when_run = matches!(kind, RefusalKind::DiscardInBlock | RefusalKind::TooFewWords);
        let waits = when_run && self.in_multi && block != Block::Exec;
        let (list, total) = if waits {
            (&mut self.queued, &mut self.queued_total)
        } else {
            (&mut self.refused, &mut self.refused_total)
        };
        *total += 1;
        if list.len() < LoaderFacts::MAX_REFUSED {
            list.push(Refusal {
                kind,
                offset: read.span.start,
                end: read.span.end,
                in_multi: self.in_multi,
                argc: read.argc,
                name: read.name.to_vec(),
            });
        }
    }

    /// The open block runs.
    #[cold]
    fn run_queued(&mut self) {
        self.refused_total += core::mem::take(&mut self.queued_total);
        let room = LoaderFacts::MAX_REFUSED.saturating_sub(self.refused.len());
        self.refused.extend(self.queued.drain(..).take(room));
        self.refused.order_by_key(|refusal| refusal.offset);
    }

    /// Loads up to the end of one item. `window` begins at the reader's offset. Returns a hint when it needs more. With `alone` the check
    /// tool has stopped, and what is loaded goes to `sink`.
    pub(crate) fn item<S: CommandSink>(
        &mut self,
        mut window: &[u8],
        eof: bool,
        alone: bool,
        sink: &mut S,
    ) -> Option<u64> {
        loop {
            match self.reader.step(window, eof) {
                Err(error) => {
                    self.stop = Some(match error.kind() {
                        ErrorKind::UnexpectedEnd { .. } => LoaderStop::ShortRead { in_multi: self.in_multi },
                        ErrorKind::LimitExceeded { .. } | ErrorKind::Invalid { .. } => {
                            LoaderStop::Abort(error)
                        }
                        _ => LoaderStop::Format(error),
                    });
                    return None;
                }
                Ok(Step::NeedMore { hint }) => return Some(hint),
                Ok(Step::End) => {
                    self.stop =
                        Some(if self.in_multi { LoaderStop::OpenMulti } else { LoaderStop::CleanEof });
                    return None;
                }
                Ok(Step::Event { consumed, span, event }) => {
                    window = window.get(consumed..).unwrap_or_default();
                    match event {
                        Event::Annotation { .. } => {
                            if !self.in_multi {
                                self.whole_up_to = span.end;
                            }
                            return None;
                        }
                        Event::Begin { argc } => self.draft.begin(argc),
                        Event::Argument { bytes, len_bytes, .. } => self.draft.hold(len_bytes, bytes),
                        Event::End { start } => {
                            let draft = core::mem::take(&mut self.draft);
                            let words = draft.words();
                            let mut command = draft.command(start..span.end, &words);
                            let was_in_multi = self.in_multi;
                            self.ended(&command);
                            if alone {
                                command.in_multi = was_in_multi || self.in_multi;
                                sink.loaded(&command);
                            }
                            self.draft = draft.recycle();
                            return None;
                        }
                        Event::Rest { .. } => {}
                    }
                }
            }
        }
    }

    /// A command is complete.
    fn ended(&mut self, command: &Command<'_>) {
        let whole = command.argument(0).is_some_and(|name| name.is_whole());
        let block = if whole { Block::of(command.name()) } else { Block::Neither };
        let second = command.argument(1);
        let read = Read {
            span: command.span.clone(),
            argc: command.argc,
            name: command.name(),
            spec: command.spec,
            second: second.map(|second| second.bytes),
        };
        self.command(block, &read, false);
    }

    pub(crate) fn facts(self) -> LoaderFacts {
        let stop = self.stop.unwrap_or(LoaderStop::ShortRead { in_multi: self.in_multi });
        let reverts = match stop {
            LoaderStop::OpenMulti => true,
            // Seen with Valkey 9.1.2; neither Redis 8.2 nor its line reverts an open MULTI after a short read.
            LoaderStop::ShortRead { in_multi } => {
                in_multi && self.release.product == Product::Valkey && self.release.major >= 9
            }
            _ => false,
        };
        LoaderFacts {
            cut_at: if reverts { self.before_multi } else { self.valid_up_to },
            whole_up_to: self.whole_up_to,
            commands: self.commands,
            refused: self.refused,
            refused_total: self.refused_total,
            stop,
        }
    }
}

/// Is it only this release that does not know it?
fn is_known_somewhere(kind: RefusalKind, spec: Option<&CommandSpec>) -> bool {
    kind == RefusalKind::UnknownCommand && spec.is_some_and(|spec| spec.module().is_none())
}
