//! One item in a stretch of bytes, also where its line ends were changed.

use alloc::vec::Vec;

use crate::{
    canonical::{self, Not},
    command::{Argument, KEPT_ARGUMENTS, KEPT_BYTES},
    line::{ANNOTATION_BYTES, take_line},
};

/// What a transfer in text mode, or an editor, made of the line ends of a tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnds {
    /// Every CRLF became LF, those inside arguments too.
    Lf,
    /// Every LF that stood alone became CRLF: only arguments that held one have changed.
    LoneLfToCrlf,
    /// A CR was put before every LF, so that CRLF became CR CR LF.
    EveryLfToCrlf,
}

/// A command, and what it is like when it is framed as servers do it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Framed<'a> {
    /// Its length as it stands.
    pub(super) len: usize,
    /// Its length with CRLF where it belongs.
    pub(super) new_len: u64,
    pub(super) argc: u64,
    pub(super) kept: [Argument<'a>; KEPT_ARGUMENTS],
    /// Its bytes, where nothing has to be changed.
    pub(super) raw: &'a [u8],
    /// `None`: nothing has to be changed.
    pub(super) ends: Option<LineEnds>,
}

/// A command as servers write them.
pub(super) fn plain(bytes: &[u8]) -> Result<Framed<'_>, Not> {
    canonical::command(bytes, u64::MAX).map(|whole| Framed {
        len: whole.bytes,
        new_len: whole.bytes as u64,
        argc: whole.argc,
        kept: whole.kept,
        raw: bytes.get(..whole.bytes).unwrap_or_default(),
        ends: None,
    })
}

/// The length of a `#` line; `None` where its end is not there.
pub(super) fn annotation(bytes: &[u8], last: bool) -> Option<usize> {
    (bytes.first() == Some(&b'#'))
        .then(|| take_line(bytes, ANNOTATION_BYTES, last))
        .flatten()
        .map(|l| l.bytes.len())
}

/// Does a line end here in the way it ends after such a change? How many bytes that is.
fn line_end(bytes: &[u8], ends: LineEnds) -> Option<usize> {
    match (ends, bytes) {
        (LineEnds::EveryLfToCrlf, [b'\r', b'\r', b'\n', ..]) => Some(3),
        (LineEnds::Lf, [b'\n', ..]) => Some(1),
        (LineEnds::LoneLfToCrlf, [b'\r', b'\n', ..]) => Some(2),
        _ => None,
    }
}

/// A `*` or `$` line: its number, how long it is, and how many digits it has.
fn header(bytes: &[u8], mark: u8, ends: LineEnds) -> Option<(u64, usize, usize)> {
    let digits = bytes.strip_prefix(&[mark])?;
    let count = digits.iter().take(19).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=18).contains(&count) {
        return None;
    }
    let value = digits.iter().take(count).fold(0, |value, digit| value * 10 + u64::from(digit - b'0'));
    let end = line_end(digits.get(count..)?, ends)?;
    Some((value, 1 + count + end, count))
}

/// How an argument stands in the file.
struct Payload {
    /// Bytes of it, without its line end.
    len: usize,
    /// Were its line ends changed?
    changed: bool,
}

/// Finds the end of an argument of `len` bytes, some of which may have got lost or been added. Nothing where it is not certain.
fn payload(bytes: &[u8], len: usize, ends: LineEnds, follows: impl Fn(usize) -> bool) -> Option<Payload> {
    let fits = |at: usize| {
        bytes.get(at..).and_then(|rest| line_end(rest, ends)).is_some_and(|end| follows(at + end))
    };
    // Where every CRLF has become LF there is none left: what ends with a CR has lost something else.
    let whole = ends != LineEnds::Lf || bytes.get(..len)?.last() != Some(&b'\r');
    let unchanged =
        (ends != LineEnds::EveryLfToCrlf && whole && fits(len)).then_some(Payload { len, changed: false });
    let mut found = None;
    match ends {
        LineEnds::Lf => {
            // Each LF stands for a CRLF: so many bytes are missing.
            let feeds = bytes.get(..len)?.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            for (before, (at, _)) in feeds.enumerate() {
                if at + before >= len {
                    found = (at + before == len && before > 0 && fits(at)).then_some(at);
                    break;
                }
            }
        }
        LineEnds::LoneLfToCrlf => {
            // Each CRLF stands for an LF: so many bytes are too many.
            let mut before = 0;
            let mut at = 0_usize;
            while at.saturating_sub(before) < len {
                let rest = bytes.get(at..)?;
                if rest.starts_with(b"\r\n$") || rest.starts_with(b"\r\n*") {
                    return unchanged;
                }
                if rest.starts_with(b"\r\n") {
                    before += 1;
                    at += 1;
                }
                at += 1;
            }
            found = (at - before == len && before > 0 && fits(at)).then_some(at);
        }
        LineEnds::EveryLfToCrlf => {
            let (mut at, mut read) = (0, 0);
            while read < len {
                at += if bytes.get(at..)?.starts_with(b"\r\n") { 2 } else { 1 };
                read += 1;
            }
            return fits(at).then_some(Payload { len: at, changed: at != len });
        }
    }
    match (unchanged, found) {
        (Some(_), Some(_)) => None,
        (unchanged, found) => unchanged.or(found.map(|len| Payload { len, changed: true })),
    }
}

/// The command at the front of `bytes` as `ends` has left it. `last`: nothing follows these bytes. What it was like goes to `out`.
fn changed<'a>(
    bytes: &'a [u8],
    ends: LineEnds,
    last: bool,
    mut out: Option<&mut Vec<u8>>,
) -> Option<Framed<'a>> {
    let mut write = |bytes: &[u8]| {
        if let Some(out) = &mut out {
            out.extend_from_slice(bytes);
        }
    };
    let (argc, mut at, digits) = header(bytes, b'*', ends)?;
    if argc == 0 || argc > i32::MAX as u64 {
        return None;
    }
    write(bytes.get(..=digits)?);
    write(b"\r\n");
    let mut new_len = digits as u64 + 3;
    let mut kept = [Argument::default(); KEPT_ARGUMENTS];
    for index in 0..argc {
        let rest = bytes.get(at..)?;
        let (len_bytes, line, digits) = header(rest, b'$', ends)?;
        write(rest.get(..=digits)?);
        write(b"\r\n");
        let body = rest.get(line..)?;
        let more = index + 1 < argc;
        let follows = |at: usize| match body.get(at) {
            Some(b'$') => more,
            Some(b'*' | b'#') => !more,
            Some(_) => false,
            None => !more && last,
        };
        let len = usize::try_from(len_bytes).ok()?;
        let found = payload(body, len, ends, follows)?;
        let text = body.get(..found.len)?;
        if let Some(slot) = usize::try_from(index).ok().and_then(|index| kept.get_mut(index)) {
            let front = text.get(..KEPT_BYTES).unwrap_or(text);
            // Changed bytes are no name and no number; a key with a line end in it is shown as it stands.
            *slot = Argument {
                len_bytes: if found.changed { text.len() as u64 } else { len_bytes },
                bytes: front,
            };
        }
        if found.changed {
            restore(text, ends, &mut write);
        } else {
            write(text);
        }
        write(b"\r\n");
        new_len += digits as u64 + 3 + len_bytes + 2;
        at += line + found.len + line_end(body.get(found.len..)?, ends)?;
    }
    Some(Framed { len: at, new_len, argc, kept, raw: &[], ends: Some(ends) })
}

/// The bytes of an argument as they were.
fn restore(text: &[u8], ends: LineEnds, write: &mut impl FnMut(&[u8])) {
    if ends == LineEnds::Lf {
        for (i, line) in text.split(|&byte| byte == b'\n').enumerate() {
            if i > 0 {
                write(b"\r\n");
            }
            write(line);
        }
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\r\n") {
        write(rest.get(..at).unwrap_or_default());
        write(b"\n");
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    write(rest);
}

/// The command at the front whose line ends were changed, in one of the three ways.
pub(super) fn odd(bytes: &[u8], last: bool) -> Option<Framed<'_>> {
    [LineEnds::Lf, LineEnds::EveryLfToCrlf, LineEnds::LoneLfToCrlf]
        .into_iter()
        .find_map(|ends| changed(bytes, ends, last, None))
}

/// Writes the item at the front of `bytes` as it was before `ends`. How many bytes it takes; `None` where there is none.
pub(super) fn rewrite(bytes: &[u8], ends: LineEnds, last: bool, out: &mut Vec<u8>) -> Option<usize> {
    if let Some(len) = annotation(bytes, last) {
        out.extend_from_slice(bytes.get(..len)?);
        return Some(len);
    }
    if let Ok(framed) = plain(bytes)
        && bytes.get(framed.len).map_or(last, |byte| matches!(byte, b'*' | b'#'))
    {
        out.extend_from_slice(bytes.get(..framed.len)?);
        return Some(framed.len);
    }
    let before = out.len();
    let framed = changed(bytes, ends, last, Some(out));
    if framed.is_none() {
        out.truncate(before);
    }
    framed.map(|framed| framed.len)
}
