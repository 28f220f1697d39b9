//! The server's loader over one file: where it stops, how, and where it would cut.

use alloc::vec::Vec;
use core::ops::Range;

use snaptape_wire::{Error, ErrorKind, Product, Release};

use crate::{
    command::{Block, KEPT_BYTES},
    commands::{CommandSpec, Refusal, RefusalKind, find, refusal},
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
/// All but `refusal` is about framing alone: it is told as if the loader got past every command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoaderFacts {
    /// How it ends.
    pub stop: LoaderStop,
    /// The first command it does not get past, although its framing is good. It comes before `stop`.
    pub refusal: Option<Refusal>,
    /// Where it cuts the file if it may and must. After a snapshot part this is 0 until a first command was loaded: the server
    /// then throws the whole file away. Source: `valid_up_to` in loadSingleAppendOnlyFile, which the snapshot does not
    /// move; seen with 7.0.15.
    pub cut_at: u64,
    /// The end of the last item that stands outside a MULTI block.
    pub whole_up_to: u64,
    /// Commands up to there.
    pub commands: u64,
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
    valid_up_to: u64,
    before_multi: u64,
    whole_up_to: u64,
    commands: u64,
    block_commands: u64,
    refusal: Option<Refusal>,
    /// A command of the open block that would be refused once it runs: at the EXEC.
    queued: Option<Refusal>,
    /// Words of the command at hand.
    argc: u64,
    /// Its name, and the word behind it, as far as they are kept.
    name: Vec<u8>,
    second: Vec<u8>,
    /// Is that all of the name?
    name_is_whole: bool,
}

impl Loader {
    pub(crate) fn new(reader: Reader, release: Release) -> Self {
        let start = reader.offset();
        Self {
            reader,
            in_multi: false,
            stop: None,
            release,
            valid_up_to: 0,
            before_multi: 0,
            whole_up_to: start,
            commands: 0,
            block_commands: 0,
            refusal: None,
            queued: None,
            argc: 0,
            name: Vec::new(),
            second: Vec::new(),
            name_is_whole: true,
        }
    }

    /// A whole command was read.
    #[inline]
    pub(crate) fn command(&mut self, block: Block, read: &Read<'_>) {
        if self.refusal.is_none()
            && let Some(kind) = refusal(read.spec, read.second, read.argc, self.release)
        {
            self.refuse(kind, block, read);
        }
        match block {
            Block::Neither => {}
            Block::Multi => {
                self.before_multi = self.valid_up_to;
                self.in_multi = true;
            }
            Block::Exec => {
                self.in_multi = false;
                self.refusal = self.refusal.take().or(self.queued.take());
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
        let refusal = Refusal { kind, offset: read.span.start, argc: read.argc, name: read.name.to_vec() };
        if kind == RefusalKind::TooFewWords && self.in_multi && block != Block::Exec {
            self.queued.get_or_insert(refusal);
        } else {
            self.refusal = Some(refusal);
        }
    }

    /// Loads up to the end of one item. `window` begins at the reader's offset. Returns a hint when it needs more.
    pub(crate) fn item(&mut self, mut window: &[u8], eof: bool) -> Option<u64> {
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
                        Event::Begin { argc } => self.argc = argc,
                        Event::Argument { index: 0, bytes, len_bytes } => {
                            self.name_is_whole = len_bytes <= KEPT_BYTES as u64;
                            keep(&mut self.name, bytes);
                        }
                        Event::Argument { index: 1, bytes, .. } => keep(&mut self.second, bytes),
                        Event::End { start } => {
                            self.ended(start..span.end);
                            return None;
                        }
                        Event::Argument { .. } | Event::Rest { .. } => {}
                    }
                }
            }
        }
    }

    /// The command whose words were kept is complete.
    fn ended(&mut self, span: Range<u64>) {
        let (name, second) = (core::mem::take(&mut self.name), core::mem::take(&mut self.second));
        let whole = self.name_is_whole;
        let block = if whole { Block::of(&name) } else { Block::Neither };
        let read = Read {
            span,
            argc: self.argc,
            name: &name,
            spec: find(&name).filter(|_| whole),
            second: (self.argc > 1).then_some(&second),
        };
        self.command(block, &read);
        (self.name, self.second) = (name, second);
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
            refusal: self.refusal,
            stop,
        }
    }
}

fn keep(to: &mut Vec<u8>, bytes: &[u8]) {
    to.clear();
    to.extend_from_slice(bytes.get(..KEPT_BYTES).unwrap_or(bytes));
}
