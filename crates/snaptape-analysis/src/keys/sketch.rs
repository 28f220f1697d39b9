//! Quantiles within a stated error, in bounded memory.

use hdrhistogram::Histogram;
use snaptape_report::Quantiles;

/// Beyond this a size counts as this: no server holds a key of a petabyte, and a hostile file must not make histograms long.
const MAX_VALUE: u64 = 1 << 50;

/// How finely sizes are told apart, and with it how many counters there are for each doubling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Precision {
    /// 16 for each doubling: at most 1/16 too high. A pattern's.
    Coarse,
    /// 128 for each doubling: at most 1/128 too high. That of groups of which there are few.
    Fine,
}

impl Precision {
    fn digits(self) -> u8 {
        match self {
            Self::Coarse => 1,
            Self::Fine => 2,
        }
    }

    /// The error, rounded up to thousandths.
    fn per_mille(self) -> u32 {
        match self {
            Self::Coarse => 63,
            Self::Fine => 8,
        }
    }
}

/// A histogram of sizes. A counter stays at its top (four billion keys of about one size) instead of starting over.
#[derive(Debug, Clone)]
pub(crate) struct Sketch {
    histogram: Histogram<u32>,
    precision: Precision,
}

impl Sketch {
    pub(crate) fn new(precision: Precision) -> Option<Self> {
        // Digits it does not take would be the only error.
        let histogram = Histogram::new(precision.digits()).ok()?;
        Some(Self { histogram, precision })
    }

    #[inline]
    pub(crate) fn add(&mut self, bytes: u64) {
        // It grows as far as it must; the only error is a size that does not fit into the address space, and none does not.
        let _ = self.histogram.record(bytes.min(MAX_VALUE));
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        // As above.
        let _ = self.histogram.add(&other.histogram);
    }

    /// The quantiles; `max` is the exact largest size.
    pub(crate) fn quantiles(&self, max: u64) -> Quantiles {
        let at = |q: f64| self.histogram.value_at_quantile(q).min(max);
        Quantiles {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max,
            error_per_mille: self.precision.per_mille(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(sizes: &[u64], precision: Precision, part: u64) {
        let mut sketch = Sketch::new(precision).expect("known digits");
        for size in sizes {
            sketch.add(*size);
        }
        let mut sorted = sizes.to_vec();
        sorted.sort_unstable();
        let found = sketch.quantiles(*sorted.last().expect("some sizes"));
        for (percent, estimate) in [(50, found.p50), (90, found.p90), (99, found.p99), (100, found.max)] {
            let exact = sorted[(sizes.len() * percent).div_ceil(100) - 1];
            assert!(estimate >= exact, "p{percent}: {estimate} < {exact}");
            assert!(estimate <= exact + exact / part, "p{percent}: {estimate} > {exact} + 1/{part}");
        }
        let bound = 1000 / part + 1;
        assert!(u64::from(found.error_per_mille) <= bound && found.error_per_mille > 0);
    }

    proptest! {
        #[test]
        fn quantiles_lie_within_the_stated_error(
            sizes in prop::collection::vec(prop_oneof![0..300_u64, 0..100_000_u64, 0..1_u64 << 45], 1..400),
        ) {
            check(&sizes, Precision::Fine, 128);
            check(&sizes, Precision::Coarse, 16);
        }
    }

    #[test]
    fn what_one_byte_too_many_would_break() {
        for n in 0..45 {
            check(&[(1 << n) - 1, 1 << n, (1 << n) + 1], Precision::Fine, 128);
            check(&[(1 << n) - 1, 1 << n, (1 << n) + 1], Precision::Coarse, 16);
        }
    }

    #[test]
    fn absurd_sizes_take_no_more_memory() {
        let mut sketch = Sketch::new(Precision::Fine).expect("known digits");
        sketch.add(u64::MAX);
        sketch.add(0);
        assert!(sketch.histogram.len() < 6_000, "{}", sketch.histogram.len());
        assert_eq!(sketch.quantiles(u64::MAX).max, u64::MAX);
    }
}
