//! Rows of a list too long to be drawn: which of them are on the screen, and where the scroll bar stands.
//!
//! Browsers lay nothing out that is higher than some 16 to 33 million pixels. Beyond `MOST_PX` the scroll bar is mapped onto the rows
//! in proportion: dragging it goes anywhere, wheel and keys go row by row.

/// The longest way a scroll bar goes.
const MOST_PX: f64 = 8_000_000.0;

/// The measures of a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VirtualRows {
    /// All rows.
    pub rows: u64,
    /// Rows that fit on the screen.
    pub visible: u64,
    /// Height of each.
    pub row_px: f64,
}

impl VirtualRows {
    /// The last row that can be at the top.
    pub fn last_first(self) -> u64 {
        self.rows.saturating_sub(self.visible)
    }

    /// How far the scroll bar goes.
    pub fn scroll_px(self) -> f64 {
        (self.last_first() as f64 * self.row_px).min(MOST_PX)
    }

    /// Where the scroll bar stands while `first` is at the top.
    pub fn top_px(self, first: u64) -> f64 {
        match self.last_first() {
            0 => 0.0,
            last => first.min(last) as f64 / last as f64 * self.scroll_px(),
        }
    }

    /// Which row is at the top while the scroll bar stands there.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped, and a cast saturates"
    )]
    pub fn first_at(self, top_px: f64) -> u64 {
        let way = self.scroll_px();
        if way <= 0.0 {
            return 0;
        }
        let part = (top_px / way).clamp(0.0, 1.0);
        ((part * self.last_first() as f64).round() as u64).min(self.last_first())
    }

    /// Which row is at the top after the scroll bar went from one place to another. A short way, as fingers make it, goes as many rows
    /// as it is long, also where a pixel stands for many.
    pub fn scrolled(self, first: u64, from_px: f64, to_px: f64) -> u64 {
        let way = to_px - from_px;
        let at_an_end = to_px < 1.0 || to_px > self.scroll_px() - 1.0;
        if at_an_end || way.abs() > self.visible as f64 * self.row_px {
            return self.first_at(to_px);
        }
        self.moved(first, way / self.row_px)
    }

    /// Which row is at the top after so many rows up (less than 0) or down.
    #[expect(clippy::cast_possible_truncation, reason = "a few rows")]
    pub fn moved(self, first: u64, rows: f64) -> u64 {
        first.saturating_add_signed(rows.round() as i64).min(self.last_first())
    }

    /// Which row has to be at the top for `row` to be seen, with as little moved as can be.
    pub fn revealing(self, first: u64, row: u64) -> u64 {
        let first = if row < first {
            row
        } else if row >= first.saturating_add(self.visible) {
            row.saturating_sub(self.visible.saturating_sub(1))
        } else {
            first
        };
        first.min(self.last_first())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: u64) -> VirtualRows {
        VirtualRows { rows, visible: 20, row_px: 26.0 }
    }

    #[test]
    fn short_lists_scroll_as_any_list_does() {
        let list = rows(120);
        assert_eq!((list.last_first(), list.scroll_px()), (100, 2_600.0));
        for first in [0, 1, 50, 99, 100] {
            assert_eq!(list.first_at(list.top_px(first)), first);
        }
        assert_eq!(list.first_at(-5.0), 0);
        assert_eq!(list.first_at(1e9), 100);
        let fits = rows(7);
        assert_eq!(
            (fits.last_first(), fits.scroll_px(), fits.first_at(40.0), fits.top_px(3)),
            (0, 0.0, 0, 0.0)
        );
    }

    #[test]
    fn the_scroll_bar_reaches_every_part_of_long_lists() {
        for n in [10_000_000, 5_000_000_000, u64::MAX] {
            let list = rows(n);
            assert!((list.scroll_px() - MOST_PX).abs() < 1.0);
            assert_eq!(list.first_at(MOST_PX), list.last_first());
            assert_eq!(list.first_at(0.0), 0);
            let half = list.first_at(MOST_PX / 2.0);
            assert!(half.abs_diff(n / 2) <= n / 1_000, "{half} of {n}");
            assert!((list.top_px(half) - MOST_PX / 2.0).abs() < 1.0);
        }
    }

    #[test]
    fn fingers_go_row_by_row() {
        let list = rows(10_000_000);
        let at = list.top_px(5_000_000);
        assert_eq!(list.scrolled(5_000_000, at, at + 52.0), 5_000_002);
        assert_eq!(list.scrolled(5_000_000, at, at - 26.0), 4_999_999);
        // A dragged scroll bar goes where it is dragged to.
        assert_eq!(list.scrolled(5_000_000, at, 0.0), 0);
        assert_eq!(list.scrolled(5_000_000, at, MOST_PX), list.last_first());
        let far = list.scrolled(5_000_000, at, MOST_PX / 4.0);
        assert!(far.abs_diff(2_500_000) < 1_000, "{far}");
    }

    #[test]
    fn wheel_and_keys_stay_within() {
        let list = rows(120);
        assert_eq!(list.moved(0, -3.0), 0);
        assert_eq!(list.moved(99, 4.0), 100);
        assert_eq!(list.revealing(0, 19), 0);
        assert_eq!(list.revealing(0, 20), 1);
        assert_eq!(list.revealing(50, 49), 49);
        assert_eq!(list.revealing(0, 119), 100);
        assert_eq!(list.revealing(0, u64::MAX), 100);
    }
}
