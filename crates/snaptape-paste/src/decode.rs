//! Text as bytes.

use base64::{
    Engine as _,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// How text is read as bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Text,
    /// With `\x00`, `\n` and their like, as `redis-cli` prints.
    Escapes,
    /// Lines with offsets, as `xxd` and `hexdump` print.
    HexDump,
    /// Pairs of digits.
    Hex,
    /// Base64.
    Base64,
}

impl Form {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Escapes => "text with escapes",
            Self::HexDump => "a dump of hex",
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }
}

/// Padding or not, and whatever the last bits are.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The ways to read it, the likeliest first.
pub(crate) fn readings(text: &str) -> impl Iterator<Item = (Form, Vec<u8>)> {
    let front = text.trim_start();
    let is_text = front.starts_with("file ")
        || front.starts_with("#TS:")
        || (front.starts_with('*') && front.as_bytes().get(1).is_some_and(u8::is_ascii_digit));
    [
        is_text.then(|| (Form::Text, front.as_bytes().to_vec())),
        escapes(text.trim()).map(|bytes| (Form::Escapes, bytes)),
        hex_dump(text).map(|bytes| (Form::HexDump, bytes)),
        hex(text).map(|bytes| (Form::Hex, bytes)),
        base64(text).map(|bytes| (Form::Base64, bytes)),
    ]
    .into_iter()
    .flatten()
}

/// What `redis-cli` prints, in its quotes or without. Source: sds.c `sdscatrepr`.
fn escapes(text: &str) -> Option<Vec<u8>> {
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    if quoted.is_none() && !text.contains("\\x") {
        return None;
    }
    let mut rest = quoted.unwrap_or(text).as_bytes();
    let mut bytes = Vec::new();
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let [kind, behind @ ..] = rest else { return None };
        rest = behind;
        bytes.push(match kind {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'a' => 7,
            b'b' => 8,
            b'0' => 0,
            b'x' => {
                let [high, low, behind @ ..] = rest else { return None };
                rest = behind;
                digit(*high)? << 4 | digit(*low)?
            }
            b'\\' | b'"' | b'\'' => *kind,
            _ => return None,
        });
    }
    Some(bytes)
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Digits in pairs; `0x`, white space, commas, colons and quotes between them are passed over.
fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("0x", " ").replace("\\x", " ").replace("0X", " ");
    let mut digits = Vec::new();
    for c in text.bytes() {
        match digit(c) {
            Some(digit) => digits.push(digit),
            None if c.is_ascii_whitespace() || b",:;-\"'[]{}".contains(&c) => {}
            None => return None,
        }
    }
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    (!pairs.is_empty()).then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// Lines of an offset, bytes, and perhaps text. Where `hexdump` leaves out lines that repeat, they are put back.
fn hex_dump(text: &str) -> Option<Vec<u8>> {
    const MOST_REPEATED: u64 = 64 << 20;
    let mut bytes: Vec<u8> = Vec::new();
    let mut base = None;
    let mut repeats = false;
    let mut lines = 0;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line == "*" {
            repeats = true;
            continue;
        }
        let (offset, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let (digits, colon) = match offset.strip_suffix(':') {
            Some(digits) => (digits, true),
            None => (offset, false),
        };
        if !(4..=16).contains(&digits.len()) {
            return None;
        }
        let offset = u64::from_str_radix(digits, 16).ok()?;
        let at = offset.checked_sub(*base.get_or_insert(offset))?;
        if repeats {
            let missing = at.checked_sub(bytes.len() as u64).filter(|missing| *missing <= MOST_REPEATED)?;
            let last = bytes.get(bytes.len().checked_sub(16)?..)?.to_vec();
            bytes.extend(last.iter().cycle().take(usize::try_from(missing).ok()?));
            repeats = false;
        }
        if at != bytes.len() as u64 {
            return None;
        }
        bytes.extend(dump_line(rest, colon)?);
        lines += 1;
    }
    (lines > 0 && !bytes.is_empty()).then_some(bytes)
}

/// The bytes of a line: groups of digits up to two spaces or a bar, behind which their text stands.
fn dump_line(rest: &str, colon: bool) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let rest = rest.split('|').next().unwrap_or(rest);
    // hexdump -C has two spaces in the middle, xxd before the text.
    let rest = if colon { rest.trim_start().split("  ").next().unwrap_or(rest) } else { rest };
    for group in rest.split_whitespace() {
        let pairs: Option<Vec<u8>> = group
            .as_bytes()
            .chunks(2)
            .map(|pair| match pair {
                [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
                _ => None,
            })
            .collect();
        let mut pairs = pairs?;
        // Without a colon and in groups of two bytes, it is hexdump's own form: the lowest byte comes last.
        if !colon && pairs.len() == 2 {
            pairs.reverse();
        }
        bytes.extend(pairs);
    }
    Some(bytes)
}

/// Base64, also that of addresses; white space is passed over.
fn base64(text: &str) -> Option<Vec<u8>> {
    let text: Vec<u8> = text
        .bytes()
        .filter(|c| !c.is_ascii_whitespace() && !b"\"'".contains(c))
        .map(|c| match c {
            b'-' => b'+',
            b'_' => b'/',
            c => c,
        })
        .collect();
    BASE64.decode(text).ok().filter(|bytes| !bytes.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const BYTES: &[u8] = b"REDIS0011\x00\xffabc\n\"\\x";

    fn check(text: &str, form: Form, expected: &[u8]) {
        let found: Vec<(Form, Vec<u8>)> = readings(text).collect();
        assert!(found.contains(&(form, expected.to_vec())), "{text}: {found:?}");
    }

    #[test]
    fn hex_in_many_forms() {
        for text in [
            "524544495330303131 00ff 616263 0a225c78",
            "0x524544495330303131",
            "0x52,0x45,0x44,0x49,0x53,0x30,0x30,0x31,0x31",
            "52 45 44 49 53 30 30 31 31\n",
            "52:45:44:49:53:30:30:31:31",
        ] {
            let bytes = hex(text).unwrap_or_else(|| panic!("{text}"));
            assert!(BYTES.starts_with(&bytes) && bytes.len() >= 9, "{text}");
        }
        for text in ["", "5", "52 4", "xyz", "{}"] {
            assert_eq!(hex(text), None, "{text}");
        }
    }

    #[test]
    fn what_redis_cli_prints() {
        check(r#""REDIS0011\x00\xffabc\n\"\\x""#, Form::Escapes, BYTES);
        check(r"\x00\x03abc", Form::Escapes, b"\x00\x03abc");
        assert_eq!(escapes(r"\xzz"), None);
        assert_eq!(escapes(r#""a\"#), None);
    }

    #[test]
    fn dumps_of_hex() {
        // xxd
        check(
            "00000000: 5245 4449 5330 3031 3100 ff61 6263 0a22  REDIS0011..abc.\"\n00000010: 5c78                                     \\x\n",
            Form::HexDump,
            BYTES,
        );
        // hexdump -C
        check(
            "00000000  52 45 44 49 53 30 30 31  31 00 ff 61 62 63 0a 22  |REDIS0011..abc.\"|\n00000010  5c 78                                             |\\x|\n00000012\n",
            Form::HexDump,
            BYTES,
        );
        // hexdump
        check("0000000 4552 4944 3053 3130\n0000008\n", Form::HexDump, b"REDIS001");
        // Lines that repeat are left out.
        let repeated = "00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00000040  01 02  |..|\n";
        check(repeated, Form::HexDump, &[&[0; 64][..], &[1, 2]].concat());
        assert_eq!(hex_dump("00000000  00\n00000020  00\n"), None, "a gap");
    }

    #[test]
    fn base64_in_all_alphabets() {
        check("UkVESVMwMDExAP9hYmMKIlx4", Form::Base64, BYTES);
        check("UkVESVMwMDEx\nAP9hYmMKIlx4", Form::Base64, BYTES);
        check("-_8=", Form::Base64, b"\xfb\xff");
        check("+/8", Form::Base64, b"\xfb\xff");
    }

    #[test]
    fn text_is_text() {
        check("*1\r\n$4\r\nPING\r\n", Form::Text, b"*1\r\n$4\r\nPING\r\n");
        check("file a.1.base.rdb seq 1 type b\n", Form::Text, b"file a.1.base.rdb seq 1 type b\n");
    }
}
