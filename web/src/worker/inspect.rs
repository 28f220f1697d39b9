//! One pass of the engine over sources.

use std::collections::VecDeque;

use snaptape_engine::{Job, JobError, Options, Progress, ReadRequest};

use super::missing_chunk;
use super::source::{Reading, Source};
use crate::chunks::{self, NotLoaded};
use crate::protocol::{Answers, Asked};

/// As much as this is looked at closely, every value of it: nobody waits for that. What is longer, `snaptape check --deep` and
/// `snaptape repair` look at.
const DEEP_UP_TO_BYTES: u64 = 128 << 20;
/// Reads under way at once: one that is waited for, and the next.
const READS_IN_FLIGHT: usize = 2;

/// Reads the sources as the engine asks for them, and returns its answers. Where they turn out to need more than whole snapshots do,
/// the chunk with that is loaded; behind damage reading goes on then, else it begins again.
pub(super) async fn inspect(
    sources: &[Source],
    now_ms: i64,
    asked: Asked,
    mut progress: impl FnMut(u64, u64),
) -> Result<Answers, String> {
    let inputs: Vec<_> = sources.iter().map(Source::input).collect();
    let deep = inputs.iter().map(|input| input.bytes).sum::<u64>() <= DEEP_UP_TO_BYTES;
    let Asked { patterns, target, allocator, choice } = asked;
    let options = Options { now_ms, deep, patterns, target, allocator, choice, ..Options::default() };
    let mut kit = None;
    let job = loop {
        // Boxed: futures would carry it around.
        let mut job = Box::new(Job::with_kit(inputs.clone(), options.clone(), kit).map_err(sentence)?);
        read_all(&mut *job, sources, &mut progress).await?;
        while job.wants_kit() {
            let whole = chunks::kit().await.map_err(|NotLoaded| missing_chunk())?;
            kit = Some(whole);
            if !job.take_kit(whole) {
                break;
            }
            read_all(&mut *job, sources, &mut progress).await?;
        }
        if !job.wants_kit() {
            break job;
        }
    };
    let outcome = match job.try_finish() {
        Ok(outcome) => outcome,
        Err(unjudged) => {
            let kit = match kit {
                Some(kit) => kit,
                None => chunks::kit().await.map_err(|NotLoaded| missing_chunk())?,
            };
            unjudged.judge(&kit)
        }
    };
    Ok(Answers {
        report: outcome.report,
        check: outcome.check,
        plans: outcome.plans,
        map: outcome.map,
        sources: outcome.sources,
    })
}

/// Something that says which bytes it wants.
pub(super) trait Reads {
    fn next_read(&mut self) -> Option<ReadRequest>;
    fn feed(&mut self, request: &ReadRequest, bytes: &[u8]);
    fn progress(&self) -> Progress;
}

impl Reads for Job {
    fn next_read(&mut self) -> Option<ReadRequest> {
        self.next_read()
    }

    fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        self.feed(request, bytes);
    }

    fn progress(&self) -> Progress {
        self.progress()
    }
}

/// Reads what is wanted until nothing is.
pub(super) async fn read_all(
    job: &mut dyn Reads,
    sources: &[Source],
    progress: &mut dyn FnMut(u64, u64),
) -> Result<(), String> {
    let mut under_way: VecDeque<(ReadRequest, Reading)> = VecDeque::new();
    let mut buffer = Vec::new();
    loop {
        // The next read starts before the bytes of this one are looked at: reading is slower than parsing here.
        while under_way.len() < READS_IN_FLIGHT
            && let Some(request) = job.next_read()
        {
            let source = sources.get(request.file).ok_or("The engine asked for a file that is not there.")?;
            let end = request.offset + request.len as u64;
            let reading = source.read(request.offset, end)?;
            under_way.push_back((request, reading));
        }
        let Some((request, reading)) = under_way.pop_front() else { return Ok(()) };
        reading.bytes(&mut buffer).await?;
        job.feed(&request, &buffer);
        let at = job.progress();
        progress(at.done_bytes, at.total_bytes);
    }
}

pub(super) fn sentence(error: JobError) -> String {
    match error {
        JobError::NoInput => "There are no files in what you opened.".into(),
        JobError::Patterns(why) => format!("The keys cannot be grouped like that: {why}."),
        JobError::UnknownTarget(target) => format!("{target} is not a release Snaptape knows."),
        JobError::UnknownAllocator(allocator) => format!("{allocator} is not an allocator Snaptape knows."),
    }
}
