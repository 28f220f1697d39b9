//! Reads a file through the containers around it.
//!
//! How long the contents are is known only when all of them came out, and what reads a tape, or reads on behind damage, has to know
//! it. So contents are read as far as that goes, counted to their end, and where it matters read a second time.

use snaptape_analysis::KeyFacts;
use snaptape_report::{ContainerInfo, Finding, FindingKind, Severity, units};
use snaptape_unpack::{Container, FRONT_BYTES, Flaw, FlawKind, Unpacker};

use crate::{
    Source,
    file_scan::FileScan,
    kit::{Packed, Tapes},
};

/// How much of what came out is kept, for a scan that goes back a little.
const HISTORY_BYTES: usize = 4 << 20;

/// How often contents are unpacked from their front again, at most: a scan that goes back further than the history, again and
/// again, is sent by a file made for it.
const MAX_RESTARTS: u32 = 64;

/// A packed file that is being read.
#[derive(Debug)]
pub(crate) struct PackedFile {
    source: Source,
    unpacker: Unpacker,
    /// Offset in the input of the next byte it wants.
    next: u64,
    /// Length of the contents, once all of them came out.
    length: Option<u64>,
    /// What is known of the containers, once all contents came out.
    facts: Option<PackedFacts>,
    /// The last contents that came out.
    history: Vec<u8>,
    restarts: u32,
}

/// What is known of the containers around a file.
#[derive(Debug, Clone)]
pub(crate) struct PackedFacts {
    pub(crate) bytes_on_disk: u64,
    pub(crate) info: ContainerInfo,
    layers: Vec<Container>,
    flaws: Vec<Flaw>,
    /// Were only the first contents looked at?
    only_front: bool,
}

/// What to do after a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// Go on behind it.
    More,
    /// Begin again at the front of the source, with the same scan.
    Again,
    /// Begin again at the front of the source, with a new scan of contents of this length: there is damage to read on behind.
    Anew(u64),
    /// The file is finished.
    Done,
}

impl PackedFile {
    /// Reads `source`; nothing where it is not packed.
    pub(crate) fn new(source: &Source) -> Option<Self> {
        Some(Self {
            unpacker: source.unpacker()?,
            next: source.start,
            source: source.clone(),
            length: None,
            facts: None,
            history: Vec::new(),
            restarts: 0,
        })
    }

    /// Back to the front of the source.
    fn again(&mut self, after: After) -> After {
        self.restarts += 1;
        let Some(unpacker) = self.source.unpacker().filter(|_| self.restarts <= MAX_RESTARTS) else {
            return After::Done;
        };
        self.unpacker = unpacker;
        self.next = self.source.start;
        self.history.clear();
        after
    }
}

impl Packed for PackedFile {
    fn next(&self) -> u64 {
        self.next
    }

    fn done_bytes(&self) -> u64 {
        self.next - self.source.start
    }

    fn feed(
        &mut self,
        window: &[u8],
        eof: bool,
        scan: &mut FileScan,
        tape: &mut dyn Tapes,
        keys: &mut dyn FnMut(&KeyFacts<'_>) -> bool,
    ) -> After {
        self.next += window.len() as u64;
        let mut at = self.unpacker.bytes_inside();
        let (length, history) = (self.length, &mut self.history);
        let mut deliver = |piece: &[u8]| {
            let start = at;
            at += piece.len() as u64;
            if length.is_some() {
                remember(history, piece);
                let start = at - history.len() as u64;
                while let Some(rest) = from(history, start, scan.position()).filter(|_| !scan.is_done()) {
                    let before = scan.position();
                    scan.feed(rest, length == Some(at), tape, &mut *keys);
                    if scan.position() == before {
                        break;
                    }
                }
            } else if !scan.is_done()
                && !scan.wants_length()
                && let Some(rest) = from(piece, start, scan.position())
            {
                scan.feed(rest, false, tape, &mut *keys);
            }
        };
        self.unpacker.push(window, &mut deliver);
        let ended = eof || self.unpacker.is_done();
        if ended {
            self.unpacker.finish(&mut deliver);
        }
        if self.facts.is_none() && scan.is_done() && !scan.is_hurt() {
            // What is no dump is not worth more of it.
            self.facts = Some(facts(&self.source, &self.unpacker).of_the_front());
            return After::Done;
        }
        if ended {
            self.facts.get_or_insert_with(|| facts(&self.source, &self.unpacker));
        }
        let length = self.unpacker.bytes_inside();
        if self.length.is_some() {
            let goes_back = scan.position() < length.saturating_sub(self.history.len() as u64);
            return match () {
                () if scan.is_done() || (ended && scan.position() >= length) => After::Done,
                () if goes_back => self.again(After::Again),
                () if ended => After::Done,
                () => After::More,
            };
        }
        if !ended {
            return After::More;
        }
        if !scan.is_done() && !scan.wants_length() && scan.position() == length {
            scan.feed(&[], true, tape, &mut *keys);
        }
        scan.close_snapshot(tape);
        self.length = Some(length);
        match () {
            () if scan.is_hurt() => self.again(After::Anew(length)),
            () if scan.wants_length() => {
                scan.set_length(length, tape);
                self.again(After::Again)
            }
            () => After::Done,
        }
    }

    fn finish(self: Box<Self>, path: &str, proven: bool) -> (PackedFacts, Vec<Finding>) {
        let facts = self.facts.unwrap_or_else(|| facts(&self.source, &self.unpacker));
        let findings = facts.findings(path, proven);
        (facts, findings)
    }
}

/// The contents of a short file, as far as `most_bytes`; nothing where it is not packed.
pub(crate) fn unpack_text(source: &Source, bytes: &[u8], most_bytes: usize) -> Option<Vec<u8>> {
    let mut unpacker = source.unpacker()?;
    let mut text = Vec::new();
    let mut sink = |piece: &[u8]| {
        let room = most_bytes - text.len();
        text.extend_from_slice(piece.get(..room).unwrap_or(piece));
    };
    unpacker.push(bytes, &mut sink);
    unpacker.finish(&mut sink);
    Some(text)
}

/// Keeps the last contents.
fn remember(history: &mut Vec<u8>, piece: &[u8]) {
    // Twice as much before any of it goes: moving it for every piece would cost more than reading it.
    if history.len() + piece.len() > 2 * HISTORY_BYTES {
        history.drain(..history.len().saturating_sub(HISTORY_BYTES));
    }
    history.extend_from_slice(piece);
}

/// What of `bytes`, which begin at `start`, stands at `position` and behind it; nothing where that is nothing.
fn from(bytes: &[u8], start: u64, position: u64) -> Option<&[u8]> {
    let rest = bytes.get(usize::try_from(position.checked_sub(start)?).ok()?..)?;
    (!rest.is_empty()).then_some(rest)
}

fn facts(source: &Source, unpacker: &Unpacker) -> PackedFacts {
    let layers = unpacker.layers();
    PackedFacts {
        bytes_on_disk: source.bytes_on_disk,
        info: ContainerInfo {
            layers: layers.iter().map(|layer| layer.word().into()).collect(),
            name_inside: unpacker.name_inside(),
            bytes_inside: unpacker.bytes_inside(),
        },
        layers,
        flaws: unpacker.flaws(),
        only_front: false,
    }
}

impl PackedFacts {
    /// Of a file that was given up after its front: what came out behind that, and is known of it, depends on how it was read.
    fn of_the_front(mut self) -> Self {
        let front = FRONT_BYTES as u64;
        if self.info.bytes_inside >= front {
            self.info.bytes_inside = front;
            self.flaws.clear();
            self.only_front = true;
        }
        self
    }

    /// What to say about the containers. `proven` says that the contents carry a checksum of their own, and that it is right.
    fn findings(&self, path: &str, proven: bool) -> Vec<Finding> {
        let finding = |severity, kind, at, message| Finding {
            severity,
            kind,
            file: path.into(),
            start: at,
            end: at,
            message,
        };
        let names: Vec<&str> = self.layers.iter().map(|layer| layer.name()).collect();
        let inside = if names.len() > 1 { " inside" } else { "" };
        let bytes = units::plural(self.info.bytes_inside, "byte", "bytes");
        let about = if self.only_front {
            format!("the first {bytes} of its contents, and no more of them was looked at")
        } else {
            format!(
                "its contents ({bytes}): offsets count from their first byte, and servers and their check tools read them only once \
                 they are unpacked"
            )
        };
        let message =
            format!("This is {}{inside}. What is said here is about {about}.", names.join(" with "));
        let mut findings = vec![finding(Severity::Info, FindingKind::Container, 0, message)];
        if self.info.bytes_inside == 0 {
            findings.push(finding(Severity::Error, FindingKind::Empty, 0, "Nothing comes out of it.".into()));
        }
        findings.extend(self.flaws.iter().map(|flaw| {
            let (severity, kind) = match flaw.kind {
                FlawKind::ChecksumMismatch if proven => (Severity::Warning, FindingKind::ContainerDamaged),
                FlawKind::TrailingBytes if flaw.container == Container::Capture => {
                    (Severity::Info, FindingKind::Container)
                }
                FlawKind::TrailingBytes | FlawKind::MoreInside => (Severity::Warning, FindingKind::Container),
                FlawKind::Unverified => (Severity::Warning, FindingKind::UnverifiedLayout),
                _ => (Severity::Error, FindingKind::ContainerDamaged),
            };
            // Only the outermost container can be traced to the file.
            let (at, place) = match flaw.depth.checked_sub(1).and_then(|around| self.layers.get(around)) {
                None => (flaw.offset, format!("at byte {} of the file itself", units::offset(flaw.offset))),
                Some(around) => {
                    (0, format!("at byte {} of what {} holds", units::offset(flaw.offset), around.name()))
                }
            };
            let meaning = match flaw.kind {
                FlawKind::Truncated | FlawKind::Malformed => " Everything before it was read.",
                FlawKind::ChecksumMismatch if proven => {
                    " The snapshot inside has a checksum of its own, and that one is right."
                }
                FlawKind::ChecksumMismatch => " At least one byte has changed.",
                _ => "",
            };
            let name = match flaw.container {
                Container::ValkeyEnvelope => "This is Valkey's compressed envelope",
                container => container.name(),
            };
            let message = format!("Of {name}, {place}: {}.{meaning}", flaw.why);
            finding(severity, kind, at, message)
        }));
        findings
    }
}
