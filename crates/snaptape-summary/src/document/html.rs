//! A document as one file of HTML: no script, nothing from elsewhere, light and dark, fit for a printer.

use core::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::{Block, Document, FIGURE, Span, plain};
use crate::picture::{Bar, Columns, Fill, line_up, stack};

const STYLE: &str = include_str!("style.css");
/// Units a picture is wide and high.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 120.0;

/// The document as HTML. The policy in it allows this one style and nothing else, whatever a name might try.
pub fn html(document: &Document) -> String {
    let mut out = String::new();
    let title = escape(&format!("Snaptape: {}", document.title));
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <h1>{}</h1>\n",
        escape(&document.verdict)
    );
    for block in &document.blocks {
        write_block(&mut out, block);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn write_block(out: &mut String, block: &Block) {
    let _ = match block {
        Block::Heading(text) => writeln!(out, "<h2>{}</h2>", escape(text)),
        Block::Paragraph(spans) => writeln!(out, "<p>{}</p>", inline(spans)),
        Block::List(items) => {
            out.push_str("<ul>\n");
            for item in items {
                let _ = writeln!(out, "<li>{}</li>", inline(item));
            }
            writeln!(out, "</ul>")
        }
        Block::Table { head, rows } => {
            out.push_str("<div class=\"wide\"><table>\n<thead><tr>");
            for word in head {
                let _ = write!(
                    out,
                    "<th scope=\"col\"{}>{}</th>",
                    class(word),
                    escape(word.trim_start_matches(FIGURE))
                );
            }
            out.push_str("</tr></thead>\n<tbody>\n");
            for row in rows {
                out.push_str("<tr>");
                for (cell, word) in row.iter().zip(head) {
                    let _ = write!(out, "<td{}>{}</td>", class(word), inline(cell));
                }
                out.push_str("</tr>\n");
            }
            writeln!(out, "</tbody></table></div>")
        }
        Block::Columns { label, columns } => writeln!(out, "{}", columns_svg(label, columns)),
        Block::Stack { label, bar } => writeln!(out, "{}", stack_svg(label, bar)),
    };
}

fn class(word: &str) -> &'static str {
    if word.starts_with(FIGURE) { " class=\"figure\"" } else { "" }
}

fn inline(spans: &[Span]) -> String {
    let mut out = String::new();
    for span in spans {
        let _ = match span {
            Span::Text(text) => write!(out, "{}", escape(text)),
            Span::Strong(text) => write!(out, "<b>{}</b>", escape(text)),
            Span::Code(text) => write!(out, "<code>{}</code>", escape(text)),
        };
    }
    out
}

/// Text that is nothing but text, in an element and in a quoted attribute.
fn escape(text: &str) -> String {
    plain(text).chars().fold(String::new(), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
        out
    })
}

fn columns_svg(label: &str, columns: &Columns) -> String {
    let mut out = format!(
        "<figure>{}<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"{}\">",
        legend(&columns.legend()),
        HEIGHT + 20.0,
        escape(label)
    );
    for piece in line_up(columns, 0.012) {
        let _ = write!(
            out,
            "<rect class=\"{}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\"/>",
            piece.fill.classes().join(" ").trim_end(),
            piece.x * WIDTH,
            (1.0 - piece.y - piece.height) * HEIGHT,
            piece.width * WIDTH,
            piece.height * HEIGHT
        );
    }
    let step = WIDTH / columns.bars.len().max(1) as f64;
    for (i, bar) in columns.bars.iter().enumerate() {
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
            (i as f64 + 0.5) * step,
            HEIGHT + 14.0,
            escape(&bar.short)
        );
    }
    out.push_str("</svg></figure>");
    out
}

fn stack_svg(label: &str, bar: &Bar) -> String {
    let mut out =
        format!("<figure><svg viewBox=\"0 0 {WIDTH} 18\" role=\"img\" aria-label=\"{}\">", escape(label));
    for piece in stack(bar, 0.008) {
        let _ = write!(
            out,
            "<rect class=\"{}\" x=\"{:.1}\" y=\"0\" width=\"{:.1}\" height=\"18\"/>",
            piece.fill.classes().join(" ").trim_end(),
            piece.x * WIDTH,
            piece.width * WIDTH
        );
    }
    let parts: Vec<(Fill, &str)> =
        bar.parts.iter().filter(|part| part.value > 0).map(|part| (part.fill, part.name.as_str())).collect();
    let _ = write!(out, "</svg>{}</figure>", legend(&parts));
    out
}

fn legend(parts: &[(Fill, &str)]) -> String {
    let mut out = String::from("<figcaption>");
    for (fill, name) in parts {
        let _ = write!(
            out,
            "<span><svg viewBox=\"0 0 10 10\" width=\"10\" height=\"10\" aria-hidden=\"true\"><rect class=\"{}\" width=\"10\" height=\"10\"/></svg> {}</span> ",
            fill.classes().join(" ").trim_end(),
            escape(name)
        );
    }
    out.push_str("</figcaption>");
    out
}
