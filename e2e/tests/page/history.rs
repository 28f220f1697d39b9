//! The address holds the view, filter, sort, zoom and theme: each can be linked to, and gone back to and forward again.

use snaptape_e2e::Page;

/// What can be seen of where one is: the theme, and what the screen shows of the rest.
const SEEN: &str = "
    const text = (css) => document.querySelector(css)?.textContent.trim() ?? '';
    const listed = !location.hash.startsWith('#keys') || document.querySelector('[data-testid=key-status]')?.dataset.done === 'true';
    const done = listed && text('main h1') && !document.querySelector('[aria-busy=true]');
    return !done ? null : JSON.stringify({
        theme: document.documentElement.dataset.theme ?? '',
        title: text('main h1'),
        view: text('.railLink[aria-current]'),
        filter: document.getElementById('key-filter')?.value ?? '',
        sorted: [...document.querySelectorAll('main [aria-sort]:not([aria-sort=none])')].map((column) => column.textContent.trim() + column.ariaSort).join(),
        status: document.querySelector('[data-testid=key-status]')?.dataset.keys ?? '',
        first: text('[data-testid=keys] [aria-rowindex=\"2\"]'),
        way: text('.mapWay'),
    });";

/// The same, once it has come to rest.
async fn seen(page: &Page) -> String {
    let mut last = String::new();
    loop {
        page.settle().await;
        let now = page.run(SEEN, vec![]).await;
        let now = now.as_str().unwrap_or_default().to_owned();
        if !now.is_empty() && now == last {
            return now;
        }
        last = now;
    }
}

async fn hash(page: &Page) -> String {
    page.run("return location.hash", vec![]).await.as_str().expect("a hash").to_owned()
}

const STEPS: [&str; 8] = [
    "overview",
    "keys",
    "keys?filter=type:hash",
    "keys?keys=key&filter=type:hash",
    "patterns?patterns=pattern",
    "map?map-by=type,pattern",
    "map?map-by=type,pattern&map-zoom=string",
    "map?map-by=type,pattern&map-zoom=string&theme=dark",
];

#[tokio::test]
async fn back_and_forward_over_view_filter_sort_zoom_and_theme() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("verdict").await;
        let mut steps = Vec::new();
        for step in STEPS {
            page.hash(step).await;
            steps.push((hash(page).await, seen(page).await));
        }
        // Each step changed something that can be seen.
        for pair in steps.windows(2) {
            assert_ne!(pair[0].1, pair[1].1, "{} and {}", pair[0].0, pair[1].0);
        }
        let back = steps.iter().rev().skip(1).map(|step| ("back", step));
        let forward = steps.iter().skip(1).map(|step| ("forward", step));
        for (way, (address, sight)) in back.chain(forward) {
            page.run("history[arguments[0]]()", vec![way.into()]).await;
            page.until(address, &format!("return location.hash === {address:?}")).await;
            assert_eq!(&seen(page).await, sight, "{way} to {address}");
        }
    })
    .await;
}

/// What a click changes is a step as well.
#[tokio::test]
async fn clicks_are_steps() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        page.find("verdict").await;
        let start = seen(page).await;
        page.click("nav-patterns").await;
        let patterns = seen(page).await;
        page.run("document.querySelector('main thead button').click()", vec![]).await;
        page.until("sorted", "return location.hash.includes('patterns=')").await;
        let sorted = seen(page).await;
        assert!(start != patterns && patterns != sorted);
        // The theme is a choice for now and later, not a step.
        page.run("document.querySelectorAll('.themeSwitchButton')[2].click()", vec![]).await;
        page.until("dark", "return document.documentElement.dataset.theme === 'dark' && location.hash.includes('theme=dark')").await;
        page.run("history.back()", vec![]).await;
        page.until("as it was sorted", "return !location.hash.includes('patterns=')").await;
        assert_eq!(seen(page).await, patterns.replace("\"theme\":\"\"", "\"theme\":\"dark\""));
        page.run("history.back()", vec![]).await;
        page.find("verdict").await;
        page.run("history.go(2)", vec![]).await;
        page.until("sorted again", "return location.hash.includes('patterns=')").await;
        assert_eq!(seen(page).await, sorted.replace("\"theme\":\"\"", "\"theme\":\"dark\""));
    })
    .await;
}

/// A link from elsewhere opens a sample, at the view it names, and a reload opens it again.
#[tokio::test]
async fn a_link_opens_a_sample() {
    let ((), misconduct) =
        Page::with_site(&Page::dist(), "#repair?sample=torn&plan=salvage&theme=dark", async |page| {
            for _ in 0..2 {
                let plan =
                    "return document.querySelector('[data-testid=plan-details]')?.dataset.plan === 'salvage'";
                page.until("the plan of the link", plan).await;
                assert_eq!(page.run("return document.documentElement.dataset.theme", vec![]).await, "dark");
                page.run("location.reload()", vec![]).await;
            }
            // What is opened next is not the sample any more.
            page.click("open-another").await;
            page.find("drop").await;
            assert!(!hash(page).await.contains("sample="), "{}", hash(page).await);
        })
        .await;
    assert_eq!(misconduct, snaptape_e2e::Misconduct::default());
    // One that there is not is no error: the page is open.
    let ((), misconduct) = Page::with_site(&Page::dist(), "#keys?sample=..%2fsecret", async |page| {
        page.find("drop").await;
        page.settle().await;
        assert!(!page.has("error").await && page.requests().iter().all(|path| !path.contains("secret")));
    })
    .await;
    assert_eq!(misconduct, snaptape_e2e::Misconduct::default());
}
