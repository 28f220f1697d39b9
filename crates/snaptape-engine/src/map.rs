//! One more pass over the keys of a data set, to nest them by something else.

use snaptape_analysis::MapFold;
use snaptape_report::{MapNesting, MemoryMap};

use crate::{InputFile, Job, JobError, Options, Progress, ReadRequest};

/// A map of a data set, without I/O of its own: as [`Job`], it says which bytes it wants next. Nothing but snapshots is read.
#[derive(Debug)]
pub struct MapJob {
    job: Job,
    fold: MapFold,
    /// The file keys stand in where there is but one.
    only: String,
}

impl MapJob {
    /// A map of `inputs`, which are one data set, nested so. Of the options it looks at those that say what keys are called and take.
    ///
    /// # Errors
    /// As [`Job::new`].
    pub fn new(inputs: Vec<InputFile>, options: Options, nesting: MapNesting) -> Result<Self, JobError> {
        let fold = MapFold::new(nesting, options.patterns.clone()).map_err(JobError::Patterns)?;
        let only = inputs.first().map(|input| input.path.clone()).unwrap_or_default();
        let options = Options { only_keys: true, digest: false, deep: false, choice: None, ..options };
        Ok(Self { job: Job::new(inputs, options)?, fold, only })
    }

    /// As [`Job::next_read`].
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        self.job.next_read()
    }

    /// As [`Job::feed`].
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let Self { job, fold, only } = self;
        job.feed_keys(request, bytes, |key, file| fold.add(key, file.unwrap_or(only)));
    }

    /// As [`Job::is_done`].
    pub fn is_done(&self) -> bool {
        self.job.is_done()
    }

    /// As [`Job::progress`].
    pub fn progress(&self) -> Progress {
        self.job.progress()
    }

    /// The map; nothing where the data set has no keys to speak of.
    pub fn finish(self) -> Option<MemoryMap> {
        let Self { job, fold, .. } = self;
        let outcome = job.finish();
        outcome.map.map(|_| fold.finish(&outcome.report.target))
    }
}
