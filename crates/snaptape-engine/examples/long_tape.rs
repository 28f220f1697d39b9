//! Checks a tape that is made as it is read, and says how much memory that took: `long_tape [BYTES]`. Called by `cargo xtask budgets`.

use std::time::Instant;

#[path = "../tests/long_tape/generate.rs"]
mod generate;
#[path = "../tests/long_tape/read.rs"]
mod read;

/// As front ends read.
const WINDOW_BYTES: usize = 8 << 20;

#[expect(clippy::disallowed_methods, reason = "a program of its own, which never runs in a browser")]
fn main() {
    let bytes: u64 =
        std::env::args().nth(1).map_or(10_000_000_000, |word| word.parse().expect("a number of bytes"));
    let start = Instant::now();
    let mut next = 0;
    let report = |done: u64| {
        let seconds = start.elapsed().as_secs_f64();
        let rate = done as f64 / seconds / 1e6;
        println!("{done} bytes, {seconds:.1} s, {rate:.0} MB/s, peak memory {}", peak_memory());
    };
    let outcome = read::read(bytes, WINDOW_BYTES, |done| {
        if done >= next {
            next += bytes.div_ceil(10);
            report(done);
        }
    });
    report(bytes);
    for plan in &outcome.plans {
        println!("  {}: {}", plan.name, plan.summary);
    }
    for finding in &outcome.check.findings {
        println!("  {}", finding.message);
    }
}

fn peak_memory() -> String {
    // Linux alone says.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".into(), |line| line.trim().to_owned())
}
