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
    /// LF was made CRLF: a transfer in text mode, or an editor, has lengthened what holds line ends.
    TextMode,
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

/// The longest argument that is looked through for line ends that became longer.
const MAX_TEXT: u64 = 32 << 10;

/// How many bytes are looked at to tell text from other things.
const LOOK_AHEAD: usize = 64;

#[derive(Debug, Clone, Copy)]
enum State {
    /// More bytes from here on are needed to tell.
    Looking {
        header: bool,
    },
    /// The bytes behind an argument are wrong: so many of its bytes from here on are needed twice over to tell why.
    Behind {
        payload: u64,
        len: u64,
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
            (EXPECTED_CRLF, got) if (1..=MAX_TEXT).contains(&at.saturating_sub(back)) && back >= base => {
                let kind = if got == Some(b'\n') { DamageKind::LineEnding } else { DamageKind::Other };
                let damage = Damage { kind, start: at, end: at + 1 };
                let state = State::Behind { payload: back, len: at - back };
                Self { damage, file_start, state }
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
            State::Behind { payload, .. } => payload,
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
            State::Behind { payload, len } => {
                let bytes = from(payload);
                let wanted = usize::try_from(2 * len + 2).unwrap_or(usize::MAX);
                if bytes.len() < wanted && !eof {
                    return;
                }
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                if is_text_mode(bytes, len) {
                    self.damage.kind = DamageKind::TextMode;
                    self.state = State::Done;
                } else if self.damage.kind == DamageKind::LineEnding {
                    self.state = State::Done;
                } else {
                    self.state = State::Looking { header: false };
                    self.run(window, base, eof);
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

/// Were line ends inside an argument made longer? `bytes` begin with it, it should be `len` long, and a wrong byte follows it. Or its
/// header line itself has one CR too many.
fn is_text_mode(bytes: &[u8], len: usize) -> bool {
    if bytes.get(..len).is_some_and(|line| line.ends_with(b"\r"))
        && bytes.get(len..).is_some_and(|rest| rest.starts_with(b"\r\n"))
    {
        return true;
    }
    let mut rest = bytes;
    for _ in 0..len {
        rest = match rest {
            [b'\r', b'\n', behind @ ..] | [_, behind @ ..] => behind,
            [] => return false,
        };
    }
    // Something was longer, and now the end is where it belongs.
    bytes.len() - rest.len() > len && rest.starts_with(b"\r\n")
}

/// A line of printable characters that begins with a letter, as far as it can be seen.
fn is_text(front: &[u8]) -> bool {
    let line = front.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    line.first().is_some_and(u8::is_ascii_alphabetic)
        && line.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
}

#[cfg(test)]
mod tests {
    use snaptape_wire::{Limits, Release};

    use super::*;
    use crate::TapeScan;

    fn check(text: &str, expected: Option<DamageKind>) {
        for cut in [1, 7, text.len()] {
            let mut scan = TapeScan::new(0, text.len() as u64, Release::redis(7, 4), Limits::default());
            for window in text.as_bytes().chunks(cut) {
                scan.feed(window, &mut ());
            }
            let kind = scan.finish(&mut ()).damage.map(|damage| damage.kind);
            assert_eq!(kind, expected, "{text:?} in pieces of {cut}");
        }
    }

    #[test]
    fn transfers_in_text_mode() {
        let set =
            |len: usize, value: &str| alloc::format!("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${len}\r\n{value}\r\n");
        check(&set(5, "a\nb\nc"), None);
        // Lone LFs became CRLF, as unix2dos does it.
        check(&set(5, "a\r\nb\r\nc"), Some(DamageKind::TextMode));
        check(&alloc::format!("{}{}", set(3, "a\r\nb"), set(1, "x")), Some(DamageKind::TextMode));
        check(&set(3, "\r\n\r\n\r\n"), Some(DamageKind::TextMode));
        // Every LF became CRLF.
        check(&set(1, "v").replace('\n', "\r\n"), Some(DamageKind::TextMode));
        // And every CRLF became LF.
        check(&set(1, "v").replace("\r\n", "\n"), Some(DamageKind::LineEnding));
        // A length that is wrong for another reason.
        check(&set(2, "abc"), Some(DamageKind::Other));
        check(&set(3, "a\r\nbcd"), Some(DamageKind::Other));
    }
}
