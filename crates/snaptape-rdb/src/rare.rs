//! Inside values that only the newest versions and forks write, the metadata of keys, and hash templates.
//!
//! Apart from the others, so that the state that is copied at every step of an ordinary file stays small.

use alloc::{format, string::String};

use snaptape_wire::{Cursor, Error, ErrorKind, Limits, Read};

use crate::{
    MetaClass, ObjectType, Packing, Part, Role,
    parser::text,
    template::{Templates, names},
    value::{Shape, Value, module_field},
};

/// Longest text an array stores in place of a pointer. Source: the description of type 28.
const MAX_SHORT_ELEMENT: u64 = 7;

/// What comes next in values that only the newest versions and forks write.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rare {
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
    fn next(self, fields: u64) -> Next {
        Next::Value(match self {
            Self::Listpack => Value::One(Role::Packed(Packing::Listpack)),
            Self::Each => Value::element(Shape::Single(Role::FieldValue), fields, 0),
        })
    }
}

/// What follows a piece.
pub(crate) enum Next {
    Rare(Rare),
    /// From here on it is like an ordinary value.
    Value(Value),
}

impl From<Rare> for Next {
    fn from(rare: Rare) -> Self {
        Self::Rare(rare)
    }
}

impl Rare {
    /// Where the value of such a key begins, if it begins with one of these.
    #[inline]
    pub(crate) fn of(object: ObjectType) -> Option<Self> {
        use ObjectType as O;
        Some(match object {
            O::Array => Self::ArrayHead,
            O::HashTmplLp => Self::TemplateFormat(TemplateValues::Listpack),
            O::HashTmplArray => Self::TemplateFormat(TemplateValues::Each),
            O::HashTmplArrayRef => Self::TemplateId,
            O::Gcra => Self::ArrivalTime,
            O::KeydbCron => Self::CronScript,
            _ => return None,
        })
    }

    /// The place in words, for messages.
    pub(crate) fn place(self) -> String {
        match self {
            Self::ArrayIndex { done, .. } | Self::ArrayElement { done, .. } => format!(" / element {done}"),
            Self::MetaField { .. } => " / field".into(),
            Self::TemplateFormat(_)
            | Self::TemplateNames { .. }
            | Self::TemplateName { .. }
            | Self::TemplateId => " / field names".into(),
            Self::MetaClass { .. }
            | Self::ArrayHead
            | Self::ArrivalTime
            | Self::CronScript
            | Self::CronTimes
            | Self::CronCount { .. }
            | Self::CronText { .. } => String::new(),
        }
    }

    /// Reads the next piece.
    pub(crate) fn step<'a>(
        self,
        cursor: &mut Cursor<'a>,
        limits: &Limits,
        templates: &Templates,
    ) -> Read<Option<(Part<'a>, Next)>> {
        let at = cursor.offset();
        let wrong = |what| Error::new(ErrorKind::Invalid { what }, at);
        let (part, after) = match self {
            Self::MetaClass { left: 0 } => return Ok(None),
            Self::MetaClass { left } => {
                (Part::MetaClass(MetaClass(cursor.le_u32()?)), Self::MetaField { left: left - 1 }.into())
            }
            Self::MetaField { left } => match module_field(cursor, limits)? {
                Some(part) => (part, self.into()),
                // The end of one class and the front of the next are one step: an event needs bytes of its own.
                None if left > 0 => {
                    (Part::MetaClass(MetaClass(cursor.le_u32()?)), Self::MetaField { left: left - 1 }.into())
                }
                None => return Ok(None),
            },
            Self::TemplateFormat(values) => match cursor.len()? {
                format @ (0 | 1) => {
                    (Part::TemplateFormat(format), Self::TemplateNames { format, values }.into())
                }
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
                    (left, _) => Self::TemplateName { left, fields: Some((left, values)) }.into(),
                };
                (part, after)
            }
            Self::TemplateName { left, fields } => {
                let name = cursor.str_within("a field name", limits.max_name_bytes)?;
                let after = match (left, fields) {
                    (1, None) => Next::Value(Value::End),
                    (1, Some((fields, values))) => values.next(fields),
                    (left, fields) => Self::TemplateName { left: left - 1, fields }.into(),
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
                (Part::Array { count, cursor: cursor_at }, Self::ArrayIndex { left: count, done: 0 }.into())
            }
            Self::ArrayIndex { left, done } => {
                let index = cursor.len()?;
                if index == u64::MAX {
                    return Err(wrong("array index").into());
                }
                let tag_at = cursor.offset();
                match cursor.len()? {
                    tag @ 0..=3 => (Part::ArrayIndex(index), Self::ArrayElement { left, done, tag }.into()),
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
                let after = if left == 1 {
                    Next::Value(Value::End)
                } else {
                    Self::ArrayIndex { left: left - 1, done: done + 1 }.into()
                };
                (part, after)
            }
            Self::ArrivalTime => (Part::ArrivalTime { at_us: cursor.len()? }, Next::Value(Value::End)),
            Self::CronScript => (text(cursor, limits, Role::Script)?, Self::CronTimes.into()),
            Self::CronTimes => (
                Part::CronTimes { start_ms: cursor.le_i64()?, interval_ms: cursor.le_i64()? },
                Self::CronCount { keys: true }.into(),
            ),
            Self::CronCount { keys } => {
                let left = cursor.len()?;
                (Part::Count(left), cron_texts(left, keys))
            }
            Self::CronText { left, keys } => {
                (text(cursor, limits, Role::Argument)?, cron_texts(left - 1, keys))
            }
        };
        Ok(Some((part, after)))
    }
}

/// What follows the keys and arguments of a cron job that have been read.
fn cron_texts(left: u64, keys: bool) -> Next {
    match (left, keys) {
        (0, true) => Rare::CronCount { keys: false }.into(),
        (0, false) => Next::Value(Value::End),
        (left, keys) => Rare::CronText { left, keys }.into(),
    }
}
