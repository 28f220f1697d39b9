//! Bytes out of text that somebody pastes: hex in its many forms, the escapes of `redis-cli`, base64, commands and manifests as they
//! are; and what they are the bytes of. What DUMP answers becomes a snapshot with one key, so that everything that reads a file
//! reads it, too.
//!
//! ```
//! let pasted = snaptape_paste::read("52 45 44 49 53 30 30 31 31 ff")?;
//! assert_eq!((pasted.name, pasted.bytes.as_slice()), ("pasted.rdb", &b"REDIS0011\xff"[..]));
//! # Ok::<(), String>(())
//! ```

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod decode;
mod dump;

use dump::Verdict;

pub use decode::Form;
pub use dump::{PASTED_KEY, wrap};

/// Longest text that is looked at: beyond it, a file is the better way.
pub const MAX_TEXT: usize = 16 << 20;

/// What was pasted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pasted {
    /// What to call it: `pasted.rdb`.
    pub name: &'static str,
    /// The bytes of a file.
    pub bytes: Vec<u8>,
    /// How the text was read.
    pub form: Form,
    /// What the bytes are.
    pub what: What,
    /// What speaks against it; one sentence. It can be opened all the same.
    pub doubt: Option<String>,
}

/// What bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A snapshot.
    Snapshot,
    /// What DUMP answers, made a snapshot.
    Dump,
    /// Commands.
    Tape,
    /// The lines of a manifest.
    Manifest,
    /// A container that may hold one of these.
    Container,
}

impl What {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Snapshot => "a snapshot",
            Self::Dump => "the answer of DUMP",
            Self::Tape => "commands of a tape",
            Self::Manifest => "a manifest",
            Self::Container => "a compressed file",
        }
    }
}

/// Reads pasted text.
///
/// # Errors
/// One sentence: there is nothing, it is too long, no bytes can be made of it, or they are nothing that is known here.
pub fn read(text: &str) -> Result<Pasted, String> {
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err("There is nothing to open: paste hex, base64, or what redis-cli prints for DUMP.".into());
    }
    if text.len() > MAX_TEXT {
        return Err(format!(
            "That is more than {} MiB of text: save it as a file and open the file.",
            MAX_TEXT >> 20
        ));
    }
    let mut decoded = Vec::new();
    for (form, bytes) in decode::readings(text) {
        if let Some((what, name)) = recognise(&bytes) {
            return Ok(Pasted { name, bytes, form, what, doubt: None });
        }
        match dump::recognise(&bytes) {
            Some(verdict) => {
                let doubt = match verdict {
                    Verdict::Good => None,
                    Verdict::Doubtful(why) => Some(why),
                };
                let wrapped = wrap(&bytes).ok_or("What DUMP answers is longer than that.")?;
                let pasted = Pasted { name: "pasted.rdb", bytes: wrapped, form, what: What::Dump, doubt };
                if pasted.doubt.is_none() {
                    return Ok(pasted);
                }
                decoded.push((form, Some(pasted)));
            }
            None => decoded.push((form, None)),
        }
    }
    let (doubtful, first) = (decoded.iter().find_map(|(_, pasted)| pasted.clone()), decoded.first());
    match (doubtful, first) {
        (Some(pasted), _) => Ok(pasted),
        (None, Some((form, _))) => Err(format!(
            "As {} it is bytes, but neither a snapshot, nor commands, nor a manifest, nor what DUMP answers.",
            form.words()
        )),
        (None, None) => {
            Err("That is neither hex nor base64, nor what redis-cli prints: no bytes can be made of it."
                .into())
        }
    }
}

fn recognise(bytes: &[u8]) -> Option<(What, &'static str)> {
    Some(match bytes {
        [b'R', b'E', b'D', b'I', b'S', b'0'..=b'9', ..] | [b'V', b'A', b'L', b'K', b'E', b'Y', ..] => {
            (What::Snapshot, "pasted.rdb")
        }
        [b'*', b'1'..=b'9', ..] => (What::Tape, "pasted.aof"),
        [b'#', b'T', b'S', b':', ..] => (What::Tape, "pasted.aof"),
        [b'f', b'i', b'l', b'e', b' ', ..] => (What::Manifest, "appendonly.aof.manifest"),
        [0x1f, 0x8b, 8, ..] => (What::Container, "pasted.gz"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => (What::Container, "pasted.zst"),
        [0x04, 0x22, 0x4d, 0x18, ..] => (What::Container, "pasted.lz4"),
        [b'P', b'K', 3, 4, ..] => (What::Container, "pasted.zip"),
        _ => return None,
    })
}
