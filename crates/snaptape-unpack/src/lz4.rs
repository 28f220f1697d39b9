//! LZ4 frames. Source: lz4_Frame_format.md 1.6.
//!
//! Only whole blocks are unpacked: the largest is 4 MiB, and matches reach back 64 KiB.

use core::hash::Hasher as _;

use lz4_flex::block::decompress_into_with_dict;
use twox_hash::XxHash32;

use crate::{
    container::LZ4,
    flaw::{Fault, FlawKind},
    gather::{Gather, Input},
};

/// How far back a block may refer into the ones before it.
const DICT_BYTES: usize = 64 << 10;

/// The magic of frames to be skipped, without its low four bits.
pub(crate) const SKIPPABLE: u64 = 0x184d_2a50;

#[derive(Debug)]
pub(crate) struct Lz4 {
    state: State,
    held: Gather,
    frame: Frame,
    frames: u64,
    /// One unpacked block.
    block: Vec<u8>,
    /// What came before it, as far as it may refer to.
    dict: Vec<u8>,
}

/// What the header of a frame says.
#[derive(Debug, Default)]
struct Frame {
    linked: bool,
    block_checksums: bool,
    /// Of all contents, if it is wanted.
    checksum: Option<XxHash32>,
    max_block_bytes: usize,
    content_bytes: Option<u64>,
    given: u64,
}

#[derive(Debug)]
enum State {
    /// Four bytes.
    Magic,
    /// Four bytes: how long the frame to be skipped is.
    SkipLength,
    /// So many more bytes.
    Skip(u64),
    /// From the flags to the header checksum.
    Header,
    /// Four bytes: how long the block is, or none is left.
    BlockLength,
    /// A block of so many bytes, packed or not, and its checksum.
    Block { bytes: usize, packed: bool },
    /// Four bytes behind the last block.
    Checksum,
    /// Nothing that follows matters.
    Done,
}

impl Lz4 {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Magic,
            held: Gather::default(),
            frame: Frame::default(),
            frames: 0,
            block: Vec::new(),
            dict: Vec::new(),
        }
    }

    pub(crate) fn push(
        &mut self,
        mut input: Input<'_>,
        notes: &mut Vec<Fault>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        while !input.is_empty() {
            match self.state {
                State::Magic => {
                    if self.held.fill(&mut input, 4) {
                        self.magic(input.at - 4, notes)?;
                    }
                }
                State::SkipLength => {
                    if self.held.fill(&mut input, 4) {
                        self.state = State::Skip(self.held.number(0, 4));
                        self.held.clear();
                    }
                }
                State::Skip(0) => self.state = State::Magic,
                State::Skip(left) => self.state = State::Skip(left - input.take(left).len() as u64),
                State::Header => {
                    if self.held.fill(&mut input, 2) && {
                        let want = header_bytes(self.held.number(0, 1));
                        self.held.fill(&mut input, want)
                    } {
                        self.header(input.at - self.held.len() as u64)?;
                    }
                }
                State::BlockLength => {
                    if self.held.fill(&mut input, 4) {
                        self.block_length(input.at - 4, notes)?;
                    }
                }
                State::Block { bytes, packed } => {
                    let want = bytes + if self.frame.block_checksums { 4 } else { 0 };
                    if self.held.fill(&mut input, want) {
                        self.unpack(bytes, packed, input.at - want as u64, out)?;
                    }
                }
                State::Checksum => {
                    if self.held.fill(&mut input, 4) {
                        let stored = self.held.number(0, 4);
                        let computed = self.frame.checksum.take().map_or(0, |hash| hash.finish());
                        if stored != computed {
                            let why =
                                format!("its checksum is {stored:08x}, but what came out has {computed:08x}");
                            notes.push(Fault::new(FlawKind::ChecksumMismatch, input.at - 4, why));
                        }
                        self.end_frame(input.at, notes);
                    }
                }
                State::Done => return Ok(()),
            }
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, at: u64) -> Result<(), Fault> {
        let truncated = |why: &str| Err(Fault::new(FlawKind::Truncated, at, why));
        match self.state {
            State::Done | State::Skip(0) => Ok(()),
            State::Magic if self.held.len() == 0 && self.frames > 0 => Ok(()),
            State::Magic if self.frames > 0 && !is_front_of_magic(self.held.bytes()) => {
                Err(Fault::new(FlawKind::TrailingBytes, at - self.held.len() as u64, NOT_LZ4))
            }
            State::Magic | State::Header => truncated("it ends inside the header of a frame"),
            State::SkipLength | State::Skip(_) => truncated("it ends inside a frame that is to be skipped"),
            State::BlockLength => truncated("it ends before the end mark of its frame"),
            State::Block { .. } => truncated("it ends inside a block"),
            State::Checksum => truncated("it ends before its checksum"),
        }
    }

    fn magic(&mut self, at: u64, notes: &mut Vec<Fault>) -> Result<(), Fault> {
        let magic = self.held.number(0, 4);
        let is_frame = self.held.bytes() == LZ4;
        self.held.clear();
        self.state = match () {
            () if is_frame => State::Header,
            () if magic & !15 == SKIPPABLE => State::SkipLength,
            () if self.frames == 0 => return Err(Fault::malformed(at, "no frame begins here")),
            () => {
                notes.push(Fault::new(FlawKind::TrailingBytes, at, NOT_LZ4));
                State::Done
            }
        };
        Ok(())
    }

    fn header(&mut self, at: u64) -> Result<(), Fault> {
        let header = self.held.bytes();
        let (descriptor, checksum) = header.split_at(header.len() - 1);
        let flags = self.held.number(0, 1);
        if flags >> 6 != 1 {
            return Err(Fault::new(
                FlawKind::Unsupported,
                at,
                format!("frame version {} is not known", flags >> 6),
            ));
        }
        let hash = XxHash32::oneshot(0, descriptor).to_le_bytes()[1];
        if checksum != [hash] {
            let at = at + descriptor.len() as u64;
            return Err(Fault::malformed(at, "the checksum of its frame header does not match"));
        }
        if flags & 1 != 0 {
            let why = "it was packed with a dictionary, which is not in the file";
            return Err(Fault::new(FlawKind::Unsupported, at, why));
        }
        let max_block_bytes = match self.held.number(1, 1) >> 4 & 7 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            _ => return Err(Fault::malformed(at + 1, "its largest block has a length that does not exist")),
        };
        self.frame = Frame {
            linked: flags & 0x20 == 0,
            block_checksums: flags & 0x10 != 0,
            checksum: (flags & 0x04 != 0).then(|| XxHash32::with_seed(0)),
            max_block_bytes,
            content_bytes: (flags & 0x08 != 0).then(|| self.held.number(2, 8)),
            given: 0,
        };
        self.dict.clear();
        self.held.clear();
        self.state = State::BlockLength;
        Ok(())
    }

    fn block_length(&mut self, at: u64, notes: &mut Vec<Fault>) -> Result<(), Fault> {
        let word = self.held.number(0, 4);
        self.held.clear();
        if word == 0 {
            if self.frame.checksum.is_some() {
                self.state = State::Checksum;
            } else {
                self.end_frame(at + 4, notes);
            }
            return Ok(());
        }
        let packed = word >> 31 == 0;
        let bytes = usize::try_from(word & 0x7fff_ffff).unwrap_or(usize::MAX);
        if bytes > self.frame.max_block_bytes {
            return Err(Fault::malformed(at, "a block is longer than its frame allows"));
        }
        self.state = State::Block { bytes, packed };
        Ok(())
    }

    fn unpack(
        &mut self,
        bytes: usize,
        packed: bool,
        at: u64,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        let (block, checksum) = self.held.bytes().split_at(bytes);
        if self.frame.block_checksums && checksum != XxHash32::oneshot(0, block).to_le_bytes() {
            return Err(Fault::malformed(at, "the checksum of a block does not match"));
        }
        let piece = if packed {
            self.block.resize(self.frame.max_block_bytes, 0);
            match decompress_into_with_dict(block, &mut self.block, &self.dict) {
                Ok(len) => self.block.get(..len).unwrap_or_default(),
                Err(_) => return Err(Fault::malformed(at, "a block is damaged")),
            }
        } else {
            block
        };
        if let Some(hash) = &mut self.frame.checksum {
            hash.write(piece);
        }
        self.frame.given += piece.len() as u64;
        if self.frame.linked {
            let keep = DICT_BYTES.saturating_sub(piece.len()).min(self.dict.len());
            self.dict.drain(..self.dict.len() - keep);
            self.dict
                .extend_from_slice(piece.get(piece.len().saturating_sub(DICT_BYTES)..).unwrap_or_default());
        }
        out(piece);
        self.held.clear();
        self.state = State::BlockLength;
        Ok(())
    }

    fn end_frame(&mut self, at: u64, notes: &mut Vec<Fault>) {
        if self.frame.content_bytes.is_some_and(|bytes| bytes != self.frame.given) {
            let why = "its length is not the length of what came out";
            notes.push(Fault::new(FlawKind::ChecksumMismatch, at, why));
        }
        self.held.clear();
        self.frames += 1;
        self.state = State::Magic;
    }
}

const NOT_LZ4: &str = "something that is not LZ4 follows its end; nobody reads it";

/// Could these few bytes become the magic of a frame?
fn is_front_of_magic(bytes: &[u8]) -> bool {
    LZ4.starts_with(bytes) || matches!(bytes, [0x50..=0x5f] | [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d])
}

/// From the flags to the header checksum.
fn header_bytes(flags: u64) -> usize {
    let content_bytes = if flags & 0x08 != 0 { 8 } else { 0 };
    let dict_id = if flags & 0x01 != 0 { 4 } else { 0 };
    3 + content_bytes + dict_id
}
