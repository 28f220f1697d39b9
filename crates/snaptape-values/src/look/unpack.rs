//! What a string holds that is a container.

use snaptape_unpack::{Container, Limits, Unpacker, recognise};

use super::{base64, json, msgpack};

/// How much of the contents is shown.
const MAX_INSIDE: usize = 1 << 20;
const BASE64: &str = "base64";
/// How much of a container is unpacked at a time.
const PIECE: usize = 4096;

/// Contents.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub(super) layers: Vec<String>,
    pub(super) inside: Vec<u8>,
    /// Is there more of it?
    pub(super) is_cut: bool,
    pub(super) note: Option<String>,
}

/// What a text of base64 stands for, where that means something: hexadecimal digests and words are base64 by chance.
fn in_base64(bytes: &[u8]) -> Option<Vec<u8>> {
    let inside = base64::decode(bytes)?;
    let means_something = packed(&inside).is_some()
        || matches!(inside.trim_ascii_start().first(), Some(b'{' | b'[')) && json::is_json(&inside, true)
        || core::str::from_utf8(&inside).is_ok_and(|text| !text.chars().any(|c| c.is_control() && c != '\n'))
        || msgpack::is_msgpack(&inside, true);
    means_something.then_some(inside)
}

/// Does it look like a container, or like the text of one? Its name.
pub(super) fn container(bytes: &[u8]) -> Option<&'static str> {
    packed(bytes).or_else(|| in_base64(bytes).map(|_| BASE64))
}

fn packed(bytes: &[u8]) -> Option<&'static str> {
    match recognise(bytes) {
        Some(container @ (Container::Gzip | Container::Lz4 | Container::Zip | Container::Zstd)) => {
            Some(container.name())
        }
        _ if is_zlib(bytes) => Some("zlib data"),
        _ => None,
    }
}

/// Deflate with a window of 32 KiB, no dictionary, and a header whose check bits agree. RFC 1950.
fn is_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [0x78, flags @ (0x01 | 0x5e | 0x9c | 0xda), _, ..] if (0x7800 + u16::from(*flags)).is_multiple_of(31))
}

/// Unpacks the front of what is inside.
pub(super) fn unpack(bytes: &[u8]) -> Option<Unpacked> {
    let name = container(bytes)?;
    if name == BASE64 {
        let inside = in_base64(bytes)?;
        let Some(mut within) = unpack(&inside) else {
            return Some(Unpacked { layers: vec![name.into()], inside, is_cut: false, note: None });
        };
        within.layers.insert(0, name.into());
        return Some(within);
    }
    let zlib = is_zlib(bytes);
    let mut unpacker = Unpacker::new(Limits { max_window_bytes: 8 << 20, max_depth: 4 });
    let (mut inside, mut is_cut) = (Vec::new(), false);
    let mut sink = |piece: &[u8]| {
        let room = MAX_INSIDE - inside.len();
        is_cut |= piece.len() > room;
        inside.extend_from_slice(piece.get(..room.min(piece.len())).unwrap_or_default());
    };
    let packed = if zlib {
        // The same deflate data as in gzip, between other brackets: their checksum is of another kind, and is not looked at.
        unpacker.push(b"\x1f\x8b\x08\0\0\0\0\0\0\x03", &mut sink);
        bytes.get(2..).unwrap_or_default()
    } else {
        bytes
    };
    for piece in packed.chunks(PIECE) {
        unpacker.push(piece, &mut sink);
        if unpacker.bytes_inside() > MAX_INSIDE as u64 || unpacker.is_done() {
            break;
        }
    }
    let ended = unpacker.bytes_inside() <= MAX_INSIDE as u64;
    if ended {
        unpacker.finish(&mut sink);
    }
    let flaw = if zlib { None } else { unpacker.flaws().first().map(|flaw| flaw.why.clone()) };
    let note = if is_cut || !ended {
        Some("Of its contents the first 1.05 MB are shown.".into())
    } else {
        flaw.map(|why| format!("Of the container: {why}."))
    };
    let mut layers: Vec<String> = unpacker.layers().iter().map(|layer| layer.name().into()).collect();
    if zlib || layers.is_empty() {
        layers = vec![name.into()];
    }
    if inside.is_empty() && zlib {
        return None;
    }
    Some(Unpacked { layers, inside, is_cut: is_cut || !ended, note })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zlib_is_opened_like_gzip() {
        // zlib.compress(b"hello hello hello") of Python.
        let packed = b"\x78\x9c\xcb\x48\xcd\xc9\xc9\x57\xc8\x40\x90\x00\x3a\x2e\x06\x7d";
        let unpacked = unpack(packed).unwrap();
        assert_eq!(unpacked.inside, b"hello hello hello");
        assert_eq!((unpacked.layers, unpacked.note), (vec!["zlib data".to_owned()], None));
    }

    #[test]
    fn text_may_stand_for_something_else() {
        // {"user":[1,2,3]}, by Python; then the same in gzip; then text.
        for (text, layers, inside) in [
            ("eyJ1c2VyIjpbMSwyLDNdfQ==", &["base64"][..], &b"{\"user\":[1,2,3]}"[..]),
            (
                "H4sIAAAAAAAC/6tWKi1OLVKyijbUMdIxjq0FAB3yAIYQAAAA",
                &["base64", "gzip data"],
                b"{\"user\":[1,2,3]}",
            ),
            ("aGVsbG8gaGVsbG8gaGVsbG8", &["base64"], b"hello hello hello"),
        ] {
            let unpacked = unpack(text.as_bytes()).unwrap();
            assert_eq!(
                (unpacked.layers, &unpacked.inside[..]),
                (layers.iter().map(|&name| name.into()).collect(), inside)
            );
        }
        for text in [
            "d41d8cd98f00b204e9800998ecf8427e",
            "user:profile:123456",
            "abcdefghijklmnopqrstuvwx",
            "1234567890123456",
        ] {
            assert!(unpack(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn text_is_no_container() {
        for bytes in [&b""[..], b"x", b"x\x9c", b"plain text", b"PKZIP"] {
            assert!(unpack(bytes).is_none(), "{bytes:?}");
        }
    }
}
