//! How fast a tape is folded on this machine, beside only reading it: few busy keys, very many keys, names that all differ in shape,
//! transactions, and deletes.

use std::{fmt::Write as _, time::Instant};

use snaptape_analysis::TapeFold;
use snaptape_aof::{CommandSink, TapeScan};
use snaptape_wire::{Limits, Release};

const BYTES: usize = 200 << 20;

fn command(text: &mut String, words: &[&str]) {
    // Writing to a String cannot fail.
    let _ = write!(text, "*{}\r\n", words.len());
    for word in words {
        let _ = write!(text, "${}\r\n{word}\r\n", word.len());
    }
}

/// Numbers that jump about, always the same.
fn scattered(n: u64) -> u64 {
    n.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20
}

fn tape(each: impl Fn(&mut String, u64)) -> Vec<u8> {
    let mut text = String::with_capacity(BYTES + 4096);
    command(&mut text, &["SELECT", "0"]);
    for n in 0.. {
        if n % 20_000 == 0 {
            let _ = write!(text, "#TS:{}\r\n", 1_700_000_000 + n / 20_000);
        }
        each(&mut text, n);
        if text.len() > BYTES {
            break;
        }
    }
    text.into_bytes()
}

/// Seconds this thread has run so far: a busy machine does not matter. Linux alone says; elsewhere it is the time of day.
fn cpu_seconds(begin: Instant) -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let ns = text.split(' ').next().and_then(|ns| ns.parse::<u64>().ok());
    ns.map_or_else(|| begin.elapsed().as_secs_f64(), |ns| ns as f64 / 1e9)
}

fn seconds<S: CommandSink>(tape: &[u8], mut sink: S, start: Instant) -> (f64, S) {
    let begin = cpu_seconds(start);
    let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 4), Limits::default());
    for window in tape.chunks(8 << 20) {
        scan.feed(window, &mut sink);
    }
    assert!(scan.finish(&mut sink).is_sound());
    (cpu_seconds(start) - begin, sink)
}

#[expect(clippy::disallowed_methods, reason = "a native program that measures time")]
fn main() {
    let start = Instant::now();
    let value = "v".repeat(100);
    let tapes: [(&str, Vec<u8>); 6] = [
        (
            "1,000 keys, values of 100 bytes",
            tape(|text, n| {
                command(text, &["SET", &format!("user:{}:profile", scattered(n) % 1_000), &value]);
            }),
        ),
        (
            "1,000,000 keys, values of 100 bytes",
            tape(|text, n| {
                command(text, &["SET", &format!("user:{}:profile", scattered(n) % 1_000_000), &value]);
            }),
        ),
        (
            "1,000,000 keys, values of 10 bytes",
            tape(|text, n| {
                command(text, &["SET", &format!("user:{}:profile", scattered(n) % 1_000_000), "0123456789"]);
            }),
        ),
        (
            "every name another shape, values of 10 bytes",
            tape(|text, n| {
                command(text, &["SET", &format!("session:{:016x}", scattered(n) << 20 ^ n), "0123456789"]);
            }),
        ),
        (
            "transactions of two commands",
            tape(|text, n| {
                let key = format!("user:{}:profile", scattered(n) % 100_000);
                command(text, &["MULTI"]);
                command(text, &["HSET", &key, "field", &value]);
                command(text, &["PEXPIREAT", &key, &format!("{}", 1_700_000_000_000 + n)]);
                command(text, &["EXEC"]);
            }),
        ),
        (
            "a queue: SET with expiry, then DEL",
            tape(|text, n| {
                let key = format!("job:{n}");
                command(text, &["SET", &key, &value, "PXAT", &format!("{}", 1_700_000_000_000 + n * 7)]);
                command(text, &["DEL", &key]);
            }),
        ),
    ];
    for (what, tape) in &tapes {
        let read = (0..3).map(|_| seconds(tape, (), start).0).fold(f64::MAX, f64::min);
        let mut folded = f64::MAX;
        let mut commands = 0;
        for _ in 0..3 {
            let mut fold = TapeFold::default();
            fold.begin_file("a.aof");
            let (seconds, fold) = seconds(tape, fold, start);
            folded = folded.min(seconds);
            commands = fold.finish().commands;
        }
        let speed = |seconds: f64| tape.len() as f64 / seconds / 1e9;
        println!(
            "{what}: read {:.2} GB/s, folded {:.2} GB/s, {:.0} ns a command more",
            speed(read),
            speed(folded),
            (folded - read) * 1e9 / commands as f64
        );
    }
}
