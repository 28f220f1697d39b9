//! Hands a value's pieces to the memory model, in the pairs a server holds them in.

use snaptape_memory::{Item, Kind, Limits, Models, Packing as Packed, Score, Value};
use snaptape_rdb::{Key, LogicalType, ObjectType, Packing, Part, Role, StreamId};
use snaptape_wire::{
    Error, Str, StrForm,
    packed::{Entry, Intset, Listpack, Ziplist, Zipmap},
};

use super::encoding;

/// The current value, as far as memory depends on it.
#[derive(Debug, Clone, Default)]
pub(super) struct Held {
    value: Value,
    /// A member whose score, or a field whose value, comes next.
    first: Option<(u64, Item)>,
    /// A field and its value, before it is known whether an expiry follows.
    pair: Option<((u64, Item), (u64, Item))>,
    /// Expiry of the field that is being read, Unix milliseconds.
    expires_at_ms: Option<i64>,
    /// The time now: fields that have expired are dropped on load.
    now_ms: i64,
    /// Does the list consist of nodes of one element?
    plain_nodes: bool,
    /// Does a time stand behind each value of the listpack?
    triples: bool,
}

/// How long a packed value would be if something else packed it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Repacked {
    listpack: u64,
    ziplist: u64,
}

impl Repacked {
    /// Adds an entry.
    #[inline]
    pub(super) fn add(&mut self, entry: Entry<'_>) {
        let item = entry_item(entry);
        self.listpack += item.listpack_bytes();
        self.ziplist += item.ziplist_bytes();
    }
}

impl Held {
    #[inline]
    pub(super) fn begin(&mut self, key: &Key<'_>, now_ms: i64) {
        let kind = match key.logical() {
            LogicalType::String => Kind::String,
            LogicalType::List => Kind::List,
            LogicalType::Set => Kind::Set,
            LogicalType::Zset => Kind::Zset,
            LogicalType::Hash => Kind::Hash,
            LogicalType::Stream => Kind::Stream,
            _ => Kind::Other,
        };
        self.value.begin(kind, key.name.len(), key.expires_at_ms.is_some());
        self.first = None;
        self.pair = None;
        self.expires_at_ms = None;
        self.now_ms = now_ms;
        self.plain_nodes = key.object == ObjectType::ListQuicklist2;
        self.value.has_times = matches!(
            key.object,
            ObjectType::HashMetadata
                | ObjectType::HashMetadataPreGa
                | ObjectType::HashListpackEx
                | ObjectType::HashListpackExPreGa
                | ObjectType::Hash2
        );
        self.value.is_ziplist_list = key.object == ObjectType::ListZiplist;
        self.triples = matches!(key.object, ObjectType::HashListpackEx | ObjectType::HashListpackExPreGa);
    }

    /// A string of a collection that stands on its own.
    #[inline]
    pub(super) fn text(&mut self, role: Role, len: u64, text: Option<&Str<'_>>, models: &Models) {
        // What will not be packed need not be looked at.
        let never_packed = self.value.is_never_packed() && self.value.kind != Kind::List;
        let item = || text.filter(|_| !never_packed).map_or(Item::Text(len), item);
        match role {
            Role::Member if self.value.kind == Kind::Zset => self.first = Some((len, item())),
            Role::Member => self.value.member(len, item(), models),
            Role::Item if self.plain_nodes => self.value.plain_node(len, models),
            Role::Item => self.value.item(len, item(), models),
            Role::Field => {
                self.flush(models);
                self.first = Some((len, item()));
            }
            Role::FieldValue => {
                if let Some(field) = self.first.take() {
                    self.pair = Some((field, (len, item())));
                } else {
                    self.value.other_bytes = self.value.other_bytes.saturating_add(len);
                }
            }
            Role::Value => {}
            _ => self.value.other_bytes = self.value.other_bytes.saturating_add(len),
        }
    }

    /// A piece that is no text.
    #[inline]
    pub(super) fn part(&mut self, part: &Part<'_>, models: &Models) {
        match *part {
            Part::Count(n) => self.value.expect(n),
            Part::Score(score) => {
                if let Some((len, item)) = self.first.take() {
                    self.value.scored(len, item, || packed_score(score), models);
                }
            }
            Part::FieldExpiry { at_ms, before_field } => {
                if before_field {
                    self.flush(models);
                }
                self.expires_at_ms = at_ms;
                if !before_field {
                    self.flush(models);
                }
            }
            Part::StreamNode(StreamId { ms, seq }) => self.value.stream_node(ms, seq, models),
            Part::StreamGroup { name, .. } => self.value.stream_group(name.len(), models),
            Part::StreamConsumer { name, .. } => self.value.stream_consumer(name.len(), models),
            Part::StreamPending { id: StreamId { ms, seq }, .. }
            | Part::StreamOwned(StreamId { ms, seq }) => {
                self.value.stream_pending(ms, seq, models);
            }
            Part::ModuleNumber { .. } => self.value.other_bytes += 8,
            _ => {}
        }
    }

    fn flush(&mut self, models: &Models) {
        if let Some((field, value)) = self.pair.take() {
            let expires_at_ms = self.expires_at_ms.take();
            self.pair(field, value, expires_at_ms, models);
        }
    }

    /// A field and its value, unless its time has come.
    fn pair(&mut self, field: (u64, Item), value: (u64, Item), at_ms: Option<i64>, models: &Models) {
        if at_ms.is_none_or(|at_ms| at_ms > self.now_ms) {
            self.value.pair(field, value, at_ms.is_some(), models);
        }
    }

    /// A packed value too long to look into.
    pub(super) fn long_blob(&mut self, packing: Packing, len: u64, models: &Models) {
        self.value.blob(packed(packing), len, len, models);
    }

    /// A packed value. `as_listpack` is its length as a listpack where it is none; `entries` are what it holds.
    pub(super) fn blob(
        &mut self,
        packing: Packing,
        blob: &[u8],
        sizes: Repacked,
        entries: u64,
        models: &Models,
    ) -> Result<(), Error> {
        let len = match packing {
            // The server turns it into the other at once.
            Packing::Zipmap => sizes.ziplist + Item::ZIPLIST_BYTES,
            _ => blob.len() as u64,
        };
        let as_listpack = match packing {
            Packing::Ziplist | Packing::Zipmap => sizes.listpack + Item::LISTPACK_BYTES,
            Packing::Listpack | Packing::Intset => len,
        };
        // With times beside the fields some may go: the pieces tell what is left.
        if !self.triples {
            self.value.blob(packed(packing), len, as_listpack, models);
        }
        let per_element = match self.value.kind {
            Kind::Hash if self.triples => 3,
            Kind::Hash | Kind::Zset => 2,
            _ => 1,
        };
        let elements = entries / per_element;
        let limits = Limits::DEFAULT;
        let becomes_table = match self.value.kind {
            // Releases before 7.2 have no listpack for it.
            Kind::Set => packing == Packing::Listpack || elements > limits.intset_entries,
            Kind::Zset => elements > limits.zset_entries,
            Kind::Hash => elements > limits.hash_entries || self.triples,
            _ => false,
        };
        if !becomes_table {
            self.value.packed_elements(elements);
            return Ok(());
        }
        match packing {
            Packing::Listpack => self.unpack(Listpack::new(blob)?, models),
            Packing::Ziplist => self.unpack(Ziplist::new(blob)?, models),
            Packing::Intset => self.unpack(Intset::new(blob)?, models),
            Packing::Zipmap => self.unpack(Zipmap::new(blob)?, models),
        }
    }

    /// Adds the elements of a packed value one by one, for releases that hold it as a table.
    fn unpack<'a>(
        &mut self,
        entries: impl Iterator<Item = Result<Entry<'a>, Error>>,
        models: &Models,
    ) -> Result<(), Error> {
        let mut entries = entries.map(|entry| entry.map(|entry| (entry.len(), entry_item(entry))));
        while let Some(first) = entries.next().transpose()? {
            if self.value.kind == Kind::Set {
                self.value.member(first.0, first.1, models);
                continue;
            }
            let Some(second) = entries.next().transpose()? else { break };
            if self.value.kind == Kind::Zset {
                let score = || Score { item: second.1, more_digits: 0 };
                self.value.scored(first.0, first.1, score, models);
                continue;
            }
            let at = if self.triples { entries.next().transpose()? } else { None };
            let at_ms = match at {
                Some((_, Item::Int(at_ms))) if at_ms != 0 => Some(at_ms),
                _ => None,
            };
            self.pair(first, second, at_ms, models);
        }
        Ok(())
    }

    /// The value, all of its pieces being there.
    #[inline]
    pub(super) fn end(&mut self, text_len: u64, is_int: bool, models: &Models) -> &Value {
        self.flush(models);
        self.value.text_len = text_len;
        self.value.is_int = is_int;
        self.value.end(models);
        &self.value
    }
}

fn packed(packing: Packing) -> Packed {
    match packing {
        Packing::Listpack => Packed::Listpack,
        Packing::Ziplist | Packing::Zipmap => Packed::Ziplist,
        Packing::Intset => Packed::Intset,
    }
}

/// Text that is a number is packed as one.
#[inline]
fn item(text: &Str<'_>) -> Item {
    match text.form {
        StrForm::Int(n) => Item::Int(n.into()),
        StrForm::Raw(bytes) => bytes_item(bytes),
        StrForm::Lzf { len, .. } => Item::Text(len),
    }
}

#[inline]
fn entry_item(entry: Entry<'_>) -> Item {
    match entry {
        Entry::Bytes(bytes) => bytes_item(bytes),
        Entry::Int(n) => Item::Int(n),
    }
}

#[inline]
fn bytes_item(bytes: &[u8]) -> Item {
    match encoding::int(bytes) {
        Some(n) => Item::Int(n),
        None => Item::Text(bytes.len() as u64),
    }
}

/// A score as it is packed: as the text a server prints, which is a number where it is whole.
fn packed_score(score: f64) -> Score {
    #[expect(clippy::float_cmp, reason = "is it a whole number, exactly?")]
    if score.trunc() == score && score.abs() < 9e15 {
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^53")]
        return Score { item: Item::Int(score as i64), more_digits: 0 };
    }
    let short = Counted::of(format_args!("{score}")).min(24);
    Score { item: Item::Text(short), more_digits: long_digits(score).saturating_sub(short) }
}

/// Length of a score as `%.17g` prints it.
fn long_digits(score: f64) -> u64 {
    if !score.is_finite() {
        return 0;
    }
    let text = format!("{:.16e}", score.abs());
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i64 = exponent.parse().unwrap_or(0);
    let digits = mantissa.replace('.', "").trim_end_matches('0').len().max(1) as u64;
    let sign = u64::from(score.is_sign_negative());
    let point = u64::from(digits > 1);
    sign + match exponent {
        // One digit before the point, at least two in the exponent.
        ..-4 | 17.. => digits + point + if exponent.unsigned_abs() < 100 { 4 } else { 5 },
        // Zeros before the digits: `0.00`.
        -4..0 => digits + 1 + exponent.unsigned_abs(),
        _ => digits.max(exponent.unsigned_abs() + 1) + u64::from(digits > exponent.unsigned_abs() + 1),
    }
}

/// Counts what is written.
struct Counted(u64);

impl Counted {
    fn of(text: core::fmt::Arguments<'_>) -> u64 {
        let mut counted = Self(0);
        // Counting cannot fail.
        let _ = core::fmt::Write::write_fmt(&mut counted, text);
        counted.0
    }
}

impl core::fmt::Write for Counted {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        self.0 += text.len() as u64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seventeen_digits_are_as_long_as_c_prints_them() {
        for (score, printed) in [
            (0.5, "0.5"),
            (1.1, "1.1000000000000001"),
            (-2.2, "-2.2000000000000002"),
            (123.456, "123.456"),
            (0.1, "0.10000000000000001"),
            (0.001, "0.001"),
            (1e-5, "1.0000000000000001e-05"),
            (5e-324, "4.9406564584124654e-324"),
            (1e300, "1.0000000000000001e+300"),
            (1e17, "1e+17"),
            (1e16, "10000000000000000"),
        ] {
            assert_eq!(long_digits(score), printed.len() as u64, "{score}");
        }
    }
}
