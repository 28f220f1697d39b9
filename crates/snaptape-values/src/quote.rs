//! Strings as `redis-cli` reads and prints them.

use core::fmt::Write as _;

/// In double quotes, every byte that is not printable ASCII escaped. Source: sds.c, `sdscatrepr`, which `sdssplitargs` reads.
pub fn quote(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 2);
    push_quoted(&mut out, bytes);
    out
}

/// Appends the same.
pub(crate) fn push_quoted(out: &mut String, bytes: &[u8]) {
    out.push('"');
    push_escaped(out, bytes);
    out.push('"');
}

/// Appends what stands between the quotes.
pub(crate) fn push_escaped(out: &mut String, bytes: &[u8]) {
    for byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'"' => out.push_str("\\\""),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x07 => out.push_str("\\a"),
            0x08 => out.push_str("\\b"),
            0x20..0x7f => out.push(char::from(*byte)),
            byte => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\x{byte:02x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_printable_ascii() {
        let all: Vec<u8> = (0..=255).collect();
        let text = quote(&all);
        assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
        assert_eq!(quote(b"a\"b\\\n\0\xff"), r#""a\"b\\\n\x00\xff""#);
    }
}
