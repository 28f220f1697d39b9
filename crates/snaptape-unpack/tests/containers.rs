//! Files of real tools (see `testdata/containers/README.md`), cut every way, cut short, and with a wrong byte.

use std::path::PathBuf;

use snaptape_testdata::{files, read, roots, sha256};
use snaptape_unpack::{Container, FRONT_BYTES, Flaw, FlawKind, Limits, MAX_PIECE_BYTES, Unpacker};

fn sample(name: &str) -> Vec<u8> {
    read(&folder().join("containers").join(name))
}

fn folder() -> PathBuf {
    roots().swap_remove(0)
}

fn dump() -> Vec<u8> {
    read(&folder().join("rdb/redis-7.0.15/nocompress.rdb"))
}

/// All that comes out.
#[derive(PartialEq, Eq)]
struct Opened {
    inside: Vec<u8>,
    layers: Vec<Container>,
    flaws: Vec<Flaw>,
    name: Option<String>,
}

impl core::fmt::Debug for Opened {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{} bytes, SHA-256 {}, ", self.inside.len(), sha256(&self.inside))?;
        write!(f, "{:?}, named {:?}, {:#?}", self.layers, self.name, self.flaws)
    }
}

fn open(packed: &[u8], window_bytes: usize) -> Opened {
    let (mut unpacker, mut inside, mut first) = (Unpacker::new(Limits::default()), Vec::new(), None);
    let mut sink = |piece: &[u8]| {
        assert!((1..=MAX_PIECE_BYTES).contains(&piece.len()), "a piece of {}", piece.len());
        first.get_or_insert(piece.len());
        inside.extend_from_slice(piece);
    };
    for window in packed.chunks(window_bytes) {
        unpacker.push(window, &mut sink);
    }
    unpacker.finish(&mut sink);
    unpacker.finish(&mut sink);
    if let Some(first) = first {
        assert!(first >= FRONT_BYTES.min(inside.len()), "the first piece has {first} bytes");
    }
    assert_eq!(unpacker.bytes_inside(), inside.len() as u64);
    Opened { inside, layers: unpacker.layers(), flaws: unpacker.flaws(), name: unpacker.name_inside() }
}

/// A file, the containers it is, the name it has for its contents, and what is said about it.
type Sample = (&'static str, &'static [Container], Option<&'static str>, &'static [FlawKind]);

const SAMPLES: &[Sample] = {
    use Container::*;
    &[
        ("dump.rdb.gz", &[Gzip], Some("dump.rdb"), &[]),
        ("members.rdb.gz", &[Gzip], None, &[]),
        ("dump.rdb.zst", &[Zstd], None, &[]),
        ("frames.rdb.zst", &[Zstd], None, &[]),
        ("dump.rdb.lz4", &[Lz4], None, &[]),
        ("frames.rdb.lz4", &[Lz4], None, &[]),
        ("dump.zip", &[Zip], Some("dump.rdb"), &[]),
        ("stored.zip", &[Zip], Some("dump.rdb"), &[]),
        ("pipe.zip", &[Zip], Some("-"), &[]),
        ("zip64.zip", &[Zip], Some("backup/dump.rdb"), &[FlawKind::MoreInside]),
        ("gz-in.zip", &[Zip, Gzip], Some("dump.rdb"), &[]),
        ("dump.zip.gz", &[Gzip, Zip], Some("dump.rdb"), &[]),
        ("dump.vkcs", &[ValkeyEnvelope, Lz4], None, &[FlawKind::Unverified]),
    ]
};

#[test]
fn what_real_tools_packed_comes_out_however_it_is_cut() {
    let dump = dump();
    for &(name, layers, name_inside, kinds) in SAMPLES {
        let packed = sample(name);
        let whole = open(&packed, usize::MAX);
        assert!(whole.inside == dump, "{name}: {} bytes came out: {:?}", whole.inside.len(), whole.flaws);
        assert_eq!(whole.layers, layers, "{name}");
        assert_eq!(whole.name.as_deref(), name_inside, "{name}");
        assert_eq!(whole.flaws.iter().map(|flaw| flaw.kind).collect::<Vec<_>>(), kinds, "{name}");
        for window_bytes in [1, 2, 3, 5, 7, 16, 61, 100, 509, 1000, 4095, 4096, 4097, 5000] {
            assert_eq!(open(&packed, window_bytes), whole, "{name} in windows of {window_bytes}");
        }
    }
}

#[test]
fn captures_hold_a_snapshot_and_what_was_written_meanwhile() {
    for name in ["diskless.capture", "disk.capture"] {
        let packed = sample(name);
        let whole = open(&packed, usize::MAX);
        assert!(whole.inside.starts_with(b"REDIS0010"));
        assert_eq!(
            whole.inside.get(whole.inside.len() - 9),
            Some(&0xff),
            "{name} ends with EOF and a checksum"
        );
        assert_eq!(whole.layers, [Container::Capture]);
        let [flaw] = whole.flaws.as_slice() else { panic!("{name}: {:?}", whole.flaws) };
        assert_eq!(flaw.kind, FlawKind::TrailingBytes);
        assert!(
            packed[usize::try_from(flaw.offset).unwrap()..].starts_with(b"*2\r\n$6\r\nSELECT"),
            "{flaw:?}"
        );
        for window_bytes in 1..130 {
            assert_eq!(open(&packed, window_bytes), whole, "{name} in windows of {window_bytes}");
        }
        // Cut right behind the snapshot there is nothing to say.
        let cut = usize::try_from(flaw.offset).unwrap();
        assert_eq!(open(&packed[..cut], 1000), Opened { flaws: Vec::new(), ..whole });
    }
}

#[test]
fn plain_files_pass_untouched() {
    for (name, bytes) in files(&folder().join("rdb/redis-7.0.15")) {
        for window_bytes in [1, 4096, usize::MAX] {
            let opened = open(&bytes, window_bytes);
            assert!(opened.inside == bytes && opened.layers.is_empty() && opened.flaws.is_empty(), "{name}");
        }
    }
    assert_eq!(open(b"", 1).inside, b"");
}

#[test]
fn everything_before_a_cut_comes_out() {
    let dump = dump();
    for &(name, layers, ..) in SAMPLES {
        let packed = sample(name);
        let mut last = 0;
        for cut in (0..packed.len()).step_by(97).chain(packed.len() - 40..packed.len()) {
            let opened = open(&packed[..cut], usize::MAX);
            // Up to some byte of its header it is not a container yet.
            if opened.layers.is_empty() {
                assert!(cut < 16, "{name} cut at {cut}");
                continue;
            }
            assert!(dump.starts_with(&opened.inside) || opened.layers != layers, "{name} cut at {cut}");
            assert!(opened.inside.len() >= last || opened.layers != layers, "{name} cut at {cut}");
            last = opened.inside.len();
            let fatal: Vec<_> = opened.flaws.iter().filter(|flaw| flaw.is_fatal()).collect();
            let all = opened.inside.len() == dump.len();
            assert!(all || !fatal.is_empty(), "{name} cut at {cut} is short without a word");
            for flaw in fatal {
                assert_eq!(flaw.kind, FlawKind::Truncated, "{name} cut at {cut}: {flaw:?}");
                if flaw.depth == 0 {
                    assert_eq!(flaw.offset, cut as u64, "{name} cut at {cut}: {flaw:?}");
                }
            }
            for window_bytes in [1, 100] {
                assert_eq!(open(&packed[..cut], window_bytes), opened, "{name} cut at {cut}");
            }
        }
        // A cut in the middle costs what is packed behind it, and at most one block before it.
        let middle = open(&packed[..packed.len() / 2], usize::MAX);
        let has_blocks = layers.iter().any(|layer| matches!(layer, Container::Zstd | Container::Lz4));
        assert!(has_blocks || middle.inside.len() > 5000, "{name}: {} bytes", middle.inside.len());
    }
}

#[test]
fn no_wrong_byte_goes_unnoticed() {
    let dump = dump();
    for name in ["dump.rdb.gz", "members.rdb.gz", "dump.rdb.zst", "dump.rdb.lz4", "dump.zip", "stored.zip"] {
        let packed = sample(name);
        for at in (0..packed.len()).step_by(53) {
            let mut bytes = packed.clone();
            bytes[at] ^= 0x10;
            let opened = open(&bytes, usize::MAX);
            let noticed = !opened.flaws.is_empty() || opened.layers.is_empty();
            assert!(noticed || opened.inside == dump, "{name} with a wrong byte at {at}");
            assert_eq!(open(&bytes, 1).inside.len(), opened.inside.len(), "{name} with a wrong byte at {at}");
        }
    }
}

#[test]
fn a_wrong_checksum_is_named_and_costs_nothing() {
    let dump = dump();
    for (name, from_end, what) in [
        ("dump.rdb.gz", 8, "its checksum is"),
        ("dump.rdb.gz", 4, "its length"),
        ("dump.rdb.zst", 1, "its checksum is"),
        ("dump.rdb.lz4", 1, "its checksum is"),
    ] {
        let mut packed = sample(name);
        let at = packed.len() - from_end;
        packed[at] ^= 1;
        let opened = open(&packed, 1000);
        assert!(opened.inside == dump, "{name}");
        let [flaw] = opened.flaws.as_slice() else { panic!("{name}: {:?}", opened.flaws) };
        assert_eq!(flaw.kind, FlawKind::ChecksumMismatch);
        assert!(flaw.why.starts_with(what), "{flaw:?}");
        assert!(flaw.offset <= at as u64 && at as u64 - flaw.offset < 4, "{flaw:?}, and the byte is at {at}");
    }
}

#[test]
fn what_follows_a_container_is_named() {
    let dump = dump();
    for name in ["dump.rdb.gz", "dump.rdb.zst", "dump.rdb.lz4"] {
        for tail in [&b"\n"[..], b"junk", b"junk and more"] {
            let packed = [&sample(name)[..], tail].concat();
            let opened = open(&packed, 1000);
            assert!(opened.inside == dump, "{name}");
            let [flaw] = opened.flaws.as_slice() else { panic!("{name}: {:?}", opened.flaws) };
            let at = (packed.len() - tail.len()) as u64;
            assert_eq!((flaw.kind, flaw.offset), (FlawKind::TrailingBytes, at), "{name}: {flaw:?}");
            assert_eq!(open(&packed, 1), opened, "{name}");
        }
    }
}
