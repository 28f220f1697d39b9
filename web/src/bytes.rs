//! The bytes on the screen and what they are: which window of them is needed, which spans are listed. Pure: no browser in here.

pub mod hunt;
pub mod keys;
pub mod readings;
pub mod spans;

use std::rc::Rc;

use snaptape_report::{ByteSpan, StructurePage};
use yew::{AttrValue, Reducible};

use crate::state::Shared;
use crate::virtual_rows::VirtualRows;

/// Rows of bytes that are seen at once.
pub const VISIBLE_ROWS: u64 = 24;
/// Height of a row, as `bytes.css` has it.
const ROW_PX: f64 = 22.0;
/// Bytes that are fetched before and behind what is seen.
const MARGIN: u64 = 1_024;

/// A window of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// First byte.
    pub start: u64,
    /// Byte after the last one.
    pub end: u64,
}

impl Window {
    fn covers(self, other: Self) -> bool {
        self.start <= other.start && self.end >= other.end
    }
}

/// Is a packed file being unpacked up to what is seen?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Waiting {
    /// No, or it takes no time worth a word.
    #[default]
    No,
    /// It is.
    For {
        /// Bytes of its contents behind it.
        done_bytes: u64,
        /// Bytes up to there.
        total_bytes: u64,
    },
    /// Somebody stopped it.
    Stopped,
}

/// What is known of a file, or of what a string in it unpacks to.
#[derive(Debug, Clone, PartialEq)]
pub struct ByteState {
    /// How many bytes there are; not known before the first window of something unpacked.
    pub total: Option<u64>,
    /// Bytes of a row.
    pub columns: u64,
    /// The row at the top.
    pub first: u64,
    /// Which window was answered last, and its bytes.
    pub held: Option<(Window, Rc<[u8]>)>,
    /// The structure of that window.
    pub structure: Option<Shared<StructurePage>>,
    /// Why there is none.
    pub message: Option<AttrValue>,
    /// What takes its time.
    pub waiting: Waiting,
    /// Changes when something else is looked at.
    pub epoch: u64,
}

impl Default for ByteState {
    fn default() -> Self {
        Self {
            total: Some(0),
            columns: 16,
            first: 0,
            held: None,
            structure: None,
            message: None,
            waiting: Waiting::No,
            epoch: 0,
        }
    }
}

/// What can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum ByteAction {
    /// Something else is looked at.
    Open {
        /// Its length.
        total: Option<u64>,
        /// A byte that is to be seen.
        at: u64,
    },
    /// Rows have become shorter or longer.
    Columns(u64),
    /// Another row is to be at the top.
    First(u64),
    /// This byte is to be seen.
    Reveal(u64),
    /// Bytes came.
    Bytes {
        /// For what was looked at then.
        epoch: u64,
        /// Which.
        window: Window,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// The structure came.
    Structure {
        /// For what was looked at then.
        epoch: u64,
        /// Of which bytes.
        window: Window,
        /// What they are.
        page: Box<StructurePage>,
    },
    /// A packed file is being unpacked up to there.
    Unpacking {
        /// For what was looked at then.
        epoch: u64,
        /// Bytes of its contents behind it.
        done_bytes: u64,
        /// Bytes up to there.
        total_bytes: u64,
    },
    /// Nobody wants to wait for that.
    Stop,
    /// It is to go on.
    GoOn,
    /// Nothing came; one sentence says why.
    Failed {
        /// For what was looked at then.
        epoch: u64,
        /// Why.
        message: AttrValue,
    },
}

impl Reducible for ByteState {
    type Action = ByteAction;

    fn reduce(self: Rc<Self>, action: ByteAction) -> Rc<Self> {
        let next = self.after(action);
        if next == *self { self } else { Rc::new(next) }
    }
}

impl ByteState {
    fn after(&self, action: ByteAction) -> Self {
        let mut next = self.clone();
        match action {
            ByteAction::Open { total, at } => {
                next = Self { total, columns: self.columns, epoch: self.epoch + 1, ..Self::default() };
                next.first = (at / next.columns).saturating_sub(2);
                next.keep_within();
            }
            ByteAction::Columns(columns) => {
                next.first = self.first * self.columns / columns.max(1);
                next.columns = columns.max(1);
                next.keep_within();
            }
            ByteAction::First(first) => next.first = first,
            ByteAction::Reveal(at) => {
                next.first = self.measures().revealing(self.first, at / self.columns);
            }
            ByteAction::Bytes { epoch, window, bytes } if epoch == self.epoch => {
                next.held = Some((window, bytes.into()));
                next.message = None;
                next.waiting = Waiting::No;
            }
            ByteAction::Structure { epoch, window, page } if epoch == self.epoch => {
                if self.total.is_none() {
                    next.total = Some(page.total_bytes);
                }
                if !page.bytes.is_empty() {
                    next.held = Some((window, page.bytes.as_slice().into()));
                }
                next.message = page.stopped.clone().map(Into::into);
                next.waiting = Waiting::No;
                next.structure = Some(Shared::new(*page));
            }
            ByteAction::Unpacking { epoch, done_bytes, total_bytes } if epoch == self.epoch => {
                // Where nothing is wanted any more, it was stopped.
                if self.wanted().is_some() {
                    next.waiting = Waiting::For { done_bytes, total_bytes };
                }
            }
            ByteAction::Stop => {
                next.give_up();
                next.waiting = Waiting::Stopped;
            }
            ByteAction::GoOn => {
                next.held = None;
                next.waiting = Waiting::No;
            }
            ByteAction::Failed { epoch, message } if epoch == self.epoch => {
                next.give_up();
                next.message = Some(message);
                next.waiting = Waiting::No;
            }
            ByteAction::Bytes { .. }
            | ByteAction::Structure { .. }
            | ByteAction::Unpacking { .. }
            | ByteAction::Failed { .. } => {}
        }
        if next.waiting == Waiting::Stopped && next.wanted().is_some() {
            next.waiting = Waiting::No;
        }
        next
    }

    /// What cannot be had is not asked for again.
    fn give_up(&mut self) {
        self.held = self.wanted().map(|window| (window, Rc::from(Vec::new())));
    }

    fn keep_within(&mut self) {
        self.first = self.first.min(self.measures().last_first());
    }

    /// The measures of the list of rows.
    pub fn measures(&self) -> VirtualRows {
        let rows = self.total.unwrap_or(0).div_ceil(self.columns);
        VirtualRows { rows, visible: VISIBLE_ROWS, row_px: ROW_PX }
    }

    /// The bytes that are seen.
    pub fn visible(&self) -> Window {
        let total = self.total.unwrap_or(u64::MAX);
        let start = self.first.saturating_mul(self.columns).min(total);
        Window { start, end: start.saturating_add(VISIBLE_ROWS * self.columns).min(total) }
    }

    /// The window that is to be fetched, if what is there does not do.
    pub fn wanted(&self) -> Option<Window> {
        let seen = self.visible();
        let held = self.held.as_ref().is_some_and(|(window, _)| window.covers(seen));
        if held || (seen.start >= seen.end && self.total.is_some()) {
            return None;
        }
        let end = seen.end.saturating_add(MARGIN).min(self.total.unwrap_or(u64::MAX));
        Some(Window { start: seen.start.saturating_sub(MARGIN), end })
    }

    /// A byte, if it is there.
    pub fn byte(&self, at: u64) -> Option<u8> {
        self.bytes_from(at).first().copied()
    }

    /// The bytes from an offset on, as far as they are there.
    pub fn bytes_from(&self, at: u64) -> &[u8] {
        let Some((window, bytes)) = &self.held else { return &[] };
        let from = at.checked_sub(window.start).and_then(|from| usize::try_from(from).ok());
        from.and_then(|from| bytes.get(from..)).unwrap_or_default()
    }

    /// The spans that are known.
    pub fn spans(&self) -> &[ByteSpan] {
        self.structure.as_ref().map_or(&[], |page| page.spans.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_is_fetched_once() {
        let mut state = Rc::new(ByteState::default());
        assert_eq!(state.wanted(), None);
        state = state.reduce(ByteAction::Open { total: Some(100_000), at: 50_000 });
        let wanted = state.wanted().expect("nothing is there");
        assert!(wanted.start <= 50_000 && wanted.end >= 50_000 + 16);
        let epoch = state.epoch;
        let bytes = vec![7; 2_500];
        state = state.reduce(ByteAction::Bytes { epoch: epoch - 1, window: wanted, bytes: bytes.clone() });
        assert_eq!(state.wanted(), Some(wanted), "an answer for something else");
        state = state.reduce(ByteAction::Bytes { epoch, window: wanted, bytes });
        assert_eq!((state.wanted(), state.byte(50_000)), (None, Some(7)));
        state = state.reduce(ByteAction::First(0));
        assert_eq!(state.wanted().map(|window| window.start), Some(0));
        // What cannot be had is asked for once.
        state = state.reduce(ByteAction::Failed { epoch, message: "gone".into() });
        assert_eq!(state.wanted(), None);
        // Nor what nobody wants to wait for, until somebody does.
        let wait = ByteAction::Unpacking { epoch, done_bytes: 1, total_bytes: 9 };
        state = state.reduce(ByteAction::GoOn).reduce(wait.clone());
        assert_eq!(state.waiting, Waiting::For { done_bytes: 1, total_bytes: 9 });
        state = state.reduce(ByteAction::Stop).reduce(wait);
        assert_eq!((state.wanted(), state.waiting), (None, Waiting::Stopped));
        state = state.reduce(ByteAction::GoOn);
        assert!(state.wanted().is_some());
        // Rows of half the length show the same place.
        state = state.reduce(ByteAction::First(100)).reduce(ByteAction::Columns(8));
        assert_eq!(state.visible().start, 1_600);
        state = state.reduce(ByteAction::First(u64::MAX / 16)).reduce(ByteAction::Reveal(99_999));
        assert_eq!(state.first, state.measures().last_first());
    }
}
