//! The insides of packed values: listpack, ziplist, intset, zipmap.

use snaptape_rdb::Packing;
use snaptape_report::SpanKind;
use snaptape_wire::{
    Error, Offset,
    packed::{Entry, Intset, Listpack, Ziplist, Zipmap},
};

use crate::{
    mark::Marks,
    roles::Roles,
    tree::{Head, Tree},
    words,
};

const TOTAL: &str =
    "Length of the whole in bytes, this field and the end marker included, the lowest byte first.";
const LP_COUNT: &str =
    "Number of entries, the lowest byte first; 65,535 means: count them. Source: listpack.c lpLength.";
const END: &str = "The end marker 0xFF.";
const LP_ENTRY: &str = "An entry of a listpack: encoding, data, and the length of both for walks from the back. Source: listpack.c.";
const LP_ENCODING: &str = "How the data is stored: small numbers in this very byte (0xxxxxxx), strings of up to 63 bytes (10xxxxxx), 13-bit numbers (110xxxxx), longer strings (1110xxxx, 0xF0), numbers of 16, 24, 32 and 64 bits (0xF1 - 0xF4). Source: listpack.c.";
const LP_BACK: &str = "Length of the entry before this field, so that the listpack can be walked from the back. Source: listpack.c lpEncodeBacklen.";
const ZL_TAIL: &str =
    "Offset of the last entry, the lowest byte first. Source: ziplist.c ZIPLIST_TAIL_OFFSET.";
const ZL_COUNT: &str =
    "Number of entries, the lowest byte first; 65,535 means: count them. Source: ziplist.c ziplistLen.";
const ZL_ENTRY: &str =
    "An entry of a ziplist: the length of the entry before it, encoding, data. Source: ziplist.c.";
const ZL_PREVIOUS: &str = "Length of the entry before this one: one byte, or 0xFE and four bytes. Source: ziplist.c zipStorePrevEntryLength.";
const ZL_ENCODING: &str = "How the data is stored: strings with lengths of 6, 14 or 32 bits (00, 01, 10 on top), numbers of 8, 16, 24, 32 and 64 bits (0xFE, 0xC0, 0xF0, 0xD0, 0xE0), or 0 - 12 in this very byte (0xF1 - 0xFD). Source: ziplist.c.";
const IS_WIDTH: &str = "Bytes of each number: 2, 4 or 8. Source: intset.h.";
const IS_COUNT: &str = "How many numbers there are, the lowest byte first. Source: intset.h.";
const IS_VALUE: &str = "A member, signed, the lowest byte first; members are sorted. Source: intset.c.";
const ZM_COUNT: &str = "Number of pairs; from 254 on: count them. Source: zipmap.c.";
const ZM_LEN: &str = "Length of the string: one byte, or 0xFE and four bytes. Source: zipmap.c.";
const ZM_FREE: &str =
    "Unused bytes behind the value, left over by a shorter value written later. Source: zipmap.c.";

/// Names the bytes of a blob that begins at `start`.
pub(crate) fn blob(bytes: &[u8], start: u64, packing: Packing, roles: Roles, tree: &mut Tree) {
    let end = start + bytes.len() as u64;
    if !tree.shows(&(start..end)) {
        return;
    }
    let depth = tree.depth();
    let mut marks = Marks::new(bytes, start, tree);
    let result = match packing {
        Packing::Listpack => listpack(&mut marks, bytes, roles),
        Packing::Ziplist => ziplist(&mut marks, bytes, roles),
        Packing::Intset => intset(&mut marks, bytes),
        Packing::Zipmap => zipmap(&mut marks, bytes, roles),
    };
    let at = marks.offset();
    if let Err(error) = result {
        while marks.tree.depth() > depth {
            marks.tree.close(at);
        }
        let why = || format!("{} (at byte {} of it)", error.kind(), Offset(error.offset()));
        let about = "What follows in this value cannot be told apart.";
        marks.tree.leaf(at..end, SpanKind::Damage, "contradicts itself", why, about);
    } else {
        marks.finish();
    }
}

fn value(entry: Entry<'_>) -> String {
    match entry {
        Entry::Bytes(bytes) => words::text(bytes),
        Entry::Int(n) => n.to_string(),
    }
}

fn u32_text(bytes: [u8; 4]) -> String {
    u32::from_le_bytes(bytes).to_string()
}

/// What a header says of the entries: a number they are too many for means nothing.
fn entries_text(bytes: [u8; 2]) -> String {
    match u16::from_le_bytes(bytes) {
        u16::MAX => "count them".into(),
        n => n.to_string(),
    }
}

/// The encoding of an entry, `head` bytes, and its data; `about` says what is to be known of the two.
fn encoded(marks: &mut Marks<'_, '_>, entry: Entry<'_>, [head, data]: [u64; 2], about: [&'static str; 2]) {
    let (label, kind) = match entry {
        Entry::Bytes(_) => ("encoding and length", SpanKind::Text),
        Entry::Int(_) if data == 0 => ("encoding and number", SpanKind::Number),
        Entry::Int(_) => ("encoding", SpanKind::Number),
    };
    let inside = |_: &[u8]| if data == 0 { value(entry) } else { data.to_string() };
    marks.bytes(head, SpanKind::Length, label, inside, about[0]);
    marks.bytes(data, kind, "data", |_| value(entry), about[1]);
}

fn listpack(marks: &mut Marks<'_, '_>, bytes: &[u8], mut roles: Roles) -> Result<(), Error> {
    let mut entries = Listpack::new(bytes)?;
    marks.fixed(SpanKind::Length, "listpack: total bytes", u32_text, TOTAL);
    marks.fixed(SpanKind::Length, "listpack: entries", entries_text, LP_COUNT);
    let base = marks.offset() - entries.offset() as u64;
    while let Some(entry) = entries.next() {
        let (entry, end) = (entry?, base + entries.offset() as u64);
        let label = roles.next(entry);
        let start = marks.offset();
        if !marks.tree.shows(&(start..end)) {
            marks.skip(end - start);
            continue;
        }
        marks.tree.open(Head { value: value(entry), ..Head::new(start, SpanKind::Group, label, LP_ENTRY) });
        let first = marks.rest().first().copied().unwrap_or(0);
        let (head, data) = match (first, entry) {
            (0x80..=0xbf, Entry::Bytes(bytes)) => (1, bytes.len() as u64),
            (0xe0..=0xef, Entry::Bytes(bytes)) => (2, bytes.len() as u64),
            (_, Entry::Bytes(bytes)) => (5, bytes.len() as u64),
            (0xc0..=0xdf, _) => (2, 0),
            (0xf1, _) => (1, 2),
            (0xf2, _) => (1, 3),
            (0xf3, _) => (1, 4),
            (0xf4, _) => (1, 8),
            _ => (1, 0),
        };
        encoded(marks, entry, [head, data], [LP_ENCODING, LP_ENTRY]);
        let back = end - marks.offset();
        marks.bytes(back, SpanKind::Frame, "length backwards", |_| (head + data).to_string(), LP_BACK);
        marks.tree.close(end);
    }
    marks.bytes(1, SpanKind::Frame, "end of listpack", |_| "0xFF".into(), END);
    Ok(())
}

fn ziplist(marks: &mut Marks<'_, '_>, bytes: &[u8], mut roles: Roles) -> Result<(), Error> {
    let mut entries = Ziplist::new(bytes)?;
    marks.fixed(SpanKind::Length, "ziplist: total bytes", u32_text, TOTAL);
    marks.fixed(SpanKind::Length, "ziplist: offset of the last entry", u32_text, ZL_TAIL);
    marks.fixed(SpanKind::Length, "ziplist: entries", entries_text, ZL_COUNT);
    let base = marks.offset() - entries.offset() as u64;
    while let Some(entry) = entries.next() {
        let (entry, end) = (entry?, base + entries.offset() as u64);
        let label = roles.next(entry);
        let start = marks.offset();
        if !marks.tree.shows(&(start..end)) {
            marks.skip(end - start);
            continue;
        }
        marks.tree.open(Head { value: value(entry), ..Head::new(start, SpanKind::Group, label, ZL_ENTRY) });
        let long = marks.rest().first() == Some(&0xfe);
        let previous = |bytes: &[u8]| match bytes {
            [_, rest @ ..] if long => rest.first_chunk().map_or_else(String::new, |n| u32_text(*n)),
            [n, ..] => n.to_string(),
            [] => String::new(),
        };
        marks.bytes(
            if long { 5 } else { 1 },
            SpanKind::Frame,
            "length of the entry before",
            previous,
            ZL_PREVIOUS,
        );
        let first = marks.rest().first().copied().unwrap_or(0);
        let head = match first {
            0x40..=0x7f => 2,
            0x80..=0xbf => 5,
            _ => 1,
        };
        let data = (end - marks.offset()).saturating_sub(head);
        encoded(marks, entry, [head, data], [ZL_ENCODING, ZL_ENTRY]);
        marks.tree.close(end);
    }
    marks.bytes(1, SpanKind::Frame, "end of ziplist", |_| "0xFF".into(), END);
    Ok(())
}

fn intset(marks: &mut Marks<'_, '_>, bytes: &[u8]) -> Result<(), Error> {
    let members = Intset::new(bytes)?;
    let width = marks.fixed(SpanKind::Length, "intset: bytes of a number", u32_text, IS_WIDTH);
    marks.fixed(SpanKind::Length, "intset: members", u32_text, IS_COUNT);
    let width = width.map_or(2, |width| u64::from(u32::from_le_bytes(width)));
    for (n, member) in members.enumerate() {
        let member = member?;
        marks.bytes(width, SpanKind::Number, format!("member {n}"), |_| value(member), IS_VALUE);
    }
    Ok(())
}

fn zipmap(marks: &mut Marks<'_, '_>, bytes: &[u8], mut roles: Roles) -> Result<(), Error> {
    let mut entries = Zipmap::new(bytes)?;
    marks.bytes(
        1,
        SpanKind::Length,
        "zipmap: pairs",
        |n| n.first().map_or_else(String::new, u8::to_string),
        ZM_COUNT,
    );
    let base = marks.offset() - entries.offset() as u64;
    let mut is_value = false;
    while let Some(entry) = entries.next() {
        let (entry, end) = (entry?, base + entries.offset() as u64);
        let label = roles.next(entry);
        let start = marks.offset();
        marks.tree.open(Head { value: value(entry), ..Head::new(start, SpanKind::Group, label, "") });
        let head = if marks.rest().first() == Some(&0xfe) { 5 } else { 1 };
        let len = entry.len();
        marks.bytes(head, SpanKind::Length, "length", |_| len.to_string(), ZM_LEN);
        if is_value {
            let free = |n: &[u8]| n.first().map_or_else(String::new, u8::to_string);
            marks.bytes(1, SpanKind::Length, "unused bytes", free, ZM_FREE);
        }
        marks.bytes(len, SpanKind::Text, "data", |_| value(entry), "");
        let left = end - marks.offset();
        marks.bytes(left, SpanKind::Opaque, "unused", |_| left.to_string(), ZM_FREE);
        marks.tree.close(end);
        is_value = !is_value;
    }
    marks.bytes(1, SpanKind::Frame, "end of zipmap", |_| "0xFF".into(), END);
    Ok(())
}
