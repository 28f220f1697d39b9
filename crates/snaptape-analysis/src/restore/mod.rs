//! What a restore needs: memory on a server of one's own, ElastiCache nodes, shards.
//!
//! The sum follows the servers. `maxmemory` is held against the dataset and the replication backlog; output buffers of replicas
//! are not counted (`evict.c` freeMemoryGetNotCountedMemory). While a child saves, the kernel copies every page the parent writes
//! to: with every page rewritten, memory doubles. ElastiCache sets aside `reserved-memory-percent` of `maxmemory` for exactly that.

mod node_types;
mod nodes;
mod settings;

use snaptape_report::{
    Dataset, MemoryLine, MemoryPart, Report, RestoreOptions, RestorePlan, Role, Tally, units,
};

use self::settings::Settings;

/// What has to go into one server, or be split over several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreLoad {
    /// Everything, as `used_memory` counts it once it is loaded.
    pub dataset_bytes: u64,
    /// The biggest key: the largest part that stays in one piece.
    pub largest_key_bytes: u64,
}

/// What the dataset takes once it is loaded, as `used_memory` counts it.
pub fn dataset_bytes(dataset: &Dataset) -> u64 {
    dataset.instance.dataset_bytes
}

/// Plans the restore of what a report is about. Nothing where there are no keys.
///
/// # Errors
/// A sentence, where an option is out of its range.
pub fn restore_plan(report: &Report, options: &RestoreOptions) -> Result<Option<RestorePlan>, String> {
    options.check()?;
    let Some(dataset) = report.dataset.as_ref().filter(|dataset| dataset.totals.keys > 0) else {
        return Ok(None);
    };
    let dataset_bytes = dataset_bytes(dataset);
    // The biggest key may be one that has expired, which is no part of the data set any more.
    let largest_key_bytes = dataset.totals.largest_memory_bytes.min(dataset_bytes);
    let load = RestoreLoad { dataset_bytes, largest_key_bytes };
    let mut plan = plan_load(load, &report.target, options)?;
    plan.assumptions.extend(left_out(report, &dataset.totals));
    Ok(Some(plan))
}

/// Plans the restore of so much data onto a target like `redis-7.4`; one that is not known counts as the latest Redis.
///
/// # Errors
/// A sentence, where an option is out of its range.
pub fn plan_load(load: RestoreLoad, target: &str, options: &RestoreOptions) -> Result<RestorePlan, String> {
    options.check()?;
    let settings = Settings::of(target, options);
    let used = load.dataset_bytes.saturating_add(settings.backlog_bytes);
    let own = settings.demand(used, settings.own_buffer_limit());
    let line = |part, bytes, worst_bytes, why| MemoryLine { part, bytes, worst_bytes, why };
    let fixed = |part, bytes, why| line(part, bytes, bytes, why);
    let share = options.rewrite_percent;
    let parts = vec![
        fixed(
            MemoryPart::Dataset,
            load.dataset_bytes,
            "keys, values and tables once they are loaded, an estimate".to_owned(),
        ),
        fixed(MemoryPart::ReplicationBacklog, settings.backlog_bytes, settings.backlog_text()),
        fixed(MemoryPart::Fragmentation, own.fragmentation_bytes, settings.fragmentation_text()),
        fixed(MemoryPart::ReplicaOutputBuffers, own.buffer_bytes, settings.buffer_text()),
        line(
            MemoryPart::CopiedPages,
            own.copied_bytes,
            own.resident_bytes,
            format!(
                "{share} % of the pages of dataset, backlog and fragmentation, rewritten while a child saves"
            ),
        ),
    ];
    Ok(RestorePlan {
        options: *options,
        dataset_bytes: load.dataset_bytes,
        largest_key_bytes: load.largest_key_bytes,
        parts,
        maxmemory_bytes: used,
        ram_bytes: own.total_bytes(),
        worst_ram_bytes: own.doubled_bytes(),
        max_shards: settings.max_shards,
        nodes: nodes::plan(load, &settings),
        assumptions: settings.assumptions(),
    })
}

/// What the figure cannot know, where it matters for these files.
fn left_out(report: &Report, totals: &Tally) -> Vec<String> {
    let mut sentences = Vec::new();
    if totals.expired_now > 0 {
        sentences.push(format!(
            "{} expired by now {} not counted: a primary drops what has expired when it loads a snapshot. A replica keeps it until the primary says so.",
            units::plural(totals.expired_now, "key", "keys"),
            if totals.expired_now == 1 { "is" } else { "are" }
        ));
    }
    let loaded = |role| matches!(role, Role::Rdb | Role::Aof | Role::Base | Role::Incr);
    if report.files.iter().any(|file| loaded(file.role) && !file.is_whole()) {
        sentences.push("Only what could be read is counted: a file is damaged or cut off.".into());
    }
    if report.tape.as_ref().is_some_and(|tape| tape.commands > 0) {
        sentences.push("Only the keys of snapshots are counted, not what the commands of the append-only file add or delete.".into());
    }
    sentences
}

#[cfg(test)]
mod tests;
