//! Runs the targets on random changes to their seeds, on any compiler, without guidance by coverage.
//!
//! `snaptape-fuzz [--seconds N] [--target NAME] [--seed N] | --list | --seeds NAME FOLDER | --replay NAME FILE`

#![forbid(unsafe_code)]

use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use lexopt::{Arg, Parser, ValueExt as _};
use snaptape_fuzz::{Mutator, TARGETS, Target, target};

/// An input that takes longer than this hangs.
const MAX_INPUT_TIME: Duration = Duration::from_secs(20);

type AnyError = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, AnyError> {
    let mut seconds = 60.0;
    let mut seed = 1;
    let mut targets: Vec<&Target> = TARGETS.iter().collect();
    let mut args = Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("seconds") => seconds = args.value()?.parse()?,
            Arg::Long("seed") => seed = args.value()?.parse()?,
            Arg::Long("target") => targets = vec![named(&mut args)?],
            Arg::Long("list") => {
                for target in TARGETS {
                    println!("{}", target.name);
                }
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("seeds") => {
                write_seeds(named(&mut args)?, args.value()?.as_ref())?;
                return Ok(ExitCode::SUCCESS);
            }
            Arg::Long("replay") => {
                (named(&mut args)?.run)(&fs::read(args.value()?)?);
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let each = Duration::from_secs_f64(seconds) / u32::try_from(targets.len())?;
    for target in targets {
        if let Err(artifact) = drive(target, each, seed) {
            eprintln!(
                "{} fails on {}\nto see it again: cargo run -p snaptape-fuzz -- --replay {} {}",
                target.name,
                artifact.display(),
                target.name,
                artifact.display()
            );
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn named(args: &mut Parser) -> Result<&'static Target, AnyError> {
    let name = args.value()?.string()?;
    target(&name).ok_or_else(|| format!("there is no target {name}").into())
}

/// Runs one target for a while; the file with the input that broke it, if one did.
fn drive(target: &'static Target, time: Duration, seed: u64) -> Result<(), PathBuf> {
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty(), "{} has no seeds", target.name);
    let input = Arc::new(Mutex::new(Vec::new()));
    let (sender, receiver) = mpsc::channel();
    let shared = Arc::clone(&input);
    thread::spawn(move || {
        let mut mutator = Mutator::new(seed);
        let mut own = Vec::new();
        let mut n = 0_usize;
        // Ends when nobody listens any more.
        loop {
            // The seeds as they are, first.
            match seeds.get(n) {
                Some(seed) => own.clone_from(seed),
                None => mutator.next(&seeds, &mut own),
            }
            n += 1;
            shared.lock().unwrap_or_else(PoisonError::into_inner).clone_from(&own);
            let passed = catch_unwind(|| (target.run)(&own)).is_ok();
            if sender.send(passed).is_err() || !passed {
                return;
            }
        }
    });
    let start = Instant::now();
    let mut inputs = 0_u64;
    while start.elapsed() < time {
        match receiver.recv_timeout(MAX_INPUT_TIME) {
            Ok(true) => inputs += 1,
            Ok(false) => return Err(keep(target, &input)),
            Err(RecvTimeoutError::Timeout) => {
                eprintln!("{} takes longer than {MAX_INPUT_TIME:?} on one input", target.name);
                return Err(keep(target, &input));
            }
            Err(RecvTimeoutError::Disconnected) => unreachable!("the thread says how its last input went"),
        }
    }
    println!("{:>10}: {inputs} inputs in {:.1} s", target.name, start.elapsed().as_secs_f64());
    Ok(())
}

fn keep(target: &Target, input: &Mutex<Vec<u8>>) -> PathBuf {
    let input = input.lock().unwrap_or_else(PoisonError::into_inner);
    let name = input
        .iter()
        .fold(input.len() as u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts").join(target.name);
    let file = folder.join(format!("{name:016x}"));
    if let Err(error) = fs::create_dir_all(&folder).and_then(|()| fs::write(&file, &*input)) {
        eprintln!("the input could not be kept: {error}: {}", input.escape_ascii());
    }
    file
}

fn write_seeds(target: &Target, folder: &Path) -> Result<(), AnyError> {
    fs::create_dir_all(folder)?;
    for (n, seed) in (target.seeds)().iter().enumerate() {
        fs::write(folder.join(format!("seed-{n:05}")), seed)?;
    }
    Ok(())
}
