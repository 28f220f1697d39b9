//! Everything that listens to the commands of a set.

use core::ops::Range;

use snaptape_analysis::{ChoiceFacts, ChoiceFold, KeyFacts, TapeFold};
use snaptape_aof::{Command, CommandSink};
use snaptape_report::{Choice, Tape};
use snaptape_wire::Release;

/// All folds over commands, side by side: each command goes to every one of them, in the order the files are loaded.
#[derive(Debug, Default)]
pub(crate) struct TapeSinks {
    /// What the tape holds.
    fold: TapeFold,
    /// What was chosen on it.
    choice: ChoiceFold,
}

/// What the folds found.
#[derive(Debug)]
pub(crate) struct TapeResults {
    pub(crate) tape: Tape,
    pub(crate) choice: ChoiceFacts,
}

impl TapeSinks {
    /// Folds that look for this choice, or for accidents.
    pub(crate) fn new(choice: Option<Choice>) -> Self {
        Self { choice: ChoiceFold::new(choice), ..Self::default() }
    }

    /// A key of a snapshot that commands may follow.
    pub(crate) fn snapshot_key(&mut self, key: &KeyFacts<'_>) {
        self.choice.snapshot_key(key.db, key.name, key.logical);
    }

    /// The commands that follow come from this file, which is judged for this release.
    pub(crate) fn begin_file(&mut self, path: &str, release: Release) {
        let _ = release;
        self.fold.begin_file(path);
        self.choice.begin_file(path);
    }

    /// All files are through.
    pub(crate) fn finish(self) -> TapeResults {
        TapeResults { tape: self.fold.finish(), choice: self.choice.finish() }
    }
}

impl CommandSink for TapeSinks {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        self.fold.command(command);
        self.choice.command(command);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        self.fold.annotation(span.clone(), line, in_multi);
        self.choice.annotation(span, line, in_multi);
    }

    fn commit(&mut self) {
        self.fold.commit();
        self.choice.commit();
    }

    fn rollback(&mut self) {
        self.fold.rollback();
        self.choice.rollback();
    }
}
