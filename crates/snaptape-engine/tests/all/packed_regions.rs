//! Regions of a packed file: what they are is what they are in the unpacked one, and nothing is unpacked twice without need.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use snaptape_engine::{
    ByteFind, BytePlace, Bytes, Marks, Options, Outcome, ReadRequest, Structure, Unpacked,
};
use snaptape_report::{FilePlaces, StructurePage, StructureQuery};
use snaptape_testdata::generated::write_keys;

use crate::set::run_one;

fn part<'a>(bytes: &'a [u8], request: &ReadRequest) -> &'a [u8] {
    let start = usize::try_from(request.offset).unwrap();
    &bytes[start..start + request.len]
}

/// Looks at one region after the other, and counts what it reads for that.
struct Looker<'a> {
    input: &'a [u8],
    outcome: Outcome,
    marks: Marks,
    kept: Unpacked,
}

impl<'a> Looker<'a> {
    fn new(input: &'a [u8]) -> Self {
        Self {
            input,
            outcome: run_one("x", input, Options::default()),
            marks: Marks::default(),
            kept: Unpacked::default(),
        }
    }

    fn total(&self) -> u64 {
        self.outcome.report.files[0].content_bytes()
    }

    fn look(&mut self, start: u64, len: u64) -> (StructurePage, Vec<u8>, u64) {
        let places = FilePlaces::of(&self.outcome.report, 0, start).expect("a file");
        let query = StructureQuery { start, len, inside: None };
        let (marks, kept) = (core::mem::take(&mut self.marks), core::mem::take(&mut self.kept));
        let mut read = 0;
        let mut structure =
            Structure::going_on(places, &self.outcome.sources, query, marks, kept).expect("a file");
        let mut done = 0;
        while let Some(request) = structure.next_read() {
            read += request.len as u64;
            structure.feed(&request, part(self.input, &request));
            let progress = structure.progress();
            assert!(done <= progress.done_bytes && progress.done_bytes <= progress.total_bytes);
            done = progress.done_bytes;
        }
        let (page, marks, kept) = structure.finish_keeping();
        self.marks = marks;
        let mut bytes = Bytes::going_on(&self.outcome.sources[0], self.total(), start, start + len, kept);
        while let Some(request) = bytes.next_read() {
            read += request.len as u64;
            bytes.feed(&request, part(self.input, &request));
        }
        let (bytes, kept) = bytes.finish_keeping();
        self.kept = kept;
        (page, bytes, read)
    }

    fn find(&self, needle: &[u8], cursor: u64, back: bool) -> Option<BytePlace> {
        let source = &self.outcome.sources[0];
        let mut find = ByteFind::new(source, self.total(), needle.to_vec(), cursor, back).unwrap();
        while let Some(request) = find.next_read() {
            find.feed(&request, part(self.input, &request));
        }
        find.finish()
    }
}

fn plain_and_packed(keys: u64) -> (Vec<u8>, Vec<u8>) {
    let mut plain = Vec::new();
    write_keys(keys, &mut plain).unwrap();
    let packed = gzip(&plain);
    (plain, packed)
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_region_is_the_same_and_its_neighbours_are_there_already() {
    let (plain, packed) = plain_and_packed(120_000);
    let (mut of_plain, mut of_packed) = (Looker::new(&plain), Looker::new(&packed));
    let total = of_plain.total();
    assert_eq!((total, of_packed.total()), (plain.len() as u64, total));
    assert!(total > 12 << 20, "{total}: all of it would be kept");
    let end = total - 2_500;
    // Whether the region is to come with one short read at most.
    for (start, is_there) in [
        (0, false),
        (1_000, true),
        (end, false),
        (end - 2_000, true),
        (end - 900_000, true),
        (end, true),
        // The front again, and there and back without unpacking.
        (500, false),
        (end - 4_000, true),
        (2_500, true),
        (total / 2, false),
        (total / 2 + 2_000, true),
        (end - 2_000, true),
    ] {
        let (page, bytes, _) = of_plain.look(start, 2_432);
        let (packed_page, packed_bytes, read) = of_packed.look(start, 2_432);
        assert_eq!(packed_page, page, "{start}");
        assert!(packed_bytes == bytes && bytes.len() == 2_432, "{start}");
        assert!(!is_there || read <= 64 << 10, "{start}: {read} bytes were read");
        // Nothing is unpacked from its front twice for one region.
        assert!(read <= packed.len() as u64, "{start}: {read} of {}", packed.len());
    }
}

#[test]
fn far_inside_a_long_value_nothing_is_unpacked_again() {
    let long = 30 << 20;
    let head = [&b"REDIS0011\x00\x01a\x01b\x00\x04long\x80"[..], &u32::to_be_bytes(long)].concat();
    let value: Vec<u8> = (0..long).map(|n| n.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]).collect();
    let plain = [&head[..], &value, b"\x00\x01z\x01y\xff\0\0\0\0\0\0\0\0"].concat();
    let packed = gzip(&plain);
    let (mut of_plain, mut of_packed) = (Looker::new(&plain), Looker::new(&packed));
    let end = of_plain.total() - 2_432;
    for (start, is_there) in
        [(end, false), (end - 3_000_000, true), (end, true), (0, true), (12_000_000, false), (end, true)]
    {
        let (page, bytes, _) = of_plain.look(start, 2_432);
        let (packed_page, packed_bytes, read) = of_packed.look(start, 2_432);
        assert_eq!(packed_page, page, "{start}");
        assert!(packed_bytes == bytes, "{start}");
        // Its front is read: that says where it ends.
        assert!(!is_there || read <= 128 << 10, "{start}: {read} bytes were read");
    }
}

#[test]
fn bytes_are_found_in_either_direction() {
    let (plain, packed) = plain_and_packed(15_000);
    let (of_plain, of_packed) = (Looker::new(&plain), Looker::new(&packed));
    let total = of_plain.total();
    let middle = usize::try_from(total / 2).unwrap();
    let once = &plain[middle..middle + 64];
    let mut wrapped = 0;
    for needle in [&b"REDIS0010"[..], b"user:", b"used-mem", once, b"stands nowhere in there"] {
        for cursor in [0, 30, total / 2, total - 1] {
            for back in [false, true] {
                let found = of_plain.find(needle, cursor, back);
                assert_eq!(of_packed.find(needle, cursor, back), found, "{needle:?} from {cursor}, {back}");
                wrapped += u32::from(found.is_some_and(|place| place.wrapped));
            }
        }
    }
    assert!(wrapped >= 8, "{wrapped}");
}
