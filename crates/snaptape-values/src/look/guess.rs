//! What the bytes of a string may be.

use snaptape_report::{Certainty, Format, Guess, units};

use super::{hll, json, msgpack, unpack};

/// What they may be, most likely first. The last guess always is something to show them as.
pub fn guesses(bytes: &[u8], is_whole: bool) -> Vec<Guess> {
    let mut found = Vec::new();
    let mut guess =
        |what: &str, certainty, format| found.push(Guess { what: what.into(), certainty, format });
    let surely = if is_whole { Certainty::Certain } else { Certainty::Probably };
    if bytes.is_empty() {
        guess("the empty string", Certainty::Certain, Some(Format::Text));
        return found;
    }
    if bytes.starts_with(b"HYLL") && hll::hyperloglog(bytes).is_ok() {
        guess("a HyperLogLog", Certainty::Certain, Some(Format::HyperLogLog));
    }
    if let Some(name) = unpack::container(bytes) {
        let opens = unpack::unpack(bytes).is_some_and(|unpacked| !unpacked.inside.is_empty());
        let certainty = if opens { Certainty::Certain } else { Certainty::Maybe };
        guess(name, certainty, opens.then_some(Format::Unpacked));
    }
    if matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')) && json::is_json(bytes, is_whole)
    {
        guess("JSON", surely, Some(Format::Json));
    }
    if let Some((what, certainty)) = by_front(bytes, is_whole) {
        guess(what, certainty, None);
    }
    let text = core::str::from_utf8(bytes).ok().or_else(|| cut_text(bytes, is_whole));
    if text.is_none() && msgpack::is_msgpack(bytes, is_whole) {
        guess("MessagePack", Certainty::Probably, Some(Format::MessagePack));
    }
    if let Some(text) = text {
        for (what, certainty) in as_number(text, is_whole) {
            guess(&what, certainty, None);
        }
        let is_plain = text.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'));
        match (is_plain, text.is_ascii()) {
            (true, true) => guess("ASCII text", surely, Some(Format::Text)),
            (true, false) => guess("UTF-8 text", surely, Some(Format::Text)),
            (false, _) => guess("text with control characters", Certainty::Maybe, Some(Format::Quoted)),
        }
    } else {
        guess("binary data", Certainty::Certain, Some(Format::Hex));
    }
    found
}

/// Text whose last character is cut in two.
fn cut_text(bytes: &[u8], is_whole: bool) -> Option<&str> {
    match core::str::from_utf8(bytes) {
        Err(error) if !is_whole && error.error_len().is_none() => {
            core::str::from_utf8(bytes.get(..error.valid_up_to())?).ok()
        }
        _ => None,
    }
}

/// What is known by its first bytes alone, and only named.
fn by_front(bytes: &[u8], is_whole: bool) -> Option<(&'static str, Certainty)> {
    use Certainty::{Maybe, Probably};
    let last = bytes.last().copied();
    Some(match bytes {
        [0xac, 0xed, 0, 5, ..] => ("a serialised Java object", Probably),
        [0x80, 2..=5, ..] if !is_whole || last == Some(b'.') => ("a Python pickle", Probably),
        [4, 8, b'[' | b'{' | b'I' | b'"' | b'o' | b'i' | b'U' | b'0', ..] => {
            ("a marshalled Ruby object", Probably)
        }
        [0, 0, 0, 1 | 2, _, ..] => ("PHP's igbinary", Maybe),
        [0xd9, 0xd9, 0xf7, ..] => ("CBOR", Probably),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => ("a PNG image", Probably),
        [0xff, 0xd8, 0xff, ..] => ("a JPEG image", Probably),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => ("a GIF image", Probably),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => ("a WebP image", Probably),
        [b'%', b'P', b'D', b'F', b'-', ..] => ("a PDF document", Probably),
        [0xff, 6, 0, 0, b's', b'N', b'a', b'P', b'p', b'Y', ..] => ("framed Snappy data", Probably),
        [b'O', b'b', b'j', 1, ..] => ("an Avro file", Probably),
        _ if is_php(bytes) => ("a serialised PHP value", Probably),
        _ if is_bson(bytes) && is_whole => ("BSON", Maybe),
        _ if is_whole && is_protobuf(bytes) => ("a Protocol Buffers message", Maybe),
        _ => return None,
    })
}

/// `a:2:{`, `O:8:"stdClass"`, `s:3:"abc";`. Source: PHP's `serialize`.
fn is_php(bytes: &[u8]) -> bool {
    let [kind, b':', rest @ ..] = bytes else { return false };
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let behind = rest.get(digits..).unwrap_or_default();
    digits > 0
        && match kind {
            b'a' => behind.starts_with(b":{"),
            b's' | b'O' | b'C' => behind.starts_with(b":\""),
            b'i' | b'b' => behind.first() == Some(&b';'),
            _ => false,
        }
}

/// It begins with its length and ends with a zero.
fn is_bson(bytes: &[u8]) -> bool {
    let len = bytes.first_chunk().map(|len| u32::from_le_bytes(*len));
    bytes.len() > 8 && bytes.last() == Some(&0) && len.is_some_and(|len| len as usize == bytes.len())
}

/// Reads as fields of low numbers to its end, which many short strings do: at least three of them, and no text.
fn is_protobuf(bytes: &[u8]) -> bool {
    let (mut at, mut fields) = (0, 0);
    while at < bytes.len() {
        let Some((tag, next)) = varint(bytes, at) else { return false };
        let skip = match tag & 7 {
            0 => varint(bytes, next).map(|(_, end)| end),
            1 => next.checked_add(8),
            2 => varint(bytes, next).and_then(|(len, start)| start.checked_add(usize::try_from(len).ok()?)),
            5 => next.checked_add(4),
            _ => None,
        };
        match skip {
            Some(end) if end <= bytes.len() && (8..1024).contains(&tag) => at = end,
            _ => return false,
        }
        fields += 1;
    }
    fields >= 3 && core::str::from_utf8(bytes).is_err()
}

fn varint(bytes: &[u8], mut at: usize) -> Option<(u64, usize)> {
    let mut n = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(at)?;
        at += 1;
        n |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((n, at));
        }
    }
    None
}

/// Text that is a number, and perhaps a time.
fn as_number(text: &str, is_whole: bool) -> Vec<(String, Certainty)> {
    if !is_whole || text.len() > 40 {
        return Vec::new();
    }
    let Ok(n) = text.parse::<i64>() else {
        let is_float =
            text.parse::<f64>().is_ok_and(f64::is_finite) && text.bytes().any(|b| b.is_ascii_digit());
        return if is_float {
            vec![("a floating-point number".into(), Certainty::Certain)]
        } else {
            Vec::new()
        };
    };
    let mut found = vec![("a whole number".to_owned(), Certainty::Certain)];
    // From 2001 to 2100.
    let seconds = 978_307_200..4_102_444_800;
    for (unit, per_second) in [("seconds", 1), ("milliseconds", 1_000), ("microseconds", 1_000_000)] {
        let s = n / per_second;
        if seconds.contains(&s) {
            found.push((format!("a time in Unix {unit}: {}", units::time_s(s)), Certainty::Maybe));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(bytes: &[u8]) -> String {
        guesses(bytes, true).remove(0).what
    }

    #[test]
    fn the_likeliest_comes_first() {
        for (bytes, what) in [
            (&b""[..], "the empty string"),
            (b"{\"a\":1}", "JSON"),
            (b"{not json", "ASCII text"),
            (b"12", "a whole number"),
            (b"1.5e3", "a floating-point number"),
            (b"hello", "ASCII text"),
            ("grüß".as_bytes(), "UTF-8 text"),
            (b"a:1:{s:1:\"k\";i:5;}", "a serialised PHP value"),
            (b"\xac\xed\0\x05t\0\x01a", "a serialised Java object"),
            (b"\x80\x04\x95\x05\0\0\0\0\0\0\0]\x94.", "a Python pickle"),
            (b"\x82\xa1a\x01\xa1b\xc0", "MessagePack"),
            (b"\x04\x08[\x07i\x06i\x07", "a marshalled Ruby object"),
            (b"\xff\xfe\xfd", "binary data"),
            (b"\x1f\x8b\x08broken", "gzip data"),
            (b"\x0a\x02\xff\xfe\x10\x96\x01\x1d\0\0\x80\x3f", "a Protocol Buffers message"),
        ] {
            assert_eq!(first(bytes), what, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn times_are_told_in_their_unit() {
        let times = |text: &str| -> Vec<String> {
            guesses(text.as_bytes(), true)
                .into_iter()
                .map(|g| g.what)
                .filter(|w| w.contains("time"))
                .collect()
        };
        assert_eq!(times("1700000000"), ["a time in Unix seconds: 2023-11-14 22:13:20 UTC"]);
        assert_eq!(times("1700000000123"), ["a time in Unix milliseconds: 2023-11-14 22:13:20 UTC"]);
        assert!(times("17").is_empty());
    }

    #[test]
    fn there_is_always_a_way_to_show_it() {
        for n in 0..2_000_u32 {
            let bytes: Vec<u8> =
                (0..n % 40).map(|i| u8::try_from((n * 31 + i * i * 7) % 256).unwrap()).collect();
            assert!(guesses(&bytes, n % 2 == 0).iter().any(|guess| guess.format.is_some()));
        }
    }
}
