//! Bytes of a file: a stretch of them, and where others stand.

mod find;
mod scan;
mod search;

pub use find::{ByteFind, BytePlace};
pub use search::ByteSearch;

use crate::{ReadRequest, Source, Unpacked, contents::Contents};

/// How much one read asks for.
const WINDOW: usize = 4 << 20;

/// A stretch of the contents of a file, packed or not.
///
/// ```
/// use snaptape_engine::{Bytes, InputFile, Job, Options};
///
/// let file = b"REDIS0001\x00\x01k\x01v\xff";
/// let inputs = vec![InputFile { path: "dump.rdb".into(), bytes: file.len() as u64 }];
/// let mut job = Job::new(inputs, Options::default())?;
/// while let Some(request) = job.next_read() {
///     job.feed(&request, file);
/// }
/// let source = &job.finish().sources[0];
/// let mut bytes = Bytes::new(source, 15, 5, 9);
/// while let Some(request) = bytes.next_read() {
///     let start = usize::try_from(request.offset).unwrap();
///     bytes.feed(&request, &file[start..start + request.len]);
/// }
/// assert_eq!(bytes.finish(), b"0001");
/// # Ok::<(), snaptape_engine::JobError>(())
/// ```
#[derive(Debug)]
pub struct Bytes {
    contents: Contents,
    start: u64,
    end: u64,
    held: Vec<u8>,
}

impl Bytes {
    /// The longest stretch that is handed out at once.
    pub const MAX_LEN: u64 = 1 << 20;

    /// `start..end` of the contents of `source`, which are `content_bytes` long.
    pub fn new(source: &Source, content_bytes: u64, start: u64, end: u64) -> Self {
        Self::going_on(source, content_bytes, start, end, Unpacked::default())
    }

    /// The same; a packed file is unpacked on from where an earlier reader stopped, where that helps.
    pub fn going_on(source: &Source, content_bytes: u64, start: u64, end: u64, kept: Unpacked) -> Self {
        let end = end.min(content_bytes).min(start.saturating_add(Self::MAX_LEN));
        let mut contents = Contents::going_on(source, start.min(end), end, kept);
        let mut held = Vec::new();
        contents.replay(|at, piece| take(&mut held, start, end, at, piece));
        Self { contents, start, end, held }
    }

    fn at(&self) -> u64 {
        self.start + self.held.len() as u64
    }

    /// The next read; nothing once all bytes are there.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        self.contents.next_read(self.at(), WINDOW)
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        if !self.contents.expects(request) {
            return;
        }
        let (start, end, held) = (self.start, self.end, &mut self.held);
        self.contents.feed(bytes, bytes.len() < request.len, |at, piece| {
            take(held, start, end, at, piece);
            start + (held.len() as u64) < end
        });
    }

    /// The bytes; fewer where the file has become shorter.
    pub fn finish(self) -> Vec<u8> {
        self.held
    }

    /// The same, and what a later reader of the same packed file can go on from.
    pub fn finish_keeping(self) -> (Vec<u8>, Unpacked) {
        (self.held, self.contents.into_unpacked())
    }
}

/// Takes what of a piece that begins at `at` continues what is held of `start..end`.
fn take(held: &mut Vec<u8>, start: u64, end: u64, at: u64, piece: &[u8]) {
    let wanted = start + held.len() as u64;
    let from = wanted.checked_sub(at).and_then(|from| usize::try_from(from).ok());
    if let Some(rest) = from.and_then(|from| piece.get(from..)) {
        let room = usize::try_from(end.saturating_sub(wanted)).unwrap_or(usize::MAX);
        held.extend_from_slice(rest.get(..room).unwrap_or(rest));
    }
}
