//! What is in sight from one place on, and what can be told from it.

use core::cell::Cell;

use snaptape_wire::Release;

use super::{
    frame::{self, Framed},
    known::is_command,
};
use crate::{canonical::Not, command::KEPT_ARGUMENTS};

/// Bytes from one place of the file on. What is told from them depends on nothing else, so it does not depend on windows either.
#[derive(Debug)]
pub(super) struct Look<'a> {
    pub(super) bytes: &'a [u8],
    /// Do they reach the end of the file?
    pub(super) last: bool,
    pub(super) release: Release,
    /// Work done, in steps of about an argument.
    pub(super) work: Cell<u64>,
}

/// Lines with a time that may stand between two commands.
const MAX_ANNOTATIONS: u32 = 4;

impl<'a> Look<'a> {
    pub(super) fn from(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    fn pay(&self, args: u64) {
        self.work.set(self.work.get() + 1 + args);
    }

    /// The command at `at` in the form servers write, whatever follows it.
    pub(super) fn plain(&self, at: usize) -> Result<Framed<'a>, Not> {
        let framed = frame::plain(self.from(at));
        self.pay(match &framed {
            Ok(framed) => framed.argc,
            Err(Not::Canonical { args }) => *args,
            Err(_) => (self.from(at).len() / 64) as u64,
        });
        framed
    }

    /// The command at `at` where line ends were changed.
    pub(super) fn odd(&self, at: usize) -> Option<Framed<'a>> {
        let bytes = self.from(at);
        // The first line gives it away in most cases; one that ends with CRLF may still hold changed arguments.
        self.pay((bytes.len().min(4096) / 16) as u64);
        frame::odd(bytes, self.last)
    }

    /// Does a command begin at `at` whose end is not in sight, but whose name and number of words are good?
    pub(super) fn begins(&self, at: usize) -> bool {
        let bytes = self.from(at);
        let line = |bytes: &[u8], mark: u8| {
            let digits = bytes.strip_prefix(&[mark])?;
            let count = digits.iter().take(10).take_while(|byte| byte.is_ascii_digit()).count();
            let value = digits.get(..count)?.iter().fold(0_u64, |v, digit| v * 10 + u64::from(digit - b'0'));
            (count > 0 && digits.get(count..count + 2)? == b"\r\n").then_some((value, count + 3))
        };
        let front = || {
            let (argc, first) = line(bytes, b'*')?;
            let (len, second) = line(bytes.get(first..)?, b'$')?;
            let name = bytes.get(first + second..)?.get(..usize::try_from(len).ok()? + 2)?;
            let name = name.strip_suffix(b"\r\n")?;
            let mut kept = [crate::command::Argument::default(); KEPT_ARGUMENTS];
            *kept.first_mut()? = crate::command::Argument { len_bytes: len, bytes: name };
            Some(is_command(&kept, argc, self.release))
        };
        front().unwrap_or(false)
    }

    /// Do `need` good commands that some release knows stand here, one behind the other? The end of the file stands for all that
    /// are missing behind the first. Of the last one it is enough that it begins well.
    pub(super) fn stands(&self, mut at: usize, need: u32) -> bool {
        let (mut seen, mut lines) = (0, 0);
        loop {
            if at >= self.bytes.len() {
                return self.last;
            }
            if lines < MAX_ANNOTATIONS
                && let Some(len) = frame::annotation(self.from(at), self.last)
                && self.from(at).starts_with(b"#TS:")
            {
                at += len;
                lines += 1;
                continue;
            }
            let framed = match self.plain(at) {
                Ok(framed) => Some(framed),
                Err(Not::Complete { .. }) if !self.last => return seen + 1 >= need && self.begins(at),
                Err(_) => self.odd(at),
            };
            let Some(framed) = framed.filter(|f| is_command(&f.kept, f.argc, self.release)) else {
                return seen + 1 >= need && seen > 0 && self.begins(at);
            };
            seen += 1;
            at += framed.len;
            if seen >= need {
                return true;
            }
        }
    }
}
