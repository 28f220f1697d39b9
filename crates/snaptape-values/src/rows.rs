//! Makes rows of elements: those of a page, or those that match.

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};
use snaptape_report::{ElementRow, ElementText};

use crate::{Piece, geo, number};

/// Text that is looked for in elements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, BorshSerialize, BorshDeserialize)]
pub struct ElementSearch {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Are the letters A to Z the same as a to z?
    pub any_case: bool,
}

/// Gathers a page.
#[derive(Debug)]
pub struct Rows {
    from: u64,
    limit: usize,
    keep_bytes: usize,
    finder: Option<Finder>,
    row: ElementRow,
    /// Does the row belong to what was asked for, as far as its number says?
    wanted: bool,
    begun: bool,
    found: bool,
    listed: usize,
    /// The rows, as far as nobody took them.
    pub rows: Vec<ElementRow>,
    /// Matches, listed or not.
    pub matches: u64,
    /// Elements behind the last one that was looked at.
    pub read_up_to: u64,
}

/// Most strings of one element that are listed.
const MAX_TEXTS: usize = 64;

impl Rows {
    /// From the `from`th element on, `limit` rows, with at most `keep_bytes` of every string.
    pub fn new(from: u64, limit: usize, keep_bytes: usize, search: Option<ElementSearch>) -> Self {
        Self {
            from,
            limit,
            keep_bytes,
            finder: search.filter(|search| !search.bytes.is_empty()).map(Finder::new),
            row: ElementRow::default(),
            wanted: false,
            begun: false,
            found: false,
            listed: 0,
            rows: Vec::new(),
            matches: 0,
            read_up_to: from,
        }
    }

    /// Are there as many rows as were wanted?
    pub fn is_full(&self) -> bool {
        self.listed >= self.limit
    }

    /// Takes the next piece of an element.
    pub fn piece(&mut self, element: u64, piece: Piece<'_>) {
        if !self.begun {
            self.begun = true;
            self.found = self.finder.is_none();
            self.wanted = element >= self.from && !(self.is_full() && self.finder.is_none());
            if self.wanted {
                self.row = ElementRow { index: element, ..ElementRow::default() };
            }
        }
        if matches!(piece, Piece::Beside(_) | Piece::TooLong(_) | Piece::Misfit) {
            self.begun = false;
            return;
        }
        if self.wanted {
            self.add(piece);
        }
        if piece == Piece::End {
            self.begun = false;
            self.end(element);
        }
    }

    fn add(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Text(len) => {
                if self.row.texts.len() < MAX_TEXTS {
                    self.row.texts.push(ElementText { len_bytes: len, bytes: Vec::new() });
                } else {
                    self.row.more_texts += 1;
                }
                if let Some(finder) = &mut self.finder {
                    finder.reset();
                }
            }
            Piece::Bytes(bytes) => {
                if self.row.more_texts == 0
                    && let Some(text) = self.row.texts.last_mut()
                {
                    let room = self.keep_bytes.saturating_sub(text.bytes.len());
                    text.bytes.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
                }
                if let Some(finder) = self.finder.as_mut().filter(|_| !self.found) {
                    self.found = finder.push(bytes);
                }
            }
            Piece::Score(score) => {
                self.row.score = Some(number::double(score));
                self.row.position =
                    geo::likely_position(score).map(|(lon, lat)| (format!("{lon:.6}"), format!("{lat:.6}")));
            }
            Piece::Expiry(at_ms) => self.row.expires_at_ms = at_ms,
            Piece::Entry(id, _) => self.label(format!("{}-{}", id.ms, id.seq)),
            Piece::Index(index) => self.label(index.to_string()),
            Piece::Name(name) => self.label(name.into()),
            Piece::Double(n) => self.whole(number::double(n).into_bytes()),
            Piece::Number(kind, n) => {
                self.row.label = Some(kind.into());
                self.whole(n.to_string().into_bytes());
            }
            Piece::TextEnd | Piece::End | Piece::Beside(_) | Piece::TooLong(_) | Piece::Misfit => {}
        }
    }

    fn label(&mut self, label: String) {
        if let Some(finder) = self.finder.as_mut().filter(|_| !self.found) {
            finder.reset();
            self.found = finder.push(label.as_bytes());
        }
        self.row.label = Some(label);
    }

    fn whole(&mut self, bytes: Vec<u8>) {
        if let Some(finder) = self.finder.as_mut().filter(|_| !self.found) {
            finder.reset();
            self.found = finder.push(&bytes);
        }
        self.row.texts.push(ElementText { len_bytes: bytes.len() as u64, bytes });
    }

    fn end(&mut self, element: u64) {
        if !core::mem::replace(&mut self.wanted, false) {
            return;
        }
        self.read_up_to = element + 1;
        if !self.found {
            return;
        }
        self.matches += 1;
        if !self.is_full() {
            self.listed += 1;
            self.rows.push(core::mem::take(&mut self.row));
        }
    }
}

/// Finds text in bytes that arrive in pieces.
#[derive(Debug)]
struct Finder {
    needle: Vec<u8>,
    any_case: bool,
    /// The last bytes, as many as a match across a border may have before it.
    tail: Vec<u8>,
}

impl Finder {
    fn new(search: ElementSearch) -> Self {
        let mut needle = search.bytes;
        if search.any_case {
            needle.make_ascii_lowercase();
        }
        Self { needle, any_case: search.any_case, tail: Vec::new() }
    }

    fn reset(&mut self) {
        self.tail.clear();
    }

    fn push(&mut self, bytes: &[u8]) -> bool {
        let before = self.needle.len().saturating_sub(1);
        if !self.tail.is_empty() {
            let front = bytes.get(..before.min(bytes.len())).unwrap_or_default();
            self.tail.extend_from_slice(front);
            if self.is_in(&self.tail) {
                return true;
            }
        }
        if self.is_in(bytes) {
            return true;
        }
        if bytes.len() >= before {
            self.tail.clear();
            self.tail.extend_from_slice(bytes.get(bytes.len() - before..).unwrap_or_default());
        } else {
            if self.tail.is_empty() {
                self.tail.extend_from_slice(bytes);
            }
            let surplus = self.tail.len().saturating_sub(before);
            self.tail.drain(..surplus);
        }
        false
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        let Some((first, rest)) = self.needle.split_first() else { return true };
        let same = |a: u8, b: u8| if self.any_case { a.to_ascii_lowercase() == b } else { a == b };
        let Some(last) = bytes.len().checked_sub(self.needle.len()) else { return false };
        (0..=last).any(|at| {
            bytes.get(at).is_some_and(|byte| same(*byte, *first))
                && bytes
                    .get(at + 1..)
                    .unwrap_or_default()
                    .iter()
                    .zip(rest)
                    .all(|(byte, wanted)| same(*byte, *wanted))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_found_across_pieces() {
        for (needle, any_case, expected) in [
            ("defg", false, true),
            ("DEFG", true, true),
            ("DEFG", false, false),
            ("abcdefghij", false, true),
            ("a", false, true),
            ("j", false, true),
            ("jk", false, false),
            ("ca", false, false),
        ] {
            for step in 1..=10 {
                let search = ElementSearch { bytes: needle.into(), any_case };
                let mut finder = Finder::new(search);
                let found = b"abcdefghij".chunks(step).any(|piece| finder.push(piece));
                assert_eq!(found, expected, "{needle} in pieces of {step}");
            }
        }
    }

    #[test]
    fn a_page_begins_and_ends_where_it_should() {
        let mut rows = Rows::new(2, 2, 3, None);
        for n in 0..6 {
            for piece in [Piece::Text(5), Piece::Bytes(b"abcde"), Piece::TextEnd, Piece::End] {
                rows.piece(n, piece);
            }
        }
        let listed: Vec<_> = rows.rows.iter().map(|row| (row.index, row.texts[0].bytes.as_slice())).collect();
        assert_eq!(listed, [(2, &b"abc"[..]), (3, b"abc")]);
        assert!(rows.rows[0].texts[0].is_cut() && rows.is_full());
        assert_eq!((rows.matches, rows.read_up_to), (2, 4));
    }
}
