//! Plans: what a repair would do, and the receipt of one that was done.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{Choice, DatabaseKeys, KeyName, KeyRange, Verdict, place::Steps};

/// One step over the original, in output order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case", tag = "edit")]
pub enum Edit {
    /// Copy these bytes of the input.
    Keep {
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
    },
    /// Leave these bytes out.
    Drop {
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
        /// Why, in a few words.
        why: String,
    },
    /// Put new bytes here.
    Insert {
        /// The bytes.
        #[serde(flatten)]
        bytes: NewBytes,
        /// Why, in a few words.
        why: String,
    },
    /// Copy the commands of these bytes of the input, with the line ends they had before something changed them.
    Reframe {
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
        /// What has happened to them.
        from: LineEnds,
        /// How many bytes result.
        bytes: u64,
    },
    /// Put the CRC-64 of all bytes of the output before this point here: eight bytes, little-endian, as a snapshot ends.
    Checksum,
}

/// What a transfer in text mode, or an editor, made of the line ends of a tape.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LineEnds {
    /// Every CRLF became LF.
    Lf,
    /// Every LF that stood alone became CRLF.
    LoneLfToCrlf,
    /// A CR was put before every LF.
    EveryLfToCrlf,
}

impl LineEnds {
    /// What is done about it, in a few words.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Lf => "CRLF again where LF is left of it",
            Self::LoneLfToCrlf => "LF again where CRLF was made of it",
            Self::EveryLfToCrlf => "without the CR that was put before each LF",
        }
    }
}

/// Bytes that are not in the input: text where it is some (manifests), else hex digits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(untagged)]
pub enum NewBytes {
    /// Text.
    Text {
        /// The text.
        text: String,
    },
    /// Anything else.
    Hex {
        /// Two lower-case digits a byte.
        #[serde(with = "hex")]
        hex: Vec<u8>,
    },
}

impl NewBytes {
    /// From the bytes themselves.
    pub fn new(bytes: Vec<u8>) -> Self {
        let is_text = |text: &str| !text.chars().any(|c| c.is_control() && c != '\n');
        match String::from_utf8(bytes) {
            Ok(text) if is_text(&text) => Self::Text { text },
            Ok(text) => Self::Hex { hex: text.into_bytes() },
            Err(error) => Self::Hex { hex: error.into_bytes() },
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text { text } => text.as_bytes(),
            Self::Hex { hex } => hex,
        }
    }
}

mod hex {
    //! Bytes as hex digits.
    use core::fmt::Write as _;

    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            // Writing to a String cannot fail.
            let _ = write!(digits, "{byte:02x}");
        }
        serializer.serialize_str(&digits)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let digits = String::deserialize(deserializer)?;
        let pairs = digits.as_bytes().chunks(2);
        let byte = |pair: &[u8]| {
            u8::from_str_radix(core::str::from_utf8(pair).ok()?, 16).ok().filter(|_| pair.len() == 2)
        };
        pairs.map(byte).collect::<Option<_>>().ok_or_else(|| D::Error::custom("not hex digits"))
    }
}

/// One file of the repaired copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct OutputFile {
    /// Path in the copy.
    pub name: String,
    /// Path of the input its `Keep`, `Drop` and `Reframe` edits speak of; empty for a file made anew.
    pub source: String,
    /// What to do, in order.
    pub edits: Vec<Edit>,
}

impl OutputFile {
    /// Is the other one the same file, whatever is said of what is left out?
    pub fn is_same_copy(&self, other: &Self) -> bool {
        let made = |output: &Self| {
            let edits = output.edits.iter().filter(|edit| !matches!(edit, Edit::Drop { .. }));
            edits.cloned().collect::<Vec<_>>()
        };
        self.name == other.name && self.source == other.source && made(self) == made(other)
    }

    /// Length of the file that results.
    pub fn bytes(&self) -> u64 {
        self.edits
            .iter()
            .map(|edit| match edit {
                Edit::Keep { start, end } => end - start,
                Edit::Reframe { bytes, .. } => *bytes,
                Edit::Drop { .. } => 0,
                Edit::Insert { bytes, .. } => bytes.as_bytes().len() as u64,
                Edit::Checksum => 8,
            })
            .sum()
    }
}

/// What a plan leaves behind.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct Losses {
    /// Bytes of the input that are not in the copy.
    pub bytes: u64,
    /// Commands among them, torn ones counted, as far as they can be recognised ("at least").
    pub commands: u64,
    /// Keys that are not in the copy, or lose writes, as far as the file says how many there were ("about").
    #[serde(default)]
    pub keys: u64,
    /// Files that are left out.
    pub files: u64,
    /// Files that are listed and not there: what they held is lost, and nobody can tell how much it was.
    #[serde(default, skip_serializing_if = "is_default")]
    pub missing: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// An answer to the findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Plan {
    /// `truncate`, `mend`, `salvage`.
    pub name: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// The files of the copy; one for a single file.
    pub outputs: Vec<OutputFile>,
    /// Is the copy a directory?
    pub directory: bool,
    /// What is lost.
    pub losses: Losses,
    /// Commands kept.
    pub commands_kept: u64,
    /// Keys of snapshots kept.
    #[serde(default)]
    pub keys_kept: u64,
    /// What cannot be known, and what one must know before the copy is used, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// Names of some keys that lose something, at most [`Plan::MAX_EXAMPLES`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub lost_keys: Vec<KeyName>,
    /// Keys that a server holds when it has loaded the copy and replayed its tape, where that is known before the copy is made.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub holds: Option<KeyRange>,
}

impl Plan {
    /// How many keys are named.
    pub const MAX_EXAMPLES: usize = 10;

    /// Does the other plan make the very same copy?
    pub fn is_same_copy(&self, other: &Self) -> bool {
        self.outputs.len() == other.outputs.len()
            && self.outputs.iter().zip(&other.outputs).all(|(a, b)| a.is_same_copy(b))
    }

    /// Does the copy equal the input?
    pub fn changes_nothing(&self) -> bool {
        self.losses == Losses::default()
            && self.outputs.iter().all(|out| matches!(out.edits.as_slice(), [] | [Edit::Keep { .. }]))
    }
}

/// A plan beside others: what it keeps and what it costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PlanSummary {
    /// Its name.
    pub name: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// What is lost.
    pub losses: Losses,
    /// Commands kept.
    pub commands_kept: u64,
    /// Keys of snapshots kept.
    pub keys_kept: u64,
    /// Bytes of the copy.
    pub bytes: u64,
    /// What cannot be known, and what one must know before the copy is used, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
}

impl From<&Plan> for PlanSummary {
    fn from(plan: &Plan) -> Self {
        Self {
            name: plan.name.clone(),
            summary: plan.summary.clone(),
            losses: plan.losses,
            commands_kept: plan.commands_kept,
            keys_kept: plan.keys_kept,
            bytes: plan.outputs.iter().map(OutputFile::bytes).sum(),
            notes: plan.notes.clone(),
        }
    }
}

/// One file in a [`Receipt`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ReceiptFile {
    /// Path.
    pub name: String,
    /// Length.
    pub bytes: u64,
    /// SHA-256, lower-case hex.
    pub sha256: String,
}

/// Proof of a repair that was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Receipt {
    /// The input as it was read.
    pub inputs: Vec<ReceiptFile>,
    /// The copy as it was read again.
    pub outputs: Vec<ReceiptFile>,
    /// Verdict of the checker over the copy.
    pub verdict: Verdict,
    /// The keys of each database once a server has loaded the copy and replayed its tape; empty for a snapshot without one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<DatabaseKeys>,
}

/// The answer of `repair`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct PlanReport {
    /// [`crate::REPAIR_SCHEMA`].
    pub schema: String,
    /// Verdict on the input.
    pub verdict: Verdict,
    /// The plan that was chosen.
    pub plan: Plan,
    /// All plans there are, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub plans: Vec<PlanSummary>,
    /// What was chosen on the tape.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub choice: Option<Choice>,
    /// How to put the copy in place; only when it was written.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub steps: Option<Steps>,
    /// Only when it was carried out.
    pub receipt: Option<Receipt>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_bytes_survive_json() {
        for (bytes, json) in [
            (&b"file a seq 1 type b\n"[..], r#"{"edit":"insert","text":"file a seq 1 type b\n","why":"x"}"#),
            (&[0xfe, 0, 0xfb][..], r#"{"edit":"insert","hex":"fe00fb","why":"x"}"#),
            (&[7][..], r#"{"edit":"insert","hex":"07","why":"x"}"#),
        ] {
            let edit = Edit::Insert { bytes: NewBytes::new(bytes.to_vec()), why: "x".into() };
            assert_eq!(serde_json::to_string(&edit).unwrap(), json);
            assert_eq!(serde_json::from_str::<Edit>(json).unwrap(), edit);
        }
        assert!(serde_json::from_str::<Edit>(r#"{"edit":"insert","hex":"f","why":"x"}"#).is_err());
        let reframe = Edit::Reframe { start: 5, end: 9, from: LineEnds::LoneLfToCrlf, bytes: 3 };
        let json = r#"{"edit":"reframe","start":5,"end":9,"from":"lone_lf_to_crlf","bytes":3}"#;
        assert_eq!(serde_json::to_string(&reframe).unwrap(), json);
        assert_eq!(serde_json::from_str::<Edit>(json).unwrap(), reframe);
        assert_eq!(serde_json::to_string(&Edit::Checksum).unwrap(), r#"{"edit":"checksum"}"#);
    }
}
