//! The loop around the walks: keeps what belongs to the piece across two windows.

use snaptape_rdb::Magic;
use snaptape_report::{FilePlaces, SpanKind, StructurePage, StructureQuery};

use crate::{Inside, aof::AofWalk, manifest, rdb::RdbWalk, tree::Tree, words};

/// What a step did.
#[derive(Debug)]
pub(crate) enum Took {
    /// So many bytes are done with.
    Bytes(usize),
    /// So many bytes, and so many more that nobody has to see.
    Skip {
        /// Bytes of the input.
        bytes: usize,
        /// Bytes behind them.
        skipped: u64,
    },
    /// It goes on at that offset.
    To(u64),
    /// More bytes are needed.
    More,
    /// It came to its end; what follows is something else.
    End,
    /// Nothing more can be read before that offset, where the file ends.
    Over(u64),
}

/// How far a region is read behind its end to know where the last entry ends.
const BEHIND_BYTES: u64 = 256 << 10;
/// Most spans of a page.
const MOST_SPANS: usize = 2_000;
/// Longest manifest that is looked at.
const MOST_MANIFEST: u64 = 1 << 20;

/// Takes a region of a file apart. It does no I/O: it [wants](Self::wants) the bytes from an offset on, and is
/// [fed](Self::feed) them.
#[derive(Debug)]
pub struct Walk {
    kind: Kind,
    tree: Tree,
    query: StructureQuery,
    places: FilePlaces,
    held: Vec<u8>,
    /// Offset of the first byte held.
    held_at: u64,
    done: bool,
    marks: Marks,
    cut_short: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    /// Not known yet.
    Unknown,
    Rdb(Box<RdbWalk>),
    Aof(AofWalk),
    Manifest,
    Opaque,
}

/// Places from which a file can be read on, kept between two regions of it: inside a value with millions of elements, too.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    file: String,
    content_bytes: u64,
    kept: Vec<(u64, Kind)>,
    step: u64,
}

/// Most marks that are kept.
const MOST_MARKS: usize = 1_024;
/// Bytes between two marks, at first.
const LEAST_STEP: u64 = 1 << 20;

impl Marks {
    fn for_file(self, places: &FilePlaces) -> Self {
        if self.file == places.file && self.content_bytes == places.content_bytes {
            return self;
        }
        Self {
            file: places.file.clone(),
            content_bytes: places.content_bytes,
            kept: Vec::new(),
            step: LEAST_STEP,
        }
    }

    /// The last one not behind an offset.
    fn before(&self, offset: u64) -> Option<&(u64, Kind)> {
        let behind = self.kept.partition_point(|(at, _)| *at <= offset);
        self.kept.get(behind.checked_sub(1)?)
    }

    fn wants(&self, offset: u64) -> bool {
        let last = self.before(offset).map_or(0, |(at, _)| *at);
        offset >= last.saturating_add(self.step)
    }

    fn add(&mut self, offset: u64, kind: &Kind) {
        let at = self.kept.partition_point(|(at, _)| *at <= offset);
        self.kept.insert(at, (offset, kind.clone()));
        while self.kept.len() > MOST_MARKS {
            self.step = self.step.saturating_mul(2);
            let step = self.step;
            self.kept.dedup_by_key(|(at, _)| *at / step);
        }
    }
}

impl Walk {
    /// Over a region. `marks` are those of an earlier walk, over this or any other file.
    pub fn new(places: FilePlaces, query: StructureQuery, marks: Marks) -> Self {
        let marks = marks.for_file(&places);
        let window = query.start..query.start.saturating_add(query.len);
        let tree = match query.inside {
            None => Tree::new(window, MOST_SPANS),
            Some(at) => Tree::inside(Inside::new(at, window, MOST_SPANS)),
        };
        let from = query.inside.unwrap_or(query.start);
        let mut walk = Self {
            kind: Kind::Unknown,
            tree,
            held: Vec::new(),
            held_at: 0,
            done: false,
            cut_short: false,
            query,
            places,
            marks,
        };
        walk.begin(from);
        if walk.places.content_bytes == 0 {
            walk.done = true;
        }
        walk
    }

    fn begin(&mut self, from: u64) {
        let (offset, db) = (self.places.place.offset, self.places.place.db);
        let total = self.places.content_bytes;
        let header =
            self.places.snapshot.as_ref().map(|(magic, version)| {
                (if magic == "VALKEY" { Magic::Valkey } else { Magic::Redis }, *version)
            });
        let on_tape = self.places.tape_start.is_some_and(|start| offset >= start);
        self.kind = match header {
            _ if self.places.is_manifest => Kind::Manifest,
            _ if on_tape => Kind::Aof(AofWalk::new(offset, total, self.places.resume.clone())),
            Some(header) if offset > 0 => {
                let holes = self.places.holes.clone();
                Kind::Rdb(Box::new(RdbWalk::behind(total, holes, header, offset, db)))
            }
            Some(header) => {
                let holes = self.places.holes.clone();
                Kind::Rdb(Box::new(RdbWalk::new(total, holes, Some(header))))
            }
            None => Kind::Unknown,
        };
        if let Some((at, kind)) = self.marks.before(from).filter(|(at, _)| *at > offset) {
            self.held_at = *at;
            self.kind = kind.clone();
        } else {
            self.held_at = match &self.kind {
                Kind::Rdb(rdb) => rdb.offset(),
                Kind::Aof(aof) => aof.offset(),
                Kind::Manifest | Kind::Unknown | Kind::Opaque => 0,
            };
        }
        match &self.kind {
            Kind::Rdb(rdb) => rdb.reopen(&mut self.tree),
            Kind::Aof(aof) => aof.reopen(&mut self.tree),
            Kind::Manifest | Kind::Unknown | Kind::Opaque => {}
        }
    }

    /// Offset in the contents of the next byte it wants; nothing once the region is described.
    pub fn wants(&self) -> Option<u64> {
        let at = self.held_at + self.held.len() as u64;
        (!self.done && at < self.places.content_bytes).then_some(at)
    }

    /// Takes bytes from there on. `eof` says that there are no more, although there should be.
    pub fn feed(&mut self, bytes: &[u8], eof: bool) {
        if self.done {
            return;
        }
        self.held.extend_from_slice(bytes);
        let end = self.held_at + self.held.len() as u64;
        let eof = eof || end >= self.places.content_bytes;
        if eof {
            self.places.content_bytes = self.places.content_bytes.min(end);
        }
        let mut at = 0;
        loop {
            let offset = self.held_at + at as u64;
            if self.is_enough(offset) {
                self.done = true;
                break;
            }
            if self.marks.wants(offset) && !matches!(self.kind, Kind::Unknown | Kind::Opaque | Kind::Manifest)
            {
                self.marks.add(offset, &self.kind);
            }
            let input = self.held.get(at..).unwrap_or_default();
            let took = match &mut self.kind {
                Kind::Rdb(rdb) => rdb.step(input, eof, &mut self.tree),
                Kind::Aof(aof) => aof.step(input, eof, &mut self.tree),
                Kind::Manifest => {
                    if !eof && (input.len() as u64) < MOST_MANIFEST {
                        break;
                    }
                    manifest::show(input, offset, &mut self.tree);
                    Took::Over(offset + input.len() as u64)
                }
                Kind::Unknown => {
                    if input.len() < 16 && !eof {
                        break;
                    }
                    self.kind = sniff(input, offset, &self.places);
                    continue;
                }
                Kind::Opaque => {
                    let about =
                        "Neither a snapshot, nor a tape, nor a manifest: nothing is known of these bytes.";
                    let span = offset..self.places.content_bytes;
                    self.tree.leaf(span.clone(), SpanKind::Opaque, "bytes", words::none, about);
                    Took::Over(span.end)
                }
            };
            match took {
                Took::Bytes(n) => at += n,
                Took::Skip { bytes, skipped } => {
                    let to = (self.held_at + (at + bytes) as u64).saturating_add(skipped);
                    if self.skip_to(&mut at, to) {
                        break;
                    }
                }
                Took::To(offset) => {
                    if self.skip_to(&mut at, offset) {
                        break;
                    }
                }
                Took::More if eof => {
                    self.done = true;
                    break;
                }
                Took::More => break,
                Took::End => {
                    let offset = self.held_at + at as u64;
                    if offset >= self.places.content_bytes {
                        self.done = true;
                        break;
                    }
                    self.kind = match self.places.tape_start {
                        Some(start) if start >= offset && !matches!(self.kind, Kind::Aof(_)) => Kind::Aof(
                            AofWalk::new(offset, self.places.content_bytes, self.places.resume.clone()),
                        ),
                        _ => {
                            let about = "Behind the end of the snapshot: no server reads it.";
                            let span = offset..self.places.content_bytes;
                            self.tree.leaf(
                                span,
                                SpanKind::Opaque,
                                "bytes behind the end",
                                words::none,
                                about,
                            );
                            self.held_at = self.places.content_bytes;
                            self.held.clear();
                            self.done = true;
                            return;
                        }
                    };
                }
                Took::Over(end) => {
                    self.held_at = end;
                    self.held.clear();
                    self.done = true;
                    return;
                }
            }
        }
        self.held.drain(..at.min(self.held.len()));
        self.held_at += at as u64;
        if eof && self.wants().is_none() {
            self.done = true;
        }
    }

    /// Goes on at an offset, which may lie behind what is held. Is nothing held any more?
    fn skip_to(&mut self, at: &mut usize, offset: u64) -> bool {
        let ahead = usize::try_from(offset.saturating_sub(self.held_at)).unwrap_or(usize::MAX);
        if ahead <= self.held.len() {
            *at = ahead;
            return false;
        }
        self.held.clear();
        self.held_at = offset;
        *at = 0;
        true
    }

    fn is_enough(&mut self, offset: u64) -> bool {
        if self.query.inside.is_some() {
            return self.tree.inside.found.is_some() || self.query.inside.is_some_and(|at| offset > at);
        }
        let window = self.tree.window();
        if self.tree.is_full() {
            return true;
        }
        let between = match &self.kind {
            Kind::Rdb(rdb) => rdb.is_between(),
            Kind::Aof(aof) => aof.is_between(),
            Kind::Manifest | Kind::Unknown | Kind::Opaque => false,
        };
        // At the end of the file a snapshot says whether anything is missing.
        let may_miss = matches!(self.kind, Kind::Rdb(_)) && offset >= self.places.content_bytes;
        if offset < window.end || may_miss {
            return false;
        }
        self.cut_short = !between;
        between || offset >= window.end.saturating_add(BEHIND_BYTES)
    }

    /// Is the region described?
    pub fn is_done(&self) -> bool {
        self.done
    }

    /// The region as far as it is described, and the marks for the next one.
    pub fn finish(mut self) -> (StructurePage, Marks) {
        let start = self.query.start;
        let total_bytes = self.places.content_bytes;
        let page = match (self.query.inside, self.tree.inside.found.take()) {
            (None, _) => {
                let read_up_to = self.held_at.min(total_bytes);
                let goes_on = read_up_to < total_bytes && self.cut_short;
                let (spans, end) = self.tree.finish(read_up_to, goes_on);
                let stopped = match &self.kind {
                    Kind::Rdb(rdb) => rdb.missing.as_ref(),
                    _ => None,
                };
                let stopped = stopped.map(|what| format!("The file ends before the snapshot does: {what}."));
                let end = end.min(total_bytes);
                StructurePage { start, end, spans, total_bytes, stopped, ..StructurePage::default() }
            }
            (Some(_), Some(found)) => StructurePage {
                start,
                end: found.end,
                spans: found.spans,
                bytes: found.bytes,
                total_bytes: found.total_bytes,
                stopped: found.wrong,
            },
            (Some(at), None) => {
                let stopped = Some(format!("No compressed string begins at {at}."));
                StructurePage { start, end: start, stopped, ..StructurePage::default() }
            }
        };
        (page, self.marks)
    }
}

fn sniff(front: &[u8], offset: u64, places: &FilePlaces) -> Kind {
    match front {
        [b'R', b'E', b'D', b'I', b'S', ..] | [b'V', b'A', b'L', b'K', b'E', b'Y', ..] if offset == 0 => {
            Kind::Rdb(Box::new(RdbWalk::new(places.content_bytes, Vec::new(), None)))
        }
        [b'*' | b'#', ..] => Kind::Aof(AofWalk::new(offset, places.content_bytes, places.resume.clone())),
        _ => Kind::Opaque,
    }
}
