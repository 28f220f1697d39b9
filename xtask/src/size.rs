//! How much the page weighs.

use std::fs;
use std::io::Write as _;

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::project::{dist, files_below};

/// What a first visit may fetch, gzipped. Samples are fetched only when somebody asks for one.
const BUDGET_GZIP_BYTES: usize = 1_000_000;

pub(crate) fn size() -> Result<()> {
    let dist = dist();
    let names = files_below(&dist).context("there is no built page: run `cargo xtask build`")?;
    let mut visit_gzip_bytes = 0;
    println!("{:>12} {:>12}  file", "bytes", "gzipped");
    for name in names {
        let content = fs::read(dist.join(&name))?;
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&content)?;
        let gzip_bytes = encoder.finish()?.len();
        println!("{:>12} {gzip_bytes:>12}  {name}", content.len());
        if !name.starts_with("samples/") {
            visit_gzip_bytes += gzip_bytes;
        }
    }
    println!("{:>12} {visit_gzip_bytes:>12}  what a visit fetches, samples aside", "");
    ensure!(
        visit_gzip_bytes <= BUDGET_GZIP_BYTES,
        "the page is over its budget of {BUDGET_GZIP_BYTES} bytes gzipped: look for what came in last, or argue for more"
    );
    Ok(())
}
