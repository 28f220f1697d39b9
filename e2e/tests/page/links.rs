//! Links from what is counted to the keys that were.

use snaptape_e2e::Page;
use snaptape_testdata::generated::keys_file;

/// Where links lead, and how many keys they speak of.
async fn links(page: &Page, script: &str) -> Vec<(String, u64)> {
    let links = page.run(script, vec![]).await;
    let links = links.as_array().expect("a list").iter();
    let count = |text: &str| text.replace(',', "").parse().expect("a count");
    links
        .map(|link| (link[0].as_str().expect("a hash").into(), count(link[1].as_str().expect("a text"))))
        .collect()
}

const COUNTS: &str = "return [...document.querySelectorAll('a.keysCount')]
    .map((link) => [link.getAttribute('href').slice(1), link.textContent]);";

/// The keys that the table of keys finds.
async fn found(page: &Page, hash: &str) -> u64 {
    page.hash(hash).await;
    page.settle().await;
    page.until(
        "an answer",
        "return document.querySelector('[data-testid=key-status]')?.dataset.done === 'true'",
    )
    .await;
    page.attr("key-status", "data-keys").await.parse().expect("a number")
}

#[tokio::test]
async fn counts_lead_to_as_many_keys() {
    let folder = std::env::temp_dir().join("snaptape-generated");
    let file = keys_file(&folder, 15_000);
    Page::with(async |page| {
        page.pick("pick-files", [&file]).await;
        page.find("verdict").await;
        let mut seen = 0;
        for view in ["overview", "patterns", "encodings", "expiry"] {
            page.hash(view).await;
            page.settle().await;
            let links = links(page, COUNTS).await;
            assert!(!links.is_empty(), "{view}");
            for (hash, keys) in &links {
                let found = found(page, hash).await;
                assert_eq!(found, *keys, "{view}: {hash}");
                seen += 1;
            }
        }
        assert!(seen > 10, "{seen}");
    })
    .await;
}

#[tokio::test]
async fn a_part_of_the_map_leads_to_its_keys() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("nav-map").await;
        page.hash("map?map-zoom=queue").await;
        page.until(
            "the map",
            "return document.querySelector('.mapBody')?.getAttribute('aria-busy') === 'false'",
        )
        .await;
        page.settle().await;
        let keys = "return [...document.querySelectorAll('.mapFacts dt')]
            .find((name) => name.textContent === 'Keys').nextElementSibling.textContent;";
        let keys = page.run(keys, vec![]).await;
        page.click("map-keys-link").await;
        page.until("the keys", "return location.hash.startsWith('#keys?filter=under:queue')").await;
        let hash = page.run("return location.hash.slice(1)", vec![]).await;
        let found = found(page, hash.as_str().expect("a hash")).await;
        assert_eq!(found.to_string(), keys.as_str().expect("a text"));
        assert_eq!(page.violations().await, []);
    })
    .await;
}

#[tokio::test]
async fn a_key_leads_to_its_bytes() {
    Page::with(async |page| {
        page.click("sample-bigkey").await;
        page.find("verdict").await;
        // What stands out names a key: straight to it, and from there to its bytes.
        page.settle().await;
        page.run("document.querySelector('.standouts a[href^=\"#key?\"]').click()", vec![]).await;
        page.find("key-name").await;
        page.click("key-show-bytes").await;
        page.until("the bytes", "return /^#bytes[?].*at=0[.][0-9]+-[0-9]+/.test(location.hash)").await;
        page.settle().await;
        assert_eq!(page.violations().await, []);
    })
    .await;
}
