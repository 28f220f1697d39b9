//! From a name to its row: open addressing in a table made at compile time, so that looking a name up costs one hash and nearly
//! always one comparison.

use super::{CommandSpec, TABLE};

/// At least four times the rows, a power of two: hardly any name meets another.
const SLOTS: usize = 2048;
/// No row.
const FREE: u16 = u16::MAX;

static INDEX: [u16; SLOTS] = index();

/// A letter in upper case, and any other byte as whatever it then is.
#[expect(clippy::indexing_slicing, reason = "the place was looked at")]
const fn letter(name: &[u8], at: usize) -> usize {
    if at < name.len() { (name[at] & 0xdf) as usize } else { 0 }
}

/// By the length and five letters: names that agree in those are few.
#[inline]
const fn slot(name: &[u8]) -> usize {
    let n = name.len();
    let front = letter(name, 0) * 0x61 + letter(name, 1) * 0x1f7 + letter(name, 2) * 0x35;
    let back = letter(name, n / 2 + 1) * 0x28d + letter(name, n.wrapping_sub(1)) * 0x4cf;
    (front + back + n * 0x1a3) % SLOTS
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
        // Nearly always in upper case.
        if spec.name_bytes() == name || spec.name_bytes().eq_ignore_ascii_case(name) {
            return Some(spec);
        }
        at = (at + 1) % SLOTS;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// How many rows have to be compared to find them all.
    #[test]
    fn names_hardly_ever_meet() {
        let steps = |spec: &CommandSpec| {
            let mut at = slot(spec.name_bytes());
            let mut steps = 1;
            while INDEX[at] as usize != spec.row() {
                at = (at + 1) % SLOTS;
                steps += 1;
            }
            steps
        };
        let (all, most) =
            TABLE.iter().map(steps).fold((0, 0), |(all, most), steps| (all + steps, most.max(steps)));
        assert!(
            all * 10 < TABLE.len() * 14 && most <= 8,
            "{all} steps for {} rows, {most} at most",
            TABLE.len()
        );
        for name in ["SET", "HSET", "DEL", "INCRBY", "ZADD", "LPUSH", "RPUSH", "SADD", "XADD", "PEXPIREAT"] {
            assert!(steps(find(name.as_bytes()).unwrap()) <= 2, "{name}");
        }
    }

    #[test]
    fn every_row_is_found_by_its_name_and_by_no_other() {
        let names: BTreeSet<_> = TABLE.iter().map(CommandSpec::name).collect();
        assert_eq!(names.len(), TABLE.len(), "a name stands twice");
        for spec in &TABLE {
            assert_eq!(find(spec.name().as_bytes()), Some(spec));
            assert_eq!(TABLE.get(spec.row()), Some(spec));
            assert_eq!(find(spec.name().to_ascii_lowercase().as_bytes()), Some(spec));
            assert!(spec.name().len() <= MAX_NAME_BYTES && spec.name() == spec.name().to_ascii_uppercase());
        }
        for name in [&b""[..], b"SE", b"SETT", b"SET\0", b"S\xffT", &[b'x'; 1000]] {
            assert_eq!(find(name), None);
        }
    }
}
