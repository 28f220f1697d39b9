//! The files of a site, compressed before anybody asks for them.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use brotli::enc::BrotliEncoderParams;

/// What servers that compress as they send choose: a fifth larger than the best, and many times faster.
const QUALITY: i32 = 5;

/// Compressed bodies by file.
#[derive(Debug, Default)]
pub(crate) struct Packed(HashMap<PathBuf, Vec<u8>>);

impl Packed {
    /// Those of all files below a folder that gain by it.
    pub(crate) fn below(folder: &Path) -> io::Result<Self> {
        let mut packed = Self::default();
        packed.add(folder)?;
        Ok(packed)
    }

    fn add(&mut self, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.add(&path)?;
                continue;
            }
            let plain = fs::read(&path)?;
            let params = BrotliEncoderParams { quality: QUALITY, ..BrotliEncoderParams::default() };
            let mut body = Vec::new();
            brotli::BrotliCompress(&mut plain.as_slice(), &mut body, &params)?;
            if body.len() < plain.len() {
                self.0.insert(path, body);
            }
        }
        Ok(())
    }

    pub(crate) fn get(&self, file: &Path) -> Option<Vec<u8>> {
        self.0.get(file).cloned()
    }
}
