//! A zip that is written while its files are read. Only a few MiB are ever held: what is written is handed to the
//! browser in pieces, which keeps blobs on disk when they grow.

use core::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use web_sys::Blob;
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{CompressionMethod, ZipWriter};

/// Bytes gathered before a piece is handed over.
const PIECE_BYTES: usize = 8 << 20;
/// From here on, a file in a zip needs 64-bit lengths.
const LARGE_FILE_BYTES: u64 = u32::MAX as u64;

/// Where the zip goes.
#[derive(Debug, Default)]
struct Pieces {
    pending: Vec<u8>,
    blobs: Vec<Blob>,
}

impl Pieces {
    fn hand_over(&mut self) -> io::Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let piece = Array::of1(&Uint8Array::from(self.pending.as_slice()));
        let blob = Blob::new_with_u8_array_sequence(&piece).map_err(|_| {
            io::Error::new(io::ErrorKind::OutOfMemory, "the browser has no room for the copy")
        })?;
        self.blobs.push(blob);
        self.pending.clear();
        Ok(())
    }
}

/// The writer's half of [`Pieces`].
#[derive(Debug, Clone)]
struct Sink(Rc<RefCell<Pieces>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pieces = self.0.borrow_mut();
        pieces.pending.extend_from_slice(bytes);
        if pieces.pending.len() >= PIECE_BYTES {
            pieces.hand_over()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The zip under way.
pub(super) struct Archive {
    pieces: Rc<RefCell<Pieces>>,
    writer: ZipWriter<StreamWriter<Sink>>,
}

impl Default for Archive {
    fn default() -> Self {
        let pieces = Rc::new(RefCell::new(Pieces::default()));
        let writer = ZipWriter::new_stream(Sink(Rc::clone(&pieces)));
        Self { pieces, writer }
    }
}

impl Archive {
    /// Begins a file of `bytes` bytes; the one before it ends.
    pub(super) fn begin(&mut self, path: &str, bytes: u64) -> Result<(), String> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .unix_permissions(0o640)
            .large_file(bytes >= LARGE_FILE_BYTES);
        self.writer.start_file(path, options).map_err(|error| sentence(&error))
    }

    /// More bytes of the file begun last.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.writer.write_all(bytes).map_err(|error| sentence(&error))
    }

    /// Ends the zip.
    pub(super) fn finish(self) -> Result<Blob, String> {
        self.writer.finish().map_err(|error| sentence(&error))?;
        let mut pieces = self.pieces.borrow_mut();
        pieces.hand_over().map_err(|error| sentence(&error))?;
        let parts: Array = pieces.blobs.iter().collect();
        Blob::new_with_blob_sequence(&parts).map_err(|_| "The browser could not put the zip together.".into())
    }
}

fn sentence(error: &dyn core::fmt::Display) -> String {
    format!("The zip could not be written: {error}.")
}
