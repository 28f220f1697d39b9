//! What a finding is, without a word of the file it was found in.

use snaptape_report::FindingKind;

/// One sentence for each kind.
pub(crate) fn sentence(kind: FindingKind) -> &'static str {
    match kind {
        FindingKind::Empty => "The file has no bytes.",
        FindingKind::NotADump => "The content is not a snapshot, a tape or a manifest.",
        FindingKind::Container => "A compressed or wrapped copy, named for what it is.",
        FindingKind::ContainerDamaged => {
            "A compressed or wrapped copy that is cut off, damaged, or beyond this reader."
        }
        FindingKind::Truncated => "The file ends in the middle of something.",
        FindingKind::Malformed => "A byte that cannot be there.",
        FindingKind::Unsupported => "A part of the format this build does not know.",
        FindingKind::UnverifiedLayout => "Something was read by a layout that no real file has confirmed.",
        FindingKind::Fork => "Something that only a fork of Redis or Valkey writes.",
        FindingKind::ChecksumMismatch => "The stored checksum differs from the computed one.",
        FindingKind::Mendable => "The checksum tells which bytes are wrong, and what they were.",
        FindingKind::ChecksumNotComputed => "The writer stored no checksum.",
        FindingKind::TrailingBytes => "Bytes after the end of the snapshot.",
        FindingKind::HintMismatch => "RESIZEDB or SLOT_INFO promised another number of keys.",
        FindingKind::EmptyKey => "A key without any element.",
        FindingKind::BadValue => "A value whose inside contradicts itself.",
        FindingKind::DuplicateKey => "A key that stands in its database twice.",
        FindingKind::ExpiredKeys => "Keys whose expiry has passed.",
        FindingKind::DatabaseOutOfRange => "A database a server with default settings does not have.",
        FindingKind::DatabaseRepeated => "A database whose keys do not stand together.",
        FindingKind::ModuleNeeded => "A value or record of a module the server needs to load the file.",
        FindingKind::SlotsMissing => "Hash slots without a key: a shard is likely not there.",
        FindingKind::SlotsDoubled => "Hash slots with keys in more than one file.",
        FindingKind::KeyInTwoShards => "Keys that stand in more than one file.",
        FindingKind::MisplacedKeys => "Keys under another hash slot than their own.",
        FindingKind::ShardMissing => "A number is left out among the files.",
        FindingKind::ShardTwice => "Two files hold the same keys.",
        FindingKind::ShardsDiffer => "The files come from different releases, or times.",
        FindingKind::LimitReached => "A limit of this reader was reached.",
        FindingKind::OpenMulti => "A MULTI without its EXEC at the end of the tape.",
        FindingKind::NestedMulti => "A MULTI inside a MULTI.",
        FindingKind::StrayExec => "An EXEC without a MULTI.",
        FindingKind::DiscardInBlock => "A DISCARD between MULTI and EXEC.",
        FindingKind::EmptyCommand => "A command with no arguments at all.",
        FindingKind::DestructiveCommand => "A command that empties or exchanges whole databases.",
        FindingKind::HistoryAtRisk => {
            "What was removed can still be had from the tape, until it is rewritten."
        }
        FindingKind::WrongType => {
            "Commands that fail because their key holds another type: what was written before them is missing."
        }
        FindingKind::MissingWrites => {
            "Commands that change nothing, where a server writes down only what changed something: earlier writes are missing."
        }
        FindingKind::UnknownCommand => "A command the server does not know.",
        FindingKind::WrongArity => "A command with a number of words it does not take.",
        FindingKind::UnrepeatableCommand => "A command that does something else when it runs again.",
        FindingKind::EmptyTransaction => "A DISCARD, or a block without a command: no server writes them.",
        FindingKind::LongTransaction => "A MULTI .",
        FindingKind::DoubledCommands => "Commands that stand there twice.",
        FindingKind::SelectMissing => "A file whose first write stands before any SELECT.",
        FindingKind::TimeBackwards => "Timestamps that run backwards.",
        FindingKind::BadAnnotation => "A # line that says nothing.",
        FindingKind::ZeroBytes => "A tail or block of zero bytes.",
        FindingKind::LineEnding => "A line ends with LF where CRLF belongs.",
        FindingKind::ManifestInvalid => "The manifest cannot be parsed.",
        FindingKind::ManifestEmpty => "The manifest lists nothing.",
        FindingKind::ManifestMissing => "There are tape files but no manifest.",
        FindingKind::MissingFile => "The manifest lists a file that is not there.",
        FindingKind::UnlistedFile => "A file that the manifest does not list.",
        FindingKind::HistoryFile => "A history file, waiting to be deleted by the server.",
        FindingKind::NotLastFile => "Damage in a file that is not the last one.",
        FindingKind::IncrementGap => "A number is left out among the increments.",
        FindingKind::ListedTwice => "The manifest lists a file twice.",
        FindingKind::OffsetGap => "Replication offsets of the manifest that do not follow each other.",
        FindingKind::NotWhatItsNameSays => "A file whose contents are not what its name or its line says.",
        FindingKind::BaseMismatch => "A base that does not belong to its increments.",
        FindingKind::OldStyleFile => "An old-style file beside an append-only directory.",
        FindingKind::FileChanged => "The file changed or became shorter while it was read.",
        _ => "Something that this version has no sentence for.",
    }
}
