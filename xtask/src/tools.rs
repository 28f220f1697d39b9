//! Programs from elsewhere: found, installed where we may, else named together with what to do.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::project::{capture, cargo, find_program, root, run, target_dir};

/// The trunk that works with the compilers this workspace accepts.
const TRUNK_VERSION: &str = "0.21.14";

/// Makes sure the standard library for a target is there.
pub(crate) fn rust_target(triple: &str) -> Result<()> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", triple]);
    if Path::new(capture(rustc)?.trim()).is_dir() {
        return Ok(());
    }
    if find_program(&["rustup"]).is_none() {
        bail!(
            "the Rust target {triple} is missing and there is no rustup to add it: install it the way you installed Rust"
        );
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", triple]);
    run(rustup)
}

/// A browser and the program that drives it.
#[derive(Debug)]
pub(crate) struct Browser {
    pub(crate) chromium: PathBuf,
    pub(crate) chromedriver: PathBuf,
}

const CHROMIUM: &[&str] = &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const CHROMEDRIVER: &[&str] = &["chromedriver"];

/// Chromium and ChromeDriver.
pub(crate) fn browser() -> Result<Browser> {
    Ok(Browser {
        chromium: program(CHROMIUM, "Chromium", "chromium")?,
        chromedriver: program(
            CHROMEDRIVER,
            "ChromeDriver (of the same release as Chromium)",
            "chromium-driver",
        )?,
    })
}

/// The second browser.
#[derive(Debug)]
pub(crate) struct Firefox {
    pub(crate) firefox: PathBuf,
    pub(crate) geckodriver: PathBuf,
}

/// The geckodriver that drives the Firefox ESR of today.
const GECKODRIVER_VERSION: &str = "0.36.0";

/// Firefox and geckodriver, which no Debian package brings: it is built once below the target directory.
pub(crate) fn firefox() -> Result<Firefox> {
    let firefox = program(&["firefox-esr", "firefox"], "Firefox", "firefox-esr")?;
    if let Some(geckodriver) = find_program(&["geckodriver"]) {
        return Ok(Firefox { firefox, geckodriver });
    }
    let root = target_dir()?.join("tools");
    let geckodriver = root.join("bin").join(format!("geckodriver{}", std::env::consts::EXE_SUFFIX));
    if !geckodriver.is_file() {
        eprintln!("geckodriver is not on PATH: building it, once; this takes a minute or two");
        // It waits for a browser most of the time, so it need not be fast itself.
        let mut command = cargo(["install", "--locked", "--debug", "--root"]);
        command.arg(&root).arg(format!("geckodriver@{GECKODRIVER_VERSION}"));
        run(command)?;
    }
    Ok(Firefox { firefox, geckodriver })
}

/// axe-core, as `e2e/package-lock.json` has it, below the target directory.
pub(crate) fn axe() -> Result<PathBuf> {
    const NAMES: [&str; 2] = ["package.json", "package-lock.json"];
    let folder = target_dir()?.join("axe");
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let wanted = NAMES.map(|name| root().join("e2e").join(name));
    let same = NAMES.iter().zip(&wanted).all(|(name, wanted)| {
        let content = std::fs::read(wanted);
        content.is_ok() && content.ok() == std::fs::read(folder.join(name)).ok()
    });
    if same && script.is_file() {
        return Ok(script);
    }
    let npm = program(&["npm"], "npm", "npm")?;
    std::fs::create_dir_all(&folder)?;
    for (name, wanted) in NAMES.iter().zip(&wanted) {
        std::fs::copy(wanted, folder.join(name)).with_context(|| format!("copying {}", wanted.display()))?;
    }
    let mut command = Command::new(npm);
    command.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
    run(command)?;
    Ok(script)
}

/// A server to load repaired files into.
pub(crate) fn redis_server() -> Result<PathBuf> {
    program(&["redis-server"], "redis-server", "redis-server")
}

/// Finds a program, or installs its Debian package where that is possible.
fn program(names: &[&str], what: &str, package: &str) -> Result<PathBuf> {
    if let Some(found) = find_program(names) {
        return Ok(found);
    }
    let wanted = format!("{what} is needed and not on PATH ({})", names.join(", "));
    if !is_debian_root() {
        bail!(
            "{wanted}.\nOn Debian or Ubuntu: sudo apt-get install {package}\nElsewhere: install {what} and put it on PATH."
        );
    }
    eprintln!("{wanted}: installing the package {package}");
    apt_get(&["update"])?;
    apt_get(&["install", "-y", package])?;
    find_program(names).with_context(|| format!("{wanted}, even after installing {package}"))
}

fn is_debian_root() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let debian = release
        .lines()
        .filter_map(|line| line.strip_prefix("ID=").or_else(|| line.strip_prefix("ID_LIKE=")))
        .any(|ids| ids.trim_matches('"').split(' ').any(|id| id == "debian"));
    let mut id = Command::new("id");
    id.arg("-u");
    debian && capture(id).is_ok_and(|uid| uid.trim() == "0")
}

fn apt_get(args: &[&str]) -> Result<()> {
    let mut command = Command::new("apt-get");
    // Packages may ask questions, and may want to start what they install.
    command.args(args).env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    run(command)
}

/// trunk, from PATH where it has the right version, else built once below the target directory.
pub(crate) fn trunk() -> Result<PathBuf> {
    let is_right = |path: &Path| {
        let mut command = Command::new(path);
        command.arg("--version");
        capture(command).is_ok_and(|version| version.trim() == format!("trunk {TRUNK_VERSION}"))
    };
    if let Some(found) = find_program(&["trunk"]).filter(|path| is_right(path)) {
        return Ok(found);
    }
    let root = target_dir()?.join("tools");
    let ours = root.join("bin").join(format!("trunk{}", std::env::consts::EXE_SUFFIX));
    if !is_right(&ours) {
        eprintln!("trunk {TRUNK_VERSION} is not on PATH: building it, once; this takes some minutes");
        let mut command = cargo(["install", "--locked", "--no-default-features", "--root"]);
        command.arg(&root).arg(format!("trunk@{TRUNK_VERSION}"));
        run(command)?;
    }
    Ok(ours)
}
