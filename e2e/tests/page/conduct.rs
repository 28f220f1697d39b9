//! What the page asks for, and whom.

use std::fs;
use std::path::Path;

use snaptape_e2e::Page;

#[tokio::test]
async fn opens_from_its_own_files() {
    Page::with(async |page| {
        page.find("drop").await;
        assert_eq!(page.run("return document.title", vec![]).await, "Snaptape");
        // Samples are fetched when asked for, not before.
        assert!(page.requests().iter().all(|path| !path.starts_with("/samples/")), "{:?}", page.requests());
    })
    .await;
}

#[tokio::test]
async fn works_in_a_folder_of_a_site() {
    let site = tempfile::tempdir().unwrap();
    fs::write(site.path().join("index.html"), "<p>Somebody else's page").unwrap();
    copy(&Page::dist(), &site.path().join("tools/snaptape"));
    let ((), misconduct) = Page::with_site(site.path(), "tools/snaptape/index.html", async |page| {
        page.click("sample-healthy").await;
        assert_eq!(page.attr("verdict", "data-verdict").await, "sound");
        assert!(
            page.requests().iter().all(|path| path.starts_with("/tools/snaptape/")),
            "{:?}",
            page.requests()
        );
    })
    .await;
    assert_eq!(misconduct, snaptape_e2e::Misconduct::default());
}

/// The judge is judged: a page that misbehaves in every way must not pass.
#[tokio::test]
async fn misconduct_is_noticed() {
    let site = tempfile::tempdir().unwrap();
    let page = fs::read_to_string(Page::dist().join("index.html")).unwrap();
    let policy = snaptape_serve::html::policy(&page).expect("the page has a policy");
    let bad = format!(
        "<meta http-equiv=Content-Security-Policy content=\"{policy}\">\
         <script>document.title = 'inline'</script><script src=bad.js></script>"
    );
    fs::write(site.path().join("index.html"), bad).unwrap();
    let script =
        "fetch('missing'); fetch('https://example.com/').catch(() => { document.title = 'refused' })";
    fs::write(site.path().join("bad.js"), script).unwrap();
    let (title, misconduct) = Page::with_site(site.path(), "", async |page| {
        page.until("the fetch is refused", "return document.title !== ''").await;
        page.run("return document.title", vec![]).await
    })
    .await;
    assert_eq!(title, "refused");
    assert!(misconduct.strangers.contains(&"/missing".to_owned()), "{misconduct:?}");
    let complaint = |word: &str| misconduct.console.iter().any(|line| line.contains(word));
    assert!(complaint("inline") && complaint("https://example.com/"), "{misconduct:?}");

    // Without a policy the request goes out, and is seen on its way.
    fs::write(site.path().join("index.html"), "<script src=bad.js></script>").unwrap();
    let ((), misconduct) = Page::with_site(site.path(), "", async |page| {
        page.until("the fetch fails", "return document.title !== ''").await;
    })
    .await;
    assert!(misconduct.foreign.iter().any(|url| url == "https://example.com/"), "{misconduct:?}");
    assert!(misconduct.outside.iter().any(|line| line.contains("example.com:443")), "{misconduct:?}");
}

pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
