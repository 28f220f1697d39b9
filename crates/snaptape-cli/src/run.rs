//! Drives a job over files: the next read is always under way while the job works on the last one.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
    sync::mpsc,
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use snaptape_analysis::KeyFacts;
use snaptape_engine::{Job, Options, Outcome, ReadRequest};
use snaptape_report::{Choice, PatternOptions};

use crate::input::Inputs;

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// What costs time and is done only for whom it serves.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Asked<'a> {
    /// The release to answer for.
    pub(crate) target: Option<&'a str>,
    /// The allocator to assume.
    pub(crate) allocator: Option<&'a str>,
    /// The digest of every value.
    pub(crate) digest: bool,
    /// A look into every value.
    pub(crate) deep: bool,
    /// How key names are put into groups, if not as usual.
    pub(crate) patterns: Option<&'a PatternOptions>,
    /// What was chosen on a tape.
    pub(crate) choice: Option<&'a Choice>,
}

/// Reads the inputs to their end; every key goes to `keys`.
pub(crate) fn job(
    inputs: &Inputs,
    asked: Asked<'_>,
    mut keys: impl FnMut(&KeyFacts<'_>, Option<&str>) -> Result<()>,
) -> Result<Outcome> {
    let Asked { target, allocator, digest, deep, patterns, choice } = asked;
    let patterns = patterns.cloned().unwrap_or_default();
    let (target, allocator) = (target.map(Into::into), allocator.map(Into::into));
    let options = Options {
        target,
        allocator,
        now_ms: now_ms(),
        digest,
        deep,
        patterns,
        choice: choice.cloned(),
        ..Options::default()
    };
    let mut job = Job::new(inputs.files.clone(), options)?;
    let bar = progress_bar(job.progress().total_bytes);
    let mut failed = Ok(());
    std::thread::scope(|scope| -> Result<()> {
        // One read under way, one waiting to be fed.
        let (ask, asked) = mpsc::sync_channel::<ReadRequest>(1);
        let (give, given) = mpsc::sync_channel::<Result<(ReadRequest, Vec<u8>)>>(1);
        scope.spawn(move || {
            let mut open: Option<(usize, File)> = None;
            for request in asked {
                let answer = read(&inputs.places, &mut open, &request).map(|bytes| (request, bytes));
                if give.send(answer).is_err() {
                    break;
                }
            }
        });
        let mut under_way = 0;
        while !job.is_done() {
            while under_way < 2
                && let Some(request) = job.next_read()
            {
                ask.send(request).ok().context("reading stopped")?;
                under_way += 1;
            }
            let (request, bytes) = given.recv().context("reading stopped")??;
            under_way -= 1;
            job.feed_keys(&request, &bytes, |key, file| {
                if failed.is_ok() {
                    failed = keys(key, file);
                }
            });
            core::mem::replace(&mut failed, Ok(()))?;
            bar.set_position(job.progress().done_bytes);
        }
        drop(ask);
        Ok(())
    })?;
    bar.finish_and_clear();
    Ok(job.finish())
}

/// The bytes of a request; fewer where the file has become shorter.
pub(crate) fn read(
    places: &[impl AsRef<Path>],
    open: &mut Option<(usize, File)>,
    request: &ReadRequest,
) -> Result<Vec<u8>> {
    let place = places.get(request.file).context("no such input")?.as_ref();
    let context = || format!("reading {}", place.display());
    let file = match open {
        Some((index, file)) if *index == request.file => file,
        _ => &mut open.insert((request.file, File::open(place).with_context(context)?)).1,
    };
    file.seek(SeekFrom::Start(request.offset)).with_context(context)?;
    let mut bytes = Vec::with_capacity(request.len);
    file.take(request.len as u64).read_to_end(&mut bytes).with_context(context)?;
    Ok(bytes)
}

/// A bar on a terminal, nothing elsewhere.
fn progress_bar(total_bytes: u64) -> ProgressBar {
    use std::io::IsTerminal as _;
    // What is read in a blink needs no bar.
    if total_bytes < 64 << 20 || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(total_bytes);
    if let Ok(style) = ProgressStyle::with_template(
        "{bar:40} {decimal_bytes}/{decimal_total_bytes} {decimal_bytes_per_sec} {eta} left",
    ) {
        bar.set_style(style);
    }
    bar
}
