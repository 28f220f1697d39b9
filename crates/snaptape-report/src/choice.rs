//! What somebody wants of a tape: to stop before a point, or to leave commands out.

use core::{fmt, str::FromStr};

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::units;

/// A place on a tape: an offset in one of its files.
#[derive(
    Debug,
    Clone,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
pub struct CommandPlace {
    /// The file: its path or the end of one. May be left out where only one file has commands.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// Offset of the first byte of a command there.
    pub offset: u64,
}

impl CommandPlace {
    /// Is this the path of the file it speaks of, as far as it says?
    pub fn is_in(&self, path: &str) -> bool {
        self.file.as_deref().is_none_or(|file| {
            path.strip_suffix(file).is_some_and(|front| front.is_empty() || front.ends_with('/'))
        })
    }
}

impl fmt::Display for CommandPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            // As it is typed.
            Some(file) => write!(f, "{file}:{}", self.offset),
            None => f.write_str(&units::offset(self.offset)),
        }
    }
}

/// What was chosen on a tape.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case", tag = "choice")]
pub enum Choice {
    /// The plan `before`: everything up to a command, and nothing from it on.
    Before(CommandPlace),
    /// The plan `before`: everything up to the first `#TS:` line that is later.
    BeforeTime {
        /// Unix seconds.
        time_s: i64,
    },
    /// The plan `without`: everything but these commands.
    Without {
        /// Where they are.
        commands: Vec<CommandPlace>,
    },
}

/// Why words say no place or time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoPlace(String);

impl fmt::Display for NoPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for NoPlace {}

impl FromStr for CommandPlace {
    type Err = NoPlace;

    /// `OFFSET` or `FILE:OFFSET`, the offset in decimal or as 0x and hex digits.
    fn from_str(words: &str) -> Result<Self, NoPlace> {
        let (file, number) = match words.rsplit_once(':') {
            Some((file, number)) => (Some(file), number),
            None => (None, words),
        };
        match (offset(number), file) {
            (Some(offset), Some(file)) if !file.is_empty() => Ok(Self { file: Some(file.into()), offset }),
            (Some(offset), None) => Ok(Self { file: None, offset }),
            _ => Err(NoPlace(format!(
                "\"{words}\" is not a place; write OFFSET or FILE:OFFSET, like 6851, 0x1ac3 or a.aof:6851"
            ))),
        }
    }
}

/// A number in decimal, or as 0x and hex digits.
fn offset(text: &str) -> Option<u64> {
    let (digits, radix) = match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(hex) => (hex, 16),
        None => (text, 10),
    };
    // from_str_radix would also take a sign.
    digits
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then(|| u64::from_str_radix(digits, radix).ok())?
}

/// The least number that may be Unix seconds: 2001, years before there was anything to take back.
const LEAST_TIME_S: u64 = 1_000_000_000;
/// The greatest one, in the year 5138.
const GREATEST_TIME_S: u64 = 100_000_000_000;

impl Choice {
    /// The point `before` which a tape is to stop: `OFFSET`, `FILE:OFFSET`, RFC 3339 (`2026-11-21T23:00:04Z`) or `@` and Unix
    /// seconds. A plain number counts as Unix seconds where it can be nothing else: it lies behind `longest_bytes`, the length of
    /// the longest file.
    ///
    /// # Errors
    /// Says how to write it.
    pub fn before(words: &str, longest_bytes: u64) -> Result<Self, NoPlace> {
        if let Some(seconds) = words.strip_prefix('@') {
            let time_s = seconds.parse();
            let time_s = time_s.map_err(|_| NoPlace(format!("\"{words}\" is not @ and Unix seconds")))?;
            return Ok(Self::BeforeTime { time_s });
        }
        if is_date(words) {
            let time_s = units::parse_time_s(words).ok_or_else(|| {
                NoPlace(format!(
                    "\"{words}\" is not a time; write it with its zone, like 2026-11-21T23:00:04Z or 2026-11-21T23:00:04+01:00"
                ))
            })?;
            return Ok(Self::BeforeTime { time_s });
        }
        let place: CommandPlace = words.parse()?;
        let seconds = place.offset;
        if place.file.is_none()
            && !words.starts_with('0')
            && seconds > longest_bytes
            && (LEAST_TIME_S..GREATEST_TIME_S).contains(&seconds)
            && let Ok(time_s) = i64::try_from(seconds)
        {
            return Ok(Self::BeforeTime { time_s });
        }
        Ok(Self::Before(place))
    }
}

/// Does it begin like `2026-11-21`?
fn is_date(words: &str) -> bool {
    let front = words.as_bytes().get(..10);
    front.is_some_and(|front| {
        front.iter().enumerate().all(|(i, byte)| match i {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(file: Option<&str>, offset: u64) -> CommandPlace {
        CommandPlace { file: file.map(Into::into), offset }
    }

    #[test]
    fn places_are_offsets_with_or_without_a_file() {
        for (words, expected) in [
            ("6851", Some(place(None, 6851))),
            ("0x1AC3", Some(place(None, 0x1ac3))),
            ("a:b.aof:0x10", Some(place(Some("a:b.aof"), 16))),
            ("dir/a b.aof:7", Some(place(Some("dir/a b.aof"), 7))),
            ("", None),
            (":7", None),
            ("a.aof:", None),
            ("+7", None),
            ("0x", None),
            ("FLUSHALL", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(words.parse::<CommandPlace>().ok(), expected, "{words}");
        }
    }

    #[test]
    fn a_file_is_named_by_the_end_of_its_path() {
        assert!(place(None, 0).is_in("d/a.aof"));
        assert!(place(Some("a.aof"), 0).is_in("d/a.aof"));
        assert!(place(Some("d/a.aof"), 0).is_in("d/a.aof"));
        assert!(!place(Some(".aof"), 0).is_in("d/a.aof"));
        assert!(!place(Some("e/a.aof"), 0).is_in("d/a.aof"));
    }

    #[test]
    fn points_are_offsets_or_times() {
        let time = |time_s| Some(Choice::BeforeTime { time_s });
        for (words, expected) in [
            ("6851", Some(Choice::Before(place(None, 6851)))),
            ("a.aof:1732226404", Some(Choice::Before(place(Some("a.aof"), 1_732_226_404)))),
            ("1732226404", time(1_732_226_404)),
            ("0x673fb3e4", Some(Choice::Before(place(None, 0x673f_b3e4)))),
            ("@5", time(5)),
            ("2024-11-21T22:00:04Z", time(1_732_226_404)),
            ("2024-11-21T23:00:04+01:00", time(1_732_226_404)),
            ("2024-11-21 22:00:04Z", time(1_732_226_404)),
            // Whose clock?
            ("2024-11-21T22:00:04", None),
            ("2024-11-21", None),
            ("@now", None),
        ] {
            assert_eq!(Choice::before(words, 10_000).ok(), expected, "{words}");
        }
        // In a file that long, the number may be an offset.
        assert_eq!(Choice::before("1732226404", 1 << 40), Ok(Choice::Before(place(None, 1_732_226_404))));
    }

    #[test]
    fn choices_survive_json() {
        for (choice, json) in [
            (Choice::Before(place(Some("a"), 7)), r#"{"choice":"before","file":"a","offset":7}"#),
            (Choice::BeforeTime { time_s: 7 }, r#"{"choice":"before_time","time_s":7}"#),
            (
                Choice::Without { commands: vec![place(None, 7)] },
                r#"{"choice":"without","commands":[{"offset":7}]}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&choice).unwrap(), json);
            assert_eq!(serde_json::from_str::<Choice>(json).unwrap(), choice);
        }
    }
}
