//! Replays tapes as far as keys are concerned: which are there, of which type, with how many elements; in bounded memory.
//!
//! Keys and members are kept as hashes of 64 bits. What cannot be followed exactly (collections that came from a snapshot, or have
//! too many members) is followed within bounds, by the rule that a server writes down a command only if it changed something. So every
//! count has a lower and an upper end, which meet where everything is known. Beyond a number of keys a sample of them is followed.

mod access;
mod actions;
mod extent;
mod facts;
mod keyspace;
mod lists;
mod members;
mod run;
mod script;
mod sets;
mod spaces;
mod state;
mod stores;
mod streams;
mod strings;
mod table;
#[cfg(test)]
mod tests;
mod words;
mod zsets;

use core::ops::Range;
use snaptape_sort::Sort as _;

use snaptape_aof::{Argument, Command, CommandSink, CommandSpec};
use snaptape_rdb::LogicalType;
use snaptape_report::{DatabaseKeys, DatabaseState, KeyRange, Replay, TypeKeys};

use self::{
    extent::Extent,
    facts::Facts,
    spaces::{Space, is_certain},
    state::{Expiry, State},
    table::{Kind, Table},
    words::{Words, argument},
};
use crate::KeyFacts;

/// Most keys that are all followed; of more, a sample is. They take 33 bytes each, and tables are at most 7/8 full: 66 MiB.
const MAX_KEYS: usize = (1 << 21) / 8 * 7 - (1 << 16);
/// What the members of collections take at most; allocators add about half of it.
const MAX_MEMBER_BYTES: usize = 16 << 20;
/// What is held of the commands of an open MULTI block. More are executed at once, and the state before is remembered.
const MAX_QUEUE_BYTES: usize = 1 << 20;

/// Replays a base and tapes, in the order a server loads them.
///
/// [`Self::base_key`] for every key of a snapshot in front, [`Self::begin_file`] before each file. Commands of a MULTI block run at
/// their EXEC, as in a server; without one they do not.
///
/// ```
/// use snaptape_analysis::ReplayFold;
/// use snaptape_aof::TapeScan;
/// use snaptape_wire::{Limits, Release};
///
/// let file = b"*3\r\n$4\r\nSADD\r\n$1\r\nk\r\n$1\r\na\r\n*3\r\n$4\r\nSREM\r\n$1\r\nk\r\n$1\r\na\r\n";
/// let mut fold = ReplayFold::default();
/// fold.begin_file("appendonly.aof");
/// let mut scan = TapeScan::new(0, file.len() as u64, Release::redis(7, 4), Limits::default());
/// scan.feed(&file[..30], &mut fold);
/// scan.feed(&file[30..], &mut fold);
/// scan.finish(&mut fold);
/// let replay = fold.finish();
/// assert_eq!(replay.databases, []);
/// assert_eq!(replay.void_commands, 2);
/// ```
#[derive(Debug, Clone)]
pub struct ReplayFold {
    state: State,
    queue: Option<Queue>,
    /// The last queue, empty: its room serves the next one.
    spare: Queue,
    /// What was known before the block that is open, where its commands did not fit into the queue.
    before_block: Option<Box<Before>>,
    complete: bool,
    /// Databases at the end of the last file, where its last commands were executed here and would not be by a server.
    taken_back: Option<Box<Before>>,
}

/// Commands that wait for their EXEC.
#[derive(Debug, Clone, Default)]
struct Queue {
    /// Their arguments, one behind the other.
    bytes: Vec<u8>,
    words: Vec<(u64, Range<usize>)>,
    commands: Vec<Queued>,
}

#[derive(Debug, Clone)]
struct Queued {
    span: Range<u64>,
    spec: Option<&'static CommandSpec>,
    argc: u64,
    words: Range<usize>,
}

impl Queue {
    fn held_bytes(&self) -> usize {
        self.bytes.len()
            + self.words.len() * size_of::<(u64, Range<usize>)>()
            + self.commands.len() * size_of::<Queued>()
    }

    fn push(&mut self, command: &Command<'_>) {
        let first = self.words.len();
        for word in command.arguments() {
            let start = self.bytes.len();
            self.bytes.extend_from_slice(word.bytes);
            self.words.push((word.len_bytes, start..self.bytes.len()));
        }
        let words = first..self.words.len();
        let Command { argc, spec, .. } = *command;
        self.commands.push(Queued { span: command.span.clone(), spec, argc, words });
    }

    fn run(&self, state: &mut State) {
        let mut all: Vec<Argument<'_>> = Vec::new();
        for command in &self.commands {
            let words = self.words.get(command.words.clone()).unwrap_or_default();
            all.clear();
            all.extend(words.iter().map(|(len_bytes, at)| Argument {
                len_bytes: *len_bytes,
                bytes: self.bytes.get(at.clone()).unwrap_or_default(),
            }));
            let Queued { span, spec, argc, .. } = command;
            state.run(&Words { span: span.clone(), spec: *spec, all: &all, argc: *argc });
        }
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.words.clear();
        self.commands.clear();
    }
}

/// What is reported, as it was before a block.
#[derive(Debug, Clone)]
struct Before {
    databases: Vec<DatabaseState>,
    types: Vec<TypeKeys>,
    facts: Facts,
}

impl Default for ReplayFold {
    fn default() -> Self {
        Self::with_limits(MAX_KEYS, MAX_MEMBER_BYTES)
    }
}

impl ReplayFold {
    fn with_limits(max_keys: usize, max_member_bytes: usize) -> Self {
        Self {
            state: State::new(max_keys, max_member_bytes),
            queue: None,
            spare: Queue::default(),
            before_block: None,
            complete: true,
            taken_back: None,
        }
    }

    /// The keys and commands that follow come from this file. Every file starts in database 0, and no block reaches into it.
    pub fn begin_file(&mut self, path: &str) {
        self.end_file();
        if self.taken_back.take().is_some() {
            // Commands were executed that would not have been. No server loads a file behind one that was cut.
            self.lose_track();
        }
        self.state.facts.end_run(self.state.table.one_in());
        path.clone_into(&mut self.state.facts.file);
        self.state.select(0);
    }

    /// What follows is a set of its own, loaded into an empty server: a tape beside others.
    pub fn begin_set(&mut self) {
        self.state.spaces.flush_all(|_| {});
        self.state.select(0);
    }

    /// A key of the snapshot in front.
    pub fn base_key(&mut self, key: &KeyFacts<'_>) {
        self.state.pay(0);
        let space = self.state.space_of(key.db);
        let Some(mut cell) = self.state.open_in(space, &argument(key.name)) else { return };
        let (kind, extent) = match key.logical {
            LogicalType::String => (Kind::String, key.elements.map_or(Extent::ANY, Extent::exactly)),
            logical => (kind_of(logical), key.elements.map_or(Extent::SOME, Extent::exactly)),
        };
        self.state.set(&mut cell, kind, extent);
        cell.expiry = if key.expires_at_ms.is_some() { Expiry::Yes } else { Expiry::No };
        cell.bytes = key.file_bytes;
        self.state.close(cell);
    }

    /// From here on there may be keys nobody saw, and those that were seen may have changed: a snapshot or a file could not be read.
    pub fn lose_track(&mut self) {
        self.complete = false;
        self.state.spaces.doubt_everything();
    }

    /// A command was there whose outcome nobody can tell: a server that runs it reads what is not there. What is told of the databases
    /// is an estimate from here on.
    pub fn note_undefined(&mut self) {
        self.state.spaces.blur_all();
    }

    /// Keys that are there now, in one database or all, as if an open MULTI block were not there. Nothing where that cannot be told:
    /// in the middle of a very large block, and for all of very many databases.
    pub fn held(&self, db: Option<u64>) -> Option<KeyRange> {
        if self.before_block.is_some() { None } else { self.state.held(db) }
    }

    /// The last command of a file was there. What waits for an EXEC is not executed.
    pub fn end_file(&mut self) {
        self.queue = None;
        if let Some(before) = self.before_block.take() {
            self.taken_back = Some(before);
        }
    }

    /// What is left, and what was found on the way.
    pub fn finish(mut self) -> Replay {
        self.end_file();
        let Before { databases, types, mut facts } = match self.taken_back.take() {
            Some(before) => *before,
            None => self.before(),
        };
        facts.end_run(self.state.table.one_in());
        Replay {
            databases,
            types,
            complete: self.complete,
            one_in: self.state.table.one_in(),
            void_commands: facts.void_commands,
            void_bytes: facts.void_bytes,
            removals: facts.removals,
            removals_total: facts.removals_total,
            wrong_type: facts.wrong_type,
            no_effect: facts.no_effect,
        }
    }

    fn before(&self) -> Before {
        let one_in = self.state.table.one_in();
        let state = |(db, space): (u64, &Space)| {
            let counts = &space.counts;
            DatabaseState {
                keys: DatabaseKeys {
                    db,
                    keys_min: counts.certain * one_in,
                    keys_max: (counts.certain + counts.perhaps) * one_in,
                    estimated: one_in > 1 || space.open || space.blurred,
                },
                expires_min: counts.expires * one_in,
                expires_max: (counts.expires + counts.may_expire) * one_in,
            }
        };
        let databases = self.state.spaces.iter().map(state);
        let databases = databases.filter(|db| db.keys.keys_max > 0 || db.keys.estimated && !self.complete);
        Before {
            databases: databases.take(Replay::MAX_DATABASES).collect(),
            types: types(&self.state, &self.state.table),
            facts: self.state.facts.clone(),
        }
    }

    /// A command that the server loads.
    #[inline]
    fn load(&mut self, command: &Command<'_>) {
        let name = command.name();
        match name.len() {
            5 if self.queue.is_none() && name.eq_ignore_ascii_case(b"MULTI") => {
                self.queue = Some(core::mem::take(&mut self.spare));
            }
            4 if name.eq_ignore_ascii_case(b"EXEC") => {
                if let Some(mut queue) = self.queue.take() {
                    queue.run(&mut self.state);
                    queue.clear();
                    self.spare = queue;
                }
                self.before_block = None;
            }
            _ => self.load_one(command),
        }
    }

    #[inline]
    fn load_one(&mut self, command: &Command<'_>) {
        if self.queue.is_some() {
            self.wait(command);
            if self.before_block.is_none() {
                return;
            }
        }
        let Command { argc, spec, .. } = *command;
        let span = command.span.clone();
        self.state.run(&Words { span, spec, all: command.words(), argc });
    }

    /// A command waits for its EXEC. When too many do, they are executed before it, and the state is remembered.
    fn wait(&mut self, command: &Command<'_>) {
        if self.before_block.is_some() {
            return;
        }
        let Some(queue) = &mut self.queue else { return };
        queue.push(command);
        if queue.held_bytes() > MAX_QUEUE_BYTES {
            let queue = core::mem::take(queue);
            let before = self.before();
            queue.run(&mut self.state);
            self.before_block = Some(Box::new(before));
        }
    }
}

/// Keys by type.
fn types(state: &State, table: &Table) -> Vec<TypeKeys> {
    let mut sums = [(0_u64, 0_u64); Kind::ALL.len()];
    for entry in table.iter() {
        let Some(space) = state.spaces.get(entry.space).filter(|space| space.live) else { continue };
        let (kind, certain) = if entry.doubt() == space.doubt {
            (entry.kind, is_certain(entry, space.doubt))
        } else {
            (Kind::Unknown, false)
        };
        if let Some((least, most)) = sums.get_mut(kind as usize) {
            *least += u64::from(certain) * table.one_in();
            *most += table.one_in();
        }
    }
    let rows = Kind::ALL.iter().zip(sums).filter(|(_, (_, most))| *most > 0);
    let mut rows: Vec<TypeKeys> = rows
        .map(|(kind, (keys_min, keys_max))| TypeKeys { type_name: kind.name().into(), keys_min, keys_max })
        .collect();
    rows.order_by(|a, b| b.keys_max.cmp(&a.keys_max).then_with(|| a.type_name.cmp(&b.type_name)));
    rows
}

fn kind_of(logical: LogicalType) -> Kind {
    match logical {
        LogicalType::String => Kind::String,
        LogicalType::List => Kind::List,
        LogicalType::Set => Kind::Set,
        LogicalType::Zset => Kind::Zset,
        LogicalType::Hash => Kind::Hash,
        LogicalType::Stream => Kind::Stream,
        LogicalType::Array => Kind::Array,
        LogicalType::Module => Kind::Module,
        _ => Kind::Unknown,
    }
}

impl CommandSink for ReplayFold {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        self.load(command);
    }

    fn loaded(&mut self, command: &Command<'_>) {
        self.load(command);
    }
}
