//! Zip archives: the table of contents at the end ([`Directory`]), and one file after another from the front.
//!
//! Source: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3 (zip64).

mod directory;
mod entry;
mod stream;

pub use directory::{Directory, MAX_DIRECTORY_BYTES};
pub use entry::Entry;
pub(crate) use stream::ZipStream;

/// In front of each file.
const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
/// Behind the data of a file whose length was not known before.
const DATA_DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Each line of the table of contents.
const CENTRAL_HEADER: [u8; 4] = *b"PK\x01\x02";
/// Behind the table of contents.
const END: [u8; 4] = *b"PK\x05\x06";
/// The same with 64-bit numbers.
const END_64: [u8; 4] = *b"PK\x06\x06";
/// Where that is, right before [`END`].
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";

/// A 32-bit field that says: see the 64-bit one.
const SEE_64: u64 = 0xffff_ffff;
