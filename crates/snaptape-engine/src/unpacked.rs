//! Places in packed files from which they can be unpacked on.

use snaptape_unpack::Unpacker;

use crate::Source;

/// How much of what came out last is kept, for who goes back a little: more than a reader of a region steps back to find its way in.
const HISTORY_BYTES: usize = 4 << 20;

/// So much of the input is unpacked at once: a thousand times as much may come out of it.
const SLICE_BYTES: usize = 4 << 10;

/// Most places that are kept.
const MOST_PLACES: usize = 3;

/// Where reading packed files stopped, with the contents before that. Who goes on from there, or a little before, does not unpack a
/// file from its front again. Each of at most three places takes what its container needs, and 12 MiB at most.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// The one used last comes first.
    kept: Vec<Unpacking>,
}

impl Unpacked {
    /// The place from which the contents of `source` are soonest there from `at` on.
    pub(crate) fn take(&mut self, source: &Source, at: u64) -> Option<Unpacking> {
        let serving = self.kept.iter().enumerate().filter(|(_, place)| place.serves(source, at));
        let (nearest, _) = serving.max_by_key(|(_, place)| place.bytes_inside())?;
        Some(self.kept.remove(nearest))
    }

    /// The same, if that is nearer than a place where so many bytes came out.
    pub(crate) fn take_nearer(&mut self, source: &Source, at: u64, bytes_inside: u64) -> Option<Unpacking> {
        let place = self.take(source, at)?;
        if place.bytes_inside() > bytes_inside {
            return Some(place);
        }
        self.put(place);
        None
    }

    pub(crate) fn put(&mut self, place: Unpacking) {
        self.kept.insert(0, place);
        self.kept.truncate(MOST_PLACES);
    }
}

/// A packed file that is unpacked front to back, and the last that came out.
#[derive(Debug)]
pub(crate) struct Unpacking {
    source: Source,
    unpacker: Unpacker,
    /// Offset in the input of the next byte.
    next: u64,
    /// The last contents.
    history: Vec<u8>,
    ended: bool,
}

impl Unpacking {
    /// At the front of a source; nothing where it is not packed.
    pub(crate) fn front(source: &Source) -> Option<Self> {
        Some(Self {
            unpacker: source.unpacker()?,
            source: source.clone(),
            next: source.start,
            history: Vec::new(),
            ended: false,
        })
    }

    fn serves(&self, source: &Source, at: u64) -> bool {
        self.source == *source && at >= self.bytes_inside() - self.history.len() as u64
    }

    pub(crate) fn next(&self) -> u64 {
        self.next
    }

    pub(crate) fn bytes_inside(&self) -> u64 {
        self.unpacker.bytes_inside()
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.ended
    }

    /// What is kept of the contents from `at` on, and where that begins.
    pub(crate) fn since(&self, at: u64) -> (u64, &[u8]) {
        let start = self.bytes_inside() - self.history.len() as u64;
        let skip = usize::try_from(at.saturating_sub(start)).unwrap_or(usize::MAX);
        (start.max(at), self.history.get(skip..).unwrap_or_default())
    }

    /// Takes the next bytes of the input; `short` where none follow. `sink` says whether it wants more: what it does not want is not
    /// unpacked yet.
    pub(crate) fn feed(&mut self, bytes: &[u8], short: bool, sink: &mut dyn FnMut(u64, &[u8]) -> bool) {
        let mut inside = self.unpacker.bytes_inside();
        let history = &mut self.history;
        let mut deliver = |piece: &[u8]| {
            let more = sink(inside, piece);
            inside += piece.len() as u64;
            // Twice as much before any of it goes: moving it for every piece would cost more than unpacking it.
            if history.len() + piece.len() > 2 * HISTORY_BYTES {
                history.drain(..history.len().saturating_sub(HISTORY_BYTES));
            }
            history.extend_from_slice(piece);
            more
        };
        let mut slices = bytes.chunks(SLICE_BYTES);
        for slice in slices.by_ref() {
            let mut wanted = true;
            self.next += slice.len() as u64;
            self.unpacker.push(slice, &mut |piece| wanted = deliver(piece));
            if !wanted {
                break;
            }
        }
        let is_last = short && slices.len() == 0;
        if is_last || self.next >= self.source.end || self.unpacker.is_done() {
            self.unpacker.finish(&mut |piece| {
                deliver(piece);
            });
            self.ended = true;
        }
    }
}
