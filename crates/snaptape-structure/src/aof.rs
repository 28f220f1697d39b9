//! Tapes: commands as arrays of bulk strings, and annotations.

use snaptape_report::{SpanKind, units};

use crate::{
    tree::{Head, Tree},
    walk::Took,
    words,
};

/// Longest line that is read: `*` or `$` and a number, or an annotation.
const MOST_LINE: usize = 1024;
/// Longest word that is read to name a command.
const MOST_NAME: u64 = 64;

/// How much of a long word is shown.
const MOST_SHOWN: u64 = 256;

const COMMAND: &str =
    "A command: an array of its words, each a bulk string. Source: aof.c catAppendOnlyGenericCommand.";
const COUNT: &str = "How many words the command has: * and a decimal number, ended by CR LF. Source: aof.c loadSingleAppendOnlyFile.";
const LENGTH: &str = "How many bytes the next word has: $ and a decimal number, ended by CR LF. Source: aof.c loadSingleAppendOnlyFile.";
const WORD: &str = "A word, bytes of any kind: its end is known by its length alone.";
const LINE_END: &str = "CR LF behind a word.";
const NOTE: &str = "An annotation, which servers pass over; #TS: is the Unix time of the commands that follow. Source: aof.c genAofTimestampAnnotationIfNeeded.";

/// Walks over a tape. A clone is a place to begin at.
#[derive(Debug, Clone)]
pub(crate) struct AofWalk {
    offset: u64,
    content_bytes: u64,
    /// Places from which it can be read on.
    resume: Vec<u64>,
    at: At,
    open: Option<Head>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before a command or an annotation.
    Start,
    /// Before the length of a word.
    Length { left: u64, done: u64 },
    /// Before a word.
    Word { len: u64, left: u64, done: u64 },
    /// Behind a word, before its line end.
    LineEnd { left: u64, done: u64 },
    /// Looking for the next command.
    Lost { since: u64 },
}

impl AofWalk {
    pub(crate) fn new(offset: u64, content_bytes: u64, resume: Vec<u64>) -> Self {
        Self { offset, content_bytes, resume, at: At::Start, open: None }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn reopen(&self, tree: &mut Tree) {
        if let Some(head) = &self.open {
            tree.open(head.clone());
        }
    }

    pub(crate) fn is_between(&self) -> bool {
        self.at == At::Start
    }

    pub(crate) fn step(&mut self, input: &[u8], eof: bool, tree: &mut Tree) -> Took {
        match self.at {
            At::Start => self.start(input, eof, tree),
            At::Length { left, done } => self.length(input, eof, tree, left, done),
            At::Word { len, left, done } => self.word(input, eof, tree, len, left, done),
            At::LineEnd { left, done } => self.line_end(input, eof, tree, left, done),
            At::Lost { since } => self.search(input, eof, tree, since),
        }
    }

    fn start(&mut self, input: &[u8], eof: bool, tree: &mut Tree) -> Took {
        let Some(first) = input.first() else {
            return if eof { Took::End } else { Took::More };
        };
        if !matches!(first, b'*' | b'#') {
            return self.lose(tree, format!("* or # belongs here, and there is 0x{first:02x}"));
        }
        let line = match line(input, eof) {
            Line::Whole(line) => line,
            Line::More => return Took::More,
            Line::None(why) => return self.lose(tree, why),
        };
        let span = self.offset..self.offset + line.bytes as u64;
        if *first == b'#' {
            let time = line.text.strip_prefix(b"#TS:").and_then(number);
            let value = || match time {
                Some(s) => units::time_s(i64::try_from(s).unwrap_or(i64::MAX)),
                None => words::text(line.text),
            };
            let kind = if time.is_some() { SpanKind::Time } else { SpanKind::Text };
            tree.leaf(span.clone(), kind, "annotation", value, NOTE);
            self.offset = span.end;
            return Took::Bytes(line.bytes);
        }
        let Some(argc) = line.text.get(1..).and_then(number) else {
            return self
                .lose(tree, format!("a number belongs behind *, and there is {}", words::text(line.text)));
        };
        let head = Head::new(span.start, SpanKind::Group, "command", COMMAND);
        tree.open(head.clone());
        self.open = Some(head);
        tree.leaf(span.clone(), SpanKind::Length, "words", || argc.to_string(), COUNT);
        self.offset = span.end;
        self.next_word(argc, 0, tree);
        Took::Bytes(line.bytes)
    }

    fn next_word(&mut self, left: u64, done: u64, tree: &mut Tree) {
        if left == 0 {
            tree.close(self.offset);
            self.open = None;
            self.at = At::Start;
        } else {
            self.at = At::Length { left, done };
        }
    }

    fn length(&mut self, input: &[u8], eof: bool, tree: &mut Tree, left: u64, done: u64) -> Took {
        match input.first() {
            None if eof => return self.lose(tree, "the file ends inside a command".into()),
            Some(b'$') | None => {}
            Some(first) => return self.lose(tree, format!("$ belongs here, and there is 0x{first:02x}")),
        }
        let line = match line(input, eof) {
            Line::Whole(line) => line,
            Line::More => return Took::More,
            Line::None(why) => return self.lose(tree, why),
        };
        let Some(len) = line.text.get(1..).and_then(number) else {
            return self
                .lose(tree, format!("a number belongs behind $, and there is {}", words::text(line.text)));
        };
        let span = self.offset..self.offset + line.bytes as u64;
        if span.end.checked_add(len).is_none_or(|end| end > self.content_bytes) {
            return self.lose(tree, format!("a word of {len} bytes does not fit before the end of the file"));
        }
        tree.leaf(
            span.clone(),
            SpanKind::Length,
            format!("length of word {done}"),
            || len.to_string(),
            LENGTH,
        );
        self.offset = span.end;
        self.at = At::Word { len, left, done };
        Took::Bytes(line.bytes)
    }

    fn word(&mut self, input: &[u8], eof: bool, tree: &mut Tree, len: u64, left: u64, done: u64) -> Took {
        let span = self.offset..self.offset + len;
        let label = if done == 0 { "name of the command".into() } else { format!("word {done}") };
        // Short words are read, and of long ones as much as is shown.
        let need = match len {
            0..=MOST_NAME => len,
            _ if tree.shows(&span) => len.min(MOST_SHOWN),
            _ => 0,
        };
        if (input.len() as u64) < need && !eof {
            return Took::More;
        }
        let front = input.get(..usize::try_from(need).unwrap_or(0)).unwrap_or(input);
        let have = (need == len).then_some(front);
        if let (Some(word), true) = (have, done < 2 && len <= MOST_NAME)
            && let Some(head) = &mut self.open
        {
            if done == 0 {
                head.value = String::from_utf8_lossy(word).escape_debug().to_string();
            } else {
                head.value.push(' ');
                head.value.push_str(&words::text(word));
            }
            if let Some(open) = tree.innermost() {
                open.value.clone_from(&head.value);
            }
        }
        let value = || {
            let text = words::text(front);
            if front.len() as u64 == len {
                text
            } else {
                format!("{} ... ({len} bytes)", text.trim_end_matches(" ..."))
            }
        };
        tree.leaf(span.clone(), SpanKind::Text, label, value, WORD);
        self.offset = span.end;
        self.at = At::LineEnd { left, done };
        let skipped = len.saturating_sub(input.len() as u64);
        Took::Skip { bytes: input.len().min(usize::try_from(len).unwrap_or(usize::MAX)), skipped }
    }

    fn line_end(&mut self, input: &[u8], eof: bool, tree: &mut Tree, left: u64, done: u64) -> Took {
        let bytes = match input {
            [b'\r', b'\n', ..] => 2,
            [b'\n', ..] => 1,
            [] | [b'\r'] if !eof => return Took::More,
            [] => return self.lose(tree, "the file ends inside a command".into()),
            [first, ..] => {
                return self.lose(tree, format!("CR LF belongs behind a word, and there is 0x{first:02x}"));
            }
        };
        let span = self.offset..self.offset + bytes as u64;
        let value = || if bytes == 2 { "CR LF" } else { "LF alone" }.into();
        tree.leaf(span.clone(), SpanKind::Frame, "line end", value, LINE_END);
        self.offset = span.end;
        self.next_word(left - 1, done + 1, tree);
        Took::Bytes(bytes)
    }

    /// Nothing can be read from here on.
    fn lose(&mut self, tree: &mut Tree, what: String) -> Took {
        if let Some(open) = tree.innermost() {
            open.kind = SpanKind::Damage;
            open.label.push_str(", damaged");
        }
        tree.close_all(self.offset, false);
        let about = "These bytes are no command where one belongs. What a server makes of them stands under Integrity.";
        let head = Head { value: what, ..Head::new(self.offset, SpanKind::Damage, "cannot be read", about) };
        tree.open(head.clone());
        self.open = Some(head);
        self.at = At::Lost { since: self.offset };
        Took::Bytes(0)
    }

    /// Looks for the next command: at a place that is known, or for what looks like the front of one at the start of a line.
    fn search(&mut self, input: &[u8], eof: bool, tree: &mut Tree, since: u64) -> Took {
        let end = self.offset + input.len() as u64;
        let known = self.resume.iter().copied().find(|at| *at > since && *at >= self.offset);
        let seen = (0..input.len()).find(|at| {
            self.offset + *at as u64 > since
                && at.checked_sub(1).and_then(|before| input.get(before)) == Some(&b'\n')
                && is_front(input, *at, eof)
        });
        let seen = seen.map(|at| self.offset + at as u64);
        let to = match (seen, known) {
            (Some(seen), Some(known)) => Some(seen.min(known)),
            (Some(at), None) => Some(at),
            (None, Some(known)) if eof || known + MOST_FRONT as u64 <= end => Some(known),
            _ => None,
        };
        if let Some(to) = to {
            let took = usize::try_from(to - self.offset).unwrap_or(input.len());
            self.found(to, tree);
            return Took::Bytes(took);
        }
        if eof {
            self.found(end, tree);
            return Took::Bytes(input.len());
        }
        // The front of a command may stand across the border.
        let keep = input.len().min(MOST_FRONT);
        if keep == input.len() {
            return Took::More;
        }
        self.offset += (input.len() - keep) as u64;
        Took::Bytes(input.len() - keep)
    }

    fn found(&mut self, at: u64, tree: &mut Tree) {
        tree.close_all(at, false);
        self.open = None;
        self.offset = at;
        self.at = At::Start;
    }
}

/// Longest front of a command that is looked for: `*N`, `$N`.
const MOST_FRONT: usize = 48;

/// Does the front of a command stand there?
fn is_front(input: &[u8], at: usize, eof: bool) -> bool {
    let rest = input.get(at..).unwrap_or_default();
    if rest.first() != Some(&b'*') || (!eof && rest.len() < MOST_FRONT) {
        return false;
    }
    let Line::Whole(first) = line(rest, eof) else { return false };
    let argc = first.text.get(1..).and_then(number).is_some_and(|argc| argc > 0);
    let rest = rest.get(first.bytes..).unwrap_or_default();
    argc && rest.first() == Some(&b'$')
        && matches!(line(rest, eof), Line::Whole(second) if second.text.get(1..).and_then(number).is_some())
}

struct WholeLine<'a> {
    /// Without its end.
    text: &'a [u8],
    /// With it.
    bytes: usize,
}

enum Line<'a> {
    Whole(WholeLine<'a>),
    More,
    None(String),
}

fn line(input: &[u8], eof: bool) -> Line<'_> {
    match input.iter().take(MOST_LINE).position(|byte| *byte == b'\n') {
        Some(end) => {
            let text = input.get(..end).unwrap_or_default();
            Line::Whole(WholeLine { text: text.strip_suffix(b"\r").unwrap_or(text), bytes: end + 1 })
        }
        None if input.len() >= MOST_LINE => Line::None("the line does not end".into()),
        None if eof => Line::None("the file ends inside a line".into()),
        None => Line::More,
    }
}

fn number(text: &[u8]) -> Option<u64> {
    let digits = (1..=19).contains(&text.len()) && text.iter().all(u8::is_ascii_digit);
    core::str::from_utf8(text).ok().filter(|_| digits)?.parse().ok()
}
