//! What the binary predicts and what it repairs, beside real servers and their check tools.
//!
//! Debian's server is always asked. Where the environment variable `SNAPTAPE_SERVERS` names a folder with other releases, each of
//! them is asked about its own files, too.

mod plans;
mod predictions;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use snaptape_testdata::{Case, Program, cases, files, roots};

use crate::run::snaptape;

/// Damage after which a server reads what is not there: it may crash, or not, from one run to the next. The README of the corpus says
/// so of them.
const VARIES: [&str; 3] = ["argc-minus", "bulk-length-negative", "wrong-arity"];

/// Every damaged tape: those of the repository, and of the full corpus where it is.
fn damaged() -> Vec<Case> {
    let all = roots().into_iter().flat_map(|root| cases(&root, "aof-damaged"));
    let by_name: BTreeMap<String, Case> = all.map(|case| (case.name.clone(), case)).collect();
    assert!(by_name.len() >= 80, "only {} damaged tapes", by_name.len());
    by_name.into_values().collect()
}

fn damage(case: &Case) -> &str {
    case.sidecar["damage"].as_str().expect("a damage")
}

/// What `snaptape check` says of a folder, for a release.
fn check(dir: &Path, release: &str) -> Value {
    let output = snaptape(&["check", &dir.to_string_lossy(), "--json", "--target", release]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", dir.display(), String::from_utf8_lossy(&output.stderr))
    })
}

/// Puts a copy of a case where a server or a tool may write.
fn put(case: &Case, dir: &Path) {
    for (path, bytes) in files(&case.path) {
        let place = dir.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }
}

/// What the check tool is given: the manifest where the set lies in a folder, also if it is missing.
fn tool_target(dir: &Path) -> PathBuf {
    let folder = dir.join("appendonlydir");
    if folder.is_dir() { folder.join("appendonly.aof.manifest") } else { dir.join("appendonly.aof") }
}

/// Whether this release is to be asked about this case.
fn is_own(case: &Case, program: &Program) -> bool {
    case.server == program.release
}

/// The last part of a path.
fn file_name(path: &str) -> String {
    path.rsplit('/').next().unwrap_or_default().into()
}

/// How often a prediction was right.
#[derive(Debug, Default)]
struct Rates(BTreeMap<&'static str, (u32, u32)>);

impl Rates {
    /// Notes a prediction and says where it was wrong.
    fn note<T: PartialEq + std::fmt::Debug>(
        &mut self,
        question: &'static str,
        case: &str,
        ours: T,
        theirs: T,
    ) {
        let (right, all) = self.0.entry(question).or_default();
        *all += 1;
        if ours == theirs {
            *right += 1;
        } else {
            println!("{case}: {question}: predicted {ours:?}, was {theirs:?}");
        }
    }

    /// The share that must be right, in per cent.
    fn at_least(&self, question: &str, percent: u32, cases: u32) {
        let (right, all) = self.0.get(question).copied().unwrap_or_default();
        println!("{question}: {right} of {all}");
        let cases = if roots().len() > 1 { cases } else { cases / 2 };
        assert!(all >= cases, "{question}: only {all} cases");
        assert!(right * 100 >= all * percent, "{question}: {right} of {all}");
    }
}
