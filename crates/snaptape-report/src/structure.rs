//! What the bytes of a region are.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{Finding, Report, Role, SnapshotPlace};

/// What a span is, for the eye.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SpanKind {
    /// Several that belong together.
    Group,
    /// The first bytes of a file, or its version.
    Magic,
    /// The number of an opcode.
    Opcode,
    /// The number of an object type, or the tag of a field.
    Type,
    /// A length, a count, or the encoding of what follows.
    Length,
    /// The name of a key.
    Key,
    /// Text, or bytes of the user.
    Text,
    /// A number.
    Number,
    /// A moment, or a stretch of time.
    Time,
    /// What only frames: line ends, end markers, lengths for walks from the back.
    Frame,
    /// A checksum.
    Checksum,
    /// What cannot be read.
    Damage,
    /// What is not looked into.
    Opaque,
}

impl SpanKind {
    /// Its word in documents.
    pub fn id(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Magic => "magic",
            Self::Opcode => "opcode",
            Self::Type => "type",
            Self::Length => "length",
            Self::Key => "key",
            Self::Text => "text",
            Self::Number => "number",
            Self::Time => "time",
            Self::Frame => "frame",
            Self::Checksum => "checksum",
            Self::Damage => "damage",
            Self::Opaque => "opaque",
        }
    }
}

/// Bytes that are one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ByteSpan {
    /// First byte.
    pub start: u64,
    /// Byte after the last one. Of a span that goes on, how far it was read.
    pub end: u64,
    /// Does it go on behind `end`?
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub goes_on: bool,
    /// What it is.
    pub kind: SpanKind,
    /// The same in words.
    pub label: String,
    /// What it says, shortened.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// What there is to know of such bytes, with the place in a server's source.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Do its bytes unpack to others, which have a structure of their own? Ask for it with [`StructureQuery::inside`].
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub unpacks: bool,
    /// Its parts, as far as they lie in the region that was asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Self>,
}

/// Which region is to be taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct StructureQuery {
    /// First byte, in the contents of the file (or, with `inside`, in what was unpacked).
    pub start: u64,
    /// How many bytes.
    pub len: u64,
    /// Of the bytes that the span unpacks to which begins at this offset of the file.
    pub inside: Option<u64>,
}

/// The structure of a region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct StructurePage {
    /// First byte of the region.
    pub start: u64,
    /// Byte after its last one that was taken apart: before the end asked for where there were too many spans.
    pub end: u64,
    /// The spans that lie in it or reach into it, in order.
    pub spans: Vec<ByteSpan>,
    /// The bytes of the region; only of what was unpacked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bytes: Vec<u8>,
    /// How many bytes there are in all, in the file or in what was unpacked.
    pub total_bytes: u64,
    /// Why it ends early: one sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<String>,
}

/// The answer of `snaptape bytes --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct BytesReport {
    /// [`crate::BYTES_SCHEMA`].
    pub schema: String,
    /// The file.
    pub file: String,
    /// The region, and its bytes.
    pub page: StructurePage,
    /// The findings that lie in it.
    pub findings: Vec<Finding>,
}

/// A stretch that cannot be read, and what is known of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KnownHole {
    /// First byte.
    pub start: u64,
    /// Where reading goes on.
    pub end: u64,
    /// The database of what follows.
    pub db: u64,
}

/// What is known of a file that helps to take a region of it apart: a place before it from which the file can be read, and damage.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct FilePlaces {
    /// Its path in the report.
    pub file: String,
    /// Length of its contents.
    pub content_bytes: u64,
    /// Is it a manifest?
    pub is_manifest: bool,
    /// Magic and version of the snapshot it is or begins with.
    pub snapshot: Option<(String, u16)>,
    /// Where its commands begin, if it has some.
    pub tape_start: Option<u64>,
    /// The place to begin at.
    pub place: SnapshotPlace,
    /// Stretches of the snapshot that cannot be read.
    pub holes: Vec<KnownHole>,
    /// Places on the tape from which it can be read on, behind the one to begin at.
    pub resume: Vec<u64>,
}

impl FilePlaces {
    /// Most holes and places that are passed on.
    const MOST: usize = 64;

    /// What `report` knows of file number `file` for the byte at `offset`.
    pub fn of(report: &Report, file: usize, offset: u64) -> Option<Self> {
        let about = report.files.get(file)?;
        let tape = report.tape.as_ref();
        let index = tape.and_then(|tape| tape.files.iter().position(|file| file.file == about.name));
        let commands = tape.zip(index).and_then(|(tape, index)| tape.files.get(index));
        let has_commands = commands.filter(|file| file.start < file.end || file.behind.is_some());
        let tape_start = has_commands.map(|file| file.start);
        let mut resume: Vec<u64> = tape_start.into_iter().collect();
        let of_file = |place: &u32| usize::try_from(*place).ok() == index;
        let known = tape.iter().flat_map(|tape| &tape.checkpoints);
        resume.extend(known.filter(|place| of_file(&place.file)).map(|place| place.offset));
        let behind = has_commands.and_then(|file| file.behind.as_ref());
        resume.extend(behind.iter().flat_map(|behind| &behind.places).map(|place| place.offset));
        resume.sort_unstable();
        let mut place = SnapshotPlace::default();
        let mut take = |found: SnapshotPlace| {
            if found.offset <= offset && found.offset > place.offset {
                place = found;
            }
        };
        let holes: Vec<KnownHole> = about
            .holes
            .iter()
            .map(|hole| KnownHole { start: hole.start, end: hole.end, db: hole.db_after.unwrap_or(0) })
            .collect();
        for known in about.snapshot.iter().flat_map(|snapshot| &snapshot.places) {
            take(*known);
        }
        for hole in holes.iter().filter(|hole| hole.end < about.content_bytes()) {
            take(SnapshotPlace { offset: hole.end, db: hole.db });
        }
        for at in &resume {
            take(SnapshotPlace { offset: *at, db: 0 });
        }
        Some(Self {
            file: about.name.clone(),
            content_bytes: about.content_bytes(),
            is_manifest: about.role == Role::Manifest,
            snapshot: about.snapshot.as_ref().map(|snapshot| (snapshot.magic.clone(), snapshot.rdb_version)),
            tape_start,
            holes: holes.into_iter().filter(|hole| hole.end > place.offset).take(Self::MOST).collect(),
            resume: resume.into_iter().filter(|at| *at > place.offset).take(Self::MOST).collect(),
            place,
        })
    }
}
