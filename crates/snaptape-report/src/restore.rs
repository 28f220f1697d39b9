//! What a restore needs: memory on the target, and nodes that hold it.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use snaptape_sort::Sort as _;

/// What the reader of a plan may choose. Every share is a whole per cent, every amount is in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct RestoreOptions {
    /// Share of the pages that are rewritten while a child saves, 0 - 100: the kernel copies each of them once.
    pub rewrite_percent: u8,
    /// ElastiCache's `reserved-memory-percent`, 0 - 100: the share of a node's `maxmemory` that is kept from data.
    pub reserved_memory_percent: u8,
    /// Replicas of each primary, 0 - [`RestoreOptions::MAX_REPLICAS`].
    pub replicas: u8,
    /// `mem_fragmentation_ratio` in hundredths, 100 - 1,000: 105 is a ratio of 1.05.
    pub mem_fragmentation_percent: u16,
    /// `repl-backlog-size`; `None` is the default of the target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repl_backlog_bytes: Option<u64>,
    /// Hard limit of `client-output-buffer-limit replica`; `None` is the default: 256 MiB, on ElastiCache a tenth of the
    /// node's `maxmemory`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replica_buffer_bytes: Option<u64>,
}

impl RestoreOptions {
    /// More replicas than this no ElastiCache shard has.
    pub const MAX_REPLICAS: u8 = 5;

    /// Are all of them in their range?
    ///
    /// # Errors
    /// A sentence that names the option, its value and its range.
    pub fn check(&self) -> Result<(), String> {
        let within = |name: &str, value: u16, least: u16, most: u16| {
            if (least..=most).contains(&value) {
                Ok(())
            } else {
                Err(format!("{name} is {value}, expected {least} to {most}"))
            }
        };
        within("the share of pages rewritten", self.rewrite_percent.into(), 0, 100)?;
        within("reserved-memory-percent", self.reserved_memory_percent.into(), 0, 100)?;
        within("the number of replicas", self.replicas.into(), 0, Self::MAX_REPLICAS.into())?;
        within("mem_fragmentation_ratio in hundredths", self.mem_fragmentation_percent, 100, 1_000)?;
        if self.replica_buffer_bytes == Some(0) {
            return Err(
                "a limit of 0 for replica output buffers means no limit, and nothing to plan with".into()
            );
        }
        Ok(())
    }

    /// What the chosen share of pages means, as a sentence.
    pub fn rewrite_text(&self) -> String {
        match self.rewrite_percent {
            0 => "No page is rewritten while a child saves: nobody writes to the server.".into(),
            100.. => "Every page is rewritten while a child saves: the worst case, memory doubles.".into(),
            1 => {
                "1 page of 100 is rewritten while a child saves, and is there twice until it is done.".into()
            }
            share => format!(
                "{share} pages of 100 are rewritten while a child saves, and are there twice until it is done."
            ),
        }
    }
}

impl Default for RestoreOptions {
    fn default() -> Self {
        Self {
            rewrite_percent: 30,
            reserved_memory_percent: 25,
            replicas: 1,
            mem_fragmentation_percent: 100,
            repl_backlog_bytes: None,
            replica_buffer_bytes: None,
        }
    }
}

/// Reads a share: `30` or `30%`.
///
/// # Errors
/// A sentence, when it is not a whole number from 0 to 100.
pub fn parse_percent(text: &str) -> Result<u8, String> {
    let digits = text.trim();
    let digits = digits.strip_suffix('%').unwrap_or(digits).trim_end();
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let share = if plain { digits.parse().ok().filter(|share| *share <= 100) } else { None };
    share.ok_or_else(|| format!("{text} is no share: expected a whole number from 0 to 100"))
}

/// Reads a ratio into hundredths: `1.05` is 105.
///
/// # Errors
/// A sentence, when it is not a number from 1 to 10 with at most two decimals.
pub fn parse_ratio(text: &str) -> Result<u16, String> {
    let hundredths = || {
        let (whole, rest) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || rest.len() > 2 || !is_digits(whole) || !is_digits(rest) {
            return None;
        }
        let hundredths = format!("{whole}{rest:0<2}").parse().ok()?;
        (100..=1_000).contains(&hundredths).then_some(hundredths)
    };
    hundredths()
        .ok_or_else(|| format!("{text} is no ratio: expected 1 to 10 with at most two decimals, like 1.05"))
}

/// Writes hundredths as a ratio: 105 is `1.05`.
pub fn ratio(hundredths: u16) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Reads an amount of memory as the servers' settings are written: `10mb` is 10 MiB, `10m` is 10,000,000, `4096` is bytes.
///
/// # Errors
/// A sentence, when it is none. Source: redis `util.c` memtoull.
pub fn parse_memory(text: &str) -> Result<u64, String> {
    let lower = text.trim().to_ascii_lowercase();
    let end = lower.find(|c: char| !c.is_ascii_digit()).unwrap_or(lower.len());
    let (digits, unit) = lower.split_at(end);
    let unit = match unit {
        "" | "b" => Some(1),
        "k" => Some(1_000),
        "kb" => Some(1 << 10),
        "m" => Some(1_000_000),
        "mb" => Some(1 << 20),
        "g" => Some(1_000_000_000),
        "gb" => Some(1 << 30),
        _ => None,
    };
    unit.and_then(|unit| digits.parse::<u64>().ok()?.checked_mul(unit))
        .ok_or_else(|| format!("{text} is no amount of memory: expected like 10mb or 1073741824"))
}

/// One addend of the memory a server needs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MemoryPart {
    /// The dataset as `used_memory` counts it after loading.
    Dataset,
    /// The replication backlog, which counts toward `maxmemory`.
    ReplicationBacklog,
    /// What the allocator holds beyond `used_memory`.
    Fragmentation,
    /// Output buffers of replicas beyond the backlog; they do not count toward `maxmemory`.
    ReplicaOutputBuffers,
    /// Pages the kernel copies because they are rewritten while a child saves.
    CopiedPages,
}

impl MemoryPart {
    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dataset => "dataset",
            Self::ReplicationBacklog => "replication backlog",
            Self::Fragmentation => "fragmentation",
            Self::ReplicaOutputBuffers => "replica output buffers",
            Self::CopiedPages => "pages copied on write",
        }
    }

    /// Does the server hold it against `maxmemory`?
    pub fn is_in_maxmemory(self) -> bool {
        matches!(self, Self::Dataset | Self::ReplicationBacklog)
    }
}

/// One line of the sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct MemoryLine {
    /// What it is.
    pub part: MemoryPart,
    /// How much with the chosen share of pages rewritten.
    pub bytes: u64,
    /// How much when every page is rewritten.
    pub worst_bytes: u64,
    /// Where the figure comes from, as a phrase.
    pub why: String,
}

/// Which servers a node type is offered for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Engines {
    /// Redis OSS and Valkey.
    Both,
    /// Redis OSS.
    Redis,
    /// Valkey.
    Valkey,
}

/// Where a node takes the memory a saving child costs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, BorshSerialize, BorshDeserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum ForkRoom {
    /// The memory set aside by `reserved-memory-percent` is enough.
    Reserve,
    /// Only as long as some of the capacity for data stays empty.
    EmptyCapacity,
    /// It is more than the node's `maxmemory`.
    None,
}

impl ForkRoom {
    /// In words.
    pub fn text(self) -> &'static str {
        match self {
            Self::Reserve => "in the reserve",
            Self::EmptyCapacity => "while data leaves room",
            Self::None => "does not fit",
        }
    }
}

/// An ElastiCache node type, and what a restore onto it takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct NodePlan {
    /// As the service calls it: `cache.r7g.large`.
    pub node_type: String,
    /// Its family: `r7g`.
    pub family: String,
    /// Servers it is offered for.
    pub engines: Engines,
    /// Does it move values to an SSD? The figures are memory alone.
    pub data_tiering: bool,
    /// Is it one of the node types no new cluster can be made of?
    pub previous_generation: bool,
    /// Its `maxmemory`, which cannot be changed.
    pub maxmemory_bytes: u64,
    /// What of that is left for data: `maxmemory` less `reserved-memory-percent`.
    pub capacity_bytes: u64,
    /// The fewest shards whose data fits; nothing where no number does.
    pub shards: Option<u16>,
    /// The fewest shards whose data fits and whose pages, rewritten while a child saves, fit beside it.
    pub shards_with_fork: Option<u16>,
    /// What the fullest of `shards` holds: data and backlog. Of one shard, where no number of them does.
    pub shard_bytes: u64,
    /// Where each of `shards` takes the memory for the chosen share of pages.
    pub fork_room: ForkRoom,
    /// The largest share of pages that may be rewritten before `maxmemory` is exceeded; nothing where replica output buffers
    /// alone are too much.
    pub max_rewrite_percent: Option<u8>,
    /// Why there is no number of shards, or none with the fork.
    pub why_not: Option<String>,
    /// AWS's own advice for `reserved-memory-percent` of this node type, where it is more than 25.
    pub advised_reserved_percent: Option<u8>,
}

impl NodePlan {
    /// Its size within the family: `large`.
    pub fn size(&self) -> &str {
        self.node_type.rsplit('.').next().unwrap_or_default()
    }

    /// Its number of shards in short: `3`; `3/4` where the rewritten pages ask for one more; `-` for none.
    pub fn shards_text(&self) -> String {
        let number = |shards: Option<u16>| shards.map_or_else(|| "-".to_owned(), |shards| shards.to_string());
        if self.shards == self.shards_with_fork {
            number(self.shards)
        } else {
            format!("{}/{}", number(self.shards), number(self.shards_with_fork))
        }
    }

    /// What is special about it, in a few words; often nothing.
    pub fn remarks(&self) -> String {
        let mut remarks: Vec<String> = Vec::new();
        match self.engines {
            Engines::Both => {}
            Engines::Redis => remarks.push("Redis OSS only".into()),
            Engines::Valkey => remarks.push("Valkey only".into()),
        }
        if self.previous_generation {
            remarks.push("previous generation, no new clusters".into());
        }
        if self.data_tiering {
            remarks.push("data tiering, memory alone counted".into());
        }
        if let Some(percent) = self.advised_reserved_percent {
            remarks.push(format!("AWS advises to reserve up to {percent} %"));
        }
        remarks.join("; ")
    }
}

/// What a dataset needs on the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct RestorePlan {
    /// What was asked for.
    pub options: RestoreOptions,
    /// The dataset after loading, tables included: the first addend.
    pub dataset_bytes: u64,
    /// The biggest key, which no number of shards splits.
    pub largest_key_bytes: u64,
    /// The addends of `maxmemory_bytes` and `ram_bytes`, in the order of the sum.
    pub parts: Vec<MemoryLine>,
    /// What `maxmemory` has to be at least on a server of one's own.
    pub maxmemory_bytes: u64,
    /// What its machine has to have for this server, with the chosen share of pages rewritten.
    pub ram_bytes: u64,
    /// The same when every page is rewritten: the doubling.
    pub worst_ram_bytes: u64,
    /// Most shards a cluster may have with so many replicas.
    pub max_shards: u16,
    /// Every ElastiCache node type: those new clusters can be made of first, in ascending order of `maxmemory`.
    pub nodes: Vec<NodePlan>,
    /// What was taken for granted, and what is not in the sum, one sentence each.
    pub assumptions: Vec<String>,
}

impl RestorePlan {
    /// The node types one of which holds everything, smallest first.
    pub fn single_nodes(&self) -> impl Iterator<Item = &NodePlan> {
        self.nodes.iter().filter(|node| node.shards == Some(1))
    }

    /// Why node types have no number of shards, each reason once, with those it stands for.
    pub fn reasons(&self) -> Vec<(&str, Vec<&str>)> {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for node in &self.nodes {
            let Some(why) = &node.why_not else { continue };
            match reasons.iter_mut().find(|(reason, _)| reason == why) {
                Some((_, nodes)) => nodes.push(&node.node_type),
                None => reasons.push((why, vec![&node.node_type])),
            }
        }
        reasons
    }

    /// Node types by family, each from small to large; families in order of their names, previous generations last.
    pub fn families(&self) -> Vec<(&str, Vec<&NodePlan>)> {
        let mut families: Vec<(&str, Vec<&NodePlan>)> = Vec::new();
        for node in &self.nodes {
            match families.iter_mut().find(|(name, _)| *name == node.family) {
                Some((_, nodes)) => nodes.push(node),
                None => families.push((&node.family, vec![node])),
            }
        }
        families.order_by_key(|(name, nodes)| (nodes.iter().all(|node| node.previous_generation), *name));
        families
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_whole_per_cents() {
        for (text, share) in [("0", 0), ("30", 30), (" 30 % ", 30), ("100%", 100), ("007", 7)] {
            assert_eq!(parse_percent(text), Ok(share), "{text}");
        }
        for text in ["", "%", "NaN", "nan", "inf", "-1", "-0", "+5", "101", "30.5", "1e1", "999999999999"] {
            let error = parse_percent(text).unwrap_err();
            assert!(error.contains("from 0 to 100") && error.contains(text), "{error}");
        }
    }

    #[test]
    fn ratios_are_hundredths() {
        for (text, hundredths) in [("1", 100), ("1.05", 105), ("1.5", 150), ("10.00", 1_000)] {
            assert_eq!(parse_ratio(text), Ok(hundredths), "{text}");
            assert_eq!(parse_ratio(&ratio(hundredths)), Ok(hundredths), "{text}");
        }
        for text in ["", ".", "0.99", "10.01", "NaN", "-1.0", "1.005", "1,05", "1.0.0", "99999999"] {
            assert!(parse_ratio(text).is_err(), "{text}");
        }
    }

    #[test]
    fn memory_is_read_as_the_servers_read_it() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4_096),
            ("10mb", 10_485_760),
            ("10M", 10_000_000),
            ("2GB", 2 << 30),
            ("1kb", 1_024),
        ] {
            assert_eq!(parse_memory(text), Ok(bytes), "{text}");
        }
        for text in ["", "mb", "-1", "1.5gb", "10 mb", "1tb", "99999999999gb", "NaN"] {
            assert!(parse_memory(text).is_err(), "{text}");
        }
    }

    #[test]
    fn options_out_of_range_are_named() {
        let good = RestoreOptions::default();
        assert_eq!(good.check(), Ok(()));
        for (bad, word) in [
            (RestoreOptions { rewrite_percent: 101, ..good }, "pages rewritten is 101"),
            (RestoreOptions { reserved_memory_percent: 255, ..good }, "reserved-memory-percent is 255"),
            (RestoreOptions { replicas: 6, ..good }, "replicas is 6"),
            (RestoreOptions { mem_fragmentation_percent: 99, ..good }, "hundredths is 99"),
            (RestoreOptions { replica_buffer_bytes: Some(0), ..good }, "no limit"),
        ] {
            let error = bad.check().unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
