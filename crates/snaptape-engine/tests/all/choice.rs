//! What can be chosen on a tape, over the whole corpus, sound and damaged: plans tile their files, do not depend on windows, and give
//! copies that are whole.

use std::collections::HashMap;

use snaptape_engine::{Options, Outcome, in_memory};
use snaptape_report::{Choice, CommandPlace, Edit, Plan, Role, Verdict};
use snaptape_testdata::{at_least, cases, files, roots};

use crate::set::{self, Set};

fn run(set: &Set, choice: impl Into<Option<Choice>>, window_bytes: usize) -> Outcome {
    set::run(set, Options { choice: choice.into(), window_bytes, ..Options::default() })
}

fn before(file: &str, offset: u64) -> Choice {
    Choice::Before(CommandPlace { file: Some(file.into()), offset })
}

fn without(file: &str, offset: u64) -> Choice {
    let commands = vec![CommandPlace { file: Some(file.into()), offset }];
    Choice::Without { commands }
}

/// Carries a plan out. Its edits must account for every byte of each file they speak of, once and in order.
fn carry_out(set: &Set, plan: &Plan) -> Set {
    let sources: HashMap<&str, &[u8]> =
        set.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())).collect();
    let mut copy = Vec::new();
    let mut lost = 0;
    for output in &plan.outputs {
        let mut at = 0;
        for edit in &output.edits {
            if let Edit::Keep { start, end }
            | Edit::Drop { start, end, .. }
            | Edit::Reframe { start, end, .. } = edit
            {
                assert!(*start == at && start < end, "{plan:#?}");
                at = *end;
                lost += if matches!(edit, Edit::Drop { .. }) { end - start } else { 0 };
            }
        }
        let source = sources.get(output.source.as_str()).copied().unwrap_or_default();
        assert_eq!(at, source.len() as u64, "{plan:#?}");
        let bytes = in_memory(output, source).unwrap();
        assert_eq!(bytes.len() as u64, output.bytes());
        copy.push((output.name.clone(), bytes));
    }
    // What is loaded and in no output is lost as well.
    let loaded = |path: &str| !path.ends_with(".manifest");
    for (path, bytes) in set.iter().filter(|(path, _)| loaded(path)) {
        if plan.outputs.iter().all(|output| output.source != *path) {
            lost += bytes.len() as u64;
        }
    }
    assert!(plan.losses.bytes <= lost, "{} of {lost} lost: {plan:#?}", plan.losses.bytes);
    copy
}

/// A choice gives a plan or a reason; the plan's copy is whole, and no window changes anything.
fn check(name: &str, set: &Set, choice: Choice) -> Option<Plan> {
    let outcome = run(set, choice.clone(), 1 << 20);
    let small = run(set, choice.clone(), 33);
    assert_eq!(small.plans, outcome.plans, "{name} {choice:?}");
    assert_eq!(small.refused, outcome.refused, "{name} {choice:?}");
    let plan = outcome.plans.iter().find(|plan| ["before", "without"].contains(&plan.name.as_str()));
    assert_eq!(plan.is_none(), outcome.refused.is_some(), "{name} {choice:?}: {:?}", outcome.refused);
    let copy = carry_out(set, plan?);
    let again = run(&copy, None, 1 << 20);
    assert!(again.check.is_undamaged(), "{name} {choice:?}: {:?}", again.check.findings);
    assert!(again.check.loads.strict.starts, "{name} {choice:?}: {:?}", again.check.loads);
    let commands: u64 =
        again.report.files.iter().filter(|file| file.role != Role::History).map(|file| file.commands).sum();
    // A SELECT may stand in place of a transaction.
    let inserted = plan?.outputs.iter().filter(|output| !output.source.is_empty());
    let inserted: usize = inserted
        .map(|output| {
            output
                .edits
                .iter()
                .filter(
                    |edit| matches!(edit, Edit::Insert { bytes, .. } if bytes.as_bytes().starts_with(b"*")),
                )
                .count()
        })
        .sum();
    assert_eq!(commands, plan?.commands_kept + inserted as u64, "{name} {choice:?}: {plan:#?}");
    plan.cloned()
}

#[test]
fn choices_on_sound_tapes_tile_them() {
    let (mut planned, mut refused) = (0, 0);
    for root in roots() {
        for case in cases(&root, "aof") {
            let set = files(&case.path);
            for (path, bytes) in set.iter().filter(|(path, _)| path.rsplit('.').next() == Some("aof")) {
                for offset in (0..bytes.len() as u64).step_by(2_311) {
                    for choice in [before(path, offset), without(path, offset)] {
                        match check(&case.name, &set, choice) {
                            Some(_) => planned += 1,
                            None => refused += 1,
                        }
                    }
                }
            }
        }
    }
    println!("{planned} plans, {refused} refusals");
    assert!(planned > at_least(50, 40) && refused > 50, "{planned} {refused}");
}

#[test]
fn choices_on_damaged_tapes_go_with_what_mends_them() {
    let (mut planned, mut refused) = (0, 0);
    for root in roots() {
        for case in cases(&root, "aof-damaged") {
            let set = files(&case.path);
            let outcome = run(&set, None, 1 << 20);
            let Some(file) = outcome.report.files.iter().rfind(|file| file.commands > 20) else { continue };
            if outcome.check.verdict == Verdict::Sound {
                continue;
            }
            // Somewhere before the damage, and somewhere behind it.
            for offset in [file.sound_up_to / 2, file.sound_up_to.saturating_sub(1), file.sound_up_to + 1] {
                match run(&set, before(&file.name, offset), 1 << 20).refused {
                    None => {
                        let plan = check(&case.name, &set, before(&file.name, offset));
                        planned += usize::from(plan.is_some());
                    }
                    Some(why) => {
                        assert!(!why.ends_with('.') && why.len() > 20, "{why}");
                        refused += 1;
                    }
                }
            }
        }
    }
    println!("{planned} plans, {refused} refusals");
    assert!(planned > 20 && refused > 20, "{planned} {refused}");
}

fn tape(commands: &[&str]) -> Vec<u8> {
    snaptape_testdata::tape(commands).into_bytes()
}

/// A directory with a damaged increment between good ones.
fn directory(middle: Vec<u8>) -> Set {
    let manifest =
        "file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\nfile a.2.incr.aof seq 2 type i\n";
    vec![
        ("d/a.manifest".into(), manifest.into()),
        ("d/a.1.base.aof".into(), tape(&["SET base 1"])),
        ("d/a.1.incr.aof".into(), middle),
        ("d/a.2.incr.aof".into(), tape(&["SELECT 1", "SET last 1"])),
    ]
}

#[test]
fn a_point_before_the_damage_does_not_mind_it() {
    let mut middle = tape(&["SET a 1", "SET b 1", "SET c 1"]);
    let at = tape(&["SET a 1"]).len() as u64;
    middle.extend_from_slice(b"\0\0\0\0");
    let set = directory(middle.clone());
    let plan = check("before the damage", &set, before("a.1.incr.aof", at)).expect("a plan");
    assert_eq!((plan.commands_kept, plan.losses.files), (2, 1));
    assert_eq!(
        carry_out(&set, &plan)[2].1,
        b"file a.1.base.aof seq 1 type b\nfile a.1.incr.aof seq 1 type i\n"
    );
    let behind = run(&set, before("a.1.incr.aof", middle.len() as u64 - 1), 1 << 20);
    assert!(
        behind.refused.as_ref().is_some_and(|why| why.contains("behind the damage")),
        "{:?}",
        behind.refused
    );
}

#[test]
fn a_rewrite_has_thrown_the_past_away() {
    let case =
        cases(&roots()[0], "aof").into_iter().find(|case| case.name == "redis-7.0.15/history").unwrap();
    let set = files(&case.path);
    let outcome = run(&set, None, 1 << 20);
    let incr = outcome.report.files.iter().find(|file| file.role == Role::Incr && file.commands > 3).unwrap();
    let offset = incr.bytes / 2;
    let plan = check("history", &set, before(&incr.name, offset)).expect("a plan");
    let notes = plan.notes.join("\n");
    assert!(notes.contains("nobody can go back behind"), "{notes}");
    assert!(notes.contains("listed as history"), "{notes}");
}

#[test]
fn a_set_without_commands_says_so() {
    let set = vec![("dump.rdb".to_owned(), b"REDIS0001\x00\x01k\x01v\xff".to_vec())];
    let outcome = run(&set, before("dump.rdb", 3), 1 << 20);
    assert!(outcome.refused.is_some_and(|why| why.contains("no commands")));
    let mut two = directory(tape(&["SET a 1"]));
    two.remove(0);
    two[0].0 = "one.aof".into();
    two.truncate(2);
    two[1].0 = "two.aof".into();
    let outcome = run(&two, before("one.aof", 3), 1 << 20);
    assert!(outcome.refused.is_some_and(|why| why.contains("several files")));
}

#[test]
fn a_command_the_server_does_not_get_past_can_be_taken_out() {
    let lines = ["SET a 1", "NOSUCHCMD a", "SET b 1", "FLUSHALL", "SET c 1"];
    let starts: Vec<u64> = (0..lines.len()).map(|n| tape(&lines[..n]).len() as u64).collect();
    let set = vec![("appendonly.aof".to_owned(), tape(&lines))];
    let plan = check("the command", &set, without("appendonly.aof", starts[1])).expect("a plan");
    assert_eq!((plan.commands_kept, plan.losses.commands), (4, 1));
    assert!(check("before it", &set, before("appendonly.aof", starts[1])).is_some());
    // What is chosen elsewhere goes with a plan that leaves it out, or is refused for it; never with a copy nobody can load.
    for choice in [without("appendonly.aof", starts[3]), before("appendonly.aof", starts[3])] {
        if check("elsewhere", &set, choice.clone()).is_none() {
            let refused = run(&set, choice, 1 << 20).refused.expect("a reason");
            assert!(refused.contains("NOSUCHCMD"), "{refused}");
        }
    }
}

#[test]
fn queues_that_were_worked_off_do_not_come_back() {
    let commands = [
        "SET a 1",
        "SADD s x",
        "SREM s x",
        "RPUSH job 1",
        "LPOP job",
        "FLUSHALL",
        "RPUSH job 2",
        "LPOP job",
        "FLUSHALL",
        "RPUSH job 3",
    ];
    let set = vec![("appendonly.aof".to_owned(), tape(&commands))];
    let outcome = run(&set, None, 64);
    let plan = outcome.plans.iter().find(|plan| plan.name == "without").expect("an accident");
    // The second FLUSHALL found nothing, and would remove again what comes back.
    assert!(
        plan.summary.contains("FLUSHALL in appendonly.aof at 137") && plan.summary.contains("at 209"),
        "{}",
        plan.summary
    );
    assert_eq!(plan.notes[0], "As far as the tape tells, 1 key that it removed will be there again.");
    let said = outcome
        .report
        .findings
        .iter()
        .any(|finding| finding.message.starts_with("FLUSHALL removed 1 key, which can still"));
    assert!(said, "{:#?}", outcome.report.findings);
}
