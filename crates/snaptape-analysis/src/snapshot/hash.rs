//! The hash that names are compared by.

/// A well-mixed hash of bytes, the same on every machine: sixteen bytes at a time are multiplied to 128 bits and folded.
#[inline]
pub(crate) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    // Digits of pi.
    const A: u64 = 0x243f_6a88_85a3_08d3;
    const B: u64 = 0x1319_8a2e_0370_7344;
    const C: u64 = 0xa409_3822_299f_31d0;
    let (chunks, rest) = bytes.as_chunks::<16>();
    // Mixed first, or the last digit of a name could undo the number of a database.
    let mut state = fold(seed ^ A, B);
    for chunk in chunks {
        let (low, high) = halves(u128::from_le_bytes(*chunk));
        state = fold(low ^ A, high ^ state);
    }
    let mut last = [0; 16];
    if let Some(front) = last.get_mut(..rest.len()) {
        front.copy_from_slice(rest);
    }
    let (low, high) = halves(u128::from_le_bytes(last));
    state = fold(low ^ B, high ^ state);
    fold(state ^ bytes.len() as u64, C)
}

#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let (low, high) = halves(u128::from(a) * u128::from(b));
    low ^ high
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "that is what a half is")]
fn halves(wide: u128) -> (u64, u64) {
    (wide as u64, (wide >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Every bit of the input changes about half of the bits of the hash, and none of a million names meet.
    #[test]
    fn hashes_are_mixed() {
        let name = b"session:0123456789abcdef:profile";
        let mut changed = [0_u32; 64];
        for bit in 0..name.len() * 8 {
            let mut other = *name;
            other[bit / 8] ^= 1 << (bit % 8);
            let difference = hash(7, name) ^ hash(7, &other);
            assert!((12..=52).contains(&difference.count_ones()), "bit {bit}: {difference:x}");
            for (i, n) in changed.iter_mut().enumerate() {
                *n += u32::from(difference >> i & 1 == 1);
            }
        }
        assert!(changed.iter().all(|n| (64..192).contains(n)), "{changed:?}");
        let mut seen = BTreeSet::new();
        for n in 0..200_000 {
            assert!(seen.insert(hash(0, format!("user:{n}").as_bytes())));
            assert!(seen.insert(hash(1, format!("user:{n}").as_bytes())));
        }
        assert_ne!(hash(0, b""), hash(0, b"\0"));
        assert_ne!(hash(0, &[0; 16]), hash(0, &[0; 17]));
    }
}
