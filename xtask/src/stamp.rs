//! What the built page says of itself, for whoever wants to know whether it is what it should be: version, commit, and the sums
//! of its programs. Only `cargo xtask build` writes it; the page says so where it is missing.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::project::{capture, root};

/// Name of the `<meta>` it is in.
pub(crate) const NAME: &str = "snaptape-build";

/// The page with its stamp at the end of its head: `0.0.0 1a2b3c4d5e6f app_bg.wasm=SUM worker_bg.wasm=SUM`.
pub(crate) fn stamped<'a>(page: &str, programs: impl Iterator<Item = (&'a str, &'a Path)>) -> Result<String> {
    let mut stamp = format!("{} {}", env!("CARGO_PKG_VERSION"), commit());
    for (name, path) in programs {
        let content = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        write!(stamp, " {name}=").context("text takes text")?;
        for byte in Sha256::digest(content) {
            write!(stamp, "{byte:02x}").context("text takes text")?;
        }
    }
    let (head, rest) = page.split_once("</head>").context("index.html has a head")?;
    Ok(format!("{head}  <meta name=\"{NAME}\" content=\"{stamp}\" />\n  </head>{rest}"))
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
    fn sums_are_those_of_the_files() {
        let dir = tempfile::tempdir().unwrap();
        let program = dir.path().join("app_bg.wasm");
        std::fs::write(&program, "abc").unwrap();
        let page = stamped("<head></head><body>", [("app_bg.wasm", program.as_path())].into_iter()).unwrap();
        let sum = "app_bg.wasm=ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert!(page.contains(sum) && page.ends_with("</head><body>"), "{page}");
        assert!(stamped("<body>", std::iter::empty()).is_err());
    }
}
