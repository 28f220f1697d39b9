//! What the two programs of this package share: turning a compiled program of the page into JavaScript and
//! WebAssembly a browser takes, with the crate behind the `wasm-bindgen` tool, so that tool and crate never differ.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

use std::{fs, path::Path};

use anyhow::{Context as _, Result, anyhow, bail};
use wasm_bindgen_cli_support::Bindgen;

/// Release of wasm-bindgen this speaks for. A test compares it with the lock file.
pub const WASM_BINDGEN_VERSION: &str = "0.2.130";

/// How the generated JavaScript is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// By `importScripts`, in a classic worker.
    NoModules,
    /// As a module.
    Web,
}

impl std::str::FromStr for Target {
    type Err = anyhow::Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "no-modules" => Ok(Self::NoModules),
            "web" => Ok(Self::Web),
            _ => bail!("target `{word}` is not used by this page; it knows `web` and `no-modules`"),
        }
    }
}

/// Cuts a program where it says so, and writes `NAME.js`, `NAME_bg.wasm`, the chunks, and `chunks.js`, which loads them. Function
/// names are dropped: they are a third of the file, and nobody reads them in a release.
///
/// # Errors
/// When the input is not the output of a compiler with the same wasm-bindgen, or a file cannot be written.
pub fn bindgen(wasm: &Path, target: Target, name: &str, out_dir: &Path, keep_debug: bool) -> Result<()> {
    let input = fs::read(wasm)?;
    let main = out_dir.join(format!("{name}.wasm"));
    let module = format!("./{name}.js");
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = out_dir;
    options.main_out_path = &main;
    options.main_module = &module;
    options.link_name = "./chunks.js";
    wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("cutting {}: {error:?}", wasm.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&main)
        .out_name(name)
        .typescript(false)
        .keep_debug(keep_debug)
        .keep_lld_exports(true)
        .remove_name_section(!keep_debug)
        .remove_producers_section(true);
    match target {
        Target::NoModules => bindgen.no_modules(true),
        Target::Web => bindgen.web(true),
    }
    .and_then(|bindgen| bindgen.generate(out_dir))
    .with_context(|| format!("wasm-bindgen on {}", wasm.display()))?;
    fs::remove_file(main)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_the_locked_one() {
        let lock = include_str!("../../Cargo.lock");
        for name in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            let entry = format!("name = \"{name}\"\nversion = \"{WASM_BINDGEN_VERSION}\"");
            assert!(lock.contains(&entry), "{name} is locked at another version");
        }
        let trunk = include_str!("../../Trunk.toml");
        assert!(trunk.contains(&format!("wasm_bindgen = \"{WASM_BINDGEN_VERSION}\"")));
    }
}
