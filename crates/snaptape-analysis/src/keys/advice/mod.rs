//! What would save memory, in figures. One kind of advice a file.
//!
//! Two kinds need sums of their own over all keys ([`AdviceFold`]); the others follow from the finished report.

mod compressible;
mod dominating;
mod duplicates;
mod expired;
mod limits;
mod missing_ttl;
mod names;
mod sample;
mod short_name;

use snaptape_memory::Setting;
use snaptape_report::{Advice, Dataset, PackLimit};

pub use self::dominating::slot_advice;
use self::{duplicates::DuplicateFold, limits::LimitFold};
use super::KeyFacts;

/// Of fewer keys, shares say nothing.
const FEW_KEYS: u64 = 20;

/// Sums that advice needs and no other figure does. Bounded, and mergeable in any order.
#[derive(Debug, Clone, Default)]
pub(crate) struct AdviceFold {
    limits: LimitFold,
    duplicates: DuplicateFold,
    /// Did a writer compress anything?
    is_compressed: bool,
    release: usize,
}

impl AdviceFold {
    #[inline]
    pub(crate) fn add(&mut self, key: &KeyFacts<'_>) {
        self.release = self.release.max(key.release);
        self.is_compressed |= key.is_compressed;
        if let Some(raised) = &key.raised {
            self.limits.add(key, raised);
        }
        if let Some(text) = &key.stored {
            self.duplicates.add(key, text);
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.release = self.release.max(other.release);
        self.is_compressed |= other.is_compressed;
        self.limits.merge(&other.limits);
        self.duplicates.merge(&other.duplicates);
    }

    /// Up to where the target packs values.
    pub(crate) fn pack_limits(&self) -> Vec<PackLimit> {
        let Some(layout) = snaptape_memory::RELEASES.get(self.release) else { return Vec::new() };
        let has = |setting: &Setting| {
            layout.has_set_listpack || !matches!(setting, Setting::SetEntries | Setting::SetValue)
        };
        let limit = |setting: Setting| PackLimit {
            type_name: setting.type_name().into(),
            setting: setting.name(layout.has_listpacks).into(),
            value: setting.of(&layout.limits),
            is_length: setting.is_length(),
        };
        Setting::ALL.into_iter().filter(has).map(limit).collect()
    }

    /// All advice for what is otherwise finished, most bytes first.
    pub(crate) fn finish(&self, dataset: &Dataset) -> Vec<Advice> {
        let all = dataset.totals.memory_bytes;
        let mut advice = Vec::new();
        advice.extend(self.limits.finish(self.release, all));
        advice.extend(self.duplicates.finish(all));
        advice.extend(compressible::advice(dataset, self.is_compressed, self.duplicates.texts()));
        advice.extend(missing_ttl::advice(dataset));
        advice.extend(names::advice(dataset, self.release));
        advice.extend(dominating::advice(dataset));
        advice.extend(expired::advice(dataset));
        Advice::order(&mut advice);
        advice
    }
}

/// Advice that is about nothing yet.
fn blank(kind: snaptape_report::AdviceKind) -> Advice {
    Advice {
        kind,
        saved_bytes: None,
        saved_memory_usage_bytes: None,
        affected_bytes: 0,
        keys: 0,
        setting: None,
        pattern: None,
        examples: Vec::new(),
        one_in: 1,
        sentence: String::new(),
        cost: None,
    }
}
