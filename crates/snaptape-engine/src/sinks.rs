//! Everything that listens to the commands of a set.

use core::ops::Range;

use snaptape_analysis::{ChoiceFacts, ChoiceFold, KeyFacts, MeaningFacts, MeaningFold, ReplayFold, TapeFold};
use snaptape_aof::{Command, CommandSink, LoaderStop, Present, RefusalKind, TapeFacts};
use snaptape_rdb::LogicalType;
use snaptape_report::{Choice, Replay, Role, Tape};
use snaptape_wire::Release;

/// All folds over commands, side by side: each command goes to every one of them, in the order the files are loaded.
#[derive(Debug, Default)]
pub(crate) struct TapeSinks {
    /// What the tape holds.
    fold: TapeFold,
    /// What was chosen on it.
    choice: ChoiceFold,
    /// What its commands mean to a server.
    meaning: MeaningFold,
    has_tape: bool,
    /// Which keys it leaves.
    replay: Replaying,
    /// The keys a copy of the files so far may hold, for what is salvaged behind them.
    present: Present,
}

/// The replay, and how it stands with the file at hand.
#[derive(Debug, Default)]
struct Replaying {
    fold: ReplayFold,
    /// Is there anything to replay?
    has_any: bool,
    role: Option<Role>,
    /// Keys of the file at hand went in.
    has_base: bool,
    /// The last file was not loaded to its end: no server loads the next one behind it.
    torn: bool,
}

/// What the folds found.
#[derive(Debug)]
pub(crate) struct TapeResults {
    pub(crate) tape: Option<Tape>,
    pub(crate) choice: ChoiceFacts,
    /// By path of the file.
    pub(crate) meanings: Vec<(String, MeaningFacts)>,
    pub(crate) replay: Option<Replay>,
}

impl TapeSinks {
    /// Folds that look for this choice, or for accidents.
    pub(crate) fn new(choice: Option<Choice>) -> Self {
        Self { choice: ChoiceFold::new(choice), ..Self::default() }
    }

    /// A file that plays this part is about to be read.
    pub(crate) fn open_file(&mut self, path: &str, role: Role) {
        let replay = &mut self.replay;
        replay.fold.begin_file(path);
        if role == Role::Other {
            // A set of its own.
            replay.fold.begin_set();
            self.present = Present::default();
        } else if replay.torn {
            replay.fold.lose_track();
        }
        (replay.role, replay.has_base, replay.torn) = (Some(role), false, false);
        replay.has_any |= matches!(role, Role::Base | Role::Incr);
    }

    /// An empty file that plays this part needs no read.
    pub(crate) fn empty_file(&mut self, path: &str, role: Role) {
        let is_tape = matches!(role, Role::Base | Role::Incr | Role::Aof);
        if is_tape {
            self.open_file(path, if role == Role::Aof { Role::Other } else { role });
            self.replay.has_any = true;
        }
    }

    /// A file is not there that should be read now.
    pub(crate) fn missing_file(&mut self) {
        self.replay.fold.lose_track();
        self.present.lose();
    }

    /// Nothing of the file at hand can be read.
    pub(crate) fn lost_file(&mut self) {
        self.present.lose();
    }

    /// The keys that are there when the commands of the file at hand begin.
    pub(crate) fn present(&self) -> Present {
        self.present.clone()
    }

    /// The keys that are there behind it.
    pub(crate) fn set_present(&mut self, present: Present) {
        self.present = present;
    }

    /// A key of the snapshot that is being read.
    #[inline]
    pub(crate) fn key(&mut self, key: &KeyFacts<'_>) {
        let replay = &mut self.replay;
        if key.in_tape || matches!(replay.role, Some(Role::Base | Role::Incr)) {
            (replay.has_any, replay.has_base) = (true, true);
            replay.fold.base_key(key);
            self.present.base_key(key.db, key.name, key.logical == LogicalType::Stream);
            self.choice.snapshot_key(key.db, key.name, key.logical);
        }
    }

    /// The snapshot of the file at hand was read; so many keys, to its end or not.
    pub(crate) fn snapshot(&mut self, keys: u64, whole: bool) {
        let replay = &mut self.replay;
        if !whole || (keys > 0 && !replay.has_base) {
            replay.torn = true;
            self.present.lose();
        }
        if keys > 0 && !replay.has_base {
            // Nobody said that they stand in front of a tape.
            self.present.lose_track();
        }
    }

    /// The commands that follow come from this file, which is judged for this release.
    pub(crate) fn begin_file(&mut self, path: &str, release: Release) {
        let _ = release;
        self.fold.begin_file(path);
        self.choice.begin_file(path);
        self.meaning.begin_file(path);
        self.has_tape = true;
        let replay = &mut self.replay;
        replay.has_any = true;
        if core::mem::take(&mut replay.torn) {
            replay.fold.lose_track();
        }
    }

    /// The last command of the file was there.
    pub(crate) fn end_file(&mut self, facts: &TapeFacts) {
        self.replay.fold.end_file();
        if facts.loader.refusal().is_some_and(|refusal| refusal.kind == RefusalKind::TooFewWords) {
            self.replay.fold.note_undefined();
        }
        self.replay.torn = facts.loader.stop != LoaderStop::CleanEof || facts.loader.refusal().is_some();
    }

    /// All files are through.
    pub(crate) fn finish(self) -> TapeResults {
        let replay = self.replay.has_any.then(|| self.replay.fold.finish());
        let tape = self.has_tape.then(|| match &replay {
            Some(replay) => self.fold.finish_replayed(replay),
            None => self.fold.finish(),
        });
        TapeResults { tape, choice: self.choice.finish(), replay, meanings: self.meaning.finish() }
    }
}

impl CommandSink for TapeSinks {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        self.fold.command(command);
        self.choice.command(command);
        self.replay.fold.command(command);
        self.meaning.command(command);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        self.fold.annotation(span.clone(), line, in_multi);
        self.choice.annotation(span.clone(), line, in_multi);
        self.meaning.annotation(span, line, in_multi);
    }

    fn commit(&mut self) {
        self.fold.commit();
        self.choice.commit();
        self.meaning.commit();
    }

    fn rollback(&mut self) {
        self.fold.rollback();
        self.choice.rollback();
        self.meaning.rollback();
    }

    fn loaded(&mut self, command: &Command<'_>) {
        self.replay.fold.loaded(command);
    }
}
