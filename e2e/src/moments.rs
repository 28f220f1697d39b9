//! Screens that are there for a moment only, or only for somebody who goes on: what is open, empty, or refused.

use snaptape_testdata::{cases, roots};

use crate::{page::Page, tour::another};

/// Walks through them and calls `visit` on each with its name.
///
/// # Panics
/// When a screen does not come.
pub async fn moments(page: &Page, mut visit: impl AsyncFnMut(&str)) {
    let visit = &mut visit;
    page.click("paste-open").await;
    page.keys("paste-text", "no bytes of a file").await;
    page.click("paste-go").await;
    page.until(
        "what is wrong with it",
        "return !!document.querySelector('[data-testid=paste-wrong], [data-testid=paste-doubt]')",
    )
    .await;
    visit("paste").await;

    page.click("sample-healthy").await;
    page.find("nav-overview").await;
    for (name, filter) in [
        ("hash", "type:hash"),
        ("list", "type:list"),
        ("set", "type:set"),
        ("zset", "type:zset"),
        ("stream", "type:stream"),
        ("string", "match:session:*"),
        ("hyperloglog", "match:visitors:*"),
    ] {
        first_key(page, filter).await;
        visit(&format!("key-{name}")).await;
    }
    page.hash("keys").await;
    page.keys("key-filter", "type:").await;
    page.find("key-option").await;
    visit("keys-completion").await;
    page.hash("keys?filter=nothing-is-called-so").await;
    page.find("key-nothing").await;
    page.settle().await;
    visit("keys-nothing").await;
    page.hash("keys?filter=mem%3E1x").await;
    page.find("key-message").await;
    page.settle().await;
    visit("keys-wrong").await;
    page.hash("keys?filter=type:zset").await;
    page.until("the rows", "return document.querySelector('[data-testid=keys]')?.dataset.done === 'true'")
        .await;
    page.click("key-all").await;
    page.settle().await;
    visit("keys-selected").await;
    page.hash("map?map-find=nothing-is-called-so").await;
    page.until("the map", "return !document.querySelector('[data-testid=progress], [aria-busy=true]')").await;
    page.settle().await;
    visit("map-nothing").await;
    page.hash("report?names=masked").await;
    page.until(
        "it",
        "return document.querySelector('[data-testid=report-text]')?.dataset.names === 'masked'",
    )
    .await;
    page.settle().await;
    visit("report-masked").await;
    page.hash("bytes?at=0.11-18").await;
    page.keys("byte-needle", "redis-").await;
    page.click("byte-find-back").await;
    page.until(
        "what was found",
        "return document.querySelector('[data-testid=byte-hunt]')?.textContent.startsWith('Found')",
    )
    .await;
    page.settle().await;
    visit("bytes-found").await;
    another(page).await;

    for (file, filter, name) in [
        ("redis-7.4.1/collections", "match:geo:*", "key-geo"),
        ("redis-7.4.1/modules", "match:json:*", "key-module"),
        ("redis-7.4.1/modules", "match:bloom", "key-bloom"),
        ("redis-7.4.1/modules", "match:ts", "key-series"),
        ("redis-8.2.3/modules", "match:vec", "key-vectors"),
        ("redis-8.2.3/modules", "match:graph", "key-graph"),
    ] {
        let case = cases(&roots()[0], "rdb").into_iter().find(|case| case.name == file);
        page.pick("pick-files", [case.unwrap_or_else(|| panic!("there is {file}")).path]).await;
        page.find("nav-overview").await;
        first_key(page, filter).await;
        visit(name).await;
        another(page).await;
    }
}

/// Opens the first key of those a filter leaves.
async fn first_key(page: &Page, filter: &str) {
    page.hash(&format!("keys?filter={filter}")).await;
    let table = "document.querySelector('[data-testid=keys]')";
    page.until(
        "a key of them",
        &format!(
            "return decodeURIComponent(location.hash).includes('filter={filter}') && {table}?.dataset.done === 'true' \
             && !!{table}.querySelector('[data-testid=key-link]')"
        ),
    )
    .await;
    page.settle().await;
    page.run(&format!("{table}.querySelector('[data-testid=key-link]').click()"), vec![]).await;
    page.until(
        "what is in it",
        "return !!document.querySelector('[data-testid=key-rows], [data-testid=key-body]')",
    )
    .await;
    page.settle().await;
}
