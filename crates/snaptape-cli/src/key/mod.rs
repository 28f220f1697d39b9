//! `snaptape key`: one key, read from its file.

mod print;

use std::io::{self, BufWriter, Write};

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::json;
use snaptape_engine::{ElementSearch, ElementsAsked, KeyAsked, KeyQuestion, KeyRead, Outcome, Source};
use snaptape_report::{ElementRow, Format, KeyAnswer, KeyHead, KeyPage, KeyPlace, KeySurvey, units};

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
            let shell = made.shell.as_deref().unwrap_or("redis-cli -x RESTORE KEY 0");
            bail!(
                "its payload has {}, too many for a line: write it into a file with --raw > FILE, then {shell} < FILE",
                units::bytes(made.len_bytes)
            );
        };
        writeln!(out, "{line}")?;
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
    let question = KeyQuestion::Survey { target, allocator, digest: true, now_ms: run::now_ms() };
    let KeyAnswer::Survey(survey) = ask(found, None, question, |_| Ok(()))? else { bail!(NO_ANSWER) };
    let format = match key.format.as_deref() {
        Some(word) => Some(Format::from_id(word).with_context(|| {
            let all: Vec<&str> = Format::ALL.iter().map(|format| format.id()).collect();
            format!("\"{word}\" is no way to show a string; there are {}", all.join(", "))
        })?),
        None => None,
    };
    // A document is shown as what it is, too.
    let is_string = survey.type_name.0 == "string"
        || (survey.module.as_ref().is_some_and(|module| module.is_document)
            && key.elements.is_none()
            && key.find.is_none());
    let mut pages = Pages::new(found, &survey, from, to, key.find.as_deref());
    let head = pages.head()?;
    if key.json {
        let mut rows = Vec::new();
        pages.each(|row| {
            rows.push(print::row_json(row));
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
    print::head(found, &head, &survey, out)?;
    if is_string || format.is_some() {
        let texts = if is_string { 1 } else { 2 };
        for text in 0..texts {
            let question = KeyQuestion::Text {
                element: if is_string { 0 } else { from },
                text,
                from: 0,
                len: 1 << 20,
                format: Some(format.unwrap_or_default()),
                unnamed: pages.unnamed,
            };
            let KeyAnswer::Text(window) = ask(found, None, question, |_| Ok(()))? else { bail!(NO_ANSWER) };
            if let (Some(look), Some(len)) = (window.look, window.len_bytes) {
                print::look(&look, len, out)?;
            }
        }
        return Ok(());
    }
    writeln!(out)?;
    let is_module = survey.module.is_some();
    pages.each(|row| print::row(row, is_module, out))?;
    if key.find.is_some() {
        writeln!(out, "{}", units::plural(pages.matches, "match", "matches"))?;
    } else if let Some(more) =
        survey.rows().map(|all| all.saturating_sub(pages.next)).filter(|more| *more > 0)
    {
        writeln!(out, "... and {} behind them: --elements {}..", units::count(more), pages.next)?;
    }
    if let Some(stream) = &survey.stream {
        print::stream(stream, out)?;
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
    unnamed: bool,
    matches: u64,
    first: Option<KeyPage>,
}

impl<'a> Pages<'a> {
    fn new(found: &'a Found<'a>, survey: &'a KeySurvey, from: u64, to: u64, find: Option<&str>) -> Self {
        let search = find.map(|text| ElementSearch { bytes: text.into(), any_case: true });
        let unnamed = survey.module.as_ref().is_some_and(|module| !module.is_named);
        Self { found, places: &survey.places, next: from, to, search, unnamed, matches: 0, first: None }
    }

    fn page(&self) -> Result<KeyPage> {
        // Of what is searched for, more than a page is only counted.
        let limit = if self.search.is_some() { KeyQuestion::MOST_ROWS } else { PAGE };
        let asked = ElementsAsked {
            from: self.next,
            limit: self.to.saturating_sub(self.next).min(limit),
            text_bytes: TEXT_BYTES,
            search: self.search.clone(),
            unnamed: self.unnamed,
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
