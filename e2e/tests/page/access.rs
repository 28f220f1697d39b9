//! For everybody: what axe-core finds, forced colours, and no movement where none is wanted.

use snaptape_e2e::{Page, Scheme, tour};

#[tokio::test]
async fn nothing_serious_on_any_screen() {
    let mut found = Vec::new();
    let mut screens = 0;
    Page::with(async |page| {
        let visit = async |name: &str| {
            for (scheme, width) in [(Scheme::Light, 1280), (Scheme::Dark, 1280), (Scheme::Light, 400)] {
                page.view(width, 800, scheme).await;
                page.settle().await;
                for violation in page.violations().await {
                    found.push(format!("{name}, {scheme:?}, {width} px: {violation:#?}"));
                }
                screens += 1;
            }
            page.view(1280, 800, Scheme::Light).await;
        };
        tour(page, visit).await;
    })
    .await;
    assert!(screens > 60, "only {screens} screens were looked at");
    assert!(found.is_empty(), "{} of {screens}:\n{}", found.len(), found.join("\n"));
}

/// The judge is judged: what is wrong must be found.
#[tokio::test]
async fn what_is_serious_is_noticed() {
    Page::with(async |page| {
        page.find("drop").await;
        assert_eq!(page.violations().await, []);
        let spoil = "const button = document.querySelector('[data-testid=sample-torn]');
            button.textContent = ''; button.setAttribute('aria-label', '');";
        page.run(spoil, vec![]).await;
        let rules: Vec<_> = page.violations().await.into_iter().map(|found| found.rule).collect();
        assert_eq!(rules, ["button-name"]);
    })
    .await;
}
