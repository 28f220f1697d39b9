//! Cuts a line into words.

use core::fmt::Write as _;

/// A word of the line, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    /// First character in the line, and the one after the last.
    pub(super) span: (usize, usize),
    pub(super) chars: Vec<char>,
}

/// The words of a line: what white space outside quotes stands between. A quote that is not closed ends with the line.
pub(super) fn words(line: &str) -> Vec<Word> {
    let mut all = Vec::new();
    let mut word = Word { span: (0, 0), chars: Vec::new() };
    let (mut quoted, mut escaped) = (false, false);
    let mut end = 0;
    for (at, c) in line.chars().enumerate() {
        end = at + 1;
        if c.is_whitespace() && !quoted {
            if !word.chars.is_empty() {
                word.span.1 = at;
                all.push(core::mem::replace(&mut word, Word { span: (0, 0), chars: Vec::new() }));
            }
            continue;
        }
        if word.chars.is_empty() {
            word.span.0 = at;
        }
        word.chars.push(c);
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    if !word.chars.is_empty() {
        word.span.1 = end;
        all.push(word);
    }
    all
}

/// What was meant by what was written: quotes taken away and, inside them, `\"`, `\\`, `\n`, `\r`, `\t` and `\xHH` read. A comma outside quotes
/// begins the next part.
pub(super) fn parts(chars: &[char]) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    read(chars, |c| match c {
        Read::Comma => parts.push(Vec::new()),
        Read::Byte(byte) => last(&mut parts).push(byte),
        Read::Char(c) => last(&mut parts).extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    });
    parts
}

/// The same, commas as they are.
pub(super) fn text(chars: &[char]) -> Vec<u8> {
    let mut text = Vec::new();
    read(chars, |c| match c {
        Read::Comma => text.push(b','),
        Read::Byte(byte) => text.push(byte),
        Read::Char(c) => text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    });
    text
}

/// Writes a text so that it is read as it is.
pub(super) fn quoted(text: &str) -> String {
    let plain = !text.is_empty()
        && !text.starts_with('-')
        && !text
            .chars()
            .any(|c| c.is_whitespace() || is_unseen(c) || matches!(c, '"' | ',' | ':' | '<' | '>' | '='));
    if plain { text.to_owned() } else { in_quotes(text) }
}

/// The same for what stands behind a field whose value is all that follows: a glob.
pub(super) fn meant(text: &str) -> String {
    let plain = !text.is_empty() && !text.chars().any(|c| c.is_whitespace() || is_unseen(c) || c == '"');
    if plain { text.to_owned() } else { in_quotes(text) }
}

/// A line has no place for control characters, and direction overrides would make it read as another one.
fn is_unseen(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn in_quotes(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            c if is_unseen(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Writing to a string cannot fail.
                    let _ = write!(out, "\\x{byte:02x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn last(parts: &mut [Vec<u8>]) -> &mut Vec<u8> {
    parts.last_mut().expect("there is always one")
}

enum Read {
    Comma,
    Byte(u8),
    Char(char),
}

fn read(chars: &[char], mut each: impl FnMut(Read)) {
    let mut quoted = false;
    let mut rest = chars.iter().copied();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => each(Read::Comma),
            '\\' if quoted => match rest.next() {
                Some('n') => each(Read::Byte(b'\n')),
                Some('r') => each(Read::Byte(b'\r')),
                Some('t') => each(Read::Byte(b'\t')),
                Some('x') => {
                    let mut behind = rest.clone();
                    let digits = behind.next().zip(behind.next());
                    let byte = digits.and_then(|(a, b)| Some(a.to_digit(16)? * 16 + b.to_digit(16)?));
                    match byte.and_then(|byte| u8::try_from(byte).ok()) {
                        Some(byte) => {
                            rest = behind;
                            each(Read::Byte(byte));
                        }
                        None => each(Read::Char('x')),
                    }
                }
                Some(c) => each(Read::Char(c)),
                None => {}
            },
            c => each(Read::Char(c)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_words_together() {
        let spans = |line: &str| {
            words(line)
                .into_iter()
                .map(|word| (word.span, word.chars.into_iter().collect::<String>()))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            spans("  a  b:\"c d\" \"é"),
            [((2, 3), "a".into()), ((5, 12), "b:\"c d\"".to_owned()), ((13, 15), "\"é".into())]
        );
        assert!(words(" \t ").is_empty());
    }

    #[test]
    fn what_is_written_in_quotes_is_meant() {
        let chars = |text: &str| text.chars().collect::<Vec<_>>();
        assert_eq!(parts(&chars("a,\"b,c\",\"\"")), [b"a".to_vec(), b"b,c".to_vec(), b"".to_vec()]);
        assert_eq!(text(&chars("\"\\x00\\xff\\\"\\\\\\n\\q\\xg\"")), b"\x00\xff\"\\\nqxg");
        assert_eq!(text(&chars("a\\*,b")), b"a\\*,b");
        for plain in ["a b", "-x", "user:1", "x\"y\\z", "", "a\u{1b}b\n\u{85}\u{202e}"] {
            let written = quoted(plain);
            assert_eq!(text(&chars(&written)), plain.as_bytes(), "{written}");
            assert_eq!(words(&written).len(), 1, "{written}");
        }
        assert_eq!(quoted("hash"), "hash");
    }
}
