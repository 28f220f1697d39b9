//! Everything that listens to the commands of a set.

use core::ops::Range;

use snaptape_analysis::{ChoiceFold, KeyFacts, MeaningFold, ReplayFold, TapeFold};
use snaptape_aof::{Command, CommandSink, LoaderStop, Present, RefusalKind, TapeFacts, TapeScan};
use snaptape_rdb::LogicalType;
use snaptape_report::{Choice, KeyRange, Role};

use crate::kit::{TapeBegin, TapeResults, Tapes};

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
    /// Reads the commands of the file at hand.
    scan: Option<Box<TapeScan>>,
    /// Are they commands no server reads?
    lost_front: bool,
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
    /// Keys of the file at hand did not go in: nobody said that a tape stands behind them.
    untold_keys: bool,
    /// Did commands follow them?
    is_blind: bool,
}

impl Replaying {
    /// Keys that are there before the command at hand, in one database or all.
    fn held(&self, db: Option<u64>) -> Option<KeyRange> {
        self.fold.held(db).filter(|_| !self.is_blind)
    }
}

impl TapeSinks {
    /// Folds that look for this choice, or for accidents.
    pub(crate) fn new(choice: Option<Choice>) -> Self {
        Self { choice: ChoiceFold::new(choice), ..Self::default() }
    }

    fn begin_file(&mut self, path: &str) {
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
    fn end_file(&mut self, facts: &TapeFacts) {
        self.replay.fold.end_file();
        if facts.loader.refusal().is_some_and(|refusal| refusal.kind == RefusalKind::TooFewWords) {
            self.replay.fold.note_undefined();
        }
        self.replay.torn = facts.loader.stop != LoaderStop::CleanEof || facts.loader.refusal().is_some();
    }
}

impl Tapes for TapeSinks {
    fn open_file(&mut self, path: &str, role: Role) {
        let replay = &mut self.replay;
        replay.fold.begin_file(path);
        if role == Role::Other {
            // A set of its own.
            replay.fold.begin_set();
            self.present = Present::default();
        } else if replay.torn {
            replay.fold.lose_track();
        }
        (replay.role, replay.has_base, replay.torn, replay.untold_keys) = (Some(role), false, false, false);
        replay.has_any |= matches!(role, Role::Base | Role::Incr);
    }

    fn empty_file(&mut self, path: &str, role: Role) {
        let is_tape = matches!(role, Role::Base | Role::Incr | Role::Aof);
        if is_tape {
            self.open_file(path, if role == Role::Aof { Role::Other } else { role });
            self.replay.has_any = true;
        }
    }

    fn missing_file(&mut self) {
        self.replay.fold.lose_track();
        self.present.lose();
    }

    fn lost_file(&mut self) {
        self.present.lose();
    }

    fn key(&mut self, key: &KeyFacts<'_>) {
        let replay = &mut self.replay;
        if key.in_tape || matches!(replay.role, Some(Role::Base | Role::Incr)) {
            (replay.has_any, replay.has_base) = (true, true);
            replay.fold.base_key(key);
            self.present.base_key(key.db, key.name, key.logical == LogicalType::Stream);
            self.choice.snapshot_key(key.db, key.name, key.logical);
        }
    }

    fn snapshot(&mut self, keys: u64, whole: bool) {
        let replay = &mut self.replay;
        if !whole || (keys > 0 && !replay.has_base) {
            replay.torn = true;
            self.present.lose();
        }
        if keys > 0 && !replay.has_base {
            // Nobody said that they stand in front of a tape: which keys its commands find is not known.
            self.present.lose_track();
            replay.untold_keys = true;
        }
    }

    fn begin(&mut self, begin: TapeBegin<'_>) {
        let TapeBegin { path, start, file_bytes, release, guessed, lost_front, limits } = begin;
        // What it leaves cannot be counted without the keys it begins with.
        self.replay.is_blind |= self.replay.untold_keys;
        if !lost_front {
            self.begin_file(path);
        }
        let scan = TapeScan::new(start, file_bytes, release, limits).with_present(self.present.clone());
        self.scan = Some(Box::new(if guessed && !lost_front { scan.with_guessed_release() } else { scan }));
        self.lost_front = lost_front;
    }

    fn feed(&mut self, bytes: &[u8]) {
        let Some(mut scan) = self.scan.take() else { return };
        if self.lost_front {
            scan.feed(bytes, &mut ());
        } else {
            scan.feed(bytes, self);
        }
        self.scan = Some(scan);
    }

    fn end(&mut self) -> Option<TapeFacts> {
        let scan = self.scan.take()?;
        let (facts, present) = if self.lost_front {
            scan.finish_with_present(&mut ())
        } else {
            let (facts, present) = scan.finish_with_present(self);
            self.end_file(&facts);
            (facts, present)
        };
        self.present = present;
        // Behind a snapshot that breaks off nothing need follow.
        (!self.lost_front || facts.salvage.commands > 0).then_some(facts)
    }

    fn finish(self: Box<Self>) -> TapeResults {
        let Self { fold, choice, meaning, has_tape, replay, .. } = *self;
        let replay = (replay.has_any && !replay.is_blind).then(|| replay.fold.finish());
        let tape = has_tape.then(|| match &replay {
            Some(replay) => fold.finish_replayed(replay),
            None => fold.finish(),
        });
        TapeResults { tape, choice: choice.finish(), replay, meanings: meaning.finish() }
    }
}

impl CommandSink for TapeSinks {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        self.fold.command(command);
        self.choice.command_on(command, &|db| self.replay.held(db));
        self.replay.fold.command(command);
        self.meaning.command(command);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        self.fold.annotation(span.clone(), line, in_multi);
        self.choice.annotation_on(&span, line, &|db| self.replay.held(db));
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
