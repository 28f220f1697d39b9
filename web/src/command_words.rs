//! Words for commands of a tape: a row in one line, and places as a user types them.

use snaptape_report::{Choice, CommandRow, ListFrom, ShownArgument, Tape, units};

/// A command in one line: `SET k "two words"`; what is cut is followed by three dots. Or how much cannot be read.
pub fn line(row: &CommandRow) -> String {
    if let Some(bytes) = row.unreadable_bytes {
        return format!("{} cannot be read", units::plural(bytes, "byte", "bytes"));
    }
    let mut line = String::new();
    for argument in &row.arguments {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&shown(argument));
    }
    if row.argument_count > row.arguments.len() as u64 {
        line.push_str(" …");
    }
    line
}

/// An argument as one word.
fn shown(argument: &ShownArgument) -> String {
    let dots = if argument.cut { "…" } else { "" };
    if argument.text.is_empty() || argument.text.contains([' ', '"', '\'']) {
        format!("\"{}{dots}\"", argument.text.replace('"', "\\\""))
    } else {
        format!("{}{dots}", argument.text)
    }
}

/// Where a user wants to go: `#1200` (the number as it is shown, from 1), an offset in decimal or hex, or a time in UTC.
///
/// # Errors
/// Says how to write it.
pub fn place(words: &str, file: &str, tape: &Tape) -> Result<ListFrom, String> {
    let words = words.trim();
    if let Some(number) = words.strip_prefix('#') {
        let number: u64 =
            number.replace(',', "").parse().map_err(|_| format!("\"{words}\" is not # and a number"))?;
        return Ok(ListFrom::Number { number: number.saturating_sub(1) });
    }
    if words.contains([':', '-']) {
        return time(words, tape).map(|time_s| ListFrom::Time { time_s });
    }
    match Choice::before(&words.replace(',', ""), u64::MAX) {
        Ok(Choice::Before(place)) => Ok(ListFrom::Offset { file: file.to_owned(), offset: place.offset }),
        _ => Err(format!(
            "\"{words}\" is no place: write an offset like 6851 or 0x1ac3, a number like #1200, or a time"
        )),
    }
}

/// A time in UTC, Unix seconds: `2026-11-20 14:02:11`, with or without a zone, or `14:02:11` on the day the tape begins.
///
/// # Errors
/// Says how to write it.
pub fn time(words: &str, tape: &Tape) -> Result<i64, String> {
    let words = words.trim();
    let day = || {
        let first = units::time_s(tape.first_time_s?);
        first.split_once(' ').map(|(day, _)| day.to_owned())
    };
    let dated = match words.find('-') {
        Some(4) => words.to_owned(),
        _ => format!("{}T{words}", day().ok_or("The tape has no times.")?),
    };
    let dated = dated.trim_end_matches(" UTC").replacen(' ', "T", 1);
    let clock = dated.split_once('T').map(|(_, clock)| clock.to_owned()).unwrap_or_default();
    let zoned = if clock.ends_with('Z') || clock.contains(['+', '-']) {
        dated
    } else {
        let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
        format!("{dated}{seconds}Z")
    };
    match Choice::before(&zoned, 0) {
        Ok(Choice::BeforeTime { time_s }) => Ok(time_s),
        _ => Err(format!("\"{words}\" is no time: write it like 2026-11-20 14:02:11, in UTC")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn argument(text: &str, cut: bool) -> ShownArgument {
        ShownArgument { len_bytes: 9, text: text.into(), cut }
    }

    #[test]
    fn a_row_in_one_line() {
        let mut row = CommandRow {
            arguments: vec![argument("user:1", false), argument("two words", false), argument("", false)],
            argument_count: 3,
            ..CommandRow::default()
        };
        assert_eq!(line(&row), "user:1 \"two words\" \"\"");
        row.arguments = vec![argument("a\\x00b", true), argument("say \"x", true)];
        assert_eq!(line(&row), "a\\x00b… \"say \\\"x…\" …");
        assert_eq!(line(&CommandRow::default()), "");
        let damage = CommandRow { unreadable_bytes: Some(4096), ..CommandRow::default() };
        assert_eq!(line(&damage), "4,096 bytes cannot be read");
    }

    #[test]
    fn places_as_people_type_them() {
        let tape = Tape { first_time_s: Some(1_795_161_600), ..Tape::default() };
        let offset = |offset| Ok(ListFrom::Offset { file: "a.aof".into(), offset });
        for (words, expected) in [
            ("6851", offset(6_851)),
            (" 0x1ac3 ", offset(6_851)),
            ("3,902,114,006", offset(3_902_114_006)),
            ("#1,200", Ok(ListFrom::Number { number: 1_199 })),
            ("#0", Ok(ListFrom::Number { number: 0 })),
            ("2026-11-20 14:02:11", Ok(ListFrom::Time { time_s: 1_795_183_331 })),
            ("2026-11-20T14:02:11Z", Ok(ListFrom::Time { time_s: 1_795_183_331 })),
            ("2026-11-20 14:02:11 UTC", Ok(ListFrom::Time { time_s: 1_795_183_331 })),
            ("2026-11-20 15:02:11+01:00", Ok(ListFrom::Time { time_s: 1_795_183_331 })),
            ("2026-11-20 14:02", Ok(ListFrom::Time { time_s: 1_795_183_320 })),
            ("14:02:11", Ok(ListFrom::Time { time_s: 1_795_183_331 })),
        ] {
            assert_eq!(place(words, "a.aof", &tape), expected, "{words}");
        }
        for words in ["", "luck", "#", "25:00:00", "2026-13-20 14:02:11", "-5"] {
            assert!(place(words, "a.aof", &tape).is_err(), "{words}");
        }
        assert!(time("14:02:11", &Tape::default()).is_err(), "which day?");
    }
}
