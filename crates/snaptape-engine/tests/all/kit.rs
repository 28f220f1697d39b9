//! Jobs that begin without what only some files need, as the page begins them.

use snaptape_engine::{Job, Kit, Options, Outcome};
use snaptape_report::Verdict;
use snaptape_testdata::{cases, files, roots};

use crate::set::{inputs, slice};

/// What a job needed of its kit.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Clone, Copy)]
enum Needed {
    Nothing,
    ToJudge,
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
    let needed = if job.wants_kit() { Needed::ToRead } else { Needed::Nothing };
    if needed == Needed::ToRead {
        job = Job::with_kit(inputs, options, Some(Kit::whole())).unwrap();
        read(&mut job, set);
        return (needed, job.finish());
    }
    match job.try_finish() {
        Ok(outcome) => (Needed::Nothing, outcome),
        Err(unjudged) => (Needed::ToJudge, unjudged.judge(&Kit::whole())),
    }
}

#[test]
fn answers_are_the_same_with_and_without_a_kit_from_the_start() {
    let mut counts = [0; 3];
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
                    assert_ne!(needed, Needed::ToJudge, "{}", case.name);
                }
                "aof" | "aof-damaged" => assert_eq!(needed, Needed::ToRead, "{}", case.name),
                _ => {}
            }
        }
    }
    assert!(counts.iter().all(|count| *count > 5), "{counts:?}");
}
