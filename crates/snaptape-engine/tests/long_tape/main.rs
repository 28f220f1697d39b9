//! A tape longer than what may be held of it: memory does not grow with it. `cargo xtask budgets` reads ten gigabytes.

mod generate;
mod read;

use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const WINDOW_BYTES: usize = 256 << 10;

/// What a job may take, whatever the length of the tape: the windows, what the readers hold, and the budgets of the folds. With 8 MiB
/// windows ten gigabytes take 161 MB, and one gigabyte the same.
const MAX_BYTES: usize = 192 << 20;

fn peak(bytes: u64) -> usize {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    read::read(bytes, WINDOW_BYTES, |_| {});
    let peak = ALLOCATOR.peak_usage() - before;
    println!("{bytes} bytes: {peak} bytes at most");
    peak
}

#[test]
fn memory_does_not_grow_with_the_tape() {
    let (short, long) = (peak(8 << 20), peak(64 << 20));
    assert!(long <= MAX_BYTES, "{long} bytes were held");
    // Folds take what they need as long as their budgets are not used up: less than the tape itself all the same.
    assert!(long < 6 * short, "{short} for a tape of 8 MiB, {long} for one of 64");
}
