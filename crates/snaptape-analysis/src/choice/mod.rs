//! Finds on a tape what somebody wants to stop before, or to leave out, and what that does to everything behind it.
//!
//! Where nothing was chosen, the last FLUSHALL or FLUSHDB that removed something counts as chosen, for both: that is the accident
//! people come with.

mod block;
mod effects;
mod facts;
mod keys;
#[cfg(test)]
mod tests;

use core::ops::Range;

use snaptape_aof::{Command, CommandSink};
use snaptape_rdb::LogicalType;
use snaptape_report::{Choice, CommandPlace, KeyRange};

use self::{
    block::Block,
    effects::{Kind, effects},
    keys::Keyspace,
};
pub use self::{
    facts::{ChoiceFacts, Cut, Named, Refusal, Taken},
    keys::{Aftermath, SomeKeys},
};

/// Looks for what was chosen, in the commands of tapes in the order a server loads them. [`Self::begin_file`] before each file.
///
/// ```
/// use snaptape_analysis::ChoiceFold;
/// use snaptape_aof::TapeScan;
/// use snaptape_wire::{Limits, Release};
///
/// let file = b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\n1\r\n*1\r\n$8\r\nFLUSHALL\r\n*2\r\n$4\r\nINCR\r\n$1\r\nk\r\n";
/// let mut fold = ChoiceFold::new(None);
/// fold.begin_file("appendonly.aof");
/// let mut scan = TapeScan::new(0, file.len() as u64, Release::redis(7, 4), Limits::default());
/// scan.feed(file, &mut fold);
/// scan.finish(&mut fold);
/// let facts = fold.finish();
/// assert_eq!(facts.taken[0].span, 27..45);
/// // One key is there again, and the INCR goes on from its value.
/// assert_eq!((facts.aftermath.back.words(), facts.aftermath.building_commands), ("1 key".into(), 1));
/// ```
#[derive(Debug, Clone, Default)]
pub struct ChoiceFold {
    choice: Option<Choice>,
    file: String,
    db: u64,
    time_s: Option<i64>,
    /// Commands of this file so far.
    commands: u64,
    /// Was there anything that makes a key?
    has_data: bool,
    /// Were there commands whose keys are not known?
    has_unknown: bool,
    /// Offsets in this file to be taken out, the next one last.
    wanted: Vec<u64>,
    /// For each place that was asked for: was something found there?
    found: Vec<bool>,
    block: Option<Block>,
    /// The last flush that is kept.
    last_flush: Option<Named>,
    keys: Keyspace,
    facts: ChoiceFacts,
}

/// A flush: of one database, or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flush {
    All,
    Db(u64),
}

impl Flush {
    fn db(self) -> Option<u64> {
        match self {
            Self::All => None,
            Self::Db(db) => Some(db),
        }
    }
}

impl ChoiceFold {
    /// Looks for this choice, or for accidents.
    pub fn new(choice: Option<Choice>) -> Self {
        let n = match &choice {
            Some(Choice::Without { commands }) => commands.len(),
            _ => 0,
        };
        Self { found: vec![false; n], choice, ..Self::default() }
    }

    /// The commands that follow come from this file. Every file starts in database 0, whatever was selected before.
    pub fn begin_file(&mut self, path: &str) {
        self.rollback();
        path.clone_into(&mut self.file);
        (self.db, self.commands) = (0, 0);
        self.wanted.clear();
        if let Some(Choice::Without { commands }) = &self.choice {
            self.wanted.extend(commands.iter().filter(|place| place.is_in(path)).map(|place| place.offset));
            self.wanted.sort_unstable();
            self.wanted.reverse();
            self.wanted.dedup();
        }
    }

    /// A key of a snapshot that is loaded before the commands.
    pub fn snapshot_key(&mut self, db: u64, name: &[u8], logical: LogicalType) {
        self.has_data = true;
        let kind = match logical {
            LogicalType::String => Kind::String,
            LogicalType::List => Kind::List,
            LogicalType::Set => Kind::Set,
            LogicalType::Zset => Kind::Zset,
            LogicalType::Hash => Kind::Hash,
            LogicalType::Stream => Kind::Stream,
            _ => Kind::Unknown,
        };
        self.keys.is_there(db, name, kind);
    }

    /// What was found. A block that is still open does not count.
    pub fn finish(mut self) -> ChoiceFacts {
        self.rollback();
        if let Some(Choice::Without { commands }) = &self.choice {
            let missed = commands.iter().zip(&self.found).filter(|(_, found)| !**found);
            self.facts.missed = missed.map(|(place, _)| place.clone()).collect();
        }
        if let (Some(Choice::Before(place)), None) = (&self.choice, &self.facts.cut) {
            self.facts.missed.push(place.clone());
        }
        self.facts.aftermath = self.keys.aftermath;
        self.facts
    }

    fn named(&self, name: &[u8], span: Range<u64>) -> Named {
        Named {
            name: String::from_utf8_lossy(name).to_ascii_uppercase(),
            file: self.file.clone(),
            span,
            db: self.db,
            time_s: self.time_s,
        }
    }

    /// Is this where `before` stops? `name` for a command, nothing for a line with this time.
    fn look_for_cut(&mut self, name: Option<&[u8]>, span: &Range<u64>, time_s: Option<i64>, held: &Held<'_>) {
        if self.facts.cut.is_some() && self.facts.found_in.is_empty() {
            return;
        }
        let asked = match &self.choice {
            // A point inside a command is one before it: what is only half there is not there.
            Some(Choice::Before(place)) if place.offset < span.end && place.is_in(&self.file) => {
                let anywhere = place.file.is_none();
                let asked = place.offset;
                if anywhere && self.facts.found_in.last() != Some(&self.file) {
                    self.facts.found_in.push(self.file.clone());
                }
                Some(asked)
            }
            Some(Choice::BeforeTime { time_s: wanted }) if time_s.is_some_and(|time_s| time_s > *wanted) => {
                None
            }
            _ => return,
        };
        if self.facts.cut.is_none() {
            self.cut(name.unwrap_or(b"#TS"), span, asked, held);
        }
    }

    /// `before` stops here.
    fn cut(&mut self, name: &[u8], span: &Range<u64>, asked: Option<u64>, held: &Held<'_>) {
        self.save();
        self.keys.begin_round();
        let (at, commands_before) = match &self.block {
            Some(block) => (block.start, block.commands_before),
            None => (span.start, self.commands),
        };
        let item = self.named(name, span.clone());
        let flushed_then = match &self.choice {
            Some(Choice::BeforeTime { time_s }) => {
                self.last_flush.clone().filter(|flush| flush.time_s == Some(*time_s))
            }
            _ => None,
        };
        let (data_before, held) = (self.has_data, held(None));
        self.facts.cut = Some(Cut { at, item, asked, commands_before, data_before, held, flushed_then });
    }

    /// Is this one to be taken out?
    fn is_wanted(&mut self, name: &[u8], span: &Range<u64>, is_command: bool) -> bool {
        let mut wanted = false;
        while let Some(asked) = self.wanted.last().copied().filter(|asked| *asked < span.end) {
            self.wanted.pop();
            self.note_found(asked);
            let item = self.named(name, span.clone());
            if asked != span.start {
                self.facts.refusals.push(Refusal::Inside { asked, item });
            } else if !is_command {
                self.facts.refusals.push(Refusal::Annotation(item));
            } else if name.eq_ignore_ascii_case(b"SELECT") {
                self.facts.refusals.push(Refusal::Select(item));
            } else {
                wanted = true;
            }
        }
        wanted
    }

    fn note_found(&mut self, offset: u64) {
        let Some(Choice::Without { commands }) = &self.choice else { return };
        for (place, found) in commands.iter().zip(&mut self.found) {
            if place.offset == offset && place.is_in(&self.file) {
                *found = true;
                if place.file.is_none() && self.facts.found_in.last() != Some(&self.file) {
                    self.facts.found_in.push(self.file.clone());
                }
            }
        }
    }

    /// Takes a command out; inside a block that is settled with its EXEC.
    fn take(&mut self, command: &Command<'_>) {
        if self.facts.taken.is_empty() && self.block.as_ref().is_none_or(|block| block.taken.is_empty()) {
            self.save();
            if self.choice.is_some() {
                self.keys.begin_round();
            }
        }
        let item = self.named(command.name(), command.span.clone());
        if let Some(block) = &mut self.block {
            block.taken.push(item);
        } else {
            let span = command.span.clone();
            self.facts.taken.push(Taken { item, span, transaction: false, commands: 1, select: None });
        }
    }

    /// Databases are emptied; `taken` when that is to be left out.
    fn flush(&mut self, command: &Command<'_>, flush: Flush, mut taken: bool, held: &Held<'_>) {
        // Of what its own block has made before it, a replay knows nothing yet.
        let known = held(flush.db()).filter(|_| !command.in_multi);
        let removed = known.unwrap_or_else(|| self.keys.at_hand(flush.db()));
        if self.choice.is_none() {
            let may_be_nothing = known.is_some() || !self.has_unknown;
            taken = self.accident(command, flush, removed.is_none() && may_be_nothing, held);
        } else if !taken && !self.facts.taken.is_empty() && self.facts.emptied_again.is_none() {
            let same = self.facts.taken.iter().any(|taken| match taken.item.name.as_str() {
                "FLUSHALL" => true,
                _ => flush == Flush::All || flush == Flush::Db(taken.item.db),
            });
            if same {
                self.save();
                self.facts.emptied_again = Some(self.named(command.name(), command.span.clone()));
            }
        }
        if !taken && !removed.is_none() {
            self.last_flush = Some(self.named(command.name(), command.span.clone()));
        }
        self.keys.flush(flush.db(), &removed, taken);
    }

    /// Is this flush the accident, or part of it?
    fn accident(
        &mut self,
        command: &Command<'_>,
        flush: Flush,
        nothing_there: bool,
        held: &Held<'_>,
    ) -> bool {
        if nothing_there {
            // Nothing to take back, unless the one before is: then this one would remove it all again.
            let again = self.keys.has_ghosts(flush.db()) && self.flushes_taken().next().is_some();
            if again {
                self.take(command);
            }
            return again;
        }
        self.save();
        let earlier: Vec<Named> = self.flushes_taken().cloned().collect();
        self.facts.others_total += earlier.len() as u64;
        let room = ChoiceFacts::MAX_OTHERS.saturating_sub(self.facts.others.len());
        self.facts.others.extend(earlier.into_iter().take(room));
        self.facts.taken.clear();
        if let Some(block) = &mut self.block {
            block.taken.clear();
        }
        self.cut(command.name(), &command.span, None, held);
        self.take(command);
        true
    }

    /// What a command does to the keys that are there.
    fn apply(&mut self, command: &Command<'_>, taken: bool, held: &Held<'_>) {
        let name = command.name();
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        match name.len() {
            6 if is(b"SELECT") => {
                let db = command.argument(1).and_then(|db| core::str::from_utf8(db.bytes).ok()?.parse().ok());
                self.db = db.unwrap_or(self.db);
                return;
            }
            6 if is(b"SWAPDB") && !taken => {
                let db = |index| {
                    command.argument(index).and_then(|db| core::str::from_utf8(db.bytes).ok()?.parse().ok())
                };
                if let (Some(a), Some(b)) = (db(1), db(2)) {
                    self.keys.swap(a, b);
                }
                return;
            }
            7 if is(b"FLUSHDB") => return self.flush(command, Flush::Db(self.db), taken, held),
            8 if is(b"FLUSHALL") => return self.flush(command, Flush::All, taken, held),
            _ => {}
        }
        let (db, keys) = (self.db, &mut self.keys);
        let mut any = false;
        let known = effects(command, |key, len_bytes, effect| {
            any = true;
            if taken {
                keys.taken_out(db, key, len_bytes, effect);
            } else {
                keys.command(db, key, len_bytes, effect);
            }
        });
        self.has_data |= any || !known;
        self.has_unknown |= !known;
        self.keys.aftermath.unknown_commands += u64::from(!known && !taken);
    }

    fn flushes_taken(&self) -> impl Iterator<Item = &Named> {
        let block = self.block.iter().flat_map(|block| &block.taken);
        self.facts.taken.iter().map(|taken| &taken.item).chain(block)
    }
}

/// Where somebody, a replay, knows it: the keys that are there before the command at hand, in one database or all.
pub type Held<'a> = dyn Fn(Option<u64>) -> Option<KeyRange> + 'a;

impl ChoiceFold {
    /// [`CommandSink::command`], and how many keys there are before it.
    pub fn command_on(&mut self, command: &Command<'_>, held: &Held<'_>) {
        let name = command.name();
        let is = |word: &[u8]| name.eq_ignore_ascii_case(word);
        if command.in_multi && self.block.is_none() {
            self.open_block(command.span.start);
        }
        self.look_for_cut(Some(name), &command.span, None, held);
        let chosen = self.is_wanted(name, &command.span, true);
        let taken = chosen || self.block.as_ref().is_some_and(|block| block.whole);
        if let Some(block) = &mut self.block {
            block.end = command.span.end;
            block.commands += 1;
            if is(b"MULTI") || is(b"EXEC") {
                block.whole |= chosen;
            } else if !is(b"SELECT") {
                block.inner += 1;
            }
        }
        if chosen {
            self.take(command);
        }
        self.apply(command, taken, held);
        self.commands += 1;
    }

    /// [`CommandSink::annotation`], and how many keys there are before it.
    pub fn annotation_on(&mut self, span: &Range<u64>, line: &[u8], held: &Held<'_>) {
        let time_s = line.strip_prefix(b"#TS:").map(<[u8]>::trim_ascii_end);
        let time_s = time_s.and_then(|text| core::str::from_utf8(text).ok()?.parse::<i64>().ok());
        self.look_for_cut(None, span, time_s, held);
        self.is_wanted(b"#TS", span, false);
        if let Some(time_s) = time_s {
            self.facts.first_time_s.get_or_insert(time_s);
            self.facts.last_time_s = Some(time_s);
            self.time_s = Some(time_s);
        }
    }
}

impl CommandSink for ChoiceFold {
    fn command(&mut self, command: &Command<'_>) {
        self.command_on(command, &|_| None);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        let _ = in_multi;
        self.annotation_on(&span, line, &|_| None);
    }

    fn commit(&mut self) {
        self.close_block();
    }

    fn rollback(&mut self) {
        self.undo_block();
    }
}

/// The place of something that was named.
impl From<&Named> for CommandPlace {
    fn from(named: &Named) -> Self {
        Self { file: Some(named.file.clone()), offset: named.span.start }
    }
}
