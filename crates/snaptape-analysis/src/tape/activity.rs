//! Commands by kind and by database.

use std::collections::BTreeMap;

use snaptape_report::{Activity, CommandFamily, DatabaseCommands, FamilyCount};

use crate::keys::Merge;

/// How many databases of the whole tape are counted apart; servers have 16 unless told otherwise.
const MAX_DATABASES: usize = 10_000;

/// Commands and bytes by database, over the whole tape. Those of the database selected are kept apart, off the map.
#[derive(Debug, Clone, Default)]
pub(super) struct Databases {
    selected: u64,
    commands: u64,
    file_bytes: u64,
    others: BTreeMap<u64, (u64, u64)>,
}

impl Databases {
    #[inline]
    pub(super) fn add(&mut self, db: u64, commands: u64, file_bytes: u64) {
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

    /// Adds a later stretch, which is then empty.
    pub(super) fn append(&mut self, later: &mut Self) {
        for (db, (commands, file_bytes)) in core::mem::take(&mut later.others) {
            self.add(db, commands, file_bytes);
        }
        if later.commands > 0 {
            let (commands, file_bytes) =
                (core::mem::take(&mut later.commands), core::mem::take(&mut later.file_bytes));
            self.add(later.selected, commands, file_bytes);
        }
    }

    pub(super) fn finish(mut self) -> Vec<DatabaseCommands> {
        self.settle();
        let rows = self.others.into_iter();
        rows.map(|(db, (commands, file_bytes))| DatabaseCommands { db, commands, file_bytes }).collect()
    }
}

/// The commands of one stretch of offset or time.
#[derive(Debug, Clone, Default)]
pub(super) struct Stretch {
    families: [(u64, u64); CommandFamily::ALL.len()],
    /// Ascending; the lowest numbers, so that what is left out does not depend on the order.
    databases: Vec<DatabaseCommands>,
    /// Where the one last counted stands.
    last: usize,
    others: u64,
}

impl Stretch {
    #[inline]
    pub(super) fn add(&mut self, family: CommandFamily, db: u64, file_bytes: u64) {
        if let Some(sums) = self.families.get_mut(family as usize) {
            sums.0 += 1;
            sums.1 += file_bytes;
        }
        self.add_database(DatabaseCommands { db, commands: 1, file_bytes });
    }

    #[inline]
    fn add_database(&mut self, more: DatabaseCommands) {
        match self.databases.get_mut(self.last) {
            Some(row) if row.db == more.db => {
                row.commands += more.commands;
                row.file_bytes += more.file_bytes;
            }
            _ => self.find_database(more),
        }
    }

    fn find_database(&mut self, more: DatabaseCommands) {
        let at = match self.databases.binary_search_by_key(&more.db, |row| row.db) {
            Ok(at) => {
                if let Some(row) = self.databases.get_mut(at) {
                    row.commands += more.commands;
                    row.file_bytes += more.file_bytes;
                }
                at
            }
            Err(at) if at < Activity::MAX_DATABASES => {
                self.databases.insert(at, more);
                if self.databases.len() > Activity::MAX_DATABASES
                    && let Some(out) = self.databases.pop()
                {
                    self.others += out.commands;
                }
                at
            }
            Err(_) => {
                self.others += more.commands;
                return;
            }
        };
        self.last = at;
    }

    /// Forgets everything but its room.
    pub(super) fn clear(&mut self) {
        self.families = Default::default();
        self.databases.clear();
        (self.last, self.others) = (0, 0);
    }

    /// Are there no commands in it?
    pub(super) fn is_empty(&self) -> bool {
        self.databases.is_empty()
    }

    pub(super) fn commands(&self) -> u64 {
        self.families.iter().map(|sums| sums.0).sum()
    }

    pub(super) fn finish(self) -> Activity {
        let families = CommandFamily::ALL.into_iter().zip(self.families);
        let families: Vec<FamilyCount> = families
            .filter(|(_, sums)| sums.0 > 0)
            .map(|(family, (commands, file_bytes))| FamilyCount { family, commands, file_bytes })
            .collect();
        Activity {
            commands: families.iter().map(|count| count.commands).sum(),
            file_bytes: families.iter().map(|count| count.file_bytes).sum(),
            families,
            databases: self.databases,
            other_databases_commands: self.others,
        }
    }
}

impl Merge for Stretch {
    fn merge(&mut self, other: &Self) {
        for (a, b) in self.families.iter_mut().zip(other.families) {
            a.0 += b.0;
            a.1 += b.1;
        }
        for row in &other.databases {
            self.add_database(*row);
        }
        self.others += other.others;
    }
}
