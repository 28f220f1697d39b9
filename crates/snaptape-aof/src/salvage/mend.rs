//! One wrong byte or line in the framing of a command, where everything else proves what stood there.

use alloc::{format, vec::Vec};
use core::ops::Range;

use super::{frame, known::is_command, look::Look};
use crate::canonical::Not;

/// What was wrong with a command that could be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mend {
    /// The `*` of a command was another byte, or was lost.
    Star,
    /// The number of arguments was wrong.
    ArgumentCount,
    /// The `$` of an argument was another byte, or was lost.
    Dollar,
    /// The length of an argument was wrong.
    Length,
    /// A CRLF was wrong or missing.
    LineEnd,
}

/// Bytes to be replaced, counted from the front of what was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Patch {
    pub(super) span: Range<usize>,
    pub(super) bytes: Vec<u8>,
    pub(super) mend: Mend,
}

/// A mended command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mended {
    /// Its length as it stands.
    pub(super) len: usize,
    pub(super) patch: Patch,
    /// The command as it is with the patch.
    pub(super) bytes: Vec<u8>,
}

/// Longest `*` or `$` line that is taken for one.
const MAX_LINE: usize = 24;
/// Longest name of a command.
const MAX_NAME: usize = 64;

/// What must have stood at the front, if exactly one reading with one thing mended is good and good commands follow it.
pub(super) fn mend(look: &Look<'_>) -> Option<Mended> {
    let mut found: Option<Mended> = None;
    let mut readings = Vec::new();
    propose(look, &mut readings);
    for (patch, len) in readings {
        let Some(mended) = try_patch(look, patch, len) else { continue };
        match &found {
            None => found = Some(mended),
            Some(known) if known.bytes == mended.bytes && known.len == mended.len => {}
            Some(_) => return None,
        }
    }
    found
}

/// Is the command good with this patch, and does it end where others begin?
fn try_patch(look: &Look<'_>, patch: Patch, len: usize) -> Option<Mended> {
    if !look.stands(len, 2) {
        return None;
    }
    let mut bytes = look.bytes.get(..patch.span.start)?.to_vec();
    bytes.extend_from_slice(&patch.bytes);
    bytes.extend_from_slice(look.bytes.get(patch.span.end..len)?);
    let framed = frame::plain(&bytes).ok()?;
    let good =
        framed.len == bytes.len() && is_command(&framed.kept, framed.argc, look.release) && !swallows(&bytes);
    good.then_some(Mended { len, patch, bytes })
}

/// Does an argument of this command, which reads well, look as if it had taken in the front of others?
pub(super) fn swallows(bytes: &[u8]) -> bool {
    let Some((_, mut at)) = number(bytes, b'*') else { return false };
    while let Some((len, line)) = bytes.get(at..).and_then(|rest| number(rest, b'$')) {
        let start = at + line;
        let end = usize::try_from(len).unwrap_or(usize::MAX).saturating_add(start);
        let framing = |four: &[u8]| matches!(four, [b'\r', b'\n', b'*' | b'$', b'0'..=b'9']);
        if bytes.get(start..end).is_some_and(|text| text.windows(4).any(framing)) {
            return true;
        }
        at = end.saturating_add(2);
    }
    false
}

/// The lines and arguments of a command, read until one is not as it should be.
struct Walk {
    /// Arguments that are whole.
    args: u64,
    /// Where the next one should begin.
    at: usize,
    /// Where the last whole one began.
    before: usize,
}

/// Steps over at most `max` whole arguments.
fn walk(look: &Look<'_>, mut at: usize, max: u64) -> Walk {
    let (mut args, mut before) = (0, at);
    while args < max
        && let Some(len) = argument(look.from(at))
    {
        before = at;
        at += len;
        args += 1;
    }
    look.work.set(look.work.get() + args);
    Walk { args, at, before }
}

/// Length of the whole argument at the front.
fn argument(bytes: &[u8]) -> Option<usize> {
    let (len, line) = number(bytes, b'$')?;
    let end = line.checked_add(usize::try_from(len).ok()?)?;
    (bytes.get(end..end.checked_add(2)?)? == b"\r\n").then_some(end + 2)
}

/// The number in the line at the front, and the line's length.
fn number(bytes: &[u8], mark: u8) -> Option<(u64, usize)> {
    let digits = bytes.strip_prefix(&[mark])?;
    let count = digits.iter().take(19).take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=18).contains(&count) || digits.get(count..count + 2)? != b"\r\n" {
        return None;
    }
    Some((digits.iter().take(count).fold(0, |v, digit| v * 10 + u64::from(digit - b'0')), count + 3))
}

type Readings = Vec<(Patch, usize)>;

fn propose(look: &Look<'_>, out: &mut Readings) {
    let bytes = look.bytes;
    star(look, out);
    if bytes.first() != Some(&b'*') {
        return;
    }
    header_line_end(look, out);
    let line = bytes.iter().take(MAX_LINE).position(|&byte| byte == b'\n').map(|at| at + 1);
    if let Some(line) = line {
        argument_count(look, line, out);
    }
    let Some((argc, line)) = number(bytes, b'*') else { return };
    let walk = walk(look, line, argc);
    if walk.args < argc {
        damaged_argument(look, walk.at, argc - walk.args - 1, walk.args == 0, out);
    }
    if walk.args == argc {
        swallowed(look, walk.before, out);
    }
}

/// The end of a command whose remaining arguments begin at `at`.
fn rest(look: &Look<'_>, at: usize, args: u64) -> Option<usize> {
    let walk = walk(look, at, args);
    (walk.args == args).then_some(walk.at)
}

fn star(look: &Look<'_>, out: &mut Readings) {
    let bytes = look.bytes;
    for (skip, known) in [
        (1, bytes.first().is_some_and(|&byte| byte != b'*')),
        (0, bytes.first().is_some_and(u8::is_ascii_digit)),
    ] {
        let with_mark = |bytes: &[u8]| {
            let front: Vec<u8> = [&b"*"[..], bytes.get(..MAX_LINE).unwrap_or(bytes)].concat();
            number(&front, b'*')
        };
        if let Some((argc, line)) = with_mark(look.from(skip)).filter(|_| known)
            && let Some(len) = rest(look, skip + line - 1, argc)
        {
            out.push((Patch { span: 0..skip, bytes: b"*".to_vec(), mend: Mend::Star }, len));
        }
    }
}

/// `*3` without its CRLF, or with something else there.
fn header_line_end(look: &Look<'_>, out: &mut Readings) {
    let digits = look.bytes.iter().skip(1).take(9).take_while(|byte| byte.is_ascii_digit()).count();
    let argc = look.bytes.iter().skip(1).take(digits).fold(0, |v, digit| v * 10 + u64::from(digit - b'0'));
    if argc == 0 || look.from(1 + digits).starts_with(b"\r\n") {
        return;
    }
    line_ends(look, 1 + digits, |at| rest(look, at, argc), out);
}

/// Puts a CRLF at `at` in place of two bytes of which one is right, of half of it, or of nothing.
fn line_ends(look: &Look<'_>, at: usize, end: impl Fn(usize) -> Option<usize>, out: &mut Readings) {
    let before = at.checked_sub(1).and_then(|at| look.bytes.get(at));
    for wrong in [2, 1, 0] {
        let behind = at + wrong;
        let explained = match look.bytes.get(at..behind) {
            // Zeros that begin before it have hit the argument, too.
            Some([0, b'\n']) => before != Some(&0),
            Some([b'\r', _] | [_, b'\n'] | [b'\r' | b'\n'] | []) => true,
            _ => false,
        };
        if !explained {
            continue;
        }
        if let Some(len) = end(behind) {
            let patch = Patch { span: at..behind, bytes: b"\r\n".to_vec(), mend: Mend::LineEnd };
            out.push((patch, len));
        }
    }
}

fn argument_count(look: &Look<'_>, line: usize, out: &mut Readings) {
    let walk = walk(look, line, u64::MAX);
    let text = look.bytes.get(1..line).unwrap_or_default();
    let instead = format!("{}\r\n", walk.args).into_bytes();
    // At the end of the file the rest of the arguments is what is missing.
    let torn = look.last && walk.at == look.bytes.len();
    // One more or one less, or a number that is none: more than that is rather two commands that have lost what was between them.
    let stored = number(look.bytes, b'*').map_or(0, |(stored, _)| stored);
    let near = stored == 0 || stored.abs_diff(walk.args) == 1;
    if walk.args > 0 && near && !torn && text != instead.as_slice() && text.ends_with(b"\r\n") {
        out.push((Patch { span: 1..line, bytes: instead, mend: Mend::ArgumentCount }, walk.at));
    }
}

/// The first argument that is not as it should be stands at `at`, and `more` behind it.
fn damaged_argument(look: &Look<'_>, at: usize, more: u64, is_name: bool, out: &mut Readings) {
    let bytes = look.from(at);
    // The mark.
    for (skip, known) in [
        (1, bytes.first().is_some_and(|&byte| byte != b'$')),
        (0, bytes.first().is_some_and(u8::is_ascii_digit)),
    ] {
        let with_mark = |bytes: &[u8]| {
            let front: Vec<u8> = [&b"$"[..], bytes.get(..MAX_LINE).unwrap_or(bytes)].concat();
            number(&front, b'$')
        };
        if let Some((len, line)) = with_mark(look.from(at + skip)).filter(|_| known)
            && let Some(end) =
                usize::try_from(len).ok().and_then(|len| (at + skip + line - 1).checked_add(len))
            && look.from(end).starts_with(b"\r\n")
            && let Some(len) = rest(look, end + 2, more)
        {
            out.push((Patch { span: at..at + skip, bytes: b"$".to_vec(), mend: Mend::Dollar }, len));
        }
    }
    if bytes.first() != Some(&b'$') {
        return;
    }
    lengths(look, at, more, is_name, out);
    let digits = bytes.iter().skip(1).take(18).take_while(|byte| byte.is_ascii_digit()).count();
    let len = bytes.iter().skip(1).take(digits).fold(0_u64, |v, digit| v * 10 + u64::from(digit - b'0'));
    let Ok(len) = usize::try_from(len) else { return };
    if digits == 0 || len > look.bytes.len() {
        return;
    }
    let line_end = at + 1 + digits;
    if look.from(line_end).starts_with(b"\r\n") {
        // The line end behind the argument; at the end of the file it may be cut short.
        let end = line_end + 2 + len;
        let left = look.bytes.len().checked_sub(end);
        if look.last && more == 0 && (left == Some(0) || (left == Some(1) && look.from(end) == b"\r")) {
            let patch = Patch { span: end..look.bytes.len(), bytes: b"\r\n".to_vec(), mend: Mend::LineEnd };
            out.push((patch, look.bytes.len()));
        } else if left.is_some() {
            line_ends(look, end, |at| rest(look, at, more), out);
        }
    } else {
        let behind = |at: usize| {
            let end = at + len;
            look.from(end).starts_with(b"\r\n").then(|| rest(look, end + 2, more)).flatten()
        };
        line_ends(look, line_end, behind, out);
    }
}

/// Other lengths the argument at `at` may have had. That of a name is proven by the name; any other only where a digit is none any
/// more: else it may be the argument that has lost or gained bytes, and then what is left of it must not be taken for it.
fn lengths(look: &Look<'_>, at: usize, more: u64, is_name: bool, out: &mut Readings) {
    let bytes = look.from(at);
    let Some(line) = bytes.iter().take(MAX_LINE).position(|&byte| byte == b'\n').map(|at| at + 1) else {
        return;
    };
    let Some(text) = bytes.get(1..line).and_then(|text| text.strip_suffix(b"\r\n")) else { return };
    if bytes.first() != Some(&b'$') {
        return;
    }
    let start = at + line;
    let mut push = |len: usize, digits: Vec<u8>| {
        let Some(end) = start.checked_add(len) else { return };
        if look.from(end).starts_with(b"\r\n")
            && let Some(len) = rest(look, end + 2, more)
        {
            out.push((Patch { span: at + 1..at + 1 + text.len(), bytes: digits, mend: Mend::Length }, len));
        }
    };
    if is_name {
        let name = look.from(start).iter().take(MAX_NAME).position(|&byte| byte == b'\r');
        if let Some(len) = name {
            push(len, format!("{len}").into_bytes());
        }
        return;
    }
    for (i, &old) in text.iter().enumerate() {
        // Which of them was right shows where what is left of the argument ends.
        for digit in (b'0'..=b'9').filter(|_| !old.is_ascii_digit()) {
            let mut digits = text.to_vec();
            if let Some(byte) = digits.get_mut(i) {
                *byte = digit;
            }
            // A length does not begin with a zero, but for that of nothing.
            let leads = digits.len() > 1 && digits.first() == Some(&b'0');
            if digits.iter().all(u8::is_ascii_digit)
                && !leads
                && let Some(len) = core::str::from_utf8(&digits).ok().and_then(|text| text.parse().ok())
            {
                push(len, digits);
            }
        }
    }
}

/// Arguments that a wrong length has swallowed, together with commands behind them: the last argument of a command that reads
/// well, but is followed by nothing good, may be shorter by one flipped bit.
fn swallowed(look: &Look<'_>, at: usize, out: &mut Readings) {
    let Some((stored, line)) = number(look.from(at), b'$') else { return };
    let text = look.bytes.get(at + 1..at + line - 2).unwrap_or_default();
    for (i, &old) in text.iter().enumerate() {
        for digit in (b'0'..=b'9').filter(|digit| (old ^ digit).is_power_of_two()) {
            let mut digits = text.to_vec();
            if let Some(byte) = digits.get_mut(i) {
                *byte = digit;
            }
            let len = core::str::from_utf8(&digits).ok().and_then(|text| text.parse::<usize>().ok());
            if let Some(end) =
                len.filter(|&len| (len as u64) < stored).and_then(|len| (at + line).checked_add(len))
                && digits.first() != Some(&b'0')
                && look.from(end).starts_with(b"\r\n*")
            {
                let span = at + 1..at + 1 + text.len();
                out.push((Patch { span, bytes: digits, mend: Mend::Length }, end + 2));
            }
        }
    }
}

/// Does a command without any argument stand at the front, with another item behind it? How long it is.
pub(super) fn empty_command(look: &Look<'_>) -> Option<usize> {
    let line = look.bytes.iter().take(MAX_LINE).position(|&byte| byte == b'\n')? + 1;
    let text = look.bytes.get(1..line)?.strip_suffix(b"\r\n")?;
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let is_none = text.starts_with(b"-") || digits.iter().all(|&byte| byte == b'0');
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let good = look.bytes.first() == Some(&b'*') && is_number && is_none && look.stands(line, 2);
    good.then_some(line)
}

/// Why nothing could be read, if it is only that the file ends.
pub(super) fn is_torn(look: &Look<'_>) -> bool {
    look.last && matches!(look.plain(0), Err(Not::Complete { .. }))
}
