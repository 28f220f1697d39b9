//! Base64: as a way to show bytes, and as what a text may be.

use base64::{
    Engine as _,
    alphabet::{STANDARD, URL_SAFE},
    engine::{
        DecodePaddingMode,
        general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD as PADDED},
    },
};

/// Bytes of a line of 76 characters, the length of MIME.
const LINE: usize = 57;
/// A shorter text is base64 by chance.
const MIN_LEN: usize = 16;

const LOOSE: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const PLAIN: GeneralPurpose = GeneralPurpose::new(&STANDARD, LOOSE);
const URL: GeneralPurpose = GeneralPurpose::new(&URL_SAFE, LOOSE);

/// Encodes, in lines.
pub(super) fn encode(bytes: &[u8]) -> String {
    let lines: Vec<String> = bytes.chunks(LINE).map(|line| PADDED.encode(line)).collect();
    lines.join("\n")
}

/// The bytes a text stands for; none where it is no base64 from end to end, or too short to tell.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let text = text.trim_ascii();
    if text.len() < MIN_LEN {
        return None;
    }
    if !text.contains(&b'\n') {
        return PLAIN.decode(text).or_else(|_| URL.decode(text)).ok();
    }
    let joined: Vec<u8> = text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
    PLAIN.decode(joined).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_those_of_mime() {
        assert_eq!((encode(b"fooba"), encode(b"")), ("Zm9vYmE=".into(), String::new()));
        assert_eq!(encode(&[0; 58]).lines().map(str::len).collect::<Vec<_>>(), [76, 4]);
    }

    #[test]
    fn what_was_encoded_is_decoded() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(decode(encode(&bytes).as_bytes()).unwrap(), bytes);
        assert_eq!(decode(b"eyJhIjpbMSwyXX0_eyJhIjpb").unwrap()[..11], *b"{\"a\":[1,2]}");
        for text in [&b"short"[..], b"plain text with blanks", b"user:12345678901234567890", b""] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
