//! Figures in words, the same on the page and in the terminal.

use time::{Date, Month, OffsetDateTime};

/// `1.5 KB`: decimal units, three significant digits, never more than needed.
pub fn bytes(n: u64) -> String {
    let (text, unit) = scaled(n);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{text} {unit}")
}

/// `1.50 KB`: always all three digits, for figures that stand one above the other.
pub fn bytes_aligned(n: u64) -> String {
    let (text, unit) = scaled(n);
    format!("{text} {unit}")
}

fn scaled(n: u64) -> (String, &'static str) {
    const UNITS: [&str; 6] = ["KB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1_000 {
        return (n.to_string(), "B");
    }
    let mut value = n as f64 / 1_000.0;
    let mut unit = 0;
    // 999.5 would print as "1000": move on before that.
    while value >= 999.5 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    let digits = if value >= 99.95 {
        0
    } else if value >= 9.995 {
        1
    } else {
        2
    };
    (format!("{value:.digits$}"), UNITS[unit])
}

/// `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `12 %`, `0.4 %`, `< 0.1 %`; of nothing it is `0 %`.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 || part == 0 {
        return "0 %".into();
    }
    let p = part as f64 * 100.0 / whole as f64;
    match p {
        p if p < 0.1 => "< 0.1 %".into(),
        p if p < 9.95 => format!("{p:.1} %"),
        // Never round up to "all" what is not all.
        p if part < whole && p > 99.0 => format!("{:.1} %", p.min(99.9)),
        p => format!("{p:.0} %"),
    }
}

/// `1 key`, `2 keys`.
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// `2026-11-21 23:00:04 UTC`; a time no calendar has is given as its number.
pub fn time_s(unix_s: i64) -> String {
    let Ok(t) = OffsetDateTime::from_unix_timestamp(unix_s) else { return beyond_calendar(unix_s) };
    let (date, month) = (t.date(), u8::from(t.month()));
    let (year, day, hour, minute, second) = (date.year(), date.day(), t.hour(), t.minute(), t.second());
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// A moment no calendar has: `Unix second 9,000,000,000,000`.
#[cold]
fn beyond_calendar(unix_s: i64) -> String {
    let sign = if unix_s < 0 { "-" } else { "" };
    format!("Unix second {sign}{}", count(unix_s.unsigned_abs()))
}

/// `2026-11-21 23:00:04 to 23:59:59 UTC`: the day once, if it is one.
pub fn time_span_s(first_s: i64, last_s: i64) -> String {
    let (first, last) = (time_s(first_s), time_s(last_s));
    match (first.strip_suffix(" UTC"), last.split_once(' ')) {
        (Some(from), Some((day, to))) if from.starts_with(day) => format!("{from} to {to}"),
        (Some(from), _) => format!("{from} to {last}"),
        _ => format!("{first} to {last}"),
    }
}

/// An offset as every message has it: `7,994 (0x1f3a)`.
pub fn offset(at: u64) -> String {
    snaptape_wire::Offset(at).to_string()
}

/// An offset as it is written here: `4096`, `4,096` or `0x1000`.
pub fn parse_offset(text: &str) -> Option<u64> {
    let text: String = text.trim().chars().filter(|c| !matches!(c, ',' | '_')).collect();
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => u64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// Bytes to look for: text as it is, or hex behind `0x`, with or without spaces.
///
/// # Errors
/// Nothing, or hex that is none; says so.
pub fn parse_needle(text: &str) -> Result<Vec<u8>, String> {
    let Some(hex) = text.strip_prefix("0x") else {
        return if text.is_empty() {
            Err("There are no bytes to look for.".into())
        } else {
            Ok(text.as_bytes().to_vec())
        };
    };
    let digits: Option<Vec<u8>> = hex
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    match digits {
        Some(digits) if !digits.is_empty() && digits.len().is_multiple_of(2) => Ok(digits
            .chunks_exact(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect()),
        _ => Err(format!("\"{text}\" is no hex: two digits make a byte, like 0xff00.")),
    }
}

/// The Unix second of a time as [`time_s`] writes it, or as RFC 3339 does: `2026-11-21 23:00:04 UTC`, `2026-11-21T23:00:04Z`,
/// `2026-11-22T00:00:04.5+01:00`. None without a zone: nobody knows whose clock it was.
pub fn parse_time_s(text: &str) -> Option<i64> {
    let text = text.trim();
    let (time, zone) = match text.strip_suffix("UTC") {
        Some(time) => (time.trim_end(), "Z"),
        None => text.split_at_checked(text.rfind(['Z', 'z', '+', '-'])?)?,
    };
    // A hyphen within the date is no zone.
    let (date, clock) = (time.get(..10)?, time.get(10..)?);
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let date = Date::from_calendar_date(
        i32::try_from(year).ok()?,
        Month::try_from(u8::try_from(month).ok()?).ok()?,
        u8::try_from(day).ok()?,
    )
    .ok()?;
    let clock = clock.strip_prefix(['T', 't', ' '])?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 60 || !is_fraction {
        return None;
    }
    let days = i64::from(date.to_julian_day()) - UNIX_JULIAN_DAY;
    // Unix time has no leap seconds.
    let clock = hour * 3_600 + minute * 60 + second.min(59);
    Some(days * 86_400 + clock - zone_s(zone)?)
}

/// The Julian day of 1970-01-01.
const UNIX_JULIAN_DAY: i64 = 2_440_588;

/// What a clock of this zone is ahead, in seconds: `Z`, `+01:00`.
fn zone_s(zone: &str) -> Option<i64> {
    let (sign, ahead) = match zone.split_at_checked(1)? {
        ("Z" | "z", "") => return Some(0),
        ("+", ahead) => (1, ahead),
        ("-", ahead) => (-1, ahead),
        _ => return None,
    };
    let [hours, minutes] = numbers(ahead, ':', [2, 2])?;
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
}

/// Numbers of as many digits each, with `between` between them and nothing else.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut out = [0; N];
    for (number, digits) in out.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        for byte in part.bytes() {
            *number = *number * 10 + i64::from(byte.checked_sub(b'0').filter(|digit| *digit < 10)?);
        }
    }
    parts.next().is_none().then_some(out)
}

/// [`time_s`] of a time in milliseconds.
pub fn time_ms(unix_ms: i64) -> String {
    time_s(unix_ms.div_euclid(1_000))
}

/// `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 days`, `285,193 years`.
pub fn duration_ms(ms: u64) -> String {
    const YEAR_S: u64 = 31_556_952;
    const MANY_YEARS_S: u64 = 100 * YEAR_S;
    let s = ms / 1_000;
    match s {
        0 => format!("{ms} ms"),
        1..60 => format!("{s} s"),
        60..3_600 => format!("{} min {} s", s / 60, s % 60),
        3_600..172_800 => format!("{} h {} min", s / 3_600, s % 3_600 / 60),
        172_800..MANY_YEARS_S => format!("{} days", count(s / 86_400)),
        _ => format!("{} years", count(s / YEAR_S)),
    }
}

/// Bytes as text for people: UTF-8 stays, control characters and everything else become `\xHH`.
pub fn printable(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() => {
                    let mut utf8 = [0; 4];
                    for b in c.encode_utf8(&mut utf8).bytes() {
                        let _ = write!(out, "\\x{b:02x}");
                    }
                }
                // Direction overrides could make a key name read as another one.
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out
}

/// How much more or less `bytes` is than `than`: `+12 %`, `-3.4 %`, `same`.
pub fn difference(bytes: u64, than: u64) -> String {
    if bytes == than || than == 0 {
        return "same".to_owned();
    }
    let sign = if bytes > than { '+' } else { '-' };
    format!("{sign}{}", percent(bytes.abs_diff(than), than))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_keep_three_digits() {
        for (n, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1 KB"),
            (1_536, "1.54 KB"),
            (15_360, "15.4 KB"),
            (999_499, "999 KB"),
            (999_500, "1 MB"),
            (2_610_000_000, "2.61 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(bytes(n), text, "{n}");
        }
        for (n, text) in [
            (999, "999 B"),
            (1_000, "1.00 KB"),
            (5_400_000, "5.40 MB"),
            (22_000, "22.0 KB"),
            (100_000, "100 KB"),
        ] {
            assert_eq!(bytes_aligned(n), text, "{n}");
        }
    }

    #[test]
    fn counts_are_grouped() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(n), text);
        }
    }

    #[test]
    fn percent_never_claims_all_or_nothing_wrongly() {
        assert_eq!(percent(0, 10), "0 %");
        assert_eq!(percent(1, 100_000), "< 0.1 %");
        assert_eq!(percent(9_999, 10_000), "99.9 %");
        assert_eq!(percent(10, 10), "100 %");
        assert_eq!(percent(5, 0), "0 %");
    }

    #[test]
    fn offsets_and_needles_are_read_as_they_are_written() {
        for (text, expected) in [
            ("4096", Some(4096)),
            (" 1,234,567 ", Some(1_234_567)),
            ("0x1F", Some(31)),
            ("0xffffffffffffffff", Some(u64::MAX)),
            ("0x", None),
            ("-1", None),
            ("", None),
            ("12k", None),
        ] {
            assert_eq!(parse_offset(text), expected, "{text}");
        }
        assert_eq!(parse_needle("user:1").unwrap(), b"user:1");
        assert_eq!(parse_needle("0xff 00Aa").unwrap(), [0xff, 0, 0xaa]);
        for wrong in ["", "0x", "0xf", "0xzz"] {
            assert!(parse_needle(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn printable_hides_nothing() {
        assert_eq!(printable("a\n\u{7f}é\u{202e}".as_bytes()), "a\\n\\x7fé\\u{202e}");
        assert_eq!(printable(b"\xff\x00"), "\\xff\\x00");
    }

    #[test]
    fn times_and_durations() {
        assert_eq!(time_s(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(time_s(i64::MAX), "Unix second 9,223,372,036,854,775,807");
        assert_eq!(duration_ms(9_000_000_000_000_000), "285,198 years");
        assert_eq!(duration_ms(200_000), "3 min 20 s");
        assert_eq!(time_span_s(0, 86_399), "1970-01-01 00:00:00 to 23:59:59 UTC");
        assert_eq!(time_span_s(0, 86_400), "1970-01-01 00:00:00 to 1970-01-02 00:00:00 UTC");
        for text in [&time_s(1_700_000_000), "2023-11-14T22:13:20Z", "2023-11-14 23:13:20+01:00"] {
            assert_eq!(parse_time_s(text), Some(1_700_000_000), "{text}");
        }
        assert_eq!(parse_time_s("yesterday"), None);
    }

    #[test]
    fn times_are_those_of_another_calendar() {
        for n in -4_000_i64..9_000 {
            let s = n * 27_941_231 + n * n;
            let theirs = jiff::Timestamp::from_second(s).unwrap();
            let text = time_s(s);
            assert_eq!(text, theirs.strftime("%Y-%m-%d %H:%M:%S UTC").to_string());
            assert_eq!(
                parse_time_s(&theirs.to_string()),
                Some(s).filter(|_| !text.starts_with('-')),
                "{text}"
            );
        }
    }

    #[test]
    fn times_are_read_as_another_reader_reads_them() {
        for text in [
            "2024-02-29T23:59:60Z",
            "2023-02-29T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "2024-12-31 23:59:59.25-08:30",
            "2024-12-31t23:59:59z",
            "2024-12-31T24:00:00Z",
            "2024-12-31T00:60:00Z",
            "2024-12-31T00:00:00.Z",
            "2024-12-31T00:00:00",
            "2024-12-31",
            "2024-12-31T00:00:00+",
            "2024-12-31T00:00:00+aa:00",
            "2024-1-31T00:00:00Z",
            "",
            "Z",
            "\u{e9}024-12-31T00:00:00Z",
        ] {
            let theirs = text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second);
            assert_eq!(parse_time_s(text), theirs, "{text}");
        }
    }
}
