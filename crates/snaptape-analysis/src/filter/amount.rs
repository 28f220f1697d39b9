//! Figures as people write them: `1.5mb`, `90min`, `2026-12-01`.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Things: `1000`, `10k`, `1.5m`.
    Count,
    /// Bytes: `1kb` is 1,000 of them, as everywhere here, `1kib` is 1,024.
    Bytes,
    /// Seconds: `90`, `90s`, `5min`, `2h`, `7d`.
    Seconds,
}

const COUNTS: [(&str, u64); 4] = [("", 1), ("k", 1_000), ("m", 1_000_000), ("g", 1_000_000_000)];
const BYTES: [(&str, u64); 15] = [
    ("", 1),
    ("b", 1),
    ("k", 1_000),
    ("kb", 1_000),
    ("m", 1_000_000),
    ("mb", 1_000_000),
    ("g", 1_000_000_000),
    ("gb", 1_000_000_000),
    ("t", 1_000_000_000_000),
    ("tb", 1_000_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("pb", 1_000_000_000_000_000),
];
const MILLISECONDS: [(&str, u64); 11] = [
    ("", 1_000),
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("day", 86_400_000),
    ("days", 86_400_000),
    ("w", 604_800_000),
    ("y", 31_536_000_000),
];

impl Unit {
    /// What can be written, for messages.
    pub(super) fn examples(self) -> &'static str {
        match self {
            Self::Count => "a number like 1000 or 10k",
            Self::Bytes => "an amount like 500, 64kb, 1.5mb or 1gib",
            Self::Seconds => "a time like 90s, 5min, 2h or 7d",
        }
    }
}

/// The figure.
pub(super) fn figure(text: &str, unit: Unit) -> Option<u64> {
    match unit {
        Unit::Count => scaled(text, &COUNTS),
        Unit::Bytes => scaled(text, &BYTES),
        Unit::Seconds => milliseconds(text).map(|ms| ms / 1_000),
    }
}

/// A length of time: `90`, `1.5h`, `1h30min`.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut rest = text;
    while !rest.is_empty() {
        let unit = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let behind =
            rest.get(unit..)?.find(|c: char| !c.is_ascii_alphabetic()).map_or(rest.len(), |at| unit + at);
        total = total.checked_add(scaled(rest.get(..behind)?, &MILLISECONDS)?)?;
        rest = rest.get(behind..)?;
    }
    (!text.is_empty()).then_some(total)
}

/// A day, or a second of it: `2026-12-01`, `2026-12-01T18:30`, `2026-12-01T18:30:15Z`; in Unix milliseconds, UTC.
pub(super) fn date_ms(text: &str) -> Option<i64> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let (day, clock) = text.split_once(['T', 't']).unwrap_or((text, "0"));
    let mut numbers = day.split('-').map(|part| part.parse::<i64>().ok().filter(|n| (0..10_000).contains(n)));
    let (year, month, date) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&date) {
        return None;
    }
    let mut seconds = days_from_civil(year, month, date) * 86_400;
    let mut parts = clock.split(':');
    for (most, weight) in [(23, 3_600), (59, 60), (59, 1)] {
        if let Some(part) = parts.next() {
            seconds += part.parse::<i64>().ok().filter(|n| (0..=most).contains(n))? * weight;
        }
    }
    if parts.next().is_some() { None } else { Some(seconds * 1_000) }
}

/// Days since 1970 of a day of the Gregorian calendar. After Howard Hinnant's `days_from_civil`.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A number with an optional fraction and one of the units.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (_, weight) = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: String = whole.chars().filter(|c| *c != '_').collect();
    if (whole.is_empty() && fraction.is_empty())
        || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit())
    {
        return None;
    }
    // More digits than that change nothing below a byte of a petabyte.
    let fraction = fraction.get(..fraction.len().min(15))?;
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let weight = u128::from(*weight);
    let mut value = u128::from(whole) * weight;
    if !fraction.is_empty() {
        value += fraction.parse::<u128>().ok()? * weight / 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    }
    u64::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_with_their_units() {
        for (text, unit, value) in [
            ("0", Unit::Count, Some(0)),
            ("10k", Unit::Count, Some(10_000)),
            ("1_000", Unit::Count, Some(1_000)),
            ("1mb", Unit::Bytes, Some(1_000_000)),
            ("1MiB", Unit::Bytes, Some(1_048_576)),
            ("1.5kb", Unit::Bytes, Some(1_500)),
            (".5kb", Unit::Bytes, Some(500)),
            ("18446744073709551615", Unit::Bytes, Some(u64::MAX)),
            ("18446744073709551616", Unit::Bytes, None),
            ("99999999tb", Unit::Bytes, None),
            ("7d", Unit::Seconds, Some(604_800)),
            ("1h30min", Unit::Seconds, Some(5_400)),
            ("1.5h", Unit::Seconds, Some(5_400)),
            ("90", Unit::Seconds, Some(90)),
            ("", Unit::Count, None),
            (".", Unit::Count, None),
            ("-1", Unit::Count, None),
            ("1x", Unit::Bytes, None),
            ("kb", Unit::Bytes, None),
            ("1h5", Unit::Bytes, None),
            ("h", Unit::Seconds, None),
        ] {
            assert_eq!(figure(text, unit), value, "{text}");
        }
    }

    #[test]
    fn days_of_the_calendar() {
        for (text, ms) in [
            ("1970-01-01", Some(0)),
            ("2000-02-29T12:00", Some(951_825_600_000)),
            ("2026-11-01T00:00:01Z", Some(1_793_491_201_000)),
            ("1969-12-31T23:59:59", Some(-1_000)),
            ("2026-13-01", None),
            ("2026-11", None),
            ("2026-11-01T24:00", None),
            ("yesterday", None),
        ] {
            assert_eq!(date_ms(text), ms, "{text}");
        }
    }
}
