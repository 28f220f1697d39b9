//! The plan carried out into a new place, read again from its bytes, and only then put there.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::Digest as _;
use snaptape_analysis::hex;
use snaptape_engine::Source;
use snaptape_report::{CheckReport, Plan, PlanReport, Receipt, ReceiptFile, Verdict};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{Order, closely};
use crate::{
    copy::{Summed, copy, write},
    input::{self, Inputs},
    output, run,
};

/// Writes the copy beside its final place, checks it, and moves it there.
pub(super) fn carry_out(
    plan: &Plan,
    inputs: &Inputs,
    sources: &[Source],
    out: &Path,
    order: &Order,
    judged: &CheckReport,
    about: impl FnOnce(Receipt) -> PlanReport,
) -> Result<PlanReport> {
    // What stands there may be the only good copy somebody has.
    ensure!(
        fs::symlink_metadata(out).is_err(),
        "{} exists already; name a place that does not",
        out.display()
    );
    let beside = receipt_path(out);
    ensure!(
        order.no_receipt || fs::symlink_metadata(&beside).is_err(),
        "{} exists already; move it away, or add --no-receipt",
        beside.display()
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
    let read = verify(plan, &copy, judged)?;
    let (verdict, keys) = (read.verdict, read.loads.default.keys);
    let receipt = Receipt { inputs: prove_inputs(inputs)?, outputs, verdict, keys };
    let report = about(receipt);
    let mut document = serde_json::to_vec_pretty(&report)?;
    document.push(b'\n');
    if zipped {
        let archive = work.path().join("copy.zip");
        let folder = if plan.directory { format!("{}/", folder_name(inputs)) } else { String::new() };
        pack(plan, &copy, &folder, &archive, &report, (!order.no_receipt).then_some(&document))?;
        read_back(&archive, &folder, &report)?;
        fs::rename(&archive, out)?;
        return Ok(report);
    }
    if plan.directory {
        fs::rename(folder_of(plan, &copy)?, out)?;
    } else {
        let only = plan.outputs.first().context("the plan has no files")?;
        fs::rename(copy.join(safe_path(&only.name)?), out)?;
    }
    if !order.no_receipt {
        let mut file = File::create_new(&beside).with_context(|| beside.display().to_string())?;
        file.write_all(&document)?;
        file.sync_all()?;
    }
    Ok(report)
}

/// Where the receipt goes: beside the copy.
pub(super) fn receipt_path(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_os_string();
    name.push(".receipt.json");
    out.with_file_name(name)
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

/// Reads the copy with the same checker, for the release the input was judged for.
fn verify(plan: &Plan, copy: &Path, judged: &CheckReport) -> Result<CheckReport> {
    let place =
        if plan.directory { folder_of(plan, copy)? } else { copy.join(safe_path(&plan.outputs[0].name)?) };
    let outcome = run::job(&input::find(&[place])?, closely(Some(&judged.target), None), |_, _| Ok(()))?;
    if !outcome.check.is_undamaged() {
        output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
        bail!("the copy was read again and is not sound; nothing was written");
    }
    if outcome.check.verdict != Verdict::Sound {
        // Whole, and all the same not for this release.
        output::findings(&mut io::stderr().lock(), &outcome.check.findings)?;
        ensure!(
            judged.is_foreign() || !outcome.check.is_foreign(),
            "the copy was read again, and {} would not load it; nothing was written",
            judged.target
        );
    }
    Ok(outcome.check)
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

/// The folder of a directory: it is called what the input is called.
pub(super) fn folder_name(inputs: &Inputs) -> String {
    let name = inputs.folder.as_ref().and_then(|folder| folder.canonicalize().ok());
    let name = name.as_deref().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| "appendonlydir".into())
}

/// Puts the copy into one archive, uncompressed: a tape is moved more often than it is kept.
fn pack(
    plan: &Plan,
    copy: &Path,
    folder: &str,
    archive: &Path,
    report: &PlanReport,
    document: Option<&Vec<u8>>,
) -> Result<()> {
    let mut zip = ZipWriter::new(BufWriter::new(File::create_new(archive)?));
    for file in &plan.outputs {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(file.bytes() > u64::from(u32::MAX / 2));
        zip.start_file(format!("{folder}{}", file.name), options)?;
        io::copy(&mut BufReader::new(File::open(copy.join(safe_path(&file.name)?))?), &mut zip)?;
    }
    let small = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    zip.start_file("SHA256SUMS", small)?;
    for file in report.receipt.iter().flat_map(|receipt| &receipt.outputs) {
        writeln!(zip, "{}  {folder}{}", file.sha256, file.name)?;
    }
    if let Some(document) = document {
        zip.start_file("receipt.json", small)?;
        zip.write_all(document)?;
    }
    zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(())
}

/// Reads every file out of the archive again and compares it with the receipt.
fn read_back(archive: &Path, folder: &str, report: &PlanReport) -> Result<()> {
    let mut zip = zip::ZipArchive::new(BufReader::new(File::open(archive)?))?;
    for file in report.receipt.iter().flat_map(|receipt| &receipt.outputs) {
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
