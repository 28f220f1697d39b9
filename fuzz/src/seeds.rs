//! Where the targets start: the repository's own files, and the blobs inside them.

use std::collections::BTreeSet;
use std::path::Path;

use snaptape_rdb::{Event, Packing, Part, Reader, Role};
use snaptape_testdata::{cases, files, roots};
use snaptape_wire::{Limits, Str, StrForm};

/// Long files make slow inputs and show nothing short ones do not.
const MAX_BYTES: usize = 48 << 10;

/// Snapshots, sound and damaged.
pub(crate) fn snapshots() -> Vec<Vec<u8>> {
    let short = |bytes: &Vec<u8>| bytes.len() <= MAX_BYTES;
    with_regressions("rdb", contents(&["rdb", "rdb-damaged"]).map(|(_, bytes)| bytes).filter(short))
}

/// Tapes, sound and damaged, without what stands in front of them.
pub(crate) fn tapes() -> Vec<Vec<u8>> {
    let tapes = contents(&["aof", "aof-damaged"]).filter(|(name, bytes)| {
        !name.ends_with(".manifest") && !is_snapshot(bytes) && bytes.len() <= MAX_BYTES
    });
    with_regressions("aof", tapes.map(|(_, bytes)| bytes))
}

/// Everything a front end may be given as a single file.
pub(crate) fn inputs() -> Vec<Vec<u8>> {
    let inputs = contents(&["aof", "aof-damaged", "rdb", "rdb-damaged"]).map(|(_, bytes)| bytes);
    with_regressions("job", inputs.filter(|bytes| bytes.len() <= MAX_BYTES))
}

/// Files inside something.
pub(crate) fn containers() -> Vec<Vec<u8>> {
    let folder = roots().swap_remove(0).join("containers");
    let packed = files(&folder).into_iter().filter(|(name, _)| name != "README.md").map(|(_, bytes)| bytes);
    with_regressions("unpack", packed)
}

/// The same, for what is salvaged of them.
pub(crate) fn tapes_to_salvage() -> Vec<Vec<u8>> {
    with_regressions("salvage-tape", tapes().into_iter())
}

/// What can be cut into the files of a folder: tapes, and snapshots with a tape behind them.
pub(crate) fn folders() -> Vec<Vec<u8>> {
    with_regressions("folder", parts())
}

/// The same, for what is chosen in them.
pub(crate) fn choices() -> Vec<Vec<u8>> {
    with_regressions("choice", parts())
}

/// The same, for lists of their commands.
pub(crate) fn lists() -> Vec<Vec<u8>> {
    with_regressions("commands", parts())
}

fn parts() -> impl Iterator<Item = Vec<u8>> {
    let tapes = contents(&["aof", "aof-damaged"]).filter(|(name, _)| !name.ends_with(".manifest"));
    tapes.map(|(_, bytes)| bytes).filter(|bytes| bytes.len() <= MAX_BYTES)
}

/// Manifests.
pub(crate) fn manifests() -> Vec<Vec<u8>> {
    let manifests = contents(&["aof", "aof-damaged"]).filter(|(name, _)| name.ends_with(".manifest"));
    with_regressions("manifest", manifests.map(|(_, bytes)| bytes))
}

/// Packed collections of one kind.
pub(crate) fn blobs(packing: Packing) -> Vec<Vec<u8>> {
    let mut blobs = Vec::new();
    for_each_string(|role, text| {
        let mut scratch = Vec::new();
        if role == Role::Packed(packing)
            && let Ok(blob) = text.decode(&mut scratch)
        {
            blobs.push(blob.to_vec());
        }
    });
    let name = format!("{packing:?}").to_lowercase();
    with_regressions(&name, blobs.into_iter().filter(|blob| blob.len() <= MAX_BYTES))
}

/// Zipmaps: no server whose files we have wrote any, so these are made by hand.
pub(crate) fn zipmaps() -> Vec<Vec<u8>> {
    let long = [&b"\x01\xfe\x2c\x01\0\0"[..], &[b'k'; 300], b"\x01\x00v\xff"].concat();
    let many: Vec<u8> = [&b"\xfe"[..], &b"\x01a\x01\x00b".repeat(254), b"\xff"].concat();
    let made = [
        b"\x00\xff".to_vec(),
        b"\x02\x03foo\x03\x00bar\x05hello\x05\x00world\xff".to_vec(),
        b"\x01\x01k\x02\x03ab\0\0\0\xff".to_vec(),
        b"\x01\x00\x00\x00\xff".to_vec(),
        long,
        many,
    ];
    with_regressions("zipmap", made.into_iter())
}

/// LZF, behind the length it unpacks to in four bytes.
pub(crate) fn compressed() -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for_each_string(|_, text| {
        if let StrForm::Lzf { packed, len } = text.form {
            let len = u32::try_from(len).unwrap_or(u32::MAX);
            found.push([&len.to_le_bytes(), packed].concat());
        }
    });
    with_regressions("lzf", found.into_iter().filter(|packed| packed.len() <= MAX_BYTES))
}

fn is_snapshot(bytes: &[u8]) -> bool {
    bytes.starts_with(b"REDIS") || bytes.starts_with(b"VALKEY")
}

/// Names and contents of the files of these folders.
fn contents(folders: &[&str]) -> impl Iterator<Item = (String, Vec<u8>)> {
    // The repository's own: what a fresh clone has.
    let root = roots().swap_remove(0);
    let folders: Vec<_> = folders.iter().map(ToString::to_string).collect();
    folders.into_iter().flat_map(move |folder| cases(&root, &folder)).flat_map(|case| files(&case.path))
}

fn for_each_string(mut sink: impl FnMut(Role, Str<'_>)) {
    for bytes in snapshots() {
        // What can be read before the damage will do.
        let _ = Reader::new(Limits::default()).feed(&bytes, true, |_, event| {
            if let Event::Part(Part::Text(role, text)) = event {
                sink(role, text);
            }
        });
    }
}

/// The inputs, each once and in order, with what the fuzzer found before.
fn with_regressions(target: &str, inputs: impl Iterator<Item = Vec<u8>>) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(target);
    let found = if folder.is_dir() { files(&folder) } else { Vec::new() };
    let inputs: BTreeSet<_> = inputs.chain(found.into_iter().map(|(_, bytes)| bytes)).collect();
    inputs.into_iter().collect()
}
