//! When keys were used last, or how often.

use snaptape_report::{Access, AccessGroup, Dataset, units};

use crate::{
    Weigh,
    picture::{Bar, Columns, Fill, Part},
};

/// From so many idle seconds on a key is called cold: 30 days.
pub const COLD_S: u64 = 30 * 86_400;

/// Groups as columns, cut by whether a key expires.
pub fn columns(groups: &[AccessGroup], weigh: Weigh) -> Columns {
    let bars = groups
        .iter()
        .map(|group| {
            let never = weigh.of(group.without_ttl_keys, group.without_ttl_memory_bytes);
            let all = weigh.of(group.keys, group.memory_bytes);
            Bar {
                label: group.name.clone(),
                short: group.name.replace(" - ", "-"),
                parts: vec![
                    Part { fill: Fill::Plain, value: never, name: "never expires".into() },
                    Part { fill: Fill::Quiet, value: all.saturating_sub(never), name: "has a TTL".into() },
                ],
            }
        })
        .collect();
    Columns { bars }
}

/// Sums of some groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cold {
    /// Keys.
    pub keys: u64,
    /// Their memory.
    pub memory_bytes: u64,
    /// Memory of those that never expire.
    pub without_ttl_memory_bytes: u64,
}

/// What nobody asks for: idle for [`COLD_S`] and more, or with an LFU counter of 0.
pub fn cold(access: &Access) -> Cold {
    let idle = access.idle.iter().filter(|group| group.from >= COLD_S);
    let unused = access.frequency.iter().filter(|group| group.from == 0);
    idle.chain(unused).fold(Cold::default(), |sum, group| Cold {
        keys: sum.keys + group.keys,
        memory_bytes: sum.memory_bytes.saturating_add(group.memory_bytes),
        without_ttl_memory_bytes: sum.without_ttl_memory_bytes.saturating_add(group.without_ttl_memory_bytes),
    })
}

/// How much is cold, as a sentence.
pub fn verdict(dataset: &Dataset) -> String {
    let Some(access) = &dataset.access else {
        return "The file does not say when its keys were used.".into();
    };
    let cold = cold(access);
    let (was, has, it) = if cold.keys == 1 { ("was", "has", "it") } else { ("were", "have", "all of that") };
    let what = match (access.idle.is_empty(), access.frequency.is_empty()) {
        (false, true) => format!("{was} not used for 30 days or more"),
        (true, _) => format!("{has} an LFU counter of 0: hardly ever used, and not lately"),
        (false, false) => format!("{was} not used for 30 days or more, or {has} an LFU counter of 0"),
    };
    if cold.keys == 0 {
        let none = if access.idle.is_empty() {
            "No key has an LFU counter of 0: none is quite forgotten."
        } else {
            "No key was idle for 30 days."
        };
        return none.into();
    }
    let never = match cold.without_ttl_memory_bytes {
        0 => format!("{it} expires"),
        all if all == cold.memory_bytes && cold.keys == 1 => "it never expires".to_owned(),
        all if all == cold.memory_bytes => "none of that ever expires".to_owned(),
        some => format!("{} of that never expires", units::bytes(some)),
    };
    format!(
        "{} ({}) {what}; {never}.",
        units::plural(cold.keys, "key", "keys"),
        units::bytes(cold.memory_bytes)
    )
}

/// Where the figures come from.
pub fn lead(dataset: &Dataset) -> &'static str {
    match &dataset.access {
        None => {
            "A server writes when a key was used last only with a maxmemory-policy of the LRU kind (allkeys-lru, volatile-lru), and \
             how often only with one of the LFU kind (allkeys-lfu, volatile-lfu). With noeviction, the default, it writes neither."
        }
        Some(access) if access.frequency.is_empty() => {
            "Idle times are those at the moment of saving. Loading a file does not age them: a server goes on from them."
        }
        Some(_) => {
            "An LFU counter is a logarithm of hits that loses one a minute (lfu-decay-time 1): a new key begins at 5, a hundred hits make \
             about 10, a million 255 (lfu-log-factor 10)."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cold_and_without_ttl() {
        let group = |from, keys, memory_bytes, without_ttl_memory_bytes| AccessGroup {
            name: format!("{from} - x"),
            from,
            keys,
            memory_bytes,
            without_ttl_keys: keys / 2,
            without_ttl_memory_bytes,
        };
        let idle = vec![group(0, 10, 1_000, 1_000), group(COLD_S, 4, 400, 100), group(COLD_S * 3, 1, 50, 0)];
        let columns = columns(&idle, Weigh::Memory);
        assert_eq!(columns.bars.iter().map(Bar::value).collect::<Vec<_>>(), [1_000, 400, 50]);
        assert_eq!(columns.bars[1].parts[0].value, 100);
        let mut dataset =
            Dataset { access: Some(Access { idle, ..Access::default() }), ..Dataset::default() };
        assert_eq!(
            verdict(&dataset),
            "5 keys (450 B) were not used for 30 days or more; 100 B of that never expires."
        );
        dataset.access = Some(Access { frequency: vec![group(5, 1, 1, 1)], ..Access::default() });
        assert_eq!(verdict(&dataset), "No key has an LFU counter of 0: none is quite forgotten.");
        dataset.access = Some(Access { frequency: vec![group(0, 1, 64, 64)], ..Access::default() });
        assert_eq!(
            verdict(&dataset),
            "1 key (64 B) has an LFU counter of 0: hardly ever used, and not lately; it never expires."
        );
        dataset.access = None;
        assert!(lead(&dataset).contains("noeviction"));
    }
}
