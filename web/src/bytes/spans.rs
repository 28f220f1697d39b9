//! The spans that are listed, and the way from one to another.

use core::ops::Range;

use snaptape_report::ByteSpan;

use super::Window;

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

/// The list beside the grid.
#[derive(Debug)]
pub struct SpanList<'a> {
    /// Its rows.
    pub rows: Vec<SpanRow<'a>>,
    /// The span that is chosen, also where it is out of sight.
    pub span: Option<&'a ByteSpan>,
    /// Its row.
    pub chosen: Option<usize>,
}

/// What is listed where this is seen and these bytes are chosen.
pub fn list(spans: &[ByteSpan], seen: Window, range: Range<u64>) -> SpanList<'_> {
    let path = path(spans, range.start);
    let span = chosen(&path, &range).and_then(|level| path.get(level).copied());
    let rows = span_rows(spans, seen, range.start);
    let chosen = span.and_then(|span| rows.iter().position(|row| core::ptr::eq(row.span, span)));
    SpanList { rows, span, chosen }
}

/// The spans that reach into what is seen; of those around the cursor the parts, too.
fn span_rows(spans: &[ByteSpan], seen: Window, cursor: u64) -> Vec<SpanRow<'_>> {
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
}
