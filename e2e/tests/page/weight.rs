//! What a first visit fetches. `cargo xtask size` adds up what that weighs.

use snaptape_e2e::Page;

use crate::native::case;

/// Is a program among the files that were asked for?
fn fetched(page: &Page, program: &str) -> bool {
    page.requests().iter().any(|path| path.ends_with(&format!("/{program}_bg.wasm")))
}

#[tokio::test]
async fn programs_are_fetched_when_they_are_needed() {
    let snapshot = case("rdb", "redis-7.4.1/collections");
    Page::with(async |page| {
        page.pick("pick-files", [&snapshot.path]).await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert!(fetched(page, "app") && fetched(page, "worker"), "{:?}", page.requests());
        for later in ["look", "export"] {
            assert!(!fetched(page, later), "{later} is not needed for a verdict: {:?}", page.requests());
        }
        // Every file is fetched once.
        let mut programs: Vec<_> =
            page.requests().into_iter().filter(|path| path.ends_with("_bg.wasm")).collect();
        let all = programs.len();
        programs.sort();
        programs.dedup();
        assert_eq!(programs.len(), all, "{programs:?}");
    })
    .await;
}
