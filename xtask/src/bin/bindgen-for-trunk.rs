//! Stands in for the tool `wasm-bindgen` where trunk calls it: takes the arguments trunk gives, and is built from
//! the crate the page is locked to in a fraction of the time the full tool takes.

#![forbid(unsafe_code)]

use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use lexopt::{Arg, ValueExt as _};
use xtask::{WASM_BINDGEN_VERSION, bindgen};

fn main() -> Result<()> {
    let mut input: Option<PathBuf> = None;
    let mut out_dir: Option<PathBuf> = None;
    let mut out_name: Option<String> = None;
    let mut keep_debug = false;
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("version") | Arg::Short('V') => {
                println!("wasm-bindgen {WASM_BINDGEN_VERSION}");
                return Ok(());
            }
            Arg::Long("keep-debug") => keep_debug = true,
            // Declarations are never written here.
            Arg::Long("no-typescript") => {}
            Arg::Long("out-dir") => out_dir = Some(args.value()?.into()),
            Arg::Long("out-name") => out_name = Some(args.value()?.string()?),
            Arg::Long("target") => {
                let target = args.value()?;
                ensure!(
                    target == "web",
                    "target {} is not used by this page; it knows `web`",
                    target.display()
                );
            }
            Arg::Value(path) => input = Some(path.into()),
            other => return Err(other.unexpected().into()),
        }
    }
    let input = input.context("no input file")?;
    let out_name = out_name.context("no --out-name")?;
    bindgen(&input, &out_name, &out_dir.context("no --out-dir")?, keep_debug)
}
