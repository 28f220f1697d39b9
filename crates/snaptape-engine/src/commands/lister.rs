//! Makes rows of commands.

use core::ops::Range;
use std::collections::VecDeque;

use snaptape_analysis::destructive_kind;
use snaptape_aof::{Argument, Command, CommandSink, SalvageSink};
use snaptape_report::{CommandRow, ListFrom, PlaceBehind, ShownArgument, TapePlace, units};

use super::{CommandFilter, stretch::Stretch};

/// Takes the commands from a place on and keeps the rows of a page.
#[derive(Debug)]
pub(super) struct Lister {
    pub(super) rows: Vec<CommandRow>,
    pub(super) matches: u64,
    pub(super) commands_read: u64,
    filter: CommandFilter,
    limit: usize,
    /// Rows so far, also those that were taken away.
    listed: usize,
    from: ListFrom,
    /// Has what the list begins with been reached?
    begun: bool,
    /// Of the next command outside a MULTI block, or of the MULTI of the one that is open.
    place: TapePlace,
    /// Commands since then.
    since: u64,
    /// So many commands from the start on were in the page before.
    skip: u64,
    /// The database selected.
    db: u64,
    time_s: Option<i64>,
    in_multi: bool,
    /// Is what comes behind the damage of its file?
    behind: bool,
    /// What is known at places to come.
    places: VecDeque<PlaceBehind>,
    /// May another database be selected?
    db_unknown: bool,
    /// Where the next page begins, once this one is full.
    next: Option<TapePlace>,
    past: bool,
}

impl Lister {
    pub(super) fn new(place: TapePlace, from: ListFrom, filter: CommandFilter, limit: usize) -> Self {
        Self {
            rows: Vec::new(),
            matches: 0,
            commands_read: 0,
            filter,
            limit,
            listed: 0,
            begun: matches!(from, ListFrom::Start | ListFrom::Place(_)),
            from,
            since: 0,
            skip: place.skip,
            db: place.db,
            time_s: place.time_s,
            in_multi: place.in_multi,
            behind: false,
            places: VecDeque::new(),
            db_unknown: place.db_unknown,
            place: TapePlace { skip: 0, ..place },
            next: None,
            past: false,
        }
    }

    /// The commands that follow are those of this stretch.
    pub(super) fn begin(&mut self, stretch: &Stretch) {
        if stretch.file != self.place.file {
            // Every file starts in database 0.
            (self.db, self.db_unknown, self.in_multi) = (0, false, false);
            // What stands behind damage is read by no server: its stamps end with its file.
            self.time_s = stretch.time_before_s;
            self.place = TapePlace { file: stretch.file.clone(), ..TapePlace::default() };
        }
        (self.place.offset, self.place.number) = (stretch.start, stretch.number);
        (self.place.db, self.place.time_s) = (self.db, self.time_s);
        self.since = 0;
        self.behind = stretch.behind_damage;
        self.places = stretch.places.iter().copied().collect();
        if self.behind {
            // What is skipped of a page before are good commands.
            self.skip = 0;
        } else {
            self.in_multi = false;
        }
        self.mark();
    }

    /// Notes in the place what a list that begins there must know.
    fn mark(&mut self) {
        self.place.behind_damage = self.behind;
        self.place.db_unknown = self.behind && self.db_unknown;
        self.place.in_multi = self.behind && self.in_multi;
    }

    /// Where a place is known, more may be known of it than the bytes before it tell.
    fn recall(&mut self, start: u64) {
        while let Some(place) = self.places.front().copied().filter(|place| place.offset <= start) {
            self.places.pop_front();
            if place.offset == start {
                self.db_unknown = place.db.is_none();
                self.db = place.db.unwrap_or(self.db);
                self.time_s = place.time_s.or(self.time_s);
                self.in_multi = place.in_multi;
            }
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.next.is_some()
    }

    /// Can nothing more match?
    pub(super) fn is_past(&self) -> bool {
        self.past
    }

    pub(super) fn next(&self) -> Option<TapePlace> {
        self.next.clone()
    }

    /// Has the list begun with this command?
    fn begins(&mut self, start: u64) -> bool {
        if self.begun {
            return true;
        }
        let number = self.place.number + self.since;
        self.begun = match &self.from {
            ListFrom::Start | ListFrom::Place(_) => true,
            ListFrom::Offset { file, offset } => *file != self.place.file || start >= *offset,
            ListFrom::Time { time_s } => self.time_s.is_some_and(|time| time >= *time_s),
            ListFrom::Number { number: wanted } => !self.behind && number >= *wanted,
        };
        self.begun
    }

    /// Does it stand behind the offsets that were asked for?
    fn is_behind_all(&mut self, start: u64) -> bool {
        if let (ListFrom::Offset { file, .. }, Some(offsets)) = (&self.from, &self.filter.offsets) {
            self.past |= *file != self.place.file || start >= offsets.end;
        }
        self.past
    }

    /// The next command does not stand in a block any more.
    fn step_out(&mut self, offset: u64) {
        self.place.number += self.since;
        (self.place.offset, self.place.db, self.place.time_s) = (offset, self.db, self.time_s);
        self.since = 0;
        self.mark();
    }

    /// The next row belongs to the next page, if this one is full.
    fn turn_page(&mut self) {
        if self.listed >= self.limit && self.next.is_none() {
            self.next = Some(TapePlace { skip: self.since, ..self.place.clone() });
        }
    }

    /// A match, and its row, if it is on this page.
    fn list(&mut self, row: Option<CommandRow>) {
        self.matches += 1;
        if let Some(row) = row {
            self.listed += 1;
            self.rows.push(row);
        }
    }

    fn known_db(&self) -> Option<u64> {
        (!self.db_unknown).then_some(self.db)
    }

    fn row(&self, command: &Command<'_>) -> CommandRow {
        let arguments = command.arguments().skip(1).take(CommandRow::MAX_ARGUMENTS).map(|a| shown(&a));
        CommandRow {
            file: self.place.file.clone(),
            offset: command.span.start,
            end: command.span.end,
            number: (!self.behind).then_some(self.place.number + self.since),
            db: self.known_db(),
            time_s: self.time_s,
            name: units::printable(&command.name().to_ascii_uppercase()),
            arguments: arguments.collect(),
            argument_count: command.argc.saturating_sub(1),
            in_multi: self.in_multi || command.in_multi,
            behind_damage: self.behind,
            unreadable_bytes: None,
            destructive: destructive_kind(command.name()),
        }
    }
}

fn shown(argument: &Argument<'_>) -> ShownArgument {
    let front = argument.bytes.get(..CommandRow::MAX_ARGUMENT_BYTES).unwrap_or(argument.bytes);
    // No half characters: they would look like bytes that are none.
    let front = match core::str::from_utf8(front) {
        Err(error) if error.error_len().is_none() && front.len() < argument.bytes.len() => {
            front.get(..error.valid_up_to()).unwrap_or(front)
        }
        _ => front,
    };
    ShownArgument {
        len_bytes: argument.len_bytes,
        text: units::printable(front),
        cut: (front.len() as u64) < argument.len_bytes,
    }
}

impl CommandSink for Lister {
    fn command(&mut self, command: &Command<'_>) {
        let name = command.name();
        self.recall(command.span.start);
        if self.behind || !self.in_multi {
            self.step_out(command.span.start);
        }
        let ends = self.behind
            && [&b"EXEC"[..], b"DISCARD", b"RESET"].iter().any(|end| name.eq_ignore_ascii_case(end));
        self.in_multi =
            if self.behind { self.in_multi || name.eq_ignore_ascii_case(b"MULTI") } else { command.in_multi };
        if command.name().eq_ignore_ascii_case(b"SELECT")
            && let Some(db) = command.argument(1)
        {
            let db = core::str::from_utf8(db.bytes).ok().and_then(|text| text.parse().ok());
            self.db_unknown &= db.is_none();
            self.db = db.unwrap_or(self.db);
        }
        if self.skip > 0 {
            self.skip -= 1;
        } else if self.begins(command.span.start) && !self.is_behind_all(command.span.start) {
            self.turn_page();
            self.commands_read += 1;
            if self.filter.takes(command, self.known_db(), self.time_s) {
                let row = self.next.is_none().then(|| self.row(command));
                self.list(row);
            }
        }
        if self.behind {
            self.in_multi &= !ends;
        } else {
            self.since += 1;
        }
    }

    fn annotation(&mut self, _: Range<u64>, line: &[u8], _: bool) {
        let time_s = line.strip_prefix(b"#TS:").map(<[u8]>::trim_ascii_end);
        let time_s = time_s.and_then(|text| core::str::from_utf8(text).ok()?.parse().ok());
        self.time_s = time_s.or(self.time_s);
    }

    fn commit(&mut self) {
        self.in_multi = false;
    }
}

impl SalvageSink for Lister {
    fn unreadable(&mut self, span: Range<u64>, hurts: bool) {
        self.step_out(span.start);
        // A place inside it is one it is asked for at.
        let from = match &self.from {
            ListFrom::Offset { offset, .. } if span.contains(offset) => *offset,
            _ => span.start,
        };
        if self.begins(from) && !self.is_behind_all(span.start) {
            self.turn_page();
            if self.filter.takes_damage(&span) {
                let row = self.next.is_none().then(|| CommandRow {
                    file: self.place.file.clone(),
                    offset: span.start,
                    end: span.end,
                    time_s: self.time_s,
                    behind_damage: true,
                    unreadable_bytes: Some(span.end - span.start),
                    ..CommandRow::default()
                });
                self.list(row);
            }
        }
        // A SELECT may have been there.
        self.db_unknown |= hurts;
    }
}
