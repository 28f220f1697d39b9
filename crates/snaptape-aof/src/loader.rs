//! The server's loader over one file: where it stops, how, and where it would cut.

use snaptape_wire::{Error, ErrorKind};

use crate::{
    command::{Block, KEPT_BYTES},
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoaderFacts {
    /// How it ends.
    pub stop: LoaderStop,
    /// Where it cuts the file if it may and must. After a snapshot part this is 0 until a first command was loaded: the server
    /// then throws the whole file away. Source: `valid_up_to` in loadSingleAppendOnlyFile, which the snapshot does not
    /// move; seen with 7.0.15.
    pub cut_at: u64,
    /// The end of the last item that stands outside a MULTI block.
    pub whole_up_to: u64,
    /// Commands up to there.
    pub commands: u64,
}

/// The loader, fed by the scan.
#[derive(Debug, Clone)]
pub(crate) struct Loader {
    pub(crate) reader: Reader,
    pub(crate) in_multi: bool,
    pub(crate) stop: Option<LoaderStop>,
    /// Valkey 9 reverts an open MULTI after a short read, too.
    reverts_on_short_read: bool,
    valid_up_to: u64,
    before_multi: u64,
    whole_up_to: u64,
    commands: u64,
    block_commands: u64,
    /// What the command at hand is.
    block: Block,
}

impl Loader {
    pub(crate) fn new(reader: Reader, reverts_on_short_read: bool) -> Self {
        let start = reader.offset();
        Self {
            reader,
            in_multi: false,
            stop: None,
            reverts_on_short_read,
            valid_up_to: 0,
            before_multi: 0,
            whole_up_to: start,
            commands: 0,
            block_commands: 0,
            block: Block::Neither,
        }
    }

    /// A whole command was loaded, which ends at `end`.
    #[inline]
    pub(crate) fn command(&mut self, block: Block, end: u64) {
        match block {
            Block::Neither => {}
            Block::Multi => {
                self.before_multi = self.valid_up_to;
                self.in_multi = true;
            }
            Block::Exec => self.in_multi = false,
        }
        self.valid_up_to = end;
        self.block_commands += 1;
        if !self.in_multi {
            self.whole_up_to = end;
            self.commands += self.block_commands;
            self.block_commands = 0;
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
                        Event::Argument { index: 0, bytes, len_bytes } => {
                            let whole = len_bytes <= KEPT_BYTES as u64;
                            self.block = if whole { Block::of(bytes) } else { Block::Neither };
                        }
                        Event::End { .. } => {
                            self.command(self.block, span.end);
                            return None;
                        }
                        Event::Begin { .. } | Event::Argument { .. } | Event::Rest { .. } => {}
                    }
                }
            }
        }
    }

    pub(crate) fn facts(self) -> LoaderFacts {
        let stop = self.stop.unwrap_or(LoaderStop::ShortRead { in_multi: self.in_multi });
        let reverts = match stop {
            LoaderStop::OpenMulti => true,
            LoaderStop::ShortRead { in_multi } => in_multi && self.reverts_on_short_read,
            _ => false,
        };
        LoaderFacts {
            cut_at: if reverts { self.before_multi } else { self.valid_up_to },
            whole_up_to: self.whole_up_to,
            commands: self.commands,
            stop,
        }
    }
}
