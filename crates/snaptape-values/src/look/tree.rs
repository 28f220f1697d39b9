//! Lines of a tree, up to a bound.

use snaptape_report::{TreeLine, units};

/// Most lines.
const MAX_LINES: usize = 5_000;
/// Deepest nesting that is followed.
pub(super) const MAX_DEPTH: u32 = 64;
/// Longest text of one line, in bytes.
const MAX_TEXT: usize = 2_000;

/// A tree in the making.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) lines: Vec<TreeLine>,
    /// Where and why reading stopped.
    pub(super) stopped: Option<(usize, &'static str)>,
    pub(super) note: Option<&'static str>,
}

impl Tree {
    /// Adds a line and says which one it is; what it says of its children comes later.
    pub(super) fn line(&mut self, depth: u32, key: &str, kind: &str, text: &[u8]) -> usize {
        let at = self.lines.len();
        if at >= MAX_LINES {
            self.note = Some("It is longer: the first 5,000 lines are shown");
            return at;
        }
        let shown = text.get(..text.len().min(MAX_TEXT)).unwrap_or_default();
        let mut words = units::printable(shown);
        if shown.len() < text.len() {
            words.push_str(" ...");
        }
        self.lines.push(TreeLine { depth, key: key.into(), kind: kind.into(), text: words, children: 0 });
        at
    }

    /// Line `at` has one child more.
    pub(super) fn child(&mut self, at: usize) {
        if let Some(line) = self.lines.get_mut(at) {
            line.children += 1;
        }
    }
}
