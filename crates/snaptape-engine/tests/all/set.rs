//! Files in memory, and a job that reads them.

use snaptape_engine::{InputFile, Job, Options, Outcome, Piece, ReadRequest, pieces, reframer};
use snaptape_report::Plan;
use snaptape_wire::Crc64;

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

/// The files a plan makes of the inputs.
pub(crate) fn carry_out(plan: &Plan, inputs: &Set) -> Set {
    let source = |path: &str, start: u64, end: u64| {
        let (_, bytes) = inputs.iter().find(|(name, _)| name == path).expect("a known source");
        bytes[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()].to_vec()
    };
    let file = |output| {
        let mut out = Vec::new();
        for piece in pieces(output) {
            match piece {
                Piece::Source { path, start, end } => out.extend(source(&path, start, end)),
                Piece::Reframed { path, start, end, from } => {
                    let mut reframer = reframer(from);
                    reframer.push(&source(&path, start, end), &mut out).unwrap();
                    reframer.finish(&mut out).unwrap();
                }
                Piece::Bytes(bytes) => out.extend(bytes),
                Piece::Checksum => {
                    let mut crc = Crc64::new();
                    crc.update(&out);
                    out.extend(crc.value().to_le_bytes());
                }
            }
        }
        (output.name.clone(), out)
    };
    plan.outputs.iter().map(file).collect()
}
