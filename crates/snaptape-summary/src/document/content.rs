//! What a document says, whatever it is written in.

use snaptape_report::{FileReport, Finding, Holds, Load, Loads, Plan, ReleaseGroup, Role, Severity, units};

use super::{Block, Cell, Document, DocumentOptions, Span, keys};
use crate::{
    Facts,
    names::Names,
    standouts::{self, Part},
    verdict,
    words::{self, file_name},
};

/// Most findings that are listed.
const MAX_FINDINGS: usize = 100;
/// Most files that are listed.
const MAX_FILES: usize = 200;

pub(super) fn text(text: impl Into<String>) -> Span {
    Span::Text(text.into())
}

pub(super) fn code(text: impl Into<String>) -> Span {
    Span::Code(text.into())
}

pub(super) fn cell(words: impl Into<String>) -> Cell {
    vec![text(words)]
}

pub(super) fn heading(title: &str) -> Block {
    Block::Heading(title.into())
}

/// The document of a report.
pub fn document(facts: Facts<'_>, options: &DocumentOptions) -> Document {
    let mut names = Names::new(options.naming.clone());
    let mut blocks = Vec::new();
    let description = verdict::description(facts, options.naming.is_hiding());
    if !description.is_empty() {
        blocks.push(Block::Paragraph(vec![text(description)]));
    }
    blocks.push(Block::Paragraph(vec![text(format!(
        "Made by Snaptape {} on {}, for {}. {}",
        options.version,
        units::time_ms(options.now_ms),
        words::target(&facts.report.target),
        options.naming.sentence()
    ))]));
    keys::sizes(&mut blocks, facts.report);
    standouts(&mut blocks, facts, &mut names);
    files(&mut blocks, facts);
    findings(&mut blocks, facts, &names);
    on_start(&mut blocks, facts, &names);
    plans(&mut blocks, facts, &mut names);
    if let Some(dataset) = facts.report.dataset.as_ref().filter(|dataset| dataset.totals.keys > 0) {
        keys::all(&mut blocks, dataset, facts.report, &mut names);
    }
    if let Some(tape) = &facts.report.tape {
        keys::tape(&mut blocks, tape, &mut names);
    }
    let files: Vec<&str> = facts.report.files.iter().map(|file| file_name(&file.name)).take(3).collect();
    Document { title: files.join(", "), verdict: verdict::verdict(facts), blocks }
}

fn standouts(blocks: &mut Vec<Block>, facts: Facts<'_>, names: &mut Names) {
    blocks.push(heading("What stands out"));
    let found = standouts::standouts(facts);
    if found.is_empty() {
        blocks.push(Block::Paragraph(vec![text(standouts::NOTHING)]));
        return;
    }
    let items = found.iter().map(|standout| {
        let mut spans: Vec<Span> = standout.parts.iter().map(|part| span(part, names)).collect();
        spans.push(text("."));
        spans
    });
    blocks.push(Block::List(items.collect()));
}

fn span(part: &Part, names: &mut Names) -> Span {
    match part {
        Part::Text(words) => text(words),
        Part::Figure(figure) => Span::Strong(figure.clone()),
        Part::Word(word) => code(word),
        Part::Key(name) => code(names.key(name)),
        Part::Pattern(pattern) => code(names.pattern(pattern)),
        Part::Message(kind, message) => text(names.message(*kind, message).trim_end_matches('.')),
    }
}

fn files(blocks: &mut Vec<Block>, facts: Facts<'_>) {
    blocks.push(heading("Files"));
    let row = |file: &FileReport| {
        let judged = matches!(file.role, Role::Rdb | Role::Aof | Role::Base | Role::Incr);
        let sound = match (judged, file.is_whole()) {
            (false, _) => "not judged".to_owned(),
            (true, true) => "the end".into(),
            (true, false) => words::offset(file.sound_up_to),
        };
        let container =
            file.container.as_ref().map(|c| format!(" in {}", words::containers(c))).unwrap_or_default();
        let writer = file.snapshot.as_ref().map_or_else(String::new, |snapshot| {
            let saved = snapshot.saved_at_s.map(|s| format!(", {}", units::time_s(s))).unwrap_or_default();
            format!(
                "{}, RDB version {}{saved}; checksum {}",
                verdict::writer(snapshot),
                snapshot.rdb_version,
                words::checksum(&snapshot.checksum).1
            )
        });
        vec![
            vec![code(&file.name)],
            cell(format!("{}{container}", words::role(file.role))),
            cell(units::count(file.bytes)),
            cell(units::count(file.keys)),
            cell(units::count(file.commands)),
            cell(sound),
            cell(writer),
        ]
    };
    let all = &facts.report.files;
    blocks.push(Block::Table {
        head: vec!["File", "Role", ">Bytes", ">Keys", ">Commands", "Sound up to", "Written by"],
        rows: all.iter().take(MAX_FILES).map(row).collect(),
    });
    more(blocks, all.len(), MAX_FILES, "file", "files");
}

/// What a list leaves out.
fn more(blocks: &mut Vec<Block>, all: usize, shown: usize, one: &str, many: &str) {
    if let Some(left) = all.checked_sub(shown).filter(|left| *left > 0) {
        blocks.push(Block::Paragraph(vec![text(format!(
            "And {} more.",
            units::plural(left as u64, one, many)
        ))]));
    }
}

fn findings(blocks: &mut Vec<Block>, facts: Facts<'_>, names: &Names) {
    let all = &facts.report.findings;
    if all.is_empty() {
        return;
    }
    blocks.push(heading("Findings"));
    let row = |finding: &Finding| {
        let severity = words::severity(finding.severity);
        let severity =
            if finding.severity == Severity::Error { Span::Strong(severity.into()) } else { text(severity) };
        let place = match finding.file.as_str() {
            "" => cell("the whole set"),
            file => vec![code(file_name(file)), text(format!(" at {}", words::offset(finding.start)))],
        };
        vec![
            vec![severity],
            place,
            cell(units::count(finding.end.saturating_sub(finding.start))),
            cell(names.message(finding.kind, &finding.message)),
        ]
    };
    blocks.push(Block::Table {
        head: vec!["Severity", "Where", ">Bytes", "What"],
        rows: all.iter().take(MAX_FINDINGS).map(row).collect(),
    });
    more(blocks, all.len(), MAX_FINDINGS, "finding", "findings");
}

fn on_start(blocks: &mut Vec<Block>, facts: Facts<'_>, names: &Names) {
    let check = facts.check;
    let Loads { default, strict, options } = &check.loads;
    blocks.push(heading("What servers do on start"));
    let target = words::target(&check.target);
    let mut rows = vec![
        load_row(format!("{target} (aof-load-truncated yes, the default)"), default, None, names),
        load_row(format!("{target} (aof-load-truncated no)"), strict, None, names),
    ];
    for option in options {
        let who = format!("with {} {}", option.setting, option.value);
        rows.push(load_row(who, &option.load, Some(&option.loses), names));
    }
    blocks.push(Block::Table { head: vec!["Who", "Starts", "Keeps up to", "Why and what it costs"], rows });
    let tool = &check.check_tool;
    blocks.push(Block::Paragraph(vec![
        code(&tool.tool),
        text(format!(" exits with {}, ok up to {}.", tool.exit, words::offset(tool.ok_up_to))),
    ]));
    let groups = ReleaseGroup::of(&check.releases);
    if !groups.is_empty() {
        let row = |group: &ReleaseGroup| {
            vec![
                cell(&group.name),
                cell(group.answer()),
                cell(&group.why),
                cell(group.way_out.clone().unwrap_or_default()),
            ]
        };
        blocks.push(Block::Table {
            head: vec!["Release", "Loads it", "Because", "Only with"],
            rows: groups.iter().map(row).collect(),
        });
    }
}

fn load_row(who: String, load: &Load, loses: Option<&str>, names: &Names) -> Vec<Cell> {
    let keys = words::keys_after_start(&load.keys);
    // Reasons may quote what stands in the file.
    let why = if names.naming().is_hiding() {
        String::new()
    } else {
        let costs = loses.map(|loses| format!(" Costs: {}", words::full_stop(loses))).unwrap_or_default();
        format!("{}{costs} ", words::full_stop(&load.why))
    };
    vec![
        cell(who),
        vec![Span::Strong(start_word(load).into())],
        vec![code(file_name(&load.file)), text(format!(" {}", words::offset(load.kept_up_to)))],
        cell(format!("{why}{keys}").trim()),
    ]
}

fn plans(blocks: &mut Vec<Block>, facts: Facts<'_>, names: &mut Names) {
    if facts.plans.is_empty() {
        return;
    }
    blocks.push(heading("What could be done"));
    // Keys that commands make are not counted here.
    let has_snapshot = facts.plans.iter().any(|plan| plan.keys_kept + plan.losses.keys > 0);
    let has_tape = facts.plans.iter().any(|plan| plan.commands_kept > 0);
    let mut row = |plan: &Plan| {
        let losses = plan.losses;
        let mut what = Vec::new();
        if !names.naming().is_hiding() {
            what.push(text(words::full_stop(&plan.summary)));
        } else if !words::in_short(plan).is_empty() {
            what.push(text(format!("To {}.", words::in_short(plan))));
        }
        for (i, key) in plan.lost_keys.iter().enumerate() {
            what.push(text(if i == 0 { " Loses or changes " } else { ", " }));
            what.push(code(names.key(key)));
        }
        let lost_keys = match losses.keys {
            0 if losses.bytes == 0 && losses.missing == 0 => "none".to_owned(),
            0 => "not known".to_owned(),
            keys => format!("about {}", units::count(keys)),
        };
        let mut cells = vec![vec![code(&plan.name)]];
        cells.extend(has_snapshot.then(|| cell(units::count(plan.keys_kept))));
        cells.extend(has_tape.then(|| cell(units::count(plan.commands_kept))));
        cells.extend([
            cell(units::bytes(losses.bytes)),
            cell(lost_keys),
            cell(format!("at least {}", units::count(losses.commands))),
            cell(units::count(losses.files)),
            what,
        ]);
        cells
    };
    let mut head = vec!["Plan"];
    head.extend(has_snapshot.then_some(if has_tape { ">Snapshot keys kept" } else { ">Keys kept" }));
    head.extend(has_tape.then_some(">Commands kept"));
    head.extend([">Loses bytes", ">Loses keys", ">Loses commands", ">Loses files", "What it does"]);
    blocks.push(Block::Table { head, rows: facts.plans.iter().map(&mut row).collect() });
}

fn start_word(load: &Load) -> &'static str {
    match (load.starts, load.holds) {
        (true, Holds::This) => "yes",
        (true, Holds::Nothing) => "yes, but EMPTY",
        (true, Holds::OldStyleFile) => "yes, with another file",
        (false, _) => "no",
    }
}
