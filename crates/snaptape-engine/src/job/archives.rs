//! Archives among the files of a set: what is in them takes their place.
//!
//! Which file is what depends on all files together, and on those in archives, too. So what may be an archive by its name is
//! looked into before anything else is read. One that shows only when its turn comes is opened there: what was read before it
//! cannot be taken back.

use snaptape_report::{Finding, FindingKind, Role, Severity};
use snaptape_unpack::{Container, FRONT_BYTES, Flaw};

use super::{Ask, Job, ManifestInput};
use crate::{
    InputFile, ReadRequest, Source,
    order::{self, Placed},
    source::How,
};

impl Job {
    /// Settles which file is what and in which order they are read, now that no archive has to be opened first.
    pub(super) fn settle(&mut self) {
        let mut replaced = core::mem::take(&mut self.replaced);
        replaced.sort_unstable();
        for index in replaced.into_iter().rev() {
            self.inputs.remove(index);
            self.sources.remove(index);
        }
        self.ask = Ask::default();
        self.manifest = order::find_manifest(&self.inputs).map(|index| ManifestInput {
            index,
            bytes: Vec::new(),
            fed: false,
        });
        match &self.manifest {
            None => {
                self.order = order::without_manifest(&self.inputs).into();
                self.skip_empty();
            }
            Some(manifest) => {
                let is_empty = self.inputs.get(manifest.index).is_some_and(|input| input.bytes == 0);
                self.order.clear();
                if is_empty {
                    self.manifest_read(&[]);
                }
            }
        }
    }

    /// The front of what may be an archive has come.
    pub(super) fn look_into(&mut self, index: usize, request: &ReadRequest, front: &[u8]) {
        let Some(source) = self.sources.get(index) else { return };
        if front_request(source) != *request {
            return;
        }
        self.front_asked = false;
        if snaptape_unpack::recognise(front) != Some(Container::Zip) {
            self.looked_into();
            return;
        }
        match &self.kit {
            Some(kit) => self.archive = Some((kit.archive)(index, source)),
            None => self.lacks_kit = true,
        }
    }

    fn looked_into(&mut self) {
        self.to_open.pop_front();
        if self.to_open.is_empty() {
            self.settle();
        }
    }

    /// Puts the files of an archive in its place, once they are known. Without its table of contents it is read from its front.
    pub(crate) fn open_archive(&mut self) {
        let Some((index, files)) =
            self.archive.as_ref().and_then(|archive| Some((archive.index(), archive.files()?)))
        else {
            return;
        };
        self.archive = None;
        self.archives_opened += 1;
        self.ask = Ask { ahead: 0, offset: 0, ..self.ask };
        let comes_first = !self.to_open.is_empty();
        match files {
            Ok(files) if !files.is_empty() => self.put_in_place(index, files),
            bad => self.read_from_front(index, bad.err()),
        }
        if comes_first {
            self.looked_into();
        }
    }

    /// Nothing can be taken from a table of contents, as it has this flaw or is empty.
    fn read_from_front(&mut self, index: usize, flaw: Option<Flaw>) {
        let Some(source) = self.sources.get_mut(index) else { return };
        source.how = How::Packed;
        if let Some(flaw) = flaw {
            self.findings.push(Finding {
                severity: Severity::Error,
                kind: FindingKind::ContainerDamaged,
                file: source.path.clone(),
                start: flaw.offset,
                end: flaw.offset,
                message: format!("Of the zip archive, {}. It is read from its front.", flaw.why),
            });
        }
    }

    fn put_in_place(&mut self, index: usize, files: Vec<Source>) {
        let comes_first = !self.to_open.is_empty();
        let packed: u64 = files.iter().map(Source::packed_bytes).sum();
        let archive_bytes = self.inputs.get(index).map_or(0, |input| input.bytes);
        self.done_bytes += archive_bytes.saturating_sub(packed);
        if !comes_first {
            self.order.pop_front();
        }
        if let [_] = files.as_slice() {
            self.sources.splice(index..=index, files);
            if !comes_first {
                self.order.push_front(Placed { index, role: Role::Other });
            }
            return;
        }
        let first = self.inputs.len();
        self.inputs
            .extend(files.iter().map(|file| InputFile { path: file.path.clone(), bytes: file.bytes() }));
        self.sources.extend(files);
        let has_manifest = order::find_manifest(self.inputs.get(first..).unwrap_or_default()).is_some();
        if comes_first || (has_manifest && self.results.is_empty()) {
            self.replaced.push(index);
            if !comes_first {
                self.settle();
            }
            return;
        }
        let found = self.inputs.get(first..).unwrap_or_default();
        for placed in order::without_manifest(found).into_iter().rev() {
            // Its manifest comes too late to be followed, but it is there: these are no parts that have lost theirs.
            let role = if has_manifest { Role::Other } else { placed.role };
            self.order.push_front(Placed { index: first + placed.index, role });
        }
        self.skip_empty();
    }
}

/// The read that tells whether a file is an archive.
pub(super) fn front_request(source: &Source) -> ReadRequest {
    let len = usize::try_from(source.packed_bytes()).map_or(FRONT_BYTES, |bytes| bytes.min(FRONT_BYTES));
    ReadRequest { file: source.file, offset: source.start, len }
}
