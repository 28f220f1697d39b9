//! `snaptape key`: one key, read from its file.

use std::io::{self, BufWriter, Write};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use snaptape_engine::{ElementSearch, ElementsAsked, KeyAsked, KeyQuestion, KeyRead, Outcome, Source};
use snaptape_report::{
    ElementRow, ElementText, Format, KeyAnswer, KeyHead, KeyName, KeyPage, KeyPlace, KeySurvey, Look,
    LookBody, StreamFacts, units,
};

use crate::{
    InputArgs,
    input::{self, Inputs},
    run,
};

/// Rows of one page: as many are held at once.
const PAGE: u64 = 1_000;
/// How much of every string of a row is printed.
const TEXT_BYTES: u64 = 256;

/// Which key, and what of it.
#[derive(Debug, Args)]
pub(crate) struct KeyArgs {
    /// Its name, as `redis-cli` would be given it.
    #[arg(long, value_name = "NAME", required_unless_present = "offset")]
    name: Option<String>,
    /// Or where its entry begins, as `snaptape keys` says it.
    #[arg(long, value_name = "OFFSET", conflicts_with = "name")]
    offset: Option<u64>,
    /// In this database; default the first that has it.
    #[arg(long, value_name = "N")]
    db: Option<u64>,
    /// In this file of the set.
    #[arg(long, value_name = "NAME")]
    file: Option<String>,
    /// These elements, counted from 0: 0..100, 500.., or one number; default the first 100.
    #[arg(long, value_name = "FROM..TO")]
    elements: Option<String>,
    /// Only elements with this text in them, whatever the case of its letters.
    #[arg(long, value_name = "TEXT")]
    find: Option<String>,
    /// How to show a string: auto, text, json, msgpack, unpacked, hex, base64, quoted, hll. Of another type, the strings of the
    /// element that --elements names.
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// Print the commands that make it again, for the standard input of `redis-cli`.
    #[arg(long, conflicts_with_all = ["restore", "raw"])]
    commands: bool,
    /// Print the RESTORE command, where its payload is short.
    #[arg(long, conflicts_with = "raw")]
    restore: bool,
    /// Print the payload of RESTORE as it is: `snaptape key ... --raw > k; redis-cli -x RESTORE k 0 < k`.
    #[arg(long)]
    raw: bool,
    /// Print what is known of it as JSON.
    #[arg(long)]
    json: bool,
}

/// The key that was found.
struct Found<'a> {
    inputs: &'a Inputs,
    source: &'a Source,
    offset: u64,
    db: u64,
}

pub(crate) fn run(args: &InputArgs, key: &KeyArgs) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let mut places: Vec<(Option<String>, u64, u64)> = Vec::new();
    let outcome = run::job(&inputs, args.asked(), |facts, file| {
        let is_it = match (&key.name, key.offset) {
            (Some(name), _) => facts.name == name.as_bytes(),
            (None, offset) => offset == Some(facts.offset),
        };
        if is_it
            && key.db.is_none_or(|db| db == facts.db)
            && key.file.as_deref().is_none_or(|wanted| file.is_none_or(|file| file.ends_with(wanted)))
        {
            places.push((file.map(Into::into), facts.offset, facts.db));
        }
        Ok(())
    })?;
    let Some((file, offset, db)) = places.first() else {
        bail!("there is no such key in these files; `snaptape keys` lists them");
    };
    if places.len() > 1 {
        let many = units::count(places.len() as u64);
        eprintln!(
            "snaptape: there are {many} of them, this is the first; --db, --file and --offset tell them apart"
        );
    }
    let found =
        Found { inputs: &inputs, source: source(&outcome, file.as_deref())?, offset: *offset, db: *db };
    let mut out = BufWriter::new(io::stdout().lock());
    if key.commands || key.raw {
        recreate(&found, key.raw, &mut out)?;
    } else if key.restore {
        let question = KeyQuestion::Payload { held_bytes: KeyQuestion::MOST_HELD_BYTES };
        let KeyAnswer::Payload(made) = ask(&found, None, question, |_| Ok(()))? else { bail!(NO_ANSWER) };
        if let Some(why) = made.refused {
            bail!(why);
        }
        let Some(line) = made.line else {
            bail!("its payload has {}: use --raw", units::bytes(made.len_bytes));
        };
        writeln!(out, "SELECT {db}\n{line}")?;
    } else {
        show(&found, key, args.target.as_deref(), args.allocator.as_deref(), &mut out)?;
    }
    out.flush()?;
    Ok(0)
}

const NO_ANSWER: &str = "the engine answered another question";

/// The source of the file that has it; the only one with keys where the set has one.
fn source<'a>(outcome: &'a Outcome, file: Option<&str>) -> Result<&'a Source> {
    let has_keys = |path: &str| {
        outcome.report.files.iter().any(|file| file.name == path && file.snapshot.is_some() && file.keys > 0)
    };
    outcome
        .sources
        .iter()
        .find(|source| match file {
            Some(file) => source.path == file,
            None => has_keys(&source.path),
        })
        .context("the file of the key was not found again")
}

/// Asks; `each` is called after every read.
fn ask(
    found: &Found<'_>,
    place: Option<KeyPlace>,
    question: KeyQuestion,
    mut each: impl FnMut(&mut KeyRead) -> Result<()>,
) -> Result<KeyAnswer> {
    let mut read =
        KeyRead::new(found.source, KeyAsked { offset: found.offset, db: found.db, place, question });
    let mut open = None;
    while let Some(request) = read.next_read() {
        let bytes = run::read(&found.inputs.places, &mut open, &request)?;
        read.feed(&request, &bytes);
        each(&mut read)?;
    }
    read.finish().map_err(anyhow::Error::msg)
}

/// Commands or payload, however long.
fn recreate(found: &Found<'_>, raw: bool, out: &mut impl Write) -> Result<()> {
    let held_bytes = KeyQuestion::MOST_HELD_BYTES;
    let question =
        if raw { KeyQuestion::Payload { held_bytes } } else { KeyQuestion::Commands { held_bytes } };
    let answer = ask(found, None, question, |read| Ok(out.write_all(&read.take_bytes())?))?;
    let (KeyAnswer::Commands(made) | KeyAnswer::Payload(made)) = answer else { bail!(NO_ANSWER) };
    if let Some(why) = made.refused {
        bail!(why);
    }
    out.write_all(&made.bytes)?;
    for note in &made.notes {
        eprintln!("snaptape: {note}");
    }
    Ok(())
}

/// `0..100`, `500..`, `7`.
fn range(words: &str) -> Result<(u64, u64)> {
    let number =
        |text: &str| text.trim().parse::<u64>().with_context(|| format!("\"{text}\" is not a number"));
    match words.split_once("..") {
        Some((from, "")) => Ok((number(from)?, u64::MAX)),
        Some(("", to)) => Ok((0, number(to)?)),
        Some((from, to)) => Ok((number(from)?, number(to)?)),
        None => number(words).map(|n| (n, n + 1)),
    }
}

fn show(
    found: &Found<'_>,
    key: &KeyArgs,
    target: Option<&str>,
    allocator: Option<&str>,
    out: &mut impl Write,
) -> Result<()> {
    let (from, to) = key.elements.as_deref().map_or(Ok((0, 100)), range)?;
    let (target, allocator) = (target.map(Into::into), allocator.map(Into::into));
    let question = KeyQuestion::Survey { target, allocator, digest: true };
    let KeyAnswer::Survey(survey) = ask(found, None, question, |_| Ok(()))? else { bail!(NO_ANSWER) };
    let format = match key.format.as_deref() {
        Some(word) => Some(Format::from_id(word).with_context(|| {
            let all: Vec<&str> = Format::ALL.iter().map(|format| format.id()).collect();
            format!("\"{word}\" is no way to show a string; there are {}", all.join(", "))
        })?),
        None => None,
    };
    let is_string = survey.type_name.0 == "string";
    let mut pages = Pages::new(found, &survey, from, to, key.find.as_deref());
    let head = pages.head()?;
    if key.json {
        let mut rows = Vec::new();
        pages.each(|row| {
            rows.push(row_json(row));
            Ok(())
        })?;
        let document = json!({
            "schema": "snaptape/key/1",
            "head": head,
            "figures": survey,
            "elements": rows,
            "matches": pages.matches,
        });
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)?;
        return Ok(());
    }
    print_head(found, &head, &survey, out)?;
    if is_string || format.is_some() {
        let texts = if is_string { 1 } else { 2 };
        for text in 0..texts {
            let question = KeyQuestion::Text {
                element: if is_string { 0 } else { from },
                text,
                from: 0,
                len: 1 << 20,
                format: Some(format.unwrap_or_default()),
            };
            let KeyAnswer::Text(window) = ask(found, None, question, |_| Ok(()))? else { bail!(NO_ANSWER) };
            if let (Some(look), Some(len)) = (window.look, window.len_bytes) {
                print_look(&look, len, out)?;
            }
        }
        return Ok(());
    }
    writeln!(out)?;
    pages.each(|row| print_row(row, out))?;
    if key.find.is_some() {
        writeln!(out, "{}", units::plural(pages.matches, "match", "matches"))?;
    } else if let Some(more) =
        survey.elements.map(|all| all.saturating_sub(pages.next)).filter(|more| *more > 0)
    {
        writeln!(out, "... and {} behind them: --elements {}..", units::count(more), pages.next)?;
    }
    if let Some(stream) = &survey.stream {
        print_stream(stream, out)?;
    }
    Ok(())
}

/// Elements, page by page.
struct Pages<'a> {
    found: &'a Found<'a>,
    places: &'a [KeyPlace],
    next: u64,
    to: u64,
    search: Option<ElementSearch>,
    matches: u64,
    first: Option<KeyPage>,
}

impl<'a> Pages<'a> {
    fn new(found: &'a Found<'a>, survey: &'a KeySurvey, from: u64, to: u64, find: Option<&str>) -> Self {
        let search = find.map(|text| ElementSearch { bytes: text.into(), any_case: true });
        Self { found, places: &survey.places, next: from, to, search, matches: 0, first: None }
    }

    fn page(&self) -> Result<KeyPage> {
        // Of what is searched for, more than a page is only counted.
        let limit = if self.search.is_some() { KeyQuestion::MOST_ROWS } else { PAGE };
        let asked = ElementsAsked {
            from: self.next,
            limit: self.to.saturating_sub(self.next).min(limit),
            text_bytes: TEXT_BYTES,
            search: self.search.clone(),
        };
        let place = self.places.iter().rev().find(|place| place.element <= self.next).copied();
        match ask(self.found, place, KeyQuestion::Elements(asked), |_| Ok(()))? {
            KeyAnswer::Page(page) => Ok(*page),
            _ => bail!(NO_ANSWER),
        }
    }

    fn head(&mut self) -> Result<KeyHead> {
        let page = self.page()?;
        let head = page.head.clone();
        self.first = Some(page);
        Ok(head)
    }

    fn each(&mut self, mut each: impl FnMut(&ElementRow) -> Result<()>) -> Result<()> {
        while self.next < self.to {
            let page = match self.first.take() {
                Some(page) => page,
                None => self.page()?,
            };
            for row in &page.rows {
                each(row)?;
            }
            self.matches += page.matches;
            self.next = page.read_up_to.max(self.next);
            if let Some(why) = page.stopped {
                eprintln!("snaptape: {why}");
                break;
            }
            if page.at_end || page.rows.is_empty() || self.search.is_some() {
                break;
            }
        }
        Ok(())
    }
}

fn text_json(text: &ElementText) -> Value {
    let mut value = match KeyName::new(&text.bytes) {
        KeyName::Text { key } => json!({ "text": key }),
        KeyName::Binary { key_base64 } => json!({ "base64": key_base64 }),
    };
    if text.is_cut() {
        value["len_bytes"] = text.len_bytes.into();
    }
    value
}

fn row_json(row: &ElementRow) -> Value {
    let mut value =
        json!({ "index": row.index, "strings": row.texts.iter().map(text_json).collect::<Vec<_>>() });
    if let Some(label) = &row.label {
        value["label"] = label.as_str().into();
    }
    if let Some(score) = &row.score {
        value["score"] = score.as_str().into();
    }
    if let Some(at_ms) = row.expires_at_ms {
        value["expires_at_ms"] = at_ms.into();
    }
    if row.more_texts > 0 {
        value["more_strings"] = row.more_texts.into();
    }
    value
}

fn print_head(found: &Found<'_>, head: &KeyHead, survey: &KeySurvey, out: &mut impl Write) -> Result<()> {
    writeln!(out, "{}", head.name.display())?;
    let elements = survey.elements.map(|n| match survey.type_name.0.as_str() {
        "string" => format!(", {}", units::plural(n, "byte", "bytes")),
        _ => format!(", {}", units::plural(n, "element", "elements")),
    });
    writeln!(
        out,
        "{} ({}){}, database {}, hash slot {}",
        survey.type_name,
        survey.encoding,
        elements.unwrap_or_default(),
        head.db,
        head.slot
    )?;
    match head.expires_at_ms {
        Some(at_ms) => writeln!(out, "expires {}", units::time_ms(at_ms))?,
        None => writeln!(out, "never expires")?,
    }
    if let Some(secs) = head.idle_s {
        writeln!(
            out,
            "used last {} before the file was written",
            units::duration_ms(secs.saturating_mul(1_000))
        )?;
    }
    if let Some(counter) = head.freq {
        writeln!(out, "LFU counter {counter}")?;
    }
    writeln!(
        out,
        "{} in the file ({}, bytes {} to {}), {} payload, {} memory (estimate for {})",
        units::bytes(survey.end - head.start),
        found.source.path,
        head.start,
        survey.end,
        units::bytes(survey.payload_bytes),
        units::bytes(survey.memory_bytes),
        survey.target
    )?;
    for part in &survey.memory_parts {
        writeln!(out, "  {:>10}  {}", units::bytes(part.memory_bytes), part.what)?;
    }
    if let Some(why) = &survey.stopped {
        writeln!(out, "{why}")?;
    }
    Ok(())
}

fn print_row(row: &ElementRow, out: &mut impl Write) -> Result<()> {
    write!(out, "{:>10}", row.index)?;
    if let Some(label) = &row.label {
        write!(out, "  {label}")?;
    }
    for text in &row.texts {
        let more = if text.is_cut() {
            format!(" ... {} in all", units::bytes(text.len_bytes))
        } else {
            String::new()
        };
        write!(out, "  {}{more}", units::printable(&text.bytes))?;
    }
    if row.more_texts > 0 {
        write!(out, "  ... {}", units::plural(row.more_texts, "string more", "strings more"))?;
    }
    if let Some(score) = &row.score {
        write!(out, "  {score}")?;
    }
    if let Some(at_ms) = row.expires_at_ms {
        write!(out, "  expires {}", units::time_ms(at_ms))?;
    }
    writeln!(out)?;
    Ok(())
}

fn print_look(look: &Look, len: u64, out: &mut impl Write) -> Result<()> {
    let guesses: Vec<String> =
        look.guesses.iter().map(|guess| format!("{} {}", guess.certainty.word(), guess.what)).collect();
    writeln!(out, "\n{}: {}", units::plural(len, "byte", "bytes"), guesses.join(", "))?;
    if !look.layers.is_empty() {
        writeln!(out, "inside: {}", look.layers.join(", then "))?;
    }
    match &look.body {
        LookBody::Text(text) => writeln!(out, "{text}")?,
        LookBody::Facts(facts) => {
            for (name, words) in facts {
                writeln!(out, "{name:>20}  {words}")?;
            }
        }
        LookBody::Tree(lines) => {
            for line in lines {
                let indent = "  ".repeat(usize::try_from(line.depth).unwrap_or(0));
                let key = if line.key.is_empty() { String::new() } else { format!("{}: ", line.key) };
                let words = match line.kind.as_str() {
                    "object" | "array" => format!("{} ({})", line.kind, line.children),
                    "string" => format!("\"{}\"", line.text),
                    _ if line.text.is_empty() => line.kind.clone(),
                    _ => line.text.clone(),
                };
                writeln!(out, "{indent}{key}{words}")?;
            }
        }
        LookBody::Hex(from, bytes) => {
            for (i, row) in bytes.chunks(16).enumerate() {
                let hex: Vec<String> = row.iter().map(|byte| format!("{byte:02x}")).collect();
                let text: String = row
                    .iter()
                    .map(|byte| if (0x20..0x7f).contains(byte) { char::from(*byte) } else { '.' })
                    .collect();
                writeln!(out, "{:08x}  {:<47}  {text}", from + 16 * i as u64, hex.join(" "))?;
            }
        }
    }
    if let Some(note) = &look.note {
        writeln!(out, "{note}")?;
    }
    Ok(())
}

fn print_stream(stream: &StreamFacts, out: &mut impl Write) -> Result<()> {
    writeln!(out, "\nlast ID {}", stream.last_id)?;
    if let Some(added) = stream.entries_added {
        writeln!(out, "{} ever added", units::plural(added, "entry", "entries"))?;
    }
    for group in &stream.groups {
        let lag = group.lag.map_or_else(|| "unknown".into(), units::count);
        writeln!(
            out,
            "group {}: last ID {}, lag {lag}, {} pending",
            units::printable(&group.name),
            group.last_id,
            units::count(group.pending)
        )?;
        for consumer in &group.consumers {
            writeln!(
                out,
                "  consumer {}: {} pending, seen {}",
                units::printable(&consumer.name),
                units::count(consumer.pending),
                units::time_ms(consumer.seen_at_ms)
            )?;
        }
        for pending in &group.first_pending {
            let consumer = pending.consumer.as_deref().map(units::printable).unwrap_or_default();
            writeln!(
                out,
                "  pending {} {consumer}: delivered {}, {}",
                pending.id,
                units::time_ms(pending.delivered_at_ms),
                units::plural(pending.deliveries, "time", "times")
            )?;
        }
    }
    if stream.more_groups > 0 {
        writeln!(out, "... and {} groups more", units::count(stream.more_groups))?;
    }
    Ok(())
}
