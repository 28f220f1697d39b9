//! Damage by programs that take every file for text.

/// Signs that bytes went through a program that took them for text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextMarks {
    /// Line feeds.
    pub line_feeds: u64,
    /// Those of them behind a carriage return.
    pub after_return: u64,
    /// U+FFFD in UTF-8: what stands for bytes that are no text.
    pub replacements: u64,
    /// Bytes that cannot be text at all.
    pub not_utf8: u64,
    before: [u8; 2],
}

impl TextMarks {
    pub(super) fn look_at(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match (self.before, byte) {
                ([_, b'\r'], b'\n') => {
                    self.line_feeds += 1;
                    self.after_return += 1;
                }
                (_, b'\n') => self.line_feeds += 1,
                ([0xef, 0xbf], 0xbd) => self.replacements += 1,
                (_, 0xc0 | 0xc1 | 0xf5..) => self.not_utf8 += 1,
                _ => {}
            }
            self.before = [self.before[1], byte];
        }
    }

    /// Those of two pieces together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            line_feeds: self.line_feeds + other.line_feeds,
            after_return: self.after_return + other.after_return,
            replacements: self.replacements + other.replacements,
            not_utf8: self.not_utf8 + other.not_utf8,
            before: other.before,
        }
    }
}
