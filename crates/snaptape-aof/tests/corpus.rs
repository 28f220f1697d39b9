//! Every tape of the corpus against what the servers and their check tools said.

use std::collections::BTreeMap;

use serde_json::Value;
use snaptape_aof::{Command, CommandSink, LoaderStop, Manifest, RefusalKind, TapeFacts, TapeScan};
use snaptape_testdata::{Case, at_least, cases, files, roots};
use snaptape_wire::{Limits, Product, Release};

#[derive(Default)]
struct Counts {
    by_name: BTreeMap<String, u64>,
    staged: Vec<String>,
    multi_at: Vec<u64>,
    timestamps: Vec<String>,
}

impl CommandSink for Counts {
    fn command(&mut self, command: &Command<'_>) {
        let name = String::from_utf8(command.name().to_ascii_uppercase()).unwrap();
        if name == "MULTI" {
            self.multi_at.push(command.span.start);
        }
        self.staged.push(name);
        if !command.in_multi {
            self.commit();
        }
    }

    fn annotation(&mut self, _: std::ops::Range<u64>, line: &[u8], _: bool) {
        self.timestamps.push(String::from_utf8_lossy(line).trim_end().to_string());
    }

    fn commit(&mut self) {
        for name in self.staged.drain(..) {
            *self.by_name.entry(name).or_default() += 1;
        }
    }

    fn rollback(&mut self) {
        self.staged.clear();
    }
}

fn release(server: &str) -> Release {
    server.parse().unwrap()
}

fn scan(bytes: &[u8], start: u64, release: Release) -> (TapeFacts, Counts) {
    let mut counts = Counts::default();
    let mut scan = TapeScan::new(start, bytes.len() as u64, release, Limits::default());
    scan.feed(&bytes[usize::try_from(start).unwrap()..], &mut counts);
    (scan.finish(&mut counts), counts)
}

/// Where the tape of a damaged file begins: the first command a server writes behind a snapshot is SELECT.
fn tape_start(case: &Case, bytes: &[u8]) -> Option<u64> {
    if case.sidecar["scenario"] != "preamble" || bytes.is_empty() {
        return Some(0);
    }
    let find = |needle: &[u8]| bytes.windows(needle.len()).position(|window| window == needle);
    let at = find(b"*2\r\n$6\r\nSELECT").or_else(|| find(b"*2\n$6\nSELECT"));
    at.map(|at| at as u64)
}

#[test]
fn intact_tapes_hold_what_the_sidecars_say() {
    let mut seen = 0;
    for root in roots() {
        for case in cases(&root, "aof") {
            let all: BTreeMap<_, _> = files(&case.path).into_iter().collect();
            for file in case.sidecar["files"].as_array().unwrap() {
                let name = file["file"].as_str().unwrap();
                if let Some(text) = file["text"].as_str() {
                    let manifest = Manifest::parse(&all[name]).unwrap();
                    assert_eq!(manifest.to_text(), text, "{}", case.name);
                    continue;
                }
                let Some(start) = file["rdb_preamble_bytes"].as_u64() else { continue };
                let (facts, counts) = scan(&all[name], start, release(&case.server));
                assert!(facts.is_sound(), "{} {name}: {facts:?}", case.name);
                assert_eq!(facts.loader.stop, LoaderStop::CleanEof);
                assert_eq!(facts.check.commands, file["commands"].as_u64().unwrap(), "{} {name}", case.name);
                let expected: BTreeMap<String, u64> =
                    serde_json::from_value(file["by_command"].clone()).unwrap();
                assert_eq!(counts.by_name, expected, "{} {name}", case.name);
                let multi_at: Vec<u64> = serde_json::from_value(file["multi_at"].clone()).unwrap();
                assert_eq!(counts.multi_at, multi_at, "{} {name}", case.name);
                assert_eq!(
                    facts.check.annotations,
                    file["timestamps"].as_u64().unwrap(),
                    "{} {name}",
                    case.name
                );
                seen += 1;
            }
        }
    }
    println!("{seen} tapes");
    assert!(seen >= 15, "only {seen} tapes");
}

/// `ok_up_to` of the check tool for the one file of a single-file case.
fn ok_up_to(case: &Case) -> Option<u64> {
    case.sidecar["check_aof"]["analyzed"].as_array()?.first()?["ok_up_to"].as_u64()
}

fn cut_offset(server: &Value) -> Option<u64> {
    let log = server["log"].as_array()?;
    log.iter().find_map(|line| {
        let (_, offset) = line.as_str()?.split_once(" at offset ")?;
        offset.split(' ').next()?.parse().ok()
    })
}

#[test]
fn damaged_tapes_stop_both_programs_where_they_stopped() {
    let (mut checked, mut loaded, mut cut, mut refused) = (0, 0, 0, 0);
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            if case.sidecar["scenario"] == "multi-incr" {
                continue;
            }
            let release = release(&case.server);
            let (_, bytes) = files(&case.path).remove(0);
            let Some(start) = tape_start(&case, &bytes) else { continue };
            let (facts, _) = scan(&bytes, start, release);
            // valkey-check-aof 9 takes a snapshot part for a broken tape: nothing to compare.
            let blind = release.product == Product::Valkey && release.major >= 9 && start > 0;
            let damage = case.sidecar["damage"].as_str().unwrap();
            if damage.starts_with("preamble-") {
                continue;
            }
            if let Some(ok_up_to) = ok_up_to(&case)
                && !blind
            {
                assert_eq!(facts.check.ok_up_to, ok_up_to, "{}: {facts:#?}", case.name);
                checked += 1;
            }
            let is_meaning = ["unknown-command", "wrong-arity"].contains(&damage);
            assert!(!is_meaning || !facts.loader.refused.is_empty(), "{}", case.name);
            refused += u32::from(is_meaning);
            // What Redis makes of too few words differs from start to start.
            let refusal = facts.loader.refused.first().map(|refusal| refusal.kind);
            if refusal != Some(RefusalKind::TooFewWords) {
                for (setting, tolerant) in [("yes", true), ("no", false)] {
                    let server = &case.sidecar[format!("server, aof-load-truncated {setting}").as_str()];
                    let starts = match facts.loader.stop {
                        _ if refusal.is_some() => false,
                        LoaderStop::CleanEof => true,
                        LoaderStop::OpenMulti | LoaderStop::ShortRead { .. } => tolerant,
                        _ => false,
                    };
                    assert_eq!(
                        starts,
                        server["started"].as_bool().unwrap(),
                        "{} {setting}: {facts:#?}",
                        case.name
                    );
                    if let Some(offset) = cut_offset(server) {
                        assert_eq!(facts.loader.cut_at, offset, "{} {setting}: {facts:#?}", case.name);
                        cut += 1;
                    }
                    loaded += 1;
                }
            }
        }
    }
    println!("{checked} ok_up_to, {loaded} starts, {cut} cuts, {refused} commands refused");
    assert!(
        checked >= 40 && loaded >= 80 && cut >= 15 && refused >= at_least(4, 2),
        "{checked} {loaded} {cut} {refused}"
    );
}
