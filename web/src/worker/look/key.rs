//! Answers questions about one key.

use js_sys::{Array, Uint8Array};
use snaptape_engine::{KeyAsked, KeyQuestion, KeyRead, Source as Place};
use snaptape_report::KeyAnswer;
use web_sys::Blob;

use crate::protocol::LookAnswer;
use crate::worker::post;
use crate::worker::source::Source;

/// Often enough that a search is seen to get on.
const TELL_EVERY_MS: f64 = 150.0;

/// The answer; of a search, what was not told on the way. Commands and payloads that are wanted whole come as a file beside it.
pub(super) async fn answer(
    asked: KeyAsked,
    place: &Place,
    as_file: bool,
    sources: &[Source],
) -> Result<(KeyAnswer, Option<Blob>), String> {
    let is_search = matches!(&asked.question, KeyQuestion::Elements(asked) if asked.search.is_some());
    let mut read = KeyRead::new(place, asked);
    let mut buffer = Vec::new();
    let parts = Array::new();
    let mut told_ms = js_sys::Date::now();
    while let Some(request) = read.next_read() {
        let source = sources.get(request.file).ok_or("The engine asked for a file that is not there.")?;
        source.read(request.offset, request.offset + request.len as u64)?.bytes(&mut buffer).await?;
        read.feed(&request, &buffer);
        if as_file {
            push(&parts, &read.take_bytes());
        }
        let now_ms = js_sys::Date::now();
        if now_ms - told_ms >= TELL_EVERY_MS {
            told_ms = now_ms;
            let at = read.progress();
            let (rows, matches) = if is_search { read.take_rows() } else { (Vec::new(), 0) };
            post::part(&LookAnswer::KeyFound {
                rows,
                matches,
                done_bytes: at.done_bytes,
                total_bytes: at.total_bytes,
            });
        }
    }
    let mut answer = read.finish()?;
    if !as_file {
        return Ok((answer, None));
    }
    if let KeyAnswer::Commands(made) | KeyAnswer::Payload(made) = &mut answer {
        push(&parts, &core::mem::take(&mut made.bytes));
    }
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(|_| "The browser cannot hold the file.")?;
    Ok((answer, Some(blob)))
}

fn push(parts: &Array, bytes: &[u8]) {
    if !bytes.is_empty() {
        parts.push(&Uint8Array::from(bytes));
    }
}
