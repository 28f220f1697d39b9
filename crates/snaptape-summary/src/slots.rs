//! How evenly the keys lie on the hash slots and shards of a cluster.

use snaptape_report::{Report, Shard, SlotCoverage, SlotLoads, units};

use crate::{Weigh, picture::Heat};

/// Slots in a row of the picture: 128 rows of 128.
pub const COLUMNS: usize = 128;

/// The picture of all slots.
pub fn heat(loads: &SlotLoads, weigh: Weigh) -> Heat {
    let values = match weigh {
        Weigh::Memory => &loads.memory_bytes,
        Weigh::Keys => &loads.keys,
    };
    Heat::new(values, COLUMNS)
}

/// What is in a slot, in words: `Slot 12,182: 3 keys, 1.2 MB, 14 % of all, in a.rdb`.
pub fn slot_words(slot: usize, loads: &SlotLoads, shards: &[Shard]) -> String {
    let at = |list: &[u64]| list.get(slot).copied().unwrap_or_default();
    let (keys, memory) = (at(&loads.keys), at(&loads.memory_bytes));
    let name = units::count(slot as u64);
    let inside = |shard: &&Shard| {
        shard.ranges.iter().any(|range| (usize::from(range.first)..=usize::from(range.last)).contains(&slot))
    };
    let holders: Vec<&str> = shards.iter().filter(inside).map(|shard| shard.file.as_str()).take(3).collect();
    let holders = if holders.is_empty() {
        String::new()
    } else {
        format!(", in the range of {}", holders.join(" and "))
    };
    if keys == 0 {
        return format!("Slot {name}: no key{holders}.");
    }
    let all: u64 = loads.memory_bytes.iter().copied().fold(0, u64::saturating_add);
    format!(
        "Slot {name}: {}, {}, {} of the memory{holders}.",
        units::plural(keys, "key", "keys"),
        units::bytes(memory),
        units::percent(memory, all)
    )
}

/// How uneven it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Balance {
    /// A few words each, with its figure: `heaviest slot`, `12 % of the memory, 40 times the mean`.
    pub figures: Vec<(String, String)>,
}

/// The figures for slots, and for shards where there are several.
pub fn balance(slots: &SlotCoverage, shards: &[Shard]) -> Balance {
    let mut figures = vec![(
        "slots with keys".to_owned(),
        format!(
            "{} of {}",
            units::count(u64::from(slots.covered)),
            units::count(u64::from(SlotCoverage::SLOTS))
        ),
    )];
    if let Some(loads) = &slots.loads {
        let mut sorted: Vec<u64> = loads.memory_bytes.iter().copied().filter(|bytes| *bytes > 0).collect();
        sorted.sort_unstable_by(|a, b| b.cmp(a));
        let all: u64 = sorted.iter().copied().fold(0, u64::saturating_add);
        if let Some(first) = sorted.first() {
            let mean = all / (sorted.len() as u64).max(1);
            figures.push((
                "heaviest slot".into(),
                format!(
                    "{}, {} of the memory, {} the mean of a slot with keys",
                    units::bytes(*first),
                    units::percent(*first, all),
                    times(*first, mean)
                ),
            ));
            let hundredth: u64 = sorted.iter().take(sorted.len().div_ceil(100)).sum();
            figures.push((
                format!(
                    "heaviest {}",
                    units::plural(sorted.len().div_ceil(100) as u64, "slot (1 %)", "slots (1 %)")
                ),
                format!("{} of the memory", units::percent(hundredth, all)),
            ));
        }
    }
    if shards.len() > 1 {
        for (what, of) in
            [("memory", (|shard| shard.memory_bytes) as fn(&Shard) -> u64), ("keys", |shard| shard.keys)]
        {
            let all: u64 = shards.iter().map(of).fold(0, u64::saturating_add);
            let most = shards.iter().max_by_key(|shard| of(shard));
            if let Some(most) = most.filter(|_| all > 0) {
                let mean = all / shards.len() as u64;
                figures.push((
                    format!("most {what}"),
                    format!(
                        "{} in {}, {} the mean of a shard",
                        units::percent(of(most), all),
                        most.file,
                        times(of(most), mean)
                    ),
                ));
            }
        }
    }
    for (n, what) in [
        (slots.missing_slots, "slots that no file answers for"),
        (slots.doubled_slots, "slots in more than one file"),
    ] {
        if n > 0 {
            figures.push((what.into(), units::count(u64::from(n))));
        }
    }
    for (n, what) in [
        (slots.shared_keys, "keys in more than one file"),
        (slots.misplaced_keys, "keys under a slot that is not theirs"),
    ] {
        if n > 0 {
            figures.push((what.into(), units::count(n)));
        }
    }
    Balance { figures }
}

/// `1.3 times`.
fn times(part: u64, mean: u64) -> String {
    let tenths = u128::from(part) * 10 / u128::from(mean.max(1));
    if tenths >= 100 {
        format!("{} times", tenths / 10)
    } else {
        format!("{}.{} times", tenths / 10, tenths % 10)
    }
}

/// In a sentence.
pub fn verdict(report: &Report) -> String {
    let Some(slots) = &report.slots else {
        return match report.shards.len() {
            0 => "This is not part of a cluster, as far as the file says.".into(),
            n => format!(
                "{n} snapshots that share most of their hash slots: they are no shards of one cluster."
            ),
        };
    };
    let all: u64 =
        slots.loads.iter().flat_map(|loads| &loads.memory_bytes).copied().fold(0, u64::saturating_add);
    // Below this share it says nothing: that is what any slot has.
    let tells = |slot: &&snaptape_report::SlotLoad| u128::from(slot.memory_bytes) * 100 >= u128::from(all);
    let heaviest = slots.heaviest.first().filter(tells).map_or_else(String::new, |slot| {
        format!(
            "; slot {} alone has {} of the memory",
            units::count(slot.slot.into()),
            units::percent(slot.memory_bytes, all)
        )
    });
    format!("{}{heaviest}.", slots.summary())
}

/// What slots are, where there are none to show.
pub const NONE: &str = "A cluster spreads keys over 16,384 hash slots: CRC-16 of the name, or of the part in braces, modulo 16,384. Slots are \
    shown for a file that speaks of them (SLOT_INFO of Redis 7.4 and later, slot-info of Valkey), and for several snapshots opened \
    together whose keys share no slots: the shards of a cluster.";

#[cfg(test)]
mod tests {
    use snaptape_report::{KeyName, SlotLoad, SlotRange};

    use super::*;

    fn shard(file: &str, first: u16, last: u16, memory_bytes: u64) -> Shard {
        Shard {
            file: file.into(),
            release: None,
            keys: memory_bytes / 10,
            file_bytes: 1,
            payload_bytes: 1,
            memory_bytes,
            slots: 1,
            ranges: vec![SlotRange { first, last }],
        }
    }

    #[test]
    fn slots_in_words() {
        let mut loads = SlotLoads { keys: vec![0; 16_384], memory_bytes: vec![0; 16_384] };
        (loads.keys[7], loads.memory_bytes[7]) = (2, 900);
        (loads.keys[9_000], loads.memory_bytes[9_000]) = (1, 100);
        let shards = [shard("a.rdb", 0, 8_191, 900), shard("b.rdb", 8_192, 16_383, 100)];
        assert_eq!(
            slot_words(7, &loads, &shards),
            "Slot 7: 2 keys, 900 B, 90 % of the memory, in the range of a.rdb."
        );
        assert_eq!(slot_words(8_192, &loads, &shards), "Slot 8,192: no key, in the range of b.rdb.");
        assert_eq!(slot_words(99_999, &loads, &[]), "Slot 99,999: no key.");
        let heat = heat(&loads, Weigh::Memory);
        assert_eq!((heat.columns, heat.rows, heat.steps().len()), (128, 128, 2));
        let coverage = SlotCoverage {
            covered: 2,
            loads: Some(loads),
            heaviest: vec![SlotLoad {
                slot: 7,
                keys: 2,
                memory_bytes: 900,
                largest: KeyName::new(b"k"),
                largest_memory_bytes: 800,
            }],
            ..SlotCoverage::default()
        };
        let balance = balance(&coverage, &shards);
        let expected = [
            ("slots with keys", "2 of 16,384"),
            ("heaviest slot", "900 B, 90 % of the memory, 1.8 times the mean of a slot with keys"),
            ("heaviest 1 slot (1 %)", "90 % of the memory"),
            ("most memory", "90 % in a.rdb, 1.8 times the mean of a shard"),
            ("most keys", "90 % in a.rdb, 1.8 times the mean of a shard"),
        ];
        assert_eq!(balance.figures, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}
