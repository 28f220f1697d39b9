//! What is advised, worked out by hand.

use snaptape_analysis::{DatasetFold, KeyFacts, StoredText, slot_advice};
use snaptape_memory::{Raised, Setting, nearest};
use snaptape_rdb::LogicalType;
use snaptape_report::{Advice, AdviceKind, ByRelease, Dataset, KeyName, RELEASES, SlotCoverage, SlotLoad};
use snaptape_wire::Release;

/// A string of 1,000 bytes that is like no other.
fn plain() -> KeyFacts<'static> {
    let release = nearest(Release::redis(7, 4));
    KeyFacts {
        memory_bytes: 1000,
        allocated_by_release: ByRelease([1000; RELEASES]),
        release,
        ..KeyFacts::default()
    }
}

fn dataset(n: u64, mut key: impl FnMut(u64, &mut KeyFacts<'_>) -> String) -> Dataset {
    let mut fold = DatasetFold::default();
    for at in 0..n {
        let mut facts = plain();
        facts.offset = at;
        let name = key(at, &mut facts);
        fold.add(&KeyFacts { name: name.as_bytes(), ..facts }, None);
    }
    fold.finish()
}

fn only(dataset: &Dataset, kind: AdviceKind) -> Advice {
    let mut found = dataset.advice.iter().filter(|advice| advice.kind == kind);
    let advice = found.next().unwrap_or_else(|| panic!("no {kind:?} in {:?}", dataset.advice)).clone();
    assert!(found.next().is_none(), "{:?}", dataset.advice);
    advice
}

#[test]
fn ordinary_keys_get_no_advice() {
    let dataset = dataset(1000, |at, _| format!("user:{at}"));
    assert_eq!(dataset.advice, []);
}

/// 100 hashes need 600 fields, 100 need 700, 300 need 1,000: each saves 3,000 bytes.
#[test]
fn the_step_that_saves_most_for_what_it_raises_is_advised() {
    let dataset = dataset(500, |at, key| {
        key.logical = LogicalType::Hash;
        key.memory_bytes = 4000;
        key.allocated_by_release = ByRelease([5000; RELEASES]);
        key.raised = Some(Raised {
            setting: Setting::HashEntries,
            needed: [600, 700, 1000, 1000, 1000][usize::try_from(at % 5).unwrap()],
            memory_bytes: 1500,
            allocated_bytes: 2000,
            was_packed: false,
        });
        format!("profile:{at}")
    });
    let advice = only(&dataset, AdviceKind::AboveLimit);
    // 300 KB for 128, 600 KB for 256, 1.5 MB for 512.
    let setting = advice.setting.clone().expect("a setting");
    assert_eq!((setting.line().as_str(), setting.default), ("hash-max-listpack-entries 1024", 512));
    assert_eq!((advice.keys, advice.saved_bytes), (500, Some(1_500_000)));
    assert_eq!((advice.saved_memory_usage_bytes, advice.affected_bytes), (Some(1_250_000), 2_000_000));
    assert_eq!(
        advice.sentence,
        "500 hashes have a few fields too many for a packed hash, between 513 and 1,024: with hash-max-listpack-entries 1024 they \
         would be packed, which saves 1.5 MB."
    );
    assert_eq!(
        advice.cost.as_deref(),
        Some("HGET and HSET on such a hash then look through up to 1,024 fields.")
    );
}

#[test]
fn a_smaller_step_is_advised_where_most_values_need_no_more() {
    let dataset = dataset(100, |at, key| {
        key.memory_bytes = 9000;
        key.allocated_by_release = ByRelease([10_000; RELEASES]);
        key.raised = Some(Raised {
            setting: Setting::ZsetEntries,
            needed: if at < 90 { 150 } else { 250 },
            memory_bytes: 1000,
            allocated_bytes: 1000,
            was_packed: at < 2,
        });
        format!("board:{at}")
    });
    let advice = only(&dataset, AdviceKind::AboveLimit);
    assert_eq!(advice.setting.as_ref().map(|setting| setting.value), Some(160));
    assert_eq!((advice.keys, advice.saved_bytes), (90, Some(810_000)));
    assert!(advice.sentence.contains("With 256 it would be 100 and 900 KB."), "{}", advice.sentence);
    assert!(advice.sentence.contains("2 of them stand packed in the file"), "{}", advice.sentence);
}

#[test]
fn forgotten_ttls_are_those_among_many() {
    let with = |share: u64| {
        dataset(1000, |at, key| {
            key.expires_at_ms = (at % 100 < share).then_some(i64::MAX);
            format!("session:{at}")
        })
    };
    let advice = only(&with(90), AdviceKind::MissingTtl);
    assert_eq!((advice.keys, advice.affected_bytes, advice.saved_bytes), (100, 100_000, None));
    assert_eq!(advice.pattern.as_deref(), Some("session:{int}"));
    assert_eq!(
        advice.sentence,
        "100 of 1,000 keys session:{int} have no TTL, while 90 % of them expire: they hold 100 KB nothing ever frees."
    );
    assert_eq!(with(79).advice, []);
    assert_eq!(with(100).advice, []);
}

#[test]
fn long_texts_in_names_are_counted() {
    let prefix = "com.example.application:session-cache:entry:by-user:";
    let dataset = dataset(10_000, |at, _| format!("{prefix}{}", 10_000 + at));
    let advice = only(&dataset, AdviceKind::LongNames);
    // 57 bytes take 60 as a string and 64 of the allocator; 13 take 15 and 16.
    assert_eq!(prefix.len() + 5, 57);
    assert_eq!((advice.keys, advice.saved_bytes), (10_000, Some(10_000 * (64 - 16))));
}

#[test]
fn what_the_file_compresses_a_client_can() {
    let texts = |stored_bytes: u64, is_compressed: bool| {
        dataset(1000, |at, key| {
            key.stored = Some(StoredText { len_bytes: 900, stored_bytes, hash: Some(at) });
            key.is_compressed = is_compressed;
            format!("page:{at}")
        })
    };
    let advice = only(&texts(270, true), AdviceKind::CompressibleStrings);
    assert_eq!((advice.saved_bytes, advice.keys), (Some(630_000), 1000));
    assert_eq!(
        advice.sentence,
        "1,000 strings page:{int} take 900 KB, and 30 % of that as the file compresses them (LZF): compressing them in the client \
         would save about 630 KB."
    );
    assert_eq!(texts(800, true).advice, []);
    let unknown = only(&texts(900, false), AdviceKind::CompressibleStrings);
    assert_eq!((unknown.saved_bytes, unknown.affected_bytes), (None, 900_000));
}

#[test]
fn expired_keys_hold_memory() {
    let dataset = dataset(1000, |at, key| {
        key.expires_at_ms = Some(1);
        key.expired_at_save = at % 10 == 0;
        key.expired_now = true;
        format!("k:{at}")
    });
    let advice = only(&dataset, AdviceKind::ExpiredKeys);
    assert_eq!((advice.keys, advice.saved_bytes), (100, Some(100_000)));
}

#[test]
fn a_key_dominates_from_a_fifth_on() {
    let with = |bytes: u64| {
        dataset(101, |at, key| {
            key.memory_bytes = if at == 0 { bytes } else { 10_000 };
            key.memory_by_release = ByRelease([key.memory_bytes; RELEASES]);
            if at == 0 { "queue".into() } else { format!("user:{at}") }
        })
    };
    let advice = only(&with(250_000), AdviceKind::DominatingKey);
    assert_eq!((advice.keys, advice.affected_bytes), (1, 250_000));
    assert_eq!(advice.examples, [KeyName::new(b"queue")]);
    assert_eq!(with(240_000).advice, []);
}

#[test]
fn a_key_dominates_its_slot() {
    let mut dataset = dataset(1000, |at, _| format!("user:{at}"));
    let slot = |slot, largest_memory_bytes| SlotLoad {
        slot,
        keys: 2,
        memory_bytes: 100_000,
        largest: KeyName::new(b"queue"),
        largest_memory_bytes,
    };
    let slots = SlotCoverage {
        covered: 100,
        heaviest: vec![slot(7, 90_000), slot(9, 49_000)],
        ..SlotCoverage::default()
    };
    slot_advice(&mut dataset, &slots);
    let advice = only(&dataset, AdviceKind::DominatingKeyOfSlot);
    assert_eq!(
        advice.sentence,
        "queue takes 90 KB, 90 % of hash slot 7, which holds 100 KB where an average one holds 10 KB: the node of that slot cannot \
         be relieved of it."
    );
}

#[test]
fn there_are_never_too_many() {
    let mut all: Vec<Advice> = Vec::new();
    let one = only(
        &dataset(1000, |at, key| {
            key.expires_at_ms = (at % 10 > 0).then_some(i64::MAX);
            format!("session:{at}")
        }),
        AdviceKind::MissingTtl,
    );
    for (n, kind) in [AdviceKind::MissingTtl, AdviceKind::AboveLimit].into_iter().cycle().take(40).enumerate()
    {
        all.push(Advice { kind, affected_bytes: n as u64, ..one.clone() });
    }
    Advice::order(&mut all);
    assert_eq!(all.len(), Advice::MAX);
    assert_eq!(
        all.iter().filter(|advice| advice.kind == AdviceKind::MissingTtl).count(),
        Advice::MAX_OF_KIND
    );
    assert!(all.is_sorted_by_key(|advice| std::cmp::Reverse(advice.bytes())));
}
