//! `snaptape commands`.

use std::io::{self, BufWriter, Write};

use anyhow::{Context as _, Result, bail};
use clap::{Args, ValueEnum};
use snaptape_engine::{CommandFilter, CommandList, CommandQuery, Outcome};
use snaptape_report::{CommandPage, CommandRow, ListFrom, ShownArgument, Tape, Verdict, units};

use crate::{
    InputArgs,
    input::{self, Inputs},
    output, run,
};

/// Rows of one page: as many are held at once.
const PAGE: usize = 1_000;

/// Which commands to list, and how.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Where to begin: an offset in the file (4096), a time (2026-11-21T23:00:04Z), or a command's number in the whole set,
    /// counted from 0 (#120).
    #[arg(long, value_name = "OFFSET|TIME|#N")]
    from: Option<String>,
    /// Stop before this offset or time.
    #[arg(long, value_name = "OFFSET|TIME")]
    to: Option<String>,
    /// Only commands of this file of the set; offsets are offsets in it.
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    /// Only these commands, like SET,DEL.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    name: Vec<String>,
    /// Only commands with a key that matches this pattern (`*`, `?`, `[a-z]`), as for KEYS. Of long names the first 512 bytes count.
    #[arg(long = "match", value_name = "GLOB")]
    glob: Option<String>,
    /// Only commands that ran in this database.
    #[arg(long, value_name = "N")]
    db: Option<u64>,
    /// Only commands with this text in an argument. Of long arguments the first 512 bytes are looked at.
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,
    /// Only FLUSHALL, FLUSHDB and SWAPDB.
    #[arg(long)]
    destructive: bool,
    /// Only commands that change the dataset: not SELECT, MULTI and EXEC.
    #[arg(long)]
    writes: bool,
    /// At most so many rows; default all.
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// How to print the rows.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for people.
    Text,
    /// One JSON object a line.
    Jsonl,
}

pub(crate) fn run(args: &InputArgs, list: ListArgs) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let outcome = run::job(&inputs, args.asked(), |_, _| Ok(()))?;
    output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    let Some(tape) = outcome
        .report
        .tape
        .as_ref()
        .filter(|tape| tape.commands > 0 || tape.files.iter().any(|file| file.behind.is_some()))
    else {
        bail!("there are no commands in these files: `snaptape inspect` says what they are");
    };
    let mut query = query(&list, tape)?;
    let mut left = list.limit.unwrap_or(u64::MAX);
    let mut out = BufWriter::new(io::stdout().lock());
    let mut place = (String::new(), false);
    while left > 0 {
        query.limit = usize::try_from(left).unwrap_or(PAGE).min(PAGE);
        let page = page(&inputs, &outcome, tape, query.clone())?;
        for row in &page.rows {
            print(&mut out, row, list.format, &mut place)?;
        }
        left -= page.rows.len() as u64;
        if let Some(why) = page.stopped {
            out.flush()?;
            bail!(why);
        }
        match page.next {
            Some(next) => query.from = ListFrom::Place(next),
            None => break,
        }
    }
    out.flush()?;
    Ok(match outcome.check.verdict {
        Verdict::Sound => 0,
        Verdict::Recoverable | Verdict::Damaged => 1,
        Verdict::Unusable => 2,
    })
}

/// A place as it was given.
enum Place {
    Offset(u64),
    Time(i64),
    Number(u64),
}

fn place(text: &str) -> Result<Place> {
    if let Some(number) = text.strip_prefix('#') {
        return Ok(Place::Number(number.parse().with_context(|| format!("\"{text}\" is not a number"))?));
    }
    if let Ok(offset) = text.parse() {
        return Ok(Place::Offset(offset));
    }
    let time_s = units::parse_time_s(text);
    time_s.map(Place::Time).with_context(|| {
        format!("\"{text}\" is neither an offset like 4096, nor a number like #120, nor a time like 2026-11-21T23:00:04Z")
    })
}

fn query(list: &ListArgs, tape: &Tape) -> Result<CommandQuery> {
    let file = list.file.as_deref().map(|name| find_file(tape, name)).transpose()?;
    let the_file = || match (&file, tape.files.as_slice()) {
        (Some(file), _) => Ok(file.clone()),
        (None, [only]) => Ok(only.file.clone()),
        (None, _) => bail!("the set has several files: say with --file in which one the offset is"),
    };
    let mut filter = CommandFilter {
        names: list.name.clone(),
        key: list.glob.clone(),
        db: list.db,
        text: list.grep.clone().map(String::into_bytes),
        only_destructive: list.destructive,
        only_writes: list.writes,
        ..CommandFilter::default()
    };
    let mut from = match list.from.as_deref().map(place).transpose()? {
        None => ListFrom::Start,
        Some(Place::Offset(offset)) => ListFrom::Offset { file: the_file()?, offset },
        Some(Place::Time(time_s)) => ListFrom::Time { time_s },
        Some(Place::Number(number)) => ListFrom::Number { number },
    };
    if let (Some(file), ListFrom::Start) = (&file, &from) {
        from = ListFrom::Offset { file: file.clone(), offset: 0 };
    }
    let mut end = file.as_ref().map(|_| u64::MAX);
    match list.to.as_deref().map(place).transpose()? {
        None => {}
        Some(Place::Time(time_s)) => filter.times_s = Some(i64::MIN..time_s),
        Some(Place::Number(_)) => {
            bail!("--to takes an offset or a time; for a number of rows there is --limit")
        }
        Some(Place::Offset(offset)) => {
            end = Some(offset);
            if matches!(from, ListFrom::Start) {
                from = ListFrom::Offset { file: the_file()?, offset: 0 };
            }
        }
    }
    if let Some(end) = end {
        if !matches!(from, ListFrom::Offset { .. }) {
            bail!("with --file or an offset behind --to, --from must be an offset, or nothing");
        }
        filter.offsets = Some(0..end);
    }
    Ok(CommandQuery { from, filter, ..CommandQuery::default() })
}

/// The file whose path ends like this.
fn find_file(tape: &Tape, name: &str) -> Result<String> {
    let whole =
        |path: &str| path == name || path.strip_suffix(name).is_some_and(|front| front.ends_with('/'));
    let mut found = tape.files.iter().filter(|file| whole(&file.file));
    let (Some(file), None) = (found.next(), found.next()) else {
        let names: Vec<&str> = tape.files.iter().take(10).map(|file| file.file.as_str()).collect();
        bail!("no one file with commands is called {name}; there are {}", names.join(", "));
    };
    Ok(file.file.clone())
}

fn page(inputs: &Inputs, outcome: &Outcome, tape: &Tape, query: CommandQuery) -> Result<CommandPage> {
    let mut list = CommandList::new(tape, &outcome.sources, query).map_err(anyhow::Error::msg)?;
    let mut open = None;
    while let Some(request) = list.next_read() {
        let bytes = run::read(&inputs.places, &mut open, &request)?;
        list.feed(&request, &bytes);
    }
    Ok(list.finish())
}

fn print(out: &mut impl Write, row: &CommandRow, format: Format, place: &mut (String, bool)) -> Result<()> {
    if format == Format::Jsonl {
        serde_json::to_writer(&mut *out, row)?;
        writeln!(out)?;
        return Ok(());
    }
    let (file, behind) = place;
    if *file != row.file {
        row.file.clone_into(file);
        *behind = false;
        writeln!(out, "{file}:")?;
    }
    if row.behind_damage && !core::mem::replace(behind, true) {
        writeln!(out, "{:>12}  -- from here on no server reads the file as it is --", row.offset)?;
    }
    if let Some(bytes) = row.unreadable_bytes {
        let bytes = units::plural(bytes, "byte", "bytes");
        writeln!(out, "{:>12}  -- {bytes} at {} cannot be read --", row.offset, units::offset(row.offset))?;
        return Ok(());
    }
    let time = row.time_s.map(|s| format!("{}  ", units::time_s(s))).unwrap_or_default();
    let db = row.db.map_or_else(|| "db ?".into(), |db| format!("db {db}"));
    let multi = if row.in_multi { "| " } else { "" };
    write!(out, "{:>12}  {time}{db}  {multi}{}", row.offset, row.name)?;
    for argument in &row.arguments {
        write!(out, " {}", quoted(argument))?;
    }
    let more = row.argument_count - row.arguments.len() as u64;
    if more > 0 {
        write!(out, " and {}", units::plural(more, "more argument", "more arguments"))?;
    }
    writeln!(out)?;
    Ok(())
}

/// An argument: in quotes where it could be taken for several, with its length where it is cut.
fn quoted(argument: &ShownArgument) -> String {
    let text = &argument.text;
    let plain = !text.is_empty() && !text.contains([' ', '"', '\'']);
    let text = if plain { text.clone() } else { format!("\"{}\"", text.replace('"', "\\\"")) };
    if argument.cut { format!("{text}... ({})", units::bytes(argument.len_bytes)) } else { text }
}
