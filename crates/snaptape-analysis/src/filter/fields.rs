//! The fields a filter knows.

use super::{Group, amount::Unit};

/// A figure of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    Db,
    Elements,
    FileBytes,
    Freq,
    Idle,
    LargestElement,
    Memory,
    NameBytes,
    Offset,
    Payload,
    Slot,
}

/// How the value of a field is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reads {
    Type,
    Encoding,
    File,
    Glob,
    Regex,
    Counted(Group),
    Ttl,
    ExpiresAt,
    Figure(Field, Unit),
}

/// A field as people write it.
#[derive(Debug)]
pub(super) struct Known {
    /// The name that is offered.
    pub(super) name: &'static str,
    /// Other names it has.
    pub(super) also: &'static [&'static str],
    pub(super) reads: Reads,
    /// What it is, for who has not heard of it.
    pub(super) note: &'static str,
    /// What could stand behind it.
    pub(super) example: &'static str,
}

/// All of them, in the order they are offered.
pub(super) const FIELDS: [Known; 19] = [
    known("type", &[], Reads::Type, "what TYPE answers", "type:hash,zset"),
    known(
        "mem",
        &["memory", "memory_bytes"],
        Reads::Figure(Field::Memory, Unit::Bytes),
        "estimated memory",
        "mem>1mb",
    ),
    known("ttl", &[], Reads::Ttl, "time to live, from now on", "ttl:none"),
    known("match", &["glob"], Reads::Glob, "the name, as KEYS matches it", "match:user:*"),
    known("regex", &["re"], Reads::Regex, "the name, by a regular expression", "regex:^user:\\d+$"),
    known("encoding", &["enc"], Reads::Encoding, "what OBJECT ENCODING answers", "encoding:listpack"),
    known(
        "elements",
        &["len"],
        Reads::Figure(Field::Elements, Unit::Count),
        "LLEN, HLEN, SCARD, STRLEN ...",
        "elements>=10k",
    ),
    known("db", &["database"], Reads::Figure(Field::Db, Unit::Count), "the database", "db:0"),
    known(
        "file_bytes",
        &["disk"],
        Reads::Figure(Field::FileBytes, Unit::Bytes),
        "bytes in the file",
        "file_bytes>64kb",
    ),
    known(
        "payload",
        &["payload_bytes"],
        Reads::Figure(Field::Payload, Unit::Bytes),
        "name and element bytes",
        "payload>1mb",
    ),
    known(
        "largest",
        &["largest_element_bytes"],
        Reads::Figure(Field::LargestElement, Unit::Bytes),
        "bytes of its longest element",
        "largest>100kb",
    ),
    known(
        "idle",
        &["idle_s"],
        Reads::Figure(Field::Idle, Unit::Seconds),
        "not used for so long before saving",
        "idle>30d",
    ),
    known("freq", &[], Reads::Figure(Field::Freq, Unit::Count), "LFU counter, 0 to 255", "freq<5"),
    known("expires", &[], Reads::ExpiresAt, "when it expires, UTC", "expires<2026-12-01"),
    known("slot", &[], Reads::Figure(Field::Slot, Unit::Count), "hash slot of a cluster", "slot:0..5460"),
    known("file", &[], Reads::File, "path of its file, or a part of it", "file:shard-1"),
    known(
        "name_bytes",
        &[],
        Reads::Figure(Field::NameBytes, Unit::Bytes),
        "length of its name",
        "name_bytes>200",
    ),
    known(
        "pattern",
        &[],
        Reads::Counted(Group::Pattern),
        "counted under this pattern",
        "pattern:user:{int}:profile",
    ),
    known(
        "under",
        &[],
        Reads::Counted(Group::Under),
        "counted under this pattern, or a longer one",
        "under:user:{int}",
    ),
];

/// What is written by links, or for who looks for a place of the file; it is not offered.
const OTHERS: [Known; 3] = [
    known("offset", &[], Reads::Figure(Field::Offset, Unit::Bytes), "offset of its entry", "offset>1gb"),
    known("template", &[], Reads::Counted(Group::Template), "counted under this template", "template:user:*"),
    known("group", &[], Reads::Counted(Group::Found), "counted under what pattern-regex found", "group:eu"),
];

const fn known(
    name: &'static str,
    also: &'static [&'static str],
    reads: Reads,
    note: &'static str,
    example: &'static str,
) -> Known {
    Known { name, also, reads, note, example }
}

/// The field of this name, in whatever case.
pub(super) fn find(name: &str) -> Option<&'static Known> {
    let is = |known: &&Known| {
        known.name.eq_ignore_ascii_case(name) || known.also.iter().any(|also| also.eq_ignore_ascii_case(name))
    };
    FIELDS.iter().chain(&OTHERS).find(is)
}
