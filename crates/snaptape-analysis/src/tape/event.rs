//! What is known of a destructive event while the tape is read.

use snaptape_report::{DestructiveEvent, DestructiveKind, KeyName};
use snaptape_sort::Sort as _;

use super::{keyed, place::Moved};
use crate::keys::front;

/// An event in a file that is known by its number.
#[derive(Debug, Clone)]
pub(super) struct Event {
    pub(super) file: u32,
    /// Commands from its first to its last.
    pub(super) within: u64,
    pub(super) what: DestructiveEvent,
}

impl Event {
    pub(super) fn moved(mut self, by: Moved) -> Self {
        self.file = self.file.saturating_add(by.files);
        self.what.commands_before += by.commands;
        self.what.time_s = self.what.time_s.or(by.time_s);
        self.what.end_time_s = self.what.end_time_s.or(by.time_s);
        self
    }

    /// One command.
    pub(super) fn one(file: u32, kind: DestructiveKind, event: DestructiveEvent) -> Self {
        let event = DestructiveEvent { kind, commands: 1, end_time_s: event.time_s, ..event };
        Self { file, within: 1, what: event }
    }
}

/// The name of a key as it is kept for show.
pub(super) fn shown(name: &[u8]) -> KeyName {
    KeyName::new(front(name, MAX_NAME))
}

/// Longest name kept.
const MAX_NAME: usize = 128;

/// A few names of keys, the first that were offered.
#[derive(Debug, Clone, Default)]
pub(super) struct Names(pub(super) Vec<Box<[u8]>>);

impl Names {
    /// How many are kept for their shapes.
    const MAX: usize = 16;
    /// How many are shown.
    pub(super) const SHOWN: usize = 5;

    pub(super) fn offer(&mut self, name: &[u8]) {
        if self.0.len() < Self::MAX {
            self.0.push(front(name, MAX_NAME).into());
        }
    }

    pub(super) fn append(&mut self, later: Self) {
        let room = Self::MAX.saturating_sub(self.0.len());
        self.0.extend(later.0.into_iter().take(room));
    }

    /// Their shapes.
    pub(super) fn patterns(&self) -> Vec<String> {
        let mut patterns: Vec<String> = self.0.iter().map(|name| keyed::pattern(name)).collect();
        patterns.order();
        patterns.dedup();
        patterns
    }
}
