//! What the two programs of this package share: turning the compiled program of the page into JavaScript and
//! WebAssembly a browser takes, with the crate behind the `wasm-bindgen` tool, so that tool and crate never differ.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod shorten;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, ensure};
use wasm_bindgen_cli_support::Bindgen;
use wasm_encoder::{Module, RawSection, SectionId};
use wasmparser::Parser;

/// Release of wasm-bindgen this speaks for. A test compares it with the lock file.
pub const WASM_BINDGEN_VERSION: &str = "0.2.130";

/// The file that loads chunks.
const LOADER: &str = "chunks.js";
/// How the loader fetches a chunk: it insists on a server that knows the type of WebAssembly, which many a small one does not.
const STREAMS: &str = "WebAssembly.instantiateStreaming(src, imports)";
/// How it is to do that.
const INSTANTIATES: &str = "instantiate(src, imports)";
const INSTANTIATE: &str = r"async function instantiate(src, imports) {
    const response = await src;
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    return WebAssembly.instantiate(await response.arrayBuffer(), imports);
}
";

/// Cuts a program where it says so, and writes `NAME.js`, `NAME_bg.wasm`, the chunks, and `chunks.js`, which loads them. Function
/// names are dropped: they are a third of the file, and nobody reads them in a release.
///
/// # Errors
/// When the input is not the output of a compiler with the same wasm-bindgen, or a file cannot be written.
pub fn bindgen(wasm: &Path, name: &str, out_dir: &Path, keep_debug: bool) -> Result<()> {
    let main = out_dir.join(format!("{name}.wasm"));
    let chunks = cut(wasm, name, &main, out_dir)?;
    if !keep_debug {
        for chunk in chunks {
            let content = fs::read(&chunk)?;
            fs::write(chunk, without_custom_sections(&content)?)?;
        }
    }
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&main)
        .out_name(name)
        .typescript(false)
        .keep_debug(keep_debug)
        // What chunks share with the program is told by name.
        .keep_lld_exports(true)
        .remove_name_section(!keep_debug)
        .remove_producers_section(true);
    bindgen
        .web(true)
        .and_then(|bindgen| bindgen.generate(out_dir))
        .with_context(|| format!("wasm-bindgen on {}", wasm.display()))?;
    if !keep_debug {
        let (program, script) = (out_dir.join(format!("{name}_bg.wasm")), out_dir.join(format!("{name}.js")));
        let (short_program, short_script) =
            shorten::shorten(&fs::read(&program)?, &fs::read_to_string(&script)?)?;
        fs::write(program, short_program)?;
        fs::write(script, short_script)?;
    }
    Ok(fs::remove_file(main)?)
}

/// Writes the program without its chunks to `main`, and returns where the chunks are.
fn cut(wasm: &Path, name: &str, main: &Path, out_dir: &Path) -> Result<Vec<PathBuf>> {
    let input = fs::read(wasm).with_context(|| format!("reading {}", wasm.display()))?;
    let (module, loader) = (format!("./{name}.js"), format!("./{LOADER}"));
    let mut options = wasm_split_cli_support::Options::new(&input);
    options.output_dir = out_dir;
    options.main_out_path = main;
    options.main_module = &module;
    options.link_name = &loader;
    let cut = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow!("cutting {}: {error:?}", wasm.display()))?;
    let loader = out_dir.join(LOADER);
    let script = fs::read_to_string(&loader)?;
    ensure!(script.contains(STREAMS), "{LOADER} fetches chunks in a way that is not known here");
    fs::write(loader, script.replace(STREAMS, INSTANTIATES) + INSTANTIATE)?;
    Ok(cut.split_modules)
}

/// The module without names and other things no browser needs.
fn without_custom_sections(wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::new();
    for payload in Parser::new(0).parse_all(wasm) {
        if let Some((id, range)) = payload.context("a chunk is not WebAssembly")?.as_section()
            && id != SectionId::Custom as u8
        {
            let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
            module.section(&RawSection { id, data: &wasm[range] });
        }
    }
    Ok(module.finish())
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

    #[test]
    fn names_are_dropped() {
        let header = b"\0asm\x01\0\0\0";
        let section =
            |id: u8, content: &[u8]| [&[id, u8::try_from(content.len()).unwrap()][..], content].concat();
        let (types, names) = (section(1, &[0]), section(0, b"\x04name"));
        let module = [&header[..], &names, &types, &names].concat();
        assert_eq!(without_custom_sections(&module).unwrap(), [&header[..], &types].concat());
        assert!(without_custom_sections(&module[..module.len() - 1]).is_err());
        assert!(without_custom_sections(b"\0asm").is_err());
    }
}
