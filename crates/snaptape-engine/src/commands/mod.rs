//! Lists the commands of a tape, page by page.
//!
//! The first pass over a set ([`crate::Job`]) keeps sparse places in `Tape::checkpoints`; a list begins at the last one before what it
//! is asked for and reads on from there, so that a jump costs the same in a tape of any length.

mod filter;
mod lister;
mod stretch;

pub use self::filter::CommandFilter;
use self::{
    lister::Lister,
    stretch::{Opened, Stretch, place_before},
};
use crate::{Progress, ReadRequest, Source};
use snaptape_report::{CommandPage, CommandRow, ListFrom, Tape, TapePlace, units};
use snaptape_wire::Release;

/// The first read is small, so that the first rows come at once; each later one is twice as long.
const FIRST_WINDOW: usize = 128 << 10;

/// What to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandQuery {
    /// Where to begin.
    pub from: ListFrom,
    /// Which commands.
    pub filter: CommandFilter,
    /// How many rows at most; at most [`CommandQuery::MAX_ROWS`].
    pub limit: usize,
    /// Read on when the page is full, and count what else there is?
    pub count_all: bool,
    /// How many bytes one read asks for at most.
    pub window_bytes: usize,
}

impl CommandQuery {
    /// Most rows of a page.
    pub const MAX_ROWS: usize = 10_000;
}

impl Default for CommandQuery {
    fn default() -> Self {
        Self {
            from: ListFrom::Start,
            filter: CommandFilter::default(),
            limit: 100,
            count_all: false,
            window_bytes: 8 << 20,
        }
    }
}

/// One page of a list of commands, without I/O of its own: as [`crate::Job`], it says which bytes it wants next.
///
/// ```
/// use snaptape_engine::{CommandList, CommandQuery, InputFile, Job, Options};
///
/// let file = b"*1\r\n$8\r\nFLUSHALL\r\n";
/// let inputs = vec![InputFile { path: "appendonly.aof".into(), bytes: file.len() as u64 }];
/// let mut job = Job::new(inputs, Options::default())?;
/// while let Some(request) = job.next_read() {
///     job.feed(&request, file);
/// }
/// let outcome = job.finish();
/// let tape = outcome.report.tape.unwrap();
/// let mut list = CommandList::new(&tape, &outcome.sources, CommandQuery::default()).unwrap();
/// while let Some(request) = list.next_read() {
///     let start = usize::try_from(request.offset).unwrap();
///     list.feed(&request, &file[start..start + request.len]);
/// }
/// assert_eq!(list.finish().rows[0].name, "FLUSHALL");
/// # Ok::<(), snaptape_engine::JobError>(())
/// ```
#[derive(Debug)]
pub struct CommandList {
    /// What is still to be read; the first one is open.
    stretches: std::collections::VecDeque<Stretch>,
    open: Option<Opened>,
    lister: Lister,
    window: usize,
    max_window: usize,
    count_all: bool,
    done_bytes: u64,
    total_bytes: u64,
    stopped: Option<String>,
}

impl CommandList {
    /// A list over the tape and the sources of an [`crate::Outcome`].
    ///
    /// # Errors
    /// Says what there is not: the file, the number, a time on the tape, the sources.
    pub fn new(tape: &Tape, sources: &[Source], query: CommandQuery) -> Result<Self, String> {
        let start = place_before(tape, &query.from)?;
        let stretches = stretch::from_place(tape, sources, &start)?;
        let total_bytes = stretches.iter().map(Stretch::cost).sum();
        let limit = query.limit.min(CommandQuery::MAX_ROWS);
        let mut list = Self {
            stretches: stretches.into(),
            open: None,
            lister: Lister::new(start, query.from, query.filter, limit),
            window: FIRST_WINDOW.min(query.window_bytes.max(1)),
            max_window: query.window_bytes.max(1),
            count_all: query.count_all,
            done_bytes: 0,
            total_bytes,
            stopped: None,
        };
        if tape.more_files > 0 {
            list.stopped = Some(format!(
                "The list ends with the first {} files; {} not listed.",
                units::count(tape.files.len() as u64),
                units::plural(tape.more_files, "later file is", "later files are")
            ));
        }
        list.open_next();
        Ok(list)
    }

    fn open_next(&mut self) {
        if let Some(stretch) = self.stretches.pop_front() {
            self.lister.begin(&stretch);
            self.open = Some(Opened::new(stretch, Release::redis(8, 0)));
        }
    }

    /// The next read; nothing once the page is complete. Reads are fed one after the other.
    pub fn next_read(&mut self) -> Option<ReadRequest> {
        if self.is_done() {
            return None;
        }
        self.open.as_ref().and_then(|open| open.next_read(self.window))
    }

    /// Takes the bytes of the request. Fewer than asked for mean that the file has become shorter.
    pub fn feed(&mut self, request: &ReadRequest, bytes: &[u8]) {
        let Some(open) = self.open.as_mut().filter(|open| open.expects(request)) else { return };
        self.done_bytes += bytes.len() as u64;
        self.window = (self.window * 2).min(self.max_window);
        open.feed(bytes, bytes.len() < request.len, &mut self.lister);
        if open.is_over()
            && let Some(open) = self.open.take()
        {
            let (file, at) = open.place();
            let message = format!(
                "{file} cannot be read beyond {}: it is not what it was when it was looked through.",
                units::offset(at)
            );
            if open.finish(&mut self.lister) {
                self.open_next();
            } else {
                self.stopped = Some(message);
            }
        }
    }

    /// Is the page complete?
    pub fn is_done(&self) -> bool {
        self.open.is_none() || (self.lister.is_full() && !self.count_all) || self.lister.is_past()
    }

    /// How far it is. Where a page is full before, it is done all the same.
    pub fn progress(&self) -> Progress {
        Progress { done_bytes: self.done_bytes.min(self.total_bytes), total_bytes: self.total_bytes }
    }

    /// Matches so far, rows and others.
    pub fn matches(&self) -> u64 {
        self.lister.matches
    }

    /// The rows that were found since this was asked last: for who shows them as they come. They are then not in the page.
    pub fn take_rows(&mut self) -> Vec<CommandRow> {
        core::mem::take(&mut self.lister.rows)
    }

    /// The page.
    pub fn finish(self) -> CommandPage {
        let at_end = self.open.is_none() || self.lister.is_past();
        let next: Option<TapePlace> = self.lister.next();
        CommandPage {
            counted_to_end: at_end && self.stopped.is_none(),
            matches: self.lister.matches,
            commands_read: self.lister.commands_read,
            stopped: self.stopped.filter(|_| next.is_none()),
            next,
            rows: self.lister.rows,
        }
    }
}
