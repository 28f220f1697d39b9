//! The table over all keys. It stays in this worker from one request to the next.
//!
//! It works in slices and lets messages come in between: a newer question overtakes an older one, and rows are handed out while it works.

use core::cell::RefCell;
use std::collections::VecDeque;

use js_sys::{Array, Uint8Array};
use snaptape_analysis::filter::{KeyCells, parse};
use snaptape_analysis::key_slot;
use snaptape_engine::{KeyExport, KeyFormat, KeySort, KeyStage, KeySums, KeyTable, Options, ReadRequest};
use snaptape_report::units;
use web_sys::Blob;

use crate::protocol::{
    Beside, KeyLine, KeysAnswer, KeysQuery, KeysRequest, KeysStage, KeysStatus, LookAnswer, Sums,
};
use crate::worker::breathe::breathe;
use crate::worker::post;
use crate::worker::source::{Reading, Source};

/// How long it works before it looks for messages.
const SLICE_MS: f64 = 12.0;
/// How often it says how it stands.
const TELL_EVERY_MS: f64 = 120.0;
/// What one read takes: small enough that looking at it is one slice.
const WINDOW_BYTES: usize = 2 << 20;
/// What of an export waits in memory before the browser gets it.
const BLOB_BYTES: usize = 4 << 20;
/// Names that are copied at most.
const MOST_NAMES: u64 = 10_000;
/// Rows that are handed out at once at most.
const MOST_ROWS: u64 = 1_000;

/// The table of this worker.
struct Session {
    table: KeyTable,
    sources: Vec<Source>,
    epoch: u64,
    asked_ms: f64,
    /// Is [`run`] at work?
    running: bool,
    paused: bool,
}

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

const GONE: &str = "There is no table of keys. Open the files again.";

fn with<R>(work: impl FnOnce(&mut Session) -> R) -> Result<R, String> {
    SESSION.with_borrow_mut(|session| session.as_mut().map(work)).ok_or_else(|| GONE.to_owned())
}

/// Answers a request.
pub(super) async fn answer(
    request: KeysRequest,
    sources: Vec<Source>,
) -> Result<(KeysAnswer, Option<Blob>), String> {
    let answer = match request {
        KeysRequest::Open { now_ms, target, allocator, patterns, budget_bytes, query } => {
            let inputs = sources.iter().map(Source::input).collect();
            let options = Options {
                now_ms,
                target,
                allocator,
                patterns,
                window_bytes: WINDOW_BYTES,
                ..Options::default()
            };
            let budget = budget_bytes.and_then(|bytes| usize::try_from(bytes).ok());
            let table = KeyTable::new(inputs, options, budget.unwrap_or(KeyTable::BUDGET_BYTES))
                .map_err(|error| format!("The keys cannot be listed: {error}."))?;
            let session =
                Session { table, sources, epoch: 0, asked_ms: now(), running: false, paused: false };
            SESSION.replace(Some(session));
            ask(query).await?
        }
        KeysRequest::Ask(query) => ask(query).await?,
        KeysRequest::Pause(paused) => {
            with(|session| session.paused = paused)?;
            run().await?
        }
        KeysRequest::Rows { epoch, from, most } => with(|session| {
            let mut rows = Vec::new();
            if epoch == session.epoch {
                session.table.rows(from, most.min(MOST_ROWS), |key| rows.push(line(key)));
            }
            KeysAnswer::Rows { epoch, from, rows }
        })?,
        KeysRequest::Export { csv, places } => return export(csv, places).await,
        KeysRequest::Beside { epoch, file, offset, place } => with(|session| {
            let found = session.table.beside(file, offset, place).filter(|_| epoch == session.epoch);
            let beside = found.map(|found| {
                let one = |place: Option<u64>| {
                    let place = place?;
                    let mut key = None;
                    session.table.one_beside(&found, place, |cells| key = Some(line(cells)));
                    Some((place, key?))
                };
                Box::new(Beside {
                    in_table: found.in_table,
                    previous: one(found.previous),
                    next: one(found.next),
                })
            });
            KeysAnswer::Beside { epoch, offset, beside }
        })?,
        KeysRequest::Names { places } => with(|session| names(session, &places))?,
    };
    Ok((answer, None))
}

async fn ask(query: KeysQuery) -> Result<KeysAnswer, String> {
    let epoch = query.epoch;
    let asked = with(|session| {
        let filter = parse(&query.filter).map_err(|error| error.to_string())?;
        let sort = KeySort::parse(&query.sort).unwrap_or(KeySort::AS_THEY_STAND);
        session.table.ask(filter, sort).map_err(|error| error.to_string())?;
        session.epoch = epoch;
        session.asked_ms = now();
        Ok(())
    })?;
    match asked {
        Ok(()) => run().await,
        Err(message) => {
            // What was asked before goes on.
            Ok(KeysAnswer::Wrong { epoch, message })
        }
    }
}

/// Works until everything is there. There is one of these at a time; it sees what others ask for.
async fn run() -> Result<KeysAnswer, String> {
    if with(|session| core::mem::replace(&mut session.running, true))? {
        return with(|session| KeysAnswer::Status(status(session)));
    }
    let outcome = work().await;
    with(|session| session.running = false)?;
    outcome?;
    with(|session| KeysAnswer::Status(status(session)))
}

async fn work() -> Result<(), String> {
    let mut under_way: VecDeque<(ReadRequest, Reading)> = VecDeque::new();
    let mut walk = 0;
    let mut buffer = Vec::new();
    let mut told_ms = 0.0;
    loop {
        let (is_idle, is_tellable) = with(|session| {
            if session.table.walk() != walk {
                walk = session.table.walk();
                under_way.clear();
            }
            let until = now() + SLICE_MS;
            let mut is_idle = false;
            while !is_idle && now() < until {
                is_idle = session.table.work();
            }
            (is_idle, now() - told_ms >= TELL_EVERY_MS)
        })?;
        if is_tellable {
            told_ms = now();
            with(|session| post::part(&LookAnswer::Keys(KeysAnswer::Status(status(session)))))?;
        }
        if !is_idle {
            breathe().await;
            continue;
        }
        with(|session| {
            while under_way.len() < 2
                && !session.paused
                && let Some(request) = session.table.next_read()
            {
                let source = session
                    .sources
                    .get(request.file)
                    .ok_or("The engine asked for a file that is not there.")?;
                let reading = source.read(request.offset, request.offset + request.len as u64)?;
                under_way.push_back((request, reading));
            }
            Ok::<(), String>(())
        })??;
        let Some((request, reading)) = under_way.pop_front() else { return Ok(()) };
        reading.bytes(&mut buffer).await?;
        with(|session| {
            if session.table.walk() == walk {
                session.table.feed(&request, &buffer);
            }
        })?;
    }
}

fn status(session: &Session) -> KeysStatus {
    let status = session.table.status();
    KeysStatus {
        epoch: session.epoch,
        stage: match status.stage {
            KeyStage::Reading if session.paused => KeysStage::Paused,
            KeyStage::Reading => KeysStage::Reading,
            KeyStage::Filtering => KeysStage::Filtering,
            KeyStage::Sorting => KeysStage::Sorting,
            KeyStage::Done => KeysStage::Done,
        },
        done_bytes: status.read.done_bytes,
        total_bytes: status.read.total_bytes,
        seen: sums(status.seen),
        found: sums(status.found),
        ready: status.ready,
        holds_all: status.holds_all,
        is_search: status.is_search,
        held_bytes: status.held_bytes as u64,
        elapsed_ms: whole_ms(now() - session.asked_ms),
    }
}

fn sums(sums: KeySums) -> Sums {
    let KeySums { keys, memory_bytes, file_bytes, payload_bytes } = sums;
    Sums { keys, memory_bytes, file_bytes, payload_bytes }
}

fn line(key: &KeyCells<'_>) -> KeyLine {
    KeyLine {
        file: key.file,
        offset: key.offset,
        db: key.db,
        name: units::printable(key.name),
        type_name: key.type_name.into(),
        encoding: key.encoding.into(),
        elements: key.elements,
        expires_at_ms: key.expires_at_ms,
        file_bytes: key.file_bytes,
        payload_bytes: key.payload_bytes,
        memory_bytes: key.memory_bytes,
        idle_s: key.idle_s,
        freq: key.freq,
        slot: key_slot(key.name),
    }
}

fn names(session: &Session, places: &[(u64, u64)]) -> KeysAnswer {
    let (mut text, mut names) = (String::new(), 0);
    for (first, last) in places {
        let most = (last - first.min(last)).saturating_add(1).min(MOST_NAMES - names);
        session.table.rows(*first, most, |key| {
            names += 1;
            text.push_str(&units::printable(key.name));
            text.push('\n');
        });
    }
    KeysAnswer::Names { text, names }
}

/// Writes a file, piece by piece into the hands of the browser.
async fn export(csv: bool, places: Vec<(u64, u64)>) -> Result<(KeysAnswer, Option<Blob>), String> {
    let format = if csv { KeyFormat::Csv } else { KeyFormat::Jsonl };
    let (mut export, sources, epoch) =
        with(|session| (session.table.export(format, places), session.sources.clone(), session.epoch))?;
    let pieces = Array::new();
    let (mut bytes, mut told_ms) = (0, now());
    let mut buffer = Vec::new();
    loop {
        if let Some(request) = export.next_read() {
            let source = sources.get(request.file).ok_or("The engine asked for a file that is not there.")?;
            source.read(request.offset, request.offset + request.len as u64)?.bytes(&mut buffer).await?;
            export.feed(&request, &buffer);
        }
        let until = now() + SLICE_MS;
        let is_same = with(|session| {
            while now() < until && !export.work(&session.table) {}
            session.epoch == epoch
        })?;
        if !is_same {
            return Err(
                "Another filter or order was asked for while the rows were written. Export them again."
                    .into(),
            );
        }
        let is_done = export.is_done();
        if is_done || export.waiting_bytes() >= BLOB_BYTES {
            bytes += flush(&mut export, &pieces)?;
        }
        if is_done {
            break;
        }
        if now() - told_ms >= TELL_EVERY_MS {
            told_ms = now();
            let bytes = bytes + export.waiting_bytes() as u64;
            post::part(&LookAnswer::Keys(KeysAnswer::Exported { rows: export.rows(), bytes, csv }));
        }
        breathe().await;
    }
    let blob = Blob::new_with_blob_sequence(&pieces).map_err(|_| no_room())?;
    Ok((KeysAnswer::Exported { rows: export.rows(), bytes, csv }, Some(blob)))
}

fn flush(export: &mut KeyExport, pieces: &Array) -> Result<u64, String> {
    let bytes = export.take();
    let parts = Array::of1(&Uint8Array::from(bytes.as_slice()).into());
    pieces.push(&Blob::new_with_u8_array_sequence(&parts).map_err(|_| no_room())?.into());
    Ok(bytes.len() as u64)
}

fn no_room() -> String {
    "The browser has no room for the file.".into()
}

fn now() -> f64 {
    js_sys::Date::now()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
fn whole_ms(ms: f64) -> u64 {
    ms as u64
}
