//! The built page, as a person uses it.

use snaptape_e2e::Page;

#[tokio::test]
async fn opens_from_its_own_files() {
    Page::with(async |page| {
        page.find("drop").await;
        assert_eq!(page.run("return document.title", vec![]).await, "Snaptape");
    })
    .await;
}
