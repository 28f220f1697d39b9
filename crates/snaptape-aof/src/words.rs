//! Splitting a line into words, and quoting them, as the server does in manifests. Source: sdssplitargs and sdscatrepr in sds.c.

use alloc::{string::String, vec::Vec};

use crate::line::is_space;

/// The words of a line; `None` where quotes are not closed, or closed in front of something that is not a space.
///
/// Like the C function it stops at a NUL, takes quotes inside a word, and knows `\xHH`, `\n`, `\r`, `\t`, `\b`, `\a` in double quotes
/// and `\'` in single ones.
pub fn split_words(line: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut rest = line.split(|&byte| byte == 0).next().unwrap_or_default();
    let mut words = Vec::new();
    loop {
        let blanks = rest.iter().take_while(|&&byte| is_space(byte)).count();
        rest = rest.get(blanks..).unwrap_or_default();
        if rest.is_empty() {
            return Some(words);
        }
        let (word, behind) = word(rest)?;
        words.push(word);
        rest = behind;
    }
}

/// The word at the front, and what follows it.
fn word(mut rest: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut word = Vec::new();
    loop {
        match rest {
            [] | [b' ' | b'\n' | b'\r' | b'\t', ..] => return Some((word, rest)),
            [quote @ (b'"' | b'\''), behind @ ..] => {
                let behind = quoted(*quote, behind, &mut word)?;
                // Whatever closes a quote also ends the word.
                return behind.first().is_none_or(|&byte| is_space(byte)).then_some((word, behind));
            }
            [byte, behind @ ..] => {
                word.push(*byte);
                rest = behind;
            }
        }
    }
}

/// Takes what stands in quotes; what follows the closing one.
fn quoted<'a>(quote: u8, mut rest: &'a [u8], word: &mut Vec<u8>) -> Option<&'a [u8]> {
    loop {
        let (byte, behind) = match rest {
            [] => return None,
            [byte, behind @ ..] if *byte == quote => return Some(behind),
            [b'\\', b'\'', behind @ ..] if quote == b'\'' => (b'\'', behind),
            [b'\\', b'x', high, low, behind @ ..]
                if quote == b'"' && high.is_ascii_hexdigit() && low.is_ascii_hexdigit() =>
            {
                (hex(*high) << 4 | hex(*low), behind)
            }
            [b'\\', escaped, behind @ ..] if quote == b'"' => (unescape(*escaped), behind),
            [byte, behind @ ..] => (*byte, behind),
        };
        word.push(byte);
        rest = behind;
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        _ => (digit | 0x20) - b'a' + 10,
    }
}

fn unescape(byte: u8) -> u8 {
    match byte {
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 0x08,
        b'a' => 0x07,
        other => other,
    }
}

/// Appends a word to a line, in quotes if the server's writer would use them.
pub fn quote_word(word: &[u8], out: &mut String) {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"');
    if word.iter().all(|&byte| plain(byte)) {
        out.extend(word.iter().map(|&byte| char::from(byte)));
        return;
    }
    out.push('"');
    for &byte in word {
        match byte {
            b'\\' | b'"' => out.extend(['\\', char::from(byte)]),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                out.push_str("\\x");
                for nibble in [byte >> 4, byte & 15] {
                    out.push(char::from_digit(u32::from(nibble), 16).unwrap_or('0'));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &[u8], expected: Option<&[&[u8]]>) {
        let words = split_words(line);
        let words: Option<Vec<&[u8]>> = words.as_ref().map(|words| words.iter().map(Vec::as_slice).collect());
        assert_eq!(words.as_deref(), expected, "{:?}", line.escape_ascii());
    }

    #[test]
    fn lines_split_as_the_server_splits_them() {
        check(b"", Some(&[]));
        check(b"  file\ta.aof  seq 1 ", Some(&[b"file", b"a.aof", b"seq", b"1"]));
        check(br#"file "a b.aof""#, Some(&[b"file", b"a b.aof"]));
        check(br#""\x41\n\r\t\b\a\q\"" x"#, Some(&[b"A\n\r\t\x08\x07q\"", b"x"]));
        check(br#""\xg1""#, Some(&[b"xg1"]));
        check(br"'a\'b\n' x", Some(&[br"a'b\n", b"x"]));
        check(br#"ab"c d""#, Some(&[b"abc d"]));
        check(br#""a"b"#, None);
        check(br#""a"#, None);
        check(br#""a\"#, None);
        check(b"'a", None);
        check(b"a\0b c", Some(&[b"a"]));
        check(b"\"a\0b\"", None);
        check(br#""""#, Some(&[b""]));
    }

    #[test]
    fn only_awkward_words_are_quoted() {
        for (word, expected) in [
            (&b"appendonly.aof"[..], "appendonly.aof"),
            (b"a b", r#""a b""#),
            (b"a\\\"", r#""a\\\"""#),
            (b"a\n\r\t\x07\x08\x00\xff", r#""a\n\r\t\a\b\x00\xff""#),
            (b"it's", "it's"),
        ] {
            let mut out = String::new();
            quote_word(word, &mut out);
            assert_eq!(out, expected);
        }
    }
}
