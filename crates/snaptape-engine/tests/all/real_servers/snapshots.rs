//! Damaged snapshots are salvaged, and the copies given to real servers: they start, with as many keys as were promised.

use std::fs;

use snaptape_engine::Options;
use snaptape_report::Verdict;
use snaptape_testdata::{Program, Server, amount, cases, programs, read, roots};

use super::damage::{Random, replace_all, splice};
use crate::set::{Set, carry_out, run};

/// How many damaged snapshots each server is asked about, unless `SNAPTAPE_DAMAGES` says another number.
const DAMAGES: u64 = 160;
/// What stands before this is the header and what the file says of itself.
const FRONT: usize = 9;

type Kind = (&'static str, fn(&mut Random, &mut Vec<u8>));

/// What happens to snapshots.
const KINDS: [Kind; 12] = [
    ("random blocks", |random, bytes| {
        for _ in 0..=random.below(5) {
            let noise: Vec<u8> = (0..512).map(|_| random.next().to_le_bytes()[0]).collect();
            over(random, bytes, &noise);
        }
    }),
    ("a short random block", |random, bytes| {
        let noise: Vec<u8> = (0..=random.below(60)).map(|_| random.next().to_le_bytes()[0]).collect();
        over(random, bytes, &noise);
    }),
    ("a block of ones", |random, bytes| {
        let len = 1 + random.below(700);
        over(random, bytes, &vec![0xff; len]);
    }),
    ("a block of zeros", |random, bytes| {
        let len = 1 + random.below(700);
        over(random, bytes, &vec![0; len]);
    }),
    ("inserted bytes", |random, bytes| {
        for _ in 0..=random.below(12) {
            let (at, byte) = (place(random, bytes), random.next().to_le_bytes()[0]);
            splice(bytes, at, 0, &[byte]);
        }
    }),
    ("removed bytes", |random, bytes| {
        for _ in 0..=random.below(12) {
            let at = place(random, bytes);
            splice(bytes, at, 1, b"");
        }
    }),
    ("a removed block", |random, bytes| {
        let at = place(random, bytes);
        let len = 1 + random.below(700);
        splice(bytes, at, len, b"");
    }),
    ("text mode", |_, bytes| replace_all(bytes, b"\n", b"\r\n")),
    ("one bit", |random, bytes| flip(random, bytes)),
    ("many bits", |random, bytes| {
        for _ in 0..20 {
            flip(random, bytes);
        }
    }),
    ("cut off", |random, bytes| {
        let at = place(random, bytes);
        bytes.truncate(at);
    }),
    ("something in front", |random, bytes| {
        let noise: Vec<u8> = (0..=random.below(600)).map(|_| random.next().to_le_bytes()[0] | 1).collect();
        splice(bytes, 0, 0, &noise);
    }),
];

fn place(random: &mut Random, bytes: &[u8]) -> usize {
    FRONT + random.below(bytes.len().saturating_sub(FRONT))
}

fn over(random: &mut Random, bytes: &mut [u8], with: &[u8]) {
    let at = place(random, bytes);
    let room = bytes.len() - at;
    let len = with.len().min(room);
    bytes[at..at + len].copy_from_slice(&with[..len]);
}

fn flip(random: &mut Random, bytes: &mut [u8]) {
    let at = place(random, bytes);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << random.below(8);
    }
}

/// Whole snapshots that this server wrote.
fn good(program: &Program) -> Vec<(String, Vec<u8>)> {
    let all = roots().into_iter().flat_map(|root| cases(&root, "rdb"));
    // Modules are not there, and fields of hashes expire without a word.
    let countable = |name: &str| !["modules", "hfe"].iter().any(|dataset| name.ends_with(dataset));
    let own = all.filter(|case| case.server == program.release && countable(&case.name));
    own.map(|case| (case.name.clone(), read(&case.path))).filter(|(_, bytes)| bytes.len() < 200_000).collect()
}

/// The keys a server has that was started on a snapshot, and those it found expired.
fn keys(program: &Program, snapshot: &[u8]) -> Result<u64, String> {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("dump.rdb"), snapshot).unwrap();
    let options = [("appendonly", "no")];
    let mut server = Server::start(&program.server, dir.path(), &options).map_err(|failure| {
        let last = failure.log.lines().rfind(|line| line.contains(" # ")).unwrap_or_default().to_owned();
        format!("{:?} {:?} {last}", failure.exit, failure.signal)
    })?;
    let number = |text: &str, before: &str| {
        let digits = text.split_once(before).map_or("", |(_, rest)| rest);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse::<u64>().unwrap_or(0)
    };
    let info = server.command(&[b"INFO", b"keyspace"]).text();
    let there: u64 =
        info.lines().filter(|line| line.starts_with("db")).map(|line| number(line, "keys=")).sum();
    Ok(there + number(&server.log(), "keys expired: "))
}

#[test]
fn what_is_salvaged_of_snapshots_is_loaded_with_every_key() {
    let damages = amount("SNAPTAPE_DAMAGES", DAMAGES);
    let mut wrong = Vec::new();
    for program in programs() {
        let good = good(&program);
        // Before 7.0 the log does not say how many keys had expired.
        let counts_expired = program.has_manifest();
        let (mut copies, mut kept, mut all, mut without) = (0_u64, 0, 0, 0_u64);
        for seed in 0..damages {
            let mut random = Random::new(seed);
            let (name, whole) = random.one(&good).clone();
            let (what, change) = *random.one(&KINDS);
            let mut bytes = whole.clone();
            change(&mut random, &mut bytes);
            let set: Set = vec![("dump.rdb".into(), bytes)];
            let options = Options { target: Some(program.release.clone()), deep: true, ..Options::default() };
            let outcome = run(&set, options.clone());
            let Some(plan) = outcome.plans.first() else {
                without += u64::from(outcome.check.verdict != Verdict::Sound);
                continue;
            };
            let copy = carry_out(plan, &set);
            let again = run(&copy, options);
            let place = format!("{} {seed}: {what} in {name}, {}", program.release, plan.name);
            if again.check.verdict != Verdict::Sound {
                // Never handed out, but it should not come to that.
                wrong.push(format!("{place}: not sound: {:?}", again.check.findings.first()));
                continue;
            }
            copies += 1;
            if plan.name == "mend" && copy[0].1 == whole {
                // How many keys it has, nobody knows before the copy is read.
                continue;
            }
            match keys(&program, &copy[0].1) {
                Ok(n) if n == plan.keys_kept || !counts_expired && n < plan.keys_kept => {
                    kept += n;
                    all += keys(&program, &whole).expect("a good snapshot");
                }
                Ok(n) => wrong.push(format!("{place}: {} keys promised, {n} there", plan.keys_kept)),
                Err(why) => wrong.push(format!("{place}: refused: {why}")),
            }
        }
        println!(
            "{}: {copies} copies with {kept} of {all} keys, {without} without a plan, {damages} damages",
            program.release
        );
        assert!(copies * 10 >= damages * 6, "{}: only {copies} copies", program.release);
        assert!(kept * 10 >= all * 7, "{}: only {kept} of {all} keys", program.release);
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
