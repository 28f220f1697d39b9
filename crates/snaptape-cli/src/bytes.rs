//! `snaptape bytes`.

use std::io::{self, BufWriter, Write};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use snaptape_engine::{ByteSearch, Bytes, Marks, Outcome, Source, Structure};
use snaptape_report::{
    BYTES_SCHEMA, ByteSpan, BytesReport, FilePlaces, Finding, StructurePage, StructureQuery, units,
};

use crate::{
    InputArgs,
    input::{self, Inputs},
    output, run,
};

/// Which bytes to look at.
#[derive(Debug, Args)]
pub(crate) struct BytesArgs {
    /// Where to begin, in the contents of the file: 4096 or 0x1000.
    #[arg(long, value_name = "OFFSET", default_value = "0", value_parser = offset)]
    at: u64,
    /// How many bytes.
    #[arg(long, value_name = "N", default_value = "512", value_parser = offset)]
    length: u64,
    /// Which file of the set, where there are several.
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    /// Look into what the compressed string that begins at this offset unpacks to; --at counts in there.
    #[arg(long, value_name = "OFFSET", value_parser = offset)]
    inside: Option<u64>,
    /// Say where these bytes stand, from --at on: text, or hex behind 0x.
    #[arg(long, value_name = "TEXT|0xHEX", conflicts_with = "inside")]
    find: Option<String>,
    /// Print the spans as JSON.
    #[arg(long)]
    json: bool,
}

fn offset(text: &str) -> Result<u64, String> {
    units::parse_offset(text).ok_or_else(|| format!("\"{text}\" is no offset like 4096 or 0x1000"))
}

pub(crate) fn run(args: &InputArgs, asked: &BytesArgs) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let outcome = run::job(&inputs, args.asked(), |_, _| Ok(()))?;
    let file = find_file(&outcome, asked.file.as_deref())?;
    let about = outcome.report.files.get(file).context("no such file")?;
    let total = about.content_bytes();
    let source = outcome.sources.iter().find(|source| source.path == about.name);
    let source = source.with_context(|| format!("where {} is was not said", about.name))?;
    if let Some(words) = &asked.find {
        return search(&inputs, source, total, asked.at, words);
    }
    if asked.at > total && asked.inside.is_none() {
        bail!("{} has only {}", about.name, units::plural(total, "byte", "bytes"));
    }
    let places =
        FilePlaces::of(&outcome.report, file, asked.inside.unwrap_or(asked.at)).context("no such file")?;
    let query = StructureQuery { start: asked.at, len: asked.length, inside: asked.inside };
    let mut page = structure(&inputs, &outcome, places, query)?;
    if asked.inside.is_none() {
        page.bytes = read(&inputs, source, total, page.start, page.end)?;
    }
    let end = page.end.max(page.start + 1);
    let overlaps = |finding: &&Finding| {
        asked.inside.is_none()
            && finding.file == about.name
            && finding.start < end
            && finding.end.max(finding.start + 1) > page.start
    };
    let findings: Vec<Finding> = outcome.report.findings.iter().filter(overlaps).cloned().collect();
    if asked.json {
        let file = about.name.clone();
        output::json(&BytesReport { schema: BYTES_SCHEMA.into(), file, page, findings })?;
    } else {
        let mut out = BufWriter::new(io::stdout().lock());
        let inside =
            about.container.as_ref().map(|inside| format!(", inside {}", inside.layers.join(" in ")));
        writeln!(
            out,
            "{}{}: {} of {}",
            about.name,
            inside.unwrap_or_default(),
            units::plural(page.end - page.start.min(page.end), "byte", "bytes"),
            units::plural(page.total_bytes, "byte", "bytes")
        )?;
        for finding in &findings {
            writeln!(out, "! at {}: {}", units::offset(finding.start), finding.message)?;
        }
        print(&mut out, &page, &page.spans, 0)?;
        if let Some(why) = &page.stopped {
            writeln!(out, "{why}")?;
        }
        out.flush()?;
    }
    Ok(0)
}

/// The file that is meant, as a number in the report.
fn find_file(outcome: &Outcome, name: Option<&str>) -> Result<usize> {
    let files = &outcome.report.files;
    let names = || files.iter().take(10).map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let Some(name) = name else {
        return match files.as_slice() {
            [_] => Ok(0),
            _ => bail!("the set has several files: say with --file which one; there are {}", names()),
        };
    };
    let is_it =
        |path: &str| path == name || path.strip_suffix(name).is_some_and(|front| front.ends_with('/'));
    let mut found = files.iter().enumerate().filter(|(_, file)| is_it(&file.name));
    let (Some((index, _)), None) = (found.next(), found.next()) else {
        bail!("no one file is called {name}; there are {}", names());
    };
    Ok(index)
}

fn structure(
    inputs: &Inputs,
    outcome: &Outcome,
    places: FilePlaces,
    query: StructureQuery,
) -> Result<StructurePage> {
    let mut job =
        Structure::new(places, &outcome.sources, query, Marks::default()).map_err(anyhow::Error::msg)?;
    let mut open = None;
    while let Some(request) = job.next_read() {
        let bytes = run::read(&inputs.places, &mut open, &request)?;
        job.feed(&request, &bytes);
    }
    Ok(job.finish().0)
}

fn read(inputs: &Inputs, source: &Source, total: u64, start: u64, end: u64) -> Result<Vec<u8>> {
    let mut job = Bytes::new(source, total, start, end);
    let mut open = None;
    while let Some(request) = job.next_read() {
        let bytes = run::read(&inputs.places, &mut open, &request)?;
        job.feed(&request, &bytes);
    }
    Ok(job.finish())
}

fn search(inputs: &Inputs, source: &Source, total: u64, from: u64, words: &str) -> Result<u8> {
    let needle = units::parse_needle(words).map_err(anyhow::Error::msg)?;
    let most = ByteSearch::MAX_HITS;
    let mut search = ByteSearch::new(source, total, needle, from, most).map_err(anyhow::Error::msg)?;
    let mut open = None;
    while let Some(request) = search.next_read() {
        let bytes = run::read(&inputs.places, &mut open, &request)?;
        search.feed(&request, &bytes);
    }
    let mut out = BufWriter::new(io::stdout().lock());
    for hit in search.hits() {
        writeln!(out, "{hit:#x}\t{hit}")?;
    }
    out.flush()?;
    // As grep has it: nothing found is 1.
    Ok(u8::from(search.hits().is_empty()))
}

/// Bytes of one line.
const COLUMNS: usize = 8;
/// Lines shown of one span before it gets too long to read.
const MOST_LINES: usize = 16;

fn print(out: &mut impl Write, page: &StructurePage, spans: &[ByteSpan], depth: usize) -> Result<()> {
    for span in spans {
        let indent = "  ".repeat(depth);
        let value = if span.value.is_empty() { String::new() } else { format!("  {}", span.value) };
        let goes_on = if span.goes_on { "  ..." } else { "" };
        if span.children.is_empty() {
            let at = |offset: u64| usize::try_from(offset.saturating_sub(page.start)).unwrap_or(usize::MAX);
            let from = span.start.max(page.start);
            let bytes = page.bytes.get(at(from)..at(span.end).min(page.bytes.len())).unwrap_or_default();
            let mut lines = bytes.chunks(COLUMNS);
            let hex = hex(lines.next().unwrap_or_default());
            writeln!(out, "{from:#010x}  {hex:<23}  {indent}{}{value}{goes_on}", span.label)?;
            let mut at = from + COLUMNS as u64;
            for line in lines.by_ref().take(MOST_LINES - 1) {
                writeln!(out, "{at:#010x}  {}", self::hex(line))?;
                at += COLUMNS as u64;
            }
            let left = lines.len();
            if left > 0 {
                writeln!(
                    out,
                    "            and {} of this",
                    units::plural(left as u64, "more line", "more lines")
                )?;
            }
        } else {
            writeln!(out, "{:#010x}  {:<23}  {indent}{}{value}{goes_on}", span.start, "", span.label)?;
            print(out, page, &span.children, depth + 1)?;
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    let bytes: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(" ")
}
