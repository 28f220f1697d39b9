//! The release page, without any tool installed globally.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use xtask::{WASM_BINDGEN_VERSION, bindgen};

use crate::page::{Asset, Page, Program, file_name};
use crate::project::{cargo, dist, files_below, root, run, target_dir};
use crate::styles::{self, Joined};
use crate::{stamp, tools};

/// Builds `dist/`. With nothing changed it takes as long as cargo needs to see that.
pub(crate) fn build() -> Result<PathBuf> {
    let start = Instant::now();
    tools::rust_target(WASM)?;
    let page = Page::read(&root().join("index.html"))?.with_profile(env::var("SNAPTAPE_PAGE_PROFILE").ok());
    let target = target_dir()?;
    compile(&page.programs())?;

    let mut files: Vec<(String, Content)> = Vec::new();
    for asset in page.assets() {
        match asset {
            Asset::File { href, folder } => {
                files.push((format!("{folder}{}", file_name(href)), Content::Copy(root().join(href))));
            }
            Asset::Dir { href, folder } => add_dir(&mut files, &root().join(href), folder)?,
            Asset::Program(program) => add_dir(&mut files, &bound(program, &target)?, "")?,
        }
    }
    let programs = files.iter().filter_map(|(name, content)| match content {
        Content::Copy(from) if stamp::is_code(name) => Some((name.as_str(), from.as_path())),
        _ => None,
    });
    let index = stamp::stamped(&page.render(), programs)?;
    let Joined { page: index, sheets } = styles::join(&index)?;
    let joined = styles::together(&sheets, |name| {
        let sheet = files.iter().find(|(file, _)| file == name).context("the page links no such file")?;
        match &sheet.1 {
            Content::Copy(from) => Ok(fs::read_to_string(from)?),
            Content::Text(text) => Ok(text.clone()),
        }
    })?;
    files.retain(|(name, _)| !sheets.contains(name));
    files.push((styles::FILE.into(), Content::Text(joined)));
    files.push(("index.html".into(), Content::Text(index)));
    write(&dist(), files)?;
    eprintln!("The page is in {} ({:.1} s).", dist().display(), start.elapsed().as_secs_f64());
    Ok(dist())
}

const WASM: &str = "wasm32-unknown-unknown";

enum Content {
    Text(String),
    Copy(PathBuf),
}

fn compile(programs: &[&Program]) -> Result<()> {
    let Some(first) = programs.first() else { bail!("index.html links no program") };
    // One call for all: cargo then compiles what they share once, and the programs side by side.
    ensure!(
        programs.iter().all(|p| p.manifest == first.manifest && p.profile == first.profile),
        "the programs of the page are in one package and have one profile"
    );
    let mut command = cargo(["build", "--target", WASM, "--profile", &first.profile, "--manifest-path"]);
    command.arg(root().join(&first.manifest));
    for program in programs {
        command.args(["--bin", &program.bin]);
    }
    without_paths(&mut command);
    run(command)
}

/// What is built does not say where libraries lie on the machine that built it: nobody's business, and every visitor would fetch it.
pub(crate) fn without_paths(command: &mut Command) {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    let Some(home) = home.or_else(|| Some(env::home_dir()?.join(".cargo"))) else { return };
    // One folder for each registry; cargo has unpacked libraries of ours there.
    let folders =
        fs::read_dir(home.join("registry").join("src")).into_iter().flatten().filter_map(Result::ok);
    let mut flags: Vec<String> =
        folders.map(|folder| format!("--remap-path-prefix={}/=", folder.path().display())).collect();
    flags.sort_unstable();
    command.env("CARGO_ENCODED_RUSTFLAGS", flags.join("\x1f"));
}

/// The folder with the JavaScript and WebAssembly of a program; made again only when the compiler's output changed.
fn bound(program: &Program, target: &Path) -> Result<PathBuf> {
    let profile = if program.profile == "dev" { "debug" } else { &program.profile };
    let wasm = target.join(WASM).join(profile).join(&program.bin).with_extension("wasm");
    let meta = wasm.metadata().with_context(|| format!("looking for {}", wasm.display()))?;
    let state = format!("{WASM_BINDGEN_VERSION} short {} {:?}", meta.len(), meta.modified()?);

    let out = target.join("page").join(&program.bin);
    let stamp = out.with_extension("stamp");
    if fs::read_to_string(&stamp).is_ok_and(|old| old == state) {
        return Ok(out);
    }
    if out.exists() {
        fs::remove_dir_all(&out)?;
    }
    fs::create_dir_all(&out)?;
    bindgen(&wasm, &program.bin, &out, false)?;
    fs::write(stamp, state)?;
    Ok(out)
}

fn add_dir(files: &mut Vec<(String, Content)>, dir: &Path, folder: &str) -> Result<()> {
    for name in files_below(dir)? {
        let content = Content::Copy(dir.join(&name));
        files.push((format!("{folder}{name}"), content));
    }
    Ok(())
}

/// Writes the files and removes all others, so that a server that is running never misses one that stays.
fn write(dist: &Path, files: Vec<(String, Content)>) -> Result<()> {
    let mut written = BTreeSet::new();
    for (name, content) in files {
        let path = dist.join(&name);
        fs::create_dir_all(path.parent().context("a file has a folder")?)?;
        match content {
            Content::Text(text) => fs::write(&path, text).with_context(|| format!("writing {name}"))?,
            Content::Copy(from) => {
                fs::copy(&from, &path).with_context(|| format!("copying {} to the page", from.display()))?;
            }
        }
        ensure!(written.insert(name.clone()), "two links of index.html make {name}");
    }
    for old in files_below(dist)?.into_iter().filter(|name| !written.contains(name)) {
        fs::remove_file(dist.join(old))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_files_go_and_doubles_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let text = |name: &str| (name.to_owned(), Content::Text(name.to_owned()));
        write(dir.path(), vec![text("index.html"), text("samples/old.rdb")]).unwrap();
        write(dir.path(), vec![text("index.html"), text("samples/new.rdb")]).unwrap();
        assert_eq!(files_below(dir.path()).unwrap(), ["index.html", "samples/new.rdb"]);
        let error = write(dir.path(), vec![text("a"), text("a")]).unwrap_err();
        assert!(error.to_string().contains("two links"), "{error}");
    }
}
