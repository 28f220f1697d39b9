//! JSON documents that are saved node by node, as RedisJSON 1 did.

use core::fmt::Write as _;

use snaptape_report::units;

use super::{Layout, MAX_HELD, Next, out::Out};

/// `ReJSON-RL`, version 0. Each node is its kind and what belongs to it; the text is put together from them. Source: RedisJSON,
/// redis_json/src/backward.rs, `json_rdb_load`.
#[derive(Debug, Default)]
pub(super) struct Tree {
    at: At,
    text: String,
    /// Members that are to come of each collection that is open.
    open: Vec<Open>,
    nodes: u64,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    is_object: bool,
    left: u64,
    is_first: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
enum At {
    #[default]
    Kind,
    Text,
    Double,
    Integer,
    Boolean,
    Members(bool),
    MemberName,
    End,
}

/// Kinds of nodes.
const NULL: u64 = 0x01;
const STRING: u64 = 0x02;
const NUMBER: u64 = 0x04;
const INTEGER: u64 = 0x08;
const BOOLEAN: u64 = 0x10;
const OBJECT: u64 = 0x20;
const ARRAY: u64 = 0x40;
const MEMBER: u64 = 0x80;

impl Tree {
    /// A member is expected, in an object: its kind comes first, too.
    fn wants_member(&self) -> bool {
        self.open.last().is_some_and(|open| open.is_object) && self.text.ends_with(['{', ','])
    }

    /// The value is complete: closes what is complete with it.
    fn done(&mut self, out: &mut Out<'_, '_>) -> Option<()> {
        while let Some(open) = self.open.last_mut() {
            if open.left > 0 {
                open.left -= 1;
                if !core::mem::replace(&mut open.is_first, false) {
                    self.text.push(',');
                }
                self.at = At::Kind;
                return self.is_small();
            }
            self.text.push(if open.is_object { '}' } else { ']' });
            self.open.pop();
        }
        self.at = At::End;
        out.begin(format_args!("document"));
        out.text(self.text.as_bytes());
        out.end();
        self.is_small()
    }

    /// Longer ones are not put together.
    fn is_small(&self) -> Option<()> {
        (self.text.len() as u64 <= MAX_HELD).then_some(())
    }

    fn quoted(&mut self, bytes: &[u8]) -> Option<()> {
        self.text.push('"');
        for c in core::str::from_utf8(bytes).ok()?.chars() {
            match c {
                '"' | '\\' => self.text.extend(['\\', c]),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                c if u32::from(c) < 0x20 => {
                    let _ = write!(self.text, "\\u{:04x}", u32::from(c));
                }
                c => self.text.push(c),
            }
        }
        self.text.push('"');
        self.is_small()
    }
}

impl Layout for Tree {
    fn next(&self) -> Next {
        match self.at {
            At::Kind | At::Integer | At::Members(_) => Next::Uint,
            At::Double => Next::Double,
            At::Text | At::Boolean | At::MemberName => Next::Hold,
            At::End => Next::End,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        match self.at {
            At::Kind if self.wants_member() => {
                self.at = At::MemberName;
                (n == MEMBER).then_some(())
            }
            At::Kind => {
                self.nodes += 1;
                self.at = match n {
                    NULL => {
                        self.text.push_str("null");
                        return self.done(out);
                    }
                    STRING => At::Text,
                    NUMBER => At::Double,
                    INTEGER => At::Integer,
                    BOOLEAN => At::Boolean,
                    OBJECT => At::Members(true),
                    ARRAY => At::Members(false),
                    _ => return None,
                };
                Some(())
            }
            At::Integer => {
                let _ = write!(self.text, "{}", n.cast_signed());
                self.done(out)
            }
            At::Members(is_object) => {
                self.text.push(if is_object { '{' } else { '[' });
                self.open.push(Open { is_object, left: n, is_first: true });
                self.done(out)
            }
            _ => None,
        }
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        if !n.is_finite() {
            return None;
        }
        // As many digits as it takes, and a point, so that it stays one.
        let _ = write!(self.text, "{n:?}");
        self.done(out)
    }

    fn held(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> Option<()> {
        match self.at {
            At::MemberName => {
                self.quoted(bytes)?;
                self.text.push(':');
                self.at = At::Kind;
                Some(())
            }
            At::Boolean => {
                self.text.push_str(match bytes {
                    b"1" => "true",
                    b"0" => "false",
                    _ => return None,
                });
                self.done(out)
            }
            _ => {
                self.quoted(bytes)?;
                self.done(out)
            }
        }
    }

    fn sentence(&self) -> String {
        format!(
            "JSON document of {}, saved node by node; as text {}",
            units::plural(self.nodes, "node", "nodes"),
            units::bytes(self.text.len() as u64)
        )
    }

    fn is_document(&self) -> bool {
        true
    }
}
