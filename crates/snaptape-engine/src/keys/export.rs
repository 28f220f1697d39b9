//! Writes rows of a table down, a little at a time.

use snaptape_analysis::filter::{KeyCells, KeyFilter, KeyTest};

use snaptape_report::PatternOptions;

use super::{KeyFormat, KeyTable};
use crate::{Job, Options, ReadRequest};

/// Rows that one call of [`KeyExport::work`] writes at most.
const ROWS_AT_ONCE: u64 = 8_192;

/// An export under way.
#[derive(Debug)]
pub struct KeyExport {
    from: From,
    format: KeyFormat,
    /// The paths of the files, by number, where there are several.
    paths: Vec<String>,
    /// Was the header written? Which columns there are is known with the first row.
    has_header: bool,
    out: Vec<u8>,
    rows: u64,
}

#[derive(Debug)]
enum From {
    /// Places of the table, and the next one.
    Places {
        places: std::vec::IntoIter<(u64, u64)>,
        at: Option<(u64, u64)>,
    },
    /// The files: not all rows are held.
    Files {
        job: Box<Job>,
        filter: KeyFilter,
        test: Option<KeyTest>,
        now_ms: i64,
        patterns: Box<PatternOptions>,
        archives_opened: u32,
    },
    Nothing,
}

impl KeyExport {
    pub(super) fn held(format: KeyFormat, places: Vec<(u64, u64)>, paths: Vec<String>) -> Self {
        let mut places = places.into_iter();
        let at = places.next();
        Self::new(format, From::Places { places, at }, paths)
    }

    pub(super) fn walking(format: KeyFormat, job: Option<Job>, filter: KeyFilter, options: &Options) -> Self {
        let from = job.map_or(From::Nothing, |job| From::Files {
            job: Box::new(job),
            filter,
            test: None,
            now_ms: options.now_ms,
            patterns: Box::new(options.patterns.clone()),
            archives_opened: u32::MAX,
        });
        Self::new(format, from, Vec::new())
    }

    fn new(format: KeyFormat, from: From, paths: Vec<String>) -> Self {
        Self { from, format, paths, has_header: false, out: Vec::new(), rows: 0 }
    }

    /// The next read, where the rows come from the files.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        match &mut self.from {
            From::Files { job, .. } => job.next_read(),
            From::Places { .. } | From::Nothing => None,
        }
    }

    /// Takes the bytes of a request.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let Self {
            from: From::Files { job, filter, test, now_ms, patterns, archives_opened },
            format,
            paths,
            has_header,
            out,
            rows,
        } = self
        else {
            return;
        };
        if *archives_opened != job.archives_opened() {
            *archives_opened = job.archives_opened();
            *paths = job.sources().iter().map(|source| source.path.clone()).collect();
            // A filter that was asked for was made once already.
            *test = KeyTest::new(filter, *now_ms, paths, patterns).ok();
        }
        job.feed_rows(request, bytes, |key, file| {
            let key = KeyCells::new(key, u32::try_from(file).unwrap_or(u32::MAX));
            if test.as_ref().is_some_and(|test| test.takes(&key)) {
                *rows += 1;
                begin(*format, paths, has_header, out);
                format.write(&key, path(paths, key.file), out);
            }
        });
    }

    /// Writes some rows of the table. True once all are written, or once more has to be fed.
    pub fn work(&mut self, table: &KeyTable) -> bool {
        let Self { from: From::Places { places, at }, format, paths, has_header, out, rows } = self else {
            return true;
        };
        begin(*format, paths, has_header, out);
        let mut left = ROWS_AT_ONCE;
        while left > 0 {
            let Some((first, last)) = *at else { return true };
            let many = left.min((last - first.min(last)).saturating_add(1));
            let before = *rows;
            table.rows(first, many, |key| {
                *rows += 1;
                format.write(key, path(paths, key.file), out);
            });
            left -= many;
            let next = first.saturating_add(many);
            *at = if next > last || *rows - before < many { places.next() } else { Some((next, last)) };
        }
        at.is_none()
    }

    /// Is everything written?
    pub fn is_done(&self) -> bool {
        match &self.from {
            From::Places { at, .. } => at.is_none(),
            From::Files { job, .. } => job.is_done(),
            From::Nothing => true,
        }
    }

    /// Rows that were written.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// What was written since this was asked last.
    pub fn take(&mut self) -> Vec<u8> {
        if self.is_done() {
            begin(self.format, &self.paths, &mut self.has_header, &mut self.out);
        }
        core::mem::take(&mut self.out)
    }

    /// How much of it is not taken yet.
    pub fn waiting_bytes(&self) -> usize {
        self.out.len()
    }
}

/// Writes what stands before the rows, once.
fn begin(format: KeyFormat, paths: &[String], has_header: &mut bool, out: &mut Vec<u8>) {
    if !core::mem::replace(has_header, true) {
        out.extend_from_slice(format.header(paths.len() > 1).as_bytes());
    }
}

/// The path of a file, where there are several.
fn path(paths: &[String], file: u32) -> Option<&str> {
    let path = paths.get(usize::try_from(file).ok()?)?;
    (paths.len() > 1).then_some(path.as_str())
}
