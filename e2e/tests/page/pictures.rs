//! Expiry, encodings, hash slots, and what is cold.

use snaptape_e2e::Page;
use snaptape_summary::{Weigh, access, encodings, expiry, slots};
use snaptape_testdata::{files, generated, shards};

use crate::native::{case, outcome, picked};

/// The cells of a column of a table, as text.
async fn column(page: &Page, table: &str, column: usize) -> Vec<String> {
    page.find(table).await;
    let script = "return [...document.querySelectorAll(`[data-testid=${arguments[0]}] tbody tr`)]
        .map(row => row.children[arguments[1]].textContent.trim())";
    let cells = page.run(script, vec![table.into(), column.into()]).await;
    serde_json::from_value(cells).expect("texts")
}

#[tokio::test]
async fn expiry_and_encodings_of_many_keys() {
    let folder = tempfile::tempdir().unwrap();
    let file = generated::keys_file(folder.path(), 15_000);
    let native = outcome(&[picked(&file)]);
    let dataset = native.report.dataset.as_ref().unwrap();
    Page::with(async |page| {
        page.pick("pick-files", [&file]).await;
        page.find("verdict").await;
        page.hash("expiry").await;
        assert_eq!(page.text("expiry-verdict").await, expiry::verdict(dataset, ""));
        let keys = column(page, "expiry-table", 1).await;
        let sum: u64 = keys.iter().map(|text| text.replace(',', "").parse::<u64>().unwrap()).sum();
        assert_eq!((keys.len(), sum), (10, 15_000));
        let drawn = page.count("[data-testid=column-chart] rect.pictureFill").await;
        let parts: usize = expiry::columns(dataset, Weigh::Memory)
            .bars
            .iter()
            .map(|bar| bar.parts.iter().filter(|part| part.value > 0).count())
            .sum();
        // The samples of the legend are drawn with the same class.
        assert!(drawn >= parts as u64 && parts > 8, "{drawn} {parts}");

        page.click("weigh-keys").await;
        page.until("the address says so", "return location.hash.includes('weigh=keys')").await;
        page.until(
            "figures are keys",
            "return [...document.querySelectorAll('.columnChartFigure')].every(text => /^[0-9,]+$/.test(text.textContent.trim()))",
        )
        .await;

        page.hash("encodings").await;
        assert_eq!(page.text("encodings-verdict").await, encodings::verdict(dataset));
        let rows = column(page, "encoding-table", 1).await;
        assert_eq!(rows.len(), dataset.encodings.len());
        assert!(page.text("encoding-types").await.contains("hash-max-listpack-entries 512"));

        page.hash("access").await;
        assert_eq!(page.text("access-verdict").await, access::verdict(dataset));
        page.hash("slots").await;
        assert_eq!(page.text("slots-verdict").await, slots::verdict(&native.report));
        assert!(!page.has("slot-grid").await);
    })
    .await;
}

#[tokio::test]
async fn hash_slots_of_three_shards() {
    let folder = tempfile::tempdir().unwrap();
    let files = shards::write_shards(folder.path(), 3, 3_000);
    let native = outcome(&files.iter().map(|file| picked(file)).collect::<Vec<_>>());
    let coverage = native.report.slots.as_ref().expect("a cluster");
    let loads = coverage.loads.as_ref().unwrap();
    let heaviest = usize::from(coverage.heaviest[0].slot);
    Page::with(async |page| {
        page.pick("pick-files", &files).await;
        page.find("verdict").await;
        page.hash("slots").await;
        assert_eq!(page.text("slots-verdict").await, slots::verdict(&native.report));
        assert_eq!(column(page, "heavy-slots", 4).await[0], shards::HEAVY);
        assert_eq!(page.count("[data-testid=heavy-slots] tbody tr").await, coverage.heaviest.len() as u64);
        // Home, then down and right to the heaviest.
        let down = "\u{e015}".repeat(heaviest / 128);
        let right = "\u{e014}".repeat(heaviest % 128);
        page.keys("slot-grid", &format!("\u{e011}{down}{right}")).await;
        let words = slots::slot_words(heaviest, loads, &native.report.shards);
        assert_eq!(page.attr("slot-grid", "aria-valuenow").await, heaviest.to_string());
        assert_eq!(page.text("slot-detail").await, words);
        // Heat is a path for each step, not an element for each slot.
        assert!(page.count("[data-testid=slot-grid] svg *").await < 12);
    })
    .await;
}

#[tokio::test]
async fn counters_of_an_lfu_server() {
    let case = case("rdb", "redis-7.4.1/lfu");
    let native = outcome(&[picked(&case.path)]);
    let dataset = native.report.dataset.as_ref().unwrap();
    Page::with(async |page| {
        page.pick("pick-files", [&case.path]).await;
        page.find("verdict").await;
        page.hash("access").await;
        assert_eq!(page.text("access-verdict").await, access::verdict(dataset));
        let keys = column(page, "access", 4).await;
        let sum: u64 = keys.iter().map(|text| text.replace(',', "").parse::<u64>().unwrap()).sum();
        assert_eq!(sum + dataset.access.as_ref().unwrap().unknown_keys, dataset.totals.keys);
    })
    .await;
}

#[tokio::test]
async fn a_document_for_a_ticket() {
    let native = outcome(&files(&Page::dist().join("samples").join("bigkey")));
    let dataset = native.report.dataset.as_ref().unwrap();
    let names: Vec<String> = dataset.biggest.iter().map(|key| key.name.display()).collect();
    assert!(names.len() > 50, "{names:?}");
    Page::with(async |page| {
        page.click("sample-bigkey").await;
        page.find("verdict").await;
        // What stands out leads to what shows it.
        assert!(page.count(".standouts a[href]").await >= 2);
        page.click("nav-report").await;
        let text = page.text("report-text").await;
        assert!(text.contains(&names[0]), "shown: {text}");
        page.click("report-html").await;
        let html = String::from_utf8(page.download("attendance.rdb-report.html").await).unwrap();
        assert!(html.starts_with("<!doctype html>") && html.contains(&names[0]) && !html.contains("<script"));

        for (hidden, end) in [("masked", "md"), ("hashed", "html")] {
            page.click(&format!("names-{hidden}")).await;
            page.find("report-text").await;
            page.until(
                "the document hides names",
                &format!(
                    "return document.querySelector('[data-testid=report-text]')?.dataset.names === '{hidden}'"
                ),
            )
            .await;
            let id = if end == "md" { "report-markdown" } else { "report-html" };
            if end == "html" {
                page.forget_download("attendance.rdb-report.html");
            }
            page.click(id).await;
            let saved =
                String::from_utf8(page.download(&format!("attendance.rdb-report.{end}")).await).unwrap();
            let shown = page.text("report-text").await;
            for name in names.iter().filter(|name| name.contains(':')) {
                assert!(!saved.contains(name) && !shown.contains(name), "{hidden}: {name}");
            }
            assert_eq!(page.has("report-salt").await, hidden == "hashed");
        }
        assert!(page.run("return location.hash", vec![]).await.as_str().unwrap().contains("names=hashed"));
    })
    .await;
}
