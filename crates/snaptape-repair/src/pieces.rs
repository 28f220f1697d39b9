//! From edits to bytes.

use snaptape_report::{Edit, LineEnds, OutputFile};

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
    /// Commands of an input with the line ends they had: `snaptape_aof::Reframer` makes them.
    Reframed {
        /// Its path as it was given.
        path: String,
        /// First byte.
        start: u64,
        /// Byte after the last one.
        end: u64,
        /// What has happened to them.
        from: LineEnds,
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
            Edit::Reframe { start, end, from, .. } => {
                Some(Piece::Reframed { path: output.source.clone(), start, end, from })
            }
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
            Edit::Keep { start, end } | Edit::Drop { start, end, .. } | Edit::Reframe { start, end, .. } => {
                start >= end
            }
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
            (
                Some(Edit::Reframe { end, from, bytes, .. }),
                Edit::Reframe { start, end: new_end, from: same, bytes: more },
            ) if *end == *start && from == same => {
                *end = *new_end;
                *bytes += more;
            }
            _ => out.push(edit.clone()),
        }
    }
    out
}

/// Do the edits of a file account for every byte of its source, once and in order? `source_bytes` is the length of that file; one
/// that is made anew has none.
///
/// # Errors
/// What is wrong, and where.
pub fn tiles(output: &OutputFile, source_bytes: u64) -> Result<(), String> {
    let mut at = 0;
    for edit in &output.edits {
        let (start, end) = match edit {
            Edit::Keep { start, end } | Edit::Drop { start, end, .. } | Edit::Reframe { start, end, .. } => {
                (*start, *end)
            }
            Edit::Insert { .. } | Edit::Checksum => continue,
        };
        if start != at || end < start {
            return Err(format!("{}: {edit:?} stands where {at} should begin", output.name));
        }
        at = end;
    }
    let expected = if output.source.is_empty() { 0 } else { source_bytes };
    if at == expected {
        Ok(())
    } else {
        Err(format!("{}: the edits end at {at}, the file at {expected}", output.name))
    }
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
    fn every_byte_is_accounted_for_once() {
        let output =
            |edits: &[Edit]| OutputFile { name: "a".into(), source: "b".into(), edits: edits.to_vec() };
        let insert = Edit::Insert { bytes: NewBytes::new(b"x".to_vec()), why: "y".into() };
        let reframe = Edit::Reframe { start: 5, end: 7, from: LineEnds::Lf, bytes: 9 };
        let good = output(&[keep(0, 5), insert.clone(), reframe, drop(7, 9, "c"), Edit::Checksum]);
        assert_eq!(tiles(&good, 9), Ok(()));
        assert!(tiles(&good, 10).is_err());
        for edits in [&[keep(1, 9)][..], &[keep(0, 5), keep(6, 9)], &[keep(0, 5), drop(4, 9, "c")], &[]] {
            assert!(tiles(&output(edits), 9).is_err(), "{edits:?}");
        }
        let anew = OutputFile { source: String::new(), ..output(&[insert]) };
        assert_eq!(tiles(&anew, 9), Ok(()));
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
        let reframe = |start, end| Edit::Reframe { start, end, from: LineEnds::Lf, bytes: 2 * (end - start) };
        assert_eq!(join(&[reframe(0, 5), reframe(5, 7), keep(7, 9)]), [reframe(0, 7), keep(7, 9)]);
        assert_eq!(join(&[keep(0, 5), keep(6, 9)]), [keep(0, 5), keep(6, 9)]);
        let output = OutputFile { name: "a".into(), source: "b".into(), edits: edits.to_vec() };
        assert_eq!(
            pieces(&output),
            [Piece::Source { path: "b".into(), start: 0, end: 9 }, Piece::Bytes(b"x".to_vec())]
        );
    }
}
