//! Carrying out a plan over files that are in memory.

use snaptape_aof::Unframed;
use snaptape_report::{Edit, OutputFile};
use snaptape_wire::Crc64;

use crate::reframer;

/// The bytes of one file of a copy, made of the contents of its source.
///
/// For small files and for tests: front ends write as they go, and hold neither.
///
/// # Errors
/// The source is not the one the plan was made for.
pub fn in_memory(output: &OutputFile, source: &[u8]) -> Result<Vec<u8>, NotTheSource> {
    let slice = |start: u64, end: u64| {
        let (start, end) = (usize::try_from(start), usize::try_from(end));
        source.get(start.map_err(|_| NotTheSource)?..end.map_err(|_| NotTheSource)?).ok_or(NotTheSource)
    };
    let mut copy = Vec::new();
    for edit in &output.edits {
        match edit {
            Edit::Keep { start, end } => copy.extend_from_slice(slice(*start, *end)?),
            Edit::Drop { .. } => {}
            Edit::Insert { bytes, .. } => copy.extend_from_slice(bytes.as_bytes()),
            Edit::Reframe { start, end, from, .. } => {
                let mut reframer = reframer(*from);
                reframer.push(slice(*start, *end)?, &mut copy)?;
                reframer.finish(&mut copy)?;
            }
            Edit::Checksum => {
                let mut crc = Crc64::new();
                crc.update(&copy);
                copy.extend_from_slice(&crc.value().to_le_bytes());
            }
        }
    }
    Ok(copy)
}

/// The bytes are not those a plan was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotTheSource;

impl From<Unframed> for NotTheSource {
    fn from(_: Unframed) -> Self {
        Self
    }
}

impl core::fmt::Display for NotTheSource {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the file is not the one the plan was made for")
    }
}

impl core::error::Error for NotTheSource {}
