//! A zip archive becomes the files in it.

use std::collections::HashSet;

use snaptape_unpack::{
    Flaw,
    zip::{Directory, Entry},
};

use crate::{ReadRequest, Source, kit::Archive, source::How};

/// An archive whose table of contents is being read.
#[derive(Debug)]
pub(crate) struct OneArchive {
    index: usize,
    source: Source,
    directory: Directory,
    asked: bool,
}

impl OneArchive {
    pub(crate) fn new(index: usize, source: &Source) -> Self {
        let directory = Directory::new(source.packed_bytes());
        Self { index, source: source.clone(), directory, asked: false }
    }
}

impl Archive for OneArchive {
    fn index(&self) -> usize {
        self.index
    }

    fn next_read(&mut self) -> Option<ReadRequest> {
        if core::mem::replace(&mut self.asked, true) {
            return None;
        }
        let (offset, bytes) = self.directory.wants()?;
        Some(ReadRequest { file: self.source.file, offset, len: usize::try_from(bytes).ok()? })
    }

    fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let (file, wanted) = (request.file, (request.offset, request.len as u64));
        if file == self.source.file && self.directory.wants() == Some(wanted) {
            self.directory.give(bytes);
            self.asked = false;
        }
    }

    fn files(&self) -> Option<Result<Vec<Source>, Flaw>> {
        let entries = match self.directory.entries()? {
            Ok(entries) => entries,
            Err(flaw) => return Some(Err(flaw.clone())),
        };
        let wanted: Vec<&Entry> =
            entries.iter().filter(|entry| !entry.is_folder() && !entry.is_clutter()).collect();
        let single = wanted.len() == 1;
        // Of two with the same name, unpacking leaves the later one.
        let mut names = HashSet::new();
        let mut files: Vec<Source> = wanted
            .into_iter()
            .rev()
            .filter(|entry| names.insert(entry.name.clone()))
            .map(|entry| Source {
                // An archive around one file is called what it is called.
                path: if single {
                    self.source.path.clone()
                } else {
                    format!("{}/{}", self.source.path, entry.name.replace('\\', "/"))
                },
                file: self.source.file,
                start: entry.header_offset,
                end: entry.end_offset,
                bytes_on_disk: if single { self.source.bytes_on_disk } else { entry.packed_bytes },
                how: How::Entry(Box::new(entry.clone())),
            })
            .collect();
        files.reverse();
        Some(Ok(files))
    }
}
