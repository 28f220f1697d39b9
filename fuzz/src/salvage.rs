//! Damaged snapshots: what is salvaged reads well, windows make no difference, and a checksum that gives damage away is right.

use snaptape_analysis::{SnapshotOptions, SnapshotResult, SnapshotScan};
use snaptape_rdb::Chunk;
use snaptape_wire::{Crc64, ErrorKind, Limits};

const LIMITS: Limits = Limits { max_inline_bytes: 4096, max_name_bytes: 1 << 20 };

/// A copy of what is whole can be read to its end, with as many keys as it should have.
pub(crate) fn salvage(input: &[u8]) {
    let whole = scan(input, [input.len()]);
    let cut = scan(input, crate::cuts(input));
    assert_eq!(cut.recovery.copy, whole.recovery.copy, "windows change what is salvaged");
    assert_eq!(
        format!("{:?}", cut.recovery.holes),
        format!("{:?}", whole.recovery.holes),
        "windows change what is stepped over"
    );
    let mut before = 0;
    for hole in &whole.recovery.holes {
        assert!(before <= hole.span.start && hole.span.end <= input.len() as u64, "{:?}", hole.span);
        before = hole.span.end;
    }
    if whole.recovery.copied_keys == 0 {
        return;
    }
    let copy = write(&whole.recovery.copy, input);
    let again = scan(&copy, [copy.len()]);
    // What a number means in a fork depends on what else the file has used, and that may be what was damaged.
    if again.error.as_ref().is_some_and(|error| matches!(error.kind(), ErrorKind::Unsupported { .. })) {
        return;
    }
    assert!(again.error.is_none(), "the copy cannot be read: {:?}", again.error);
    assert_eq!(again.recovery.copied_keys, whole.recovery.copied_keys);
    assert_eq!(write(&again.recovery.copy, &copy), copy, "a copy of a copy is the same");
}

/// The first bytes say where the rest, closed with its checksum, is damaged: the checksum has to give exactly that away.
pub(crate) fn mend(input: &[u8]) {
    let Some((&[a, b, xor], rest)) = input.split_first_chunk::<3>() else { return };
    let Some(body) = rest.len().checked_sub(9).and_then(|n| rest.get(..n)).filter(|body| body.len() > 16)
    else {
        return;
    };
    let mut good = body.to_vec();
    good.push(0xff);
    let mut crc = Crc64::new();
    crc.update(&good);
    good.extend(crc.value().to_le_bytes());
    // Behind the header: a file nobody recognises is not read to its end.
    let at = 9 + usize::from(u16::from_le_bytes([a, b])) % (body.len() - 9);
    let mut bad = good.clone();
    bad[at] ^= xor | 1;
    let result = scan(&bad, crate::cuts(&bad));
    // One that ends early (an end opcode inside) has its checksum somewhere else.
    if result.info.is_some_and(|info| info.rdb_version >= 5 && info.bytes < bad.len() as u64)
        && result.error.is_none()
    {
        return;
    }
    if let Some(mending) = result.recovery.mending {
        let start = usize::try_from(mending.start).expect("an offset in the input");
        let mut mended = bad.clone();
        mended[start..start + mending.bytes.len()].copy_from_slice(&mending.instead);
        let ends_where_it_should = result.end == bad.len() as u64 || result.error.is_some();
        assert!(!ends_where_it_should || mended == good, "what the checksum gives away is wrong");
    }
}

fn scan(input: &[u8], cuts: impl IntoIterator<Item = usize>) -> SnapshotResult {
    let options = SnapshotOptions {
        limits: LIMITS,
        file_bytes: Some(input.len() as u64),
        ..SnapshotOptions::default()
    };
    let mut scan = SnapshotScan::new("x", options);
    let mut cuts = cuts.into_iter();
    let mut turns = 0_usize;
    while !scan.is_done() {
        turns += 1;
        // Each hole is searched and read on from: bounded by the bytes there are.
        assert!(turns <= 64 + 8 * input.len(), "it goes round in circles");
        let from = usize::try_from(scan.position()).expect("an offset in the input");
        let cut = cuts.next().filter(|&cut| cut > 0).unwrap_or(input.len());
        let to = (from + cut).min(input.len());
        scan.feed(&input[from..to], to == input.len(), |_| {});
    }
    scan.finish()
}

fn write(copy: &[Chunk], input: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for chunk in copy {
        match chunk {
            Chunk::Copy(span) => {
                let range = |offset| usize::try_from(offset).expect("an offset in the input");
                out.extend_from_slice(&input[range(span.start)..range(span.end)]);
            }
            Chunk::Bytes { bytes, .. } => out.extend_from_slice(bytes),
            Chunk::Checksum => {
                let mut crc = Crc64::new();
                crc.update(&out);
                out.extend(crc.value().to_le_bytes());
            }
        }
    }
    out
}
