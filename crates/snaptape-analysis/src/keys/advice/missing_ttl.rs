//! Keys without TTL among many that have one.

use snaptape_report::{Advice, AdviceKind, Dataset, units};

use super::{FEW_KEYS, blank};

/// From this share of keys with a TTL on, in per cent, those without are called forgotten.
const LEAST_PERCENT: u64 = 80;

pub(super) fn advice(dataset: &Dataset) -> Vec<Advice> {
    let all = dataset.totals.memory_bytes;
    let groups = dataset.patterns.iter().filter_map(|group| {
        let tally = &group.tally;
        let (without, held) = (tally.without_ttl(), group.without_ttl_memory_bytes);
        let is_forgotten = without > 0
            && tally.keys >= FEW_KEYS
            && u128::from(tally.with_ttl) * 100 >= u128::from(tally.keys) * u128::from(LEAST_PERCENT);
        if !is_forgotten || !Advice::is_worth_saying(held, all) {
            return None;
        }
        let sentence = format!(
            "{} of {} keys {} {} no TTL, while {} of them expire: {} {} nothing ever frees.",
            units::count(without),
            units::count(tally.keys),
            units::printable(group.pattern.as_bytes()),
            if without == 1 { "has" } else { "have" },
            units::percent(tally.with_ttl, tally.keys),
            if without == 1 { "it holds" } else { "they hold" },
            units::bytes(held)
        );
        Some(Advice {
            affected_bytes: held,
            keys: without,
            pattern: Some(group.pattern.clone()),
            sentence,
            cost: Some(
                "Whether they may go is known only to who wrote them: a SET without EX, or a PERSIST.".into(),
            ),
            ..blank(AdviceKind::MissingTtl)
        })
    });
    groups.collect()
}
