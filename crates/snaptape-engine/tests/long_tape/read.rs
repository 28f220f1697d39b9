//! The whole way over a tape that is in no file.

use snaptape_engine::{InputFile, Job, Options, Outcome};

use crate::generate::LongTape;

/// What a job says of a tape of `bytes`; `progress` is told how many were read.
pub(crate) fn read(bytes: u64, window_bytes: usize, mut progress: impl FnMut(u64)) -> Outcome {
    let mut tape = LongTape::new(bytes);
    let options = Options { window_bytes, target: Some("redis-7.0".into()), ..Options::default() };
    let mut job = Job::new(vec![InputFile { path: "appendonly.aof".into(), bytes }], options).unwrap();
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            let window = tape.read(request.offset, request.len);
            job.feed(&request, window);
            progress(job.progress().done_bytes);
        }
    }
    let outcome = job.finish();
    check(&outcome, &tape);
    outcome
}

/// Everything was read, the damage found where it is, and what stands behind it kept.
fn check(outcome: &Outcome, tape: &LongTape) {
    let zeros = tape.zeros();
    let file = &outcome.check.files[0];
    assert!(zeros.start - file.sound_up_to < 1000, "sound up to {}", file.sound_up_to);
    assert!(!outcome.check.loads.default.starts);
    let names: Vec<&str> = outcome.plans.iter().map(|plan| plan.name.as_str()).collect();
    let plan = |name: &str| {
        outcome.plans.iter().find(|plan| plan.name == name).unwrap_or_else(|| panic!("no {name}: {names:?}"))
    };
    let (salvage, truncate) = (plan("salvage"), plan("truncate"));
    println!(
        "{} commands made; truncate keeps {}, salvage {} and leaves out {} bytes",
        tape.commands(),
        truncate.commands_kept,
        salvage.commands_kept,
        salvage.losses.bytes
    );
    // Some hundred commands stood where the zeros are; the last one is cut off, perhaps with its transaction.
    let lost = tape.commands() - salvage.commands_kept;
    assert!(lost < 2000, "{lost} commands are lost");
    assert!(salvage.losses.bytes < (zeros.end - zeros.start) + 4000, "{} bytes", salvage.losses.bytes);
    assert!(truncate.commands_kept < tape.commands() * 6 / 10);
}
