//! What the built page says of itself, for whoever wants to know whether it is what it should be: version, commit, and a sum over
//! its code. Only `cargo xtask build` writes it; the page says so where it is missing.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::project::{capture, root};

/// Name of the `<meta>` it is in.
pub(crate) const NAME: &str = "snaptape-build";

/// Is this file code? Of all that is, one sum is taken.
pub(crate) fn is_code(name: &str) -> bool {
    !name.contains('/') && Path::new(name).extension().is_some_and(|end| end == "wasm" || end == "js")
}

/// The page with its stamp at the end of its head: `0.0.0 1a2b3c4d5e6f SUM`. The sum is that of what `sha256sum *.js *.wasm` says of
/// `code` where names are in the order of their bytes.
pub(crate) fn stamped<'a>(page: &str, code: impl Iterator<Item = (&'a str, &'a Path)>) -> Result<String> {
    let mut code: Vec<_> = code.collect();
    code.sort_by_key(|(name, _)| (!name.ends_with("js"), *name));
    let mut list = String::new();
    for (name, path) in code {
        let content = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        writeln!(list, "{}  {name}", hex(&content)).context("text takes text")?;
    }
    let stamp = format!("{} {} {}", env!("CARGO_PKG_VERSION"), commit(), hex(list.as_bytes()));
    let (head, rest) = page.split_once("</head>").context("index.html has a head")?;
    Ok(format!("{head}  <meta name=\"{NAME}\" content=\"{stamp}\" />\n  </head>{rest}"))
}

fn hex(content: &[u8]) -> String {
    Sha256::digest(content).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The commit the sources are of; with `-changed` where they are not quite.
fn commit() -> String {
    let git = |args: &[&str]| {
        let mut command = Command::new("git");
        command.args(args).current_dir(root());
        capture(command).ok()
    };
    let Some(commit) = git(&["rev-parse", "--short=12", "HEAD"]) else { return "unknown".into() };
    let is_clean = git(&["status", "--porcelain"]).is_some_and(|changed| changed.trim().is_empty());
    format!("{}{}", commit.trim(), if is_clean { "" } else { "-changed" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_is_that_of_the_sums() {
        let dir = tempfile::tempdir().unwrap();
        let (program, script) = (dir.path().join("a.wasm"), dir.path().join("b.js"));
        std::fs::write(&program, "abc").unwrap();
        std::fs::write(&script, "").unwrap();
        let code = [("a.wasm", program.as_path()), ("b.js", script.as_path())];
        let page = stamped("<head></head><body>", code.into_iter()).unwrap();
        let list = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  b.js\n\
                    ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  a.wasm\n";
        assert!(page.contains(&hex(list.as_bytes())) && page.ends_with("</head><body>"), "{page}");
        assert!(stamped("<body>", std::iter::empty()).is_err());
        assert!(is_code("boot.js") && is_code("x.wasm") && !is_code("a.css") && !is_code("samples/x.js"));
    }
}
