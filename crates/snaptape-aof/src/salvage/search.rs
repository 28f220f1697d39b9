//! Where good commands begin again.

use super::{look::Look, stretch::DropReason};
use crate::canonical::Not;

/// A hole in the making.
#[derive(Debug, Clone)]
pub(super) struct Hole {
    /// Where it begins.
    pub(super) start: u64,
    /// Zero bytes in it.
    zeros: u64,
    /// Bytes of white space in it.
    blanks: u64,
    bytes: u64,
    /// Does it begin with a command that only needs more bytes than there are?
    pub(super) torn: bool,
}

impl Hole {
    pub(super) fn new(start: u64, torn: bool) -> Self {
        Self { start, zeros: 0, blanks: 0, bytes: 0, torn }
    }

    /// These belong to it.
    pub(super) fn take(&mut self, bytes: &[u8]) {
        let count = |is: fn(u8) -> bool| bytes.iter().filter(|&&byte| is(byte)).count() as u64;
        self.zeros += count(|byte| byte == 0);
        self.blanks += count(|byte| byte.is_ascii_whitespace());
        self.bytes += bytes.len() as u64;
    }

    /// So many more, which nobody looked at.
    pub(super) fn pass(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// What it is, if it ends here; `at_end` of the file.
    pub(super) fn why(&self, at_end: bool) -> DropReason {
        if self.blanks == self.bytes {
            DropReason::Blank
        } else if self.zeros * 2 > self.bytes {
            DropReason::Zeros
        } else if self.torn && at_end {
            DropReason::Torn
        } else {
            DropReason::Unreadable
        }
    }
}

/// Shortest argument a whole command fits into.
const ROOM_FOR_COMMANDS: usize = 14;

/// What to make of one place in a hole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// Good commands begin here.
    Commands,
    /// Nothing: so many bytes further.
    Nothing(usize),
}

/// Could anything begin with these bytes? Those that cannot are passed over at once.
pub(super) fn worth_a_look(bytes: &[u8]) -> bool {
    match bytes {
        [b'*' | b'$', b'1'..=b'9', ..] | [b'#', b'T', ..] => true,
        // Not enough to tell.
        [b'*' | b'$' | b'#'] => true,
        _ => false,
    }
}

/// Looks at a place that is worth it. `torn`: the hole begins with a command that runs past the end of the file.
pub(super) fn at(look: &Look<'_>, torn: bool) -> Found {
    match look.bytes.first() {
        Some(b'$') => Found::Nothing(orphan(look).unwrap_or(1)),
        _ if look.stands(0, 2) => inside(look, torn).map_or(Found::Commands, Found::Nothing),
        _ => Found::Nothing(1),
    }
}

/// How many commands of a run are looked at to find out whether they stand in an argument.
const RUN: usize = 256;

/// Good commands that end with an empty line, where arguments or other commands go on, are an argument of a command whose front
/// is lost. So are those that are cut off themselves behind a command that is. How long they are.
fn inside(look: &Look<'_>, torn: bool) -> Option<usize> {
    let mut at = 0;
    for _ in 0..RUN {
        match look.plain(at) {
            Ok(framed) => at += framed.len,
            Err(Not::Complete { .. }) if torn && look.last && at < look.bytes.len() => {
                return Some(look.bytes.len());
            }
            Err(_) => break,
        }
    }
    let behind = look.from(at).strip_prefix(b"\r\n")?;
    let goes_on = match behind.first() {
        Some(b'$' | b'*' | b'#') => true,
        Some(_) => false,
        None => look.last,
    };
    goes_on.then_some(at + 2)
}

/// An argument whose command is lost: what it holds may look like commands and is none. Its length, if something follows it that
/// may follow an argument.
fn orphan(look: &Look<'_>) -> Option<usize> {
    let digits = look.bytes.iter().skip(1).take(10).take_while(|byte| byte.is_ascii_digit()).count();
    let len = look.bytes.get(1..=digits)?.iter().fold(0, |v, digit| v * 10 + usize::from(digit - b'0'));
    let start = 1 + digits + 2;
    if !look.from(1 + digits).starts_with(b"\r\n") || len < ROOM_FOR_COMMANDS || len > look.bytes.len() {
        return None;
    }
    let end = start + len;
    let ends = look.from(end).starts_with(b"\r\n");
    let follows = match look.bytes.get(end + 2) {
        Some(b'$' | b'*' | b'#') => true,
        Some(_) => false,
        None => look.last && look.bytes.len() == end + 2,
    };
    (ends && follows).then_some(end + 2)
}
