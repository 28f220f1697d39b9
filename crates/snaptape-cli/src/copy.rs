//! One file of a copy: its edits carried out over an input, or over what is inside a packed one.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Seek as _, SeekFrom, Write},
    ops::Range,
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use sha2::{Digest as _, Sha256};
use snaptape_analysis::hex;
use snaptape_engine::{Extract, Reframer, Source, reframer};
use snaptape_report::{Edit, OutputFile, ReceiptFile};
use snaptape_wire::Crc64;

use crate::input::Inputs;

/// How much is read at a time.
const WINDOW_BYTES: usize = 1 << 20;

/// Writes one file of the copy to `place`.
pub(crate) fn write(
    file: &OutputFile,
    inputs: &Inputs,
    sources: &[Source],
    place: &Path,
) -> Result<ReceiptFile> {
    fs::create_dir_all(place.parent().context("no folder")?)?;
    let mut out = Summed::new(BufWriter::with_capacity(WINDOW_BYTES, File::create_new(place)?));
    let source = sources.iter().find(|source| source.path == file.source);
    let kept = file.edits.iter().filter_map(span_of);
    let mut edits = file.edits.iter();
    if let Some(extract) = source.and_then(|source| Extract::new(source, kept)) {
        unpack(extract, inputs, &mut edits, &mut out)
            .with_context(|| format!("unpacking {}", file.source))?;
    } else if let Some(source) = source {
        let place = inputs.places.get(source.file).context("no such input")?;
        let mut input = File::open(place).with_context(|| format!("reading {}", place.display()))?;
        for edit in edits.by_ref() {
            if let Some(span) = span_of(edit) {
                input.seek(SeekFrom::Start(span.start))?;
                let mut kept = Kept::new(edit, &mut out);
                let copied = copy(&mut (&mut input).take(span.end - span.start), &mut kept)?;
                ensure!(copied == span.end - span.start, "{} became shorter while it was read", file.source);
                kept.finish()?;
            }
            insert(edit, &mut out)?;
        }
    }
    for edit in edits {
        ensure!(span_of(edit).is_none_or(|span| span.is_empty()), "the plan needs {}", file.source);
        insert(edit, &mut out)?;
    }
    let Summed { inner, hash, bytes, .. } = out;
    inner.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(ReceiptFile { name: file.name.clone(), bytes, sha256: hex(&hash.finalize()) })
}

/// Carries out all edits up to the last that keeps something, over what comes out of a packed input.
fn unpack<'a>(
    mut extract: Extract,
    inputs: &Inputs,
    edits: &mut impl Iterator<Item = &'a Edit>,
    out: &mut Summed<impl Write>,
) -> Result<()> {
    let mut input: Option<File> = None;
    let mut window = Vec::new();
    let mut kept = 0;
    let mut result = Ok(());
    let mut restored = None;
    while let Some(request) = extract.next_read(WINDOW_BYTES) {
        let file = match &mut input {
            Some(file) => file,
            None => input.insert(File::open(inputs.places.get(request.file).context("no such input")?)?),
        };
        file.seek(SeekFrom::Start(request.offset))?;
        window.clear();
        file.take(request.len as u64).read_to_end(&mut window)?;
        extract.feed(&window, |span, bytes| {
            while result.is_ok() && kept <= span {
                let before = restored.take().map_or(Ok(()), |kept: Restored| kept.finish(out));
                let next = match edits.next() {
                    Some(edit) if span_of(edit).is_some() => {
                        kept += 1;
                        restored = Restored::new(edit);
                        Ok(())
                    }
                    Some(edit) => insert(edit, out),
                    None => break,
                };
                result = before.and(next);
            }
            if result.is_ok() {
                result = match &mut restored {
                    Some(restored) => restored.write(bytes, out),
                    None => out.write_all(bytes),
                };
            }
        });
        core::mem::replace(&mut result, Ok(()))?;
    }
    ensure!(extract.is_complete(), "it became shorter since it was read");
    if let Some(restored) = restored {
        restored.finish(out)?;
    }
    Ok(())
}

/// The bytes of the input that an edit copies.
fn span_of(edit: &Edit) -> Option<Range<u64>> {
    match edit {
        Edit::Keep { start, end } | Edit::Reframe { start, end, .. } => Some(*start..*end),
        Edit::Drop { .. } | Edit::Insert { .. } | Edit::Checksum => None,
    }
}

/// Commands on their way to the line ends they had.
struct Restored {
    reframer: Reframer,
    done: Vec<u8>,
}

impl Restored {
    fn new(edit: &Edit) -> Option<Self> {
        match edit {
            Edit::Reframe { from, .. } => Some(Self { reframer: reframer(*from), done: Vec::new() }),
            _ => None,
        }
    }

    fn write(&mut self, bytes: &[u8], out: &mut impl Write) -> io::Result<()> {
        self.done.clear();
        self.reframer.push(bytes, &mut self.done).map_err(io::Error::other)?;
        out.write_all(&self.done)
    }

    fn finish(mut self, out: &mut impl Write) -> io::Result<()> {
        self.done.clear();
        self.reframer.finish(&mut self.done).map_err(io::Error::other)?;
        out.write_all(&self.done)
    }
}

/// Where the bytes of a kept stretch go.
struct Kept<'o, W> {
    restored: Option<Restored>,
    out: &'o mut W,
}

impl<'o, W: Write> Kept<'o, W> {
    fn new(edit: &Edit, out: &'o mut W) -> Self {
        Self { restored: Restored::new(edit), out }
    }

    fn finish(self) -> io::Result<()> {
        self.restored.map_or(Ok(()), |restored| restored.finish(self.out))
    }
}

impl<W: Write> Write for Kept<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.restored {
            Some(restored) => restored.write(bytes, self.out).map(|()| bytes.len()),
            None => self.out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Puts what is new where it belongs.
fn insert(edit: &Edit, out: &mut Summed<impl Write>) -> io::Result<()> {
    match edit {
        Edit::Keep { .. } | Edit::Drop { .. } | Edit::Reframe { .. } => Ok(()),
        Edit::Insert { bytes, .. } => out.write_all(bytes.as_bytes()),
        Edit::Checksum => {
            let checksum = out.crc.value().to_le_bytes();
            out.write_all(&checksum)
        }
    }
}

/// Adds up what goes through.
pub(crate) struct Summed<W> {
    inner: W,
    pub(crate) hash: Sha256,
    /// What a snapshot ends with.
    crc: Crc64,
    pub(crate) bytes: u64,
}

impl<W> Summed<W> {
    pub(crate) fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new(), crc: Crc64::new(), bytes: 0 }
    }
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        self.hash.update(&bytes[..n]);
        self.crc.update(&bytes[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

/// Copies everything, and says how much that was.
pub(crate) fn copy(from: &mut impl Read, to: &mut impl Write) -> Result<u64> {
    let mut buffer = vec![0; WINDOW_BYTES];
    let mut total = 0;
    loop {
        let n = from.read(&mut buffer)?;
        if n == 0 {
            return Ok(total);
        }
        to.write_all(&buffer[..n])?;
        total += n as u64;
    }
}
