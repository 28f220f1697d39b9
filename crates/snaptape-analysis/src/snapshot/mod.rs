//! Reads one snapshot to its end: what it says of itself, its keys, what is wrong with it.

mod digest;
mod encoding;
mod state;
mod stream_entries;
mod value;

use std::collections::BTreeSet;

use snaptape_rdb::{Magic, Reader};
use snaptape_report::{Checksum, Finding, SnapshotInfo};
use snaptape_wire::{Error, Limits, Release};

use self::state::{State, finding_of};
use crate::KeyFacts;

/// What to look for.
#[derive(Debug, Clone, Default)]
pub struct SnapshotOptions {
    /// Bounds on what is held.
    pub limits: Limits,
    /// The release to answer for; default the one that wrote the file.
    pub target: Option<Release>,
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
    /// Compute the digest of every value.
    pub digest: bool,
}

/// Everything found out about one snapshot.
#[derive(Debug, Clone)]
pub struct SnapshotResult {
    /// What it says of itself; `None` when not even its header could be read.
    pub info: Option<SnapshotInfo>,
    /// The release that wrote it, as far as it says; else the first one that wrote its version.
    pub release: Release,
    /// Why it could not be read to its end.
    pub error: Option<Error>,
    /// Was its end reached?
    pub complete: bool,
    /// Offset after its checksum, or where reading stopped.
    pub end: u64,
    /// End of the last whole key or item.
    pub sound_up_to: u64,
    /// Whole keys.
    pub keys: u64,
    /// What is wrong or worth knowing.
    pub findings: Vec<Finding>,
}

/// Reads a snapshot window by window.
#[derive(Debug)]
pub struct SnapshotScan {
    options: SnapshotOptions,
    file: String,
    reader: Reader,
    error: Option<Error>,
    state: State,
}

impl SnapshotScan {
    /// A scan at the start of a snapshot; findings will name `file`.
    pub fn new(file: &str, options: SnapshotOptions) -> Self {
        Self {
            reader: Reader::new(options.limits),
            file: file.into(),
            error: None,
            state: State::new(file, options.clone()),
            options,
        }
    }

    /// Takes the next window; every whole key goes to `sink`. After the end, or an error, windows are ignored.
    pub fn feed(&mut self, window: &[u8], eof: bool, mut sink: impl FnMut(&KeyFacts<'_>)) {
        if self.error.is_some() {
            return;
        }
        let Self { reader, state, .. } = self;
        let result = reader.feed(window, eof, |span, event| state.event(span, &event, &mut sink));
        self.error = result.err();
    }

    /// Is there nothing more to learn from further windows?
    pub fn is_done(&self) -> bool {
        self.error.is_some() || self.reader.ended()
    }

    /// Was the end of the snapshot reached? What follows begins at [`Self::offset`].
    pub fn ended(&self) -> bool {
        self.reader.ended()
    }

    /// Offset of the next byte it wants.
    pub fn offset(&self) -> u64 {
        self.reader.offset()
    }

    /// The result.
    pub fn finish(self) -> SnapshotResult {
        let Self { reader, file, error, mut state, options } = self;
        let complete = reader.ended();
        state.close_database(complete);
        let checksum = match (state.header, complete, state.stored_checksum) {
            (Some((_, version)), true, None) if version < 5 => Checksum::Absent,
            (_, true, Some(0)) => Checksum::NotComputed,
            (_, true, Some(stored)) if stored == reader.checksum() => Checksum::Verified,
            (_, true, Some(stored)) => Checksum::Mismatch {
                stored: format!("{stored:016x}"),
                computed: format!("{:016x}", reader.checksum()),
            },
            _ => Checksum::NotReached,
        };
        let end = reader.offset();
        state.judge_checksum(&checksum, end);
        state.judge_totals();
        if let Some(error) = &error {
            state.findings.push(finding_of(error, &file, state.n_keys));
        }
        let release = options.target.or(state.release).unwrap_or_else(|| state.release_of_version());
        SnapshotResult {
            info: state.header.map(|(magic, version)| SnapshotInfo {
                magic: match magic {
                    Magic::Redis => "REDIS".into(),
                    Magic::Valkey => "VALKEY".into(),
                },
                rdb_version: version,
                product: state.product().into(),
                release: state.aux_value("valkey-ver").or_else(|| state.aux_value("redis-ver")),
                bits: state.aux_value("redis-bits").and_then(|bits| bits.parse().ok()),
                saved_at_s: state.saved_at_s,
                used_memory_bytes: state.aux_value("used-mem").and_then(|bytes| bytes.parse().ok()),
                checksum,
                functions: state.functions,
                modules: state
                    .modules
                    .iter()
                    .map(|id| String::from_utf8_lossy(&id.name()).into_owned())
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect(),
                aux: core::mem::take(&mut state.aux),
                bytes: end,
            }),
            release,
            error,
            complete,
            end,
            sound_up_to: if complete { end } else { state.sound_up_to },
            keys: state.n_keys,
            findings: state.findings,
        }
    }
}
