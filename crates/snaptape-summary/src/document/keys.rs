//! The parts of a document that speak of keys, and of commands.

use snaptape_report::{
    Advice, AdviceKind, Dataset, Group, KeyRow, PatternGroup, Report, Shard, SlotLoad, Tally, Tape, units,
};

use super::{
    Block, Cell, Span,
    content::{cell, code, heading, text},
};
use crate::{
    Weigh, expiry,
    names::Names,
    picture::{Bar, Fill, Part},
    slots, words,
};

/// How many patterns, keys and slots are listed.
const TOP: usize = 20;
/// How many commands are listed by name.
const COMMANDS: usize = 15;

/// The sizes, each with the name of what it measures.
pub(super) fn sizes(blocks: &mut Vec<Block>, report: &Report) {
    let target = words::target(&report.target);
    let mut items: Vec<Vec<Span>> = Vec::new();
    let mut item = |figure: String, words: String| items.push(vec![Span::Strong(figure), text(words)]);
    if let Some(dataset) = &report.dataset {
        let totals = &dataset.totals;
        item(
            units::count(totals.keys),
            format!(" keys with {}", units::plural(totals.elements, "element", "elements")),
        );
        item(units::bytes(totals.file_bytes), " in the file".into());
        item(units::bytes(totals.payload_bytes), " payload: bytes of keys and elements".into());
        item(
            units::bytes(totals.memory_bytes),
            format!(" memory, the keys as MEMORY USAGE counts them in {target} (an estimate)"),
        );
        item(
            units::bytes(dataset.instance.dataset_bytes),
            format!(
                " is what used_memory grows by, {} of it for the tables of keys",
                units::bytes(dataset.instance.tables_bytes)
            ),
        );
    }
    if let Some(tape) = &report.tape {
        item(
            units::count(tape.commands),
            format!(" commands on the tape, {}", units::bytes(tape.file_bytes)),
        );
    }
    if let Some(restore) = &report.restore {
        item(
            units::bytes(restore.maxmemory_bytes),
            format!(
                " of maxmemory is needed to restore, and {} of memory while it saves ({} in the worst case)",
                units::bytes(restore.ram_bytes),
                units::bytes(restore.worst_ram_bytes)
            ),
        );
    }
    blocks.push(Block::List(items));
    if let Some(figures) = report.dataset.as_ref().and_then(|dataset| dataset.reconciliation) {
        blocks.push(Block::Paragraph(vec![text(figures.sentence())]));
    }
}

/// Everything about keys.
pub(super) fn all(blocks: &mut Vec<Block>, dataset: &Dataset, report: &Report, names: &mut Names) {
    advice(blocks, dataset, names);
    let totals = &dataset.totals;
    blocks.push(heading("Keys by type"));
    let part = |group: &Group| Part {
        fill: Fill::of_type(&group.name),
        value: group.tally.memory_bytes,
        name: group.name.clone(),
    };
    let bar =
        Bar { label: "types".into(), short: "types".into(), parts: dataset.types.iter().map(part).collect() };
    blocks.push(Block::Stack { label: "Memory by type", bar });
    groups(blocks, "Type", &dataset.types, totals, |group| vec![text(&group.name)]);
    blocks.push(heading("Keys by encoding"));
    groups(blocks, "Encoding", &dataset.encodings, totals, |group| {
        vec![text(format!("{} / {}", group.type_name, group.name))]
    });
    blocks.push(heading("Keys by database"));
    groups(blocks, "Database", &dataset.databases, totals, |group| vec![text(&group.name)]);
    blocks.push(heading("Keys by the time left"));
    blocks.push(Block::Paragraph(vec![
        text(expiry::verdict(dataset, crate::verdict::whose(report))),
        text(" "),
        text(expiry::lead(dataset)),
    ]));
    blocks.push(Block::Columns {
        label: "Memory by the time left",
        columns: expiry::columns(dataset, Weigh::Memory),
    });
    let rows = expiry::rows(dataset).into_iter().map(|row| {
        vec![
            cell(row.name),
            cell(units::count(row.keys)),
            cell(units::bytes(row.memory_bytes)),
            cell(row.freed_bytes.map_or_else(|| "-".into(), units::bytes)),
        ]
    });
    blocks.push(Block::Table {
        head: vec!["Expires", ">Keys", ">Memory", ">Gone by then"],
        rows: rows.collect(),
    });
    patterns(blocks, dataset, names);
    biggest(blocks, dataset, names);
    if let Some(coverage) = &report.slots {
        blocks.push(heading("Hash slots"));
        let figures = slots::balance(coverage, &report.shards).figures;
        blocks.push(Block::List(
            figures.into_iter().map(|(what, figure)| vec![text(format!("{what}: {figure}"))]).collect(),
        ));
        let mut row = |slot: &SlotLoad| {
            vec![
                cell(units::count(slot.slot.into())),
                cell(units::count(slot.keys)),
                cell(units::bytes(slot.memory_bytes)),
                vec![code(names.key(&slot.largest))],
                cell(units::percent(slot.largest_memory_bytes, slot.memory_bytes)),
            ]
        };
        blocks.push(Block::Table {
            head: vec![">Slot", ">Keys", ">Memory", "Largest key", ">Of its slot"],
            rows: coverage.heaviest.iter().map(&mut row).collect(),
        });
    }
    if !report.shards.is_empty() {
        blocks.push(heading("Shards"));
        let row = |shard: &Shard| {
            vec![
                vec![code(&shard.file)],
                cell(units::count(shard.keys)),
                cell(units::bytes(shard.memory_bytes)),
                cell(units::count(u64::from(shard.slots))),
                cell(shard.ranges_text()),
            ]
        };
        blocks.push(Block::Table {
            head: vec!["File", ">Keys", ">Memory", ">Slots", "From - to"],
            rows: report.shards.iter().map(row).collect(),
        });
    }
}

fn groups(
    blocks: &mut Vec<Block>,
    title: &'static str,
    groups: &[Group],
    all: &Tally,
    name: impl Fn(&Group) -> Cell,
) {
    let row = |group: &Group| {
        let tally = &group.tally;
        vec![
            name(group),
            cell(units::count(tally.keys)),
            cell(units::bytes(tally.file_bytes)),
            cell(units::bytes(tally.payload_bytes)),
            cell(units::bytes(tally.memory_bytes)),
            cell(units::percent(tally.memory_bytes, all.memory_bytes)),
            cell(units::percent(tally.without_ttl(), tally.keys)),
        ]
    };
    blocks.push(Block::Table {
        head: vec![title, ">Keys", ">In file", ">Payload", ">Memory", ">Share", ">Without TTL"],
        rows: groups.iter().take(TOP * 5).map(row).collect(),
    });
}

fn patterns(blocks: &mut Vec<Block>, dataset: &Dataset, names: &mut Names) {
    blocks.push(heading("Key patterns"));
    let mut row = |group: &PatternGroup| {
        let tally = &group.tally;
        vec![
            vec![code(names.pattern(&group.pattern))],
            cell(&group.type_name),
            cell(units::count(tally.keys)),
            cell(units::bytes(tally.memory_bytes)),
            cell(units::percent(tally.memory_bytes, dataset.totals.memory_bytes)),
            cell(units::percent(tally.without_ttl(), tally.keys)),
            cell(units::bytes(tally.largest_memory_bytes)),
        ]
    };
    blocks.push(Block::Table {
        head: vec!["Pattern", "Type", ">Keys", ">Memory", ">Share", ">Without TTL", ">Largest"],
        rows: dataset.patterns.iter().take(TOP).map(&mut row).collect(),
    });
    let rest = dataset.patterns.len().saturating_sub(TOP) as u64 + dataset.other_patterns_count;
    if rest > 0 {
        blocks.push(Block::Paragraph(vec![text(format!(
            "And {} more.",
            units::plural(rest, "pattern", "patterns")
        ))]));
    }
}

fn biggest(blocks: &mut Vec<Block>, dataset: &Dataset, names: &mut Names) {
    blocks.push(heading("Biggest keys"));
    let mut row = |key: &KeyRow| {
        let file = key.file.as_deref().map(|file| format!("{} ", words::file_name(file))).unwrap_or_default();
        vec![
            vec![code(names.key(&key.name))],
            cell(units::count(key.db)),
            cell(&key.type_name.0),
            cell(&key.encoding),
            cell(key.elements.map_or_else(|| "-".into(), units::count)),
            cell(units::bytes(key.memory_bytes)),
            cell(units::percent(key.memory_bytes, dataset.totals.memory_bytes)),
            cell(key.expires_at_ms.map_or_else(|| "never".into(), units::time_ms)),
            vec![code(format!("{file}{}", units::offset(key.offset)))],
        ]
    };
    blocks.push(Block::Table {
        head: vec![
            "Key",
            ">Database",
            "Type",
            "Encoding",
            ">Elements",
            ">Memory",
            ">Share",
            "Expires",
            "Offset",
        ],
        rows: dataset.biggest.iter().take(TOP).map(&mut row).collect(),
    });
}

fn advice(blocks: &mut Vec<Block>, dataset: &Dataset, names: &mut Names) {
    blocks.push(heading("What would save memory"));
    if dataset.advice.is_empty() {
        blocks.push(Block::Paragraph(vec![text(Advice::NOTHING)]));
        return;
    }
    let items = dataset.advice.iter().map(|advice| {
        let saved = advice.saved_bytes.map_or_else(|| "not known".into(), units::bytes);
        let mut spans = vec![Span::Strong(saved), text(": ")];
        spans.extend(sentence(advice, names));
        if let Some(setting) = &advice.setting {
            spans.extend([text(" "), code(setting.line())]);
        }
        spans
    });
    blocks.push(Block::List(items.collect()));
}

/// Its own sentence, or one without names of keys where these are hidden.
fn sentence(advice: &Advice, names: &mut Names) -> Vec<Span> {
    let speaks_of_names = !matches!(advice.kind, AdviceKind::AboveLimit | AdviceKind::ExpiredKeys);
    if !names.naming().is_hiding() || !speaks_of_names {
        return vec![text(&advice.sentence)];
    }
    let what = match advice.kind {
        AdviceKind::CompressibleStrings => "strings that the file's own compression makes much shorter",
        AdviceKind::DominatingKey => "one key takes a good part of everything",
        AdviceKind::DominatingKeyOfSlot => {
            "one key takes most of its hash slot, which no other node can relieve"
        }
        AdviceKind::DuplicatedValues => "long strings that stand there more than once",
        AdviceKind::LongNames => "names of keys that repeat the same long text",
        AdviceKind::MissingTtl => "keys without TTL among many that have one",
        AdviceKind::AboveLimit | AdviceKind::ExpiredKeys => "",
    };
    let keys = units::plural(advice.keys, "key", "keys");
    let mut spans = vec![text(format!("{what}; {keys} of {}", units::bytes(advice.affected_bytes)))];
    if let Some(pattern) = &advice.pattern {
        spans.extend([text(", as in "), code(names.pattern(pattern))]);
    }
    for key in &advice.examples {
        spans.extend([text(", "), code(names.key(key))]);
    }
    spans.push(text("."));
    spans
}

/// What a tape holds.
pub(super) fn tape(blocks: &mut Vec<Block>, tape: &Tape, names: &mut Names) {
    blocks.push(heading("The tape"));
    let rows = tape.by_name.iter().take(COMMANDS).map(|count| {
        vec![
            vec![code(&count.name)],
            cell(units::count(count.commands)),
            cell(units::percent(count.commands, tape.commands)),
            cell(units::bytes(count.file_bytes)),
        ]
    });
    blocks.push(Block::Table {
        head: vec!["Command", ">Commands", ">Share", ">In file"],
        rows: rows.collect(),
    });
    if !tape.destructive.is_empty() {
        let hiding = names.naming().is_hiding();
        let rows = tape.destructive.iter().take(TOP).map(|event| {
            let mut what: Cell = Vec::new();
            if hiding && event.kind == snaptape_report::DestructiveKind::RenameOver {
                what.push(text("replaces a key"));
                for key in &event.examples {
                    what.extend([text(" "), code(names.key(key))]);
                }
            } else {
                what.push(text(event.what()));
            }
            vec![
                vec![code(&event.name)],
                cell(event.time_s.map_or_else(|| "-".into(), units::time_s)),
                vec![code(words::file_name(&event.file)), text(format!(" {}", event.place()))],
                what,
                cell(units::count(event.commands_before)),
                cell(units::count(event.commands_after)),
            ]
        });
        let rows = rows.collect();
        blocks.push(heading("What removes or replaces much"));
        blocks.push(Block::Table {
            head: vec!["Command", "Time", "Where", "What", ">Before it", ">After it"],
            rows,
        });
    }
}
