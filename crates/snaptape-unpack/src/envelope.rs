//! Valkey's envelope: a few bytes in front of a compressed snapshot, which the next layer opens.
//!
//! Shape: four magic bytes `VKCS`, u8 version (1), u8 codec (1 is LZ4), u8 flags, u8 stream kind (0 is a snapshot). It was read in a
//! development tree of Valkey 9.2; no file of a release is known. Texts about it call the magic `VCS`, so that three bytes
//! shorter variant is taken, too, if an LZ4 frame stands where it must.

use crate::{
    container::LZ4,
    flaw::{Fault, FlawKind},
    gather::{Gather, Input},
};

/// How long the header is, if these bytes begin with one.
pub(crate) fn header_bytes(front: &[u8]) -> Option<usize> {
    if front.starts_with(b"VKCS") {
        return Some(8);
    }
    // One byte less in the magic, or a fourth byte in its place.
    let lz4_at = |at: usize| front.get(at..).is_some_and(|rest| rest.starts_with(&LZ4));
    front.starts_with(b"VCS").then_some(())?;
    [7, 8].into_iter().find(|&at| lz4_at(at))
}

#[derive(Debug)]
pub(crate) struct Envelope {
    header: Gather,
    header_bytes: usize,
    open: bool,
}

impl Envelope {
    pub(crate) fn new(front: &[u8]) -> Self {
        Self { header: Gather::default(), header_bytes: header_bytes(front).unwrap_or(8), open: false }
    }

    pub(crate) fn push(&mut self, mut input: Input<'_>, notes: &mut Vec<Fault>, out: &mut dyn FnMut(&[u8])) {
        if !self.open && self.header.fill(&mut input, self.header_bytes) {
            self.open = true;
            let magic_bytes = self.header_bytes - 4;
            let [version, codec, kind] = [0, 1, 3].map(|at| self.header.number(magic_bytes + at, 1));
            let mut why = String::from("its layout is known from a development version only");
            if version != 1 {
                why = format!("{why}, and this one says version {version} where 1 was expected");
            }
            if codec != 1 {
                why = format!("{why}; codec {codec} is not known");
            }
            if kind != 0 {
                why = format!("{why}; it says it holds something else than a snapshot (kind {kind})");
            }
            notes.push(Fault::new(FlawKind::Unverified, 0, why));
        }
        if self.open && !input.is_empty() {
            out(input.bytes);
        }
    }

    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        if self.open {
            return Ok(());
        }
        Err(Fault::new(FlawKind::Truncated, self.header.len() as u64, "it ends inside its header"))
    }
}
