//! What a scan hands out.

use core::ops::Range;

/// How many arguments of a command are handed out, its name included. The rest is stepped over.
pub const KEPT_ARGUMENTS: usize = 4;
/// How many bytes of each of them.
pub const KEPT_BYTES: usize = 512;

/// An argument, or the front of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Argument<'a> {
    /// Its length.
    pub len_bytes: u64,
    /// Its first [`KEPT_BYTES`] bytes, or all of them.
    pub bytes: &'a [u8],
}

/// A whole command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command<'a> {
    /// Its bytes in the file, from `*` to the last line end.
    pub span: Range<u64>,
    /// Number of arguments, the name included; at least 1.
    pub argc: u64,
    /// Does it stand in a MULTI ... EXEC block, both included?
    pub in_multi: bool,
    pub(crate) kept: [Argument<'a>; KEPT_ARGUMENTS],
}

impl<'a> Command<'a> {
    /// Its name as it was written, in whatever case.
    pub fn name(&self) -> &'a [u8] {
        self.kept.first().map_or(&[], |argument| argument.bytes)
    }

    /// Argument `index`; 0 is the name. `None` where there is none, or it was not kept.
    pub fn argument(&self, index: usize) -> Option<Argument<'a>> {
        (index as u64 <= self.argc.saturating_sub(1)).then(|| self.kept.get(index).copied()).flatten()
    }
}

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
}

/// Nobody listens.
impl CommandSink for () {
    fn command(&mut self, _: &Command<'_>) {}
}

/// Which of the two commands that open and close a block this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    /// MULTI.
    Multi,
    /// EXEC.
    Exec,
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
            _ => Self::Neither,
        }
    }
}
