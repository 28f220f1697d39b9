//! What a value would take if one limit of the configuration were higher.

use crate::{
    Limits, Models,
    value::{Kind, Value},
};

/// A setting that decides up to where values are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Setting {
    /// `hash-max-listpack-entries`.
    HashEntries,
    /// `hash-max-listpack-value`.
    HashValue,
    /// `zset-max-listpack-entries`.
    ZsetEntries,
    /// `zset-max-listpack-value`.
    ZsetValue,
    /// `set-max-listpack-entries`.
    SetEntries,
    /// `set-max-listpack-value`.
    SetValue,
    /// `set-max-intset-entries`.
    IntsetEntries,
}

impl Setting {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::HashEntries,
        Self::HashValue,
        Self::ZsetEntries,
        Self::ZsetValue,
        Self::SetEntries,
        Self::SetValue,
        Self::IntsetEntries,
    ];

    /// Its name in the configuration of a server; those before 7.0 have ziplists.
    pub const fn name(self, has_listpacks: bool) -> &'static str {
        match (self, has_listpacks) {
            (Self::HashEntries, true) => "hash-max-listpack-entries",
            (Self::HashEntries, false) => "hash-max-ziplist-entries",
            (Self::HashValue, true) => "hash-max-listpack-value",
            (Self::HashValue, false) => "hash-max-ziplist-value",
            (Self::ZsetEntries, true) => "zset-max-listpack-entries",
            (Self::ZsetEntries, false) => "zset-max-ziplist-entries",
            (Self::ZsetValue, true) => "zset-max-listpack-value",
            (Self::ZsetValue, false) => "zset-max-ziplist-value",
            (Self::SetEntries, _) => "set-max-listpack-entries",
            (Self::SetValue, _) => "set-max-listpack-value",
            (Self::IntsetEntries, _) => "set-max-intset-entries",
        }
    }

    /// Does it limit the length of elements (in bytes), not their number?
    pub const fn is_length(self) -> bool {
        matches!(self, Self::HashValue | Self::ZsetValue | Self::SetValue)
    }

    /// What it is in `limits`.
    pub const fn of(self, limits: &Limits) -> u64 {
        match self {
            Self::HashEntries => limits.hash_entries,
            Self::HashValue => limits.hash_value,
            Self::ZsetEntries => limits.zset_entries,
            Self::ZsetValue => limits.zset_value,
            Self::SetEntries => limits.set_entries,
            Self::SetValue => limits.set_value,
            Self::IntsetEntries => limits.intset_entries,
        }
    }

    /// `limits` with it set to `value`.
    #[must_use]
    pub const fn set(self, limits: &Limits, value: u64) -> Limits {
        let mut raised = *limits;
        match self {
            Self::HashEntries => raised.hash_entries = value,
            Self::HashValue => raised.hash_value = value,
            Self::ZsetEntries => raised.zset_entries = value,
            Self::ZsetValue => raised.zset_value = value,
            Self::SetEntries => raised.set_entries = value,
            Self::SetValue => raised.set_value = value,
            Self::IntsetEntries => raised.intset_entries = value,
        }
        raised
    }
}

/// A value that one higher limit would pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised {
    /// The limit that is in the way, and the only one.
    pub setting: Setting,
    /// What it has to be at least.
    pub needed: u64,
    /// What `MEMORY USAGE` would answer then.
    pub memory_bytes: u64,
    /// What the allocator would hand out for it then.
    pub allocated_bytes: u64,
    /// Does it stand packed in the file: had its writer a higher limit?
    pub was_packed: bool,
}

impl Models {
    /// If a single limit of the `i`th release, at most doubled, stands between `value` and a packed encoding: which, and what it
    /// would take then. A few comparisons for any other value.
    #[inline]
    pub fn raised(&self, i: usize, value: &Value) -> Option<Raised> {
        match value.kind {
            Kind::Hash | Kind::Zset | Kind::Set => self.nearly_packed(i, value),
            _ => None,
        }
    }

    fn nearly_packed(&self, i: usize, value: &Value) -> Option<Raised> {
        let (layout, ..) = self.get(i);
        let limits = &layout.limits;
        let sums = &value.sums;
        let (entries, length, has_packed) = match value.kind {
            Kind::Hash => {
                let has_packed = !value.has_times || layout.listpack_ex.is_some();
                (Setting::HashEntries, Setting::HashValue, has_packed)
            }
            Kind::Zset => (Setting::ZsetEntries, Setting::ZsetValue, true),
            _ => (Setting::SetEntries, Setting::SetValue, layout.has_set_listpack),
        };
        let is_numbers = value.kind == Kind::Set && sums.int_bytes > 0;
        let near = |setting: Setting, found: u64| {
            let limit = setting.of(limits);
            found > limit && found <= limit * 2
        };
        let has_many = sums.elements > entries.of(limits);
        // Of a value that is packed in the file, a server looks at nothing but the number of its elements.
        let has_long = sums.packed.is_none() && sums.longest > length.of(limits);
        let (setting, needed) = if is_numbers && sums.elements > limits.intset_entries {
            (Setting::IntsetEntries, sums.elements)
        } else if is_numbers || !has_packed {
            return None;
        } else {
            match (has_many, has_long) {
                (true, false) => (entries, sums.elements),
                (false, true) => (length, sums.longest),
                _ => return None,
            }
        };
        if !near(setting, needed) {
            return None;
        }
        let under = self.cost_under(i, value, &setting.set(limits, needed));
        let was_packed = sums.packed.is_some();
        Some(Raised {
            setting,
            needed,
            memory_bytes: under.memory_bytes,
            allocated_bytes: under.allocated_bytes,
            was_packed,
        })
    }
}
