//! The one error of the parser crates.

use alloc::{boxed::Box, string::String};
use core::fmt;

use crate::Offset;

/// Why bytes could not be read, where, and what was being read.
///
/// One word wide, so that `Result<u8, Error>` stays cheap to return.
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    offset: u64,
    context: Option<String>,
}

/// What is wrong. Variants carry the facts, the message is made from them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The input ended inside something.
    UnexpectedEnd {
        /// At least this many more bytes belong there.
        missing: u64,
    },
    /// The first bytes are no magic this parser knows.
    BadMagic,
    /// A version outside what any release wrote.
    BadVersion {
        /// The number in the header.
        got: u16,
    },
    /// A byte where an opcode or object type belongs.
    UnknownOpcode {
        /// The byte.
        opcode: u8,
    },
    /// An opcode or object type that is known by name, but not how it is stored.
    Unsupported {
        /// Its number.
        number: u8,
        /// What it is, and whose.
        what: &'static str,
    },
    /// The first byte of a length is not one.
    InvalidLength {
        /// The byte.
        byte: u8,
    },
    /// A string encoding that does not exist.
    InvalidStringEncoding {
        /// The byte.
        byte: u8,
    },
    /// LZF data that cannot be unpacked.
    InvalidLzf {
        /// What is wrong with it.
        why: &'static str,
    },
    /// A packed value (ziplist, listpack, intset, zipmap) that contradicts itself.
    InvalidBlob {
        /// Which encoding.
        encoding: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Something else that cannot be there.
    Invalid {
        /// What it is.
        what: &'static str,
    },
    /// A line of the append-only protocol that cannot be there.
    Protocol {
        /// What is wrong.
        why: &'static str,
        /// The byte found there, if there is one.
        got: Option<u8>,
    },
    /// More than a limit of this reader allows.
    LimitExceeded {
        /// Which limit.
        limit: &'static str,
        /// Its value.
        max: u64,
        /// What the input asks for.
        got: u64,
    },
    /// The parser was asked again after it had failed.
    PolledAfterError,
}

impl Error {
    /// An error at `offset`, the first byte that is wrong, counted from the start of the file.
    #[cold]
    pub fn new(kind: ErrorKind, offset: u64) -> Self {
        Self(Box::new(Inner { kind, offset, context: None }))
    }

    /// What is wrong.
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The first byte that is wrong, counted from the start of the file.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// What was being read: `key 1204 "user:9" / list / node 3`.
    pub fn context(&self) -> Option<&str> {
        self.0.context.as_deref()
    }

    /// The same error, with what was being read.
    #[must_use]
    pub fn with_context(mut self, context: String) -> Self {
        self.0.context = Some(context);
        self
    }

    /// The same error found `by` bytes further on: for errors of an inner parser that counts from its own start.
    #[must_use]
    pub fn shifted(mut self, by: u64) -> Self {
        self.0.offset = self.0.offset.saturating_add(by);
        self
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnexpectedEnd { missing: 1 } => write!(f, "the file ends here, at least 1 byte is missing"),
            Self::UnexpectedEnd { missing } => {
                write!(f, "the file ends here, at least {missing} bytes are missing")
            }
            Self::BadMagic => write!(f, "not a Redis or Valkey snapshot"),
            Self::BadVersion { got } => write!(f, "RDB version {got} is not known"),
            Self::UnknownOpcode { opcode } => write!(f, "unknown opcode or object type 0x{opcode:02x}"),
            Self::Unsupported { number, what } => write!(f, "{what} (number {number}) cannot be read"),
            Self::InvalidLength { byte } => write!(f, "invalid length encoding 0x{byte:02x}"),
            Self::InvalidStringEncoding { byte } => write!(f, "invalid string encoding 0x{byte:02x}"),
            Self::InvalidLzf { why } => write!(f, "invalid LZF data: {why}"),
            Self::InvalidBlob { encoding, why } => write!(f, "invalid {encoding}: {why}"),
            Self::Invalid { what } => write!(f, "invalid {what}"),
            Self::Protocol { why, got: Some(byte) } => write!(f, "{why}, found 0x{byte:02x}"),
            Self::Protocol { why, got: None } => write!(f, "{why}"),
            Self::LimitExceeded { limit, max, got } => {
                write!(f, "{limit} is {got}, this reader allows {max}")
            }
            Self::PolledAfterError => write!(f, "asked again after an error"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at offset {}", self.0.kind, Offset(self.0.offset))?;
        if let Some(context) = &self.0.context {
            write!(f, ", in {context}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl core::error::Error for Error {}
