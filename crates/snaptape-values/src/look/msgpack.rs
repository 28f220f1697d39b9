//! MessagePack as a tree. A reader of our own: libraries read into values, without bounds on what is shown and without the place
//! where it stops fitting.

use super::tree::{MAX_DEPTH, Tree};
use crate::number;

type Stop = (usize, &'static str);

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    tree: Tree,
}

/// Reads a value. One whose end is missing is no fault where it is not whole.
pub(super) fn tree(bytes: &[u8], is_whole: bool) -> Tree {
    let mut reader = Reader { bytes, at: 0, tree: Tree::default() };
    let mut result = reader.value(0, "");
    if result.is_ok() && reader.at < bytes.len() {
        result = Err((reader.at, "something stands behind it"));
    }
    let mut tree = reader.tree;
    match result {
        Ok(()) => {}
        Err((at, ENDS)) if !is_whole => {
            let _ = at;
            tree.note = Some("Only the front of it was read");
        }
        Err(stop) => tree.stopped = Some(stop),
    }
    tree
}

/// Is all of it one map or list? Nearly any byte is a number to MessagePack.
pub(super) fn is_msgpack(bytes: &[u8], is_whole: bool) -> bool {
    let tree = tree(bytes, is_whole);
    let first = tree.lines.first();
    tree.stopped.is_none() && is_whole && bytes.len() > 2 && first.is_some_and(|line| line.children > 0)
}

const ENDS: &str = "it ends there";

impl Reader<'_> {
    fn take(&mut self, n: usize) -> Result<&[u8], Stop> {
        let end = self.at.checked_add(n).ok_or((self.at, ENDS))?;
        let bytes = self.bytes.get(self.at..end).ok_or((self.at, ENDS))?;
        self.at = end;
        Ok(bytes)
    }

    /// A big-endian number.
    fn uint(&mut self, n: usize) -> Result<u64, Stop> {
        Ok(self.take(n)?.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)))
    }

    fn len(&mut self, n: usize) -> Result<usize, Stop> {
        let at = self.at;
        usize::try_from(self.uint(n)?).map_err(|_| (at, ENDS))
    }

    fn text(&mut self, depth: u32, key: &str, kind: &str, len: usize) -> Result<(), Stop> {
        let bytes = self.take(len)?.to_vec();
        self.tree.line(depth, key, kind, &bytes);
        Ok(())
    }

    fn int(&mut self, depth: u32, key: &str, n: i128) {
        self.tree.line(depth, key, "number", n.to_string().as_bytes());
    }

    fn value(&mut self, depth: u32, key: &str) -> Result<(), Stop> {
        if depth > MAX_DEPTH {
            return Err((self.at, "it is nested deeper than is followed"));
        }
        let at = self.at;
        let first = self.take(1)?.first().copied().unwrap_or_default();
        match first {
            0..=0x7f => self.int(depth, key, first.into()),
            0x80..=0x8f => self.map(depth, key, usize::from(first & 0xf))?,
            0x90..=0x9f => self.list(depth, key, usize::from(first & 0xf))?,
            0xa0..=0xbf => self.text(depth, key, "string", usize::from(first & 0x1f))?,
            0xc0 => {
                self.tree.line(depth, key, "null", b"");
            }
            0xc1 => return Err((at, "no value begins like that")),
            0xc2 | 0xc3 => {
                self.tree.line(depth, key, if first == 0xc2 { "false" } else { "true" }, b"");
            }
            0xc4..=0xc6 => {
                let len = self.len(1 << (first - 0xc4))?;
                self.text(depth, key, "binary", len)?;
            }
            0xc7..=0xc9 => {
                let len = self.len(1 << (first - 0xc7))?;
                self.extension(depth, key, len)?;
            }
            0xca => {
                let bits = u32::try_from(self.uint(4)?).unwrap_or_default();
                self.tree.line(depth, key, "number", f32::from_bits(bits).to_string().as_bytes());
            }
            0xcb => {
                let n = f64::from_bits(self.uint(8)?);
                self.tree.line(depth, key, "number", number::double(n).as_bytes());
            }
            0xcc..=0xcf => {
                let n = self.uint(1 << (first - 0xcc))?;
                self.int(depth, key, n.into());
            }
            0xd0..=0xd3 => {
                let bytes = 1 << (first - 0xd0);
                let shift = 64 - 8 * bytes;
                let n = (self.uint(bytes)? << shift).cast_signed() >> shift;
                self.int(depth, key, n.into());
            }
            0xd4..=0xd8 => self.extension(depth, key, 1 << (first - 0xd4))?,
            0xd9..=0xdb => {
                let len = self.len(1 << (first - 0xd9))?;
                self.text(depth, key, "string", len)?;
            }
            0xdc | 0xdd => {
                let len = self.len(if first == 0xdc { 2 } else { 4 })?;
                self.list(depth, key, len)?;
            }
            0xde | 0xdf => {
                let len = self.len(if first == 0xde { 2 } else { 4 })?;
                self.map(depth, key, len)?;
            }
            0xe0..=0xff => self.int(depth, key, first.cast_signed().into()),
        }
        Ok(())
    }

    /// Something of the application's; type -1 is a time.
    fn extension(&mut self, depth: u32, key: &str, len: usize) -> Result<(), Stop> {
        let kind = self.take(1)?.first().copied().unwrap_or_default().cast_signed();
        let bytes = self.take(len)?.to_vec();
        let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
        let seconds = match (kind, bytes.len()) {
            (-1, 4) => Some(number(&bytes).cast_signed()),
            (-1, 8) => Some((number(&bytes) & 0x3_ffff_ffff).cast_signed()),
            (-1, 12) => bytes.get(4..).map(|bytes| number(bytes).cast_signed()),
            _ => None,
        };
        match seconds {
            Some(s) => self.tree.line(depth, key, "time", snaptape_report::units::time_s(s).as_bytes()),
            None => self.tree.line(depth, key, &format!("extension {kind}"), &bytes),
        };
        Ok(())
    }

    fn list(&mut self, depth: u32, key: &str, len: usize) -> Result<(), Stop> {
        let line = self.tree.line(depth, key, "array", b"");
        for i in 0..len {
            self.tree.child(line);
            self.value(depth + 1, &i.to_string())?;
        }
        Ok(())
    }

    fn map(&mut self, depth: u32, key: &str, len: usize) -> Result<(), Stop> {
        let line = self.tree.line(depth, key, "object", b"");
        for _ in 0..len {
            self.tree.child(line);
            let name = self.name()?;
            self.value(depth + 1, &name)?;
        }
        Ok(())
    }

    /// The name of a field: a short text, or any other value in one line.
    fn name(&mut self) -> Result<String, Stop> {
        if let Some(0x80..=0x9f | 0xdc..=0xdf) = self.bytes.get(self.at) {
            return Err((self.at, "a name there is itself a list or an object"));
        }
        let lines = core::mem::take(&mut self.tree);
        let result = self.value(MAX_DEPTH, "");
        let name = core::mem::replace(&mut self.tree, lines);
        result?;
        Ok(name.lines.first().map_or_else(String::new, |line| {
            if line.text.is_empty() { line.kind.clone() } else { line.text.clone() }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_every_kind() {
        // msgpack.packb([{"a": 1, 2: -1}, -200, 70000, 2**63, 1.5, None, True, b"\0", "é"]) of Python.
        let bytes = b"\x99\x82\xa1a\x01\x02\xff\xd1\xff\x38\xce\x00\x01\x11\x70\xcf\x80\0\0\0\0\0\0\0\xcb\x3f\xf8\0\0\0\0\0\0\xc0\xc3\xc4\x01\0\xa2\xc3\xa9";
        let tree = tree(bytes, true);
        assert_eq!(tree.stopped, None);
        let lines: Vec<_> =
            tree.lines.iter().map(|l| format!("{}{}={}{}", l.depth, l.key, l.kind, l.text)).collect();
        assert_eq!(
            lines.join("|"),
            "0=array|10=object|2a=number1|22=number-1|11=number-200|12=number70000|13=number9223372036854775808|14=number1.5|15=null|16=true|17=binary\\x00|18=stringé"
        );
        assert!(is_msgpack(bytes, true));
        assert!((1..bytes.len()).all(|cut| !is_msgpack(&bytes[..cut], true)));
    }

    #[test]
    fn a_name_that_is_a_list_ends_it_with_the_reason() {
        let tree = tree(b"\x82\xa1x\xc0\x92\x01\x02\x05", true);
        assert_eq!(tree.stopped, Some((4, "a name there is itself a list or an object")));
        assert_eq!(tree.lines.len(), 2);
    }

    #[test]
    fn hostile_lengths_end_at_once() {
        for bytes in
            [&b"\xdd\xff\xff\xff\xff"[..], b"\xdf\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff", &[0x91; 5000]]
        {
            assert!(tree(bytes, true).stopped.is_some());
        }
    }
}
