//! Compressed copies through the binary, up to a real server that loads what was repaired out of one.

use std::{fs, io::Write as _, path::Path};

use flate2::{Compression, write::GzEncoder};
use snaptape_testdata::{dbsize, sha256};

use crate::run::{json, said, snaptape, testdata};

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn containers(name: &str) -> String {
    text(&testdata().join("containers").join(name))
}

#[test]
fn inspect_keys_and_check_look_inside() {
    let plain = text(&testdata().join("rdb/redis-7.0.15/nocompress.rdb"));
    let keys = snaptape(&["keys", &plain, "--digest"]);
    assert!(keys.status.success());
    for (name, layers) in [
        ("dump.rdb.gz", "gzip"),
        ("dump.rdb.zst", "zstd"),
        ("dump.rdb.lz4", "lz4"),
        ("dump.zip", "zip"),
        ("pipe.zip", "zip"),
        ("zip64.zip", "zip"),
    ] {
        let packed = containers(name);
        let got = snaptape(&["keys", &packed, "--digest"]);
        assert!(got.status.success(), "{name}");
        if name != "zip64.zip" {
            // Of a set each row names its file.
            assert!(got.stdout == keys.stdout, "{name}: other keys than in the plain file");
        }
        let (report, wanted) = (
            json(&snaptape(&["inspect", &packed, "--json"])),
            json(&snaptape(&["inspect", &plain, "--json"])),
        );
        assert_eq!(report["dataset"]["totals"], wanted["dataset"]["totals"], "{name}");
        let file = &report["files"][0];
        assert_eq!(
            (&file["container"]["layers"][0], &file["container"]["bytes_inside"]),
            (&layers.into(), &27_394.into())
        );
        assert_eq!(file["snapshot"], wanted["files"][0]["snapshot"], "{name}");
        let check = snaptape(&["check", &packed]);
        assert_eq!(check.status.code(), Some(0), "{name}");
        let said = String::from_utf8_lossy(&check.stdout).into_owned();
        assert!(
            said.starts_with("Sound.") && said.contains(&format!("rdb in {layers}, 27.4 KB inside")),
            "{said}"
        );
    }
    let folder = snaptape(&["check", &containers("appendonlydir.zip"), "--json"]);
    let (check, code) = (json(&folder), folder.status.code());
    assert_eq!((check["verdict"].as_str(), code), (Some("sound"), Some(0)));
    assert_eq!(check["files"].as_array().unwrap().len(), 5);
}

/// Repairs a plain file and a packed copy of it: the same bytes come out.
fn repair_both(plain: &Path, packed: &[u8], packed_name: &str, name: &str) -> Vec<u8> {
    let work = tempfile::tempdir().unwrap();
    let packed_path = work.path().join(packed_name);
    fs::write(&packed_path, packed).unwrap();
    let (out, wanted) = (work.path().join("out"), work.path().join("wanted"));
    let output = snaptape(&["repair", &text(plain), "--out", &text(&wanted)]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = snaptape(&["repair", &text(&packed_path), "--out", &text(&out), "--json"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let copy = fs::read(&out).unwrap();
    assert!(copy == fs::read(&wanted).unwrap(), "{packed_name}: another copy than of the plain file");
    let receipt = &json(&output)["receipt"];
    assert_eq!(receipt["verdict"], "sound");
    assert_eq!(receipt["inputs"][0]["sha256"], sha256(packed));
    assert_eq!(
        (&receipt["outputs"][0]["name"], &receipt["outputs"][0]["sha256"]),
        (&name.into(), &sha256(&copy).into())
    );
    assert_eq!(fs::read(&packed_path).unwrap(), packed, "the input is never written to");
    copy
}

#[test]
fn a_compressed_tape_is_repaired_and_a_real_server_loads_it() {
    let plain =
        testdata().join("aof-damaged/redis-6.2.5/preamble--truncated-in-multi-mid-command/appendonly.aof");
    let bytes = fs::read(&plain).unwrap();
    let copy = repair_both(&plain, &gzip(&bytes), "appendonly.aof.gz", "appendonly.aof");
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("appendonly.aof"), copy).unwrap();
    assert!(dbsize(home.path(), true).unwrap() > 0);
}

#[test]
fn a_compressed_snapshot_is_salvaged_and_a_real_server_loads_it() {
    let good = fs::read(testdata().join("rdb/redis-7.0.15/nocompress.rdb")).unwrap();
    let work = tempfile::tempdir().unwrap();
    let plain = work.path().join("dump.rdb");
    // Cut off, and with a length in the middle that cannot be.
    let mut torn = good[..good.len() - 500].to_vec();
    torn[12_000..12_010].fill(0xff);
    fs::write(&plain, &torn).unwrap();
    let copy = repair_both(&plain, &gzip(&torn), "dump.rdb.gz", "dump.rdb");
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("dump.rdb"), copy).unwrap();
    let keys = dbsize(home.path(), false).unwrap();
    assert!(keys > 0, "{keys} keys");
}

#[test]
fn a_compressed_copy_that_was_cut_off_is_repaired_as_far_as_it_goes() {
    let folder = testdata().join("aof/redis-7.0.15/flushall/appendonlydir/appendonly.aof.1.incr.aof");
    let tape = fs::read(folder).unwrap();
    let mut packed = gzip(&tape);
    packed.truncate(packed.len() * 2 / 3);
    let work = tempfile::tempdir().unwrap();
    let (input, out) = (work.path().join("tape.aof.gz"), work.path().join("tape.aof"));
    fs::write(&input, &packed).unwrap();
    let check = snaptape(&["check", &text(&input), "--json"]);
    assert_eq!(check.status.code(), Some(1));
    let findings = json(&check)["findings"].to_string();
    assert!(
        findings.contains("container_damaged") && findings.contains("it ends inside its compressed data")
    );
    let output = snaptape(&["repair", &text(&input), "--out", &text(&out)]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let copy = fs::read(&out).unwrap();
    assert!(copy.len() > 100 && tape.starts_with(&copy), "{} bytes", copy.len());
}

#[test]
fn a_zipped_folder_is_repaired_and_a_real_server_loads_it() {
    let damaged = fs::read_dir(testdata().join("aof-damaged/redis-7.0.15"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.is_dir() && path.to_string_lossy().ends_with("--truncated-last-incr"));
    let damaged =
        damaged.unwrap_or_else(|| testdata().join("aof-damaged/redis-7.0.15/multi-incr--missing-last-incr"));
    let folder = damaged.join("appendonlydir");
    let work = tempfile::tempdir().unwrap();
    let archive = work.path().join("backup.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let options =
            zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file(format!("appendonlydir/{}", path.file_name().unwrap().to_string_lossy()), options)
            .unwrap();
        zip.write_all(&fs::read(&path).unwrap()).unwrap();
    }
    zip.finish().unwrap();
    let (out, wanted) = (work.path().join("appendonlydir"), work.path().join("wanted"));
    let output = snaptape(&["repair", &text(&folder), "--out", &text(&wanted)]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let output = snaptape(&["repair", &text(&archive), "--out", &text(&out)]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let same = |a: &Path, b: &Path| snaptape_testdata::files(a) == snaptape_testdata::files(b);
    assert!(same(&out, &wanted), "another copy than of the plain folder");
    assert!(dbsize(work.path(), true).unwrap() > 0);
}

#[test]
fn a_file_is_read_once_and_known_by_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let at = |path: &str| folder.path().join(path).to_str().unwrap().to_owned();
    for (home, key) in [("a/d", b'x'), ("b/d", b'y')] {
        fs::create_dir_all(at(home)).unwrap();
        let bytes = [&b"REDIS0001\xfe\x00\x00\x01"[..], &[key], b"\x01v\xff"].concat();
        fs::write(at(&format!("{home}/dump.rdb")), bytes).unwrap();
    }
    let (status, _, why) = said(&["check", &at("a/d/dump.rdb"), &at("a/d/../d/dump.rdb")]);
    assert!(status != Some(0) && why.contains("dump.rdb is given twice"), "{why}");
    let (_, text, _) = said(&["check", &at("a/d"), &at("b/d")]);
    assert!(text.contains(&at("a/d/dump.rdb")) && text.contains(&at("b/d/dump.rdb")), "{text}");
}
