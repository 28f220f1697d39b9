//! One file of an archive, read from the front: the one that was chosen from the table of contents, or the first that has contents.

use crate::crc32::Crc32;

use super::{
    CENTRAL_HEADER, DATA_DESCRIPTOR, END, Entry, LOCAL_HEADER, SEE_64,
    entry::{Numbers, method_name},
};
use crate::{
    Limits,
    flaw::{Fault, FlawKind},
    gather::{Gather, Input},
    inflate::{Inflated, Inflater},
    zstd::Zstd,
};

const HEADER_BYTES: usize = 30;

#[derive(Debug)]
pub(crate) struct ZipStream {
    state: State,
    held: Gather,
    limits: Limits,
    /// What the table of contents says of the file that begins here.
    chosen: Option<Entry>,
    crc: Crc32,
    /// The header of the file at hand.
    header: Header,
    name: Option<String>,
}

#[derive(Debug, Default)]
struct Header {
    method: u16,
    crc32: u64,
    packed_bytes: u64,
    /// Do length and checksum follow the data?
    descriptor: bool,
    /// Where its data begins.
    data_at: u64,
}

#[derive(Debug)]
enum State {
    /// Four bytes that say what comes.
    Signature,
    /// The rest of the header of a file, with its signature in front.
    Header,
    /// Of a file that is not opened, so many bytes.
    Skip(u64),
    /// The rest of a descriptor of a file that is not opened.
    SkipDescriptor,
    /// Contents.
    Body(Body),
    /// Checksum and lengths behind the contents.
    Descriptor,
    /// What follows the file that was opened.
    Behind,
    /// Nothing that follows matters.
    Done,
}

#[derive(Debug)]
enum Body {
    /// So many bytes as they are.
    Stored(u64),
    Deflate(Inflater),
    /// So many bytes of zstd.
    Zstd(Box<Zstd>, u64),
}

impl ZipStream {
    /// The first file of an archive; or, with what the table of contents says, the one whose header comes first now.
    pub(crate) fn new(chosen: Option<Entry>, limits: Limits) -> Self {
        Self {
            state: State::Signature,
            held: Gather::default(),
            limits,
            chosen,
            crc: Crc32::new(),
            header: Header::default(),
            name: None,
        }
    }

    /// The name of the file that is opened.
    pub(crate) fn name(&self) -> Option<String> {
        self.name.clone()
    }

    /// Has all of the file come out?
    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done)
    }

    pub(crate) fn push(
        &mut self,
        mut input: Input<'_>,
        notes: &mut Vec<Fault>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        loop {
            if let State::Body(Body::Stored(0) | Body::Zstd(_, 0)) = self.state {
                self.end_body(input.at, notes, out)?;
                continue;
            }
            if input.is_empty() {
                return Ok(());
            }
            match &mut self.state {
                State::Signature => {
                    if self.held.fill(&mut input, 4) {
                        self.signature(input.at - 4)?;
                    }
                }
                State::Header => {
                    if self.held.fill(&mut input, HEADER_BYTES) && {
                        let want = HEADER_BYTES + self.name_bytes() + self.extra_bytes();
                        self.held.fill(&mut input, want)
                    } {
                        self.begin(input.at)?;
                    }
                }
                State::Skip(0) => self.state = State::Signature,
                State::Skip(left) => *left -= input.take(*left).len() as u64,
                State::SkipDescriptor => {
                    if self.held.fill(&mut input, 16) {
                        self.held.clear();
                        self.state = State::Signature;
                    }
                }
                State::Body(body) => {
                    let crc = &mut self.crc;
                    let mut each = |piece: &[u8]| {
                        crc.update(piece);
                        out(piece);
                    };
                    match body {
                        Body::Stored(left) => {
                            let piece = input.take(*left);
                            *left -= piece.len() as u64;
                            each(piece);
                        }
                        Body::Deflate(inflater) => match inflater.push(input.bytes, &mut each) {
                            Inflated::More => return Ok(()),
                            Inflated::End(used) => {
                                input.take(used as u64);
                                self.end_body(input.at, notes, out)?;
                            }
                            Inflated::Broken(used) => {
                                let at = input.at + used as u64;
                                return Err(Fault::malformed(at, "its compressed data is damaged"));
                            }
                        },
                        Body::Zstd(zstd, left) => {
                            let at = input.at;
                            let bytes = input.take(*left);
                            *left -= bytes.len() as u64;
                            let shift = self.header.data_at;
                            let inner = Input { bytes, at: at - shift };
                            zstd.push(inner, notes, &mut each).map_err(|mut fault| {
                                fault.offset += shift;
                                fault
                            })?;
                        }
                    }
                }
                State::Descriptor => {
                    if self.held.fill(&mut input, 4) {
                        let at = if self.held.bytes().starts_with(&DATA_DESCRIPTOR) { 4 } else { 0 };
                        if self.held.fill(&mut input, at + 4) {
                            let crc32 = self.held.number(at, 4);
                            self.check(crc32, input.at - 4, notes);
                            self.held.clear();
                            // Its lengths have 32 or 64 bits, and nothing says which: they are not needed.
                            self.state = State::Done;
                        }
                    }
                }
                State::Behind => {
                    if self.held.fill(&mut input, 4) {
                        if self.held.bytes() == LOCAL_HEADER {
                            let why = "only its first file is opened: its table of contents cannot be read from here";
                            notes.push(Fault::new(FlawKind::MoreInside, input.at - 4, why));
                        }
                        self.state = State::Done;
                    }
                }
                State::Done => return Ok(()),
            }
        }
    }

    pub(crate) fn finish(
        &mut self,
        at: u64,
        notes: &mut Vec<Fault>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        let truncated = |why: &str| Err(Fault::new(FlawKind::Truncated, at, why));
        match &mut self.state {
            State::Done => Ok(()),
            State::Behind => {
                if self.held.len() > 0 {
                    truncated("it ends inside its table of contents")
                } else {
                    Ok(())
                }
            }
            State::Body(Body::Zstd(zstd, _)) => {
                let crc = &mut self.crc;
                let _ = zstd.finish(at, &mut |piece| {
                    crc.update(piece);
                    out(piece);
                });
                truncated("it ends inside the file that is opened")
            }
            State::Body(_) => truncated("it ends inside the file that is opened"),
            State::Descriptor => {
                // All contents came; what would prove them did not.
                let why = "it ends before the checksum of the file that is opened";
                notes.push(Fault::new(FlawKind::Truncated, at, why));
                Ok(())
            }
            _ => truncated("it ends before a file in it begins"),
        }
    }

    fn signature(&mut self, at: u64) -> Result<(), Fault> {
        match self.held.bytes() {
            bytes if bytes == LOCAL_HEADER => {
                self.state = State::Header;
                return Ok(());
            }
            // Also in front of the first file, where an archive was streamed or split.
            bytes if bytes == DATA_DESCRIPTOR && at > 0 => {
                self.state = State::SkipDescriptor;
                return Ok(());
            }
            bytes if bytes == DATA_DESCRIPTOR => {}
            bytes if bytes == CENTRAL_HEADER || bytes == END => {
                return Err(Fault::malformed(at, "it holds no file with contents"));
            }
            _ => return Err(Fault::malformed(at, "no file of the archive begins here")),
        }
        self.held.clear();
        Ok(())
    }

    fn name_bytes(&self) -> usize {
        usize::try_from(self.held.number(26, 2)).unwrap_or(0)
    }

    fn extra_bytes(&self) -> usize {
        usize::try_from(self.held.number(28, 2)).unwrap_or(0)
    }

    /// The header of a file is there; `at` is where its data begins.
    fn begin(&mut self, at: u64) -> Result<(), Fault> {
        let held = self.held.bytes();
        let header_at = at - held.len() as u64;
        let flags = self.held.number(6, 2);
        let mut numbers = Numbers {
            bytes: self.held.number(22, 4),
            packed_bytes: self.held.number(18, 4),
            header_offset: 0,
        };
        let name_end = HEADER_BYTES + self.name_bytes();
        numbers.widen(held.get(name_end..).unwrap_or_default());
        let mut name =
            String::from_utf8_lossy(held.get(HEADER_BYTES..name_end).unwrap_or_default()).into_owned();
        self.header = Header {
            method: u16::try_from(self.held.number(8, 2)).unwrap_or(u16::MAX),
            crc32: self.held.number(14, 4),
            packed_bytes: numbers.packed_bytes,
            descriptor: flags & 8 != 0,
            data_at: at,
        };
        self.held.clear();
        let encrypted = flags & 1 != 0;
        let mut known_bytes =
            (!self.header.descriptor || numbers.packed_bytes != 0).then_some(numbers.packed_bytes);
        if let Some(chosen) = &self.chosen {
            name.clone_from(&chosen.name);
            self.header.method = chosen.method;
            self.header.crc32 = chosen.crc32.into();
            self.header.descriptor = false;
            known_bytes = Some(chosen.packed_bytes);
        } else {
            if numbers.packed_bytes == SEE_64 {
                known_bytes = None;
            }
            let is_empty = known_bytes == Some(0) || (name.ends_with('/') && known_bytes.is_none());
            let clutter = name.ends_with('/') || name.starts_with("__MACOSX/") || name.ends_with(".DS_Store");
            if let (true, Some(bytes)) = (is_empty || clutter, known_bytes.or(is_empty.then_some(0))) {
                self.state = State::Skip(bytes);
                return Ok(());
            }
        }
        if encrypted {
            let why = format!("{name} in it is encrypted; unpack it with its password");
            return Err(Fault::new(FlawKind::Unsupported, header_at, why));
        }
        self.state = State::Body(match (self.header.method, known_bytes) {
            (0, Some(bytes)) => Body::Stored(bytes),
            (8, _) => Body::Deflate(Inflater::new()),
            (93, Some(bytes)) => Body::Zstd(Box::new(Zstd::new(self.limits)), bytes),
            (0 | 93, None) => {
                let why = format!(
                    "nothing says how long {name} in it is, because its table of contents is missing"
                );
                return Err(Fault::new(FlawKind::Unsupported, header_at, why));
            }
            (method, _) => {
                let why = format!(
                    "{name} in it is packed by {}, which this reader does not have",
                    method_name(method)
                );
                return Err(Fault::new(FlawKind::Unsupported, header_at, why));
            }
        });
        self.name = Some(name);
        Ok(())
    }

    /// All contents of the file came out; `at` is the byte behind them.
    fn end_body(&mut self, at: u64, notes: &mut Vec<Fault>, out: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        if let State::Body(Body::Zstd(zstd, _)) = &mut self.state {
            let (crc, shift) = (&mut self.crc, self.header.data_at);
            zstd.finish(at - shift, &mut |piece| {
                crc.update(piece);
                out(piece);
            })
            .map_err(|mut fault| {
                fault.offset += shift;
                fault
            })?;
        }
        if self.header.descriptor {
            self.state = State::Descriptor;
            return Ok(());
        }
        let used = at - self.header.data_at;
        if used != self.header.packed_bytes && self.chosen.is_none() {
            let why = "the file that is opened does not end where its header says";
            notes.push(Fault::malformed(at, why));
        }
        self.check(self.header.crc32, at, notes);
        self.state = if self.chosen.is_some() { State::Done } else { State::Behind };
        Ok(())
    }

    fn check(&self, crc32: u64, at: u64, notes: &mut Vec<Fault>) {
        if crc32 != u64::from(self.crc.sum()) {
            let why = format!(
                "the checksum of {} is {crc32:08x}, but what came out has {:08x}",
                self.name.as_deref().unwrap_or("the file"),
                self.crc.sum()
            );
            notes.push(Fault::new(FlawKind::ChecksumMismatch, at, why));
        }
    }
}
