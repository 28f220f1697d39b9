//! What is inside packed files: the spans a plan keeps of them.

use js_sys::{Array, Uint8Array};
use snaptape_engine::{Extract, Reframer, Source as Packed, reframer};
use snaptape_report::{Edit, OutputFile};
use web_sys::Blob;

use crate::worker::source::{READ_BYTES, Source};

/// How much is handed to the browser at a time: it keeps blobs where it has room, which need not be memory.
const BLOB_BYTES: usize = 4 << 20;

/// The contents that the edits of `output` keep, one `Blob` for each.
pub(super) async fn kept(
    output: &OutputFile,
    packed: &Packed,
    sources: &[Source],
) -> Result<Vec<Blob>, String> {
    let kept = output.edits.iter().filter(|edit| matches!(edit, Edit::Keep { .. } | Edit::Reframe { .. }));
    let spans = kept.clone().filter_map(|edit| match edit {
        Edit::Keep { start, end } | Edit::Reframe { start, end, .. } => Some(*start..*end),
        _ => None,
    });
    let mut pieces: Vec<Pieces> = kept.map(Pieces::of).collect();
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

/// The commands of a span of the input with the line ends they had.
pub(super) async fn reframed(edit: &Edit, source: &Source, start: u64, end: u64) -> Result<Blob, String> {
    let mut pieces = Pieces::of(edit);
    let mut window = Vec::new();
    let mut at = start;
    while at < end {
        let to = end.min(at + READ_BYTES);
        source.read(at, to)?.bytes(&mut window).await?;
        pieces.push(&window)?;
        at = to;
    }
    pieces.finish()
}

/// A `Blob` that grows.
#[derive(Debug, Default)]
struct Pieces {
    blobs: Array,
    rest: Vec<u8>,
    /// Restores the line ends of what comes.
    reframer: Option<Reframer>,
}

impl Pieces {
    /// For what an edit keeps.
    fn of(edit: &Edit) -> Self {
        let reframer = match edit {
            Edit::Reframe { from, .. } => Some(reframer(*from)),
            _ => None,
        };
        Self { reframer, ..Self::default() }
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), String> {
        match &mut self.reframer {
            Some(reframer) => reframer.push(bytes, &mut self.rest).map_err(|error| error.to_string())?,
            None => self.rest.extend_from_slice(bytes),
        }
        if self.rest.len() >= BLOB_BYTES { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), String> {
        let bytes = Array::of1(&Uint8Array::from(self.rest.as_slice()).into());
        self.rest.clear();
        self.blobs.push(&blob(&bytes)?.into());
        Ok(())
    }

    fn finish(mut self) -> Result<Blob, String> {
        if let Some(mut reframer) = self.reframer.take() {
            reframer.finish(&mut self.rest).map_err(|error| error.to_string())?;
        }
        self.flush()?;
        blob(&self.blobs)
    }
}

fn blob(parts: &Array) -> Result<Blob, String> {
    Blob::new_with_blob_sequence(parts).map_err(|_| "The browser could not put the copy together.".into())
}
