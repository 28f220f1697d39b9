//! What is known of each input file.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::KeyName;

/// The part a file plays.
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
pub enum Role {
    /// A snapshot on its own.
    Rdb,
    /// An append-only file on its own.
    Aof,
    /// The manifest of an append-only directory.
    Manifest,
    /// The base a manifest lists (`type b`).
    Base,
    /// An increment a manifest lists (`type i`).
    Incr,
    /// A superseded file a manifest lists (`type h`); never loaded.
    History,
    /// In the directory, but in no manifest; never loaded.
    Unlisted,
    /// Not something Snaptape reads.
    Other,
}

/// What is around the contents of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ContainerInfo {
    /// The containers, the outermost first: `gzip`, `zip`, `zstd`, `lz4`, `valkey_compressed`, `replication_capture`.
    pub layers: Vec<String>,
    /// The name a container has for the contents.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name_inside: Option<String>,
    /// Length of the contents.
    pub bytes_inside: u64,
}

/// One input file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct FileReport {
    /// Path as it was given.
    pub name: String,
    /// The part it plays.
    pub role: Role,
    /// Its length on disk.
    pub bytes: u64,
    /// What is around its contents. All offsets are then those of the contents, except in findings about the container itself.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub container: Option<ContainerInfo>,
    /// Everything before this offset is good, in the sense of the server's own check tool: for a tape, the end of the last
    /// complete command outside MULTI; for a snapshot, the end of the last complete item.
    pub sound_up_to: u64,
    /// Complete commands before `sound_up_to`.
    pub commands: u64,
    /// Whole keys of the snapshot part, as far as `sound_up_to`.
    pub keys: u64,
    /// Whole commands found behind the damage; 0 when there is none.
    pub commands_behind: u64,
    /// Whole keys found behind the damage of a snapshot; 0 when there is none.
    #[serde(default)]
    pub keys_behind: u64,
    /// What cannot be read of a snapshot, in file order.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub holes: Vec<Hole>,
    /// The snapshot this file is, or begins with.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub snapshot: Option<SnapshotInfo>,
}

/// A stretch of a snapshot that cannot be read, from the start of the damaged entry to where reading goes on, or to the end of the
/// file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct Hole {
    /// First byte.
    pub start: u64,
    /// Byte after the last one.
    pub end: u64,
    /// The last good key before it; names are cut at 256 bytes.
    pub last_key: Option<KeyName>,
    /// The first good key behind it.
    pub first_key_after: Option<KeyName>,
    /// The database that key was put into; `None` where nothing can be read behind the hole.
    pub db_after: Option<u64>,
    /// Is that certainly its database? Not where a SELECTDB may be lost.
    pub db_certain: bool,
}

impl FileReport {
    /// Length of its contents: what offsets are offsets of.
    pub fn content_bytes(&self) -> u64 {
        self.container.as_ref().map_or(self.bytes, |container| container.bytes_inside)
    }

    /// Is it good to its very end? A snapshot that was cut off between two keys is not, though every byte of it is.
    pub fn is_whole(&self) -> bool {
        let cut_off = self.snapshot.as_ref().is_some_and(|s| s.checksum == Checksum::NotReached);
        self.sound_up_to >= self.content_bytes() && !cut_off
    }
}

/// The verdict on the CRC-64 of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Checksum {
    /// Stored and computed agree.
    Verified,
    /// They differ.
    Mismatch {
        /// As stored in the file, 16 hex digits (a number would not survive JSON in JavaScript).
        stored: String,
        /// As computed over its bytes, 16 hex digits.
        computed: String,
    },
    /// The writer ran with `rdbchecksum no`: eight zero bytes are stored.
    NotComputed,
    /// Versions below 5 have none.
    Absent,
    /// The file could not be read to its end.
    NotReached,
}

/// One AUX field, as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct AuxField {
    /// Field name, for example `redis-ver`.
    pub name: String,
    /// Its value; bytes that are not UTF-8 are escaped.
    pub value: String,
}

/// What a snapshot says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct SnapshotInfo {
    /// `REDIS` or `VALKEY`.
    pub magic: String,
    /// RDB version from the header.
    pub rdb_version: u16,
    /// `Redis`, `Valkey`, or `KeyDB`; guessed from the AUX fields.
    pub product: String,
    /// The writer's release (`7.4.1`), if the file says.
    pub release: Option<String>,
    /// 32 or 64, if the file says.
    pub bits: Option<u8>,
    /// When it was saved, Unix seconds.
    pub saved_at_s: Option<i64>,
    /// `used-mem`: bytes the writer had allocated when it saved.
    pub used_memory_bytes: Option<u64>,
    /// Verdict on the checksum.
    pub checksum: Checksum,
    /// All AUX fields of the header, in file order.
    pub aux: Vec<AuxField>,
    /// Function libraries stored.
    pub functions: u64,
    /// Modules whose data is stored, sorted.
    pub modules: Vec<String>,
    /// Bytes of the snapshot part (the tape begins here in a file with both).
    pub bytes: u64,
    /// Places from which it can be read on, in order; at most [`Self::MAX_PLACES`]. None where what stands before them matters for
    /// all keys behind it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<SnapshotPlace>,
}

impl SnapshotInfo {
    /// How many places there are at most.
    pub const MAX_PLACES: usize = 1_024;
}

/// A place between two entries of a snapshot, from which it can be read on.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
pub struct SnapshotPlace {
    /// Where an item begins.
    pub offset: u64,
    /// The database of the keys that follow.
    pub db: u64,
}
