//! Many small squares, the more the darker.

use core::fmt::Write as _;

/// Steps of heat, from little to much; what is empty has none.
pub const LEVELS: usize = 6;

/// Squares in rows, each of one of [`LEVELS`] steps. The steps are equal factors from the least value to the largest, because loads differ
/// by factors.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heat {
    /// Squares in a row.
    pub columns: usize,
    /// Rows.
    pub rows: usize,
    /// What each step begins with.
    pub from: [u64; LEVELS],
    /// For each step, its squares as the path of an SVG whose unit is one square; neighbours in a row are one rectangle.
    pub paths: [String; LEVELS],
}

impl Heat {
    /// The picture of these values, row by row.
    pub fn new(values: &[u64], columns: usize) -> Self {
        let columns = columns.max(1);
        let least = values.iter().copied().filter(|value| *value > 0).min().unwrap_or(1);
        let most = values.iter().copied().max().unwrap_or(1).max(least);
        let factor = (most as f64 / least as f64).powf(1.0 / LEVELS as f64);
        let from = core::array::from_fn(|i| {
            let step = i32::try_from(i).unwrap_or(i32::MAX);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates, and is held between least and most"
            )]
            let from = (least as f64 * factor.powi(step)).round() as u64;
            from.clamp(least, most)
        });
        let mut paths: [String; LEVELS] = Default::default();
        for (row, values) in values.chunks(columns).enumerate() {
            let mut x = 0;
            while x < values.len() {
                let level = level(&from, values[x]);
                let run = values[x..].iter().take_while(|value| self::level(&from, **value) == level).count();
                if let Some(path) = level.and_then(|level| paths.get_mut(level)) {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{x} {row}h{run}v1h-{run}z");
                }
                x += run;
            }
        }
        Self { columns, rows: values.len().div_ceil(columns), from, paths }
    }

    /// The steps that tell anything apart: their starts, without those that are the same.
    pub fn steps(&self) -> Vec<(usize, u64)> {
        let mut steps: Vec<(usize, u64)> = Vec::new();
        for (level, from) in self.from.into_iter().enumerate() {
            if !self.paths[level].is_empty() {
                steps.push((level, from));
            }
        }
        steps
    }
}

/// The step of a value; none where there is nothing.
fn level(from: &[u64; LEVELS], value: u64) -> Option<usize> {
    (value > 0).then(|| from.iter().rposition(|from| value >= *from).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_one_rectangle() {
        let heat = Heat::new(&[1, 1, 0, 64, 64, 2], 3);
        assert_eq!((heat.columns, heat.rows), (3, 2));
        assert_eq!(heat.from, [1, 2, 4, 8, 16, 32]);
        assert_eq!(heat.paths[0], "M0 0h2v1h-2z");
        assert_eq!(heat.paths[5], "M0 1h2v1h-2z");
        assert_eq!(heat.paths[1], "M2 1h1v1h-1z");
        assert_eq!(heat.steps(), [(0, 1), (1, 2), (5, 32)]);
    }

    #[test]
    fn all_alike_is_one_step() {
        let heat = Heat::new(&[7, 7, 7, 7], 2);
        assert_eq!(heat.steps().len(), 1);
        assert_eq!(Heat::new(&[0, 0], 2).steps(), []);
        assert_eq!(Heat::new(&[], 2).rows, 0);
        assert_eq!(Heat::new(&[1, u64::MAX], 2).steps().len(), 2);
    }
}
