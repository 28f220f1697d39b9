//! Finds a small change from the checksum alone.
//!
//! A CRC is linear: the checksum that was computed, XORed with the one that is stored, is the checksum of the *difference*
//! between the two files, all zeros but for the damage. Zeros behind the damage can be taken back one step at a time; as soon as
//! the damage itself is reached, what is left is the damage, byte for byte. No byte of the file is needed for this, and a wrong
//! answer is as likely as guessing a checksum.

use crc::CRC_64_REDIS;

/// Neighbouring bytes that differ from what the checksum was computed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burst {
    /// Offset of the first one.
    pub start: u64,
    /// What each of them has to be XORed with; the rest is zero.
    pub xor: [u8; MAX_BURST_BYTES],
    /// How many they are, 1 to [`MAX_BURST_BYTES`].
    pub len: usize,
}

/// Longest burst that is looked for; fewer in long files, see [`Burst::locate`].
pub const MAX_BURST_BYTES: usize = 4;

/// A coincidence must be less likely than 2 to the minus this.
const CERTAINTY_BITS: u32 = 20;

impl Burst {
    /// The one burst in `len_bytes` bytes that explains why their checksum is `computed` and not `stored`; nothing when they
    /// agree or there is none. Damage of up to four neighbouring bytes is found in a file of some KiB, of two in one of some
    /// hundred MiB: the longer the file, the more places there are where a longer burst would fit by chance.
    ///
    /// Costs one table look-up for each byte behind the damage (about a second for 500 MB), and no memory.
    pub fn locate(computed: u64, stored: u64, len_bytes: u64) -> Option<Self> {
        let mut state = computed ^ stored;
        if state == 0 || len_bytes == 0 {
            return None;
        }
        let place_bits = u64::BITS - len_bytes.leading_zeros();
        let longest = (u64::BITS.saturating_sub(CERTAINTY_BITS + place_bits) / 8).clamp(1, 4);
        let limit = 1_u64 << (8 * longest);
        for start in (0..len_bytes).rev() {
            state = back(state);
            // The lowest byte is the one at `start`.
            if state < limit && state & 0xff != 0 {
                let [a, b, c, d, ..] = state.to_le_bytes();
                let len = (u64::BITS - state.leading_zeros()).div_ceil(8);
                if start + u64::from(len) <= len_bytes {
                    return Some(Self { start, xor: [a, b, c, d], len: usize::try_from(len).unwrap_or(0) });
                }
            }
        }
        None
    }
}

/// The polynomial as the reflected algorithm shifts it in.
const POLY: u64 = CRC_64_REDIS.poly.reverse_bits();

/// For the top byte of a table entry: its index, and the entry.
#[expect(clippy::cast_possible_truncation, reason = "an index of 256 entries is a byte")]
static INVERSE: [(u8, u64); 256] = {
    let mut table = [(0, 0); 256];
    let mut index: usize = 0;
    while index < 256 {
        let mut entry = index as u64;
        let mut bit = 0;
        while bit < 8 {
            entry = if entry & 1 == 1 { entry >> 1 ^ POLY } else { entry >> 1 };
            bit += 1;
        }
        // The polynomial's top bit is set, so the top bytes of the 256 entries are all different.
        table[(entry >> 56) as usize] = (index as u8, entry);
        index += 1;
    }
    table
};

/// The state before a zero byte was added.
#[inline]
fn back(state: u64) -> u64 {
    // A byte always indexes 256 entries.
    let (index, entry) = INVERSE.get((state >> 56) as usize).copied().unwrap_or_default();
    (state ^ entry) << 8 | u64::from(index)
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::Crc64;

    fn crc(bytes: &[u8]) -> u64 {
        let mut crc = Crc64::new();
        crc.update(bytes);
        crc.value()
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let good: Vec<u8> = (0..97_u8).map(|n| n.wrapping_mul(37)).collect();
        for at in 0..good.len() {
            for bit in 0..8 {
                let mut bad = good.clone();
                bad[at] ^= 1 << bit;
                let found = Burst::locate(crc(&bad), crc(&good), bad.len() as u64).unwrap();
                assert_eq!((found.start, found.len, found.xor[0]), (at as u64, 1, 1 << bit));
            }
        }
    }

    #[test]
    fn neighbouring_bytes_are_found_and_more_are_not() {
        let good: Vec<u8> = (0..4_000_u32).map(|n| n.to_le_bytes()[0]).collect();
        for (at, xor) in
            [(0, &[1, 2, 3, 4][..]), (3_996, &[0x80, 0, 0, 1]), (1_000, &[0xff, 0xff]), (77, &[9, 0, 9])]
        {
            let mut bad = good.clone();
            bad[at..at + xor.len()].iter_mut().zip(xor).for_each(|(byte, xor)| *byte ^= xor);
            let found = Burst::locate(crc(&bad), crc(&good), bad.len() as u64).unwrap();
            assert_eq!((found.start, &found.xor[..found.len]), (at as u64, xor));
        }
        for far in [5, 100, 3_000] {
            let mut bad = good.clone();
            bad[10] ^= 1;
            bad[10 + far] ^= 1;
            assert_eq!(Burst::locate(crc(&bad), crc(&good), bad.len() as u64), None, "{far}");
        }
        assert_eq!(Burst::locate(7, 7, 100), None);
        assert_eq!(Burst::locate(7, 8, 0), None);
    }
}
