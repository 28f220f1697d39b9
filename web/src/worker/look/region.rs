//! Regions of a file: their bytes and what these are; and where bytes stand.

use core::cell::{Cell, RefCell};

use snaptape_engine::{ByteFind, BytePlace, Bytes, Marks, ReadRequest, Structure, Unpacked};
use snaptape_report::StructurePage;

use crate::protocol::{BytesAsked, LookAnswer, RegionAsked};
use crate::worker::breathe::breathe;
use crate::worker::post;
use crate::worker::source::Source;

/// The number of no region.
pub(super) const NONE: u64 = 0;

/// Work that takes longer says how far it is.
const TELL_AFTER_MS: f64 = 300.0;

thread_local! {
    /// The region that was asked for last: whoever still works on another one stops.
    static LATEST: Cell<u64> = const { Cell::new(NONE) };
    /// Is one being looked at?
    static RUNNING: Cell<bool> = const { Cell::new(false) };
    /// Places in the file looked at last from which it can be read on.
    static MARKS: RefCell<Marks> = RefCell::new(Marks::default());
    /// Where unpacking stopped.
    static UNPACKED: RefCell<Unpacked> = RefCell::new(Unpacked::default());
}

/// Nobody waits for a region any more.
pub(super) fn stop() {
    LATEST.set(NONE);
}

/// The structure of a region; its bytes are told before. Nothing where another one was asked for meanwhile.
pub(super) async fn region(asked: RegionAsked, sources: &[Source]) -> Result<Option<StructurePage>, String> {
    let number = asked.number;
    LATEST.set(number);
    // Whoever works on another one stops soon, and hands over what it unpacked.
    while RUNNING.get() {
        breathe().await;
        if LATEST.get() != number {
            return Ok(None);
        }
    }
    RUNNING.set(true);
    let page = look(asked, sources).await;
    RUNNING.set(false);
    page
}

async fn look(asked: RegionAsked, sources: &[Source]) -> Result<Option<StructurePage>, String> {
    let RegionAsked { number, places, query, source } = asked;
    let is_latest = || LATEST.get() == number;
    let content_bytes = places.content_bytes;
    let is_packed = source.is_packed();
    let (start, end) = (query.start, query.start.saturating_add(query.len));
    let shows_file = query.inside.is_none();
    let mut buffer = Vec::new();
    // Bytes that only have to be read come first. Those that have to be unpacked come with what they are, out of one pass.
    if shows_file && !is_packed {
        let mut bytes = Bytes::new(&source, content_bytes, start, end);
        while let Some(request) = bytes.next_read() {
            read(sources, &request, &mut buffer).await?;
            if !is_latest() {
                return Ok(None);
            }
            bytes.feed(&request, &buffer);
        }
        post::part(&LookAnswer::Bytes { number, bytes: bytes.finish() });
    }
    let begun_ms = js_sys::Date::now();
    let mut tell = post::progress();
    let asked_for = core::slice::from_ref(&source);
    let mut structure = Structure::going_on(places, asked_for, query, MARKS.take(), UNPACKED.take())?;
    while is_latest()
        && let Some(request) = structure.next_read()
    {
        read(sources, &request, &mut buffer).await?;
        structure.feed(&request, &buffer);
        if is_packed && js_sys::Date::now() - begun_ms >= TELL_AFTER_MS {
            let progress = structure.progress();
            tell(progress.done_bytes, progress.total_bytes);
        }
    }
    let (page, marks, mut unpacked) = structure.finish_keeping();
    MARKS.set(marks);
    if shows_file && is_packed {
        let mut bytes = Bytes::going_on(&source, content_bytes, start, end, unpacked);
        while is_latest()
            && let Some(request) = bytes.next_read()
        {
            read(sources, &request, &mut buffer).await?;
            bytes.feed(&request, &buffer);
        }
        let held;
        (held, unpacked) = bytes.finish_keeping();
        if is_latest() {
            post::part(&LookAnswer::Bytes { number, bytes: held });
        }
    }
    UNPACKED.set(unpacked);
    Ok(is_latest().then_some(page))
}

/// The place of bytes beside the cursor, once round the file.
pub(super) async fn find(asked: BytesAsked, sources: &[Source]) -> Result<Option<BytePlace>, String> {
    let BytesAsked { source, content_bytes, needle, cursor, back } = asked;
    let mut find = ByteFind::new(&source, content_bytes, needle, cursor, back)?;
    let mut buffer = Vec::new();
    let mut tell = post::progress();
    while let Some(request) = find.next_read() {
        read(sources, &request, &mut buffer).await?;
        find.feed(&request, &buffer);
        let at = find.progress();
        tell(at.done_bytes, at.total_bytes);
    }
    Ok(find.finish())
}

async fn read(sources: &[Source], request: &ReadRequest, buffer: &mut Vec<u8>) -> Result<(), String> {
    let source = sources.get(request.file).ok_or("The engine asked for a file that is not there.")?;
    source.read(request.offset, request.offset + request.len as u64)?.bytes(buffer).await
}
