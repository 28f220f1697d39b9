//! Strings that the file's own compression makes much shorter.

use snaptape_report::{Advice, AdviceKind, Dataset, units};

use super::{FEW_KEYS, blank};
use crate::StoredText;

/// Compressed to more than this, in per cent, is not worth the work.
const MOST_PERCENT: u64 = 70;
/// Where nothing is compressed, long strings with less than this share of all memory, in per cent, are not worth a word.
const UNKNOWN_PERCENT: u64 = 25;

/// Servers compress strings with LZF when they write a file (`rdbcompression`), so its lengths tell what compression would do. `texts`
/// are all long strings, and their bytes.
pub(super) fn advice(dataset: &Dataset, is_compressed: bool, (n, len_bytes): (u64, u64)) -> Vec<Advice> {
    let all = dataset.totals.memory_bytes;
    if !is_compressed {
        let is_much = u128::from(len_bytes) * 100 >= u128::from(all) * u128::from(UNKNOWN_PERCENT);
        if n < FEW_KEYS || !is_much || !Advice::is_worth_saying(len_bytes, all) {
            return Vec::new();
        }
        let sentence = format!(
            "{} of {} bytes or more {} {}. Nothing in the file is compressed (its writer had rdbcompression off, or nothing gets \
             shorter), so what compressing them in the client would save is not known.",
            units::plural(n, "string", "strings"),
            StoredText::LEAST_BYTES,
            if n == 1 { "takes" } else { "take" },
            units::bytes(len_bytes)
        );
        return vec![Advice {
            affected_bytes: len_bytes,
            keys: n,
            sentence,
            ..blank(AdviceKind::CompressibleStrings)
        }];
    }
    let groups = dataset.patterns.iter().filter_map(|group| {
        let texts = &group.texts;
        let is_short =
            u128::from(texts.stored_bytes) * 100 <= u128::from(texts.len_bytes) * u128::from(MOST_PERCENT);
        let saved = texts.len_bytes.saturating_sub(texts.stored_bytes);
        if texts.keys == 0 || !is_short || !Advice::is_worth_saying(saved, all) {
            return None;
        }
        let sentence = format!(
            "{} {} {} {}, and {} of that as the file compresses them (LZF): compressing them in the client would save about {}.",
            units::plural(texts.keys, "string", "strings"),
            units::printable(group.pattern.as_bytes()),
            if texts.keys == 1 { "takes" } else { "take" },
            units::bytes(texts.len_bytes),
            units::percent(texts.stored_bytes, texts.len_bytes),
            units::bytes(saved)
        );
        Some(Advice {
            saved_bytes: Some(saved),
            affected_bytes: group.tally.memory_bytes,
            keys: texts.keys,
            pattern: Some(group.pattern.clone()),
            examples: group.largest.iter().cloned().collect(),
            sentence,
            cost: Some(
                "Clients then unpack every value they read, and commands that look into a string (GETRANGE, APPEND) see packed bytes."
                    .into(),
            ),
            ..blank(AdviceKind::CompressibleStrings)
        })
    });
    groups.collect()
}
