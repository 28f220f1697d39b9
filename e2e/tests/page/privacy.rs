//! Why nothing leaves the page, shown by the page; and what it remembers.

use std::fs;

use snaptape_e2e::Page;
use snaptape_testdata::sha256;

#[tokio::test]
async fn the_proof_is_the_truth() {
    let index = fs::read_to_string(Page::dist().join("index.html")).unwrap();
    let policy = snaptape_serve::html::policy(&index).unwrap();
    Page::with(async |page| {
        page.click("sample-bigkey").await;
        page.find("verdict").await;
        page.click("privacy-show").await;
        let shown = page.text("privacy-policy").await;
        let rules: Vec<_> = policy.split(';').map(str::trim).collect();
        assert_eq!(shown.lines().map(str::trim).collect::<Vec<_>>(), rules);

        // As many as the server was asked, without those of the workers.
        let of_workers = |path: &String| ["worker", "look", "export"].iter().any(|name| path.contains(name));
        let asked = page.requests().into_iter().filter(|path| !of_workers(path)).count() as u64;
        let counted = page.number("privacy-requests").await;
        assert!(asked > 5 && counted >= asked, "{counted} of {asked}: {:?}", page.requests());
        let all = page.requests().len() as u64;
        assert!(counted <= all, "{counted} of {all}");

        let modal =
            page.run("return document.querySelector('[data-testid=modal]').textContent", vec![]).await;
        let modal = modal.as_str().unwrap();
        for name in ["app_bg.wasm", "worker_bg.wasm"] {
            let sum = sha256(&fs::read(Page::dist().join(name)).unwrap());
            assert!(modal.contains(&sum), "{name} is {sum}, not in {modal}");
        }
        // Esc closes it, and does nothing else.
        page.press("\u{e00c}").await;
        page.until("it is closed", "return !document.querySelector('dialog[open]')").await;
        page.find("verdict").await;
    })
    .await;
}

#[tokio::test]
async fn settings_are_remembered_and_forgotten() {
    Page::with(async |page| {
        assert!(!page.has("remembered").await);
        page.click("sample-healthy").await;
        page.find("verdict").await;
        page.settle().await;
        let choose = "const choice = document.querySelector('input[type=radio]:not(:checked)'); choice.click(); return choice.value";
        page.run(choose, vec![]).await;
        page.until("the estimate is for another release", "return !!localStorage.getItem('snaptape.settings')").await;
        page.click("open-another").await;
        let text = page.text("remembered").await;
        assert!(text.contains("estimates for "), "{text}");
        page.click("remembered-use").await;
        assert_eq!(page.attr("remembered-use", "aria-pressed").await, "true");
        page.click("remembered-forget").await;
        page.gone("remembered").await;
        assert_eq!(page.run("return localStorage.length", vec![]).await, 0);
    })
    .await;
}
