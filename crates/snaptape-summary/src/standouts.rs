//! What stands out: at most five sentences, what matters most first, each with the place that shows more.

use snaptape_report::{
    AdviceKind, Checksum, Dataset, DestructiveEvent, Finding, FindingKind, KeyName, Report, Severity,
    SlotCoverage, Tally, Tape, units,
};

use crate::{
    Facts, access, verdict,
    words::{Tone, file_name},
};

/// What is said where nothing does.
pub const NOTHING: &str = "Nothing does: no oversized key, no forgotten expiry, no damage.";

/// How many are shown.
pub const MAX_STANDOUTS: usize = 5;

/// A key is big when it alone is this share of all memory, in per cent.
const BIG_KEY_PERCENT: u64 = 10;
/// A pattern rules when it alone is this share of all memory, in per cent.
const RULING_PATTERN_PERCENT: u64 = 40;
/// What nobody uses is worth a sentence from this share of all memory on, in per cent.
const COLD_PERCENT: u64 = 20;
/// A slot is heavy when it alone is this share of all memory, in per cent.
const HEAVY_SLOT_PERCENT: u64 = 10;
/// Below this many keys, shares say nothing.
const FEW_KEYS: u64 = 20;

/// A piece of a sentence. What comes from the contents of a file is told apart, so that it can be hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Plain words.
    Text(String),
    /// The figure that matters.
    Figure(String),
    /// The name of a command, a setting or a file: set in the fixed-width face.
    Word(String),
    /// The name of a key.
    Key(KeyName),
    /// The shape of names.
    Pattern(String),
    /// The first sentence of a finding, which may quote names.
    Message(FindingKind, String),
}

/// Where to see more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// What the programs make of the files.
    Integrity,
    /// Bytes of a file.
    Bytes {
        /// Its path.
        file: String,
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
    },
    /// A command of a tape.
    Command {
        /// Path of the file.
        file: String,
        /// Its offset.
        offset: u64,
    },
    /// The commands of a tape.
    Tape,
    /// A key.
    Key {
        /// Path of the file, where there are several.
        file: Option<String>,
        /// Offset of its entry.
        offset: u64,
        /// Its database.
        db: u64,
    },
    /// The shapes of names.
    Patterns,
    /// When keys expire.
    Expiry,
    /// How values are stored.
    Encodings,
    /// Hash slots and shards.
    Slots,
    /// When keys were used.
    Access,
    /// A plan.
    Plan(String),
}

/// One sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standout {
    /// How serious it is.
    pub tone: Tone,
    /// The sentence.
    pub parts: Vec<Part>,
    /// Where to see more.
    pub evidence: Evidence,
}

impl Standout {
    fn new(tone: Tone, evidence: Evidence, parts: Vec<Part>) -> Self {
        Self { tone, parts, evidence }
    }

    /// The sentence as plain text.
    pub fn text(&self) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) | Part::Figure(text) | Part::Word(text) | Part::Message(_, text) => {
                    text.clone()
                }
                Part::Pattern(pattern) => units::printable(pattern.as_bytes()),
                Part::Key(name) => name.display(),
            })
            .collect()
    }
}

fn text(text: impl Into<String>) -> Part {
    Part::Text(text.into())
}

fn word(text: impl Into<String>) -> Part {
    Part::Word(text.into())
}

fn figure(text: impl Into<String>) -> Part {
    Part::Figure(text.into())
}

/// The sentences for a report: first what is lost or does not load, then what takes memory, what could be saved, what expires.
pub fn standouts(facts: Facts<'_>) -> Vec<Standout> {
    let report = facts.report;
    let mut found = Vec::new();
    found.extend(report.tape.as_ref().and_then(destruction));
    found.extend(findings(report));
    found.extend(checksums(report));
    if let Some(dataset) = report.dataset.as_ref().filter(|dataset| dataset.totals.keys > 0) {
        let big = biggest_key(dataset);
        let named = big.as_ref().map(|(_, name)| name.clone());
        found.extend(big.map(|(standout, _)| standout));
        found.extend(report.slots.as_ref().and_then(|slots| heavy_slot(slots, named.as_ref())));
        found.extend(savings(dataset));
        found.extend(forgotten_ttls(dataset));
        found.extend(expired(dataset));
        found.extend(ruling_pattern(dataset));
        found.extend(cold(dataset));
        found.extend(nothing_expires(&dataset.totals));
    }
    found.extend(report.tape.as_ref().and_then(busiest_command));
    // Stable: within a tone the order above stays.
    found.sort_by_key(|standout| match standout.tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        Tone::Note | Tone::Ok => 2,
    });
    found.truncate(MAX_STANDOUTS);
    found
}

fn destruction(tape: &Tape) -> Option<Standout> {
    let event = tape.destructive.iter().find(|event| event.kind.is_flush())?;
    let mut parts = vec![word(&event.name)];
    if let Some(time) = event.time_s {
        parts.push(text(format!(" at {}", units::time_s(time))));
    }
    parts.push(text(format!(", byte {} of ", units::count(event.offset))));
    parts.push(word(file_name(&event.file)));
    parts.extend(effect(event));
    if tape.destructive_total > 1 {
        parts.push(text(format!(
            ", and {}",
            units::plural(
                tape.destructive_total - 1,
                "more that removes or replaces much",
                "more that remove or replace much"
            )
        )));
    }
    let evidence = Evidence::Command { file: event.file.clone(), offset: event.offset };
    Some(Standout::new(Tone::Bad, evidence, parts))
}

fn effect(event: &DestructiveEvent) -> Vec<Part> {
    let before = figure(units::plural(event.commands_before, "command", "commands"));
    let after = units::plural(event.commands_after, "command follows", "commands follow");
    match event.name.as_str() {
        "SWAPDB" => vec![text(": databases change places after "), before, text(format!("; {after}"))],
        name => {
            let scope = if name == "FLUSHDB" { format!(" of database {}", event.db) } else { String::new() };
            let keys = event.keys.map_or_else(|| text("the keys"), |keys| figure(keys.words()));
            vec![
                text(", removes "),
                keys,
                text(format!("{scope} that ")),
                before,
                text(format!(" had written; {after}")),
            ]
        }
    }
}

/// The worst findings that no other sentence here speaks of: at most two, of different kinds.
fn findings(report: &Report) -> Vec<Standout> {
    use FindingKind::{ChecksumMismatch, ChecksumNotComputed, DestructiveCommand, ExpiredKeys};
    let mut told: Vec<FindingKind> = Vec::new();
    let mut found = Vec::new();
    for finding in &report.findings {
        let elsewhere =
            matches!(finding.kind, ChecksumMismatch | ChecksumNotComputed | DestructiveCommand | ExpiredKeys);
        if finding.severity == Severity::Info || elsewhere || told.contains(&finding.kind) {
            continue;
        }
        told.push(finding.kind);
        found.push(Standout::new(
            Tone::of_severity(finding.severity),
            evidence(finding),
            vec![Part::Message(finding.kind, first_sentence(&finding.message).into())],
        ));
        if found.len() == 2 {
            break;
        }
    }
    found
}

/// Bytes where it has some, else the list of findings.
fn evidence(finding: &Finding) -> Evidence {
    use FindingKind::{
        KeyInTwoShards, MisplacedKeys, ShardMissing, ShardTwice, ShardsDiffer, SlotsDoubled, SlotsMissing,
    };
    match finding.kind {
        SlotsMissing | SlotsDoubled | KeyInTwoShards | MisplacedKeys | ShardMissing | ShardTwice
        | ShardsDiffer => Evidence::Slots,
        _ if !finding.file.is_empty() && finding.end > finding.start => {
            Evidence::Bytes { file: finding.file.clone(), start: finding.start, end: finding.end }
        }
        _ => Evidence::Integrity,
    }
}

/// The rest is told where the link leads.
fn first_sentence(message: &str) -> &str {
    let end = message.find(". ").unwrap_or(message.len());
    message[..end].trim_end_matches('.')
}

fn checksums(report: &Report) -> Option<Standout> {
    verdict::loaded(&report.files).find_map(|file| {
        let snapshot = file.snapshot.as_ref()?;
        let (tone, rest) = match &snapshot.checksum {
            Checksum::Mismatch { .. } => {
                (Tone::Bad, ": the stored checksum does not match the bytes, so some of them have changed")
            }
            Checksum::NotComputed => {
                (Tone::Warn, ": saved without a checksum (rdbchecksum no), changed bytes would go unnoticed")
            }
            Checksum::Verified | Checksum::Absent | Checksum::NotReached => return None,
        };
        Some(Standout::new(tone, Evidence::Integrity, vec![word(file_name(&file.name)), text(rest)]))
    })
}

fn biggest_key(dataset: &Dataset) -> Option<(Standout, KeyName)> {
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
fn heavy_slot(slots: &SlotCoverage, named: Option<&KeyName>) -> Option<Standout> {
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
fn savings(dataset: &Dataset) -> Option<Standout> {
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
fn forgotten_ttls(dataset: &Dataset) -> Option<Standout> {
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

fn expired(dataset: &Dataset) -> Option<Standout> {
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

fn ruling_pattern(dataset: &Dataset) -> Option<Standout> {
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

fn cold(dataset: &Dataset) -> Option<Standout> {
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

fn nothing_expires(totals: &Tally) -> Option<Standout> {
    (totals.keys >= FEW_KEYS && totals.with_ttl == 0).then(|| {
        Standout::new(
            Tone::Note,
            Evidence::Expiry,
            vec![text("None of the "), figure(units::count(totals.keys)), text(" keys ever expires")],
        )
    })
}

fn busiest_command(tape: &Tape) -> Option<Standout> {
    let first = tape.by_name.first()?;
    if tape.commands < FEW_KEYS || !at_least(first.commands, tape.commands, 50) {
        return None;
    }
    Some(Standout::new(
        Tone::Note,
        Evidence::Tape,
        vec![
            word(&first.name),
            text(" is "),
            figure(units::percent(first.commands, tape.commands)),
            text(format!(
                " of all commands and {} of the tape",
                units::percent(first.file_bytes, tape.file_bytes)
            )),
        ],
    ))
}

fn at_least(part: u64, whole: u64, percent: u64) -> bool {
    whole > 0 && u128::from(part) * 100 >= u128::from(whole) * u128::from(percent)
}
