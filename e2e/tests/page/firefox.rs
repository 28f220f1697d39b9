//! The same page in Firefox ESR: opening, the figures, repairing, taking the copy away.

use snaptape_e2e::{Browser, Page};
use snaptape_testdata::sha256;

use crate::native::{case, outcome, picked};
use crate::repair::unzip;

#[tokio::test]
async fn opens_and_analyses() {
    let case = case("rdb", "redis-7.4.1/collections");
    let native = outcome(&[picked(&case.path)]);
    let totals = &native.report.dataset.as_ref().unwrap().totals;
    Page::within(Browser::Firefox, async |page| {
        page.pick("pick-files", [&case.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert_eq!(page.number("total-keys").await, totals.keys);
        assert_eq!(page.number("total-memory-bytes").await, totals.memory_bytes);
        assert_eq!(page.number("total-payload-bytes").await, totals.payload_bytes);
        assert_eq!(page.number("total-file-bytes").await, totals.file_bytes);

        // Several files are one data set, and another set takes the place of the first.
        page.click("open-another").await;
        page.click("sample-flushall").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert!(page.number("tape-commands").await > 1_000);
    })
    .await;
}

#[tokio::test]
async fn repairs_and_exports() {
    let case = case("aof-damaged", "redis-7.0.15/plain--truncated-in-multi-mid-command");
    let tape = if case.path.is_dir() { case.path.join("appendonly.aof") } else { case.path.clone() };
    Page::within(Browser::Firefox, async |page| {
        page.pick("pick-files", [&tape]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
        page.hash("repair").await;
        page.click("export").await;
        assert_eq!(page.attr("receipt", "data-verdict").await, "sound", "the copy was read again");
        let copy = page.download(&page.attr("export-done", "data-name").await).await;
        let fixed = &case.sidecar["check_aof_fix"]["files_after"]["appendonly.aof"]["sha256"];
        assert_eq!(sha256(&copy), fixed.as_str().unwrap(), "not the bytes that --fix leaves");
        page.click("open-another").await;

        // A directory becomes a zip that names the sums of what is in it.
        page.click("sample-torn").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "recoverable");
        page.hash("repair").await;
        page.click("export").await;
        let name = page.attr("export-done", "data-name").await;
        assert_eq!(page.attr("receipt", "data-verdict").await, "sound");
        let mut files = unzip(&page.download(&name).await);
        let sums = String::from_utf8(files.remove("SHA256SUMS").expect("its check sums")).unwrap();
        for line in sums.lines() {
            let (sum, path) = line.split_once("  ").unwrap();
            assert_eq!(sha256(&files[path]), sum, "{path}");
        }
        assert!(sums.lines().count() >= 4, "{sums}");
    })
    .await;
}
