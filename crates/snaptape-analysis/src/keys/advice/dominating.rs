//! Keys that take a good part of everything, or of their hash slot.

use snaptape_report::{Advice, AdviceKind, Dataset, SlotCoverage, units};

use super::{FEW_KEYS, blank};

/// From this share of all memory on, in per cent, a key dominates.
const LEAST_PERCENT: u64 = 20;
/// And from this share of its slot on, where that has so many times the memory of an average one.
const LEAST_PERCENT_OF_SLOT: u64 = 50;
const LEAST_TIMES: u64 = 4;

pub(super) fn advice(dataset: &Dataset) -> Vec<Advice> {
    let all = dataset.totals.memory_bytes;
    if dataset.totals.keys < FEW_KEYS {
        return Vec::new();
    }
    let dominating = dataset.biggest.iter().filter(|key| {
        u128::from(key.memory_bytes) * 100 >= u128::from(all) * u128::from(LEAST_PERCENT)
            && Advice::is_worth_saying(key.memory_bytes, all)
    });
    let advice = dominating.take(Advice::MAX_OF_KIND).map(|key| {
        let elements = key.elements.filter(|_| key.type_name.0 != "string");
        let sentence = format!(
            "{} ({}{}) alone takes {}, {} of all memory: in a cluster it cannot be spread, and whoever deletes, copies or reads it \
             as a whole holds up everybody else.",
            key.name.display(),
            key.type_name,
            elements.map(|n| format!(", {}", units::plural(n, "element", "elements"))).unwrap_or_default(),
            units::bytes(key.memory_bytes),
            units::percent(key.memory_bytes, all)
        );
        Advice {
            affected_bytes: key.memory_bytes,
            keys: 1,
            examples: vec![key.name.clone()],
            sentence,
            cost: Some("Parts under names of their own can be spread and expire apart; clients have to know which part.".into()),
            ..blank(AdviceKind::DominatingKey)
        }
    });
    advice.collect()
}

/// Adds what the hash slots of a cluster tell to the advice of a data set.
pub fn slot_advice(dataset: &mut Dataset, slots: &SlotCoverage) {
    let all = dataset.totals.memory_bytes;
    let average = all / u64::from(slots.covered.max(1));
    let heavy = slots.heaviest.iter().filter(|slot| {
        u128::from(slot.largest_memory_bytes) * 100
            >= u128::from(slot.memory_bytes) * u128::from(LEAST_PERCENT_OF_SLOT)
            && slot.keys > 1
            && slot.memory_bytes >= average.saturating_mul(LEAST_TIMES)
            && Advice::is_worth_saying(slot.largest_memory_bytes, all)
    });
    let more = heavy.take(Advice::MAX_OF_KIND).map(|slot| Advice {
        affected_bytes: slot.largest_memory_bytes,
        keys: 1,
        examples: vec![slot.largest.clone()],
        sentence: format!(
            "{} takes {}, {} of hash slot {}, which holds {} where an average one holds {}: the node of that slot cannot be relieved \
             of it.",
            slot.largest.display(),
            units::bytes(slot.largest_memory_bytes),
            units::percent(slot.largest_memory_bytes, slot.memory_bytes),
            slot.slot,
            units::bytes(slot.memory_bytes),
            units::bytes(average)
        ),
        cost: Some("Parts under names of their own fall into slots of their own; clients have to know which part.".into()),
        ..blank(AdviceKind::DominatingKeyOfSlot)
    });
    dataset.advice.extend(more);
    Advice::order(&mut dataset.advice);
}
