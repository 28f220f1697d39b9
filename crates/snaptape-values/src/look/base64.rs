//! Base64, as RFC 4648 has it, in lines of 76.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Encodes.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4 + bytes.len() / 57);
    for (i, chunk) in bytes.chunks(3).enumerate() {
        if i > 0 && i % 19 == 0 {
            out.push('\n');
        }
        let [a, b, c] = core::array::from_fn(|i| u32::from(chunk.get(i).copied().unwrap_or_default()));
        let word = a << 16 | b << 8 | c;
        for place in 0..4 {
            let six = usize::try_from(word >> (18 - 6 * place) & 0x3f).unwrap_or_default();
            let known = place <= chunk.len();
            out.push(if known { char::from(ALPHABET[six]) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode(bytes.as_bytes()), text);
        }
        assert_eq!(encode(&[0; 58]).lines().map(str::len).collect::<Vec<_>>(), [76, 4]);
    }
}
