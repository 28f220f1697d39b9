//! A string, looked at as something.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

/// Ways to look at bytes.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// As whatever it most likely is.
    #[default]
    Auto,
    /// Text; bytes that are none escaped.
    Text,
    /// JSON, as a tree.
    Json,
    /// MessagePack, as a tree.
    MessagePack,
    /// What a container (gzip, zlib, zstd, LZ4, zip) holds.
    Unpacked,
    /// Bytes in hexadecimal beside text.
    Hex,
    /// Base64.
    Base64,
    /// As `redis-cli` prints it: in quotes, escaped.
    Quoted,
    /// The estimate of a HyperLogLog.
    HyperLogLog,
}

impl Format {
    /// All, in the order of menus.
    pub const ALL: [Self; 9] = [
        Self::Auto,
        Self::Text,
        Self::Json,
        Self::MessagePack,
        Self::Unpacked,
        Self::Hex,
        Self::Base64,
        Self::Quoted,
        Self::HyperLogLog,
    ];

    /// One word, for addresses and the command line. Stable.
    pub fn id(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Text => "text",
            Self::Json => "json",
            Self::MessagePack => "msgpack",
            Self::Unpacked => "unpacked",
            Self::Hex => "hex",
            Self::Base64 => "base64",
            Self::Quoted => "quoted",
            Self::HyperLogLog => "hll",
        }
    }

    /// For menus.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "As it looks",
            Self::Text => "Text",
            Self::Json => "JSON",
            Self::MessagePack => "MessagePack",
            Self::Unpacked => "Unpacked",
            Self::Hex => "Hex",
            Self::Base64 => "Base64",
            Self::Quoted => "redis-cli",
            Self::HyperLogLog => "HyperLogLog",
        }
    }

    /// The format of that word.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.id() == id)
    }
}

/// What bytes may be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Guess {
    /// In a sentence's words: `JSON`, `gzip data`, `a Python pickle`.
    pub what: String,
    /// How certain that is.
    pub certainty: Certainty,
    /// The way to look at it; nothing where it is only named.
    pub format: Option<Format>,
}

/// How certain a guess is.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    BorshSerialize,
    BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It may be a coincidence.
    Maybe,
    /// Its front fits, and little else would.
    Probably,
    /// All of it was read as that.
    Certain,
}

impl Certainty {
    /// In a word before the guess.
    pub fn word(self) -> &'static str {
        match self {
            Self::Maybe => "maybe",
            Self::Probably => "probably",
            Self::Certain => "certainly",
        }
    }
}

/// A line of a tree: everything in it stands behind it, deeper.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct TreeLine {
    /// How deep it stands.
    pub depth: u32,
    /// The name or number it has in what is around it.
    pub key: String,
    /// What it is: `object`, `array`, `string`, `number`, `true`, `null`, `binary` ...
    pub kind: String,
    /// What it says; nothing of what has lines of its own.
    pub text: String,
    /// How many values it holds.
    pub children: u64,
}

/// What came of looking at bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Look {
    /// What the string may be, most likely first.
    pub guesses: Vec<Guess>,
    /// How it is shown.
    pub format: Format,
    /// What was around what is shown, outermost first: `gzip data`.
    pub layers: Vec<String>,
    /// What is shown.
    pub body: LookBody,
    /// What is missing, or does not fit: a sentence.
    pub note: Option<String>,
}

/// What is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookBody {
    /// Text, as it is to be shown.
    Text(String),
    /// A tree.
    Tree(Vec<TreeLine>),
    /// Bytes for rows of hexadecimal, and where they begin.
    Hex(u64, Vec<u8>),
    /// Facts: names and what is said of them.
    Facts(Vec<(String, String)>),
}
