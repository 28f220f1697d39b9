//! Commands that would make a key again, as `redis-cli` reads them from its standard input: one line each.

use std::collections::BTreeMap;

use snaptape_rdb::{Key, LogicalType, Part, StreamId};
use snaptape_report::{Recreation, module_product, units};
use snaptape_wire::{Release, Str};

use crate::{
    Piece, double, id_text,
    output::Output,
    quote::{push_escaped, push_quoted},
};

/// A command is ended once it is this long, or has so many elements.
const LINE_BYTES: usize = 16 << 10;
const LINE_ELEMENTS: usize = 128;
/// Longest element that is held, escaped, until its score or expiry is there.
const MAX_ELEMENT: usize = 64 << 20;
/// Most pending entries of a group that are held until their consumers are there.
const MAX_PENDING: usize = 1 << 20;

/// Writes them.
#[derive(Debug)]
pub struct Commands {
    out: Output,
    written: u64,
    release: Release,
    kind: LogicalType,
    db: u64,
    key: String,
    expires_at_ms: Option<i64>,
    refused: Option<String>,
    notes: Vec<String>,
    /// The command that is being put together; elements in it.
    line: String,
    in_line: usize,
    /// Strings of the element, each in quotes with a space before it.
    element: String,
    texts: usize,
    /// The first of them.
    first_text: String,
    is_first: bool,
    left_out: u64,
    score: Option<f64>,
    field_expiry_ms: Option<i64>,
    /// Commands that come behind the line.
    behind: Vec<String>,
    stream: Stream,
    scratch: Vec<u8>,
}

/// What is known of a stream.
#[derive(Debug, Default)]
struct Stream {
    entries: u64,
    group: String,
    consumer: String,
    pending: BTreeMap<StreamId, (i64, u64)>,
    lost_pending: u64,
    consumers: u64,
    had_pending: bool,
    deleted: bool,
}

impl Commands {
    /// For a key of a file that `release` wrote; at most so many bytes are held.
    pub fn new(key: &Key<'_>, name: &[u8], db: u64, release: Release, held_bytes: usize) -> Self {
        let mut quoted = String::new();
        push_quoted(&mut quoted, name);
        let kind = key.logical();
        let mut this = Self {
            out: Output::new(held_bytes),
            written: 0,
            release,
            kind,
            db,
            key: quoted,
            expires_at_ms: key.expires_at_ms,
            refused: None,
            notes: Vec::new(),
            line: String::new(),
            in_line: 0,
            element: String::new(),
            texts: 0,
            first_text: String::new(),
            is_first: false,
            left_out: 0,
            score: None,
            field_expiry_ms: None,
            behind: Vec::new(),
            stream: Stream::default(),
            scratch: Vec::new(),
        };
        match kind {
            LogicalType::Array | LogicalType::RateLimiter | LogicalType::Cron | LogicalType::Json => {
                this.refused =
                    Some(format!("No commands are known here that make a value of type {}.", kind.name()));
            }
            // Which one it is comes with the value.
            LogicalType::Module => {}
            _ => this.command(&format!("SELECT {db}")),
        }
        if kind == LogicalType::String {
            let front = format!("SET {} ", this.key);
            this.out.push(front.as_bytes());
        }
        this
    }

    /// Is there nothing to be had?
    pub fn is_refused(&self) -> bool {
        self.refused.is_some()
    }

    /// What has come since this was asked last.
    pub fn take_bytes(&mut self) -> Vec<u8> {
        self.out.take()
    }

    fn command(&mut self, line: &str) {
        self.written += 1;
        self.out.push(line.as_bytes());
        self.out.push(b"\n");
    }

    /// Takes the next piece of the value.
    pub fn piece(&mut self, piece: Piece<'_>) {
        if self.refused.is_some() {
            return;
        }
        if self.kind == LogicalType::String {
            self.string(piece);
            return;
        }
        if self.kind == LogicalType::Module {
            self.module(piece);
            return;
        }
        match piece {
            Piece::Text(_) => {
                self.is_first = self.texts == 0;
                self.texts += 1;
                self.element.push_str(" \"");
            }
            Piece::Bytes(bytes) => {
                if self.element.len() < MAX_ELEMENT {
                    push_escaped(&mut self.element, bytes);
                }
                if self.is_first && self.kind == LogicalType::Hash && self.first_text.len() < MAX_ELEMENT {
                    push_escaped(&mut self.first_text, bytes);
                }
            }
            Piece::TextEnd => self.element.push('"'),
            Piece::Score(score) => {
                if score == 0.0 && score.is_sign_negative() {
                    // Source: t_zset.c, `zzlInsertAt`: it becomes a whole number.
                    self.note("A score of -0 becomes 0 where the server packs the sorted set.");
                }
                self.score = Some(score);
            }
            Piece::Expiry(at_ms) => self.field_expiry_ms = at_ms,
            Piece::Entry(id, _) => self.line = format!("XADD {} {}", self.key, id_text(id)),
            Piece::End => self.end_element(),
            Piece::TooLong(_) => {
                self.refused = Some("It is one packed value that is too long to be looked into.".into());
            }
            Piece::Beside(part) => self.beside(&part),
            Piece::Index(_) | Piece::Double(_) | Piece::Number(..) | Piece::Name(_) | Piece::Misfit => {}
        }
    }

    /// However long it is, it passes through.
    fn string(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Text(_) => self.out.push(b"\""),
            Piece::Bytes(bytes) => {
                for bytes in bytes.chunks(LINE_BYTES) {
                    self.line.clear();
                    push_escaped(&mut self.line, bytes);
                    self.out.push(self.line.as_bytes());
                }
                self.line.clear();
            }
            Piece::TextEnd => {
                self.written += 1;
                self.out.push(b"\"\n");
            }
            _ => {}
        }
    }

    /// A JSON document is its text; there are no commands that make exactly the value of another module.
    fn module(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Beside(Part::Module(id)) => {
                if &id.name() == b"ReJSON-RL" && matches!(id.encoding_version(), 0 | 2 | 3) {
                    self.command(&format!("SELECT {}", self.db));
                    let front = format!("JSON.SET {} $ ", self.key);
                    self.out.push(front.as_bytes());
                    self.note("The server needs a module that has JSON.SET: RedisJSON or Valkey JSON.");
                } else {
                    self.refused = Some(no_commands(&id.name()));
                }
            }
            Piece::Misfit | Piece::Number(..) | Piece::Double(_) => {
                self.refused = Some("The document cannot be read; RESTORE takes it over as it is.".into());
            }
            // What stands behind the document is no part of it.
            Piece::End => self.in_line += 1,
            piece if self.in_line == 0 => self.string(piece),
            _ => {}
        }
    }

    fn end_element(&mut self) {
        let element = core::mem::take(&mut self.element);
        let field = core::mem::take(&mut self.first_text);
        let (score, expiry) = (self.score.take(), self.field_expiry_ms.take());
        self.texts = 0;
        if element.len() >= MAX_ELEMENT {
            self.left_out += 1;
            self.line.clear();
            return;
        }
        if self.kind == LogicalType::Stream {
            self.stream.entries += 1;
            let line = core::mem::take(&mut self.line);
            self.command(&(line + &element));
            return;
        }
        if self.line.is_empty() {
            let word = match self.kind {
                LogicalType::List => "RPUSH",
                LogicalType::Set => "SADD",
                LogicalType::Zset => "ZADD",
                _ => "HSET",
            };
            self.line = format!("{word} {}", self.key);
        }
        if let Some(score) = score {
            self.line.push(' ');
            self.line.push_str(&double(score));
        }
        self.line.push_str(&element);
        if let Some(at_ms) = expiry {
            self.behind.push(format!("HPEXPIREAT {} {at_ms} FIELDS 1 \"{field}\"", self.key));
        }
        self.in_line += 1;
        if self.line.len() >= LINE_BYTES || self.in_line >= LINE_ELEMENTS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        if self.in_line > 0 && self.kind != LogicalType::Module {
            let line = core::mem::take(&mut self.line);
            self.command(&line);
        }
        self.in_line = 0;
        for line in core::mem::take(&mut self.behind) {
            self.command(&line);
        }
    }

    fn name(&mut self, name: &Str<'_>) -> String {
        let mut quoted = String::new();
        match name.decode(&mut self.scratch) {
            Ok(bytes) => push_quoted(&mut quoted, bytes),
            Err(_) => quoted.push_str("\"\""),
        }
        quoted
    }

    /// What a stream says beside its entries. Source: aof.c, `rewriteStreamObject`.
    fn beside(&mut self, part: &Part<'_>) {
        let key = self.key.clone();
        match *part {
            Part::StreamInfo(info) => {
                let last = id_text(info.last_id);
                if self.stream.entries == 0 && info.last_id == StreamId::default() {
                    self.command(&format!("XGROUP CREATE {key} snaptape $ MKSTREAM"));
                    self.command(&format!("XGROUP DESTROY {key} snaptape"));
                } else if self.stream.entries == 0 {
                    // Of an empty stream there is no other way to say the last ID.
                    self.command(&format!("XADD {key} MAXLEN 0 {last} x y"));
                }
                self.stream.deleted = true;
                let since_7 = match (info.entries_added, info.max_deleted_id) {
                    (Some(added), Some(deleted)) => {
                        self.stream.deleted = deleted != StreamId::default();
                        format!(" ENTRIESADDED {added} MAXDELETEDID {}", id_text(deleted))
                    }
                    _ => String::new(),
                };
                if info.last_id != StreamId::default() || !since_7.is_empty() {
                    self.command(&format!("XSETID {key} {last}{since_7}"));
                }
            }
            Part::StreamGroup { name, last_id, entries_read } => {
                self.end_group();
                self.stream.group = self.name(&name);
                let read = entries_read.map(|n| format!(" ENTRIESREAD {n}")).unwrap_or_default();
                let group = self.stream.group.clone();
                self.command(&format!("XGROUP CREATE {key} {group} {}{read}", id_text(last_id)));
            }
            Part::StreamPending { id, delivered_at_ms, deliveries } => {
                self.stream.had_pending = true;
                if self.stream.pending.len() < MAX_PENDING {
                    self.stream.pending.insert(id, (delivered_at_ms, deliveries));
                } else {
                    self.stream.lost_pending += 1;
                }
            }
            Part::StreamConsumer { name, .. } => {
                self.stream.consumer = self.name(&name);
                self.stream.consumers += 1;
                if self.release.at_least_redis(6, 2) {
                    let (group, consumer) = (self.stream.group.clone(), self.stream.consumer.clone());
                    self.command(&format!("XGROUP CREATECONSUMER {key} {group} {consumer}"));
                }
            }
            Part::StreamOwned(id) => {
                let Some((at_ms, times)) = self.stream.pending.remove(&id) else { return };
                let (group, consumer) = (self.stream.group.clone(), self.stream.consumer.clone());
                self.command(&format!(
                    "XCLAIM {key} {group} {consumer} 0 {} TIME {at_ms} RETRYCOUNT {times} JUSTID FORCE",
                    id_text(id)
                ));
            }
            Part::StreamIdempotence { .. } => {
                self.note("What it remembers of entries added twice (Redis 8.6) is not made again.");
            }
            _ => {}
        }
    }

    fn end_group(&mut self) {
        self.stream.lost_pending += self.stream.pending.len() as u64;
        self.stream.pending.clear();
    }

    fn note(&mut self, note: &str) {
        if !self.notes.iter().any(|known| known == note) {
            self.notes.push(note.into());
        }
    }

    /// The value is over.
    pub fn end(&mut self) {
        if self.refused.is_some() {
            return;
        }
        self.flush();
        if self.kind == LogicalType::Stream {
            self.end_group();
            if self.stream.lost_pending > 0 {
                let lost = self.stream.lost_pending;
                self.note(&format!(
                    "{} not made again: no consumer holds them, or there are too many.",
                    units::plural(lost, "pending entry is", "pending entries are")
                ));
            }
            if self.stream.had_pending && self.stream.deleted {
                self.note("A pending entry that was deleted from the stream is not made again: no server lets it be claimed.");
            }
            if self.stream.consumers > 0 {
                self.note("When its consumers were seen last is the time of the commands.");
            }
        }
        if self.left_out > 0 {
            let left_out = self.left_out;
            self.note(&format!(
                "{} left out.",
                units::plural(left_out, "element of more than 64 MB is", "elements of more than 64 MB are")
            ));
        }
        if let Some(at_ms) = self.expires_at_ms {
            let line = format!("PEXPIREAT {} {at_ms}", self.key);
            self.command(&line);
        }
    }

    /// What there is.
    pub fn finish(self) -> Recreation {
        Recreation {
            shell: None,
            len_bytes: self.out.len(),
            bytes: self.out.finish(),
            commands: self.written,
            notes: self.notes,
            line: None,
            refused: self.refused,
        }
    }
}

fn no_commands(name: &[u8; 9]) -> String {
    if name == b"vectorset" {
        return "No commands make it exactly: VADD would link the vectors in another way. RESTORE takes it over as it is.".into();
    }
    let name = String::from_utf8_lossy(name);
    let what =
        module_product(&name).map_or_else(|| format!("the type {name}"), |product| format!("\"{product}\""));
    format!(
        "No commands are known here that make exactly this value of {what}. RESTORE takes it over as it is."
    )
}
