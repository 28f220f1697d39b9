//! What other releases need, and answering for one of them.

use snaptape_e2e::Page;

/// The figure of a row of the table of releases.
async fn figure(page: &Page, row: u64) -> u64 {
    let script = "return Number(document.querySelectorAll('[data-testid=release-memory] tbody tr')[arguments[0]].dataset.value)";
    page.run(script, vec![row.into()]).await.as_u64().expect("bytes")
}

/// Chooses a row of it.
async fn choose(page: &Page, row: u64) {
    page.run(
        "document.querySelectorAll('[data-testid=release-memory] input')[arguments[0]].click()",
        vec![row.into()],
    )
    .await;
}

#[tokio::test]
async fn another_release_is_answered_for() {
    Page::with(async |page| {
        page.click("sample-healthy").await;
        // Cards are filled one after the other.
        page.until("the releases", "return document.querySelectorAll('[data-testid=release-memory] tbody tr').length === 10").await;
        let (before, memory) = (page.number("dataset-bytes").await, page.number("total-memory-bytes").await);
        let (oldest, newest) = (figure(page, 0).await, figure(page, 9).await);
        assert!(newest < before && before < oldest, "{oldest} {before} {newest}");
        choose(page, 0).await;
        // At once from the sums, then from the files: what only they tell is back.
        page.until("the figure of the other", &format!("return document.querySelector('[data-testid=dataset-bytes]').dataset.value === '{oldest}'")).await;
        page.until("size classes", "return document.querySelectorAll('[data-testid=size-classes] tbody tr').length > 0").await;
        assert_ne!(page.number("total-memory-bytes").await, memory);
        assert_eq!(page.number("dataset-bytes").await, oldest);
        page.until(
            "another allocator",
            "const select = document.getElementById('allocator'); if (select.disabled) return false; select.value = 'libc'; select.dispatchEvent(new Event('change', { bubbles: true })); return true",
        ).await;
        page.until("its figure", &format!("return document.querySelector('[data-testid=dataset-bytes]').dataset.value !== '{oldest}'")).await;
    })
    .await;
}
