//! How much the page weighs.

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::project::{dist, files_below};

/// What a first visit may fetch until the verdict on a snapshot is there, compressed as a server does it: with Brotli.
const BUDGET_BYTES: usize = 500_000;

/// What files are called that are fetched when somebody asks for what they do: chunks of the program, and samples. The browser test
/// `weight` compares this with what is really fetched.
const LATER: [&str; 3] = ["split_", "chunk_", "samples/"];

pub(crate) fn size() -> Result<()> {
    let dist = dist();
    let names = files_below(&dist).context("there is no built page: run `cargo xtask build`")?;
    let (mut first, mut later) = (Weight::default(), Weight::default());
    println!("{:>12} {:>12} {:>12}  file", "bytes", "gzip", "brotli");
    for name in names {
        let weight = Weight::of(&fs::read(dist.join(&name))?)?;
        let is_later = is_later(&name);
        println!("{weight}  {name}{}", if is_later { " (later)" } else { "" });
        if is_later { later.add(&weight) } else { first.add(&weight) }
    }
    println!("{later}  what is fetched later, on demand");
    println!("{first}  what a first visit fetches until the verdict on a dump");
    ensure!(
        first.brotli_bytes <= BUDGET_BYTES,
        "the page is over its budget of {BUDGET_BYTES} bytes compressed: look for what came in last, or argue for more"
    );
    Ok(())
}

fn is_later(name: &str) -> bool {
    LATER.iter().any(|later| name.starts_with(later))
}

/// What something takes on the way.
#[derive(Debug, Default)]
struct Weight {
    bytes: usize,
    gzip_bytes: usize,
    brotli_bytes: usize,
}

impl Weight {
    fn of(content: &[u8]) -> Result<Self> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content)?;
        let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 24, ..Default::default() };
        let mut packed = Vec::new();
        brotli::BrotliCompress(&mut &content[..], &mut packed, &params)?;
        Ok(Self { bytes: content.len(), gzip_bytes: encoder.finish()?.len(), brotli_bytes: packed.len() })
    }

    fn add(&mut self, other: &Self) {
        self.bytes += other.bytes;
        self.gzip_bytes += other.gzip_bytes;
        self.brotli_bytes += other.brotli_bytes;
    }
}

impl std::fmt::Display for Weight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:>12} {:>12} {:>12}", self.bytes, self.gzip_bytes, self.brotli_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_fetched_later_is_told_by_its_name() {
        for (name, later) in [
            ("split_look.wasm", true),
            ("chunk_7.wasm", true),
            ("samples/torn/appendonly.aof", true),
            ("chunks.js", false),
            ("snaptape_bg.wasm", false),
            ("boot.js", false),
        ] {
            assert_eq!(is_later(name), later, "{name}");
        }
    }

    #[test]
    fn both_ways_of_compressing_compress() {
        let weight = Weight::of(&[b'a'; 10_000]).unwrap();
        assert!(weight.bytes == 10_000 && weight.gzip_bytes < 100 && weight.brotli_bytes < 50, "{weight:?}");
    }
}
