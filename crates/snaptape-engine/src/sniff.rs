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
    /// Zero bytes, as far as was looked.
    Zeros,
    /// Something with a name of its own.
    Foreign {
        /// What it is.
        what: &'static str,
        /// What to do with it.
        advice: &'static str,
        /// Is there likely a snapshot or a tape inside?
        container: bool,
        /// Is it known for certain?
        named: bool,
    },
}

const UNPACK: &str = "Unpack it and open what is inside.";
const AGAIN: &str = "Most likely an error message was saved in place of the file: download it again.";

/// A snapshot or a tape that begins as it should; nothing where it takes a [closer look](sniff).
pub(crate) fn sniff_at_once(front: &[u8]) -> Option<Content> {
    match front {
        // Its first file may be called anything.
        _ if is_tar(front) => None,
        [b'R', b'E', b'D', b'I', b'S', ..] | [b'V', b'A', b'L', b'K', b'E', b'Y', ..] => {
            Some(Content::Snapshot)
        }
        [b'*' | b'#', ..] => Some(Content::Tape),
        _ => None,
    }
}

/// Looks at the first bytes of a file; there is at least one. Containers that can be opened are not looked for here.
pub(crate) fn sniff(front: &[u8]) -> Content {
    if let Some(content) = sniff_at_once(front) {
        return content;
    }
    if let Some(what) = closed_container(front) {
        return Content::Foreign { what, advice: UNPACK, container: true, named: true };
    }
    let foreign = |what, advice| Content::Foreign { what, advice, container: false, named: true };
    match front {
        _ if is_markup(front) => foreign("an HTML or XML page, not a snapshot or a tape", AGAIN),
        _ if is_json(front) => foreign(
            "JSON text, not a snapshot or a tape",
            "It holds no snapshot; if it is an error message, download the file again.",
        ),
        _ if is_error_reply(front) => foreign(
            "an error reply of a server, not a snapshot or a tape",
            "The copy was refused: ask again with the right password or permissions.",
        ),
        _ if front.starts_with(b"version https://git-lfs") => {
            foreign("a Git LFS pointer, not the file it stands for", "Fetch the file itself: git lfs pull.")
        }
        _ if front.iter().all(|byte| *byte == 0) => Content::Zeros,
        _ if looks_like_manifest(front) => Content::Manifest,
        // A tape whose first byte is wrong is still a tape if commands follow soon.
        _ if front.windows(3).any(|w| matches!(w, [b'\n', b'*', b'1'..=b'9'])) => Content::Tape,
        _ if is_error_page(front) => {
            foreign("the text of an error message, not a snapshot or a tape", "Download the file again.")
        }
        _ => Content::Foreign {
            what: "neither a snapshot nor a tape",
            advice: "Snapshots begin with REDIS or VALKEY, tapes with * or #.",
            container: false,
            named: false,
        },
    }
}

fn is_tar(front: &[u8]) -> bool {
    front.get(257..262) == Some(b"ustar")
}

/// Containers with a name and without a reader here.
fn closed_container(front: &[u8]) -> Option<&'static str> {
    const MAGICS: [(&[u8], &str); 13] = [
        (b"BZh", "bzip2 data, not a snapshot or a tape"),
        (b"\xfd7zXZ\0", "xz data, not a snapshot or a tape"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z archive, not a snapshot or a tape"),
        (b"Rar!\x1a\x07", "a RAR archive, not a snapshot or a tape"),
        (b"LZIP", "lzip data, not a snapshot or a tape"),
        (b"\x89LZO\0", "lzop data, not a snapshot or a tape"),
        (b"\xff\x06\0\0sNaPpY", "snappy data, not a snapshot or a tape"),
        (b"\x02\x21\x4c\x18", "LZ4 data of the old kind (lz4 -l), not a snapshot or a tape"),
        (b"\x1f\x9d", "data packed by compress, not a snapshot or a tape"),
        (b"Salted__", "a file encrypted by openssl, not a snapshot or a tape"),
        (b"age-encryption.org/", "a file encrypted by age, not a snapshot or a tape"),
        (b"-----BEGIN PGP", "a file encrypted by PGP, not a snapshot or a tape"),
        (b"-----BEGIN AGE", "a file encrypted by age, not a snapshot or a tape"),
    ];
    if is_tar(front) {
        return Some("a tar archive, not a snapshot or a tape");
    }
    MAGICS.iter().find(|(magic, _)| front.starts_with(magic)).map(|(_, what)| *what)
}

fn is_markup(front: &[u8]) -> bool {
    let text = without_mark(front);
    [&b"<!doctype"[..], b"<html", b"<?xml", b"<error", b"<!--", b"<head", b"<body", b"<listbucketresult"]
        .iter()
        .any(|tag| text.get(..tag.len()).is_some_and(|front| front.eq_ignore_ascii_case(tag)))
}

fn is_json(front: &[u8]) -> bool {
    let [open @ (b'{' | b'['), rest @ ..] = without_mark(front) else { return false };
    matches!(
        (open, rest.trim_ascii_start().first()),
        (_, None | Some(b'"' | b'{' | b'[')) | (b'{', Some(b'}')) | (b'[', Some(b']' | b'0'..=b'9' | b'-'))
    )
}

/// What a server answers to somebody who may not have a copy.
fn is_error_reply(front: &[u8]) -> bool {
    [
        &b"-ERR "[..],
        b"-NOAUTH ",
        b"-NOPERM ",
        b"-DENIED ",
        b"-LOADING ",
        b"-MASTERDOWN ",
        b"-WRONGPASS ",
        b"-NOMASTERLINK ",
    ]
    .iter()
    .any(|reply| front.starts_with(reply))
}

/// One short line that speaks of an error, as proxies and buckets write it.
fn is_error_page(front: &[u8]) -> bool {
    let Ok(text) = core::str::from_utf8(front) else { return false };
    let text = text.trim().to_ascii_lowercase();
    let words = [
        "not found",
        "forbidden",
        "access denied",
        "unauthorized",
        "error",
        "no such key",
        "expired",
        "denied",
    ];
    text.len() < 300
        && !text.contains(|c: char| c.is_control() && c != '\n' && c != '\r')
        && words.iter().any(|word| text.contains(word))
}

/// Without white space and the mark some editors put in front of text.
fn without_mark(front: &[u8]) -> &[u8] {
    front.strip_prefix(b"\xef\xbb\xbf").unwrap_or(front).trim_ascii_start()
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
        let html = Some("an HTML or XML page, not a snapshot or a tape");
        let json = Some("JSON text, not a snapshot or a tape");
        let reply = Some("an error reply of a server, not a snapshot or a tape");
        let message = Some("the text of an error message, not a snapshot or a tape");
        let tar = [&[b'a'; 257][..], b"ustar\x0000", &[0; 300]].concat();
        for (front, what) in [
            (&b"REDIS0011\xfa"[..], None),
            (b"VALKEY080", None),
            (b"*3\r\n", None),
            (b"#TS:1\r\n", None),
            (b"BZh91AY", Some("bzip2 data, not a snapshot or a tape")),
            (b"\xfd7zXZ\0\0", Some("xz data, not a snapshot or a tape")),
            (&tar, Some("a tar archive, not a snapshot or a tape")),
            (b"  <!DOCTYPE html><p>404", html),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?><Error><Code>AccessDenied", html),
            (b"{\"error\":1}", json),
            (b"[]", json),
            (b"\n[ {\"a\": 1} ]", json),
            (b"{neither", Some("neither a snapshot nor a tape")),
            (b"-NOAUTH Authentication required.\r\n", reply),
            (b"-ERR unknown command", reply),
            (b"404: Not Found", message),
            (b"Access Denied\n", message),
            (b"hello", Some("neither a snapshot nor a tape")),
            (b"error \x00\x01", Some("neither a snapshot nor a tape")),
            (
                b"version https://git-lfs.github.com/spec/v1\noid",
                Some("a Git LFS pointer, not the file it stands for"),
            ),
            (b"\xef\xbb\xbf*1\r\n$4\r\nPING\r\n*1\r\n$4\r\nPING\r\n", None),
            (b"file a.1.base.rdb seq 1 type b\n", None),
        ] {
            let got = match sniff(front) {
                Content::Foreign { what, .. } => Some(what),
                _ => None,
            };
            assert_eq!(got, what, "{}", front.escape_ascii());
        }
        assert_eq!(sniff(&[0; 64]), Content::Zeros);
        assert_eq!(sniff(&[0]), Content::Zeros);
    }
}
