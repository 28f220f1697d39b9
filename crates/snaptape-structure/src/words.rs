//! Values as short text.

use core::fmt::Write as _;

/// Longest text shown of a value.
const MOST_CHARS: usize = 60;

/// Bytes as text: as they are where they are readable UTF-8, else escaped as in C; cut where they are long.
pub(crate) fn text(bytes: &[u8]) -> String {
    let front = bytes.get(..MOST_CHARS * 4).unwrap_or(bytes);
    let readable = match core::str::from_utf8(front) {
        Ok(text) => Some(text),
        // Cut within a character.
        Err(error) if error.error_len().is_none() && front.len() < bytes.len() => {
            core::str::from_utf8(front.get(..error.valid_up_to()).unwrap_or_default()).ok()
        }
        Err(_) => None,
    };
    let mut out = String::from("\"");
    let mut cut = front.len() < bytes.len();
    let mut put = |piece: &dyn core::fmt::Display, at: usize| {
        if at >= MOST_CHARS {
            cut = true;
        } else {
            let _ = write!(out, "{piece}");
        }
    };
    match readable {
        Some(text) => {
            for (at, c) in text.chars().enumerate() {
                match c {
                    '"' | '\\' => put(&c.escape_default(), at),
                    c if c.is_control() => put(&format_args!("{}", escaped(c)), at),
                    c => put(&c, at),
                }
            }
        }
        None => {
            for (at, byte) in front.iter().enumerate() {
                put(&core::ascii::escape_default(*byte), at);
            }
        }
    }
    out.push('"');
    if cut {
        out.push_str(" ...");
    }
    out
}

fn escaped(c: char) -> String {
    match u8::try_from(c) {
        Ok(byte) => core::ascii::escape_default(byte).to_string(),
        Err(_) => c.escape_unicode().to_string(),
    }
}

/// A moment in Unix milliseconds, with the number as it is stored.
pub(crate) fn time_ms(ms: i64) -> String {
    format!("{} ({ms})", snaptape_report::units::time_ms(ms))
}

/// A floating-point number.
pub(crate) fn double(bits: f64) -> String {
    format!("{bits}")
}

/// What happens when nothing has to be made.
pub(crate) fn none() -> String {
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short_and_on_one_line() {
        for (bytes, expected) in [
            (&b"user:1"[..], "\"user:1\""),
            ("caf\u{e9} \u{2603}".as_bytes(), "\"caf\u{e9} \u{2603}\""),
            (b"a\r\n\"b\"", "\"a\\r\\n\\\"b\\\"\""),
            (b"\xff\x00a", "\"\\xff\\x00a\""),
            (b"", "\"\""),
        ] {
            assert_eq!(text(bytes), expected);
        }
        assert_eq!(text(&[b'x'; 1000]), format!("\"{}\" ...", "x".repeat(60)));
        // Cut within a character.
        assert!(text("\u{20ac}".repeat(200).as_bytes()).starts_with("\"\u{20ac}\u{20ac}"));
    }
}
