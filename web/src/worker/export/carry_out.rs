//! Carrying out a plan: put the copy together from slices, read it again, prove what was done.

use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use snaptape_engine::Source as Packed;
use snaptape_report::{Edit, OutputFile, Plan, PlanReport, REPAIR_SCHEMA, Receipt, ReceiptFile, Verdict};
use snaptape_wire::Crc64;
use web_sys::Blob;

use super::contents;
use super::folder::Folder;
use super::zipped::Archive;
use crate::protocol::Asked;
use crate::words;
use crate::worker::source::Source;
use crate::worker::{inspect, post};
use snaptape_report::place;

/// Where a copy goes.
pub(super) enum Place {
    /// Handed to the page, which saves it: one file, or a zip of the directory.
    Download,
    /// Written into a folder.
    Folder(Folder),
}

/// What to carry out.
pub(super) struct Order<'a> {
    /// The plan.
    pub(super) plan: &'a Plan,
    /// The release the copy is judged for.
    pub(super) target: &'a str,
    /// May the copy hold what that release refuses, since the input does?
    pub(super) is_foreign: bool,
    /// Verdict on the input, for the receipt.
    pub(super) verdict: Verdict,
    /// Where the contents of packed files are.
    pub(super) packed: &'a [Packed],
    /// File name of the copy.
    pub(super) file_name: &'a str,
    /// The time now, Unix milliseconds.
    pub(super) now_ms: i64,
}

/// The receipt, and the copy where it is to be downloaded; both only if the copy is sound.
pub(super) async fn carry_out(
    order: &Order<'_>,
    sources: &[Source],
    place: &Place,
) -> Result<(Receipt, Option<Blob>), String> {
    let plan = order.plan;
    let mut outputs = Vec::new();
    for output in &plan.outputs {
        outputs.push(assemble(output, sources, order.packed).await?);
    }
    if outputs.is_empty() {
        return Err("The plan has no files, so there is nothing to save.".into());
    }
    let inputs_bytes: u64 = sources.iter().map(Source::bytes).sum();
    let outputs_bytes: u64 = outputs.iter().map(Source::bytes).sum();
    // Everything written is read twice (checked, then hashed), in a folder once more; everything given once.
    let passes = if matches!(place, Place::Folder(_)) { 3 } else { 2 };
    let total_bytes = inputs_bytes + passes * outputs_bytes;
    let mut progress = post::progress();

    let asked = Asked { target: Some(order.target.to_owned()), ..Asked::default() };
    let answers =
        inspect::inspect(&outputs, order.now_ms, asked, |done, _| progress(done, total_bytes)).await?;
    if !answers.check.is_undamaged() {
        let why =
            answers.check.findings.first().map_or(String::new(), |finding| format!(" {}", finding.message));
        return Err(format!(
            "The copy was read again and found {}, so it is not offered.{why}",
            words::verdict_id(answers.check.verdict)
        ));
    }

    if answers.check.is_foreign() && !order.is_foreign {
        let release = words::target(order.target);
        return Err(format!(
            "The copy was read again, and {release} would not load it, so it is not offered."
        ));
    }

    let mut done_bytes = outputs_bytes;
    let mut advance = |bytes: &[u8]| {
        done_bytes += bytes.len() as u64;
        progress(done_bytes, total_bytes);
    };
    let mut input_proofs = Vec::new();
    for source in sources {
        input_proofs.push(prove(source, &mut advance, None).await?);
    }
    let mut archive = (plan.directory && matches!(place, Place::Download)).then(Archive::default);
    let mut output_proofs = Vec::new();
    let mut sums = String::new();
    for output in &outputs {
        let path = path_of(order, &output.path);
        if let Some(archive) = &mut archive {
            archive.begin(&path, output.bytes())?;
        }
        let proof = prove(output, &mut advance, archive.as_mut()).await?;
        if let Place::Folder(folder) = place {
            let blob = folder.write(&path, &output.blob).await?.into();
            let written = prove(&Source { path: path.clone(), blob }, &mut advance, None).await?;
            if written.sha256 != proof.sha256 {
                return Err(format!("{path} was read again and is not what was written: do not use it."));
            }
        }
        sums.push_str(&proof.sha256);
        sums.push_str("  ");
        sums.push_str(&path);
        sums.push('\n');
        output_proofs.push(proof);
    }
    let receipt = Receipt {
        inputs: input_proofs,
        outputs: output_proofs,
        verdict: answers.check.verdict,
        keys: answers.check.loads.default.keys.clone(),
    };
    let beside = [("SHA256SUMS", sums), ("receipt.json", document(order, &receipt))];
    if let Place::Folder(folder) = place {
        for (name, text) in &beside {
            folder.write(name, &new_blob(text.as_bytes())?).await?;
        }
        return Ok((receipt, None));
    }
    let Some(mut archive) = archive else {
        return Ok((receipt, outputs.first().map(|only| only.blob.clone())));
    };
    for (name, text) in &beside {
        archive.begin(name, text.len() as u64)?;
        archive.write(text.as_bytes())?;
    }
    Ok((receipt, Some(archive.finish()?)))
}

/// Where a file of the copy lies in the zip, or in the folder that is written.
fn path_of(order: &Order<'_>, name: &str) -> String {
    if order.plan.directory {
        // `<folder>/<name>.repaired.zip` is named after the folder inside it.
        place::archive_path(order.plan, folder_of(order.file_name), name)
    } else {
        order.file_name.to_owned()
    }
}

/// The receipt as the command line prints it with `--json`.
fn document(order: &Order<'_>, receipt: &Receipt) -> String {
    let document = PlanReport {
        schema: REPAIR_SCHEMA.into(),
        verdict: order.verdict,
        plan: order.plan.clone(),
        plans: Vec::new(),
        choice: None,
        steps: None,
        receipt: Some(receipt.clone()),
    };
    // Plain data can always be written.
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn new_blob(bytes: &[u8]) -> Result<Blob, String> {
    let parts = Array::of1(&Uint8Array::from(bytes).into());
    Blob::new_with_u8_array_sequence(&parts).map_err(|_| "The browser has no room for the copy.".into())
}

/// `prod` of `prod.repaired.zip`.
fn folder_of(file_name: &str) -> &str {
    file_name.strip_suffix(".repaired.zip").unwrap_or(file_name)
}

/// One file of the copy, as slices of the input and new bytes: nothing is copied here, and nothing read but for a checksum. Of a
/// packed file, what is kept is unpacked.
async fn assemble(output: &OutputFile, sources: &[Source], packed: &[Packed]) -> Result<Source, String> {
    let parts = Array::new();
    let packed = packed.iter().find(|packed| packed.path == output.source);
    let mut unpacked = match packed {
        Some(packed) => contents::kept(output, packed, sources).await?.into_iter(),
        None => Vec::new().into_iter(),
    };
    for edit in &output.edits {
        match edit {
            Edit::Keep { .. } | Edit::Reframe { .. } if packed.is_some() => {
                parts.push(&unpacked.next().ok_or("The copy could not be unpacked.")?.into());
            }
            Edit::Keep { start, end } => {
                parts.push(&source_of(output, sources)?.slice(*start, *end)?.into());
            }
            Edit::Reframe { start, end, .. } => {
                let source = source_of(output, sources)?;
                parts.push(&contents::reframed(edit, source, *start, *end).await?.into());
            }
            Edit::Drop { .. } => {}
            Edit::Insert { bytes, .. } => {
                parts.push(&Uint8Array::from(bytes.as_bytes()).into());
            }
            Edit::Checksum => {
                let mut crc = Crc64::new();
                let before = put_together(&output.name, &parts)?;
                before
                    .read_all(|bytes| {
                        crc.update(bytes);
                        Ok(())
                    })
                    .await?;
                parts.push(&Uint8Array::from(&crc.value().to_le_bytes()[..]).into());
            }
        }
    }
    let assembled = put_together(&output.name, &parts)?;
    if assembled.bytes() != output.bytes() {
        return Err(format!("{} has become shorter since it was read. Open it again.", output.source));
    }
    Ok(assembled)
}

fn source_of<'s>(output: &OutputFile, sources: &'s [Source]) -> Result<&'s Source, String> {
    sources
        .iter()
        .find(|source| source.path == output.source)
        .ok_or_else(|| format!("The plan needs {}, which is not among the files.", output.source))
}

fn put_together(path: &str, parts: &Array) -> Result<Source, String> {
    let blob =
        Blob::new_with_blob_sequence(parts).map_err(|_| "The browser could not put the copy together.")?;
    Ok(Source { path: path.into(), blob })
}

/// Reads a source once: its hash, and its bytes into the archive where there is one.
async fn prove(
    source: &Source,
    advance: &mut impl FnMut(&[u8]),
    mut archive: Option<&mut Archive>,
) -> Result<ReceiptFile, String> {
    let mut hash = Sha256::new();
    source
        .read_all(|bytes| {
            hash.update(bytes);
            advance(bytes);
            match &mut archive {
                Some(archive) => archive.write(bytes),
                None => Ok(()),
            }
        })
        .await?;
    let sha256 = hex(&hash.finalize());
    Ok(ReceiptFile { name: source.path.clone(), bytes: source.bytes(), sha256 })
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_written_as_every_tool_writes_them() {
        assert_eq!(hex(&[0x00, 0x0f, 0xa0, 0xff]), "000fa0ff");
        assert_eq!(folder_of("prod.repaired.zip"), "prod");
    }
}
