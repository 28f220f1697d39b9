//! What stands out: at most five sentences, what matters most first, each with the place that shows more.

mod files;
mod keys;

use snaptape_report::{FindingKind, KeyName, units};
use snaptape_sort::Sort as _;

use crate::{Facts, verdict, words::Tone};

/// What is said where nothing does.
pub const NOTHING: &str = "Nothing does: no oversized key, no forgotten expiry, no damage.";

/// How many are shown.
pub const MAX_STANDOUTS: usize = 5;

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
    found.extend(report.tape.as_ref().and_then(files::destruction));
    found.extend(files::findings(report));
    found.extend(files::checksums(report));
    if let Some(dataset) = report.dataset.as_ref().filter(|dataset| dataset.totals.keys > 0) {
        let big = keys::biggest_key(dataset);
        let named = big.as_ref().map(|(_, name)| name.clone());
        found.extend(big.map(|(standout, _)| standout));
        found.extend(report.slots.as_ref().and_then(|slots| keys::heavy_slot(slots, named.as_ref())));
        found.extend(keys::savings(dataset));
        found.extend(keys::forgotten_ttls(dataset));
        found.extend(keys::expired(dataset));
        found.extend(keys::ruling_pattern(dataset));
        found.extend(keys::cold(dataset));
        found.extend(keys::nothing_expires(dataset, verdict::whose(report)));
    }
    found.extend(report.tape.as_ref().and_then(files::busiest_command));
    // Stable: within a tone the order above stays.
    found.order_by_key(|standout| match standout.tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        Tone::Note | Tone::Ok => 2,
    });
    found.truncate(MAX_STANDOUTS);
    found
}

fn at_least(part: u64, whole: u64, percent: u64) -> bool {
    whole > 0 && u128::from(part) * 100 >= u128::from(whole) * u128::from(percent)
}
