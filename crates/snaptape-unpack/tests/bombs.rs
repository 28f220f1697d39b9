//! A little that unpacks to a lot: what is held stays what it is, and claims alone cost nothing.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::{
    alloc::{GlobalAlloc, Layout, System},
    io::Write as _,
    sync::{Mutex, MutexGuard},
};

use flate2::{Compression, write::GzEncoder};
use snaptape_unpack::{Container, FlawKind, Limits, Unpacker};

/// Counts what is held, and the most that ever was.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

#[expect(
    unsafe_code,
    reason = "an allocator is an unsafe trait; this one only counts on the way to the system's"
)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(held, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// One test at a time, or they count each other's.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

static ZEROS: [u8; 1 << 16] = [0; 1 << 16];

/// Unpacks the parts one after another: how much comes out, the most that was held for it, and the unpacker.
fn unpack<'a>(parts: impl Iterator<Item = &'a [u8]>, limits: Limits) -> (u64, usize, Unpacker) {
    let before = HELD.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let mut unpacker = Unpacker::new(limits);
    let mut zeros = 0_u64;
    // Slices compare fast also where nothing is optimised.
    let mut sink = |piece: &[u8]| {
        assert!(piece.chunks(ZEROS.len()).all(|bytes| *bytes == ZEROS[..bytes.len()]));
        zeros += piece.len() as u64;
    };
    for part in parts {
        for window in part.chunks(1 << 16) {
            unpacker.push(window, &mut sink);
        }
    }
    unpacker.finish(&mut sink);
    assert_eq!(zeros, unpacker.bytes_inside());
    (unpacker.bytes_inside(), PEAK.load(Ordering::Relaxed) - before, unpacker)
}

fn gzip(bytes: &[u8], times: usize) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    for _ in 0..times {
        encoder.write_all(bytes).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn a_gigabyte_of_zeros_in_gzip() {
    let _alone = alone();
    let packed = gzip(&vec![0; 1 << 20], 256);
    let (bytes, peak, unpacker) = unpack((0..4).map(|_| packed.as_slice()), Limits::default());
    assert_eq!((bytes, unpacker.flaws().len()), (1 << 30, 0));
    assert!(peak < 300 << 10, "{peak} bytes were held");
}

/// A zstd frame with this window byte, of blocks that each repeat a zero 128 Ki times.
fn zstd(window: u8, blocks: u32) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, window];
    for n in 1..=blocks {
        let header = (128 << 10) << 3 | 1 << 1 | u32::from(n == blocks);
        frame.extend_from_slice(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

#[test]
fn a_gigabyte_of_zeros_in_zstd() {
    let _alone = alone();
    // A window of 8 MiB, as `zstd -19` has it.
    let packed = zstd(13 << 3, 8192);
    let (bytes, peak, unpacker) = unpack([packed.as_slice()].into_iter(), Limits::default());
    assert_eq!((bytes, unpacker.flaws().len()), (1 << 30, 0));
    assert!(peak < 40 << 20, "{peak} bytes were held");
    // The longest that is allowed, and the decoder's buffer grows by doubling.
    let packed = zstd(17 << 3, 8192);
    let (bytes, peak, unpacker) = unpack([packed.as_slice()].into_iter(), Limits::default());
    assert_eq!((bytes, unpacker.flaws().len()), (1 << 30, 0));
    assert!(peak < 400 << 20, "{peak} bytes were held");
}

#[test]
fn a_window_that_is_only_claimed_costs_nothing() {
    let _alone = alone();
    let packed = zstd(17 << 3, 1);
    let (bytes, peak, _) = unpack(core::iter::repeat_n(packed.as_slice(), 20), Limits::default());
    assert_eq!(bytes, 20 * (128 << 10));
    assert!(peak < 2 << 20, "{peak} bytes were held");
    let packed = zstd(18 << 3, 1);
    let (bytes, _, unpacker) = unpack([packed.as_slice()].into_iter(), Limits::default());
    let flaws = unpacker.flaws();
    assert_eq!((bytes, flaws.len(), flaws[0].kind, flaws[0].offset), (0, 1, FlawKind::LimitReached, 0));
    assert!(flaws[0].why.contains("256 MiB") && flaws[0].why.contains("--long"), "{}", flaws[0].why);
    let (bytes, _, unpacker) =
        unpack([packed.as_slice()].into_iter(), Limits { max_window_bytes: 256 << 20, ..Limits::default() });
    assert_eq!((bytes, unpacker.flaws().len()), (128 << 10, 0));
}

#[test]
fn a_gigabyte_of_zeros_in_lz4() {
    let _alone = alone();
    // One zero, as many more as fit into the block but five, and the five that must be plain.
    let more = (4 << 20) - 1 - 5;
    let mut block = vec![0x1f, 0, 1, 0];
    let rest = more - 4 - 15;
    block.extend(core::iter::repeat_n(255, rest / 255));
    block.push(u8::try_from(rest % 255).unwrap());
    block.extend([0x50, 0, 0, 0, 0, 0]);
    let head = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x70, 0x73];
    let len = u32::try_from(block.len()).unwrap().to_le_bytes();
    let block = [&len[..], &block].concat();
    let parts = core::iter::once(head.as_slice())
        .chain(core::iter::repeat_n(block.as_slice(), 256))
        .chain([[0; 4].as_slice()]);
    let (bytes, peak, unpacker) = unpack(parts, Limits::default());
    assert_eq!((bytes, unpacker.flaws()), (1 << 30, vec![]));
    assert!(peak < 6 << 20, "{peak} bytes were held");
    // The longest block that can be announced, and nothing behind it.
    let packed = [&head[..], &(4_u32 << 20).to_le_bytes()].concat();
    let (_, peak, unpacker) = unpack([packed.as_slice()].into_iter(), Limits::default());
    assert_eq!(unpacker.flaws()[0].kind, FlawKind::Truncated);
    assert!(peak < 64 << 10, "{peak} bytes were held");
}

#[test]
fn containers_end_at_the_depth_that_is_allowed() {
    let _alone = alone();
    let mut packed = vec![0; 10_000];
    for depth in 1..=6 {
        packed = gzip(&packed, 1);
        let (bytes, peak, unpacker) = unpack([packed.as_slice()].into_iter(), Limits::default());
        assert!(peak < 1 << 20, "{peak} bytes were held");
        if depth <= 4 {
            assert_eq!((bytes, unpacker.layers()), (10_000, vec![Container::Gzip; depth]));
            assert_eq!(unpacker.flaws(), []);
        } else {
            let flaws = unpacker.flaws();
            assert_eq!((bytes, flaws[0].kind, flaws[0].depth), (0, FlawKind::LimitReached, 4));
            assert!(unpacker.is_done());
        }
    }
}
