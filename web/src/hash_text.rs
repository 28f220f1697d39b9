//! Text of the user's within the address.

/// Writes what stands for itself as it is, everything else as bytes in hex: `a b` is `a%20b`.
pub fn encode(text: &str) -> String {
    use core::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~:*,{}()@!".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// Reads what [`encode`] writes, and what browsers make of it; what is no text becomes question marks.
pub fn decode(word: &str) -> String {
    let mut bytes = Vec::with_capacity(word.len());
    let mut rest = word.as_bytes();
    while let [first, behind @ ..] = rest {
        // Digits only: a number may begin with a sign, an escape may not.
        let digit = |i: usize| char::from(*behind.get(i)?).to_digit(16);
        let escaped = (*first == b'%').then(|| Some(digit(0)? * 16 + digit(1)?)).flatten();
        if let Some(byte) = escaped.and_then(|byte| u8::try_from(byte).ok()) {
            bytes.push(byte);
            rest = behind.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_comes_back() {
        for text in ["", "user:{int}:profile", "a b&c=d#e%f/g", "é\u{0}\u{7f}漢", "100%", "%zz%4", "%+f"] {
            let word = encode(text);
            assert!(word.is_ascii() && !word.contains(['&', '=', '#', '/', ' ']), "{word}");
            assert_eq!(decode(&word), text);
        }
        assert_eq!(decode("a%20b%E9"), "a b\u{fffd}");
    }
}
