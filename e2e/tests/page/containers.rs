//! Compressed copies: opened, and repaired.

use std::fs;
use std::io::{Cursor, Read as _, Write as _};

use flate2::Compression;
use flate2::write::GzEncoder;
use snaptape_e2e::Page;
use snaptape_testdata::{files, roots, sha256};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::native::case;

#[tokio::test]
async fn compressed_copies_are_opened() {
    let containers = roots().swap_remove(0).join("containers");
    let keys = case("rdb", "redis-7.0.15/nocompress").sidecar["rdb"]["keys_in_file"].as_u64().unwrap();
    Page::with(async |page| {
        for name in ["dump.rdb.gz", "dump.rdb.zst", "dump.rdb.lz4", "dump.zip", "diskless.capture"] {
            page.pick("pick-files", [containers.join(name)]).await;
            assert_eq!(page.attr("verdict", "data-verdict").await, "sound", "{name}");
            assert_eq!(page.number("total-keys").await, keys, "{name}");
            page.click("open-another").await;
        }
        page.pick("pick-files", [containers.join("appendonlydir.zip")]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert!(page.number("tape-commands").await > 200);
    })
    .await;
}

#[tokio::test]
async fn what_is_inside_is_repaired() {
    let dir = tempfile::tempdir().unwrap();
    let tape = case("aof-damaged", "redis-7.0.15/plain--truncated-in-multi-mid-command");
    let plain = if tape.path.is_dir() { tape.path.join("appendonly.aof") } else { tape.path.clone() };
    let packed = dir.path().join("appendonly.aof.gz");
    let mut gzip = GzEncoder::new(fs::File::create(&packed).unwrap(), Compression::default());
    gzip.write_all(&fs::read(&plain).unwrap()).unwrap();
    gzip.finish().unwrap();

    let set = case("aof-damaged", "redis-7.0.15/multi-incr--truncated-last-incr");
    let archive = dir.path().join("backup.zip");
    let mut zip = ZipWriter::new(fs::File::create(&archive).unwrap());
    for (path, bytes) in files(&set.path) {
        zip.start_file(path, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored))
            .unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap();

    Page::with(async |page| {
        page.pick("pick-files", [&packed]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
        page.hash("repair").await;
        page.click("export").await;
        assert_eq!(page.attr("export-done", "data-name").await, "appendonly.repaired.aof");
        assert_eq!(page.attr("receipt", "data-verdict").await, "sound");
        let copy = page.download("appendonly.repaired.aof").await;
        let fixed = &tape.sidecar["check_aof_fix"]["files_after"]["appendonly.aof"]["sha256"];
        assert_eq!(sha256(&copy), fixed.as_str().unwrap(), "not the bytes that --fix leaves");
        page.click("open-another").await;

        page.pick("pick-files", [&archive]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
        page.hash("repair").await;
        page.click("export").await;
        assert_eq!(page.attr("export-done", "data-name").await, "appendonlydir.repaired.zip");
        let copy = page.download("appendonlydir.repaired.zip").await;
        let mut copy = ZipArchive::new(Cursor::new(copy)).unwrap();
        let fixed = set.sidecar["check_aof_fix"]["files_after"].as_object().unwrap();
        for (path, file) in fixed {
            let mut bytes = Vec::new();
            copy.by_name(path).unwrap_or_else(|_| panic!("no {path}")).read_to_end(&mut bytes).unwrap();
            assert_eq!(sha256(&bytes), file["sha256"].as_str().unwrap(), "{path}");
        }
    })
    .await;
}
