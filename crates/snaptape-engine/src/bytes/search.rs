//! All places where bytes stand.

use super::{WINDOW, scan::Scan};
use crate::{Progress, ReadRequest, Source, contents::Contents};

/// Looks for bytes in the contents of a file, front to back.
#[derive(Debug)]
pub struct ByteSearch {
    contents: Contents,
    scan: Scan,
    from: u64,
    end: u64,
    limit: usize,
    hits: Vec<u64>,
}

impl ByteSearch {
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
        let scan = Scan::new(needle, from)?;
        let contents = Contents::new(source, from.min(content_bytes), content_bytes);
        let limit = limit.min(Self::MAX_HITS);
        Ok(Self { contents, scan, from, end: content_bytes, limit, hits: Vec::new() })
    }

    /// The next read; nothing once it is over.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        if self.hits.len() >= self.limit {
            return None;
        }
        self.contents.next_read(self.scan.at(), WINDOW)
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        if !self.contents.expects(request) {
            return;
        }
        let Self { contents, scan, limit, hits, .. } = self;
        contents.feed(bytes, bytes.len() < request.len, |start, piece| {
            scan.feed(start, piece, |place| {
                if hits.len() < *limit {
                    hits.push(place);
                }
            });
            hits.len() < *limit
        });
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress { done_bytes: self.scan.at() - self.from, total_bytes: self.end.saturating_sub(self.from) }
    }

    /// Where the bytes stand, in order.
    pub fn hits(&self) -> &[u64] {
        &self.hits
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
