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

        // As many as the server was asked, but for what the workers loaded.
        let asked = page.requests().len() as u64;
        let counted = page.number("privacy-requests").await;
        assert!(counted > 5 && counted <= asked, "{counted} of {asked}: {:?}", page.requests());

        let list = code_sums();
        assert_eq!(page.text("privacy-sum").await, sha256(list.as_bytes()), "{list}");
        // Esc closes it, and does nothing else.
        page.press("\u{e00c}").await;
        page.until("it is closed", "return !document.querySelector('dialog[open]')").await;
        page.find("verdict").await;
    })
    .await;
}

/// What `sha256sum *.js *.wasm` says in the folder of the page.
fn code_sums() -> String {
    let names =
        fs::read_dir(Page::dist()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let end = |name: &str| name.rsplit_once('.').map(|(_, end)| end.to_owned()).unwrap_or_default();
    let mut code: Vec<(bool, String)> = names
        .filter(|name| ["js", "wasm"].contains(&end(name).as_str()))
        .map(|name| (end(&name) == "wasm", name))
        .collect();
    code.sort();
    let line = |(_, name): (bool, String)| {
        format!("{}  {name}\n", sha256(&fs::read(Page::dist().join(&name)).unwrap()))
    };
    code.into_iter().map(line).collect()
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
