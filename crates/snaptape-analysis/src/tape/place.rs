//! Where things stand: the files of the tape, and places from which it can be read on.

use std::collections::BTreeMap;

use snaptape_report::{Checkpoint, Tape, TapeFile};

/// How much the places of a later part move when it is added to what stands before it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Moved {
    /// Files before it.
    pub(super) files: u32,
    /// Commands before it.
    pub(super) commands: u64,
    /// The time its commands have before its first `#TS:`.
    pub(super) time_s: Option<i64>,
}

/// The paths of the files, for whoever has their numbers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paths<'a>(pub(super) &'a [TapeFile]);

impl Paths<'_> {
    pub(super) fn path(&self, file: u32) -> String {
        let file = usize::try_from(file).ok().and_then(|at| self.0.get(at));
        file.map_or_else(String::new, |file| file.file.clone())
    }
}

/// What is on a stretch of one file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    span: Option<(u64, u64)>,
    commands: u64,
    file_bytes: u64,
    pub(super) first_time_s: Option<i64>,
    pub(super) last_time_s: Option<i64>,
}

impl Extent {
    #[inline]
    pub(super) fn add(&mut self, start: u64, end: u64, commands: u64) {
        self.commands += commands;
        self.file_bytes += end - start;
        match &mut self.span {
            Some(span) => span.1 = end,
            None => self.span = Some((start, end)),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.span.is_none()
    }

    /// Behind the last of it.
    pub(super) fn end(&self) -> u64 {
        self.span.map_or(0, |span| span.1)
    }

    pub(super) fn stamp(&mut self, time_s: i64) {
        self.first_time_s.get_or_insert(time_s);
        self.last_time_s = Some(time_s);
    }

    /// Adds a later stretch of the same file, which is then empty.
    pub(super) fn append(&mut self, later: &mut Self) {
        let later = core::mem::take(later);
        self.span = match (self.span, later.span) {
            (Some((start, _)), Some((_, end))) => Some((start, end)),
            (a, b) => a.or(b),
        };
        self.commands += later.commands;
        self.file_bytes += later.file_bytes;
        self.first_time_s = self.first_time_s.or(later.first_time_s);
        self.last_time_s = later.last_time_s.or(self.last_time_s);
    }

    /// Writes it down. The commands before are filled in at the end.
    pub(super) fn describe(self, file: &mut TapeFile) {
        let (start, end) = self.span.unwrap_or_default();
        (file.start, file.end) = (start, end);
        (file.commands, file.file_bytes) = (self.commands, self.file_bytes);
        (file.first_time_s, file.last_time_s) = (self.first_time_s, self.last_time_s);
    }
}

/// Short tapes need no place in between.
const LEAST_SHIFT: u32 = 16;

/// Sparse places outside MULTI blocks: the first in every stretch of `2^shift` bytes of a file, the shortest stretches with which they
/// fit the bound.
#[derive(Debug, Clone)]
pub(super) struct Checkpoints {
    shift: u32,
    places: BTreeMap<(u32, u64), Checkpoint>,
    /// Before this offset of the file at hand there is nothing to do.
    next: u64,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self { shift: LEAST_SHIFT, places: BTreeMap::new(), next: 0 }
    }
}

impl Checkpoints {
    pub(super) fn begin_file(&mut self) {
        self.next = 0;
    }

    /// Would a place at this offset of the file at hand be kept?
    #[inline]
    pub(super) fn wants(&self, offset: u64) -> bool {
        offset >= self.next
    }

    /// Takes a place. They come in order.
    #[cold]
    pub(super) fn add(&mut self, place: Checkpoint) {
        self.keep(place);
        let behind =
            (place.offset >> self.shift).checked_add(1).and_then(|cell| cell.checked_mul(1 << self.shift));
        self.next = behind.unwrap_or(u64::MAX);
    }

    fn keep(&mut self, place: Checkpoint) {
        if usize::try_from(place.file).is_ok_and(|file| file >= Tape::MAX_FILES) {
            return;
        }
        self.places.entry((place.file, place.offset >> self.shift)).or_insert(place);
        while self.places.len() > Tape::MAX_CHECKPOINTS && self.shift < 63 {
            self.widen();
        }
    }

    fn widen(&mut self) {
        self.shift += 1;
        for ((file, _), place) in core::mem::take(&mut self.places) {
            self.places.entry((file, place.offset >> self.shift)).or_insert(place);
        }
    }

    /// Adds those of files that come later.
    pub(super) fn append(&mut self, later: Self, by: Moved) {
        while self.shift < later.shift {
            self.widen();
        }
        for place in later.places.into_values() {
            self.keep(Checkpoint {
                file: place.file.saturating_add(by.files),
                command: place.command + by.commands,
                time_s: place.time_s.or(by.time_s),
                ..place
            });
        }
        self.next = 0;
    }

    pub(super) fn finish(self) -> Vec<Checkpoint> {
        self.places.into_values().collect()
    }
}
