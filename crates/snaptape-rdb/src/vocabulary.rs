//! What a writer can have written: behind damage everything else is a part of it.

use alloc::vec::Vec;

use crate::{Magic, ModuleId, opcode::op};

/// A set of object types and opcodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Numbers([u64; 4]);

/// Object types, the version of the magic `REDIS` that has them first, and the first one whose servers do not write them any more.
/// Source: rdb.h and `rdbSaveObjectType` in rdb.c of each release.
const TYPES: [(u8, u16, u16); 29] = [
    (0, 1, u16::MAX),
    (1, 1, 7),
    (2, 1, u16::MAX),
    (3, 1, 8),
    (4, 1, u16::MAX),
    (5, 8, u16::MAX),
    (7, 8, u16::MAX),
    (9, 2, 4),
    (10, 2, 7),
    (11, 2, u16::MAX),
    (12, 2, 10),
    (13, 4, 10),
    (14, 7, 10),
    (15, 9, 10),
    (16, 10, u16::MAX),
    (17, 10, u16::MAX),
    (18, 10, u16::MAX),
    (19, 10, 11),
    (20, 11, u16::MAX),
    (21, 11, u16::MAX),
    (24, 12, u16::MAX),
    (25, 12, u16::MAX),
    (26, 13, u16::MAX),
    (27, 14, u16::MAX),
    (28, 14, u16::MAX),
    (29, 15, u16::MAX),
    (30, 15, u16::MAX),
    (31, 15, u16::MAX),
    (32, 15, u16::MAX),
];

/// Opcodes, likewise.
const OPCODES: [(u8, u16, u16); 13] = [
    (op::HASH_TEMPLATE, 15, u16::MAX),
    (op::KEY_META, 13, u16::MAX),
    (op::SLOT_INFO, 12, u16::MAX),
    (op::FUNCTION2, 10, u16::MAX),
    (op::MODULE_AUX, 9, u16::MAX),
    (op::IDLE, 9, u16::MAX),
    (op::FREQ, 9, u16::MAX),
    (op::AUX, 7, u16::MAX),
    (op::RESIZEDB, 7, u16::MAX),
    (op::EXPIRETIME_MS, 3, u16::MAX),
    (op::EXPIRETIME, 1, 4),
    (op::SELECTDB, 1, u16::MAX),
    (op::EOF, 1, u16::MAX),
];

impl Numbers {
    /// All there are.
    pub const ALL: Self = Self([u64::MAX; 4]);

    /// Those of a file with this magic and version; with those that older versions wrote and this one reads where it is not
    /// `exact`. Forks write others.
    pub fn of(magic: Magic, version: u16, exact: bool) -> Self {
        // What Valkey added to version 11 has numbers of its own.
        let as_redis = if magic == Magic::Valkey { 11 } else { version };
        let mut numbers = Self([0; 4]);
        for (number, since, until) in TYPES.into_iter().chain(OPCODES) {
            if (since..until.max(if exact { 0 } else { u16::MAX })).contains(&as_redis) {
                numbers.add(number);
            }
        }
        if magic == Magic::Valkey {
            for number in [22, op::SLOT_IMPORT, op::SLOT_INFO] {
                numbers.add(number);
            }
        }
        numbers
    }

    /// The first version with the magic `REDIS` that has an object type.
    pub fn since(object_type: u8) -> Option<u16> {
        TYPES.iter().find(|(number, ..)| *number == object_type).map(|(_, since, _)| *since)
    }

    /// Is the number among them?
    #[inline]
    pub fn has(self, number: u8) -> bool {
        self.0.get(usize::from(number >> 6)).is_some_and(|bits| bits >> (number & 63) & 1 != 0)
    }

    /// Adds one.
    pub fn add(&mut self, number: u8) {
        if let Some(bits) = self.0.get_mut(usize::from(number >> 6)) {
            *bits |= 1 << (number & 63);
        }
    }
}

/// What the writer of a file can have written, as far as its header and what stands before the damage tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// Object types and opcodes.
    pub numbers: Numbers,
    /// Modules; nothing where all are.
    pub modules: Option<Vec<ModuleId>>,
    /// The highest database; one behind it has to be announced.
    pub highest_db: u64,
}

impl Vocabulary {
    /// Can a value of this module be there?
    pub(crate) fn has_module(&self, module: ModuleId) -> bool {
        self.modules.as_ref().is_none_or(|known| known.contains(&module))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_version_has_its_own_numbers() {
        for (magic, version, exact, there, not_there) in [
            (Magic::Redis, 6, true, &[0, 1, 3, 10, 12, 13, 252][..], &[5, 9, 14, 64, 250, 251, 253][..]),
            (
                Magic::Redis,
                9,
                true,
                &[0, 5, 14, 15, 248, 250],
                &[1, 3, 10, 16, 20, 22, 30, 64, 107, 244, 245],
            ),
            (
                Magic::Redis,
                11,
                true,
                &[0, 2, 4, 5, 7, 11, 16, 17, 18, 20, 21, 245],
                &[1, 13, 19, 22, 24, 242, 243, 244],
            ),
            (Magic::Redis, 11, false, &[1, 13, 19, 253], &[22, 24, 30, 64, 220, 246]),
            (Magic::Redis, 12, true, &[24, 25, 244], &[22, 23, 26, 121, 201, 243]),
            (Magic::Redis, 15, true, &[26, 27, 28, 29, 32, 242, 243], &[33, 64]),
            (Magic::Redis, 99, true, &[32, 242], &[64]),
            (Magic::Valkey, 80, true, &[21, 22, 243, 244], &[23, 24, 25, 26, 64, 242]),
        ] {
            let numbers = Numbers::of(magic, version, exact);
            for number in there {
                assert!(numbers.has(*number), "{magic:?} {version} {number}");
            }
            for number in not_there {
                assert!(!numbers.has(*number), "{magic:?} {version} {number}");
            }
        }
    }
}
