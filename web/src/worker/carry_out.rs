//! Carrying out a plan: put the copy together from slices, read it again, prove what was done.

use js_sys::{Array, Uint8Array};
use sha2::{Digest, Sha256};
use snaptape_engine::Source as Packed;
use snaptape_report::{Edit, OutputFile, Plan, Receipt, ReceiptFile};
use snaptape_wire::Crc64;
use web_sys::Blob;

use super::source::Source;
use super::zipped::Archive;
use super::{contents, inspect, post};
use crate::place;
use crate::protocol::Asked;
use crate::words;

/// The copy and its receipt, if the copy is sound.
pub(super) async fn carry_out(
    plan: &Plan,
    packed: &[Packed],
    file_name: &str,
    sources: &[Source],
    now_ms: i64,
) -> Result<(Receipt, Blob), String> {
    let mut outputs = Vec::new();
    for output in &plan.outputs {
        outputs.push(assemble(output, sources, packed).await?);
    }
    if outputs.is_empty() {
        return Err("The plan has no files, so there is nothing to save.".into());
    }
    let inputs_bytes: u64 = sources.iter().map(Source::bytes).sum();
    let outputs_bytes: u64 = outputs.iter().map(Source::bytes).sum();
    // Everything written is read twice (checked, then hashed), everything given once.
    let total_bytes = inputs_bytes + 2 * outputs_bytes;
    let mut progress = post::progress();

    let answers =
        inspect::inspect(&outputs, now_ms, Asked::default(), |done, _| progress(done, total_bytes)).await?;
    if !answers.check.is_undamaged() {
        let why =
            answers.check.findings.first().map_or(String::new(), |finding| format!(" {}", finding.message));
        return Err(format!(
            "The copy was read again and found {}, so it is not offered.{why}",
            words::verdict_id(answers.check.verdict)
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
    let mut output_proofs = Vec::new();
    let blob = if plan.directory {
        let mut archive = Archive::default();
        for output in &outputs {
            // `<folder>/<name>.repaired.zip` is named after the folder inside it.
            archive.begin(&place::archive_path(plan, folder_of(file_name), &output.path), output.bytes())?;
            output_proofs.push(prove(output, &mut advance, Some(&mut archive)).await?);
        }
        let mut sums = String::new();
        for proof in &output_proofs {
            let path = place::archive_path(plan, folder_of(file_name), &proof.name);
            sums.push_str(&proof.sha256);
            sums.push_str("  ");
            sums.push_str(&path);
            sums.push('\n');
        }
        archive.begin("SHA256SUMS", sums.len() as u64)?;
        archive.write(sums.as_bytes())?;
        archive.finish()?
    } else {
        for output in &outputs {
            output_proofs.push(prove(output, &mut advance, None).await?);
        }
        outputs[0].blob.clone()
    };
    let receipt = Receipt { inputs: input_proofs, outputs: output_proofs, verdict: answers.check.verdict };
    Ok((receipt, blob))
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
            Edit::Keep { .. } if packed.is_some() => {
                parts.push(&unpacked.next().ok_or("The copy could not be unpacked.")?.into());
            }
            Edit::Keep { start, end } => {
                let source = sources.iter().find(|source| source.path == output.source).ok_or_else(|| {
                    format!("The plan needs {}, which is not among the files.", output.source)
                })?;
                parts.push(&source.slice(*start, *end)?.into());
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
