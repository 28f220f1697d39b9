//! `snaptape keys`.

use std::io::{self, BufWriter, Write as _};

use anyhow::{Context as _, Result};
use clap::Args;
use globset::{GlobBuilder, GlobMatcher};
use snaptape_analysis::KeyFacts;
use snaptape_report::{KeyName, KeyRow, Verdict};

use crate::{Format, InputArgs, input, output, run};

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
}

pub(crate) fn run(args: &InputArgs, filter: Filter, format: Format, digest: bool) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let glob = filter.glob.as_deref().map(glob).transpose()?;
    let mut rows = Rows::new(format);
    let outcome = run::job(&inputs, run::Asked { digest, ..args.asked() }, |key, file| {
        if wanted(&filter, glob.as_ref(), key) { rows.push(key.to_row(file)) } else { Ok(()) }
    })?;
    rows.finish()?;
    // Rows that came before damage were printed; that they are not all must not go unnoticed.
    output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    Ok(match outcome.check.verdict {
        Verdict::Sound => 0,
        Verdict::Recoverable | Verdict::Damaged => 1,
        Verdict::Unusable => 2,
    })
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
enum Rows {
    Jsonl(BufWriter<io::Stdout>),
    Csv(Box<csv::Writer<BufWriter<io::Stdout>>>),
}

const COLUMNS: [&str; 12] = [
    "db",
    "key",
    "key_base64",
    "type",
    "encoding",
    "elements",
    "expires_at_ms",
    "file_bytes",
    "payload_bytes",
    "memory_bytes",
    "offset",
    "value_sha256",
];

impl Rows {
    fn new(format: Format) -> Self {
        let out = BufWriter::with_capacity(1 << 18, io::stdout());
        match format {
            Format::Jsonl => Self::Jsonl(out),
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                // A header that cannot be written shows with the first row.
                let _ = writer.write_record(COLUMNS);
                Self::Csv(Box::new(writer))
            }
        }
    }

    fn push(&mut self, row: KeyRow) -> Result<()> {
        match self {
            Self::Jsonl(out) => {
                serde_json::to_writer(&mut *out, &row)?;
                out.write_all(b"\n")?;
            }
            Self::Csv(out) => {
                let number = |n: Option<u64>| n.map(|n| n.to_string()).unwrap_or_default();
                let (text, binary) = match row.name {
                    KeyName::Text { key } => (key, String::new()),
                    KeyName::Binary { key_base64 } => (String::new(), key_base64),
                };
                out.write_record([
                    row.db.to_string(),
                    text,
                    binary,
                    row.type_name.0,
                    row.encoding,
                    number(row.elements),
                    row.expires_at_ms.map(|ms| ms.to_string()).unwrap_or_default(),
                    row.file_bytes.to_string(),
                    row.payload_bytes.to_string(),
                    row.memory_bytes.to_string(),
                    row.offset.to_string(),
                    row.value_sha256.unwrap_or_default(),
                ])?;
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<()> {
        match self {
            Self::Jsonl(mut out) => out.flush()?,
            Self::Csv(mut out) => out.flush()?,
        }
        Ok(())
    }
}
