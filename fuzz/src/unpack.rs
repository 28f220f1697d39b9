//! Containers: whatever the bytes are, the same comes out however they arrive, and what is said about it.

use snaptape_unpack::{
    Container, Flaw, Limits, MAX_PIECE_BYTES, Unpacker,
    zip::{Directory, Entry},
};

/// A few bytes can unpack to gigabytes: nobody waits for those here.
const MAX_INSIDE_BYTES: usize = 8 << 20;
/// Longest window, so that little more than that comes out before anybody looks.
const MAX_WINDOW_BYTES: usize = 64;
/// Windows a fuzzer's zstd frame may ask for: the decoder's buffer is the same whatever its length.
const LIMITS: Limits = Limits { max_window_bytes: 8 << 20, max_depth: 4 };

#[derive(Debug, PartialEq, Eq)]
struct Opened {
    inside: Vec<u8>,
    /// What is known at the end, where that was reached.
    end: Option<(Vec<Container>, Vec<Flaw>, Option<String>)>,
}

/// The file as a whole, and each file of it as an archive.
pub(crate) fn unpack(input: &[u8]) {
    let windows = crate::cuts(input);
    compare(|| Unpacker::new(LIMITS), input, &windows);
    for entry in entries(input).iter().take(8) {
        let range = offset(entry.header_offset)..offset(entry.end_offset);
        compare(|| Unpacker::zip_entry(entry, LIMITS), &input[range], &windows);
    }
}

fn compare(unpacker: impl Fn() -> Unpacker, input: &[u8], windows: &[usize]) {
    let whole = open(unpacker(), input, core::iter::repeat(MAX_WINDOW_BYTES));
    let cut = open(unpacker(), input, windows.iter().map(|&window| window.min(MAX_WINDOW_BYTES)));
    let ones = open(unpacker(), input, core::iter::repeat(1));
    for other in [cut, ones] {
        if let (Some(_), Some(_)) = (&whole.end, &other.end) {
            assert!(whole == other, "{:?} or {:?}", whole.end, other.end);
        } else {
            let len = whole.inside.len().min(other.inside.len());
            assert!(whole.inside[..len] == other.inside[..len], "other contents before byte {len}");
        }
    }
}

fn open(mut unpacker: Unpacker, input: &[u8], windows: impl Iterator<Item = usize>) -> Opened {
    let mut inside = Vec::new();
    let mut sink = |piece: &[u8]| {
        assert!((1..=MAX_PIECE_BYTES).contains(&piece.len()), "a piece of {} bytes", piece.len());
        inside.extend_from_slice(piece);
    };
    let mut rest = input;
    // The cuts are those of the whole input, and may end before this part of it does.
    for window in windows.chain(core::iter::repeat(MAX_WINDOW_BYTES)) {
        let (front, behind) = rest.split_at(window.min(rest.len()));
        unpacker.push(front, &mut sink);
        rest = behind;
        if rest.is_empty() || unpacker.bytes_inside() > MAX_INSIDE_BYTES as u64 {
            break;
        }
    }
    if !rest.is_empty() {
        return Opened { inside, end: None };
    }
    unpacker.finish(&mut sink);
    let flaws = unpacker.flaws();
    for flaw in &flaws {
        let is_inside =
            flaw.depth > 0 || unpacker.layers() == [Container::Zip] || flaw.offset <= input.len() as u64;
        assert!(is_inside, "{flaw:?} of {} bytes", input.len());
    }
    Opened { inside, end: Some((unpacker.layers(), flaws, unpacker.name_inside())) }
}

fn entries(archive: &[u8]) -> Vec<Entry> {
    let mut directory = Directory::new(archive.len() as u64);
    let mut rounds = 0;
    while let Some((at, len)) = directory.wants() {
        directory.give(&archive[offset(at).min(archive.len())..offset(at + len).min(archive.len())]);
        rounds += 1;
        assert!(rounds <= 3, "it never ends");
    }
    let entries = directory.entries().expect("it wants nothing more").unwrap_or_default();
    for entry in entries {
        assert!(
            entry.header_offset <= entry.end_offset && entry.end_offset <= archive.len() as u64,
            "{entry:?}"
        );
    }
    entries.to_vec()
}

fn offset(offset: u64) -> usize {
    usize::try_from(offset).expect("an offset in the input")
}
