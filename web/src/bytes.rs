//! The bytes on the screen and what they are: which window of them is needed, which spans are listed, what the byte under the cursor
//! could mean. Pure: no browser in here.

use core::ops::Range;
use std::rc::Rc;

use snaptape_report::{ByteSpan, StructurePage, units};
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
    /// Changes when something else is looked at.
    pub epoch: u64,
}

impl Default for ByteState {
    fn default() -> Self {
        Self { total: Some(0), columns: 16, first: 0, held: None, structure: None, message: None, epoch: 0 }
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
            }
            ByteAction::Structure { epoch, window, page } if epoch == self.epoch => {
                if self.total.is_none() {
                    next.total = Some(page.total_bytes);
                }
                if !page.bytes.is_empty() {
                    next.held = Some((window, page.bytes.as_slice().into()));
                }
                next.message = page.stopped.clone().map(Into::into);
                next.structure = Some(Shared::new(*page));
            }
            ByteAction::Failed { epoch, message } if epoch == self.epoch => {
                // What cannot be had is not asked for again.
                next.held = self.wanted().map(|window| (window, Rc::from(Vec::new())));
                next.message = Some(message);
            }
            ByteAction::Bytes { .. } | ByteAction::Structure { .. } | ByteAction::Failed { .. } => {}
        }
        next
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

/// A row of the list of spans.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SpanRow<'a> {
    /// The span.
    pub span: &'a ByteSpan,
    /// How deep it lies.
    pub depth: usize,
    /// Are its parts listed?
    pub open: bool,
}

/// The spans that reach into what is seen; of those around the cursor the parts, too.
pub fn span_rows(spans: &[ByteSpan], seen: Window, cursor: u64) -> Vec<SpanRow<'_>> {
    let mut rows = Vec::new();
    add_rows(spans, seen, cursor, 0, &mut rows);
    rows
}

fn add_rows<'a>(spans: &'a [ByteSpan], seen: Window, cursor: u64, depth: usize, rows: &mut Vec<SpanRow<'a>>) {
    for span in spans.iter().filter(|span| span.start < seen.end && span.end > seen.start) {
        let open = !span.children.is_empty() && (span.start..span.end).contains(&cursor);
        rows.push(SpanRow { span, depth, open });
        if open {
            add_rows(&span.children, seen, cursor, depth + 1, rows);
        }
    }
}

/// The spans around a byte, the outermost first.
pub fn path(spans: &[ByteSpan], at: u64) -> Vec<&ByteSpan> {
    let mut path = Vec::new();
    let mut spans = spans;
    while let Some(span) = spans.iter().find(|span| (span.start..span.end).contains(&at)) {
        path.push(span);
        spans = &span.children;
    }
    path
}

/// Which span of a path is chosen: the innermost one that is exactly this range, else the innermost.
pub fn chosen(path: &[&ByteSpan], range: &Range<u64>) -> Option<usize> {
    let exact = path.iter().rposition(|span| span.start == range.start && span.end == range.end);
    exact.or(path.len().checked_sub(1))
}

/// The span around the chosen one that is longer.
pub fn outer<'a>(path: &[&'a ByteSpan], range: &Range<u64>) -> Option<&'a ByteSpan> {
    let at = chosen(path, range)?;
    let span = path.get(at)?;
    // A byte within the innermost span goes to that span first.
    if (span.start, span.end) != (range.start, range.end) {
        return Some(span);
    }
    let around = path.get(..at)?.iter().rev();
    around.copied().find(|outer| (outer.start, outer.end) != (span.start, span.end))
}

/// The first part of the chosen span.
pub fn inner<'a>(path: &[&'a ByteSpan], range: &Range<u64>) -> Option<&'a ByteSpan> {
    path.get(chosen(path, range)?)?.children.iter().find(|part| part.end > range.start)
}

/// What the bytes at the cursor could be.
pub fn readings(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let mut readings = Vec::new();
    let Some(&first) = bytes.first() else { return readings };
    readings.push(("u8", first.to_string()));
    if first >= 0x80 {
        readings.push(("i8", first.cast_signed().to_string()));
    }
    let graphic = first.is_ascii_graphic() || first == b' ';
    readings.push((
        "ASCII",
        if graphic { char::from(first).to_string() } else { first.escape_ascii().to_string() },
    ));
    if let Some(two) = bytes.first_chunk() {
        let (le, be) = (u16::from_le_bytes(*two), u16::from_be_bytes(*two));
        readings.push(("u16 LE / BE", format!("{} / {}", units::count(le.into()), units::count(be.into()))));
    }
    if let Some(four) = bytes.first_chunk() {
        let (le, be) = (u32::from_le_bytes(*four), u32::from_be_bytes(*four));
        readings.push(("u32 LE / BE", format!("{} / {}", units::count(le.into()), units::count(be.into()))));
    }
    if let Some(eight) = bytes.first_chunk() {
        let (le, be) = (u64::from_le_bytes(*eight), u64::from_be_bytes(*eight));
        readings.push(("u64 LE / BE", format!("{} / {}", units::count(le), units::count(be))));
    }
    readings.push(("as a length", length(bytes)));
    readings
}

/// What the length encoding of snapshots makes of the bytes.
fn length(bytes: &[u8]) -> String {
    let number = |n: Option<u64>| n.map_or_else(|| "cut off".into(), units::count);
    match bytes {
        [first @ 0..0x40, ..] => units::count(u64::from(*first)),
        [first @ 0x40..0x80, rest @ ..] => {
            number(rest.first().map(|low| u64::from(first & 0x3f) << 8 | u64::from(*low)))
        }
        [0x80, rest @ ..] => number(rest.first_chunk().map(|four| u64::from(u32::from_be_bytes(*four)))),
        [0x81, rest @ ..] => number(rest.first_chunk().map(|eight| u64::from_be_bytes(*eight))),
        [0xc0, ..] => "8-bit number follows".into(),
        [0xc1, ..] => "16-bit number follows".into(),
        [0xc2, ..] => "32-bit number follows".into(),
        [0xc3, ..] => "LZF string follows".into(),
        _ => "none".into(),
    }
}

#[cfg(test)]
mod tests {
    use snaptape_report::SpanKind;

    use super::*;

    fn span(start: u64, end: u64, children: Vec<ByteSpan>) -> ByteSpan {
        ByteSpan {
            start,
            end,
            goes_on: false,
            kind: SpanKind::Group,
            label: format!("{start}-{end}"),
            value: String::new(),
            about: String::new(),
            unpacks: false,
            children,
        }
    }

    fn spans() -> Vec<ByteSpan> {
        vec![
            span(0, 9, vec![]),
            span(
                9,
                30,
                vec![span(9, 10, vec![]), span(10, 30, vec![span(10, 12, vec![]), span(12, 30, vec![])])],
            ),
            span(30, 40, vec![span(30, 40, vec![])]),
        ]
    }

    #[test]
    fn only_what_is_around_the_cursor_is_open() {
        let spans = spans();
        let labels = |cursor| -> Vec<(usize, String)> {
            let rows = span_rows(&spans, Window { start: 5, end: 35 }, cursor);
            rows.iter().map(|row| (row.depth, row.span.label.clone())).collect()
        };
        let rows = |rows: &[(usize, &str)]| -> Vec<(usize, String)> {
            rows.iter().map(|(depth, label)| (*depth, (*label).to_owned())).collect()
        };
        assert_eq!(labels(3), rows(&[(0, "0-9"), (0, "9-30"), (0, "30-40")]));
        assert_eq!(
            labels(11),
            rows(&[
                (0, "0-9"),
                (0, "9-30"),
                (1, "9-10"),
                (1, "10-30"),
                (2, "10-12"),
                (2, "12-30"),
                (0, "30-40")
            ])
        );
    }

    #[test]
    fn one_goes_in_and_out() {
        let spans = spans();
        let inner_path = path(&spans, 11);
        assert_eq!(inner_path.len(), 3);
        let out = |range: Range<u64>| outer(&inner_path, &range).map(|span| span.start..span.end);
        assert_eq!(out(11..12), Some(10..12));
        assert_eq!(out(10..12), Some(10..30));
        assert_eq!(out(10..30), Some(9..30));
        assert_eq!(out(9..30), None);
        assert_eq!(inner(&path(&spans, 9), &(9..30)).map(|span| span.start..span.end), Some(9..10));
        assert_eq!(inner(&path(&spans, 10), &(10..30)).map(|span| span.start..span.end), Some(10..12));
        // A part as long as its whole is stepped over.
        assert_eq!(outer(&path(&spans, 33), &(30..40)).map(|span| span.start), None);
    }

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
        // Rows of half the length show the same place.
        state = state.reduce(ByteAction::First(100)).reduce(ByteAction::Columns(8));
        assert_eq!(state.visible().start, 1_600);
        state = state.reduce(ByteAction::First(u64::MAX / 16)).reduce(ByteAction::Reveal(99_999));
        assert_eq!(state.first, state.measures().last_first());
    }

    #[test]
    fn bytes_are_read_in_several_ways() {
        let of = |bytes: &[u8], name: &str| {
            readings(bytes).into_iter().find(|(what, _)| *what == name).map(|(_, value)| value)
        };
        assert_eq!(of(b"A\x01\x00\x00", "u32 LE / BE").unwrap(), "321 / 1,090,584,576");
        assert_eq!(of(b"A", "u16 LE / BE"), None);
        assert_eq!(of(b"\xff", "i8").unwrap(), "-1");
        assert_eq!(of(b"\x00", "ASCII").unwrap(), "\\x00");
        for (bytes, expected) in [
            (&b"\x05"[..], "5"),
            (b"\x41\x02", "258"),
            (b"\x80\0\0\x01\0", "256"),
            (b"\x80\0", "cut off"),
            (b"\xc3", "LZF string follows"),
            (b"\xff", "none"),
        ] {
            assert_eq!(of(bytes, "as a length").unwrap(), expected);
        }
        assert!(readings(&[]).is_empty());
    }
}
