//! One container, and what its contents go to: another one, or whoever asked.

use crate::{
    Container, FRONT_BYTES, Flaw, FlawKind, Limits,
    capture::Capture,
    envelope::Envelope,
    flaw::Fault,
    gather::Input,
    gzip::Gzip,
    lz4::Lz4,
    recognise,
    zip::{Entry, ZipStream},
    zstd::Zstd,
};

/// Most flaws kept of one container: a file can be made of members that all are wrong.
const MAX_FLAWS: usize = 20;

/// A container that is being opened.
#[derive(Debug)]
pub(crate) struct Layer {
    container: Container,
    decoder: Decoder,
    /// Packed bytes taken so far.
    at: u64,
    failed: bool,
    flaws: Vec<Flaw>,
    depth: usize,
    inside: Next,
}

#[derive(Debug)]
enum Decoder {
    Capture(Capture),
    Envelope(Envelope),
    Gzip(Box<Gzip>),
    Lz4(Box<Lz4>),
    Zip(Box<ZipStream>),
    Zstd(Box<Zstd>),
}

/// Where bytes go.
#[derive(Debug)]
pub(crate) enum Next {
    /// Not known yet: this is their front.
    Front(Vec<u8>),
    /// As they are.
    Plain,
    /// Through another container.
    Inner(Box<Layer>),
}

impl Next {
    /// Takes bytes on their way. `depth` containers are around them.
    pub(crate) fn push(&mut self, bytes: &[u8], depth: usize, limits: Limits, out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Plain => out(bytes),
            Self::Inner(layer) => layer.push(bytes, limits, out),
            Self::Front(front) => {
                let missing = FRONT_BYTES - front.len();
                let (first, rest) = bytes.split_at(missing.min(bytes.len()));
                front.extend_from_slice(first);
                if front.len() == FRONT_BYTES {
                    self.decide(depth, limits, out);
                    if !rest.is_empty() {
                        self.push(rest, depth, limits, out);
                    }
                }
            }
        }
    }

    /// No more bytes come. `whole` says that none are missing.
    pub(crate) fn finish(&mut self, depth: usize, limits: Limits, out: &mut dyn FnMut(&[u8])) {
        if matches!(self, Self::Front(_)) {
            self.decide(depth, limits, out);
        }
        if let Self::Inner(layer) = self {
            layer.finish(limits, out);
        }
    }

    fn decide(&mut self, depth: usize, limits: Limits, out: &mut dyn FnMut(&[u8])) {
        let Self::Front(front) = core::mem::replace(self, Self::Plain) else { return };
        if let Some(container) = recognise(&front) {
            *self = Self::Inner(Box::new(Layer::new(container, &front, depth, limits)));
        }
        if !front.is_empty() {
            self.push(&front, depth, limits, out);
        }
    }
}

impl Layer {
    fn new(container: Container, front: &[u8], depth: usize, limits: Limits) -> Self {
        let decoder = match container {
            Container::Capture => Decoder::Capture(Capture::new(front)),
            Container::Gzip => Decoder::Gzip(Box::new(Gzip::new())),
            Container::Lz4 => Decoder::Lz4(Box::new(Lz4::new())),
            Container::ValkeyEnvelope => Decoder::Envelope(Envelope::new(front)),
            Container::Zip => Decoder::Zip(Box::new(ZipStream::new(None, limits))),
            Container::Zstd => Decoder::Zstd(Box::new(Zstd::new(limits))),
        };
        let mut layer = Self::with(container, decoder, depth);
        if depth >= limits.max_depth {
            let why = format!("more than {} containers are inside one another", limits.max_depth);
            layer.fail(Fault::new(FlawKind::LimitReached, 0, why));
        }
        layer
    }

    /// The file of an archive whose header comes first.
    pub(crate) fn zip_entry(entry: &Entry, limits: Limits) -> Self {
        let decoder = Decoder::Zip(Box::new(ZipStream::new(Some(entry.clone()), limits)));
        Self { at: entry.header_offset, ..Self::with(Container::Zip, decoder, 0) }
    }

    fn with(container: Container, decoder: Decoder, depth: usize) -> Self {
        Self {
            container,
            decoder,
            at: 0,
            failed: false,
            flaws: Vec::new(),
            depth,
            inside: Next::Front(Vec::new()),
        }
    }

    fn push(&mut self, bytes: &[u8], limits: Limits, out: &mut dyn FnMut(&[u8])) {
        let at = self.at;
        self.at += bytes.len() as u64;
        if self.failed {
            return;
        }
        let mut notes = Vec::new();
        let (inside, depth) = (&mut self.inside, self.depth + 1);
        let inner = &mut |piece: &[u8]| inside.push(piece, depth, limits, out);
        let input = Input { bytes, at };
        let result = match &mut self.decoder {
            Decoder::Capture(capture) => {
                capture.push(input, inner);
                Ok(())
            }
            Decoder::Envelope(envelope) => {
                envelope.push(input, &mut notes, inner);
                Ok(())
            }
            Decoder::Gzip(gzip) => gzip.push(input, &mut notes, inner),
            Decoder::Lz4(lz4) => lz4.push(input, &mut notes, inner),
            Decoder::Zip(zip) => zip.push(input, &mut notes, inner),
            Decoder::Zstd(zstd) => zstd.push(input, &mut notes, inner),
        };
        self.note(notes);
        if let Err(fault) = result {
            self.fail(fault);
        }
    }

    /// No more bytes come.
    pub(crate) fn finish(&mut self, limits: Limits, out: &mut dyn FnMut(&[u8])) {
        let depth = self.depth + 1;
        if !self.failed {
            let mut notes = Vec::new();
            let inside = &mut self.inside;
            let inner = &mut |piece: &[u8]| inside.push(piece, depth, limits, out);
            let result = match &mut self.decoder {
                Decoder::Capture(capture) => capture.finish(self.at, inner),
                Decoder::Envelope(envelope) => envelope.finish(),
                Decoder::Gzip(gzip) => gzip.finish(self.at),
                Decoder::Lz4(lz4) => lz4.finish(self.at),
                Decoder::Zip(zip) => zip.finish(self.at, &mut notes, inner),
                Decoder::Zstd(zstd) => zstd.finish(self.at, inner),
            };
            self.note(notes);
            if let Err(fault) = result {
                self.fail(fault);
            }
        }
        self.inside.finish(depth, limits, out);
    }

    /// Would more packed bytes change nothing? Of what is inside nobody can say so: what is around it ends with checksums.
    pub(crate) fn is_done(&self) -> bool {
        let ended = match &self.decoder {
            Decoder::Zip(zip) => zip.is_done(),
            _ => false,
        };
        self.failed || ended
    }

    /// The container inside this one.
    pub(crate) fn inner(&self) -> Option<&Self> {
        match &self.inside {
            Next::Inner(layer) => Some(layer),
            _ => None,
        }
    }

    pub(crate) fn container(&self) -> Container {
        self.container
    }

    pub(crate) fn flaws(&self) -> &[Flaw] {
        &self.flaws
    }

    /// The name the container has for its contents.
    pub(crate) fn name_inside(&self) -> Option<String> {
        match &self.decoder {
            Decoder::Gzip(gzip) => gzip.name(),
            Decoder::Zip(zip) => zip.name(),
            _ => None,
        }
    }

    fn note(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            if self.flaws.len() < MAX_FLAWS {
                let flaw = self.flaw(fault);
                self.flaws.push(flaw);
            }
        }
    }

    fn fail(&mut self, fault: Fault) {
        let flaw = self.flaw(fault);
        self.failed = flaw.is_fatal();
        self.flaws.push(flaw);
    }

    fn flaw(&self, fault: Fault) -> Flaw {
        let Fault { kind, offset, why } = fault;
        Flaw { kind, container: self.container, depth: self.depth, offset, why }
    }
}
