//! Bytes of a file: a stretch of them, and where others stand.

use crate::{Progress, ReadRequest, Source, contents::Contents};

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
        let end = end.min(content_bytes).min(start.saturating_add(Self::MAX_LEN));
        Self { contents: Contents::new(source, start.min(end), end), start, end, held: Vec::new() }
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
            let wanted = start + held.len() as u64;
            let from = wanted.checked_sub(at).and_then(|from| usize::try_from(from).ok());
            if let Some(rest) = from.and_then(|from| piece.get(from..)) {
                let room = usize::try_from(end.saturating_sub(wanted)).unwrap_or(usize::MAX);
                held.extend_from_slice(rest.get(..room).unwrap_or(rest));
            }
        });
    }

    /// The bytes; fewer where the file has become shorter.
    pub fn finish(self) -> Vec<u8> {
        self.held
    }
}

/// Looks for bytes in the contents of a file, front to back.
#[derive(Debug)]
pub struct ByteSearch {
    contents: Contents,
    needle: Vec<u8>,
    /// What may be the front of the needle, across two windows.
    tail: Vec<u8>,
    from: u64,
    at: u64,
    end: u64,
    limit: usize,
    hits: Vec<u64>,
}

impl ByteSearch {
    /// The longest needle.
    pub const MAX_NEEDLE: usize = 4_096;
    /// Most places that are found at once.
    pub const MAX_HITS: usize = 100_000;

    /// Looks from an offset of the contents on, which are `content_bytes` long, for at most `limit` places.
    ///
    /// # Errors
    /// Nothing to look for, or too much of it.
    pub fn new(
        source: &Source,
        content_bytes: u64,
        needle: Vec<u8>,
        from: u64,
        limit: usize,
    ) -> Result<Self, String> {
        if needle.is_empty() {
            return Err("There are no bytes to look for.".into());
        }
        if needle.len() > Self::MAX_NEEDLE {
            return Err(format!("At most {} bytes can be looked for.", Self::MAX_NEEDLE));
        }
        let contents = Contents::new(source, from.min(content_bytes), content_bytes);
        let limit = limit.min(Self::MAX_HITS);
        Ok(Self {
            contents,
            needle,
            tail: Vec::new(),
            from,
            at: from,
            end: content_bytes,
            limit,
            hits: Vec::new(),
        })
    }

    /// The next read; nothing once it is over.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        if self.hits.len() >= self.limit {
            return None;
        }
        self.contents.next_read(self.at, WINDOW)
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        if !self.contents.expects(request) {
            return;
        }
        let Self { contents, needle, tail, at, limit, hits, .. } = self;
        contents.feed(bytes, bytes.len() < request.len, |start, piece| {
            let from = at.checked_sub(start).and_then(|from| usize::try_from(from).ok());
            let Some(piece) = from.and_then(|from| piece.get(from..)) else { return };
            let tail_at = *at - tail.len() as u64;
            // Across the border: the tail and as much as a needle may need of what follows.
            let whole = tail.len();
            tail.extend_from_slice(piece.get(..piece.len().min(needle.len() - 1)).unwrap_or_default());
            find(tail, needle, |place| {
                if place < whole && hits.len() < *limit {
                    hits.push(tail_at + place as u64);
                }
            });
            find(piece, needle, |place| {
                if hits.len() < *limit {
                    hits.push(*at + place as u64);
                }
            });
            *at += piece.len() as u64;
            let keep = needle.len() - 1;
            if piece.len() >= keep {
                tail.clear();
                tail.extend_from_slice(piece.get(piece.len() - keep..).unwrap_or_default());
            } else {
                tail.truncate(whole);
                tail.extend_from_slice(piece);
                tail.drain(..tail.len().saturating_sub(keep));
            }
        });
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress { done_bytes: self.at - self.from, total_bytes: self.end.saturating_sub(self.from) }
    }

    /// Where the bytes stand, in order.
    pub fn hits(&self) -> &[u64] {
        &self.hits
    }
}

/// Calls `each` for every place of `needle`, in order.
fn find(bytes: &[u8], needle: &[u8], mut each: impl FnMut(usize)) {
    let Some(first) = needle.first() else { return };
    let mut at = 0;
    while let Some(rest) = bytes.get(at..)
        && let Some(next) = rest.iter().position(|byte| byte == first)
    {
        at += next;
        if bytes.get(at..).is_some_and(|rest| rest.starts_with(needle)) {
            each(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hits, with reads cut as a packed source would cut them.
    fn search(hay: &[u8], needle: &[u8], from: u64, cut: usize) -> Vec<u64> {
        let source = Source::whole("x", 0, hay.len() as u64);
        let mut search = ByteSearch::new(&source, hay.len() as u64, needle.to_vec(), from, 1_000).unwrap();
        while let Some(mut request) = search.next_read() {
            request.len = request.len.min(cut);
            let start = usize::try_from(request.offset).unwrap();
            search.feed(&request, &hay[start..start + request.len]);
        }
        search.hits().to_vec()
    }

    #[test]
    fn every_place_is_found_once_however_reads_are_cut() {
        let hay = b"abababcabcab";
        for (needle, from, expected) in [
            (&b"ab"[..], 0, &[0, 2, 4, 7, 10][..]),
            (b"aba", 0, &[0, 2]),
            (b"abc", 1, &[4, 7]),
            (b"b", 2, &[3, 5, 8, 11]),
            (b"abababcabcab", 0, &[0]),
            (b"x", 0, &[]),
            (b"ab", 99, &[]),
        ] {
            for cut in 1..=hay.len() {
                assert_eq!(search(hay, needle, from, cut), expected, "{} cut {cut}", needle.escape_ascii());
            }
        }
    }

    #[test]
    fn nothing_cannot_be_looked_for() {
        let source = Source::whole("x", 0, 3);
        assert!(ByteSearch::new(&source, 3, Vec::new(), 0, 1).is_err());
        assert!(ByteSearch::new(&source, 3, vec![0; 5_000], 0, 1).is_err());
    }
}
