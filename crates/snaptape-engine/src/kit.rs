//! What a job needs for some files only: for tapes, for folders with a manifest, for what is packed, and for what is damaged; and
//! what it needs for some questions only: regular expressions and digests.
//!
//! It is handed in, and not simply there, for the sake of the page: most people open a snapshot, and the page loads the rest of the
//! program when a file turns out to need it. Nothing but [`Kit::whole`] names the code.

use core::fmt::Debug;

use snaptape_analysis::{ChoiceFacts, KeyFacts, MakeRegex, MeaningFacts, SnapshotAid, make_regex};
use snaptape_aof::TapeFacts;
use snaptape_repair::{Judgement, Offered};
use snaptape_report::{Choice, Finding, Replay, Role, Tape};
use snaptape_unpack::Flaw;
use snaptape_wire::{Limits, Release};

use crate::{
    InputFile, Job, ReadRequest, Source,
    archive::OneArchive,
    file_scan::FileScan,
    order::{self, ByManifest},
    outcome::{Unjudged, judge_all},
    packed::{After, PackedFacts, PackedFile, unpack_text},
    sinks::TapeSinks,
    sniff::Content,
};

/// Everything a job needs for some files only.
#[derive(Debug, Clone, Copy)]
pub struct Kit {
    /// Listens to the commands of a set, for this choice.
    pub(crate) tapes: fn(Option<Choice>) -> Box<dyn Tapes>,
    /// The order a manifest gives.
    pub(crate) by_manifest: fn(&[InputFile], usize, &[u8]) -> ByManifest,
    /// Reads a packed file.
    pub(crate) packed: fn(&Source) -> Option<Box<dyn Packed>>,
    /// Reads the table of contents of an archive.
    pub(crate) archive: fn(usize, &Source) -> Box<dyn Archive>,
    /// Puts the files of an archive in its place, once they are known.
    pub(crate) open_archive: fn(&mut Job),
    /// Looks closely at the front of a file that begins neither as a snapshot nor as a tape.
    pub(crate) begin: fn(&mut FileScan, &[u8], &mut dyn Tapes),
    /// Says what a file is that is no snapshot.
    pub(crate) name: fn(&mut FileScan, Content),
    /// What damaged snapshots need, and digests.
    pub(crate) snapshots: SnapshotAid,
    /// Makes the user's regular expression ready.
    pub(crate) make_regex: MakeRegex,
    /// Judges a set, whatever is in it and wrong with it.
    pub(crate) judge: fn(&Unjudged) -> (Judgement, Offered),
    /// Unpacks a short file as far as this many bytes; nothing where it is not packed.
    pub(crate) unpack_text: fn(&Source, &[u8], usize) -> Option<Vec<u8>>,
}

impl Kit {
    /// All of it.
    pub fn whole() -> Self {
        Self {
            tapes: |choice| Box::new(TapeSinks::new(choice)),
            by_manifest: order::by_manifest,
            packed: |source| Some(Box::new(PackedFile::new(source)?)),
            archive: |index, source| Box::new(OneArchive::new(index, source)),
            open_archive: Job::open_archive,
            begin: FileScan::begin_closely,
            name: FileScan::name,
            snapshots: SnapshotAid::whole(),
            make_regex,
            judge: judge_all,
            unpack_text,
        }
    }
}

/// Everything that listens to the commands of a set, file by file.
pub(crate) trait Tapes: Debug {
    /// A file that plays this part is about to be read.
    fn open_file(&mut self, path: &str, role: Role);

    /// An empty file that plays this part needs no read.
    fn empty_file(&mut self, path: &str, role: Role);

    /// A file is not there that should be read now.
    fn missing_file(&mut self);

    /// Nothing of the file at hand can be read.
    fn lost_file(&mut self);

    /// A key of the snapshot that is being read.
    fn key(&mut self, key: &KeyFacts<'_>);

    /// The snapshot of the file at hand was read; so many keys, to its end or not.
    fn snapshot(&mut self, keys: u64, whole: bool);

    /// Commands begin in the file at hand.
    fn begin(&mut self, begin: TapeBegin<'_>);

    /// The next bytes of them.
    fn feed(&mut self, bytes: &[u8]);

    /// What there was of them, now that the file ends.
    fn end(&mut self) -> Option<TapeFacts>;

    /// All files are through.
    fn finish(self: Box<Self>) -> TapeResults;

    /// Is there something it cannot listen to?
    fn wants_kit(&self) -> bool {
        false
    }
}

/// Where and how commands begin.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TapeBegin<'a> {
    pub(crate) path: &'a str,
    pub(crate) start: u64,
    /// Length of the file.
    pub(crate) file_bytes: u64,
    /// The release they are judged for.
    pub(crate) release: Release,
    /// Is that a guess?
    pub(crate) guessed: bool,
    /// Do they stand behind a snapshot whose end is not known? No server reads them then.
    pub(crate) lost_front: bool,
    pub(crate) limits: Limits,
}

/// What the folds over commands found.
#[derive(Debug, Default)]
pub(crate) struct TapeResults {
    pub(crate) tape: Option<Tape>,
    pub(crate) choice: ChoiceFacts,
    /// By path of the file.
    pub(crate) meanings: Vec<(String, MeaningFacts)>,
    pub(crate) replay: Option<Replay>,
}

/// Listens to nothing, and notices when there is something.
#[derive(Debug, Default)]
pub(crate) struct NoTapes {
    wanted: bool,
}

impl Tapes for NoTapes {
    fn open_file(&mut self, _: &str, role: Role) {
        self.wanted |= matches!(role, Role::Base | Role::Incr);
    }

    fn empty_file(&mut self, _: &str, role: Role) {
        self.wanted |= matches!(role, Role::Base | Role::Incr | Role::Aof);
    }

    fn missing_file(&mut self) {}

    fn lost_file(&mut self) {}

    fn key(&mut self, key: &KeyFacts<'_>) {
        self.wanted |= key.in_tape;
    }

    fn snapshot(&mut self, _: u64, _: bool) {}

    fn begin(&mut self, _: TapeBegin<'_>) {
        self.wanted = true;
    }

    fn feed(&mut self, _: &[u8]) {}

    fn end(&mut self) -> Option<TapeFacts> {
        None
    }

    fn finish(self: Box<Self>) -> TapeResults {
        TapeResults::default()
    }

    fn wants_kit(&self) -> bool {
        self.wanted
    }
}

/// A packed file that is being read.
pub(crate) trait Packed: Debug {
    /// Offset in the input of the next byte it wants.
    fn next(&self) -> u64;

    /// Bytes of the source behind us.
    fn done_bytes(&self) -> u64;

    /// Takes the next window of the input.
    fn feed(
        &mut self,
        window: &[u8],
        eof: bool,
        scan: &mut FileScan,
        tape: &mut dyn Tapes,
        keys: &mut dyn FnMut(&KeyFacts<'_>) -> bool,
    ) -> After;

    /// What is known of the containers, and what to say about them. `proven` says that the contents carry a checksum of their own,
    /// and that it is right.
    fn finish(self: Box<Self>, path: &str, proven: bool) -> (PackedFacts, Vec<Finding>);
}

/// An archive whose table of contents is being read.
pub(crate) trait Archive: Debug {
    /// Its index among the files of the set.
    fn index(&self) -> usize;

    /// The next read to start, if none is under way.
    fn next_read(&mut self) -> Option<ReadRequest>;

    /// Takes bytes, if it is them that it wants: reads may have been under way when the archive was recognised.
    fn feed(&mut self, request: &ReadRequest, bytes: &[u8]);

    /// The files in it that somebody may want to open, or why they are not known; nothing as long as more has to be read.
    fn files(&self) -> Option<Result<Vec<Source>, Flaw>>;
}
