//! Files in memory, and a job that reads them.

use snaptape_engine::{InputFile, Job, Options, Outcome, ReadRequest};

/// Path and bytes of every file.
pub(crate) type Set = Vec<(String, Vec<u8>)>;

pub(crate) fn inputs(set: &[(String, Vec<u8>)]) -> Vec<InputFile> {
    set.iter().map(|(path, bytes)| InputFile { path: path.clone(), bytes: bytes.len() as u64 }).collect()
}

/// The bytes that are asked for.
pub(crate) fn slice<'s>(set: &'s [(String, Vec<u8>)], request: &ReadRequest) -> &'s [u8] {
    let start = usize::try_from(request.offset).expect("a file in memory");
    &set[request.file].1[start..start + request.len]
}

/// Reads the whole set.
pub(crate) fn run(set: &[(String, Vec<u8>)], options: Options) -> Outcome {
    let mut job = Job::new(inputs(set), options).expect("there are files");
    while !job.is_done() {
        let request = job.next_read().expect("a job that is not done asks for something");
        job.feed(&request, slice(set, &request));
    }
    job.finish()
}

/// Reads one file.
pub(crate) fn run_one(path: &str, bytes: &[u8], options: Options) -> Outcome {
    run(&[(path.to_owned(), bytes.to_vec())], options)
}
