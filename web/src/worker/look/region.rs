//! Regions of a file: their bytes and what these are; and where bytes stand.

use core::cell::{Cell, RefCell};

use snaptape_engine::{ByteSearch, Bytes, Marks, ReadRequest, Structure};
use snaptape_report::StructurePage;

use crate::protocol::{BytesAsked, LookAnswer, RegionAsked};
use crate::worker::post;
use crate::worker::source::Source;

thread_local! {
    /// The region that was asked for last: whoever still works on another one stops.
    static LATEST: Cell<u64> = const { Cell::new(0) };
    /// Places in the file looked at last from which it can be read on.
    static MARKS: RefCell<Marks> = RefCell::new(Marks::default());
}

/// The structure of a region; its bytes are told before. Nothing where another one was asked for meanwhile.
pub(super) async fn region(asked: RegionAsked, sources: &[Source]) -> Result<Option<StructurePage>, String> {
    LATEST.set(asked.number);
    let is_latest = || LATEST.get() == asked.number;
    let mut buffer = Vec::new();
    if asked.query.inside.is_none() {
        let end = asked.query.start.saturating_add(asked.query.len);
        let mut bytes = Bytes::new(&asked.source, asked.places.content_bytes, asked.query.start, end);
        while let Some(request) = bytes.next_read() {
            read(sources, &request, &mut buffer).await?;
            if !is_latest() {
                return Ok(None);
            }
            bytes.feed(&request, &buffer);
        }
        post::part(&LookAnswer::Bytes { number: asked.number, bytes: bytes.finish() });
    }
    let marks = MARKS.take();
    let mut structure = Structure::new(asked.places, &[asked.source], asked.query, marks)?;
    while let Some(request) = structure.next_read() {
        read(sources, &request, &mut buffer).await?;
        if !is_latest() {
            // The one that came later may have left marks of its own.
            MARKS.set(structure.finish().1);
            return Ok(None);
        }
        structure.feed(&request, &buffer);
    }
    let (page, marks) = structure.finish();
    MARKS.set(marks);
    Ok(Some(page))
}

/// The next place where bytes stand.
pub(super) async fn find(asked: BytesAsked, sources: &[Source]) -> Result<Option<u64>, String> {
    let BytesAsked { source, content_bytes, needle, from } = asked;
    let mut search = ByteSearch::new(&source, content_bytes, needle, from, 1)?;
    let mut buffer = Vec::new();
    let mut tell = post::progress();
    while let Some(request) = search.next_read() {
        read(sources, &request, &mut buffer).await?;
        search.feed(&request, &buffer);
        let at = search.progress();
        tell(at.done_bytes, at.total_bytes);
    }
    Ok(search.hits().first().copied())
}

async fn read(sources: &[Source], request: &ReadRequest, buffer: &mut Vec<u8>) -> Result<(), String> {
    let source = sources.get(request.file).ok_or("The engine asked for a file that is not there.")?;
    source.read(request.offset, request.offset + request.len as u64)?.bytes(buffer).await
}
