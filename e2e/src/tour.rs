//! Every screen, one after the other: for the pictures, and for what must be true of each.

use std::fs;

use snaptape_testdata::{cases, roots};

use crate::{moments, page::Page, pictures};

/// Walks through every screen and calls `visit` on each with its name.
///
/// # Panics
/// When a screen does not come.
pub async fn tour(page: &Page, mut visit: impl AsyncFnMut(&str)) {
    let visit = &mut visit;
    page.find("drop").await;
    visit("arrival").await;
    page.click("privacy-show").await;
    visit("privacy").await;
    page.click("modal-close").await;
    page.press("?").await;
    visit("help").await;
    page.click("modal-close").await;

    page.click("sample-healthy").await;
    for view in ["overview", "patterns", "keys", "restore", "integrity"] {
        show(page, visit, "healthy", view).await;
    }
    maps(page, visit).await;
    page.hash("bytes?at=0.106-183").await;
    page.find("byte-tree").await;
    page.settle().await;
    visit("healthy-bytes").await;
    another(page).await;

    page.click("sample-bigkey").await;
    show(page, visit, "bigkey", "overview").await;
    // Hardly anything is left for data: shards, and nodes no number of which is enough.
    page.hash("restore?rewrite-share=100&reserved-memory-percent=99").await;
    page.settle().await;
    visit("bigkey-restore-worst").await;
    page.hash("keys").await;
    let link = "document.querySelector('a[href*=\"key?key=\"]')";
    page.until("a link to a key", &format!("return !!{link}")).await;
    page.run(&format!("{link}.click()"), vec![]).await;
    page.until(
        "its elements",
        "return !!document.querySelector('[data-testid=key-rows], [data-testid=key-body]')",
    )
    .await;
    page.settle().await;
    visit("bigkey-key").await;
    another(page).await;

    page.click("sample-flushall").await;
    for view in ["overview", "map", "tape", "integrity", "repair"] {
        show(page, visit, "flushall", view).await;
    }
    page.hash("tape").await;
    page.find("command").await;
    page.keys("writes-chart", "\u{e011}\u{e014}\u{e014}\u{e014}").await;
    page.run("document.getElementById('command-filter').value = 'name:hset,hdel key:user:*'", vec![]).await;
    page.click("command-search").await;
    page.find("command-status").await;
    page.settle().await;
    visit("flushall-tape-filtered").await;
    page.hash("repair?plan=before").await;
    page.settle().await;
    visit("flushall-repair-before").await;
    another(page).await;

    page.click("sample-torn").await;
    for view in ["overview", "tape", "integrity", "repair"] {
        show(page, visit, "torn", view).await;
    }
    page.click("export").await;
    page.find("export-done").await;
    visit("torn-repaired").await;
    another(page).await;

    let root = &roots()[0];
    let damaged = cases(root, "rdb-damaged").into_iter().find(|case| case.name.contains("truncated"));
    page.pick("pick-files", [damaged.expect("a snapshot that was cut").path]).await;
    show(page, visit, "cut-snapshot", "overview").await;
    show(page, visit, "cut-snapshot", "integrity").await;
    another(page).await;

    // Two snapshots, one of a cluster, one with fields that expire: not all releases load them, and they are no one cluster.
    let shards = cases(root, "rdb")
        .into_iter()
        .filter(|case| ["redis-7.4.1/cluster", "redis-7.4.1/hfe"].contains(&case.name.as_str()));
    page.pick("pick-files", shards.map(|case| case.path).collect::<Vec<_>>()).await;
    show(page, visit, "two-snapshots", "overview").await;
    page.hash("map?map-by=file,slot,type").await;
    page.until("the map", "return !document.querySelector('[data-testid=progress], [aria-busy=true]')").await;
    page.settle().await;
    visit("two-snapshots-map").await;
    another(page).await;

    let folder = tempfile::tempdir().expect("a folder");
    let html = folder.path().join("dump.rdb");
    fs::write(&html, "<!doctype html><title>404 Not Found</title>").expect("it is ours");
    page.pick("pick-files", [&html]).await;
    show(page, visit, "not-a-dump", "overview").await;
    another(page).await;

    moments(page, &mut *visit).await;
    pictures(page, &mut *visit).await;

    // Long enough to be caught reading: a file without content that takes no room on disk.
    let long = folder.path().join("appendonly.aof");
    let file = fs::File::create(&long).expect("it is ours");
    file.set_len(40 << 30).expect("a sparse file");
    std::io::Write::write_all(&mut &file, b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$42000000000\r\n")
        .expect("its head");
    page.pick("pick-files", [&long]).await;
    page.find("progress").await;
    page.until(
        "a rate",
        "return document.querySelector('[data-testid=progress]')?.textContent.includes('B/s')",
    )
    .await;
    visit("reading").await;
    file.set_len(1_000).expect("it is ours");
    page.find("error").await;
    visit("failed").await;
    another(page).await;
    visit("arrival-again").await;
}

/// The map as it is drawn, with a part looked for, nested by something else, and zoomed in.
async fn maps(page: &Page, visit: &mut impl AsyncFnMut(&str)) {
    for (name, place) in [
        ("treemap", ""),
        ("found", "?map-find=user"),
        ("icicle", "?map=icicle"),
        ("table", "?map=table"),
        ("table-found", "?map=table&map-find=e:"),
        ("nested", "?map-by=type,encoding,pattern"),
        ("zoomed", "?map-by=type,encoding,pattern&map-zoom=string"),
    ] {
        page.find("nav-map").await;
        page.hash(&format!("map{place}")).await;
        page.until("the map", "return !document.querySelector('[data-testid=progress], [aria-busy=true]')")
            .await;
        page.settle().await;
        visit(&format!("healthy-map-{name}")).await;
    }
}

pub(crate) async fn another(page: &Page) {
    page.click("open-another").await;
    page.find("drop").await;
}

pub(crate) async fn show(page: &Page, visit: &mut impl AsyncFnMut(&str), input: &str, view: &str) {
    // The list of views comes with the answers.
    page.find("nav-overview").await;
    page.hash(view).await;
    page.settle().await;
    visit(&format!("{input}-{view}")).await;
}
