//! All stylesheets in one file. Each is a request, nothing is painted before the last of them is there, and a browser asks for six at a
//! time where the server knows no better: 48 of them held the first paint up by eight round trips.

use anyhow::{Context as _, Result, ensure};
use snaptape_serve::html::{self, Tag};

/// The one that is served.
pub(crate) const FILE: &str = "styles.css";

/// A built page that links one stylesheet.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Joined {
    /// The page.
    pub(crate) page: String,
    /// The files it linked before, in order.
    pub(crate) sheets: Vec<String>,
}

/// Makes one link of all those to stylesheets.
pub(crate) fn join(page: &str) -> Result<Joined> {
    let is_sheet = |tag: &Tag| tag.name == "link" && tag.attribute("rel") == Some("stylesheet");
    let (mut out, mut at, mut sheets) = (String::with_capacity(page.len()), 0, Vec::new());
    for tag in html::tags(page).into_iter().filter(is_sheet) {
        // Before the first there is the page; between two of them nothing may be lost.
        let between = &page[at..tag.span.start];
        if sheets.is_empty() {
            out.extend([between, r#"<link rel="stylesheet" href="./"#, FILE, r#"" />"#]);
        } else {
            out.push_str(between.trim_end());
        }
        at = tag.span.end;
        let href = tag.attribute("href").context("a stylesheet has a href")?;
        sheets.push(href.strip_prefix("./").unwrap_or(href).to_owned());
    }
    ensure!(!sheets.is_empty(), "the page links no stylesheet");
    out.push_str(&page[at..]);
    Ok(Joined { page: out, sheets })
}

/// Puts them together; `read` gives what a file holds.
pub(crate) fn together(sheets: &[String], read: impl Fn(&str) -> Result<String>) -> Result<String> {
    let mut all = String::new();
    for name in sheets {
        let sheet = read(name).with_context(|| format!("reading {name}"))?;
        // Both mean something at the start of a file alone.
        ensure!(
            !sheet.contains("@import") && !sheet.contains("@charset"),
            "{name} cannot be joined to others"
        );
        all.push_str(&compact(&sheet));
    }
    Ok(all)
}

/// A stylesheet without comments and indentation.
fn compact(sheet: &str) -> String {
    let mut out = String::with_capacity(sheet.len());
    let mut rest = sheet;
    while let Some(letter) = rest.chars().next() {
        let taken = if let Some(comment) = rest.strip_prefix("/*") {
            comment.find("*/").map_or(rest.len(), |end| end + 4)
        } else if matches!(letter, '"' | '\'') {
            let mut escaped = false;
            let end = rest.char_indices().skip(1).find(|(_, found)| {
                let ends = *found == letter && !escaped;
                escaped = *found == '\\' && !escaped;
                ends
            });
            let len = end.map_or(rest.len(), |(at, _)| at + 1);
            out.push_str(&rest[..len]);
            len
        } else {
            // One line end stands for it and all indentation around it.
            if letter == '\n' {
                out.truncate(out.trim_end_matches([' ', '\t', '\n']).len());
            }
            let at_start = out.is_empty() || out.ends_with('\n');
            if !letter.is_ascii_whitespace() || !at_start {
                out.push(letter);
            }
            letter.len_utf8()
        };
        rest = &rest[taken..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_link_stands_for_all() {
        let page = "<head><link rel=icon href=i.svg>\n <link rel=\"stylesheet\" href=\"./a.css\" />\n <!-- why -->\n \
                    <link rel=stylesheet href=b.css>\n <script></script></head>";
        let joined = join(page).unwrap();
        assert_eq!(joined.sheets, ["a.css", "b.css"]);
        assert_eq!(
            joined.page,
            "<head><link rel=icon href=i.svg>\n <link rel=\"stylesheet\" href=\"./styles.css\" />\n <!-- why -->\n \
             <script></script></head>"
        );
        assert!(join("<head></head>").is_err());
        let content = |name: &str| Ok(format!("/* why */\n[name=\"{name}\"] {{}}\n"));
        assert_eq!(together(&joined.sheets, content).unwrap(), "[name=\"a.css\"] {}\n[name=\"b.css\"] {}\n");
        assert!(together(&joined.sheets, |_| Ok("@import 'c.css';".into())).is_err());
    }

    #[test]
    fn comments_and_indentation_go_and_texts_stay() {
        let sheet = "/* one\n   two */\na > b {\n  color: red; /* why */\n\n  margin: 1px\n    2px;\n}\n\nc::after {\n  content: \"  /* é \\\"\n\";\n}\n";
        assert_eq!(
            compact(sheet),
            "a > b {\ncolor: red;\nmargin: 1px\n2px;\n}\nc::after {\ncontent: \"  /* é \\\"\n\";\n}\n"
        );
        assert_eq!(compact("a{b:c}/* no end"), "a{b:c}");
        assert_eq!(compact("a{content:'x"), "a{content:'x");
    }
}
