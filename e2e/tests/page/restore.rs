//! Planning a restore with the slider and the fields.

use snaptape_analysis::restore_plan;
use snaptape_e2e::Page;
use snaptape_report::{RestoreOptions, RestorePlan};
use snaptape_testdata::files;

use crate::native::outcome;

/// The page shows the figures of this plan.
async fn assert_plan(page: &Page, plan: &RestorePlan) {
    let expected = format!(
        "return document.querySelector('[data-testid=restore-ram]')?.dataset.value === '{}'",
        plan.ram_bytes
    );
    page.until("the plan", &expected).await;
    assert_eq!(page.number("restore-maxmemory").await, plan.maxmemory_bytes);
    assert_eq!(page.number("restore-worst").await, plan.worst_ram_bytes);
    let single = plan.single_nodes().count() as u64;
    assert_eq!(page.count("[data-testid=restore-nodes] tbody tr").await, single.min(10));
    if plan.nodes.iter().all(|node| node.shards_with_fork == Some(1)) {
        assert!(page.has("restore-one-shard").await && !page.has("restore-shards").await);
        return;
    }
    for node in &plan.nodes {
        let css = format!("[data-testid=restore-shards] [data-node='{}']", node.node_type);
        let text =
            page.run("return document.querySelector(arguments[0]).textContent", vec![css.into()]).await;
        assert_eq!(text, node.shards_text().replace('-', "–"), "{}", node.node_type);
    }
}

#[tokio::test]
async fn a_restore_is_planned_with_the_keyboard() {
    let report = outcome(&files(&Page::dist().join("samples/bigkey"))).report;
    let plan = |options: RestoreOptions| restore_plan(&report, &options).unwrap().unwrap();
    let options = RestoreOptions::default();
    Page::with(async |page| {
        page.click("sample-bigkey").await;
        page.click("nav-restore").await;
        assert_plan(page, &plan(options)).await;

        // The slider: one step, then its end, the doubling.
        page.keys("rewrite-share", "\u{e014}").await;
        assert_plan(page, &plan(RestoreOptions { rewrite_percent: 31, ..options })).await;
        page.keys("rewrite-share", "\u{e010}").await;
        let options = RestoreOptions { rewrite_percent: 100, ..options };
        let worst = plan(options);
        assert_eq!(worst.ram_bytes, worst.worst_ram_bytes);
        assert_plan(page, &worst).await;
        assert!(page.attr("rewrite-share", "aria-valuetext").await.contains("memory doubles"));

        // A field, typed over; and one that is out of its range, which changes nothing.
        page.keys("reserved-memory-percent", "\u{e009}a\u{e000}99\u{e007}").await;
        let options = RestoreOptions { reserved_memory_percent: 99, ..options };
        assert_plan(page, &plan(options)).await;
        page.keys("replicas", "\u{e009}a\u{e000}7\u{e007}").await;
        page.until(
            "a refusal",
            "return document.querySelector('#replicas-error').textContent.includes('expected 0 to 5')",
        )
        .await;
        assert_plan(page, &plan(options)).await;

        // The address remembers, and brings it back.
        let hash = page.run("return location.hash", vec![]).await;
        assert_eq!(hash, "#restore?rewrite-share=100&reserved-memory-percent=99");
        page.hash("restore?replicas=0&mem-fragmentation-ratio=1.05").await;
        let other =
            RestoreOptions { replicas: 0, mem_fragmentation_percent: 105, ..RestoreOptions::default() };
        assert_plan(page, &plan(other)).await;
    })
    .await;
}
