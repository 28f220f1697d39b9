//! Folds adversarial keys and says how much memory that took: `adversary [KEYS]`. Called by `cargo xtask budgets`.

use std::time::Instant;

use snaptape_analysis::DatasetFold;

#[path = "../tests/all/adversary/mod.rs"]
mod adversary;

#[expect(clippy::disallowed_methods, reason = "a program of its own, which never runs in a browser")]
fn main() {
    let keys: u64 =
        std::env::args().nth(1).map_or(50_000_000, |word| word.parse().expect("a number of keys"));
    let start = Instant::now();
    let mut fold = DatasetFold::new(adversary::options(), 1_000_000).expect("good options");
    let report = |fold: &DatasetFold, at: u64| {
        println!("{at} keys, {:.1} s, peak memory {}", start.elapsed().as_secs_f64(), peak_memory());
        assert_eq!(fold.keys(), at);
    };
    let mut at = 0;
    while at < keys {
        let next = (at + keys.div_ceil(5)).min(keys);
        adversary::add(&mut fold, at..next);
        at = next;
        report(&fold, at);
    }
    check(fold, keys);
    let mut fold = DatasetFold::default();
    adversary::add_patient(&mut fold, 0..keys / 5);
    report(&fold, keys / 5);
    check(fold, keys / 5);
}

fn check(fold: DatasetFold, keys: u64) {
    let dataset = fold.finish();
    for sentence in dataset.folding.sentences(keys) {
        println!("  {sentence}");
    }
    println!(
        "  {} patterns, {} segments",
        dataset.patterns.len() as u64 + dataset.other_patterns_count,
        dataset.folding.nodes
    );
    let listed: u64 = dataset.patterns.iter().map(|group| group.tally.keys).sum();
    assert_eq!(listed + dataset.other_patterns.keys, keys, "a key is in no pattern");
    assert!(dataset.folding.nodes <= dataset.folding.max_nodes, "the budget of nodes is exceeded");
}

fn peak_memory() -> String {
    // Linux alone says.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".into(), |line| line.trim().to_owned())
}
