//! Columns side by side, and one bar that is cut into parts.

use super::Fill;

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// How it is filled.
    pub fill: Fill,
    /// What it stands for.
    pub value: u64,
    /// Its name in the legend.
    pub name: String,
}

/// A bar of parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// The same where there is no room.
    pub short: String,
    /// Its parts, the first at the foot.
    pub parts: Vec<Part>,
}

impl Bar {
    /// All parts together.
    pub fn value(&self) -> u64 {
        self.parts.iter().map(|part| part.value).fold(0, u64::saturating_add)
    }
}

/// Bars that stand side by side on one ground.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// From left to right.
    pub bars: Vec<Bar>,
}

impl Columns {
    /// The value of the highest.
    pub fn most(&self) -> u64 {
        self.bars.iter().map(Bar::value).max().unwrap_or_default()
    }

    /// Each filling that occurs, once, with its name.
    pub fn legend(&self) -> Vec<(Fill, &str)> {
        let mut legend: Vec<(Fill, &str)> = Vec::new();
        for part in self.bars.iter().flat_map(|bar| &bar.parts).filter(|part| part.value > 0) {
            if legend.iter().all(|(fill, _)| *fill != part.fill) {
                legend.push((part.fill, &part.name));
            }
        }
        legend
    }
}

/// A rectangle, in shares of the whole: 0 is left and at the foot, 1 right and at the top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Piece {
    /// Which bar it belongs to.
    pub bar: usize,
    /// How it is filled.
    pub fill: Fill,
    /// Its left side.
    pub x: f64,
    /// Its width.
    pub width: f64,
    /// Its foot.
    pub y: f64,
    /// Its height.
    pub height: f64,
}

/// Share of a column's place that stays empty.
const GAP: f64 = 0.22;

/// Places columns: the highest reaches the top, and one with anything in it is at least `least` high.
pub fn line_up(columns: &Columns, least: f64) -> Vec<Piece> {
    let most = columns.most().max(1) as f64;
    let step = 1.0 / columns.bars.len().max(1) as f64;
    let mut pieces = Vec::new();
    for (i, bar) in columns.bars.iter().enumerate() {
        let value = bar.value() as f64;
        // What is there can be seen, however little it is.
        let grow = if value / most < least { least * most / value.max(1.0) } else { 1.0 };
        let mut y = 0.0;
        for part in bar.parts.iter().filter(|part| part.value > 0) {
            let height = part.value as f64 / most * grow;
            let x = (i as f64 + GAP / 2.0) * step;
            pieces.push(Piece { bar: i, fill: part.fill, x, width: step * (1.0 - GAP), y, height });
            y += height;
        }
    }
    pieces
}

/// Places the parts of one bar beside each other; each that has anything in it is at least `least` wide, at the cost of the widest.
pub fn stack(bar: &Bar, least: f64) -> Vec<Piece> {
    let whole = bar.value().max(1) as f64;
    let mut widths: Vec<f64> = bar
        .parts
        .iter()
        .map(|part| if part.value == 0 { 0.0 } else { (part.value as f64 / whole).max(least) })
        .collect();
    let over = widths.iter().sum::<f64>() - 1.0;
    if let Some(widest) = widths.iter_mut().max_by(|a, b| a.total_cmp(b)).filter(|_| over > 0.0) {
        *widest = (*widest - over).max(least);
    }
    let mut x = 0.0;
    let mut pieces = Vec::new();
    for (i, (part, width)) in bar.parts.iter().zip(widths).enumerate() {
        if width > 0.0 {
            pieces.push(Piece { bar: i, fill: part.fill, x, width, y: 0.0, height: 1.0 });
        }
        x += width;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(values: &[u64]) -> Bar {
        let part = |(i, value): (usize, &u64)| Part {
            fill: Fill::of_type("hash").shade(i),
            value: *value,
            name: i.to_string(),
        };
        Bar { label: "a".into(), short: "a".into(), parts: values.iter().enumerate().map(part).collect() }
    }

    #[test]
    fn the_highest_column_reaches_the_top_and_the_least_is_seen() {
        let columns = Columns { bars: vec![bar(&[60, 40]), bar(&[]), bar(&[1]), bar(&[0, 50])] };
        let pieces = line_up(&columns, 0.02);
        let tops: Vec<(usize, String)> =
            pieces.iter().map(|p| (p.bar, format!("{:.2} {:.2}", p.y, p.y + p.height))).collect();
        let expected = [(0, "0.00 0.60"), (0, "0.60 1.00"), (2, "0.00 0.02"), (3, "0.00 0.50")];
        assert_eq!(tops, expected.map(|(bar, text)| (bar, text.to_owned())));
        assert!(pieces.iter().all(|p| p.x > 0.0 && p.x + p.width < 1.0 && p.width > 0.15));
        assert_eq!(columns.legend().len(), 2);
    }

    #[test]
    fn parts_fill_the_bar() {
        for values in [&[1_000_000_u64, 1, 0, 1][..], &[1, 1, 1], &[0], &[]] {
            let pieces = stack(&bar(values), 0.01);
            let there = values.iter().filter(|value| **value > 0).count();
            assert_eq!(pieces.len(), there);
            assert!(pieces.iter().all(|piece| piece.width >= 0.01), "{pieces:?}");
            let width: f64 = pieces.iter().map(|piece| piece.width).sum();
            assert!(there == 0 || (width - 1.0).abs() < 1e-9, "{width}");
        }
    }
}
