//! Saves a picture of every screen, light and dark, wide and narrow: `cargo xtask screenshots --out DIR`.

#![forbid(unsafe_code)]

use std::fs;
use std::path::{Path, PathBuf};

use snaptape_e2e::{Page, Scheme};
use snaptape_testdata::{cases, roots};

const HEIGHT: u32 = 800;

/// How many pixels of the tallest part that scrolls by itself are out of sight; lists without end aside.
const MISSING: &str = "
    const hidden = [...document.querySelectorAll('body *')]
        .filter((part) => ['auto', 'scroll'].includes(getComputedStyle(part).overflowY))
        .filter((part) => !part.matches('.rowScroller, .commandArguments'))
        .map((part) => part.scrollHeight - part.clientHeight);
    return Math.max(0, ...hidden);";

const WIDTHS: [u32; 2] = [1280, 400];
const SCHEMES: [(Scheme, &str); 2] = [(Scheme::Light, "light"), (Scheme::Dark, "dark")];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let Some(out) = std::env::args_os().nth(1).map(PathBuf::from) else {
        panic!("usage: cargo xtask screenshots --out DIR");
    };
    fs::create_dir_all(&out).unwrap_or_else(|error| panic!("{}: {error}", out.display()));
    Page::with(async |page| screens(page, &out).await).await;
    println!("{}", out.display());
}

async fn screens(page: &Page, out: &Path) {
    page.find("drop").await;
    shoot(page, out, "arrival").await;

    page.click("sample-healthy").await;
    for view in ["overview", "patterns", "keys", "restore", "integrity"] {
        show(page, out, "healthy", view).await;
    }
    another(page).await;

    page.click("sample-bigkey").await;
    show(page, out, "bigkey", "overview").await;
    // Hardly anything is left for data: shards, and nodes no number of which is enough.
    page.hash("restore?rewrite-share=100&reserved-memory-percent=99").await;
    page.settle().await;
    shoot(page, out, "bigkey-restore-worst").await;
    another(page).await;

    page.click("sample-flushall").await;
    for view in ["overview", "tape", "integrity", "repair"] {
        show(page, out, "flushall", view).await;
    }
    page.hash("tape").await;
    page.find("command").await;
    page.keys("writes-chart", "\u{e011}\u{e014}\u{e014}\u{e014}").await;
    page.run("document.getElementById('command-filter').value = 'name:hset,hdel key:user:*'", vec![]).await;
    page.click("command-search").await;
    page.find("command-status").await;
    page.settle().await;
    shoot(page, out, "flushall-tape-filtered").await;
    page.hash("repair?plan=before").await;
    page.settle().await;
    shoot(page, out, "flushall-repair-before").await;
    another(page).await;

    page.click("sample-torn").await;
    for view in ["overview", "tape", "integrity", "repair"] {
        show(page, out, "torn", view).await;
    }
    page.click("export").await;
    page.find("export-done").await;
    shoot(page, out, "torn-repaired").await;
    another(page).await;

    let root = &roots()[0];
    let damaged = cases(root, "rdb-damaged").into_iter().find(|case| case.name.contains("truncated"));
    page.pick("pick-files", [damaged.expect("a snapshot that was cut").path]).await;
    show(page, out, "cut-snapshot", "overview").await;
    show(page, out, "cut-snapshot", "integrity").await;
    another(page).await;

    // Two snapshots, one of a cluster, one with fields that expire: not all releases load them, and they are no one cluster.
    let shards = cases(root, "rdb")
        .into_iter()
        .filter(|case| ["redis-7.4.1/cluster", "redis-7.4.1/hfe"].contains(&case.name.as_str()));
    page.pick("pick-files", shards.map(|case| case.path).collect::<Vec<_>>()).await;
    show(page, out, "two-snapshots", "overview").await;
    another(page).await;

    let folder = tempfile::tempdir().expect("a folder");
    let html = folder.path().join("dump.rdb");
    fs::write(&html, "<!doctype html><title>404 Not Found</title>").expect("it is ours");
    page.pick("pick-files", [&html]).await;
    show(page, out, "not-a-dump", "overview").await;
    another(page).await;

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
    shoot(page, out, "reading").await;
    page.click("cancel").await;
    page.find("drop").await;
}

async fn another(page: &Page) {
    page.click("open-another").await;
    page.find("drop").await;
}

async fn show(page: &Page, out: &Path, input: &str, view: &str) {
    // The list of views comes with the answers.
    page.find("nav-overview").await;
    page.hash(view).await;
    page.settle().await;
    shoot(page, out, &format!("{input}-{view}")).await;
}

async fn shoot(page: &Page, out: &Path, name: &str) {
    for width in WIDTHS {
        for (scheme, word) in SCHEMES {
            page.view(width, HEIGHT, scheme).await;
            page.settle().await;
            // A part that scrolls by itself is shown to its end by making room for it.
            let missing = page.run(MISSING, vec![]).await.as_u64().expect("whole pixels");
            if missing > 0 {
                let missing = u32::try_from(missing).unwrap_or(u32::MAX).min(HEIGHT * 4);
                page.view(width, HEIGHT + missing, scheme).await;
                page.settle().await;
            }
            page.screenshot(&out.join(format!("{name}-{word}-{width}.png"))).await;
        }
    }
    page.view(1280, HEIGHT, Scheme::Light).await;
}
