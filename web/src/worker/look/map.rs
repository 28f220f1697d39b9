//! Nests the keys by something else.

use snaptape_engine::{MapJob, Options, Progress, ReadRequest};
use snaptape_report::{MapNesting, MemoryMap};

use crate::protocol::Asked;
use crate::worker::inspect::{Reads, read_all, sentence};
use crate::worker::source::Source;

impl Reads for MapJob {
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

/// The map of the sources.
pub(super) async fn map(
    sources: &[Source],
    now_ms: i64,
    asked: Asked,
    nesting: MapNesting,
    mut progress: impl FnMut(u64, u64),
) -> Result<MemoryMap, String> {
    let Asked { patterns, target, allocator, .. } = asked;
    let options = Options { now_ms, patterns, target, allocator, ..Options::default() };
    let inputs = sources.iter().map(Source::input).collect();
    // Boxed: futures would carry it around.
    let mut job = Box::new(MapJob::new(inputs, options, nesting).map_err(sentence)?);
    read_all(&mut *job, sources, &mut progress).await?;
    job.finish().ok_or_else(|| "There are no keys to make a map of.".into())
}
