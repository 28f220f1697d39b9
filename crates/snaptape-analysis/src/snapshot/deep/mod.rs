//! Looks at every value as a server does with `sanitize-dump-payload yes`, and closer. Source of the rules: `rdbLoadObject` in
//! rdb.c, `lpValidateIntegrity`, `ziplistValidateIntegrity`, `intsetValidateIntegrity`, `streamValidateListpackIntegrity`.

mod harm;
mod long;
mod members;
mod packed;
mod records;
mod stream;

use std::ops::Range;

use snaptape_rdb::{Event, LogicalType, ObjectType, Packing, Part, Role};
use snaptape_report::units;
use snaptape_wire::{Error, Str, StrForm};

pub use self::harm::Harm;
pub(super) use self::{harm::Violation, packed::packed_harm};
use self::{long::Long, members::Members, stream::StreamCheck};

/// What comes of that which every loader looks at, like a string that does not unpack.
pub(super) const REFUSED: Harm = Harm::Refused { major: 0, minor: 0 };
/// Hash fields may have an expiry since this release.
const REFUSED_SINCE_FIELD_EXPIRY: Harm = Harm::Refused { major: 7, minor: 4 };
/// The latest time a hash field may expire. Source: `EB_EXPIRE_TIME_MAX` in ebuckets.h.
const MAX_FIELD_EXPIRY_MS: i64 = (1 << 48) - 1;
/// Most violations of one value that are kept.
const MAX_VIOLATIONS: usize = 16;

/// Checks the current value.
#[derive(Debug, Default)]
pub(super) struct Deep {
    object: Option<ObjectType>,
    violations: Vec<Violation>,
    members: Members,
    stream: StreamCheck,
    long: Option<Long>,
    scratch: Vec<u8>,
    /// Values of which a string was too long to be held.
    too_long: u64,
    /// Values with more elements than could be compared.
    not_compared: u64,
}

/// Where a string stands in the file.
#[derive(Debug, Clone, Copy)]
struct Place {
    offset: u64,
    /// As it is, so that offsets inside it are offsets in the file?
    raw: bool,
}

impl Place {
    fn at(self, inside: u64) -> u64 {
        if self.raw { self.offset.saturating_add(inside) } else { self.offset }
    }
}

impl Deep {
    /// A key begins.
    #[inline]
    pub(super) fn begin(&mut self, object: ObjectType) {
        self.object = Some(object);
        self.members.begin(object);
        if object.logical() == LogicalType::Stream {
            self.stream = StreamCheck::default();
        }
    }

    /// A piece of its value, or of data outside the keys.
    pub(super) fn part(&mut self, span: &Range<u64>, part: &Part<'_>) {
        match *part {
            Part::Text(role, text) => self.text(role, &text),
            Part::LongBegin(role, head) => self.long = Some(Long::new(role, head, span.end)),
            Part::LongChunk(bytes) => {
                if let Some(long) = &mut self.long {
                    long.push(bytes);
                }
            }
            Part::LongEnd => self.long_end(),
            Part::Score(score) if score.is_nan() => {
                self.violate(span.start, "a score is NaN".into(), REFUSED);
            }
            Part::FieldExpiry { at_ms: Some(at_ms), .. } => self.field_expiry(span.start, at_ms),
            // Before a listpack it is not looked at.
            Part::MinFieldExpiry(at_ms)
                if self.object == Some(ObjectType::HashMetadata)
                    && !(0..=MAX_FIELD_EXPIRY_MS + 1).contains(&at_ms) =>
            {
                let rule = "its earliest field expiry is no time".into();
                self.violate(span.start, rule, REFUSED_SINCE_FIELD_EXPIRY);
            }
            Part::Array { count: 0, .. } => {
                self.violate(span.start, "an array without elements".into(), REFUSED);
            }
            Part::ArrayIndex(u64::MAX) => {
                self.violate(
                    span.start,
                    "the place of an array element is beyond the last one".into(),
                    REFUSED,
                );
            }
            Part::Count(count) => self.members.count(count),
            Part::StreamNode(_)
            | Part::StreamInfo(_)
            | Part::StreamGroup { .. }
            | Part::StreamPending { .. }
            | Part::StreamConsumer { .. }
            | Part::StreamOwned(_)
            | Part::StreamUnowned(_)
            | Part::StreamIdempotence { .. } => {
                let Self { stream, violations, scratch, .. } = self;
                stream.part(span, part, scratch, &mut |violation| keep(violations, violation));
            }
            _ => {}
        }
    }

    /// Something between the keys that holds strings.
    pub(super) fn item(&mut self, event: &Event<'_>) {
        self.object = None;
        match event {
            Event::Aux { name, value } => {
                self.text(Role::ModuleString, name);
                self.text(Role::ModuleString, value);
            }
            Event::Function { code } => {
                self.text(Role::ModuleString, code);
                // Source: `functionsCreateWithLibraryCtx` in functions.c: without it there is no engine and no name.
                if code.prefix::<2>().is_ok_and(|(front, len)| len < 2 || &front != b"#!") {
                    let rule = "a function library that does not begin with #!".into();
                    self.violate(code.offset, rule, REFUSED);
                }
            }
            _ => {}
        }
    }

    /// What is wrong with what has ended.
    pub(super) fn end(&mut self) -> Vec<Violation> {
        if self.object.is_some_and(|object| object.logical() == LogicalType::Stream) {
            let Self { stream, violations, .. } = self;
            stream.end(&mut |violation| keep(violations, violation));
            self.not_compared += u64::from(stream.gave_up());
        }
        let Self { members, violations, .. } = self;
        members.end(&mut |violation| keep(violations, violation));
        self.not_compared += u64::from(self.members.gave_up());
        self.object = None;
        self.long = None;
        core::mem::take(&mut self.violations)
    }

    /// What it did not look at, in one sentence.
    pub(super) fn not_looked_at(&self) -> Option<String> {
        let mut parts = Vec::new();
        if self.too_long > 0 {
            parts.push(format!(
                "{} too long to be looked into",
                units::plural(self.too_long, "packed value was", "packed values were")
            ));
        }
        if self.not_compared > 0 {
            parts.push(format!(
                "{} too many elements to compare all with each other",
                units::plural(self.not_compared, "value had", "values had")
            ));
        }
        (!parts.is_empty()).then(|| format!("The deep check has limits: {}.", parts.join(", ")))
    }

    fn violate(&mut self, at: u64, rule: String, harm: Harm) {
        keep(&mut self.violations, Violation { at, rule, harm });
    }

    fn text(&mut self, role: Role, text: &Str<'_>) {
        let mut scratch = core::mem::take(&mut self.scratch);
        match text.decode(&mut scratch) {
            Ok(bytes) => {
                let raw = matches!(text.form, StrForm::Raw(_));
                self.string(role, bytes, Place { offset: text.offset, raw });
            }
            Err(error) => self.does_not_unpack(&error),
        }
        self.scratch = scratch;
    }

    fn does_not_unpack(&mut self, error: &Error) {
        self.violate(error.offset(), error.kind().to_string(), REFUSED);
    }

    /// A string, unpacked.
    fn string(&mut self, role: Role, bytes: &[u8], place: Place) {
        let Some(object) = self.object else { return };
        match role {
            Role::Packed(packing) => self.packed(object, packing, bytes, place),
            Role::Member | Role::Field => self.members.add(bytes, place.offset),
            Role::FieldValue => self.members.other(bytes.len()),
            // A plain node of a quicklist.
            Role::Item if bytes.is_empty() && object == ObjectType::ListQuicklist2 => {
                self.violate(place.offset, "a node without a byte".into(), REFUSED);
            }
            _ => {}
        }
    }

    fn packed(&mut self, object: ObjectType, packing: Packing, blob: &[u8], place: Place) {
        let Self { stream, violations, members, .. } = self;
        let mut found = |violation| keep(violations, violation);
        if object.logical() == LogicalType::Stream {
            stream.node(object, blob, place, &mut found);
        } else {
            packed::check(object, packing, blob, place, members, &mut found);
        }
    }

    fn long_end(&mut self) {
        let Some(long) = self.long.take() else { return };
        let (role, offset) = (long.role, long.offset);
        match long.finish(&mut self.scratch) {
            Err(error) => self.does_not_unpack(&error.shifted(offset)),
            Ok(long::Content::Whole { bytes, raw }) => {
                self.string(role, &bytes, Place { offset, raw });
            }
            Ok(long::Content::TooLong) => self.too_long += 1,
            Ok(long::Content::NotNeeded) => {
                if role == Role::FieldValue {
                    self.members.other(usize::MAX);
                }
            }
        }
    }

    fn field_expiry(&mut self, at: u64, at_ms: i64) {
        // Valkey takes any time that is not negative.
        let valkey = self.object == Some(ObjectType::Hash2);
        let max = if valkey { i64::MAX } else { MAX_FIELD_EXPIRY_MS };
        if !(0..=max).contains(&at_ms) {
            self.violate(at, "the expiry of a field is no time".into(), REFUSED_SINCE_FIELD_EXPIRY);
        }
    }
}

fn keep(violations: &mut Vec<Violation>, violation: Violation) {
    if violations.len() < MAX_VIOLATIONS {
        violations.push(violation);
    }
}
