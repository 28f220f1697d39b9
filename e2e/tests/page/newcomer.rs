//! A newcomer with nothing but the page: two questions, and how many clicks and seconds they take.

use std::cell::Cell;
use std::time::{Duration, Instant};

use snaptape_e2e::Page;
use snaptape_report::{KeyName, Verdict};
use snaptape_testdata::files;

use crate::native::outcome;
use crate::repair::unzip;

/// What can be seen without scrolling.
const IN_SIGHT: &str = "
    const seen = (element) => { const box = element.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight && box.height > 0; };
    return [...document.querySelectorAll(arguments[0])].filter(seen).map((element) => element.textContent);";

async fn in_sight(page: &Page, css: &str) -> String {
    page.settle().await;
    page.run(IN_SIGHT, vec![css.into()]).await.to_string()
}

#[tokio::test]
async fn the_key_that_eats_most_memory_and_a_tape_that_loads_again() {
    let bigkey = outcome(&files(&Page::dist().join("samples/bigkey")));
    let biggest = &bigkey.report.dataset.as_ref().unwrap().biggest[0];
    let KeyName::Text { key: name } = &biggest.name else { panic!("{:?}", biggest.name) };
    Page::with(async |page| {
        let clicks = Cell::new(0);
        let click = async |id: &str| {
            clicks.set(clicks.get() + 1);
            page.click(id).await;
        };

        // Sample two: its name says what is in it, and the first screen names the key.
        let start = Instant::now();
        click("sample-bigkey").await;
        page.find("verdict").await;
        let seen = in_sight(page, "main li, main tr").await;
        assert!(seen.contains(name), "{name} is not in sight: {seen}");
        assert!(
            clicks.get() == 1 && start.elapsed() < Duration::from_mins(1),
            "{clicks:?}, {:?}",
            start.elapsed()
        );
        println!("the biggest key: {} click, {:?}", clicks.get(), start.elapsed());
        page.click("open-another").await;

        // Sample three: repair is on the rail, its best plan is chosen already.
        clicks.set(0);
        let start = Instant::now();
        click("sample-torn").await;
        page.find("verdict").await;
        assert!(in_sight(page, "nav a").await.contains("Repair"));
        click("nav-repair").await;
        page.find("plans").await;
        click("export").await;
        let copy = page.attr("export-done", "data-name").await;
        let copies: Vec<_> = unzip(&page.download(&copy).await).into_iter().collect();
        let tape: Vec<_> =
            copies.into_iter().filter(|(path, _)| path.starts_with("appendonlydir/")).collect();
        assert_eq!(tape.len(), 4);
        assert_eq!(outcome(&tape).report.verdict, Verdict::Sound, "it loads");
        assert!(
            clicks.get() <= 3 && start.elapsed() < Duration::from_mins(1),
            "{clicks:?}, {:?}",
            start.elapsed()
        );
        println!("a tape that loads: {} clicks, {:?}", clicks.get(), start.elapsed());
    })
    .await;
}
