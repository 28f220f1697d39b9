//! What holds of every restore plan.

use proptest::prelude::*;
use snaptape_analysis::{RestoreLoad, plan_load};
use snaptape_report::{ForkRoom, MemoryPart, RestoreOptions, RestorePlan};

fn options() -> impl Strategy<Value = RestoreOptions> {
    let bytes = || prop::option::of(1_u64..1 << 34);
    (0_u8..=100, 0_u8..=100, 0_u8..=5, 100_u16..=1_000, bytes(), bytes()).prop_map(
        |(rewrite_percent, reserved_memory_percent, replicas, mem_fragmentation_percent, backlog, buffer)| {
            RestoreOptions {
                rewrite_percent,
                reserved_memory_percent,
                replicas,
                mem_fragmentation_percent,
                repl_backlog_bytes: backlog,
                replica_buffer_bytes: buffer,
            }
        },
    )
}

/// From a few bytes to far beyond any cluster, even in logarithm.
fn load() -> impl Strategy<Value = RestoreLoad> {
    (0_u32..48, any::<u64>(), any::<u64>()).prop_map(|(bits, a, b)| {
        let dataset_bytes = a >> (63 - bits);
        RestoreLoad { dataset_bytes, largest_key_bytes: b % (dataset_bytes + 1) }
    })
}

fn target() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["redis-6.2", "redis-7.4", "valkey-9.1", "keydb-6.3", "nonsense"])
}

fn plan(load: RestoreLoad, target: &str, options: &RestoreOptions) -> RestorePlan {
    plan_load(load, target, options).unwrap()
}

proptest! {
    #[test]
    fn lines_add_up(load in load(), target in target(), options in options()) {
        let plan = plan(load, target, &options);
        let sum = |within: fn(MemoryPart) -> bool| -> u64 {
            plan.parts.iter().filter(|line| within(line.part)).map(|line| line.bytes).sum()
        };
        prop_assert_eq!(sum(MemoryPart::is_in_maxmemory), plan.maxmemory_bytes);
        prop_assert_eq!(sum(|_| true), plan.ram_bytes);
        prop_assert_eq!(plan.parts.iter().map(|line| line.worst_bytes).sum::<u64>(), plan.worst_ram_bytes);
        prop_assert!(plan.maxmemory_bytes <= plan.ram_bytes && plan.ram_bytes <= plan.worst_ram_bytes);
    }

    #[test]
    fn named_nodes_hold_it(load in load(), target in target(), options in options()) {
        let plan = plan(load, target, &options);
        let backlog = plan.parts[1].bytes;
        for node in &plan.nodes {
            prop_assert!(node.capacity_bytes <= node.maxmemory_bytes);
            prop_assert_eq!(node.why_not.is_none(), node.shards_with_fork.is_some());
            prop_assert!(node.shards.is_some() || node.shards_with_fork.is_none());
            let Some(shards) = node.shards else { continue };
            prop_assert!((1..=plan.max_shards).contains(&shards));
            prop_assert!(node.shard_bytes <= node.capacity_bytes);
            prop_assert!(load.largest_key_bytes + backlog <= node.capacity_bytes);
            let room = u128::from(shards) * u128::from(node.capacity_bytes - backlog);
            prop_assert!(room >= u128::from(load.dataset_bytes));
            // One shard fewer would not do.
            if shards > 1 {
                let room = u128::from(shards - 1) * u128::from(node.capacity_bytes - backlog);
                prop_assert!(room < u128::from(load.dataset_bytes));
            }
            if let Some(with_fork) = node.shards_with_fork {
                prop_assert!(with_fork >= shards);
                prop_assert_eq!(with_fork == shards, node.fork_room != ForkRoom::None);
            }
            // The largest share named is the boundary.
            let fits = node.max_rewrite_percent.is_some_and(|most| most >= options.rewrite_percent);
            prop_assert_eq!(fits, node.fork_room != ForkRoom::None, "{:?}", node);
        }
        let mut last = (false, 0);
        for node in plan.single_nodes() {
            let place = (node.previous_generation, node.maxmemory_bytes);
            prop_assert!(place >= last);
            last = place;
        }
    }

    #[test]
    fn more_never_needs_less(load in load(), target in target(), options in options(), more in 0_u64..1 << 40, share in 0_u8..=100) {
        let before = plan(load, target, &options);
        let bigger = RestoreLoad { dataset_bytes: load.dataset_bytes + more, ..load };
        let rewrite_percent = options.rewrite_percent.max(share);
        for after in [
            plan(bigger, target, &options),
            plan(load, target, &RestoreOptions { rewrite_percent, ..options }),
        ] {
            prop_assert!(after.maxmemory_bytes >= before.maxmemory_bytes);
            prop_assert!(after.ram_bytes >= before.ram_bytes);
            prop_assert!(after.worst_ram_bytes >= before.worst_ram_bytes);
            for (after, before) in after.nodes.iter().zip(&before.nodes) {
                let shards = |shards: Option<u16>| shards.unwrap_or(u16::MAX);
                prop_assert!(shards(after.shards) >= shards(before.shards));
                prop_assert!(shards(after.shards_with_fork) >= shards(before.shards_with_fork));
            }
        }
    }
}
