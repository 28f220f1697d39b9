//! What stands between the values of a snapshot.

use snaptape_rdb::{Event, ObjectType};
use snaptape_report::SpanKind;
use snaptape_wire::Str;

use crate::{mark::Marks, words};

pub(crate) const ENTRY: &str =
    "An entry: what is said of the key, its type, its name, its value. Source: rdb.c rdbSaveKeyValuePair.";

/// What a piece is called, and what it says.
pub(crate) struct Words {
    pub(crate) label: &'static str,
    pub(crate) value: String,
    pub(crate) about: &'static str,
}

/// Is it said of the key that follows?
pub(crate) fn is_attribute(event: &Event<'_>) -> bool {
    matches!(
        event,
        Event::Expiry { .. }
            | Event::Idle { .. }
            | Event::Freq { .. }
            | Event::KeyMeta { .. }
            | Event::RamLru { .. }
            | Event::KeyFlags { .. }
    )
}

fn string(text: &Str<'_>) -> String {
    let mut scratch = Vec::new();
    text.decode(&mut scratch).map_or_else(|_| "?".into(), words::text)
}

pub(crate) fn words(event: &Event<'_>) -> Words {
    let (label, value, about) = match event {
        Event::Header { version, .. } => (
            "header",
            format!("version {version}"),
            "The first nine bytes: REDIS and four digits, or VALKEY and three. Source: rdb.c rdbSaveRio.",
        ),
        Event::Aux { name, value } => (
            "AUX field",
            format!("{} = {}", string(name), string(value)),
            "A named fact about the file or its writer; servers pass over what they do not know. Source: rdb.h RDB_OPCODE_AUX.",
        ),
        Event::SelectDb { db } => (
            "SELECTDB",
            format!("database {db}"),
            "The keys that follow belong to this database. Source: rdb.h RDB_OPCODE_SELECTDB.",
        ),
        Event::ResizeDb { keys, expires } => (
            "RESIZEDB",
            format!("{keys} keys, {expires} with expiry"),
            "How many keys the database has, so that a server can make its tables large enough at once; a hint. Source: rdb.h RDB_OPCODE_RESIZEDB.",
        ),
        Event::SlotInfo { slot, keys, .. } => (
            "SLOT_INFO",
            format!("slot {slot}, {keys} keys"),
            "How many keys a hash slot of a cluster has; a hint. Source: rdb.h RDB_OPCODE_SLOT_INFO.",
        ),
        Event::SlotImport { job, .. } => (
            "SLOT_IMPORT",
            string(job),
            "Slots that were being imported when the file was saved. Source: Valkey 9 rdb.h RDB_OPCODE_SLOT_IMPORT.",
        ),
        Event::HashTemplate { id, .. } => (
            "hash template",
            format!("template {id}"),
            "Names of fields that many hashes share. Source: the description of RDB 15.",
        ),
        Event::Function { code } => (
            "FUNCTION2",
            string(code),
            "A library of functions: its source text. Source: rdb.h RDB_OPCODE_FUNCTION2.",
        ),
        Event::FunctionPreGa { name, .. } => (
            "FUNCTION (release candidates of 7.0)",
            string(name),
            "A library of functions as release candidates wrote it. Source: rdb.h RDB_OPCODE_FUNCTION_PRE_GA.",
        ),
        Event::ModuleAux { module, .. } => (
            "MODULE_AUX",
            String::from_utf8_lossy(&module.name()).into_owned(),
            "Data of a module that belongs to no key. Source: rdb.h RDB_OPCODE_MODULE_AUX.",
        ),
        Event::Expiry { at_ms } => (
            "expiry",
            words::time_ms(*at_ms),
            "When the key that follows expires, in Unix milliseconds (opcode 0xFC) or seconds (0xFD). Source: rdb.h RDB_OPCODE_EXPIRETIME_MS.",
        ),
        Event::Idle { secs } => (
            "IDLE",
            format!("{secs} s"),
            "Seconds since the key that follows was used; written under an LRU policy. Source: rdb.h RDB_OPCODE_IDLE.",
        ),
        Event::Freq { counter } => (
            "FREQ",
            counter.to_string(),
            "The logarithmic counter of uses of the key that follows; written under an LFU policy. Source: rdb.h RDB_OPCODE_FREQ.",
        ),
        Event::KeyMeta { classes } => (
            "KEY_META",
            format!("{classes} classes"),
            "Metadata of the key that follows, class by class. Source: the description of opcode 243, Redis 8.6.",
        ),
        Event::RamLru { value } => {
            ("RAM_LRU", value.to_string(), "Redis Enterprise: when the key that follows was used last.")
        }
        Event::SlotNum { slot } => {
            ("SLOT_NUM", slot.to_string(), "Redis Enterprise: the hash slot of what follows.")
        }
        Event::KeyFlags { bits } => {
            ("key flags", format!("{bits:#x}"), "Dragonfly: flags of the key that follows.")
        }
        Event::FullSyncEnd => {
            ("end of the full synchronisation", String::new(), "Dragonfly: eight zero bytes follow.")
        }
        Event::CompressedBlock { codec, packed_bytes } => (
            "compressed block",
            format!("{codec}, {packed_bytes} bytes"),
            "Dragonfly: entries in a compressed block. Snaptape does not read on behind it.",
        ),
        Event::Eof => (
            "EOF",
            String::new(),
            "The end of the keys; a checksum follows from version 5 on. Source: rdb.h RDB_OPCODE_EOF.",
        ),
        Event::Checksum { stored: 0 } => {
            ("checksum", "not computed".into(), "Eight zero bytes: the writer ran with rdbchecksum no.")
        }
        Event::Checksum { stored } => (
            "checksum",
            format!("{stored:016x}"),
            "CRC-64 of everything before it, the lowest byte first. Source: crc64.c, polynomial of Jones.",
        ),
        _ => ("item", String::new(), ""),
    };
    Words { label, value, about }
}

/// Names the bytes of an item.
pub(crate) fn show(event: &Event<'_>, marks: &mut Marks<'_, '_>) {
    let _ = parts(event, marks);
}

fn parts(event: &Event<'_>, marks: &mut Marks<'_, '_>) -> Option<()> {
    use SpanKind as K;
    let Words { label, about, .. } = words(event);
    match event {
        Event::Header { .. } => {
            let letters = if marks.rest().starts_with(b"VALKEY") { 6 } else { 5 };
            marks.bytes(letters, K::Magic, "magic", words::text, about)?;
            marks.bytes(
                9 - letters,
                K::Magic,
                "version",
                words::text,
                "The version of the format in decimal digits.",
            )?;
            return Some(());
        }
        Event::Checksum { .. } => {
            let hex = |bytes| format!("{:016x}", u64::from_le_bytes(bytes));
            marks.fixed(K::Checksum, "CRC-64", hex, about)?;
            return Some(());
        }
        _ => {
            let name = match (event, marks.rest().first()) {
                (Event::Aux { .. }, _) => "AUX",
                (Event::Expiry { .. }, Some(0xfd)) => "EXPIRETIME",
                (Event::Expiry { .. }, _) => "EXPIRETIME_MS",
                _ => label,
            };
            marks.byte(K::Opcode, format!("opcode {name}"), about)?
        }
    };
    match event {
        Event::Aux { name, value } => {
            marks.string(K::Text, "name", string(name), "")?;
            marks.string(K::Text, "value", string(value), "")?;
        }
        Event::SelectDb { .. } => {
            marks.len("database")?;
        }
        Event::ResizeDb { .. } => {
            marks.len("keys")?;
            marks.len("keys with expiry")?;
        }
        Event::SlotInfo { .. } => {
            marks.len("slot")?;
            marks.len("keys")?;
            marks.len("keys with expiry")?;
        }
        Event::SlotImport { job, .. } => {
            marks.string(K::Text, "name of the job", string(job), "")?;
            for n in 0..marks.len("ranges")? {
                marks.len(format!("first slot of range {n}"))?;
                marks.len(format!("last slot of range {n}"))?;
            }
        }
        Event::HashTemplate { .. } => {
            marks.len("template ID")?;
            marks.len("fields")?;
        }
        Event::Function { code } => {
            marks.string(K::Text, "source", string(code), "Lua, beginning with #!lua name=...")?;
        }
        Event::FunctionPreGa { name, engine, code } => {
            marks.string(K::Text, "name", string(name), "")?;
            marks.string(K::Text, "engine", string(engine), "")?;
            if marks.len("has a description")? != 0 {
                marks.string(K::Text, "description", String::new(), "")?;
            }
            marks.string(K::Text, "source", string(code), "")?;
        }
        Event::ModuleAux { module, .. } => {
            let id = String::from_utf8_lossy(&module.name()).into_owned();
            marks.number("module ID", |_| id, MODULE_ID)?;
            marks.number("tag", tag, TAG)?;
            let when = |n| if n == 1 { "1: before the keys".into() } else { format!("{n}: after the keys") };
            marks.number("when", when, "When the module is to load it.")?;
        }
        Event::Expiry { at_ms } => {
            if marks.rest().len() >= 8 {
                marks.fixed::<8>(
                    K::Time,
                    "milliseconds",
                    |_| words::time_ms(*at_ms),
                    "Unix milliseconds in eight bytes, the lowest first.",
                )?;
            } else {
                marks.fixed::<4>(
                    K::Time,
                    "seconds",
                    |_| words::time_ms(*at_ms),
                    "Unix seconds in four bytes, the lowest first; servers before 2.6 wrote these.",
                )?;
            }
        }
        Event::Idle { .. } => {
            marks.len("seconds")?;
        }
        Event::Freq { .. } => {
            marks.fixed::<1>(K::Number, "counter", |[n]| n.to_string(), about)?;
        }
        Event::KeyMeta { .. } => {
            marks.len("classes")?;
        }
        Event::RamLru { .. } => {
            marks.len("clock")?;
        }
        Event::SlotNum { .. } => {
            marks.len("slot")?;
        }
        Event::KeyFlags { .. } => {
            marks.fixed::<4>(K::Number, "flags", |bits| format!("{:#x}", u32::from_le_bytes(bits)), about)?;
        }
        Event::FullSyncEnd => {
            marks.bytes(8, K::Frame, "zeros", |_| String::new(), about)?;
        }
        Event::CompressedBlock { .. } => {
            marks.len("compressed length")?;
        }
        _ => {}
    }
    Some(())
}

pub(crate) const MODULE_ID: &str = "Nine characters of six bits each and ten bits of version in one number. Source: module.c moduleTypeEncodeId.";
pub(crate) const TAG: &str = "What kind of field follows: 1 signed, 2 unsigned, 3 float, 4 double, 5 string, 0 the end. Source: rdb.h RDB_MODULE_OPCODE_*.";

pub(crate) fn tag(n: u64) -> String {
    let word = match n {
        0 => "end",
        1 => "signed number",
        2 => "unsigned number",
        3 => "float",
        4 => "double",
        5 => "string",
        _ => "?",
    };
    format!("{n}: {word}")
}

/// An object type in words.
pub(crate) fn object(object: ObjectType) -> (&'static str, &'static str) {
    use ObjectType as O;
    match object {
        O::String => ("string", "A string: one string follows the name. Source: rdb.h RDB_TYPE_STRING."),
        O::List => ("list", "A list: a count and so many strings. Source: rdb.h RDB_TYPE_LIST."),
        O::Set => ("set", "A set: a count and so many strings. Source: rdb.h RDB_TYPE_SET."),
        O::Zset => (
            "sorted set, scores as text",
            "A sorted set: a count, then members and scores as text. Source: rdb.h RDB_TYPE_ZSET.",
        ),
        O::Zset2 => (
            "sorted set",
            "A sorted set: a count, then members and scores in eight bytes. Source: rdb.h RDB_TYPE_ZSET_2.",
        ),
        O::Hash => ("hash", "A hash: a count, then fields and values. Source: rdb.h RDB_TYPE_HASH."),
        O::Module2 => (
            "module value",
            "A value of a module: its ID, then fields with tags. Source: rdb.h RDB_TYPE_MODULE_2.",
        ),
        O::HashZipmap => (
            "hash in a zipmap",
            "A hash in one string that holds a zipmap. Source: rdb.h RDB_TYPE_HASH_ZIPMAP.",
        ),
        O::ListZiplist => (
            "list in a ziplist",
            "A list in one string that holds a ziplist. Source: rdb.h RDB_TYPE_LIST_ZIPLIST.",
        ),
        O::SetIntset => (
            "set in an intset",
            "A set of numbers in one string that holds an intset. Source: rdb.h RDB_TYPE_SET_INTSET.",
        ),
        O::ZsetZiplist => (
            "sorted set in a ziplist",
            "A sorted set in one string that holds a ziplist: member, score, member, score. Source: rdb.h RDB_TYPE_ZSET_ZIPLIST.",
        ),
        O::HashZiplist => (
            "hash in a ziplist",
            "A hash in one string that holds a ziplist: field, value, field, value. Source: rdb.h RDB_TYPE_HASH_ZIPLIST.",
        ),
        O::ListQuicklist => (
            "list, quicklist of ziplists",
            "A list: a count of nodes, each a string that holds a ziplist. Source: rdb.h RDB_TYPE_LIST_QUICKLIST.",
        ),
        O::ListQuicklist2 => (
            "list, quicklist of listpacks",
            "A list: a count of nodes; each says whether it is one element (1) or a listpack (2). Source: rdb.h RDB_TYPE_LIST_QUICKLIST_2.",
        ),
        O::StreamListpacks => (
            "stream",
            "A stream: nodes of listpacks, counters, consumer groups. Source: rdb.h RDB_TYPE_STREAM_LISTPACKS.",
        ),
        O::StreamListpacks2 => (
            "stream, version 2",
            "A stream with first and deleted IDs. Source: rdb.h RDB_TYPE_STREAM_LISTPACKS_2.",
        ),
        O::StreamListpacks3 => (
            "stream, version 3",
            "A stream whose consumers say when they were active. Source: rdb.h RDB_TYPE_STREAM_LISTPACKS_3.",
        ),
        O::StreamListpacks4 => (
            "stream, version 4",
            "A stream that recognises what was added twice. Source: the description of type 26, Redis 8.6.",
        ),
        O::StreamListpacks5 => (
            "stream, version 5",
            "A stream with pending entries without consumer. Source: the description of type 27, Redis 8.8.",
        ),
        O::HashListpack => (
            "hash in a listpack",
            "A hash in one string that holds a listpack: field, value, field, value. Source: rdb.h RDB_TYPE_HASH_LISTPACK.",
        ),
        O::ZsetListpack => (
            "sorted set in a listpack",
            "A sorted set in one string that holds a listpack: member, score, member, score. Source: rdb.h RDB_TYPE_ZSET_LISTPACK.",
        ),
        O::SetListpack => (
            "set in a listpack",
            "A set in one string that holds a listpack. Source: rdb.h RDB_TYPE_SET_LISTPACK.",
        ),
        O::HashMetadataPreGa => (
            "hash with expiry of fields (release candidates)",
            "A hash whose fields expire, as release candidates of 7.4 wrote it. Source: rdb.h RDB_TYPE_HASH_METADATA_PRE_GA.",
        ),
        O::HashListpackExPreGa => (
            "hash with expiry of fields in a listpack (release candidates)",
            "As release candidates of 7.4 wrote it. Source: rdb.h RDB_TYPE_HASH_LISTPACK_EX_PRE_GA.",
        ),
        O::Hash2 => (
            "hash with expiry of fields (Valkey)",
            "A hash: field, value, expiry in eight bytes, -1 for none. Source: Valkey 9 rdb.h RDB_TYPE_HASH_2.",
        ),
        O::HashMetadata => (
            "hash with expiry of fields",
            "A hash: the earliest expiry, a count, then expiry, field, value. Source: rdb.h RDB_TYPE_HASH_METADATA.",
        ),
        O::HashListpackEx => (
            "hash with expiry of fields in a listpack",
            "The earliest expiry, then a listpack: field, value, expiry. Source: rdb.h RDB_TYPE_HASH_LISTPACK_EX.",
        ),
        O::Array => (
            "array",
            "An array: a count, the place of the last insertion, then places and elements. Source: the description of type 28, Redis 8.8.",
        ),
        O::HashTmplLp | O::HashTmplLpRef | O::HashTmplArray | O::HashTmplArrayRef => (
            "hash with a template",
            "A hash whose field names are stored apart from its values. Source: the description of RDB 15.",
        ),
        O::Gcra => ("rate limiter", "When the next request would be on time."),
        O::KeydbCron => {
            ("cron job (KeyDB)", "A script that runs again and again, its times, keys and arguments.")
        }
        O::DragonflyJson => ("JSON document (Dragonfly)", "A document as text."),
        _ => ("value", ""),
    }
}
