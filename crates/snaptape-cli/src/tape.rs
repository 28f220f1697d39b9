//! What `inspect` prints of a tape.

use std::io::Write;

use anyhow::Result;
use snaptape_report::{Activity, BusyKey, CommandFamily, Tape, units};

use crate::output;

/// Rows of the longer tables that are printed; `--json` has them all.
const TOP: usize = 20;
/// Rows of the shorter ones.
const FEW: usize = 10;
/// Rows of the timeline.
const STRETCHES: usize = 16;
/// How long the longest bar is.
const BAR: u64 = 24;

pub(crate) fn print(out: &mut impl Write, tape: &Tape) -> Result<()> {
    writeln!(
        out,
        "\n{}, {} of them, {}",
        units::plural(tape.commands, "command", "commands"),
        units::bytes(tape.file_bytes),
        units::plural(tape.transactions, "transaction", "transactions")
    )?;
    events(out, tape)?;
    rate(out, tape)?;
    transactions(out, tape)?;
    if let Some(savings) = tape.rewrite.filter(|savings| savings.commands > 0) {
        writeln!(
            out,
            "A rewrite would leave out at least {} ({}, {} of the tape) that later commands made void.",
            units::plural(savings.commands, "command", "commands"),
            units::bytes(savings.file_bytes),
            units::percent(savings.file_bytes, tape.file_bytes)
        )?;
    }
    timeline(out, tape)?;
    names(out, tape)?;
    patterns(out, tape)?;
    busiest(out, tape)?;
    Ok(())
}

fn events(out: &mut impl Write, tape: &Tape) -> Result<()> {
    for event in &tape.destructive {
        let time = event.time_s.map(|s| format!(" at {}", units::time_s(s))).unwrap_or_default();
        writeln!(
            out,
            "{}{time} {}: {} at {}, {} before it, {} after it",
            event.name,
            event.what(),
            event.file,
            event.place(),
            units::plural(event.commands_before, "command", "commands"),
            units::count(event.commands_after)
        )?;
        if !event.patterns.is_empty() {
            writeln!(out, "  keys like {}", shown(&event.patterns).join(", "))?;
        }
    }
    let more = tape.destructive_total.saturating_sub(tape.destructive.len() as u64);
    if more > 0 {
        writeln!(out, "{} not listed.", units::plural(more, "more such event is", "more such events are"))?;
    }
    Ok(())
}

fn shown(patterns: &[String]) -> Vec<String> {
    patterns.iter().take(FEW).map(|pattern| units::printable(pattern.as_bytes())).collect()
}

fn rate(out: &mut impl Write, tape: &Tape) -> Result<()> {
    if let (Some(first), Some(last)) = (tape.first_time_s, tape.last_time_s) {
        writeln!(out, "From {} to {}", units::time_s(first), units::time_s(last))?;
    }
    let Some(rate) = &tape.rate else { return Ok(()) };
    write!(out, "{:.1} commands per second on average", rate.mean())?;
    match &rate.busiest {
        Some(busiest) => writeln!(
            out,
            ", most at {}: {} ({} at {})",
            units::time_s(busiest.time_s),
            units::count(busiest.commands),
            busiest.file,
            units::offset(busiest.offset)
        )?,
        None => writeln!(out)?,
    }
    if let Some(gap) = rate.gaps.first() {
        let ms = gap.from_s.abs_diff(gap.to_s).saturating_mul(1_000);
        writeln!(
            out,
            "The longest time without a write: {} from {} on",
            units::duration_ms(ms),
            units::time_s(gap.from_s)
        )?;
    }
    if rate.backwards > 0 {
        let times = units::plural(rate.backwards, "time", "times");
        writeln!(out, "The clock goes back {times}: it was set, or files are in a wrong order.")?;
    }
    Ok(())
}

fn transactions(out: &mut impl Write, tape: &Tape) -> Result<()> {
    if let Some(largest) = tape.largest_transactions.first() {
        writeln!(
            out,
            "{} in transactions, {} in the largest ({} at {})",
            units::plural(tape.transaction_commands, "command", "commands"),
            units::count(largest.commands),
            largest.file,
            units::offset(largest.offset)
        )?;
    }
    Ok(())
}

/// Over time where the tape has times, else over its bytes.
fn timeline(out: &mut impl Write, tape: &Tape) -> Result<()> {
    let (title, stretches): (&str, Vec<(String, &Activity)>) = match &tape.times {
        Some(times) if times.buckets.len() > 1 => {
            let rows = times.buckets.iter();
            ("from", rows.map(|bucket| (units::time_s(bucket.start_s), &bucket.activity)).collect())
        }
        _ => {
            let place = |file: u32, start: u64| match tape.files.as_slice() {
                [_] => units::count(start),
                files => {
                    let file = usize::try_from(file).ok().and_then(|at| files.get(at));
                    format!(
                        "{} {}",
                        file.map_or("later files", |file| file.file.as_str()),
                        units::count(start)
                    )
                }
            };
            let rows = tape.offsets.buckets.iter();
            ("offset", rows.map(|bucket| (place(bucket.file, bucket.start), &bucket.activity)).collect())
        }
    };
    if stretches.len() < 2 {
        return Ok(());
    }
    let rows: Vec<(String, u64, u64, [u64; CommandFamily::ALL.len()])> = stretches
        .chunks(stretches.len().div_ceil(STRETCHES))
        .filter_map(|chunk| {
            let sum = |of: &dyn Fn(&Activity) -> u64| chunk.iter().map(|(_, activity)| of(activity)).sum();
            let kinds = CommandFamily::ALL.map(|family| sum(&|activity| activity.family(family)));
            let (commands, bytes) = (sum(&|a| a.commands), sum(&|a| a.file_bytes));
            Some((chunk.first()?.0.clone(), commands, bytes, kinds))
        })
        .collect();
    let most = rows.iter().map(|row| row.1).max().unwrap_or(0).max(1);
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|(from, commands, bytes, kinds)| {
            let mut kinds: Vec<(u64, &str)> =
                kinds.into_iter().zip(CommandFamily::ALL.map(CommandFamily::name)).collect();
            kinds.sort_by_key(|(commands, _)| core::cmp::Reverse(*commands));
            let words: Vec<String> = kinds
                .iter()
                .filter(|(kind, _)| *kind > 0)
                .take(3)
                .map(|(kind, name)| format!("{name} {}", units::percent(*kind, commands)))
                .collect();
            // Something is never shown as nothing.
            let bar = usize::try_from((commands * BAR / most).max(u64::from(commands > 0))).unwrap_or(0);
            let (count, bytes) = (units::count(commands), units::bytes(bytes));
            vec![from, count, bytes, "#".repeat(bar), words.join(", ")]
        })
        .collect();
    writeln!(out)?;
    output::table(out, &[title, "commands", "bytes", "", "mostly"], &rows)?;
    Ok(())
}

fn names(out: &mut impl Write, tape: &Tape) -> Result<()> {
    writeln!(out)?;
    let rows: Vec<Vec<String>> = tape
        .by_name
        .iter()
        .take(TOP)
        .map(|c| {
            vec![
                c.name.clone(),
                units::count(c.commands),
                units::percent(c.commands, tape.commands),
                units::bytes(c.file_bytes),
            ]
        })
        .collect();
    output::table(out, &["command", "count", "share", "bytes"], &rows)?;
    writeln!(out)?;
    let rows: Vec<Vec<String>> = tape
        .databases
        .iter()
        .take(TOP)
        .map(|d| vec![d.db.to_string(), units::count(d.commands), units::bytes(d.file_bytes)])
        .collect();
    output::table(out, &["database", "commands", "bytes"], &rows)?;
    Ok(())
}

fn patterns(out: &mut impl Write, tape: &Tape) -> Result<()> {
    let rows: Vec<Vec<String>> = tape
        .patterns
        .listed
        .iter()
        .take(TOP)
        .map(|pattern| {
            vec![
                units::printable(pattern.pattern.as_bytes()),
                units::count(pattern.commands),
                units::bytes(pattern.file_bytes),
                units::percent(pattern.file_bytes, tape.file_bytes),
            ]
        })
        .collect();
    if !rows.is_empty() {
        writeln!(out)?;
        output::table(out, &["keys like", "commands", "bytes", "share"], &rows)?;
    }
    Ok(())
}

fn busiest(out: &mut impl Write, tape: &Tape) -> Result<()> {
    let figure = |figure: String, missed: u64, more: String| {
        if missed == 0 { figure } else { format!("{figure} (up to {more} more)") }
    };
    let row = |key: &BusyKey| {
        vec![
            key.name.display(),
            key.db.to_string(),
            figure(units::count(key.commands), key.missed_commands, units::count(key.missed_commands)),
            figure(units::bytes(key.file_bytes), key.missed_file_bytes, units::bytes(key.missed_file_bytes)),
        ]
    };
    let lists = [("busiest keys", &tape.busiest.by_commands), ("keys by bytes", &tape.busiest.by_file_bytes)];
    for (title, keys) in lists {
        let rows: Vec<Vec<String>> = keys.iter().take(FEW).map(row).collect();
        if !rows.is_empty() {
            writeln!(out)?;
            output::table(out, &[title, "database", "commands", "bytes"], &rows)?;
        }
    }
    let missed = (tape.busiest.missed_commands, tape.busiest.missed_file_bytes);
    if missed.0 > 0 {
        writeln!(
            out,
            "  There are too many keys to count each: one that is not listed may have up to {}, and another one {}.",
            units::plural(missed.0, "command", "commands"),
            units::bytes(missed.1)
        )?;
    }
    Ok(())
}
