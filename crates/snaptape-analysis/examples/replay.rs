//! Replays tapes made up on the fly and says how long a command takes, and how much memory all of it: `replay [KEYS]`.

use std::time::Instant;

use snaptape_analysis::ReplayFold;
use snaptape_aof::{CommandSink, TapeScan};
use snaptape_wire::{Limits, Release};

#[path = "../tests/all/adversary/replay.rs"]
mod adversary;

use adversary::{KINDS, Kind};

#[expect(clippy::disallowed_methods, reason = "a program of its own, which never runs in a browser")]
fn main() {
    let keys: u64 =
        std::env::args().nth(1).map_or(20_000_000, |word| word.parse().expect("a number of keys"));
    for kind in KINDS {
        let mut seconds = [0.0; 2];
        for (at, seconds) in seconds.iter_mut().enumerate() {
            let start = Instant::now();
            if at == 0 {
                feed(kind, keys, &mut ());
            } else {
                let mut fold = ReplayFold::default();
                feed(kind, keys, &mut fold);
                let found = fold.finish();
                let keys: u64 = found.databases.iter().map(|db| db.keys.keys_max).sum();
                println!("{kind:?}: {keys} keys, one in {} followed", found.one_in);
            }
            *seconds = start.elapsed().as_secs_f64();
        }
        let each = (seconds[1] - seconds[0]) * 1e9 / keys as f64;
        println!("  {each:.0} ns a command beyond the scan, peak memory so far {}", peak_memory());
    }
}

fn feed(kind: Kind, keys: u64, sink: &mut impl CommandSink) {
    let mut scan = TapeScan::new(0, u64::MAX, Release::redis(7, 4), Limits::default());
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < keys {
        let next = (at + 10_000).min(keys);
        bytes.clear();
        adversary::commands(kind, at..next, keys, &mut bytes);
        scan.feed(&bytes, sink);
        at = next;
    }
    scan.finish(sink);
}

fn peak_memory() -> String {
    // Linux alone says.
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".into(), |line| line.trim().to_owned())
}
