//! gzip, RFC 1952. `cat a.gz b.gz` is one, too, as are the zeros a tape drive leaves behind one.

use crate::crc32::Crc32;

use crate::{
    flaw::{Fault, FlawKind},
    gather::{Gather, Input},
    inflate::{Inflated, Inflater},
};

/// Longest name kept; nobody has longer file names.
const MAX_NAME_BYTES: usize = 255;

const HAS_HEADER_CRC: u64 = 0x02;
const HAS_EXTRA: u64 = 0x04;
const HAS_NAME: u64 = 0x08;
const HAS_COMMENT: u64 = 0x10;
const RESERVED: u64 = 0xe0;

const NOT_GZIP: &str = "something that is not gzip follows its end; nobody reads it";

#[derive(Debug)]
pub(crate) struct Gzip {
    state: State,
    held: Gather,
    flags: u64,
    members: u64,
    crc: Crc32,
    inflater: Inflater,
    name: Vec<u8>,
    name_done: bool,
}

#[derive(Debug)]
enum State {
    /// Ten bytes.
    Header,
    /// Two bytes of length.
    ExtraLength,
    /// So many more bytes.
    Extra(u64),
    /// Up to a zero byte.
    Name,
    /// Up to a zero byte.
    Comment,
    /// Two bytes.
    HeaderCrc,
    /// The deflate stream.
    Body,
    /// CRC-32 and length.
    Trailer,
    /// Another member, zeros, or something that does not belong there.
    Between,
    /// Nothing that follows matters.
    Done,
}

impl Gzip {
    pub(crate) fn new() -> Self {
        Self {
            state: State::Header,
            held: Gather::default(),
            flags: 0,
            members: 0,
            crc: Crc32::new(),
            inflater: Inflater::new(),
            name: Vec::new(),
            name_done: false,
        }
    }

    /// The file name stored in the first member. Latin-1 by the RFC, UTF-8 in practice.
    pub(crate) fn name(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| String::from_utf8_lossy(&self.name).into_owned())
    }

    pub(crate) fn push(
        &mut self,
        mut input: Input<'_>,
        notes: &mut Vec<Fault>,
        out: &mut dyn FnMut(&[u8]),
    ) -> Result<(), Fault> {
        while !input.is_empty() {
            let at = input.at;
            match self.state {
                State::Header => {
                    if self.held.fill(&mut input, 10) {
                        self.header(input.at - 10)?;
                    }
                }
                State::ExtraLength => {
                    if self.held.fill(&mut input, 2) {
                        self.state = State::Extra(self.held.number(0, 2));
                        self.held.clear();
                        self.skip_if_empty();
                    }
                }
                State::Extra(left) => {
                    let took = input.take(left).len() as u64;
                    self.state = State::Extra(left - took);
                    self.skip_if_empty();
                }
                State::Name | State::Comment => self.text(&mut input),
                State::HeaderCrc => {
                    if self.held.fill(&mut input, 2) {
                        self.held.clear();
                        self.begin_body();
                    }
                }
                State::Body => {
                    let crc = &mut self.crc;
                    let inflated = self.inflater.push(input.bytes, &mut |piece| {
                        crc.update(piece);
                        out(piece);
                    });
                    match inflated {
                        Inflated::More => return Ok(()),
                        Inflated::End(used) => {
                            input.take(used as u64);
                            self.state = State::Trailer;
                        }
                        Inflated::Broken(used) => {
                            return Err(Fault::malformed(at + used as u64, "its compressed data is damaged"));
                        }
                    }
                }
                State::Trailer => {
                    if self.held.fill(&mut input, 8) {
                        self.trailer(input.at - 8, notes);
                    }
                }
                State::Between => self.between(&mut input, notes),
                State::Done => return Ok(()),
            }
        }
        Ok(())
    }

    pub(crate) fn finish(&mut self, at: u64) -> Result<(), Fault> {
        let truncated = |why: &str| Err(Fault::new(FlawKind::Truncated, at, why));
        match self.state {
            State::Done => Ok(()),
            State::Between if self.held.len() == 0 => Ok(()),
            State::Between if b"\x1f\x8b".starts_with(self.held.bytes()) => {
                truncated("it ends inside the header of another member")
            }
            State::Between => Err(Fault::new(FlawKind::TrailingBytes, at - self.held.len() as u64, NOT_GZIP)),
            State::Body => truncated("it ends inside its compressed data"),
            State::Trailer => truncated("it ends before its checksum"),
            _ => truncated("it ends inside its header"),
        }
    }

    fn header(&mut self, at: u64) -> Result<(), Fault> {
        self.flags = self.held.number(3, 1);
        self.held.clear();
        if self.flags & RESERVED != 0 {
            return Err(Fault::malformed(at + 3, "its header has flags that no tool sets"));
        }
        self.state = State::Extra(0);
        if self.flags & HAS_EXTRA != 0 {
            self.state = State::ExtraLength;
        }
        self.skip_if_empty();
        Ok(())
    }

    /// Goes on to the name once nothing of the extra field is left.
    fn skip_if_empty(&mut self) {
        if matches!(self.state, State::Extra(0)) {
            self.state = State::Name;
            if self.flags & HAS_NAME == 0 {
                self.text_done();
            }
        }
    }

    /// Name or comment, up to and with its zero byte.
    fn text(&mut self, input: &mut Input<'_>) {
        let end = input.bytes.iter().position(|&byte| byte == 0);
        let text = input.take(end.unwrap_or(input.bytes.len()) as u64);
        if matches!(self.state, State::Name) && !self.name_done {
            let room = MAX_NAME_BYTES - self.name.len();
            self.name.extend_from_slice(text.get(..room).unwrap_or(text));
        }
        if end.is_some() {
            input.take(1);
            self.text_done();
        }
    }

    /// The name is read, or the comment; on to what follows.
    fn text_done(&mut self) {
        if matches!(self.state, State::Name) {
            self.name_done = true;
            if self.flags & HAS_COMMENT != 0 {
                self.state = State::Comment;
                return;
            }
        }
        if self.flags & HAS_HEADER_CRC != 0 {
            self.state = State::HeaderCrc;
        } else {
            self.begin_body();
        }
    }

    fn begin_body(&mut self) {
        self.state = State::Body;
        self.members += 1;
    }

    fn trailer(&mut self, at: u64, notes: &mut Vec<Fault>) {
        let (stored, stored_len) = (self.held.number(0, 4), self.held.number(4, 4));
        self.held.clear();
        let which = if self.members > 1 { format!(" of member {}", self.members) } else { String::new() };
        if stored != u64::from(self.crc.sum()) {
            let why =
                format!("its checksum{which} is {stored:08x}, but what came out has {:08x}", self.crc.sum());
            notes.push(Fault::new(FlawKind::ChecksumMismatch, at, why));
        } else if stored_len != u64::from(self.crc.amount()) {
            let why = format!("its length{which} is not the length of what came out");
            notes.push(Fault::new(FlawKind::ChecksumMismatch, at + 4, why));
        }
        self.crc = Crc32::new();
        self.inflater.reset();
        self.state = State::Between;
    }

    fn between(&mut self, input: &mut Input<'_>, notes: &mut Vec<Fault>) {
        if self.held.len() == 0 {
            let zeros = input.bytes.iter().take_while(|&&byte| byte == 0).count();
            input.take(zeros as u64);
            if input.is_empty() {
                return;
            }
        }
        // Method 8 and no other: an accidental 1f 8b is likelier than another method.
        if self.held.fill(input, 3) {
            if self.held.bytes() == [0x1f, 0x8b, 8] {
                self.state = State::Header;
            } else {
                notes.push(Fault::new(FlawKind::TrailingBytes, input.at - 3, NOT_GZIP));
                self.state = State::Done;
            }
        }
    }
}
