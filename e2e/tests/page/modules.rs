//! Values of modules: a sentence, and what they hold under its names.

use std::path::PathBuf;

use snaptape_e2e::Page;
use snaptape_testdata::roots;

/// Goes to the key of this name by the table of keys.
async fn show(page: &Page, name: &str) {
    page.hash(&format!("keys?filter=match:{name}")).await;
    let link = format!(
        "[...document.querySelectorAll('[data-testid=key-link]')].find((link) => link.textContent === '{name}')"
    );
    page.until(&format!("a link to {name}"), &format!("return !!{link}")).await;
    page.run(&format!("{link}.click()"), vec![]).await;
    page.until(
        "the value",
        &format!(
            "return document.querySelector('[data-testid=key-name]')?.textContent === '{name}'
                && !!document.querySelector('[data-testid=key-rows], [data-testid=key-body]')
                && !document.querySelector('[data-waits=true]')"
        ),
    )
    .await;
}

async fn another(page: &Page, path: PathBuf) {
    page.click("open-another").await;
    page.find("pick-files").await;
    page.pick("pick-files", [path]).await;
    page.find("verdict").await;
}

/// The cells of the table of its rows.
async fn rows(page: &Page) -> Vec<Vec<String>> {
    let script = "return [...document.querySelectorAll('[data-testid=key-rows] tbody tr')]
        .map((row) => [...row.children].map((cell) => cell.textContent.trim()))";
    serde_json::from_value(page.run(script, vec![]).await).expect("texts")
}

#[tokio::test]
async fn values_of_modules_have_names_and_are_said_in_words() {
    let folder = roots()[0].join("modules");
    Page::with(async |page| {
        page.pick("pick-files", [folder.join("redis-7.4.1.rdb")]).await;
        page.find("verdict").await;
        show(page, "bloom:one").await;
        assert_eq!(
            page.text("key-module").await,
            "RedisBloom filter: 100 items expected at 0.25 % error and 9 hash functions, 1 item added, 1 sub-filter, the next 2 times as large, 160 B."
        );
        assert!(!page.has("key-module-note").await);
        let found = rows(page).await;
        assert_eq!(found.len(), 12);
        assert_eq!(found[0], ["items", "1"]);
        assert_eq!(found[4], ["sub-filter 1: capacity", "100"]);
        // Of bytes that are no text, a few and how many there are.
        assert!(found[10][1].ends_with("\\x00 … 160 B") && found[10][1].len() < 80, "{}", found[10][1]);

        show(page, "ts:plain").await;
        assert!(page.text("key-module").await.starts_with("Time series: 300 samples from 2023-11-14 22:13:21 UTC"));
        assert_eq!(rows(page).await[16], ["1700000001000 (2023-11-14 22:13:21 UTC)", "20"]);
        // 16 rows before the samples: the last page begins at 300.
        page.click("key-last").await;
        page.until(
            "the last page",
            "return document.querySelector('[data-testid=key-rows] tbody tr')?.dataset.index === '300'",
        )
        .await;
        assert_eq!(rows(page).await.len(), 16);
        page.run("document.getElementById('key-find').value = 'kitchen'", vec![]).await;
        page.click("key-find-go").await;
        page.until("the label", "return document.querySelectorAll('[data-testid=key-rows] tbody tr').length === 1")
            .await;
        assert_eq!(rows(page).await[0], ["label 1", "room = kitchen"]);

        show(page, "json:object").await;
        assert!(!page.has("key-rows").await);
        assert_eq!(page.count("[data-testid=key-tree] li").await, 11);
        page.click("recreate-commands").await;
        page.until("commands", "return !!document.querySelector('[data-testid=recreate] pre')").await;
        assert!(page.text("recreate").await.contains(r#"JSON.SET "json:object" $ "{\"a\":[1,2.5,null"#));

        another(page, folder.join("redis-8.2.3.rdb")).await;
        show(page, "vectors:attributes").await;
        assert_eq!(
            page.text("key-module").await,
            "Vector set: 2 vectors of 2 dimensions, f32, up to 16 links a layer, 1 with attributes."
        );
        let vector = rows(page).await.pop().unwrap();
        assert_eq!(vector[0], "vector 2");
        assert!(vector[1].contains("element = with") && vector[1].contains("vector of 2 numbers = [3, 4]"), "{vector:?}");
        page.click("recreate-commands").await;
        assert!(page.text("recreate-refused").await.contains("VADD"));

        another(page, roots()[0].join("rdb/redis-8.2.3/modules.rdb")).await;
        show(page, "graph").await;
        assert!(!page.has("key-module").await);
        assert_eq!(
            page.text("key-module-note").await,
            "Its fields have no names: the layout of \"RedisGraph or FalkorDB: graph\" is not known here."
        );
        assert_eq!(rows(page).await[0][0], "1");
    })
    .await;
}
