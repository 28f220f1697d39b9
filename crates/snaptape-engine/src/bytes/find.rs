//! The next place where bytes stand, or the one before, once round the contents.

use borsh::{BorshDeserialize, BorshSerialize};
use core::ops::Range;

use super::{WINDOW, scan::Scan};
use crate::{Progress, ReadRequest, Source, contents::Contents};

/// Where bytes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BytePlace {
    /// Offset in the contents.
    pub at: u64,
    /// Did the search have to go on from the other end?
    pub wrapped: bool,
}

/// Looks for the place of bytes that is next to a cursor: behind it, then from the beginning on; or before it, then from the end
/// back. The place at the cursor itself comes last.
///
/// What is not packed is looked through from the cursor on, backwards in blocks. What is packed can be read front to back only: one
/// pass keeps the best place on either side.
#[derive(Debug)]
pub struct ByteFind {
    source: Source,
    content_bytes: u64,
    scan: Scan,
    back: bool,
    /// Places before it are on one side, the others on the other.
    border: u64,
    /// What is left to look through, the side to go first before the other one.
    sides: [Range<u64>; 2],
    contents: Option<Contents>,
    /// Where the places of the stretch under way begin.
    stretch: Range<u64>,
    done_bytes: u64,
    /// Found where one wants to go first, and beyond the end.
    near: Option<u64>,
    far: Option<u64>,
}

impl ByteFind {
    /// Looks round the contents of `source`, which are `content_bytes` long, from `cursor` on.
    ///
    /// # Errors
    /// Nothing to look for, or too much of it.
    pub fn new(
        source: &Source,
        content_bytes: u64,
        needle: Vec<u8>,
        cursor: u64,
        back: bool,
    ) -> Result<Self, String> {
        let border = if back { cursor } else { cursor.saturating_add(1) }.min(content_bytes);
        let (before, behind) = (0..border, border..content_bytes);
        let sides = match (source.is_packed(), back) {
            (true, _) => [0..content_bytes, 0..0],
            (false, true) => [before, behind],
            (false, false) => [behind, before],
        };
        Ok(Self {
            source: source.clone(),
            content_bytes,
            scan: Scan::new(needle, 0)?,
            back,
            border,
            sides,
            contents: None,
            stretch: 0..0,
            done_bytes: 0,
            near: None,
            far: None,
        })
    }

    /// The next stretch to look through; false where all of it was.
    fn go_on(&mut self) -> bool {
        self.done_bytes += self.stretch.end - self.stretch.start;
        self.stretch = 0..0;
        let Some(side) = self.sides.iter_mut().find(|side| side.start < side.end) else { return false };
        let in_blocks = self.back && !self.source.is_packed();
        let block = if in_blocks { side.end.saturating_sub(WINDOW as u64) } else { 0 };
        self.stretch = side.start.max(block)..side.end;
        side.end = self.stretch.start;
        // A place that begins in the stretch may reach beyond it.
        let end = self.stretch.end.saturating_add(self.scan.needle_bytes() - 1).min(self.content_bytes);
        self.contents = Some(Contents::new(&self.source, self.stretch.start, end));
        self.scan.move_to(self.stretch.start);
        true
    }

    /// Can nothing better come, and not in what is left of the stretch?
    fn is_found(&self) -> bool {
        match (self.source.is_packed(), self.back) {
            (false, false) => self.near.or(self.far).is_some(),
            // Of a block, and of all that is before the cursor, the last place counts.
            (false, true) => false,
            (true, false) => self.near.is_some(),
            (true, true) => self.near.is_some() && self.scan.at() >= self.border + self.scan.needle_bytes(),
        }
    }

    /// The next read; nothing once it is over.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        while !self.is_found() {
            let at = self.scan.at();
            let request = self.contents.as_mut().and_then(|contents| contents.next_read(at, WINDOW));
            if request.is_some() {
                return request;
            }
            if self.near.or(self.far).is_some() || !self.go_on() {
                return None;
            }
        }
        None
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let Self { contents: Some(contents), scan, back, border, near, far, .. } = self else { return };
        if !contents.expects(request) {
            return;
        }
        contents.feed(bytes, bytes.len() < request.len, |start, piece| {
            scan.feed(start, piece, |place| {
                let is_near = (place < *border) == *back;
                let best = if is_near { &mut *near } else { &mut *far };
                if *back || best.is_none() {
                    *best = Some(place);
                }
            });
            true
        });
    }

    /// How far round it is.
    pub fn progress(&self) -> Progress {
        let here = self.scan.at().clamp(self.stretch.start, self.stretch.end) - self.stretch.start;
        Progress { done_bytes: self.done_bytes + here, total_bytes: self.content_bytes }
    }

    /// The place, if there is one.
    pub fn finish(self) -> Option<BytePlace> {
        let near = self.near.map(|at| BytePlace { at, wrapped: false });
        near.or(self.far.map(|at| BytePlace { at, wrapped: true }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found, with reads of `cut` bytes.
    fn find(hay: &[u8], needle: &[u8], cursor: u64, back: bool, cut: usize) -> Option<(u64, bool)> {
        let source = Source::whole("x", 0, hay.len() as u64);
        let mut find = ByteFind::new(&source, hay.len() as u64, needle.to_vec(), cursor, back).unwrap();
        let mut done = 0;
        while let Some(mut request) = find.next_read() {
            request.len = request.len.min(cut);
            let start = usize::try_from(request.offset).unwrap();
            find.feed(&request, &hay[start..start + request.len]);
            let Progress { done_bytes, total_bytes } = find.progress();
            assert!(done <= done_bytes && done_bytes <= total_bytes, "{done} {done_bytes} {total_bytes}");
            done = done_bytes;
        }
        find.finish().map(|place| (place.at, place.wrapped))
    }

    /// The same by definition.
    fn expected(hay: &[u8], needle: &[u8], cursor: u64, back: bool) -> Option<(u64, bool)> {
        let places: Vec<u64> =
            hay.windows(needle.len()).zip(0..).filter(|(w, _)| *w == needle).map(|(_, at)| at).collect();
        if back {
            let near = places.iter().rfind(|at| **at < cursor).map(|at| (*at, false));
            near.or(places.last().map(|at| (*at, true)))
        } else {
            let near = places.iter().find(|at| **at > cursor).map(|at| (*at, false));
            near.or(places.first().map(|at| (*at, true)))
        }
    }

    #[test]
    fn the_next_and_the_previous_place_once_round() {
        let hay = b"abababcabcabx";
        for needle in [&b"ab"[..], b"aba", b"abc", b"b", b"x", b"abababcabcabx", b"no"] {
            for cursor in [0, 1, 2, 4, 7, 10, 11, 12, 13, 99] {
                for (back, cut) in [(false, 1), (false, 5), (false, 99), (true, 1), (true, 5), (true, 99)] {
                    assert_eq!(
                        find(hay, needle, cursor, back, cut),
                        expected(hay, needle, cursor.min(13), back),
                        "{} from {cursor}, back {back}, cut {cut}",
                        needle.escape_ascii()
                    );
                }
            }
        }
        assert_eq!(find(b"", b"x", 0, true, 1), None);
        assert_eq!(find(b"", b"x", 0, false, 1), None);
    }

    #[test]
    fn blocks_do_not_hide_a_place_across_two() {
        let mut hay = vec![0; 3 * WINDOW];
        let at = 2 * WINDOW - 2;
        hay[at..at + 4].copy_from_slice(b"here");
        let end = hay.len() as u64;
        for (cursor, back, wrapped) in
            [(end - 1, true, false), (0, false, false), (5, true, true), (end - 1, false, true)]
        {
            assert_eq!(find(&hay, b"here", cursor, back, usize::MAX), Some((at as u64, wrapped)), "{cursor}");
        }
    }
}
