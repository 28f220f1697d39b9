//! Scores of sorted sets that are positions. Source: geohash.c, `geohashEncode` with 26 steps.

/// Limits of what a score can hold. Source: geohash.h.
const LON: (f64, f64) = (-180.0, 180.0);
const LAT: (f64, f64) = (-85.051_128_78, 85.051_128_78);

/// Longitude and latitude of a score, as GEOPOS answers them; nothing where it cannot be a position.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number below 2^54")]
pub fn position(score: f64) -> Option<(f64, f64)> {
    let is_whole = score >= 0.0 && score < (1_u64 << 54) as f64 && score.fract() == 0.0;
    if !is_whole {
        return None;
    }
    let bits = score as u64;
    // At the date line and the north limit a cell begins behind the last one, and takes a bit more: 180 is 2^26.
    if even_bits(bits >> 1).max(even_bits(bits)) > 1 << 26 {
        return None;
    }
    // Latitude has the even bits. The middle of the cell, as `geohashDecodeAreaToLongLat` takes it.
    let middle = |cell: u32, (min, max): (f64, f64)| {
        let scale = max - min;
        let steps = f64::from(1 << 26);
        let (low, high) =
            (min + f64::from(cell) / steps * scale, min + (f64::from(cell) + 1.0) / steps * scale);
        f64::midpoint(low, high).clamp(min, max)
    };
    Some((middle(even_bits(bits >> 1), LON), middle(even_bits(bits), LAT)))
}

/// The position, unless the score is a small number: that would be a place in the Antarctic ocean, where nobody keeps anything.
pub fn likely_position(score: f64) -> Option<(f64, f64)> {
    position(score).filter(|_| score >= (1_u64 << 46) as f64)
}

/// The even bits, put together. Source: geohash.c, `deinterleave64`.
fn even_bits(bits: u64) -> u32 {
    let mut out = 0;
    for i in 0..32 {
        out |= u32::try_from(bits >> (2 * i) & 1).unwrap_or_default() << i;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_documentation() {
        // GEOADD Sicily 13.361389 38.115556 "Palermo" 15.087269 37.502669 "Catania"; GEOPOS.
        for (score, lon, lat) in [
            (3_479_099_956_230_698.0, 13.361_389_338_970_184, 38.115_556_395_496_3),
            (3_479_447_370_796_909.0, 15.087_267_458_438_873, 37.502_668_423_331_62),
        ] {
            let (got_lon, got_lat) = position(score).unwrap();
            assert!((got_lon - lon).abs() < 1e-12 && (got_lat - lat).abs() < 1e-12, "{got_lon} {got_lat}");
        }
        // GEOADD k 180 0, GEOADD k 0 85.05112878; GEOPOS.
        for (score, lon, lat) in [
            (10_133_099_161_583_616.0, 180.0, 1.267_360_580_925_469_5e-6),
            (6_755_399_441_055_744.0, 2.682_209_014_892_578e-6, 85.051_128_78),
        ] {
            let (got_lon, got_lat) = position(score).unwrap();
            assert!((got_lon - lon).abs() < 1e-12 && (got_lat - lat).abs() < 1e-12, "{got_lon} {got_lat}");
        }
        assert_eq!(position(f64::from(1 << 27) * f64::from(1 << 27) - 2.0), None);
        assert_eq!(position(1.5), None);
        assert_eq!(position(-1.0), None);
        assert_eq!(position(f64::NAN), None);
        assert_eq!(position(2e16), None);
    }

    #[test]
    fn counters_and_times_are_no_positions() {
        assert!(likely_position(3_479_099_956_230_698.0).is_some());
        for score in [0.0, 12.0, 1_700_000_000.0, 1_700_000_000_123.0] {
            assert_eq!(likely_position(score), None);
        }
    }
}
