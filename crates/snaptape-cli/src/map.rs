//! `snaptape map`.

use std::io::{self, Write as _};

use anyhow::{Result, bail};
use clap::Args;
use snaptape_analysis::MapFold;
use snaptape_report::{MapMeasure, MapNesting, MemoryMap, PatternOptions, units};

use crate::{InputArgs, input, output, run};

/// How the map is made and printed.
#[derive(Debug, Args)]
pub(crate) struct MapArgs {
    /// What keys are nested by, from the outside in: pattern, type, encoding, database, slot, file.
    #[arg(long = "by", value_name = "NESTING", default_value = "pattern", value_parser = MapNesting::parse)]
    nesting: MapNesting,
    /// What parts are as large as: memory, file, payload, keys, no-ttl.
    #[arg(long, default_value = "memory", value_parser = measure)]
    measure: MapMeasure,
    /// Leave out parts that are smaller than this share of everything.
    #[arg(long, value_name = "PERCENT", default_value_t = 1)]
    least: u8,
    /// Print the whole map as JSON.
    #[arg(long)]
    json: bool,
}

fn measure(word: &str) -> Result<MapMeasure, String> {
    MapMeasure::from_id(word).ok_or_else(|| {
        format!("\"{word}\" is no measure; there are {}", MapMeasure::ALL.map(MapMeasure::id).join(", "))
    })
}

pub(crate) fn run(args: &InputArgs, patterns: &PatternOptions, map: &MapArgs) -> Result<u8> {
    let inputs = input::find(&args.paths)?;
    let mut fold = MapFold::new(map.nesting.clone(), patterns.clone()).map_err(anyhow::Error::msg)?;
    // The job names the file of a key only where there are several.
    let only = inputs.files.first().map(|file| file.path.clone()).unwrap_or_default();
    let asked = run::Asked { patterns: Some(patterns), ..args.asked() };
    let outcome = run::job(&inputs, asked, |key, file| {
        fold.add(key, file.unwrap_or(&only));
        Ok(())
    })?;
    // What is not in the map because of damage must not go unnoticed.
    output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    if outcome.report.dataset.is_none() {
        bail!("there is no snapshot: maps are of the keys of snapshots");
    }
    let document = fold.finish(&outcome.report.target);
    if map.json {
        output::json(&document)?;
    } else {
        print(&document, map)?;
    }
    Ok(0)
}

fn print(map: &MemoryMap, args: &MapArgs) -> Result<()> {
    let mut out = io::stdout().lock();
    let Some(all) = map.nodes.first() else { return Ok(()) };
    let whole = all.sums.by(args.measure);
    let mut within: Vec<Vec<usize>> = vec![Vec::new(); map.nodes.len()];
    for (i, node) in map.nodes.iter().enumerate().skip(1) {
        if let Some(within) = usize::try_from(node.parent).ok().and_then(|parent| within.get_mut(parent)) {
            within.push(i);
        }
    }
    let mut rows = Vec::new();
    let mut open = vec![(0, 0)];
    while let Some((at, depth)) = open.pop() {
        let Some(node) = map.nodes.get(at) else { continue };
        let value = node.sums.by(args.measure);
        if depth > 0 && u128::from(value) * 100 < u128::from(whole) * u128::from(args.least) {
            continue;
        }
        rows.push(vec![
            format!("{}{}", "  ".repeat(depth), node.label()),
            units::percent(value, whole),
            units::bytes(node.sums.memory_bytes),
            units::bytes(node.sums.file_bytes),
            units::bytes(node.sums.payload_bytes),
            units::count(node.sums.keys),
            units::count(node.sums.without_ttl),
            if depth > 0 { node.types() } else { String::new() },
        ]);
        let mut children = within.get(at).cloned().unwrap_or_default();
        // The largest is taken first: it stands last.
        children.sort_by_key(|child| map.nodes.get(*child).map_or(0, |node| node.sums.by(args.measure)));
        open.extend(children.into_iter().map(|child| (child, depth + 1)));
    }
    let share = format!("of {}", args.measure.whole());
    output::table(
        &mut out,
        &["part", &share, "memory", "in file", "payload", "keys", "without TTL", "type"],
        &rows,
    )?;
    for sentence in map.sentences() {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}
