//! Everything that builds, serves and checks Snaptape: `cargo xtask help`.

#![forbid(unsafe_code)]

mod build;
mod checks;
mod memory;
mod page;
mod project;
mod size;
mod stamp;
mod styles;
mod tests;
mod tools;
mod trunk;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use lexopt::{Arg, Parser, ValueExt as _};
use snaptape_serve::{Port, Server};

const HELP: &str = "\
Usage: cargo xtask COMMAND

The page
  serve [--port N] [--no-build]   build the release page and serve it on 127.0.0.1 (port 8080 or the next free one)
  build                           build the release page into dist/
  trunk ARGS...                   run trunk with the tools it needs: `cargo xtask trunk serve` reloads as you type
                                  with SNAPTAPE_PAGE_PROFILE=web-quick these and the browser tests below take a page that is built anew
                                  in seconds, larger and slower
  size                            bytes of the built page, as they are and gzipped

Tests
  test [--filter TEXT]            all tests: native, fuzz smoke, and the built page in headless Chromium and Firefox
  native [--filter TEXT]          only the native ones
  e2e [--filter TEXT]             only those in the browsers; with SNAPTAPE_PAGE_SLOWER=4 Chromium's page is four times slower, which
                                  shows what a test does not wait for (those that measure fail then)
  fuzz [--seconds N] [--target T] every fuzz target for N seconds (default 60)
  budgets [--keys N] [--tape-bytes N]
                                  folds N keys (default 50 million) made up to exceed every budget, and checks a damaged tape of N
                                  bytes (default 10 GB) that is made as it is read; prints the peak memory. 0 leaves one out
  screenshots --out DIR [--only GROUP]
                                  a picture of every screen, light and dark, wide and narrow, and in forced colours; of one group:
                                  pictures, forced

Test data
  generate-keys --keys N --out FILE
                                  a snapshot of N keys of all types, the same for the same N

Figures
  memory-accuracy                 the memory model and redis-rdb-tools beside real servers, into docs/memory.md (needs python3
                                  and the full corpus)

Checks
  ci                              test and all of these:
  fmt                             formatting
  clippy                          lints, native and wasm32
  no-std                          the parser crates build for a target without std
  doc                             the documentation builds without a warning
  trunk-compare                   trunk makes the same page as `build`
";

fn main() -> ExitCode {
    match dispatch() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch() -> Result<()> {
    let mut args = Parser::from_env();
    let command = match args.next()? {
        Some(Arg::Value(word)) => word.string()?,
        Some(Arg::Long("help") | Arg::Short('h')) | None => "help".into(),
        Some(other) => return Err(other.unexpected().into()),
    };
    match command.as_str() {
        "budgets" => budgets(args),
        "build" => none(args).and_then(|()| build::build()).map(drop),
        "ci" => none(args).and_then(|()| checks::ci()),
        "clippy" => none(args).and_then(|()| checks::clippy()),
        "doc" => none(args).and_then(|()| checks::doc()),
        "e2e" => tests::browser(filter(args)?.as_deref()),
        "fmt" => none(args).and_then(|()| checks::fmt()),
        "fuzz" => fuzz(args),
        "generate-keys" => generate_keys(args),
        "memory-accuracy" => none(args).and_then(|()| memory::accuracy()),
        "native" => tests::native(filter(args)?.as_deref()),
        "no-std" => none(args).and_then(|()| checks::no_std()),
        "screenshots" => screenshots(args),
        "serve" => serve(args),
        "size" => none(args).and_then(|()| size::size()),
        "test" => tests::all(filter(args)?.as_deref()),
        "trunk" => trunk::trunk(&args.raw_args()?.collect::<Vec<OsString>>()),
        "trunk-compare" => none(args).and_then(|()| trunk::compare()),
        // Called by trunk, see Trunk.toml.
        "trunk-hook" => none(args).and_then(|()| trunk::hook()),
        "help" => {
            print!("{HELP}");
            Ok(())
        }
        other => anyhow::bail!("there is no command `{other}`\n\n{HELP}"),
    }
}

fn none(mut args: Parser) -> Result<()> {
    match args.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn filter(mut args: Parser) -> Result<Option<String>> {
    let mut filter = None;
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("filter") => filter = Some(args.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(filter)
}

fn fuzz(mut args: Parser) -> Result<()> {
    let mut seconds = 60;
    let mut target = None;
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("seconds") => seconds = args.value()?.parse()?,
            Arg::Long("target") => target = Some(args.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    tests::fuzz(seconds, target.as_deref())
}

fn budgets(mut args: Parser) -> Result<()> {
    let (mut keys, mut tape_bytes) = (50_000_000, 10_000_000_000);
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("keys") => keys = args.value()?.parse()?,
            Arg::Long("tape-bytes") => tape_bytes = args.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    tests::budgets(keys, tape_bytes)
}

fn generate_keys(mut args: Parser) -> Result<()> {
    let (mut keys, mut out) = (None, None);
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("keys") => keys = Some(args.value()?.parse()?),
            Arg::Long("out") => out = Some(args.value()?),
            other => return Err(other.unexpected().into()),
        }
    }
    tests::generate_keys(keys.context("--keys N is missing")?, out.context("--out FILE is missing")?.as_ref())
}

fn screenshots(mut args: Parser) -> Result<()> {
    let mut out = None;
    let mut only = None;
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("out") => out = Some(args.value()?),
            Arg::Long("only") => only = Some(args.value()?),
            other => return Err(other.unexpected().into()),
        }
    }
    tests::screenshots(out.context("--out DIR is missing")?.as_ref(), only.as_deref())
}

fn serve(mut args: Parser) -> Result<()> {
    let mut port = Port::FirstFree(8080);
    let mut no_build = false;
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("port") => port = Port::Exactly(args.value()?.parse()?),
            Arg::Long("no-build") => no_build = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let dist = if no_build { project::dist() } else { build::build()? };
    let server = Server::start(&dist, port).with_context(|| match port {
        Port::Exactly(port) => format!("cannot serve {} on port {port}", dist.display()),
        _ => format!("cannot serve {}", dist.display()),
    })?;
    // The one line of standard output, so that a script can read it.
    println!("Snaptape is at {} (Ctrl-C stops it)", server.url());
    server.run();
    Ok(())
}
