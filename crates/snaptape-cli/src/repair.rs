//! `snaptape repair`: the plan carried out into a new place, read again from its bytes, and only then put there.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::Digest as _;
use snaptape_analysis::hex;
use snaptape_engine::{Outcome, Source};
use snaptape_report::{Edit, Plan, PlanReport, REPAIR_SCHEMA, Receipt, ReceiptFile, Verdict, units};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    copy::{Summed, copy, write},
    input::{self, Inputs},
    output, run,
};

/// What the command line asked for.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) path: PathBuf,
    pub(crate) out: Option<PathBuf>,
    /// Name of the plan; the first one that is offered where none is given.
    pub(crate) plan: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) dry_run: bool,
    pub(crate) json: bool,
}

/// Looks into every value: what contradicts itself must not get into a copy.
fn closely(order: &Order) -> run::Asked<'_> {
    run::Asked { target: order.target.as_deref(), deep: true, ..run::Asked::default() }
}

/// Carries out the order. Exit status 0: written (or nothing to do); 1: no such plan for this input; 2: unusable.
pub(crate) fn run(order: &Order) -> Result<u8> {
    ensure!(order.dry_run || order.out.is_some(), "say where the copy goes with --out, or add --dry-run");
    let inputs = input::find(std::slice::from_ref(&order.path))?;
    let outcome = run::job(&inputs, closely(order), |_, _| Ok(()))?;
    if outcome.check.verdict == Verdict::Sound {
        eprintln!("{} is sound: there is nothing to repair.", order.path.display());
        return Ok(0);
    }
    let chosen = |plan: &&Plan| order.plan.as_ref().is_none_or(|name| *name == plan.name);
    let Some(plan) = outcome.plans.iter().find(chosen) else {
        return no_plan(order, &outcome);
    };
    let receipt = match &order.out {
        Some(out) if !order.dry_run => Some(carry_out(plan, &inputs, &outcome.sources, out, order)?),
        _ => None,
    };
    let report = PlanReport {
        schema: REPAIR_SCHEMA.into(),
        verdict: outcome.check.verdict,
        plan: plan.clone(),
        receipt,
    };
    if order.json {
        output::json(&report)?;
    } else {
        print(&report, order)?;
    }
    Ok(0)
}

fn no_plan(order: &Order, outcome: &Outcome) -> Result<u8> {
    output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    let names: Vec<&str> = outcome.plans.iter().map(|plan| plan.name.as_str()).collect();
    if names.is_empty() {
        eprintln!("There is no plan that would give a copy a server loads.");
    } else {
        let asked = order.plan.as_deref().unwrap_or_default();
        eprintln!("There is no plan \"{asked}\" for this input; there is: {}.", names.join(", "));
    }
    Ok(if outcome.check.verdict == Verdict::Unusable { 2 } else { 1 })
}

fn print(report: &PlanReport, order: &Order) -> Result<()> {
    let mut out = io::stdout().lock();
    let plan = &report.plan;
    writeln!(out, "Plan {}: {}", plan.name, plan.summary)?;
    let lost = &plan.losses;
    if plan.commands_kept + lost.commands > 0 {
        writeln!(
            out,
            "Keeps {}; leaves out {} with at least {}.",
            units::plural(plan.commands_kept, "command", "commands"),
            units::plural(lost.bytes, "byte", "bytes"),
            units::plural(lost.commands, "whole command", "whole commands")
        )?;
    }
    for file in &plan.outputs {
        writeln!(out, "  {}: {}", file.name, units::plural(file.bytes(), "byte", "bytes"))?;
        for edit in &file.edits {
            match edit {
                Edit::Keep { start, end } => writeln!(out, "    keep   {start} .. {end}")?,
                Edit::Drop { start, end, why } => writeln!(out, "    drop   {start} .. {end}: {why}")?,
                Edit::Insert { bytes, why } => {
                    writeln!(
                        out,
                        "    insert {}: {why}",
                        units::plural(bytes.as_bytes().len() as u64, "byte", "bytes")
                    )?;
                }
                Edit::Reframe { start, end, from, .. } => {
                    writeln!(out, "    keep   {start} .. {end}, {}", from.remedy())?;
                }
                Edit::Checksum => writeln!(out, "    insert 8 bytes: the checksum of what stands before")?,
            }
        }
    }
    match (&report.receipt, &order.out) {
        (Some(receipt), Some(path)) => {
            let found =
                if receipt.verdict == Verdict::Sound { "sound" } else { "whole, but see the findings" };
            writeln!(out, "Written to {} and read again: {found}.", path.display())?;
            for file in &receipt.outputs {
                writeln!(out, "  {}  {}", file.sha256, file.name)?;
            }
        }
        _ => writeln!(out, "Nothing was written.")?,
    }
    Ok(())
}

/// Writes the copy beside its final place, checks it, and moves it there.
fn carry_out(plan: &Plan, inputs: &Inputs, sources: &[Source], out: &Path, order: &Order) -> Result<Receipt> {
    // What stands there may be the only good copy somebody has.
    ensure!(
        fs::symlink_metadata(out).is_err(),
        "{} exists already; name a place that does not",
        out.display()
    );
    let zipped = out.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
    let home = match out.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let work = tempfile::Builder::new()
        .prefix(".snaptape-")
        .tempdir_in(home)
        .with_context(|| format!("writing beside {}", out.display()))?;
    let mut outputs = Vec::new();
    for file in &plan.outputs {
        let place = work.path().join("copy").join(safe_path(&file.name)?);
        outputs.push(write(file, inputs, sources, &place)?);
    }
    let copy = work.path().join("copy");
    let verdict = verify(plan, &copy, order)?;
    let receipt = Receipt { inputs: prove_inputs(inputs)?, outputs, verdict };
    if zipped {
        let archive = work.path().join("copy.zip");
        let folder = if plan.directory { folder_name(inputs) } else { String::new() };
        pack(plan, &copy, &folder, &archive)?;
        read_back(&archive, &folder, &receipt)?;
        fs::rename(&archive, out)?;
    } else if plan.directory {
        fs::rename(folder_of(plan, &copy)?, out)?;
    } else {
        let only = plan.outputs.first().context("the plan has no files")?;
        fs::rename(copy.join(safe_path(&only.name)?), out)?;
    }
    Ok(receipt)
}

/// A path from a plan, as long as it stays below where it is put.
fn safe_path(name: &str) -> Result<PathBuf> {
    let mut path = PathBuf::new();
    for part in name.split('/').filter(|part| !part.is_empty() && *part != ".") {
        ensure!(part != ".." && !part.contains('\\'), "the plan names the path {name}");
        path.push(part);
    }
    ensure!(path != Path::new(""), "the plan names an empty path");
    Ok(path)
}

/// The folder of the copy that becomes the output: the one the manifest lies in.
fn folder_of(plan: &Plan, copy: &Path) -> Result<PathBuf> {
    let first = plan.outputs.first().context("the plan has no files")?;
    let path = copy.join(safe_path(&first.name)?);
    Ok(path.parent().context("no folder")?.to_path_buf())
}

/// Reads the copy with the same checker.
fn verify(plan: &Plan, copy: &Path, order: &Order) -> Result<Verdict> {
    let place =
        if plan.directory { folder_of(plan, copy)? } else { copy.join(safe_path(&plan.outputs[0].name)?) };
    let outcome = run::job(&input::find(&[place])?, closely(order), |_, _| Ok(()))?;
    if !outcome.check.is_undamaged() {
        output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
        bail!("the copy was read again and is not sound; nothing was written");
    }
    if outcome.check.verdict != Verdict::Sound {
        // Whole, and all the same not for this release.
        output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
    }
    Ok(outcome.check.verdict)
}

fn prove_inputs(inputs: &Inputs) -> Result<Vec<ReceiptFile>> {
    let mut proofs = Vec::new();
    for (file, place) in inputs.files.iter().zip(&inputs.places) {
        let mut sum = Summed::new(io::sink());
        copy(&mut File::open(place)?, &mut sum)?;
        let (bytes, sha256) = (sum.bytes, hex(&sum.hash.finalize()));
        proofs.push(ReceiptFile { name: file.path.clone(), bytes, sha256 });
    }
    Ok(proofs)
}

/// The folder inside an archive, with its slash: it is called what the input is called.
fn folder_name(inputs: &Inputs) -> String {
    let name = inputs.folder.as_ref().and_then(|folder| folder.canonicalize().ok());
    let name = name.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    format!("{}/", name.as_deref().unwrap_or("appendonlydir"))
}

/// Puts the copy into one archive, uncompressed: a tape is moved more often than it is kept.
fn pack(plan: &Plan, copy: &Path, folder: &str, archive: &Path) -> Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create_new(archive)?));
    for file in &plan.outputs {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(file.bytes() > u64::from(u32::MAX / 2));
        zip.start_file(format!("{folder}{}", file.name), options)?;
        io::copy(&mut BufReader::new(File::open(copy.join(safe_path(&file.name)?))?), &mut zip)?;
    }
    zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(())
}

/// Reads every file out of the archive again and compares it with the receipt.
fn read_back(archive: &Path, folder: &str, receipt: &Receipt) -> Result<()> {
    let mut zip = zip::ZipArchive::new(BufReader::new(File::open(archive)?))?;
    for file in &receipt.outputs {
        let mut sum = Summed::new(io::sink());
        copy(&mut zip.by_name(&format!("{folder}{}", file.name))?, &mut sum)?;
        ensure!(
            hex(&sum.hash.finalize()) == file.sha256,
            "{} in the archive differs from the copy",
            file.name
        );
    }
    Ok(())
}
