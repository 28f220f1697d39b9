//! What stands out of the keys: what takes memory, what could be saved, what expires.

use snaptape_report::{AdviceKind, Dataset, KeyName, SlotCoverage, units};

use super::{Evidence, FEW_KEYS, Part, Standout, at_least, figure, text, word};
use crate::{access, words::Tone};

/// A key is big when it alone is this share of all memory, in per cent.
const BIG_KEY_PERCENT: u64 = 10;
/// A pattern rules when it alone is this share of all memory, in per cent.
const RULING_PATTERN_PERCENT: u64 = 40;
/// What nobody uses is worth a sentence from this share of all memory on, in per cent.
const COLD_PERCENT: u64 = 20;
/// A slot is heavy when it alone is this share of all memory, in per cent.
const HEAVY_SLOT_PERCENT: u64 = 10;

pub(super) fn biggest_key(dataset: &Dataset) -> Option<(Standout, KeyName)> {
    let key = dataset.biggest.first()?;
    let all = dataset.totals.memory_bytes;
    if dataset.totals.keys < 2 || !at_least(key.memory_bytes, all, BIG_KEY_PERCENT) {
        return None;
    }
    let elements = match key.elements {
        Some(n) => format!(" of {}", units::plural(n, element(&key.type_name.0), elements(&key.type_name.0))),
        None => String::new(),
    };
    let tone = if at_least(key.memory_bytes, all, 50) { Tone::Bad } else { Tone::Warn };
    let parts = vec![
        Part::Key(key.name.clone()),
        text(format!(" is one {}{elements}: ", key.type_name)),
        figure(units::bytes(key.memory_bytes)),
        text(format!(", {} of all estimated memory", units::percent(key.memory_bytes, all))),
    ];
    let evidence = Evidence::Key { file: key.file.clone(), offset: key.offset, db: key.db };
    Some((Standout::new(tone, evidence, parts), key.name.clone()))
}

fn element(type_name: &str) -> &'static str {
    match type_name {
        "string" => "byte",
        "hash" => "field",
        "set" | "zset" => "member",
        "stream" => "entry",
        _ => "element",
    }
}

fn elements(type_name: &str) -> &'static str {
    match type_name {
        "string" => "bytes",
        "hash" => "fields",
        "set" | "zset" => "members",
        "stream" => "entries",
        _ => "elements",
    }
}

/// A slot that no other node can relieve; not where the key that makes it so has been named.
pub(super) fn heavy_slot(slots: &SlotCoverage, named: Option<&KeyName>) -> Option<Standout> {
    let slot = slots.heaviest.first()?;
    let all: u64 =
        slots.loads.iter().flat_map(|loads| &loads.memory_bytes).copied().fold(0, u64::saturating_add);
    if slots.covered < 2
        || !at_least(slot.memory_bytes, all, HEAVY_SLOT_PERCENT)
        || named == Some(&slot.largest)
    {
        return None;
    }
    Some(Standout::new(
        Tone::Warn,
        Evidence::Slots,
        vec![
            text(format!("Hash slot {} holds ", units::count(slot.slot.into()))),
            figure(units::percent(slot.memory_bytes, all)),
            text(format!(
                " of the memory ({} of {}): one node has to carry it",
                units::bytes(slot.memory_bytes),
                units::bytes(all)
            )),
        ],
    ))
}

/// The advice that saves most for certain.
pub(super) fn savings(dataset: &Dataset) -> Option<Standout> {
    let worth = |advice: &&snaptape_report::Advice| {
        !matches!(advice.kind, AdviceKind::ExpiredKeys | AdviceKind::MissingTtl)
            && advice.saved_bytes.is_some_and(|saved| at_least(saved, dataset.totals.memory_bytes, 2))
    };
    let advice = dataset.advice.iter().filter(worth).max_by_key(|advice| advice.saved_bytes)?;
    let saved = advice.saved_bytes?;
    let share = units::percent(saved, dataset.totals.memory_bytes);
    let keys = units::plural(advice.keys, "key", "keys");
    let (evidence, before) = match (advice.kind, &advice.setting) {
        (AdviceKind::AboveLimit, Some(setting)) => {
            (Evidence::Encodings, vec![word(setting.line()), text(format!(" would pack {keys} and save "))])
        }
        (AdviceKind::DuplicatedValues, _) => {
            (Evidence::Patterns, vec![text("Long values that stand there more than once cost ")])
        }
        (AdviceKind::CompressibleStrings, _) => (Evidence::Patterns, {
            let mut parts = vec![text(format!("Compressing {keys}"))];
            if let Some(pattern) = &advice.pattern {
                parts.extend([text(" of "), Part::Pattern(pattern.clone())]);
            }
            parts.push(text(" in the client would save about "));
            parts
        }),
        (AdviceKind::LongNames, _) => {
            (Evidence::Patterns, vec![text(format!("Shorter names for {keys} would save about "))])
        }
        _ => return None,
    };
    let mut parts = before;
    parts.extend([figure(units::bytes(saved)), text(format!(", {share} of all estimated memory"))]);
    Some(Standout::new(Tone::Note, evidence, parts))
}

/// A pattern some of whose keys expire and some never do: somebody forgot.
pub(super) fn forgotten_ttls(dataset: &Dataset) -> Option<Standout> {
    let pattern = dataset
        .patterns
        .iter()
        .filter(|pattern| {
            let tally = &pattern.tally;
            tally.keys >= FEW_KEYS && tally.with_ttl > 0 && tally.without_ttl() > 0
        })
        .max_by_key(|pattern| (pattern.without_ttl_memory_bytes, pattern.tally.without_ttl()))?;
    let tally = &pattern.tally;
    let mut parts = vec![
        figure(units::count(tally.without_ttl())),
        text(format!(" of {} ", units::count(tally.keys))),
        Part::Pattern(pattern.pattern.clone()),
        text(" keys never expire, the others do"),
    ];
    if pattern.without_ttl_memory_bytes > 0 {
        parts.push(text(format!(": {} that nothing frees", units::bytes(pattern.without_ttl_memory_bytes))));
    }
    Some(Standout::new(Tone::Warn, Evidence::Expiry, parts))
}

pub(super) fn expired(dataset: &Dataset) -> Option<Standout> {
    let totals = &dataset.totals;
    let (n, bytes, when, then) = if totals.expired_at_save > 0 {
        (
            totals.expired_at_save,
            totals.expired_at_save_memory_bytes,
            "had expired before the file was saved",
            "a server that loads it drops",
        )
    } else if totals.expired_now > 0 {
        (
            totals.expired_now,
            totals.expired_now_memory_bytes,
            if totals.expired_now == 1 {
                "has expired since the file was saved"
            } else {
                "have expired since the file was saved"
            },
            "a server that loads it now drops",
        )
    } else {
        return None;
    };
    let of = if bytes > 0 { format!(" ({})", units::bytes(bytes)) } else { String::new() };
    let mut parts = vec![
        figure(units::plural(n, "key", "keys")),
        text(format!("{of} {when}; {then} {}", if n == 1 { "it" } else { "them" })),
    ];
    if totals.expired_at_save > 0 && totals.expired_now > totals.expired_at_save {
        parts.push(text(format!(", and {} more by now", units::count(totals.expired_now - n))));
    }
    // Whoever restores this to get keys back has to know that they go at once.
    let tone = if at_least(totals.expired_now, totals.keys, 20) { Tone::Warn } else { Tone::Note };
    Some(Standout::new(tone, Evidence::Expiry, parts))
}

pub(super) fn ruling_pattern(dataset: &Dataset) -> Option<Standout> {
    let pattern = dataset.patterns.iter().max_by_key(|pattern| pattern.tally.memory_bytes)?;
    let all = &dataset.totals;
    // A pattern of one key has been named as the biggest key.
    if pattern.tally.keys < FEW_KEYS
        || dataset.patterns.len() < 2
        || !at_least(pattern.tally.memory_bytes, all.memory_bytes, RULING_PATTERN_PERCENT)
    {
        return None;
    }
    Some(Standout::new(
        Tone::Note,
        Evidence::Patterns,
        vec![
            Part::Pattern(pattern.pattern.clone()),
            text(" holds "),
            figure(units::percent(pattern.tally.memory_bytes, all.memory_bytes)),
            text(format!(" of the memory in {} of the keys", units::percent(pattern.tally.keys, all.keys))),
        ],
    ))
}

pub(super) fn cold(dataset: &Dataset) -> Option<Standout> {
    let cold = access::cold(dataset.access.as_ref()?);
    if dataset.totals.keys < FEW_KEYS
        || !at_least(cold.memory_bytes, dataset.totals.memory_bytes, COLD_PERCENT)
    {
        return None;
    }
    Some(Standout::new(
        Tone::Note,
        Evidence::Access,
        vec![
            figure(units::percent(cold.memory_bytes, dataset.totals.memory_bytes)),
            text(format!(
                " of the memory is in {} nobody used for long; {} of it never expires",
                units::plural(cold.keys, "key", "keys"),
                units::bytes(cold.without_ttl_memory_bytes)
            )),
        ],
    ))
}

pub(super) fn nothing_expires(dataset: &Dataset, whose: &str) -> Option<Standout> {
    let totals = &dataset.totals;
    (dataset.with_field_ttl == 0 && totals.keys >= FEW_KEYS && totals.with_ttl == 0).then(|| {
        Standout::new(
            Tone::Note,
            Evidence::Expiry,
            vec![
                text("None of the "),
                figure(units::count(totals.keys)),
                text(format!(" keys{whose} ever expires")),
            ],
        )
    })
}
