//! Names that have one pattern for sure, told apart without working the pattern out.
//!
//! On a tape the same few shapes of names come millions of times: digits that only fold are made zeros, and what is left is looked up
//! in a table. The table's rows are names themselves, with the same pattern as all that were made one with them.

use crate::keys::{grouping::Grouping, pattern};

/// Longer names are rare and not worth it.
const MAX_NAME: usize = 128;

/// Writes a name of the same pattern into `shape`: digits that only fold are zeros there.
pub(super) fn of(name: &[u8], shape: &mut Vec<u8>) {
    shape.clear();
    shape.extend_from_slice(name);
    // Braces begin hash tags, whose inside is looked at on its own.
    if name.len() > MAX_NAME || name.iter().any(|byte| *byte >= 0x80 || *byte == b'{') {
        return;
    }
    let mut start = 0;
    while start < shape.len() {
        let part = shape.get(start..).unwrap_or_default();
        let end = start + part.iter().position(|byte| ends_part(*byte)).unwrap_or(part.len());
        let next = shape.get(end).copied();
        fold(shape.get_mut(start..end).unwrap_or_default(), next);
        start = end + 1;
    }
}

/// Makes what folds in a part of a segment the same for all parts that fold alike.
fn fold(part: &mut [u8], next: Option<u8>) {
    let len = part.len();
    let digits = part.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == len {
        // Dates are told by their century.
        let is_year = len == 4 && matches!(next, Some(b'-' | b'_' | b'.'));
        let century = is_year && matches!(part.get(..2), Some(b"19" | b"20"));
        part.fill(b'0');
        if century && let Some(first) = part.first_mut() {
            *first = b'2';
        }
    } else if len >= 4 && is_hex(part) {
        part.fill(b'0');
        if let Some(first) = part.first_mut() {
            *first = b'a';
        }
    } else if digits >= 2 && len - digits >= 2 {
        // The number behind a word of two letters or more.
        part.get_mut(len - digits..).unwrap_or_default().fill(b'0');
    }
}

/// Hex digits of one case, letters and numbers among them.
fn is_hex(part: &[u8]) -> bool {
    let (mut lower, mut upper, mut digits) = (false, false, false);
    for byte in part {
        match byte {
            b'0'..=b'9' => digits = true,
            b'a'..=b'f' => lower = true,
            b'A'..=b'F' => upper = true,
            _ => return false,
        }
    }
    digits && lower != upper
}

/// Separators of segments as they are unless the user says otherwise, and of parts of segments.
fn ends_part(byte: u8) -> bool {
    matches!(byte, b':' | b'/' | b'|' | b'#' | b',' | b'-' | b'_' | b'.')
}

/// The pattern of a name alone, as far as no others are known.
pub(super) fn pattern(name: &[u8], grouping: &Grouping) -> String {
    let (mut token, mut out) = (String::new(), String::new());
    pattern::segments(name, grouping, &mut token, |segment| {
        out.push_str(segment);
        true
    });
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(name: &[u8]) -> Vec<u8> {
        let grouping = Grouping::default();
        let mut shape = Vec::new();
        of(name, &mut shape);
        let (of_name, of_shape) = (pattern(name, &grouping), pattern(&shape, &grouping));
        assert_eq!(of_name, of_shape, "{} became {}", name.escape_ascii(), shape.escape_ascii());
        shape
    }

    #[test]
    fn numbers_are_one_and_names_stay() {
        for (name, shape) in [
            ("user:1234:cart", "user:0000:cart"),
            ("v2:p99:item48213", "v2:p99:item00000"),
            ("day:2026-11-22:hits", "day:2000-00-00:hits"),
            ("n:1826-11-22", "n:0000-00-00"),
            ("a-12_7.9", "a-00_0.0"),
            ("{user12}:1", "{user12}:1"),
            ("9c41", "a000"),
            ("s3bucket:h264", "s3bucket:h264"),
        ] {
            assert_eq!(check(name.as_bytes()).escape_ascii().to_string(), shape, "{name}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn a_shape_has_the_pattern_of_its_name(
            parts in prop::collection::vec(
                prop_oneof![
                    "[0-9]{1,6}",
                    "[a-z]{1,3}[0-9]{1,4}",
                    "[a-fA-F0-9]{3,20}",
                    "[a-zA-Z0-9]{1,18}",
                    "(18|19|20)[0-9]{2}[-_.][0-9]{2}([-_.][0-9]{2})?",
                    "[0-9]{1,3}(\\.[0-9]{1,3}){1,4}",
                    "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                    "-?[0-9]{1,3}[-_.{}]",
                    "[a-c0-2@.{}-]{0,8}",
                    "\\PC{0,3}",
                ],
                0..5,
            ),
            separators in "[:/|#,_.-]{5}",
        ) {
            let name: String = parts.iter().zip(separators.chars()).flat_map(|(part, separator)| {
                part.chars().chain([separator])
            }).collect();
            check(name.as_bytes());
            check(name.trim_end_matches(|c: char| c.is_ascii_punctuation()).as_bytes());
        }
    }
}
