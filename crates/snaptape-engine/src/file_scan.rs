//! Reads one file, whatever it turns out to be: a snapshot, a tape, or a snapshot with a tape behind it.

use snaptape_analysis::{KeyFacts, SnapshotOptions, SnapshotResult, SnapshotScan, TapeFold, guess_header};
use snaptape_aof::{TapeFacts, TapeScan};
use snaptape_report::{Finding, FindingKind, Role, Severity, units};
use snaptape_unpack::{FRONT_BYTES, recognise};
use snaptape_wire::Release;

use crate::sniff::{Content, sniff};

/// A file being read.
#[derive(Debug)]
pub(crate) struct FileScan {
    path: String,
    bytes: u64,
    role: Role,
    /// The release a tape is judged for, where it is known before the file is read.
    release: Option<Release>,
    options: SnapshotOptions,
    stage: Stage,
    snapshot: Option<SnapshotResult>,
    tape: Option<TapeFacts>,
    foreign: bool,
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
    Tape(Box<TapeScan>),
    /// Nothing more to learn.
    Done,
}

/// What a file turned out to be.
#[derive(Debug)]
pub(crate) struct FileResult {
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) role: Role,
    pub(crate) snapshot: Option<SnapshotResult>,
    pub(crate) tape: Option<TapeFacts>,
    pub(crate) findings: Vec<Finding>,
}

impl FileResult {
    /// Of a file that is not read: no server loads it.
    pub(crate) fn unread(path: &str, bytes: u64, role: Role) -> Self {
        Self { path: path.into(), bytes, role, snapshot: None, tape: None, findings: Vec::new() }
    }
}

impl FileScan {
    pub(crate) fn new(
        path: &str,
        bytes: u64,
        role: Role,
        release: Option<Release>,
        options: SnapshotOptions,
    ) -> Self {
        Self {
            path: path.into(),
            bytes,
            role,
            release,
            options,
            stage: Stage::Start,
            snapshot: None,
            tape: None,
            foreign: false,
            findings: Vec::new(),
            position: 0,
        }
    }

    /// Offset of the next byte it wants. Damage may send it back, and it may leave bytes out.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Takes the next window, which begins at [`Self::position`] and with `eof` reaches the end of the file. Every whole key goes to
    /// `keys`, every good command to `tape`.
    pub(crate) fn feed(
        &mut self,
        window: &[u8],
        eof: bool,
        tape: &mut TapeFold,
        mut keys: impl FnMut(&KeyFacts<'_>),
    ) {
        if matches!(self.stage, Stage::Start) && !window.is_empty() {
            self.begin(window, tape);
        }
        let start = self.position;
        let end = start + window.len() as u64;
        self.position = end;
        let mut rest = window;
        if let Stage::Snapshot(scan) = &mut self.stage {
            scan.feed(window, eof, &mut keys);
            if !scan.is_done() {
                self.position = scan.position();
                return;
            }
            let behind = scan.ended().then(|| scan.offset());
            self.close_snapshot();
            let Some(behind) = behind else {
                self.stage = Stage::Done;
                return;
            };
            let Some(tail) = behind.checked_sub(start).and_then(|n| window.get(usize::try_from(n).ok()?..))
            else {
                // The last thing it looked at was somewhere else.
                self.position = behind;
                return;
            };
            rest = tail;
        }
        if matches!(self.stage, Stage::Start) && self.snapshot.is_some() && !rest.is_empty() {
            self.behind_snapshot(rest, tape);
        }
        if let Stage::Tape(scan) = &mut self.stage {
            scan.feed(rest, tape);
        }
        if eof {
            self.close_tape(tape);
            self.stage = Stage::Done;
        }
    }

    fn begin(&mut self, front: &[u8], tape: &mut TapeFold) {
        if self.snapshot.is_some() {
            return;
        }
        let front = front.get(..front.len().min(4096)).unwrap_or_default();
        match sniff(front) {
            Content::Snapshot => {
                self.stage = Stage::Snapshot(Box::new(SnapshotScan::new(&self.path, self.options.clone())));
            }
            Content::Tape => self.begin_tape(0, tape),
            // The header is damaged, and what follows is a snapshot all the same.
            _ if guess_header(front).is_some() => {
                self.stage = Stage::Snapshot(Box::new(SnapshotScan::new(&self.path, self.options.clone())));
            }
            // A part of a tape is read as one whatever its first byte: that byte is then the damage.
            _ if matches!(self.role, Role::Base | Role::Incr) => self.begin_tape(0, tape),
            Content::Manifest => {
                let message =
                    "This is a manifest; it says nothing without the files it lists. Open their folder.";
                self.foreign(FindingKind::NotADump, message.into());
            }
            Content::Zeros => {
                let message = "This begins with nothing but zero bytes. The disk never received the contents, as after a power \
                               cut or a failed copy: look for another copy.";
                self.foreign(FindingKind::NotADump, message.into());
            }
            Content::Foreign { what, advice, container } => {
                let kind = if container { FindingKind::Container } else { FindingKind::NotADump };
                self.foreign(kind, format!("This is {what}. {advice}"));
            }
        }
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

    fn begin_tape(&mut self, start: u64, tape: &mut TapeFold) {
        let writer = self.snapshot.as_ref().map(|snapshot| snapshot.release);
        let release = self.release.or(writer).unwrap_or(crate::outcome::DEFAULT_RELEASE);
        tape.begin_file(&self.path);
        self.stage = Stage::Tape(Box::new(TapeScan::new(start, self.bytes, release, self.options.limits)));
    }

    /// Takes the result of the snapshot; what follows it is decided by what follows it.
    fn close_snapshot(&mut self) {
        if let Stage::Snapshot(scan) = core::mem::replace(&mut self.stage, Stage::Start) {
            let mut result = scan.finish();
            self.findings.append(&mut result.findings);
            self.snapshot = Some(result);
        }
    }

    /// Bytes behind a snapshot: a tape where there can be one, else something nobody reads.
    fn behind_snapshot(&mut self, rest: &[u8], tape: &mut TapeFold) {
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
            let message = format!(
                "{} behind the end of the snapshot; servers and their check tool ignore them.",
                units::plural(self.bytes.saturating_sub(end), "byte stands", "bytes stand")
            );
            self.push(Severity::Warning, FindingKind::TrailingBytes, end, message);
            self.stage = Stage::Done;
        }
    }

    fn close_tape(&mut self, tape: &mut TapeFold) {
        if let Stage::Tape(scan) = core::mem::replace(&mut self.stage, Stage::Done) {
            self.tape = Some(scan.finish(tape));
        }
    }

    /// Can more windows teach anything?
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.stage, Stage::Done)
    }

    /// The result; `tape` is the fold the commands went to.
    pub(crate) fn finish(mut self, tape: &mut TapeFold) -> FileResult {
        self.close_snapshot();
        self.close_tape(tape);
        let is_snapshot = self.snapshot.is_some() && self.tape.is_none() && !self.has_preamble();
        let role = match self.role {
            Role::Other if self.foreign => Role::Other,
            Role::Other if is_snapshot => Role::Rdb,
            Role::Other => Role::Aof,
            role => role,
        };
        FileResult {
            path: self.path,
            bytes: self.bytes,
            role,
            snapshot: self.snapshot,
            tape: self.tape,
            findings: self.findings,
        }
    }

    fn has_preamble(&self) -> bool {
        self.snapshot.as_ref().and_then(|snapshot| snapshot.info.as_ref()).is_some_and(|info| {
            info.aux.iter().any(|field| field.name == "aof-preamble" && field.value == "1")
        })
    }
}
