//! Floating-point numbers in decimal text: scores are written so.
//!
//! The answer is that of `str::parse`, to the last bit. That one has a table of 10 KB, which does not compress, so every visitor of
//! the page would wait for it; here numbers of up to 19 digits take one division, and the few others whole ones of any length.

use alloc::vec::Vec;

/// Most digits that fit into a `u64`, whatever they are.
const WORD_DIGITS: usize = 19;
/// More significant digits than this only say that there is something more.
const MAX_DIGITS: usize = 800;

/// Reads a number as `str::parse::<f64>` does; `None` where it is none.
pub fn double(text: &[u8]) -> Option<f64> {
    let (negative, rest) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let is = |word: &[u8]| rest.eq_ignore_ascii_case(word);
    let magnitude = if is(b"inf") || is(b"infinity") {
        f64::INFINITY
    } else if is(b"nan") {
        f64::NAN
    } else {
        number(rest)?
    };
    Some(if negative { -magnitude } else { magnitude })
}

fn number(text: &[u8]) -> Option<f64> {
    let (mut word, mut digits, mut exponent) = (0_u64, Vec::new(), 0_i64);
    let (mut seen, mut point, mut significant, mut more) = (false, false, 0_usize, false);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                let digit = byte - b'0';
                exponent -= i64::from(point);
                if significant > 0 || digit > 0 {
                    if significant < WORD_DIGITS {
                        word = word * 10 + u64::from(digit);
                    } else if significant < MAX_DIGITS {
                        if significant == WORD_DIGITS {
                            digits = Vec::from(decimal(word));
                        }
                        digits.push(digit);
                    } else {
                        more |= digit > 0;
                        exponent += 1;
                    }
                    significant += 1;
                }
            }
            b'.' if !point => point = true,
            _ => break,
        }
        at += 1;
    }
    if !seen {
        return None;
    }
    exponent = exponent.saturating_add(match text.get(at..) {
        Some([b'e' | b'E', rest @ ..]) => power(rest)?,
        Some([]) => 0,
        _ => return None,
    });
    if word == 0 {
        return Some(0.0);
    }
    if digits.is_empty() {
        if let Some(value) = short(word, exponent) {
            return Some(value);
        }
        digits = Vec::from(decimal(word));
        digits.drain(..WORD_DIGITS - significant);
    }
    Some(long(digits, exponent, more))
}

/// What stands behind the `e`.
fn power(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let power = digits
        .iter()
        .fold(0_i64, |power, digit| power.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
    // Nothing is as long as a tenth of this, so the sum with the number of digits is exact where it matters.
    let power = power.min(i64::MAX / 4);
    Some(if negative { -power } else { power })
}

fn decimal(mut word: u64) -> [u8; WORD_DIGITS] {
    let mut digits = [0; WORD_DIGITS];
    for digit in digits.iter_mut().rev() {
        *digit = u8::try_from(word % 10).unwrap_or(0);
        word /= 10;
    }
    digits
}

/// `word * 10^exponent` where that takes no more than 128 bits.
fn short(word: u64, exponent: i64) -> Option<f64> {
    let ten = 10_u64.checked_pow(u32::try_from(exponent.unsigned_abs()).ok()?)?;
    if word < 1 << f64::MANTISSA_DIGITS {
        // Both are exact, and one operation rounds as it should.
        #[expect(
            clippy::cast_precision_loss,
            reason = "a power of ten below 2^64 has fewer than 53 bits that count"
        )]
        let (word, ten) = (word as f64, ten as f64);
        return Some(if exponent < 0 { word / ten } else { word * ten });
    }
    let shift = word.leading_zeros();
    let (wide, power, sticky) = if exponent < 0 {
        let numerator = u128::from(word << shift) << 63;
        let power = -63 - shift.cast_signed();
        (numerator / u128::from(ten), power, numerator % u128::from(ten) != 0)
    } else {
        (u128::from(word) * u128::from(ten), 0, false)
    };
    let lead = wide.leading_zeros();
    let wide = wide << lead;
    let (high, low) = (u64::try_from(wide >> 64).unwrap_or(0), wide & u128::from(u64::MAX));
    Some(rounded(high, power + 64 - lead.cast_signed(), sticky || low != 0))
}

/// The same for any number of digits; `more` says that there are others behind them.
#[cold]
fn long(mut digits: Vec<u8>, mut exponent: i64, more: bool) -> f64 {
    if more {
        // Whatever they are, they only decide a tie.
        digits.push(1);
        exponent -= 1;
    }
    let magnitude = exponent.saturating_add(i64::try_from(digits.len()).unwrap_or(i64::MAX));
    if magnitude > 310 {
        return f64::INFINITY;
    }
    if magnitude < -330 {
        return 0.0;
    }
    let (mut over, mut under) = (Whole(Vec::new()), Whole(Vec::from([1])));
    for digit in digits {
        over.times_plus(10, u32::from(digit));
    }
    let scaled = if exponent < 0 { &mut under } else { &mut over };
    for _ in 0..exponent.unsigned_abs() {
        scaled.times_plus(10, 0);
    }
    // Shifted until the quotient has 63 or 64 bits, and the divisor so far that it has one.
    let shift = 63 + under.bits() - over.bits();
    if shift > 0 {
        over.double(shift);
    } else {
        under.double(-shift);
    }
    under.double(63);
    let mut quotient = 0_u64;
    for _ in 0..64 {
        quotient <<= 1;
        if over.subtract(&under) {
            quotient |= 1;
        }
        under.halve();
    }
    rounded(quotient, i32::try_from(-shift).unwrap_or(0), over.bits() > 0)
}

/// `word * 2^power`, to the nearest, and where two are as near to the even one. `sticky` says that it is a little more.
fn rounded(word: u64, power: i32, sticky: bool) -> f64 {
    let shift = word.leading_zeros();
    let word = word << shift;
    let exponent = power - shift.cast_signed() + 63;
    if exponent > 1023 {
        return f64::INFINITY;
    }
    // Below the least exponent there are fewer bits.
    let drop = 11 + u32::try_from(-1022 - exponent).unwrap_or(0);
    if drop > 64 {
        return 0.0;
    }
    let (kept, rest) = (word.checked_shr(drop).unwrap_or(0), word.checked_shl(64 - drop).unwrap_or(0));
    let half = 1 << 63;
    let up = rest > half || (rest == half && (sticky || kept & 1 == 1));
    let biased = u64::try_from(exponent + 1022).unwrap_or(0);
    // A carry out of the fraction is one more in the exponent, as it should be.
    f64::from_bits((biased << 52) + kept + u64::from(up))
}

/// A whole number of any length, lowest word first, without words of zero at its end.
struct Whole(Vec<u32>);

impl Whole {
    fn bits(&self) -> i64 {
        let Some(last) = self.0.last() else { return 0 };
        i64::try_from(self.0.len()).unwrap_or(0) * 32 - i64::from(last.leading_zeros())
    }

    #[inline(never)]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant")]
    fn times_plus(&mut self, factor: u32, more: u32) {
        let mut carry = u64::from(more);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn double(&mut self, times: i64) {
        for _ in 0..times {
            self.times_plus(2, 0);
        }
    }

    fn halve(&mut self) {
        let mut carry = 0;
        for word in self.0.iter_mut().rev() {
            (*word, carry) = (*word >> 1 | carry << 31, *word & 1);
        }
        self.trim();
    }

    /// Takes the other one away if it is not greater.
    fn subtract(&mut self, other: &Self) -> bool {
        let (mine, others) = (self.0.iter().rev(), other.0.iter().rev());
        if self.0.len() < other.0.len() || (self.0.len() == other.0.len() && mine.lt(others)) {
            return false;
        }
        let mut borrow = false;
        for (i, word) in self.0.iter_mut().enumerate() {
            let (less, under) = word.overflowing_sub(other.0.get(i).copied().unwrap_or(0));
            let (less, again) = less.overflowing_sub(u32::from(borrow));
            *word = less;
            borrow = under || again;
        }
        self.trim();
        true
    }

    fn trim(&mut self) {
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::{format, string::String};

    use proptest::prelude::*;

    use super::*;

    fn agrees(text: &str) {
        let expected = text.parse::<f64>().ok();
        let found = double(text.as_bytes());
        assert_eq!(found.map(f64::to_bits), expected.map(f64::to_bits), "{text}");
    }

    #[test]
    fn known_hard_cases_agree_with_the_standard_library() {
        for text in [
            "",
            "+",
            "-",
            ".",
            "-.",
            "1.",
            ".5",
            "+.5e1",
            "1e",
            "1e+",
            "1e5.",
            "0x1",
            "1_0",
            " 1",
            "1 ",
            "inf",
            "-Infinity",
            "NaN",
            "-nan",
            "infi",
            "0",
            "-0",
            "0e999999999999999999999",
            "1e999999999999999999999",
            "1e-999999999999999999999",
            "00012.500",
            "9007199254740993",
            "9007199254740992.99999999999999999999",
            "1.7976931348623157e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "179769313486231580793728971405301e276",
            "2.2250738585072011e-308",
            "2.2250738585072014e-308",
            "4.9406564584124654e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "5e-324",
            "1e-400",
            "0.1",
            "1e23",
            "1e22",
            "3.0000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
            "18446744073709551615e19",
            "8.5",
            "17.399999999999999",
            "0.30000000000000004",
            "123456789012345678e-19",
            "9.5367431640625e-7",
        ] {
            agrees(text);
        }
        // Exactly between two of them, and a trifle more, in more digits than count.
        let tie = format!("1{}", "0".repeat(900));
        agrees(&format!("9007199254740993.{}", "0".repeat(900)));
        agrees(&format!("9007199254740993.{}1", "0".repeat(900)));
        agrees(&format!("{tie}e-900"));
        agrees(&format!("0.{}{tie}", "0".repeat(400)));
    }

    proptest! {
        #[test]
        fn all_doubles_come_back(bits: u64) {
            let value = f64::from_bits(bits);
            agrees(&format!("{value}"));
            agrees(&format!("{value:e}"));
            agrees(&format!("{value:.17e}"));
        }

        #[test]
        fn any_text_agrees(text in "[-+]?[0-9]{0,40}[.]?[0-9]{0,40}(e[-+]?[0-9]{1,3})?") {
            agrees(&text);
        }

        #[test]
        fn nothing_is_taken_that_is_no_number(text in "[-+.0-9eEinfa]{0,6}") {
            agrees(&text);
        }

        #[test]
        fn ties_go_to_the_even_one(mantissa in (1_u64 << 52)..(1 << 53), exponent in 0_usize..200) {
            let text: String = format!("{}{}", u128::from(mantissa) * 2 + 1, "0".repeat(exponent));
            agrees(&text);
        }
    }
}
