//! Compressed chunks of a time series: differences of differences of timestamps, and values by what differs from the one before.
//! Source: "Gorilla: A Fast, Scalable, In-Memory Time Series Database" (VLDB 2015), section 4.1; RedisTimeSeries, src/gorilla.c, for the
//! widths.

/// What a chunk says of itself. Behind the last sample a reader has to be in the very state the writer was in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) bytes: u64,
    pub(super) samples: u64,
    /// Bits that are used.
    pub(super) bits: u64,
    pub(super) first_value: u64,
    pub(super) first_ms: u64,
    pub(super) last_ms: u64,
    pub(super) last_delta: u64,
    pub(super) last_value: u64,
}

/// Bits of a difference behind as many ones as its place in the list and a zero.
const WIDTHS: [u32; 5] = [5, 8, 11, 15, 32];

/// Hands on timestamp and value of each sample; answers whether it came to the state the chunk says. Samples are at least two bits long, so
/// that a count that lies ends with the bytes.
pub(super) fn samples(chunk: &Chunk, data: &[u8], sink: &mut dyn FnMut(u64, f64)) -> bool {
    read(chunk, data, sink).is_some_and(|end| end == *chunk)
}

fn read(chunk: &Chunk, data: &[u8], sink: &mut dyn FnMut(u64, f64)) -> Option<Chunk> {
    let mut now = Chunk {
        bytes: data.len() as u64,
        samples: 0,
        bits: 0,
        last_ms: chunk.first_ms,
        last_delta: 0,
        last_value: chunk.first_value,
        ..*chunk
    };
    let mut bits = Bits { data, at: 0 };
    // Leading zeros and length of what differs.
    let (mut leading, mut length) = (32, 0);
    while now.samples < chunk.samples {
        if now.samples > 0 {
            let delta = difference(&mut bits)?;
            now.last_delta = now.last_delta.wrapping_add(delta);
            now.last_ms = now.last_ms.wrapping_add(now.last_delta);
            if bits.take(1)? == 1 {
                if bits.take(1)? == 1 {
                    leading = u32::try_from(bits.take(5)?).ok()?;
                    length = u32::try_from(bits.take(6)?).ok()? + 1;
                }
                let trailing = 64_u32.checked_sub(leading)?.checked_sub(length)?;
                now.last_value ^= bits.take(length)?.checked_shl(trailing)?;
            }
        }
        sink(now.last_ms, f64::from_bits(now.last_value));
        now.samples += 1;
    }
    now.bits = bits.at;
    Some(now)
}

/// By how much the distance of timestamps changes.
fn difference(bits: &mut Bits<'_>) -> Option<u64> {
    if bits.take(1)? == 0 {
        return Some(0);
    }
    for width in WIDTHS {
        if bits.take(1)? == 0 {
            let n = bits.take(width)?;
            // With the sign of its highest bit.
            let sign = 1_u64 << (width - 1);
            return Some((n ^ sign).wrapping_sub(sign));
        }
    }
    bits.take(64)
}

/// Bits of little-endian words, the lowest first.
struct Bits<'a> {
    data: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    fn take(&mut self, n: u32) -> Option<u64> {
        let mut value = 0;
        let mut have = 0;
        while have < n {
            let byte = *self.data.get(usize::try_from(self.at / 8).ok()?)?;
            let skip = u32::try_from(self.at % 8).ok()?;
            let some = (8 - skip).min(n - have);
            value |= (u64::from(byte >> skip) & ((1 << some) - 1)) << have;
            have += some;
            self.at += u64::from(some);
        }
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes bits as the module does.
    #[derive(Default)]
    struct Writer {
        data: Vec<u8>,
        at: u64,
    }

    impl Writer {
        fn put(&mut self, value: u64, n: u32) {
            for i in 0..n {
                if self.at.is_multiple_of(8) {
                    self.data.push(0);
                }
                let bit = u8::try_from((value >> i) & 1).unwrap();
                *self.data.last_mut().unwrap() |= bit << (self.at % 8);
                self.at += 1;
            }
        }
    }

    #[test]
    fn every_width_of_a_difference_is_read() {
        for (ones, width, n) in [
            (1, 5, -16),
            (2, 8, 127),
            (3, 11, -1024),
            (4, 15, 16_383),
            (5, 32, -2_147_483_648_i64),
            (6, 64, i64::MAX),
        ] {
            let mut bits = Writer::default();
            bits.put(u64::MAX, ones);
            if ones < 6 {
                bits.put(0, 1);
            }
            bits.put(n.cast_unsigned(), width);
            let mut bits = Bits { data: &bits.data, at: 0 };
            assert_eq!(difference(&mut bits), Some(n.cast_unsigned()), "{width} bits");
        }
    }

    fn small() -> (Chunk, Vec<u8>) {
        let mut bits = Writer::default();
        // 1 ms later, the same value; then another one.
        bits.put(0b01, 2);
        bits.put(1, 5);
        bits.put(0, 1);
        bits.put(0, 1);
        bits.put(0b11, 2);
        bits.put(1, 5);
        bits.put(9, 6);
        bits.put(0x3ff, 10);
        let last = 0x3ff_u64 << 53;
        let chunk = Chunk {
            bytes: bits.data.len() as u64,
            samples: 3,
            bits: bits.at,
            first_value: 0,
            first_ms: 1000,
            last_ms: 1002,
            last_delta: 1,
            last_value: last,
        };
        (chunk, bits.data)
    }

    #[test]
    fn samples_are_read_and_the_state_behind_them_is_compared() {
        let (chunk, data) = small();
        let mut found = Vec::new();
        assert!(samples(&chunk, &data, &mut |at, value| found.push((at, value.to_bits()))));
        assert_eq!(found, [(1000, 0), (1001, 0), (1002, 0x3ff << 53)]);
        let wrong: [fn(&mut Chunk); 7] = [
            |chunk| chunk.bytes += 1,
            |chunk| chunk.bits -= 1,
            |chunk| chunk.samples = 2,
            |chunk| chunk.samples = u64::MAX,
            |chunk| chunk.last_ms += 1,
            |chunk| chunk.last_delta = 0,
            |chunk| chunk.last_value ^= 1,
        ];
        for (i, wrong) in wrong.into_iter().enumerate() {
            let mut chunk = chunk;
            wrong(&mut chunk);
            assert!(!samples(&chunk, &data, &mut |_, _| {}), "{i}");
        }
        for len in 0..data.len() {
            assert!(!samples(&chunk, &data[..len], &mut |_, _| {}), "{len}");
        }
    }

    #[test]
    fn an_empty_chunk_is_one() {
        let chunk = Chunk { bytes: 4, ..Chunk::default() };
        assert!(samples(&chunk, &[0; 4], &mut |_, _| panic!()));
    }
}
