//! Sums of the keys of one pattern.

use snaptape_report::{KeyName, MapSums, PatternGroup, PatternSource, Tally, Texts};

use super::{
    KeyFacts, Merge, TYPE_COUNT,
    map::Measured,
    sketch::{Precision, Sketch},
    top::front,
    tree::NodeSums,
};
use crate::StoredText;

/// Longest name kept of a pattern's largest key.
const MAX_NAME: usize = 128;

/// Sums of the keys of one pattern.
#[derive(Debug, Clone, Default)]
pub(crate) struct Leaf {
    tally: Tally,
    memory_by_type: [u64; TYPE_COUNT],
    without_ttl_memory_bytes: u64,
    texts: Texts,
    expires_ms: Option<(i64, i64)>,
    /// Name of the largest key; of those that are as large the first in order.
    largest: Option<Vec<u8>>,
    sketch: Option<Box<Sketch>>,
}

impl Leaf {
    /// One with a histogram.
    pub(crate) fn with_sketch() -> Self {
        Self { sketch: Sketch::new(Precision::Coarse).map(Box::new), ..Self::default() }
    }

    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>) {
        if key.memory_bytes >= self.tally.largest_memory_bytes {
            self.keep_largest(key.memory_bytes, front(key.name, MAX_NAME));
        }
        key.add_to(&mut self.tally);
        if let Some(memory) = self.memory_by_type.get_mut(key.logical as usize) {
            *memory = memory.saturating_add(key.memory_bytes);
        }
        match key.expires_at_ms {
            Some(at) => self.expires_ms = join(self.expires_ms, Some((at, at))),
            None => {
                self.without_ttl_memory_bytes =
                    self.without_ttl_memory_bytes.saturating_add(key.memory_bytes);
            }
        }
        if let Some(StoredText { len_bytes, stored_bytes, .. }) = key.stored {
            self.texts.merge(&Texts { keys: 1, len_bytes, stored_bytes });
        }
        if let Some(sketch) = &mut self.sketch {
            sketch.add(key.memory_bytes);
        }
    }

    fn keep_largest(&mut self, memory_bytes: u64, name: &[u8]) {
        match &mut self.largest {
            Some(known) if memory_bytes == self.tally.largest_memory_bytes && known.as_slice() <= name => {}
            Some(known) => {
                known.clear();
                known.extend_from_slice(name);
            }
            None => self.largest = Some(name.to_vec()),
        }
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// As a row of the report.
    pub(crate) fn group(&self, pattern: &str, source: PatternSource) -> PatternGroup {
        let most =
            self.memory_by_type.iter().enumerate().max_by_key(|(i, memory)| (**memory, usize::MAX - i));
        let type_name = match most {
            Some((i, _)) if self.tally.keys > 0 => super::type_name(i),
            _ => "",
        };
        let sketch = self.sketch.as_ref().filter(|_| self.tally.keys > 0);
        PatternGroup {
            pattern: pattern.into(),
            source,
            type_name: type_name.into(),
            tally: self.tally,
            without_ttl_memory_bytes: self.without_ttl_memory_bytes,
            texts: self.texts,
            expires_ms: self.expires_ms,
            largest: self.largest.as_deref().map(KeyName::new),
            quantiles: sketch.map(|sketch| sketch.quantiles(self.tally.largest_memory_bytes)),
        }
    }
}

impl Measured for Leaf {
    fn sums(&self) -> MapSums {
        MapSums {
            keys: self.tally.keys,
            without_ttl: self.tally.without_ttl(),
            memory_bytes: self.tally.memory_bytes,
            file_bytes: self.tally.file_bytes,
            payload_bytes: self.tally.payload_bytes,
        }
    }

    fn memory_by_type(&self) -> &[u64; TYPE_COUNT] {
        &self.memory_by_type
    }
}

impl NodeSums for Leaf {
    fn with_room() -> Self {
        Self::with_sketch()
    }

    fn give_up_room(&mut self) {
        self.sketch = None;
    }

    fn keys(&self) -> u64 {
        self.tally.keys
    }

    fn memory_bytes(&self) -> u64 {
        self.tally.memory_bytes
    }
}

impl Merge for Leaf {
    /// Keeps a histogram only where both have one.
    fn merge(&mut self, other: &Self) {
        if let Some(name) = &other.largest
            && other.tally.largest_memory_bytes >= self.tally.largest_memory_bytes
        {
            self.keep_largest(other.tally.largest_memory_bytes, name);
        }
        self.tally.merge(&other.tally);
        for (a, b) in self.memory_by_type.iter_mut().zip(other.memory_by_type) {
            *a = a.saturating_add(b);
        }
        self.without_ttl_memory_bytes =
            self.without_ttl_memory_bytes.saturating_add(other.without_ttl_memory_bytes);
        self.texts.merge(&other.texts);
        self.expires_ms = join(self.expires_ms, other.expires_ms);
        match (&mut self.sketch, &other.sketch) {
            (Some(sketch), Some(other)) => sketch.merge(other),
            (sketch, _) => *sketch = None,
        }
    }
}

fn join(a: Option<(i64, i64)>, b: Option<(i64, i64)>) -> Option<(i64, i64)> {
    match (a, b) {
        (Some(a), Some(b)) => Some((a.0.min(b.0), a.1.max(b.1))),
        (a, b) => a.or(b),
    }
}
