//! All tests, and what they need.

use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

use crate::build;
use crate::project::{capture, cargo, find_program, root, run, target_dir};
use crate::tools;

/// How long the fuzz targets run as part of the tests, all together.
const SMOKE_SECONDS: u64 = 20;

/// Native tests, fuzz smoke, then the built page in Chromium.
pub(crate) fn all(filter: Option<&str>) -> Result<()> {
    // Look for what may be missing before the long part, not after it.
    tools::browser()?;
    tools::firefox()?;
    tools::axe()?;
    native(filter)?;
    if filter.is_none() {
        drive_fuzz(SMOKE_SECONDS, None)?;
    }
    browser(filter)
}

/// Unit, integration and documentation tests.
pub(crate) fn native(filter: Option<&str>) -> Result<()> {
    // Repaired files are loaded into a real server.
    tools::redis_server()?;
    let mut command = cargo(["test", "--workspace", "--exclude", "snaptape-e2e"]);
    command.args(filter);
    run(command).context("`cargo test -p CRATE NAME` runs a single one of these tests")
}

/// The built page in headless browsers.
pub(crate) fn browser(filter: Option<&str>) -> Result<()> {
    let (firefox, axe) = (tools::firefox()?, tools::axe()?);
    let mut command = page_program(&["test", "--package", "snaptape-e2e"])?;
    command
        .args(filter)
        .env("SNAPTAPE_FIREFOX", firefox.firefox)
        .env("SNAPTAPE_GECKODRIVER", firefox.geckodriver)
        .env("SNAPTAPE_AXE", axe);
    run(command).context("`cargo xtask e2e --filter NAME` runs a single one of these tests")
}

/// Pictures of the page.
pub(crate) fn screenshots(out: &Path, only: Option<&OsStr>) -> Result<()> {
    let out = std::path::absolute(out)?;
    let mut command = page_program(&["run", "--package", "snaptape-e2e", "--"])?;
    command.arg(out).args(only);
    run(command)
}

/// A cargo command of the package that drives the built page.
fn page_program(args: &[&str]) -> Result<Command> {
    let browser = tools::browser()?;
    let dist = build::build()?;
    let mut command = cargo(args);
    command
        .env("SNAPTAPE_DIST", dist)
        .env("SNAPTAPE_CHROMIUM", browser.chromium)
        .env("SNAPTAPE_CHROMEDRIVER", browser.chromedriver);
    Ok(command)
}

/// Fuzzes with libFuzzer where it can be had, else with the driver of our own.
pub(crate) fn fuzz(seconds: u64, target: Option<&str>) -> Result<()> {
    if !has_cargo_fuzz() {
        eprintln!(
            "There is no cargo-fuzz with a nightly compiler (`rustup toolchain install nightly`, `cargo install cargo-fuzz`):\n\
             the same targets run on random changes to the test files, without guidance by coverage."
        );
        return drive_fuzz(seconds, target);
    }
    let names = capture(driver(&["--list"]))?;
    let names: Vec<&str> = match target {
        Some(name) => vec![name],
        None => names.lines().collect(),
    };
    for name in names {
        let corpus = target_dir()?.join("fuzz-corpus").join(name);
        let mut seeds = driver(&["--seeds"]);
        seeds.arg(name).arg(&corpus);
        run(seeds)?;
        let mut command = Command::new("cargo");
        command.args(["+nightly", "fuzz", "run", "--features", "libfuzzer", name]);
        command.arg(corpus).args(["--", &format!("-max_total_time={seconds}")]).current_dir(root());
        run(command).with_context(|| {
            format!("the input is in fuzz/artifacts/{name}: add it to the tests of the crate that fell over")
        })?;
    }
    Ok(())
}

fn has_cargo_fuzz() -> bool {
    let works = |args: &[&str]| {
        let mut command = Command::new("cargo");
        command.args(args);
        capture(command).is_ok()
    };
    find_program(&["cargo-fuzz"]).is_some() && works(&["+nightly", "--version"])
}

fn drive_fuzz(seconds: u64, target: Option<&str>) -> Result<()> {
    let mut command = driver(&["--seconds", &seconds.to_string()]);
    if let Some(name) = target {
        command.args(["--target", name]);
    }
    run(command)
        .context("the driver says where it put the input: add it to the tests of the crate that fell over")
}

/// As many keys, and as long a tape, as it takes to see that nothing that is kept of them grows.
pub(crate) fn budgets(keys: u64, tape_bytes: u64) -> Result<()> {
    for (package, example, amount) in
        [("snaptape-analysis", "adversary", keys), ("snaptape-engine", "long_tape", tape_bytes)]
    {
        if amount == 0 {
            continue;
        }
        let mut command =
            cargo(["run", "--quiet", "--release", "--package", package, "--example", example, "--"]);
        command.arg(amount.to_string());
        run(command)?;
    }
    Ok(())
}

/// A snapshot of as many keys as asked for.
pub(crate) fn generate_keys(keys: u64, out: &Path) -> Result<()> {
    let mut command =
        cargo(["run", "--quiet", "--package", "snaptape-testdata", "--example", "generate_keys", "--"]);
    command.arg(keys.to_string()).arg(std::path::absolute(out)?);
    run(command)
}

/// The program of the fuzz package, with arguments.
fn driver(args: &[&str]) -> Command {
    let mut command = cargo(["run", "--quiet", "--profile", "fuzz", "--package", "snaptape-fuzz", "--"]);
    command.args(args);
    command
}
