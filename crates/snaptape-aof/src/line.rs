//! Lines and numbers as the two programs that read append-only files understand them.

use nom::{
    IResult, Parser,
    bytes::complete::{take_while, take_while1},
    character::complete::one_of,
    combinator::opt,
};
use snaptape_wire::Release;

/// Which program's idea of the format a [`crate::Reader`] follows.
///
/// They differ in what they forgive: the check tool wants CRLF everywhere but passes a command without arguments; the loader
/// takes a bare LF, junk behind a number and any two bytes behind an argument, but dies on a negative length.
/// Source: redis-check-aof.c and aof.c of Redis 5.0 to 8.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// redis-check-aof of Redis 7.0 and later, valkey-check-aof.
    CheckTool,
    /// redis-check-aof before 7.0: knows no `#` lines.
    CheckToolBefore7,
    /// The server's loader, 7.0 and later.
    Loader,
    /// The server's loader before 7.0: knows no `#` lines, and reads shorter lines.
    LoaderBefore7,
}

impl Dialect {
    /// The check tool of a release.
    pub fn check_tool(release: Release) -> Self {
        if release.at_least_redis(7, 0) { Self::CheckTool } else { Self::CheckToolBefore7 }
    }

    /// The loader of a release.
    pub fn loader(release: Release) -> Self {
        if release.at_least_redis(7, 0) { Self::Loader } else { Self::LoaderBefore7 }
    }

    /// Does it step over lines that begin with `#`?
    pub fn knows_annotations(self) -> bool {
        matches!(self, Self::CheckTool | Self::Loader)
    }

    /// Is it one of the loaders?
    pub fn is_loader(self) -> bool {
        matches!(self, Self::Loader | Self::LoaderBefore7)
    }

    /// The longest piece of a `*` or `$` line it reads at once; what is longer continues as if on a new line.
    pub(crate) fn line_bytes(self) -> usize {
        if self == Self::Loader { ANNOTATION_BYTES } else { 127 }
    }
}

/// The longest piece of a `#` line that is read at once. Source: AOF_ANNOTATION_LINE_MAX_LEN is 1024, one for the NUL.
pub(crate) const ANNOTATION_BYTES: usize = 1023;

/// A line as C's `fgets` hands it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// Its bytes, the LF included where there is one.
    pub(crate) bytes: &'a [u8],
    /// Did reading it run into the end of the file?
    pub(crate) at_eof: bool,
}

/// The next line, at most `max` bytes of it; `None` when more input is needed to know.
#[inline]
pub(crate) fn take_line(input: &[u8], max: usize, eof: bool) -> Option<Line<'_>> {
    let front = input.get(..max).unwrap_or(input);
    if let Some(lf) = front.iter().position(|&byte| byte == b'\n') {
        return Some(Line { bytes: front.get(..=lf)?, at_eof: false });
    }
    if front.len() == max {
        return Some(Line { bytes: front, at_eof: false });
    }
    eof.then_some(Line { bytes: front, at_eof: true })
}

/// C's `isspace` in the C locale.
pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

/// C's `strtol(text, &end, 10)`: the value, clamped, and how many bytes it took; nothing at all where there is no digit.
pub(crate) fn strtol(text: &[u8]) -> (i64, usize) {
    fn number(text: &[u8]) -> IResult<&[u8], (Option<char>, &[u8])> {
        let (rest, _) = take_while(is_space).parse(text)?;
        (opt(one_of(&b"+-"[..])), take_while1(|byte: u8| byte.is_ascii_digit())).parse(rest)
    }
    let Ok((rest, (sign, digits))) = number(text) else { return (0, 0) };
    let sign = if sign == Some('-') { -1 } else { 1 };
    let value = digits
        .iter()
        .fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(sign * i64::from(digit - b'0')));
    (value, text.len() - rest.len())
}

/// C's `atoi` as glibc has it: the low 32 bits of `strtol`.
#[expect(clippy::cast_possible_truncation, reason = "that is what glibc does")]
pub(crate) fn atoi(text: &[u8]) -> i32 {
    strtol(text).0 as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_in_c() {
        for (text, expected) in [
            (&b"3\r\n"[..], (3, 1)),
            (b"03\r\n", (3, 2)),
            (b" \t+7x", (7, 4)),
            (b"-12\r\n", (-12, 3)),
            (b"\r\n", (0, 0)),
            (b"-\r\n", (0, 0)),
            (b"x", (0, 0)),
            (b"", (0, 0)),
            (b"99999999999999999999", (i64::MAX, 20)),
            (b"-99999999999999999999", (i64::MIN, 21)),
            (b"9223372036854775807", (i64::MAX, 19)),
            (b"-9223372036854775808", (i64::MIN, 20)),
        ] {
            assert_eq!(strtol(text), expected, "{text:?}");
        }
        assert_eq!(atoi(b"4294967299"), 3);
        assert_eq!(atoi(b"2147483648"), i32::MIN);
    }

    #[test]
    fn lines_end_where_fgets_ends_them() {
        let line = |bytes, at_eof| Some(Line { bytes, at_eof });
        assert_eq!(take_line(b"ab\ncd", 10, false), line(b"ab\n", false));
        assert_eq!(take_line(b"ab", 10, false), None);
        assert_eq!(take_line(b"ab", 10, true), line(b"ab", true));
        assert_eq!(take_line(b"abc", 3, true), line(b"abc", false));
        assert_eq!(take_line(b"abcd\n", 3, false), line(b"abc", false));
        assert_eq!(take_line(b"", 3, true), line(b"", true));
    }
}
