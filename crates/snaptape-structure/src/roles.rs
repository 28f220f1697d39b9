//! What the entries of a packed value are to it.

use snaptape_rdb::{ObjectType, Packing, StreamId};
use snaptape_wire::packed::Entry;

/// Tells entry after entry what it is.
#[derive(Debug, Clone)]
pub(crate) enum Roles {
    /// One word for all, with its number.
    Each(&'static str, u64),
    /// They come in groups of these words.
    Cycle(&'static [&'static str], u64),
    /// The entries of a stream.
    Stream(Stream),
}

impl Roles {
    /// For the blobs of a value stored like this.
    pub(crate) fn of(object: ObjectType, packing: Packing, base: Option<StreamId>) -> Self {
        use ObjectType as O;
        match (object, base) {
            (_, Some(base)) => Self::Stream(Stream::new(base)),
            (O::ListZiplist | O::ListQuicklist | O::ListQuicklist2, _) => Self::Each("element", 0),
            (O::SetIntset | O::SetListpack, _) => Self::Each("member", 0),
            (O::ZsetZiplist | O::ZsetListpack, _) => Self::Cycle(&["member", "score"], 0),
            (O::HashListpackEx | O::HashListpackExPreGa, _) => {
                Self::Cycle(&["field", "value", "expiry of the field"], 0)
            }
            (O::HashTmplLp, _) => Self::Each("template value", 0),
            (O::HashTmplLpRef, _) => Self::Each("template ID, then value", 0),
            (O::HashZipmap | O::HashZiplist | O::HashListpack, _) => Self::Cycle(&["field", "value"], 0),
            _ if packing == Packing::Zipmap => Self::Cycle(&["field", "value"], 0),
            _ => Self::Each("entry", 0),
        }
    }

    /// Names of fields alone.
    pub(crate) fn field_names() -> Self {
        Self::Each("field name", 0)
    }

    /// What the next entry is.
    pub(crate) fn next(&mut self, entry: Entry<'_>) -> String {
        match self {
            Self::Each(word, n) => {
                *n += 1;
                format!("{word} {}", *n - 1)
            }
            Self::Cycle(words, n) => {
                let many = words.len() as u64;
                let word = usize::try_from(*n % many).ok().and_then(|at| words.get(at)).copied();
                *n += 1;
                format!("{} {}", word.unwrap_or("entry"), (*n - 1) / many)
            }
            Self::Stream(stream) => stream.next(entry),
        }
    }
}

/// The entries of a stream's listpack, one after the other. Source: t_stream.c, comment above `streamAppendItem`.
#[derive(Debug, Clone)]
pub(crate) struct Stream {
    base: StreamId,
    at: At,
    /// Fields of the master entry.
    master: i64,
    record: u64,
    flags: i64,
    ms: u64,
}

#[derive(Debug, Clone, Copy)]
enum At {
    Count,
    Deleted,
    FieldCount,
    MasterField(i64),
    MasterEnd,
    Flags,
    Ms,
    Seq,
    Pairs,
    Pair { left: i64, value: bool, n: i64 },
    Back,
}

impl Stream {
    fn new(base: StreamId) -> Self {
        Self { base, at: At::Count, master: 0, record: 0, flags: 0, ms: 0 }
    }

    fn next(&mut self, entry: Entry<'_>) -> String {
        let int = entry.as_int().unwrap_or(0);
        let record = self.record;
        let (word, after) = match self.at {
            At::Count => ("live entries in this node".into(), At::Deleted),
            At::Deleted => ("deleted entries in this node".into(), At::FieldCount),
            At::FieldCount => {
                self.master = int;
                let after = if int > 0 { At::MasterField(0) } else { At::MasterEnd };
                ("fields of the master entry".into(), after)
            }
            At::MasterField(n) => {
                let after = if n + 1 < self.master { At::MasterField(n + 1) } else { At::MasterEnd };
                (format!("master field {n}"), after)
            }
            At::MasterEnd => ("end of the master entry".into(), At::Flags),
            At::Flags => {
                self.flags = int;
                let word = match int {
                    _ if int & 1 != 0 => "flags of entry (deleted)",
                    _ if int & 2 != 0 => "flags of entry (fields as the master entry)",
                    _ => "flags of entry",
                };
                (format!("{word} {record}"), At::Ms)
            }
            At::Ms => {
                self.ms = self.base.ms.wrapping_add(int.cast_unsigned());
                (format!("milliseconds of ID {record}, from the node's"), At::Seq)
            }
            At::Seq => {
                let seq = self.base.seq.wrapping_add(int.cast_unsigned());
                let after = if self.flags & 2 != 0 { self.pairs(self.master) } else { At::Pairs };
                (format!("sequence of ID {record}, from the node's: {}-{seq}", self.ms), after)
            }
            At::Pairs => (format!("fields of entry {record}"), self.pairs(int)),
            At::Pair { left, value, n } => {
                let same = self.flags & 2 != 0;
                let after = match (same, value) {
                    (false, false) => At::Pair { left, value: true, n },
                    _ if left > 1 => At::Pair { left: left - 1, value: same, n: n + 1 },
                    _ => At::Back,
                };
                let word = if value { "value" } else { "field" };
                (format!("{word} {n} of entry {record}"), after)
            }
            At::Back => {
                self.record += 1;
                (format!("elements of entry {record}, for walks from the back"), At::Flags)
            }
        };
        self.at = after;
        word
    }

    fn pairs(&self, left: i64) -> At {
        if left > 0 { At::Pair { left, value: self.flags & 2 != 0, n: 0 } } else { At::Back }
    }
}
