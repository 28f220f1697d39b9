//! The stretches of files a list reads, and how it gets at their bytes.

use snaptape_aof::{SalvageSink, SalvageWalk, TapeScan};
use snaptape_report::{Checkpoint, ListFrom, PlaceBehind, Tape, TapeFile, TapePlace};
use snaptape_unpack::Unpacker;
use snaptape_wire::{Limits, Release};

use crate::{ReadRequest, Source};

/// Good commands of one file, one behind the other, or what stands behind them where the file is damaged.
#[derive(Debug, Clone)]
pub(super) struct Stretch {
    pub(super) file: String,
    source: Source,
    /// Offset of the first one in the contents of the file, and behind the last one.
    pub(super) start: u64,
    pub(super) end: u64,
    /// Number of the first one.
    pub(super) number: u64,
    pub(super) behind_damage: bool,
    /// The last `#TS:` of the files before this one, Unix seconds: of what a server reads.
    pub(super) time_before_s: Option<i64>,
    /// What is known at some places behind the damage.
    pub(super) places: Vec<PlaceBehind>,
}

impl Stretch {
    /// How many bytes have to be read for it.
    pub(super) fn cost(&self) -> u64 {
        if self.source.is_packed() { self.source.packed_bytes() } else { self.end - self.start }
    }
}

/// The last place that is known before what a list is to begin with.
pub(super) fn place_before(tape: &Tape, from: &ListFrom) -> Result<TapePlace, String> {
    let mut known = tape.checkpoints.iter().filter_map(|point| place(tape, point));
    let found = match from {
        ListFrom::Start => None,
        ListFrom::Place(place) => {
            file(tape, &place.file)?;
            return Ok(place.clone());
        }
        ListFrom::Offset { file: name, offset } => {
            let first = beginning(tape, file(tape, name)?);
            let behind = file(tape, name)?.behind.iter().flat_map(|behind| &behind.places);
            if let Some(place) = behind.take_while(|place| place.offset <= *offset).last() {
                return Ok(place_behind(tape, file(tape, name)?, place));
            }
            let before = known.rfind(|place| place.file == *name && place.offset <= *offset);
            return Ok(before.unwrap_or(first));
        }
        ListFrom::Time { time_s } => {
            if tape.last_time_s.is_none() {
                return Err(
                    "There are no #TS: lines on the tape, so that no time leads to a place on it.".into()
                );
            }
            known.take_while(|place| place.time_s.is_none_or(|time| time < *time_s)).last()
        }
        ListFrom::Number { number } => {
            if *number > 0 && *number >= tape.commands {
                return Err(format!(
                    "There is no command {number}: the last one has number {}.",
                    tape.commands.saturating_sub(1)
                ));
            }
            known.take_while(|place| place.number <= *number).last()
        }
    };
    let has_any = |file: &&TapeFile| file.start < file.end || file.behind.is_some();
    let first = tape.files.iter().find(has_any).or(tape.files.first());
    found.or_else(|| first.map(|first| beginning(tape, first))).ok_or_else(|| "There are no commands.".into())
}

fn place_behind(tape: &Tape, file: &TapeFile, place: &PlaceBehind) -> TapePlace {
    TapePlace {
        file: file.file.clone(),
        offset: place.offset,
        number: file.commands_before + file.commands,
        db: place.db.unwrap_or(0),
        time_s: place.time_s.or_else(|| time_before(tape, &file.file)),
        behind_damage: true,
        db_unknown: place.db.is_none(),
        in_multi: place.in_multi,
        ..TapePlace::default()
    }
}

/// Without a time of its own a file goes on with that of the files before.
fn time_before(tape: &Tape, name: &str) -> Option<i64> {
    tape.files.iter().take_while(|other| other.file != name).filter_map(|file| file.last_time_s).last()
}

fn beginning(tape: &Tape, file: &TapeFile) -> TapePlace {
    TapePlace {
        file: file.file.clone(),
        offset: file.start,
        number: file.commands_before,
        time_s: time_before(tape, &file.file),
        ..TapePlace::default()
    }
}

fn place(tape: &Tape, point: &Checkpoint) -> Option<TapePlace> {
    let file = tape.files.get(usize::try_from(point.file).ok()?)?;
    Some(TapePlace {
        file: file.file.clone(),
        offset: point.offset,
        number: point.command,
        db: point.db,
        time_s: point.time_s,
        ..TapePlace::default()
    })
}

fn file<'a>(tape: &'a Tape, name: &str) -> Result<&'a TapeFile, String> {
    tape.files
        .iter()
        .find(|file| file.file == name)
        .ok_or_else(|| format!("There are no commands in a file {name}; there are some in: {}.", names(tape)))
}

fn names(tape: &Tape) -> String {
    const FEW: usize = 5;
    let mut names: Vec<&str> = tape.files.iter().take(FEW).map(|file| file.file.as_str()).collect();
    if tape.files.len() > FEW {
        names.push("...");
    }
    names.join(", ")
}

/// What there is to read from a place on.
pub(super) fn from_place(tape: &Tape, sources: &[Source], place: &TapePlace) -> Result<Vec<Stretch>, String> {
    let mut stretches = Vec::new();
    for (at, file) in tape.files.iter().skip_while(|file| file.file != place.file).enumerate() {
        let (start, number) =
            if at == 0 { (place.offset, place.number) } else { (file.start, file.commands_before) };
        let is_behind = at == 0 && place.behind_damage;
        let good = (!is_behind && start < file.end).then_some((start, file.end, number, false));
        let behind = file.behind.as_ref().map(|behind| {
            let start = if is_behind { start } else { file.end };
            (start, behind.end, file.commands_before + file.commands, true)
        });
        for (start, end, number, behind_damage) in good.into_iter().chain(behind) {
            if start >= end {
                continue;
            }
            let source = sources.iter().find(|source| source.path == file.file);
            let source = source.ok_or_else(|| format!("Where {} is was not said.", file.file))?.clone();
            let places =
                file.behind.iter().filter(|_| behind_damage).flat_map(|behind| behind.places.clone());
            let file = file.file.clone();
            let places = places.collect();
            let before = time_before(tape, &file);
            stretches.push(Stretch {
                file,
                source,
                start,
                end,
                number,
                behind_damage,
                time_before_s: before,
                places,
            });
        }
    }
    Ok(stretches)
}

/// A stretch being read.
#[derive(Debug)]
pub(super) struct Opened {
    stretch: Stretch,
    reader: Reader,
    /// What stands between the input and the scan, if anything does.
    unpacker: Option<Unpacker>,
    /// Offset in the input of the next byte.
    next: u64,
    /// Offset in the contents of the next byte the scan wants.
    at: u64,
    broken: bool,
}

/// What makes commands of the bytes.
#[derive(Debug)]
enum Reader {
    /// Good ones only.
    Good(Box<TapeScan>),
    /// Those behind damage, and the damage.
    Behind(Box<SalvageWalk>),
}

impl Reader {
    fn feed<S: SalvageSink>(&mut self, bytes: &[u8], sink: &mut S) {
        match self {
            Self::Good(scan) => scan.feed(bytes, sink),
            Self::Behind(walk) => walk.feed(bytes, sink),
        }
    }
}

impl Opened {
    pub(super) fn new(stretch: Stretch, release: Release) -> Self {
        let unpacker = stretch.source.unpacker();
        let next = stretch.source.start + if unpacker.is_some() { 0 } else { stretch.start };
        // All of it was read before and found good, by the rules of the release it was judged for: no other rules matter here.
        let reader = if stretch.behind_damage {
            Reader::Behind(Box::new(SalvageWalk::new(stretch.start, stretch.end, release)))
        } else {
            let scan = TapeScan::new(stretch.start, stretch.end, release, Limits::default());
            Reader::Good(Box::new(scan))
        };
        Self { reader, unpacker, next, at: stretch.start, broken: false, stretch }
    }

    /// The next read, of at most `window` bytes.
    pub(super) fn next_read(&self, window: usize) -> Option<ReadRequest> {
        if self.is_over() {
            return None;
        }
        let end = match self.unpacker {
            Some(_) => self.stretch.source.end,
            None => self.stretch.source.start + self.stretch.end,
        };
        let left = usize::try_from(end.saturating_sub(self.next)).unwrap_or(usize::MAX);
        Some(ReadRequest { file: self.stretch.source.file, offset: self.next, len: left.min(window) })
    }

    /// Is this an answer to what was asked?
    pub(super) fn expects(&self, request: &ReadRequest) -> bool {
        request.file == self.stretch.source.file && request.offset == self.next
    }

    pub(super) fn feed<S: SalvageSink>(&mut self, bytes: &[u8], short: bool, sink: &mut S) {
        self.next += bytes.len() as u64;
        let (reader, at, end) = (&mut self.reader, &mut self.at, self.stretch.end);
        let Some(unpacker) = &mut self.unpacker else {
            reader.feed(bytes, sink);
            *at += bytes.len() as u64;
            self.broken |= short && self.at < end;
            return;
        };
        let mut inside = unpacker.bytes_inside();
        let mut deliver = |piece: &[u8]| {
            let start = inside;
            inside += piece.len() as u64;
            let from = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
            let to = usize::try_from(end.saturating_sub(start)).unwrap_or(usize::MAX).min(piece.len());
            if let Some(wanted) = piece.get(from..to).filter(|wanted| !wanted.is_empty()) {
                reader.feed(wanted, sink);
                *at += wanted.len() as u64;
            }
        };
        unpacker.push(bytes, &mut deliver);
        let ended = short || self.next >= self.stretch.source.end || unpacker.is_done();
        if ended {
            unpacker.finish(&mut deliver);
            self.broken |= self.at < end;
        }
    }

    /// Is there nothing more to read?
    pub(super) fn is_over(&self) -> bool {
        self.broken || self.at >= self.stretch.end
    }

    /// Where it stands.
    pub(super) fn place(&self) -> (&str, u64) {
        (&self.stretch.file, self.at)
    }

    /// Closes it. Are all of its bytes commands, as they were when it was looked through?
    pub(super) fn finish<S: SalvageSink>(self, sink: &mut S) -> bool {
        match self.reader {
            Reader::Good(scan) => scan.finish(sink).check.ok_up_to >= self.stretch.end && !self.broken,
            Reader::Behind(walk) => {
                walk.finish(sink);
                !self.broken
            }
        }
    }
}
