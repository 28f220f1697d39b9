//! What a first visit fetches. `cargo xtask size` adds up what that weighs.

use std::fs;

use snaptape_e2e::Page;
use tempfile::TempDir;

use crate::conduct::copy;
use crate::native::case;
use crate::patterns::{fill, until_listed};

#[tokio::test]
async fn chunks_are_fetched_when_they_are_needed() {
    let snapshot = case("rdb", "redis-7.4.1/collections");
    Page::with(async |page| {
        page.pick("pick-files", [&snapshot.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        let fetched = |part: &str| page.requests().iter().filter(|path| path.contains(part)).count();
        // The page and its worker are one program.
        assert!(fetched("/snaptape_bg.wasm") > 0, "{:?}", page.requests());
        for later in ["kit", "look", "export", "report", "paste"] {
            let name = format!("/split_{later}.wasm");
            assert_eq!(fetched(&name), 0, "{later} is not needed for a verdict: {:?}", page.requests());
        }
        // The other views come once the verdict is there.
        let views =
            "return performance.getEntriesByType('resource').some(e => e.name.endsWith('/split_views.wasm'))";
        page.until("the views are fetched", views).await;
    })
    .await;
}

#[tokio::test]
async fn a_tape_fetches_what_tapes_need() {
    let tape = case("aof-damaged", "redis-6.2.5/preamble--truncated-in-multi-mid-command");
    Page::with(async |page| {
        page.pick("pick-files", [tape.path.join("appendonly.aof")]).await;
        page.find("verdict").await;
        assert!(page.requests().iter().any(|path| path.contains("/split_kit.wasm")), "{:?}", page.requests());
    })
    .await;
}

/// Reading on behind damage is fetched where there is some, and so is what tells other files apart.
#[tokio::test]
async fn damage_and_files_of_other_kinds_fetch_what_they_need() {
    let damaged = case("rdb-damaged", "redis-7.4.1/collections--key-length-64");
    let dir = tempfile::tempdir().unwrap();
    let other = dir.path().join("dump.rdb");
    fs::write(&other, "<!doctype html><p>404").unwrap();
    for (path, verdict) in [(&damaged.path, "damaged"), (&other, "unusable")] {
        Page::with(async |page| {
            page.pick("pick-files", [path]).await;
            assert_eq!(page.attr("verdict", "data-verdict").await, verdict);
            let kit = page.requests().iter().filter(|path| path.contains("/split_kit.wasm")).count();
            assert!(kit > 0, "{:?}", page.requests());
        })
        .await;
    }
}

/// Regular expressions come with the first one.
#[tokio::test]
async fn a_regular_expression_fetches_what_it_needs() {
    let snapshot = case("rdb", "redis-7.4.1/collections");
    Page::with(async |page| {
        let has_kit = || page.requests().iter().any(|path| path.contains("/split_kit.wasm"));
        page.pick("pick-files", [&snapshot.path]).await;
        page.find("verdict").await;
        page.click("nav-patterns").await;
        fill(page, "templates", "no-such:*\n").await;
        page.click("regroup").await;
        until_listed(page, "no-such:*template").await;
        assert!(!has_kit(), "{:?}", page.requests());
        fill(page, "regex", "^[a-z]").await;
        page.click("regroup").await;
        until_listed(page, "regular expression").await;
        assert!(has_kit(), "{:?}", page.requests());
    })
    .await;
}

/// The page without some of its files.
fn site_without(gone: &[&str]) -> TempDir {
    let site = tempfile::tempdir().unwrap();
    copy(&Page::dist(), site.path());
    for name in gone {
        fs::remove_file(site.path().join(name)).unwrap();
    }
    site
}

#[tokio::test]
async fn a_chunk_that_cannot_be_loaded_is_told_of_and_tried_again() {
    let site = site_without(&["split_views.wasm", "split_kit.wasm"]);
    let snapshot = case("rdb", "redis-7.4.1/collections");
    let tape = case("aof-damaged", "redis-6.2.5/preamble--truncated-in-multi-mid-command");
    let tape = tape.path.join("appendonly.aof");
    let ((), misconduct) = Page::with_site(site.path(), "", async |page| {
        // The verdict needs no other view.
        page.pick("pick-files", [&snapshot.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        page.hash("keys").await;
        assert!(page.text("without-views").await.contains("could not be loaded"));
        fs::copy(Page::dist().join("split_views.wasm"), site.path().join("split_views.wasm")).unwrap();
        page.click("views-again").await;
        page.find("keys").await;

        page.click("open-another").await;
        page.pick("pick-files", [&tape]).await;
        assert!(page.text("error").await.contains("A part of this page could not be loaded"));
        fs::copy(Page::dist().join("split_kit.wasm"), site.path().join("split_kit.wasm")).unwrap();
        page.pick("pick-files", [&tape]).await;
        page.find("verdict").await;
    })
    .await;
    // Nothing is asked of anybody else because of it.
    assert!(misconduct.strangers.is_empty() && misconduct.foreign.is_empty(), "{misconduct:?}");
}

#[tokio::test]
async fn a_snapshot_opens_when_the_server_is_gone() {
    let site = site_without(&[]);
    let (first, second) = (case("rdb", "redis-7.4.1/collections"), case("rdb", "redis-7.4.1/lfu"));
    let ((), misconduct) = Page::with_site(site.path(), "", async |page| {
        page.pick("pick-files", [&first.path]).await;
        page.find("verdict").await;
        for entry in fs::read_dir(site.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::remove_file(path).unwrap();
            }
        }
        page.click("open-another").await;
        page.pick("pick-files", [&second.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
    })
    .await;
    assert!(misconduct.foreign.is_empty() && misconduct.outside.is_empty(), "{misconduct:?}");
}
