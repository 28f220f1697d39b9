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

/// The same for texts of some length: four times sixteen bytes go side by side, for a processor to multiply while it multiplies.
#[inline]
pub(super) fn hash_text(bytes: &[u8]) -> u64 {
    // More digits of pi.
    const LANES: [u64; 4] =
        [0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89, 0x4528_21e6_38d0_1377, 0xbe54_66cf_34e9_0c6c];
    let (blocks, rest) = bytes.as_chunks::<64>();
    let mut lanes = LANES;
    for block in blocks {
        let (chunks, _) = block.as_chunks::<16>();
        for ((lane, chunk), digits) in lanes.iter_mut().zip(chunks).zip(LANES) {
            let (low, high) = halves(u128::from_le_bytes(*chunk));
            *lane = fold(low ^ digits, high ^ *lane);
        }
    }
    // Each lane once more, or two of them could undo each other.
    let seed =
        lanes.into_iter().fold(bytes.len() as u64, |seed, lane| fold(seed ^ LANES[0], lane ^ LANES[1]));
    hash(seed, rest)
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
        let text: Vec<u8> = (0..300_u32).map(|n| u8::try_from(n * 7 % 251).unwrap()).collect();
        let mut texts = BTreeSet::from([hash_text(&text), hash_text(&text[..299]), hash_text(&text[1..])]);
        for bit in 0..text.len() * 8 {
            let mut other = text.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            let difference = hash_text(&text) ^ hash_text(&other);
            assert!((10..=54).contains(&difference.count_ones()), "bit {bit}: {difference:x}");
            assert!(texts.insert(hash_text(&other)));
        }
        // Blocks that change places.
        let (a, b) = text.split_at(128);
        assert!(texts.insert(hash_text(&[&a[64..], &a[..64], b].concat())));
        assert_ne!(hash(0, &[0; 16]), hash(0, &[0; 17]));
    }
}
