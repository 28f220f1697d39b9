//! The front of a key's name, where many are held.

use snaptape_report::KeyName;

use super::super::front;

const MAX: usize = 55;

/// The front of a key's name, without an allocation of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ShortName {
    bytes: [u8; MAX],
    len: u8,
}

impl ShortName {
    pub(super) fn new(name: &[u8]) -> Self {
        let name = front(name, MAX);
        let mut bytes = [0; MAX];
        if let Some(front) = bytes.get_mut(..name.len()) {
            front.copy_from_slice(name);
        }
        Self { bytes, len: u8::try_from(name.len()).unwrap_or(0) }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len.into()).unwrap_or_default()
    }

    pub(super) fn key_name(&self) -> KeyName {
        KeyName::new(self.as_bytes())
    }
}

impl Ord for ShortName {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl PartialOrd for ShortName {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
