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

#[test]
fn a_tape_of_nothing_but_new_names_is_folded_in_bounded_memory() {
    let mut tape = Vec::new();
    let mut n = 0_u64;
    while tape.len() < 16 << 20 {
        let scattered = n.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let word: String = format!("{scattered:x}").bytes().map(|b| char::from(b'g' + b % 20)).collect();
        let words: Vec<String> = match n % 7 {
            0 => vec!["SELECT".into(), (scattered >> 9).to_string()],
            1 => vec!["DEL".into(), format!("{word}:{n}:x"), format!("{word}:y")],
            2 => vec![format!("X{n}"), format!("{word}:{}", "a:".repeat(8))],
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
    // One block of everything: what is staged is bounded as well.
    let mut block = b"*1\r\n$5\r\nMULTI\r\n".to_vec();
    block.extend_from_slice(&tape);
    block.extend_from_slice(b"*1\r\n$4\r\nEXEC\r\n");
    for (what, tape) in [("plain", &tape), ("one block", &block)] {
        let (verdict, peak) = run(tape);
        println!("{what}: {n} commands, {} KiB at most", peak >> 10);
        // Its framing is good; its made-up names are what no server gets past.
        assert_eq!(verdict, Verdict::Recoverable, "{what}");
        assert!(peak < MAX_BYTES, "{what}: {peak} bytes");
    }
}
