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
        all.push_str(&sheet);
    }
    Ok(all)
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
        let content = |name: &str| Ok(format!("/* {name} */\n"));
        assert_eq!(together(&joined.sheets, content).unwrap(), "/* a.css */\n/* b.css */\n");
        assert!(together(&joined.sheets, |_| Ok("@import 'c.css';".into())).is_err());
    }
}
