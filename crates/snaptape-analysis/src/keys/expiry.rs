//! How long keys have left.

use snaptape_report::Dataset;

use super::KeyFacts;

/// Groups of [`Dataset::EXPIRIES`].
pub(crate) const COUNT: usize = Dataset::EXPIRIES.len();

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Where the groups from "within 1 h" on begin, counted from now.
const STEPS_MS: [i64; 6] = [MINUTE_MS, HOUR_MS, DAY_MS, 7 * DAY_MS, 30 * DAY_MS, 365 * DAY_MS];

/// Puts keys into groups by the time that is left to them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expiries {
    pub(crate) now_ms: i64,
    starts_ms: [i64; 6],
}

impl Expiries {
    pub(crate) fn new(now_ms: i64) -> Self {
        Self { now_ms, starts_ms: STEPS_MS.map(|step| now_ms.saturating_add(step)) }
    }

    /// Index into [`Dataset::EXPIRIES`].
    #[inline]
    pub(crate) fn group(&self, key: &KeyFacts<'_>) -> usize {
        match key.expires_at_ms {
            None => 0,
            Some(_) if key.expired_at_save => 1,
            Some(_) if key.expired_now => 2,
            Some(at) => 3 + self.starts_ms.iter().filter(|start| at >= **start).count(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_begins_where_the_last_one_ends() {
        let expiries = Expiries::new(1_000);
        for (left_ms, expected) in [
            (0, "within 1 min"),
            (59_999, "within 1 min"),
            (60_000, "within 1 h"),
            (3_600_000, "within 1 day"),
            (86_400_000, "within 1 week"),
            (7 * 86_400_000, "within 30 days"),
            (30 * 86_400_000, "within 1 year"),
            (365 * 86_400_000, "later"),
            (i64::MAX - 1_000, "later"),
        ] {
            let key = KeyFacts { expires_at_ms: Some(1_000 + left_ms), ..KeyFacts::default() };
            assert_eq!(Dataset::EXPIRIES[expiries.group(&key)], expected, "{left_ms}");
        }
        let never = KeyFacts::default();
        assert_eq!(Dataset::EXPIRIES[expiries.group(&never)], "never");
        let both = KeyFacts {
            expires_at_ms: Some(1),
            expired_at_save: true,
            expired_now: true,
            ..KeyFacts::default()
        };
        assert_eq!(Dataset::EXPIRIES[expiries.group(&both)], "expired when saved");
        let since = KeyFacts { expired_at_save: false, ..both };
        assert_eq!(Dataset::EXPIRIES[expiries.group(&since)], "expired since");
    }
}
