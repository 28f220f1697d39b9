//! From edits to bytes.

use snaptape_report::{Edit, OutputFile};

/// A stretch of an output file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Bytes of an input.
    Source {
        /// Its path as it was given.
        path: String,
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
    },
    /// New bytes.
    Bytes(Vec<u8>),
    /// The CRC-64 of everything before it, eight bytes, little-endian.
    Checksum,
}

/// What an output file is made of, in order: as few pieces as possible, none of them empty.
pub fn pieces(output: &OutputFile) -> Vec<Piece> {
    join(&output.edits)
        .into_iter()
        .filter_map(|edit| match edit {
            Edit::Keep { start, end } => Some(Piece::Source { path: output.source.clone(), start, end }),
            Edit::Drop { .. } => None,
            Edit::Insert { bytes, .. } => Some(Piece::Bytes(bytes.as_bytes().to_vec())),
            Edit::Checksum => Some(Piece::Checksum),
        })
        .collect()
}

/// The same edits with neighbours joined and empty ones left out. Drops join where they give the same reason; what is kept on
/// both sides of nothing is kept in one piece.
pub fn join(edits: &[Edit]) -> Vec<Edit> {
    let mut out: Vec<Edit> = Vec::new();
    for edit in edits {
        let empty = match edit {
            Edit::Keep { start, end } | Edit::Drop { start, end, .. } => start >= end,
            Edit::Insert { bytes, .. } => bytes.as_bytes().is_empty(),
            Edit::Checksum => false,
        };
        if empty {
            continue;
        }
        match (out.last_mut(), edit) {
            (Some(Edit::Keep { end, .. }), Edit::Keep { start, end: new_end }) if *end == *start => {
                *end = *new_end;
            }
            (Some(Edit::Drop { end, why, .. }), Edit::Drop { start, end: new_end, why: reason })
                if *end == *start && why == reason =>
            {
                *end = *new_end;
            }
            _ => out.push(edit.clone()),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use snaptape_report::NewBytes;

    use super::*;

    fn keep(start: u64, end: u64) -> Edit {
        Edit::Keep { start, end }
    }

    fn drop(start: u64, end: u64, why: &str) -> Edit {
        Edit::Drop { start, end, why: why.into() }
    }

    #[test]
    fn neighbours_join() {
        let insert = Edit::Insert { bytes: NewBytes::new(b"x".to_vec()), why: "y".into() };
        let nothing = Edit::Insert { bytes: NewBytes::new(Vec::new()), why: "y".into() };
        let edits = [
            keep(0, 0),
            keep(0, 5),
            keep(5, 9),
            drop(9, 12, "a"),
            drop(12, 13, "a"),
            drop(13, 14, "b"),
            nothing,
            insert,
        ];
        let [.., insert] = &edits;
        assert_eq!(join(&edits), [keep(0, 9), drop(9, 13, "a"), drop(13, 14, "b"), insert.clone()]);
        assert_eq!(join(&[keep(0, 5), keep(6, 9)]), [keep(0, 5), keep(6, 9)]);
        let output = OutputFile { name: "a".into(), source: "b".into(), edits: edits.to_vec() };
        assert_eq!(
            pieces(&output),
            [Piece::Source { path: "b".into(), start: 0, end: 9 }, Piece::Bytes(b"x".to_vec())]
        );
    }
}
