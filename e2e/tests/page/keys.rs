//! The table over all keys: a sample, fifteen thousand keys, millions.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use snaptape_e2e::Page;
use snaptape_testdata::generated;

use crate::native::case;

/// Waits until the question that is asked is answered; how many keys were found.
async fn found(page: &Page) -> u64 {
    page.settle().await;
    page.until(
        "an answer",
        "return document.querySelector('[data-testid=key-status]')?.dataset.done === 'true'",
    )
    .await;
    page.attr("key-status", "data-keys").await.parse().unwrap()
}

/// Asks by the address.
async fn ask(page: &Page, query: &str) -> u64 {
    page.hash(&format!("keys?{query}")).await;
    found(page).await
}

/// What stands in the first cells of the rows that are seen.
async fn names(page: &Page) -> Vec<String> {
    page.until("rows", "return !document.querySelector('.keyTableRow td[colspan]')").await;
    let script = "return [...document.querySelectorAll('.keyTableRow th')].map((cell) => cell.textContent)";
    serde_json::from_value(page.run(script, vec![]).await).unwrap()
}

#[tokio::test]
async fn keys_of_a_sample_are_filtered_chosen_and_exported() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("verdict").await;
        let all = ask(page, "").await;
        assert_eq!(page.attr("keys", "aria-rowcount").await, (all + 1).to_string());

        // Written with what is offered, and read from the address again.
        page.press("/").await;
        page.keys("key-filter", "ty").await;
        page.until(
            "what could be written",
            "return document.querySelectorAll('[data-testid=key-option]').length === 1",
        )
        .await;
        page.keys("key-filter", "\u{e015}\u{e007}ha\u{e015}\u{e007}\u{e007}").await;
        page.until("the address", "return location.hash.includes('filter=type:hash')").await;
        let hashes = found(page).await;
        assert!(hashes > 0 && hashes < all, "{hashes} of {all}");
        page.keys("key-filter", " mem>much").await;
        assert!(page.text("key-wrong").await.contains("column 15"), "{}", page.text("key-wrong").await);

        let hashes = ask(page, "filter=type:hash&keys=key").await;
        let shown = names(page).await;
        assert!(shown.windows(2).all(|pair| pair[0] <= pair[1]), "{shown:?}");
        // Chosen by the keyboard: the first two.
        page.keys("keys", "\u{e011} \u{e015} ").await;
        assert_eq!(page.attr("key-chosen", "data-value").await, "2");
        page.click("key-jsonl").await;
        let rows = String::from_utf8(page.download("keys.jsonl").await).unwrap();
        let names: Vec<String> = rows
            .lines()
            .map(|row| serde_json::from_str::<Value>(row).unwrap()["key"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(names, shown[..2]);
        // Copied: the same two.
        page.run(
            "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); };",
            vec![],
        )
        .await;
        page.click("key-copy").await;
        page.until("the names", "return window.copied !== undefined").await;
        assert_eq!(page.run("return window.copied", vec![]).await, shown[..2].join("\n"));
        page.click("key-none").await;
        page.click("key-csv").await;
        let rows = String::from_utf8(page.download("keys.csv").await).unwrap();
        assert_eq!(rows.lines().count() as u64, hashes + 1);

        assert_eq!(ask(page, "filter=nothing-is-called-so").await, 0);
        page.find("key-nothing").await;
        assert_eq!(ask(page, "").await, all);
    })
    .await;
}

#[tokio::test]
async fn lines_that_find_nothing_or_cannot_be_read_say_why() {
    let snapshots = ["redis-7.4.1/strings", "redis-7.4.1/expires"].map(|name| case("rdb", name).path);
    Page::with(async |page| {
        page.pick("pick-files", &snapshots).await;
        page.find("verdict").await;
        ask(page, "").await;
        // Two files: each row says which one it stands in.
        assert!(["strings.rdb", "expires.rdb"].contains(&page.text("key-file").await.as_str()));
        assert_eq!(ask(page, "filter=type:hahs").await, 0);
        let text = page.text("key-nothing").await;
        assert!(text.contains("No key here has the type \"hahs\""), "{text}");
        page.hash("keys?filter=slot:much").await;
        let text = page.text("key-message").await;
        assert!(text.contains("\"much\" is no figure"), "{text}");
        assert!(!page.has("key-status").await, "figures of another line");
        assert!(ask(page, "filter=slot:0-16383").await > 0);
    })
    .await;
}

#[tokio::test]
async fn fifteen_thousand_keys_are_searched_where_rows_do_not_fit() {
    let folder = tempfile::tempdir().unwrap();
    let file = generated::keys_file(folder.path(), 15_000);
    Page::with(async |page| {
        page.pick("pick-files", [&file]).await;
        page.find("verdict").await;
        assert_eq!(ask(page, "").await, 15_000);
        assert_eq!(page.attr("key-status", "data-search").await, "false");
        let hashes = ask(page, "filter=type:hash").await;
        // A megabyte holds some twenty thousand rows; a file of more would be searched.
        assert_eq!(ask(page, "filter=type:hash&rows-mb=1").await, hashes);
    })
    .await;
}

#[tokio::test]
async fn five_million_keys_are_listed_filtered_and_sorted() {
    let keys: u64 = snaptape_testdata::amount("SNAPTAPE_PAGE_KEYS", 5_000_000);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let file = generated::keys_file(&folder, keys);
    Page::with(async |page| {
        page.pick("pick-files", [&file]).await;
        page.find("verdict").await;
        assert_eq!(ask(page, "").await, keys);
        let took = |what: &'static str| async move {
            println!(
                "{what}: {} ms, {} bytes a key",
                page.attr("key-status", "data-ms").await,
                page.attr("key-status", "data-held").await.parse::<u64>().unwrap() / keys
            );
        };
        took("read and sorted by memory").await;
        let hashes = ask(page, "filter=type:hash").await;
        assert!(hashes > keys / 20 && hashes < keys / 2, "{hashes}");
        took("filtered, sorted by memory").await;
        assert_eq!(ask(page, "keys=-payload").await, keys);
        took("all sorted by payload").await;
        assert_eq!(ask(page, "keys=key").await, keys);
        took("all sorted by name").await;
        assert!(names(page).await[0].starts_with("board:asia:"));

        // To the end and back, as far as the scroll bar goes.
        page.keys("keys", "\u{e010}").await;
        page.until(
            "the last row",
            &format!("return document.querySelector('[aria-rowindex=\"{}\"] th') !== null", keys + 1),
        )
        .await;
        assert!(names(page).await.last().unwrap().starts_with("user:"));
        let frames = page
            .run_async(
                "const done = arguments[0];
                const bar = document.querySelector('.keyTableView .rowScroller');
                const deltas = [];
                let last = performance.now(), n = 0;
                const step = (now) => {
                    deltas.push(now - last);
                    last = now;
                    bar.scrollTop = (n % 60) * bar.scrollHeight / 61 + n * 7;
                    if (++n < 180) requestAnimationFrame(step);
                    else {
                        deltas.sort((a, b) => a - b);
                        done([deltas[90], deltas[171], deltas[179]]);
                    }
                };
                requestAnimationFrame(step);",
            )
            .await;
        println!(
            "frames while the scroll bar is dragged over {keys} keys, ms: median, 95 of 100, worst: {frames}"
        );
        assert!(frames[0].as_f64().unwrap() < 100.0, "{frames}");

        let few = ask(page, "filter=type:hash%20mem%3e30kb").await;
        page.click("key-csv").await;
        let rows = page.download("keys.csv").await;
        assert_eq!(rows.split(|byte| *byte == b'\n').count() as u64, few + 2);
        // Where rows do not fit, the files are searched: the same answer.
        assert_eq!(ask(page, "filter=type:hash%20mem%3e30kb&rows-mb=16").await, few);
        assert_eq!(page.attr("key-status", "data-search").await, "true");
        page.find("key-beyond").await;
        took("searched").await;
    })
    .await;
    if keys != 5_000_000 {
        fs::remove_file(file).unwrap();
    }
}

/// The name of the key that is looked at, once it is this one or any.
async fn key_name(page: &Page, name: Option<&str>) -> String {
    if let Some(name) = name {
        let is_it = format!(
            "return document.querySelector('[data-testid=key-name]')?.textContent === {}",
            serde_json::to_string(name).unwrap()
        );
        page.until(name, &is_it).await;
    }
    page.find("key-name").await;
    page.text("key-name").await
}

#[tokio::test]
async fn from_a_key_to_the_one_beside_it_and_back() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("verdict").await;
        assert!(ask(page, "filter=type:hash&keys=key").await > 3);
        let shown = names(page).await;
        // Down to the second row and into it; the third by its button, and back by a key.
        page.keys("keys", "\u{e015}\u{e007}").await;
        assert_eq!(key_name(page, Some(&shown[1])).await, shown[1]);
        page.click("step-next").await;
        key_name(page, Some(&shown[2])).await;
        page.press("]").await;
        key_name(page, Some(&shown[3])).await;
        page.press("[").await;
        key_name(page, Some(&shown[2])).await;
        assert_eq!(page.violations().await, []);
        page.click("key-back").await;
        found(page).await;
        assert_eq!(page.attr("keys", "aria-activedescendant").await, "key-2");
        assert!(
            page.run("return location.hash", vec![]).await.as_str().unwrap().contains("filter=type:hash")
        );

        // The first one has none before it.
        page.keys("keys", "\u{e011}\u{e007}").await;
        key_name(page, Some(&shown[0])).await;
        page.until(
            "what is beside it",
            "return document.querySelector('[data-testid=step-previous]').ariaDisabled === 'true'",
        )
        .await;
        page.click("step-previous").await;
        assert_eq!(key_name(page, None).await, shown[0]);

        // By its address: in the order of the file, once somebody wants to know.
        ask(page, "keys=offset").await;
        let in_file = names(page).await;
        let offset = "return document.querySelectorAll('.keyTableRow')[4].dataset.offset";
        let offset = page.run(offset, vec![]).await;
        let offset = offset.as_str().unwrap();
        page.run("location.hash = ''", vec![]).await;
        page.hash(&format!("key?key=0.{offset}&row=99999")).await;
        key_name(page, Some(&in_file[4])).await;
        page.press("]").await;
        key_name(page, Some(&in_file[5])).await;
        page.press("[").await;
        page.press("[").await;
        key_name(page, Some(&in_file[3])).await;
        page.press("?").await;
        assert!(page.text("modal").await.contains("the key before it"), "{}", page.text("modal").await);
    })
    .await;
}
