//! The shape of a key name: its segments, with identifiers folded (`user:{int}:profile`).
//!
//! Segments are separated by `:`, `/`, `|`, `#` or `,` unless the user says otherwise. A segment that is an identifier as a whole is folded into its class; in
//! the others, parts between `-`, `_` and `.` are looked at one by one.

use super::grouping::Grouping;

/// Segments beyond this depth are folded into one.
pub(crate) const MAX_SEGMENTS: usize = 12;

/// The names of the classes, as they stand between braces.
pub(crate) const CLASSES: [&str; 12] =
    ["bytes", "date", "email", "hex", "int", "ip", "long", "number", "rest", "token", "uuid", "word"];

/// What everything below a place is counted together as, its separator included.
pub(crate) const REST: &str = "{rest}";

/// What words are counted together as, behind their separator.
pub(crate) const WORD: &str = "{word}";

/// A literal longer than this is an identifier, whatever it looks like.
const MAX_LITERAL_BYTES: usize = 48;

/// Calls `segment` for each segment of `name`, its separator in front, identifiers folded. Returns early where
/// `segment` returns false.
pub(crate) fn segments(
    name: &[u8],
    grouping: &Grouping,
    token: &mut String,
    mut segment: impl FnMut(&str) -> bool,
) {
    let Ok(text) = core::str::from_utf8(name) else {
        segment("{bytes}");
        return;
    };
    let separator = |text: &str| text.bytes().position(|byte| grouping.is_separator(byte));
    let mut rest = text;
    if grouping.options.skip_first_segment
        && let Some(end) = separator(text)
    {
        rest = text.get(end + 1..).unwrap_or_default();
    }
    let mut n = 0;
    loop {
        token.clear();
        let mut body = rest;
        if n > 0 {
            // `rest` begins with the separator that ended the segment before.
            let (separator, behind) = rest.split_at(1);
            token.push_str(separator);
            body = behind;
        }
        let end = separator(body).unwrap_or(body.len());
        n += 1;
        if n == MAX_SEGMENTS && end < body.len() {
            token.push_str(REST);
            segment(token);
            return;
        }
        let (this, behind) = body.split_at(end);
        let front = token.len();
        push_folded(this, token);
        // What names are counted together as must not be what a name can be.
        if this.contains('{') && (token.contains(REST) || token.contains(WORD)) {
            token.truncate(front);
            token.push_str("{bytes}");
        }
        if !segment(token) || behind.is_empty() {
            return;
        }
        rest = behind;
    }
}

/// Is a segment, its separator in front, nothing but one class? Everything else can be made up at will and counts as a word.
pub(crate) fn is_class(token: &str, grouping: &Grouping) -> bool {
    let segment = &token[separator_of(token, grouping).len()..];
    segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')).is_some_and(|name| CLASSES.contains(&name))
}

/// The separator a token begins with, if any, or the mark of what is no segment.
pub(crate) fn separator_of<'a>(token: &'a str, grouping: &Grouping) -> &'a str {
    let len = match token.as_bytes() {
        [first, ..] if grouping.is_separator(*first) => 1,
        [0xc2, 0x80..=0x9f, ..] => 2,
        _ => 0,
    };
    token.get(..len).unwrap_or_default()
}

/// Marks a token that is no segment of a name: a control character beyond ASCII, with which no segment begins.
pub(crate) fn mark(n: u8) -> char {
    char::from(0x80 + n % 0x20)
}

/// The number that was marked, and the token without it.
pub(crate) fn marked(token: &str) -> Option<(u8, &str)> {
    let first = token.chars().next().filter(|first| matches!(first, '\u{80}'..='\u{9f}'))?;
    Some((u8::try_from(u32::from(first) - 0x80).ok()?, token.get(2..)?))
}

/// Most braces of a segment that are part of its shape.
const MAX_BRACES: usize = 8;

fn push_folded(segment: &str, token: &mut String) {
    let (class, has_others) = look_at(segment);
    // All other classes have no room for a brace.
    if let Some(class) = class.filter(|class| !matches!(*class, "{long}" | "{email}")) {
        token.push_str(class);
        return;
    }
    if class.is_none() && !has_others {
        push_word(segment, token);
        return;
    }
    let braces = segment.bytes().filter(|byte| is_brace(*byte)).count();
    if !(1..=MAX_BRACES).contains(&braces) {
        match class {
            Some(class) => token.push_str(class),
            None => push_parts(segment, token),
        }
        return;
    }
    // `{user1}.cart` begins with a hash tag, `{user:1}.cart` with one that ends in another segment: braces are part of the shape.
    let mut rest = segment;
    while let Some(at) = rest.bytes().position(is_brace) {
        push_piece(rest.get(..at).unwrap_or_default(), token);
        token.push(if rest.as_bytes().get(at) == Some(&b'{') { '{' } else { '}' });
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    push_piece(rest, token);
}

fn is_brace(byte: u8) -> bool {
    matches!(byte, b'{' | b'}')
}

/// What stands between braces.
fn push_piece(piece: &str, token: &mut String) {
    match classify(piece) {
        Some(class) => token.push_str(class),
        None => push_parts(piece, token),
    }
}

fn push_parts(segment: &str, token: &mut String) {
    if !segment.bytes().any(|b| matches!(b, b'-' | b'_' | b'.')) {
        push_word(segment, token);
        return;
    }
    let bytes = segment.as_bytes();
    let mut part_start = 0;
    for (at, byte) in segment.bytes().chain([b'-']).enumerate() {
        if at == segment.len() || matches!(byte, b'-' | b'_' | b'.') {
            // The sign of a number, not the end of an empty part.
            if byte == b'-' && at == part_start && begins_with_number(bytes.get(at + 1..).unwrap_or_default())
            {
                continue;
            }
            push_part(&segment[part_start..at], token);
            if at < segment.len() {
                token.push(char::from(byte));
            }
            part_start = at + 1;
        }
    }
}

/// Is the first part nothing but digits?
fn begins_with_number(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    digits > 0 && bytes.get(digits).is_none_or(|byte| matches!(byte, b'-' | b'_' | b'.'))
}

/// A part of a segment: an identifier as a whole, or a word.
fn push_part(part: &str, token: &mut String) {
    match classify(part) {
        Some(class) => token.push_str(class),
        None => push_word(part, token),
    }
}

/// A word: only its trailing digits are folded.
fn push_word(part: &str, token: &mut String) {
    if part.chars().any(char::is_control) {
        token.push_str("{bytes}");
        return;
    }
    let stem = part.trim_end_matches(|c: char| c.is_ascii_digit());
    // `v2` and `p99` are names; `item48213` and `db16` are a name and a number.
    if part.len() - stem.len() >= 2 && stem.len() > 1 {
        token.push_str(stem);
        token.push_str("{int}");
    } else {
        token.push_str(part);
    }
}

/// What each byte adds to five counters of twelve bits: digits, lower case, upper case, others, hex digits.
static COUNTERS: [u64; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(clippy::cast_possible_truncation, reason = "the loop ends at 256")]
        let b = byte as u8;
        let field = match b {
            b'0'..=b'9' => 0,
            b'a'..=b'z' => 12,
            b'A'..=b'Z' => 24,
            _ => 36,
        };
        table[byte] = (1 << field) | ((b.is_ascii_hexdigit() as u64) << 48);
        byte += 1;
    }
    table
};

/// The class of an identifier, or `None` for a word.
#[inline]
fn classify(text: &str) -> Option<&'static str> {
    look_at(text).0
}

/// The class of an identifier, or `None` for a word; and whether there is anything else in it than ASCII letters and digits.
#[inline]
fn look_at(text: &str) -> (Option<&'static str>, bool) {
    let bytes = text.as_bytes();
    if bytes.len() > 4095 {
        return (Some("{long}"), true);
    }
    let counters = bytes.iter().fold(0, |sum, b| sum + COUNTERS[usize::from(*b)]);
    (class_of(text, counters), (counters >> 36) & 0xfff > 0)
}

#[inline]
fn class_of(text: &str, counters: u64) -> Option<&'static str> {
    let bytes = text.as_bytes();
    let field = |shift: u32| usize::try_from((counters >> shift) & 0xfff).unwrap_or(0);
    let (digits, lower, upper, others, hex) = (field(0), field(12), field(24), field(36), field(48));
    let len = bytes.len();
    if len == 0 {
        return None;
    }
    if digits == len {
        return Some("{int}");
    }
    if others == 1 && digits == len - 1 && len > 1 && bytes.first() == Some(&b'-') {
        return Some("{int}");
    }
    if is_uuid(bytes) {
        return Some("{uuid}");
    }
    if is_date(bytes) {
        return Some("{date}");
    }
    if digits + others == len && is_dotted(bytes, 4) {
        return Some("{ip}");
    }
    if digits + others == len && digits > 1 && is_dotted(bytes.strip_prefix(b"-").unwrap_or(bytes), 2) {
        return Some("{number}");
    }
    // One case only, and both digits and letters: `deadbeef` alone could be a word, `9c41ab07` could not.
    if hex == len && digits > 0 && len >= 4 && (lower == 0 || upper == 0) && is_hex(bytes) {
        return Some("{hex}");
    }
    if others >= 2 && text.contains('@') && text.contains('.') {
        return Some("{email}");
    }
    // Base62 and the like: long, without parts, and too mixed for a word.
    if len >= 16 && others == 0 && digits > 1 && (digits * 8 >= len || (upper > 1 && lower > 1)) {
        return Some("{token}");
    }
    (len > MAX_LITERAL_BYTES).then_some("{long}")
}

/// From this length on, hex digits of both kinds are an identifier.
const MIN_HEX_BYTES: usize = 8;

/// Of hex digits: are they an identifier? Short ones are where letters and digits take turns: `9c41`, but not `db16`, `face17`, `3d`.
pub(crate) fn is_hex(bytes: &[u8]) -> bool {
    let turns = || {
        bytes.windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).take(2).count()
    };
    bytes.len() >= MIN_HEX_BYTES || turns() == 2
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.len() == 36
        && bytes.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// `2026-11-22`, `2026_11_22`, `2026-11`, `2026.11.22`.
fn is_date(bytes: &[u8]) -> bool {
    let shape = matches!(bytes.len(), 7 | 10)
        && bytes.iter().enumerate().all(|(i, b)| match i {
            4 | 7 => matches!(b, b'-' | b'_' | b'.'),
            _ => b.is_ascii_digit(),
        });
    shape && matches!(bytes.get(..2), Some(b"19" | b"20"))
}

/// So many groups of digits, with dots between them.
fn is_dotted(bytes: &[u8], groups: usize) -> bool {
    let mut n = 0;
    bytes.split(|b| *b == b'.').all(|group| {
        n += 1;
        !group.is_empty() && group.iter().all(u8::is_ascii_digit)
    }) && n == groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(name: &[u8]) -> String {
        let (mut token, mut out) = (String::new(), String::new());
        segments(name, &Grouping::default(), &mut token, |segment| {
            out.push_str(segment);
            true
        });
        out
    }

    #[test]
    fn separators_and_the_first_segment_are_the_users_choice() {
        let options = snaptape_report::PatternOptions {
            separators: ".".into(),
            skip_first_segment: true,
            ..snaptape_report::PatternOptions::default()
        };
        let grouping = Grouping::new(options).expect("good options");
        for (name, expected) in
            [("app.user:1.cart", "user:1.cart"), ("alone", "alone"), ("app.", ""), (".a", "a")]
        {
            let (mut token, mut out) = (String::new(), String::new());
            segments(name.as_bytes(), &grouping, &mut token, |segment| {
                out.push_str(segment);
                true
            });
            assert_eq!(out, expected, "{name}");
        }
    }

    #[test]
    fn identifiers_are_folded_and_words_are_not() {
        for (name, expected) in [
            ("user:5512:profile", "user:{int}:profile"),
            ("session:9c41ab07", "session:{hex}"),
            ("session:deadbeef", "session:deadbeef"),
            ("job/550e8400-e29b-41d4-a716-446655440000/log", "job/{uuid}/log"),
            ("visits:2026-11-22", "visits:{date}"),
            ("rate:10.0.0.17", "rate:{ip}"),
            ("user_123_profile", "user_{int}_profile"),
            ("item48213", "item{int}"),
            ("api:v2:users", "api:v2:users"),
            ("{user1000}.following", "{user{int}}.following"),
            ("{5512}:cart", "{{int}}:cart"),
            ("mail:ann@example.org", "mail:{email}"),
            ("tok:eyJhbGciOiJIUzI1NiJ9x", "tok:{token}"),
            ("temp:-40", "temp:{int}"),
            ("price:12.50", "price:{number}"),
            ("plain", "plain"),
            ("", ""),
            ("a::b:", "a::b:"),
            ("counter:page:18", "counter:page:{int}"),
            // What only looks like hex is a word and a number.
            ("db16:k3", "db{int}:k3"),
            ("face17:k3", "face{int}:k3"),
            ("db:abc:db1:1ad", "db:abc:db1:1ad"),
            ("FACE42", "FACE{int}"),
            ("9c41:a3f9:1e2d3c", "{hex}:{hex}:{hex}"),
            ("9c41ab0", "{hex}"),
            ("c0ffee11", "{hex}"),
            ("507f1f77bcf86cd799439011", "{hex}"),
            ("d41d8cd98f00b204e9800998ecf8427e", "{hex}"),
            ("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709", "{hex}"),
            ("4bf92f3577b34da6", "{hex}"),
            // Hash tags that hold a separator, stand elsewhere, or are many.
            ("{user:17}:prof", "{user:{int}}:prof"),
            ("{acct:17}.balance", "{acct:{int}}.balance"),
            ("{17:a}", "{{int}:a}"),
            ("k{17}:x", "k{{int}}:x"),
            ("{user1000}{cart-77}", "{user{int}}{cart-{int}}"),
            ("{}{}{}{}{}{}", "{}{}{}{}{}{}"),
            // Negative numbers.
            ("geo:-12.5,7.1", "geo:{number},{number}"),
            ("geo:12.5,-7.1", "geo:{number},{number}"),
            ("t:-5", "t:{int}"),
            ("t_-5_x", "t_{int}_x"),
            ("t-5", "t-{int}"),
            ("-x", "-x"),
            ("t:-", "t:-"),
        ] {
            assert_eq!(pattern(name.as_bytes()), expected, "{name}");
        }
        assert_eq!(pattern(b"\xff\xfe"), "{bytes}");
        for control in ["a\u{1b}[1m77", "\u{85}db123", "a:\u{85}", "a:{word}", "a:b{rest}", "{x{rest}1"] {
            assert!(pattern(control.as_bytes()).ends_with("{bytes}"), "{control:?}");
        }
        assert_eq!(pattern("x:".repeat(40).as_bytes()).matches(':').count(), MAX_SEGMENTS - 1);
    }
}
