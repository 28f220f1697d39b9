//! Tapes made up to fill whatever a replay keeps.

use std::{io::Write as _, ops::Range};

/// What a tape is full of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A few keys, written again and again.
    Hot,
    /// Ever new strings.
    Strings,
    /// Ever new sets with a few members.
    Sets,
    /// One set with ever new members.
    OneSet,
    /// Sets that are put together again and again.
    Unions,
    /// Ever new databases, emptied again.
    Databases,
    /// One block without an end.
    Block,
}

pub(crate) const KINDS: [Kind; 7] =
    [Kind::Hot, Kind::Strings, Kind::Sets, Kind::OneSet, Kind::Unions, Kind::Databases, Kind::Block];

/// The commands with these numbers, of so many.
pub(crate) fn commands(kind: Kind, numbers: Range<u64>, of: u64, out: &mut Vec<u8>) {
    let mut text = String::new();
    for n in numbers {
        text.clear();
        match kind {
            Kind::Hot => text = format!("SET user:{} value", n % 1000),
            Kind::Strings => text = format!("SET user:{n} value"),
            Kind::Sets => text = format!("SADD user:{n} {n} a b c"),
            Kind::OneSet => text = format!("SADD all {n}"),
            Kind::Unions if n < of / 10 => text = format!("SADD set:{} {n}", n % 4),
            Kind::Unions => text = format!("SUNIONSTORE set:{} set:0 set:1 set:2 set:3", n % 9),
            Kind::Databases => match n % 3 {
                0 => text = format!("SELECT {}", n / 3 % 100_000),
                1 => text.push_str("SET a 1"),
                _ => text.push_str("FLUSHDB"),
            },
            Kind::Block if n == 0 => text.push_str("MULTI"),
            Kind::Block => text = format!("SET user:{n} value"),
        }
        let words: Vec<&str> = text.split(' ').collect();
        // A Vec takes everything.
        let _ = write!(out, "*{}\r\n", words.len());
        for word in words {
            let _ = write!(out, "${}\r\n{word}\r\n", word.len());
        }
    }
}
