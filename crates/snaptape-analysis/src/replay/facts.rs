//! What a replay has found out besides the keys.

use snaptape_aof::Argument;
use snaptape_report::{KeyName, Oddities, Oddity, Removal, RemovalKind, Replay};

use super::words::Words;

/// How much of a name is kept.
const MAX_NAME: usize = 96;
/// A run of deletions is worth a line from so many keys on.
const LONG_RUN: u64 = 100;

/// DEL and UNLINK commands with nothing between them.
#[derive(Debug, Clone)]
struct Run {
    offset: u64,
    db: u64,
    keys_min: u64,
    keys_max: u64,
}

/// The facts.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    pub(super) file: String,
    pub(super) void_bytes: u64,
    pub(super) void_commands: u64,
    pub(super) wrong_type: Oddities,
    pub(super) no_effect: Oddities,
    pub(super) removals: Vec<Removal>,
    pub(super) removals_total: u64,
    /// How many of each kind are listed.
    listed: [usize; 6],
    run: Option<Run>,
}

/// How many keys a command removes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removed {
    pub(super) keys_min: u64,
    pub(super) keys_max: u64,
    pub(super) estimated: bool,
}

impl Facts {
    #[inline]
    pub(super) fn void(&mut self, bytes: u64, commands: u64) {
        self.void_bytes = self.void_bytes.saturating_add(bytes);
        self.void_commands = self.void_commands.saturating_add(commands);
    }

    #[cold]
    pub(super) fn wrong_type(&mut self, words: &Words<'_>, db: u64, key: &Argument<'_>) {
        note(&mut self.wrong_type, &self.file, words, db, key);
    }

    #[cold]
    pub(super) fn no_effect(&mut self, words: &Words<'_>, db: u64, key: &Argument<'_>) {
        note(&mut self.no_effect, &self.file, words, db, key);
        let name = words.bytes(0);
        self.no_effect.deletions +=
            u64::from(name.eq_ignore_ascii_case(b"DEL") || name.eq_ignore_ascii_case(b"UNLINK"));
    }

    pub(super) fn removal(&mut self, kind: RemovalKind, offset: u64, db: u64, removed: Removed) {
        self.removals_total += 1;
        let Some(listed) = self.listed.get_mut(kind as usize) else { return };
        if *listed < Replay::MAX_REMOVALS {
            *listed += 1;
            let Removed { keys_min, keys_max, estimated } = removed;
            let file = self.file.clone();
            self.removals.push(Removal { kind, file, offset, db, keys_min, keys_max, estimated });
        }
    }

    /// A DEL or UNLINK removes so many keys.
    #[inline]
    pub(super) fn deletes(&mut self, offset: u64, db: u64, keys_min: u64, keys_max: u64) {
        let run = self.run.get_or_insert(Run { offset, db, keys_min: 0, keys_max: 0 });
        run.keys_min += keys_min;
        run.keys_max += keys_max;
    }

    /// Another command stands there; one key in so many is followed.
    #[inline]
    pub(super) fn end_run(&mut self, one_in: u64) {
        let Some(run) = self.run.take() else { return };
        if run.keys_max * one_in >= LONG_RUN {
            let removed = Removed {
                keys_min: run.keys_min * one_in,
                keys_max: run.keys_max * one_in,
                estimated: one_in > 1,
            };
            self.removal(RemovalKind::DeleteRun, run.offset, run.db, removed);
        }
    }
}

fn note(oddities: &mut Oddities, file: &str, words: &Words<'_>, db: u64, key: &Argument<'_>) {
    oddities.commands += 1;
    if oddities.first.len() < Replay::MAX_EXAMPLES {
        oddities.first.push(Oddity {
            file: file.to_owned(),
            offset: words.span.start,
            command: String::from_utf8_lossy(words.bytes(0)).to_ascii_uppercase(),
            db,
            key: KeyName::new(crate::front(key.bytes, MAX_NAME)),
        });
    }
}
