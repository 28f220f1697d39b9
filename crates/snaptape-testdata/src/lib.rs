//! Dev only: where the real files are that tests run over, and what the servers that wrote them said (the sidecars).
//!
//! The repository carries a subset under `testdata/`. Where the full corpus lies beside the checkout (`../shared/fixtures`), the
//! same tests run over all of it, too. Nothing here is skipped in silence: a corpus that must be there and is not, or is
//! smaller than it should be, is a failure.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod generated;
pub mod handmade;
mod server;
pub mod shards;
mod tape;

use std::{
    fmt::Write as _,
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use serde_json::Value;
use sha2::{Digest as _, Sha256};

pub use server::{
    CheckRun, Entry, Keyspace, Program, Reply, Server, StartFailure, dbsize, debian, programs,
    recorded_keyspace,
};
pub use tape::{line, tape};

/// One input with what is known about it.
#[derive(Debug, Clone)]
pub struct Case {
    /// Writer and input: `redis-7.0.15/plain--empty`.
    pub name: String,
    /// The writer: `redis-7.0.15`.
    pub server: String,
    /// The input: a file, or a folder with one data set in it.
    pub path: PathBuf,
    /// Its sidecar.
    pub sidecar: Value,
}

/// Damage to the framing of a tape that takes nothing away: all that was there can still be told. `damage` in the sidecars.
pub const FRAMING_DAMAGE: [&str; 14] = [
    "argc-minus",
    "argc-plus",
    "argc-zero",
    "bulk-length-huge",
    "bulk-length-minus",
    "bulk-length-negative",
    "bulk-length-plus",
    "exec-missing",
    "flipped-argc-star",
    "flipped-dollar",
    "garbage-inserted",
    "lf-only",
    "nested-multi",
    "two-damages",
];

/// The folders to run over: the repository's own `testdata`, and the full corpus where there is one.
///
/// # Panics
/// If the repository's own folder is missing.
pub fn roots() -> Vec<PathBuf> {
    let workspace =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the checkout is there");
    let own = workspace.join("testdata");
    assert!(own.is_dir(), "{} is missing: the tests need it", own.display());
    let full = workspace.join("../shared/fixtures");
    let mut roots = vec![own];
    if full.is_dir() {
        roots.push(full);
    }
    println!("corpus: {roots:?}");
    roots
}

/// How many there have to be of something, so that a test cannot pass by finding none: as many in the full corpus, or as many in
/// what a clone alone has of it.
///
/// # Panics
/// As [`roots`].
pub fn at_least<T>(in_full_corpus: T, in_clone: T) -> T {
    if roots().len() > 1 { in_full_corpus } else { in_clone }
}

/// The dumps of other projects, where the full corpus is. They are for reading only, so the repository does not carry them; a test
/// over them says so.
pub fn third_party() -> Option<PathBuf> {
    let folder = roots().pop().map(|root| root.join("third-party")).filter(|folder| folder.is_dir());
    if folder.is_none() {
        println!("the dumps of other projects are not here: nothing is compared with them");
    }
    folder
}

/// How much of something a test does: what the environment variable `name` says, for a longer look, else `usual`.
///
/// # Panics
/// If it says something that is no number.
pub fn amount(name: &str, usual: u64) -> u64 {
    let said = std::env::var_os(name);
    said.map_or(usual, |text| {
        let number = text.to_str().and_then(|text| text.parse().ok());
        number.unwrap_or_else(|| panic!("{name} is {}, which is no number", text.display()))
    })
}

/// A JSON document, gzipped or not.
///
/// # Panics
/// If it cannot be read.
pub fn json(path: &Path) -> Value {
    let bytes = read(path);
    let bytes = if path.extension().is_some_and(|end| end == "gz") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).expect("a gzip file");
        plain
    } else {
        bytes
    };
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The bytes of a file.
///
/// # Panics
/// If it cannot be read.
pub fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// SHA-256 in lower-case hex, as the sidecars have it.
pub fn sha256(bytes: &[u8]) -> String {
    let mut hex = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        write!(hex, "{byte:02x}").expect("a String takes everything");
    }
    hex
}

/// The inputs under `<root>/<folder>/<server>/` that have a sidecar, in order: `rdb`, `rdb-damaged`, `aof`, `aof-damaged`.
///
/// # Panics
/// If a folder cannot be read, or a sidecar has no input beside it.
pub fn cases(root: &Path, folder: &str) -> Vec<Case> {
    let mut cases = Vec::new();
    for server_dir in entries(&root.join(folder)).into_iter().filter(|path| path.is_dir()) {
        let server = file_name(&server_dir);
        for sidecar in entries(&server_dir) {
            let name = file_name(&sidecar);
            let Some(stem) = name.strip_suffix(".json").or_else(|| name.strip_suffix(".json.gz")) else {
                continue;
            };
            let candidates = [stem.to_string(), format!("{stem}.rdb"), format!("{stem}.aof")];
            let path = candidates.iter().map(|name| server_dir.join(name)).find(|path| path.exists());
            let path = path.unwrap_or_else(|| panic!("{} stands alone", sidecar.display()));
            cases.push(Case {
                name: format!("{server}/{stem}"),
                server: server.clone(),
                path,
                sidecar: json(&sidecar),
            });
        }
    }
    cases
}

/// All files under a folder (or the file itself), with their paths relative to it, `/` between folders, in order.
///
/// # Panics
/// If something cannot be read.
pub fn files(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(file_name(path), read(path))];
    }
    let mut files = Vec::new();
    for entry in entries(path) {
        let name = file_name(&entry);
        if entry.is_dir() {
            files.extend(
                self::files(&entry).into_iter().map(|(rest, bytes)| (format!("{name}/{rest}"), bytes)),
            );
        } else {
            files.push((name, read(&entry)));
        }
    }
    files
}

fn entries(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("a readable folder").path()).collect();
    entries.sort();
    entries
}

fn file_name(path: &Path) -> String {
    path.file_name().expect("a name").to_string_lossy().into_owned()
}
