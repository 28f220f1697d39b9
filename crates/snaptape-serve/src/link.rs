//! A link that is not this machine's own, so that a test can say what a visit from elsewhere is like. The server keeps to it, not the
//! browser: what a browser slows down by itself is the page alone, not what its workers fetch beside it.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is sent at once; others get their turn in between.
const PIECE_BYTES: usize = 4 << 10;

/// How long and how wide the way to the browser is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// From a request to the first byte of its answer.
    pub round_trip: Duration,
    /// Of all answers together.
    pub bits_per_second: u32,
}

/// A link in use.
#[derive(Debug)]
pub(crate) struct Pace {
    link: Link,
    /// When what was sent so far will have arrived.
    free_at: Mutex<Instant>,
}

impl Pace {
    pub(crate) fn new(link: Link) -> Self {
        Self { link, free_at: Mutex::new(Instant::now()) }
    }

    /// Writes all of `bytes`, no faster than the link carries them.
    pub(crate) fn write(&self, mut stream: impl Write, bytes: &[u8]) -> io::Result<()> {
        std::thread::sleep(self.link.round_trip);
        for piece in bytes.chunks(PIECE_BYTES) {
            let bits = u32::try_from(piece.len() * 8).unwrap_or(u32::MAX);
            let takes = Duration::from_secs(1) * bits / self.link.bits_per_second;
            let arrives = {
                let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
                *free_at = (*free_at).max(Instant::now()) + takes;
                *free_at
            };
            std::thread::sleep(arrives.saturating_duration_since(Instant::now()));
            stream.write_all(piece)?;
        }
        Ok(())
    }
}
