//! What stands where the check tool stops.

use snaptape_wire::ErrorKind;

use crate::{check::CheckStop, reader::EXPECTED_CRLF};

/// What the first damage looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamageKind {
    /// The file ends inside a command, or a length runs past its end.
    Truncated,
    /// The file ends inside a MULTI.
    OpenMulti,
    /// A MULTI inside a MULTI.
    NestedMulti,
    /// An EXEC without a MULTI.
    StrayExec,
    /// Zero bytes to the end of the file: blocks that were allocated and never written.
    ZeroTail,
    /// A block of zero bytes with something behind it.
    ZeroBlock,
    /// A line ends with LF alone.
    LineEnding,
    /// A byte order mark: a text editor saved the file.
    ByteOrderMark,
    /// Readable text where a command should begin.
    InlineText,
    /// Anything else.
    Other,
}

/// The first damage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Damage {
    /// What it looks like.
    pub kind: DamageKind,
    /// The first byte that is wrong; for blocks of zeros the first of them that can be told.
    pub start: u64,
    /// The byte after the last one that certainly belongs to it.
    pub end: u64,
}

/// How many bytes are looked at to tell text from other things.
const LOOK_AHEAD: usize = 64;

#[derive(Debug, Clone, Copy)]
enum State {
    /// More bytes from here on are needed to tell.
    Looking {
        header: bool,
    },
    /// Counting zeros; the next byte to look at.
    Zeros {
        at: u64,
    },
    Done,
}

/// Finds out what the damage is while bytes go by.
#[derive(Debug, Clone)]
pub(crate) struct Describe {
    damage: Damage,
    file_start: u64,
    state: State,
}

impl Describe {
    /// `back` is a place before the error from which on `window` (whose first byte is at `base`) holds the argument it stands in.
    pub(crate) fn new(stop: &CheckStop, file_start: u64, back: u64, window: &[u8], base: u64) -> Self {
        let at = stop.error().offset();
        let done =
            |kind| Self { damage: Damage { kind, start: at, end: at }, file_start, state: State::Done };
        let why = match (stop, stop.error().kind()) {
            (CheckStop::OpenMulti(_), _) => return done(DamageKind::OpenMulti),
            (CheckStop::NestedMulti(_), _) => return done(DamageKind::NestedMulti),
            (CheckStop::StrayExec(_), _) => return done(DamageKind::StrayExec),
            (_, ErrorKind::UnexpectedEnd { .. }) => return done(DamageKind::Truncated),
            (_, ErrorKind::Protocol { why, got }) => (*why, *got),
            _ => return done(DamageKind::Other),
        };
        match why {
            (_, Some(0)) => {
                let slice = |from: u64, to: u64| {
                    let from = usize::try_from(from.checked_sub(base)?).ok()?;
                    let to = usize::try_from(to.checked_sub(base)?).ok()?;
                    window.get(from..to)
                };
                let before = slice(back.min(at), at).unwrap_or_default();
                let zeros = before.iter().rev().take_while(|&&byte| byte == 0).count() as u64;
                let damage = Damage { kind: DamageKind::ZeroTail, start: at - zeros, end: at };
                Self { damage, file_start, state: State::Zeros { at } }
            }
            (EXPECTED_CRLF, Some(b'\n')) => {
                let damage = Damage { kind: DamageKind::LineEnding, start: at, end: at + 1 };
                Self { damage, file_start, state: State::Done }
            }
            (why, _) => {
                let damage = Damage { kind: DamageKind::Other, start: at, end: at + 1 };
                Self { damage, file_start, state: State::Looking { header: why != EXPECTED_CRLF } }
            }
        }
    }

    /// Bytes before this offset are done with.
    pub(crate) fn keep_from(&self) -> u64 {
        match self.state {
            State::Looking { .. } => self.damage.start,
            State::Zeros { at } => at,
            State::Done => u64::MAX,
        }
    }

    /// Looks at more bytes; `window` begins at offset `base`.
    pub(crate) fn run(&mut self, window: &[u8], base: u64, eof: bool) {
        let from = |at: u64| {
            let at = usize::try_from(at.saturating_sub(base)).unwrap_or(usize::MAX);
            window.get(at..).unwrap_or_default()
        };
        match self.state {
            State::Done => {}
            State::Zeros { at } => {
                let bytes = from(at);
                let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
                self.damage.end = at + zeros as u64;
                self.state = State::Zeros { at: self.damage.end };
                if zeros < bytes.len() {
                    self.damage.kind = DamageKind::ZeroBlock;
                    self.state = State::Done;
                } else if eof {
                    self.state = State::Done;
                }
            }
            State::Looking { header } => {
                let bytes = from(self.damage.start);
                if bytes.len() < LOOK_AHEAD && !eof {
                    return;
                }
                let front = bytes.get(..LOOK_AHEAD).unwrap_or(bytes);
                self.state = State::Done;
                let mark = [&b"\xef\xbb\xbf"[..], b"\xfe\xff", b"\xff\xfe"]
                    .into_iter()
                    .find(|m| front.starts_with(m));
                if let (Some(mark), true) = (mark, self.damage.start == self.file_start) {
                    self.damage.kind = DamageKind::ByteOrderMark;
                    self.damage.end = self.damage.start + mark.len() as u64;
                } else if header && is_text(front) {
                    self.damage.kind = DamageKind::InlineText;
                }
            }
        }
    }

    pub(crate) fn damage(&self) -> Damage {
        self.damage
    }
}

/// A line of printable characters that begins with a letter, as far as it can be seen.
fn is_text(front: &[u8]) -> bool {
    let line = front.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    line.first().is_some_and(u8::is_ascii_alphabetic)
        && line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}
