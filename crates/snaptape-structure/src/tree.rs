//! The spans of a region as they come.

use core::ops::Range;

use snaptape_report::{ByteSpan, SpanKind};

use crate::inside::Inside;

/// Puts spans together that lie in a window. What lies outside is passed over, and so is everything behind the most there may be.
#[derive(Debug)]
pub(crate) struct Tree {
    window: Range<u64>,
    most: usize,
    spans: usize,
    open: Vec<ByteSpan>,
    roots: Vec<ByteSpan>,
    /// Where the first span stands that was one too many.
    full_at: Option<u64>,
    /// The compressed string that is to be unpacked on the way.
    pub(crate) inside: Inside,
}

/// What is known of a span before its bytes are.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) start: u64,
    pub(crate) kind: SpanKind,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) about: &'static str,
}

impl Head {
    pub(crate) fn new(start: u64, kind: SpanKind, label: impl Into<String>, about: &'static str) -> Self {
        Self { start, kind, label: label.into(), value: String::new(), about }
    }
}

impl From<Head> for ByteSpan {
    fn from(head: Head) -> Self {
        Self {
            start: head.start,
            end: head.start,
            goes_on: false,
            kind: head.kind,
            label: head.label,
            value: head.value,
            about: head.about.into(),
            unpacks: false,
            children: Vec::new(),
        }
    }
}

impl Tree {
    pub(crate) fn new(window: Range<u64>, most: usize) -> Self {
        Self {
            window,
            most,
            spans: 0,
            open: Vec::new(),
            roots: Vec::new(),
            full_at: None,
            inside: Inside::default(),
        }
    }

    pub(crate) fn window(&self) -> Range<u64> {
        self.window.clone()
    }

    /// A tree of no spans, for what a string on the way unpacks to.
    pub(crate) fn inside(inside: Inside) -> Self {
        Self { inside, ..Self::new(0..0, 0) }
    }

    /// Does anything that is wanted lie there?
    pub(crate) fn shows(&self, span: &Range<u64>) -> bool {
        self.takes(span) || self.inside.wants(span)
    }

    fn takes(&self, span: &Range<u64>) -> bool {
        self.full_at.is_none() && span.start < self.window.end && span.end > self.window.start
    }

    /// Are there as many spans as there may be?
    pub(crate) fn is_full(&self) -> bool {
        self.full_at.is_some()
    }

    /// Adds a span without parts. Its value is made only where it is shown.
    pub(crate) fn leaf(
        &mut self,
        span: Range<u64>,
        kind: SpanKind,
        label: impl Into<String>,
        value: impl FnOnce() -> String,
        about: &'static str,
    ) {
        if span.start >= span.end || !self.takes(&span) {
            return;
        }
        if self.spans >= self.most {
            self.full_at = Some(span.start);
            return;
        }
        self.spans += 1;
        let head = Head { start: span.start, kind, label: label.into(), value: value(), about };
        self.place(ByteSpan { end: span.end, ..head.into() });
    }

    /// Says of the last span that it unpacks to something.
    pub(crate) fn last_unpacks(&mut self, start: u64) {
        let last = match self.open.last_mut() {
            Some(open) => open.children.last_mut(),
            None => self.roots.last_mut(),
        };
        if let Some(last) = last.filter(|last| last.start == start) {
            last.unpacks = true;
        }
    }

    fn place(&mut self, span: ByteSpan) {
        match self.open.last_mut() {
            Some(open) => open.children.push(span),
            None => self.roots.push(span),
        }
    }

    /// Opens a span with parts.
    pub(crate) fn open(&mut self, head: Head) {
        self.open.push(head.into());
    }

    /// The innermost open span.
    pub(crate) fn innermost(&mut self) -> Option<&mut ByteSpan> {
        self.open.last_mut()
    }

    /// How many are open.
    pub(crate) fn depth(&self) -> usize {
        self.open.len()
    }

    /// Closes the innermost span.
    pub(crate) fn close(&mut self, end: u64) {
        self.close_as(end, false);
    }

    /// Closes all; they go on behind `end`.
    pub(crate) fn close_all(&mut self, end: u64, goes_on: bool) {
        while !self.open.is_empty() {
            self.close_as(end, goes_on);
        }
    }

    fn close_as(&mut self, end: u64, goes_on: bool) {
        let Some(mut span) = self.open.pop() else { return };
        span.end = end.max(span.start);
        span.goes_on = goes_on;
        let seen = span.start < self.window.end && span.end > self.window.start;
        let has_any = !span.children.is_empty() || self.full_at.is_none_or(|full| span.start < full);
        if seen && span.start < span.end && has_any {
            self.spans += 1;
            self.place(span);
        }
    }

    /// The spans, and where the region ends that they describe.
    pub(crate) fn finish(mut self, read_up_to: u64, goes_on: bool) -> (Vec<ByteSpan>, u64) {
        self.close_all(read_up_to, goes_on);
        let end = self.full_at.unwrap_or(self.window.end);
        (self.roots, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_outside_and_those_too_many_are_left_out() {
        let mut tree = Tree::new(10..20, 3);
        tree.open(Head::new(0, SpanKind::Group, "all", ""));
        for at in (0..40).step_by(4) {
            tree.leaf(at..at + 4, SpanKind::Text, at.to_string(), String::new, "");
        }
        let (spans, end) = tree.finish(40, false);
        assert_eq!(end, 20);
        assert_eq!((spans[0].start, spans[0].end), (0, 40));
        let labels: Vec<&str> = spans[0].children.iter().map(|span| span.label.as_str()).collect();
        assert_eq!(labels, ["8", "12", "16"]);

        let mut tree = Tree::new(0..40, 3);
        for at in (0..40).step_by(4) {
            tree.leaf(at..at + 4, SpanKind::Text, "x", String::new, "");
        }
        let (spans, end) = tree.finish(40, false);
        assert_eq!((spans.len(), end), (3, 12));
    }
}
