//! The same questions to the same engine, without a browser: what the page must agree with.

use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use snaptape_engine::{InputFile, Job, Options, Outcome};
use snaptape_testdata::{Case, cases, roots};

/// What the engine says about these files.
pub(crate) fn outcome(files: &[(String, Vec<u8>)]) -> Outcome {
    let inputs =
        files.iter().map(|(path, bytes)| InputFile { path: path.clone(), bytes: bytes.len() as u64 });
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock");
    // As the page asks for files of this length.
    let now_ms = i64::try_from(since.as_millis()).expect("a time");
    let options = Options { now_ms, deep: true, ..Options::default() };
    let mut job = Job::new(inputs.collect(), options).expect("there are files");
    while !job.is_done() {
        while let Some(request) = job.next_read() {
            let start = usize::try_from(request.offset).expect("the file is in memory");
            let file = &files[request.file].1;
            job.feed(&request, &file[start..(start + request.len).min(file.len())]);
        }
    }
    job.finish()
}

/// A file as a browser hands it over: its name, without folders.
pub(crate) fn picked(path: &Path) -> (String, Vec<u8>) {
    let name = path.file_name().expect("a file").to_string_lossy().into_owned();
    (name, fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// A case of the repository's own test data: `aof`, `redis-7.0.15/multi-incr`.
pub(crate) fn case(folder: &str, name: &str) -> Case {
    let root = &roots()[0];
    let found = cases(root, folder).into_iter().find(|case| case.name == name);
    found.unwrap_or_else(|| panic!("no {folder}/{name} in {}", root.display()))
}
