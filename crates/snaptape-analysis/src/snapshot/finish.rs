//! What was found, once everything was read.

use snaptape_rdb::{MAX_REDIS_VERSION, MAX_VALKEY_VERSION, Magic, Numbers, Writer};
use snaptape_report::{Checksum, SnapshotInfo};
use snaptape_sort::Sort as _;
use snaptape_wire::{ErrorKind, Product};

use super::{Met, Recovery, SnapshotResult, SnapshotScan, State, header};

impl SnapshotScan {
    /// The result.
    pub fn finish(self) -> SnapshotResult {
        let Self {
            reader,
            file,
            error,
            mut state,
            options,
            holes,
            mending,
            checksum_agrees,
            text,
            assumes_version,
            aid,
            met,
            ..
        } = self;
        // Nobody brought what it takes to read on.
        let error = error.or(match met {
            Some(Met::NoHeader(error) | Met::Damage(error)) => Some(error),
            Some(Met::Swallowed(_) | Met::Doubt) | None => None,
        });
        let complete = reader.ended();
        let computed = reader.checksum();
        let checksum = match (state.header, complete, state.stored_checksum) {
            (Some((_, version)), true, None) if version < 5 => Checksum::Absent,
            (_, true, Some(0)) => Checksum::NotComputed,
            (_, true, Some(stored)) if stored == computed => Checksum::Verified,
            (_, true, Some(stored)) => {
                Checksum::Mismatch { stored: format!("{stored:016x}"), computed: format!("{computed:016x}") }
            }
            _ => Checksum::NotReached,
        };
        let end = reader.offset();
        state.judge_checksum(&checksum, end);
        let version = state.header.map(|(_, version)| version);
        let mut verdicts = state.integrity.finish(complete && holes.is_empty(), version);
        state.findings.append(&mut verdicts.findings);
        state.copy.remove(&verdicts.duplicates);
        verdicts.unfit.extend(state.leave_out_bad_items());
        // What this build cannot read is no damage, and what stands beside it is of the same writer.
        let unknown =
            error.as_ref().is_some_and(|error| matches!(error.kind(), ErrorKind::Unsupported { .. }));
        let is_damaged = error.is_some() || matches!(checksum, Checksum::Mismatch { .. });
        if let Some(aid) = aid.filter(|_| mending.is_none() && is_damaged && !unknown) {
            verdicts.unfit.extend((aid.leave_out_strangers)(&mut state));
        }
        verdicts.unfit.order_by_key(|unfit| (unfit.span.start, unfit.reason));
        verdicts.unfit.dedup_by_key(|unfit| unfit.span.start);
        // A version nobody has written yet, by a writer that is known: the number is wrong.
        if let (Some((magic, version)), Some(release)) = (state.header, state.release)
            && version > MAX_REDIS_VERSION.max(MAX_VALKEY_VERSION)
        {
            state.copy.header(magic, header::version_of(release));
        }
        if assumes_version {
            // The first version that has everything, and no older one than 5.0 writes: nobody uses those.
            let needed =
                state.features.objects.iter().filter_map(|known| Numbers::since(known.type_byte)).max();
            let version = needed.unwrap_or(0).max(9);
            state.header = Some((Magic::Redis, version));
            state.features.header = state.header;
            state.copy.header(Magic::Redis, version);
        }
        let mut writer = state.release.unwrap_or_else(|| state.release_of_version());
        if state.product() == "KeyDB" {
            // It calls its own version redis-ver.
            writer.product = Product::KeyDb;
        }
        let release = options.target.unwrap_or(writer);
        let recovery = Recovery {
            keys_behind: state.keys_behind,
            announced_keys: state.announced_keys,
            copied_keys: state.copy.kept().0,
            copy: core::mem::replace(&mut state.copy, Writer::new(Magic::Redis, 0)).finish(),
            mending,
            checksum_agrees,
            assumed_version: state.header.map(|(_, version)| version).filter(|_| assumes_version),
            text,
            holes,
        };
        state.findings.extend(recovery.findings(&file));
        let mut modules: Vec<String> =
            state.modules.iter().map(|id| String::from_utf8_lossy(&id.name()).into_owned()).collect();
        modules.order();
        modules.dedup();
        let sound_up_to = match recovery.holes.first() {
            Some(hole) => hole.span.start,
            None if complete => end,
            None => state.sound_up_to,
        };
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
                modules,
                aux: core::mem::take(&mut state.aux),
                bytes: end,
                places: state.places.finish(),
            }),
            release,
            error,
            complete,
            end,
            sound_up_to,
            keys: state.n_keys - state.keys_behind.min(state.n_keys),
            features: state.features.finish(verdicts.harms, verdicts.twice),
            findings: state.findings,
            unfit: verdicts.unfit,
            unfit_truncated: verdicts.unfit_truncated,
            recovery,
        }
    }
}

/// The checksum the file ends with: read where it belongs, or standing behind an end opcode at the end of a file that could not be
/// read so far.
pub(super) fn stored_checksum(state: &State, last_bytes: &[u8]) -> Option<u64> {
    match (state.stored_checksum, last_bytes) {
        (Some(stored), _) => Some(stored),
        (None, [0xff, checksum @ ..]) if state.header.is_some_and(|(_, version)| version >= 5) => {
            checksum.try_into().ok().map(u64::from_le_bytes)
        }
        _ => None,
    }
}
