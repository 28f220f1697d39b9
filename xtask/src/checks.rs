//! The checks besides the tests. Each runs alone and says what to do when it fails.

use std::time::Instant;

use anyhow::{Context as _, Result};

use crate::project::{cargo, run};
use crate::{size, tests, tools, trunk};

const WASM: &str = "wasm32-unknown-unknown";
/// A target that has no std at all: what builds for it needs none.
const BARE: &str = "x86_64-unknown-none";
const NO_STD_CRATES: [&str; 4] = ["snaptape-wire", "snaptape-rdb", "snaptape-aof", "snaptape-memory"];

/// Everything, cheapest first.
pub(crate) fn ci() -> Result<()> {
    type Step = (&'static str, fn() -> Result<()>);
    let steps: [Step; 7] = [
        ("fmt", fmt),
        ("clippy", clippy),
        ("no-std", no_std),
        ("doc", doc),
        ("test", || tests::all(None)),
        ("trunk-compare", trunk::compare),
        ("size", size::size),
    ];
    let mut times = Vec::new();
    for (name, step) in steps {
        eprintln!("\n== {name}");
        let start = Instant::now();
        step().with_context(|| format!("`cargo xtask {name}` runs this step alone"))?;
        times.push(format!("{name} {:.0} s", start.elapsed().as_secs_f64()));
    }
    eprintln!("\nAll good: {}.", times.join(", "));
    Ok(())
}

pub(crate) fn fmt() -> Result<()> {
    run(cargo(["fmt", "--all", "--check"])).context("run `cargo fmt --all` and look at what it changed")
}

pub(crate) fn clippy() -> Result<()> {
    let fix = "mend what clippy says, or allow it on the spot with a reason";
    run(cargo(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])).context(fix)?;
    tools::rust_target(WASM)?;
    run(cargo([
        "clippy",
        "--package",
        "snaptape-web",
        "--bins",
        "--lib",
        "--target",
        WASM,
        "--",
        "-D",
        "warnings",
    ]))
    .context(fix)
}

pub(crate) fn no_std() -> Result<()> {
    tools::rust_target(BARE)?;
    let mut command = cargo(["build", "--target", BARE, "--no-default-features"]);
    for name in NO_STD_CRATES {
        command.args(["--package", name]);
    }
    run(command).context(
        "a parser crate, or a crate it uses, needs std: use core and alloc, or default-features = false",
    )
}

pub(crate) fn doc() -> Result<()> {
    let mut command = cargo(["doc", "--workspace", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    run(command).context("mend the documentation rustdoc complains about")
}
