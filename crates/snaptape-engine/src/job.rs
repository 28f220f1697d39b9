//! One pass over one data set.

use std::collections::VecDeque;

use snaptape_analysis::{DatasetFold, KeyFacts, SnapshotOptions, TapeFold};
use snaptape_report::{Finding, FindingKind, Role, Severity, units};
use snaptape_wire::Release;

use crate::{
    InputFile, JobError, Options, Outcome, Progress, ReadRequest,
    file_scan::{FileResult, FileScan},
    order::{self, Placed},
    outcome,
};

/// A manifest has one line a file; servers write a few hundred bytes.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// One pass over one data set: a snapshot, several shards, a tape, or an append-only directory.
#[derive(Debug)]
pub struct Job {
    inputs: Vec<InputFile>,
    options: Options,
    target: Option<Release>,
    manifest: Option<ManifestInput>,
    /// The files still to be finished, in the order they are read. Known once the manifest is.
    order: VecDeque<Placed>,
    /// Where the next request begins.
    ask: Ask,
    current: Option<FileScan>,
    results: Vec<FileResult>,
    dataset: DatasetFold,
    tape: TapeFold,
    has_tape: bool,
    /// The newest release that wrote a snapshot: what the set is judged for unless the user chose.
    writer: Option<Release>,
    /// Bytes of the files that are finished.
    done_bytes: u64,
    findings: Vec<Finding>,
}

#[derive(Debug)]
pub(crate) struct ManifestInput {
    pub(crate) index: usize,
    pub(crate) bytes: Vec<u8>,
    fed: bool,
}

/// The read cursor, which runs ahead of what is fed.
#[derive(Debug, Clone, Copy, Default)]
struct Ask {
    /// Position in `order`, counted from the first file still there.
    ahead: usize,
    offset: u64,
    manifest_asked: bool,
}

impl Job {
    /// A job over `inputs`, which are one data set.
    ///
    /// # Errors
    /// No inputs, or a target that is not a release.
    pub fn new(inputs: Vec<InputFile>, options: Options) -> Result<Self, JobError> {
        if inputs.is_empty() {
            return Err(JobError::NoInput);
        }
        let target = match &options.target {
            Some(word) => Some(word.parse().map_err(|_| JobError::UnknownTarget(word.clone()))?),
            None => None,
        };
        let manifest =
            order::find_manifest(&inputs).map(|index| ManifestInput { index, bytes: Vec::new(), fed: false });
        let mut job = Self {
            order: VecDeque::new(),
            ask: Ask::default(),
            current: None,
            results: Vec::new(),
            dataset: DatasetFold::default(),
            tape: TapeFold::default(),
            has_tape: false,
            writer: None,
            done_bytes: 0,
            findings: Vec::new(),
            manifest,
            target,
            options,
            inputs,
        };
        match &job.manifest {
            None => {
                job.order = order::without_manifest(&job.inputs).into();
                job.skip_empty();
            }
            Some(manifest) if job.inputs.get(manifest.index).is_some_and(|input| input.bytes == 0) => {
                job.manifest_read(&[]);
            }
            Some(_) => {}
        }
        Ok(job)
    }

    /// The next read to start, in the order they must be fed. `None` means: nothing more *for now*. Several may
    /// be under way at once; keep one ahead.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        if let Some(manifest) = self.manifest.as_ref().filter(|manifest| !manifest.fed) {
            if self.ask.manifest_asked {
                return None;
            }
            self.ask.manifest_asked = true;
            let bytes = self.inputs.get(manifest.index)?.bytes.min(MAX_MANIFEST_BYTES);
            return Some(ReadRequest { file: manifest.index, offset: 0, len: usize::try_from(bytes).ok()? });
        }
        loop {
            let index = self.order.get(self.ask.ahead)?.index;
            let left = self.inputs.get(index)?.bytes.saturating_sub(self.ask.offset);
            if left == 0 {
                self.ask.ahead += 1;
                self.ask.offset = 0;
                continue;
            }
            let window = self.options.window_bytes.max(1);
            let len = usize::try_from(left).unwrap_or(window).min(window);
            let request = ReadRequest { file: index, offset: self.ask.offset, len };
            self.ask.offset += len as u64;
            return Some(request);
        }
    }

    /// Hands over the bytes of the oldest request not yet fed. Bytes of a request the job has lost interest in
    /// (the file turned out to be broken) are ignored.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        self.feed_keys(request, bytes, |_, _| {});
    }

    /// As [`Self::feed`]; every whole key of a snapshot goes to `keys`, with its file where there are several.
    pub fn feed_keys(
        &mut self,
        request: &ReadRequest,
        bytes: &[u8],
        mut keys: impl FnMut(&KeyFacts<'_>, Option<&str>),
    ) {
        if self.manifest.as_ref().is_some_and(|manifest| !manifest.fed && manifest.index == request.file) {
            self.manifest_read(bytes);
            return;
        }
        let Some(placed) = self.order.front().cloned() else { return };
        if placed.index != request.file {
            // Asked for before the file turned out not to be worth it.
            return;
        }
        let Some(input) = self.inputs.get(placed.index) else { return };
        let (path, file_bytes) = (input.path.clone(), input.bytes);
        if request.offset != self.current.as_ref().map_or(0, FileScan::position) {
            // Asked for before damage sent the scan somewhere else.
            return;
        }
        let end = request.offset + bytes.len() as u64;
        let short = bytes.len() < request.len;
        let eof = short || end >= file_bytes;
        if short {
            self.note_short(&path, end, file_bytes);
        }
        let several = self.inputs.len() > 1;
        let scan = self.current.get_or_insert_with(|| {
            let options = SnapshotOptions {
                limits: self.options.limits,
                target: self.target,
                now_ms: self.options.now_ms,
                digest: self.options.digest,
                deep: self.options.deep,
                file_bytes: Some(file_bytes),
            };
            let release = self.target.or(self.writer);
            FileScan::new(&path, file_bytes, placed.role, release, options)
        });
        let dataset = &mut self.dataset;
        let file = several.then_some(path.as_str());
        scan.feed(bytes, eof, &mut self.tape, |key| {
            dataset.add(key, file);
            keys(key, file);
        });
        let position = scan.position();
        if scan.is_done() || (eof && position >= end) {
            self.close_file(file_bytes);
        } else if position != end {
            self.ask = Ask { ahead: 0, offset: position, ..self.ask };
        }
    }

    fn note_short(&mut self, path: &str, end: u64, file_bytes: u64) {
        let known = |finding: &Finding| finding.kind == FindingKind::FileChanged && finding.file == path;
        if self.findings.iter().any(known) {
            return;
        }
        let message = format!(
            "The file became shorter while it was read: {} of {} bytes are there. Is a server still writing it?",
            units::count(end),
            units::count(file_bytes)
        );
        self.findings.push(Finding {
            severity: Severity::Error,
            kind: FindingKind::FileChanged,
            file: path.into(),
            start: end,
            end: file_bytes,
            message,
        });
    }

    /// The current file is finished: take its result, step over what is left of it, and go to the next.
    fn close_file(&mut self, file_bytes: u64) {
        if let Some(scan) = self.current.take() {
            let result = scan.finish(&mut self.tape);
            self.has_tape |= result.tape.is_some();
            if let Some(snapshot) = &result.snapshot {
                // Shards may come from different releases: only the newest can load them all.
                self.writer = self.writer.max(Some(snapshot.release));
                if let Some(used) = snapshot.info.as_ref().and_then(|info| info.used_memory_bytes) {
                    self.dataset.add_used_memory(used);
                }
            }
            self.results.push(result);
        }
        self.done_bytes += file_bytes;
        self.order.pop_front();
        if self.ask.ahead == 0 {
            self.ask.offset = 0;
        } else {
            self.ask.ahead -= 1;
        }
        self.skip_empty();
    }

    /// Files without bytes need no read.
    fn skip_empty(&mut self) {
        while let Some(placed) = self.order.front().cloned() {
            let Some(input) = self.inputs.get(placed.index).filter(|input| input.bytes == 0) else { return };
            // Only its name can tell what it was to be: a server starts on an empty tape and refuses an empty snapshot.
            let role = match placed.role {
                Role::Other if order::is_called_rdb(&input.path) => Role::Rdb,
                Role::Other => Role::Aof,
                role => role,
            };
            self.results.push(FileResult::unread(&input.path, 0, role));
            self.order.pop_front();
            self.ask.ahead = self.ask.ahead.saturating_sub(1);
        }
    }

    fn manifest_read(&mut self, bytes: &[u8]) {
        let Some(manifest) = &mut self.manifest else { return };
        manifest.fed = true;
        manifest.bytes = bytes.to_vec();
        self.done_bytes += self.inputs.get(manifest.index).map_or(0, |input| input.bytes);
        let (order, unread) = order::by_manifest(&self.inputs, manifest.index, bytes);
        for placed in &unread {
            if let Some(input) = self.inputs.get(placed.index) {
                self.done_bytes += input.bytes;
                self.results.push(FileResult::unread(&input.path, input.bytes, placed.role));
            }
        }
        self.order = order.into();
        self.skip_empty();
    }

    /// Has everything been fed?
    pub fn is_done(&self) -> bool {
        self.order.is_empty() && self.manifest.as_ref().is_none_or(|manifest| manifest.fed)
    }

    /// How far the job is.
    pub fn progress(&self) -> Progress {
        let total_bytes = self.inputs.iter().map(|input| input.bytes).sum();
        let done_bytes = self.done_bytes + self.current.as_ref().map_or(0, FileScan::position);
        Progress { done_bytes: done_bytes.min(total_bytes), total_bytes }
    }

    /// The answers. May be called early: what was not read is then reported as not reached.
    pub fn finish(mut self) -> Outcome {
        if let Some(scan) = self.current.take() {
            let result = scan.finish(&mut self.tape);
            self.has_tape |= result.tape.is_some();
            self.results.push(result);
        }
        let release = self.target.or(self.writer).unwrap_or(outcome::DEFAULT_RELEASE);
        outcome::assemble(outcome::Parts {
            release,
            inputs: self.inputs,
            manifest: self.manifest.map(|manifest| (manifest.index, manifest.bytes)),
            results: self.results,
            dataset: self.dataset,
            tape: self.has_tape.then(|| self.tape.finish()),
            findings: self.findings,
        })
    }
}
