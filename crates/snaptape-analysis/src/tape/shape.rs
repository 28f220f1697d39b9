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
    // Where the segment and its part begin.
    let (mut part, mut at) = (0, 0);
    while let Some(&byte) = shape.get(at) {
        if ends_part(byte) {
            at += 1;
            part = at;
        } else if byte.is_ascii_digit() {
            let digits = digits_at(shape, at);
            let end = at + digits;
            let next = shape.get(end).copied();
            let ends = next.is_none_or(ends_part);
            // A number as a whole, or the number behind a word of two letters or more.
            if ends && (at == part || (digits >= 2 && at - part >= 2)) {
                let is_year = digits == 4 && at == part && matches!(next, Some(b'-' | b'_' | b'.'));
                let zeros = shape.get_mut(at..end).unwrap_or_default();
                let century = is_year && matches!(zeros.get(..2), Some(b"19" | b"20"));
                zeros.fill(b'0');
                if century && let Some(first) = zeros.first_mut() {
                    // Dates are told by their century.
                    *first = b'2';
                }
            }
            at = end;
        } else {
            at += 1;
        }
    }
}

fn digits_at(shape: &[u8], at: usize) -> usize {
    shape.get(at..).unwrap_or_default().iter().take_while(|byte| byte.is_ascii_digit()).count()
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
            ("9c41", "9c00"),
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
