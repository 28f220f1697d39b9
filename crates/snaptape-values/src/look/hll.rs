//! The estimate of a HyperLogLog, as servers since 4.0 work it out. Source: hyperloglog.c.

use snaptape_report::units;

/// Registers.
const M: usize = 1 << 14;
/// Bits of a hash that are counted.
const Q: usize = 50;
const HEADER: usize = 16;
const DENSE: usize = HEADER + M * 6 / 8;

/// What a HyperLogLog says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cardinality {
    /// The estimate: what PFCOUNT answers.
    pub estimate: u64,
    /// What the server noted last, where that is still right.
    pub cached: Option<u64>,
    /// Is it stored register by register?
    pub is_dense: bool,
    /// Registers that are not zero.
    pub used_registers: u64,
}

impl Cardinality {
    pub(super) fn facts(&self) -> Vec<(String, String)> {
        let cached = match self.cached {
            Some(n) if n == self.estimate => "the same, as the server noted it".into(),
            Some(n) => units::count(n),
            None => "none: it was changed since it was counted last".into(),
        };
        let encoding =
            if self.is_dense { "dense: 16,384 registers of 6 bits" } else { "sparse: runs of registers" };
        vec![
            ("Estimate (PFCOUNT)".into(), units::count(self.estimate)),
            ("Standard error".into(), "0.81 %".into()),
            ("Cached estimate".into(), cached),
            ("Representation".into(), encoding.into()),
            ("Registers in use".into(), format!("{} of 16,384", units::count(self.used_registers))),
        ]
    }
}

/// Reads one.
///
/// # Errors
/// Why it is none: a sentence.
pub fn hyperloglog(bytes: &[u8]) -> Result<Cardinality, &'static str> {
    let Some((header, registers)) =
        bytes.split_at_checked(HEADER).filter(|(header, _)| header.starts_with(b"HYLL"))
    else {
        return Err("It does not begin with HYLL: it is no HyperLogLog.");
    };
    let mut histogram = [0_u64; 64];
    let is_dense = match header.get(4) {
        Some(0) => {
            if bytes.len() != DENSE {
                return Err("A dense HyperLogLog has 12,304 bytes: this has not.");
            }
            dense(registers, &mut histogram);
            true
        }
        Some(1) => {
            sparse(registers, &mut histogram).ok_or("Its runs do not add up to 16,384 registers.")?;
            false
        }
        _ => return Err("Its encoding is neither dense nor sparse."),
    };
    let mut card = [0; 8];
    card.copy_from_slice(header.get(8..16).unwrap_or(&[0; 8]));
    let card = u64::from_le_bytes(card);
    Ok(Cardinality {
        estimate: estimate(&histogram),
        cached: (card >> 63 == 0).then_some(card),
        is_dense,
        used_registers: M as u64 - histogram[0],
    })
}

fn dense(registers: &[u8], histogram: &mut [u64; 64]) {
    // Four registers stand in three bytes, the lowest bits first.
    for three in registers.chunks_exact(3) {
        let bits = three.iter().rev().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for i in 0..4 {
            let register = usize::try_from(bits >> (6 * i) & 0x3f).unwrap_or_default();
            histogram[register] += 1;
        }
    }
}

fn sparse(runs: &[u8], histogram: &mut [u64; 64]) -> Option<()> {
    let (mut at, mut total) = (0, 0);
    while let Some(&first) = runs.get(at) {
        let wide = usize::from(first);
        let (value, len) = match first {
            0..0x40 => (0, wide + 1),
            0x40..0x80 => {
                at += 1;
                (0, ((wide & 0x3f) << 8 | usize::from(*runs.get(at)?)) + 1)
            }
            _ => ((wide >> 2 & 0x1f) + 1, (wide & 3) + 1),
        };
        at += 1;
        total += len;
        if total > M {
            return None;
        }
        *histogram.get_mut(value)? += len as u64;
    }
    (total == M).then_some(())
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an estimate of a count, rounded"
)]
fn estimate(histogram: &[u64; 64]) -> u64 {
    /// `0.5 / ln 2`.
    const ALPHA: f64 = 0.721_347_520_444_481_7;
    let m = M as f64;
    let of = |i: usize| histogram[i] as f64;
    let mut z = m * tau((m - of(Q + 1)) / m);
    for j in (1..=Q).rev() {
        z = (z + of(j)) * 0.5;
    }
    z += m * sigma(of(0) / m);
    let estimate = (ALPHA * m * m / z).round();
    if estimate.is_finite() { estimate as u64 } else { 0 }
}

/// Source: `hllTau`.
#[expect(clippy::float_cmp, reason = "until nothing changes any more")]
fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        y *= 0.5;
        let before = z;
        z -= (1.0 - x).powi(2) * y;
        if before == z {
            return z / 3.0;
        }
    }
}

/// Source: `hllSigma`.
#[expect(clippy::float_cmp, reason = "until nothing changes any more")]
fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if before == z {
            return z;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_one_counts_nothing() {
        // PFADD h of Redis 7.0.15.
        let bytes = b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff";
        let found = hyperloglog(bytes).unwrap();
        assert_eq!((found.estimate, found.cached, found.is_dense), (0, Some(0), false));
    }

    #[test]
    fn what_is_none_is_said_to_be_none() {
        for bytes in
            [&b""[..], b"HYLL", b"HYLL\x02\0\0\0\0\0\0\0\0\0\0\0", b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f"]
        {
            assert!(hyperloglog(bytes).is_err());
        }
        let mut full = b"HYLL\0\0\0\0\0\0\0\0\0\0\0\x80".to_vec();
        full.resize(DENSE, 0xff);
        let found = hyperloglog(&full).unwrap();
        assert_eq!((found.cached, found.used_registers), (None, 16_384));
        full.pop();
        assert!(hyperloglog(&full).is_err());
    }
}
