//! What the commands of a tape mean to a server, beyond their framing: names it does not know, words that are missing, databases
//! it does not have, commands that do something else when they run again, blocks too long to be believed, time that runs backwards,
//! stretches that stand there twice.
//!
//! Facts only: what a program makes of them, and what they cost, is said by `snaptape-repair`.

mod doubled;
mod facts;
#[cfg(test)]
mod tests;

use core::ops::Range;

use snaptape_aof::{Command, CommandSink, CommandSpec, commands};

pub use facts::{Block, Doubled, MeaningFacts, Places, Shown, Times, Used};

/// Databases a server has unless told otherwise.
const DEFAULT_DATABASES: u64 = 16;
/// A command not used yet.
const UNUSED: u16 = u16::MAX;

/// Gathers [`MeaningFacts`] of each file of a set, in the order they are loaded. [`Self::begin_file`] before each.
///
/// Commands of a MULTI block count once its EXEC was seen. Two folds over consecutive files of a set join with [`Self::append`].
///
/// ```
/// use snaptape_analysis::MeaningFold;
/// use snaptape_aof::TapeScan;
/// use snaptape_wire::{Limits, Release};
///
/// let file = b"*2\r\n$6\r\nSELECT\r\n$2\r\n16\r\n*3\r\n$4\r\nSPOP\r\n$1\r\nk\r\n$1\r\n1\r\n";
/// let mut fold = MeaningFold::default();
/// fold.begin_file("appendonly.aof");
/// let mut scan = TapeScan::new(0, file.len() as u64, Release::redis(7, 4), Limits::default());
/// scan.feed(file, &mut fold);
/// scan.finish(&mut fold);
/// let files = fold.finish();
/// assert_eq!(files[0].1.bad_selects.places.offsets, [0]);
/// assert_eq!(files[0].1.unrepeatable.len(), 1);
/// ```
#[derive(Debug, Clone, Default)]
pub struct MeaningFold {
    done: Vec<(String, MeaningFacts)>,
    /// The file at hand.
    current: Option<Current>,
}

#[derive(Debug, Clone)]
struct Current {
    path: String,
    good: Tally,
    /// What the open block would add.
    block: Tally,
    open: Option<Open>,
    time_s: Option<i64>,
    /// Was there a command yet?
    begun: bool,
    watch: doubled::Watch,
    /// Where a block that was never closed begins: nothing from there on counts.
    dropped_from: Option<u64>,
}

/// A block that is open.
#[derive(Debug, Clone, Copy)]
struct Open {
    start: u64,
    commands: u64,
    end: u64,
    /// The timestamp before it.
    time_s: Option<i64>,
}

/// Facts, and where each command of the table stands among those used.
#[derive(Debug, Clone)]
struct Tally {
    facts: MeaningFacts,
    places: Vec<u16>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { facts: MeaningFacts::default(), places: vec![UNUSED; commands::all().len()] }
    }
}

impl Tally {
    #[inline]
    fn used(&mut self, used: Used) {
        let Some(place) = self.places.get_mut(used.spec.row()) else { return };
        if let Some(known) = self.facts.used.get_mut(usize::from(*place)) {
            known.commands += used.commands;
            if used.fewest.0 < known.fewest.0 {
                known.fewest = used.fewest;
            }
            if used.most.0 > known.most.0 {
                known.most = used.most;
            }
        } else {
            // There are fewer rows in the table than a u16 counts.
            *place = u16::try_from(self.facts.used.len()).unwrap_or(UNUSED);
            self.facts.used.push(used);
        }
    }

    /// Takes everything out, ready for the next.
    fn take(&mut self) -> MeaningFacts {
        for used in &self.facts.used {
            if let Some(place) = self.places.get_mut(used.spec.row()) {
                *place = UNUSED;
            }
        }
        core::mem::take(&mut self.facts)
    }

    fn append(&mut self, mut later: MeaningFacts) {
        for used in core::mem::take(&mut later.used) {
            self.used(used);
        }
        self.facts.append(later);
    }
}

impl MeaningFold {
    /// The commands that follow come from this file.
    pub fn begin_file(&mut self, path: &str) {
        self.close();
        self.current = Some(Current {
            path: path.into(),
            good: Tally::default(),
            block: Tally::default(),
            open: None,
            time_s: None,
            begun: false,
            watch: doubled::Watch::default(),
            dropped_from: None,
        });
    }

    /// Adds what was folded from files that are loaded after these.
    pub fn append(&mut self, mut later: Self) {
        self.close();
        later.close();
        self.done.append(&mut later.done);
    }

    /// The facts, file by file.
    pub fn finish(mut self) -> Vec<(String, MeaningFacts)> {
        self.close();
        self.done
    }

    fn close(&mut self) {
        let Some(mut current) = self.current.take() else { return };
        current.rollback();
        let mut facts = current.good.take();
        (facts.doubled, facts.doubled_total) = current.watch.finish(current.dropped_from);
        self.done.push((current.path, facts));
    }
}

impl Current {
    fn command(&mut self, command: &Command<'_>) {
        let at = command.span.start;
        if command.in_multi {
            let open = self.open.get_or_insert(Open { start: at, commands: 0, end: at, time_s: self.time_s });
            open.commands += 1;
            open.end = command.span.end;
        }
        let first = !core::mem::replace(&mut self.begun, true);
        let tally = if command.in_multi { &mut self.block } else { &mut self.good };
        let mut certain = false;
        if let Some(spec) = command.spec {
            let words = (command.argc, at);
            tally.used(Used { spec, commands: 1, first: at, fewest: words, most: words });
            match spec.name() {
                "SELECT" => select(&mut tally.facts, command),
                "DISCARD" => tally.facts.discards.add(at),
                // An entry of a stream has an ID of its own: a server refuses the second.
                "XADD" => certain = true,
                _ => {}
            }
            if spec.is_write()
                && let Some(why) = commands::unrepeatable(command)
            {
                certain &= why != snaptape_aof::Unrepeatable::Clock;
                tally.facts.note_unrepeatable(why, at, || spec.name().into());
            }
            if first && is_data(spec) {
                tally.facts.write_before_select = Some(at);
            }
        } else {
            tally.facts.note_stranger(command.name(), at);
        }
        self.watch.command(command, certain);
    }

    fn annotation(&mut self, span: &Range<u64>, line: &[u8], in_multi: bool) {
        let tally = if in_multi { &mut self.block } else { &mut self.good };
        self.time_s = tally.facts.times.line(line, span.start, self.time_s).or(self.time_s);
        self.watch.annotation(line, span.start, span.end);
    }

    fn commit(&mut self) {
        let Some(open) = self.open.take() else { return };
        let facts = &mut self.block.facts;
        // MULTI and EXEC do not count.
        let commands = open.commands.saturating_sub(2);
        facts.blocks = 1;
        facts.longest_block = Some(Block { start: open.start, end: open.end, commands });
        if commands == 0 {
            facts.empty_blocks.add(open.start);
        }
        let block = self.block.take();
        self.good.append(block);
    }

    fn rollback(&mut self) {
        if let Some(open) = self.open.take() {
            self.block.take();
            self.time_s = open.time_s;
            self.dropped_from = Some(open.start);
        }
    }
}

/// Does it write to the database that is selected?
fn is_data(spec: &CommandSpec) -> bool {
    spec.is_write() && !matches!(spec.name(), "FUNCTION" | "SCRIPT" | "FLUSHALL" | "SWAPDB" | "EVAL")
}

fn select(facts: &mut MeaningFacts, command: &Command<'_>) {
    let Some(number) = command.argument(1) else { return };
    let text = core::str::from_utf8(number.bytes).ok();
    // As the server reads numbers: no sign but a minus, no zeros in front, nothing behind.
    let db = text.and_then(|text| text.parse::<u64>().ok().filter(|db| db.to_string() == text));
    if db.is_none_or(|db| db >= DEFAULT_DATABASES) {
        const SHOWN: usize = 24;
        let shown = number.bytes.get(..SHOWN).unwrap_or(number.bytes);
        facts.bad_selects.add(command.span.start, || shown.escape_ascii().to_string());
    }
}

impl CommandSink for MeaningFold {
    fn command(&mut self, command: &Command<'_>) {
        if let Some(current) = &mut self.current {
            current.command(command);
        }
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        if let Some(current) = &mut self.current {
            current.annotation(&span, line, in_multi);
        }
    }

    fn commit(&mut self) {
        if let Some(current) = &mut self.current {
            current.commit();
        }
    }

    fn rollback(&mut self) {
        if let Some(current) = &mut self.current {
            current.rollback();
        }
    }
}
