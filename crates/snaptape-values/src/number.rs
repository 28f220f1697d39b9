//! Floating-point numbers as servers print them.

/// As many digits as it takes to come back to the same number, with an exponent where it is far from 1.
pub fn double(n: f64) -> String {
    if n.is_nan() {
        return "nan".into();
    }
    if n.is_infinite() {
        return if n > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let size = n.abs();
    if n != 0.0 && !(1e-5..1e17).contains(&size) {
        let text = format!("{n:e}");
        // Servers print a sign and two digits at least: 1e+21.
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = match exponent.strip_prefix('-') {
            Some(exponent) => ('-', exponent),
            None => ('+', exponent),
        };
        return format!("{digits}e{sign}{exponent:0>2}");
    }
    format!("{n}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        for (n, text) in [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (0.1, "0.1"),
            (3.0e-7, "3e-07"),
            (1e21, "1e+21"),
            (1.5e300, "1.5e+300"),
            (f64::NEG_INFINITY, "-inf"),
            (3_471_579_339_700_058.0, "3471579339700058"),
        ] {
            assert_eq!(double(n), text);
            assert!(text.parse::<f64>().unwrap().to_bits() == n.to_bits(), "{text}");
        }
    }
}
