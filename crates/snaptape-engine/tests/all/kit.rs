//! Jobs that begin without what only some files need, as the page begins them.

use snaptape_engine::{Job, Kit, Options, Outcome};
use snaptape_report::{PatternOptions, Verdict};
use snaptape_testdata::{cases, files, roots};

use crate::set::{inputs, slice};

/// What a job needed of its kit.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Needed {
    Nothing,
    ToJudge,
    ToReadOn,
    ToRead,
}

fn read(job: &mut Job, set: &[(String, Vec<u8>)]) {
    while let Some(request) = job.next_read() {
        job.feed(&request, slice(set, &request));
    }
}

fn run(set: &[(String, Vec<u8>)]) -> (Needed, Outcome) {
    let inputs = inputs(set);
    let options = Options { deep: true, ..Options::default() };
    let mut job = Job::with_kit(inputs.clone(), options.clone(), None).unwrap();
    read(&mut job, set);
    let mut needed = Needed::Nothing;
    while job.wants_kit() {
        if !job.take_kit(Kit::whole()) {
            job = Job::with_kit(inputs, options, Some(Kit::whole())).unwrap();
            read(&mut job, set);
            return (Needed::ToRead, job.finish());
        }
        needed = Needed::ToReadOn;
        read(&mut job, set);
    }
    match job.try_finish() {
        Ok(outcome) => (needed, outcome),
        Err(unjudged) => (needed.max(Needed::ToJudge), unjudged.judge(&Kit::whole())),
    }
}

#[test]
fn answers_are_the_same_with_and_without_a_kit_from_the_start() {
    let mut counts = [0; 4];
    for (root, folder) in roots().iter().flat_map(|root| {
        // Packed copies are the repository's own.
        let folders = ["rdb", "rdb-damaged", "aof", "aof-damaged", "containers"];
        folders.into_iter().filter(|folder| root.join(folder).is_dir()).map(move |folder| (root, folder))
    }) {
        for case in cases(root, folder) {
            let set = files(&case.path);
            if set.is_empty() {
                continue;
            }
            let mut whole = Job::new(inputs(&set), Options { deep: true, ..Options::default() }).unwrap();
            read(&mut whole, &set);
            let (needed, outcome) = run(&set);
            counts[needed as usize] += 1;
            assert_eq!(outcome, whole.finish(), "{folder}/{}", case.name);
            match folder {
                // Bases of append-only directories and preambles stand among them.
                "rdb" if outcome.check.verdict == Verdict::Sound => {
                    assert!(!matches!(needed, Needed::ToJudge | Needed::ToReadOn), "{}", case.name);
                }
                "aof" | "aof-damaged" => assert_eq!(needed, Needed::ToRead, "{}", case.name),
                _ => {}
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
}

#[test]
fn regular_expressions_and_digests_take_a_kit() {
    let set = vec![("dump.rdb".to_owned(), b"REDIS0011\xff\0\0\0\0\0\0\0\0".to_vec())];
    let wants_kit = |options: Options| {
        let mut job = Job::with_kit(inputs(&set), options, None).unwrap();
        read(&mut job, &set);
        job.wants_kit()
    };
    let regex = |text: &str| {
        let patterns = PatternOptions { regex: Some(text.into()), ..PatternOptions::default() };
        Options { patterns, ..Options::default() }
    };
    assert!(!wants_kit(Options::default()));
    assert!(wants_kit(regex("^[a-z]+")));
    assert!(wants_kit(Options { digest: true, ..Options::default() }));
    assert!(Job::with_kit(inputs(&set), regex("("), Some(Kit::whole())).is_err());
}
