//! Which nodes hold it, and how many of them.

use snaptape_report::{ForkRoom, NodePlan, units};
use snaptape_sort::Sort as _;

use super::RestoreLoad;
use super::node_types::{FAMILIES, Family};
use super::settings::{Demand, Settings};

/// One node type.
struct Node<'a> {
    settings: &'a Settings,
    load: RestoreLoad,
    maxmemory_bytes: u64,
    /// What is left for data.
    capacity_bytes: u64,
}

/// Every node type: those new clusters can be made of first, small before large.
pub(super) fn plan(load: RestoreLoad, settings: &Settings) -> Vec<NodePlan> {
    let mut nodes: Vec<NodePlan> = FAMILIES
        .iter()
        .flat_map(|family| {
            family
                .sizes
                .iter()
                .map(|&(size, maxmemory_bytes)| one(family, size, maxmemory_bytes, load, settings))
        })
        .collect();
    // Stable: of nodes of one size, the newer stands first in the table.
    nodes.order_by_key(|node| (node.previous_generation, node.maxmemory_bytes));
    nodes
}

fn one(
    family: &Family,
    size: &str,
    maxmemory_bytes: u64,
    load: RestoreLoad,
    settings: &Settings,
) -> NodePlan {
    let left_percent = 100 - u64::from(settings.options().reserved_memory_percent);
    // Rounded down: a byte less is never too much.
    let capacity = u128::from(maxmemory_bytes) * u128::from(left_percent) / 100;
    let capacity_bytes = u64::try_from(capacity).unwrap_or(maxmemory_bytes);
    let node = Node { settings, load, maxmemory_bytes, capacity_bytes };
    let shards = node.fewest(|shard| node.holds(shard));
    let shards_with_fork = node.fewest(|shard| node.holds(shard) && node.fork_room(shard) != ForkRoom::None);
    let shard = node.shard(shards.unwrap_or(1));
    NodePlan {
        node_type: format!("cache.{}.{size}", family.name),
        family: family.name.into(),
        engines: family.engines,
        data_tiering: family.kind == super::node_types::Kind::DataTiering,
        previous_generation: family.is_previous(),
        maxmemory_bytes,
        capacity_bytes,
        shards,
        shards_with_fork,
        shard_bytes: shard.used_bytes,
        fork_room: node.fork_room(&shard),
        max_rewrite_percent: node.max_rewrite_percent(&shard),
        why_not: node.why_not(shards, shards_with_fork),
        advised_reserved_percent: family.advised_reserved_percent(size),
    }
}

impl Node<'_> {
    /// What the fullest of so many shards demands: an even split, but never less than the biggest key.
    fn shard(&self, shards: u16) -> Demand {
        let even = self.load.dataset_bytes.div_ceil(u64::from(shards.max(1)));
        let data = even.max(self.load.largest_key_bytes);
        let used = data.saturating_add(self.settings.backlog_bytes);
        self.settings.demand(used, self.settings.node_buffer_limit(self.maxmemory_bytes))
    }

    /// More shards never demand more of one, so the first number that is enough is the answer.
    fn fewest(&self, is_enough: impl Fn(&Demand) -> bool) -> Option<u16> {
        (1..=self.settings.max_shards).find(|&shards| is_enough(&self.shard(shards)))
    }

    fn holds(&self, shard: &Demand) -> bool {
        shard.used_bytes <= self.capacity_bytes
    }

    fn fork_room(&self, shard: &Demand) -> ForkRoom {
        let beyond_data = shard.total_bytes().saturating_sub(shard.used_bytes);
        if beyond_data <= self.maxmemory_bytes - self.capacity_bytes {
            ForkRoom::Reserve
        } else if shard.total_bytes() <= self.maxmemory_bytes {
            ForkRoom::EmptyCapacity
        } else {
            ForkRoom::None
        }
    }

    fn max_rewrite_percent(&self, shard: &Demand) -> Option<u8> {
        let still = shard.resident_bytes.saturating_add(shard.buffer_bytes);
        let left = self.maxmemory_bytes.checked_sub(still)?;
        let percent = u128::from(left) * 100 / u128::from(shard.resident_bytes.max(1));
        Some(u8::try_from(percent.min(100)).unwrap_or(100))
    }

    fn why_not(&self, shards: Option<u16>, shards_with_fork: Option<u16>) -> Option<String> {
        if shards_with_fork.is_some() {
            return None;
        }
        let key = units::bytes(self.load.largest_key_bytes);
        let smallest = self.shard(self.settings.max_shards);
        let is_one_key = self.load.largest_key_bytes
            > self.load.dataset_bytes.div_ceil(u64::from(self.settings.max_shards));
        let too_many = format!("more than {} shards", units::count(self.settings.max_shards.into()));
        Some(match (shards, is_one_key) {
            (None, _) if self.capacity_bytes <= self.settings.backlog_bytes => {
                "nothing is left for data".into()
            }
            (None, true) if smallest.used_bytes > self.capacity_bytes => {
                // Without the node's own figure, so that one sentence stands for all of them.
                let beside = if self.settings.backlog_bytes > 0 { " beside the backlog" } else { "" };
                format!("one key alone takes {key}, more than is left for data{beside}")
            }
            (None, _) => too_many,
            (Some(_), _) if smallest.buffer_bytes >= self.maxmemory_bytes => {
                "replica output buffers alone may take all memory".into()
            }
            (Some(_), true) => format!("one key alone takes {key}, its rewritten pages do not fit beside it"),
            (Some(_), false) => format!("{too_many}, to hold the rewritten pages too"),
        })
    }
}
