//! Names that have one pattern for sure, told apart without working the pattern out.
//!
//! On a tape the same few shapes of names come millions of times: digits that only fold are made zeros, and what is left is looked up
//! in a table. The table's rows are names themselves, with the same pattern as all that were made one with them.

use crate::keys::{grouping::Grouping, pattern};

/// Longer names are rare and not worth it.
const MAX_NAME: usize = 128;

/// What a byte is. Bits, so that a part is known by all of its bytes at once.
const DIGIT: u8 = 1;
/// A hex digit that is a letter, of either case.
const LOWER: u8 = 2;
const UPPER: u8 = 4;
const OTHER: u8 = 8;
/// Separators of segments as they are unless the user says otherwise, and of parts of segments.
const END: u8 = 16;
/// Braces begin hash tags, whose inside is looked at on its own; the rest is beyond ASCII.
const STRANGE: u8 = 32;

static CLASSES: [u8; 256] = classes();

#[expect(clippy::indexing_slicing, reason = "at compile time: a wrong index does not build")]
#[expect(clippy::cast_possible_truncation, reason = "it counts bytes")]
const fn classes() -> [u8; 256] {
    let mut classes = [OTHER; 256];
    let mut byte = 0;
    while byte < 256 {
        classes[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' => LOWER,
            b'A'..=b'F' => UPPER,
            b':' | b'/' | b'|' | b'#' | b',' | b'-' | b'_' | b'.' => END,
            b'{' | b'}' | 0x80.. => STRANGE,
            _ => OTHER,
        };
        byte += 1;
    }
    classes
}

/// Writes a name of the same pattern into `shape`: digits that only fold are zeros there.
pub(super) fn of(name: &[u8], shape: &mut Vec<u8>) {
    shape.clear();
    shape.extend_from_slice(name);
    if name.len() > MAX_NAME {
        return;
    }
    let (mut start, mut seen, mut digits) = (0, 0, 0);
    for (at, byte) in name.iter().enumerate() {
        match CLASSES.get(usize::from(*byte)).copied().unwrap_or(STRANGE) {
            STRANGE => {
                shape.clear();
                shape.extend_from_slice(name);
                return;
            }
            END => {
                fold(shape.get_mut(start..at).unwrap_or_default(), seen, digits, Some(*byte));
                (start, seen, digits) = (at + 1, 0, 0);
            }
            DIGIT => (seen, digits) = (seen | DIGIT, digits + 1),
            class => (seen, digits) = (seen | class, 0),
        }
    }
    fold(shape.get_mut(start..).unwrap_or_default(), seen, digits, None);
}

/// Makes what folds in a part of a segment the same for all parts that fold alike. `seen` are the classes of its bytes, and it ends
/// with so many digits.
#[inline]
fn fold(part: &mut [u8], seen: u8, digits: usize, next: Option<u8>) {
    let len = part.len();
    if digits == len {
        // Dates are told by their century.
        let is_year = len == 4 && matches!(next, Some(b'-' | b'_' | b'.'));
        let century = is_year && matches!(part.get(..2), Some(b"19" | b"20"));
        part.fill(b'0');
        if century && let Some(first) = part.first_mut() {
            *first = b'2';
        }
    } else if len >= 4 && matches!(seen, HEX_LOWER | HEX_UPPER) && pattern::is_hex(part) {
        part.fill(b'0');
        // Letters that take turns with digits, as short ones have to.
        for letter in part.iter_mut().step_by(2).take(2) {
            *letter = b'a';
        }
    } else if digits >= 2 && len - digits >= 2 {
        // The number behind a word of two letters or more.
        part.get_mut(len - digits..).unwrap_or_default().fill(b'0');
    }
}

/// Hex digits of one case, letters and numbers among them.
const HEX_LOWER: u8 = DIGIT | LOWER;
const HEX_UPPER: u8 = DIGIT | UPPER;

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
            ("9c41", "a0a0"),
            ("9c41ab07", "a0a00000"),
            ("db16:cafe1700", "db00:a0a00000"),
            ("{user:17}:x", "{user:17}:x"),
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
