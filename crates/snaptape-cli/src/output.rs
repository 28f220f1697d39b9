//! Printing: tables for people, and what all commands share.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use anyhow::Result;
use snaptape_report::{FileReport, Finding, Severity, units};

/// Did the reader of our output go away?
pub(crate) fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let io_kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let json_kind = cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind);
        io_kind.or(json_kind) == Some(io::ErrorKind::BrokenPipe)
    })
}

/// Prints a document as JSON, and a line end.
pub(crate) fn json(document: &impl serde::Serialize) -> Result<()> {
    let mut out = io::stdout().lock();
    serde_json::to_writer_pretty(&mut out, document)?;
    writeln!(out)?;
    Ok(())
}

/// A table: the first row is the header, numbers are right-aligned.
pub(crate) fn table(out: &mut impl Write, header: &[&str], rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        rows.iter()
            .map(|row| row.get(column).map_or(0, |cell| cell.chars().count()))
            .chain([header.get(column).map_or(0, |cell| cell.chars().count())])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let numeric: Vec<bool> = (0..header.len())
        .map(|column| {
            rows.iter().all(|row| {
                row.get(column)
                    .is_some_and(|cell| cell.starts_with(|c: char| c.is_ascii_digit() || "-<".contains(c)))
            })
        })
        .collect();
    let mut line = |cells: &mut dyn Iterator<Item = &str>| -> io::Result<()> {
        // Writing to a string cannot fail.
        let mut text = String::from("  ");
        for (column, cell) in cells.enumerate() {
            let width = widths.get(column).copied().unwrap_or(0);
            if numeric.get(column).copied().unwrap_or(false) {
                let _ = write!(text, "{cell:>width$}  ");
            } else {
                let _ = write!(text, "{cell:<width$}  ");
            }
        }
        writeln!(out, "{}", text.trim_end())
    };
    line(&mut header.iter().copied())?;
    for row in rows {
        line(&mut row.iter().map(String::as_str))?;
    }
    Ok(())
}

/// The findings, worst first.
pub(crate) fn findings(out: &mut impl Write, findings: &[Finding]) -> io::Result<()> {
    for finding in findings {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "note",
        };
        let place = match finding.file.as_str() {
            "" => String::new(),
            file if finding.start == 0 => format!(" in {file}"),
            file => format!(" in {file} at {}", units::offset(finding.start)),
        };
        writeln!(out, "{severity}{place}: {}", finding.message)?;
    }
    Ok(())
}

/// One row per file.
pub(crate) fn files(out: &mut impl Write, files: &[FileReport]) -> Result<()> {
    let rows: Vec<Vec<String>> = files
        .iter()
        .map(|file| {
            vec![
                file.name.clone(),
                role(file),
                units::bytes(file.bytes),
                units::count(file.keys),
                units::count(file.commands),
                if file.is_whole() { "its end".into() } else { units::offset(file.sound_up_to) },
            ]
        })
        .collect();
    table(out, &["file", "role", "bytes", "keys", "commands", "sound up to"], &rows)?;
    Ok(())
}

/// The part a file plays, and what is around it.
fn role(file: &FileReport) -> String {
    let role = format!("{:?}", file.role).to_lowercase();
    let Some(container) = &file.container else { return role };
    let around: Vec<&str> = container.layers.iter().rev().map(String::as_str).collect();
    format!("{role} in {}, {} inside", around.join(" in "), units::bytes(container.bytes_inside))
}
