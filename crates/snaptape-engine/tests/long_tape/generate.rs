//! A tape of any length, made as it is read: nothing of it is ever held but the window that was asked for.

use std::io::Write as _;

/// The block of zeros in the middle: what a disk leaves that was full for a moment.
const ZEROS: u64 = 64 << 10;

/// A tape that is read from its front to its end, once.
///
/// Shape: SETs of ever new keys, hashes, deletions, expiries, lists, transactions and `#TS:` lines, in four databases; a block of zeros
/// in the middle; the last command is cut off where the length says so.
#[derive(Debug)]
pub(crate) struct LongTape {
    bytes: u64,
    /// Offset of the first byte of `ready`.
    at: u64,
    ready: Vec<u8>,
    state: u64,
    commands: u64,
}

impl LongTape {
    pub(crate) fn new(bytes: u64) -> Self {
        Self { bytes, at: 0, ready: Vec::new(), state: 1, commands: 0 }
    }

    /// Commands made so far.
    pub(crate) fn commands(&self) -> u64 {
        self.commands
    }

    /// The block of zeros.
    pub(crate) fn zeros(&self) -> core::ops::Range<u64> {
        let start = self.bytes / 2;
        start..start + ZEROS
    }

    /// The next `len` bytes, which must begin where the last ones ended: a reader that goes back reads the file more than once.
    pub(crate) fn read(&mut self, offset: u64, len: usize) -> &[u8] {
        assert!(offset >= self.at, "byte {offset} is asked for again");
        let seen = usize::try_from(offset - self.at).expect("a window");
        assert!(seen <= self.ready.len(), "bytes before {offset} were left out");
        self.ready.drain(..seen);
        self.at = offset;
        while self.ready.len() < len {
            self.unit();
        }
        let zeros = self.zeros();
        let window = &mut self.ready[..len];
        let end = offset + len as u64;
        assert!(end <= self.bytes, "byte {end} is behind the end");
        if offset < zeros.end && zeros.start < end {
            let within = |at: u64| usize::try_from(at.clamp(offset, end) - offset).expect("within a window");
            window[within(zeros.start)..within(zeros.end)].fill(0);
        }
        window
    }

    fn below(&mut self, end: u64) -> u64 {
        self.state =
            self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % end
    }

    fn command(&mut self, words: &[&[u8]]) {
        self.commands += 1;
        // Writing to a Vec cannot fail.
        let _ = write!(self.ready, "*{}\r\n", words.len());
        for word in words {
            let _ = write!(self.ready, "${}\r\n", word.len());
            self.ready.extend_from_slice(word);
            self.ready.extend_from_slice(b"\r\n");
        }
    }

    /// What an application writes at a time.
    fn unit(&mut self) {
        const FILL: [u8; 256] = [b'x'; 256];
        const WHAT: [&str; 4] = ["profile", "session", "cart", "seen"];
        let n = self.commands;
        let (kind, number) = (self.below(16), self.below(1 << 40));
        let value = &FILL[..usize::try_from(20 + self.below(200)).expect("short")];
        let key = format!("user:{number:x}:{}", WHAT[usize::try_from(number % 4).expect("short")]);
        let key = key.as_bytes();
        if n.is_multiple_of(1000) {
            let _ = write!(self.ready, "#TS:{}\r\n", 1_700_000_000 + n / 5000);
            let db = (n / 1_000_000 % 4).to_string();
            self.command(&[b"SELECT", db.as_bytes()]);
        }
        match kind {
            0..8 => self.command(&[b"SET", key, value]),
            8 | 9 => self.command(&[b"HSET", key, b"name", value, b"at", b"17"]),
            10 => {
                let popular = format!("queue:{}", number % 1000);
                self.command(&[b"RPUSH", popular.as_bytes(), value]);
            }
            11 => {
                self.command(&[b"SET", key, value]);
                self.command(&[b"DEL", key]);
            }
            12 => self.command(&[b"PEXPIREAT", key, b"1900000000000"]),
            13 => self.command(&[b"ZADD", b"board", b"17.5", key]),
            14 => {
                self.command(&[b"MULTI"]);
                self.command(&[b"INCR", b"orders"]);
                self.command(&[b"SADD", key, b"a", b"b"]);
                self.command(&[b"EXEC"]);
            }
            _ => {
                let command = format!("SET{}", number % 3);
                self.command(&[b"XADD", b"events", b"1-1", command.as_bytes(), value]);
            }
        }
    }
}
