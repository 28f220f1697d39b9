//! Reads one file, whatever it turns out to be: a snapshot, a tape, or a snapshot with a tape behind it.

use snaptape_analysis::{KeyFacts, LostHead, SnapshotOptions, SnapshotResult, SnapshotScan, guess_header};
use snaptape_aof::TapeFacts;
use snaptape_report::{Checksum, Finding, FindingKind, Role, Severity, units};
use snaptape_unpack::FRONT_BYTES;
use snaptape_wire::Release;

use crate::{
    kit::{Kit, TapeBegin, Tapes},
    packed::PackedFacts,
    sniff::{Content, sniff, sniff_at_once},
};

/// A file being read.
#[derive(Debug)]
pub(crate) struct FileScan {
    path: String,
    /// Its length; unknown as long as nobody has unpacked all of it.
    bytes: Option<u64>,
    role: Role,
    /// The release a tape is judged for, where it is known before the file is read.
    release: Option<Release>,
    options: SnapshotOptions,
    /// What only some files need, where it was handed in.
    kit: Option<Kit>,
    /// Does it take a kit to tell what it is?
    is_puzzled: bool,
    stage: Stage,
    snapshot: Option<SnapshotResult>,
    tape: Option<TapeFacts>,
    foreign: bool,
    /// Does it end where commands begin?
    without_tape: bool,
    /// Is what is read behind a snapshot whose end is not known?
    lost_front: bool,
    /// What the file is if no snapshot is found in it.
    otherwise: Option<Content>,
    /// Does what stands behind the snapshot begin as one?
    another: bool,
    findings: Vec<Finding>,
    /// Offset of the next byte it wants.
    position: u64,
}

#[derive(Debug)]
enum Stage {
    /// Nothing seen yet.
    Start,
    /// Inside a snapshot.
    Snapshot(Box<SnapshotScan>),
    /// Inside commands.
    Tape,
    /// Before commands that begin here and cannot be read before the length of the file is known.
    TapeOfUnknownLength(u64),
    /// Behind a snapshot that ends here, among bytes nobody reads: they are counted.
    Trailing(u64),
    /// Among zero bytes, so many so far.
    Zeros(u64),
    /// Nothing more to learn.
    Done,
}

/// What a file turned out to be.
#[derive(Debug)]
pub(crate) struct FileResult {
    pub(crate) path: String,
    /// Length of its contents.
    pub(crate) bytes: u64,
    pub(crate) role: Role,
    pub(crate) snapshot: Option<SnapshotResult>,
    pub(crate) tape: Option<TapeFacts>,
    pub(crate) findings: Vec<Finding>,
    /// What is around its contents.
    pub(crate) packed: Option<PackedFacts>,
}

impl FileResult {
    /// Of a file that is not read: no server loads it.
    pub(crate) fn unread(path: &str, bytes: u64, role: Role) -> Self {
        let path = path.into();
        Self { path, bytes, role, snapshot: None, tape: None, findings: Vec::new(), packed: None }
    }
}

impl FileScan {
    pub(crate) fn new(
        path: &str,
        bytes: Option<u64>,
        role: Role,
        release: Option<Release>,
        options: SnapshotOptions,
        kit: Option<Kit>,
    ) -> Self {
        Self {
            path: path.into(),
            bytes,
            role,
            release,
            options,
            kit,
            is_puzzled: false,
            stage: Stage::Start,
            snapshot: None,
            tape: None,
            foreign: false,
            without_tape: false,
            lost_front: false,
            otherwise: None,
            another: false,
            findings: Vec::new(),
            position: 0,
        }
    }

    /// The same, for who wants nothing but keys: commands are not read.
    pub(crate) fn without_tape(self) -> Self {
        Self { without_tape: true, ..self }
    }

    /// Offset of the next byte it wants. Damage may send it back, and it may leave bytes out.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Takes the next window, which begins at [`Self::position`] and with `eof` reaches the end of the file. Every whole key goes to
    /// `keys`, which says if it is one nobody saw before, every good command to `tape`.
    pub(crate) fn feed(
        &mut self,
        window: &[u8],
        eof: bool,
        tape: &mut dyn Tapes,
        mut keys: impl FnMut(&KeyFacts<'_>) -> bool,
    ) {
        if matches!(self.stage, Stage::Start) && !window.is_empty() {
            self.begin(window, tape);
            if self.is_puzzled {
                return;
            }
        }
        let start = self.position;
        let end = start + window.len() as u64;
        self.position = end;
        let mut rest = window;
        if let Stage::Snapshot(scan) = &mut self.stage {
            scan.feed(window, eof, |key| {
                if keys(key) {
                    tape.key(key);
                }
            });
            if !scan.is_done() {
                self.position = scan.position();
                return;
            }
            let behind = scan.ended().then(|| scan.offset());
            if self.is_something_else() {
                return;
            }
            self.close_snapshot(tape);
            let Some(behind) = behind else {
                self.look_for_tape(tape);
                return;
            };
            let Some(tail) = behind.checked_sub(start).and_then(|n| window.get(usize::try_from(n).ok()?..))
            else {
                // The last thing it looked at was somewhere else.
                self.position = behind;
                if self.bytes.is_some_and(|bytes| behind >= bytes) {
                    self.stage = Stage::Done;
                }
                return;
            };
            rest = tail;
        }
        if matches!(self.stage, Stage::Start) && self.snapshot.is_some() && !rest.is_empty() {
            self.behind_snapshot(rest, tape);
        }
        match &mut self.stage {
            Stage::Tape => tape.feed(rest),
            // They are fed again.
            Stage::TapeOfUnknownLength(_) => return,
            Stage::Zeros(zeros) => {
                let more = rest.iter().take_while(|&&byte| byte == 0).count();
                *zeros += more as u64;
                if eof || more < rest.len() {
                    self.close_zeros(more < rest.len());
                }
            }
            Stage::Start | Stage::Snapshot(_) | Stage::Trailing(_) | Stage::Done => {}
        }
        if eof {
            self.close_tape(tape);
            self.close_trailing();
            self.stage = Stage::Done;
        }
    }

    fn begin(&mut self, front: &[u8], tape: &mut dyn Tapes) {
        if self.snapshot.is_some() {
            return;
        }
        let front = front.get(..front.len().min(FRONT_BYTES)).unwrap_or_default();
        match (sniff_at_once(front), self.kit) {
            (Some(Content::Snapshot), _) => self.stage = Stage::Snapshot(Box::new(self.snapshot_scan())),
            (Some(Content::Tape), _) => self.begin_tape(0, tape),
            (_, Some(kit)) => (kit.begin)(self, front, tape),
            (_, None) => self.is_puzzled = true,
        }
    }

    /// The same after a closer look.
    pub(crate) fn begin_closely(&mut self, front: &[u8], tape: &mut dyn Tapes) {
        match sniff(front) {
            // The header is damaged, and what follows is a snapshot all the same.
            _ if guess_header(front).is_some() => {
                self.stage = Stage::Snapshot(Box::new(self.snapshot_scan()));
            }
            // A part of a tape is read as one whatever its first byte: that byte is then the damage.
            _ if matches!(self.role, Role::Base | Role::Incr) => self.begin_tape(0, tape),
            // Perhaps only what it begins with is lost.
            content @ (Content::Zeros | Content::Foreign { named: false, .. })
                if self.options.file_bytes.is_some() =>
            {
                let entries = self.path.to_ascii_lowercase().ends_with(".rdb");
                let scan = self.snapshot_scan();
                self.stage = Stage::Snapshot(Box::new(scan.behind(LostHead { header: true, entries })));
                self.otherwise = Some(content);
            }
            content => self.name(content),
        }
    }

    fn snapshot_scan(&self) -> SnapshotScan {
        SnapshotScan::with_aid(&self.path, self.options.clone(), self.kit.map(|kit| kit.snapshots))
    }

    /// Did it meet something it cannot read without a [`Kit`]? With one, it goes on with the window it had last.
    pub(crate) fn wants_kit(&self) -> bool {
        self.is_puzzled || matches!(&self.stage, Stage::Snapshot(scan) if scan.wants_aid())
    }

    /// Hands that in.
    pub(crate) fn take_kit(&mut self, kit: Kit) {
        self.kit = Some(kit);
        self.is_puzzled = false;
        if let Stage::Snapshot(scan) = &mut self.stage {
            scan.take_aid(kit.snapshots);
        }
    }

    /// Says what the file is, which is no snapshot.
    pub(crate) fn name(&mut self, content: Content) {
        match content {
            Content::Snapshot | Content::Tape => {}
            Content::Manifest => {
                let message =
                    "This is a manifest; it says nothing without the files it lists. Open their folder.";
                self.foreign(FindingKind::NotADump, message.into());
            }
            Content::Zeros => self.stage = Stage::Zeros(0),
            Content::Foreign { what, advice, container, .. } => {
                let kind = if container { FindingKind::Container } else { FindingKind::NotADump };
                self.foreign(kind, format!("This is {what}. {advice}"));
            }
        }
    }

    /// Was no snapshot found in a file that does not begin with one? Then it is what it seemed to be.
    fn is_something_else(&mut self) -> bool {
        let Stage::Snapshot(scan) = &self.stage else { return false };
        let Some(content) = self.otherwise.take_if(|_| !scan.has_header()) else { return false };
        self.position = 0;
        if let Some(kit) = self.kit {
            (kit.name)(self, content);
        }
        true
    }

    fn foreign(&mut self, kind: FindingKind, message: String) {
        self.foreign = true;
        self.push(Severity::Error, kind, 0, message);
        self.stage = Stage::Done;
    }

    fn push(&mut self, severity: Severity, kind: FindingKind, at: u64, message: String) {
        let file = self.path.clone();
        self.findings.push(Finding { severity, kind, file, start: at, end: at, message });
    }

    fn begin_tape(&mut self, start: u64, tape: &mut dyn Tapes) {
        if self.without_tape {
            self.stage = Stage::Done;
            return;
        }
        let writer = self.snapshot.as_ref().map(|snapshot| snapshot.release);
        let release = self.release.or(writer).unwrap_or(crate::outcome::DEFAULT_RELEASE);
        let Some(bytes) = self.bytes else {
            self.stage = Stage::TapeOfUnknownLength(start);
            return;
        };
        self.start_tape(start, bytes, release, tape);
    }

    fn start_tape(&mut self, start: u64, file_bytes: u64, release: Release, tape: &mut dyn Tapes) {
        let (path, limits) = (self.path.as_str(), self.options.limits);
        let (guessed, lost_front) = (self.options.target.is_none(), self.lost_front);
        tape.begin(TapeBegin { path, start, file_bytes, release, guessed, lost_front, limits });
        self.stage = Stage::Tape;
    }

    /// Takes the result of the snapshot; what follows it is decided by what follows it.
    pub(crate) fn close_snapshot(&mut self, tape: &mut dyn Tapes) {
        if !matches!(self.stage, Stage::Snapshot(_)) {
            return;
        }
        if let Stage::Snapshot(scan) = core::mem::replace(&mut self.stage, Stage::Start) {
            let mut result = scan.finish();
            self.findings.append(&mut result.findings);
            tape.snapshot(result.keys, result.error.is_none());
            self.snapshot = Some(result);
        }
    }

    /// The snapshot could not be read to its end. Where a tape may stand behind it, its commands are looked for from the last
    /// damage on: what was read of the snapshot there was nothing.
    fn look_for_tape(&mut self, tape: &mut dyn Tapes) {
        self.stage = Stage::Done;
        let Some(snapshot) = &self.snapshot else { return };
        let start = snapshot.recovery.holes.last().map_or(snapshot.sound_up_to, |hole| hole.span.start);
        if self.without_tape || !self.may_hold_tape() || self.bytes.is_none_or(|bytes| start >= bytes) {
            return;
        }
        let release = self.release.unwrap_or(snapshot.release);
        let bytes = self.bytes.unwrap_or_default();
        self.lost_front = true;
        self.position = start;
        self.start_tape(start, bytes, release, tape);
    }

    /// Does the file say that it is a part of a tape, or is it listed as one?
    fn may_hold_tape(&self) -> bool {
        let is_part = matches!(self.role, Role::Base | Role::Incr | Role::Aof);
        is_part || self.has_preamble() || self.path.rsplit('.').next() == Some("aof")
    }

    /// Bytes behind a snapshot: a tape where there can be one, else something nobody reads.
    fn behind_snapshot(&mut self, rest: &[u8], tape: &mut dyn Tapes) {
        let Some(snapshot) = &self.snapshot else { return };
        let end = snapshot.end;
        let says_so = snapshot.info.as_ref().is_some_and(|info| {
            info.aux
                .iter()
                .any(|field| matches!(field.name.as_str(), "aof-preamble" | "aof-base") && field.value == "1")
        });
        let part = matches!(self.role, Role::Base | Role::Incr);
        if says_so || part || matches!(rest.first(), Some(b'*' | b'#')) {
            self.begin_tape(end, tape);
        } else {
            self.another = sniff_at_once(rest) == Some(Content::Snapshot);
            self.stage = Stage::Trailing(end);
            if let Some(bytes) = self.bytes {
                self.position = bytes;
                self.close_trailing();
            }
        }
    }

    /// Behind the last of the bytes that follow a snapshot.
    fn close_trailing(&mut self) {
        if let Stage::Trailing(end) = self.stage {
            let bytes = units::plural(self.position.saturating_sub(end), "byte stands", "bytes stand");
            let message = if self.another {
                format!(
                    "{bytes} behind the end of the snapshot and begin as a second snapshot does. Servers and their check tool \
                     ignore them: its keys are not loaded, and not counted here. Cut the file at offset {} to read it.",
                    units::offset(end)
                )
            } else {
                format!("{bytes} behind the end of the snapshot; servers and their check tool ignore them.")
            };
            self.push(Severity::Warning, FindingKind::TrailingBytes, end, message);
            self.stage = Stage::Done;
        }
    }

    /// Behind the last of the zero bytes a file begins with.
    fn close_zeros(&mut self, more: bool) {
        let Stage::Zeros(zeros) = self.stage else { return };
        let zeros = units::plural(zeros, "zero byte", "zero bytes");
        let what = if more {
            format!(
                "The file begins with {zeros}; what follows is neither a snapshot nor a tape from its start."
            )
        } else {
            format!("The file is nothing but {zeros}.")
        };
        let why = "The disk never received the contents, as after a power cut or a failed copy: look for another copy.";
        self.foreign(FindingKind::NotADump, format!("{what} {why}"));
    }

    /// Does it need to know how long the file is before it can go on?
    pub(crate) fn wants_length(&self) -> bool {
        matches!(self.stage, Stage::TapeOfUnknownLength(_))
    }

    /// How long the file is: known now.
    pub(crate) fn set_length(&mut self, bytes: u64, tape: &mut dyn Tapes) {
        self.bytes = Some(bytes);
        if let Stage::TapeOfUnknownLength(start) = self.stage {
            self.begin_tape(start, tape);
            self.position = start;
        }
    }

    /// Is there damage in the snapshot, behind which more could be read?
    pub(crate) fn is_hurt(&self) -> bool {
        self.snapshot.as_ref().is_some_and(|snapshot| {
            let mismatch =
                snapshot.info.as_ref().is_some_and(|info| matches!(info.checksum, Checksum::Mismatch { .. }));
            snapshot.error.is_some() || mismatch
        })
    }

    fn close_tape(&mut self, tape: &mut dyn Tapes) {
        if matches!(self.stage, Stage::Tape) {
            self.stage = Stage::Done;
            self.tape = tape.end();
        }
    }

    /// Can more windows teach anything?
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// The result; `tape` is where the commands went.
    pub(crate) fn finish(mut self, tape: &mut dyn Tapes) -> FileResult {
        self.is_something_else();
        self.close_snapshot(tape);
        self.close_tape(tape);
        self.close_trailing();
        self.close_zeros(false);
        if self.foreign {
            tape.lost_file();
        }
        let is_snapshot = self.snapshot.is_some() && self.tape.is_none() && !self.has_preamble();
        let role = match self.role {
            Role::Other if self.foreign => Role::Other,
            Role::Other if is_snapshot => Role::Rdb,
            Role::Other => Role::Aof,
            role => role,
        };
        FileResult {
            path: self.path,
            bytes: self.bytes.unwrap_or(self.position),
            role,
            snapshot: self.snapshot,
            tape: self.tape,
            findings: self.findings,
            packed: None,
        }
    }

    /// Does the snapshot say that it is the front of a tape? Since 7.0 it says so of every base; one that is broken and stands alone is
    /// mended as a snapshot, whatever it says.
    fn has_preamble(&self) -> bool {
        let hurt = self.is_hurt();
        self.snapshot.as_ref().and_then(|snapshot| snapshot.info.as_ref()).is_some_and(|info| {
            let is_front = |name: &str| name == "aof-preamble" || (name == "aof-base" && !hurt);
            info.aux.iter().any(|field| is_front(&field.name) && field.value == "1")
        })
    }
}
