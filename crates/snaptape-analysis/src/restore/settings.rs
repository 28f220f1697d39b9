//! What the options come to on the target, and the sum of what one server demands.

use snaptape_report::{RestoreOptions, restore::ratio, units};
use snaptape_wire::{Product, Release};

/// `client-output-buffer-limit replica 256mb 64mb 60`, the same in all releases of Redis and Valkey.
const DEFAULT_BUFFER_LIMIT: u64 = 256 << 20;
/// Nodes an ElastiCache cluster may have after its limit was raised (Valkey, Redis OSS 5.0.6 and later), replicas included.
const MAX_NODES: u16 = 500;

/// Options with the defaults of the target filled in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Settings {
    options: RestoreOptions,
    /// `repl-backlog-size`; 0 without replicas, because the backlog is only allocated for one.
    pub(super) backlog_bytes: u64,
    /// Do replicas and backlog share their memory? Since Redis 7.0.
    shares_buffer: bool,
    /// Most shards of a cluster.
    pub(super) max_shards: u16,
}

/// What one server demands.
#[expect(clippy::struct_field_names, reason = "every figure carries its unit")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Demand {
    /// Dataset and backlog: what is held against `maxmemory`.
    pub(super) used_bytes: u64,
    /// What the allocator holds beyond that.
    pub(super) fragmentation_bytes: u64,
    /// Both: the pages a child shares with its parent.
    pub(super) resident_bytes: u64,
    /// Output buffers of replicas beyond the backlog.
    pub(super) buffer_bytes: u64,
    /// Pages copied with the chosen share.
    pub(super) copied_bytes: u64,
}

impl Demand {
    /// Everything, with the chosen share of pages rewritten.
    pub(super) fn total_bytes(&self) -> u64 {
        self.resident_bytes.saturating_add(self.buffer_bytes).saturating_add(self.copied_bytes)
    }

    /// Everything, with every page rewritten.
    pub(super) fn doubled_bytes(&self) -> u64 {
        self.resident_bytes.saturating_mul(2).saturating_add(self.buffer_bytes)
    }
}

impl Settings {
    pub(super) fn of(target: &str, options: &RestoreOptions) -> Self {
        let release = target.parse::<Release>().ok();
        let has_replicas = options.replicas > 0;
        // Redis up to 8.2 says 1 MB; Valkey raised it to 10 MB in 8.0, and ElastiCache for Valkey 8 has the same.
        let is_valkey_8 =
            release.is_some_and(|release| release.product == Product::Valkey && release.major >= 8);
        let default_backlog = if is_valkey_8 { 10 << 20 } else { 1 << 20 };
        let backlog_bytes = options.repl_backlog_bytes.unwrap_or(default_backlog);
        Self {
            options: *options,
            backlog_bytes: if has_replicas { backlog_bytes } else { 0 },
            shares_buffer: release.is_none_or(|release| release.at_least_redis(7, 0)),
            max_shards: MAX_NODES / (1 + u16::from(options.replicas)),
        }
    }

    pub(super) fn options(&self) -> &RestoreOptions {
        &self.options
    }

    /// The hard limit of a replica's output buffer on a server of one's own.
    pub(super) fn own_buffer_limit(&self) -> u64 {
        self.options.replica_buffer_bytes.unwrap_or(DEFAULT_BUFFER_LIMIT)
    }

    /// The same on an ElastiCache node: the parameter page gives a tenth of `maxmemory` for nearly every node type.
    pub(super) fn node_buffer_limit(&self, maxmemory_bytes: u64) -> u64 {
        self.options.replica_buffer_bytes.unwrap_or(maxmemory_bytes / 10)
    }

    /// What a server with so much against its `maxmemory` demands, replicas being as slow as the limit allows.
    pub(super) fn demand(&self, used_bytes: u64, buffer_limit: u64) -> Demand {
        let resident_bytes = part(used_bytes, self.options.mem_fragmentation_percent);
        Demand {
            used_bytes,
            fragmentation_bytes: resident_bytes - used_bytes,
            resident_bytes,
            buffer_bytes: self.buffer_bytes(buffer_limit),
            copied_bytes: part(resident_bytes, u16::from(self.options.rewrite_percent)),
        }
    }

    /// Output buffers of all replicas beyond the backlog.
    fn buffer_bytes(&self, limit: u64) -> u64 {
        if self.options.replicas == 0 {
            0
        } else if self.shares_buffer {
            // A limit below the backlog is ignored: the backlog is there anyway.
            limit.saturating_sub(self.backlog_bytes)
        } else {
            limit.saturating_mul(u64::from(self.options.replicas))
        }
    }

    pub(super) fn backlog_text(&self) -> String {
        if self.options.replicas == 0 {
            return "not allocated without replicas".into();
        }
        let origin = if self.options.repl_backlog_bytes.is_some() { "as chosen" } else { "the default" };
        format!("repl-backlog-size {}, {origin}", setting(self.backlog_bytes))
    }

    pub(super) fn fragmentation_text(&self) -> String {
        let percent = self.options.mem_fragmentation_percent;
        let origin = if percent == 100 { ", none assumed" } else { "" };
        format!("mem_fragmentation_ratio {}{origin}", ratio(percent))
    }

    pub(super) fn buffer_text(&self) -> String {
        let replicas = self.options.replicas;
        if replicas == 0 {
            return "none without replicas".into();
        }
        let limit = setting(self.own_buffer_limit());
        if self.shares_buffer {
            format!(
                "at most: client-output-buffer-limit replica {limit}, shared by all, less the backlog in it"
            )
        } else {
            let replicas = units::plural(replicas.into(), "replica", "replicas");
            format!("at most: client-output-buffer-limit replica {limit}, for each of {replicas}")
        }
    }

    pub(super) fn assumptions(&self) -> Vec<String> {
        let mut sentences = vec![
            "Not in the sum: the operating system, the 0.65 to 0.95 MB that an empty server holds itself (they count against maxmemory), output and query buffers of clients other than replicas, scripts, and AOF buffers.".to_owned(),
            "With transparent huge pages one write copies 2 MiB, so that few writes come near the worst case.".to_owned(),
            "Shards: slots are assumed to split evenly by memory. Keys that share a hash tag, and big keys, make one shard fuller than the others.".to_owned(),
            format!(
                "A cluster has at most {MAX_NODES} nodes (by default fewer, until AWS raises the limit): {} with {} each.",
                units::plural(self.max_shards.into(), "shard", "shards"),
                units::plural(self.options.replicas.into(), "replica", "replicas")
            ),
        ];
        if self.options.replicas > 0 && self.options.replica_buffer_bytes.is_none() {
            sentences.push("On ElastiCache the limit of replica output buffers is a tenth of the node's maxmemory; it is counted against the reserve.".into());
        }
        sentences
    }
}

/// An amount as it stands in a configuration file: `256mb`.
fn setting(bytes: u64) -> String {
    match bytes {
        0 => "0".into(),
        bytes if bytes.is_multiple_of(1 << 30) => format!("{}gb", bytes >> 30),
        bytes if bytes.is_multiple_of(1 << 20) => format!("{}mb", bytes >> 20),
        bytes if bytes.is_multiple_of(1 << 10) => format!("{}kb", bytes >> 10),
        bytes => bytes.to_string(),
    }
}

/// `percent` of `bytes`, rounded up; a sum nobody has memory for stays at the largest number.
pub(super) fn part(bytes: u64, percent: u16) -> u64 {
    let part = (u128::from(bytes) * u128::from(percent)).div_ceil(100);
    u64::try_from(part).unwrap_or(u64::MAX)
}
