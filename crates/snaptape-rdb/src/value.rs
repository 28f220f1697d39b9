//! Inside a value: what comes next, for every object type.

use alloc::{format, string::String};

use snaptape_wire::{Cursor, Error, ErrorKind, Limits, Read};

use crate::{
    MetaClass, ModuleId, ObjectType, Packing, Part, Role,
    parser::text,
    stream::{Stream, StreamVersion},
    template::{Templates, names},
};

/// Longest text an array stores in place of a pointer. Source: the description of type 28.
const MAX_SHORT_ELEMENT: u64 = 7;

/// What comes next in a value. A retry repeats one element, never the key.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value {
    /// One string, which is everything.
    One(Role),
    /// The number of elements.
    Count(Shape),
    /// An element, or the second or third piece of one.
    Element {
        shape: Shape,
        /// Elements to come, this one included.
        left: u64,
        /// Elements before it.
        done: u64,
        /// Which piece of it.
        piece: Piece,
    },
    /// The earliest field expiry, before a hash with field expiries.
    MinFieldExpiry(AfterMin),
    /// A stream.
    Stream(Stream),
    /// The number that names a module.
    ModuleId,
    /// A tagged field of a module.
    ModuleField,
    /// A class of key metadata.
    MetaClass {
        /// Classes to come, this one included.
        left: u64,
    },
    /// A tagged field of it.
    MetaField {
        /// Classes to come after it.
        left: u64,
    },
    /// How the field names of a hash are stored, before them.
    TemplateFormat(TemplateValues),
    /// A listpack of field names, or their number.
    TemplateNames {
        format: u64,
        values: TemplateValues,
    },
    /// A field name of a hash (`fields` is `None` in a template of its own).
    TemplateName {
        left: u64,
        fields: Option<(u64, TemplateValues)>,
    },
    /// The ID of a template, before the values.
    TemplateId,
    /// The front of an array.
    ArrayHead,
    /// The place and kind of an array's element.
    ArrayIndex {
        left: u64,
        done: u64,
    },
    /// The element itself.
    ArrayElement {
        left: u64,
        done: u64,
        tag: u64,
    },
    /// A rate limiter.
    ArrivalTime,
    /// The script of a cron job.
    CronScript,
    /// When it runs.
    CronTimes,
    /// Its keys (`true`) or its arguments.
    CronCount {
        keys: bool,
    },
    CronText {
        left: u64,
        keys: bool,
    },
    /// Nothing more.
    End,
}

/// What one element consists of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Shape {
    /// A string.
    Single(Role),
    /// Field, value.
    Pair,
    /// Member, score as text.
    ScoreText,
    /// Member, score in eight bytes.
    Score,
    /// Container, then an element or a listpack.
    Quicklist2,
    /// Expiry, field, value. `min` is what the expiry counts from, where it is relative.
    ExpiryFirst { min: Option<i64> },
    /// Field, value, expiry.
    ExpiryLast,
}

/// Which piece of an element.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Piece {
    First,
    Second,
    Third,
}

/// What follows the earliest field expiry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum AfterMin {
    Pairs,
    Listpack,
}

/// How the values of a hash with a template are stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum TemplateValues {
    /// In a listpack, the template's ID before them.
    Listpack,
    /// One by one.
    Each,
}

impl TemplateValues {
    fn next(self, fields: u64) -> Value {
        match self {
            Self::Listpack => Value::One(Role::Packed(Packing::Listpack)),
            Self::Each => Value::element(Shape::Single(Role::FieldValue), fields, 0),
        }
    }
}

/// One step into a value.
pub(crate) enum ValueStep<'a> {
    /// A piece, and what comes after it.
    Part(Part<'a>, Value),
    /// There was nothing more.
    End,
}

impl Value {
    /// Where the value of such a key begins.
    pub(crate) fn of(object: ObjectType) -> Self {
        use ObjectType as O;
        match object {
            O::String => Self::One(Role::Value),
            O::List => Self::Count(Shape::Single(Role::Item)),
            O::Set => Self::Count(Shape::Single(Role::Member)),
            O::Zset => Self::Count(Shape::ScoreText),
            O::Zset2 => Self::Count(Shape::Score),
            O::Hash => Self::Count(Shape::Pair),
            O::HashZipmap => Self::One(Role::Packed(Packing::Zipmap)),
            O::ListZiplist | O::ZsetZiplist | O::HashZiplist => Self::One(Role::Packed(Packing::Ziplist)),
            O::SetIntset => Self::One(Role::Packed(Packing::Intset)),
            O::HashListpack
            | O::ZsetListpack
            | O::SetListpack
            | O::HashListpackExPreGa
            | O::HashTmplLpRef => Self::One(Role::Packed(Packing::Listpack)),
            O::ListQuicklist => Self::Count(Shape::Single(Role::Packed(Packing::Ziplist))),
            O::ListQuicklist2 => Self::Count(Shape::Quicklist2),
            O::HashMetadataPreGa => Self::Count(Shape::ExpiryFirst { min: None }),
            O::HashMetadata => Self::MinFieldExpiry(AfterMin::Pairs),
            O::HashListpackEx => Self::MinFieldExpiry(AfterMin::Listpack),
            O::Hash2 => Self::Count(Shape::ExpiryLast),
            O::StreamListpacks => Self::Stream(Stream::new(StreamVersion::V1)),
            O::StreamListpacks2 => Self::Stream(Stream::new(StreamVersion::V2)),
            O::StreamListpacks3 => Self::Stream(Stream::new(StreamVersion::V3)),
            O::StreamListpacks4 => Self::Stream(Stream::new(StreamVersion::V4)),
            O::StreamListpacks5 => Self::Stream(Stream::new(StreamVersion::V5)),
            O::Module2 => Self::ModuleId,
            O::Array => Self::ArrayHead,
            O::HashTmplLp => Self::TemplateFormat(TemplateValues::Listpack),
            O::HashTmplArray => Self::TemplateFormat(TemplateValues::Each),
            O::HashTmplArrayRef => Self::TemplateId,
            O::Gcra => Self::ArrivalTime,
            O::KeydbCron => Self::CronScript,
            O::DragonflyJson => Self::One(Role::Value),
        }
    }

    /// Fields of a hash whose fields stand behind their expiry: one without is a zero, a name and a value, which is exactly what
    /// a string key is. All of them: where reading failed, it may have been lost for a while.
    pub(crate) fn fields_like_strings(&self) -> u64 {
        match self {
            Self::Element { shape: Shape::ExpiryFirst { .. }, left, done, .. } => left.saturating_add(*done),
            _ => 0,
        }
    }

    /// The place in words, for messages.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Element { shape: Shape::Single(Role::Packed(_)) | Shape::Quicklist2, done, .. } => {
                format!(" / node {done}")
            }
            Self::Element { done, .. } => format!(" / element {done}"),
            Self::Stream(stream) => stream.place(),
            Self::ArrayIndex { done, .. } | Self::ArrayElement { done, .. } => format!(" / element {done}"),
            Self::ModuleId | Self::ModuleField | Self::MetaField { .. } => " / field".into(),
            Self::TemplateFormat(_)
            | Self::TemplateNames { .. }
            | Self::TemplateName { .. }
            | Self::TemplateId => " / field names".into(),
            Self::One(_)
            | Self::Count(_)
            | Self::MinFieldExpiry(_)
            | Self::MetaClass { .. }
            | Self::ArrayHead
            | Self::ArrivalTime
            | Self::CronScript
            | Self::CronTimes
            | Self::CronCount { .. }
            | Self::CronText { .. }
            | Self::End => String::new(),
        }
    }

    /// Reads the next piece.
    #[inline]
    pub(crate) fn step<'a>(
        self,
        cursor: &mut Cursor<'a>,
        limits: &Limits,
        templates: &Templates,
    ) -> Read<ValueStep<'a>> {
        let (part, after) = match self {
            Self::One(role) => (text(cursor, limits, role)?, Self::End),
            Self::Count(shape) => {
                let count = cursor.len()?;
                (Part::Count(count), Self::element(shape, count, 0))
            }
            Self::Element { shape, left, done, piece } => element(cursor, limits, shape, left, done, piece)?,
            Self::MinFieldExpiry(after) => {
                let min = cursor.le_i64()?;
                let after = match after {
                    AfterMin::Pairs => Self::Count(Shape::ExpiryFirst { min: Some(min) }),
                    AfterMin::Listpack => Self::One(Role::Packed(Packing::Listpack)),
                };
                (Part::MinFieldExpiry(min), after)
            }
            Self::Stream(stream) => match stream.step(cursor, limits)? {
                Some((part, after)) => (part, Self::Stream(after)),
                None => return Ok(ValueStep::End),
            },
            Self::ModuleId => (Part::Module(ModuleId(cursor.len()?)), Self::ModuleField),
            Self::ModuleField => match module_field(cursor, limits)? {
                Some(part) => (part, Self::ModuleField),
                None => return Ok(ValueStep::End),
            },
            Self::End => return Ok(ValueStep::End),
            rare => return rare.rare(cursor, limits, templates),
        };
        Ok(ValueStep::Part(part, after))
    }

    /// What only the newest versions and forks write.
    fn rare<'a>(
        self,
        cursor: &mut Cursor<'a>,
        limits: &Limits,
        templates: &Templates,
    ) -> Read<ValueStep<'a>> {
        let at = cursor.offset();
        let wrong = |what| Error::new(ErrorKind::Invalid { what }, at);
        let (part, after) = match self {
            Self::MetaClass { left: 0 } => return Ok(ValueStep::End),
            Self::MetaClass { left } => {
                (Part::MetaClass(MetaClass(cursor.le_u32()?)), Self::MetaField { left: left - 1 })
            }
            Self::MetaField { left } => match module_field(cursor, limits)? {
                Some(part) => (part, self),
                // The end of one class and the front of the next are one step: an event needs bytes of its own.
                None if left > 0 => {
                    (Part::MetaClass(MetaClass(cursor.le_u32()?)), Self::MetaField { left: left - 1 })
                }
                None => return Ok(ValueStep::End),
            },
            Self::TemplateFormat(values) => match cursor.len()? {
                format @ (0 | 1) => (Part::TemplateFormat(format), Self::TemplateNames { format, values }),
                _ => return Err(wrong("format of field names").into()),
            },
            Self::TemplateNames { format, values } => {
                let (part, fields) = if format == 0 {
                    let (names, fields) = names(cursor, limits)?;
                    (Part::Text(Role::FieldNames, names), fields)
                } else {
                    let fields = cursor.len()?;
                    (Part::Count(fields), fields)
                };
                let after = match (fields, format) {
                    (0, _) => return Err(wrong("number of field names: there are none").into()),
                    (fields, 0) => values.next(fields),
                    (left, _) => Self::TemplateName { left, fields: Some((left, values)) },
                };
                (part, after)
            }
            Self::TemplateName { left, fields } => {
                let name = cursor.str_within("a field name", limits.max_name_bytes)?;
                let after = match (left, fields) {
                    (1, None) => Self::End,
                    (1, Some((fields, values))) => values.next(fields),
                    (left, fields) => Self::TemplateName { left: left - 1, fields },
                };
                (Part::Text(Role::Field, name), after)
            }
            Self::TemplateId => {
                let id = cursor.len()?;
                let Some(fields) = templates.fields(id) else {
                    return Err(wrong("hash template: no template has this ID").into());
                };
                (Part::Template { id, fields }, TemplateValues::Each.next(fields))
            }
            Self::ArrayHead => {
                let count = cursor.len()?;
                if count == 0 {
                    return Err(wrong("number of array elements: there are none").into());
                }
                let flag_at = cursor.offset();
                let cursor_at = match cursor.len()? {
                    0 => None,
                    1 => Some(cursor.len()?),
                    _ => return Err(Error::new(ErrorKind::Invalid { what: "array cursor" }, flag_at).into()),
                };
                (Part::Array { count, cursor: cursor_at }, Self::ArrayIndex { left: count, done: 0 })
            }
            Self::ArrayIndex { left, done } => {
                let index = cursor.len()?;
                if index == u64::MAX {
                    return Err(wrong("array index").into());
                }
                let tag_at = cursor.offset();
                match cursor.len()? {
                    tag @ 0..=3 => (Part::ArrayIndex(index), Self::ArrayElement { left, done, tag }),
                    _ => {
                        return Err(
                            Error::new(ErrorKind::Invalid { what: "array element tag" }, tag_at).into()
                        );
                    }
                }
            }
            Self::ArrayElement { left, done, tag } => {
                let part = match tag {
                    1 => Part::ArrayInt(cursor.le_i64()?),
                    2 => Part::ArrayDouble(cursor.le_f64()?),
                    3 => match text(cursor, limits, Role::Item)? {
                        Part::Text(_, short) if short.len() <= MAX_SHORT_ELEMENT => {
                            Part::Text(Role::Item, short)
                        }
                        _ => return Err(wrong("short array element: it is a long one").into()),
                    },
                    _ => text(cursor, limits, Role::Item)?,
                };
                let after =
                    if left == 1 { Self::End } else { Self::ArrayIndex { left: left - 1, done: done + 1 } };
                (part, after)
            }
            Self::ArrivalTime => (Part::ArrivalTime { at_us: cursor.len()? }, Self::End),
            Self::CronScript => (text(cursor, limits, Role::Script)?, Self::CronTimes),
            Self::CronTimes => (
                Part::CronTimes { start_ms: cursor.le_i64()?, interval_ms: cursor.le_i64()? },
                Self::CronCount { keys: true },
            ),
            Self::CronCount { keys } => {
                let left = cursor.len()?;
                (Part::Count(left), Self::cron_texts(left, keys))
            }
            Self::CronText { left, keys } => {
                (text(cursor, limits, Role::Argument)?, Self::cron_texts(left - 1, keys))
            }
            // The others are read in `step`.
            _ => return Ok(ValueStep::End),
        };
        Ok(ValueStep::Part(part, after))
    }

    fn cron_texts(left: u64, keys: bool) -> Self {
        match (left, keys) {
            (0, true) => Self::CronCount { keys: false },
            (0, false) => Self::End,
            (left, keys) => Self::CronText { left, keys },
        }
    }

    #[inline]
    fn element(shape: Shape, left: u64, done: u64) -> Self {
        match left {
            0 => Self::End,
            left => Self::Element { shape, left, done, piece: Piece::First },
        }
    }
}

#[inline]
fn element<'a>(
    cursor: &mut Cursor<'a>,
    limits: &Limits,
    shape: Shape,
    left: u64,
    done: u64,
    piece: Piece,
) -> Read<(Part<'a>, Value)> {
    let next = Value::element(shape, left - 1, done + 1);
    let then = |piece| Value::Element { shape, left, done, piece };
    Ok(match (shape, piece) {
        (Shape::Single(role), _) => (text(cursor, limits, role)?, next),
        (Shape::Pair, Piece::First) => (text(cursor, limits, Role::Field)?, then(Piece::Second)),
        (Shape::Pair, _) => (text(cursor, limits, Role::FieldValue)?, next),
        (Shape::ScoreText | Shape::Score, Piece::First) => {
            (text(cursor, limits, Role::Member)?, then(Piece::Second))
        }
        (Shape::ScoreText, _) => (Part::Score(score_text(cursor)?), next),
        (Shape::Score, _) => (Part::Score(cursor.le_f64()?), next),
        (Shape::Quicklist2, _) => {
            let at = cursor.offset();
            let role = match cursor.len()? {
                1 => Role::Item,
                2 => Role::Packed(Packing::Listpack),
                _ => return Err(Error::new(ErrorKind::Invalid { what: "quicklist container" }, at).into()),
            };
            (text(cursor, limits, role)?, next)
        }
        (Shape::ExpiryFirst { min }, Piece::First) => {
            let stored = cursor.len()?;
            // With a minimum the times are relative to it and shifted by one, so that 0 can mean "never".
            let at_ms = match (stored, min) {
                (0, _) => None,
                (n, None) => Some(n.cast_signed()),
                (n, Some(min)) => Some(min.wrapping_add(n.cast_signed()).wrapping_sub(1)),
            };
            (Part::FieldExpiry { at_ms, before_field: true }, then(Piece::Second))
        }
        (Shape::ExpiryFirst { .. }, Piece::Second) => {
            (text(cursor, limits, Role::Field)?, then(Piece::Third))
        }
        (Shape::ExpiryFirst { .. }, Piece::Third) => (text(cursor, limits, Role::FieldValue)?, next),
        (Shape::ExpiryLast, Piece::First) => (text(cursor, limits, Role::Field)?, then(Piece::Second)),
        (Shape::ExpiryLast, Piece::Second) => (text(cursor, limits, Role::FieldValue)?, then(Piece::Third)),
        (Shape::ExpiryLast, Piece::Third) => {
            let at_ms = match cursor.le_i64()? {
                -1 => None,
                at_ms => Some(at_ms),
            };
            (Part::FieldExpiry { at_ms, before_field: false }, next)
        }
    })
}

/// A score as text. Shape: one byte of length, or 253 - 255 for what has no digits. Source: rdb.c `rdbLoadDoubleValue`.
fn score_text(cursor: &mut Cursor<'_>) -> Read<f64> {
    match cursor.u8()? {
        253 => Ok(f64::NAN),
        254 => Ok(f64::INFINITY),
        255 => Ok(f64::NEG_INFINITY),
        len => {
            let at = cursor.offset();
            let digits = cursor.take(u64::from(len))?;
            core::str::from_utf8(digits)
                .ok()
                .and_then(|digits| digits.parse().ok())
                .ok_or_else(|| Error::new(ErrorKind::Invalid { what: "score" }, at).into())
        }
    }
}

/// A tagged field of a module; `None` at the end of them. Source: rdb.c `rdbLoadCheckModuleValue`.
fn module_field<'a>(cursor: &mut Cursor<'a>, limits: &Limits) -> Read<Option<Part<'a>>> {
    let at = cursor.offset();
    Ok(Some(match cursor.len()? {
        0 => return Ok(None),
        tag @ (1 | 2) => Part::ModuleNumber { tag: if tag == 1 { 1 } else { 2 }, bits: cursor.len()? },
        3 => Part::ModuleNumber { tag: 3, bits: u64::from(cursor.le_u32()?) },
        4 => Part::ModuleNumber { tag: 4, bits: cursor.le_u64()? },
        5 => text(cursor, limits, Role::ModuleString)?,
        _ => return Err(Error::new(ErrorKind::Invalid { what: "module field tag" }, at).into()),
    }))
}
