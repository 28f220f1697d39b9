//! For everybody, on every screen: what axe-core finds, what forced colours take away, and no movement where none is wanted.

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
            let moving = page.moving().await;
            found.extend(moving.into_iter().map(|what| format!("{name}: moves: {what}")));
            for scheme in [Scheme::Light, Scheme::Dark] {
                let lost = page.lost_in_forced_colors(scheme).await;
                found.extend(lost.into_iter().map(|what| format!("{name}, forced {scheme:?}: {what}")));
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

/// Here, too.
#[tokio::test]
async fn what_forced_colors_take_away_is_noticed() {
    Page::with(async |page| {
        page.click("sample-torn").await;
        page.find("verdict").await;
        page.hash("repair").await;
        page.find("plans").await;
        assert_eq!(page.lost_in_forced_colors(Scheme::Dark).await, [""; 0]);
        // The policy forbids styles in the page, not those a script sets.
        let spoil = "
            const style = (css, name, value) => document.querySelector(css).style.setProperty(name, value, 'important');
            style('.railLink[aria-current]', 'outline', 'none');
            style('[data-testid=export]', 'background', 'HighlightText');
            for (const rect of document.querySelectorAll('.stripLegend rect')) rect.style.setProperty('fill', 'Canvas', 'important');
            style('.topBar button', 'outline', 'none');";
        page.run(spoil, vec![]).await;
        let lost = page.lost_in_forced_colors(Scheme::Dark).await;
        for wrong in ["aria-current cannot be seen: a.railLink", "text with a contrast of 1.0: button.button", "nothing is seen of a picture: svg.",  "the focus cannot be seen: button."] {
            assert!(lost.iter().any(|what| what.starts_with(wrong)), "{wrong} is not among {lost:#?}");
        }
    })
    .await;
}

#[tokio::test]
async fn nothing_moves_where_no_movement_is_wanted() {
    Page::with(async |page| {
        page.find("drop").await;
        assert_eq!(page.moving().await, [""; 0]);
        // A movement that somebody adds is stopped by the stylesheet, unless a script starts it.
        page.run("document.querySelector('h1').style.transition = 'color 3s'", vec![]).await;
        assert_eq!(page.moving().await, [""; 0]);
        page.motion(true).await;
        assert_eq!(page.moving().await.len(), 1, "where movement is welcome it is one");
        page.motion(false).await;
        page.run("document.querySelector('h1').animate({ opacity: [0, 1] }, 60000)", vec![]).await;
        assert_eq!(page.moving().await.len(), 1);
    })
    .await;
}
