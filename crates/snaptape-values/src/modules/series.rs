//! Time series of RedisTimeSeries, with their samples.

use core::fmt::Write as _;

use snaptape_report::units;

use super::{
    Layout, Next,
    gorilla::{self, Chunk},
    out::Out,
    rules::{AGGREGATIONS, Kind},
};
use crate::number;

/// `TSDB-TYPE`. Source: RedisTimeSeries, src/rdb.c, `series_rdb_save` and `series_rdb_load`; src/compaction.c for what a rule keeps.
#[derive(Debug)]
pub(super) struct Series {
    version: u64,
    at: At,
    retention_ms: u64,
    chunk_size: u64,
    uncompressed: bool,
    last_ms: u64,
    counter: Option<u64>,
    source: bool,
    labels: Labels,
    /// Rules, samples or chunks to come; their number.
    left: u64,
    n: u64,
    rules: u64,
    /// What comes of the context of a rule.
    context: &'static [(Kind, &'static str)],
    chunks: u64,
    chunk: Chunk,
    samples: u64,
    first_ms: Option<u64>,
    undecoded: u64,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Key,
    Retention,
    ChunkSize,
    Options,
    LastTime,
    LastValue,
    Counter,
    DuplicatePolicy,
    HasSource,
    Source,
    IgnoreTime,
    IgnoreValue,
    Labels,
    Label,
    LabelValue,
    Rules,
    RuleKey,
    RuleBucket,
    RuleAlignment,
    RuleAggregation,
    RuleStart,
    RuleContext,
    Samples,
    SampleTime,
    SampleValue,
    Chunks,
    /// Fields of a compressed chunk.
    Chunk(u8),
    /// Fields of an uncompressed one.
    Plain(u8),
    End,
}

/// The labels the sentence names.
#[derive(Debug, Default)]
struct Labels {
    words: String,
    name: Vec<u8>,
    n: u64,
}

const NAMED_LABELS: u64 = 8;
const LABEL_BYTES: usize = 64;
/// A sample that is not compressed: timestamp and double.
const SAMPLE_BYTES: usize = 16;

/// Options of a series: no compression.
const UNCOMPRESSED: u64 = 1;

/// Source: src/consts.h.
const DUPLICATE_POLICIES: [&str; 7] = ["none", "block", "last", "first", "min", "max", "sum"];

fn period(ms: u64) -> String {
    if ms == 0 { "for ever".into() } else { units::duration_ms(ms) }
}

fn time(ms: u64) -> String {
    i64::try_from(ms).map_or_else(|_| format!("{ms} ms"), units::time_ms)
}

impl Series {
    pub(super) fn new(version: u64) -> Self {
        Self {
            version,
            at: At::Key,
            retention_ms: 0,
            chunk_size: 0,
            uncompressed: version == 0,
            last_ms: 0,
            counter: None,
            source: false,
            labels: Labels::default(),
            left: 0,
            n: 0,
            rules: 0,
            context: &[],
            chunks: 0,
            chunk: Chunk::default(),
            samples: 0,
            first_ms: None,
            undecoded: 0,
        }
    }

    fn behind_source(&self) -> At {
        if self.version >= 8 { At::IgnoreTime } else { At::Labels }
    }

    fn next_label(&self) -> At {
        if self.left == 0 { At::Rules } else { At::Label }
    }

    fn next_rule(&self) -> At {
        match (self.left, self.version) {
            (0, 0 | 1) => At::Samples,
            (0, _) => At::Chunks,
            _ => At::RuleKey,
        }
    }

    fn next_chunk(&self) -> At {
        match (self.left, self.uncompressed) {
            (0, _) => At::End,
            (_, true) => At::Plain(0),
            (_, false) => At::Chunk(0),
        }
    }

    /// A field of the context of a rule is done; the rule with the last.
    fn next_context(&mut self, out: &mut Out<'_, '_>) -> At {
        if self.context.is_empty() {
            out.end();
            self.left -= 1;
            return self.next_rule();
        }
        At::RuleContext
    }

    fn sample(&mut self, at: u64, value: f64, out: &mut Out<'_, '_>) {
        self.samples += 1;
        self.first_ms.get_or_insert(at);
        if out.is_wanted() {
            out.row(format_args!("{at} ({})", time(at)), format_args!("{}", number::double(value)));
        } else {
            out.skip();
        }
    }

    fn chunk_field(&mut self, field: u8, n: u64) {
        let chunk = &mut self.chunk;
        match field {
            0 => {
                *chunk = Chunk { bytes: n, ..Chunk::default() };
                self.n += 1;
            }
            1 => chunk.samples = n,
            2 => chunk.bits = n,
            3 => chunk.first_value = n,
            4 => chunk.first_ms = n,
            5 => chunk.last_ms = n,
            6 => chunk.last_delta = n,
            7 => chunk.last_value = n,
            // Of use to who adds a sample.
            _ => {}
        }
    }

    fn chunk_row(&self, out: &mut Out<'_, '_>) {
        let chunk = self.chunk;
        out.begin(format_args!("chunk {}", self.n));
        out.pair("samples", format_args!("{}", chunk.samples));
        out.pair("size", format_args!("{}", chunk.bytes));
        if !self.uncompressed {
            out.pair("bits used", format_args!("{}", chunk.bits));
        }
        out.end();
    }

    /// What cannot be decoded stays as it is.
    fn undecoded(&mut self, data: &[u8], out: &mut Out<'_, '_>) {
        self.undecoded += 1;
        out.begin(format_args!("chunk {}: data", self.n));
        out.text(data);
        out.end();
        if self.chunk.samples > 0 {
            self.samples = self.samples.saturating_add(self.chunk.samples);
            self.first_ms.get_or_insert(self.chunk.first_ms);
        }
    }

    fn plain(&mut self, data: &[u8], out: &mut Out<'_, '_>) {
        let len = usize::try_from(self.chunk.samples).ok().and_then(|n| n.checked_mul(SAMPLE_BYTES));
        let Some(samples) = len.and_then(|len| data.get(..len)) else {
            self.undecoded(data, out);
            return;
        };
        for sample in samples.chunks_exact(SAMPLE_BYTES) {
            let (at, value) = sample.split_at(8);
            let word = |bytes: &[u8]| bytes.try_into().map_or(0, u64::from_le_bytes);
            self.sample(word(at), f64::from_bits(word(value)), out);
        }
    }
}

impl Layout for Series {
    fn next(&self) -> Next {
        match self.at {
            At::Key | At::Source | At::RuleKey => Next::Pass,
            At::Label | At::LabelValue | At::Chunk(10..) | At::Plain(3..) => Next::Hold,
            At::LastValue | At::IgnoreValue | At::SampleValue => Next::Double,
            At::RuleContext if self.context.first().is_some_and(|(kind, _)| *kind == Kind::Double) => {
                Next::Double
            }
            At::End => Next::End,
            _ => Next::Uint,
        }
    }

    fn uint(&mut self, n: u64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::Retention => {
                self.retention_ms = n;
                out.row(format_args!("retention"), format_args!("{n} ({})", period(n)));
                At::ChunkSize
            }
            At::ChunkSize => {
                self.chunk_size = n;
                match self.version {
                    0 | 1 => out.number("samples per chunk", n),
                    _ => out.row(format_args!("chunk size"), format_args!("{n} ({})", units::bytes(n))),
                }
                if self.version == 0 { At::Labels } else { At::Options }
            }
            At::Options => {
                self.uncompressed = n & UNCOMPRESSED != 0;
                let words = if self.uncompressed { "uncompressed" } else { "compressed" };
                out.row(format_args!("options"), format_args!("{n} ({words})"));
                if self.version >= 2 { At::LastTime } else { At::Labels }
            }
            At::LastTime => {
                self.last_ms = n;
                out.row(format_args!("last timestamp"), format_args!("{n} ({})", time(n)));
                At::LastValue
            }
            At::Counter => {
                self.counter = Some(n);
                out.number("total samples", n);
                if self.version >= 3 { At::DuplicatePolicy } else { At::HasSource }
            }
            At::DuplicatePolicy => {
                let word = usize::try_from(n).ok().and_then(|n| DUPLICATE_POLICIES.get(n));
                out.row(
                    format_args!("duplicate policy"),
                    format_args!("{n} ({})", word.unwrap_or(&"not known here")),
                );
                At::HasSource
            }
            At::HasSource => {
                self.source = n != 0;
                if self.source { At::Source } else { self.behind_source() }
            }
            At::IgnoreTime => {
                out.row(format_args!("ignore, max time difference"), format_args!("{n} ms"));
                At::IgnoreValue
            }
            At::Labels => {
                (self.left, self.labels.n) = (n, n);
                self.n = 0;
                out.number("labels", n);
                self.next_label()
            }
            At::Rules => {
                // What rules kept before version 7 is not certain.
                if n > 0 && self.version < 7 {
                    return None;
                }
                (self.left, self.rules) = (n, n);
                self.n = 0;
                out.number("compaction rules", n);
                self.next_rule()
            }
            At::RuleBucket => {
                out.pair("bucket", format_args!("{n} ({})", units::duration_ms(n)));
                At::RuleAlignment
            }
            At::RuleAlignment => {
                out.pair("alignment", format_args!("{n}"));
                At::RuleAggregation
            }
            At::RuleAggregation => {
                let (word, context) = AGGREGATIONS.get(usize::try_from(n).ok()?).filter(|_| n > 0)?;
                self.context = context;
                out.pair("aggregation", format_args!("{word}"));
                At::RuleStart
            }
            At::RuleStart => {
                out.pair("current bucket", format_args!("{n} ({})", time(n)));
                self.next_context(out)
            }
            At::RuleContext => {
                let ((_, name), rest) = self.context.split_first()?;
                self.context = rest;
                out.pair(name, format_args!("{n}"));
                self.next_context(out)
            }
            At::Samples => {
                self.left = n;
                out.number("samples", n);
                if n == 0 { At::End } else { At::SampleTime }
            }
            At::SampleTime => {
                self.last_ms = n;
                At::SampleValue
            }
            At::Chunks => {
                (self.left, self.chunks) = (n, n);
                self.n = 0;
                out.number("chunks", n);
                self.next_chunk()
            }
            At::Chunk(field) => {
                self.chunk_field(field, n);
                At::Chunk(field + 1)
            }
            At::Plain(field) => {
                match field {
                    0 => {
                        self.chunk = Chunk { first_ms: n, ..Chunk::default() };
                        self.n += 1;
                    }
                    1 => self.chunk.samples = n,
                    _ => self.chunk.bytes = n,
                }
                At::Plain(field + 1)
            }
            _ => return None,
        };
        Some(())
    }

    fn double(&mut self, n: f64, out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::LastValue => {
                out.double("last value", n);
                At::Counter
            }
            At::IgnoreValue => {
                out.double("ignore, max value difference", n);
                At::Labels
            }
            At::RuleContext => {
                let ((_, name), rest) = self.context.split_first()?;
                self.context = rest;
                out.double_pair(name, n);
                self.next_context(out)
            }
            At::SampleValue => {
                self.sample(self.last_ms, n, out);
                self.left -= 1;
                if self.left == 0 { At::End } else { At::SampleTime }
            }
            _ => return None,
        };
        Some(())
    }

    fn text(&mut self, _: u64, out: &mut Out<'_, '_>) -> Option<()> {
        match self.at {
            At::Key => out.begin(format_args!("key")),
            At::Source => out.begin(format_args!("source key")),
            _ => {
                self.n += 1;
                out.begin(format_args!("compaction rule {}", self.n));
                out.text(b"into");
            }
        }
        Some(())
    }

    fn text_end(&mut self, out: &mut Out<'_, '_>) {
        self.at = match self.at {
            At::Key => {
                out.end();
                At::Retention
            }
            At::Source => {
                out.end();
                self.behind_source()
            }
            _ => At::RuleBucket,
        };
    }

    fn held(&mut self, bytes: &[u8], out: &mut Out<'_, '_>) -> Option<()> {
        self.at = match self.at {
            At::Label => {
                self.labels.name = bytes.to_vec();
                At::LabelValue
            }
            At::LabelValue => {
                self.n += 1;
                out.begin(format_args!("label {}", self.n));
                out.text(&self.labels.name);
                out.text(bytes);
                out.end();
                if self.n <= NAMED_LABELS {
                    let short = |bytes: &[u8]| {
                        let is_cut = bytes.len() > LABEL_BYTES;
                        units::printable(bytes.get(..LABEL_BYTES).unwrap_or(bytes))
                            + if is_cut { "…" } else { "" }
                    };
                    let between = if self.n > 1 { ", " } else { "" };
                    let _ =
                        write!(self.labels.words, "{between}{}={}", short(&self.labels.name), short(bytes));
                }
                self.left -= 1;
                self.next_label()
            }
            At::Plain(_) => {
                if self.chunk.bytes != bytes.len() as u64 {
                    return None;
                }
                self.chunk_row(out);
                self.plain(bytes, out);
                self.left -= 1;
                self.next_chunk()
            }
            _ => {
                if self.chunk.bytes != bytes.len() as u64 {
                    return None;
                }
                self.chunk_row(out);
                // First whether they all can be read: none is shown that might be wrong.
                let chunk = self.chunk;
                if gorilla::samples(&chunk, bytes, &mut |_, _| {}) {
                    gorilla::samples(&chunk, bytes, &mut |at, value| self.sample(at, value, out));
                } else {
                    self.undecoded(bytes, out);
                }
                self.left -= 1;
                self.next_chunk()
            }
        };
        Some(())
    }

    fn sentence(&self) -> String {
        let mut out = format!("Time series: {}", units::plural(self.samples, "sample", "samples"));
        if let Some(first) = self.first_ms {
            let _ = write!(out, " from {} to {}", time(first), time(self.last_ms));
        }
        let _ = write!(out, ", kept {}", period(self.retention_ms));
        if self.version >= 2 {
            let how = if self.uncompressed { "uncompressed" } else { "compressed" };
            let _ = write!(
                out,
                ", {} of {}, {how}",
                units::plural(self.chunks, "chunk", "chunks"),
                units::bytes(self.chunk_size)
            );
        }
        if self.labels.n > 0 {
            let more = self.labels.n.saturating_sub(NAMED_LABELS);
            let _ = write!(out, ", labels {}", self.labels.words);
            if more > 0 {
                let _ = write!(out, " and {} more", units::count(more));
            }
        }
        if self.rules > 0 {
            let _ = write!(out, ", {}", units::plural(self.rules, "compaction rule", "compaction rules"));
        }
        if self.source {
            out.push_str(", compacted from another one");
        }
        out
    }

    fn note(&self) -> Option<String> {
        if self.undecoded > 0 {
            return Some(format!(
                "The samples of {} cannot be decoded for certain and are left as they are.",
                units::plural(self.undecoded, "chunk", "chunks")
            ));
        }
        let counter = self.counter.filter(|counter| *counter != self.samples)?;
        Some(format!("Its own counter says {}.", units::plural(counter, "sample", "samples")))
    }
}
