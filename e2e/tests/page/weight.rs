//! What a first visit fetches. `cargo xtask size` adds up what that weighs.

use snaptape_e2e::Page;

use crate::native::case;

#[tokio::test]
async fn chunks_are_fetched_when_they_are_needed() {
    let snapshot = case("rdb", "redis-7.4.1/collections");
    Page::with(async |page| {
        page.pick("pick-files", [&snapshot.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        let fetched = |part: &str| page.requests().iter().filter(|path| path.contains(part)).count();
        // The page and its worker are one program.
        assert!(fetched("/snaptape_bg.wasm") > 0, "{:?}", page.requests());
        for later in ["kit", "look", "export", "report", "paste"] {
            let name = format!("/split_{later}.wasm");
            assert_eq!(fetched(&name), 0, "{later} is not needed for a verdict: {:?}", page.requests());
        }
        // The other views come once the verdict is there.
        let views =
            "return performance.getEntriesByType('resource').some(e => e.name.endsWith('/split_views.wasm'))";
        page.until("the views are fetched", views).await;
    })
    .await;
}

#[tokio::test]
async fn a_tape_fetches_what_tapes_need() {
    let tape = case("aof-damaged", "redis-6.2.5/preamble--truncated-in-multi-mid-command");
    Page::with(async |page| {
        page.pick("pick-files", [tape.path.join("appendonly.aof")]).await;
        page.find("verdict").await;
        assert!(page.requests().iter().any(|path| path.contains("/split_kit.wasm")), "{:?}", page.requests());
    })
    .await;
}
