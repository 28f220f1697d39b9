//! What a master sends to a replica, as tcpdump or netcat caught it: a line, a snapshot, and perhaps what was written meanwhile.
//!
//! Shape: lines with nothing in them (the master says it is alive), perhaps `+FULLRESYNC <id> <offset>`, then `$<length>` before a
//! snapshot that came from a disk, or `$EOF:<40 bytes>` before one that did not, with the same 40 bytes behind it.
//! Source: redis replication.c `syncWithMaster`, `readSyncBulkPayload`, rdb.c `rdbSaveRioWithEOFMark`.

use crate::{
    flaw::{Fault, FlawKind},
    gather::{Gather, Input},
};

const MARK_BYTES: usize = 40;

/// What stands in front of the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Opening {
    /// How long all of it is.
    pub(crate) bytes: usize,
    /// How the end of the snapshot can be told.
    pub(crate) end: End,
}

/// How the end of the snapshot can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// By these bytes behind it.
    Mark([u8; MARK_BYTES]),
    /// By its length.
    Length(u64),
}

impl Opening {
    /// Reads it off the front of something; nothing where there is none.
    pub(crate) fn find(front: &[u8]) -> Option<Self> {
        let mut rest = front;
        while let [b'\n' | b'\r', tail @ ..] = rest {
            rest = tail;
        }
        if rest.starts_with(b"+FULLRESYNC ") {
            rest = rest.get(line(rest)?.len() + 2..)?;
            while let [b'\n' | b'\r', tail @ ..] = rest {
                rest = tail;
            }
        }
        let announcement = line(rest)?;
        let rest = rest.get(announcement.len() + 2..)?;
        let bytes = front.len() - rest.len();
        if let Some(mark) = announcement.strip_prefix(b"$EOF:") {
            return Some(Self { bytes, end: End::Mark(mark.try_into().ok()?) });
        }
        // The first line of a damaged tape looks the same; a snapshot behind it does not.
        let length = core::str::from_utf8(announcement.strip_prefix(b"$")?).ok()?.parse().ok()?;
        let snapshot = rest.starts_with(b"REDIS") || rest.starts_with(b"VALKEY");
        snapshot.then_some(Self { bytes, end: End::Length(length) })
    }
}

/// The line these bytes begin with, without CR LF.
fn line(bytes: &[u8]) -> Option<&[u8]> {
    let end = bytes.iter().take(200).position(|&byte| byte == b'\r')?;
    bytes.get(end..)?.starts_with(b"\r\n").then_some(bytes.get(..end)?)
}

#[derive(Debug)]
pub(crate) struct Capture {
    opening: Option<Opening>,
    skipped: usize,
    /// Of a snapshot whose length is known: what is missing.
    left: u64,
    /// Bytes that may be the front of the mark.
    held: Gather,
    /// Where the snapshot ended, if it did.
    ended_at: Option<u64>,
}

impl Capture {
    pub(crate) fn new(front: &[u8]) -> Self {
        let opening = Opening::find(front);
        let left = match opening {
            Some(Opening { end: End::Length(length), .. }) => length,
            _ => 0,
        };
        Self { opening, skipped: 0, left, held: Gather::default(), ended_at: None }
    }

    pub(crate) fn push(&mut self, mut input: Input<'_>, out: &mut dyn FnMut(&[u8])) {
        let Some(opening) = self.opening else { return };
        self.skipped += input.take((opening.bytes - self.skipped) as u64).len();
        if input.is_empty() || self.ended_at.is_some() {
            return;
        }
        match opening.end {
            End::Length(_) => {
                let piece = input.take(self.left);
                self.left -= piece.len() as u64;
                if !piece.is_empty() {
                    out(piece);
                }
                if self.left == 0 {
                    self.ended_at = Some(input.at);
                }
            }
            End::Mark(mark) => self.up_to(&mark, &input, out),
        }
    }

    /// Hands on everything before the mark. What may be its front waits for the next piece.
    fn up_to(&mut self, mark: &[u8; MARK_BYTES], input: &Input<'_>, out: &mut dyn FnMut(&[u8])) {
        // A mark across the border begins in what is held.
        let held_bytes = self.held.len();
        if held_bytes > 0 {
            let mut border = self.held.bytes().to_vec();
            border.extend_from_slice(input.bytes.get(..MARK_BYTES).unwrap_or(input.bytes));
            let begins = match find(&border, mark) {
                Some(at) if at < held_bytes => {
                    self.ended_at = Some(input.at + MARK_BYTES as u64 + at as u64 - held_bytes as u64);
                    at
                }
                _ => (0..held_bytes)
                    .find(|&at| border.get(at..).is_some_and(|rest| is_front(mark, rest)))
                    .unwrap_or(held_bytes),
            };
            let (before, rest) = border.split_at(begins);
            if !before.is_empty() {
                out(before);
            }
            self.held.clear();
            if self.ended_at.is_some() {
                return;
            }
            if begins < held_bytes {
                // All of the input is in the border then: a front of the mark runs to the end of both.
                let mut rest = Input { bytes: rest, at: 0 };
                self.held.fill(&mut rest, MARK_BYTES);
                return;
            }
        }
        let bytes = input.bytes;
        if let Some(at) = find(bytes, mark) {
            self.ended_at = Some(input.at + (at + MARK_BYTES) as u64);
            if at > 0 {
                out(bytes.get(..at).unwrap_or_default());
            }
            return;
        }
        let from = bytes.len().saturating_sub(MARK_BYTES - 1);
        let held_from = (from..bytes.len())
            .find(|&at| bytes.get(at..).is_some_and(|rest| is_front(mark, rest)))
            .unwrap_or(bytes.len());
        let (before, rest) = bytes.split_at(held_from);
        if !before.is_empty() {
            out(before);
        }
        let mut rest = Input { bytes: rest, at: 0 };
        self.held.fill(&mut rest, MARK_BYTES);
    }

    pub(crate) fn finish(&mut self, at: u64, out: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        if let Some(ended_at) = self.ended_at {
            if ended_at == at {
                return Ok(());
            }
            let why = format!(
                "{} bytes follow the snapshot: what was written while it was sent, which is not part of it",
                at - ended_at
            );
            return Err(Fault::new(FlawKind::TrailingBytes, ended_at, why));
        }
        if self.held.len() > 0 {
            out(self.held.bytes());
        }
        let why = match self.opening {
            Some(Opening { end: End::Length(length), .. }) => {
                format!(
                    "the line before the snapshot announces {length} bytes, and {} of them are missing",
                    self.left
                )
            }
            _ => "the mark that ends it is missing".into(),
        };
        Err(Fault::new(FlawKind::Truncated, at, why))
    }
}

/// Are these bytes, which run to the end of what is there, the front of the mark and not all of it?
fn is_front(mark: &[u8; MARK_BYTES], bytes: &[u8]) -> bool {
    bytes.len() < MARK_BYTES && mark.starts_with(bytes)
}

fn find(bytes: &[u8], mark: &[u8; MARK_BYTES]) -> Option<usize> {
    let first = mark[0];
    let mut from = 0;
    loop {
        let at = from + bytes.get(from..)?.iter().position(|&byte| byte == first)?;
        let rest = bytes.get(at..at + MARK_BYTES)?;
        if rest == mark {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARK: &[u8; MARK_BYTES] = b"aab0aab1aab2aab3aab4aab5aab6aab7aab8aab9";

    fn open(bytes: &[u8], step: usize) -> (Vec<u8>, Result<(), FlawKind>) {
        let (mut capture, mut out, mut at) = (Capture::new(bytes), Vec::new(), 0);
        for window in bytes.chunks(step) {
            capture.push(Input { bytes: window, at }, &mut |piece| out.extend_from_slice(piece));
            at += window.len() as u64;
        }
        let end = capture.finish(at, &mut |piece| out.extend_from_slice(piece));
        (out, end.map_err(|fault| fault.kind))
    }

    #[test]
    fn the_mark_is_found_wherever_windows_end() {
        // The front of the mark again and again, before the mark itself.
        let body = [&b"REDIS0011"[..], &MARK[..39], &MARK[..20], b"a", &MARK[..39]].concat();
        let whole = [&b"$EOF:"[..], MARK, b"\r\n", &body, MARK].concat();
        let more = [&whole[..], b"*1\r\n$4\r\nPING\r\n"].concat();
        for step in 1..whole.len() {
            assert_eq!(open(&whole, step), (body.clone(), Ok(())), "step {step}");
            assert_eq!(open(&more, step), (body.clone(), Err(FlawKind::TrailingBytes)), "step {step}");
            let cut = whole.len() - 5;
            let (out, end) = open(&whole[..cut], step);
            assert_eq!((out.len(), end), (cut - 47, Err(FlawKind::Truncated)), "step {step}");
        }
    }

    #[test]
    fn a_length_ends_it_too() {
        for step in 1..20 {
            assert_eq!(open(b"$9\r\nREDIS0011", step), (b"REDIS0011".to_vec(), Ok(())));
            assert_eq!(
                open(b"\n$9\r\nREDIS0011*", step),
                (b"REDIS0011".to_vec(), Err(FlawKind::TrailingBytes))
            );
            assert_eq!(open(b"$10\r\nREDIS0011", step), (b"REDIS0011".to_vec(), Err(FlawKind::Truncated)));
        }
    }
}
