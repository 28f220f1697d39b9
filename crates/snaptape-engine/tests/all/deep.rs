//! Values that break a rule, and keys that stand twice, among good ones: what a repair leaves of such a file.

use snaptape_engine::{Options, Outcome, in_memory};
use snaptape_report::{Severity, Verdict};
use snaptape_testdata::{json, roots};

use crate::set::run_one;

fn run(bytes: &[u8], deep: bool) -> Outcome {
    run_one("x.rdb", bytes, Options { deep, ..Options::default() })
}

/// What the first plan makes.
fn repaired(outcome: &Outcome, bytes: &[u8]) -> Option<Vec<u8>> {
    let plan = outcome.plans.first()?;
    assert_eq!(plan.name, "salvage");
    Some(in_memory(&plan.outputs[0], bytes).unwrap())
}

fn unhex(text: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(digits).collect()
}

/// A file with this header that holds these entries in database 0.
fn snapshot(header: &[u8], entries: &[&[u8]]) -> Vec<u8> {
    [header, b"\xfe\0", &entries.concat(), b"\xff\0\0\0\0\0\0\0\0"].concat()
}

const BEFORE: &[u8] = b"\0\x06before\x011";
const BEHIND: &[u8] = b"\0\x06behind\x012";

#[test]
fn a_deep_salvage_leaves_the_good_neighbours_of_every_bad_value() {
    let (mut left_out, mut kept) = (0, 0);
    for case in json(&roots()[0].join("deep/rules.json")).as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let rdb = unhex(case["rdb"].as_str().unwrap());
        // Between SELECTDB and the end.
        let (header, entry) = (&rdb[..9], &rdb[11..rdb.len() - 9]);
        let file = snapshot(header, &[BEFORE, entry, BEHIND]);
        let outcome = run(&file, true);
        if outcome.check.verdict == Verdict::Sound {
            // Also what looks odd and does no harm stays.
            assert!(outcome.plans.is_empty(), "{name}");
            kept += 1;
            continue;
        }
        let copy = repaired(&outcome, &file).unwrap_or_else(|| panic!("{name}: no plan"));
        let again = run(&copy, true);
        assert_eq!(again.check.verdict, Verdict::Sound, "{name}: {:?}", again.check.findings);
        assert!(again.check.loads.strict.starts && again.check.check_tool.exit == 0, "{name}");
        let expected = snapshot(header, &[BEFORE, BEHIND]);
        // SELECTDB is made anew, with the numbers of keys; the entries are the same bytes.
        assert!(copy.ends_with(&[BEFORE, BEHIND, b"\xff", &copy[copy.len() - 8..]].concat()), "{name}");
        assert!(copy.len() <= expected.len() + 8, "{name}");
        left_out += 1;
    }
    println!("{left_out} left out, {kept} kept");
    assert!(left_out >= 140 && kept >= 25, "{left_out} {kept}");
}

#[test]
fn of_keys_that_stand_twice_the_first_stays() {
    let header = b"REDIS0011";
    let other: &[u8] = b"\0\x06before\x013";
    let expiring = [b"\xfc\0\0\0\0\0\0\0\x01", BEHIND].concat();
    let file = snapshot(header, &[BEFORE, BEHIND, other, &expiring]);
    let outcome = run(&file, false);
    assert_eq!(outcome.check.findings.iter().filter(|f| f.severity == Severity::Error).count(), 2);
    assert!(!outcome.check.loads.default.starts && outcome.check.check_tool.exit == 0);
    let copy = repaired(&outcome, &file).unwrap();
    let again = run(&copy, true);
    assert_eq!(again.check.verdict, Verdict::Sound, "{:?}", again.check.findings);
    assert!(again.check.loads.default.starts);
    // Two keys, none of them with an expiry.
    assert_eq!(copy[..14], *b"REDIS0011\xfe\0\xfb\x02\0");
    assert!(copy[14..].starts_with(&[BEFORE, BEHIND, b"\xff"].concat()));
}
