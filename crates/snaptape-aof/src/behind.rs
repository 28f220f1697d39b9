//! Good commands behind a damage: where they can be found again.

use nom::{IResult, Parser, bytes::complete::take_until};
use snaptape_wire::Limits;

use crate::{
    canonical::{self, Not},
    line::{ANNOTATION_BYTES, Dialect, take_line},
    reader::{Event, Reader, Step},
};

/// The longest command that is taken as the beginning of good ones, and how much is held to try it.
const HOLD_BYTES: u64 = 1 << 20;
/// The same once too much work was wasted on things that only looked like commands.
const HOLD_BYTES_WHEN_LATE: u64 = 4 << 10;

/// What was found behind the first damage.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Behind {
    /// Whole commands.
    pub commands: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Offset of the first of them.
    pub first: Option<u64>,
    /// Runs of commands without a gap.
    pub runs: u64,
}

#[derive(Debug, Clone)]
enum State {
    /// Looking for something that reads like a command and is followed by another one or by the end of the file.
    Searching,
    /// Behind a good command: the next one counts if it is whole.
    Following,
    /// Inside a command too long to be held, with the offset it began at.
    Long { reader: Reader, start: u64 },
}

/// The search, fed by the scan.
#[derive(Debug, Clone)]
pub(crate) struct Search {
    pub(crate) at: u64,
    state: State,
    from: u64,
    file_bytes: u64,
    wasted_args: u64,
    found: Behind,
}

impl Search {
    pub(crate) fn new(from: u64, file_bytes: u64) -> Self {
        Self { at: from, state: State::Searching, from, file_bytes, wasted_args: 0, found: Behind::default() }
    }

    pub(crate) fn found(&self) -> Behind {
        self.found
    }

    fn count(&mut self, start: u64, end: u64) {
        if !matches!(self.state, State::Following | State::Long { .. }) {
            self.found.runs += 1;
        }
        self.found.first.get_or_insert(start);
        self.found.commands += 1;
        self.found.bytes += end - start;
        self.at = end;
        self.state = State::Following;
    }

    fn hold_bytes(&self) -> u64 {
        // Honest input wastes little: what is read twice stays in proportion to what was read once.
        let budget = (1 << 20) + 16 * (self.at - self.from);
        if self.wasted_args > budget { HOLD_BYTES_WHEN_LATE } else { HOLD_BYTES }
    }

    /// Searches on; `window` begins at offset `base`. Returns a hint when it needs more.
    pub(crate) fn run(&mut self, window: &[u8], base: u64, eof: bool) -> u64 {
        loop {
            let skip = usize::try_from(self.at.saturating_sub(base)).unwrap_or(usize::MAX);
            let Some(rest) = window.get(skip..).filter(|rest| !rest.is_empty()) else { return 1 };
            let hint = match &mut self.state {
                State::Searching => self.search(rest, eof),
                State::Following => self.follow(rest, eof),
                State::Long { reader, start } => match reader.step(rest, eof) {
                    Ok(Step::NeedMore { hint }) => Some(hint),
                    Ok(Step::Event { event, span, .. }) => {
                        let start = *start;
                        self.at = span.end;
                        if matches!(event, Event::End { .. }) {
                            self.count(start, span.end);
                        }
                        None
                    }
                    Ok(Step::End) => Some(1),
                    Err(_) => {
                        self.at = reader.payload().max(reader.offset());
                        self.state = State::Searching;
                        None
                    }
                },
            };
            if let Some(hint) = hint {
                return hint;
            }
        }
    }

    fn search(&mut self, rest: &[u8], eof: bool) -> Option<u64> {
        let star: IResult<&[u8], &[u8]> = take_until("*").parse(rest);
        let Ok((rest, before)) = star else {
            self.at += rest.len() as u64;
            return None;
        };
        self.at += before.len() as u64;
        match canonical::command(rest, self.hold_bytes()) {
            Ok(whole) if whole.kept.first().is_some_and(|name| is_word(name.bytes)) => {
                match rest.get(whole.bytes) {
                    Some(b'*' | b'#') => self.count(self.at, self.at + whole.bytes as u64),
                    None if eof => self.count(self.at, self.at + whole.bytes as u64),
                    None => return Some(1),
                    Some(_) => self.at += 1,
                }
            }
            Err(Not::Complete { missing }) if !eof && self.fits(rest, missing) => return Some(missing),
            Err(Not::Canonical { args }) => {
                self.wasted_args += args;
                self.at += 1;
            }
            _ => self.at += 1,
        }
        None
    }

    fn follow(&mut self, rest: &[u8], eof: bool) -> Option<u64> {
        if rest.first() == Some(&b'#') {
            let Some(line) = take_line(rest, ANNOTATION_BYTES, eof) else { return Some(1) };
            self.at += line.bytes.len() as u64;
            return None;
        }
        match canonical::command(rest, HOLD_BYTES_WHEN_LATE) {
            Ok(whole) if whole.kept.first().is_some_and(|name| is_word(name.bytes)) => {
                self.count(self.at, self.at + whole.bytes as u64);
            }
            Err(Not::Short) => {
                let limits = Limits { max_inline_bytes: 64, ..Limits::default() };
                let reader =
                    Reader::new(self.at, Dialect::CheckTool, limits).with_file_bytes(self.file_bytes);
                self.state = State::Long { reader, start: self.at };
            }
            Err(Not::Complete { missing }) if !eof && self.fits(rest, missing) => return Some(missing),
            _ => self.state = State::Searching,
        }
        None
    }

    fn fits(&self, rest: &[u8], missing: u64) -> bool {
        self.at + rest.len() as u64 + missing <= self.file_bytes
    }
}

/// Could this be the name of a command, a module's included?
fn is_word(name: &[u8]) -> bool {
    matches!(name.len(), 1..=64)
        && name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"._-|:".contains(byte))
}
