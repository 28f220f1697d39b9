//! Zstandard, RFC 8878.
//!
//! The crate behind it reads from something that may block. So only whole blocks are handed to it (128 KiB at most), and the
//! headers are looked at here first: how long they are, and what history they ask for.

use ruzstd::{
    decoding::{BlockDecodingStrategy, FrameDecoder},
    io::Read as _,
};

use crate::{
    Limits,
    flaw::{Fault, FlawKind},
    gather::{Gather, Input},
    lz4::SKIPPABLE,
};

const MAGIC: u64 = 0xfd2f_b528;

/// The longest a block may be, packed or not.
const MAX_BLOCK_BYTES: u64 = 128 << 10;

/// One piece of output.
const PIECE_BYTES: usize = 128 << 10;

/// A last, empty block and a checksum: what makes the decoder give out the history it keeps.
const LAST_BLOCK: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];

pub(crate) struct Zstd {
    state: State,
    held: Gather,
    limits: Limits,
    decoder: FrameDecoder,
    frames: u64,
    /// Of the frame, as its header has it.
    content_bytes: Option<u64>,
    given: u64,
    has_checksum: bool,
    piece: Vec<u8>,
}

impl core::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Zstd")
            .field("state", &self.state)
            .field("frames", &self.frames)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum State {
    /// Four bytes.
    Magic,
    /// Four bytes: how long the frame to be skipped is.
    SkipLength,
    /// So many more bytes.
    Skip(u64),
    /// The rest of the header, with the magic in front.
    Header,
    /// A block with its header, and the checksum behind the last one.
    Block,
    /// Nothing that follows matters.
    Done,
}

impl Zstd {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            state: State::Magic,
            held: Gather::default(),
            limits,
            decoder: FrameDecoder::new(),
            frames: 0,
            content_bytes: None,
            given: 0,
            has_checksum: false,
            piece: vec![0; PIECE_BYTES],
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
                    if self.held.fill(&mut input, 5) && {
                        let want = 4 + header_bytes(self.held.number(4, 1));
                        self.held.fill(&mut input, want)
                    } {
                        self.header(input.at - self.held.len() as u64)?;
                    }
                }
                State::Block => {
                    if self.held.fill(&mut input, 3) && {
                        let want = self.block_bytes();
                        self.held.fill(&mut input, want)
                    } {
                        self.block(input.at - self.held.len() as u64, notes, out)?;
                    }
                }
                State::Done => return Ok(()),
            }
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, at: u64, out: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let truncated = |why: &str| Err(Fault::new(FlawKind::Truncated, at, why));
        match self.state {
            State::Done | State::Skip(0) => Ok(()),
            State::Magic if self.held.len() == 0 && self.frames > 0 => Ok(()),
            State::Magic if self.frames > 0 && !is_front_of_magic(self.held.bytes()) => {
                Err(Fault::new(FlawKind::TrailingBytes, at - self.held.len() as u64, NOT_ZSTD))
            }
            State::Magic | State::Header => truncated("it ends inside the header of a frame"),
            State::SkipLength | State::Skip(_) => truncated("it ends inside a frame that is to be skipped"),
            State::Block => {
                self.give_all(out);
                truncated("it ends before the last block of its frame")
            }
        }
    }

    fn magic(&mut self, at: u64, notes: &mut Vec<Fault>) -> Result<(), Fault> {
        let magic = self.held.number(0, 4);
        if magic == MAGIC {
            self.state = State::Header;
            return Ok(());
        }
        self.held.clear();
        if magic & !15 == SKIPPABLE {
            self.state = State::SkipLength;
        } else if self.frames == 0 {
            return Err(Fault::malformed(at, "no frame begins here"));
        } else {
            notes.push(Fault::new(FlawKind::TrailingBytes, at, NOT_ZSTD));
            self.state = State::Done;
        }
        Ok(())
    }

    fn header(&mut self, at: u64) -> Result<(), Fault> {
        let flags = self.held.number(4, 1);
        let single_segment = flags & 0x20 != 0;
        let window_at = 5;
        let dict_at = if single_segment { 5 } else { 6 };
        let content_at = dict_at + dict_id_bytes(flags);
        let content_field_bytes = content_size_bytes(flags);
        let content = self.held.number(content_at, content_field_bytes);
        self.content_bytes = match content_field_bytes {
            0 => None,
            // Source: RFC 8878 3.1.1.1.4.
            2 => Some(content + 256),
            _ => Some(content),
        };
        let window_bytes = if single_segment {
            content
        } else {
            let (exponent, mantissa) =
                (self.held.number(window_at, 1) >> 3, self.held.number(window_at, 1) & 7);
            let base = 1_u64 << (10 + exponent);
            base + base / 8 * mantissa
        };
        // A frame in one segment asks for all of itself, however little of it it refers to.
        if window_bytes > self.limits.max_window_bytes {
            let why = format!(
                "it refers back up to {} MiB, and this reader holds {}; unpack it with zstd --long=31 -d",
                window_bytes >> 20,
                self.limits.max_window_bytes >> 20
            );
            return Err(Fault::new(FlawKind::LimitReached, at, why));
        }
        if self.held.number(dict_at, dict_id_bytes(flags)) != 0 {
            let why = "it was packed with a dictionary, which is not in the file";
            return Err(Fault::new(FlawKind::Unsupported, at, why));
        }
        // A decoder that is used again sets aside what the header asks for before a byte of it came.
        self.decoder = FrameDecoder::new();
        self.decoder.set_max_window_size(self.limits.max_window_bytes);
        if self.decoder.reset(self.held.bytes()).is_err() {
            return Err(Fault::malformed(at, "the header of a frame is damaged"));
        }
        self.has_checksum = flags & 0x04 != 0;
        self.given = 0;
        self.held.clear();
        self.state = State::Block;
        Ok(())
    }

    /// How long the block is whose header is held, with all that belongs to it.
    fn block_bytes(&self) -> usize {
        let header = self.held.number(0, 3);
        let (is_last, kind, bytes) = (header & 1 == 1, header >> 1 & 3, header >> 3);
        let content = match kind {
            _ if bytes > MAX_BLOCK_BYTES => 0,
            // One byte, many times.
            1 => 1,
            _ => usize::try_from(bytes).unwrap_or(0),
        };
        3 + content + if is_last && self.has_checksum { 4 } else { 0 }
    }

    fn block(&mut self, at: u64, notes: &mut Vec<Fault>, out: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
        let is_last = self.held.number(0, 1) & 1 == 1;
        let decoded = self.decoder.decode_blocks(self.held.bytes(), BlockDecodingStrategy::UptoBlocks(1));
        if decoded.is_err() {
            self.give_all(out);
            return Err(Fault::malformed(at, "a block is damaged"));
        }
        let end = at + self.held.len() as u64;
        self.held.clear();
        self.give(out);
        if !is_last {
            return Ok(());
        }
        if let (true, Some(stored), Some(computed)) =
            (self.has_checksum, self.decoder.get_checksum_from_data(), self.decoder.get_calculated_checksum())
            && stored != computed
        {
            let why = format!("its checksum is {stored:08x}, but what came out has {computed:08x}");
            notes.push(Fault::new(FlawKind::ChecksumMismatch, end - 4, why));
        } else if self.content_bytes.is_some_and(|bytes| bytes != self.given) {
            let why = "its length is not the length of what came out";
            notes.push(Fault::new(FlawKind::ChecksumMismatch, end, why));
        }
        self.frames += 1;
        self.state = State::Magic;
        Ok(())
    }

    /// Hands on what no later block can refer to, or everything behind the last one.
    fn give(&mut self, out: &mut dyn FnMut(&[u8])) {
        // Reading from memory does not fail.
        while let Ok(n @ 1..) = self.decoder.read(&mut self.piece) {
            self.given += n as u64;
            out(self.piece.get(..n).unwrap_or_default());
        }
    }

    /// Hands on everything there is: nothing can refer to it any more.
    fn give_all(&mut self, out: &mut dyn FnMut(&[u8])) {
        let _ = self.decoder.decode_blocks(LAST_BLOCK.as_slice(), BlockDecodingStrategy::All);
        self.give(out);
    }
}

const NOT_ZSTD: &str = "something that is not zstd follows its end; nobody reads it";

/// Could these few bytes become the magic of a frame?
fn is_front_of_magic(bytes: &[u8]) -> bool {
    MAGIC.to_le_bytes().starts_with(bytes)
        || matches!(bytes, [0x50..=0x5f] | [0x50..=0x5f, 0x2a] | [0x50..=0x5f, 0x2a, 0x4d])
}

/// The header of a frame behind its magic.
fn header_bytes(flags: u64) -> usize {
    let window = usize::from(flags & 0x20 == 0);
    1 + window + dict_id_bytes(flags) + content_size_bytes(flags)
}

fn dict_id_bytes(flags: u64) -> usize {
    match flags & 3 {
        3 => 4,
        n => usize::try_from(n).unwrap_or(0),
    }
}

fn content_size_bytes(flags: u64) -> usize {
    match (flags >> 6, flags & 0x20 != 0) {
        (0, false) => 0,
        (0, true) => 1,
        (1, _) => 2,
        (2, _) => 4,
        _ => 8,
    }
}
