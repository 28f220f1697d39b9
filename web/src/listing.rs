//! The list of all commands of a tape: which rows are known, which are wanted next, and what was searched for. Pure: no browser here.

use std::collections::BTreeMap;
use std::rc::Rc;

use snaptape_report::{CommandPage, CommandRow, ListFrom, Tape};
use yew::{AttrValue, Reducible};

use crate::state::Shared;
use crate::virtual_rows::VirtualRows;

/// Rows asked for at once.
pub const PAGE_ROWS: u64 = 100;
/// Rows on the screen.
pub const VISIBLE_ROWS: u64 = 18;
/// Height of each, px; the stylesheet says the same.
pub const ROW_PX: f64 = 26.0;
/// Pages kept: what is far from the screen is forgotten.
const MOST_PAGES: usize = 40;
/// Matches listed; more are counted.
pub const MOST_MATCHES: u64 = 10_000;

/// What the worker is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Rows from [`PAGE_ROWS`] times this number on.
    Page(u64),
    /// The one row at that place.
    Jump(ListFrom),
    /// All that matches.
    Search,
}

/// How a search goes on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Search {
    /// It runs.
    #[default]
    Running,
    /// It was stopped before the end of the tape.
    Stopped,
    /// The whole tape was looked through.
    Finished,
}

impl Search {
    /// Its word for tests.
    pub fn id(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
        }
    }
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matches {
    /// The filter, as it was typed.
    pub words: AttrValue,
    /// The first of them, as they came: which row a piece begins with, and its rows.
    pieces: Vec<(u64, Shared<Vec<CommandRow>>)>,
    /// How many there are, also those that are not listed.
    pub found: u64,
    /// Bytes looked through.
    pub done_bytes: u64,
    /// Bytes to look through.
    pub total_bytes: u64,
    /// How it goes on.
    pub search: Search,
}

impl Matches {
    /// How many are listed.
    fn listed(&self) -> u64 {
        self.pieces.last().map_or(0, |(start, rows)| start + rows.len() as u64)
    }

    fn push(&mut self, rows: Vec<CommandRow>) {
        if !rows.is_empty() {
            self.pieces.push((self.listed(), Shared::new(rows)));
        }
    }

    fn row(&self, index: u64) -> Option<&CommandRow> {
        let behind = self.pieces.partition_point(|(start, _)| *start <= index);
        let (start, rows) = self.pieces.get(behind.checked_sub(1)?)?;
        rows.get(usize::try_from(index - start).ok()?)
    }
}

/// What a list needs to know of a tape to begin there: the files, and the places that may lead to it.
pub fn tape_for(tape: &Tape, from: &ListFrom) -> Tape {
    let checkpoints = match from {
        ListFrom::Start | ListFrom::Place(_) => vec![],
        ListFrom::Number { number } => tape
            .checkpoints
            .iter()
            .rev()
            .find(|point| point.command <= *number)
            .copied()
            .into_iter()
            .collect(),
        ListFrom::Offset { .. } | ListFrom::Time { .. } => tape.checkpoints.clone(),
    };
    Tape {
        commands: tape.commands,
        first_time_s: tape.first_time_s,
        last_time_s: tape.last_time_s,
        files: tape.files.clone(),
        more_files: tape.more_files,
        checkpoints,
        ..Tape::default()
    }
}

/// The list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Listing {
    /// Commands of the tape.
    pub total: u64,
    /// The row at the top.
    pub first: u64,
    /// The row the keyboard is on.
    pub active: u64,
    /// What was searched for; nothing while all commands are listed.
    pub matches: Option<Matches>,
    /// Why the last request was not answered, or what there is to say about it.
    pub message: Option<AttrValue>,
    pages: BTreeMap<u64, Shared<Vec<CommandRow>>>,
    jump: Option<ListFrom>,
    /// Goes up with every search: an answer to an older one is too late.
    pub epoch: u64,
    /// Goes up with every answer.
    pub answers: u64,
}

/// What can happen to it.
#[derive(Debug, Clone, PartialEq)]
pub enum ListAction {
    /// Another tape, of so many commands.
    Reset(u64),
    /// Another row is at the top.
    First(u64),
    /// The keyboard goes to that row.
    Active(u64),
    /// Another place of the tape is to be shown.
    Jump(ListFrom),
    /// Commands that match are to be listed; all of them where there are no words.
    Filter(AttrValue),
    /// No more matches are wanted.
    Stop,
    /// The worker found more.
    Found {
        /// [`Listing::epoch`] when it was asked.
        epoch: u64,
        /// The rows.
        rows: Vec<CommandRow>,
        /// Matches so far.
        matches: u64,
        /// Bytes looked through.
        done_bytes: u64,
        /// Bytes to look through.
        total_bytes: u64,
    },
    /// The worker answered.
    Answered {
        /// [`Listing::epoch`] when it was asked.
        epoch: u64,
        /// What it was asked.
        wanted: Wanted,
        /// What it said.
        page: Box<CommandPage>,
    },
    /// The worker could not answer.
    Failed(AttrValue),
}

impl Reducible for Listing {
    type Action = ListAction;

    fn reduce(self: Rc<Self>, action: ListAction) -> Rc<Self> {
        let next = self.after(action);
        if next == *self { self } else { Rc::new(next) }
    }
}

impl Listing {
    /// How many rows there are to scroll over.
    pub fn rows(&self) -> u64 {
        self.matches.as_ref().map_or(self.total, Matches::listed)
    }

    /// Their measures.
    pub fn measures(&self) -> VirtualRows {
        VirtualRows { rows: self.rows(), visible: VISIBLE_ROWS, row_px: ROW_PX }
    }

    /// A row, if it is known.
    pub fn row(&self, index: u64) -> Option<&CommandRow> {
        match &self.matches {
            Some(matches) => matches.row(index),
            None => self.pages.get(&(index / PAGE_ROWS))?.get(usize::try_from(index % PAGE_ROWS).ok()?),
        }
    }

    /// What to ask the worker next.
    pub fn wanted(&self) -> Option<Wanted> {
        if let Some(from) = &self.jump {
            return Some(Wanted::Jump(from.clone()));
        }
        if let Some(matches) = &self.matches {
            return (matches.search == Search::Running).then_some(Wanted::Search);
        }
        if self.total == 0 || self.message.is_some() {
            return None;
        }
        let first = self.first.min(self.total - 1);
        let last = first.saturating_add(VISIBLE_ROWS).min(self.total - 1);
        [first / PAGE_ROWS, last / PAGE_ROWS]
            .into_iter()
            .find(|page| !self.pages.contains_key(page))
            .map(Wanted::Page)
    }

    fn after(&self, action: ListAction) -> Self {
        let mut next = self.clone();
        match action {
            ListAction::Reset(total) => next = Self { total, epoch: self.epoch + 1, ..Self::default() },
            ListAction::First(first) => {
                next.first = first.min(self.measures().last_first());
                next.message = None;
            }
            ListAction::Active(row) => {
                next.active = row.min(self.rows().saturating_sub(1));
                next.first = self.measures().revealing(self.first, next.active);
                next.message = None;
            }
            ListAction::Jump(from) => {
                next = Self { matches: None, message: None, epoch: self.epoch + 1, ..next };
                match from {
                    ListFrom::Start => next.show(0),
                    ListFrom::Number { number } => next.show(number),
                    from => next.jump = Some(from),
                }
            }
            ListAction::Filter(words) => {
                next.epoch += 1;
                (next.first, next.active, next.message, next.jump) = (0, 0, None, None);
                let all = words.trim().is_empty();
                next.matches = (!all).then(|| Matches { words, ..Matches::default() });
            }
            ListAction::Stop => {
                if let Some(matches) =
                    next.matches.as_mut().filter(|matches| matches.search == Search::Running)
                {
                    matches.search = Search::Stopped;
                    next.epoch += 1;
                }
            }
            ListAction::Found { epoch, rows, matches: found, done_bytes, total_bytes } => {
                if let Some(matches) = next.matches.as_mut().filter(|_| epoch == self.epoch) {
                    matches.push(rows);
                    (matches.found, matches.done_bytes, matches.total_bytes) =
                        (found, done_bytes, total_bytes);
                }
            }
            ListAction::Answered { epoch, wanted, page } => {
                next.answers += 1;
                if epoch == self.epoch {
                    next.answered(wanted, *page);
                }
            }
            ListAction::Failed(message) => {
                next.answers += 1;
                next.message = Some(message);
                next.jump = None;
                if let Some(matches) = &mut next.matches {
                    matches.search = Search::Stopped;
                }
            }
        }
        next
    }

    fn show(&mut self, row: u64) {
        self.active = row.min(self.total.saturating_sub(1));
        // A little of what stands before it helps to understand it.
        let above = VISIBLE_ROWS / 3;
        self.first = self.active.saturating_sub(above).min(self.measures().last_first());
    }

    fn answered(&mut self, wanted: Wanted, page: CommandPage) {
        match wanted {
            Wanted::Page(number) => {
                if page.rows.is_empty() {
                    // Or it would be asked for for ever.
                    let why = page
                        .stopped
                        .unwrap_or_else(|| "The files end before these commands: were they changed?".into());
                    self.message = Some(why.into());
                    return;
                }
                self.pages.insert(number, Shared::new(page.rows));
                while self.pages.len() > MOST_PAGES {
                    let far = |kept: &u64| kept.abs_diff(self.first / PAGE_ROWS);
                    let Some(farthest) = self.pages.keys().copied().max_by_key(far) else { break };
                    self.pages.remove(&farthest);
                }
            }
            Wanted::Jump(_) => {
                self.jump = None;
                match page.rows.first().map(|row| row.number) {
                    Some(Some(number)) => self.show(number),
                    Some(None) => {
                        self.message =
                            Some("That place is behind damage: no server reads the commands there, and they have no number.".into());
                    }
                    None => self.message = Some("There is no command at that place or behind it.".into()),
                }
            }
            Wanted::Search => {
                let Some(matches) = &mut self.matches else { return };
                matches.push(page.rows);
                matches.found = page.matches;
                matches.search = if page.counted_to_end { Search::Finished } else { Search::Stopped };
                self.message = page.stopped.map(Into::into);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use snaptape_report::{Checkpoint, TapePlace};

    use super::*;

    fn rows(numbers: core::ops::Range<u64>) -> Vec<CommandRow> {
        numbers.map(|n| CommandRow { number: Some(n), offset: n * 10, ..CommandRow::default() }).collect()
    }

    fn run(listing: Listing, actions: impl IntoIterator<Item = ListAction>) -> Listing {
        actions.into_iter().fold(listing, |listing, action| listing.after(action))
    }

    fn answer(listing: &Listing, rows: Vec<CommandRow>, next: bool) -> ListAction {
        let next = next.then(TapePlace::default);
        let matches = rows.len() as u64 + listing.matches.as_ref().map_or(0, |matches| matches.found);
        let counted_to_end = next.is_none();
        let page = CommandPage { rows, next, matches, counted_to_end, commands_read: 100, stopped: None };
        let page = Box::new(page);
        ListAction::Answered { epoch: listing.epoch, wanted: listing.wanted().unwrap(), page }
    }

    #[test]
    fn pages_come_as_they_are_seen_and_go_when_they_are_far() {
        let mut listing = run(Listing::default(), [ListAction::Reset(10_000_000)]);
        assert_eq!(listing.wanted(), Some(Wanted::Page(0)));
        for page in 0..60 {
            listing = run(listing, [ListAction::First(page * PAGE_ROWS)]);
            assert_eq!(listing.wanted(), Some(Wanted::Page(page)));
            let action = answer(&listing, rows(page * PAGE_ROWS..(page + 1) * PAGE_ROWS), true);
            listing = run(listing, [action]);
            assert_eq!(listing.wanted(), None);
            assert_eq!(listing.row(page * PAGE_ROWS + 7).unwrap().number, Some(page * PAGE_ROWS + 7));
        }
        assert_eq!(listing.pages.len(), MOST_PAGES);
        assert_eq!(listing.row(0), None, "the first page is far away by now");
        // Half a page above the next one: both are needed.
        listing = run(listing, [ListAction::First(59 * PAGE_ROWS + 95)]);
        assert_eq!(listing.wanted(), Some(Wanted::Page(60)));
    }

    #[test]
    fn a_jump_ends_at_the_number_of_what_stands_there() {
        let listing = run(Listing::default(), [ListAction::Reset(500)]);
        let from = ListFrom::Offset { file: "a".into(), offset: 3_000 };
        let listing = run(listing, [ListAction::Jump(from.clone())]);
        assert_eq!(listing.wanted(), Some(Wanted::Jump(from)));
        let action = answer(&listing, rows(300..301), true);
        let listing = run(listing, [action]);
        assert_eq!((listing.active, listing.first), (300, 294));
        assert_eq!(listing.wanted(), Some(Wanted::Page(2)));
        let listing = run(listing, [ListAction::Jump(ListFrom::Number { number: 9_999 })]);
        assert_eq!((listing.active, listing.first), (499, 482));
        let nowhere = run(listing, [ListAction::Jump(ListFrom::Time { time_s: 1 })]);
        let action = answer(&nowhere, vec![], false);
        let nowhere = run(nowhere, [action]);
        assert!(nowhere.message.is_some());
        assert_eq!(nowhere.active, 499, "the list stays where it was");
    }

    fn found(listing: &Listing, rows: Vec<CommandRow>, matches: u64) -> ListAction {
        ListAction::Found { epoch: listing.epoch, rows, matches, done_bytes: 5, total_bytes: 9 }
    }

    #[test]
    fn matches_stream_in_until_they_are_stopped() {
        let listing =
            run(Listing::default(), [ListAction::Reset(500), ListAction::Filter("name:del".into())]);
        assert_eq!(listing.wanted(), Some(Wanted::Search));
        let some = found(&listing, rows(3..5), 2);
        let listing = run(listing, [some.clone()]);
        assert_eq!((listing.rows(), listing.matches.as_ref().unwrap().found), (2, 2));
        let stopped = run(listing.clone(), [ListAction::Stop]);
        assert_eq!((stopped.wanted(), stopped.matches.as_ref().unwrap().search), (None, Search::Stopped));
        assert_eq!(run(stopped, [some]).rows(), 2, "what comes too late changes nothing");
        let listing = run(listing.clone(), [answer(&listing, rows(7..8), false)]);
        let matches = listing.matches.as_ref().unwrap();
        assert_eq!((matches.search, matches.found), (Search::Finished, 3));
        assert_eq!((listing.rows(), listing.wanted()), (3, None));
        let numbers: Vec<_> = (0..4).map(|i| listing.row(i).and_then(|row| row.number)).collect();
        assert_eq!(numbers, [Some(3), Some(4), Some(7), None], "pieces stand one behind the other");
        // Without words all commands are listed again.
        let all = run(listing, [ListAction::Filter("  ".into())]);
        assert_eq!((all.rows(), all.wanted()), (500, Some(Wanted::Page(0))));
    }

    #[test]
    fn more_matches_are_counted_than_listed() {
        let listing = run(Listing::default(), [ListAction::Reset(50_000), ListAction::Filter("x".into())]);
        let many = found(&listing, rows(0..100), 49_999);
        let listing = run(listing, [many]);
        assert_eq!((listing.rows(), listing.matches.unwrap().found), (100, 49_999));
    }

    #[test]
    fn a_list_is_told_what_leads_to_its_place() {
        let checkpoints: Vec<Checkpoint> = (0..9)
            .map(|n| Checkpoint { command: n * 100, offset: n * 10, ..Checkpoint::default() })
            .collect();
        let tape = Tape { commands: 950, checkpoints, last_time_s: Some(7), ..Tape::default() };
        let points = |from| tape_for(&tape, &from).checkpoints.iter().map(|p| p.command).collect::<Vec<_>>();
        assert_eq!(points(ListFrom::Number { number: 399 }), [300]);
        assert_eq!(points(ListFrom::Number { number: 400 }), [400]);
        assert!(points(ListFrom::Start).is_empty());
        assert_eq!(points(ListFrom::Time { time_s: 3 }).len(), 9);
        let reduced = tape_for(&tape, &ListFrom::Start);
        assert_eq!((reduced.commands, reduced.last_time_s), (950, Some(7)));
    }

    #[test]
    fn failures_end_the_asking() {
        let listing = run(Listing::default(), [ListAction::Reset(500), ListAction::Failed("gone".into())]);
        assert_eq!((listing.wanted(), listing.message.as_deref()), (None, Some("gone")));
        // The next step tries again.
        assert_eq!(run(listing, [ListAction::First(3)]).wanted(), Some(Wanted::Page(0)));
        let empty = run(Listing::default(), [ListAction::Reset(500)]);
        let action = answer(&empty, vec![], false);
        assert_eq!(run(empty, [action]).wanted(), None);
    }

    #[test]
    fn the_keyboard_stays_in_the_list() {
        let listing = run(Listing::default(), [ListAction::Reset(50), ListAction::Active(u64::MAX)]);
        assert_eq!((listing.active, listing.first), (49, 32));
        let listing = run(listing, [ListAction::Active(0)]);
        assert_eq!((listing.active, listing.first), (0, 0));
    }
}
