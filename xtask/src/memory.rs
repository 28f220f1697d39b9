//! How good the memory figures are, ours and those of another tool.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use crate::project::{cargo, find_program, root, run, target_dir};

/// The release of redis-rdb-tools that is compared, and what it needs to be fast.
const PACKAGES: [&str; 2] = ["rdbtools==0.1.15", "python-lzf==0.2.6"];

/// Measures both and writes `docs/memory.md`.
pub(crate) fn accuracy() -> Result<()> {
    let corpus = root().join("../shared/fixtures");
    ensure!(
        corpus.is_dir(),
        "the full corpus is not beside the checkout: its large data sets are what is measured"
    );
    let tables = target_dir()?.join("rdbtools");
    rdbtools(&corpus, &tables)?;
    let mut command = cargo([
        "test",
        "--package",
        "snaptape-analysis",
        "--test",
        "all",
        "memory_accuracy::",
        "--",
        "--nocapture",
    ]);
    command.env("SNAPTAPE_RDBTOOLS", &tables).env("SNAPTAPE_WRITE_TABLE", "1");
    run(command)
}

/// What redis-rdb-tools says of every dump that was measured, as far as it can read it: one CSV a dump in `tables`.
fn rdbtools(corpus: &Path, tables: &Path) -> Result<()> {
    let venv = target_dir()?.join("rdbtools-venv");
    if !venv.join("bin/rdb").is_file() {
        let python = find_program(&["python3"]).context("python3 is missing")?;
        let mut create = Command::new(python);
        create.args(["-m", "venv"]).arg(&venv);
        run(create)?;
        let mut install = Command::new(venv.join("bin/pip"));
        install.args(["install", "--quiet"]).args(PACKAGES);
        run(install)?;
    }
    fs::create_dir_all(tables)?;
    let mut dumps: Vec<(String, String)> = Vec::new();
    for server in fs::read_dir(corpus.join("memory"))? {
        for file in fs::read_dir(server?.path())? {
            let name = file?.file_name().to_string_lossy().into_owned();
            if let Some((writer, dataset)) = name.trim_end_matches(".json.gz").split_once("--") {
                dumps.push((writer.to_owned(), dataset.to_owned()));
            }
        }
    }
    dumps.sort();
    dumps.dedup();
    let (mut read, mut refused) = (0, 0);
    for (writer, dataset) in dumps {
        let mut command = Command::new(venv.join("bin/rdb"));
        command.args(["-c", "memory"]).arg(corpus.join(format!("rdb/{writer}/{dataset}.rdb")));
        let table = tables.join(format!("{writer}--{dataset}.csv"));
        command.stdout(File::create(&table)?).stderr(Stdio::null());
        // It ends with an error at versions it does not know.
        if command.status()?.success() {
            read += 1;
        } else {
            fs::remove_file(&table)?;
            refused += 1;
        }
    }
    println!("redis-rdb-tools reads {read} of the dumps and refuses {refused}");
    Ok(())
}
