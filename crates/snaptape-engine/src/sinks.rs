//! Everything that listens to the commands of a set.

use core::ops::Range;

use snaptape_analysis::TapeFold;
use snaptape_aof::{Command, CommandSink};
use snaptape_report::Tape;
use snaptape_wire::Release;

/// All folds over commands, side by side: each command goes to every one of them, in the order the files are loaded.
#[derive(Debug, Default)]
pub(crate) struct TapeSinks {
    /// What the tape holds.
    fold: TapeFold,
}

/// What the folds found.
#[derive(Debug)]
pub(crate) struct TapeResults {
    pub(crate) tape: Tape,
}

impl TapeSinks {
    /// The commands that follow come from this file, which is judged for this release.
    pub(crate) fn begin_file(&mut self, path: &str, release: Release) {
        let _ = release;
        self.fold.begin_file(path);
    }

    /// All files are through.
    pub(crate) fn finish(self) -> TapeResults {
        TapeResults { tape: self.fold.finish() }
    }
}

impl CommandSink for TapeSinks {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        self.fold.command(command);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        self.fold.annotation(span, line, in_multi);
    }

    fn commit(&mut self) {
        self.fold.commit();
    }

    fn rollback(&mut self) {
        self.fold.rollback();
    }
}
