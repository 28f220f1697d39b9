//! The keys of a set, through a job, against what servers held after they had loaded it.

use std::collections::BTreeMap;

use snaptape_aof::{Command, CommandSink, TapeScan};
use snaptape_engine::{Options, Outcome};
use snaptape_report::{DatabaseKeys, FindingKind, Severity};
use snaptape_testdata::{Case, at_least, cases, files, recorded_keyspace, roots};
use snaptape_wire::{Limits, Release};

use crate::set;

fn run(case: &Case, window_bytes: usize) -> Outcome {
    let options = Options { window_bytes, target: Some(case.server.clone()), ..Options::default() };
    set::run(&files(&case.path), options)
}

/// Does the prediction hold? `None` where not; else whether it was exact.
fn fits(keys: &[DatabaseKeys], held: &BTreeMap<u64, (u64, u64)>) -> Option<bool> {
    let dbs = keys.iter().map(|db| db.db).chain(held.keys().copied());
    let mut exact = true;
    for db in dbs {
        let keys = keys.iter().find(|keys| keys.db == db);
        let (min, max) = keys.map_or((0, 0), |keys| (keys.keys_min, keys.keys_max));
        let held = held.get(&db).map_or(0, |held| held.0);
        exact &= min == max && keys.is_none_or(|keys| !keys.estimated);
        if !(min..=max).contains(&held) {
            return None;
        }
    }
    Some(exact)
}

#[test]
fn intact_sets_hold_what_their_servers_held() {
    let mut sets = 0;
    for case in roots().iter().flat_map(|root| cases(root, "aof")) {
        let outcome = run(&case, 4096);
        let held = recorded_keyspace(&case.sidecar["keyspace"]);
        for load in [&outcome.check.loads.default, &outcome.check.loads.strict] {
            assert_eq!(fits(&load.keys, &held), Some(true), "{}: {:?} {held:?}", case.name, load.keys);
        }
        let odd = |kind| matches!(kind, FindingKind::WrongType | FindingKind::MissingWrites);
        assert!(outcome.check.findings.iter().all(|finding| !odd(finding.kind)), "{}", case.name);
        let replay = outcome.report.replay.unwrap();
        assert!(replay.complete, "{}", case.name);
        assert_eq!(run(&case, 1 << 20).report.replay, Some(replay), "{}", case.name);
        sets += 1;
    }
    println!("{sets} sets, all exact");
    assert!(sets >= 10, "only {sets}");
}

#[test]
fn damaged_sets_hold_what_servers_kept() {
    let (mut loads, mut exact, mut wrong) = (0, 0, Vec::new());
    let mut odd: BTreeMap<String, (u32, u32)> = BTreeMap::new();
    for case in roots().iter().flat_map(|root| cases(root, "aof-damaged")) {
        let outcome = run(&case, 4096);
        let damage = case.sidecar["damage"].as_str().unwrap().to_owned();
        let seen = odd.entry(damage).or_default();
        seen.0 += 1;
        let is_odd = |kind| matches!(kind, FindingKind::WrongType | FindingKind::MissingWrites);
        seen.1 += u32::from(outcome.check.findings.iter().any(|finding| is_odd(finding.kind)));
        for (setting, load) in [("yes", &outcome.check.loads.default), ("no", &outcome.check.loads.strict)] {
            let server = &case.sidecar[format!("server, aof-load-truncated {setting}")];
            if server["started"] != true || !load.starts {
                continue;
            }
            let held = recorded_keyspace(&server["keyspace"]);
            if case.sidecar["damage"] == "wrong-arity" {
                // A server reads behind the words that are there: that varies from run to run.
                assert!(load.keys.iter().all(|db| db.estimated), "{}", case.name);
                continue;
            }
            loads += 1;
            match fits(&load.keys, &held) {
                Some(is_exact) => exact += u32::from(is_exact),
                None => wrong.push(format!("{} {setting}: {:?} but {held:?}", case.name, load.keys)),
            }
        }
    }
    println!("{loads} starts, {exact} exact, {} wrong", wrong.len());
    for (damage, (cases, odd)) in odd.iter().filter(|(_, (_, odd))| *odd > 0) {
        println!("{damage}: {odd} of {cases} have odd commands");
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(exact, loads, "all are exact");
    assert!(loads >= at_least(50, 40), "only {loads}");
}

/// The commands of a tape, each with its bytes.
fn split(tape: &[u8]) -> Vec<&[u8]> {
    struct Ends(Vec<usize>);
    impl CommandSink for Ends {
        fn command(&mut self, command: &Command<'_>) {
            self.0.push(usize::try_from(command.span.end).unwrap());
        }
    }
    let mut ends = Ends(vec![0]);
    let mut scan = TapeScan::new(0, tape.len() as u64, Release::redis(7, 0), Limits::default());
    scan.feed(tape, &mut ends);
    scan.finish(&mut ends);
    ends.0.windows(2).map(|pair| &tape[pair[0]..pair[1]]).collect()
}

#[test]
fn a_lost_command_that_others_need_shows() {
    let (mut tapes, mut shown) = (0, 0);
    for case in roots().iter().flat_map(|root| cases(root, "aof")) {
        let set = files(&case.path);
        let [(path, tape)] = set.as_slice() else { continue };
        if tape.starts_with(b"REDIS") || !case.name.ends_with("/plain") {
            continue;
        }
        let commands = split(tape);
        tapes += 1;
        let mut seen = 0;
        for lost in 1..commands.len() {
            // One command is gone. The framing is as good as before.
            let kept = [commands[..lost].concat(), commands[lost + 1..].concat()].concat();
            let options = Options { target: Some(case.server.clone()), ..Options::default() };
            let findings = set::run_one(path, &kept, options).check.findings;
            let is_odd = |kind| matches!(kind, FindingKind::WrongType | FindingKind::MissingWrites);
            let found = findings.iter().find(|finding| is_odd(finding.kind));
            seen += u32::from(found.is_some_and(|finding| finding.severity == Severity::Warning));
        }
        println!("{}: {seen} of {} commands are missed", case.name, commands.len() - 1);
        shown += u32::from(seen > 0);
    }
    assert!(tapes >= at_least(2, 1) && shown == tapes, "only {shown} of {tapes}");
}
