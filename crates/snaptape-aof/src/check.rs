//! The check tool over one file: how far it says ok, and why not further.

use alloc::format;
use core::ops::Range;

use snaptape_wire::{Error, ErrorKind, Offset};

use crate::{
    command::{Block, Command, CommandSink},
    draft::Draft,
    reader::{Event, Reader, Step},
};

/// Why the check tool calls a file not valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckStop {
    /// The framing is wrong, or the file ends inside a command.
    Framing(Error),
    /// A MULTI inside a MULTI; the error's offset is that of the second.
    NestedMulti(Error),
    /// An EXEC without a MULTI.
    StrayExec(Error),
    /// The file ends, cleanly, inside a MULTI.
    OpenMulti(Error),
}

impl CheckStop {
    /// The error, whichever it is.
    pub fn error(&self) -> &Error {
        match self {
            Self::Framing(error)
            | Self::NestedMulti(error)
            | Self::StrayExec(error)
            | Self::OpenMulti(error) => error,
        }
    }
}

/// A MULTI that was never closed before the check tool stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenMulti {
    /// Offset of the MULTI.
    pub start: u64,
    /// Whole commands from it on, itself included.
    pub commands: u64,
}

/// What the check tool makes of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckFacts {
    /// Its `ok_up_to`: the end of the last item outside a MULTI block.
    pub ok_up_to: u64,
    /// Why it stops there; `None` at the end of a valid file.
    pub stop: Option<CheckStop>,
    /// Commands up to `ok_up_to`; those without any argument do not count.
    pub commands: u64,
    /// `#` lines up to `ok_up_to`.
    pub annotations: u64,
    /// Commands without any argument up to `ok_up_to`: the tool passes them, the loader does not.
    pub empty_commands: u64,
    /// The block that `ok_up_to` stands before.
    pub open_multi: Option<OpenMulti>,
}

/// The check tool, fed by the scan.
#[derive(Debug, Clone)]
pub(crate) struct Check {
    pub(crate) reader: Reader,
    pub(crate) in_multi: bool,
    /// Has it come to the end of the file, or of what it takes?
    pub(crate) done: bool,
    /// Why it ended early.
    pub(crate) stop: Option<CheckStop>,
    /// Nothing before this offset need be held any longer.
    pub(crate) keep_from: u64,
    ok_up_to: u64,
    multi_start: u64,
    commands: u64,
    annotations: u64,
    empty_commands: u64,
    block_commands: u64,
    block_annotations: u64,
    draft: Draft,
}

impl Check {
    pub(crate) fn new(reader: Reader) -> Self {
        let start = reader.offset();
        Self {
            reader,
            in_multi: false,
            done: false,
            stop: None,
            keep_from: start,
            ok_up_to: start,
            multi_start: start,
            commands: 0,
            annotations: 0,
            empty_commands: 0,
            block_commands: 0,
            block_annotations: 0,
            draft: Draft::default(),
        }
    }

    /// May this command stand here? If not, the tool stops at its name.
    #[inline]
    pub(crate) fn allows(&self, block: Block) -> bool {
        match block {
            Block::Multi => !self.in_multi,
            Block::Exec => self.in_multi,
            Block::Discard | Block::Neither => true,
        }
    }

    /// A whole command, which [`Self::allows`] let through.
    #[inline]
    pub(crate) fn command<S: CommandSink>(&mut self, block: Block, mut command: Command<'_>, sink: &mut S) {
        if block == Block::Multi {
            self.in_multi = true;
            self.multi_start = command.span.start;
        }
        command.in_multi = self.in_multi;
        let end = command.span.end;
        sink.command(&command);
        self.keep_from = end;
        self.block_commands += 1;
        if block == Block::Exec {
            self.in_multi = false;
            sink.commit();
        }
        if !self.in_multi {
            self.settle(end);
        }
    }

    #[inline]
    fn settle(&mut self, end: u64) {
        self.ok_up_to = end;
        self.commands += self.block_commands;
        self.annotations += self.block_annotations;
        self.block_commands = 0;
        self.block_annotations = 0;
    }

    /// Reads up to the end of one item. `window` begins at the reader's offset. Returns a hint when it needs more.
    pub(crate) fn item<S: CommandSink>(&mut self, mut window: &[u8], eof: bool, sink: &mut S) -> Option<u64> {
        loop {
            match self.reader.step(window, eof) {
                Err(error) => {
                    self.done = true;
                    self.stop = Some(CheckStop::Framing(error));
                    return None;
                }
                Ok(Step::NeedMore { hint }) => return Some(hint),
                Ok(Step::End) => {
                    self.done = true;
                    self.stop = self.in_multi.then(|| {
                        let kind = ErrorKind::Protocol {
                            why: "the file ends before the EXEC of a MULTI",
                            got: None,
                        };
                        let context = format!("MULTI at {}", Offset(self.multi_start));
                        CheckStop::OpenMulti(Error::new(kind, self.reader.offset()).with_context(context))
                    });
                    return None;
                }
                Ok(Step::Event { consumed, span, event }) => {
                    window = window.get(consumed..).unwrap_or_default();
                    if self.event(span, event, sink) {
                        return None;
                    }
                }
            }
        }
    }

    /// Takes an event; is the item over?
    fn event<S: CommandSink>(&mut self, span: Range<u64>, event: Event<'_>, sink: &mut S) -> bool {
        match event {
            Event::Annotation { line } => {
                sink.annotation(span.clone(), line, self.in_multi);
                self.block_annotations += 1;
                self.keep_from = span.end;
                if !self.in_multi {
                    self.settle(span.end);
                }
                return true;
            }
            Event::Begin { argc } => self.draft.begin(argc),
            Event::Argument { index, len_bytes, bytes } => {
                self.draft.hold(len_bytes, bytes);
                if index == 0
                    && let Err(stop) = self.name(bytes)
                {
                    self.done = true;
                    self.stop = Some(stop);
                    return true;
                }
                self.keep_from = span.end;
            }
            Event::Rest { .. } => self.keep_from = span.end,
            Event::End { start } => {
                if self.draft.argc() == 0 {
                    self.keep_from = span.end;
                    self.empty_commands += 1;
                    if !self.in_multi {
                        self.settle(span.end);
                    }
                    return true;
                }
                let draft = core::mem::take(&mut self.draft);
                let words = draft.words();
                let command = draft.command(start..span.end, &words);
                let block = Block::of(command.name());
                self.command(block, command, sink);
                self.draft = draft.recycle();
                return true;
            }
        }
        false
    }

    /// The tool looks at a name as soon as it has read it, before the other arguments.
    fn name(&self, name: &[u8]) -> Result<(), CheckStop> {
        let block = Block::of(name);
        if self.allows(block) {
            return Ok(());
        }
        let start = self.keep_from;
        let error = |why| Error::new(ErrorKind::Protocol { why, got: None }, start);
        Err(if block == Block::Multi {
            let context = format!("MULTI at {}", Offset(self.multi_start));
            CheckStop::NestedMulti(error("a MULTI inside a MULTI").with_context(context))
        } else {
            CheckStop::StrayExec(error("an EXEC without a MULTI"))
        })
    }

    pub(crate) fn facts(self) -> CheckFacts {
        let open =
            (self.in_multi).then_some(OpenMulti { start: self.multi_start, commands: self.block_commands });
        CheckFacts {
            ok_up_to: self.ok_up_to,
            stop: self.stop,
            commands: self.commands,
            annotations: self.annotations,
            empty_commands: self.empty_commands,
            open_multi: open,
        }
    }
}
