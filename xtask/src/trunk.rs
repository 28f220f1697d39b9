//! trunk, the other way to build the page: for live reload, and to prove that there is one description of the page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, bail, ensure};
use snaptape_serve::html;

use crate::build;
use crate::project::{cargo, files_below, root, run, target_dir};
use crate::styles::{self, Joined};
use crate::{stamp, tools};

/// Runs trunk with our stand-in for `wasm-bindgen` first on PATH.
pub(crate) fn trunk(args: &[OsString]) -> Result<()> {
    tools::rust_target("wasm32-unknown-unknown")?;
    let trunk = tools::trunk()?;
    let stand_in = bindgen_folder()?;
    let old = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(std::iter::once(stand_in).chain(env::split_paths(&old)))?;
    let mut command = Command::new(trunk);
    // trunk reads NO_COLOR itself and wants `true`; the custom is `1`.
    command.args(args).current_dir(root()).env("PATH", path).env_remove("NO_COLOR");
    build::without_paths(&mut command);
    run(command)
}

/// A folder with our stand-in, under the name trunk calls. (The compiler takes a crate of that name for the real
/// thing and refuses it, so the program is built under another one.)
fn bindgen_folder() -> Result<PathBuf> {
    run(cargo(["build", "--quiet", "--package", "xtask", "--bin", "bindgen-for-trunk"]))?;
    let target = target_dir()?;
    let folder = target.join("tools").join("bindgen");
    fs::create_dir_all(&folder)?;
    let exe = env::consts::EXE_SUFFIX;
    fs::copy(
        target.join("debug").join(format!("bindgen-for-trunk{exe}")),
        folder.join(format!("wasm-bindgen{exe}")),
    )?;
    Ok(folder)
}

/// Builds the page both ways and compares the files.
pub(crate) fn compare() -> Result<()> {
    let ours = build::build()?;
    let theirs = target_dir()?.join("trunk-dist");
    let args = ["build", "--release", "--offline", "--dist"].map(OsString::from);
    trunk(&args.into_iter().chain([theirs.clone().into()]).collect::<Vec<_>>())?;
    same_files(&ours, &theirs)
        .context("teach xtask/src/page.rs what trunk makes of index.html, or change index.html")?;
    eprintln!("trunk makes the same page: {} files.", files_below(&ours)?.len());
    Ok(())
}

fn same_files(ours: &Path, theirs: &Path) -> Result<()> {
    let (our_names, their_names) = (files_below(ours)?, files_below(theirs)?);
    let missing: Vec<_> = their_names.iter().filter(|name| !our_names.contains(name)).collect();
    let extra: Vec<_> = our_names.iter().filter(|name| !their_names.contains(name)).collect();
    ensure!(
        missing.is_empty() && extra.is_empty(),
        "only in trunk's page: {missing:?}; only in cargo xtask's: {extra:?}"
    );
    for name in our_names {
        let (our_file, their_file) = (ours.join(&name), theirs.join(&name));
        let same = if name == "index.html" {
            // White space and the order of attributes may differ, what the page says may not.
            let tags = |path| -> Result<_> {
                let tags = html::tags(&fs::read_to_string(path)?).into_iter();
                // The stamp is ours alone.
                let tags = tags.filter(|tag| tag.attribute("name") != Some(stamp::NAME));
                Ok(tags.map(|tag| (tag.name, tag.attributes)).collect::<Vec<_>>())
            };
            tags(our_file)? == tags(their_file)?
        } else {
            fs::read(our_file)? == fs::read(their_file)?
        };
        ensure!(same, "{name} differs between the two pages");
    }
    Ok(())
}

const RELOAD_FILE: &str = "trunk-reload.js";

/// Runs after each build of `trunk serve` and `trunk build`. What `serve` adds for live reload is an inline script,
/// which the page's policy forbids: it goes to a file of its own. And the stylesheets become one.
pub(crate) fn hook() -> Result<()> {
    let staging: PathBuf =
        env::var_os("TRUNK_STAGING_DIR").context("this is called by trunk, see Trunk.toml")?.into();
    let index = staging.join("index.html");
    let Joined { mut page, sheets } = styles::join(&fs::read_to_string(&index)?)?;
    let joined = styles::together(&sheets, |name| Ok(fs::read_to_string(staging.join(name))?))?;
    for name in &sheets {
        fs::remove_file(staging.join(name))?;
    }
    fs::write(staging.join(styles::FILE), joined)?;
    if let Some((without, script)) = take_reload_script(&page)? {
        page = without;
        fs::write(staging.join(RELOAD_FILE), script)?;
    }
    fs::write(index, page)?;
    let profile = env::var("TRUNK_PROFILE").context("trunk says for which profile")?;
    copy_chunks(&target_dir()?.join("wasm-bindgen").join(profile), &staging)
}

/// What the program is cut into lies where our stand-in wrote it: trunk takes the program alone from there.
fn copy_chunks(bound: &Path, staging: &Path) -> Result<()> {
    for name in files_below(bound)? {
        if stamp::is_code(&name) && !staging.join(&name).exists() {
            fs::copy(bound.join(&name), staging.join(&name)).with_context(|| format!("copying {name}"))?;
        }
    }
    Ok(())
}

/// The page without the inline script, and the script; nothing where there is none.
fn take_reload_script(page: &str) -> Result<Option<(String, String)>> {
    let Some(tag) =
        html::tags(page).into_iter().find(|tag| tag.name == "script" && tag.attribute("src").is_none())
    else {
        return Ok(None);
    };
    let Some(len) = page[tag.span.end..].find("</script>") else { bail!("a script has no end") };
    let script = page[tag.span.end..][..len]
        // trunk fills these in when it sends HTML, which the script no longer is.
        .replace("'{{__TRUNK_ADDRESS__}}'", "window.location.host")
        .replace("{{__TRUNK_WS_BASE__}}", "/");
    ensure!(!script.contains("{{__TRUNK"), "trunk's reload script has a placeholder that is not known here");
    let page =
        format!(r#"{}<script src="{RELOAD_FILE}">{}"#, &page[..tag.span.start], &page[tag.span.end + len..]);
    Ok(Some((page, script)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reload_script_becomes_a_file() {
        let page = "<body><script type=module src=boot.js></script>\
                    <script>const a = '{{__TRUNK_ADDRESS__}}', b = '{{__TRUNK_WS_BASE__}}';</script></body>";
        let (page, script) = take_reload_script(page).unwrap().unwrap();
        assert_eq!(
            page,
            "<body><script type=module src=boot.js></script><script src=\"trunk-reload.js\"></script></body>"
        );
        assert_eq!(script, "const a = window.location.host, b = '/';");
        assert_eq!(take_reload_script(&page).unwrap(), None);
    }

    #[test]
    fn pages_that_differ_are_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let make = |name: &str, files: &[(&str, &str)]| {
            let folder = dir.path().join(name);
            fs::create_dir(&folder).unwrap();
            for (file, content) in files {
                fs::write(folder.join(file), content).unwrap();
            }
            folder
        };
        let ours = make("a", &[("index.html", "<p id=x class=y>"), ("app.js", "1")]);
        let spaced = make("b", &[("index.html", "<p\n class='y' id='x'>\n"), ("app.js", "1")]);
        let more = make("c", &[("index.html", "<p id=x class=y>"), ("app.js", "1"), ("b.css", "")]);
        let other = make("d", &[("index.html", "<p id=x class=y>"), ("app.js", "2")]);
        same_files(&ours, &spaced).unwrap();
        for (theirs, says) in [(&more, "b.css"), (&other, "app.js differs")] {
            let error = same_files(&ours, theirs).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
