//! Grouping key names one's own way.

use snaptape_e2e::Page;

/// Types into a field of the form.
pub(crate) async fn fill(page: &Page, field: &str, text: &str) {
    page.run(
        "document.querySelector(arguments[0]).value = arguments[1]",
        vec![format!("#pattern-{field}").into(), text.into()],
    )
    .await;
}

/// Waits until the table of patterns has such a row.
pub(crate) async fn until_listed(page: &Page, text: &str) {
    let script = format!(
        "return [...document.querySelectorAll('tbody th.code')].some(cell => cell.textContent.includes('{text}'))"
    );
    page.until(text, &script).await;
}

#[tokio::test]
async fn names_are_grouped_again() {
    Page::with(async |page| {
        page.click("sample-bigkey").await;
        page.click("nav-patterns").await;
        let rows = page.count("tbody tr").await;
        assert!(rows > 0);

        fill(page, "templates", "no-such:*\n").await;
        fill(page, "regex", "^[a-z]").await;
        page.click("regroup").await;
        until_listed(page, "regular expression").await;
        until_listed(page, "no-such:*template").await;

        // What cannot be done is said, and the report stays.
        fill(page, "regex", "(").await;
        page.click("regroup").await;
        assert!(page.text("error").await.contains("regular expression"), "{}", page.text("error").await);
        assert!(page.has("pattern-controls").await);
        until_listed(page, "no-such:*template").await;

        fill(page, "templates", "").await;
        fill(page, "regex", "").await;
        page.click("regroup").await;
        page.until(
            "the usual rows",
            &format!("return document.querySelectorAll('tbody tr').length === {rows}"),
        )
        .await;
        page.hash("#keys").await;
        assert!(page.count("[data-testid=keys] tbody tr").await > 0);
    })
    .await;
}
