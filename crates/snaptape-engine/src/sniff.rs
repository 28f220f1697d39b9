//! What a file is, from its first bytes. Names are never trusted: servers do not look at them either.

/// What the first bytes say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// `REDIS` or `VALKEY`, and a version.
    Snapshot,
    /// Commands.
    Tape,
    /// The lines of a manifest.
    Manifest,
    /// Something with a name of its own.
    Foreign {
        /// What it is.
        what: &'static str,
        /// What to do with it.
        advice: &'static str,
        /// Is there likely a snapshot or a tape inside?
        container: bool,
    },
}

const UNPACK: &str = "Unpack it and open what is inside.";

/// Looks at the first bytes of a file; there is at least one.
pub(crate) fn sniff(front: &[u8]) -> Content {
    let container = |what, advice| Content::Foreign { what, advice, container: true };
    let foreign = |what, advice| Content::Foreign { what, advice, container: false };
    match front {
        [b'R', b'E', b'D', b'I', b'S', ..] | [b'V', b'A', b'L', b'K', b'E', b'Y', ..] => Content::Snapshot,
        [b'*' | b'#', ..] => Content::Tape,
        [0x1f, 0x8b, ..] => container("gzip data, not a snapshot or a tape", UNPACK),
        [b'P', b'K', 3, 4, ..] => container("a zip archive, not a snapshot or a tape", UNPACK),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => container("zstd data, not a snapshot or a tape", UNPACK),
        [0x04, 0x22, 0x4d, 0x18, ..] => container("an LZ4 frame, not a snapshot or a tape", UNPACK),
        [b'V', b'K', b'C', b'S', ..] => {
            container("Valkey's compressed snapshot envelope", "This build cannot read it yet.")
        }
        [b'$', b'E', b'O', b'F', b':', ..] => {
            container("a captured replication stream", "This build cannot read it yet.")
        }
        [b'$', b'0'..=b'9', ..] => {
            container("a captured replication stream", "This build cannot read it yet.")
        }
        _ if is_markup(front) => foreign(
            "an HTML or XML page, not a snapshot or a tape",
            "Most likely an error message was saved in place of the file: download it again.",
        ),
        [b'{' | b'[', b'"' | b'{' | b'\n' | b' ' | b'\r', ..] => foreign(
            "JSON text, not a snapshot or a tape",
            "It holds no snapshot; if it is an error message, download the file again.",
        ),
        _ if front.len() >= 16 && front.iter().all(|b| *b == 0) => foreign(
            "nothing but zero bytes",
            "The disk never received the contents, as after a power cut or a failed copy: look for another copy.",
        ),
        _ if looks_like_manifest(front) => Content::Manifest,
        // A tape whose first byte is wrong is still a tape if commands follow soon.
        _ if front.windows(3).any(|w| matches!(w, [b'\n', b'*', b'1'..=b'9'])) => Content::Tape,
        _ => foreign(
            "neither a snapshot nor a tape",
            "Snapshots begin with REDIS or VALKEY, tapes with * or #.",
        ),
    }
}

fn is_markup(front: &[u8]) -> bool {
    let text = front.trim_ascii_start();
    [&b"<!doctype"[..], b"<html", b"<?xml", b"<error"]
        .iter()
        .any(|tag| text.get(..tag.len()).is_some_and(|front| front.eq_ignore_ascii_case(tag)))
}

fn looks_like_manifest(front: &[u8]) -> bool {
    let text = String::from_utf8_lossy(front);
    text.lines().take(3).any(|line| line.trim_start().to_ascii_lowercase().starts_with("file "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_are_named() {
        for (front, what) in [
            (&b"REDIS0011\xfa"[..], None),
            (b"VALKEY080", None),
            (b"*3\r\n", None),
            (b"#TS:1\r\n", None),
            (b"\x1f\x8b\x08", Some("gzip data, not a snapshot or a tape")),
            (b"  <!DOCTYPE html><p>404", Some("an HTML or XML page, not a snapshot or a tape")),
            (b"{\"error\":1}", Some("JSON text, not a snapshot or a tape")),
            (&[0; 64], Some("nothing but zero bytes")),
            (b"hello", Some("neither a snapshot nor a tape")),
            (b"\xef\xbb\xbf*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n", None),
            (b"file a.1.base.rdb seq 1 type b\n", None),
        ] {
            let got = match sniff(front) {
                Content::Foreign { what, .. } => Some(what),
                _ => None,
            };
            assert_eq!(got, what, "{front:?}");
        }
    }
}
