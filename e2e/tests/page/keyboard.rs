//! Without a mouse, and back again.

use snaptape_e2e::Page;
use snaptape_testdata::shards;

const FOCUS: &str = "return document.activeElement.textContent";
const TOP: &str = "return document.getElementById('main').scrollTop";

#[tokio::test]
async fn views_by_key_and_the_focus_on_their_heading() {
    Page::with(async |page| {
        // The skip link comes first, and skips bar and rail.
        page.find("drop").await;
        page.press("\u{e004}").await;
        assert_eq!(page.run(FOCUS, vec![]).await, "Skip to the report");
        page.press("\u{e007}").await;
        page.until("the focus is in the report", "return document.activeElement.id === 'main'").await;

        page.click("sample-healthy").await;
        page.find("verdict").await;
        page.until("the focus is on the verdict", "return document.activeElement.matches('h1.verdict')").await;
        page.press("n").await;
        page.until("the next view", "return location.hash !== '#overview'").await;
        let titled = "return document.activeElement.matches('main h1') && document.querySelectorAll('main h1').length === 1";
        page.until("the focus is on its heading", titled).await;
        page.press("p").await;
        page.until("the view before", "return location.hash.startsWith('#overview')").await;
        page.press("2").await;
        let second = "return document.querySelectorAll('.railLink')[1].getAttribute('aria-current')";
        page.until("the second view", second.replace("return ", "return 'page' === ").as_str()).await;
        page.press("\u{e00c}").await;
        page.until("the overview", "return location.hash.startsWith('#overview')").await;

        page.press("?").await;
        page.until("the help", "return document.querySelector('dialog[open]')?.textContent.includes('Everywhere')").await;
        page.press("\u{e00c}").await;
        page.until("it is closed", "return !document.querySelector('dialog[open]')").await;

    })
    .await;
}

#[tokio::test]
async fn back_is_where_one_was() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("verdict").await;
        page.settle().await;
        page.run("document.getElementById('main').scrollTop = 700", vec![]).await;
        page.settle().await;
        page.click("nav-patterns").await;
        page.until("the patterns", "return location.hash.startsWith('#patterns')").await;
        page.until("a new view begins at its top", &format!("return ({{}}, (() => {{ {TOP} }})()) === 0"))
            .await;
        page.run("history.back()", vec![]).await;
        page.find("verdict").await;
        page.until("it is scrolled as it was", &format!("return (() => {{ {TOP} }})() === 700")).await;
        page.run("history.forward()", vec![]).await;
        page.until("the patterns again", "return location.hash.startsWith('#patterns')").await;
        page.until("at their top", &format!("return (() => {{ {TOP} }})() === 0")).await;
    })
    .await;
}

/// Several keys at once, before the page can draw what the first of them did. A key that is held down on a busy machine is like that:
/// none may be lost.
async fn held(page: &Page, id: &str, keys: &[&str]) {
    const HOLD: &str = "const of = document.querySelector(arguments[0]), on = of.getAttribute('tabindex') ? of : of.querySelector('[tabindex=\"0\"]');
        on.focus();
        for (const key of arguments[1]) (document.activeElement ?? on).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        on.dispatchEvent(new KeyboardEvent('keyup', { bubbles: true }))";
    page.find(id).await;
    page.run(HOLD, vec![format!("[data-testid={id}]").into(), keys.into()]).await;
    page.settle().await;
}

#[tokio::test]
async fn no_key_is_lost_that_comes_before_the_page_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let files = shards::write_shards(folder.path(), 3, 3_000);
    Page::with(async |page| {
        page.pick("pick-files", &files).await;
        page.find("verdict").await;
        page.hash("slots").await;
        held(page, "slot-grid", &["Home", "ArrowDown", "ArrowDown", "ArrowRight", "PageDown", "ArrowLeft"]).await;
        assert_eq!(page.attr("slot-grid", "aria-valuenow").await, (128 * (2 + 16)).to_string());

        page.hash("bytes?at=0.0-1").await;
        held(page, "byte-grid", &["ArrowRight", "ArrowRight", "ArrowDown", "ArrowRight"]).await;
        assert_eq!(page.attr("byte-grid", "data-cursor").await, "19");
        page.until("the address follows", "return location.hash.includes('at=0.19-20')").await;
        held(page, "byte-tree", &["Home", "ArrowDown", "ArrowDown"]).await;
        let chosen = "return [...document.querySelectorAll('[data-testid=byte-tree] tbody tr')].findIndex(row => row.ariaSelected === 'true')";
        assert_eq!(page.run(chosen, vec![]).await, 2);

        page.hash("keys").await;
        page.until("all keys are listed", "return document.querySelector('[data-testid=keys]')?.dataset.done === 'true'").await;
        held(page, "keys", &["Home", "ArrowDown", "ArrowDown", "ArrowDown"]).await;
        let row = "return document.querySelector('[data-testid=keys]').getAttribute('aria-activedescendant')";
        assert_eq!(page.run(row, vec![]).await, "key-3");

        page.hash("map?map=table").await;
        page.find("map-table-rows").await;
        let rows = "return [...document.querySelectorAll('.mapRow')].map(row => row.id + row.tabIndex)";
        let before = page.run(rows, vec![]).await;
        held(page, "map-table-rows", &["Home", "ArrowDown", "ArrowDown"]).await;
        let after = page.run(rows, vec![]).await;
        assert_ne!(before, after);
        assert!(after[2].as_str().unwrap().ends_with('0') && !after[2].as_str().unwrap().ends_with("-10"), "{after}");
    })
    .await;
    Page::with(async |page| {
        page.click("sample-flushall").await;
        page.find("verdict").await;
        page.hash("tape").await;
        held(page, "writes-chart", &["Home", "ArrowRight", "ArrowRight", "PageUp"]).await;
        assert_eq!(page.attr("writes-chart", "aria-valuenow").await, "13");
    })
    .await;
}
