//! `snaptape inspect --restore`: what the keys need on the target.

use std::io::{self, Write};

use anyhow::{Result, anyhow};
use clap::Args;
use snaptape_analysis::restore_plan;
use snaptape_report::{
    NodePlan, Report, RestoreOptions, RestorePlan,
    restore::{parse_memory, parse_percent, parse_ratio},
    units,
};

use crate::output;

/// Node types that are printed; `--json` has them all.
const TOP: usize = 8;

/// Whether to plan a restore, and with what in mind.
#[derive(Debug, Args)]
pub(crate) struct RestoreArgs {
    /// Say what memory a restore needs, and which ElastiCache nodes hold it.
    #[arg(long)]
    restore: bool,
    /// Share of the pages rewritten while a child saves: 100 is the worst case, memory doubles.
    #[arg(long, value_name = "PERCENT", requires = "restore", allow_negative_numbers = true, value_parser = parse_percent, default_value = "30")]
    rewrite_share: u8,
    /// Share of a node's maxmemory that ElastiCache keeps from data.
    #[arg(long, value_name = "PERCENT", requires = "restore", allow_negative_numbers = true, value_parser = parse_percent, default_value = "25")]
    reserved_memory_percent: u8,
    /// Replicas of each primary.
    #[arg(long, value_name = "N", requires = "restore", default_value_t = 1,
        value_parser = clap::value_parser!(u8).range(0..=i64::from(RestoreOptions::MAX_REPLICAS)))]
    replicas: u8,
    /// Memory the allocator holds for each byte in use, like 1.05.
    #[arg(long, value_name = "RATIO", requires = "restore", value_parser = parse_ratio, default_value = "1.00")]
    mem_fragmentation_ratio: u16,
    /// The setting of that name, like 64mb; default that of the target.
    #[arg(long, value_name = "MEMORY", requires = "restore", value_parser = parse_memory)]
    repl_backlog_size: Option<u64>,
    /// Hard limit of client-output-buffer-limit replica, like 1gb; default 256mb, on ElastiCache a tenth of maxmemory.
    #[arg(long, value_name = "MEMORY", requires = "restore", value_parser = parse_memory)]
    replica_buffer_limit: Option<u64>,
}

impl RestoreArgs {
    /// Was a plan asked for?
    pub(crate) fn is_asked_for(&self) -> bool {
        self.restore
    }

    /// The plan, where one was asked for and there are keys.
    pub(crate) fn plan(&self, report: &Report) -> Result<Option<RestorePlan>> {
        if !self.restore {
            return Ok(None);
        }
        let options = RestoreOptions {
            rewrite_percent: self.rewrite_share,
            reserved_memory_percent: self.reserved_memory_percent,
            replicas: self.replicas,
            mem_fragmentation_percent: self.mem_fragmentation_ratio,
            repl_backlog_bytes: self.repl_backlog_size,
            replica_buffer_bytes: self.replica_buffer_limit,
        };
        restore_plan(report, &options).map_err(|message| anyhow!(message))
    }
}

/// The plan of a report as text.
pub(crate) fn print(out: &mut impl Write, report: &Report) -> Result<()> {
    let Some(plan) = &report.restore else {
        writeln!(out, "\nRestore: there are no keys to plan for.")?;
        return Ok(());
    };
    writeln!(out, "\nRestore on {}", report.target)?;
    let line = |name: &str, bytes: u64, why: &str| vec![units::bytes(bytes), name.to_owned(), why.to_owned()];
    let (counted, beyond): (Vec<_>, Vec<_>) = plan.parts.iter().partition(|line| line.part.is_in_maxmemory());
    let mut rows: Vec<Vec<String>> = Vec::new();
    rows.extend(counted.iter().map(|part| line(part.part.name(), part.bytes, &part.why)));
    rows.push(line("= maxmemory, at least", plan.maxmemory_bytes, "what the server holds against it"));
    rows.extend(beyond.iter().map(|part| line(part.part.name(), part.bytes, &part.why)));
    rows.push(line("= memory of the machine", plan.ram_bytes, "for this server"));
    rows.push(line(
        "worst case, the doubling",
        plan.worst_ram_bytes,
        "every page rewritten while a child saves",
    ));
    output::table(out, &["bytes", "of", "because"], &rows)?;
    writeln!(out, "  {}", plan.options.rewrite_text())?;
    nodes(out, plan)?;
    shards(out, plan)?;
    writeln!(out)?;
    for sentence in &plan.assumptions {
        writeln!(out, "  {sentence}")?;
    }
    Ok(())
}

/// The smallest nodes that hold everything.
fn nodes(out: &mut impl Write, plan: &RestorePlan) -> io::Result<()> {
    let reserved = plan.options.reserved_memory_percent;
    let n = plan.single_nodes().count();
    if n == 0 {
        return writeln!(
            out,
            "\nNo single ElastiCache node holds it with reserved-memory-percent {reserved}."
        );
    }
    writeln!(
        out,
        "\n{} of {} ElastiCache node types {} it alone with reserved-memory-percent {reserved}, the smallest first:",
        units::count(n as u64),
        plan.nodes.len(),
        if n == 1 { "holds" } else { "hold" }
    )?;
    let rows: Vec<Vec<String>> = plan.single_nodes().take(TOP).map(node).collect();
    output::table(
        out,
        &["node type", "maxmemory", "for data", "used", "pages rewritten", "share that fits", "remarks"],
        &rows,
    )
}

fn node(node: &NodePlan) -> Vec<String> {
    vec![
        node.node_type.clone(),
        units::bytes(node.maxmemory_bytes),
        units::bytes(node.capacity_bytes),
        units::percent(node.shard_bytes, node.capacity_bytes),
        node.fork_room.text().into(),
        node.max_rewrite_percent.map_or_else(|| "-".into(), |percent| format!("{percent} %")),
        node.remarks(),
    ]
}

/// For each family, how many shards of which size; sizes larger than one that is enough alone go without saying.
fn shards(out: &mut impl Write, plan: &RestorePlan) -> io::Result<()> {
    let is_enough = |node: &NodePlan| node.shards_with_fork == Some(1);
    if plan.nodes.iter().all(is_enough) {
        return writeln!(out, "\nOne shard of any node type holds the data and the rewritten pages.");
    }
    writeln!(
        out,
        "\nShards needed to hold the data, and after a slash to hold the rewritten pages too (at most {}):",
        plan.max_shards
    )?;
    let rows: Vec<Vec<String>> = plan
        .families()
        .into_iter()
        .map(|(family, nodes)| {
            let end = nodes.iter().position(|node| is_enough(node)).map_or(nodes.len(), |last| last + 1);
            let cells = nodes.iter().take(end).map(|node| format!("{} {}", node.size(), node.shards_text()));
            vec![family.to_owned(), cells.collect::<Vec<_>>().join(", ")]
        })
        .collect();
    output::table(out, &["family", "shards by size"], &rows)?;
    for (why, nodes) in plan.reasons() {
        writeln!(out, "  -: {} {why}", listed(&nodes))?;
    }
    Ok(())
}

/// A few names, and how many more there are.
fn listed(names: &[&str]) -> String {
    const FEW: usize = 4;
    let some = names.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => format!("{some}:"),
        more => format!("{some} and {more} more:"),
    }
}
