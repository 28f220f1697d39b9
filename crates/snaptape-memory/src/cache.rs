//! Remembers costs: most keys of a data set are like many others.

use alloc::{vec, vec::Vec};

use crate::{
    Cost, Models,
    model::COUNT,
    value::{Kind, Value},
};

/// Costs of values seen before, by all that they depend on. Half a megabyte, whatever is asked.
#[derive(Debug, Clone)]
pub struct CostCache {
    slots: Vec<([u64; 2], [Cost; COUNT])>,
}

/// A power of two.
const SLOTS: usize = 2048;

impl Default for CostCache {
    fn default() -> Self {
        // No value has this key.
        Self { slots: vec![([u64::MAX; 2], [Cost::default(); COUNT]); SLOTS] }
    }
}

impl CostCache {
    /// [`Models::costs`].
    #[inline]
    pub fn costs(&mut self, models: &Models, value: &Value) -> [Cost; COUNT] {
        let Some(key) = key(value) else { return models.costs(value) };
        let mixed = (key[0] ^ key[1].rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let Some(slot) =
            usize::try_from(mixed >> (64 - SLOTS.ilog2())).ok().and_then(|i| self.slots.get_mut(i))
        else {
            return models.costs(value);
        };
        if slot.0 != key {
            *slot = (key, models.costs(value));
        }
        slot.1
    }
}

/// All that the cost of `value` depends on, where that is little: strings, and hashes, sorted sets and lists that are one small
/// listpack in every release that has them.
#[inline]
fn key(value: &Value) -> Option<[u64; 2]> {
    let flags = u64::from(value.has_ttl) | u64::from(value.is_int) << 1;
    let kind = match value.kind {
        Kind::String => return Some([value.key_len, value.text_len << 8 | flags]),
        Kind::Hash => 1,
        Kind::Zset => 2,
        Kind::List => 3,
        _ => return None,
    };
    let len = value.as_one_small_listpack()?;
    Some([value.key_len, len << 8 | kind << 4 | flags])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Item, Packing};

    #[test]
    fn remembered_costs_are_those_worked_out() {
        let models = Models::default();
        let mut cache = CostCache::default();
        for round in 0..2 {
            for n in 0..4_000_u64 {
                let kind = match n % 5 {
                    0 => Kind::String,
                    1 => Kind::Hash,
                    2 => Kind::Zset,
                    3 => Kind::List,
                    _ => Kind::Set,
                };
                let mut value = Value::new(kind, n % 40, n % 3 == 0);
                if kind == Kind::String {
                    (value.text_len, value.is_int) = (n % 97, n % 7 == 0);
                } else if n % 2 == 0 {
                    value.blob(Packing::Listpack, n * 3, n * 3, &models);
                    value.packed_elements(n % 700);
                } else if kind == Kind::Set {
                    value.member(n % 90, Item::Int(5), &models);
                }
                value.end(&models);
                assert_eq!(cache.costs(&models, &value), models.costs(&value), "round {round}: {value:?}");
            }
        }
    }
}
