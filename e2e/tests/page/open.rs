//! Ways to open something, and the numbers that come of it.

use std::fs;

use snaptape_e2e::Page;
use snaptape_report::{Dataset, Verdict};
use snaptape_testdata::{files, shards};

use crate::native::{case, outcome, picked};

/// The figures on the page are those of the engine, run natively.
async fn assert_sizes(page: &Page, dataset: &Dataset) {
    let totals = &dataset.totals;
    assert!(totals.keys > 0 && totals.memory_bytes > 0, "{totals:?}");
    assert_eq!(page.number("total-keys").await, totals.keys);
    assert_eq!(page.number("total-file-bytes").await, totals.file_bytes);
    assert_eq!(page.number("total-payload-bytes").await, totals.payload_bytes);
    assert_eq!(page.number("total-memory-bytes").await, totals.memory_bytes);
}

#[tokio::test]
async fn a_snapshot_that_was_picked() {
    let case = case("rdb", "redis-7.4.1/collections");
    let native = outcome(&[picked(&case.path)]);
    Page::with(async |page| {
        page.pick("pick-files", [&case.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        // What the server itself counted.
        assert_eq!(page.number("total-keys").await, case.sidecar["rdb"]["keys_in_file"].as_u64().unwrap());
        assert_sizes(page, native.report.dataset.as_ref().unwrap()).await;

        page.click("open-another").await;
        page.find("drop").await;
        assert!(!page.has("verdict").await);
    })
    .await;
}

#[tokio::test]
async fn several_files_are_one_data_set() {
    let shards = [case("rdb", "redis-7.4.1/strings"), case("rdb", "redis-7.4.1/expires")];
    let keys = shards.iter().map(|case| case.sidecar["rdb"]["keys_in_file"].as_u64().unwrap()).sum::<u64>();
    let native = outcome(&shards.each_ref().map(|case| picked(&case.path)));
    Page::with(async |page| {
        page.pick("pick-files", shards.iter().map(|case| &case.path)).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, keys);
        assert_sizes(page, native.report.dataset.as_ref().unwrap()).await;
    })
    .await;
}

#[tokio::test]
async fn two_files_of_one_name_are_two() {
    let dir = tempfile::tempdir().unwrap();
    let shards = shards::write_shards(dir.path(), 2, 300);
    let places = ["a", "b"].map(|folder| dir.path().join(folder).join("dump.rdb"));
    for (shard, place) in shards.iter().zip(&places) {
        fs::create_dir(place.parent().unwrap()).unwrap();
        fs::copy(shard, place).unwrap();
    }
    Page::with(async |page| {
        page.pick("pick-files", &places).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        page.hash("keys").await;
        for file in ["dump.rdb", "dump (2).rdb"] {
            page.hash("keys").await;
            let row = format!(
                "[...document.querySelectorAll('[data-testid=key-file]')].find(cell => cell.textContent === '{file}')?.closest('tr').querySelector('[data-testid=key-link]')"
            );
            page.until("its keys", &format!("return !!{row}")).await;
            let name = page.run(&format!("const link = {row}; link.click(); return link.textContent"), vec![]).await;
            page.until("that key", "return location.hash.startsWith('#key?')").await;
            assert_eq!(page.text("key-name").await, name.as_str().unwrap());
        }
    })
    .await;
}

#[tokio::test]
async fn a_folder_that_was_dropped_or_picked() {
    let case = case("aof", "redis-7.0.15/multi-incr");
    let folder = case.path.join("appendonlydir");
    let commands: u64 =
        case.sidecar["files"].as_array().unwrap().iter().filter_map(|file| file["commands"].as_u64()).sum();
    assert!(commands > 200, "the sidecar counts the commands of the increments");
    let native = outcome(&files(&case.path));
    assert_eq!(native.report.tape.as_ref().unwrap().commands, commands);
    Page::with(async |page| {
        page.drop_on("drop", [&folder]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("tape-commands").await, commands);
        assert_sizes(page, native.report.dataset.as_ref().unwrap()).await;

        page.click("open-another").await;
        page.pick("pick-folder", [&folder]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("tape-commands").await, commands);
    })
    .await;
}

#[tokio::test]
async fn files_that_were_dropped() {
    let case = case("rdb", "valkey-9.1.2/streams");
    Page::with(async |page| {
        page.drop_on("drop", [&case.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, case.sidecar["rdb"]["keys_in_file"].as_u64().unwrap());
    })
    .await;
}

#[tokio::test]
async fn every_sample() {
    Page::with(async |page| {
        for (sample, verdict, finding) in [
            ("healthy", "sound", None),
            ("bigkey", "sound", None),
            ("torn", "recoverable", Some("truncated")),
            ("flushall", "sound", Some("destructive_command")),
        ] {
            let native = outcome(&files(&Page::dist().join("samples").join(sample)));
            let keys = native.report.dataset.as_ref().unwrap().totals.keys;
            assert!(keys > 100 || sample == "flushall", "{sample} has only {keys} keys");
            page.click(&format!("sample-{sample}")).await;
            assert_eq!(page.attr("verdict", "data-verdict").await, verdict, "{sample}");
            assert_eq!(native.report.verdict == Verdict::Sound, verdict == "sound", "{sample}");
            if keys > 0 {
                assert_sizes(page, native.report.dataset.as_ref().unwrap()).await;
            } else {
                assert!(!page.has("total-keys").await, "{sample}: no keys, so nothing to say of them");
            }
            if let Some(tape) = &native.report.tape {
                assert_eq!(page.number("tape-commands").await, tape.commands, "{sample}");
            }
            page.hash("integrity").await;
            page.find("findings").await;
            let shown = page.count("[data-testid=findings] > li").await;
            assert_eq!(shown, native.report.findings.len() as u64, "{sample}");
            if let Some(kind) = finding {
                let css = format!("[data-testid=findings] > li[data-kind={kind}]");
                assert!(page.count(&css).await > 0, "{sample} has no finding {kind}");
            }
            let biggest = &native.report.dataset.as_ref().unwrap().biggest;
            assert_eq!(page.has("nav-keys").await, !biggest.is_empty(), "{sample}");
            if !biggest.is_empty() {
                page.hash("keys").await;
                page.until(
                    "all keys",
                    "return document.querySelector('[data-testid=keys]')?.dataset.done === 'true'",
                )
                .await;
                assert_eq!(page.attr("keys", "data-rows").await, keys.to_string(), "{sample}");
            }
            page.click("open-another").await;
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_not_a_dump_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let html = dir.path().join("dump.rdb");
    fs::write(&html, "<!doctype html><title>404 Not Found</title>").unwrap();
    let empty = dir.path().join("empty.aof");
    fs::write(&empty, "").unwrap();
    Page::with(async |page| {
        for file in [&html, &empty] {
            let native = outcome(&[picked(file)]);
            page.pick("pick-files", [file]).await;
            let verdict = page.attr("verdict", "data-verdict").await;
            assert_eq!(Some(verdict.as_str()), serde_json::to_value(native.report.verdict).unwrap().as_str());
            assert!(!page.has("progress").await);
            page.hash("integrity").await;
            let text = page.text("findings").await;
            assert!(!native.report.findings.is_empty(), "{}", file.display());
            for finding in &native.report.findings {
                assert!(text.contains(&finding.message), "{}: {text}", file.display());
            }
            page.click("open-another").await;
        }
    })
    .await;
}
