//! The shards of a cluster, written here without a server: every slot lies in one of them, and one slot is much heavier than the others.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crc::{CRC_16_XMODEM, Crc};

use crate::handmade::Rdb;

const SLOTS: usize = 16_384;

/// The key that is heavier than all others.
pub const HEAVY: &str = "cart:{4711}:items";

/// Writes `shards` snapshots of together `keys` keys and [`HEAVY`] into `folder`, the slots shared out evenly.
///
/// # Panics
/// If they cannot be written.
pub fn write_shards(folder: &Path, shards: usize, keys: usize) -> Vec<PathBuf> {
    let crc = Crc::<u16>::new(&CRC_16_XMODEM);
    let slot = |tag: &str| usize::from(crc.checksum(tag.as_bytes())) % SLOTS;
    let mut files: Vec<Rdb> = (0..shards)
        .map(|_| Rdb::new("REDIS0011").aux("redis-ver", "7.2.4").aux("ctime", "1700000000").select(0))
        .collect();
    let mut add = |tag: &str, name: &str, value: &str| {
        let at = slot(tag) * shards / SLOTS;
        if let Some(file) = files.get_mut(at) {
            *file = core::mem::replace(file, Rdb::new("REDIS0011")).string(name, value);
        }
    };
    for n in 0..keys {
        let name = format!("session:{n}");
        add(&name, &name, &"v".repeat(20 + n * 7 % 900));
    }
    add("4711", HEAVY, &"x".repeat(keys * 100));
    let mut paths = Vec::new();
    for (i, file) in files.into_iter().enumerate() {
        let path = folder.join(format!("shard-{:04}.rdb", i + 1));
        fs::write(&path, file.finish()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        paths.push(path);
    }
    paths
}
