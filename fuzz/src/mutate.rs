//! Changes to inputs, from a seed: the same seed makes the same changes.

/// A small generator of numbers that look random (xorshift64*).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// One that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        // The state must not be zero, and near seeds should not give near numbers.
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `n`; 0 for 0.
    pub fn below(&mut self, n: usize) -> usize {
        let n = (n as u64).max(1);
        usize::try_from((self.number() >> 16) % n).unwrap_or_default()
    }
}

/// Makes inputs out of seeds.
#[derive(Debug, Clone)]
pub struct Mutator {
    random: Random,
}

/// No input gets longer than this: faults that need more are found by other tests.
const MAX_BYTES: usize = 64 << 10;

/// Values at the edges of what lengths and types can be, in RDB and on a tape.
const EDGES: [&[u8]; 16] = [
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\x80",
    b"\xc3",
    b"\xfe",
    b"\x80\xff\xff\xff\xff",
    b"\x81\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\xff\xff\xff\x7f",
    b"0",
    b"-1",
    b"9223372036854775807",
    b"*3\r\n",
    b"$-1\r\n",
    b"\r\n",
    b"*1\r\n$5\r\nMULTI\r\n",
];

impl Mutator {
    /// One that starts from `seed`.
    pub fn new(seed: u64) -> Self {
        Self { random: Random::new(seed) }
    }

    /// Overwrites `out` with a changed copy of one of the seeds.
    pub fn next(&mut self, seeds: &[Vec<u8>], out: &mut Vec<u8>) {
        let seed = &seeds[self.random.below(seeds.len())];
        out.clear();
        out.extend_from_slice(&seed[..seed.len().min(MAX_BYTES)]);
        for _ in 0..=self.random.below(5) {
            self.change(seeds, out);
        }
        out.truncate(MAX_BYTES);
    }

    fn change(&mut self, seeds: &[Vec<u8>], out: &mut Vec<u8>) {
        let at = self.random.below(out.len() + 1);
        let len = {
            let longest = [4, 16, 200][self.random.below(3)];
            1 + self.random.below(longest)
        };
        let end = (at + len).min(out.len());
        match self.random.below(9) {
            0 => out.truncate(at),
            1 => drop(out.drain(at..end)),
            2 => {
                let copy = out[at..end].to_vec();
                out.splice(at..at, copy);
            }
            3 => {
                let edge = EDGES[self.random.below(EDGES.len())];
                out.splice(at..at, edge.iter().copied());
            }
            4 => {
                let edge = EDGES[self.random.below(EDGES.len())];
                let end = (at + edge.len()).min(out.len());
                out[at..end].copy_from_slice(&edge[..end - at]);
            }
            5 => {
                let other = &seeds[self.random.below(seeds.len())];
                let from = self.random.below(other.len() + 1);
                let to = (from + len).min(other.len());
                out.splice(at..end, other[from..to].iter().copied());
            }
            6 if at < out.len() => out[at] ^= 1 << self.random.below(8),
            7 if at < out.len() => out[at] = out[at].wrapping_add(1),
            _ if at < out.len() => out[at] = self.random.number().to_be_bytes()[0],
            _ => out.push(self.random.number().to_be_bytes()[0]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        let seeds = [b"REDIS0011".to_vec(), Vec::new(), vec![7; 2 * MAX_BYTES]];
        let (mut a, mut b) = (Mutator::new(5), Mutator::new(5));
        let (mut out_a, mut out_b) = (Vec::new(), Vec::new());
        let mut unlike = 0;
        for _ in 0..2_000 {
            a.next(&seeds, &mut out_a);
            b.next(&seeds, &mut out_b);
            assert_eq!(out_a, out_b);
            assert!(out_a.len() <= MAX_BYTES);
            unlike += usize::from(!seeds.contains(&out_a));
        }
        assert!(unlike > 1_500, "{unlike} of 2000 differ from their seed");
    }
}
