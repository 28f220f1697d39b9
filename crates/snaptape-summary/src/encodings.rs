//! How values are stored, and why so.

use snaptape_report::{Advice, AdviceKind, Dataset, Group, PackLimit, units};
use snaptape_sort::Sort as _;

use crate::{
    Weigh,
    picture::{Bar, Fill, Part},
};

/// The encodings of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeShares {
    /// The type.
    pub type_name: String,
    /// Its keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
    /// Its encodings, most memory first.
    pub encodings: Vec<Group>,
    /// The same as a bar, in shades of the type's colour.
    pub bar: Bar,
    /// What decides between them.
    pub rule: String,
}

/// Type by type, most memory first.
pub fn types(dataset: &Dataset, weigh: Weigh) -> Vec<TypeShares> {
    let mut names: Vec<&str> = Vec::new();
    for group in &dataset.encodings {
        if !names.contains(&group.type_name.as_str()) {
            names.push(&group.type_name);
        }
    }
    let mut types: Vec<TypeShares> = names
        .into_iter()
        .map(|name| {
            let encodings: Vec<Group> =
                dataset.encodings.iter().filter(|group| group.type_name == name).cloned().collect();
            let part = |(i, group): (usize, &Group)| Part {
                fill: Fill::of_type(name).shade(i),
                value: weigh.of(group.tally.keys, group.tally.memory_bytes),
                name: group.name.clone(),
            };
            TypeShares {
                type_name: name.into(),
                keys: encodings.iter().map(|group| group.tally.keys).sum(),
                memory_bytes: encodings.iter().map(|group| group.tally.memory_bytes).sum(),
                bar: Bar {
                    label: name.into(),
                    short: name.into(),
                    parts: encodings.iter().enumerate().map(part).collect(),
                },
                encodings,
                rule: rule(name, &dataset.limits),
            }
        })
        .collect();
    types.order_by_key(|shares| core::cmp::Reverse(shares.memory_bytes));
    types
}

/// What decides how values of a type are stored, with the limits of the target.
fn rule(type_name: &str, limits: &[PackLimit]) -> String {
    let limit = |is_length: bool, intset: bool| {
        limits.iter().find(|limit| {
            limit.type_name == type_name
                && limit.is_length == is_length
                && limit.setting.contains("intset") == intset
        })
    };
    let entries = |limit: &PackLimit, what: &str| {
        format!("at most {} {what} ({} {})", units::count(limit.value), limit.setting, limit.value)
    };
    let packed = |what: &str, each: &str, else_: &str| match (limit(false, false), limit(true, false)) {
        (Some(n), Some(len)) => {
            let word = if n.setting.contains("ziplist") { "ziplist" } else { "listpack" };
            format!(
                "One block ({word}) while it has {}, {each} of at most {} bytes ({} {}); then {else_}, and not back again.",
                entries(n, what),
                len.value,
                len.setting,
                len.value
            )
        }
        _ => String::new(),
    };
    match type_name {
        "string" => "A whole number that fits 64 bits is an int, held in place of a pointer; a short text is embstr, one allocation with \
                     its header; anything longer, or that was appended to, is raw: two allocations."
            .into(),
        "hash" => packed("fields", "each name and value", "a hashtable"),
        "zset" => packed("members", "each", "a skiplist with a table beside it"),
        "set" => {
            let numbers = limit(false, true).map_or_else(String::new, |limit| {
                format!("Whole numbers alone are an intset, {}. ", entries(limit, "of them"))
            });
            let text = packed("members", "each", "a hashtable");
            let text = if text.is_empty() { "Any other set is a hashtable.".to_owned() } else { text };
            format!("{numbers}{text}")
        }
        "list" => "A list is a quicklist: nodes of up to 8 KB (list-max-listpack-size -2). Redis 7.2 and later keep one that fits a single node \
                   as a listpack."
            .into(),
        "stream" => "A stream is listpacks of up to 100 entries or 4 KB in a radix tree (stream-node-max-entries, stream-node-max-bytes)."
            .into(),
        _ => "How a module stores its values is its own business.".into(),
    }
}

/// The advice that is about encodings.
pub fn advice(dataset: &Dataset) -> Vec<&Advice> {
    dataset.advice.iter().filter(|advice| advice.kind == AdviceKind::AboveLimit).collect()
}

/// What the limits cost, as a sentence.
pub fn verdict(dataset: &Dataset) -> String {
    let saved: u64 = advice(dataset).iter().filter_map(|advice| advice.saved_bytes).sum();
    let tables =
        dataset.encodings.iter().filter(|group| matches!(group.name.as_str(), "hashtable" | "skiplist"));
    let (keys, memory) = tables
        .fold((0, 0), |(keys, memory), group| (keys + group.tally.keys, memory + group.tally.memory_bytes));
    let all = &dataset.totals;
    if saved > 0 {
        return format!(
            "Values a little above a limit cost {}: {} of all estimated memory.",
            units::bytes(saved),
            units::percent(saved, all.memory_bytes)
        );
    }
    match keys {
        0 => "Every value is stored as small as its type allows.".into(),
        _ => format!(
            "{} {} of the memory; raising a limit a little would pack little of it.",
            units::plural(
                keys,
                "value is too large to be packed: it is stored as a table and holds",
                "values are too large to be packed: they are stored as tables and hold"
            ),
            units::percent(memory, all.memory_bytes)
        ),
    }
}

#[cfg(test)]
mod tests {
    use snaptape_report::Tally;

    use super::*;

    fn group(type_name: &str, name: &str, keys: u64, memory_bytes: u64) -> Group {
        let tally = Tally { keys, memory_bytes, ..Tally::default() };
        Group { type_name: type_name.into(), name: name.into(), tally, quantiles: None }
    }

    fn limit(type_name: &str, setting: &str, value: u64) -> PackLimit {
        PackLimit {
            type_name: type_name.into(),
            setting: setting.into(),
            value,
            is_length: setting.ends_with("-value"),
        }
    }

    #[test]
    fn shares_of_each_type_and_what_decides() {
        let dataset = Dataset {
            totals: Tally { keys: 16, memory_bytes: 1_000, ..Tally::default() },
            encodings: vec![
                group("hash", "hashtable", 1, 600),
                group("zset", "listpack", 5, 250),
                group("hash", "listpack", 10, 150),
            ],
            limits: vec![
                limit("hash", "hash-max-listpack-entries", 128),
                limit("hash", "hash-max-listpack-value", 64),
                limit("set", "set-max-intset-entries", 512),
            ],
            ..Dataset::default()
        };
        let types = types(&dataset, Weigh::Keys);
        assert_eq!(
            types.iter().map(|t| (t.type_name.as_str(), t.keys, t.memory_bytes)).collect::<Vec<_>>(),
            [("hash", 11, 750), ("zset", 5, 250)]
        );
        assert_eq!(types[0].bar.parts.iter().map(|part| part.value).collect::<Vec<_>>(), [1, 10]);
        assert!(types[0].bar.parts[0].fill != types[0].bar.parts[1].fill);
        assert_eq!(
            types[0].rule,
            "One block (listpack) while it has at most 128 fields (hash-max-listpack-entries 128), each name and value of at most 64 \
             bytes (hash-max-listpack-value 64); then a hashtable, and not back again."
        );
        assert_eq!(
            rule("set", &dataset.limits),
            "Whole numbers alone are an intset, at most 512 of them (set-max-intset-entries 512). Any other set is a hashtable."
        );
        assert_eq!(
            verdict(&dataset),
            "1 value is too large to be packed: it is stored as a table and holds 60 % of the memory; raising a limit a little would \
             pack little of it."
        );
    }
}
