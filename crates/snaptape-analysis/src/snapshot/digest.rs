//! The canonical form of a value and its SHA-256: the same whatever server wrote it and however it is stored.
//!
//! Every piece is a netstring (`3:abc,`), after the type's name: a string its value; a list its elements in order; a set its
//! members sorted; a hash field, value, expiry (decimal, or empty) sorted by field; a sorted set member and score (16 hex
//! digits of the big-endian double) sorted by member; a stream its last ID, then per entry ID, number of pairs, fields and
//! values; an array the index of each element and the element (a whole number as its text, a floating-point one as 16 hex
//! digits) in the order of the file. Modules, rate limiters, cron jobs and JSON documents have none.

use core::ops::Range;
use std::io::Write as _;

use sha2::{Digest as _, Sha256};
use snaptape_rdb::{LogicalType, ObjectType, Role, StreamId};
use snaptape_wire::{Error, StrHead, double, lzf, packed::Entry};

/// Most bytes of one value that are held to sort and hash them; beyond it there is no digest.
const MAX_HELD_BYTES: usize = 1 << 30;

/// Makes the digest of what was collected.
pub(crate) type Digest = fn(&mut Canonical) -> Option<[u8; 32]>;

/// Collects the canonical form of the current value.
#[derive(Debug, Default)]
pub(crate) struct Canonical {
    kind: Option<LogicalType>,
    expiry_last: bool,
    /// All elements, as netstrings.
    held: Vec<u8>,
    /// Where each element stands in `held`, with what it is sorted by.
    elements: Vec<(Range<usize>, Range<usize>)>,
    field: Vec<u8>,
    value: Vec<u8>,
    field_expiry_ms: Option<i64>,
    last_id: StreamId,
    long: Option<(Role, StrHead)>,
    long_bytes: Vec<u8>,
    gave_up: bool,
}

impl Canonical {
    /// Begins a value.
    pub(crate) fn begin(&mut self, object: ObjectType) {
        self.kind = Some(object.logical());
        self.expiry_last = object == ObjectType::Hash2;
        self.held.clear();
        self.elements.clear();
        self.field_expiry_ms = None;
        self.last_id = StreamId::default();
        self.long = None;
        self.long_bytes.clear();
        self.gave_up = false;
    }

    /// There will be no digest of this value.
    pub(crate) fn give_up(&mut self) {
        self.gave_up = true;
        self.held = Vec::new();
        self.elements = Vec::new();
        self.long_bytes = Vec::new();
    }

    fn full(&mut self, more: usize) -> bool {
        let index = size_of_val(self.elements.as_slice());
        if !self.gave_up && self.held.len() + self.long_bytes.len() + index + more > MAX_HELD_BYTES {
            self.give_up();
        }
        self.gave_up
    }

    /// A string.
    pub(crate) fn text(&mut self, role: Role, bytes: &[u8]) {
        match role {
            Role::Value | Role::Item | Role::Member => self.single(role, bytes),
            Role::Field => {
                self.field.clear();
                self.field.extend_from_slice(bytes);
            }
            Role::FieldValue => {
                self.value.clear();
                self.value.extend_from_slice(bytes);
                if !self.expiry_last {
                    self.pair();
                }
            }
            Role::Packed(_) | Role::ModuleString | Role::FieldNames | Role::Script | Role::Argument => {}
        }
    }

    fn single(&mut self, role: Role, bytes: &[u8]) {
        if self.full(bytes.len()) {
            return;
        }
        if role == Role::Member && self.kind == Some(LogicalType::Zset) {
            self.field.clear();
            self.field.extend_from_slice(bytes);
            return;
        }
        let start = self.held.len();
        let text = push_netstring(&mut self.held, bytes);
        // Only what gets sorted needs an index.
        if role == Role::Member {
            self.elements.push((text, start..self.held.len()));
        }
    }

    /// The place of the array's element that follows.
    pub(crate) fn array_index(&mut self, index: u64) {
        if !self.full(24) {
            push_netstring(&mut self.held, index.to_string().as_bytes());
        }
    }

    /// An element of an array that is a whole number.
    pub(crate) fn array_int(&mut self, n: i64) {
        if !self.full(24) {
            push_netstring(&mut self.held, n.to_string().as_bytes());
        }
    }

    /// An element of an array that is a floating-point number.
    pub(crate) fn array_double(&mut self, n: f64) {
        if !self.full(24) {
            push_netstring(&mut self.held, format!("{:016x}", n.to_bits()).as_bytes());
        }
    }

    /// The expiry of a field.
    pub(crate) fn field_expiry(&mut self, at_ms: Option<i64>, before_field: bool) {
        self.field_expiry_ms = at_ms;
        if !before_field {
            self.pair();
        }
    }

    fn pair(&mut self) {
        let expiry = self.field_expiry_ms.take();
        if self.full(self.field.len() + self.value.len()) {
            return;
        }
        let start = self.held.len();
        let sort_by = push_netstring(&mut self.held, &self.field);
        push_netstring(&mut self.held, &self.value);
        let digits = expiry.map(|ms| ms.to_string()).unwrap_or_default();
        push_netstring(&mut self.held, digits.as_bytes());
        self.elements.push((sort_by, start..self.held.len()));
    }

    /// The score of the member before it.
    pub(crate) fn score(&mut self, score: f64) {
        if self.full(self.field.len()) {
            return;
        }
        let start = self.held.len();
        let sort_by = push_netstring(&mut self.held, &self.field);
        let hex = format!("{:016x}", score.to_bits());
        push_netstring(&mut self.held, hex.as_bytes());
        self.elements.push((sort_by, start..self.held.len()));
    }

    /// The `index`th entry of a packed value.
    pub(crate) fn packed_entry(&mut self, object: ObjectType, index: u64, entry: Entry<'_>) {
        let mut text = Vec::new();
        entry.push_to(&mut text);
        let with_expiry = matches!(object, ObjectType::HashListpackEx | ObjectType::HashListpackExPreGa);
        match (object.logical(), index % if with_expiry { 3 } else { 2 }) {
            (LogicalType::Hash, 0) => self.text(Role::Field, &text),
            (LogicalType::Hash, 1) if !with_expiry => self.text(Role::FieldValue, &text),
            (LogicalType::Hash, 1) => {
                self.value.clear();
                self.value.extend_from_slice(&text);
            }
            (LogicalType::Hash, _) => {
                self.field_expiry_ms = entry.as_int().filter(|ms| *ms != 0);
                self.pair();
            }
            (LogicalType::Zset, 0) => self.text(Role::Member, &text),
            (LogicalType::Zset, _) => {
                // A score that is none was reported with the listpack.
                self.score(double(&text).unwrap_or(f64::NAN));
            }
            (LogicalType::List, _) => self.text(Role::Item, &text),
            _ => self.text(Role::Member, &text),
        }
    }

    /// A live entry of a stream; its fields and values follow.
    pub(crate) fn stream_entry(&mut self, id: StreamId, pairs: u64) {
        if self.full(64) {
            return;
        }
        push_netstring(&mut self.held, format!("{}-{}", id.ms, id.seq).as_bytes());
        push_netstring(&mut self.held, pairs.to_string().as_bytes());
    }

    /// A field or a value of the last entry.
    pub(crate) fn stream_field(&mut self, entry: Entry<'_>) {
        let mut text = Vec::new();
        entry.push_to(&mut text);
        if !self.full(text.len()) {
            push_netstring(&mut self.held, &text);
        }
    }

    /// The last ID of a stream.
    pub(crate) fn stream_last_id(&mut self, id: StreamId) {
        self.last_id = id;
    }

    /// A string too long for one piece begins.
    pub(crate) fn long_begin(&mut self, role: Role, head: StrHead) {
        self.long = Some((role, head));
        self.long_bytes.clear();
    }

    /// Its next stored bytes.
    pub(crate) fn long_chunk(&mut self, bytes: &[u8]) {
        if !self.full(bytes.len()) {
            self.long_bytes.extend_from_slice(bytes);
        }
    }

    /// Its end.
    pub(crate) fn long_end(&mut self) -> Result<(), Error> {
        let Some((role, head)) = self.long.take() else { return Ok(()) };
        let stored = core::mem::take(&mut self.long_bytes);
        match head {
            _ if self.gave_up => {}
            StrHead::Lzf { len, .. } => {
                if !self.full(usize::try_from(len).unwrap_or(usize::MAX).min(MAX_HELD_BYTES)) {
                    let mut text = Vec::new();
                    lzf::decode(&stored, len, &mut text)?;
                    self.text(role, &text);
                }
            }
            _ => self.text(role, &stored),
        }
        Ok(())
    }

    /// The digest; `None` for modules and for values too long to hold.
    pub(crate) fn finish(&mut self) -> Option<[u8; 32]> {
        let kind = self.kind.filter(|kind| has_digest(*kind) && !self.gave_up)?;
        let mut hash = Sha256::new();
        let mut front = Vec::new();
        push_netstring(&mut front, kind.name().as_bytes());
        match kind {
            LogicalType::Set | LogicalType::Hash | LogicalType::Zset => {
                let held = &self.held;
                self.elements.sort_by(|(a, _), (b, _)| held.get(a.clone()).cmp(&held.get(b.clone())));
                hash.update(&front);
                for (_, element) in &self.elements {
                    hash.update(held.get(element.clone()).unwrap_or_default());
                }
            }
            LogicalType::Stream => {
                push_netstring(&mut front, format!("{}-{}", self.last_id.ms, self.last_id.seq).as_bytes());
                hash.update(&front);
                hash.update(&self.held);
            }
            _ => {
                hash.update(&front);
                hash.update(&self.held);
            }
        }
        Some(hash.finalize().into())
    }
}

/// Has such a value a canonical form?
fn has_digest(kind: LogicalType) -> bool {
    use LogicalType as T;
    match kind {
        T::String | T::List | T::Set | T::Zset | T::Hash | T::Stream | T::Array => true,
        T::Module | T::RateLimiter | T::Cron | T::Json => false,
    }
}

/// Appends `5:bytes,`; returns where the bytes stand.
fn push_netstring(out: &mut Vec<u8>, bytes: &[u8]) -> Range<usize> {
    // Writing to a vector cannot fail.
    let _ = write!(out, "{}:", bytes.len());
    let start = out.len();
    out.extend_from_slice(bytes);
    out.push(b',');
    start..out.len() - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(digest: Option<[u8; 32]>) -> String {
        crate::hex(&digest.unwrap())
    }

    /// The examples in the description of the form.
    #[test]
    fn known_answers() {
        let mut canonical = Canonical::default();
        canonical.begin(ObjectType::String);
        canonical.text(Role::Value, b"abc");
        assert_eq!(
            hex(canonical.finish()),
            "acbf0b984cb56348ffed5ce47d4390e191244c20eb0df874b9db9e3788e89583"
        );

        canonical.begin(ObjectType::Hash2);
        canonical.text(Role::Field, b"b");
        canonical.text(Role::FieldValue, b"");
        canonical.field_expiry(Some(1_700_000_000_000), false);
        canonical.text(Role::Field, b"a");
        canonical.text(Role::FieldValue, b"1");
        canonical.field_expiry(None, false);
        assert_eq!(
            hex(canonical.finish()),
            "cce53adcc7bef7fe9bdf8173fb0b5450f969e1c72393de736cf2d1cf8e607e90"
        );

        canonical.begin(ObjectType::Zset2);
        for (member, score) in [(b"n", 1.5), (b"m", -0.0)] {
            canonical.text(Role::Member, member);
            canonical.score(score);
        }
        assert_eq!(
            hex(canonical.finish()),
            "d90b5d8e6b4e0f0f933b178b0115ee80e86b0bf8e005e963bfe56e232320afe8"
        );
    }
}
