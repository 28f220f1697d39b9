//! The manifest of an append-only directory. Source: aofLoadManifestFromFile and aofInfoFormat in aof.c, Redis 7.0 to 8.2.

use alloc::{
    format,
    string::{String, ToString as _},
    vec::Vec,
};
use core::{fmt::Write as _, ops::Range};

use snaptape_wire::{Error, ErrorKind};

use crate::{
    line::{is_space, strtol, take_line},
    words::{quote_word, split_words},
};

/// Longest line the server reads, its line end not counted. Source: MANIFEST_MAX_LINE.
pub const MAX_MANIFEST_LINE: usize = 1023;

/// The part a listed file plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// `b`: the dataset at some moment; at most one.
    Base,
    /// `h`: superseded, waiting to be deleted; never loaded.
    History,
    /// `i`: the writes since.
    Incr,
}

impl EntryKind {
    /// The letter in the manifest.
    pub fn letter(self) -> char {
        match self {
            Self::Base => 'b',
            Self::History => 'h',
            Self::Incr => 'i',
        }
    }
}

/// A listed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestEntry {
    /// Its name in the directory; any bytes but NUL and path separators.
    pub name: Vec<u8>,
    /// Its sequence number; never 0. Bases and increments are counted apart.
    pub seq: i64,
    /// Its part.
    pub kind: EntryKind,
    /// Replication offset it begins at (Redis 8).
    pub start_offset: Option<i64>,
    /// Replication offset it ends at (Redis 8).
    pub end_offset: Option<i64>,
}

impl ManifestEntry {
    /// An entry without replication offsets.
    pub fn new(name: impl Into<Vec<u8>>, seq: i64, kind: EntryKind) -> Self {
        Self { name: name.into(), seq, kind, start_offset: None, end_offset: None }
    }
}

/// A manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The listed files, in the order of the lines.
    pub entries: Vec<ManifestEntry>,
}

impl Manifest {
    /// Reads a manifest as the server does, which stops at the first thing it does not like.
    ///
    /// # Errors
    /// The server's own message as [`ErrorKind::Protocol`], at the offset of the line, with the line as context.
    pub fn parse(bytes: &[u8]) -> Result<Self, Error> {
        let mut manifest = Self::default();
        let mut last_incr = 0;
        if bytes.is_empty() {
            return Err(Error::new(ErrorKind::Protocol { why: "Found an empty AOF manifest", got: None }, 0));
        }
        for (number, span, line) in lines(bytes) {
            let fail = |why| {
                let offset = span.start as u64;
                Err(Error::new(ErrorKind::Protocol { why, got: None }, offset)
                    .with_context(excerpt(number, line)))
            };
            let Some(entry) = parse_line(line).transpose() else { continue };
            let entry = match entry {
                Ok(entry) => entry,
                Err(why) => return fail(why),
            };
            match entry.kind {
                EntryKind::Base if manifest.base().is_some() => {
                    return fail("Found duplicate base file information");
                }
                EntryKind::Incr if entry.seq <= last_incr => {
                    return fail("Found a non-monotonic sequence number");
                }
                EntryKind::Incr => last_incr = entry.seq,
                EntryKind::Base | EntryKind::History => {}
            }
            manifest.entries.push(entry);
        }
        Ok(manifest)
    }

    /// What can be understood of a manifest that [`Self::parse`] refuses: every line that is good in itself, with folders cut off
    /// the names, an unknown type told from the name, and also a last line without its line end. Repeated files are listed once.
    pub fn parse_leniently(bytes: &[u8]) -> Self {
        Self::lenient(bytes).0
    }

    /// How many lines [`Self::parse_leniently`] could make nothing of.
    pub fn unreadable_lines(bytes: &[u8]) -> usize {
        Self::lenient(bytes).1
    }

    fn lenient(bytes: &[u8]) -> (Self, usize) {
        let mut manifest = Self::default();
        let mut lost = 0;
        for line in bytes.split(|&byte| byte == b'\n') {
            if line.first() == Some(&b'#') || line.iter().all(|&byte| is_space(byte) || byte == 0) {
                continue;
            }
            let Some(mut entry) = split_words(line).and_then(|words| from_words(&words, true).ok()) else {
                lost += 1;
                continue;
            };
            let folder =
                entry.name.iter().rposition(|byte| matches!(byte, b'/' | b'\\')).map_or(0, |at| at + 1);
            entry.name.drain(..folder);
            if manifest.entries.iter().all(|known| known.name != entry.name) {
                manifest.entries.push(entry);
            }
        }
        (manifest, lost)
    }

    /// The base.
    pub fn base(&self) -> Option<&ManifestEntry> {
        self.entries.iter().find(|entry| entry.kind == EntryKind::Base)
    }

    /// The increments, in the order they are loaded.
    pub fn incrs(&self) -> impl Iterator<Item = &ManifestEntry> {
        self.entries.iter().filter(|entry| entry.kind == EntryKind::Incr)
    }

    /// The superseded files.
    pub fn history(&self) -> impl Iterator<Item = &ManifestEntry> {
        self.entries.iter().filter(|entry| entry.kind == EntryKind::History)
    }

    /// What a server loads, in its order: the base, then the increments.
    pub fn load_order(&self) -> impl Iterator<Item = &ManifestEntry> {
        self.base().into_iter().chain(self.incrs())
    }

    /// The manifest as the server writes it: the base, the superseded files, the increments. It is always ASCII.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for entry in self.base().into_iter().chain(self.history()).chain(self.incrs()) {
            text.push_str("file ");
            quote_word(&entry.name, &mut text);
            // Writing to a String cannot fail.
            let _ = write!(text, " seq {} type {}", entry.seq, entry.kind.letter());
            if let Some(offset) = entry.start_offset {
                let _ = write!(text, " startoffset {offset}");
                if let Some(offset) = entry.end_offset {
                    let _ = write!(text, " endoffset {offset}");
                }
            }
            text.push('\n');
        }
        text
    }
}

/// The lines as the server's `fgets` cuts them: a longer one continues on the next.
fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, Range<usize>, &[u8])> {
    let mut at = 0;
    (1_usize..).map_while(move |number| {
        let line = take_line(bytes.get(at..)?, MAX_MANIFEST_LINE + 1, true)?.bytes;
        let span = at..at + line.len();
        at = span.end;
        (!line.is_empty()).then_some((number, span, line))
    })
}

const INVALID: &str = "Invalid AOF manifest file format";

/// An entry, nothing for a comment, or the server's message.
fn parse_line(line: &[u8]) -> Result<Option<ManifestEntry>, &'static str> {
    if line.first() == Some(&b'#') {
        return Ok(None);
    }
    // A C string: what follows a NUL is not seen, its line end included.
    let line = line.split(|&byte| byte == 0).next().unwrap_or_default();
    if !line.contains(&b'\n') {
        return Err("The AOF manifest file contains too long line");
    }
    from_words(&split_words(line).ok_or(INVALID)?, false).map(Some)
}

fn from_words(words: &[Vec<u8>], lenient: bool) -> Result<ManifestEntry, &'static str> {
    if words.len() < 6 || !words.len().is_multiple_of(2) {
        return Err(INVALID);
    }
    let (mut name, mut seq, mut kind, mut start_offset, mut end_offset) = (None, 0, None, None, None);
    for pair in words.chunks_exact(2) {
        let [key, value] = pair else { return Err(INVALID) };
        let is = |word: &str| key.eq_ignore_ascii_case(word.as_bytes());
        if is("file") {
            if !lenient && value.iter().any(|byte| matches!(byte, b'/' | b'\\')) {
                return Err("File can't be a path, just a filename");
            }
            name = Some(value.clone());
        } else if is("seq") {
            seq = strtol(value).0;
        } else if is("type") {
            kind = value.first().copied();
        } else if is("startoffset") {
            start_offset = Some(strtol(value).0);
        } else if is("endoffset") {
            end_offset = Some(strtol(value).0);
        }
    }
    let (Some(name), true, Some(kind)) = (name, seq != 0, kind) else { return Err(INVALID) };
    let kind = match kind {
        b'b' => EntryKind::Base,
        b'h' => EntryKind::History,
        b'i' => EntryKind::Incr,
        _ => match core::str::from_utf8(&name).ok().and_then(PartName::parse) {
            Some(part) if lenient => part.kind,
            _ => return Err("Unknown AOF file type"),
        },
    };
    Ok(ManifestEntry { name, seq, kind, start_offset, end_offset })
}

/// `line 2 "file a.aof seq 1 type q"`, escaped and shortened.
fn excerpt(number: usize, line: &[u8]) -> String {
    const SHOWN: usize = 80;
    let line = line.trim_ascii_end();
    let dots = if line.len() > SHOWN { "..." } else { "" };
    format!("line {number} \"{}{dots}\"", line.get(..SHOWN).unwrap_or(line).escape_ascii())
}

/// What the name of a part of an append-only directory says: `<stem>.<seq>.base.rdb`, `<stem>.<seq>.incr.aof`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartName {
    /// `appendfilename`: the manifest is called `<stem>.manifest`.
    pub stem: String,
    /// Sequence number.
    pub seq: i64,
    /// [`EntryKind::Base`] or [`EntryKind::Incr`].
    pub kind: EntryKind,
}

impl PartName {
    /// Reads a file name, without folders.
    pub fn parse(name: &str) -> Option<Self> {
        let (rest, kind) =
            [(".base.rdb", EntryKind::Base), (".base.aof", EntryKind::Base), (".incr.aof", EntryKind::Incr)]
                .into_iter()
                .find_map(|(end, kind)| Some((name.strip_suffix(end)?, kind)))?;
        let (stem, seq) = rest.rsplit_once('.')?;
        let digits = !seq.is_empty() && seq.bytes().all(|byte| byte.is_ascii_digit());
        let seq = seq.parse().ok().filter(|&seq| digits && seq > 0)?;
        (!stem.is_empty()).then(|| Self { stem: stem.to_string(), seq, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&[(&str, i64, EntryKind)], &str>) {
        let parsed = Manifest::parse(text.as_bytes()).map(|manifest| {
            manifest
                .entries
                .into_iter()
                .map(|entry| (String::from_utf8(entry.name).unwrap(), entry.seq, entry.kind))
                .collect::<Vec<_>>()
        });
        let expected =
            expected.map(|list| list.iter().map(|&(n, s, k)| (n.to_string(), s, k)).collect::<Vec<_>>());
        assert_eq!(parsed.map_err(|error| error.to_string()), expected.map_err(String::from), "{text:?}");
    }

    #[test]
    fn manifests_are_read_as_the_server_reads_them() {
        use EntryKind::{Base, History, Incr};
        check(
            "file a.1.base.rdb seq 1 type b\nfile h seq 1 type h\nfile i seq 1 type i\nfile j seq 7 type i\n",
            Ok(&[("a.1.base.rdb", 1, Base), ("h", 1, History), ("i", 1, Incr), ("j", 7, Incr)]),
        );
        check("# comment\r\n#\nTYPE incr SEQ 2x FILE \"a b\" new thing\r\n", Ok(&[("a b", 2, Incr)]));
        check("file a seq -3 type b\n", Ok(&[("a", -3, Base)]));
        check("file a file b seq 1 type b\n", Ok(&[("b", 1, Base)]));
        check("# only a comment", Ok(&[]));
        check("", Err("Found an empty AOF manifest, at offset 0"));
        let invalid = |offset: &str, line: &str| {
            format!("Invalid AOF manifest file format, at offset {offset}, in line {line}")
        };
        check("\n", Err(&invalid("0", "1 \"\"")));
        check("file a seq 1 type b\n \t\r\n", Err(&invalid("20 (0x14)", "2 \"\"")));
        check("file a seq 1 type\n", Err(&invalid("0", "1 \"file a seq 1 type\"")));
        check("file a seq 1 type b c\n", Err(&invalid("0", "1 \"file a seq 1 type b c\"")));
        check("file a seq 0 type b\n", Err(&invalid("0", "1 \"file a seq 0 type b\"")));
        check("file \"a seq 1 type b\n", Err(&invalid("0", "1 \"file \\\"a seq 1 type b\"")));
        check(
            "file a seq 1 type b",
            Err(
                "The AOF manifest file contains too long line, at offset 0, in line 1 \"file a seq 1 type b\"",
            ),
        );
        check(
            "file a/b seq 1 type b\n",
            Err("File can't be a path, just a filename, at offset 0, in line 1 \"file a/b seq 1 type b\""),
        );
        check(
            "file a seq 1 type b\nfile b seq 2 type b\n",
            Err(
                "Found duplicate base file information, at offset 20 (0x14), in line 2 \"file b seq 2 type b\"",
            ),
        );
        check(
            "file a seq 2 type i\nfile b seq 2 type i\n",
            Err(
                "Found a non-monotonic sequence number, at offset 20 (0x14), in line 2 \"file b seq 2 type i\"",
            ),
        );
        check(
            "file a seq 2 type q\n",
            Err("Unknown AOF file type, at offset 0, in line 1 \"file a seq 2 type q\""),
        );
    }

    #[test]
    fn a_line_may_be_1023_bytes_long() {
        let line = |n: usize| {
            let mut line = String::from("file a seq 1 type b");
            while line.len() < n {
                line.push(' ');
            }
            line + "\n"
        };
        assert!(Manifest::parse(line(1023).as_bytes()).is_ok());
        assert!(Manifest::parse(line(1024).as_bytes()).is_err());
        // What is too long for a comment line is read as a line of its own.
        let comment = format!("#{}", "x".repeat(1023));
        check(&format!("{comment}file a seq 1 type b\n"), Ok(&[("a", 1, EntryKind::Base)]));
    }

    #[test]
    fn a_refused_manifest_is_understood_line_by_line() {
        let text = b"file ../b seq 2 type b\n\nfile ../b seq 2 type b\n# c\nnonsense\nfile i seq 3 type i\n\
            file x.4.incr.aof seq 4 type q\nfile j seq 2 type i";
        let (manifest, lost) = (Manifest::parse_leniently(text), Manifest::unreadable_lines(text));
        let names: Vec<_> = manifest.entries.into_iter().map(|entry| entry.name).collect();
        assert_eq!(names, [&b"b"[..], b"i", b"x.4.incr.aof", b"j"]);
        assert_eq!(lost, 1);
    }

    #[test]
    fn part_names() {
        let part = |stem: &str, seq, kind| Some(PartName { stem: stem.to_string(), seq, kind });
        for (name, expected) in [
            ("appendonly.aof.1.base.rdb", part("appendonly.aof", 1, EntryKind::Base)),
            ("beta log.aof.22.incr.aof", part("beta log.aof", 22, EntryKind::Incr)),
            ("x.3.base.aof", part("x", 3, EntryKind::Base)),
            ("x.0.base.aof", None),
            ("x.+3.base.aof", None),
            ("x.incr.aof", None),
            (".1.incr.aof", None),
            ("appendonly.aof", None),
            ("x.1.incr.rdb", None),
        ] {
            assert_eq!(PartName::parse(name), expected, "{name}");
        }
    }
}
