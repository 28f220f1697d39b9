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

    /// The type it is about.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::HashEntries | Self::HashValue => "hash",
            Self::ZsetEntries | Self::ZsetValue => "zset",
            Self::SetEntries | Self::SetValue | Self::IntsetEntries => "set",
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Encoding, Item, RELEASES, nearest};
    use snaptape_wire::Release;

    fn hash(fields: u64, value_len: u64, models: &Models) -> Value {
        let mut value = Value::new(Kind::Hash, 10, false);
        for _ in 0..fields {
            value.pair((8, Item::Text(8)), (value_len, Item::Text(value_len)), false, models);
        }
        value.end(models);
        value
    }

    #[test]
    fn a_hash_with_a_few_fields_too_many_needs_one_limit() {
        let models = Models::default();
        let i = nearest(Release::redis(7, 4));
        let found = models.raised(i, &hash(600, 10, &models)).expect("just above");
        // 600 times 10 and 12 bytes and the 7 of the header, in the class of 14 KiB; 16 of the key's name, 24 and 16.
        assert_eq!((found.setting, found.needed), (Setting::HashEntries, 600));
        assert_eq!((found.memory_bytes, found.allocated_bytes), (14_336 + 56, 14_336 + 56));
        assert!(models.cost(i, &hash(600, 10, &models)).memory_bytes > 2 * found.memory_bytes);
    }

    #[test]
    fn only_a_single_limit_that_is_at_most_doubled_counts() {
        let models = Models::default();
        for (i, layout) in RELEASES.iter().enumerate() {
            let setting =
                |fields, len| models.raised(i, &hash(fields, len, &models)).map(|raised| raised.setting);
            assert_eq!(setting(512, 64), None, "{}: it is packed", layout.release);
            assert_eq!(setting(513, 64), Some(Setting::HashEntries));
            assert_eq!(setting(1024, 64), Some(Setting::HashEntries));
            assert_eq!(setting(1025, 64), None, "too many");
            assert_eq!(setting(512, 65), Some(Setting::HashValue));
            assert_eq!(setting(512, 128), Some(Setting::HashValue));
            assert_eq!(setting(512, 129), None, "too long");
            assert_eq!(setting(513, 65), None, "two limits");
        }
    }

    #[test]
    fn sets_are_packed_by_releases_that_can() {
        let models = Models::default();
        let set = |item: fn(i64) -> Item, members: i64| {
            let mut value = Value::new(Kind::Set, 10, false);
            (0..members).for_each(|n| value.member(6, item(n), &models));
            value.end(&models);
            value
        };
        for (i, layout) in RELEASES.iter().enumerate() {
            let setting = |value: &Value| models.raised(i, value).map(|raised| raised.setting);
            let expected = layout.has_set_listpack.then_some(Setting::SetEntries);
            assert_eq!(setting(&set(|_| Item::Text(6), 200)), expected, "{}", layout.release);
            assert_eq!(setting(&set(Item::Int, 513)), Some(Setting::IntsetEntries));
            assert_eq!(setting(&set(Item::Int, 512)), None);
        }
    }

    /// Under the limit that is said to be needed, the value is packed; under one less, it is not.
    #[test]
    fn what_is_needed_is_the_least() {
        let models = Models::default();
        let i = nearest(Release::redis(8, 2));
        for value in [hash(700, 20, &models), hash(30, 100, &models)] {
            let Raised { setting, needed, .. } = models.raised(i, &value).expect("near");
            let encoding = |limit| {
                models
                    .cost_under(i, &value, &setting.set(&RELEASES[i].limits, limit))
                    .encoding
                    .map(Encoding::name)
            };
            assert_eq!((encoding(needed), encoding(needed - 1)), (Some("listpack"), Some("hashtable")));
        }
    }
}
