//! Archives: their table of contents, and every file in them.

use snaptape_testdata::{files, read, roots};
use snaptape_unpack::{
    FlawKind, Limits, Unpacker,
    zip::{Directory, Entry},
};

fn sample(name: &str) -> Vec<u8> {
    read(&roots().swap_remove(0).join("containers").join(name))
}

fn entries(archive: &[u8]) -> Result<Vec<Entry>, (FlawKind, u64)> {
    let mut directory = Directory::new(archive.len() as u64);
    let mut rounds = 0;
    while let Some((offset, len)) = directory.wants() {
        let start = usize::try_from(offset).unwrap().min(archive.len());
        let end = usize::try_from(offset + len).unwrap().min(archive.len());
        directory.give(&archive[start..end]);
        rounds += 1;
        assert!(rounds <= 3, "it never ends");
    }
    match directory.entries().expect("it wants nothing more") {
        Ok(entries) => Ok(entries.to_vec()),
        Err(flaw) => Err((flaw.kind, flaw.offset)),
    }
}

fn open(archive: &[u8], entry: &Entry, window_bytes: usize) -> (Vec<u8>, Vec<FlawKind>) {
    let (mut unpacker, mut inside) = (Unpacker::zip_entry(entry, Limits::default()), Vec::new());
    let (start, end) =
        (usize::try_from(entry.header_offset).unwrap(), usize::try_from(entry.end_offset).unwrap());
    for window in archive[start..end.min(archive.len())].chunks(window_bytes) {
        unpacker.push(window, &mut |piece| inside.extend_from_slice(piece));
    }
    let done = unpacker.is_done();
    unpacker.finish(&mut |piece| inside.extend_from_slice(piece));
    let flaws = unpacker.flaws();
    assert!(done || !flaws.is_empty(), "{} is neither done nor short", entry.name);
    assert!(unpacker.name_inside().is_none_or(|name| name == entry.name || name == "dump.rdb"), "{entry:?}");
    (inside, flaws.into_iter().map(|flaw| flaw.kind).collect())
}

#[test]
fn every_file_of_a_folder_comes_out() {
    let folder = roots().swap_remove(0).join("aof/redis-7.0.15/multi-incr/appendonlydir");
    let wanted = files(&folder);
    for (name, prefix) in
        [("appendonlydir.zip", "appendonlydir/"), ("streamed.zip", "appendonlydir/"), ("flat.zip", "")]
    {
        // What stands in front of an archive moves it, as in one that unpacks itself.
        for front in [&b""[..], b"#!/bin/sh\n"] {
            let archive = [front, &sample(name)].concat();
            let mut found: Vec<_> = entries(&archive).unwrap();
            found.retain(|entry| !entry.is_folder());
            found.sort_by(|a, b| a.name.cmp(&b.name));
            assert_eq!(found.len(), wanted.len(), "{name}");
            for (entry, (file, bytes)) in found.iter().zip(&wanted) {
                assert_eq!(
                    (&entry.name, entry.bytes),
                    (&format!("{prefix}{file}"), bytes.len() as u64),
                    "{name}"
                );
                for window_bytes in [1, 3, 100, usize::MAX] {
                    let (inside, flaws) = open(&archive, entry, window_bytes);
                    assert!(inside == *bytes && flaws.is_empty(), "{name}: {file}: {flaws:?}");
                }
            }
        }
    }
}

#[test]
fn tables_of_real_tools_are_read() {
    for (name, found) in [
        ("dump.zip", &[("dump.rdb", 27_394)][..]),
        ("stored.zip", &[("dump.rdb", 27_394)]),
        ("pipe.zip", &[("-", 27_394)]),
        ("zip64.zip", &[("backup/dump.rdb", 27_394), ("README.txt", 12)]),
        ("gz-in.zip", &[("dump.rdb.gz", 5776)]),
    ] {
        let entries = entries(&sample(name)).unwrap();
        let got: Vec<_> = entries.iter().map(|entry| (entry.name.as_str(), entry.bytes)).collect();
        assert_eq!(got, found, "{name}");
    }
}

#[test]
fn numbers_of_64_bits_are_found() {
    // The table of a real archive, moved into the records that zip64 puts in the place of the 32-bit ones.
    let archive = sample("dump.zip");
    let end = archive.len() - 22;
    let word = |at: usize| u64::from(u32::from_le_bytes(archive[at..at + 4].try_into().unwrap()));
    let (table_bytes, table_at) = (word(end + 12), word(end + 16));
    let mut wide = archive[..end].to_vec();
    wide.extend(b"PK\x06\x06");
    wide.extend(44_u64.to_le_bytes());
    wide.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [1, 1, table_bytes, table_at] {
        wide.extend(number.to_le_bytes());
    }
    wide.extend(b"PK\x06\x07\0\0\0\0");
    wide.extend((end as u64).to_le_bytes());
    wide.extend([1, 0, 0, 0]);
    wide.extend(b"PK\x05\x06\0\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x03\0end");
    assert_eq!(entries(&wide).unwrap(), entries(&archive).unwrap());
    let mut lost = wide.clone();
    lost[end] = 0;
    assert_eq!(entries(&lost), Err((FlawKind::Malformed, end as u64)));
}

#[test]
fn an_archive_that_was_cut_off_says_so() {
    let archive = sample("appendonlydir.zip");
    for cut in [0, 1, 21, 22, 1000, archive.len() - 1] {
        assert_eq!(entries(&archive[..cut]), Err((FlawKind::Truncated, cut as u64)), "cut at {cut}");
    }
}

#[test]
fn a_wrong_byte_never_hurts() {
    for name in ["appendonlydir.zip", "zip64.zip"] {
        let archive = sample(name);
        let good: Vec<_> =
            entries(&archive).unwrap().iter().map(|entry| open(&archive, entry, 1000).0).collect();
        for at in 0..archive.len() {
            let mut bytes = archive.clone();
            bytes[at] ^= 0x44;
            let Ok(found) = entries(&bytes) else { continue };
            if found.len() != good.len() {
                continue;
            }
            for (entry, good) in found.iter().zip(&good) {
                let (inside, flaws) = open(&bytes, entry, 1000);
                assert!(inside == *good || !flaws.is_empty(), "{name} with a wrong byte at {at}: {entry:?}");
            }
        }
    }
}

#[test]
fn what_cannot_be_opened_is_named() {
    let archive = sample("dump.zip");
    let [entry] = &entries(&archive).unwrap()[..] else { panic!("one file") };
    for (change, why) in [
        (&(|entry: &mut Entry| entry.method = 14) as &dyn Fn(&mut Entry), "LZMA"),
        (&|entry| entry.method = 9, "deflate64"),
        (&|entry| entry.method = 12, "bzip2"),
    ] {
        let mut entry = entry.clone();
        change(&mut entry);
        let mut unpacker = Unpacker::zip_entry(&entry, Limits::default());
        unpacker.push(&archive, &mut |_| panic!("nothing can come out"));
        let [flaw] = &unpacker.flaws()[..] else { panic!("{:?}", unpacker.flaws()) };
        assert!(flaw.kind == FlawKind::Unsupported && flaw.why.contains(why), "{flaw:?}");
    }
    let mut encrypted = archive.clone();
    encrypted[6] |= 1;
    let mut unpacker = Unpacker::zip_entry(entry, Limits::default());
    unpacker.push(&encrypted, &mut |_| panic!("nothing can come out"));
    assert!(unpacker.flaws()[0].why.contains("password"), "{:?}", unpacker.flaws());
    // Another checksum in the table than that of the contents.
    let other = Entry { crc32: entry.crc32 ^ 1, ..entry.clone() };
    assert_eq!(open(&archive, &other, 100).1, [FlawKind::ChecksumMismatch]);
}
