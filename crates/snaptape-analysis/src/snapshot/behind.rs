//! Reading on behind damage, and from a place where the header is lost.

use std::{ops::Range, sync::Arc};

use snaptape_rdb::{
    Found, Lost, Magic, Numbers, Parser, Reader, Search as Searching, Searcher, Vocabulary, follows_an_end,
};
use snaptape_report::units;
use snaptape_wire::{Error, ErrorKind};

use super::{
    ASSUMED_VERSION, Behind, CHECKSUM_BYTES, Doubt, END, FRONT_BYTES, Hole, MAX_CLOSE_LOOKS, MAX_DOUBT_BYTES,
    MAX_HOLES, Mode, SEEK_BYTES, SEEK_ENTRIES_BYTES, Search, SnapshotScan, header,
};

impl SnapshotScan {
    /// Looks for a whole snapshot behind something else, then for entries.
    pub(super) fn seek(&mut self, rest: &[u8], eof: bool) {
        let Mode::Seeking { front, error } = &mut self.mode else { return };
        if !self.lost_head.header {
            let error = error.clone();
            self.lose(error);
            return;
        }
        let missing = SEEK_BYTES.saturating_sub(front.len());
        front.extend_from_slice(rest.get(..missing.min(rest.len())).unwrap_or_default());
        self.position += rest.len() as u64;
        if front.len() < SEEK_BYTES && !eof {
            return;
        }
        let error = error.clone();
        if let Some(at) = header::find_header(front) {
            let at = at as u64;
            let mut hole = Hole::new(0..at, error.clone());
            hole.note =
                Some(format!("A snapshot begins at offset {}, behind something else.", units::offset(at)));
            self.holes.push(hole);
            self.error = Some(error);
            self.reader = Reader::at(self.options.limits, at);
            (self.begins_at, self.position) = (at, at);
            self.mode = Mode::Reading;
            return;
        }
        let last = self.options.file_bytes.and_then(|bytes| bytes.checked_sub(CHECKSUM_BYTES + 1));
        if let Some(last) = last.filter(|_| self.lost_head.entries) {
            self.position = last;
            self.mode = Mode::Tail { error };
        } else {
            self.lose(error);
        }
    }

    /// Whoever finds entries in something unknown has to have an end for them, too: tables of numbers read as entries for long.
    pub(super) fn look_at_end(&mut self, rest: &[u8], eof: bool) {
        let Mode::Tail { error } = &self.mode else { return };
        let (Some(&last), error) = (rest.first(), error.clone()) else {
            self.position += u64::from(eof);
            return;
        };
        let file_bytes = self.options.file_bytes.unwrap_or(0);
        if last != END {
            self.lose(error);
            return;
        }
        let mut parser = Parser::behind_header(self.options.limits, Magic::Redis, ASSUMED_VERSION);
        let numbers = Numbers::of(Magic::Redis, ASSUMED_VERSION, false);
        let vocabulary = Arc::new(Vocabulary { numbers, modules: Some(Vec::new()), highest_db: 15 });
        parser.hold_to(Arc::clone(&vocabulary));
        let searcher = Searcher::new(&Lost {
            parser: &parser,
            starts: Vec::new(),
            failed_at: 0,
            file_bytes,
            closer_look: false,
            unknown: true,
            words: true,
            until: Some(SEEK_ENTRIES_BYTES),
        });
        self.position = 0;
        let vocabulary = Some(vocabulary);
        let search = Search { searcher, starts: Vec::new(), error, doubt: Doubt::Head, vocabulary };
        self.mode = Mode::Searching(Box::new(search));
    }

    /// Goes on with items at `offset`, as those of a file with this header.
    pub(super) fn begin_at(&mut self, offset: u64, magic: Magic, version: u16, error: Error, note: String) {
        self.reader = Reader::headless(self.options.limits, magic, version, offset);
        self.state.begin_headless(magic, version);
        let mut hole = Hole::new(0..offset, error.clone());
        hole.note = Some(note);
        self.holes.push(hole);
        self.error = Some(error);
        self.begins_at = offset;
        self.position = offset;
        self.mode = Mode::Reading;
    }

    pub(super) fn doubt(&mut self, rest: &[u8], eof: bool) {
        let Mode::Ending { front } = &mut self.mode else { return };
        let missing = FRONT_BYTES.saturating_sub(front.len());
        front.extend_from_slice(rest.get(..missing.min(rest.len())).unwrap_or_default());
        self.position += rest.len() as u64;
        if front.len() < FRONT_BYTES && !eof {
            return;
        }
        let end = self.reader.offset();
        let file_bytes = self.options.file_bytes.unwrap_or(end);
        if follows_an_end(front, file_bytes - end) {
            self.conclude();
            return;
        }
        let checksum = if self.state.stored_checksum.is_some() { CHECKSUM_BYTES } else { 0 };
        let opcode = end - checksum - 1;
        let what = "end of the snapshot: entries follow it";
        self.search_from(
            opcode,
            end,
            file_bytes,
            Error::new(ErrorKind::Invalid { what }, opcode),
            Doubt::End,
        );
    }

    /// An entry can be read, but its value is damaged: perhaps its length is, and other entries stand inside it.
    pub(super) fn look_inside(&mut self, entry: Range<u64>) {
        let end = self.reader.offset();
        self.position = end;
        self.reader.move_to(end, self.reader.parser().db());
        self.looks += 1;
        let Some(file_bytes) = self.options.file_bytes.filter(|_| self.looks <= MAX_CLOSE_LOOKS) else {
            return;
        };
        let what = "value: other entries stand inside it";
        let error = Error::new(ErrorKind::Invalid { what }, entry.start);
        self.search_from(entry.start, end, file_bytes, error, Doubt::Entry(end));
    }

    /// Reading failed: look for what follows, where that can be done.
    pub(super) fn lose(&mut self, error: Error) {
        self.error.get_or_insert_with(|| error.clone());
        let begun = self.state.entry_start.unwrap_or(self.reader.offset());
        let can_search = self.state.header.is_some() && self.holes.len() < MAX_HOLES;
        let Some(file_bytes) = self.options.file_bytes.filter(|_| can_search) else {
            let end = self.options.file_bytes.unwrap_or(error.offset()).max(begun);
            self.step_over(begun..end, error, 0, None);
            self.mode = Mode::Done;
            return;
        };
        self.search_from(begun, self.reader.offset(), file_bytes, error, Doubt::None);
    }

    /// Looks for what follows the entry that begins at `begun`, which could not be read beyond `failed_at`.
    pub(super) fn search_from(
        &mut self,
        begun: u64,
        failed_at: u64,
        file_bytes: u64,
        error: Error,
        doubt: Doubt,
    ) {
        // What stands before the last hole was good when that was found.
        let first =
            begun.saturating_sub(MAX_DOUBT_BYTES).max(self.holes.last().map_or(0, |hole| hole.span.end));
        let mut starts: Vec<u64> =
            self.state.copy.recent().filter(|&start| (first..begun).contains(&start)).collect();
        if matches!(doubt, Doubt::Entry(_)) {
            // What stands before is not in doubt.
            starts.clear();
        }
        starts.push(begun);
        let mut parser = self.reader.parser().clone();
        let first = starts.first().copied().unwrap_or(begun);
        let vocabulary = if parser.is_held() { None } else { self.state.vocabulary(first).map(Arc::new) };
        if let Some(vocabulary) = &vocabulary {
            parser.hold_to(Arc::clone(vocabulary));
        }
        let searcher = Searcher::new(&Lost {
            parser: &parser,
            starts: starts.clone(),
            failed_at,
            file_bytes,
            closer_look: self.holes.len() < MAX_CLOSE_LOOKS,
            unknown: false,
            words: self.state.has_words(),
            until: if let Doubt::Entry(end) = doubt { Some(end) } else { None },
        });
        self.position = searcher.start();
        self.mode = Mode::Searching(Box::new(Search { searcher, starts, error, doubt, vocabulary }));
    }

    pub(super) fn search(&mut self, rest: &[u8], eof: bool) {
        let Mode::Searching(search) = &mut self.mode else { return };
        self.position += rest.len() as u64;
        let found = match search.searcher.feed(rest, eof) {
            Searching::Going => return,
            Searching::Found(found) => Some(found),
            Searching::NotFound => None,
        };
        self.text = self.text.and(search.searcher.text_marks());
        match (search.doubt, &found) {
            (Doubt::Head, None) => {
                let error = search.error.clone();
                self.lose(error);
                return;
            }
            (Doubt::Head, Some(found)) => {
                let (error, resume, vocabulary) =
                    (search.error.clone(), found.resume, search.vocabulary.clone());
                let db = found.select.map_or(0, |select| select.db);
                let note =
                    "The header is lost, and what stood before the first key that can be found.".into();
                self.begin_at(resume, Magic::Redis, ASSUMED_VERSION, error, note);
                self.reader.move_to(resume, db);
                if let Some(vocabulary) = vocabulary {
                    self.reader.hold_to(vocabulary);
                }
                self.assumes_version = true;
                return;
            }
            (Doubt::End, None) => {
                self.conclude();
                return;
            }
            (Doubt::Entry(end), found) if found.as_ref().is_none_or(|found| found.resume >= end) => {
                self.position = end;
                self.mode = Mode::Reading;
                return;
            }
            _ => {}
        }
        if let Some(vocabulary) = &search.vocabulary {
            self.reader.hold_to(Arc::clone(vocabulary));
        }
        let zeros = search.searcher.zeros_in(search.starts.last().copied().unwrap_or(0)..u64::MAX);
        let error = search.error.clone();
        let good = found.as_ref().map_or(search.starts.len() - 1, |found| found.good_starts);
        let start = search.starts.get(good).copied().unwrap_or(self.reader.offset());
        let doubtful = self.state.copy.take_back(start);
        self.state.give_up(doubtful, start);
        self.error.get_or_insert_with(|| error.clone());
        self.state.stored_checksum = None;
        if let Some(found) = found {
            let db = found.select.map_or(self.state.copy.db(), |select| select.db);
            let resume = found.resume;
            self.step_over(start..resume, error, doubtful, Some((found, db)));
            self.position = self.reader.hashed_up_to().min(resume);
            self.reader.move_to(resume, db);
            self.mode = Mode::Reading;
        } else {
            self.step_over(start..self.options.file_bytes.unwrap_or(start), error, doubtful, None);
            if let Some(hole) = self.holes.last_mut() {
                hole.zeros = zeros;
            }
            self.position = self.reader.hashed_up_to();
            self.mode = Mode::Covering;
        }
    }

    /// Notes damage, and where reading goes on behind it.
    pub(super) fn step_over(
        &mut self,
        span: Range<u64>,
        error: Error,
        doubtful_keys: u64,
        behind: Option<(Found, u64)>,
    ) {
        let mut hole = Hole::new(span, error);
        hole.keys_before = self.state.n_keys;
        hole.doubtful_keys = doubtful_keys;
        hole.last_key = self.state.last_key(doubtful_keys);
        if let Some((found, db)) = behind {
            hole.behind = Some(Behind { db, certain: !found.may_select, first_key: None });
            hole.near_misses = found.near_misses;
            hole.zeros = found.zeros;
        }
        self.holes.push(hole);
    }

    /// Everything but the last eight bytes goes into the checksum, as if the file ended where it should.
    pub(super) fn cover(&mut self, rest: &[u8], eof: bool) {
        let covered_end = self.options.file_bytes.unwrap_or(0).saturating_sub(CHECKSUM_BYTES);
        let n =
            usize::try_from(covered_end.saturating_sub(self.position)).unwrap_or(usize::MAX).min(rest.len());
        self.reader.cover(self.position, rest.get(..n).unwrap_or_default());
        self.position += rest.len() as u64;
        self.last_bytes.extend_from_slice(rest.get(rest.len().saturating_sub(9)..).unwrap_or_default());
        let surplus = self.last_bytes.len().saturating_sub(9);
        self.last_bytes.drain(..surplus);
        if eof {
            self.conclude();
        }
    }
}
