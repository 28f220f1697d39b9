//! How fast the reading goes and how long it will take.

/// Over how long the rate is averaged: long enough to be calm, short enough to follow a slow disk.
const WINDOW_MS: f64 = 3_000.0;
/// Before this, a rate is a guess.
const SETTLE_MS: f64 = 300.0;

/// Bytes over time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meter {
    /// Bytes behind us.
    pub done_bytes: u64,
    /// Bytes of the whole work.
    pub total_bytes: u64,
    /// `(time in ms, done_bytes)`, oldest first.
    samples: Vec<(f64, u64)>,
}

impl Meter {
    /// Nothing done yet, at `now_ms`.
    pub fn new(now_ms: f64, total_bytes: u64) -> Self {
        Self { done_bytes: 0, total_bytes, samples: vec![(now_ms, 0)] }
    }

    /// The meter after another reading. Progress that goes back (a second pass) starts the rate afresh.
    #[must_use]
    pub fn advance(&self, now_ms: f64, done_bytes: u64, total_bytes: u64) -> Self {
        let mut samples = self.samples.clone();
        if done_bytes < self.done_bytes {
            samples.clear();
        }
        samples.push((now_ms, done_bytes));
        // One sample older than the window stays, so that the span covers it.
        while samples.len() > 2 && samples[1].0 < now_ms - WINDOW_MS {
            samples.remove(0);
        }
        Self { done_bytes, total_bytes, samples }
    }

    /// Bytes per second, once it can be told.
    pub fn rate(&self) -> Option<u64> {
        let (first, last) = (self.samples.first()?, self.samples.last()?);
        let elapsed_ms = last.0 - first.0;
        if elapsed_ms < SETTLE_MS || last.1 <= first.1 {
            return None;
        }
        let rate = (last.1 - first.1) as f64 * 1_000.0 / elapsed_ms;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive and below u64")]
        Some(rate as u64)
    }

    /// Milliseconds left at this rate, once it can be told.
    pub fn left_ms(&self) -> Option<u64> {
        let rate = self.rate().filter(|&rate| rate > 0)?;
        let left = self.total_bytes.saturating_sub(self.done_bytes);
        Some(left.saturating_mul(1_000) / rate)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rate_before_it_settles() {
        let meter = Meter::new(0.0, 1_000);
        assert_eq!(meter.rate(), None);
        assert_eq!(meter.advance(100.0, 500, 1_000).rate(), None);
    }

    #[test]
    fn rate_and_time_left() {
        let meter = Meter::new(0.0, 10_000).advance(1_000.0, 2_000, 10_000);
        assert_eq!(meter.rate(), Some(2_000));
        assert_eq!(meter.left_ms(), Some(4_000));
    }

    #[test]
    fn old_speed_is_forgotten() {
        let mut meter = Meter::new(0.0, 1_000_000);
        for t in 1..=10_u32 {
            meter = meter.advance(f64::from(t) * 1_000.0, u64::from(t) * 1_000, 1_000_000);
        }
        for t in 11..=20_u32 {
            meter = meter.advance(f64::from(t) * 1_000.0, 10_000 + (u64::from(t) - 10) * 100, 1_000_000);
        }
        assert_eq!(meter.rate(), Some(100));
    }

    #[test]
    fn a_second_pass_starts_afresh() {
        let meter = Meter::new(0.0, 100).advance(1_000.0, 90, 100).advance(1_100.0, 10, 200);
        assert_eq!(meter.rate(), None);
        assert_eq!(meter.total_bytes, 200);
    }

    #[test]
    fn standing_still_promises_nothing() {
        let meter = Meter::new(0.0, 100).advance(5_000.0, 0, 100);
        assert_eq!((meter.rate(), meter.left_ms()), (None, None));
    }
}
