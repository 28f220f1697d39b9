//! The table over all keys: what is known of it, which rows are there and which are wanted. Pure: no browser here.

use std::collections::BTreeMap;
use std::rc::Rc;

use yew::{AttrValue, Reducible};

use crate::protocol::{KeyLine, KeysStage, KeysStatus};
use crate::selection::Selection;
use crate::virtual_rows::VirtualRows;

/// Rows asked for at once.
pub const PAGE_ROWS: u64 = 200;
/// Rows on the screen.
pub const VISIBLE_ROWS: u64 = 20;
/// Height of each, px; the stylesheet says the same.
pub const ROW_PX: f64 = 28.0;
/// Pages kept: what is far from the screen is forgotten.
const MOST_PAGES: usize = 24;

/// Rows at places next to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Page {
    rows: Rc<Vec<KeyLine>>,
    /// As of which status.
    version: u64,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Written {
    /// Under way: rows and bytes so far.
    Working(u64, u64),
    /// Done: one sentence.
    Done(AttrValue),
}

/// The table.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyTable {
    /// Number of the question.
    pub epoch: u64,
    /// How it stands, once it was said.
    pub status: Option<KeysStatus>,
    pages: BTreeMap<u64, Page>,
    /// Counts what was said: pages of an earlier one are shown until newer ones come.
    version: u64,
    /// The page that was asked for and has not come.
    pub asked: Option<u64>,
    /// The row at the top.
    pub first: u64,
    /// The row the keyboard is on.
    pub active: u64,
    /// Where a range began.
    anchor: u64,
    /// What is chosen.
    pub selection: Selection,
    /// What went wrong.
    pub message: Option<AttrValue>,
    /// Does the message leave nothing to hope for?
    pub failed: bool,
    /// The export, if there was one.
    pub written: Option<Written>,
}

/// A way to another row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// So many rows up (below 0) or down.
    By(i64),
    /// To the first one.
    First,
    /// To the last one.
    Last,
}

/// What happens to it.
#[derive(Debug, Clone, PartialEq)]
pub enum KeyAction {
    /// Another question was asked. The selection is of places, which are others now.
    Asked {
        /// Its number.
        epoch: u64,
        /// The row to be on.
        active: u64,
        /// Is it the first one of these files? Then nothing of what is known stays.
        fresh: bool,
    },
    /// How it stands.
    Status(KeysStatus),
    /// A page was asked for.
    Wanted(u64),
    /// Rows came.
    Rows {
        /// Of this question.
        epoch: u64,
        /// From this place on.
        from: u64,
        /// The rows.
        rows: Vec<KeyLine>,
    },
    /// Another row is to be at the top.
    First(u64),
    /// The keyboard goes to another row; with shift, everything on the way is chosen. Keys come faster than the page is drawn, so
    /// where from is known here alone.
    Move {
        /// How.
        step: Step,
        /// Choose what is on the way?
        extend: bool,
    },
    /// The row the keyboard is on is chosen, or is not any more; with shift, all from the last one to here.
    Toggle {
        /// From the last one?
        extend: bool,
    },
    /// A row is pressed.
    Pressed {
        /// The row.
        row: u64,
        /// From the last one to here?
        extend: bool,
        /// Beside what is chosen?
        toggle: bool,
    },
    /// Everything is chosen, or nothing.
    All(bool),
    /// A question cannot be asked, or the worker is gone.
    Failed {
        /// Why.
        message: AttrValue,
        /// Is the table gone?
        is_end: bool,
    },
    /// Something is written.
    Written(Option<Written>),
}

impl KeyTable {
    /// Rows there are, or will be, as far as it is known.
    pub fn rows(&self) -> u64 {
        self.status.as_ref().map_or(0, |status| status.ready)
    }

    /// The measures of the list.
    pub fn measures(&self) -> VirtualRows {
        VirtualRows { rows: self.rows(), visible: VISIBLE_ROWS, row_px: ROW_PX }
    }

    /// A row, where it has come.
    pub fn row(&self, place: u64) -> Option<&KeyLine> {
        let page = self.pages.get(&(place / PAGE_ROWS))?;
        page.rows.get(usize::try_from(place % PAGE_ROWS).ok()?)
    }

    /// Is everything found and in order?
    pub fn is_done(&self) -> bool {
        self.status
            .as_ref()
            .is_some_and(|status| status.stage == KeysStage::Done && status.epoch == self.epoch)
    }

    /// The page to ask for next: what is seen, then what is beside it.
    pub fn wanted(&self) -> Option<u64> {
        if self.asked.is_some() || self.failed || self.rows() == 0 {
            return None;
        }
        let last = self.rows() - 1;
        let (top, bottom) = (self.first / PAGE_ROWS, (self.first + VISIBLE_ROWS).min(last) / PAGE_ROWS);
        let is_missing = |page: &u64| self.pages.get(page).is_none_or(|page| page.version < self.version);
        let is_new = |page: &u64| !self.pages.contains_key(page);
        let seen = [top, bottom].into_iter().find(is_missing);
        let beside = [bottom + 1, top.saturating_sub(1)];
        seen.or_else(|| beside.into_iter().filter(|page| page * PAGE_ROWS <= last).find(is_new))
    }

    fn reveal(&mut self) {
        self.active = self.active.min(self.rows().saturating_sub(1));
        self.first = self.measures().revealing(self.first, self.active);
    }

    fn keep(&mut self, from: u64, rows: Vec<KeyLine>) {
        let page = from / PAGE_ROWS;
        self.pages.insert(page, Page { rows: Rc::new(rows), version: self.version });
        while self.pages.len() > MOST_PAGES {
            let here = self.first / PAGE_ROWS;
            let far = self.pages.keys().copied().max_by_key(|page| page.abs_diff(here));
            if far.and_then(|page| self.pages.remove(&page)).is_none() {
                break;
            }
        }
    }
}

impl Reducible for KeyTable {
    type Action = KeyAction;

    fn reduce(self: Rc<Self>, action: KeyAction) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            KeyAction::Asked { epoch, active, fresh } => {
                next = Self {
                    epoch,
                    active,
                    anchor: active,
                    first: active.saturating_sub(VISIBLE_ROWS / 2),
                    ..Self::default()
                };
                // What was known is shown until there is something to put in its place.
                if !fresh {
                    next.status.clone_from(&self.status);
                    next.pages.clone_from(&self.pages);
                    next.version = self.version + 1;
                    next.asked = self.asked;
                }
            }
            KeyAction::Status(status) => {
                if status.epoch != self.epoch {
                    return self;
                }
                let was_done = self.is_done();
                let is_same = self.status.as_ref().is_some_and(|last| {
                    last.epoch == status.epoch && last.found == status.found && last.ready == status.ready
                });
                next.status = Some(status);
                if !is_same || was_done != next.is_done() {
                    next.version += 1;
                }
                next.message = None;
                // Nothing is scrolled away while rows still come.
                if next.is_done() {
                    next.active = next.active.min(next.rows().saturating_sub(1));
                    next.first = next.first.min(next.measures().last_first());
                }
            }
            KeyAction::Wanted(page) => next.asked = Some(page),
            KeyAction::Rows { epoch, from, rows } => {
                next.asked = None;
                if epoch == self.epoch {
                    next.keep(from, rows);
                }
            }
            KeyAction::First(first) => next.first = first.min(self.measures().last_first()),
            KeyAction::Toggle { extend } => {
                let row = self.active;
                next.selection =
                    if extend { self.selection.with(self.anchor, row) } else { self.selection.toggled(row) };
                next.anchor = if extend { self.anchor } else { row };
            }
            KeyAction::Move { step, extend } => {
                let last = self.rows().saturating_sub(1);
                next.active = match step {
                    Step::By(way) => self.active.saturating_add_signed(way).min(last),
                    Step::First => 0,
                    Step::Last => last,
                };
                if extend {
                    next.selection = Selection::range(self.anchor, next.active);
                } else {
                    next.anchor = next.active;
                }
                next.reveal();
            }
            KeyAction::Pressed { row, extend, toggle } => {
                next.active = row;
                next.selection = match (extend, toggle) {
                    (true, false) => Selection::range(self.anchor, row),
                    (true, true) => self.selection.with(self.anchor, row),
                    (false, true) => self.selection.toggled(row),
                    (false, false) => Selection::only(row),
                };
                if !extend {
                    next.anchor = row;
                }
            }
            KeyAction::All(all) => {
                next.selection = if all { Selection::all(self.rows()) } else { Selection::default() };
            }
            KeyAction::Failed { message, is_end } => {
                next.message = Some(message);
                next.failed |= is_end;
                next.asked = None;
                if matches!(next.written, Some(Written::Working(..))) {
                    next.written = None;
                }
            }
            KeyAction::Written(written) => next.written = written,
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u64) -> KeyLine {
        KeyLine {
            file: 0,
            offset: n,
            db: 0,
            name: format!("key:{n}"),
            type_name: "string".into(),
            encoding: "raw".into(),
            elements: Some(1),
            expires_at_ms: None,
            file_bytes: 10,
            payload_bytes: 5,
            memory_bytes: 64,
            idle_s: None,
            freq: None,
            slot: 0,
        }
    }

    fn does(table: Rc<KeyTable>, actions: Vec<KeyAction>) -> Rc<KeyTable> {
        actions.into_iter().fold(table, Reducible::reduce)
    }

    fn status(epoch: u64, stage: KeysStage, ready: u64) -> KeyAction {
        KeyAction::Status(KeysStatus { epoch, stage, ready, ..KeysStatus::default() })
    }

    fn rows(from: u64) -> KeyAction {
        KeyAction::Rows { epoch: 1, from, rows: (from..from + PAGE_ROWS).map(line).collect() }
    }

    fn long() -> Rc<KeyTable> {
        let asked = KeyAction::Asked { epoch: 1, active: 0, fresh: false };
        does(Rc::default(), vec![asked, status(1, KeysStage::Done, 10_000_000)])
    }

    #[test]
    fn what_is_seen_comes_first_then_what_is_beside_it() {
        let table = long();
        assert_eq!(table.wanted(), Some(0));
        let table = does(table, vec![KeyAction::Wanted(0)]);
        assert_eq!(table.wanted(), None, "one at a time");
        let table = does(table, vec![rows(0)]);
        assert_eq!((table.wanted(), table.row(7).map(|row| row.offset)), (Some(1), Some(7)));
        let table = does(table, vec![rows(200), KeyAction::First(5_000_000)]);
        assert_eq!((table.wanted(), table.row(5_000_000)), (Some(25_000), None));
        let table = does(table, vec![rows(5_000_000), KeyAction::First(u64::MAX)]);
        assert_eq!(table.first, 9_999_980);
        assert_eq!(table.wanted(), Some(49_999));
    }

    #[test]
    fn far_pages_are_forgotten() {
        let table = does(long(), (0..100).map(|page| rows(page * PAGE_ROWS)).collect());
        assert_eq!(table.pages.len(), MOST_PAGES);
        assert!(table.row(0).is_some(), "what is seen stays");
    }

    #[test]
    fn rows_are_shown_until_newer_ones_come() {
        let asked = KeyAction::Asked { epoch: 1, active: 0, fresh: false };
        let table = does(Rc::default(), vec![asked, status(1, KeysStage::Reading, 300), rows(0), rows(200)]);
        assert_eq!(table.wanted(), None);
        let table = does(table, vec![status(1, KeysStage::Reading, 900)]);
        assert!(table.row(0).is_some());
        assert_eq!(table.wanted(), Some(0));
        // Rows of an older question are not taken.
        let table = does(
            table,
            vec![
                KeyAction::Asked { epoch: 2, active: 0, fresh: false },
                rows(0),
                status(1, KeysStage::Done, 5),
            ],
        );
        assert_eq!((table.rows(), table.is_done()), (900, false));
    }

    #[test]
    fn rows_are_chosen_as_lists_do_it() {
        let press = |row, extend, toggle| KeyAction::Pressed { row, extend, toggle };
        let table = does(long(), vec![press(3, false, false), press(6, true, false)]);
        assert_eq!(table.selection.ranges(), [(3, 6)]);
        let table = does(table, vec![press(5, false, true), press(9, false, true)]);
        assert_eq!(table.selection.ranges(), [(3, 4), (6, 6), (9, 9)]);
        let table = does(table, vec![KeyAction::All(true)]);
        assert_eq!(table.selection.len(), 10_000_000);
        let to = |way, extend| KeyAction::Move { step: Step::By(way), extend };
        let table = does(table, vec![KeyAction::All(false), to(91, false), to(2, true)]);
        assert_eq!((table.selection.ranges(), table.first), (&[(100, 102)][..], 83));
        let table = does(table, vec![KeyAction::Toggle { extend: false }, to(-1, false), to(-500, false)]);
        assert_eq!((table.selection.ranges(), table.first), (&[(100, 101)][..], 0));
        let table = does(table, vec![KeyAction::Move { step: Step::Last, extend: false }]);
        assert_eq!((table.active, table.first), (9_999_999, 9_999_980));
    }
}
