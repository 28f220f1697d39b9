//! One pass over one data set.

mod archives;

use std::collections::VecDeque;

use snaptape_analysis::{DatasetFold, KeyFacts, SlotFold, SnapshotOptions};
use snaptape_memory::Allocator;
use snaptape_repair::guess_release;
use snaptape_report::{Checksum, Finding, FindingKind, Role, Severity, units};
use snaptape_unpack::{Container, FRONT_BYTES};
use snaptape_wire::Release;

use crate::{
    InputFile, JobError, Options, Outcome, Progress, ReadRequest, Source,
    file_scan::{FileResult, FileScan},
    kit::{Archive, Kit, NoTapes, Packed, Tapes},
    order::{self, ByManifest, Placed},
    outcome::{self, Unjudged},
    packed::After,
    source::How,
};

/// A manifest has one line a file; servers write a few hundred bytes.
const MAX_MANIFEST_BYTES: u64 = 1 << 20;

/// One pass over one data set: a snapshot, several shards, a tape, or an append-only directory.
#[derive(Debug)]
pub struct Job {
    /// The files of the set: what was given, and what was found in archives.
    inputs: Vec<InputFile>,
    /// Where their contents are, in the same order.
    sources: Vec<Source>,
    /// An archive whose table of contents is being read.
    archive: Option<Box<dyn Archive>>,
    /// Archives whose files took their place.
    archives_opened: u32,
    /// What is looked into before anything is read, as it may be an archive by its name.
    to_open: VecDeque<usize>,
    /// Is the front of the first of them under way?
    front_asked: bool,
    /// Archives whose files stand behind the other inputs by now.
    replaced: Vec<usize>,
    options: Options,
    target: Option<Release>,
    allocator: Option<Allocator>,
    manifest: Option<ManifestInput>,
    /// The files still to be finished, in the order they are read. Known once the manifest is.
    order: VecDeque<Placed>,
    /// Where the next request begins.
    ask: Ask,
    current: Option<FileScan>,
    /// What stands between the input and `current`, if anything does.
    packed: Option<Box<dyn Packed>>,
    /// Keys of the current file that were handed on.
    handed_on: u64,
    /// Of a packed file that is read anew: keys to come that were handed on before.
    known_keys: u64,
    results: Vec<FileResult>,
    dataset: DatasetFold,
    slots: SlotFold,
    tape: Box<dyn Tapes>,
    /// What only some files need, where it was handed in.
    kit: Option<Kit>,
    /// Is there something that cannot be read without the kit?
    lacks_kit: bool,
    /// The newest release that wrote a snapshot: what the set is judged for unless the user chose.
    writer: Option<Release>,
    /// Bytes of the files that are finished.
    done_bytes: u64,
    /// Bytes of everything that was given, and of what is read twice.
    total_bytes: u64,
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
    /// No inputs, a target that is not a release, or patterns that cannot be.
    pub fn new(inputs: Vec<InputFile>, options: Options) -> Result<Self, JobError> {
        Self::with_kit(inputs, options, Some(Kit::whole()))
    }

    /// The same with what only some files need, or without. A job without it reads whole snapshots; of anything else it says
    /// [`Self::wants_kit`] and stops.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_kit(inputs: Vec<InputFile>, options: Options, kit: Option<Kit>) -> Result<Self, JobError> {
        if inputs.is_empty() {
            return Err(JobError::NoInput);
        }
        let target = match &options.target {
            Some(word) => Some(word.parse().map_err(|_| JobError::UnknownTarget(word.clone()))?),
            None => None,
        };
        let allocator = match &options.allocator {
            Some(word) => {
                Some(Allocator::from_name(word).ok_or_else(|| JobError::UnknownAllocator(word.clone()))?)
            }
            None => None,
        };
        let make_regex = kit.as_ref().map(|kit| kit.make_regex);
        let dataset = DatasetFold::with_regex(options.patterns.clone(), options.now_ms, make_regex)
            .map_err(JobError::Patterns)?
            .with_allocator(allocator);
        let whole = |(file, input): (usize, &InputFile)| Source::whole(&input.path, file, input.bytes);
        let mut job = Self {
            sources: inputs.iter().enumerate().map(whole).collect(),
            archive: None,
            archives_opened: 0,
            to_open: VecDeque::new(),
            front_asked: false,
            replaced: Vec::new(),
            packed: None,
            handed_on: 0,
            known_keys: 0,
            total_bytes: inputs.iter().map(|input| input.bytes).sum(),
            order: VecDeque::new(),
            ask: Ask::default(),
            current: None,
            results: Vec::new(),
            dataset,
            slots: SlotFold::default(),
            tape: match &kit {
                Some(kit) => (kit.tapes)(options.choice.clone()),
                None => Box::new(NoTapes::default()),
            },
            lacks_kit: false,
            kit,
            writer: None,
            done_bytes: 0,
            findings: Vec::new(),
            manifest: None,
            target,
            allocator,
            options,
            inputs,
        };
        if order::find_manifest(&job.inputs).is_none() {
            job.to_open = order::archives(&job.inputs);
        }
        if job.to_open.is_empty() {
            job.settle();
        }
        let asks_for_more = job.options.digest || job.options.patterns.regex.is_some();
        job.lacks_kit = job.kit.is_none() && (job.manifest.is_some() || asks_for_more);
        Ok(job)
    }

    /// Did it find something it cannot read without a [`Kit`]? It stops there: see [`Self::take_kit`].
    pub fn wants_kit(&self) -> bool {
        self.lacks_kit || self.tape.wants_kit() || self.current.as_ref().is_some_and(FileScan::wants_kit)
    }

    /// Hands it in. True where the job goes on from here: it asks once more for what it was fed last. Else begin again with a kit.
    pub fn take_kit(&mut self, kit: Kit) -> bool {
        let Some(scan) = self.current.as_mut().filter(|_| !self.lacks_kit && !self.tape.wants_kit()) else {
            return false;
        };
        scan.take_kit(kit);
        self.ask = Ask { ahead: 0, offset: scan.position(), ..self.ask };
        self.kit = Some(kit);
        true
    }

    /// The next read to start, in the order they must be fed. `None` means: nothing more *for now*. Several may
    /// be under way at once; keep one ahead.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        if self.wants_kit() {
            return None;
        }
        if let Some(manifest) = self.manifest.as_ref().filter(|manifest| !manifest.fed) {
            if self.ask.manifest_asked {
                return None;
            }
            self.ask.manifest_asked = true;
            return manifest_request(self.sources.get(manifest.index)?);
        }
        if let Some(archive) = &mut self.archive {
            return archive.next_read();
        }
        if let Some(index) = self.to_open.front() {
            let asked = core::mem::replace(&mut self.front_asked, true);
            return self.sources.get(*index).filter(|_| !asked).map(archives::front_request);
        }
        loop {
            let source = self.sources.get(self.order.get(self.ask.ahead)?.index)?;
            let left = source.packed_bytes().saturating_sub(self.ask.offset);
            if left == 0 {
                self.ask.ahead += 1;
                self.ask.offset = 0;
                continue;
            }
            // The first window has to tell what the file is.
            let least = if self.ask.offset == 0 { FRONT_BYTES } else { 1 };
            let window = self.options.window_bytes.max(least);
            let len = usize::try_from(left).unwrap_or(window).min(window);
            let request = ReadRequest { file: source.file, offset: source.start + self.ask.offset, len };
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
        self.feed_each(request, bytes, &mut |key, _, file| keys(key, file));
    }

    /// As [`Self::feed_keys`], with the number of its file among [`Self::sources`].
    pub fn feed_rows(
        &mut self,
        request: &ReadRequest,
        bytes: &[u8],
        mut keys: impl FnMut(&KeyFacts<'_>, usize),
    ) {
        self.feed_each(request, bytes, &mut |key, index, _| keys(key, index));
    }

    /// Where the contents of the files are, as far as that is known by now.
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// How often [`Self::sources`] became others: those whose keys were handed on stay the same.
    pub(crate) fn archives_opened(&self) -> u32 {
        self.archives_opened
    }

    fn feed_each(
        &mut self,
        request: &ReadRequest,
        bytes: &[u8],
        keys: &mut impl FnMut(&KeyFacts<'_>, usize, Option<&str>),
    ) {
        if self.wants_kit() {
            return;
        }
        if let Some(manifest) = self.manifest.as_ref().filter(|manifest| !manifest.fed) {
            let source = self.sources.get(manifest.index);
            if source.and_then(manifest_request).as_ref() == Some(request) {
                self.manifest_read(bytes);
            }
            return;
        }
        if let Some(archive) = &mut self.archive {
            archive.feed(request, bytes);
            if let Some(open_archive) = self.kit.as_ref().map(|kit| kit.open_archive) {
                open_archive(self);
            }
            return;
        }
        if let Some(index) = self.to_open.front() {
            self.look_into(*index, request, bytes);
            return;
        }
        let Some(placed) = self.order.front().cloned() else { return };
        let Some(source) = self.sources.get(placed.index) else { return };
        let (path, start, source_end) = (source.path.clone(), source.start, source.end);
        let position = match (&self.packed, &self.current) {
            (Some(packed), _) => packed.next(),
            (None, Some(scan)) => start + scan.position(),
            (None, None) => start,
        };
        if source.file != request.file || request.offset != position {
            // Asked for before the file turned out not to be worth it, or damage sent the scan somewhere else.
            return;
        }
        if self.current.is_none() && self.recognise(&placed, bytes) {
            return;
        }
        let end = request.offset + bytes.len() as u64;
        let short = bytes.len() < request.len;
        let eof = short || end >= source_end;
        if short {
            self.note_short(&path, end, source_end);
        }
        let length = self.packed.is_none().then_some(source_end - start);
        if self.current.is_none() {
            self.slots.begin(&path);
            self.tape.open_file(&path, placed.role);
        }
        let scan = self.current.take().unwrap_or_else(|| self.scan(&placed, length));
        let scan = self.current.insert(scan);
        let (dataset, slots, only_keys) = (&mut self.dataset, &mut self.slots, self.options.only_keys);
        let file = (self.sources.len() > 1).then_some(path.as_str());
        let is_shard = file.is_some() && placed.role == Role::Other;
        let (handed_on, known_keys) = (&mut self.handed_on, &mut self.known_keys);
        let mut each = |key: &KeyFacts<'_>| {
            if *known_keys > 0 {
                *known_keys -= 1;
                return false;
            }
            *handed_on += 1;
            keys(key, placed.index, file);
            if only_keys {
                return false;
            }
            dataset.add(key, file);
            // One file alone says itself whether its keys belong to slots.
            if is_shard || key.announced_slot.is_some() {
                slots.add(key);
            }
            true
        };
        let after = if let Some(packed) = &mut self.packed {
            packed.feed(bytes, eof, scan, &mut *self.tape, &mut each)
        } else {
            scan.feed(bytes, eof, &mut *self.tape, each);
            let position = start + scan.position();
            if scan.wants_kit() {
                After::More
            } else if scan.is_done() || (eof && position >= end) {
                After::Done
            } else {
                if position != end {
                    self.ask = Ask { ahead: 0, offset: scan.position(), ..self.ask };
                }
                After::More
            }
        };
        match after {
            After::More => {}
            After::Again | After::Anew(_) => {
                if let After::Anew(length) = after {
                    self.known_keys = self.handed_on;
                    self.current = Some(self.scan(&placed, Some(length)));
                }
                self.total_bytes += source_end - start;
                self.done_bytes += source_end - start;
                self.ask = Ask { ahead: 0, offset: 0, ..self.ask };
            }
            After::Done => self.close_file(source_end - start),
        }
    }

    /// A scan of a file whose contents have this length, if it is known.
    fn scan(&self, placed: &Placed, length: Option<u64>) -> FileScan {
        let options = SnapshotOptions {
            limits: self.options.limits,
            target: self.target,
            allocator: self.allocator,
            now_ms: self.options.now_ms,
            digest: self.options.digest,
            deep: self.options.deep,
            file_bytes: length,
        };
        let release = self.target.or(self.writer);
        let path = self.inputs.get(placed.index).map_or("", |input| input.path.as_str());
        let scan = FileScan::new(path, length, placed.role, release, options, self.kit);
        if self.options.only_keys { scan.without_tape() } else { scan }
    }

    /// Looks whether a file that begins with `front` is a container. True for an archive: its table of contents comes first.
    fn recognise(&mut self, placed: &Placed, front: &[u8]) -> bool {
        let Some(source) = self.sources.get_mut(placed.index) else { return false };
        let container = match source.how {
            How::AsIs => snaptape_unpack::recognise(front.get(..FRONT_BYTES).unwrap_or(front)),
            How::Packed | How::Entry(_) => None,
        };
        if source.how == How::AsIs && container.is_none() {
            return false;
        }
        let Some(kit) = &self.kit else {
            self.lacks_kit = true;
            return true;
        };
        if container == Some(Container::Zip) {
            self.archive = Some((kit.archive)(placed.index, source));
            return true;
        }
        if container.is_some() {
            source.how = How::Packed;
        }
        if self.packed.is_none() {
            self.packed = (kit.packed)(source);
        }
        false
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
        if let Some(result) = self.take_result() {
            if let Some(snapshot) = &result.snapshot {
                // Shards may come from different releases: only the newest can load them all.
                self.writer = self.writer.max(Some(snapshot.release));
                if let Some(used) = snapshot.info.as_ref().and_then(|info| info.used_memory_bytes) {
                    self.dataset.add_used_memory(used, snapshot.release);
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

    /// What the current file is, as far as it was read.
    fn take_result(&mut self) -> Option<FileResult> {
        let mut result = self.current.take()?.finish(&mut *self.tape);
        (self.handed_on, self.known_keys) = (0, 0);
        if let Some(packed) = self.packed.take() {
            let info = result.snapshot.as_ref().and_then(|snapshot| snapshot.info.as_ref());
            let proven =
                result.tape.is_none() && info.is_some_and(|info| info.checksum == Checksum::Verified);
            let (facts, findings) = packed.finish(&result.path, proven);
            result.bytes = facts.info.bytes_inside;
            result.findings.extend(findings);
            result.packed = Some(facts);
        }
        Some(result)
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
            self.tape.empty_file(&input.path, role);
            self.results.push(FileResult::unread(&input.path, 0, role));
            self.order.pop_front();
            self.ask.ahead = self.ask.ahead.saturating_sub(1);
        }
    }

    fn manifest_read(&mut self, bytes: &[u8]) {
        let (Some(manifest), Some(kit)) = (&mut self.manifest, &self.kit) else { return };
        manifest.fed = true;
        let most_bytes = usize::try_from(MAX_MANIFEST_BYTES).unwrap_or(usize::MAX);
        let unpacked =
            self.sources.get(manifest.index).and_then(|source| (kit.unpack_text)(source, bytes, most_bytes));
        manifest.bytes = unpacked.unwrap_or_else(|| bytes.to_vec());
        self.done_bytes += self.inputs.get(manifest.index).map_or(0, |input| input.bytes);
        let ByManifest { loaded, unread, lacks_a_part } =
            (kit.by_manifest)(&self.inputs, manifest.index, &manifest.bytes);
        for placed in &unread {
            if let Some(input) = self.inputs.get(placed.index) {
                self.done_bytes += input.bytes;
                self.results.push(FileResult::unread(&input.path, input.bytes, placed.role));
            }
        }
        if lacks_a_part {
            self.tape.missing_file();
        }
        self.order = loaded.into();
        self.skip_empty();
    }

    /// Has everything been fed?
    pub fn is_done(&self) -> bool {
        self.order.is_empty()
            && self.archive.is_none()
            && self.to_open.is_empty()
            && self.manifest.as_ref().is_none_or(|manifest| manifest.fed)
    }

    /// How far the job is.
    pub fn progress(&self) -> Progress {
        let total_bytes = self.total_bytes;
        let current = match (&self.packed, &self.current) {
            (Some(packed), _) => packed.done_bytes(),
            (None, scan) => scan.as_ref().map_or(0, FileScan::position),
        };
        Progress { done_bytes: (self.done_bytes + current).min(total_bytes), total_bytes }
    }

    /// The answers. May be called early: what was not read is then reported as not reached.
    pub fn finish(self) -> Outcome {
        let kit = self.kit.unwrap_or_else(Kit::whole);
        self.try_finish().unwrap_or_else(|unjudged| unjudged.judge(&kit))
    }

    /// The answers, where they take no [`Kit`]: what was read is snapshots, and nothing is wrong with them.
    ///
    /// # Errors
    /// Everything that was found out, to be judged with a kit.
    pub fn try_finish(mut self) -> Result<Outcome, Box<Unjudged>> {
        let result = self.take_result();
        self.results.extend(result);
        let tape = self.tape.finish();
        let release = self.target.unwrap_or_else(|| {
            let guess = self.writer.unwrap_or(outcome::DEFAULT_RELEASE);
            let meanings = tape.meanings.iter();
            guess_release(guess, meanings.map(|(_, meaning)| meaning))
        });
        let unjudged = outcome::gather(outcome::Parts {
            release,
            is_chosen: self.target.is_some(),
            inputs: self.inputs,
            manifest: self.manifest.map(|manifest| (manifest.index, manifest.bytes)),
            results: self.results,
            dataset: self.dataset,
            slots: self.slots,
            tape,
            choice: self.options.choice,
            findings: self.findings,
            sources: self.sources,
        });
        unjudged.judge_alone()
    }
}

/// The read that fetches a manifest.
fn manifest_request(source: &Source) -> Option<ReadRequest> {
    let len = usize::try_from(source.packed_bytes().min(MAX_MANIFEST_BYTES)).ok()?;
    Some(ReadRequest { file: source.file, offset: source.start, len })
}
