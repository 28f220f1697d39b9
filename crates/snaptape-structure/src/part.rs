//! The pieces of values.

use core::ops::Range;

use snaptape_rdb::{ObjectType, Packing, Part, Role, StreamId};
use snaptape_report::SpanKind;
use snaptape_wire::{Str, StrForm, StrHead};

use crate::{
    mark::Marks,
    opcodes::{MODULE_ID, TAG, tag},
    packed,
    rdb::Value,
    roles::Roles,
    tree::{Head, Tree},
    words,
};

/// Where a piece stands, and its bytes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) span: &'a Range<u64>,
    pub(crate) bytes: &'a [u8],
}

const NODE: &str = "A node of a quicklist. Source: rdb.c rdbSaveObject, quicklist.c.";
const ID: &str = "The ID that the entries of the next listpack count from: milliseconds and sequence, eight bytes each, the highest first. Source: rdb.c rdbSaveObject, streams.";
const RAW_ID: &str = "A stream ID in sixteen bytes, the highest first. Source: rdb.c rdbSaveStreamPEL.";
const CONTAINER: &str = "1: the node is one element as it is; 2: it holds a listpack. Source: quicklist.h QUICKLIST_NODE_CONTAINER_*.";

/// Names the bytes of a piece, and counts it.
pub(crate) fn show(part: &Part<'_>, place: Place<'_>, value: &mut Value, tree: &mut Tree) {
    let shown = tree.shows(place.span);
    if shown {
        let mut marks = Marks::new(place.bytes, place.span.start, tree);
        let _ = name(part, value, &mut marks);
        marks.finish();
    }
    count(part, value);
}

/// Counts a piece.
fn count(part: &Part<'_>, value: &mut Value) {
    match part {
        Part::Text(role, _) | Part::LongBegin(role, _) => {
            let goes_on = match role {
                // Its value, or score, follows.
                Role::Field => value.object.is_some_and(has_values),
                Role::Member => matches!(value.object, Some(ObjectType::Zset | ObjectType::Zset2)),
                Role::FieldValue => value.object == Some(ObjectType::Hash2),
                _ => false,
            };
            value.element += u64::from(!goes_on);
            value.base = None;
        }
        Part::Score(_) | Part::FieldExpiry { before_field: false, .. } => value.element += 1,
        Part::ArrayInt(_) | Part::ArrayDouble(_) => value.element += 1,
        Part::StreamNode(id) => value.base = Some(*id),
        Part::Count(_) => value.counts += 1,
        // What follows is counted anew.
        Part::StreamInfo(_) | Part::TemplateFormat(_) | Part::Module(_) | Part::MetaClass(_) => {
            value.element = 0;
        }
        _ => {}
    }
}

/// Do values follow the fields one by one?
fn has_values(object: ObjectType) -> bool {
    use ObjectType as O;
    matches!(object, O::Hash | O::Hash2 | O::HashMetadata | O::HashMetadataPreGa)
}

fn id(id: StreamId) -> String {
    format!("{}-{}", id.ms, id.seq)
}

fn len_id(marks: &mut Marks<'_, '_>, what: &str) -> Option<()> {
    marks.len(format!("{what}: milliseconds"))?;
    marks.len(format!("{what}: sequence"))?;
    Some(())
}

fn raw_id(marks: &mut Marks<'_, '_>, what: &str, text: String) -> Option<()> {
    marks.bytes(16, SpanKind::Number, what, |_| text, RAW_ID)?;
    Some(())
}

fn name(part: &Part<'_>, value: &Value, marks: &mut Marks<'_, '_>) -> Option<()> {
    use SpanKind as K;
    let n = value.element;
    match part {
        Part::Count(_) => {
            let word = match (value.object, value.counts) {
                (Some(object), 0) => count_word(object),
                (Some(object), counts) => later_count(object, counts),
                _ => "count",
            };
            marks.len(word)?;
        }
        Part::Text(role, text) => {
            let head = match text.form {
                StrForm::Raw(bytes) => StrHead::Raw { len: bytes.len() as u64 },
                StrForm::Int(n) => StrHead::Int(n),
                StrForm::Lzf { packed, len } => StrHead::Lzf { packed_len: packed.len() as u64, len },
            };
            string(*role, head, Some(text), value, marks)?;
        }
        Part::LongBegin(role, head) => string(*role, *head, None, value, marks)?,
        Part::Score(score) => {
            if value.object == Some(ObjectType::Zset) {
                let text = |_: &[u8]| words::double(*score);
                let about = "The score as text, its length in one byte before it; 253, 254 and 255 are nan, inf and -inf. Source: rdb.c rdbLoadDoubleValue.";
                let len = marks.bytes(
                    1,
                    K::Length,
                    "length of the score",
                    |b| b.first().map_or_else(String::new, u8::to_string),
                    about,
                )?;
                let len = len.first().copied().unwrap_or(0);
                marks.bytes(
                    if len < 253 { u64::from(len) } else { 0 },
                    K::Number,
                    format!("score {n}"),
                    text,
                    about,
                )?;
            } else {
                let about = "The score: a floating-point number of eight bytes (IEEE 754), the lowest first. Source: rdb.c rdbLoadBinaryDoubleValue.";
                marks.fixed::<8>(K::Number, format!("score {n}"), |_| words::double(*score), about)?;
            }
        }
        Part::FieldExpiry { at_ms, before_field } => {
            let text = at_ms.map_or_else(|| "never".into(), words::time_ms);
            if *before_field {
                let about = "When the field that follows expires: the earliest expiry is 1, later ones count from it, 0 is never. Source: rdb.c, RDB_TYPE_HASH_METADATA.";
                marks.number(format!("expiry of field {n}"), |_| text, about)?;
            } else {
                let about = "When the field before it expires, in Unix milliseconds, the lowest byte first; -1 is never. Source: Valkey 9 rdb.c.";
                marks.fixed::<8>(K::Time, format!("expiry of field {n}"), |_| text, about)?;
            }
        }
        Part::MinFieldExpiry(ms) => {
            let about = "The earliest expiry of a field, in Unix milliseconds, the lowest byte first. Source: rdb.c, RDB_TYPE_HASH_METADATA.";
            marks.fixed::<8>(K::Time, "earliest expiry of a field", |_| words::time_ms(*ms), about)?;
        }
        Part::StreamNode(node) => {
            marks.tree.open(Head {
                value: id(*node),
                ..Head::new(marks.offset(), K::Group, format!("ID of node {n}"), ID)
            });
            let done = marks
                .str_head()
                .and_then(|contents| marks.bytes(contents.stored, K::Number, "ID", |_| id(*node), ID));
            marks.tree.close(marks.offset());
            done?;
        }
        Part::StreamInfo(info) => {
            marks.len("live entries")?;
            len_id(marks, "last ID")?;
            if info.first_id.is_some() {
                len_id(marks, "first ID")?;
                len_id(marks, "highest deleted ID")?;
                marks.len("entries ever added")?;
            }
        }
        Part::StreamGroup { name, .. } => {
            text(marks, K::Text, "consumer group", name)?;
            len_id(marks, "last ID delivered")?;
            if !marks.rest().is_empty() {
                let read = |n: u64| if n == u64::MAX { "not known".into() } else { n.to_string() };
                marks.number("entries read", read, "")?;
            }
        }
        Part::StreamPending { id: pending, delivered_at_ms, .. } => {
            raw_id(marks, "pending entry: ID", id(*pending))?;
            let about = "When it was delivered last, Unix milliseconds, the lowest byte first. Source: rdb.c rdbSaveStreamPEL.";
            marks.fixed::<8>(
                K::Time,
                "pending entry: delivered at",
                |_| words::time_ms(*delivered_at_ms),
                about,
            )?;
            marks.len("pending entry: deliveries")?;
        }
        Part::StreamConsumer { name, seen_at_ms, active_at_ms } => {
            text(marks, K::Text, "consumer", name)?;
            let about = "Unix milliseconds, the lowest byte first. Source: rdb.c rdbSaveStreamConsumers.";
            marks.fixed::<8>(K::Time, "consumer: seen at", |_| words::time_ms(*seen_at_ms), about)?;
            if !marks.rest().is_empty() {
                let text = active_at_ms.map_or_else(|| "never".into(), words::time_ms);
                marks.fixed::<8>(K::Time, "consumer: active at", |_| text, about)?;
            }
        }
        Part::StreamOwned(owned) => raw_id(marks, "entry pending for this consumer", id(*owned))?,
        Part::StreamUnowned(pending) => raw_id(marks, "entry pending for nobody", id(*pending))?,
        Part::StreamIdempotence { .. } => {
            marks.len("seconds an entry is remembered")?;
            marks.len("entries remembered per producer")?;
        }
        Part::StreamProducer { name } => text(marks, K::Text, "producer", name)?,
        Part::StreamProduced { name, .. } => {
            text(marks, K::Text, "name of a produced entry", name)?;
            len_id(marks, "its ID")?;
        }
        Part::StreamIdempotenceTotals { .. } => {
            marks.len("entries added")?;
            marks.len("entries recognised")?;
        }
        Part::Array { .. } => {
            marks.len("elements")?;
            if marks.len("has an insertion place")? == 1 {
                marks.len("insertion place")?;
            }
        }
        Part::ArrayIndex(_) => {
            marks.len(format!("place of element {n}"))?;
            let word = |tag| match tag {
                1 => "1: whole number".into(),
                2 => "2: floating-point number".into(),
                3 => "3: short string".into(),
                tag => format!("{tag}: string"),
            };
            marks.number(
                format!("kind of element {n}"),
                word,
                "How the element is stored. Source: the description of type 28.",
            )?;
        }
        Part::ArrayInt(int) => {
            marks.fixed::<8>(K::Number, format!("element {n}"), |_| int.to_string(), "")?;
        }
        Part::ArrayDouble(double) => {
            marks.fixed::<8>(K::Number, format!("element {n}"), |_| words::double(*double), "")?;
        }
        Part::Template { .. } => {
            marks.len("template ID")?;
        }
        Part::TemplateFormat(_) => {
            let word = |n| if n == 0 { "0: in a listpack".into() } else { format!("{n}: one by one") };
            marks.number("format of the field names", word, "")?;
        }
        Part::ArrivalTime { .. } => {
            marks.len("microseconds")?;
        }
        Part::CronTimes { start_ms, interval_ms } => {
            marks.fixed::<8>(K::Time, "first run", |_| words::time_ms(*start_ms), "")?;
            marks.fixed::<8>(K::Time, "from run to run", |_| format!("{interval_ms} ms"), "")?;
        }
        Part::MetaClass(class) => {
            if marks.rest().len() == 5 {
                marks.number("tag", tag, TAG)?;
            }
            let name = String::from_utf8_lossy(&class.name()).into_owned();
            let about = "Four characters of six bits, five bits of version, three of flags.";
            marks.fixed::<4>(K::Type, "class of metadata", |_| format!("META-{name}"), about)?;
        }
        Part::Module(module) => {
            let name = String::from_utf8_lossy(&module.name()).into_owned();
            let version = module.encoding_version();
            marks.number("module ID", |_| format!("{name}, version {version}"), MODULE_ID)?;
        }
        Part::ModuleNumber { tag: kind, bits } => {
            marks.number("tag", tag, TAG)?;
            let bits = *bits;
            match kind {
                3 => {
                    let float = |bytes| f32::from_le_bytes(bytes).to_string();
                    marks.fixed(K::Number, "float", float, TAG)?;
                }
                4 => {
                    marks.fixed::<8>(K::Number, "double", |_| words::double(f64::from_bits(bits)), TAG)?;
                }
                1 => {
                    marks.number("signed number", |n| n.cast_signed().to_string(), "")?;
                }
                _ => {
                    marks.len("unsigned number")?;
                }
            }
        }
        _ => return None,
    }
    Some(())
}

fn text(marks: &mut Marks<'_, '_>, kind: SpanKind, label: &str, text: &Str<'_>) -> Option<()> {
    let mut scratch = Vec::new();
    let value = text.decode(&mut scratch).map_or_else(|_| "?".into(), words::text);
    marks.string(kind, label, value, "")?;
    Some(())
}

/// A string of the value: raw, a number, compressed, perhaps with a packed value in it.
fn string(
    role: Role,
    head: StrHead,
    whole: Option<&Str<'_>>,
    value: &Value,
    marks: &mut Marks<'_, '_>,
) -> Option<()> {
    use SpanKind as K;
    let (label, about) = role_words(role, value);
    let shown = match role {
        Role::Packed(packing) => packing_word(packing).to_owned(),
        Role::FieldNames => "listpack".into(),
        _ => {
            let mut scratch = Vec::new();
            let whole = whole.map(|text| text.decode(&mut scratch).map_or_else(|_| "?".into(), words::text));
            whole.unwrap_or_else(|| format!("{} bytes", head.logical_len()))
        }
    };
    let start = marks.offset();
    marks.tree.open(Head { value: shown, ..Head::new(start, K::Group, label, about) });
    if role == Role::ModuleString {
        marks.number("tag", tag, TAG)?;
    } else if value.object == Some(ObjectType::ListQuicklist2) {
        let word = |n| if n == 1 { "1: one element".into() } else { format!("{n}: listpack") };
        marks.number("container", word, CONTAINER)?;
    }
    let contents = marks.str_head()?;
    let packing = match role {
        Role::Packed(packing) => Some(packing),
        Role::FieldNames => Some(Packing::Listpack),
        _ => None,
    };
    let roles = || match (role, value.object, packing) {
        (Role::FieldNames, ..) => Roles::field_names(),
        (_, Some(object), Some(packing)) => Roles::of(object, packing, value.base),
        _ => Roles::Each("entry", 0),
    };
    // Of a long string only the front is here.
    if marks.rest().len() as u64 >= contents.stored {
        marks.look(contents, packing.map(|packing| (packing, roles())));
        match (packing, contents.head) {
            (Some(packing), StrHead::Raw { len }) => {
                let start = marks.offset();
                let bytes =
                    marks.rest().get(..usize::try_from(len).unwrap_or(usize::MAX)).unwrap_or_default();
                packed::blob(bytes, start, packing, roles(), marks.tree);
                marks.skip(len);
            }
            _ => marks.str_body(contents, K::Text, about)?,
        }
    }
    marks.tree.close(marks.offset());
    Some(())
}

fn packing_word(packing: Packing) -> &'static str {
    match packing {
        Packing::Zipmap => "zipmap",
        Packing::Ziplist => "ziplist",
        Packing::Intset => "intset",
        Packing::Listpack => "listpack",
    }
}

fn role_words(role: Role, value: &Value) -> (String, &'static str) {
    let n = value.element;
    match role {
        Role::Value => ("value".into(), "The value of the string."),
        Role::Item => (format!("element {n}"), "An element of the list."),
        Role::Member => (format!("member {n}"), "A member of the set."),
        Role::Field => (format!("field {n}"), "A field of the hash."),
        Role::FieldValue => (format!("value {n}"), "The value of the field before it."),
        Role::Packed(_) if value.base.is_some() => (
            format!("entries of node {n}"),
            "A listpack with entries of the stream. Source: t_stream.c, comment above streamAppendItem.",
        ),
        Role::Packed(_) => match value.object {
            Some(ObjectType::ListQuicklist | ObjectType::ListQuicklist2) => (format!("node {n}"), NODE),
            _ => ("value".into(), "One string that holds all elements."),
        },
        Role::ModuleString => (format!("string {n}"), "A string the module wrote."),
        Role::FieldNames => {
            ("field names".into(), "A listpack of the names of the fields; the values follow.")
        }
        Role::Script => ("script".into(), "The script of the job."),
        Role::Argument => (format!("argument {n}"), "A key or an argument of the script."),
    }
}

fn count_word(object: ObjectType) -> &'static str {
    use ObjectType as O;
    match object {
        O::ListQuicklist | O::ListQuicklist2 => "nodes",
        O::StreamListpacks
        | O::StreamListpacks2
        | O::StreamListpacks3
        | O::StreamListpacks4
        | O::StreamListpacks5 => "nodes",
        O::Hash | O::Hash2 | O::HashMetadata | O::HashMetadataPreGa => "fields",
        O::Set | O::Zset | O::Zset2 => "members",
        O::KeydbCron => "keys of the script",
        O::HashTmplArray | O::HashTmplLp => "field names",
        _ => "elements",
    }
}

fn later_count(object: ObjectType, counts: u64) -> &'static str {
    match (object, counts) {
        (ObjectType::KeydbCron, _) => "arguments of the script",
        (_, 1) => "consumer groups",
        _ => "count of what follows",
    }
}
