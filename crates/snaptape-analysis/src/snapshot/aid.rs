//! What only some snapshots need: those that are damaged, and those whose values get digests.
//!
//! It is handed in, and not simply there, for the sake of programs that mostly read whole snapshots. Nothing but
//! [`SnapshotAid::whole`] names the code.

use std::ops::Range;

use snaptape_rdb::Reader;
use snaptape_wire::{Burst, Error};

use super::{
    GUESS_BYTES, MAX_HOLES, Mending, Mode, SnapshotScan, Unfit,
    digest::{Canonical, Digest},
    finish::stored_checksum,
    header::{guess_header, guess_lost_header},
    state::State,
};

/// What only some snapshots need.
#[derive(Debug, Clone, Copy)]
pub struct SnapshotAid {
    /// Goes on where reading met this.
    pub(super) meet: fn(&mut SnapshotScan, Met),
    /// Takes the next window while it is not simply reading.
    pub(super) go_on: fn(&mut SnapshotScan, &[u8], bool),
    /// Takes out of a damaged snapshot what its writer cannot have written.
    pub(super) leave_out_strangers: fn(&mut State) -> Vec<Unfit>,
    /// The digest of a value.
    pub(super) digest: Digest,
}

/// What reading may meet, apart from the next key.
#[derive(Debug)]
pub(super) enum Met {
    /// An entry whose value is damaged.
    Swallowed(Range<u64>),
    /// Not even the header can be read.
    NoHeader(Error),
    /// An end that nothing confirms, or a checksum that does not agree.
    Doubt,
    /// Bytes that cannot be read.
    Damage(Error),
}

impl SnapshotAid {
    /// All of it.
    pub fn whole() -> Self {
        Self {
            meet: SnapshotScan::meet,
            go_on: SnapshotScan::go_on,
            leave_out_strangers: State::leave_out_strangers,
            digest: Canonical::finish,
        }
    }
}

impl SnapshotScan {
    fn meet(&mut self, met: Met) {
        match met {
            Met::Swallowed(entry) => self.look_inside(entry),
            Met::NoHeader(error) => {
                self.position = 0;
                self.mode = Mode::Guessing { front: Vec::new(), error };
            }
            Met::Doubt => self.end(),
            Met::Damage(error) => self.lose(error),
        }
    }

    fn go_on(&mut self, rest: &[u8], eof: bool) {
        match &self.mode {
            Mode::Guessing { .. } => self.guess(rest, eof),
            Mode::Seeking { .. } => self.seek(rest, eof),
            Mode::Tail { .. } => self.look_at_end(rest, eof),
            Mode::Ending { .. } => self.doubt(rest, eof),
            Mode::Searching(_) => self.search(rest, eof),
            Mode::Covering => self.cover(rest, eof),
            Mode::Looking(burst) => {
                let burst = *burst;
                self.look(burst, rest, eof);
            }
            Mode::Reading | Mode::Done => {}
        }
    }

    /// Not even the header could be read: perhaps it is only damaged.
    pub(super) fn guess(&mut self, rest: &[u8], eof: bool) {
        let Mode::Guessing { front, error } = &mut self.mode else { return };
        let missing = GUESS_BYTES.saturating_sub(front.len());
        front.extend_from_slice(rest.get(..missing.min(rest.len())).unwrap_or_default());
        self.position += rest.len() as u64;
        if front.len() < GUESS_BYTES && !eof {
            return;
        }
        let (guess, error) = (guess_header(front), error.clone());
        let Some((magic, version)) = guess else {
            if let Some((magic, version)) = guess_lost_header(front).filter(|_| self.lost_head.header) {
                let note =
                    "The nine bytes of the header are missing; what follows says which release wrote it.";
                self.begin_at(0, magic, version, error, note.into());
                return;
            }
            let front = core::mem::take(front);
            self.position = front.len() as u64;
            self.mode = Mode::Seeking { front, error };
            if eof {
                self.seek(&[], true);
            }
            return;
        };
        self.reader = Reader::behind_header(self.options.limits, magic, version);
        self.state.header = Some((magic, version));
        self.state.copy.header(magic, version);
        self.step_over(0..self.reader.offset(), error.clone(), 0, None);
        self.error = Some(error);
        self.position = 0;
        self.mode = Mode::Reading;
    }

    /// Something says that this is the end. An end that nothing confirms may be damage.
    pub(super) fn end(&mut self) {
        let end = self.reader.offset();
        let left = self.options.file_bytes.map_or(0, |bytes| bytes.saturating_sub(end));
        let stored = self.state.stored_checksum;
        let agrees = stored == Some(self.reader.checksum());
        // Without a checksum servers believe any end; so do we, as long as nothing is wrong.
        let is_sound = self.holes.is_empty() && stored.is_none_or(|stored| stored == 0);
        if left == 0 || agrees || is_sound || self.holes.len() >= MAX_HOLES {
            self.conclude();
            return;
        }
        self.position = end;
        self.mode = Mode::Ending { front: Vec::new() };
    }

    /// Everything was read. Where the checksum does not agree, perhaps it tells what is wrong.
    pub(super) fn conclude(&mut self) {
        self.mode = Mode::Done;
        let computed = self.reader.checksum();
        let stored = stored_checksum(&self.state, &self.last_bytes).filter(|stored| *stored != 0);
        self.checksum_agrees = self.error.is_some() && self.begins_at == 0 && stored == Some(computed);
        let burst = stored
            .filter(|_| !self.assumes_version && self.begins_at == 0)
            .and_then(|stored| Burst::locate(computed, stored, self.reader.hashed_up_to()));
        if let Some(burst) = burst.filter(|_| self.options.file_bytes.is_some()) {
            self.position = burst.start;
            self.mode = Mode::Looking(burst);
        }
    }

    pub(super) fn look(&mut self, burst: Burst, rest: &[u8], eof: bool) {
        let have = burst.len.saturating_sub(self.looked_at.len());
        let taken = rest.get(..have.min(rest.len())).unwrap_or_default();
        self.looked_at.extend_from_slice(taken);
        self.position += taken.len() as u64;
        if self.looked_at.len() == burst.len {
            let instead = self.looked_at.iter().zip(burst.xor).map(|(byte, xor)| byte ^ xor).collect();
            let bytes = core::mem::take(&mut self.looked_at);
            self.mending = Some(Mending { start: burst.start, bytes, instead });
        }
        if eof || self.mending.is_some() {
            self.mode = Mode::Done;
        }
    }
}
