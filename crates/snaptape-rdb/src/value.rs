//! Inside a value: what comes next, for every object type.

use alloc::{format, string::String};

use snaptape_wire::{Cursor, Error, ErrorKind, Limits, Read, double};

use crate::{
    ModuleId, ObjectType, Packing, Part, Role,
    parser::text,
    stream::{Stream, StreamVersion},
};

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
            O::HashListpack | O::ZsetListpack | O::SetListpack | O::HashListpackExPreGa => {
                Self::One(Role::Packed(Packing::Listpack))
            }
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
            O::HashTmplLpRef => Self::One(Role::Packed(Packing::Listpack)),
            O::DragonflyJson => Self::One(Role::Value),
            // These begin as a `Rare`.
            O::Array | O::HashTmplLp | O::HashTmplArray | O::HashTmplArrayRef | O::Gcra | O::KeydbCron => {
                Self::End
            }
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
            Self::ModuleId | Self::ModuleField => " / field".into(),
            Self::One(_) | Self::Count(_) | Self::MinFieldExpiry(_) | Self::End => String::new(),
        }
    }

    /// Reads the next piece.
    #[inline]
    pub(crate) fn step<'a>(self, cursor: &mut Cursor<'a>, limits: &Limits) -> Read<ValueStep<'a>> {
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
        };
        Ok(ValueStep::Part(part, after))
    }

    #[inline]
    pub(crate) fn element(shape: Shape, left: u64, done: u64) -> Self {
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
            double(digits).ok_or_else(|| Error::new(ErrorKind::Invalid { what: "score" }, at).into())
        }
    }
}

/// A tagged field of a module; `None` at the end of them. Source: rdb.c `rdbLoadCheckModuleValue`.
pub(crate) fn module_field<'a>(cursor: &mut Cursor<'a>, limits: &Limits) -> Read<Option<Part<'a>>> {
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
