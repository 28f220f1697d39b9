//! `snaptape keys`.

use std::io::{self, BufWriter, Write as _};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use globset::{GlobBuilder, GlobMatcher};
use snaptape_analysis::KeyFacts;
use snaptape_analysis::filter::{FilterError, KeyCells, KeyFilter, KeyTest, parse};
use snaptape_engine::{KeyFormat, KeyKeep, KeySort};
use snaptape_report::{PatternOptions, Verdict};

use crate::{Format, InputArgs, input, output, run};

/// Rows that wait to be put in order take this much at most; beyond it, `--limit` is needed.
const SORT_BYTES: usize = 2 << 30;

/// Which keys to print.
#[derive(Debug, Args)]
pub(crate) struct Filter {
    /// Only keys whose name matches this pattern (`*`, `?`, `[a-z]`), as for KEYS.
    #[arg(long = "match", value_name = "GLOB")]
    glob: Option<String>,
    /// Only keys of this type: string, list, set, zset, hash, stream, or a module's type.
    #[arg(long = "type", value_name = "TYPE")]
    type_name: Option<String>,
    /// Only keys of this database.
    #[arg(long, value_name = "N")]
    db: Option<u64>,
    /// Only keys of at least this many bytes of memory.
    #[arg(long, value_name = "BYTES")]
    min_memory: Option<u64>,
    /// Only keys that never expire.
    #[arg(long)]
    no_ttl: bool,
    /// Only keys that are what this line asks for, as on the page: 'type:hash mem>1mb ttl:none pattern:user:{int}'. A word is a field (type,
    /// mem, ttl, match, pattern, under, regex, encoding, elements, db, file_bytes, payload, largest, idle, freq, expires, slot, file, name_bytes) or
    /// text in the name; -word turns it around.
    #[arg(long = "where", value_name = "FILTER")]
    line: Option<String>,
    /// Put the rows in order: key, type, encoding, elements, mem, payload, file, largest, ttl, idle, freq, db, slot, offset. Figures begin with
    /// the largest; a - in front turns the order around.
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Print no more rows than this.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

pub(crate) fn run(
    args: &InputArgs,
    patterns: PatternOptions,
    filter: Filter,
    format: Format,
    digest: bool,
) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let glob = filter.glob.as_deref().map(glob).transpose()?;
    let mut line = Line::new(filter.line.as_deref(), patterns)?;
    let mut keep = match filter.sort.as_deref().map(sort).transpose()? {
        None => None,
        Some(sort) => Some(match filter.limit {
            Some(most) => KeyKeep::first(None, sort, most),
            None => KeyKeep::new(None, sort, SORT_BYTES),
        }),
    };
    let mut rows = Rows::new(format);
    let outcome = run::job(&inputs, run::Asked { digest, ..args.asked() }, |key, file| {
        if !wanted(&filter, glob.as_ref(), key) {
            return Ok(());
        }
        let cells = KeyCells::new(key, line.file(file)?);
        match &mut keep {
            _ if !line.test.takes(&cells) => Ok(()),
            Some(keep) => {
                keep.push(&cells);
                Ok(())
            }
            None if filter.limit.is_some_and(|limit| rows.printed >= limit) => Ok(()),
            None => rows.push(&cells, file),
        }
    })?;
    if let Some(keep) = keep {
        if filter.limit.is_none() && !keep.holds_all() {
            bail!(
                "{} rows are too many to put in order; choose some with --where, or print the first with --limit N",
                keep.found().keys
            );
        }
        let mut written = Ok(());
        keep.in_order(|key| {
            let path = usize::try_from(key.file).ok().and_then(|file| line.paths.get(file));
            if written.is_ok() {
                written = rows.push(key, path.map(String::as_str).filter(|path| !path.is_empty()));
            }
        });
        written?;
    }
    // Without any rows, too.
    rows.begin(outcome.sources.len() > 1)?;
    rows.out.flush()?;
    // Rows that came before damage were printed; that they are not all must not go unnoticed.
    output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    Ok(match outcome.check.verdict {
        Verdict::Sound => 0,
        Verdict::Recoverable | Verdict::Damaged => 1,
        Verdict::Unusable => 2,
    })
}

/// Reads `mem` or `-key`. Figures begin with the largest.
fn sort(word: &str) -> Result<KeySort> {
    let (turned, id) = word.strip_prefix('-').map_or((false, word), |id| (true, id));
    let id = match id {
        "mem" | "memory_bytes" => "memory",
        "payload_bytes" => "payload",
        "file_bytes" => "file",
        "ttl" | "expires_at_ms" => "expires",
        "name" => "key",
        id => id,
    };
    let is_figure = !matches!(id, "key" | "type" | "encoding" | "expires" | "db" | "slot" | "offset");
    let sort = KeySort::parse(id).with_context(|| format!("--sort {word}: there is no such column"))?;
    Ok(KeySort { descending: is_figure != turned, ..sort })
}

/// The filter line, and the files it has seen.
struct Line {
    filter: KeyFilter,
    test: KeyTest,
    patterns: PatternOptions,
    paths: Vec<String>,
}

impl Line {
    fn new(line: Option<&str>, patterns: PatternOptions) -> Result<Self> {
        let filter = parse(line.unwrap_or_default()).map_err(said)?;
        let test = KeyTest::new(&filter, run::now_ms(), &[], &patterns).map_err(said)?;
        Ok(Self { filter, test, patterns, paths: Vec::new() })
    }

    /// The number of the file keys come from now.
    fn file(&mut self, path: Option<&str>) -> Result<u32> {
        let path = path.unwrap_or_default();
        // They come one after the other.
        if self.paths.last().is_none_or(|last| last != path) {
            self.paths.push(path.to_owned());
            self.test =
                KeyTest::new(&self.filter, run::now_ms(), &self.paths, &self.patterns).map_err(said)?;
        }
        Ok(u32::try_from(self.paths.len() - 1)?)
    }
}

fn said(error: FilterError) -> anyhow::Error {
    anyhow::anyhow!("--where: {error}")
}

fn glob(pattern: &str) -> Result<GlobMatcher> {
    // KEYS knows neither `{a,b}` nor folders.
    let escaped: String =
        pattern.chars().flat_map(|c| matches!(c, '{' | '}').then_some('\\').into_iter().chain([c])).collect();
    let glob = GlobBuilder::new(&escaped).literal_separator(false).backslash_escape(true).build();
    Ok(glob.with_context(|| format!("--match {pattern}"))?.compile_matcher())
}

fn wanted(filter: &Filter, glob: Option<&GlobMatcher>, key: &KeyFacts<'_>) -> bool {
    filter.db.is_none_or(|db| db == key.db)
        && filter.type_name.as_deref().is_none_or(|name| name == key.type_name)
        && filter.min_memory.is_none_or(|bytes| key.memory_bytes >= bytes)
        && !(filter.no_ttl && key.expires_at_ms.is_some())
        && glob.is_none_or(|glob| glob.is_match(std::path::Path::new(&*String::from_utf8_lossy(key.name))))
}

/// Where rows go.
struct Rows {
    format: KeyFormat,
    out: BufWriter<io::Stdout>,
    line: Vec<u8>,
    has_header: bool,
    printed: usize,
}

impl Rows {
    fn new(format: Format) -> Self {
        let format = match format {
            Format::Jsonl => KeyFormat::Jsonl,
            Format::Csv => KeyFormat::Csv,
        };
        let out = BufWriter::with_capacity(1 << 18, io::stdout());
        Self { format, out, line: Vec::new(), has_header: false, printed: 0 }
    }

    /// Writes what stands before the rows, once.
    fn begin(&mut self, with_file: bool) -> Result<()> {
        if !core::mem::replace(&mut self.has_header, true) {
            self.out.write_all(self.format.header(with_file).as_bytes())?;
        }
        Ok(())
    }

    fn push(&mut self, key: &KeyCells<'_>, file: Option<&str>) -> Result<()> {
        self.begin(file.is_some())?;
        self.line.clear();
        self.format.write(key, file, &mut self.line);
        self.printed += 1;
        Ok(self.out.write_all(&self.line)?)
    }
}
