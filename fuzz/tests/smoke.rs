//! Every target over its seeds as they are, and over a fixed set of changes to them.

use std::{
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use snaptape_fuzz::{Mutator, TARGETS, Target};

const CHANGES: usize = 400;

#[test]
fn seeds_and_changes_to_them() {
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, NonZero::get);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(target) = TARGETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    smoke(target);
                }
            });
        }
    });
    assert!(next.into_inner() >= TARGETS.len());
}

fn smoke(target: &Target) {
    let seeds = (target.seeds)();
    assert!(seeds.len() >= 5, "{} has only {} seeds", target.name, seeds.len());
    let mut mutator = Mutator::new(1);
    let mut input = Vec::new();
    for n in 0..seeds.len() + CHANGES {
        match seeds.get(n) {
            Some(seed) => input.clone_from(seed),
            None => mutator.next(&seeds, &mut input),
        }
        let result = catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        assert!(result.is_ok(), "{} fails on input {n}: {}", target.name, input.escape_ascii());
    }
}

#[test]
fn libfuzzer_knows_every_target() {
    let manifest = include_str!("../Cargo.toml");
    for target in TARGETS {
        assert!(
            manifest.contains(&format!("name = \"{}\"\n", target.name)),
            "{} is not in Cargo.toml",
            target.name
        );
    }
    assert_eq!(manifest.matches("required-features = [\"libfuzzer\"]").count(), TARGETS.len());
}
