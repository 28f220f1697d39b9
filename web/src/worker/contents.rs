//! What is inside packed files: the spans a plan keeps of them.

use js_sys::{Array, Uint8Array};
use snaptape_engine::{Extract, Source as Packed};
use snaptape_report::{Edit, OutputFile};
use web_sys::Blob;

use super::source::{READ_BYTES, Source};

/// How much is handed to the browser at a time: it keeps blobs where it has room, which need not be memory.
const BLOB_BYTES: usize = 4 << 20;

/// The contents that the edits of `output` keep, one `Blob` for each.
pub(super) async fn kept(
    output: &OutputFile,
    packed: &Packed,
    sources: &[Source],
) -> Result<Vec<Blob>, String> {
    let spans = output.edits.iter().filter_map(|edit| match edit {
        Edit::Keep { start, end } => Some(*start..*end),
        _ => None,
    });
    let mut pieces: Vec<Pieces> = spans.clone().map(|_| Pieces::default()).collect();
    let shorter = || format!("{} has become shorter since it was read. Open it again.", packed.path);
    let source = sources.get(packed.file).ok_or_else(shorter)?;
    let mut extract = Extract::new(packed, spans).ok_or_else(shorter)?;
    let window_bytes = usize::try_from(READ_BYTES).unwrap_or(usize::MAX);
    let mut window = Vec::new();
    while let Some(request) = extract.next_read(window_bytes) {
        source.read(request.offset, request.offset + request.len as u64)?.bytes(&mut window).await?;
        let mut result = Ok(());
        extract.feed(&window, |span, bytes| {
            if let Some(pieces) = pieces.get_mut(span).filter(|_| result.is_ok()) {
                result = pieces.push(bytes);
            }
        });
        result?;
    }
    if !extract.is_complete() {
        return Err(shorter());
    }
    pieces.into_iter().map(Pieces::finish).collect()
}

/// A `Blob` that grows.
#[derive(Debug, Default)]
struct Pieces {
    blobs: Array,
    rest: Vec<u8>,
}

impl Pieces {
    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.rest.extend_from_slice(bytes);
        if self.rest.len() >= BLOB_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), String> {
        let bytes = Array::of1(&Uint8Array::from(self.rest.as_slice()).into());
        self.rest.clear();
        self.blobs.push(&blob(&bytes)?.into());
        Ok(())
    }

    fn finish(mut self) -> Result<Blob, String> {
        self.flush()?;
        blob(&self.blobs)
    }
}

fn blob(parts: &Array) -> Result<Blob, String> {
    Blob::new_with_blob_sequence(parts).map_err(|_| "The browser could not put the copy together.".into())
}
