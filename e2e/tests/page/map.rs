//! The memory map.

use snaptape_e2e::Page;
use snaptape_testdata::generated::keys_file;

/// WebDriver's codes of keys.
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
const LEFT: &str = "\u{e012}";
const UP: &str = "\u{e013}";
const RIGHT: &str = "\u{e014}";
const DOWN: &str = "\u{e015}";

/// Waits for the map that was asked for.
async fn ready(page: &Page) {
    page.find("nav-map").await;
    page.until("the map", "return document.querySelector('.mapBody')?.getAttribute('aria-busy') === 'false'")
        .await;
    page.settle().await;
}

async fn open(page: &Page, place: &str) {
    page.find("nav-map").await;
    page.hash(&format!("map{place}")).await;
    ready(page).await;
}

async fn title(page: &Page) -> String {
    page.text("map-detail-title").await
}

/// The largest parts, as `(name, value)`, of the picture or of the table.
async fn parts(page: &Page, script: &str) -> Vec<(String, u64)> {
    let parts = page.run(script, vec![]).await;
    let parts = parts.as_array().expect("a list").iter();
    parts
        .map(|part| (part[0].as_str().expect("a name").into(), part[1].as_u64().expect("a number")))
        .collect()
}

const OF_PICTURE: &str = "return [...document.querySelectorAll('[role=treeitem][aria-level=\"2\"]')]
    .map((tile) => [tile.getAttribute('aria-label').split(', ')[0], Number(tile.dataset.value)]);";
const OF_TABLE: &str = "return [...document.querySelectorAll('.mapRow[aria-level=\"2\"]')]
    .map((row) => [row.querySelector('th').innerText.replace('▸', '').trim(), Number(row.dataset.value)]);";

/// 15,000 keys of every type.
async fn medium(page: &Page) {
    let folder = std::env::temp_dir().join("snaptape-generated");
    page.pick("pick-files", [keys_file(&folder, 15_000)]).await;
}

#[tokio::test]
async fn a_map_is_gone_about_by_keyboard() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        open(page, "").await;
        assert_eq!(page.text("map-here").await, "all keys");
        assert!(page.count("[role=treeitem]").await > 10);
        // One scroll bar is enough.
        let hidden = "return document.documentElement.scrollHeight - innerHeight";
        assert_eq!(page.run(hidden, vec![]).await, 0);

        // Down into the largest, beside it, and up again: a reader hears what the keyboard is on.
        page.keys("map", DOWN).await;
        let first = title(page).await;
        page.keys("map", RIGHT).await;
        let second = title(page).await;
        assert!(first != second && second != "all keys", "{first} {second}");
        let read =
            "const id = document.querySelector('[data-testid=map]').getAttribute('aria-activedescendant');
            return document.getElementById(id).getAttribute('aria-label');";
        let heard = page.run(read, vec![]).await;
        assert!(heard.as_str().expect("a label").starts_with(&format!("{second}, ")), "{heard}");
        page.keys("map", LEFT).await;
        assert_eq!(title(page).await, first);
        page.keys("map", UP).await;
        assert_eq!(title(page).await, "all keys");

        // Zoom to the lists, which are nested; the way back by key, by the list of parts, and by the browser.
        for _ in 0..2 {
            page.run("document.querySelector('[data-testid=map]').focus()", vec![]).await;
            page.keys("map", DOWN).await;
            for _ in 0..20 {
                if title(page).await == "queue" {
                    break;
                }
                page.keys("map", RIGHT).await;
            }
            page.keys("map", ENTER).await;
            page.until("the zoom", "return location.hash.includes('map-zoom=queue')").await;
            assert_eq!(page.text("map-here").await, "queue");
            assert_eq!(page.count("[role=treeitem][aria-level=\"2\"]").await, 3);
            page.keys("map", ESCAPE).await;
            page.until("all of it", "return !location.hash.includes('map-zoom')").await;
        }
        page.run("history.back()", vec![]).await;
        page.until("the step before", "return location.hash.includes('map-zoom=queue')").await;
        page.settle().await;
        assert_eq!(page.text("map-here").await, "queue");
        page.click("map-way-0").await;
        page.until("all of it", "return !location.hash.includes('map-zoom')").await;
        assert_eq!(page.violations().await, []);
    })
    .await;
}

#[tokio::test]
async fn what_is_found_is_what_its_rows_add_up_to() {
    Page::with(async |page| {
        medium(page).await;
        open(page, "").await;
        page.keys("map-find", "e").await;
        page.find("map-found").await;
        page.until(
            "an answer",
            "return document.querySelector('[data-testid=map-found]').textContent.includes('of memory')",
        )
        .await;
        let found = page.number("map-found").await;
        let words = page.text("map-found").await;
        page.click("map-table").await;
        page.find("map-table-rows").await;
        let sum = page
            .run(
                "const rows = [...document.querySelectorAll('.mapRow[data-found=true]')];
            return [rows.length, rows.reduce((sum, row) => sum + Number(row.dataset.value), 0)];",
                vec![],
            )
            .await;
        assert_eq!(sum[1].as_u64(), Some(found));
        assert!(
            sum[0].as_u64().is_some_and(|rows| rows > 2 && words.starts_with(&format!("{rows} parts, "))),
            "{words}: {sum}"
        );
        let foot = page.run("return document.querySelector('.mapFoot').innerText", vec![]).await;
        let share = words.split(", ").nth(1).and_then(|share| share.split(" of").next()).expect("a share");
        assert!(foot.as_str().is_some_and(|foot| foot.contains(share)), "{foot} {share}");
        assert!(
            page.run("return location.hash", vec![])
                .await
                .as_str()
                .is_some_and(|hash| hash.contains("map-find=e"))
        );
    })
    .await;
}

#[tokio::test]
async fn table_and_picture_say_the_same_in_every_measure() {
    Page::with(async |page| {
        medium(page).await;
        for measure in ["memory", "file", "payload", "keys", "no-ttl"] {
            open(page, &format!("?map-measure={measure}")).await;
            let drawn = parts(page, OF_PICTURE).await;
            open(page, &format!("?map=table&map-measure={measure}")).await;
            let listed = parts(page, OF_TABLE).await;
            // The picture leaves out what cannot be seen.
            assert!(drawn.len() > 3 && drawn.len() <= listed.len(), "{measure}: {drawn:?}");
            assert_eq!(drawn, listed[..drawn.len()], "{measure}");
            assert!(listed.is_sorted_by(|a, b| a.1 >= b.1), "{measure}: {listed:?}");
        }
        let all = page
            .run(
                "return [...document.querySelectorAll('.mapRow')].map((row) => Number(row.dataset.value))",
                vec![],
            )
            .await;
        let all: Vec<u64> =
            all.as_array().expect("a list").iter().filter_map(serde_json::Value::as_u64).collect();
        assert_eq!(all[0], all[1..].iter().sum::<u64>());
    })
    .await;
}

#[tokio::test]
async fn keys_are_nested_by_whatever_is_wanted() {
    Page::with(async |page| {
        medium(page).await;
        open(page, "?map=table").await;
        let whole = parts(page, OF_TABLE).await.iter().map(|(_, value)| value).sum::<u64>();
        page.click("map-add-type").await;
        ready(page).await;
        page.click("map-move-type").await;
        page.until("types first", "return location.hash.includes('map-by=type,pattern')").await;
        ready(page).await;
        let types = parts(page, OF_TABLE).await;
        assert!(
            types.iter().any(|(name, _)| name == "hash") && types.iter().any(|(name, _)| name == "zset"),
            "{types:?}"
        );
        assert_eq!(types.iter().map(|(_, value)| value).sum::<u64>(), whole);
        page.click("map-remove-pattern").await;
        ready(page).await;
        assert_eq!(parts(page, OF_TABLE).await, types);
        // Back over every step.
        for by in ["map-by=type,pattern", "map-by=pattern,type"] {
            page.run("history.back()", vec![]).await;
            page.until(by, &format!("return location.hash.includes('{by}')")).await;
        }
        ready(page).await;

        // Rows open and close by the arrow keys, and Enter zooms.
        open(page, "?map=table&map-by=type,pattern").await;
        let row = "document.querySelectorAll('.mapRow')[1]";
        page.run(&format!("{row}.focus()"), vec![]).await;
        let rows = page.count(".mapRow").await;
        page.press(RIGHT).await;
        page.until("an open row", &format!("return {row}.getAttribute('aria-expanded') === 'true'")).await;
        assert!(page.count(".mapRow").await > rows);
        page.press(LEFT).await;
        page.until("a closed row", &format!("return {row}.getAttribute('aria-expanded') === 'false'")).await;
        page.press(ENTER).await;
        page.until("the zoom", "return location.hash.includes('map-zoom=')").await;
        assert_eq!(page.violations().await, []);
    })
    .await;
}

#[tokio::test]
async fn where_there_is_no_map_it_is_said() {
    Page::with(async |page| {
        page.click("sample-flushall").await;
        page.find("nav-tape").await;
        assert!(!page.has("nav-map").await);
        page.hash("map").await;
        assert_eq!(page.text("map-empty").await, "A tape has no map.");
        page.click("open-another").await;

        let folder = tempfile::tempdir().expect("a folder");
        let one = folder.path().join("one.rdb");
        std::fs::write(&one, b"REDIS0001\xfe\x00\x00\x01k\x01v\xff").expect("it is ours");
        page.pick("pick-files", [&one]).await;
        open(page, "").await;
        page.keys("map", DOWN).await;
        assert_eq!(title(page).await, "k");
        assert_eq!(page.text("map-detail-share").await, "100 % of memory");
        page.click("open-another").await;

        let none = folder.path().join("none.rdb");
        std::fs::write(&none, b"REDIS0001\xff").expect("it is ours");
        page.pick("pick-files", [&none]).await;
        page.find("nav-overview").await;
        page.hash("map").await;
        assert_eq!(page.text("map-empty").await, "There are no keys.");
    })
    .await;
}
