//! Bytes of which a bounded front is held, and all are counted.

/// Takes them.
#[derive(Debug)]
pub(crate) struct Output {
    held: Vec<u8>,
    most: usize,
    /// Was anything taken away? Then nothing is ever dropped.
    is_taken: bool,
    len: u64,
}

impl Output {
    pub(crate) fn new(most: usize) -> Self {
        Self { held: Vec::new(), most, is_taken: false, len: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.len += bytes.len() as u64;
        let room = if self.is_taken { bytes.len() } else { self.most.saturating_sub(self.held.len()) };
        self.held.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
    }

    /// What is held; from now on everything is, until this is asked again.
    pub(crate) fn take(&mut self) -> Vec<u8> {
        self.is_taken = true;
        core::mem::take(&mut self.held)
    }

    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.held
    }
}
