//! A cursor that names what it reads.

use snaptape_rdb::Packing;
use snaptape_report::SpanKind;
use snaptape_wire::{Cursor, StrHead};

use crate::{
    roles::Roles,
    tree::{Head, Tree},
    words,
};

const LEN_ABOUT: [&str; 4] = [
    "A length below 64: the two top bits are 00, the other six are the number. Source: rdb.c rdbLoadLenByRef.",
    "A length below 16,384: the two top bits are 01, the other six and the next byte are the number. Source: rdb.c rdbLoadLenByRef.",
    "A length of 32 bits: 0x80, then four bytes, the highest first. Source: rdb.c rdbLoadLenByRef.",
    "A length of 64 bits: 0x81, then eight bytes, the highest first. Source: rdb.c rdbLoadLenByRef.",
];
const INT8: &str = "0xC0: the string is the decimal text of a number, stored in one byte. Source: rdb.c rdbLoadIntegerObject.";
const INT16: &str = "0xC1: the string is the decimal text of a number, stored in two bytes, the lowest first. Source: rdb.c rdbLoadIntegerObject.";
const INT32: &str = "0xC2: the string is the decimal text of a number, stored in four bytes, the lowest first. Source: rdb.c rdbLoadIntegerObject.";
const LZF: &str = "0xC3: the string is compressed with LZF; its compressed length and its length follow. Source: rdb.c rdbLoadLzfStringObject.";
const LZF_DATA: &str = "Compressed bytes: a control byte below 32 copies as many bytes and one more, others repeat what stands before. Source: lzf_d.c.";

/// Reads bytes that were read before, so that all of it succeeds; where it does not, what is left is shown as it is.
#[derive(Debug)]
pub(crate) struct Marks<'a, 't> {
    cursor: Cursor<'a>,
    end: u64,
    pub(crate) tree: &'t mut Tree,
}

/// Where the contents of a string stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Contents {
    pub(crate) head: StrHead,
    /// Of its first stored byte.
    pub(crate) start: u64,
    /// How many there are.
    pub(crate) stored: u64,
}

impl<'a, 't> Marks<'a, 't> {
    pub(crate) fn new(bytes: &'a [u8], start: u64, tree: &'t mut Tree) -> Self {
        Self { cursor: Cursor::new(bytes, start), end: start + bytes.len() as u64, tree }
    }

    pub(crate) fn offset(&self) -> u64 {
        self.cursor.offset()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.cursor.rest()
    }

    /// The next `len` bytes are one thing.
    pub(crate) fn bytes(
        &mut self,
        len: u64,
        kind: SpanKind,
        label: impl Into<String>,
        value: impl FnOnce(&'a [u8]) -> String,
        about: &'static str,
    ) -> Option<&'a [u8]> {
        let start = self.cursor.offset();
        let bytes = self.cursor.take(len).ok()?;
        self.tree.leaf(start..start + len, kind, label, || value(bytes), about);
        Some(bytes)
    }

    /// Steps over bytes that are not shown.
    pub(crate) fn skip(&mut self, len: u64) {
        let _ = self.cursor.take_up_to(len);
    }

    /// The opcode, or another byte whose number is its meaning.
    pub(crate) fn byte(
        &mut self,
        kind: SpanKind,
        label: impl Into<String>,
        about: &'static str,
    ) -> Option<u8> {
        let hex = |bytes: &[u8]| bytes.first().map_or_else(String::new, |byte| format!("0x{byte:02X}"));
        self.bytes(1, kind, label, hex, about)?.first().copied()
    }

    /// A length, or a number written as one.
    pub(crate) fn len(&mut self, label: impl Into<String>) -> Option<u64> {
        self.number(label, |n| n.to_string(), "")
    }

    /// A number written as a length, with something to say of it.
    pub(crate) fn number(
        &mut self,
        label: impl Into<String>,
        value: impl FnOnce(u64) -> String,
        about: &'static str,
    ) -> Option<u64> {
        let start = self.cursor.offset();
        let n = self.cursor.len().ok()?;
        let end = self.cursor.offset();
        let form = match end - start {
            1 => 0,
            2 => 1,
            5 => 2,
            _ => 3,
        };
        let how = LEN_ABOUT.get(form).copied().unwrap_or_default();
        let about = if about.is_empty() { how } else { about };
        self.tree.leaf(start..end, SpanKind::Length, label, || value(n), about);
        Some(n)
    }

    /// `N` bytes, the lowest first unless `value` knows better.
    pub(crate) fn fixed<const N: usize>(
        &mut self,
        kind: SpanKind,
        label: impl Into<String>,
        value: impl FnOnce([u8; N]) -> String,
        about: &'static str,
    ) -> Option<[u8; N]> {
        let text = |bytes: &[u8]| bytes.first_chunk().map_or_else(String::new, |bytes| value(*bytes));
        self.bytes(N as u64, kind, label, text, about)?.first_chunk().copied()
    }

    /// The front of a string: how it is stored.
    pub(crate) fn str_head(&mut self) -> Option<Contents> {
        let start = self.cursor.offset();
        let mut ahead = self.cursor.clone();
        let head = ahead.str_head().ok()?;
        let kind = SpanKind::Length;
        match head {
            StrHead::Raw { .. } => {
                self.len("length")?;
                Some(Contents { head, start: self.offset(), stored: head.stored_len() })
            }
            StrHead::Lzf { .. } => {
                self.byte(kind, "encoding: LZF", LZF)?;
                self.len("compressed length")?;
                self.len("length")?;
                Some(Contents { head, start: self.offset(), stored: head.stored_len() })
            }
            StrHead::Int(_) => {
                let stored = ahead.offset() - start - 1;
                let (label, about) = match stored {
                    1 => ("encoding: 8-bit number", INT8),
                    2 => ("encoding: 16-bit number", INT16),
                    _ => ("encoding: 32-bit number", INT32),
                };
                self.byte(kind, label, about)?;
                Some(Contents { head, start: start + 1, stored })
            }
        }
    }

    /// The contents of a string, whose front has been read.
    pub(crate) fn str_body(&mut self, contents: Contents, kind: SpanKind, about: &'static str) -> Option<()> {
        match contents.head {
            StrHead::Raw { len } => {
                self.bytes(len, kind, "bytes", words::text, about)?;
            }
            StrHead::Int(n) => {
                let about = "The number; the string is its decimal text. The lowest byte comes first.";
                self.bytes(contents.stored, SpanKind::Number, "number", |_| n.to_string(), about)?;
            }
            StrHead::Lzf { packed_len, len } => {
                self.look(contents, None);
                let value = |_: &[u8]| format!("unpacks to {len} bytes");
                self.bytes(packed_len, kind, "compressed bytes", value, LZF_DATA)?;
                self.tree.last_unpacks(contents.start);
            }
        }
        Some(())
    }

    /// Unpacks the string that comes next, if that is wanted.
    pub(crate) fn look(&mut self, contents: Contents, packing: Option<(Packing, Roles)>) {
        let rest = self.rest();
        self.tree.inside.look(contents, rest, packing);
    }

    /// A whole string as one group.
    pub(crate) fn string(
        &mut self,
        kind: SpanKind,
        label: impl Into<String>,
        value: String,
        about: &'static str,
    ) -> Option<Contents> {
        self.tree.open(Head { value, ..Head::new(self.offset(), SpanKind::Group, label, about) });
        let contents = self.str_head().and_then(|contents| {
            self.str_body(contents, kind, about)?;
            Some(contents)
        });
        self.tree.close(self.offset());
        contents
    }

    /// Shows what is left, if anything is: not all of it was understood.
    pub(crate) fn finish(self) {
        let start = self.cursor.offset();
        if start < self.end {
            let about = "Read by its length; there is nothing more to say of it here.";
            self.tree.leaf(start..self.end, SpanKind::Opaque, "bytes", words::none, about);
        }
    }
}
