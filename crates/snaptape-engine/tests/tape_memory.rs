//! A tape made to fill whatever is kept of commands: what is held at once stays bounded. On its own, because the peak is that of the
//! whole process.

use peak_alloc::PeakAlloc;
use snaptape_engine::{InputFile, Job, Options};
use snaptape_report::Verdict;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What a job over such a tape may take beside its input: all folds over commands, some of them twice while a MULTI block is open.
const MAX_BYTES: usize = 160 << 20;

fn run(file: &[u8]) -> (Verdict, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let options = Options { window_bytes: 1 << 20, ..Options::default() };
    let inputs = vec![InputFile { path: "a.aof".into(), bytes: file.len() as u64 }];
    let mut job = Job::new(inputs, options).unwrap();
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            let start = usize::try_from(request.offset).unwrap();
            job.feed(&request, &file[start..start + request.len]);
        }
    }
    let verdict = job.finish().check.verdict;
    (verdict, ALLOCATOR.peak_usage() - before)
}

/// Commands that each name what no other one names. With `invented` some of them are commands nobody knows.
fn tape(invented: bool) -> Vec<u8> {
    let mut tape = Vec::new();
    let mut n = 0_u64;
    while tape.len() < 16 << 20 {
        let scattered = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word: String = format!("{scattered:x}").bytes().map(|b| char::from(b'g' + b % 20)).collect();
        let words: Vec<String> = match n % 7 {
            0 => vec!["SELECT".into(), (scattered >> 9).to_string()],
            1 => vec!["DEL".into(), format!("{word}:{n}:x"), format!("{word}:y")],
            2 if invented => vec![format!("X{n}"), format!("{word}:{}", "a:".repeat(8))],
            2 => vec!["SADD".into(), format!("{word}:{}", "a:".repeat(8)), word],
            3 => vec![
                "SET".into(),
                "k".repeat(500) + &n.to_string(),
                "v".into(),
                "PXAT".into(),
                (scattered >> 20).to_string(),
            ],
            4 => vec!["PEXPIREAT".into(), format!("{n}/{word}"), (n * 1_000).to_string()],
            5 => vec!["RENAME".into(), word.clone(), format!("{word}#{word}")],
            _ => vec!["MSET".into(), format!("{word}|{n}"), "1".into(), format!("{n}|{word}"), "2".into()],
        };
        if n.is_multiple_of(11) {
            tape.extend_from_slice(format!("#TS:{}\r\n", scattered >> 1).as_bytes());
        }
        tape.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
        for word in words {
            tape.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
        }
        n += 1;
    }
    tape
}

/// One block of everything: what is staged is bounded as well.
fn block(tape: &[u8]) -> Vec<u8> {
    [b"*1\r\n$5\r\nMULTI\r\n", tape, b"*1\r\n$4\r\nEXEC\r\n"].concat()
}

#[test]
fn a_tape_of_nothing_but_new_names_is_folded_in_bounded_memory() {
    let (known, invented) = (tape(false), tape(true));
    for (what, tape, expected) in [
        ("plain", &known, Verdict::Sound),
        ("one block", &block(&known), Verdict::Sound),
        // No server gets past the first command it does not know.
        ("invented", &invented, Verdict::Recoverable),
        ("one block, invented", &block(&invented), Verdict::Recoverable),
    ] {
        let (verdict, peak) = run(tape);
        println!("{what}: {} KiB, at most {} KiB are held", tape.len() >> 10, peak >> 10);
        assert_eq!(verdict, expected, "{what}");
        assert!(peak < MAX_BYTES, "{what}: {peak} bytes");
    }
}
