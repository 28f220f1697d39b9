//! The releases with the allocators they run on, and what of it can be worked out once.

use alloc::vec::Vec;

use crate::{
    Allocator, Layout, RELEASES,
    layout::{FieldLayout, SkiplistLayout},
    strings::{sds, sds8},
};

/// How many releases there are.
pub const COUNT: usize = RELEASES.len();
/// Most different allocators among them.
pub const MAX_ALLOCATORS: usize = Allocator::ALL.len();
/// Most different ways among them to join field and value, or member and node.
const MAX_WAYS: usize = 4;

/// Sums per allocator.
pub(crate) type ByAllocator = [u64; MAX_ALLOCATORS];
/// Sums per way of joining.
pub(crate) type ByWay = [u64; MAX_WAYS];

/// Every release with its allocator.
#[derive(Debug, Clone)]
pub struct Models {
    allocators: Vec<Allocator>,
    /// Ways to join field and value.
    joined: Vec<(Allocator, u64)>,
    /// Ways to build a member into its node.
    in_node: Vec<(Allocator, SkiplistLayout)>,
    of: [Place; COUNT],
}

/// Where a release finds its sums.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    pub(crate) allocator: usize,
    pub(crate) joined: Option<usize>,
    pub(crate) in_node: Option<usize>,
}

impl Default for Models {
    /// Each release with the allocator of the build it was checked against.
    fn default() -> Self {
        Self::new(None)
    }
}

impl Models {
    /// Every release with `allocator`, or each with its own.
    pub fn new(allocator: Option<Allocator>) -> Self {
        let mut models = Self {
            allocators: Vec::new(),
            joined: Vec::new(),
            in_node: Vec::new(),
            of: [Place::default(); COUNT],
        };
        for (place, layout) in models.of.iter_mut().zip(&RELEASES) {
            let allocator = allocator.unwrap_or(layout.allocator);
            place.allocator = index(&mut models.allocators, allocator);
            if let FieldLayout::Joined { up_to } = layout.field {
                place.joined = Some(index(&mut models.joined, (allocator, up_to)));
            }
            if layout.skiplist.member_in_node {
                place.in_node = Some(index(&mut models.in_node, (allocator, layout.skiplist)));
            }
        }
        models
    }

    /// The different allocators.
    pub fn allocators(&self) -> &[Allocator] {
        &self.allocators
    }

    /// A release's layout, its allocator, and where its sums are.
    pub(crate) fn get(&self, i: usize) -> (&'static Layout, Allocator, Place) {
        let i = i.min(COUNT - 1);
        let place = self.of[i];
        let allocator = self.allocators().get(place.allocator).copied();
        (&RELEASES[i], allocator.unwrap_or(Allocator::JemallocBundled), place)
    }

    /// Adds what `f` says to the sum of each allocator.
    #[inline]
    pub(crate) fn each_allocator(&self, sums: &mut ByAllocator, f: impl Fn(Allocator) -> u64) {
        for (sum, allocator) in sums.iter_mut().zip(self.allocators()) {
            *sum = sum.saturating_add(f(*allocator));
        }
    }

    /// Adds a field and its value to the sum of each way to join them.
    #[inline]
    pub(crate) fn join(&self, sums: &mut ByWay, field_len: u64, value_len: u64, expires: bool) {
        for (sum, (allocator, up_to)) in sums.iter_mut().zip(&self.joined) {
            *sum = sum.saturating_add(joined(*allocator, *up_to, field_len, value_len, expires));
        }
    }

    /// Adds a member's node, in thousandths of a byte, to the sum of each way to build it.
    #[inline]
    pub(crate) fn node(&self, sums: &mut ByWay, member_len: u64) {
        for (sum, (allocator, skiplist)) in sums.iter_mut().zip(&self.in_node) {
            let built_in = sds(member_len).saturating_add(1);
            *sum = sum.saturating_add(node_milli_bytes(*allocator, skiplist.node.saturating_add(built_in)));
        }
    }
}

/// Field and value of a hash in one allocation, or in two. Source: entry.c, `entryReqSize`.
fn joined(allocator: Allocator, up_to: u64, field_len: u64, value_len: u64, expires: bool) -> u64 {
    let expiry = if expires { 8 } else { 0 };
    // The short header has no room to say that there is an expiry, or a pointer.
    let wide_field = if field_len < 32 { sds8(field_len) } else { sds(field_len) };
    let field = if expires { wide_field } else { sds(field_len) };
    let whole = field.saturating_add(sds8(value_len)).saturating_add(expiry);
    if whole <= up_to {
        return allocator.usable(whole);
    }
    allocator.usable(wide_field.saturating_add(8 + expiry)).saturating_add(allocator.usable(sds(value_len)))
}

/// What a node of a skip list takes on average, in thousandths of a byte, with `base` bytes beside its levels: one level, and each
/// further one with a chance of one in four. Source: t_zset.c, `zslRandomLevel`.
pub(crate) fn node_milli_bytes(allocator: Allocator, base: u64) -> u64 {
    let mut milli_bytes = 0_u64;
    // Of 4^12 nodes: beyond twelve levels there is next to none.
    let mut left = 1_u64 << 24;
    for levels in 1..=12 {
        let here = if levels == 12 { left } else { left - left / 4 };
        let bytes = allocator.usable(base.saturating_add(16 * levels));
        let part = (u128::from(bytes) * u128::from(here) * 1000) >> 24;
        milli_bytes = milli_bytes.saturating_add(u64::try_from(part).unwrap_or(u64::MAX));
        left -= here;
    }
    milli_bytes
}

/// Where `item` stands in `items`, put there if it is new.
fn index<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    items.iter().position(|known| *known == item).unwrap_or_else(|| {
        items.push(item);
        items.len() - 1
    })
}
