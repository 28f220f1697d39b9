//! Cases worked out by hand, against the table of node types.

use snaptape_report::{Engines, ForkRoom, MemoryPart, NodePlan, RestoreOptions, RestorePlan};

use super::{RestoreLoad, plan_load};

const TEN_GB: RestoreLoad = RestoreLoad { dataset_bytes: 10_000_000_000, largest_key_bytes: 1_000_000 };
const DEFAULT: RestoreOptions = RestoreOptions {
    rewrite_percent: 30,
    reserved_memory_percent: 25,
    replicas: 1,
    mem_fragmentation_percent: 100,
    repl_backlog_bytes: None,
    replica_buffer_bytes: None,
};

fn plan(load: RestoreLoad, target: &str, options: RestoreOptions) -> RestorePlan {
    plan_load(load, target, &options).unwrap()
}

fn parts(plan: &RestorePlan) -> Vec<u64> {
    plan.parts.iter().map(|line| line.bytes).collect()
}

fn node<'a>(plan: &'a RestorePlan, node_type: &str) -> &'a NodePlan {
    plan.nodes.iter().find(|node| node.node_type == node_type).unwrap()
}

#[test]
fn the_sum_is_that_of_its_lines() {
    let plan = plan(TEN_GB, "redis-7.4", DEFAULT);
    assert_eq!(parts(&plan), [10_000_000_000, 1_048_576, 0, 267_386_880, 3_000_314_573]);
    assert_eq!(plan.maxmemory_bytes, 10_001_048_576);
    assert_eq!(plan.ram_bytes, 13_268_750_029);
    assert_eq!(plan.worst_ram_bytes, 20_269_484_032);
    assert_eq!(plan.parts.last().unwrap().worst_bytes, 10_001_048_576, "every page there is");
    for line in &plan.parts {
        assert_eq!(line.bytes == line.worst_bytes, line.part != MemoryPart::CopiedPages);
    }
}

#[test]
fn settings_are_those_of_the_target() {
    for (target, replicas, expected) in [
        // The backlog, and the buffers beyond it.
        ("redis-6.2", 3, [1_048_576, 805_306_368]),
        ("keydb-6.3", 2, [1_048_576, 536_870_912]),
        ("redis-7.0", 3, [1_048_576, 267_386_880]),
        ("redis-8.2", 1, [1_048_576, 267_386_880]),
        ("valkey-7.2", 1, [1_048_576, 267_386_880]),
        ("valkey-8.1", 1, [10_485_760, 257_949_696]),
        ("valkey-9.1", 0, [0, 0]),
    ] {
        let plan = plan(TEN_GB, target, RestoreOptions { replicas, ..DEFAULT });
        let parts = parts(&plan);
        assert_eq!([parts[1], parts[3]], expected, "{target} with {replicas}");
    }
    // A limit below the backlog is not honoured by the server.
    let chosen = RestoreOptions {
        repl_backlog_bytes: Some(1 << 30),
        replica_buffer_bytes: Some(1 << 20),
        mem_fragmentation_percent: 110,
        rewrite_percent: 0,
        ..DEFAULT
    };
    assert_eq!(parts(&plan(TEN_GB, "redis-7.4", chosen)), [10_000_000_000, 1 << 30, 1_107_374_183, 0, 0]);
}

#[test]
fn the_smallest_node_that_holds_it_comes_first() {
    let plan = plan(TEN_GB, "redis-7.4", DEFAULT);
    let names: Vec<&str> = plan.single_nodes().map(|node| node.node_type.as_str()).collect();
    // 75 % of 13,891,921,715 is 10,418,941,286; of r4.large's 13,201,781,556 it is 9,901,336,167.
    assert_eq!(
        names[..6],
        [
            "cache.m7g.xlarge",
            "cache.m6g.xlarge",
            "cache.m5.xlarge",
            "cache.c7gn.2xlarge",
            "cache.r7g.large",
            "cache.r6g.large"
        ]
    );
    assert_eq!(node(&plan, "cache.r5.large").capacity_bytes, 10_527_885_772, "the figure AWS itself gives");
    assert_eq!(node(&plan, "cache.r4.large").shards, Some(2));
    assert_eq!(node(&plan, "cache.t4g.micro").shards, Some(25));
    let old: Vec<&str> = names.iter().copied().filter(|name| name.contains(".r3.")).collect();
    assert_eq!(names[names.len() - old.len()..], old, "what cannot be had any more comes last");
    assert_eq!(node(&plan, "cache.r8g.large").engines, Engines::Valkey);
    assert!(node(&plan, "cache.r6gd.xlarge").data_tiering);
}

#[test]
fn the_reserve_is_what_the_fork_may_use() {
    // One replica's buffer may take a tenth of the node: what is left is enough for a quarter of the pages.
    let replicated = plan(TEN_GB, "redis-7.4", DEFAULT);
    let small = node(&replicated, "cache.m7g.xlarge");
    assert_eq!((small.shards, small.shards_with_fork), (Some(1), Some(2)));
    assert_eq!((small.fork_room, small.max_rewrite_percent), (ForkRoom::None, Some(25)));
    let quarter = plan(TEN_GB, "redis-7.4", RestoreOptions { rewrite_percent: 25, ..DEFAULT });
    let small = node(&quarter, "cache.m7g.xlarge");
    assert_eq!((small.fork_room, small.shards_with_fork), (ForkRoom::EmptyCapacity, Some(1)));
    let alone = plan(TEN_GB, "redis-7.4", RestoreOptions { replicas: 0, ..DEFAULT });
    let small = node(&alone, "cache.m7g.xlarge");
    // (13,891,921,715 - 10,000,000,000) / 10,000,000,000
    assert_eq!((small.fork_room, small.max_rewrite_percent), (ForkRoom::Reserve, Some(38)));
    // The doubling needs twice the data.
    let worst = plan(TEN_GB, "redis-7.4", RestoreOptions { rewrite_percent: 100, replicas: 0, ..DEFAULT });
    assert_eq!(node(&worst, "cache.m7g.xlarge").shards_with_fork, Some(2));
    assert_eq!(node(&worst, "cache.r7g.xlarge").fork_room, ForkRoom::EmptyCapacity);
    assert_eq!(node(&worst, "cache.r7g.2xlarge").fork_room, ForkRoom::Reserve);
}

#[test]
fn what_no_number_of_shards_holds_has_a_reason() {
    let why = |load, options, node_type: &str| {
        let plan = plan(load, "redis-7.4", options);
        let node = node(&plan, node_type);
        assert_eq!(node.shards_with_fork, None);
        (node.shards, node.why_not.clone().unwrap())
    };
    let big_key = RestoreLoad { largest_key_bytes: 500_000_000, ..TEN_GB };
    let (shards, text) = why(big_key, DEFAULT, "cache.t4g.micro");
    assert_eq!(
        (shards, text.as_str()),
        (None, "one key alone takes 500 MB, more than is left for data beside the backlog")
    );
    let big_key = RestoreLoad { largest_key_bytes: 400_000_000, ..TEN_GB };
    let (shards, text) = why(big_key, DEFAULT, "cache.t4g.micro");
    assert_eq!(shards, Some(25));
    assert_eq!(text, "one key alone takes 400 MB, its rewritten pages do not fit beside it");
    let huge = RestoreLoad { dataset_bytes: 10_000_000_000_000, largest_key_bytes: 9 };
    let (shards, text) = why(huge, DEFAULT, "cache.t4g.micro");
    assert_eq!((shards, text.as_str()), (None, "more than 250 shards"));
    let none_left = RestoreOptions { reserved_memory_percent: 100, ..DEFAULT };
    assert_eq!(why(TEN_GB, none_left, "cache.r7g.large"), (None, "nothing is left for data".into()));
    let fat = RestoreOptions { replica_buffer_bytes: Some(20_000_000_000), ..DEFAULT };
    let (shards, text) = why(TEN_GB, fat, "cache.r7g.large");
    assert_eq!((shards, text.as_str()), (Some(1), "replica output buffers alone may take all memory"));
}

#[test]
fn more_replicas_leave_fewer_shards() {
    for (replicas, shards) in [(0, 500), (1, 250), (2, 166), (5, 83)] {
        let plan = plan(TEN_GB, "redis-7.4", RestoreOptions { replicas, ..DEFAULT });
        assert_eq!(plan.max_shards, shards);
    }
}

#[test]
fn families_are_whole() {
    let plan = plan(TEN_GB, "redis-7.4", DEFAULT);
    let families = plan.families();
    assert_eq!(families.iter().map(|(_, nodes)| nodes.len()).sum::<usize>(), plan.nodes.len());
    for (name, nodes) in &families {
        assert!(nodes.iter().all(|node| node.family == **name));
        assert!(nodes.is_sorted_by_key(|node| node.maxmemory_bytes), "{name}");
    }
    let last: Vec<&str> = families[families.len() - 3..].iter().map(|family| family.0).collect();
    assert_eq!(last, ["m3", "r3", "t1"]);
    assert_eq!(families[0].1[0].size(), "large");
}

#[test]
fn absurd_figures_stay_figures() {
    let load = RestoreLoad { dataset_bytes: u64::MAX, largest_key_bytes: u64::MAX };
    let plan = plan(load, "redis-7.4", RestoreOptions { mem_fragmentation_percent: 1_000, ..DEFAULT });
    assert_eq!((plan.maxmemory_bytes, plan.ram_bytes), (u64::MAX, u64::MAX));
    assert!(plan.nodes.iter().all(|node| node.shards.is_none() && node.why_not.is_some()));
}

#[test]
fn options_out_of_range_are_refused() {
    for bad in [
        RestoreOptions { rewrite_percent: 101, ..DEFAULT },
        RestoreOptions { reserved_memory_percent: 101, ..DEFAULT },
        RestoreOptions { replicas: 6, ..DEFAULT },
        RestoreOptions { mem_fragmentation_percent: 99, ..DEFAULT },
    ] {
        assert!(plan_load(TEN_GB, "redis-7.4", &bad).is_err(), "{bad:?}");
    }
}
