//! Manifests: lines of words.

use snaptape_report::SpanKind;

use crate::{
    tree::{Head, Tree},
    words,
};

const LINE: &str =
    "A line of a manifest: words in pairs, a name and what it is. Source: aof.c aofLoadManifestFromFile.";

/// Names the bytes of a manifest, or of a stretch of it that begins with a line.
pub(crate) fn show(bytes: &[u8], start: u64, tree: &mut Tree) {
    let mut at = start;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let end = at + line.len() as u64;
        let text = line.trim_ascii_end();
        let label = if text.starts_with(b"#") { "comment" } else { "listed file" };
        tree.open(Head { value: words::text(text), ..Head::new(at, SpanKind::Group, label, LINE) });
        if text.starts_with(b"#") {
            tree.leaf(
                at..at + text.len() as u64,
                SpanKind::Text,
                "comment",
                || words::text(text),
                "Passed over.",
            );
            at += text.len() as u64;
        } else {
            at = pairs(text, at, tree);
        }
        let ending = line.get(text.len()..).unwrap_or_default();
        tree.leaf(at..end, SpanKind::Frame, "line end", || words::text(ending), "The end of the line.");
        at = end;
        tree.close(end);
    }
}

fn pairs(text: &[u8], start: u64, tree: &mut Tree) -> u64 {
    let mut at = start;
    let mut rest = text;
    let mut name: Option<String> = None;
    while !rest.is_empty() {
        let len = word_len(rest);
        let (word, behind) = rest.split_at(len);
        let spaces = behind.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let end = at + (len + spaces) as u64;
        match name.take() {
            None => {
                let about = match word {
                    b"file" => "The name of a file follows.",
                    b"seq" => {
                        "The sequence number of the file follows; bases and increments are counted apart."
                    }
                    b"type" => "The part it plays follows: b base, i increment, h history.",
                    _ => "A name that later versions may add; what follows is its value.",
                };
                tree.leaf(at..end, SpanKind::Type, "word", || words::text(word), about);
                name = Some(String::from_utf8_lossy(word).into_owned());
            }
            Some(name) => {
                let kind = if name == "file" { SpanKind::Key } else { SpanKind::Text };
                tree.leaf(at..end, kind, format!("its {name}"), || words::text(word), LINE);
            }
        }
        at = end;
        rest = behind.get(spaces..).unwrap_or_default();
    }
    at
}

/// Length of the word at the front, in quotes or without.
fn word_len(text: &[u8]) -> usize {
    let mut escaped = false;
    let quote = text.first().copied().filter(|first| matches!(first, b'"' | b'\''));
    for (at, byte) in text.iter().enumerate().skip(usize::from(quote.is_some())) {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if *byte == b'\\' => escaped = true,
            Some(quote) if *byte == quote => return at + 1,
            None if byte.is_ascii_whitespace() && at > 0 => return at,
            _ => {}
        }
    }
    text.len()
}
