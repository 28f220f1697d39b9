//! What a scan hands out.

use alloc::vec::Vec;
use core::ops::Range;

use crate::commands::CommandSpec;

/// How many arguments of a command the salvage looks at, its name included.
pub(crate) const KEPT_ARGUMENTS: usize = 4;
/// How many bytes of each argument are handed out.
pub const KEPT_BYTES: usize = 512;
/// How many bytes of arguments of one command are held while it arrives piece by piece. Shorter commands are never cut.
pub const HELD_BYTES: usize = 4 << 20;

/// An argument, or the front of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its length.
    pub len_bytes: u64,
    /// Its first [`KEPT_BYTES`] bytes, or all of them.
    pub bytes: &'a [u8],
}

impl Argument<'_> {
    /// Are all of its bytes there?
    pub fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.len_bytes
    }
}

/// An argument that was held: its length and its front.
pub(crate) type Held = (u64, Vec<u8>);

/// A whole command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command<'a> {
    /// Its bytes in the file, from `*` to the last line end.
    pub span: Range<u64>,
    /// Number of arguments, the name included; at least 1.
    pub argc: u64,
    /// Does it stand in a MULTI ... EXEC block, both included?
    pub in_multi: bool,
    /// What its name stands for; `None` where no server and no known module has such a command.
    pub spec: Option<&'static CommandSpec>,
    /// See [`Self::raw`].
    pub(crate) raw: &'a [u8],
    /// Its arguments, as far as they were held; never more than `argc`.
    pub(crate) words: &'a [Argument<'a>],
}

impl<'a> Command<'a> {
    /// Its name as it was written, in whatever case.
    #[inline]
    pub fn name(&self) -> &'a [u8] {
        self.words.first().map_or(&[], |argument| argument.bytes)
    }

    /// Argument `index`; 0 is the name. `None` where there is none, or it was not held.
    #[inline]
    pub fn argument(&self, index: usize) -> Option<Argument<'a>> {
        self.words.get(index).copied()
    }

    /// Its bytes as they stand in the file; none where it is not in the form servers write, or came piece by piece.
    #[inline]
    pub fn raw(&self) -> &'a [u8] {
        self.raw
    }

    /// All arguments in order, the name first. Of a command with more than [`HELD_BYTES`] of them the last ones may be missing:
    /// then there are fewer than [`Self::argc`].
    #[inline]
    pub fn arguments(&self) -> Arguments<'a> {
        self.words.iter().copied()
    }

    /// The same as a slice.
    #[inline]
    pub fn words(&self) -> &'a [Argument<'a>] {
        self.words
    }
}

/// The arguments of a [`Command`].
pub type Arguments<'a> = core::iter::Copied<core::slice::Iter<'a, Argument<'a>>>;

/// Takes the good commands of a scan, in file order.
///
/// A MULTI ... EXEC block counts as a whole or not at all: its commands arrive with [`Command::in_multi`] set, and then either
/// [`Self::commit`] or [`Self::rollback`] says which.
pub trait CommandSink {
    /// A command before the first damage.
    fn command(&mut self, command: &Command<'_>);

    /// A `#` line before the first damage; `in_multi` as for commands.
    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        let _ = (span, line, in_multi);
    }

    /// What came with `in_multi` since the last commit is good: its EXEC was the last command.
    fn commit(&mut self) {}

    /// What came with `in_multi` since the last commit is not good: there is no EXEC.
    fn rollback(&mut self) {}

    /// A command that the server's loader reads behind the place where the check tool stops: behind a MULTI inside a MULTI, or a line
    /// end that it does not mind. It goes on where the last [`Self::command`] ended, and with the block that was open there;
    /// [`Command::in_multi`] is what the loader makes of it. [`Self::rollback`] comes behind all of them and is not about these.
    fn loaded(&mut self, command: &Command<'_>) {
        let _ = command;
    }
}

/// Nobody listens.
impl CommandSink for () {
    fn command(&mut self, _: &Command<'_>) {}
}

/// Whether this is one of the commands that have to do with blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// MULTI.
    Multi,
    /// EXEC.
    Exec,
    /// DISCARD, and RESET, which throws a block away, too. The check tool knows neither.
    Discard,
    /// Any other.
    Neither,
}

impl Block {
    /// By its name, as the check tool compares it: as a C string, which a NUL ends.
    #[inline]
    pub(crate) fn of(name: &[u8]) -> Self {
        let is = |word: &[u8]| {
            name.get(..word.len()).is_some_and(|front| front.eq_ignore_ascii_case(word))
                && name.get(word.len()).is_none_or(|&byte| byte == 0)
        };
        match name.first() {
            Some(b'e' | b'E') if is(b"exec") => Self::Exec,
            Some(b'm' | b'M') if is(b"multi") => Self::Multi,
            Some(b'd' | b'D') if is(b"discard") => Self::Discard,
            Some(b'r' | b'R') if is(b"reset") => Self::Discard,
            _ => Self::Neither,
        }
    }
}
