//! What a machine tells of the items it reads.

use alloc::{borrow::Cow, vec::Vec};
use core::ops::Range;

use super::{frame::LineEnds, mend::Patch, stretch::DropReason};
use crate::{canonical, command::Argument};

/// How a command gets into the result.
#[derive(Debug)]
pub(crate) enum How<'a> {
    /// As it stands.
    Plain,
    /// With the line ends it had.
    Reframed { from: LineEnds, new_bytes: u64 },
    /// With a patch.
    Mended(&'a Patch),
}

/// Takes the items in order. Their spans do not overlap.
pub(crate) trait Book: Clone {
    /// A command. There are at least its first words; its bytes where more of them are to be had from these.
    fn command(&mut self, span: Range<u64>, argc: u64, words: &[Argument<'_>], raw: &[u8], how: How<'_>);

    /// A `#` line.
    fn annotation(&mut self, span: Range<u64>, line: &[u8]);

    /// Bytes between two items. `hurts`: something may have been there.
    fn hole(&mut self, span: Range<u64>, why: DropReason, hurts: bool);

    /// A hole begins with a command that can be made out, but not read.
    fn damaged(&mut self, front: &[Argument<'_>]);

    /// Commands from this offset on are those behind the first damage.
    fn count_behind(&mut self, from: u64);
}

/// The seconds of a `#TS:` line.
pub(super) fn time_of(line: &[u8]) -> Option<i64> {
    core::str::from_utf8(line.strip_prefix(b"#TS:")?.trim_ascii_end()).ok()?.parse().ok()
}

/// All words of a command, or those that are to be had.
pub(super) fn all_words<'a>(argc: u64, words: &'a [Argument<'a>], raw: &'a [u8]) -> Cow<'a, [Argument<'a>]> {
    let argc = usize::try_from(argc).unwrap_or(usize::MAX);
    if words.len() < argc && !raw.is_empty() {
        let mut all = Vec::new();
        if canonical::read(raw, u64::MAX, |word| all.push(word)).is_ok() {
            return Cow::Owned(all);
        }
    }
    Cow::Borrowed(words.get(..argc).unwrap_or(words))
}
