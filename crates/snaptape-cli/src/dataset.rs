//! Printing: where the keys and the bytes of a snapshot are.

use std::io::Write;

use anyhow::Result;
use snaptape_report::{
    Access, AccessGroup, Dataset, Group, KeyRow, PatternFolding, Quantiles, Tally, module_product, units,
};

use crate::{advice, output};

/// Rows of the longer tables that are printed; `--json` has them all.
const TOP: usize = 20;
/// Rows of the lists of single keys.
const FEW: usize = 5;

pub(crate) fn print(out: &mut impl Write, dataset: &Dataset, target: &str) -> Result<()> {
    let all = &dataset.totals;
    if all.keys == 0 {
        writeln!(out, "\nThe snapshot holds no keys.")?;
        return Ok(());
    }
    totals(out, dataset, target)?;
    advice::print(out, dataset)?;
    let header = |what| {
        [what, "keys", "in file", "payload", "memory", "share", "without TTL", "median", "p99", "largest"]
    };
    let groups = |groups: &[Group], name: fn(&Group) -> String| -> Vec<Vec<String>> {
        groups.iter().map(|group| row(&name(group), &group.tally, group.quantiles.as_ref(), all)).collect()
    };
    for (title, list, name) in [
        ("database", &dataset.databases, (|g| g.name.clone()) as fn(&Group) -> String),
        ("type", &dataset.types, |g| match module_product(&g.name) {
            Some(product) => format!("{} ({product})", g.name),
            None => g.name.clone(),
        }),
        ("encoding", &dataset.encodings, |g| format!("{} / {}", g.type_name, g.name)),
        ("expires", &dataset.expiries, |g| g.name.clone()),
    ] {
        writeln!(out)?;
        output::table(out, &header(title), &groups(list, name))?;
    }
    writeln!(out)?;
    let mut rows: Vec<Vec<String>> = dataset
        .patterns
        .iter()
        .take(TOP)
        .map(|group| {
            row(&units::printable(group.pattern.as_bytes()), &group.tally, group.quantiles.as_ref(), all)
        })
        .collect();
    let mut rest = dataset.other_patterns;
    let mut n_rest = dataset.other_patterns_count;
    for group in dataset.patterns.iter().skip(TOP) {
        rest.merge(&group.tally);
        n_rest += 1;
    }
    if rest.keys > 0 {
        rows.push(row(&format!("({} more)", units::count(n_rest)), &rest, None, all));
    }
    output::table(out, &header("key pattern"), &rows)?;
    folding(out, &dataset.folding, all)?;
    by_release(out, dataset)?;
    keys(out, "biggest keys", dataset.biggest.iter().take(TOP))?;
    keys(out, "most elements", dataset.most_elements.iter().take(FEW))?;
    keys(out, "longest element", dataset.largest_elements.iter().take(FEW))?;
    if let Some(access) = &dataset.access {
        print_access(out, access, all)?;
    }
    Ok(())
}

fn totals(out: &mut impl Write, dataset: &Dataset, target: &str) -> Result<()> {
    let all = &dataset.totals;
    writeln!(
        out,
        "\n{}: {} in the file, {} payload, {} memory (estimate for {target})",
        units::plural(all.keys, "key", "keys"),
        units::bytes(all.file_bytes),
        units::bytes(all.payload_bytes),
        units::bytes(all.memory_bytes)
    )?;
    let instance = &dataset.instance;
    writeln!(
        out,
        "Loaded by {target}, used_memory grows by {}: {} for keys and values, {} for the tables of keys and expiries.",
        units::bytes(instance.dataset_bytes),
        units::bytes(instance.keys_bytes),
        units::bytes(instance.tables_bytes)
    )?;
    if let Some(figures) = dataset.reconciliation {
        writeln!(out, "{}", figures.sentence())?;
    }
    writeln!(
        out,
        "{} without TTL, {} expired when saved ({}), {} expired by now ({})",
        units::count(all.without_ttl()),
        units::count(all.expired_at_save),
        units::bytes(all.expired_at_save_memory_bytes),
        units::count(all.expired_now),
        units::bytes(all.expired_now_memory_bytes)
    )?;
    if let Some(quantiles) = &dataset.quantiles {
        writeln!(
            out,
            "Half of the keys take at most {}, 90 % at most {}, 99 % at most {} (each at most {} % too high), the largest {}",
            units::bytes(quantiles.p50),
            units::bytes(quantiles.p90),
            units::bytes(quantiles.p99),
            f64::from(quantiles.error_per_mille) / 10.0,
            units::bytes(quantiles.max)
        )?;
    }
    let longest = dataset.names.longest.first();
    writeln!(
        out,
        "Key names take {}, {} of the payload: {} on average{}",
        units::bytes(all.name_bytes),
        units::percent(all.name_bytes, all.payload_bytes),
        units::bytes(all.name_bytes / all.keys),
        longest.map(|name| format!(", the longest {}", units::bytes(name.name_bytes))).unwrap_or_default()
    )?;
    Ok(())
}

fn row(name: &str, tally: &Tally, quantiles: Option<&Quantiles>, all: &Tally) -> Vec<String> {
    let quantile = |of: fn(&Quantiles) -> u64| quantiles.map_or_else(|| "-".into(), |q| units::bytes(of(q)));
    vec![
        name.to_owned(),
        units::count(tally.keys),
        units::bytes(tally.file_bytes),
        units::bytes(tally.payload_bytes),
        units::bytes(tally.memory_bytes),
        units::percent(tally.memory_bytes, all.memory_bytes),
        units::percent(tally.without_ttl(), tally.keys),
        quantile(|q| q.p50),
        quantile(|q| q.p99),
        units::bytes(tally.largest_memory_bytes),
    ]
}

/// What was folded away, and why.
fn folding(out: &mut impl Write, folding: &PatternFolding, all: &Tally) -> Result<()> {
    for sentence in folding.sentences(all.keys) {
        writeln!(out, "  {sentence}")?;
    }
    if folding.shared_first_segment.is_some() {
        writeln!(out, "  --skip-prefix-segment leaves it out.")?;
    }
    Ok(())
}

fn keys<'a>(out: &mut impl Write, title: &str, keys: impl Iterator<Item = &'a KeyRow>) -> Result<()> {
    let rows: Vec<Vec<String>> = keys
        .map(|key| {
            vec![
                key.name.display(),
                key.type_name.to_string(),
                key.encoding.clone(),
                key.elements.map_or_else(|| "-".into(), units::count),
                key.largest_element_bytes.map_or_else(|| "-".into(), units::bytes),
                units::bytes(key.memory_bytes),
                units::bytes(key.file_bytes),
                key.expires_at_ms.map_or_else(|| "never".into(), units::time_ms),
            ]
        })
        .collect();
    if rows.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    let header = [title, "type", "encoding", "elements", "longest element", "memory", "in file", "expires"];
    output::table(out, &header, &rows)?;
    Ok(())
}

fn print_access(out: &mut impl Write, access: &Access, all: &Tally) -> Result<()> {
    let group = |group: &AccessGroup| {
        vec![
            group.name.clone(),
            units::count(group.keys),
            units::percent(group.keys, all.keys),
            units::bytes(group.memory_bytes),
            units::percent(group.memory_bytes, all.memory_bytes),
        ]
    };
    for (title, groups) in [("idle for", &access.idle), ("LFU counter", &access.frequency)] {
        if !groups.is_empty() {
            let rows: Vec<_> = groups.iter().map(group).collect();
            writeln!(out)?;
            output::table(out, &[title, "keys", "share", "memory", "share"], &rows)?;
        }
    }
    for (title, list) in [("hottest keys", &access.hottest), ("coldest keys", &access.coldest)] {
        let rows: Vec<Vec<String>> = list
            .iter()
            .take(FEW)
            .map(|key| {
                vec![
                    key.name.display(),
                    key.type_name.to_string(),
                    key.idle_s.map_or_else(|| "-".into(), |s| units::duration_ms(s.saturating_mul(1_000))),
                    key.freq.map_or_else(|| "-".into(), |counter| units::count(counter.into())),
                    units::bytes(key.memory_bytes),
                ]
            })
            .collect();
        if !rows.is_empty() {
            writeln!(out)?;
            output::table(out, &[title, "type", "idle for", "LFU counter", "memory"], &rows)?;
        }
    }
    Ok(())
}

/// What other releases would need.
fn by_release(out: &mut impl Write, dataset: &Dataset) -> Result<()> {
    let instance = &dataset.instance;
    let rows: Vec<Vec<String>> = dataset
        .releases
        .iter()
        .zip(instance.by_release.0)
        .enumerate()
        .map(|(i, (release, bytes))| {
            let mark = if i == instance.release { " *" } else { "" };
            vec![
                format!("{release}{mark}"),
                units::bytes(bytes),
                units::difference(bytes, instance.dataset_bytes),
            ]
        })
        .collect();
    writeln!(out)?;
    output::table(out, &["loaded by (* the target)", "used_memory grows by", "beside the target"], &rows)?;
    Ok(())
}
