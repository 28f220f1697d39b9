//! JSON as a tree. A reader of our own, because numbers are shown with all their digits, fields in their order and as often as they
//! stand there, and a document that is cut short as far as it goes.

use super::tree::{MAX_DEPTH, Tree};

/// Why reading stopped, and where.
type Stop = (usize, &'static str);

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    tree: Tree,
    scratch: Vec<u8>,
}

/// Reads a document. One whose end is missing is no fault where it is not whole.
pub(super) fn tree(bytes: &[u8], is_whole: bool) -> Tree {
    let mut reader = Reader { bytes, at: 0, tree: Tree::default(), scratch: Vec::new() };
    let result = reader.document();
    let mut tree = reader.tree;
    match result {
        Ok(()) => {}
        Err((at, _)) if !is_whole && at >= bytes.len() => {
            tree.note = Some("Only the front of it was read");
        }
        Err(stop) => tree.stopped = Some(stop),
    }
    tree
}

/// Is this a document, or the front of one?
pub(super) fn is_json(bytes: &[u8], is_whole: bool) -> bool {
    let tree = tree(bytes, is_whole);
    tree.stopped.is_none() && !tree.lines.is_empty()
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Stop> {
        self.space();
        if self.at == self.bytes.len() {
            return Err((self.at, "there is nothing"));
        }
        self.value(0, "")?;
        self.space();
        if self.at < self.bytes.len() {
            return Err((self.at, "something stands behind it"));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn value(&mut self, depth: u32, key: &str) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err((self.at, "it is nested deeper than is followed"));
        }
        match self.peek() {
            Some(b'{') => self.object(depth, key),
            Some(b'[') => self.array(depth, key),
            Some(b'"') => {
                let end = self.string();
                let text = core::mem::take(&mut self.scratch);
                self.tree.line(depth, key, "string", &text);
                self.scratch = text;
                end
            }
            Some(b't') => self.word(depth, key, "true"),
            Some(b'f') => self.word(depth, key, "false"),
            Some(b'n') => self.word(depth, key, "null"),
            Some(b'-' | b'0'..=b'9') => self.number(depth, key),
            None => Err((self.at, "it ends there")),
            Some(_) => Err((self.at, "no value begins like that")),
        }
    }

    fn word(&mut self, depth: u32, key: &str, word: &'static str) -> Result<(), Stop> {
        for expected in word.bytes() {
            match self.peek() {
                Some(byte) if byte == expected => self.at += 1,
                Some(_) => return Err((self.at, "no value begins like that")),
                None => return Err((self.at, "it ends there")),
            }
        }
        self.tree.line(depth, key, word, b"");
        Ok(())
    }

    fn number(&mut self, depth: u32, key: &str) -> Result<(), Stop> {
        let start = self.at;
        while matches!(self.peek(), Some(b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9')) {
            self.at += 1;
        }
        let text = self.bytes.get(start..self.at).unwrap_or_default();
        let is_number = core::str::from_utf8(text).ok().is_some_and(|text| text.parse::<f64>().is_ok());
        if !is_number {
            // One that is cut short is not wrong yet.
            let at = if self.at == self.bytes.len() { self.at } else { start };
            return Err((at, "this is no number"));
        }
        self.tree.line(depth, key, "number", text);
        Ok(())
    }

    /// A string into the scratch.
    fn string(&mut self) -> Result<(), Stop> {
        self.scratch.clear();
        self.at += 1;
        loop {
            let byte = self.peek().ok_or((self.at, "it ends inside a string"))?;
            self.at += 1;
            match byte {
                b'"' => return Ok(()),
                b'\\' => self.escape()?,
                0..0x20 => return Err((self.at - 1, "a control character stands in a string")),
                byte => self.scratch.push(byte),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Stop> {
        let byte = self.peek().ok_or((self.at, "it ends inside a string"))?;
        self.at += 1;
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.unicode(),
            _ => return Err((self.at - 1, "no character is escaped like that")),
        };
        self.scratch.push(plain);
        Ok(())
    }

    fn unicode(&mut self) -> Result<(), Stop> {
        let first = self.hex4()?;
        let mut code = first;
        if (0xd800..0xdc00).contains(&first) && self.bytes.get(self.at..self.at + 2) == Some(b"\\u") {
            let back = self.at;
            self.at += 2;
            let second = self.hex4()?;
            if (0xdc00..0xe000).contains(&second) {
                code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            } else {
                self.at = back;
            }
        }
        let c = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.scratch.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn hex4(&mut self) -> Result<u32, Stop> {
        let mut code = 0;
        for _ in 0..4 {
            let byte = self.peek().ok_or((self.at, "it ends inside a string"))?;
            let digit = char::from(byte).to_digit(16).ok_or((self.at, "this is no hexadecimal digit"))?;
            code = code << 4 | digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn object(&mut self, depth: u32, key: &str) -> Result<(), Stop> {
        let line = self.tree.line(depth, key, "object", b"");
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(());
        }
        loop {
            self.space();
            match self.peek() {
                Some(b'"') => self.string()?,
                None => return Err((self.at, "it ends inside an object")),
                Some(_) => return Err((self.at, "a field's name is missing")),
            }
            let name = snaptape_report::units::printable(&self.scratch);
            self.space();
            match self.peek() {
                Some(b':') => self.at += 1,
                None => return Err((self.at, "it ends inside an object")),
                Some(_) => return Err((self.at, "a colon is missing")),
            }
            self.space();
            self.tree.child(line);
            self.value(depth + 1, &name)?;
            if self.is_last(b'}')? {
                return Ok(());
            }
        }
    }

    fn array(&mut self, depth: u32, key: &str) -> Result<(), Stop> {
        let line = self.tree.line(depth, key, "array", b"");
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(());
        }
        for i in 0_u64.. {
            self.space();
            self.tree.child(line);
            self.value(depth + 1, &i.to_string())?;
            if self.is_last(b']')? {
                break;
            }
        }
        Ok(())
    }

    /// Does what is around it end behind a value?
    fn is_last(&mut self, end: u8) -> Result<bool, Stop> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                Ok(false)
            }
            Some(byte) if byte == end => {
                self.at += 1;
                Ok(true)
            }
            None => Err((self.at, "it ends before its end")),
            Some(_) => Err((self.at, "a comma is missing")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let tree = tree(text.as_bytes(), true);
        let line = |l: &snaptape_report::TreeLine| format!("{}{}={}{}", l.depth, l.key, l.kind, l.text);
        let mut lines: Vec<_> = tree.lines.iter().map(line).collect();
        lines.extend(tree.stopped.map(|(at, why)| format!("{at}: {why}")));
        lines.join("|")
    }

    #[test]
    fn documents_become_lines() {
        for (text, lines) in [
            (r#"{"a":[1,2.50e3],"b":null}"#, "0=object|1a=array|20=number1|21=number2.50e3|1b=null"),
            (r#" "x\u00e9\ud83d\ude00\n" "#, "0=stringxé😀\\n"),
            ("12345678901234567890123", "0=number12345678901234567890123"),
            ("[]", "0=array"),
            ("[1,]", "0=array|10=number1|3: no value begins like that"),
            ("{\"a\" 1}", "0=object|5: a colon is missing"),
            ("[1", "0=array|10=number1|2: it ends before its end"),
            ("tru", "3: it ends there"),
            ("1 2", "0=number1|2: something stands behind it"),
        ] {
            assert_eq!(shown(text), lines, "{text}");
        }
    }

    #[test]
    fn depth_and_length_are_bounded() {
        let deep = "[".repeat(1_000_000);
        let tree_of_deep = tree(deep.as_bytes(), true);
        assert_eq!(tree_of_deep.stopped.unwrap().1, "it is nested deeper than is followed");
        let long = format!("[{}1]", "1,".repeat(100_000));
        let tree_of_long = tree(long.as_bytes(), true);
        assert!(tree_of_long.lines.len() == 5_000 && tree_of_long.note.is_some());
        assert_eq!(tree_of_long.lines[0].children, 100_001);
    }

    #[test]
    fn the_front_of_a_document_is_one() {
        let text = br#"{"a":[1,"two",true,{"b":-1.5e3}]}"#;
        for cut in 1..text.len() {
            assert!(is_json(&text[..cut], false), "{cut}");
            assert!(!is_json(&text[..cut], true), "{cut}");
        }
        assert!(is_json(text, true) && !is_json(b"hello", false));
    }
}
