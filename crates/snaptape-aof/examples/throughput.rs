//! How fast a tape is scanned on this machine: small writes, and what a cache usually holds.

use std::{fmt::Write as _, time::Instant};

use snaptape_aof::TapeScan;
use snaptape_wire::{Limits, Release};

fn tape(value_bytes: usize) -> Vec<u8> {
    let value = "v".repeat(value_bytes);
    let mut text = String::from("*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n");
    for i in 0.. {
        let key = format!("user:{i}:profile");
        // Writing to a String cannot fail.
        let _ = write!(text, "*3\r\n$3\r\nSET\r\n${}\r\n{key}\r\n${value_bytes}\r\n{value}\r\n", key.len());
        if text.len() > 256 << 20 {
            break;
        }
    }
    text.into_bytes()
}

#[expect(clippy::disallowed_methods, reason = "a native program that measures time")]
fn main() {
    for value_bytes in [20, 100, 1_000] {
        let tape = tape(value_bytes);
        let mut best = f64::MAX;
        for _ in 0..5 {
            let begin = Instant::now();
            let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
            for window in tape.chunks(8 << 20) {
                scan.feed(window, &mut ());
            }
            let facts = scan.finish(&mut ());
            assert!(facts.is_sound());
            best = best.min(begin.elapsed().as_secs_f64());
        }
        println!("values of {value_bytes} bytes: {:.2} GB/s", tape.len() as f64 / best / 1e9);
    }
}
