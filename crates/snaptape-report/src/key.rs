//! One row per key.

use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::ByRelease;

/// The logical type, in the words of the TYPE command. Module types carry the module's own name.
#[derive(
    Debug,
    Clone,
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
#[serde(transparent)]
pub struct TypeName(pub String);

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key name: text where it is UTF-8, else base64.
#[derive(
    Debug,
    Clone,
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
#[serde(untagged)]
pub enum KeyName {
    /// UTF-8 text.
    Text {
        /// The name.
        key: String,
    },
    /// Anything else.
    Binary {
        /// The name in base64.
        key_base64: String,
    },
}

impl KeyName {
    /// A key name from its bytes.
    pub fn new(bytes: &[u8]) -> Self {
        match core::str::from_utf8(bytes) {
            Ok(text) => Self::Text { key: text.into() },
            Err(_) => Self::Binary { key_base64: STANDARD.encode(bytes) },
        }
    }

    /// The bytes of the name.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Text { key } => key.clone().into_bytes(),
            Self::Binary { key_base64 } => {
                STANDARD.decode(key_base64).unwrap_or_else(|_| key_base64.clone().into_bytes())
            }
        }
    }

    /// The name as shown to people: control characters and bytes that are not UTF-8 escaped as `\xHH`.
    pub fn display(&self) -> String {
        match self {
            Self::Text { key } => crate::units::printable(key.as_bytes()),
            Self::Binary { key_base64 } => match STANDARD.decode(key_base64) {
                Ok(bytes) => crate::units::printable(&bytes),
                Err(_) => key_base64.clone(),
            },
        }
    }
}

/// One key of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct KeyRow {
    /// Database number.
    pub db: u64,
    /// Its name, as `key` or `key_base64`.
    #[serde(flatten)]
    pub name: KeyName,
    /// Logical type.
    #[serde(rename = "type")]
    pub type_name: TypeName,
    /// The word OBJECT ENCODING uses.
    pub encoding: String,
    /// STRLEN, LLEN, SCARD, HLEN, ZCARD or XLEN, VCARD and BF.CARD; null for module types whose layout is not known.
    pub elements: Option<u64>,
    /// Absolute expiry, Unix milliseconds; null when it never expires.
    pub expires_at_ms: Option<i64>,
    /// Bytes the entry takes in the file, with its attributes.
    pub file_bytes: u64,
    /// Key and element bytes, logical.
    pub payload_bytes: u64,
    /// Estimated RAM after loading into the target release.
    pub memory_bytes: u64,
    /// The same in each release of [`crate::Dataset::releases`]; only in [`crate::Dataset::biggest`].
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub memory_by_release: Option<ByRelease>,
    /// The longest single element: member, field, value, list item, string; where it is known.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub largest_element_bytes: Option<u64>,
    /// Seconds since its last access when the file was saved, where the file says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub idle_s: Option<u64>,
    /// LFU counter, 0 to 255, where the file says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub freq: Option<u8>,
    /// Offset of the entry in its file.
    pub offset: u64,
    /// The file, when the data set has several.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub file: Option<String>,
    /// SHA-256 of the canonical form of the value; only with `--digest`, absent for module types.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value_sha256: Option<String>,
}
