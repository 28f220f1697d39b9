//! The checksum of gzip and zip.

use std::sync::LazyLock;

use crc::{CRC_32_ISO_HDLC, Crc, Digest, Table};

/// Sixteen tables, 16 KiB, worked out when they are first needed: in a page they would be 16 KiB that no compression makes shorter.
static TABLES: LazyLock<Crc<u32, Table<16>>> = LazyLock::new(|| Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC));

/// A checksum in the making.
#[derive(Clone)]
pub(crate) struct Crc32 {
    digest: Digest<'static, u32, Table<16>>,
    bytes: u32,
}

impl Crc32 {
    /// Of nothing yet.
    pub(crate) fn new() -> Self {
        Self { digest: TABLES.digest(), bytes: 0 }
    }

    /// Adds the next bytes.
    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.digest.update(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "modulo 2^32 is what is stored")]
        let more = bytes.len() as u32;
        self.bytes = self.bytes.wrapping_add(more);
    }

    /// The checksum of everything added so far.
    pub(crate) fn sum(&self) -> u32 {
        self.digest.clone().finalize()
    }

    /// How many bytes were added, modulo 2^32.
    pub(crate) fn amount(&self) -> u32 {
        self.bytes
    }
}

impl core::fmt::Debug for Crc32 {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Crc32({:08x})", self.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue() {
        let mut crc = Crc32::new();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.sum(), 0xcbf4_3926);
    }
}
