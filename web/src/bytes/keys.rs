//! What keys do to the grid of bytes and to the list of spans. Pure.

use crate::bytes::VISIBLE_ROWS;

/// What a key asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To that byte, or row of the list.
    To(u64),
    /// Into the chosen part.
    In,
    /// Out of it.
    Out,
    /// Into the field for an offset.
    Field,
}

/// A key on the grid: the cursor is on byte `at` of `total`, rows have `columns`.
pub fn on_grid(key: &str, control: bool, at: u64, total: u64, columns: u64) -> Option<Step> {
    let page = columns * (VISIBLE_ROWS - 1);
    let last = total.saturating_sub(1);
    let row = at / columns * columns;
    let to = match key {
        "ArrowLeft" => at.saturating_sub(1),
        "ArrowRight" => at.saturating_add(1),
        "ArrowUp" => at.checked_sub(columns).unwrap_or(at),
        "ArrowDown" if at + columns > last => at,
        "ArrowDown" => at + columns,
        "PageUp" => at.saturating_sub(page),
        "PageDown" => at.saturating_add(page),
        "Home" if control => 0,
        "End" if control => last,
        "Home" => row,
        "End" => row + columns - 1,
        "Enter" => return Some(Step::In),
        "Escape" => return Some(Step::Out),
        "g" if !control => return Some(Step::Field),
        _ => return None,
    };
    Some(Step::To(to.min(last)))
}

/// A key on the list of `rows` spans, of which one is chosen.
pub fn on_list(key: &str, chosen: u64, rows: u64) -> Option<Step> {
    let to = match key {
        "ArrowUp" => chosen.saturating_sub(1),
        "ArrowDown" => chosen.saturating_add(1),
        "Home" => 0,
        "End" => u64::MAX,
        "ArrowRight" | "Enter" => return Some(Step::In),
        "ArrowLeft" | "Escape" => return Some(Step::Out),
        _ => return None,
    };
    Some(Step::To(to.min(rows.saturating_sub(1))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_within_the_file() {
        let to = |key, control, at| match on_grid(key, control, at, 1_000, 16) {
            Some(Step::To(to)) => to,
            other => panic!("{other:?}"),
        };
        assert_eq!((to("ArrowLeft", false, 0), to("ArrowRight", false, 999)), (0, 999));
        assert_eq!((to("ArrowUp", false, 7), to("ArrowUp", false, 23)), (7, 7));
        assert_eq!((to("ArrowDown", false, 990), to("ArrowDown", false, 7)), (990, 23));
        assert_eq!((to("PageUp", false, 100), to("PageDown", false, 100)), (0, 468));
        assert_eq!((to("Home", false, 40), to("End", false, 40), to("End", false, 995)), (32, 47, 999));
        assert_eq!((to("Home", true, 40), to("End", true, 40)), (0, 999));
        assert_eq!(on_grid("ArrowDown", false, 0, 0, 16), Some(Step::To(0)));
        assert_eq!(on_grid("Enter", false, 3, 9, 8), Some(Step::In));
        assert_eq!((on_grid("g", true, 3, 9, 8), on_grid("x", false, 3, 9, 8)), (None, None));
    }

    #[test]
    fn keys_stay_within_the_list() {
        assert_eq!(on_list("ArrowUp", 0, 5), Some(Step::To(0)));
        assert_eq!(on_list("ArrowDown", 4, 5), Some(Step::To(4)));
        assert_eq!((on_list("Home", 3, 5), on_list("End", 3, 5)), (Some(Step::To(0)), Some(Step::To(4))));
        assert_eq!((on_list("ArrowRight", 3, 5), on_list("Escape", 3, 5)), (Some(Step::In), Some(Step::Out)));
        assert_eq!(on_list("Tab", 3, 5), None);
    }
}
