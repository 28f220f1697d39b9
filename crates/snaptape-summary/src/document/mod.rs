//! One document of a report, for a ticket: HTML in a single file without script, or Markdown. Without values, and with names of keys as
//! somebody chose.

mod content;
mod html;
mod keys;
mod markdown;

pub use self::{content::document, html::html, markdown::markdown};
use crate::picture::{Bar, Columns};

/// A piece of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Span {
    /// Words.
    Text(String),
    /// Words that matter.
    Strong(String),
    /// A name, a command, a setting.
    Code(String),
}

/// A cell of a table.
pub type Cell = Vec<Span>;

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// A heading below the title.
    Heading(String),
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A list.
    List(Vec<Vec<Span>>),
    /// A table: its head, which columns hold figures, its rows.
    Table {
        /// The words above the columns; those of figures begin with [`FIGURE`].
        head: Vec<&'static str>,
        /// The rows.
        rows: Vec<Vec<Cell>>,
    },
    /// Columns, where pictures can be shown; a table says the same.
    Columns {
        /// What they show.
        label: &'static str,
        /// The columns.
        columns: Columns,
    },
    /// One bar cut into parts, where pictures can be shown; a table says the same.
    Stack {
        /// What it shows.
        label: &'static str,
        /// The bar.
        bar: Bar,
    },
}

/// Begins the head of a column of figures, and is not shown.
pub const FIGURE: char = '>';

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// What it is of: names of files.
    pub title: String,
    /// The verdict, in one sentence.
    pub verdict: String,
    /// Everything else.
    pub blocks: Vec<Block>,
}

/// What a document is made with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DocumentOptions {
    /// How names of keys are given.
    pub naming: crate::names::Naming,
    /// The version of Snaptape.
    pub version: String,
    /// The time now, Unix milliseconds.
    pub now_ms: i64,
}

/// Text that shows what is in it: control characters, and what would turn the direction of reading or take no room, are written out.
fn plain(text: &str) -> String {
    let text = snaptape_report::units::printable(text.as_bytes());
    let hidden = |c: char| matches!(c, '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    if !text.contains(hidden) {
        return text;
    }
    text.chars().fold(String::new(), |mut out, c| {
        if hidden(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
        out
    })
}

#[cfg(test)]
mod tests;
