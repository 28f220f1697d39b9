//! Folds the commands of one or more tapes.

use core::ops::Range;
use std::collections::BTreeMap;

use snaptape_aof::{Command, CommandSink};
use snaptape_report::{CommandCount, DatabaseCommands, DestructiveEvent, Tape};

/// How many different command names are counted apart. Servers know about 250, modules add a few dozen; a hostile tape may
/// invent millions.
const MAX_NAMES: usize = 1_000;
/// How many databases are counted apart; servers have 16 unless told otherwise.
const MAX_DATABASES: usize = 10_000;
/// The longest name that gets a line of its own.
const MAX_NAME_BYTES: usize = 32;
/// What is beyond those bounds, or is no name at all.
const OTHER_NAME: &str = "(other)";

/// Adds up the commands of tapes, in the order a server loads them. [`Self::begin_file`] before each file.
///
/// Commands of a MULTI block count once its EXEC was seen. Two folds over consecutive parts of a set join with [`Self::append`].
///
/// ```
/// use snaptape_analysis::TapeFold;
/// use snaptape_aof::TapeScan;
/// use snaptape_wire::{Limits, Release};
///
/// let file = b"#TS:1700000000\r\n*2\r\n$6\r\nSELECT\r\n$1\r\n3\r\n*1\r\n$7\r\nflushdb\r\n";
/// let mut fold = TapeFold::default();
/// fold.begin_file("appendonly.aof");
/// let mut scan = TapeScan::new(0, file.len() as u64, Release::redis(7, 4), Limits::default());
/// scan.feed(file, &mut fold);
/// scan.finish(&mut fold);
/// let tape = fold.finish();
/// assert_eq!(tape.commands, 2);
/// assert_eq!((tape.destructive[0].name.as_str(), tape.destructive[0].db), ("FLUSHDB", 3));
/// ```
#[derive(Debug, Clone, Default)]
pub struct TapeFold {
    file: String,
    /// The database selected.
    db: u64,
    time_s: Option<i64>,
    names: Names,
    good: Sums,
    /// What the open MULTI block would add.
    block: Sums,
    /// Is one open, and what is there to go back to?
    before_block: Option<(u64, Option<i64>)>,
}

/// Sums over a stretch of tape.
#[derive(Debug, Clone, Default)]
struct Sums {
    commands: u64,
    file_bytes: u64,
    databases: Databases,
    annotations: u64,
    transactions: u64,
    first_time_s: Option<i64>,
    last_time_s: Option<i64>,
    destructive: Vec<DestructiveEvent>,
    destructive_total: u64,
}

/// Commands and bytes by database. Those of the database selected are kept apart, off the map.
#[derive(Debug, Clone, Default)]
struct Databases {
    selected: u64,
    commands: u64,
    file_bytes: u64,
    others: BTreeMap<u64, (u64, u64)>,
}

impl Databases {
    #[inline]
    fn add(&mut self, db: u64, commands: u64, file_bytes: u64) {
        if db != self.selected {
            self.settle();
            self.selected = db;
        }
        self.commands += commands;
        self.file_bytes += file_bytes;
    }

    fn settle(&mut self) {
        if self.commands == 0 {
            return;
        }
        // What is beyond the bound shares the last line: such numbers are not databases of any server.
        let known = self.others.len() < MAX_DATABASES || self.others.contains_key(&self.selected);
        let sums = self.others.entry(if known { self.selected } else { u64::MAX }).or_default();
        sums.0 += core::mem::take(&mut self.commands);
        sums.1 += core::mem::take(&mut self.file_bytes);
    }

    fn append(&mut self, later: Self) {
        for (db, (commands, file_bytes)) in later.others {
            self.add(db, commands, file_bytes);
        }
        if later.commands > 0 {
            self.add(later.selected, later.commands, later.file_bytes);
        }
    }
}

/// A name, upper case, in one comparable number of bytes.
type Key = [u8; MAX_NAME_BYTES];

/// Number of shortcuts from a name to its row.
const SHORTCUTS: usize = 256;

/// Counts by name.
#[derive(Debug, Clone)]
struct Names {
    rows: Vec<Row>,
    index: BTreeMap<Key, u16>,
    /// The row last found for names of this length and these letters: nearly always the right one.
    shortcuts: [u16; SHORTCUTS],
    /// Rows with something staged.
    staged: Vec<u16>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    key: Key,
    len: usize,
    good: (u64, u64),
    /// What an open block would add.
    staged: (u64, u64),
}

impl Default for Names {
    fn default() -> Self {
        Self { rows: Vec::new(), index: BTreeMap::new(), shortcuts: [0; SHORTCUTS], staged: Vec::new() }
    }
}

impl Row {
    fn is(&self, name: &[u8]) -> bool {
        self.key.get(..self.len).is_some_and(|key| key.eq_ignore_ascii_case(name))
    }
}

impl Names {
    /// The row of a name.
    #[inline]
    fn row(&mut self, name: &[u8]) -> (u16, &mut Row) {
        let letter = |at: usize| usize::from(name.get(at).copied().unwrap_or(0) | 0x20);
        let shortcut = (name.len() + letter(0) * 3 + letter(1) * 5 + letter(name.len().wrapping_sub(1)) * 17)
            % SHORTCUTS;
        let guess = self.shortcuts[shortcut];
        let row = match self.rows.get(usize::from(guess)) {
            Some(row) if row.is(name) => guess,
            _ => {
                let row = self.look_up(name);
                self.shortcuts[shortcut] = row;
                row
            }
        };
        (row, &mut self.rows[usize::from(row)])
    }

    fn look_up(&mut self, name: &[u8]) -> u16 {
        let (mut key, mut len) = key_of(name);
        if self.index.len() >= MAX_NAMES && !self.index.contains_key(&key) {
            (key, len) = key_of(OTHER_NAME.as_bytes());
        }
        let rows = &mut self.rows;
        *self.index.entry(key).or_insert_with(|| {
            rows.push(Row { key, len, good: (0, 0), staged: (0, 0) });
            u16::try_from(rows.len() - 1).expect("there are at most MAX_NAMES and one")
        })
    }

    #[inline]
    fn add(&mut self, name: &[u8], commands: u64, file_bytes: u64, stage: bool) {
        let (index, row) = self.row(name);
        let sums = if stage { &mut row.staged } else { &mut row.good };
        let first = sums.0 == 0;
        sums.0 += commands;
        sums.1 += file_bytes;
        if stage && first {
            self.staged.push(index);
        }
    }

    fn settle(&mut self, good: bool) {
        for index in self.staged.drain(..) {
            let row = &mut self.rows[usize::from(index)];
            let (commands, file_bytes) = core::mem::take(&mut row.staged);
            if good {
                row.good.0 += commands;
                row.good.1 += file_bytes;
            }
        }
    }

    fn append(&mut self, later: &Self) {
        for row in later.rows.iter().filter(|row| row.good.0 > 0) {
            self.add(row.key.get(..row.len).unwrap_or_default(), row.good.0, row.good.1, false);
        }
    }
}

/// The name in upper case, or [`OTHER_NAME`] where it is no name.
fn key_of(name: &[u8]) -> (Key, usize) {
    let other = OTHER_NAME.as_bytes();
    let is_name = matches!(name.len(), 1..=MAX_NAME_BYTES) && name.iter().all(u8::is_ascii_graphic);
    let name = if is_name { name } else { other };
    let mut key = [0; MAX_NAME_BYTES];
    for (to, from) in key.iter_mut().zip(name) {
        *to = if name == other { *from } else { from.to_ascii_uppercase() };
    }
    (key, name.len())
}

impl Sums {
    /// Adds a later stretch.
    fn append(&mut self, later: Self) {
        for mut event in later.destructive {
            if self.destructive.len() < Tape::MAX_EVENTS {
                event.commands_before += self.commands;
                self.destructive.push(event);
            }
        }
        self.destructive_total += later.destructive_total;
        self.commands += later.commands;
        self.file_bytes += later.file_bytes;
        self.databases.append(later.databases);
        self.annotations += later.annotations;
        self.transactions += later.transactions;
        self.first_time_s = self.first_time_s.or(later.first_time_s);
        self.last_time_s = later.last_time_s.or(self.last_time_s);
    }
}

impl TapeFold {
    /// The commands that follow come from this file. Every file starts in database 0, whatever was selected before.
    pub fn begin_file(&mut self, path: &str) {
        self.rollback();
        path.clone_into(&mut self.file);
        self.db = 0;
    }

    /// Adds what was folded from files that are loaded after these. A block that is open in either is dropped: none reaches over
    /// the end of a file.
    pub fn append(&mut self, mut later: Self) {
        self.rollback();
        later.rollback();
        self.names.append(&later.names);
        self.good.append(later.good);
        self.time_s = later.time_s.or(self.time_s);
        (self.file, self.db) = (later.file, later.db);
    }

    /// The sums. A block that is still open does not count.
    pub fn finish(mut self) -> Tape {
        self.rollback();
        let mut sums = self.good;
        let rows = self.names.rows.iter().filter(|row| row.good.0 > 0);
        let mut by_name: Vec<_> = rows
            .map(|row| CommandCount {
                name: String::from_utf8_lossy(row.key.get(..row.len).unwrap_or_default()).into_owned(),
                commands: row.good.0,
                file_bytes: row.good.1,
            })
            .collect();
        by_name.sort_by(|a, b| b.commands.cmp(&a.commands).then_with(|| a.name.cmp(&b.name)));
        sums.databases.settle();
        let databases = sums.databases.others.into_iter();
        let databases = databases
            .map(|(db, (commands, file_bytes))| DatabaseCommands { db, commands, file_bytes })
            .collect();
        for event in &mut sums.destructive {
            event.commands_after = sums.commands - event.commands_before - 1;
        }
        Tape {
            commands: sums.commands,
            file_bytes: sums.file_bytes,
            by_name,
            databases,
            annotations: sums.annotations,
            transactions: sums.transactions,
            first_time_s: sums.first_time_s,
            last_time_s: sums.last_time_s,
            destructive: sums.destructive,
            destructive_total: sums.destructive_total,
            ..Tape::default()
        }
    }

    /// Where a command or a line belongs: to the good ones, or to the block that is open (or opens with it).
    #[inline]
    fn sums(&mut self, in_multi: bool) -> &mut Sums {
        if in_multi {
            self.before_block.get_or_insert((self.db, self.time_s));
            &mut self.block
        } else {
            &mut self.good
        }
    }

    fn destroys(&mut self, command: &Command<'_>) {
        let event = DestructiveEvent {
            name: String::from_utf8_lossy(command.name()).to_ascii_uppercase(),
            file: self.file.clone(),
            offset: command.span.start,
            db: self.db,
            time_s: self.time_s,
            commands_before: 0,
            commands_after: 0,
            end: command.span.end,
            ..DestructiveEvent::default()
        };
        let sums = self.sums(command.in_multi);
        sums.destructive_total += 1;
        if sums.destructive.len() < Tape::MAX_EVENTS {
            sums.destructive.push(DestructiveEvent { commands_before: sums.commands, ..event });
        }
    }
}

impl CommandSink for TapeFold {
    #[inline]
    fn command(&mut self, command: &Command<'_>) {
        let name = command.name();
        if command.in_multi {
            // Opens the block before anything in it changes what it must go back to.
            self.sums(true);
        }
        match name.len() {
            6 if name.eq_ignore_ascii_case(b"SELECT") => {
                let db = command.argument(1).and_then(|db| core::str::from_utf8(db.bytes).ok()?.parse().ok());
                self.db = db.unwrap_or(self.db);
            }
            6 if name.eq_ignore_ascii_case(b"SWAPDB") => self.destroys(command),
            7 if name.eq_ignore_ascii_case(b"FLUSHDB") => self.destroys(command),
            8 if name.eq_ignore_ascii_case(b"FLUSHALL") => self.destroys(command),
            _ => {}
        }
        let db = self.db;
        let file_bytes = command.span.end - command.span.start;
        self.names.add(name, 1, file_bytes, command.in_multi);
        let sums = self.sums(command.in_multi);
        sums.commands += 1;
        sums.file_bytes += file_bytes;
        sums.databases.add(db, 1, file_bytes);
    }

    fn annotation(&mut self, span: Range<u64>, line: &[u8], in_multi: bool) {
        let sums = self.sums(in_multi);
        sums.annotations += 1;
        sums.file_bytes += span.end - span.start;
        let time_s = line.strip_prefix(b"#TS:").map(<[u8]>::trim_ascii_end);
        if let Some(time_s) = time_s.and_then(|text| core::str::from_utf8(text).ok()?.parse().ok()) {
            sums.first_time_s.get_or_insert(time_s);
            sums.last_time_s = Some(time_s);
            self.time_s = Some(time_s);
        }
    }

    fn commit(&mut self) {
        if self.before_block.take().is_some() {
            self.names.settle(true);
            self.good.append(core::mem::take(&mut self.block));
            self.good.transactions += 1;
        }
    }

    fn rollback(&mut self) {
        if let Some((db, time_s)) = self.before_block.take() {
            self.names.settle(false);
            self.block = Sums::default();
            (self.db, self.time_s) = (db, time_s);
        }
    }
}

#[cfg(test)]
mod tests {
    use snaptape_aof::TapeScan;
    use snaptape_wire::{Limits, Release};

    use super::*;

    fn tape(commands: &[&str]) -> String {
        let line = |command: &&str| {
            if command.starts_with('#') {
                return format!("{command}\r\n");
            }
            let words = command.split(' ').map(|word| format!("${}\r\n{word}\r\n", word.len()));
            let words: Vec<_> = words.collect();
            format!("*{}\r\n{}", words.len(), words.concat())
        };
        commands.iter().map(line).collect::<Vec<_>>().concat()
    }

    fn fold(fold: &mut TapeFold, path: &str, tape: &str) {
        fold.begin_file(path);
        let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
        scan.feed(tape.as_bytes(), fold);
        scan.finish(fold);
    }

    #[test]
    fn databases_follow_select_and_files_begin_in_database_0() {
        let (one, two) = (tape(&["SELECT 2", "SET a 1", "set b 2"]), tape(&["SET c 1", "#TS:5"]));
        let mut all = TapeFold::default();
        fold(&mut all, "1", &one);
        fold(&mut all, "2", &two);
        let tape = all.finish();
        let dbs: Vec<_> = tape.databases.iter().map(|db| (db.db, db.commands)).collect();
        assert_eq!(dbs, [(0, 1), (2, 3)]);
        let names: Vec<_> = tape.by_name.iter().map(|name| (name.name.as_str(), name.commands)).collect();
        assert_eq!(names, [("SET", 3), ("SELECT", 1)]);
        assert_eq!((tape.commands, tape.annotations), (4, 1));
        assert_eq!(tape.file_bytes, (one.len() + two.len()) as u64);
        assert_eq!(tape.databases.iter().map(|db| db.file_bytes).sum::<u64>() + 7, tape.file_bytes);
    }

    #[test]
    fn an_open_block_does_not_count() {
        let mut open = TapeFold::default();
        fold(&mut open, "1", &tape(&["SET a 1", "MULTI", "SELECT 3", "FLUSHDB", "#TS:9", "SET b 1"]));
        let mut plain = TapeFold::default();
        fold(&mut plain, "1", &tape(&["SET a 1"]));
        assert_eq!(open.finish(), plain.finish());
    }

    #[test]
    fn accidents_are_listed_with_what_stands_around_them() {
        let mut all = TapeFold::default();
        fold(&mut all, "1", &tape(&["SET a 1", "#TS:7", "flushall ASYNC", "SET b 1"]));
        fold(&mut all, "2", &tape(&["MULTI", "SELECT 4", "SWAPDB 0 4", "EXEC", "FLUSHDB"]));
        let tape = all.finish();
        let events: Vec<_> = tape
            .destructive
            .iter()
            .map(|e| (e.name.as_str(), e.file.as_str(), e.db, e.time_s, e.commands_before, e.commands_after))
            .collect();
        assert_eq!(
            events,
            [
                ("FLUSHALL", "1", 0, Some(7), 1, 6),
                ("SWAPDB", "2", 4, Some(7), 5, 2),
                ("FLUSHDB", "2", 4, Some(7), 7, 0)
            ]
        );
        assert_eq!((tape.transactions, tape.destructive_total), (1, 3));
    }

    #[test]
    fn folds_over_parts_join_to_the_fold_over_all() {
        let files = [
            tape(&["#TS:1", "SELECT 1", "SET a 1", "FLUSHALL", "MULTI", "INCR a", "EXEC"]),
            tape(&["#TS:3", "SET a 1", "FLUSHDB"]),
            tape(&["SELECT 2", "zadd a 1 2"]),
        ];
        let mut whole = TapeFold::default();
        for (i, file) in files.iter().enumerate() {
            fold(&mut whole, &i.to_string(), file);
        }
        let whole = whole.finish();
        for cut in 0..=files.len() {
            let (mut first, mut second) = (TapeFold::default(), TapeFold::default());
            for (i, file) in files.iter().enumerate() {
                fold(if i < cut { &mut first } else { &mut second }, &i.to_string(), file);
            }
            first.append(second);
            let mut joined = first.finish();
            // The part behind the cut has not seen the stamps before it.
            for (event, expected) in joined.destructive.iter_mut().zip(&whole.destructive) {
                event.time_s = expected.time_s;
            }
            assert_eq!(joined, whole, "cut {cut}");
        }
    }

    #[test]
    fn invented_names_share_a_line() {
        let mut fold_all = TapeFold::default();
        let mut names: Vec<String> = (0..3 * MAX_NAMES).map(|i| format!("CMD{i}")).collect();
        names.extend(["x".repeat(40), "a\tb".into(), "\u{e9}".into()]);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        fold(&mut fold_all, "1", &tape(&names));
        let tape = fold_all.finish();
        assert_eq!(tape.commands, names.len() as u64);
        assert_eq!(tape.by_name.len(), MAX_NAMES + 1);
        assert_eq!(tape.by_name[0].name, OTHER_NAME);
        assert_eq!(tape.by_name.iter().map(|name| name.commands).sum::<u64>(), tape.commands);
    }
}
