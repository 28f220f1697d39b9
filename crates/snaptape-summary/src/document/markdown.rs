//! A document as Markdown, as GitHub and GitLab read it. Pictures are left out; their tables are there.

use core::fmt::Write as _;

use super::{Block, Document, FIGURE, Span, plain};

/// The document as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut out = format!("# {}\n", escape(&document.verdict));
    for block in &document.blocks {
        match block {
            Block::Heading(text) => {
                // Writing to a String cannot fail.
                let _ = writeln!(out, "\n## {}", escape(text));
            }
            Block::Paragraph(spans) => {
                let _ = writeln!(out, "\n{}", inline(spans, false));
            }
            Block::List(items) => {
                out.push('\n');
                for item in items {
                    let _ = writeln!(out, "- {}", inline(item, false));
                }
            }
            Block::Table { head, rows } => table(&mut out, head, rows),
            Block::Columns { .. } | Block::Stack { .. } => {}
        }
    }
    out
}

fn table(out: &mut String, head: &[&str], rows: &[Vec<super::Cell>]) {
    let words: Vec<String> = head.iter().map(|word| escape(word.trim_start_matches(FIGURE))).collect();
    let rule: Vec<&str> =
        head.iter().map(|word| if word.starts_with(FIGURE) { "---:" } else { "---" }).collect();
    let _ = writeln!(out, "\n| {} |\n| {} |", words.join(" | "), rule.join(" | "));
    for row in rows {
        let cells: Vec<String> = row.iter().map(|cell| inline(cell, true)).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn inline(spans: &[Span], in_table: bool) -> String {
    let mut out = String::new();
    for span in spans {
        match span {
            Span::Text(text) => out.push_str(&escape(text)),
            Span::Strong(text) if text.is_empty() => {}
            Span::Strong(text) => {
                let _ = write!(out, "**{}**", escape(text));
            }
            Span::Code(text) => out.push_str(&code(text, in_table)),
        }
    }
    out
}

/// Text that is nothing but text: every sign that Markdown knows gets a backslash.
fn escape(text: &str) -> String {
    plain(text).chars().fold(String::new(), |mut out, c| {
        match c {
            // A mention would call somebody.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '&' | '!' | '$' => {
                out.extend(['\\', c]);
            }
            c => out.push(c),
        }
        out
    })
}

/// A span of code: with more backticks around it than there are in it. In a table a `|` would end the cell, in code too.
fn code(text: &str, in_table: bool) -> String {
    let text = plain(text);
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let text = if in_table { text.replace('|', "\\|") } else { text };
    let pad =
        if text.is_empty() || text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}
