//! Snapshots: no panic, no unbounded memory, and the same events however the bytes are cut.

use std::ops::Range;

use snaptape_rdb::{Event, Part, Reader};
use snaptape_wire::{Limits, Str};

/// Small enough that strings of ordinary length arrive in pieces.
const LIMITS: Limits = Limits { max_inline_bytes: 300, max_name_bytes: 1 << 20 };

/// What may be held between two windows: the longest thing that must be whole, and its head.
const MAX_HELD_BYTES: usize = 3 << 20;

pub(crate) fn snapshot(input: &[u8]) {
    let whole = trace(input, [input.len()]);
    assert_eq!(trace(input, crate::cuts(input)), whole, "windows change what is read");
    assert_eq!(trace(input, [1, input.len()]), whole, "a first window of one byte changes what is read");
}

/// Everything said about the input, as text.
fn trace(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> Vec<String> {
    let mut reader = Reader::new(LIMITS);
    let mut log = Log::default();
    let mut at = 0;
    let mut result = Ok(());
    for cut in cuts {
        let end = (at + cut).min(input.len());
        result = reader.feed(&input[at..end], false, |span, event| log.add(span, event));
        assert!(reader.held_bytes() <= MAX_HELD_BYTES, "{} bytes held", reader.held_bytes());
        at = end;
        if result.is_err() || reader.ended() {
            break;
        }
    }
    if result.is_ok() && !reader.ended() {
        result = reader.feed(&input[at..], true, |span, event| log.add(span, event));
    }
    let mut lines = log.lines;
    lines.push(match result {
        Ok(()) => format!("end {} {:016x} {}", reader.offset(), reader.checksum(), reader.ended()),
        Err(error) => {
            assert!(error.offset() <= input.len() as u64, "an error outside the file: {error}");
            error.to_string()
        }
    });
    lines
}

#[derive(Default)]
struct Log {
    lines: Vec<String>,
    long: Vec<u8>,
    next: u64,
    scratch: Vec<u8>,
}

impl Log {
    fn add(&mut self, span: Range<u64>, event: Event<'_>) {
        assert_eq!(span.start, self.next, "spans cover the file without gap or overlap");
        self.next = span.end;
        match event {
            // How many pieces a long string comes in depends on the windows.
            Event::Part(Part::LongChunk(chunk)) => self.long.extend_from_slice(chunk),
            Event::Part(Part::LongEnd) => {
                let long = std::mem::take(&mut self.long);
                self.lines.push(format!("{} long {}", span.end, long.escape_ascii()));
            }
            Event::Part(Part::Text(role, text)) => {
                let text = self.decoded(text);
                self.lines.push(format!("{} {role:?} {text}", span.end));
            }
            event => self.lines.push(format!("{} {event:?}", span.end)),
        }
    }

    fn decoded(&mut self, text: Str<'_>) -> String {
        // A length nobody would unpack is left alone, as the front ends do.
        if text.len() > 1 << 20 {
            return format!("{text:?}");
        }
        match text.decode(&mut self.scratch) {
            Ok(bytes) => {
                assert_eq!(bytes.len() as u64, text.len(), "a string is as long as it says");
                bytes.escape_ascii().to_string()
            }
            Err(error) => error.to_string(),
        }
    }
}
