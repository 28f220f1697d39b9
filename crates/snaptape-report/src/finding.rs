//! Facts about the input that somebody should know.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// How much a finding matters.
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
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// Legal, but likely to surprise.
    Warning,
    /// The input is damaged, or a server would refuse it or lose data.
    Error,
}

/// The verdict over a whole input.
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
pub enum Verdict {
    /// No finding of severity error.
    Sound,
    /// Damaged at the very end or in its bookkeeping only: a repair loses at most what was torn.
    Recoverable,
    /// Damaged, and something that can still be read lies behind the damage or in doubt.
    Damaged,
    /// Nothing in it can be read as a snapshot or a tape.
    Unusable,
}

/// What kind of thing was found. The words are stable: scripts match on them.
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
#[non_exhaustive]
pub enum FindingKind {
    /// The file has no bytes.
    Empty,
    /// The content is not a snapshot, a tape or a manifest.
    NotADump,
    /// A compressed or wrapped copy, named for what it is.
    Container,
    /// A compressed or wrapped copy that is cut off, damaged, or beyond this reader. Its span is one of the file on disk.
    ContainerDamaged,
    /// The file ends in the middle of something.
    Truncated,
    /// A byte that cannot be there.
    Malformed,
    /// A part of the format this build does not know.
    Unsupported,
    /// Something was read by a layout that no real file has confirmed.
    UnverifiedLayout,
    /// Something that only a fork of Redis or Valkey writes.
    Fork,
    /// The stored checksum differs from the computed one.
    ChecksumMismatch,
    /// The checksum tells which bytes are wrong, and what they were.
    Mendable,
    /// The writer stored no checksum.
    ChecksumNotComputed,
    /// Bytes after the end of the snapshot.
    TrailingBytes,
    /// RESIZEDB or SLOT_INFO promised another number of keys.
    HintMismatch,
    /// A key without any element.
    EmptyKey,
    /// A value whose inside contradicts itself.
    BadValue,
    /// A key that stands in its database twice.
    DuplicateKey,
    /// Keys whose expiry has passed.
    ExpiredKeys,
    /// A database a server with default settings does not have.
    DatabaseOutOfRange,
    /// A database whose keys do not stand together.
    DatabaseRepeated,
    /// A value or record of a module the server needs to load the file.
    ModuleNeeded,
    /// Hash slots without a key: a shard is likely not there.
    SlotsMissing,
    /// Hash slots with keys in more than one file.
    SlotsDoubled,
    /// Keys that stand in more than one file.
    KeyInTwoShards,
    /// Keys under another hash slot than their own.
    MisplacedKeys,
    /// A number is left out among the files.
    ShardMissing,
    /// Two files hold the same keys.
    ShardTwice,
    /// The files come from different releases, or times.
    ShardsDiffer,
    /// A limit of this reader was reached.
    LimitReached,
    /// A MULTI without its EXEC at the end of the tape.
    OpenMulti,
    /// A MULTI inside a MULTI.
    NestedMulti,
    /// An EXEC without a MULTI.
    StrayExec,
    /// A DISCARD between MULTI and EXEC.
    DiscardInBlock,
    /// A command with no arguments at all.
    EmptyCommand,
    /// A command that removes whole databases.
    DestructiveCommand,
    /// What was removed can still be had from the tape, until it is rewritten.
    HistoryAtRisk,
    /// Commands that fail because their key holds another type: what was written before them is missing.
    WrongType,
    /// Commands that change nothing, where a server writes down only what changed something: earlier writes are missing.
    MissingWrites,
    /// A command the server does not know.
    UnknownCommand,
    /// A command with a number of words it does not take.
    WrongArity,
    /// A command that does something else when it runs again.
    UnrepeatableCommand,
    /// A DISCARD, or a block without a command: no server writes them.
    EmptyTransaction,
    /// A MULTI ... EXEC block of more commands than anybody sends.
    LongTransaction,
    /// Commands that stand there twice.
    DoubledCommands,
    /// A file whose first write stands before any SELECT.
    SelectMissing,
    /// Timestamps that run backwards.
    TimeBackwards,
    /// A `#` line that says nothing.
    BadAnnotation,
    /// A tail or block of zero bytes.
    ZeroBytes,
    /// A line ends with LF where CRLF belongs.
    LineEnding,
    /// The manifest cannot be parsed.
    ManifestInvalid,
    /// The manifest lists nothing.
    ManifestEmpty,
    /// There are tape files but no manifest.
    ManifestMissing,
    /// The manifest lists a file that is not there.
    MissingFile,
    /// A file that the manifest does not list.
    UnlistedFile,
    /// A history file, waiting to be deleted by the server.
    HistoryFile,
    /// Damage in a file that is not the last one.
    NotLastFile,
    /// A number is left out among the increments.
    IncrementGap,
    /// The manifest lists a file twice.
    ListedTwice,
    /// Replication offsets of the manifest that do not follow each other.
    OffsetGap,
    /// A file whose contents are not what its name or its line says.
    NotWhatItsNameSays,
    /// A base that does not belong to its increments.
    BaseMismatch,
    /// An old-style file beside an append-only directory.
    OldStyleFile,
    /// The file changed or became shorter while it was read.
    FileChanged,
}

/// A fact about the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// What it is.
    pub kind: FindingKind,
    /// Path of the file as it was given; empty when it concerns the whole set.
    pub file: String,
    /// First byte concerned, from the start of that file.
    pub start: u64,
    /// Byte after the last one concerned.
    pub end: u64,
    /// One sentence a tired person understands, with what it means for the server and the check tool.
    pub message: String,
}
