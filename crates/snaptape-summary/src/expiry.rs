//! When keys expire, and what that frees.

use snaptape_report::{Dataset, units};

use crate::{
    Weigh,
    picture::{Bar, Columns, Fill, Part},
};

/// Names of [`Dataset::EXPIRIES`] that fit below a column.
const SHORT: [&str; Dataset::EXPIRIES.len()] =
    ["never", "when saved", "since", "1 min", "1 h", "1 day", "1 week", "30 days", "1 year", "later"];

/// A span of time left, and the keys that expire in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiryRow {
    /// One of [`Dataset::EXPIRIES`].
    pub name: &'static str,
    /// Keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
    /// What has gone by its end: this and everything before it. None for keys that never expire.
    pub freed_bytes: Option<u64>,
}

/// All spans in the order of time, those without keys included; keys that never expire come last.
pub fn rows(dataset: &Dataset) -> Vec<ExpiryRow> {
    let mut freed = 0_u64;
    let mut rows: Vec<ExpiryRow> = Dataset::EXPIRIES
        .into_iter()
        .map(|name| {
            let group = dataset.expiries.iter().find(|group| group.name == name);
            let (keys, memory_bytes) = group.map_or((0, 0), |g| (g.tally.keys, g.tally.memory_bytes));
            if name != NEVER {
                freed = freed.saturating_add(memory_bytes);
            }
            ExpiryRow { name, keys, memory_bytes, freed_bytes: (name != NEVER).then_some(freed) }
        })
        .collect();
    rows.rotate_left(1);
    rows
}

/// The same as columns, each cut by type where that is known for the release shown.
pub fn columns(dataset: &Dataset, weigh: Weigh) -> Columns {
    let bars = rows(dataset)
        .into_iter()
        .map(|row| {
            let by_type = dataset.types.iter().filter_map(|group| {
                let kinds = dataset.kinds.iter();
                let value = kinds
                    .filter(|kind| kind.expires == row.name && kind.type_name == group.name)
                    .map(|kind| weigh.of(kind.keys, kind.memory_bytes))
                    .sum::<u64>();
                let fill = Fill::of_type(&group.name);
                (value > 0).then(|| Part { fill, value, name: group.name.clone() })
            });
            let mut parts: Vec<Part> = by_type.collect();
            let known: u64 = parts.iter().map(|part| part.value).sum();
            let rest = weigh.of(row.keys, row.memory_bytes).saturating_sub(known);
            if rest > 0 {
                let (fill, name) = if dataset.kinds.is_empty() {
                    (Fill::Plain, "all types")
                } else {
                    (Fill::of_type("module"), "modules")
                };
                parts.push(Part { fill, value: rest, name: name.into() });
            }
            let short = Dataset::EXPIRIES.iter().position(|name| *name == row.name).map_or("", |i| SHORT[i]);
            Bar { label: row.name.into(), short: short.into(), parts }
        })
        .collect();
    Columns { bars }
}

const NEVER: &str = Dataset::EXPIRIES[0];

/// How much never expires, as a sentence; `whose` keys they are is [`crate::verdict::whose`].
pub fn verdict(dataset: &Dataset, whose: &str) -> String {
    let keys = of_keys(dataset, whose);
    match dataset.with_field_ttl {
        0 => keys,
        n => {
            let may = if dataset.totals.with_ttl == 0 { "may" } else { "may expire on their own" };
            format!("{keys} Fields of {} {may}.", units::plural(n, "hash", "hashes"))
        }
    }
}

fn of_keys(dataset: &Dataset, whose: &str) -> String {
    let all = &dataset.totals;
    let whole = if dataset.with_field_ttl > 0 { " as a whole" } else { "" };
    if all.with_ttl == 0 {
        return match all.keys {
            1 => format!("The one key{whose} never expires{whole}."),
            keys => format!("None of the {} keys{whose} ever expires{whole}.", units::count(keys)),
        };
    }
    if all.without_ttl() == 0 {
        return match all.keys {
            1 => format!("The one key{whose} expires."),
            keys => format!("All {} keys{whose} expire.", units::count(keys)),
        };
    }
    let never = dataset.expiries.iter().find(|group| group.name == NEVER);
    let memory = never.map_or(0, |group| group.tally.memory_bytes);
    format!(
        "{} of the keys never expire, and they hold {} of the memory.",
        units::percent(all.without_ttl(), all.keys),
        units::percent(memory, all.memory_bytes)
    )
}

/// What that means for a server, and what goes soon.
pub fn lead(dataset: &Dataset) -> String {
    let all = &dataset.totals;
    if all.with_ttl == 0 {
        return "A key expires once a command gives it a time: EXPIRE, SET ... EX. Without one it stays until it is deleted or, \
                with a maxmemory-policy allkeys-*, evicted; under volatile-* a full server has nothing to evict and refuses writes."
            .into();
    }
    let rows = rows(dataset);
    let freed = |name: &str| {
        rows.iter().find(|row| row.name == name).and_then(|row| row.freed_bytes).unwrap_or_default()
    };
    let gone = freed("expired since");
    let day = freed("within 1 day").saturating_sub(gone);
    let volatile: u64 = rows.iter().filter(|row| row.name != NEVER).map(|row| row.memory_bytes).sum();
    let mut text = String::new();
    if gone > 0 {
        text = format!("{} has expired already. ", units::bytes(gone));
    }
    let day = if day == 0 { "Nothing".to_owned() } else { units::bytes(day) };
    format!(
        "{text}{day} expires within a day from {}. Under a maxmemory-policy volatile-* a full server can evict {} ({}) and nothing else.",
        units::time_ms(dataset.as_of_ms),
        units::bytes(volatile),
        units::percent(volatile, all.memory_bytes)
    )
}

#[cfg(test)]
mod tests {
    use snaptape_report::{Group, KindGroup, Tally};

    use super::*;

    fn dataset() -> Dataset {
        let group = |name: &str, keys, memory_bytes| Group {
            name: name.into(),
            tally: Tally { keys, memory_bytes, ..Tally::default() },
            ..Group::default()
        };
        let kind = |type_name: &str, expires: &str, keys, memory_bytes| KindGroup {
            type_name: type_name.into(),
            encoding: "raw".into(),
            expires: expires.into(),
            keys,
            memory_bytes,
        };
        Dataset {
            totals: Tally { keys: 100, with_ttl: 40, memory_bytes: 1_000, ..Tally::default() },
            expiries: vec![
                group("never", 60, 700),
                group("expired since", 10, 100),
                group("within 1 h", 30, 200),
            ],
            types: vec![group("hash", 90, 900), group("ReJSON-RL", 10, 100)],
            kinds: vec![
                kind("hash", "never", 60, 700),
                kind("hash", "within 1 h", 30, 200),
                kind("module", "expired since", 10, 100),
            ],
            ..Dataset::default()
        }
    }

    #[test]
    fn rows_are_in_the_order_of_time_and_add_up() {
        let rows = rows(&dataset());
        assert_eq!(rows.len(), Dataset::EXPIRIES.len());
        assert_eq!((rows[0].name, rows[9].name), ("expired when saved", "never"));
        let freed = |name: &str| rows.iter().find(|row| row.name == name).unwrap().freed_bytes;
        assert_eq!(freed("expired since"), Some(100));
        assert_eq!(freed("within 1 min"), Some(100));
        assert_eq!(freed("later"), Some(300));
        assert_eq!(freed("never"), None);
    }

    #[test]
    fn columns_hold_every_key_once() {
        for weigh in Weigh::ALL {
            let mut dataset = dataset();
            let columns = columns(&dataset, weigh);
            let sum: u64 = columns.bars.iter().map(Bar::value).sum();
            assert_eq!(sum, weigh.of(100, 1_000));
            assert_eq!(
                columns.legend().iter().map(|(_, name)| *name).collect::<Vec<_>>(),
                ["modules", "hash"]
            );
            dataset.kinds.clear();
            let plain = super::columns(&dataset, weigh);
            assert_eq!(plain.bars.iter().map(Bar::value).sum::<u64>(), sum);
            assert_eq!(plain.legend(), [(Fill::Plain, "all types")]);
        }
    }

    #[test]
    fn what_never_expires_is_said() {
        let mut dataset = dataset();
        assert_eq!(verdict(&dataset, ""), "60 % of the keys never expire, and they hold 70 % of the memory.");
        assert!(
            lead(&dataset).starts_with("100 B has expired already. 200 B expires within a day from 1970")
        );
        assert!(lead(&dataset).contains("can evict 300 B (30 %)"), "{}", lead(&dataset));
        dataset.totals.with_ttl = 0;
        assert_eq!(verdict(&dataset, ""), "None of the 100 keys ever expires.");
        let mut dataset = Dataset { with_field_ttl: 1_000, ..dataset };
        assert_eq!(
            verdict(&dataset, ""),
            "None of the 100 keys ever expires as a whole. Fields of 1,000 hashes may."
        );
        assert!(lead(&dataset).contains("volatile-*"));
        dataset.totals.with_ttl = 100;
        let own = "All 100 keys expire. Fields of 1,000 hashes may expire on their own.";
        assert_eq!(verdict(&dataset, ""), own);
    }
}
