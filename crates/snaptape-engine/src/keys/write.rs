//! Rows of keys as text: one JSON object a line, or CSV.
//!
//! By hand, because the page writes millions of them: a [`snaptape_report::KeyRow`] would be a handful of strings for each. A test holds both against
//! each other.

use std::io::Write as _;

use snaptape_analysis::filter::KeyCells;
use snaptape_analysis::hex;
use snaptape_report::KeyName;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyFormat {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated values with a header.
    Csv,
}

impl KeyFormat {
    /// The columns of CSV.
    pub const COLUMNS: [&'static str; 12] = [
        "db",
        "key",
        "key_base64",
        "type",
        "encoding",
        "elements",
        "expires_at_ms",
        "file_bytes",
        "payload_bytes",
        "memory_bytes",
        "offset",
        "value_sha256",
    ];

    /// What stands before the rows; `with_file` where there are several files, and each row names its own.
    pub fn header(self, with_file: bool) -> String {
        match self {
            Self::Jsonl => String::new(),
            Self::Csv => format!("{}{}\n", Self::COLUMNS.join(","), if with_file { ",file" } else { "" }),
        }
    }

    /// Writes a row of the file with this path, which is named where there are several.
    pub fn write(self, key: &KeyCells<'_>, path: Option<&str>, out: &mut Vec<u8>) {
        match self {
            Self::Jsonl => jsonl(key, path, out),
            Self::Csv => csv(key, path, out),
        }
    }
}

fn jsonl(key: &KeyCells<'_>, path: Option<&str>, out: &mut Vec<u8>) {
    figure(out, b"{\"db\":", key.db);
    if let Ok(text) = core::str::from_utf8(key.name) {
        out.extend_from_slice(b",\"key\":");
        json_string(text, out);
    } else {
        out.extend_from_slice(b",\"key_base64\":");
        json_string(&base64(key.name), out);
    }
    out.extend_from_slice(b",\"type\":");
    json_string(key.type_name, out);
    out.extend_from_slice(b",\"encoding\":");
    json_string(key.encoding, out);
    match key.elements {
        Some(elements) => figure(out, b",\"elements\":", elements),
        None => out.extend_from_slice(b",\"elements\":null"),
    }
    match key.expires_at_ms {
        Some(at) => figure(out, b",\"expires_at_ms\":", at),
        None => out.extend_from_slice(b",\"expires_at_ms\":null"),
    }
    figure(out, b",\"file_bytes\":", key.file_bytes);
    figure(out, b",\"payload_bytes\":", key.payload_bytes);
    figure(out, b",\"memory_bytes\":", key.memory_bytes);
    if key.largest_element_bytes > 0 {
        figure(out, b",\"largest_element_bytes\":", key.largest_element_bytes);
    }
    if let Some(idle) = key.idle_s {
        figure(out, b",\"idle_s\":", idle);
    }
    if let Some(freq) = key.freq {
        figure(out, b",\"freq\":", freq);
    }
    figure(out, b",\"offset\":", key.offset);
    if let Some(path) = path {
        out.extend_from_slice(b",\"file\":");
        json_string(path, out);
    }
    if let Some(digest) = key.value_sha256 {
        out.extend_from_slice(b",\"value_sha256\":");
        json_string(&hex(&digest), out);
    }
    out.extend_from_slice(b"}\n");
}

fn csv(key: &KeyCells<'_>, path: Option<&str>, out: &mut Vec<u8>) {
    figure(out, b"", key.db);
    out.push(b',');
    if let Ok(text) = core::str::from_utf8(key.name) {
        csv_text(text, out);
        out.push(b',');
    } else {
        out.push(b',');
        out.extend_from_slice(base64(key.name).as_bytes());
    }
    out.push(b',');
    csv_text(key.type_name, out);
    out.push(b',');
    csv_text(key.encoding, out);
    out.push(b',');
    if let Some(elements) = key.elements {
        figure(out, b"", elements);
    }
    out.push(b',');
    if let Some(at) = key.expires_at_ms {
        figure(out, b"", at);
    }
    for bytes in [key.file_bytes, key.payload_bytes, key.memory_bytes, key.offset] {
        figure(out, b",", bytes);
    }
    out.push(b',');
    if let Some(digest) = key.value_sha256 {
        out.extend_from_slice(hex(&digest).as_bytes());
    }
    if let Some(path) = path {
        out.push(b',');
        csv_text(path, out);
    }
    out.push(b'\n');
}

fn figure(out: &mut Vec<u8>, before: &[u8], figure: impl core::fmt::Display) {
    out.extend_from_slice(before);
    // Writing to a vector cannot fail.
    let _ = write!(out, "{figure}");
}

fn base64(name: &[u8]) -> String {
    match KeyName::new(name) {
        KeyName::Text { key } => key,
        KeyName::Binary { key_base64 } => key_base64,
    }
}

fn csv_text(text: &str, out: &mut Vec<u8>) {
    if !text.bytes().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

fn json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            0..0x20 => {
                let _ = write!(out, "\\u{byte:04x}");
            }
            byte => out.push(byte),
        }
    }
    out.push(b'"');
}
