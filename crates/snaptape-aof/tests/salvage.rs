//! What is kept of damaged tapes: as much as can be, in order, and nothing that was not there.

use std::{collections::BTreeMap, ops::Range};

use snaptape_aof::{Command, CommandSink, DropReason, Reframer, Salvage, Stretch, TapeFacts, TapeScan};
use snaptape_testdata::{FRAMING_DAMAGE, cases, files, roots};
use snaptape_wire::{Limits, Release};

fn scan(bytes: &[u8], start: u64, release: Release) -> TapeFacts {
    let mut scan = TapeScan::new(start, bytes.len() as u64, release, Limits::default());
    scan.feed(&bytes[usize::try_from(start).unwrap()..], &mut ());
    scan.finish(&mut ())
}

fn slice<'a>(bytes: &'a [u8], span: &Range<u64>) -> &'a [u8] {
    &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()]
}

/// The stretches carried out; they must tile the tape.
fn carry_out(bytes: &[u8], start: u64, stretches: &[Stretch]) -> Vec<u8> {
    let mut out = bytes[..usize::try_from(start).unwrap()].to_vec();
    let mut at = start;
    for stretch in stretches {
        let span = match stretch {
            Stretch::Keep(span) => {
                out.extend_from_slice(slice(bytes, span));
                span
            }
            Stretch::Drop(span, _) => span,
            Stretch::Insert(bytes, _) => {
                out.extend_from_slice(bytes);
                continue;
            }
            Stretch::Reframe { span, from, new_bytes } => {
                let before = out.len();
                let mut reframer = Reframer::new(*from);
                for window in slice(bytes, span).chunks(1000) {
                    reframer.push(window, &mut out).expect("as it was");
                }
                reframer.finish(&mut out).expect("as it was");
                assert_eq!((out.len() - before) as u64, *new_bytes);
                span
            }
        };
        assert_eq!(span.start, at, "{stretches:?}");
        assert!(span.start < span.end);
        at = span.end;
    }
    assert_eq!(at, bytes.len() as u64, "{stretches:?}");
    out
}

#[derive(Default)]
struct Spans(Vec<Range<u64>>);

impl CommandSink for Spans {
    fn command(&mut self, command: &Command<'_>) {
        self.0.push(command.span.clone());
    }
}

/// The commands of a good tape, each as its bytes.
fn commands(bytes: &[u8], start: u64, release: Release) -> Vec<Vec<u8>> {
    let mut spans = Spans::default();
    let mut scan = TapeScan::new(start, bytes.len() as u64, release, Limits::default());
    scan.feed(&bytes[usize::try_from(start).unwrap()..], &mut spans);
    let facts = scan.finish(&mut spans);
    assert!(facts.is_sound(), "{facts:?}");
    spans.0.iter().map(|span| slice(bytes, span).to_vec()).collect()
}

/// What of `good` is missing in `kept`, and what `kept` has besides; both in order, by the longest common part.
fn differences(good: &[Vec<u8>], kept: &[Vec<u8>]) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let same = good.iter().zip(kept).take_while(|(a, b)| a == b).count();
    let (good, kept) = (&good[same..], &kept[same..]);
    let back = good.iter().rev().zip(kept.iter().rev()).take_while(|(a, b)| a == b).count();
    let (good, kept) = (&good[..good.len() - back], &kept[..kept.len() - back]);
    let mut lengths = vec![vec![0_u32; kept.len() + 1]; good.len() + 1];
    for (i, a) in good.iter().enumerate().rev() {
        for (j, b) in kept.iter().enumerate().rev() {
            lengths[i][j] =
                if a == b { lengths[i + 1][j + 1] + 1 } else { lengths[i + 1][j].max(lengths[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut missing, mut more) = (0, 0, Vec::new(), Vec::new());
    while i < good.len() || j < kept.len() {
        if i < good.len() && j < kept.len() && good[i] == kept[j] {
            (i, j) = (i + 1, j + 1);
        } else if j >= kept.len() || (i < good.len() && lengths[i + 1][j] >= lengths[i][j + 1]) {
            missing.push(good[i].clone());
            i += 1;
        } else {
            more.push(kept[j].clone());
            j += 1;
        }
    }
    (missing, more)
}

fn salvage(bytes: &[u8], start: u64, release: Release) -> (Salvage, TapeFacts, Vec<u8>) {
    let facts = scan(bytes, start, release);
    let salvage = facts.salvage.clone();
    let out = carry_out(bytes, start, &salvage.stretches);
    (salvage, facts, out)
}

fn tape_start(bytes: &[u8]) -> u64 {
    if !bytes.starts_with(b"REDIS") && !bytes.starts_with(b"VALKEY") {
        return 0;
    }
    let find = |needle: &[u8]| bytes.windows(needle.len()).position(|window| window == needle);
    find(b"*2\r\n$6\r\nSELECT").or_else(|| find(b"*2\n$6\nSELECT")).unwrap_or(bytes.len()) as u64
}

/// Damage after which every command that was there before is kept, and no other.
const NOTHING_LOST: [&str; 5] =
    ["trailing-newline", "trailing-zeros", "truncated-last-crlf", "unknown-command", "wrong-arity"];

#[test]
fn damaged_tapes_lose_what_was_damaged_and_no_more() {
    let mut table: BTreeMap<String, (u32, u64, u64, u64, u64, u64)> = BTreeMap::new();
    let mut seen = 0;
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let (scenario, damage) =
                (case.sidecar["scenario"].as_str().unwrap(), case.sidecar["damage"].as_str().unwrap());
            if scenario == "multi-incr" || damage.starts_with("preamble-") || damage == "empty" {
                continue;
            }
            let release: Release = case.server.parse().unwrap();
            let good_path = case.path.with_file_name(format!("{scenario}--good.aof"));
            if !good_path.exists() {
                continue;
            }
            let good = snaptape_testdata::read(&good_path);
            let good = commands(&good, tape_start(&good), release);
            let (_, bytes) = files(&case.path).remove(0);
            let start = tape_start(&bytes);
            let (salvage, facts, out) = salvage(&bytes, start, release);
            let kept = commands(&out, start, release);
            assert_eq!(kept.len() as u64, salvage.commands, "{}", case.name);
            let (missing, more) = differences(&good, &kept);
            let row = table.entry(damage.into()).or_default();
            row.0 += 1;
            row.1 += good.len() as u64;
            row.2 += facts.commands_kept();
            row.3 += salvage.commands;
            row.4 += missing.len() as u64;
            row.5 += more.len() as u64;
            assert!(salvage.commands + salvage.refused >= facts.commands_kept(), "{}", case.name);
            let bytes_of = |commands: &[Vec<u8>]| commands.iter().map(Vec::len).sum::<usize>();
            let longest = good.iter().map(Vec::len).max().unwrap();
            match damage {
                // Nothing is lost but what the damage itself has hit.
                _ if FRAMING_DAMAGE.contains(&damage) || NOTHING_LOST.contains(&damage) => {
                    assert!(missing.is_empty() && more.is_empty(), "{}: {missing:?} {more:?}", case.name);
                }
                // These look like good commands.
                "block-doubled" => assert!(missing.is_empty() && more.len() == 1, "{}", case.name),
                "flipped-payload" => assert!(missing.len() == 1 && more.len() == 1, "{}", case.name),
                "block-removed" => {
                    assert!(bytes_of(&missing) <= 300 + 2 * longest && more.is_empty(), "{}", case.name);
                    assert!(salvage.commands > facts.commands_kept(), "{}", case.name);
                }
                "zeroed-block" => {
                    assert!(bytes_of(&missing) <= 4096 + 2 * longest && more.is_empty(), "{}", case.name);
                    assert!(salvage.commands > facts.commands_kept(), "{}", case.name);
                }
                // The end of the tape is gone; of a transaction nothing is kept.
                _ => {
                    assert!(good.starts_with(&kept), "{}", case.name);
                    assert_eq!(salvage.commands, facts.commands_kept(), "{}", case.name);
                }
            }
            seen += 1;
        }
    }
    println!("damage                          cases   good  truncate  salvage  missing  more");
    for (damage, (n, good, truncate, salvage, missing, more)) in &table {
        println!("{damage:<32}{n:>5}{good:>7}{truncate:>10}{salvage:>9}{missing:>9}{more:>6}");
    }
    assert!(seen >= 25, "{seen}");
}

/// A small generator, so that every run damages the same places.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % below as u64).unwrap()
    }
}

/// Damages one place of a tape: what comes out, and which bytes of the good tape it has touched.
fn damage(tape: &[u8], kind: &str, dice: &mut Dice) -> (Vec<u8>, Range<usize>) {
    let at = dice.roll(tape.len());
    let (front, back) = tape.split_at(at);
    let len = (1 + dice.roll(400)).min(back.len());
    match kind {
        "bit flipped" => {
            let mut out = tape.to_vec();
            out[at] ^= 1 << dice.roll(8);
            (out, at..at + 1)
        }
        "byte replaced" => {
            let mut out = tape.to_vec();
            out[at] = u8::try_from(dice.roll(256)).unwrap();
            (out, at..at + 1)
        }
        "bytes zeroed" => ([front, vec![0; len].as_slice(), &back[len..]].concat(), at..at + len),
        "bytes inserted" => {
            let new: Vec<u8> = (0..=dice.roll(60)).map(|_| u8::try_from(dice.roll(256)).unwrap()).collect();
            ([front, &new, back].concat(), at..at)
        }
        "bytes deleted" => ([front, &back[len..]].concat(), at..at + len),
        "cut" => (front.to_vec(), at..tape.len()),
        other => panic!("{other}"),
    }
}

/// A tape as applications write it, with values that hold line ends and commands.
fn application(dice: &mut Dice) -> Vec<u8> {
    let mut tape = Vec::new();
    let mut put = |words: &[&[u8]]| {
        tape.extend_from_slice(format!("*{}\r\n", words.len()).as_bytes());
        for word in words {
            tape.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            tape.extend_from_slice(word);
            tape.extend_from_slice(b"\r\n");
        }
    };
    put(&[b"SELECT", b"0"]);
    for i in 0..300 {
        let key = format!("user:{}:{i}", dice.roll(1000));
        let key = key.as_bytes();
        match dice.roll(12) {
            0 => {
                put(&[b"MULTI"]);
                put(&[b"INCR", key]);
                put(&[b"LPUSH", b"log", key]);
                put(&[b"EXEC"]);
            }
            1 => put(&[b"SELECT", [&b"0"[..], b"3", b"15"][dice.roll(3)]]),
            2 => put(&[b"SET", key, b"a\r\nb\n*2\r\n$3\r\nGET\r\n$1\r\nk\r\n"]),
            3 => {
                // A value that is a piece of another tape.
                let inside = b"*2\r\n$4\r\nINCR\r\n$6\r\ninside\r\n".repeat(1 + dice.roll(4));
                put(&[b"RPUSH", key, &inside, b"y"]);
            }
            4 => put(&[b"DEL", key]),
            5 => put(&[b"PEXPIREAT", key, b"1796347724220"]),
            6 => {
                let value: Vec<u8> =
                    (0..dice.roll(300)).map(|_| u8::try_from(dice.roll(256)).unwrap()).collect();
                put(&[b"SET", key, &value]);
            }
            7 => put(&[b"hset", key, b"field", b"", b"other", key]),
            _ => put(&[b"SET", key, b"value"]),
        }
    }
    tape
}

#[test]
fn what_random_damage_does_not_touch_is_kept() {
    const ROUNDS: usize = 1500;
    let release = Release::redis(7, 4);
    let mut dice = Dice(5);
    let full = roots().into_iter().flat_map(|root| cases(&root, "aof-damaged"));
    let mut good: Vec<Vec<u8>> = full
        .filter(|case| {
            case.sidecar["damage"] == "trailing-newline"
                && case.path.with_file_name("plain--good.aof").exists()
                && case.sidecar["scenario"] == "plain"
        })
        .map(|case| snaptape_testdata::read(&case.path.with_file_name("plain--good.aof")))
        .collect();
    assert!(!good.is_empty());
    good.extend((0..6).map(|_| application(&mut dice)));
    println!("damage            runs  all kept    share   commands lost besides  made up");
    let mut failing = 0;
    for kind in ["bit flipped", "byte replaced", "bytes zeroed", "bytes inserted", "bytes deleted", "cut"] {
        let (mut whole, mut besides, mut invented, mut mended) = (0, 0, 0, 0);
        for round in 0..ROUNDS {
            let tape = &good[round % good.len()];
            let (bytes, touched) = damage(tape, kind, &mut dice);
            let (salvage, _, out) = salvage(&bytes, 0, release);
            let kept = commands(&out, 0, release);
            let mut spans = Spans::default();
            let mut scan = TapeScan::new(0, tape.len() as u64, release, Limits::default());
            scan.feed(tape, &mut spans);
            scan.finish(&mut spans);
            // Whether a MULTI or EXEC stays depends on the other one, and a torn transaction goes as a whole.
            let mut block = None;
            let mut expected = Vec::new();
            for span in &spans.0 {
                let span = usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap();
                let command = &tape[span.clone()];
                let hit = if touched.is_empty() {
                    span.start < touched.start && touched.start < span.end
                } else {
                    span.start < touched.end && touched.start < span.end
                };
                if command.ends_with(b"MULTI\r\n") {
                    block = Some(expected.len());
                } else if command.ends_with(b"EXEC\r\n") {
                    if !(hit && kind == "cut") {
                        block = None;
                    }
                } else if !hit {
                    expected.push(command.to_vec());
                }
                if hit && kind == "cut" {
                    break;
                }
            }
            if kind == "cut" {
                expected.truncate(block.unwrap_or(expected.len()));
            }
            let is_data =
                |command: &&Vec<u8>| !command.ends_with(b"MULTI\r\n") && !command.ends_with(b"EXEC\r\n");
            let kept: Vec<Vec<u8>> = kept.iter().filter(is_data).cloned().collect();
            let all: Vec<Vec<u8>> = spans
                .0
                .iter()
                .map(|span| slice(tape, span).to_vec())
                .filter(|command| is_data(&command))
                .collect();
            // What needs a key or group that is lost is left out, too.
            for stretch in &salvage.stretches {
                let Stretch::Drop(span, DropReason::FailsWithoutLost) = stretch else { continue };
                for command in commands(slice(&bytes, span), 0, release) {
                    let needs: [&[u8]; 4] = [b"RENAME", b"XCLAIM", b"xclaim", b"XGROUP"];
                    assert!(
                        command.split(|&byte| byte == b'\n').any(|l| needs.iter().any(|n| l.starts_with(n)))
                    );
                    let at = expected.iter().position(|other| *other == command).expect("untouched");
                    expected.remove(at);
                    failing += 1;
                }
            }
            let (missing, _) = differences(&expected, &kept);
            let (_, more) = differences(&all, &kept);
            whole += usize::from(missing.is_empty());
            besides += missing.len();
            // A byte changed inside an argument makes another command that nobody can tell from a good one.
            let inside = usize::from(salvage.changes_nothing()) * more.len();
            mended += usize::try_from(salvage.mended).unwrap();
            invented += more.len() - inside;
        }
        let share = whole * 1000 / ROUNDS;
        println!(
            "{kind:<16}{ROUNDS:>6}{whole:>10}{:>7}.{} %{besides:>18}{invented:>16}   ({mended} mended)",
            share / 10,
            share % 10
        );
        assert!(share >= 950, "{kind}: {share}");
    }
    println!("{failing} commands were left out because what they need is lost");
    assert!(failing > 0);
}
