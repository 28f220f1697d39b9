//! Carries out [`super::Stretch::Reframe`]: the same commands with the line ends they had.

use alloc::vec::Vec;

use super::{
    LOOK_BYTES,
    frame::{LineEnds, rewrite},
};

/// Writes a stretch of a tape with the line ends it had, window by window. Holds at most a command of a MiB and what comes in
/// one window.
///
/// ```
/// use snaptape_aof::{LineEnds, Reframer};
///
/// let mut out = Vec::new();
/// let mut reframer = Reframer::new(LineEnds::Lf);
/// reframer.push(b"*2\n$3\nGET\n$", &mut out).unwrap();
/// reframer.push(b"3\nk\n\n", &mut out).unwrap();
/// reframer.finish(&mut out).unwrap();
/// // A CRLF was inside the key.
/// assert_eq!(out, b"*2\r\n$3\r\nGET\r\n$3\r\nk\r\n\r\n");
/// ```
#[derive(Debug, Clone)]
pub struct Reframer {
    from: LineEnds,
    held: Vec<u8>,
}

/// The bytes are not what they were when the stretch was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unframed;

impl core::fmt::Display for Unframed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the commands whose line ends are to be restored have changed since they were read")
    }
}

impl core::error::Error for Unframed {}

impl Reframer {
    /// For a stretch that is [`super::Stretch::Reframe`] `from` this.
    pub fn new(from: LineEnds) -> Self {
        Self { from, held: Vec::new() }
    }

    /// Takes the next bytes of the stretch; what is done goes to `out`.
    ///
    /// # Errors
    /// Something else stands there than when the stretch was found.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Unframed> {
        self.held.extend_from_slice(bytes);
        self.run(false, out)
    }

    /// The stretch ends.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Result<(), Unframed> {
        self.run(true, out)
    }

    fn run(&mut self, last: bool, out: &mut Vec<u8>) -> Result<(), Unframed> {
        let look = usize::try_from(LOOK_BYTES).map_err(|_| Unframed)?;
        let mut at = 0;
        loop {
            let rest = self.held.get(at..).unwrap_or_default();
            if rest.is_empty() || (!last && rest.len() <= look) {
                break;
            }
            let sight = rest.get(..look).unwrap_or(rest);
            at += rewrite(sight, self.from, last && sight.len() == rest.len(), out).ok_or(Unframed)?;
        }
        self.held.drain(..at);
        Ok(())
    }
}
