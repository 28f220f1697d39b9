//! The fields of a module's value under the names its module gives them, where the layout is known for the name of the type and
//! the version of its encoding.
//!
//! A value is a row of tagged fields. A [`Layout`] says of which kind the next one has to be and makes rows of them; the first field
//! that is of another kind, or contradicts those before it, ends that: the value is [`Fit::Not`], and who shows it asks again for
//! its fields without names. Counts of the file are only counted down.

mod bloom;
mod cuckoo;
mod gorilla;
mod json;
mod out;
mod rules;
mod series;
mod sketch;
mod tair;
mod tree;
mod valkey;
mod vectors;

use core::ops::Range;

use snaptape_rdb::{ModuleId, Part, Role};
use snaptape_report::{ModuleFacts, module_product, units};
use snaptape_wire::{Error, LzfStream, StrHead};

use self::out::Out;
use crate::{Piece, Sink};

/// Longest string that is held to be decoded. Vectors have at most 32,768 dimensions, chunks of a series at most 1 MiB.
const MAX_HELD: u64 = 16 << 20;

/// What a layout wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// An unsigned number; what a module saves as signed comes as one, too.
    Uint,
    Double,
    /// A string of this length (any, if none), which is handed on as it is.
    Pass,
    /// A string that is handed to [`Layout::held`].
    Hold,
    /// Nothing: the value is complete.
    End,
}

/// What fields mean. Each method takes the next field and answers nothing if it does not fit.
trait Layout: core::fmt::Debug {
    fn next(&self) -> Next;
    fn uint(&mut self, _: u64, _: &mut Out<'_, '_>) -> Option<()> {
        None
    }
    fn double(&mut self, _: f64, _: &mut Out<'_, '_>) -> Option<()> {
        None
    }
    /// A string of this length begins, and passes.
    fn text(&mut self, _: u64, _: &mut Out<'_, '_>) -> Option<()> {
        None
    }
    /// It is over.
    fn text_end(&mut self, _: &mut Out<'_, '_>) {}
    fn held(&mut self, _: &[u8], _: &mut Out<'_, '_>) -> Option<()> {
        None
    }
    /// The value in a sentence, without a full stop.
    fn sentence(&self) -> String;
    /// Is the first string of the first row all of it, a document?
    fn is_document(&self) -> bool {
        false
    }
    /// Is a part of it not decoded, and why: a sentence.
    fn note(&self) -> Option<String> {
        None
    }
}

/// Makes a layout for a version.
type Make = fn(u64) -> Box<dyn Layout>;

/// The layout; else the first and last version of the encoding it is known for.
fn layout(id: ModuleId) -> Result<Box<dyn Layout>, Option<(u64, u64)>> {
    let version = id.encoding_version();
    let known: (u64, u64, Make) = match &id.name() {
        b"MBbloom--" => (0, 4, |version| Box::new(bloom::Bloom::new(version))),
        b"MBbloomCF" => (0, 4, |version| Box::new(cuckoo::Cuckoo::new(version))),
        b"bloomfltr" => (1, 1, |_| Box::new(valkey::Bloom::default())),
        b"CMSk-TYPE" => (0, 0, |_| Box::new(sketch::CountMin::default())),
        b"TopK-TYPE" => (0, 0, |_| Box::new(sketch::TopK::default())),
        b"TDIS-TYPE" => (0, 0, |_| Box::new(sketch::TDigest::default())),
        b"TSDB-TYPE" => (0, 8, |version| Box::new(series::Series::new(version))),
        // 1 was never written.
        b"ReJSON-RL" if version == 0 => (0, 0, |_| Box::new(tree::Tree::default())),
        b"ReJSON-RL" => (2, 3, |version| Box::new(json::Document::new(version))),
        b"vectorset" => (0, 0, |_| Box::new(vectors::VectorSet::default())),
        b"exstrtype" => (0, 0, |_| Box::new(tair::ExString::default())),
        b"tairzset_" => (0, 0, |_| Box::new(tair::ExZset::default())),
        _ => return Err(None),
    };
    let (first, last, make) = known;
    if (first..=last).contains(&version) { Ok(make(version)) } else { Err(Some((first, last))) }
}

/// Does the value fit the layout?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// So far.
    SoFar,
    /// Complete, and fields are behind it: so many.
    More(u64),
    /// The field of this number does not.
    Not(u64),
}

/// A string on its way.
#[derive(Debug)]
struct Long {
    lzf: Option<LzfStream>,
    /// What is held of it, if it is.
    held: Option<Vec<u8>>,
}

/// Follows the fields.
#[derive(Debug)]
pub(crate) struct Fields {
    id: Option<ModuleId>,
    layout: Option<Box<dyn Layout>>,
    /// Versions that are known, where this one is not.
    versions: Option<(u64, u64)>,
    fit: Fit,
    unnamed: bool,
    /// Fields so far.
    seen: u64,
    long: Option<Long>,
    wanted: Range<u64>,
    /// Is a row begun?
    in_row: bool,
}

/// What became of a part.
pub(crate) enum Took {
    /// It is done with.
    All,
    /// It is a field without a name.
    Unnamed,
}

impl Fields {
    /// Of a value whose rows are wanted if their number is in the range. Without names if that is wanted, or if it must be.
    pub(crate) fn new(unnamed: bool, wanted: Range<u64>) -> Self {
        Self {
            id: None,
            layout: None,
            versions: None,
            fit: Fit::SoFar,
            unnamed,
            seen: 0,
            long: None,
            wanted,
            in_row: false,
        }
    }

    /// Takes the next part; `element` is the number of the row.
    pub(crate) fn part(
        &mut self,
        part: &Part<'_>,
        element: &mut u64,
        scratch: &mut Vec<u8>,
        sink: Sink<'_>,
    ) -> Result<Took, Error> {
        match *part {
            Part::Module(id) => {
                self.id = Some(id);
                match layout(id) {
                    Ok(layout) => self.layout = Some(layout),
                    Err(versions) => self.versions = versions,
                }
                // It is of interest to others, too.
                sink(*element, Piece::Beside(*part));
                return Ok(Took::All);
            }
            Part::LongChunk(_) | Part::LongEnd if self.long.is_none() => return Ok(Took::Unnamed),
            Part::LongChunk(bytes) => return self.chunk(bytes, *element, sink),
            Part::LongEnd => {
                self.long_end(element, sink)?;
                return Ok(Took::All);
            }
            _ => {}
        }
        let is_field = matches!(
            part,
            Part::ModuleNumber { .. }
                | Part::Text(Role::ModuleString, _)
                | Part::LongBegin(Role::ModuleString, _)
        );
        if !is_field {
            return Ok(Took::Unnamed);
        }
        self.seen += 1;
        let Some(next) = self.layout.as_deref().filter(|_| self.is_named()).map(Layout::next) else {
            return Ok(Took::Unnamed);
        };
        if next == Next::End {
            self.fit = match self.fit {
                Fit::More(n) => Fit::More(n + 1),
                _ => Fit::More(1),
            };
            return Ok(Took::Unnamed);
        }
        self.field(part, next, element, scratch, sink)
    }

    fn is_named(&self) -> bool {
        !self.unnamed && !matches!(self.fit, Fit::Not(_))
    }

    fn field(
        &mut self,
        part: &Part<'_>,
        next: Next,
        element: &mut u64,
        scratch: &mut Vec<u8>,
        sink: Sink<'_>,
    ) -> Result<Took, Error> {
        let Some(layout) = &mut self.layout else { return Ok(Took::Unnamed) };
        let mut out = Out::new(sink, element, &self.wanted, &mut self.in_row);
        let fits = match (*part, next) {
            (Part::ModuleNumber { tag: 2, bits }, Next::Uint) => layout.uint(bits, &mut out),
            (Part::ModuleNumber { tag: 4, bits }, Next::Double) => {
                layout.double(f64::from_bits(bits), &mut out)
            }
            (Part::Text(_, text), Next::Pass) => {
                let begun = layout.text(text.len(), &mut out);
                if begun.is_some() {
                    let decoded = text.decode(scratch);
                    if let Ok(bytes) = decoded {
                        out.text(bytes);
                    }
                    layout.text_end(&mut out);
                    decoded?;
                }
                begun
            }
            (Part::Text(_, text), Next::Hold) if text.len() <= MAX_HELD => {
                layout.held(text.decode(scratch)?, &mut out)
            }
            (Part::LongBegin(_, head), Next::Pass) => {
                let begun = layout.text(head.logical_len(), &mut out);
                if begun.is_some() {
                    out.text_begin(head.logical_len());
                    self.long = Some(Long { lzf: unpacker(head), held: None });
                }
                begun
            }
            (Part::LongBegin(_, head), Next::Hold) if head.logical_len() <= MAX_HELD => {
                self.long = Some(Long { lzf: unpacker(head), held: Some(Vec::new()) });
                Some(())
            }
            _ => None,
        };
        Ok(if fits.is_some() {
            Took::All
        } else {
            self.misfit(element, sink);
            Took::Unnamed
        })
    }

    fn misfit(&mut self, element: &mut u64, sink: Sink<'_>) {
        self.fit = Fit::Not(self.seen);
        if core::mem::replace(&mut self.in_row, false) {
            sink(*element, Piece::End);
            *element += 1;
        }
        sink(*element, Piece::Misfit);
    }

    fn chunk(&mut self, bytes: &[u8], element: u64, sink: Sink<'_>) -> Result<Took, Error> {
        let Some(long) = &mut self.long else { return Ok(Took::Unnamed) };
        let wanted = self.wanted.contains(&element);
        let held = &mut long.held;
        let mut take = |bytes: &[u8]| match held {
            Some(held) => held.extend_from_slice(bytes),
            None if wanted => sink(element, Piece::Bytes(bytes)),
            None => {}
        };
        match &mut long.lzf {
            Some(lzf) => lzf.push(bytes, &mut take)?,
            None => take(bytes),
        }
        Ok(Took::All)
    }

    fn long_end(&mut self, element: &mut u64, sink: Sink<'_>) -> Result<(), Error> {
        let (Some(long), Some(layout)) = (self.long.take(), &mut self.layout) else { return Ok(()) };
        let mut out = Out::new(sink, element, &self.wanted, &mut self.in_row);
        let mut fits = Some(());
        if let Some(held) = &long.held {
            fits = layout.held(held, &mut out);
        } else {
            out.text_end();
            layout.text_end(&mut out);
        }
        if fits.is_none() {
            self.misfit(element, sink);
            // It has gone by, and is a field all the same.
            let bytes = long.held.as_deref().unwrap_or_default();
            for piece in [Piece::Text(bytes.len() as u64), Piece::Bytes(bytes), Piece::TextEnd, Piece::End] {
                sink(*element, piece);
            }
            *element += 1;
        }
        long.lzf.map_or(Ok(()), |lzf| lzf.finish())
    }

    /// The value is over.
    pub(crate) fn end(&mut self, element: &mut u64, sink: Sink<'_>) {
        let is_short = self.layout.as_deref().is_some_and(|layout| layout.next() != Next::End);
        if self.is_named() && is_short {
            // The field that is missing.
            self.seen += 1;
            self.misfit(element, sink);
            self.seen -= 1;
        }
    }

    /// What is known of the value, once it is over; `rows` is how many it has.
    pub(crate) fn facts(&self, rows: u64) -> Option<ModuleFacts> {
        let id = self.id?;
        let name = id.name();
        let name = String::from_utf8_lossy(&name);
        let version = id.encoding_version();
        let product = module_product(&name);
        let what = product.map_or_else(|| format!("the type {name}"), |product| format!("\"{product}\""));
        let fits = self.layout.is_some() && !matches!(self.fit, Fit::Not(_));
        let note = match (&self.layout, self.fit) {
            (None, _) => Some(match self.versions {
                Some((first, last)) if first == last => format!(
                    "Its fields have no names: they are known for version {first} of the encoding, and this is version {version}."
                ),
                Some((first, last)) => format!(
                    "Its fields have no names: they are known for the versions {first} to {last} of the encoding, and this is version {version}."
                ),
                None => format!("Its fields have no names: the layout of {what} is not known here."),
            }),
            (Some(_), Fit::Not(field)) if field > self.seen => Some(format!(
                "Its fields have no names: it ends after {}, before {what}, version {version} of the encoding, does.",
                units::plural(self.seen, "field", "fields")
            )),
            (Some(_), Fit::Not(field)) => Some(format!(
                "Its fields have no names: field {} is not what {what}, version {version} of the encoding, has there.",
                units::count(field)
            )),
            (Some(_), Fit::More(n)) => Some(format!(
                "The last {} no name: {what}, version {version} of the encoding, ends before.",
                units::plural(n, "field has", "fields have")
            )),
            (Some(layout), Fit::SoFar) => layout.note(),
        };
        let layout = self.layout.as_deref().filter(|_| fits);
        Some(ModuleFacts {
            encoding_version: version,
            product: product.map(Into::into),
            is_named: fits && !self.unnamed,
            is_document: layout.is_some_and(Layout::is_document),
            sentence: layout.map(|layout| layout.sentence() + "."),
            note,
            rows,
        })
    }
}

fn unpacker(head: StrHead) -> Option<LzfStream> {
    match head {
        StrHead::Lzf { len, .. } => Some(LzfStream::new(len)),
        _ => None,
    }
}
