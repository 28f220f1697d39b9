//! What is wrong with a container, or worth knowing about it.

use crate::Container;

/// What kind of thing it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlawKind {
    /// The packed bytes end too early. Nothing more comes out.
    Truncated,
    /// A byte that cannot be there. Nothing more comes out.
    Malformed,
    /// Everything came out, but not with the checksum stored beside it.
    ChecksumMismatch,
    /// Bytes behind the end of the container, which nobody reads.
    TrailingBytes,
    /// There is more in the container than is opened.
    MoreInside,
    /// Opening it would need more than a limit of this reader. Nothing more comes out.
    LimitReached,
    /// A method this reader does not have. Nothing more comes out.
    Unsupported,
    /// The layout is opened as far as it is known; no sample of it was ever at hand.
    Unverified,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// What it is.
    pub kind: FlawKind,
    /// The container it is in.
    pub container: Container,
    /// How many containers are around that one; 0 for the file itself.
    pub depth: usize,
    /// The first byte concerned, counted from the start of the container's packed bytes: in the file itself where `depth` is 0,
    /// else in what the container around it holds.
    pub offset: u64,
    /// What is wrong: the end of a sentence, lower case, without a full stop.
    pub why: String,
}

impl Flaw {
    /// Does nothing come out behind it?
    pub fn is_fatal(&self) -> bool {
        matches!(
            self.kind,
            FlawKind::Truncated | FlawKind::Malformed | FlawKind::LimitReached | FlawKind::Unsupported
        )
    }
}

/// A flaw as a layer knows it: where in its own bytes. The chain adds the rest.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) kind: FlawKind,
    pub(crate) offset: u64,
    pub(crate) why: String,
}

impl Fault {
    pub(crate) fn new(kind: FlawKind, offset: u64, why: impl Into<String>) -> Self {
        Self { kind, offset, why: why.into() }
    }

    pub(crate) fn malformed(offset: u64, why: impl Into<String>) -> Self {
        Self::new(FlawKind::Malformed, offset, why)
    }
}
