//! The sums over one key, for who reads only that one.

use snaptape_memory::{Allocator, Encoding, Models, Part as MemoryPart, nearest};
use snaptape_rdb::{Key, ModuleId, Part};
use snaptape_wire::Release;

use super::{digest::Canonical, templates::Templates, value::ValueScan};

/// Adds up one value from its pieces, as [`super::SnapshotScan`] does for every key.
#[derive(Debug)]
pub struct OneKey {
    value: ValueScan,
    models: Models,
    canonical: Option<Canonical>,
    scratch: Vec<u8>,
    /// The release that wrote it, and the one to answer for.
    writer: Release,
    target: Option<Release>,
    name_bytes: u64,
}

/// The sums.
#[derive(Debug, Clone, PartialEq)]
pub struct OneKeySums {
    /// The word OBJECT ENCODING uses.
    pub encoding: &'static str,
    /// The module's name, where the value is one of a module's.
    pub module: Option<ModuleId>,
    /// As [`crate::KeyFacts::elements`].
    pub elements: Option<u64>,
    /// Bytes of name and elements.
    pub payload_bytes: u64,
    /// Estimated RAM.
    pub memory_bytes: u64,
    /// What of it is for what: adds up to it.
    pub memory_parts: [u64; MemoryPart::ALL.len()],
    /// The longest element.
    pub largest_element_bytes: u64,
    /// The first packed value that contradicts itself: where, and the rule.
    pub problem: Option<(u64, String)>,
    /// The digest of the value's canonical form.
    pub value_sha256: Option<[u8; 32]>,
}

impl OneKey {
    /// For a file that `writer` wrote; figures of memory for `target`, else for it.
    pub fn new(writer: Release, target: Option<Release>, allocator: Option<Allocator>, digest: bool) -> Self {
        Self {
            value: ValueScan::default(),
            models: Models::new(allocator),
            canonical: digest.then(Canonical::default),
            scratch: Vec::new(),
            writer,
            target,
            name_bytes: 0,
        }
    }

    /// The key begins.
    pub fn begin(&mut self, key: &Key<'_>, now_ms: i64) {
        self.name_bytes = key.name.len();
        self.value.begin(key, now_ms);
        if let Some(canonical) = &mut self.canonical {
            canonical.begin(key.object);
        }
    }

    /// The next piece of its value.
    pub fn part(&mut self, part: &Part<'_>, templates: &Templates) {
        self.value.part(part, &mut self.scratch, templates, &self.models, self.canonical.as_mut());
    }

    /// All pieces were there.
    pub fn end(&mut self) -> OneKeySums {
        let i = nearest(self.target.unwrap_or(self.writer));
        let (chosen, memory_parts) = self.models.parts(i, self.value.held(&self.models));
        // As for every key: of the writer the encoding it had the value in, of another release the one it chooses.
        let encoding = match chosen {
            Encoding::Other => self.value.encoding(self.writer),
            chosen if self.target.is_some() => chosen.name(),
            _ => self.value.encoding(self.writer),
        };
        OneKeySums {
            encoding,
            module: self.value.module(),
            elements: self.value.elements(),
            payload_bytes: self.value.payload_bytes().saturating_add(self.name_bytes),
            memory_bytes: memory_parts.iter().fold(0, |sum, part| sum.saturating_add(*part)),
            memory_parts,
            largest_element_bytes: self.value.largest_element_bytes(),
            problem: self.value.take_problem().map(|problem| (problem.at, problem.rule)),
            value_sha256: self.canonical.as_mut().and_then(Canonical::finish),
        }
    }
}
