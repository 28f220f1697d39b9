//! Ways to look at the bytes of a string. Pure functions of bytes; nothing in them can make one panic, or take memory without
//! bound.

mod base64;
mod guess;
mod hll;
mod json;
mod msgpack;
mod tree;
mod unpack;

use snaptape_report::{Format, Look, LookBody, units};

pub use self::guess::guesses;
pub use self::hll::{Cardinality, hyperloglog};
use self::tree::Tree;
use crate::quote;

/// Looks at a window of a string that begins at `from` and has `len` bytes in all.
pub fn look(bytes: &[u8], from: u64, len: u64, format: Format) -> Look {
    let is_whole = from == 0 && bytes.len() as u64 == len;
    let found = if from == 0 { guesses(bytes, is_whole) } else { Vec::new() };
    let mut layers = Vec::new();
    let chosen = match format {
        Format::Auto => found.iter().find_map(|guess| guess.format).unwrap_or(Format::Hex),
        chosen => chosen,
    };
    let (format, body, note) = show(bytes, from, is_whole, chosen, &mut layers);
    Look { guesses: found, format, layers, body, note }
}

fn show(
    bytes: &[u8],
    from: u64,
    is_whole: bool,
    format: Format,
    layers: &mut Vec<String>,
) -> (Format, LookBody, Option<String>) {
    match format {
        Format::Auto | Format::Hex => (Format::Hex, LookBody::Hex(from, bytes.to_vec()), None),
        Format::Text => (format, LookBody::Text(text(bytes)), None),
        Format::Base64 => (format, LookBody::Text(base64::encode(bytes)), None),
        Format::Quoted => (format, LookBody::Text(quote(bytes)), None),
        Format::Json => tree_body(format, json::tree(bytes, is_whole), "JSON", from),
        Format::MessagePack => tree_body(format, msgpack::tree(bytes, is_whole), "MessagePack", from),
        Format::HyperLogLog => match hyperloglog(bytes) {
            Ok(found) => (format, LookBody::Facts(found.facts()), None),
            Err(why) => (Format::Hex, LookBody::Hex(from, bytes.to_vec()), Some(why.into())),
        },
        Format::Unpacked => {
            let Some(unpacked) = unpack::unpack(bytes) else {
                let note = "It is none of gzip, zlib, zstd, LZ4 frames, zip and base64.".into();
                return (Format::Hex, LookBody::Hex(from, bytes.to_vec()), Some(note));
            };
            layers.extend(unpacked.layers);
            let inside = unpacked.inside.as_slice();
            let is_all = is_whole && !unpacked.is_cut;
            let within = guesses(inside, is_all);
            let chosen = within.iter().find_map(|guess| guess.format).unwrap_or(Format::Hex);
            // What is packed in what was packed was unpacked with it.
            let chosen = if chosen == Format::Unpacked { Format::Hex } else { chosen };
            let (_, body, inner_note) = show(inside, 0, is_all, chosen, layers);
            if let Some(first) = within.first() {
                layers.push(first.what.clone());
            }
            (Format::Unpacked, body, unpacked.note.or(inner_note))
        }
    }
}

fn tree_body(format: Format, tree: Tree, name: &str, from: u64) -> (Format, LookBody, Option<String>) {
    let note = match tree.stopped {
        Some((_, why)) if from > 0 => {
            Some(format!("This window does not begin where the {name} does: {why}."))
        }
        Some((at, why)) => Some(format!("It is {name} up to byte {}: {why}.", units::offset(at as u64))),
        None => tree.note.map(Into::into),
    };
    (format, LookBody::Tree(tree.lines), note)
}

/// Text as it is to be shown: lines stay lines, everything that is none becomes an escape.
fn text(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for (i, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if i > 0 {
            out.push('\n');
        }
        out.push_str(&units::printable(line).replace("\\t", "\t"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gzipped_document_is_shown_as_a_tree() {
        // gzip of {"a":[1,2]}, by Python.
        let packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\xab\x56\x4a\x54\xb2\x8a\x36\xd4\x31\x8a\xad\x05\x00\x84\xdb\xd6\x17\x0b\x00\x00\x00";
        let look = look(packed, 0, packed.len() as u64, Format::Auto);
        assert_eq!(look.format, Format::Unpacked);
        assert_eq!((look.layers, look.note), (vec!["gzip data".to_owned(), "JSON".to_owned()], None));
        let LookBody::Tree(lines) = look.body else { panic!("{:?}", look.body) };
        assert_eq!(lines.len(), 4);
    }

    #[test]
    fn what_is_not_what_was_asked_for_is_said_to_be_none() {
        for format in Format::ALL {
            for bytes in
                [&b""[..], b"\xff", b"plain", b"{", b"\x1f\x8b\x08", b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0"]
            {
                let look = look(bytes, 0, bytes.len() as u64, format);
                assert!(format != Format::Json || bytes == b"" || look.note.is_some(), "{bytes:?}");
            }
        }
    }
}
