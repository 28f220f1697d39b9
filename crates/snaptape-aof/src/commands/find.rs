//! From a name to its row: open addressing in a table made at compile time, so that looking a name up costs one hash and nearly
//! always one comparison.

use super::{CommandSpec, TABLE};

/// At least four times the rows, a power of two: hardly any name meets another.
const SLOTS: usize = 2048;
/// No row.
const FREE: u16 = u16::MAX;

static INDEX: [u16; SLOTS] = index();

/// FNV-1a over the upper-case name.
#[inline]
const fn slot(name: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32;
    let mut rest = name;
    while let [byte, behind @ ..] = rest {
        hash = (hash ^ byte.to_ascii_uppercase() as u32).wrapping_mul(0x0100_0193);
        rest = behind;
    }
    (hash ^ (hash >> 15)) as usize % SLOTS
}

#[expect(clippy::indexing_slicing, reason = "at compile time: a wrong index does not build")]
#[expect(clippy::cast_possible_truncation, reason = "there are fewer rows than slots")]
const fn index() -> [u16; SLOTS] {
    let mut index = [FREE; SLOTS];
    let mut row = 0;
    while row < TABLE.len() {
        let mut at = slot(TABLE[row].name_bytes());
        while index[at] != FREE {
            at = (at + 1) % SLOTS;
        }
        index[at] = row as u16;
        row += 1;
    }
    index
}

/// The longest name of the table is shorter.
const MAX_NAME_BYTES: usize = 32;

#[inline]
pub(super) fn find(name: &[u8]) -> Option<&'static CommandSpec> {
    if name.len() > MAX_NAME_BYTES {
        return None;
    }
    let mut at = slot(name);
    loop {
        // The index has free slots: the loop ends.
        let row = INDEX.get(at).copied().filter(|&row| row != FREE)?;
        let spec = TABLE.get(usize::from(row))?;
        if spec.name_bytes().eq_ignore_ascii_case(name) {
            return Some(spec);
        }
        at = (at + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_row_is_found_by_its_name_and_by_no_other() {
        let names: BTreeSet<_> = TABLE.iter().map(CommandSpec::name).collect();
        assert_eq!(names.len(), TABLE.len(), "a name stands twice");
        for spec in &TABLE {
            assert_eq!(find(spec.name().as_bytes()), Some(spec));
            assert_eq!(find(spec.name().to_ascii_lowercase().as_bytes()), Some(spec));
            assert!(spec.name().len() <= MAX_NAME_BYTES && spec.name() == spec.name().to_ascii_uppercase());
        }
        for name in [&b""[..], b"SE", b"SETT", b"SET\0", b"S\xffT", &[b'x'; 1000]] {
            assert_eq!(find(name), None);
        }
    }
}
