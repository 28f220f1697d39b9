//! The structure of a region of a file.

use snaptape_report::{FilePlaces, StructurePage, StructureQuery};
use snaptape_structure::{Marks, Walk};

use crate::{Progress, ReadRequest, Source, Unpacked, contents::Contents};

/// How much one read asks for: at first little, because most regions lie near a place that is known.
const FIRST_WINDOW: usize = 64 << 10;
/// See [`FIRST_WINDOW`].
const MOST_WINDOW: usize = 4 << 20;

/// Takes a region of a file apart, like [`crate::CommandList`] without I/O of its own.
///
/// ```
/// use snaptape_engine::{InputFile, Job, Options, Structure};
/// use snaptape_report::{FilePlaces, StructureQuery};
///
/// let file = b"REDIS0001\x00\x01k\x01v\xff";
/// let inputs = vec![InputFile { path: "dump.rdb".into(), bytes: file.len() as u64 }];
/// let mut job = Job::new(inputs, Options::default())?;
/// while let Some(request) = job.next_read() {
///     job.feed(&request, file);
/// }
/// let outcome = job.finish();
/// let places = FilePlaces::of(&outcome.report, 0, 9).unwrap();
/// let query = StructureQuery { start: 9, len: 5, inside: None };
/// let mut structure = Structure::new(places, &outcome.sources, query, Default::default()).unwrap();
/// while let Some(request) = structure.next_read() {
///     let start = usize::try_from(request.offset).unwrap();
///     structure.feed(&request, &file[start..start + request.len]);
/// }
/// let (page, _marks) = structure.finish();
/// assert_eq!(page.spans[0].value, "\"k\"");
/// # Ok::<(), snaptape_engine::JobError>(())
/// ```
#[derive(Debug)]
pub struct Structure {
    walk: Walk,
    contents: Contents,
    window: usize,
    begun_at: u64,
    /// How much of a packed file was there at the beginning.
    unpacked_from: Option<u64>,
    wanted_at: u64,
}

impl Structure {
    /// Over a region of a file. `marks` are what an earlier one returned, for the same or any other file: with them what lies
    /// before a region is not read twice.
    ///
    /// # Errors
    /// Says that there is no such file.
    pub fn new(
        places: FilePlaces,
        sources: &[Source],
        query: StructureQuery,
        marks: Marks,
    ) -> Result<Self, String> {
        Self::going_on(places, sources, query, marks, Unpacked::default())
    }

    /// The same; a packed file is unpacked on from where an earlier reader stopped, where that helps.
    ///
    /// # Errors
    /// Says that there is no such file.
    pub fn going_on(
        places: FilePlaces,
        sources: &[Source],
        query: StructureQuery,
        marks: Marks,
        kept: Unpacked,
    ) -> Result<Self, String> {
        let source = sources.iter().find(|source| source.path == places.file);
        let source = source.ok_or_else(|| format!("Where {} is was not said.", places.file))?;
        let end = places.content_bytes;
        let wanted_at = query.inside.unwrap_or(query.start).saturating_add(query.len).min(end);
        let walk = Walk::new(places, query, marks);
        let begun_at = walk.wants().unwrap_or(0);
        let contents = Contents::going_on(source, begun_at, end, kept);
        let unpacked_from = contents.unpacked_bytes();
        let mut structure = Self { walk, contents, window: FIRST_WINDOW, begun_at, unpacked_from, wanted_at };
        structure.replay();
        Ok(structure)
    }

    /// Looks at what an earlier reader unpacked.
    fn replay(&mut self) {
        let walk = &mut self.walk;
        let ended = self.contents.replay(|at, piece| take(walk, at, piece));
        if ended && !self.is_done() {
            self.walk.feed(&[], true);
        }
    }

    /// The next read; nothing once the region is described.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        let mut at = self.walk.wants()?;
        if self.contents.hop(at) {
            self.unpacked_from = self.contents.unpacked_bytes();
            self.replay();
            at = self.walk.wants()?;
        }
        self.contents.next_read(at, self.window)
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        if !self.contents.expects(request) {
            return;
        }
        self.window = (self.window * 2).min(MOST_WINDOW);
        let walk = &mut self.walk;
        let ended = self.contents.feed(bytes, bytes.len() < request.len, |at, piece| {
            take(walk, at, piece);
            walk.wants().is_some()
        });
        if ended {
            self.walk.feed(&[], true);
        }
    }

    /// Is the region described?
    pub fn is_done(&self) -> bool {
        self.walk.is_done() || self.walk.wants().is_none()
    }

    /// How far it is on its way to the region. A packed file has to be unpacked up to there.
    pub fn progress(&self) -> Progress {
        let (from, at) = match self.unpacked_from.zip(self.contents.unpacked_bytes()) {
            Some(unpacked) => unpacked,
            None => (self.begun_at, self.walk.wants().unwrap_or(self.wanted_at)),
        };
        let end = self.wanted_at.max(from);
        Progress { done_bytes: at.clamp(from, end) - from, total_bytes: end - from }
    }

    /// The structure, and marks for the next region.
    pub fn finish(self) -> (StructurePage, Marks) {
        self.walk.finish()
    }

    /// The same, and what the next one can go on from in the same packed file.
    pub fn finish_keeping(self) -> (StructurePage, Marks, Unpacked) {
        let (page, marks) = self.walk.finish();
        (page, marks, self.contents.into_unpacked())
    }
}

/// Hands a piece of the contents that begins at `at` to the walk.
fn take(walk: &mut Walk, at: u64, piece: &[u8]) {
    // What the walk stepped over meanwhile is passed over here, too.
    while let Some(wanted) = walk.wants() {
        let from = wanted.checked_sub(at).and_then(|from| usize::try_from(from).ok());
        let Some(rest) = from.and_then(|from| piece.get(from..)).filter(|rest| !rest.is_empty()) else {
            break;
        };
        walk.feed(rest, false);
    }
}
