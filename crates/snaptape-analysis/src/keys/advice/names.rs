//! Names of keys that repeat the same long text.

use snaptape_memory::{Kind, Models, Value};
use snaptape_report::{Advice, AdviceKind, Dataset, PatternGroup, PatternSource, units};

use super::{super::pattern, FEW_KEYS, blank};

/// Names that are longer than this on average are long.
const LONG_BYTES: u64 = 40;
/// What the text that all names of a pattern share could be shortened to.
const SHORT_BYTES: u64 = 8;

/// One item for all patterns. What a name takes is worked out for one of average length: allocators round up, so the figure is
/// "about". Only names of patterns that are listed count.
pub(super) fn advice(dataset: &Dataset, release: usize) -> Option<Advice> {
    let models = Models::default();
    let mut advice = blank(AdviceKind::LongNames);
    let mut saved_bytes = 0_u64;
    let mut shared_bytes = 0_u64;
    let mut most: Option<(u64, &PatternGroup)> = None;
    for group in &dataset.patterns {
        let Some(saved) = saved(group, release, &models) else { continue };
        saved_bytes = saved_bytes.saturating_add(saved);
        shared_bytes =
            shared_bytes.saturating_add(literal_bytes(&group.pattern).saturating_mul(group.tally.keys));
        advice.keys += group.tally.keys;
        advice.affected_bytes = advice.affected_bytes.saturating_add(group.tally.name_bytes);
        if most.is_none_or(|(bytes, _)| saved > bytes) {
            most = Some((saved, group));
        }
    }
    let (_, group) = most?;
    if !Advice::is_worth_saying(saved_bytes, dataset.totals.memory_bytes) {
        return None;
    }
    advice.sentence = format!(
        "The names of {} are longer than {LONG_BYTES} bytes on average; {} of their {} is the same text over and over, as in {}: \
         {SHORT_BYTES} bytes in its place would save about {}.",
        units::plural(advice.keys, "key", "keys"),
        units::bytes(shared_bytes),
        units::bytes(advice.affected_bytes),
        units::printable(group.pattern.as_bytes()),
        units::bytes(saved_bytes)
    );
    advice.saved_bytes = Some(saved_bytes);
    advice.pattern = Some(group.pattern.clone());
    advice.examples = group.largest.iter().cloned().collect();
    advice.cost =
        Some("Every client has to learn the new names, and the old keys have to be renamed.".into());
    Some(advice)
}

/// What shorter names would save in a pattern.
fn saved(group: &PatternGroup, release: usize, models: &Models) -> Option<u64> {
    let keys = group.tally.keys;
    if group.source != PatternSource::Segments || keys < FEW_KEYS {
        return None;
    }
    let average = group.tally.name_bytes / keys;
    let cut = literal_bytes(&group.pattern).min(average).checked_sub(SHORT_BYTES).filter(|cut| *cut > 0)?;
    if average <= LONG_BYTES {
        return None;
    }
    let name = |len| models.cost(release, &Value::new(Kind::Other, len, false)).allocated_bytes;
    Some(name(average).saturating_sub(name(average - cut)).saturating_mul(keys))
}

/// How much of a pattern is text, not classes.
fn literal_bytes(text: &str) -> u64 {
    let mut bytes = text.len();
    for class in pattern::CLASSES {
        let token = format!("{{{class}}}");
        bytes -= text.matches(token.as_str()).count() * token.len();
    }
    bytes as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_are_no_text() {
        for (text, bytes) in [
            ("user:{int}:profile", 13),
            ("{uuid}", 0),
            ("{user{int}}.following", 16),
            ("integer", 7),
            ("", 0),
        ] {
            assert_eq!(literal_bytes(text), bytes, "{text}");
        }
    }
}
