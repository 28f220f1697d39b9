//! As much of the protocol as a test needs to ask a server.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
};

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// A line of text, as `+OK`.
    Line(String),
    /// An error, with its first word.
    Error(String),
    /// A number.
    Integer(i64),
    /// A string.
    Bytes(Vec<u8>),
    /// No string, or no list.
    Nil,
    /// A list.
    List(Vec<Reply>),
}

impl Reply {
    /// A line, a number, or a string as text.
    ///
    /// # Panics
    /// If it is anything else.
    pub fn text(self) -> String {
        match self {
            Self::Line(text) => text,
            Self::Integer(number) => number.to_string(),
            Self::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            other => panic!("the server says {other:?}"),
        }
    }

    /// A number.
    ///
    /// # Panics
    /// If it is anything else.
    pub fn integer(self) -> i64 {
        match self {
            Self::Integer(number) => number,
            other => panic!("the server says {other:?}"),
        }
    }

    /// A string.
    ///
    /// # Panics
    /// If it is anything else.
    pub fn bytes(self) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes,
            other => panic!("the server says {other:?}"),
        }
    }

    /// A list.
    ///
    /// # Panics
    /// If it is anything else.
    pub fn list(self) -> Vec<Reply> {
        match self {
            Self::List(items) => items,
            other => panic!("the server says {other:?}"),
        }
    }
}

/// Appends a command as servers read them.
pub(crate) fn append<W: AsRef<[u8]>>(bytes: &mut Vec<u8>, words: &[W]) {
    bytes.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
    for word in words {
        let word = word.as_ref();
        bytes.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
        bytes.extend_from_slice(word);
        bytes.extend_from_slice(b"\r\n");
    }
}

pub(crate) struct Connection(BufReader<UnixStream>);

impl Connection {
    pub(crate) fn new(stream: UnixStream) -> Self {
        Self(BufReader::new(stream))
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(bytes)
    }

    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut line = Vec::new();
        self.0.read_until(b'\n', &mut line)?;
        let Some(line) = line.strip_suffix(b"\r\n") else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        let line = String::from_utf8_lossy(line);
        let strange = || io::Error::new(io::ErrorKind::InvalidData, line.clone().into_owned());
        let (kind, text) = line.split_at_checked(1).ok_or_else(strange)?;
        let number = || text.parse::<i64>().map_err(|_| strange());
        Ok(match kind {
            "+" => Reply::Line(text.into()),
            "-" => Reply::Error(text.into()),
            ":" => Reply::Integer(number()?),
            "$" => match usize::try_from(number()?) {
                Ok(len) => {
                    let mut bytes = vec![0; len + 2];
                    self.0.read_exact(&mut bytes)?;
                    bytes.truncate(len);
                    Reply::Bytes(bytes)
                }
                Err(_) => Reply::Nil,
            },
            "*" => match usize::try_from(number()?) {
                Ok(items) => Reply::List((0..items).map(|_| self.reply()).collect::<io::Result<_>>()?),
                Err(_) => Reply::Nil,
            },
            _ => return Err(strange()),
        })
    }
}
