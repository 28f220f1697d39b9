//! Hostile input for the parsers. Each target is a plain function over bytes that panics when something is wrong, so
//! that the same body runs under libFuzzer (`fuzz_targets/`), under the driver of our own (`src/main.rs`), and as a
//! test over the repository's files and changes to them (`tests/smoke.rs`).

#![forbid(unsafe_code)]
#![warn(missing_docs)]

mod aof;
mod deep;
mod job;
mod key;
mod mutate;
mod packed;
mod rdb;
mod salvage;
mod seeds;
mod structure;
mod unpack;

pub use mutate::{Mutator, Random};

/// A body with its seeds.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name: that of the file in `fuzz_targets/`.
    pub name: &'static str,
    /// Panics when something is wrong with how these bytes are read.
    pub run: fn(&[u8]),
    /// Inputs to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// All targets, by name.
pub const TARGETS: &[Target] = &[
    Target { name: "aof", run: aof::tape, seeds: seeds::tapes },
    Target { name: "choice", run: job::choice, seeds: seeds::choices },
    Target { name: "commands", run: job::commands, seeds: seeds::lists },
    // The same body as `job`, for what stands inside something.
    Target { name: "container", run: job::job, seeds: seeds::containers },
    Target { name: "deep", run: deep::deep, seeds: deep::seeds },
    Target { name: "folder", run: job::folder, seeds: seeds::folders },
    Target { name: "intset", run: packed::intset, seeds: || seeds::blobs(snaptape_rdb::Packing::Intset) },
    Target { name: "job", run: job::job, seeds: seeds::inputs },
    Target { name: "key", run: key::key, seeds: seeds::inputs },
    Target {
        name: "listpack",
        run: packed::listpack,
        seeds: || seeds::blobs(snaptape_rdb::Packing::Listpack),
    },
    Target { name: "look", run: key::look, seeds: key::strings },
    Target { name: "lzf", run: packed::lzf, seeds: seeds::compressed },
    Target { name: "manifest", run: aof::manifest, seeds: seeds::manifests },
    Target { name: "mend", run: salvage::mend, seeds: seeds::snapshots },
    Target { name: "rdb", run: rdb::snapshot, seeds: seeds::snapshots },
    Target { name: "salvage", run: salvage::salvage, seeds: seeds::snapshots },
    Target { name: "salvage-tape", run: aof::salvage, seeds: seeds::tapes_to_salvage },
    Target { name: "structure", run: structure::structure, seeds: seeds::inputs },
    Target { name: "unpack", run: unpack::unpack, seeds: seeds::containers },
    Target { name: "ziplist", run: packed::ziplist, seeds: || seeds::blobs(snaptape_rdb::Packing::Ziplist) },
    Target { name: "zipmap", run: packed::zipmap, seeds: seeds::zipmaps },
];

/// The target of this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Runs one target by name.
///
/// # Panics
/// When there is none, or it finds something.
pub fn run(name: &str, input: &[u8]) {
    let target = target(name).unwrap_or_else(|| panic!("there is no target {name}"));
    (target.run)(input);
}

/// Lengths to cut `input` into: some of one byte, some long. The same input is always cut the same way, so that what
/// was found can be found again.
fn cuts(input: &[u8]) -> Vec<usize> {
    let mut random = Random::new(
        input
            .iter()
            .fold(input.len() as u64, |sum, &byte| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)),
    );
    let mut cuts = Vec::new();
    let mut left = input.len();
    while left > 0 {
        let longest = [1, 3, 40, 1000][random.below(4)];
        let cut = (1 + random.below(longest)).min(left);
        cuts.push(cut);
        left -= cut;
    }
    cuts
}
